// SPDX-License-Identifier: Apache-2.0
// What goes wrong around a conversation and must not matter: runs that are stopped, pages that are loaded again, a
// server that goes away and comes back, a second tab, words that attack, and conversations of two hundred questions.
import assert from "node:assert/strict";
import { descendantsOf } from "../processes.mjs";
import { openPage, openTab, pidOf, startServer, stopServer } from "./harness.mjs";
import { ask, askBox, assertAccessible, assertRows, chooseDataset, ended, lastTurn, readRows } from "./page.mjs";
import { app, birds, GIBBERISH, picture, tap } from "./stage.mjs";

const RUNAWAY = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
const turns = (page) => page.locator("article.turn");
const answeredTurns = (page, count) => page.waitForFunction((wanted) => document.querySelectorAll('article.turn[data-status="answered"]').length === wanted, count);
const tellVisible = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

function send(url, method, path, body) {
  return fetch(`${url}${path}`, { method, ...(body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }) });
}

async function until(what, look, ms = 5_000) {
  const end = Date.now() + ms;
  for (;;) {
    if (await look()) return;
    if (Date.now() > end) throw new Error(`it did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Asks, and puts SQL without an end in the place of what was proposed; the turn is running from then on. */
async function runForEver(page) {
  await askBox(page).fill(birds.prompts[0].question);
  await askBox(page).press("Enter");
  const card = page.getByRole("region", { name: "A run waits for your approval" });
  await card.getByRole("button", { name: "Edit" }).click();
  await card.getByRole("textbox", { name: "SQL to run" }).fill(RUNAWAY);
  await card.getByRole("button", { name: "Run the edited SQL" }).click();
  await lastTurn(page).locator('.steps li[data-state="now"]', { hasText: "running" }).waitFor();
}

const slow = { APPROVE_RUNS: "1", LOCAL_POOL: "0", RUN_TIMEOUT_MS: "60000" };

export async function stopping(browser) {
  const url = await startServer(app, { env: slow });
  const page = await openPage(browser, `${url}/`);
  await chooseDataset(page, "birdstrikes");
  const sandboxes = () => descendantsOf(pidOf(url)).length;

  await tap.test("the steps come with their times, and the one under way counts up", async () => {
    await runForEver(page);
    const steps = lastTurn(page).locator(".steps li");
    assert.match(await steps.nth(0).innerText(), /^✓ understood [\d.]+\sms$/);
    assert.match(await steps.nth(1).innerText(), /^✓ sandbox (<\s)?[\d.]+\sms$/);
    await lastTurn(page).getByText(/running\s[\d.]+\ss/).waitFor();
    assert.ok(sandboxes() > 0);
    await picture(page, "running");
  });

  await tap.test("a reload in mid-run shows the same turn going on, with what it already had", async () => {
    await page.reload();
    await lastTurn(page).locator('.steps li[data-state="now"]', { hasText: "running" }).waitFor();
    assert.equal(await turns(page).count(), 1);
    assert.match(await lastTurn(page).locator(".steps li").nth(0).innerText(), /^✓ understood [\d.]+\sms$/);
    assert.equal(await page.getByRole("button", { name: "Ask", exact: false }).and(page.locator(".askbox-send")).count(), 0);
  });

  await tap.test("Escape ends the run, and no process of its sandbox is left", async () => {
    await askBox(page).fill("half a question");
    await page.keyboard.press("Escape");
    const turn = await ended(page, "cancelled");
    await turn.getByText("Stopped.").waitFor();
    await until("no sandbox is left", () => sandboxes() === 0);
    assert.equal(await askBox(page).inputValue(), "half a question");
    const { turns: kept } = await (await send(url, "GET", `/api/v1/conversations/${new URL(page.url()).pathname.split("/").pop()}`)).json();
    assert.equal(kept[0].run.outcome, "cancelled");
  });

  await tap.test("the Stop button does the same, in a tab that only looks on", async () => {
    await askBox(page).fill("");
    await runForEver(page);
    const other = await openTab(page.context(), page.url());
    await other.getByRole("button", { name: "Stop" }).click();
    await ended(other, "cancelled");
    await ended(page, "cancelled");
    await until("no sandbox is left", () => sandboxes() === 0);
    await other.close();
  });
  await page.context().close();
}

export async function restarting(browser) {
  const url = await startServer(app, { env: slow });
  const page = await openPage(browser, `${url}/`, { quiet: false });
  await chooseDataset(page, "birdstrikes");

  await tap.test("a server that dies in mid-run is said, tried again, and what it was about can be asked again", async () => {
    await runForEver(page);
    const stopped = await stopServer(url, "SIGKILL");
    await page.getByText("The server does not answer.").waitFor();
    await lastTurn(page).getByText("Connection lost, trying again…").waitFor();
    await assertAccessible(page, "a server that does not answer");
    await picture(page, "unreachable");
    await askBox(page).fill("meanwhile");
    await startServer(app, { env: slow, ...stopped });
    await page.getByText("The server does not answer.").waitFor({ state: "hidden" });
    const turn = await ended(page, "interrupted");
    assert.equal(await askBox(page).inputValue(), "meanwhile");
    await turn.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("region", { name: "A run waits for your approval" }).getByRole("button", { name: "Run" }).click();
    await turns(page).nth(1).waitFor();
    assertRows(await readRows(await ended(page)), birds.prompts[0].expect.rows);
  });

  await tap.test("a page that finds no server shows it, and is there by itself once the server is", async () => {
    await page.route("**/api/**", (route) => route.abort("connectionrefused"));
    await page.reload();
    await page.getByText("This page could not be loaded.").waitFor();
    await page.getByRole("button", { name: "Retry" }).waitFor();
    await assertAccessible(page, "no server");
    await page.unroute("**/api/**");
    await ended(page);
    assert.equal(await page.getByText("This page could not be loaded.").count(), 0);
  });
  await page.context().close();
}

export async function tabs(url, browser) {
  const first = await openPage(browser, `${url}/`, { quiet: false });
  await chooseDataset(first, "birdstrikes");
  await ask(first, birds.prompts[0].question);
  const address = first.url();
  const id = new URL(address).pathname.split("/").pop();
  const second = await openTab(first.context(), address);
  await ended(second);

  await tap.test("what one tab asks, the other one shows by itself, once", async () => {
    await ask(first, birds.prompts[1].question);
    await answeredTurns(second, 2);
    assertRows(await readRows(lastTurn(second)), birds.prompts[1].expect.rows);
    await ask(second, "How many strikes are there?");
    await answeredTurns(first, 3);
    const { turns: kept } = await (await send(url, "GET", `/api/v1/conversations/${id}`)).json();
    assert.equal(kept.length, 3);
    assert.deepEqual([await turns(first).count(), await turns(second).count()], [3, 3]);
  });

  await tap.test("each tab keeps what is written in it, and reading on one is not disturbed by the other", async () => {
    await askBox(first).fill("of the first");
    await askBox(second).fill("of the second");
    const box = first.locator(".thread");
    await box.evaluate((one) => (one.scrollTop = 30));
    await send(url, "POST", `/api/v1/conversations/${id}/messages`, { text: GIBBERISH }).then((answer) => answer.text());
    for (const tab of [first, second]) await tellVisible(tab);
    for (const tab of [first, second]) await turns(tab).nth(3).waitFor();
    assert.equal(await box.evaluate((one) => one.scrollTop), 30);
    assert.equal(await turns(second).nth(3).evaluate((one) => one.getBoundingClientRect().top < innerHeight), true);
    assert.deepEqual([await askBox(first).inputValue(), await askBox(second).inputValue()], ["of the first", "of the second"]);
  });

  await tap.test("a conversation that was deleted elsewhere is gone when the tab is looked at again, and can be left", async () => {
    assert.equal((await send(url, "DELETE", `/api/v1/conversations/${id}`)).status, 204);
    await second.close();
    await tellVisible(first);
    await first.getByText("This page could not be loaded.").waitFor();
    assert.equal(await turns(first).count(), 0);
    await first.getByRole("button", { name: "Ask something new" }).click();
    await first.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    assert.equal(await first.getByRole("navigation", { name: "Conversations" }).getByRole("link").count(), 0);
  });
  await first.context().close();
}

export async function places(url, browser) {
  const page = await openPage(browser, `${url}/`);
  await chooseDataset(page, "birdstrikes");
  for (const prompt of birds.prompts.slice(0, 4)) await ask(page, prompt.question);
  const address = page.url();
  const box = page.locator(".thread");
  const top = () => box.evaluate((one) => one.scrollTop);
  const settle = () => page.waitForTimeout(250);

  await tap.test("back and forward lead to where somebody was reading, and so does a reload", async () => {
    await box.evaluate((one) => (one.scrollTop = 350));
    await settle();
    await page.getByRole("link", { name: "New question" }).click();
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    await page.goBack();
    await answeredTurns(page, 4);
    assert.ok(Math.abs((await top()) - 350) <= 2, String(await top()));
    await page.reload();
    await answeredTurns(page, 4);
    assert.ok(Math.abs((await top()) - 350) <= 2, String(await top()));
  });

  await tap.test("a link to a conversation leads to its latest question", async () => {
    await page.getByRole("link", { name: "New question" }).click();
    await page.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
    await answeredTurns(page, 4);
    assert.ok((await top()) > 400, String(await top()));
  });

  await tap.test("an address that names a question leads to it, marks it, and gives it the focus", async () => {
    const id = await turns(page).nth(1).getAttribute("data-id");
    const other = await openPage(browser, `${address}#${id}`);
    await answeredTurns(other, 4);
    const named = turns(other).nth(1);
    assert.equal(await named.evaluate((one) => one === document.activeElement), true);
    assert.equal(await named.getAttribute("data-target"), "true");
    const [at, frame] = await Promise.all([named.boundingBox(), other.locator(".thread").boundingBox()]);
    assert.ok(Math.abs(at.y - frame.y) < 60, `${at.y} below ${frame.y}`);
    await ask(other, "How many strikes are there?");
    assert.equal(new URL(other.url()).hash, "");
    await other.context().close();
  });

  await tap.test("what is written survives a reload, and each conversation has its own", async () => {
    await askBox(page).fill("half a follow-up");
    await page.getByRole("link", { name: "New question" }).click();
    assert.equal(await askBox(page).inputValue(), "");
    await askBox(page).fill("half a question\nof two lines");
    await page.reload();
    await page.getByRole("heading", { name: "What would you like to know?" }).waitFor();
    assert.equal(await askBox(page).inputValue(), "half a question\nof two lines");
    assert.ok((await askBox(page).boundingBox()).height > 40);
    await page.goBack();
    await answeredTurns(page, 5);
    assert.equal(await askBox(page).inputValue(), "half a follow-up");
  });

  await tap.test("the arrow brings back what was asked, into an empty box only", async () => {
    await askBox(page).press("ArrowUp");
    assert.equal(await askBox(page).inputValue(), "half a follow-up");
    await askBox(page).fill("");
    await askBox(page).press("ArrowUp");
    assert.equal(await askBox(page).inputValue(), birds.prompts[3].question);
    await askBox(page).press("ArrowUp");
    assert.equal(await askBox(page).inputValue(), birds.prompts[2].question);
    await askBox(page).press("ArrowDown");
    await askBox(page).press("ArrowDown");
    assert.equal(await askBox(page).inputValue(), "");
  });
  await page.context().close();
}

