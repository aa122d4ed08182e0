// SPDX-License-Identifier: Apache-2.0
// Turns that take their time, are stopped, or lose their connection.
import assert from "node:assert/strict";
import { openPage, startCuttingProxy, startServer } from "./harness.mjs";
import { ask, askBox, assertRows, chooseDataset, ended, lastTurn, readRows } from "./page.mjs";
import { app, birds, tap } from "./stage.mjs";

export async function waiting(browser) {
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
    const waited = lastTurn(page).getByText(/waiting for a sandbox\s[\d.]+\ss/);
    await lastTurn(page).getByText(/waiting for a sandbox\s1\.[2-9]\ss/).waitFor();
    await page.reload();
    assert.ok(Number(/[\d.]+/.exec(await waited.innerText())[0]) >= 1.2, "it does not count from when it began");
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

export async function network(url, browser) {
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
