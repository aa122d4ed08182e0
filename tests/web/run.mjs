// SPDX-License-Identifier: Apache-2.0
// The browser test: the page as it is served by the real binary, with the real sandbox behind it. Expected values
// come from datasets/*/dataset.json, where they were computed without our code.
//
//   APP=build/app node tests/web/run.mjs        or: node tests/web/run.mjs build/app
//   SCREENSHOTS=folder keeps pictures of the page on the way; ASSETS=folder is served instead of the embedded page.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { complaints, endAll, openPage, root, startBrowser, startCuttingProxy, startServer, Tap } from "./harness.mjs";
import { startModel } from "../llm/server.mjs";
import { ask, askBox, assertAccessible, assertRows, chooseDataset, ended, lastTurn, readRows } from "./page.mjs";

const app = resolve(process.argv[2] ?? process.env.APP ?? join(root, "build/app"));
const pictures = process.env.SCREENSHOTS;
const tap = new Tap();

const datasets = readdirSync(join(root, "datasets"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => ({ name: entry.name, ...JSON.parse(readFileSync(join(root, "datasets", entry.name, "dataset.json"), "utf8")) }));
const birds = datasets.find((dataset) => dataset.name === "birdstrikes");
const GIBBERISH = "qwertz uiop asdfgh";

async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

async function asking(url, browser) {
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

async function keyboard(url, browser) {
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

async function proof(url, browser) {
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

async function words(url, browser) {
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
    assert.equal(await long.locator("article.turn").count(), 20);
    await long.getByRole("button", { name: "Show earlier questions (3)" }).click();
    await long.locator("article.turn").nth(22).waitFor();
    assert.equal(await long.locator("article.turn h2 bdi").first().textContent(), `${GIBBERISH} 1`);
    await long.context().close();
  });
}

async function readings(url, browser) {
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
async function waiting(browser) {
  const busyMs = 4_000;
  const url = await startServer(app, { env: { MAX_CONCURRENT_RUNS: "1", RUN_TIMEOUT_MS: String(busyMs) } });
  const occupy = () => {
    const sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    return fetch(`${url}/api/v1/runs`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ dataset: "birdstrikes", sql }) });
  };
  const askWhileBusy = async (page) => {
    const busy = occupy();
    await page.waitForTimeout(300);
    await askBox(page).fill(birds.prompts[0].question);
    await askBox(page).press("Enter");
    await lastTurn(page).getByText("waiting for a sandbox").waitFor();
    return { busy };
  };

  await tap.test("a turn that is under way is followed to its answer after a reload", async () => {
    const page = await openPage(browser, `${url}/`);
    await chooseDataset(page, "birdstrikes");
    const { busy } = await askWhileBusy(page);
    await page.reload();
    await page.getByText("waiting for a sandbox").waitFor();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    assertRows(await readRows(await ended(page)), birds.prompts[0].expect.rows);
    assert.equal((await (await busy).json()).outcome, "timed_out");
    await page.context().close();
  });

  await tap.test("Escape stops a turn that is under way, and the next question is answered", async () => {
    const page = await openPage(browser, `${url}/`);
    await chooseDataset(page, "birdstrikes");
    const { busy } = await askWhileBusy(page);
    await page.keyboard.press("Escape");
    const turn = await ended(page, "cancelled");
    await turn.getByText("Stopped.").waitFor();
    await busy;
    await turn.getByRole("button", { name: "Retry" }).click();
    await page.locator('article.turn[data-status="answered"]').waitFor();
    await page.context().close();
  });
}