export async function hostile(url, browser) {
  const page = await openPage(browser, `${url}/`, { quiet: false });
  await chooseDataset(page, "birdstrikes");
  const markup = await page.locator("img, script:not([src]), iframe").count();
  const texts = {
    markup: '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>',
    "right-to-left overrides": "\u202eevil\u202c \u2066only\u2069 left",
    "emoji of many parts": "👩‍👩‍👧‍👦🏳️‍🌈 how many 🐦?",
    "four thousand bytes": "é".repeat(2_000),
  };
  for (const [what, text] of Object.entries(texts)) {
    await tap.test(`a question of ${what} is taken, stands as it is in the page, its title, the list and the palette, and breaks nothing`, async () => {
      await page.getByRole("link", { name: "New question" }).click();
      await askBox(page).fill(text);
      await askBox(page).press("Enter");
      await turns(page).first().waitFor();
      await page.waitForFunction(() => !document.querySelector('article.turn[data-status="running"]'));
      assert.equal(await page.locator(".turn-question bdi").last().evaluate((one) => one.textContent), text);
      const { conversations } = await (await send(url, "GET", "/api/v1/conversations")).json();
      const link = page.locator('nav[aria-label="Conversations"] [aria-current="page"]').first();
      await page.waitForFunction((title) => document.querySelector('nav[aria-label="Conversations"] [aria-current="page"]')?.textContent === title, conversations[0].title);
      assert.equal(await link.locator("bdi").count(), 1);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      await page.keyboard.press("Control+k");
      await page.locator('[role="option"]').first().waitFor();
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("img, script:not([src]), iframe").count(), markup);
      assert.ok(!(await page.title()).startsWith("owned"));
    });
  }

  await tap.test("a NUL in a question is refused in one clear sentence, and nothing is kept of it", async () => {
    const { id } = await (await send(url, "POST", "/api/v1/conversations", { dataset: "birdstrikes" })).json();
    const refused = await send(url, "POST", `/api/v1/conversations/${id}/messages`, { text: "how many\u0000 strikes" });
    assert.equal(refused.status, 400);
    const { detail } = await refused.json();
    assert.match(detail, /^[A-Z][^\n]{10,200}\.$/);
    assert.equal((await (await send(url, "GET", `/api/v1/conversations/${id}`)).json()).turns.length, 0);
    await page.goto(`${url}/c/${id}`);
    await askBox(page).fill("how many\u0000 strikes");
    await askBox(page).press("Enter");
    const turn = await ended(page, "failed");
    assert.ok((await turn.innerText()).includes(detail));
  });
  await page.context().close();
}

