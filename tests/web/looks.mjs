// SPDX-License-Identifier: Apache-2.0
// Both themes, narrow pages, and what asks for the access token.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { openPage, startServer } from "./harness.mjs";
import { ask, assertAccessible, chooseDataset, ended } from "./page.mjs";
import { app, birds, GIBBERISH, picture, tap } from "./stage.mjs";

export async function looks(url, browser) {
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

export async function access(browser) {
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
