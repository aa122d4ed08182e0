// SPDX-License-Identifier: Apache-2.0
// Conversations that are kept: found, renamed, deleted and brought back, exported; what is said of answers, and what
// was chosen before.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { openPage } from "./harness.mjs";
import { ask, askBox, assertAccessible, chooseDataset, ended } from "./page.mjs";
import { datasets, GIBBERISH, picture, tap } from "./stage.mjs";

const [{ question: RAIN }] = datasets.find(({ name }) => name === "weather").prompts;

const call = (url, method, path, body) => fetch(`${url}/api/v1/${path}`, { method, headers: { "Content-Type": "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}) });

/** A conversation with these questions, answered; its id. */
async function talk(url, dataset, ...questions) {
  const { id } = await (await call(url, "POST", "conversations", { dataset })).json();
  for (const text of questions) await (await call(url, "POST", `conversations/${id}/messages`, { text })).text();
  return id;
}

const list = (page) => page.getByRole("navigation", { name: "Conversations" });
const rows = (page) => list(page).getByRole("listitem");
const row = (page, title) => rows(page).filter({ hasText: title });
const field = (page) => page.getByRole("searchbox", { name: "Search conversations" });
const titles = (page) => list(page).getByRole("link").evaluateAll((links) => links.map((link) => link.querySelector("bdi").textContent));
const titleField = (page) => page.getByRole("textbox", { name: "Title of the conversation" });
const open = (page, title) => page.getByRole("heading", { level: 1, name: title }).waitFor();

/** Opens the menu of a row, or of the bar where there is no title, and presses one of its entries. */
async function choose(page, title, entry) {
  const button = title === null ? page.getByRole("banner").or(page.locator("header.topbar")).getByRole("button", { name: "More about this conversation" }) : row(page, title).getByRole("button");
  await button.press("Enter");
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "menuitem");
  await page.getByRole("menuitem", { name: entry }).press("Enter");
}

export async function keepSearch(url, browser) {
  await talk(url, "birdstrikes", "How many strikes happened in Texas?", "and in Ohio?");
  await talk(url, "weather", RAIN);
  const page = await openPage(browser, `${url}/`);

  await tap.test("/ goes to the search, which finds words in titles, questions and sentences, and marks them", async () => {
    await row(page, "Texas").waitFor();
    await page.locator("h1").click();
    await page.keyboard.press("/");
    assert.equal(await field(page).evaluate((one) => one === document.activeElement), true);
    await page.keyboard.type("strikes 210");
    await list(page).locator("small").waitFor();
    assert.deepEqual(await titles(page), ["How many strikes happened in Texas?"]);
    assert.match(await list(page).locator("small").innerText(), /210 strikes/);
    assert.deepEqual(await list(page).locator("mark").allTextContents(), ["strikes", "210", "strikes"]);
    await page.getByRole("status").filter({ hasText: "1 conversation found." }).waitFor({ state: "attached" });
    await picture(page, "search");
    await assertAccessible(page, "search");
  });

  await tap.test("the arrow goes into what was found, Enter opens it, and Escape ends the search", async () => {
    await field(page).press("ArrowDown");
    await page.keyboard.press("Enter");
    await open(page, "How many strikes happened in Texas?");
    await page.locator("article.turn").nth(1).waitFor();
    assert.equal(new URL(page.url()).hash, `#${await page.locator("article.turn").nth(1).getAttribute("data-id")}`);
    await field(page).press("Escape");
    assert.equal(await field(page).inputValue(), "");
    assert.equal((await titles(page)).length, 2);
  });

  await tap.test("what is nowhere is said to be nowhere, and the cross ends the search", async () => {
    await field(page).fill("texas nowhere");
    await page.getByText("No conversation has all of these words.").waitFor();
    await page.getByRole("button", { name: "Clear the search" }).click();
    assert.equal((await titles(page)).length, 2);
    assert.equal(await field(page).evaluate((one) => one === document.activeElement), true);
  });
  await page.context().close();
}

export async function keepTitles(url, browser) {
  const id = await talk(url, "weather", RAIN);
  const page = await openPage(browser, `${url}/c/${id}`, { quiet: false });
  const other = await page.context().newPage();
  await other.goto(`${url}/c/${id}`);
  await open(other, RAIN);
  const elsewhere = await openPage(browser, `${url}/c/${id}`);
  await open(elsewhere, RAIN);
  await row(page, RAIN).waitFor();

  await tap.test("a conversation is renamed in the list: Enter keeps, Escape does not", async () => {
    await choose(page, RAIN, "Rename");
    await titleField(page).fill("No");
    await page.keyboard.press("Escape");
    assert.deepEqual(await titles(page), [RAIN]);
    await choose(page, RAIN, "Rename");
    await titleField(page).fill("  Rain  <b>&</b> \u202eshine 🌦 ");
    await page.keyboard.press("Enter");
    await open(page, "Rain <b>&</b> \u202eshine 🌦");
    assert.deepEqual(await titles(page), ["Rain <b>&</b> \u202eshine 🌦"]);
    await page.waitForFunction(() => document.title === "Rain <b>&</b> \u202eshine 🌦 · Sandglass");
    assert.equal(await page.evaluate(() => document.activeElement.id), `conversation-${id}`);
    const { title } = await (await call(url, "GET", `conversations/${id}`)).json();
    assert.equal(title, "Rain <b>&</b> \u202eshine 🌦");
  });

  await tap.test("another tab has the new title at once, and another browser once it is looked at", async () => {
    await open(other, /^Rain </);
    await other.close();
    await open(elsewhere, RAIN);
    await elsewhere.evaluate(() => dispatchEvent(new Event("focus")));
    await open(elsewhere, /^Rain </);
    await elsewhere.context().close();
  });

  await tap.test("it is renamed in the bar too, and what the server refuses is as it was", async () => {
    await choose(page, null, "Rename");
    await titleField(page).fill("From above");
    await page.keyboard.press("Enter");
    await open(page, "From above");
    await choose(page, null, "Rename");
    await titleField(page).fill("🌦".repeat(60));
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "at most 200" }).waitFor();
    await open(page, "From above");
    assert.deepEqual(await titles(page), ["From above"]);
  });

  await tap.test("it is exported as Markdown, under its title", async () => {
    const [file] = await Promise.all([page.waitForEvent("download"), choose(page, null, "Export as Markdown")]);
    assert.equal(file.suggestedFilename(), "from-above.md");
    assert.match(await readFile(await file.path(), "utf8"), /^# From above\n[^]*\n## 1\. [^]*```sql[^]*data SHA-256/);
  });

  await tap.test("its link is copied", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await choose(page, "From above", "Copy link");
    await page.getByText("The link to this conversation is copied.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${url}/c/${id}`);
  });
  await page.context().close();
}

export async function keepDeleting(url, browser) {
  const first = await talk(url, "weather", RAIN);
  const second = await talk(url, "birdstrikes", "How many strikes happened in Texas?");
  const page = await openPage(browser, `${url}/c/${first}`, { quiet: false });
  await row(page, "Texas").waitFor();

  for (const way of ["the button", "Ctrl+Z"]) {
    await tap.test(`a conversation is deleted from the list, and ${way} brings it back to its place`, async () => {
      await choose(page, "Texas", "Delete");
      const toast = page.getByRole("status").filter({ hasText: "Deleted “How many strikes happened in Texas?”." });
      await toast.waitFor();
      assert.deepEqual(await titles(page), [RAIN]);
      assert.equal(await page.evaluate(() => document.activeElement.id), `conversation-${first}`);
      assert.equal((await call(url, "GET", `conversations/${second}`)).status, 404);
      if (way === "the button") await toast.getByRole("button", { name: "Undo" }).press("Enter");
      else await page.keyboard.press("Control+z");
      await row(page, "Texas").waitFor();
      assert.deepEqual(await titles(page), ["How many strikes happened in Texas?", RAIN]);
      assert.equal((await call(url, "GET", `conversations/${second}`)).status, 200);
    });
  }

  await tap.test("deleting the one that is open leads to a new question, and undoing leads back", async () => {
    await choose(page, null, "Delete");
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/");
    assert.deepEqual(await titles(page), ["How many strikes happened in Texas?"]);
    await picture(page, "deleted");
    await assertAccessible(page, "undo");
    await page.getByRole("button", { name: "Undo" }).click();
    await open(page, RAIN);
    assert.equal(new URL(page.url()).pathname, `/c/${first}`);
    await ended(page);
  });

  await tap.test("the palette deletes it too, and another tab says at once that it is gone", async () => {
    const other = await page.context().newPage();
    await other.goto(page.url());
    await ended(other);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("delete this");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    await other.getByText("was deleted").waitFor();
    await other.close();
    await page.getByRole("button", { name: "Undo" }).click();
    await open(page, RAIN);
    await ended(page);
  });

  await tap.test("a page that still shows what was deleted elsewhere says so when it asks", async () => {
    await call(url, "DELETE", `conversations/${first}`);
    const turn = await ask(page, "and the driest?", "failed");
    await turn.getByText("was deleted").waitFor();
    await page.goto(`${url}/c/${first}`);
    await page.getByText("was deleted").waitFor();
    await page.getByRole("button", { name: "Ask something new" }).click();
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
  });
  await page.context().close();
}

const good = (turn) => turn.getByRole("button", { name: "Good answer" });
const bad = (turn) => turn.getByRole("button", { name: "Bad answer" });
const pressed = async (button) => (await button.getAttribute("aria-pressed")) === "true";

export async function keepFeedback(url, browser) {
  const page = await openPage(browser, `${url}/`);
  let turn;
  const kept = async () => {
    const id = new URL(page.url()).pathname.split("/").pop();
    return (await (await call(url, "GET", `conversations/${id}`)).json()).turns[0].feedback;
  };
  const said = (words) => page.locator(".hidden-text[role=status]").filter({ hasText: words }).waitFor({ state: "attached" });

  await tap.test("an answer takes a thumb up, which is announced and stored, and taken back by the same", async () => {
    await chooseDataset(page, "weather");
    turn = await ask(page, RAIN);
    await good(turn).press("Enter");
    await said("Thank you: a good answer.");
    assert.ok(await pressed(good(turn)));
    assert.equal((await kept()).value, "up");
    await good(turn).press("Enter");
    await said("Your feedback is removed.");
    assert.ok(!(await pressed(good(turn))));
    assert.equal(await kept(), null);
  });

  await tap.test("a thumb down is stored at once, and asks why; reason and comment are kept through a reload", async () => {
    await bad(turn).press("Enter");
    const form = turn.getByRole("form", { name: "What was wrong" });
    await form.waitFor();
    assert.deepEqual({ ...(await kept()), created_at: 0 }, { value: "down", created_at: 0 });
    assert.equal(await form.getByRole("radio").count(), 5);
    await page.waitForFunction(() => document.activeElement?.matches('[value="wrong_answer"]'));
    await page.keyboard.press("ArrowRight");
    await assertAccessible(page, "feedback form");
    await picture(page, "feedback");
    await form.getByLabel("Anything to add?").fill("it <b>never</b> rains there");
    await form.getByRole("button", { name: "Send" }).click();
    await turn.getByText("It misunderstood me: “it <b>never</b> rains there”").waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === "Change");
    await page.reload();
    turn = await ended(page);
    await turn.getByText("It misunderstood me: “it <b>never</b> rains there”").waitFor();
    assert.ok(await pressed(bad(turn)));
    assert.deepEqual({ ...(await kept()), created_at: 0 }, { value: "down", reason: "misunderstood", comment: "it <b>never</b> rains there", created_at: 0 });
  });

  await tap.test("what was said can be changed, within what the server takes, and Escape leaves it", async () => {
    await turn.getByRole("button", { name: "Change" }).click();
    const form = turn.getByRole("form", { name: "What was wrong" });
    const comment = form.getByLabel("Anything to add?");
    assert.equal(await comment.inputValue(), "it <b>never</b> rains there");
    await comment.fill("é".repeat(501));
    await form.getByText("1,002 bytes; a comment may have 1,000.").waitFor();
    assert.ok(await form.getByRole("button", { name: "Send" }).isDisabled());
    await comment.press("Escape");
    await form.waitFor({ state: "detached" });
    await turn.getByRole("button", { name: "Change" }).click();
    await form.getByText("Too slow").click();
    await comment.fill("");
    await form.getByRole("button", { name: "Send" }).click();
    await turn.getByText("Too slow", { exact: true }).waitFor();
    await said("Thank you: a bad answer. Too slow");
    await good(turn).click();
    await said("Thank you: a good answer.");
    assert.ok(!(await pressed(bad(turn))));
    assert.equal((await kept()).value, "up");
  });

  await tap.test("what was not understood takes feedback too, and a question back does not", async () => {
    const lost = await ask(page, GIBBERISH, "not_understood");
    assert.ok(await bad(lost).isVisible());
    const asked = await ask(page, "What is the best year?", "ambiguous");
    assert.equal(await bad(asked).count(), 0);
  });
  await page.context().close();
}