export async function long(url, browser) {
  const { id } = await (await send(url, "POST", "/api/v1/conversations", { dataset: "birdstrikes" })).json();
  for (let at = 0; at < 200; at++) await (await send(url, "POST", `/api/v1/conversations/${id}/messages`, { text: at % 10 === 0 ? `${GIBBERISH} ${at}` : birds.prompts[at % birds.prompts.length].question })).text();

  await tap.test("a conversation of two hundred questions draws its latest ones, and no more than can be looked at", async () => {
    const page = await openPage(browser, `${url}/c/${id}`);
    await turns(page).nth(19).waitFor();
    assert.equal(await turns(page).count(), 20);
    const elements = await page.locator("*").count();
    assert.ok(elements < 6_000, `${elements} elements`);
    assert.equal(await lastTurn(page).evaluate((one) => one.getBoundingClientRect().top < innerHeight), true);
    await page.getByRole("button", { name: "Show earlier questions (180)" }).click();
    await turns(page).nth(39).waitFor();
    await page.context().close();
  });

  await tap.test("an address names one of its first questions, and a question is asked below them all", async () => {
    const { turns: kept } = await (await send(url, "GET", `/api/v1/conversations/${id}`)).json();
    const page = await openPage(browser, `${url}/c/${id}#${kept[3].id}`);
    await page.locator(`article.turn[data-id="${kept[3].id}"]`).waitFor();
    assert.equal(await page.locator(`article.turn[data-id="${kept[3].id}"]`).evaluate((one) => one === document.activeElement), true);
    await ask(page, "How many strikes are there?");
    assert.equal(await lastTurn(page).evaluate((one) => one.getBoundingClientRect().top < innerHeight), true);
    await page.context().close();
  });
}
