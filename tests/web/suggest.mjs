// SPDX-License-Identifier: Apache-2.0
// What may be said next, the settings and the status page, and words of a model as Markdown.
import assert from "node:assert/strict";
import { startModel } from "../llm/server.mjs";
import { openPage, startServer } from "./harness.mjs";
import { ask, askBox, assertAccessible, chooseDataset, ended } from "./page.mjs";
import { app, birds, GIBBERISH, picture, tap } from "./stage.mjs";

const SECRET = "sk-a-key-that-no-page-may-show";

const offers = (page) => page.getByRole("group", { name: "Ask next" });
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

export async function nextQuestions(url, browser) {
  const page = await openPage(browser, `${url}/`);

  await tap.test("after an answer there are short questions to go on with; a click asks, and the next answer brings its own", async () => {
    await chooseDataset(page, "birdstrikes");
    assert.equal(await offers(page).count(), 0);
    await ask(page, birds.prompts[0].question);
    const first = await offers(page).getByRole("button").allTextContents();
    assert.ok(first.length >= 2, first.join(" | "));
    await assertAccessible(page, "offers");
    await picture(page, "offers");
    await offers(page).getByRole("button").first().click();
    await page.locator("article.turn").nth(1).waitFor();
    const turn = await ended(page);
    assert.equal(await turn.locator(".turn-question bdi").textContent(), first[0]);
    assert.notDeepEqual(await offers(page).getByRole("button").allTextContents(), first);
  });

  await tap.test("they are reached from the box by keyboard, are answered each time, and the focus is in the box again", async () => {
    for (let round = 2; round < 5; round++) {
      await askBox(page).focus();
      await page.keyboard.press("Tab");
      const text = await page.evaluate(() => document.activeElement.closest(".follow-ups") && document.activeElement.textContent);
      assert.ok(text, "the first offer follows the box");
      await page.keyboard.press("Enter");
      await page.locator("article.turn").nth(round).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "TEXTAREA");
      await ended(page);
    }
  });

  await tap.test("there are none after a question that was not understood, and they are back after a reload of an answer", async () => {
    await ask(page, GIBBERISH, "not_understood");
    assert.equal(await offers(page).count(), 0);
    await ask(page, birds.prompts[6].question);
    const texts = await offers(page).getByRole("button").allTextContents();
    await page.reload();
    await offers(page).waitFor();
    assert.deepEqual(await offers(page).getByRole("button").allTextContents(), texts);
  });

  await tap.test("at 360 px they stand above the button, and the page is not wider for them", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await fits(page));
    const [chips, send] = await Promise.all([offers(page).boundingBox(), page.getByRole("button", { name: "Ask", exact: true }).boundingBox()]);
    assert.ok(chips.y + chips.height <= send.y + 8 && chips.width <= 360, JSON.stringify([chips, send]));
    await picture(page, "offers-narrow");
  });

  await tap.test("data that somebody brought comes with questions to begin with, and each is answered", async () => {
    const rows = Array.from({ length: 24 }, (_, index) => `${["Bonn", "Aachen", "Trier"][index % 3]},${100 + index * 37},20${19 + (index % 4)}-0${1 + (index % 9)}-11`);
    const brought = await fetch(`${url}/api/v1/datasets?filename=loans.csv`, { method: "POST", headers: { "Content-Type": "text/csv" }, body: `branch,amount,granted\n${rows.join("\n")}\n` });
    assert.equal(brought.status, 201, await brought.text());
    const wide = await openPage(browser, `${url}/`);
    await chooseDataset(wide, "loans");
    const prompts = wide.getByRole("region", { name: "Questions to begin with" }).getByRole("button");
    assert.ok((await prompts.allTextContents()).includes("Total amount by branch"));
    await prompts.first().click();
    await wide.locator("article.turn").waitFor();
    await ended(wide);
    await wide.context().close();
  });
  await page.context().close();
}

