// SPDX-License-Identifier: Apache-2.0
// SQL that is changed and run again, answers behind a link, the board of pinned answers, and proofs that can be
// checked.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPage, startServer, stopServer } from "./harness.mjs";
import { ask, assertAccessible, assertRows, chooseDataset, ended, lastTurn, readRows } from "./page.mjs";
import { app, birds, picture, tap } from "./stage.mjs";

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
const [prompt] = birds.prompts;

const api = async (url, path) => (await fetch(`${url}/api/v1${path}`)).json();
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const editor = (page, name = "SQL to run") => page.getByRole("textbox", { name });
const hasFocus = (locator) => locator.evaluate((one) => one === one.getRootNode().activeElement);
const TABLE = "Twenty strikes";
const themes = ["light", "dark"];

/** Replaces what is in the editor, as a person does. */
async function write(page, box, sql) {
  await box.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(sql);
}

async function openEditor(page, turn) {
  await turn.getByRole("tab", { name: "SQL" }).click();
  await turn.getByRole("button", { name: "Edit", exact: true }).click();
  await editor(page).waitFor();
  return editor(page);
}

export async function editing(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await chooseDataset(page, "birdstrikes");
  await ask(page, prompt.question);
  const first = page.locator("article.turn").first();
  const original = await first.innerText();

  await tap.test("Edit opens the statement in an editor, with the focus in it; the page's single keys are letters there", async () => {
    const box = await openEditor(page, first);
    await page.waitForFunction(() => document.querySelector(".editor")?.shadowRoot.activeElement);
    assert.equal(await hasFocus(box), true);
    await page.keyboard.type("\n-- n?");
    assert.match(await box.innerText(), /-- n\?/);
    assert.equal(await page.locator("article.turn").count(), 1);
  });

  await tap.test("tables and columns are completed, with what they hold beside them", async () => {
    await write(page, editor(page), "SELECT cost");
    await page.keyboard.type("_re");
    const option = page.getByRole("option", { name: /cost_repair/ });
    await option.waitFor();
    assert.match(await option.innerText(), /integer · Repair cost/);
    await page.waitForTimeout(100); // a list takes no key in its first moment
    await page.keyboard.press("Tab");
    await page.keyboard.type(" FROM str");
    await page.getByRole("option", { name: /strikes.*10,000 rows/ }).waitFor();
    await picture(page, "sql-completion");
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("option").count(), 0);
    assert.equal(await hasFocus(editor(page)), true);
    assert.match(await editor(page).innerText(), /SELECT cost_repair FROM str$/);
  });

  await tap.test("Escape leaves the editor for its buttons, and Tab does so too", async () => {
    await page.keyboard.press("Escape");
    const run = page.getByRole("button", { name: "Run the edited SQL" });
    assert.equal(await hasFocus(run), true);
    await page.keyboard.press("Shift+Tab");
    assert.equal(await hasFocus(editor(page)), true);
    await page.keyboard.press("Tab");
    assert.equal(await hasFocus(run), true);
  });

  await tap.test("values are asked for as the statement has places, and one that is no number keeps it from running", async () => {
    await write(page, editor(page), "SELECT count(*) AS strikes FROM strikes WHERE cost_total > ?1 AND state = ?2");
    await page.getByLabel("Type of ?1").selectOption("number");
    await page.getByLabel("Value of ?1").fill("ten");
    await page.getByText("This is not a number.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Run the edited SQL" }).isDisabled(), true);
    await page.getByLabel("Value of ?1").fill("1000");
    await page.getByLabel("Value of ?2").fill("Texas");
    await picture(page, "sql-editor");
  });

  await tap.test("Ctrl-Enter runs it as the next turn, which says where it comes from; the first stays as it was", async () => {
    await editor(page).click();
    await page.keyboard.press("Control+Enter");
    await page.locator("article.turn").nth(1).waitFor();
    const turn = await ended(page);
    const stored = (await api(url, `/conversations/${new URL(page.url()).pathname.split("/").pop()}`)).turns;
    const [[expected]] = stored[1].run.result.rows;
    assert.deepEqual([stored[1].params, stored[1].edits, stored[1].planner], [[1000, "Texas"], stored[0].id, "sql"]);
    assert.ok(expected > 0);
    assert.deepEqual(await readRows(turn), [[expected]]);
    assert.match(await turn.locator(".turn-say").innerText(), /^Your SQL gives one value/);
    await first.getByRole("tab", { name: "Answer" }).click();
    assert.equal(await first.innerText(), original);
    await turn.getByRole("link", { name: "Edited from an answer above" }).click();
    await page.waitForFunction((id) => location.hash === `#${id}`, stored[0].id);
    await page.reload();
    assert.deepEqual(await readRows(await ended(page)), [[expected]]);
  });

  await page.context().close();
}

