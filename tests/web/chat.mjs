// SPDX-License-Identifier: Apache-2.0
// Asking, and reading the answer: by mouse, by keyboard, with hostile words, and where readings compete.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { openPage } from "./harness.mjs";
import { ask, askBox, assertAccessible, assertRows, chooseDataset, ended, lastTurn, readRows } from "./page.mjs";
import { birds, datasets, GIBBERISH, picture, tap } from "./stage.mjs";

export async function asking(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await tap.test("the ask box has the focus when the page has loaded, and the title stands above it", async () => {
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    assert.equal(await askBox(page).evaluate((box) => box === document.activeElement), true);
    await page.getByText("10,000 rows").first().waitFor();
    await picture(page, "empty");
  });

  for (const dataset of datasets) {
    const shown = dataset.prompts.slice(0, 3);
    for (const prompt of shown) {
      await tap.test(`${dataset.name}: a click on “${prompt.question}” shows the expected rows`, async () => {
        await page.keyboard.press("Escape");
        await page.getByRole("link", { name: "New question" }).click();
        await chooseDataset(page, dataset.name);
        await page.getByRole("button", { name: prompt.question }).click();
        const turn = await ended(page);
        const rows = await readRows(turn);
        assert.equal(rows.length, prompt.expect.row_count);
        assertRows(rows.slice(0, prompt.expect.rows.length), prompt.expect.rows);
        assert.equal(rows[0].length, prompt.expect.columns);
        assert.notEqual((await turn.locator(".turn-say").innerText()).trim(), "");
        if (prompt === shown[1]) await picture(page, `answer-${dataset.name}`);
      });
    }
  }
  await page.context().close();
}

export async function keyboard(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await tap.test("a question is asked and its proof is read by keyboard alone", async () => {
    await page.getByRole("button", { name: birds.prompts[0].question }).waitFor();
    await page.keyboard.type(birds.prompts[0].question);
    await page.keyboard.press("Enter");
    const turn = await ended(page);
    assertRows(await readRows(turn), birds.prompts[0].expect.rows);
    for (let i = 0; i < 40 && (await page.evaluate(() => document.activeElement?.getAttribute("role"))) !== "tab"; i++) await page.keyboard.press("Shift+Tab");
    for (const name of ["SQL", "Proof", "Answer", "Proof"]) {
      await page.keyboard.press(name === "Proof" && (await page.evaluate(() => document.activeElement?.textContent)) === "Answer" ? "End" : "ArrowRight");
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), name);
      assert.equal(await turn.getByRole("tabpanel").count(), 1);
    }
    await page.keyboard.press("n");
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    assert.equal(await askBox(page).evaluate((box) => box === document.activeElement), true);
  });

  await tap.test("Shift+Enter begins a new line and does not ask", async () => {
    await askBox(page).fill("how many");
    await askBox(page).press("Shift+Enter");
    assert.equal(await askBox(page).inputValue(), "how many\n");
    assert.equal(await page.locator("article.turn").count(), 0);
    await askBox(page).fill("");
  });

  await tap.test("a question of more bytes than the server takes is not sent, and the box says why", async () => {
    await askBox(page).fill("é".repeat(2_001));
    await page.getByText("4,002 bytes; a question may have 4,000.").waitFor();
    await askBox(page).press("Enter");
    assert.equal(await page.locator("article.turn").count(), 0);
    await askBox(page).fill("");
  });
  await page.context().close();
}