export async function keepReadings(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await tap.test("what was chosen is taken when the same is asked again, in words, with a way to the other", async () => {
    await chooseDataset(page, "shop");
    const asked = await ask(page, "What is the average price?", "ambiguous");
    const choices = asked.getByRole("group", { name: "What is meant" }).getByRole("button");
    const [first, second] = await choices.locator("bdi:first-child").allTextContents();
    await choices.nth(1).click();
    await page.locator("article.turn").nth(1).waitFor();
    await ended(page);
    const again = await ask(page, "what is the average price");
    await again.getByText(`You chose “${second}” before`).waitFor();
    const other = again.getByRole("button", { name: "choose again" });
    await other.press("Enter");
    await assertAccessible(page, "choose again");
    await picture(page, "remembered");
    await again.getByRole("group", { name: "What is meant instead" }).getByRole("button", { name: first }).click();
    await page.locator("article.turn").nth(3).waitFor();
    const changed = await ended(page);
    assert.equal(await changed.getByText("You chose").count(), 0);
    const last = await ask(page, "What is the average price?");
    await last.getByText(`You chose “${first}” before`).waitFor();
  });
  await page.context().close();
}

export async function keepLooks(url, browser) {
  const id = await talk(url, "weather", RAIN, GIBBERISH);
  await talk(url, "birdstrikes", "How many strikes happened in Texas?");
  for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 360], ["dark", 360]]) {
    const isNarrow = width === 360;
    const page = await openPage(browser, `${url}/c/${id}`, { colorScheme, viewport: { width, height: 740 }, hasTouch: isNarrow });
    const check = async (what) => {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is wider than the page`);
      await assertAccessible(page, what);
      await picture(page, `${what}-${colorScheme}-${width}`);
    };
    await tap.test(`${colorScheme}, ${width} px: list, search, menu, renaming, feedback and undo fit and have no serious accessibility violation`, async () => {
      const turn = page.locator("article.turn").first();
      await turn.waitFor();
      if (isNarrow) await page.getByRole("button", { name: "Conversations", exact: true }).click();
      await row(page, "Texas").getByRole("button").click();
      await page.getByRole("menuitem", { name: "Rename" }).waitFor();
      await check("menu");
      await page.getByRole("menuitem", { name: "Rename" }).click();
      await titleField(page).waitFor();
      await check("renaming");
      await page.keyboard.press("Escape");
      await field(page).fill("strikes state");
      await list(page).locator("mark").first().waitFor();
      await check("search");
      await field(page).fill("");
      await choose(page, "Texas", "Delete");
      const undo = page.getByRole("button", { name: "Undo" });
      await undo.waitFor();
      await check("undo");
      await undo.click();
      await row(page, "Texas").waitFor();
      if (isNarrow) await page.keyboard.press("Escape");
      await bad(turn).click();
      await turn.getByRole("form", { name: "What was wrong" }).waitFor();
      await check("feedback");
      await turn.getByRole("button", { name: "Not now" }).click();
      await check("said");
      await bad(turn).click();
    });
    await page.context().close();
  }
}

const MANY = 230;

export async function keepMany(url, browser) {
  for (let i = 1; i <= MANY; i++) await call(url, "POST", "conversations", { dataset: "weather", title: `Conversation ${i}` });
  const page = await openPage(browser, `${url}/`);

  await tap.test("of many conversations the first hundred are read, and more when the end comes into view", async () => {
    await row(page, `Conversation ${MANY}`).waitFor();
    assert.equal(await rows(page).count(), 100);
    await rows(page).last().scrollIntoViewIfNeeded();
    await list(page).getByRole("button", { name: "Show older conversations" }).scrollIntoViewIfNeeded();
    await page.waitForFunction((many) => document.querySelectorAll(".conversations-row").length > many, 100);
    while (await list(page).getByRole("button", { name: "Show older conversations" }).count()) {
      await list(page).getByRole("button", { name: "Show older conversations" }).scrollIntoViewIfNeeded().catch(() => {});
      await page.waitForTimeout(20);
    }
    assert.equal(await rows(page).count(), MANY);
    const { conversations } = await (await call(url, "GET", "conversations?limit=500")).json();
    assert.deepEqual(await titles(page), conversations.map((one) => one.title));
  });

  await tap.test("the menus of so many rows are made when they are opened, and what happens beside them draws none of them anew", async () => {
    assert.equal(await page.locator("[role=menuitem]").count(), 0);
    const changes = await page.evaluate(async () => {
      let seen = 0;
      const watch = new MutationObserver((found) => (seen += found.length));
      watch.observe(document.querySelector(".conversations"), { subtree: true, childList: true, attributes: true, characterData: true });
      dispatchEvent(new KeyboardEvent("keydown", { key: "n" }));
      await new Promise((resolve) => setTimeout(resolve, 200));
      watch.disconnect();
      return seen;
    });
    assert.equal(changes, 0);
    const all = await titles(page);
    await choose(page, "Conversation 123", "Delete");
    await row(page, "Conversation 123").waitFor({ state: "detached" });
    assert.equal(await page.locator("[role=menuitem]").count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), all[all.indexOf("Conversation 123") + 1]);
  });
  await page.context().close();
}
