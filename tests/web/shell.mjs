// SPDX-License-Identifier: Apache-2.0
// The frame of the page: the palette, the keys, the ways in for a keyboard, addresses that lead nowhere, and paper.
import assert from "node:assert/strict";
import { openPage } from "./harness.mjs";
import { ask, askBox, assertAccessible, chooseDataset } from "./page.mjs";
import { birds, picture, tap } from "./stage.mjs";

const palette = (page) => page.getByRole("combobox", { name: "Find a conversation, data, a page or an action" });
const chosen = (page) => page.locator('[role="option"][aria-selected="true"]');
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
const leaveBox = (page) => page.evaluate(() => document.activeElement?.blur());

export async function finding(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await chooseDataset(page, "birdstrikes");
  await ask(page, birds.prompts[0].question);
  await ask(page, "Top 5 airports by number of strikes");
  const address = page.url();

  await tap.test("Ctrl-K opens the palette, letters find a page, and Enter goes there", async () => {
    await page.keyboard.press("Control+k");
    await palette(page).waitFor();
    assert.equal(await palette(page).evaluate((box) => box === document.activeElement), true);
    await page.keyboard.type("statu");
    assert.match(await chosen(page).innerText(), /^Status/);
    assert.equal(await palette(page).getAttribute("aria-activedescendant"), await chosen(page).getAttribute("id"));
    await picture(page, "palette");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Status" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/status");
  });

  await tap.test("it finds a conversation by its words, and lists it first the next time", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(birds.prompts[0].question.split(" ").slice(-2).join(" "));
    await page.keyboard.press("Enter");
    await page.locator('article.turn[data-status="answered"]').first().waitFor();
    assert.equal(page.url(), address);
    await page.keyboard.press("Control+k");
    await palette(page).waitFor();
    assert.equal(await page.locator('[role="listbox"] [role="group"]').first().locator(".palette-title").innerText(), "Recent");
    assert.equal(await chosen(page).locator(".palette-words").innerText(), birds.prompts[0].question);
  });

  await tap.test("it finds what was asked further down in a conversation, and leads to it", async () => {
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "New question" }).click();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("top airports");
    await page.locator('[role="option"]').first().waitFor();
    await page.keyboard.press("Enter");
    const turn = page.locator("article.turn").nth(1);
    await turn.waitFor();
    assert.equal(new URL(page.url()).hash, `#${await turn.getAttribute("data-id")}`);
    assert.equal(await turn.evaluate((one) => one === document.activeElement), true);
    await askBox(page).focus();
    await page.keyboard.press("Control+k");
    await palette(page).waitFor();
  });

  await tap.test("arrows move the choice around, Escape gives the focus back to where it was", async () => {
    const last = page.locator('[role="option"]').last();
    await page.keyboard.press("ArrowUp");
    assert.equal(await last.getAttribute("aria-selected"), "true");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.locator('[role="option"]').first().getAttribute("aria-selected"), "true");
    await page.keyboard.press("Escape");
    await palette(page).waitFor({ state: "hidden" });
    assert.equal(await focused(page), "Your question");
    const tab = page.getByRole("tab", { name: "SQL" }).last();
    await tab.focus();
    await page.keyboard.press("Control+k");
    await palette(page).waitFor();
    await page.keyboard.press("Control+k");
    await palette(page).waitFor({ state: "hidden" });
    assert.equal(await tab.evaluate((one) => one === document.activeElement), true);
  });

  await tap.test("what is found nowhere is said, and markup in the query is text", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("<img src=x onerror=alert(1)>");
    await page.getByText("Nothing is called like that.").waitFor();
    assert.equal(await page.locator("img").count(), 0);
    await page.keyboard.press("Escape");
  });

  await tap.test("it begins a question about a data set, and switches the theme", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("weather ask");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    assert.equal(await page.getByRole("combobox", { name: "Data set" }).inputValue(), "weather");
    assert.equal(await focused(page), "Your question");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("dark");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
  });
  await page.context().close();
}