async function network(url, browser) {
  await tap.test("a server that cannot be reached is said in one sentence, and Retry answers once it is back", async () => {
    const page = await openPage(browser, `${url}/`, { quiet: false });
    await chooseDataset(page, "birdstrikes");
    await ask(page, birds.prompts[0].question);
    await page.context().setOffline(true);
    const failed = await ask(page, birds.prompts[1].question, "failed");
    await failed.getByText("The server cannot be reached.").waitFor();
    await page.context().setOffline(false);
    await failed.getByRole("button", { name: "Retry" }).click();
    await page.waitForFunction(() => document.querySelectorAll('article.turn[data-status="answered"]').length === 2);
    assertRows(await readRows(lastTurn(page)), birds.prompts[1].expect.rows);
    await page.context().close();
  });

  for (const [events, resumed, name] of [
    [2, ["2"], "a connection that is cut in mid-answer is resumed after the last event, without asking twice"],
    [0, [], "a connection that is cut before the first event does not lose the question, and it is not asked twice"],
  ]) {
    await tap.test(name, async () => {
      const proxy = await startCuttingProxy(url, events);
      const page = await openPage(browser, `${proxy.url}/`, { quiet: false });
      await chooseDataset(page, "birdstrikes");
      await askBox(page).fill(birds.prompts[0].question);
      await askBox(page).press("Enter");
      await page.locator('article.turn[data-status="answered"]').waitFor();
      assertRows(await readRows(lastTurn(page)), birds.prompts[0].expect.rows);
      assert.deepEqual([proxy.seen.cuts, proxy.seen.resumedAfter], [1, resumed]);
      await page.reload();
      await ended(page);
      assert.equal(await page.locator("article.turn").count(), 1);
      await page.context().close();
    });
  }

  await tap.test("an address of a conversation that does not exist says so and can be left", async () => {
    const page = await openPage(browser, `${url}/c/01JZZZZZZZZZZZZZZZZZZZZZZZ`, { quiet: false });
    await page.getByText("This page could not be loaded.").waitFor();
    await page.getByRole("link", { name: "New question" }).click();
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    await page.context().close();
  });
}

async function looks(url, browser) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await openPage(browser, `${url}/`, { colorScheme });
    await tap.test(`${colorScheme}: the empty page, an answer, its SQL, its proof and a failure have no serious accessibility violation`, async () => {
      await chooseDataset(page, "birdstrikes");
      await assertAccessible(page, "empty page");
      const turn = await ask(page, "Top 5 airports by number of strikes");
      await assertAccessible(page, "answer");
      await picture(page, `answer-${colorScheme}`);
      for (const tab of ["SQL", "Proof"]) {
        await turn.getByRole("tab", { name: tab }).click();
        await assertAccessible(page, tab);
      }
      await ask(page, GIBBERISH, "not_understood");
      await assertAccessible(page, "not understood");
    });
    await page.context().close();
  }

  await tap.test("the sandbox's line opens what holds a sandbox here, and Escape closes it", async () => {
    const page = await openPage(browser, `${url}/`);
    await page.getByRole("button", { name: /sandbox ready/ }).click();
    const dialog = page.getByRole("dialog", { name: "What holds a sandbox here" });
    await dialog.waitFor();
    const health = await (await fetch(`${url}/api/v1/health`)).json();
    assert.deepEqual(await dialog.locator("dt").allTextContents(), health.sandbox.findings.map((one) => one.what));
    await assertAccessible(page, "what holds a sandbox");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.context().close();
  });

  await tap.test("the theme switch goes against the system's theme and is remembered", async () => {
    const page = await openPage(browser, `${url}/`);
    const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await paper();
    await page.getByRole("button", { name: /^Theme: system/ }).click();
    await page.getByRole("button", { name: /^Theme: light/ }).click();
    await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
    const dark = await paper();
    assert.notEqual(dark, light);
    await page.reload();
    await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
    assert.equal(await paper(), dark);
    await page.context().close();
  });

  await tap.test("at 360 px nothing is wider than the page, and the list is a drawer that the keyboard opens and leaves", async () => {
    const page = await openPage(browser, `${url}/`, { viewport: { width: 360, height: 740 } });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    await chooseDataset(page, "birdstrikes");
    assert.ok(await fits(), "empty page");
    await ask(page, "Top 5 airports by number of strikes");
    assert.ok(await fits(), "answer");
    await picture(page, "narrow");
    const list = page.getByRole("link", { name: "New question" });
    assert.equal(await list.isVisible(), false);
    await page.getByRole("button", { name: "Conversations" }).press("Enter");
    await list.waitFor();
    await page.waitForFunction(() => document.activeElement?.matches(".sidebar-new"));
    await assertAccessible(page, "drawer");
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
    await page.context().close();
  });
}