export async function mending(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await chooseDataset(page, "birdstrikes");
  await ask(page, prompt.question);

  await tap.test("a statement that fails says why, and its editor marks where", async () => {
    const box = await openEditor(page, lastTurn(page));
    await write(page, box, "SELECT 'é' AS e, nowhere FROM strikes");
    await page.keyboard.press("Control+Enter");
    await page.locator("article.turn").nth(1).waitFor();
    const turn = await ended(page, "failed");
    await turn.getByText(/no such column: nowhere/).waitFor();
    await turn.getByRole("button", { name: "Edit the SQL" }).click();
    await turn.locator(".cm-problem").waitFor();
    assert.equal(await turn.locator(".cm-problem").innerText(), "nowhere");
    await turn.getByRole("alert").getByText(/nowhere/).waitFor();
    await write(page, editor(page), "SELECT '<img src=x onerror=alert(1)>' AS \"<b>\"");
    await page.keyboard.press("Control+Enter");
    await page.locator("article.turn").nth(2).waitFor();
    assert.deepEqual(await readRows(await ended(page)), [["<img src=x onerror=alert(1)>"]]);
  });
  await page.context().close();

  for (const colorScheme of themes) {
    await tap.test(`${colorScheme}: the editor and its values have no serious accessibility violation, and fit 360 px`, async () => {
      const narrow = await openPage(browser, `${url}/`, { colorScheme, viewport: { width: 360, height: 740 } });
      await chooseDataset(narrow, "birdstrikes");
      const box = await openEditor(narrow, await ask(narrow, prompt.question));
      await write(narrow, box, "SELECT ?1");
      await narrow.getByLabel("Value of ?1").waitFor();
      await assertAccessible(narrow, "editor");
      assert.ok(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await picture(narrow, `sql-editor-${colorScheme}-narrow`);
      await narrow.context().close();
    });
  }
}

export async function queries(url, browser) {
  const sql = "SELECT phase_of_flight, count(*) AS strikes FROM strikes WHERE cost_total > ?1 GROUP BY 1 ORDER BY 2 DESC LIMIT 3";
  const address = `${url}/sql?${new URLSearchParams({ dataset: "birdstrikes", sql, params: "[1000]" })}`;
  const page = await openPage(browser, address, CLIPBOARD);
  const result = page.getByRole("region", { name: "Result", exact: true });
  const box = editor(page, "SQL");

  await tap.test("an address with a statement and its values runs it when it is opened", async () => {
    await result.waitFor();
    const run = await (await fetch(`${url}/api/v1/runs`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ dataset: "birdstrikes", sql, params: [1000] }) })).json();
    assertRows(await readRows(result), run.result.rows);
    assert.equal(await page.getByLabel("Value of ?1").inputValue(), "1000");
    await picture(page, "sql-page");
  });

  await tap.test("Ctrl-Enter runs what is there now and puts it into the address; back goes to the statement before", async () => {
    await write(page, box, "SELECT 41 + 1 AS answer");
    await page.keyboard.press("Control+Enter");
    await result.getByText("42", { exact: true }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("sql"), "SELECT 41 + 1 AS answer");
    assert.equal(new URL(page.url()).searchParams.has("params"), false);
    await page.goBack();
    await result.locator("tbody tr").nth(2).waitFor();
    await page.waitForFunction(() => document.querySelector(".editor")?.shadowRoot.textContent.includes("phase_of_flight"));
    await page.goForward();
    await result.getByText("42", { exact: true }).waitFor();
  });

  await tap.test("the link to it can be copied; a statement too long for one says so and is run all the same", async () => {
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.waitForFunction(() => true);
    assert.equal(await clipboard(page), page.url());
    await write(page, box, `SELECT length('${"x".repeat(5_000)}') AS size`);
    await page.getByText("too long for an address").waitFor();
    assert.equal(await page.getByRole("button", { name: "Copy link" }).isDisabled(), true);
    await box.click();
    await page.keyboard.press("Control+Enter");
    await result.getByText("5,000", { exact: true }).waitFor();
    assert.ok(page.url().length < 200, page.url());
  });

  await tap.test("what fails is said beside the editor; what only looks like a statement is refused by the sandbox", async () => {
    await write(page, box, "DROP TABLE strikes");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("alert").getByText("Refused.").waitFor();
    await write(page, box, "SELECT count(*) FROM strikes");
    await page.keyboard.press("Control+Enter");
    await result.getByText("10,000", { exact: true }).waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
  });

  await tap.test("it goes on in a conversation, as its first turn", async () => {
    await page.getByRole("button", { name: "Go on in a conversation" }).click();
    const turn = await ended(page);
    assert.match(page.url(), /\/c\/\w+$/);
    assert.deepEqual(await readRows(turn), [[10000]]);
  });
  await page.context().close();

  for (const colorScheme of themes) {
    await tap.test(`${colorScheme}: the page of SQL has no serious accessibility violation, and fits 360 px`, async () => {
      const other = await openPage(browser, `${url}/sql?dataset=birdstrikes&sql=SELECT+nothing`, { colorScheme, viewport: { width: 360, height: 740 } });
      await other.getByRole("alert").waitFor();
      await assertAccessible(other, "SQL");
      assert.ok(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await other.goto(`${url}/sql?dataset=nothing`);
      await other.getByText("There is no data set “nothing” here.").waitFor();
      await other.context().close();
    });
  }
}