export async function keys(url, browser) {
  const page = await openPage(browser, `${url}/`, { permissions: ["clipboard-read", "clipboard-write"] });
  await chooseDataset(page, "birdstrikes");
  await ask(page, birds.prompts[0].question);
  await ask(page, birds.prompts[1].question);

  await tap.test("letters do nothing but write while somebody writes", async () => {
    await askBox(page).fill("");
    await page.keyboard.type("njk?gd/");
    assert.equal(await askBox(page).inputValue(), "njk?gd/");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    await askBox(page).fill("");
    await leaveBox(page);
  });

  await tap.test("K and J go up and down from question to question, C copies the link to the one at hand", async () => {
    const turns = page.locator("article.turn");
    const at = (index) => turns.nth(index).evaluate((one) => one === document.activeElement);
    await page.keyboard.press("k");
    assert.equal(await at(1), true);
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    assert.equal(await at(0), true);
    await page.keyboard.press("c");
    await page.getByText("Copied the link to this answer.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${url}/a/${await turns.first().getAttribute("data-id")}`);
    await page.keyboard.press("j");
    assert.equal(await at(1), true);
  });

  await tap.test("P pins the answer at hand, E opens its SQL to be edited", async () => {
    const turn = page.locator("article.turn").nth(1);
    await page.keyboard.press("p");
    await turn.getByRole("button", { name: "Pinned", exact: true }).waitFor();
    assert.equal(await page.locator("article.turn").first().getByRole("button", { name: "Pin", exact: true }).getAttribute("aria-pressed"), "false");
    await page.keyboard.press("e");
    await turn.getByRole("tab", { name: "SQL", selected: true }).waitFor();
    await page.waitForFunction(() => document.activeElement?.closest("article.turn") && document.activeElement.shadowRoot?.activeElement?.isContentEditable);
    await page.keyboard.type("cpe");
    assert.match(await turn.locator('[contenteditable="true"]').innerText(), /cpe/);
    await turn.getByRole("button", { name: "Cancel" }).click();
    await leaveBox(page);
  });

  // The page of SQL is the last one: its editor takes what is typed from then on.
  await tap.test("G and a letter go to a page, and the browser's way back leads back", async () => {
    for (const [letter, path] of [["d", "/data"], ["p", "/pins"], [",", "/settings"], ["s", "/status"], ["q", "/sql"]]) {
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      await page.waitForFunction((wanted) => location.pathname === wanted, path);
    }
    await page.goBack();
    await page.waitForFunction(() => location.pathname === "/status");
  });

  await tap.test("? shows every key of the table, and the single ones can be switched off", async () => {
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.waitFor();
    await picture(page, "shortcuts");
    await page.keyboard.press("n");
    assert.equal(new URL(page.url()).pathname, "/status");
    await sheet.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "hidden" });
    await page.keyboard.press("n");
    await page.keyboard.press("Control+k");
    await palette(page).waitFor();
    assert.equal(new URL(page.url()).pathname, "/status");
    await page.keyboard.type("keyboard");
    await page.keyboard.press("Enter");
    await sheet.getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
  });

  await tap.test("Alt-T switches the theme also while somebody writes", async () => {
    await askBox(page).focus();
    await page.keyboard.press("Alt+t");
    await page.getByRole("button", { name: /^Theme: light/ }).waitFor();
    assert.equal(await askBox(page).inputValue(), "");
  });
  await page.context().close();
}

export async function frame(url, browser) {
  for (const colorScheme of ["light", "dark"]) {
    await tap.test(`${colorScheme}: the palette, the shortcuts and an address that leads nowhere have no serious accessibility violation`, async () => {
      const page = await openPage(browser, `${url}/nothing/here`, { colorScheme, quiet: false });
      await page.getByText("There is nothing at this address.").waitFor();
      await assertAccessible(page, "an unknown address");
      await page.keyboard.press("Control+k");
      await palette(page).waitFor();
      await assertAccessible(page, "palette");
      await page.keyboard.press("Escape");
      await palette(page).waitFor({ state: "hidden" });
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await assertAccessible(page, "shortcuts");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Ask something new" }).click();
      await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
      await page.context().close();
    });
  }

  await tap.test("the first stop of the Tab key skips to the content", async () => {
    const page = await openPage(browser, `${url}/nothing/here`, { quiet: false });
    await page.getByText("There is nothing at this address.").waitFor();
    await page.keyboard.press("Tab");
    const link = page.getByRole("link", { name: "Skip to the content" });
    assert.equal(await link.evaluate((one) => one === document.activeElement && one.getBoundingClientRect().top >= 0), true);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "MAIN");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.closest("main") !== null), true);
    await page.context().close();
  });

  await tap.test("on paper there is the conversation alone, all of it, dark on white in either theme", async () => {
    const page = await openPage(browser, `${url}/`, { colorScheme: "dark" });
    await chooseDataset(page, "birdstrikes");
    for (const prompt of birds.prompts.slice(0, 3)) await ask(page, prompt.question);
    await page.emulateMedia({ media: "print" });
    for (const gone of [".sidebar", ".askbox", ".tabs"]) assert.equal(await page.locator(gone).first().isVisible(), false, gone);
    const seen = await page.evaluate(() => ({ paper: getComputedStyle(document.documentElement).backgroundColor, height: document.documentElement.scrollHeight, end: document.querySelector("article.turn:last-child").getBoundingClientRect().bottom + scrollY, cut: [...document.querySelectorAll(".thread, .table-scroll")].filter((box) => box.clientHeight < box.scrollHeight).length }));
    assert.equal(seen.paper, "rgb(255, 255, 255)");
    assert.ok(seen.end <= seen.height, JSON.stringify(seen));
    assert.equal(seen.cut, 0);
    // Of a table that is longer than the page, all rows that go on paper follow each other.
    const rows = page.locator("article.turn").nth(1).locator("tbody tr");
    await page.waitForFunction(() => document.querySelectorAll("article.turn")[1].querySelectorAll("tbody tr").length === 13);
    const tops = await rows.evaluateAll((all) => all.map((row) => row.getBoundingClientRect().top));
    assert.ok(tops.every((top, at) => at === 0 || top > tops[at - 1]), String(tops));
    await page.context().close();
  });

  await tap.test("a page four times as large as usual still has its box and its answer on it", async () => {
    const page = await openPage(browser, `${url}/`, { viewport: { width: 320, height: 256 } });
    await chooseDataset(page, "birdstrikes");
    const turn = await ask(page, birds.prompts[0].question);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    const room = await page.locator(".thread").evaluate((box) => box.clientHeight);
    assert.ok(room >= 100, `${room} px for the conversation`);
    await turn.getByRole("tab", { name: "SQL" }).click();
    await page.context().close();
  });
}