async function access(browser) {
  await tap.test("a server with a token asks for it, refuses a wrong one, and gives answers and downloads with the right one", async () => {
    const url = await startServer(app, { token: "a-token-for-this-test-0123456789" });
    const page = await openPage(browser, `${url}/`, { quiet: false });
    const token = page.getByLabel("Token", { exact: true });
    await token.fill("wrong");
    await token.press("Enter");
    await page.getByText("That token was not accepted.").waitFor();
    await assertAccessible(page, "token dialog");
    await page.getByLabel("Token", { exact: true }).fill("a-token-for-this-test-0123456789");
    await page.getByLabel("Token", { exact: true }).press("Enter");
    await chooseDataset(page, "birdstrikes");
    const turn = await ask(page, birds.prompts[0].question);
    const [file] = await Promise.all([page.waitForEvent("download"), turn.getByRole("link", { name: "CSV" }).click()]);
    assert.match(await readFile(await file.path(), "utf8"), /Climb/);
    await page.reload();
    await ended(page);
    await page.context().close();
  });

  await tap.test("an address with the token behind its # needs no asking, and the token is gone from the address bar", async () => {
    const url = await startServer(app, { token: "a-token-for-this-test-9876543210" });
    const page = await openPage(browser, `${url}/#token=a-token-for-this-test-9876543210`, { quiet: false });
    await chooseDataset(page, "birdstrikes");
    assert.equal(page.url(), `${url}/`);
    assert.equal(await page.getByLabel("Token", { exact: true }).count(), 0);
    await ask(page, birds.prompts[0].question);
    await page.goBack();
    assert.ok(!page.url().includes("token"), page.url());
    await page.context().close();
  });

  await tap.test("a page that asks for the token takes it from the address bar too", async () => {
    const url = await startServer(app, { token: "a-token-for-this-test-5555555555" });
    const page = await openPage(browser, `${url}/`, { quiet: false });
    await page.getByLabel("Token", { exact: true }).waitFor();
    await page.evaluate(() => void (location.hash = "token=a-token-for-this-test-5555555555"));
    await chooseDataset(page, "birdstrikes");
    assert.equal(page.url(), `${url}/`);
    await page.context().close();
  });
}

async function approving(browser) {
  const url = await startServer(app, { env: { APPROVE_RUNS: "1" } });
  const page = await openPage(browser, `${url}/`);
  const waits = async () => {
    await askBox(page).fill(birds.prompts[0].question);
    await askBox(page).press("Enter");
    const card = page.getByRole("region", { name: "A run waits for your approval" });
    await card.waitFor();
    return card;
  };

  await tap.test("a run that needs an approval is shown with its SQL, and runs once it is approved of, also after a reload", async () => {
    await chooseDataset(page, "birdstrikes");
    const card = await waits();
    assert.match(await card.locator("pre code").textContent(), /^SELECT/);
    await assertAccessible(page, "a run that waits");
    await picture(page, "approval");
    await page.reload();
    await card.getByRole("button", { name: "Run" }).click();
    assertRows(await readRows(await ended(page)), birds.prompts[0].expect.rows);
    assert.equal(await card.count(), 0);
  });

  await tap.test("its SQL can be changed first, by keyboard, and what ran is what is shown", async () => {
    const card = await waits();
    await card.getByRole("button", { name: "Edit" }).press("Enter");
    const box = card.getByRole("textbox", { name: "SQL to run" });
    await box.waitFor();
    assert.equal(await box.evaluate((one) => one === document.activeElement), true);
    await assertAccessible(page, "SQL that is edited");
    await box.fill("SELECT 42 AS answer");
    await card.getByRole("button", { name: "Run the edited SQL" }).press("Enter");
    const turn = await ended(page);
    assert.deepEqual(await readRows(turn), [[42]]);
    await turn.getByRole("tab", { name: "Proof" }).click();
    await turn.getByText("A person changed the SQL before it ran").waitFor();
  });

  await tap.test("a run that is refused is not made, and the question can be asked again", async () => {
    const card = await waits();
    await card.getByRole("button", { name: "Refuse" }).click();
    const turn = await ended(page, "cancelled");
    await turn.getByText("Not approved.").waitFor();
    await turn.getByRole("button", { name: "Retry" }).click();
    await card.getByRole("button", { name: "Run" }).click();
    assertRows(await readRows(await ended(page)), birds.prompts[0].expect.rows);
  });
  await page.context().close();
}