export async function proof(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await tap.test("the proof shows the statement, the data's hash and the walls that the run itself reported", async () => {
    await chooseDataset(page, "birdstrikes");
    const turn = await ask(page, birds.prompts[0].question);
    const id = new URL(page.url()).pathname.split("/").pop();
    const { run } = (await (await fetch(`${url}/api/v1/conversations/${id}`)).json()).turns[0];
    const strip = await turn.locator(".card-strip").innerText();
    const spaces = run.result.confinement.namespaces.length;
    assert.match(strip, spaces > 0 ? /✓ Sandboxed/ : /△ Weaker wall/);
    if (spaces > 0) assert.match(strip, new RegExp(`${spaces}\\snamespaces`));
    await turn.getByRole("tab", { name: "SQL" }).click();
    assert.equal(await turn.locator("pre code").textContent(), run.sql);
    assert.equal(await turn.locator(".sql-params dt").count(), run.params.length);
    await turn.getByRole("tab", { name: "Proof" }).click();
    await turn.getByText("Check it yourself").waitFor();
    const panel = await turn.getByRole("tabpanel").innerText();
    for (const words of [run.result.data_sha256, run.id, run.where, "Completed", "Understood as"]) assert.ok(panel.includes(words), `the proof lacks ${words}`);
    await picture(page, "proof");
  });

  await tap.test("the rows are downloaded as CSV and as JSON", async () => {
    const turn = lastTurn(page);
    for (const [kind, check] of [["CSV", (text) => /Climb/.test(text)], ["JSON", (text) => JSON.parse(text).rows[0][0] === "Climb"]]) {
      const [file] = await Promise.all([page.waitForEvent("download"), turn.getByRole("link", { name: kind }).click()]);
      assert.ok(check(await readFile(await file.path(), "utf8")), kind);
    }
  });

  await tap.test("a reload, a deep link, back and forward show the same conversation", async () => {
    const rows = birds.prompts[0].expect.rows;
    const address = page.url();
    await page.reload();
    assertRows(await readRows(await ended(page)), rows);
    const other = await openPage(browser, address);
    assertRows(await readRows(await ended(other)), rows);
    await other.context().close();
    await page.getByRole("link", { name: "New question" }).click();
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    await page.goBack();
    assertRows(await readRows(await ended(page)), rows);
    assert.equal(page.url(), address);
    await page.goForward();
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    await page.getByRole("navigation").getByRole("link", { name: birds.prompts[0].question }).first().click();
    await ended(page);
    assert.equal(page.url(), address);
  });
  await page.context().close();
}

export async function words(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await tap.test("a question that is not understood says so, and a suggestion answers", async () => {
    await chooseDataset(page, "birdstrikes");
    const turn = await ask(page, GIBBERISH, "not_understood");
    await turn.getByText("Not understood.").waitFor();
    await picture(page, "not-understood");
    await turn.getByRole("group", { name: "Questions that can be answered" }).getByRole("button").first().click();
    await page.locator("article.turn").nth(1).waitFor();
    await ended(page);
  });

  const hostile = {
    markup: '<img src=x onerror="document.title=\'owned\'"> <script>document.title=\'owned\'</script>',
    "right-to-left overrides": "how many \u202eslaerts\u202c </bdi><b>strikes</b> \u2066&amp;\u2069",
  };
  for (const [what, text] of Object.entries(hostile)) {
    await tap.test(`a question full of ${what} stays text`, async () => {
      const images = await page.locator("img, script:not([src])").count();
      await askBox(page).fill(text);
      await askBox(page).press("Enter");
      await page.waitForFunction((sent) => [...document.querySelectorAll("article.turn .turn-question bdi")].some((one) => one.textContent === sent), text);
      await page.waitForFunction(() => !document.querySelector('article.turn[data-status="running"]'));
      assert.equal(await page.locator("img, script:not([src])").count(), images);
      assert.equal(await page.locator(".turn b:has-text('strikes')").count(), 0);
      assert.ok(!(await page.title()).includes("owned"));
    });
  }
  await page.context().close();

  await tap.test("a long conversation opens with its latest questions, and shows the earlier ones on request", async () => {
    const post = (path, body) => fetch(`${url}${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const { id } = await (await post("/api/v1/conversations", { dataset: "birdstrikes" })).json();
    for (let i = 1; i <= 23; i++) await (await post(`/api/v1/conversations/${id}/messages`, { text: `${GIBBERISH} ${i}` })).text();
    const long = await openPage(browser, `${url}/c/${id}`);
    await long.getByText(`${GIBBERISH} 23`, { exact: true }).first().waitFor();
    const earlier = long.getByRole("button", { name: "Show earlier questions (3)" });
    await earlier.waitFor();
    assert.equal(await long.locator("article.turn").count(), 20);
    await earlier.click();
    await long.locator("article.turn").nth(22).waitFor();
    assert.equal(await long.locator("article.turn h2 bdi").first().textContent(), `${GIBBERISH} 1`);
    await long.context().close();
  });
}

export async function readings(url, browser) {
  await tap.test("where readings compete they are buttons, and the one that is picked is answered", async () => {
    const page = await openPage(browser, `${url}/`);
    await chooseDataset(page, "weather");
    const question = "What is the best year?";
    const asked = await ask(page, question, "ambiguous");
    const choices = asked.getByRole("group", { name: "What is meant" }).getByRole("button");
    assert.ok((await choices.count()) >= 2);
    await assertAccessible(page, "competing readings");
    await picture(page, "readings");
    await choices.last().click();
    await page.locator("article.turn").nth(1).waitFor();
    const turn = await ended(page);
    assert.equal(await turn.locator("h2 bdi").textContent(), question);
    assert.ok((await readRows(turn)).length >= 1);
    await page.context().close();
  });
}

/** One sandbox at a time, and that one kept busy by a query without an end: what is asked meanwhile has to wait. */
