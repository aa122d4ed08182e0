// SPDX-License-Identifier: Apache-2.0
// Runs that wait for an approval, and answers of a language model.
import assert from "node:assert/strict";
import { startModel } from "../llm/server.mjs";
import { openPage, startServer } from "./harness.mjs";
import { ask, askBox, assertAccessible, assertRows, chooseDataset, ended, readRows } from "./page.mjs";
import { app, birds, GIBBERISH, picture, tap } from "./stage.mjs";

export async function approving(browser) {
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
    assert.equal(await box.evaluate((one) => one === one.getRootNode().activeElement), true);
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

export async function models(browser) {
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
    await turn.getByText("Check it yourself").waitFor();
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