async function models(browser) {
  const model = await startModel({ seed: 3 });
  model.models = ["scripted-1"];
  const env = { PLANNER: "model", LLM_PROVIDER: "openai", LLM_BASE_URL: model.url("openai"), LLM_MODEL: "scripted-1", LLM_API_KEY: "k" };
  const url = await startServer(app, { env });
  const page = await openPage(browser, `${url}/`);

  await tap.test("what a model says is shown while it comes, as text; its answer has marks where numbers are not proven", async () => {
    let goOn;
    const gate = new Promise((resolve) => (goOn = resolve));
    model.play(
      { text: "Let me count <b>all</b> of them.", calls: [{ name: "run_sql", arguments: { sql: "SELECT count(*) AS strikes FROM strikes", purpose: "All strikes." } }] },
      async () => (await gate, { calls: [{ name: "answer", arguments: { sentence: "There are {{1.strikes}} <i>strikes</i>, or 77%.", run: 1 } }] }),
    );
    await chooseDataset(page, "birdstrikes");
    await askBox(page).fill("How are things?");
    await askBox(page).press("Enter");
    await page.getByText("asking the model, step 2", { exact: true }).waitFor();
    await picture(page, "model");
    goOn();
    const turn = await ended(page);
    assert.equal(await turn.locator(".turn-say").evaluate((one) => one.textContent), "There are 10000 <i>strikes</i>, or 77% (not proven).");
    assert.deepEqual(await turn.locator("mark").allTextContents(), ["77% (not proven)"]);
    await assertAccessible(page, "a model's answer");
    await turn.getByRole("tab", { name: "Proof" }).click();
    const panel = await turn.getByRole("tabpanel").innerText();
    for (const words of ["scripted-1", "2\u00a0replies", "1\u00a0run", "samples and results"]) assert.ok(panel.includes(words), `the proof lacks ${words}`);
  });

  await tap.test("what a model asks back are choices, and the one that is picked goes on", async () => {
    const calls = [{ name: "ask_user", arguments: { question: "All strikes, or those with damage?", choices: [{ title: "All" }, { title: "With damage" }] } }];
    model.play({ calls }, { calls: [{ name: "answer", arguments: { sentence: "The data has no damage.", run: 0 } }] });
    const turn = await ask(page, "How many?", "ambiguous");
    await turn.getByText("All strikes, or those with damage?").waitFor();
    await turn.getByRole("button", { name: "With damage" }).click();
    await page.locator("article.turn").nth(2).waitFor();
    const answered = await ended(page, "not_understood");
    await answered.getByText("Not in the data. The data has no damage.").waitFor();
  });

  await tap.test("where the model cannot be asked the planner's own answer stands, with the reason below it", async () => {
    model.play({ status: 400, error: { message: "nobody at home" } });
    const other = await openPage(browser, `${await startServer(app, { env: { ...env, PLANNER: "auto" } })}/`);
    await chooseDataset(other, "birdstrikes");
    const turn = await ask(other, GIBBERISH, "not_understood");
    await turn.getByText(/The language model could not be asked: .*nobody at home/).waitFor();
    assert.ok((await turn.getByRole("button").count()) > 0);
    await other.context().close();
  });
  await page.context().close();
  await model.close();
}

try {
  const browser = await startBrowser();
  // Each part has a server of its own: one that fails in one part is not missed in the next.
  for (const part of [asking, keyboard, proof, words, readings, network, looks]) {
    try {
      await part(await startServer(app), browser);
    } catch (error) {
      await tap.test(`the part “${part.name}” goes on to its end`, async () => Promise.reject(error));
    }
  }
  await waiting(browser);
  await access(browser);
  await approving(browser);
  await models(browser);
  await tap.test("the browser had nothing to complain about, and no other host was asked", async () => assert.deepEqual(complaints, []));
} catch (error) {
  await tap.test("the server and the browser start", async () => {
    throw error;
  });
} finally {
  await endAll();
}
process.exit(tap.finish());