/** A data set of our own, whose file a test can change. */
function newFruit() {
  const folder = mkdtempSync(join(tmpdir(), "sandglass-web-"));
  const file = join(folder, "fruit", "fruit.csv");
  mkdirSync(join(folder, "fruit"));
  writeFileSync(file, "name,amount\napple,3\npear,5\n");
  return { folder, change: (from, to) => writeFileSync(file, readFileSync(file, "utf8").replace(from, to)) };
}

export async function permalinks(browser) {
  const fruit = newFruit();
  let url = await startServer(app, { datasets: fruit.folder });
  const page = await openPage(browser, `${url}/`, CLIPBOARD);
  let link;

  await tap.test("Link copies the address of an answer, where it is computed again at once: same answer, same data", async () => {
    const turn = await ask(page, "What is the total amount?");
    await turn.getByRole("button", { name: "Link" }).click();
    await page.getByText("Copied the link to this answer.").waitFor({ state: "attached" });
    link = await clipboard(page);
    assert.match(link, new RegExp(`^${url}/a/\\w+$`));
    const other = await openPage(browser, link);
    await other.getByText("Same answer, same data.").waitFor();
    assert.deepEqual(await readRows(other.locator(".card")), [[8]]);
    for (const one of themes) {
      await other.emulateMedia({ colorScheme: one });
      await assertAccessible(other, `an answer, ${one}`);
    }
    await picture(other, "permalink");
    await other.getByRole("link", { name: "Open the conversation" }).click();
    await ended(other);
    await other.context().close();
  });

  await tap.test("what was pinned from there is on the board", async () => {
    await lastTurn(page).getByRole("button", { name: "Pin" }).click();
    await page.getByRole("button", { name: "Pinned", pressed: true }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Pinned", pressed: true }).waitFor();
  });

  fruit.change("pear,5", "pear,6");
  const stopped = await stopServer(url);
  url = await startServer(app, { ...stopped, datasets: fruit.folder });

  await tap.test("over other data it says that the data has changed, with both values", async () => {
    const other = await openPage(browser, link);
    await other.getByText("The data has changed since.").waitFor();
    const row = other.getByRole("region", { name: "What has changed" }).locator("tbody tr");
    assert.deepEqual(await row.locator("td").allInnerTexts(), ["8", "9"]);
    assert.deepEqual(await readRows(other.locator(".card")), [[8]], "what was stored stays");
    await picture(other, "permalink-changed");
    await other.goto(`${url}/pins`);
    await other.getByRole("button", { name: /^Refresh What/ }).click();
    await other.locator(".pin-news").getByText("The data has changed since").waitFor();
    assert.match(await other.locator(".pin-say").innerText(), /\b9\b/);
    await other.context().close();
  });

  fruit.change("name,amount", "name,number");
  const again = await stopServer(url);
  url = await startServer(app, { ...again, datasets: fruit.folder });
  await tap.test("where it cannot be computed any more it says why, and what was answered stays", async () => {
    const other = await openPage(browser, link);
    await other.getByText("The query failed.").waitFor();
    assert.deepEqual(await readRows(other.locator(".card")), [[8]]);
    await other.context().close();
  });

  await tap.test("the link to an answer that was deleted says so, and leads on", async () => {
    const { conversation_id: id } = await api(url, `/turns/${link.split("/").pop()}`);
    assert.equal((await fetch(`${url}/api/v1/conversations/${id}`, { method: "DELETE" })).status, 204);
    const other = await openPage(browser, link, { quiet: false });
    await other.getByText("This answer is not here.").waitFor();
    await assertAccessible(other, "a deleted answer");
    await other.getByRole("button", { name: "Ask something new" }).click();
    await other.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    await other.goto(`${url}/pins`);
    await other.locator(".pin").waitFor();
    await other.context().close();
  });
  await page.context().close();
  rmSync(fruit.folder, { recursive: true, force: true });
}

export async function pinning(url, browser) {
  const page = await openPage(browser, `${url}/pins`);
  const cards = page.locator(".pin");
  const titles = async () => (await cards.locator("h2").allInnerTexts()).map((title) => title.trim());

  await tap.test("an empty board says how to pin", async () => {
    await page.getByRole("heading", { name: "Nothing is pinned yet" }).waitFor();
    await assertAccessible(page, "an empty board");
    await picture(page, "pins-empty");
    await page.getByRole("button", { name: "Ask something" }).click();
  });

  await tap.test("answers are pinned from their cards, and shown as figure, chart and table", async () => {
    await chooseDataset(page, "birdstrikes");
    for (const question of ["How many strikes were there?", "Top 5 airports by number of strikes"]) {
      const turn = await ask(page, question);
      await turn.getByRole("button", { name: "Pin", exact: true }).click();
      await turn.getByRole("button", { name: "Pinned" }).waitFor();
    }
    const post = async (path, body) => (await fetch(`${url}/api/v1${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).text();
    const { id } = JSON.parse(await post("/conversations", { dataset: "birdstrikes" }));
    const [, turn] = /"turn":\{"id":"(\w+)"/.exec(await post(`/conversations/${id}/messages`, { sql: "SELECT phase_of_flight, species, flight_date FROM strikes LIMIT 20", text: TABLE }));
    await post("/pins", { turn_id: turn });
    await page.getByRole("link", { name: "Pinned answers" }).click();
    await cards.nth(2).waitFor();
    assert.deepEqual(await titles(), ["How many strikes were there?", "Top 5 airports by number of strikes", TABLE]);
    await cards.nth(0).getByText("10,000").first().waitFor();
    await cards.nth(1).getByRole("img", { name: /chart/i }).waitFor();
    assert.equal(await cards.nth(2).locator("tbody tr").count(), 8);
    await cards.nth(2).getByText("8 of 20 rows").waitFor();
    await picture(page, "pins");
  });

  await tap.test("all of them are computed again, and say that they are the same", async () => {
    await page.getByRole("button", { name: "Refresh all" }).click();
    await page.waitForFunction(() => document.querySelectorAll('.pin-news[data-tone="good"]').length === 3);
    await page.getByRole("button", { name: "Refresh all" }).and(page.locator(":enabled")).waitFor();
  });

  await tap.test("the arrow keys move one, a drag moves one, and the order is kept", async () => {
    const handle = page.getByRole("button", { name: /^Move How many/ });
    await handle.focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("button", { name: /^Move How many.*place 2 of 3$/ }).waitFor();
    assert.equal(await handle.evaluate((one) => one === document.activeElement), true);
    await page.keyboard.press("End");
    await page.getByRole("button", { name: /^Move How many.*place 3 of 3$/ }).waitFor();
    await page.getByRole("button", { name: /^Move Top 5/ }).dragTo(cards.nth(1));
    await page.getByRole("button", { name: /^Move Top 5.*place 2 of 3$/ }).waitFor();
    const expected = [TABLE, "Top 5 airports by number of strikes", "How many strikes were there?"];
    assert.deepEqual(await titles(), expected);
    await page.waitForLoadState("networkidle");
    await page.reload();
    await cards.nth(2).waitFor();
    assert.deepEqual(await titles(), expected);
  });

  await tap.test("a title is changed in place, Escape leaves it as it was, and markup in it is text", async () => {
    await page.getByRole("button", { name: "How many strikes were there?", exact: true }).click();
    await page.keyboard.type("never mind");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "How many strikes were there?", exact: true }).click();
    await page.keyboard.type("<b>All</b> of them");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "<b>All</b> of them", exact: true }).waitFor();
    assert.equal(await page.locator(".pin b:has-text('All')").count(), 0);
    await page.waitForLoadState("networkidle");
    await page.reload();
    await page.getByRole("button", { name: "<b>All</b> of them", exact: true }).waitFor();
  });

  await tap.test("one is unpinned, and an undo puts it back to its place", async () => {
    const before = await titles();
    await page.getByRole("button", { name: /^More for Top 5/ }).click();
    await page.getByRole("menuitem", { name: "Unpin" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".pin").length === 2);
    await page.getByRole("button", { name: "Undo" }).click();
    await cards.nth(2).waitFor();
    assert.deepEqual(await titles(), before);
    await page.getByRole("link", { name: /^Open Top 5/ }).click();
    await page.getByText("Same answer, same data.").waitFor();
    await page.goBack();
  });

  for (const colorScheme of themes) {
    await tap.test(`${colorScheme}: the board has no serious accessibility violation, and fits 360 px`, async () => {
      const other = await openPage(browser, `${url}/pins`, { colorScheme, viewport: { width: 360, height: 740 } });
      await other.locator(".pin").nth(2).waitFor();
      await assertAccessible(other, "the board");
      assert.ok(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await other.context().close();
    });
  }
  await page.context().close();
}

export async function checking(url, browser) {
  const page = await openPage(browser, `${url}/`, CLIPBOARD);
  await chooseDataset(page, "birdstrikes");
  const turn = await ask(page, prompt.question);
  await turn.getByRole("tab", { name: "Proof" }).click();
  const panel = turn.getByRole("tabpanel");
  await panel.getByText("Check it yourself").waitFor();
  const [stored] = (await api(url, `/conversations/${new URL(page.url()).pathname.split("/").pop()}`)).turns;

  await tap.test("the proof has every limit that the kernel reported, with who held it", async () => {
    const rows = await panel.getByRole("region", { name: "Limits" }).locator("tbody tr").allInnerTexts();
    for (const { by } of stored.run.result.confinement.limits) assert.ok(rows.some((row) => row.includes(by)), `${by} in ${rows}`);
    assert.ok(rows.some((row) => /^Time\s/.test(row)) && rows.some((row) => /^Rows returned\s+200\s+1 row/.test(row.replace(/\u00a0/g, " "))), String(rows));
    await picture(page, "proof-panel");
  });

  await tap.test("its hash, its JSON and the line that repeats the run can be copied, and the line does repeat it", async () => {
    await panel.getByRole("button", { name: "Copy the hash" }).click();
    await panel.getByText("Copied", { exact: true }).waitFor();
    assert.equal(await clipboard(page), stored.run.result.data_sha256);
    await panel.getByRole("button", { name: "Copy as JSON" }).click();
    await page.getByText("Copied the proof as JSON.").waitFor({ state: "attached" });
    const proof = JSON.parse(await clipboard(page));
    assert.deepEqual([proof.run.id, proof.run.sql, proof.run.result.rows, proof.sentence], [stored.run.id, stored.run.sql, undefined, stored.sentence]);
    await panel.getByRole("button", { name: "Copy the line that repeats the run" }).click();
    await page.getByText("Copied the line that repeats the run.").waitFor({ state: "attached" });
    const line = await clipboard(page);
    const address = /^curl -X POST (http\S+)$/.exec(line)?.[1];
    const again = await (await fetch(address, { method: "POST" })).json();
    assert.deepEqual([again.replay_of, again.result_same], [stored.run.id, true]);
  });

  await tap.test("the run is made again from the proof", async () => {
    await panel.getByRole("button", { name: "Replay" }).click();
    await panel.getByText("Same answer, same data.").waitFor();
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await assertAccessible(page, `the proof, ${colorScheme}`);
    }
  });
  await page.context().close();
}