export async function settings(browser) {
  const model = await startModel({ seed: 5 });
  model.models = ["scripted-1", "scripted-2"];
  const url = await startServer(app);
  const page = await openPage(browser, `${url}/settings`);

  await tap.test("the theme is chosen on the settings page, by keyboard, and holds everywhere", async () => {
    const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await paper();
    await page.getByRole("radio", { name: "As the system" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.ok(await page.getByRole("radio", { name: "Dark" }).isChecked());
    assert.notEqual(await paper(), light);
    await assertAccessible(page, "settings, dark");
    await page.getByRole("radio", { name: "As the system" }).check();
    assert.equal(await paper(), light);
    await assertAccessible(page, "settings, light");
  });

  await tap.test("a model is checked before it is saved: what is wrong is said, and the server's models are offered by name", async () => {
    assert.equal(await page.getByRole("combobox", { name: "Who answers" }).count(), 0);
    await page.getByLabel("Address", { exact: true }).fill("http://127.0.0.1:9/v1");
    await page.getByLabel("Model", { exact: true }).fill("scripted-9");
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByText("It cannot be used.").waitFor();
    await page.getByLabel("Address", { exact: true }).fill(model.url("openai"));
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByText("Did you mean scripted-").waitFor();
    assert.deepEqual(await page.locator("datalist option").evaluateAll((all) => all.map((one) => one.value)), ["scripted-1", "scripted-2"]);
    await assertAccessible(page, "a model that is none");
    const other = await openPage(browser, `${url}/settings`, { quiet: false });
    await other.getByLabel("Address", { exact: true }).fill("ftp://nowhere");
    await other.getByRole("button", { name: "Check" }).click();
    await other.getByText("must begin with https://").waitFor();
    await other.context().close();
  });

  await tap.test("a model that is saved answers what the planner does not understand, and its key is on no page", async () => {
    await page.getByLabel("Address", { exact: true }).fill(model.url("openai"));
    await page.getByLabel("Model", { exact: true }).fill("scripted-1");
    await page.getByLabel("Key", { exact: true }).fill(SECRET);
    await page.getByRole("radio", { name: /^The schema alone/ }).check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The model scripted-1 is asked from now on.").waitFor();
    await page.getByRole("group", { name: /Who answers your questions/ }).waitFor();
    assert.equal(await page.getByLabel("Key", { exact: true }).inputValue(), "");
    assert.ok(!(await page.content()).includes(SECRET));
    await picture(page, "settings");
    await page.goto(`${url}/`);
    await chooseDataset(page, "birdstrikes");
    model.play({ calls: [{ name: "run_sql", arguments: { sql: "SELECT count(*) AS n FROM strikes" } }] }, { calls: [{ name: "answer", arguments: { sentence: "There are {{1.n}}.", run: 1 } }] });
    await ask(page, GIBBERISH);
    assert.equal(model.requests.at(-1).headers.authorization, `Bearer ${SECRET}`);
    assert.equal(await offers(page).count(), 0);
  });

  await tap.test("a switch beside the box says who answers the next question, and is remembered", async () => {
    const asked = model.requests.length;
    await page.getByRole("combobox", { name: "Who answers" }).selectOption("builtin");
    await ask(page, GIBBERISH, "not_understood");
    assert.equal(model.requests.length, asked);
    await page.reload();
    assert.equal(await page.getByRole("combobox", { name: "Who answers" }).inputValue(), "builtin");
    await assertAccessible(page, "the switch");
    await page.goto(`${url}/`);
    await page.setViewportSize({ width: 360, height: 740 });
    const send = await page.getByRole("button", { name: "Ask", exact: true }).boundingBox();
    assert.ok(send.x + send.width <= 360 - 16 && send.height < 50, JSON.stringify(send));
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  await tap.test("the model is removed again, and its key with it", async () => {
    await page.goto(`${url}/settings`);
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByText("its key is forgotten").waitFor();
    await page.getByRole("button", { name: "Remove" }).waitFor({ state: "detached" });
    assert.deepEqual((await (await fetch(`${url}/api/v1/settings`)).json()).model.source, "none");
  });

  await tap.test("what the environment set is shown with the variable's name, cannot be changed, and can be checked", async () => {
    const env = { LLM_PROVIDER: "openai", LLM_BASE_URL: model.url("openai"), LLM_MODEL: "scripted-2", LLM_API_KEY: SECRET };
    const fixed = await openPage(browser, `${await startServer(app, { env })}/settings`, { viewport: { width: 360, height: 740 } });
    await fixed.getByText("LLM_PROVIDER is set in the server's environment").waitFor();
    assert.equal(await fixed.getByRole("button", { name: "Save" }).count(), 0);
    await fixed.getByRole("button", { name: "Check" }).click();
    await fixed.getByText("It answers.").waitFor();
    assert.ok(await fits(fixed));
    assert.ok(!(await fixed.content()).includes(SECRET));
    await assertAccessible(fixed, "a model that is fixed");
    await fixed.context().close();
  });
  await page.context().close();
  await model.close();
}

export async function status(url, browser) {
  for (const colorScheme of ["light", "dark"]) {
    await tap.test(`${colorScheme}: the sandbox's line leads to the status page, which says what the server found`, async () => {
      const page = await openPage(browser, `${url}/`, { colorScheme });
      await page.getByRole("link", { name: /sandbox ready/ }).click();
      await page.getByRole("heading", { name: "What holds a sandbox here" }).waitFor();
      assert.equal(new URL(page.url()).pathname, "/status");
      const health = await (await fetch(`${url}/api/v1/health`)).json();
      const order = ["missing", "weaker", "holds"].flatMap((state) => health.sandbox.findings.filter((one) => one.state === state));
      assert.deepEqual(await page.locator(".status-group dt").allTextContents(), order.map((one) => one.what));
      await page.getByText("The built-in planner answers", { exact: false }).or(page.getByText("the built-in planner answers", { exact: false })).first().waitFor();
      await assertAccessible(page, "status");
      await picture(page, `status-${colorScheme}`);
      await page.context().close();
    });
  }

  await tap.test("Check again makes another run; twice in a moment is refused in words", async () => {
    const page = await openPage(browser, `${url}/status`, { quiet: false });
    const again = page.getByRole("button", { name: "Check again" });
    const [answer] = await Promise.all([page.waitForResponse((response) => response.url().endsWith("/health/check")), again.click()]);
    assert.equal(answer.status(), 200);
    await again.click();
    await page.getByText("It was checked a moment ago.").waitFor();
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await fits(page));
    await page.context().close();
  });
}

export async function markdown(browser) {
  const model = await startModel({ seed: 9 });
  model.models = ["scripted-1"];
  const env = { PLANNER: "model", LLM_PROVIDER: "openai", LLM_BASE_URL: model.url("openai"), LLM_MODEL: "scripted-1", LLM_API_KEY: "k" };
  const url = await startServer(app, { env });
  const page = await openPage(browser, `${url}/`);

  await tap.test("a model's Markdown is lists and bold letters; its HTML, images and crooked links are words", async () => {
    const sentence = "**Texas** leads:\n\n- {{1.n}} strikes, or 77%\n- see [the source](https://example.org/x) or [this](javascript:alert(1))\n\n<img src=x onerror=alert(1)> ![pixel](https://example.org/p.png)";
    model.play({ calls: [{ name: "run_sql", arguments: { sql: "SELECT count(*) AS n FROM strikes" } }] }, { calls: [{ name: "answer", arguments: { sentence, run: 1 } }] });
    await chooseDataset(page, "birdstrikes");
    const turn = await ask(page, "How are things?");
    const said = turn.locator(".turn-say");
    await said.locator("ul").waitFor();
    assert.equal(await said.locator("strong").textContent(), "Texas");
    assert.deepEqual(await said.locator("mark").allTextContents(), ["77% (not proven)"]);
    assert.deepEqual(await said.locator("a").evaluateAll((all) => all.map((one) => [one.href, one.rel])), [["https://example.org/x", "noopener noreferrer nofollow"]]);
    assert.equal(await said.locator("img").count(), 0);
    const words = await said.innerText();
    for (const shown of ["(example.org)", "<img src=x onerror=alert(1)>", "[image: pixel]"]) assert.ok(words.includes(shown), words);
    await assertAccessible(page, "Markdown");
    await picture(page, "markdown");
  });

  await tap.test("words that come in many pieces are read block by block: what is finished stays as it was drawn", async () => {
    const text = Array.from({ length: 40 }, (_, index) => `Paragraph **${index}** ${"and so on ".repeat(20)}\n\n`);
    model.play({ text, paceMs: 20, stallAfter: text.length });
    await page.evaluate(() => {
      globalThis.redrawn = 0;
      new MutationObserver((changes) => {
        for (const change of changes) for (const node of change.removedNodes) if (change.target.closest?.(".turn-words") && (node.nodeName === "STRONG" || node.querySelector?.("strong"))) globalThis.redrawn += 1;
      }).observe(document.body, { childList: true, subtree: true });
    });
    await askBox(page).fill("How are things now?");
    await askBox(page).press("Enter");
    await page.locator(".turn-words strong").nth(36).waitFor();
    assert.equal(await page.evaluate(() => globalThis.redrawn), 0);
    await page.getByRole("button", { name: "Stop" }).click();
    await ended(page, "cancelled");
  });
  await page.context().close();
  await model.close();
}
