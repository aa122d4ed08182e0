// SPDX-License-Identifier: Apache-2.0
// Working with the table of an answer: order, filters, columns, copies, very many rows, very many columns, and
// hostile values. The statements are run in the place of proposed ones, in the real sandbox as everything.
import assert from "node:assert/strict";
import { openPage, startServer } from "./harness.mjs";
import { ask, assertAccessible, chooseDataset, lastTurn } from "./page.mjs";
import { app, birds, picture, tap } from "./stage.mjs";

const json = { "Content-Type": "application/json" };
const MOST_ROWS_IN_PAGE = 80;
const MOST_CELLS_IN_PAGE = 2_000;

/** The address of a conversation whose only answer is that of SQL, which was put in the place of a proposed run. */
async function answerTo(url, sql) {
  const post = (path, body) => fetch(`${url}${path}`, { method: "POST", headers: json, body: JSON.stringify(body) });
  const begun = await post("/api/v1/conversations", { dataset: "birdstrikes" });
  assert.equal(begun.status, 201, `the conversation could not be begun: ${begun.status}`);
  const { id } = await begun.json();
  const path = `/api/v1/conversations/${id}`;
  const stream = post(`${path}/messages`, { text: birds.prompts[0].question });
  const proposal = async () => {
    for (;;) {
      const { turns } = await (await fetch(`${url}${path}`)).json();
      if (turns[0]?.approval) return turns[0];
      assert.ok(!turns[0]?.ended_at, `nothing was proposed: ${JSON.stringify(turns[0])}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const turn = await proposal();
  const decided = await post(`/api/v1/turns/${turn.id}/approval`, { run_id: turn.approval.run_id, decision: "approve", sql, params: [] });
  assert.equal(decided.status, 202, await decided.text());
  await (await stream).text();
  return `${url}/c/${id}`;
}

const NUMBERS = (count) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
const column = (page, at) => page.locator(`tbody tr td[aria-colindex="${at}"]`).allTextContents();
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("data-at"));
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const heading = (page, name) => page.getByRole("columnheader").getByRole("button", { name, exact: true });

async function open(browser, url, options = {}) {
  const page = await openPage(browser, url, options);
  await page.getByRole("grid", { name: "Result table" }).waitFor();
  return page;
}

async function ordering(browser, url) {
  const page = await open(browser, await answerTo(url, "SELECT * FROM (VALUES ('b10', 3), ('B2', NULL), ('a', 20), ('Ä', 3)) AS v"));
  await tap.test("a heading sorts up, then down, then gives back the order of the answer", async () => {
    const button = heading(page, "Column1");
    const sorted = () => page.getByRole("columnheader").first().getAttribute("aria-sort");
    assert.deepEqual(await column(page, 1), ["b10", "B2", "a", "Ä"]);
    await button.click();
    assert.deepEqual([await column(page, 1), await sorted()], [["a", "Ä", "B2", "b10"], "ascending"]);
    await button.press("Enter");
    assert.deepEqual([await column(page, 1), await sorted()], [["b10", "B2", "Ä", "a"], "descending"]);
    await button.press("Space");
    assert.deepEqual([await column(page, 1), await sorted()], [["b10", "B2", "a", "Ä"], null]);
  });

  await tap.test("numbers are sorted by value, what is missing last, and equal ones keep their order", async () => {
    await heading(page, "Column2").click();
    assert.deepEqual(await column(page, 1), ["b10", "Ä", "a", "B2"]);
    await heading(page, "Column2").click();
    assert.deepEqual(await column(page, 1), ["a", "b10", "Ä", "B2"]);
  });
  await page.context().close();
}

async function filtering(browser, url) {
  const page = await open(browser, await answerTo(url, "SELECT airport, operator, cost_total, flight_date FROM strikes WHERE state = 'Texas' ORDER BY flight_date"));
  const count = (words) => page.locator(".table-count").filter({ hasText: words }).waitFor();
  await tap.test("one box finds rows in all columns and says how many are left; Escape empties it", async () => {
    await count("of 1,495");
    await page.getByRole("searchbox", { name: "Find in the rows" }).fill("southwest");
    await count("of 200, out of 1,495");
    assert.ok((await column(page, 2)).every((text) => text === "SOUTHWEST AIRLINES"));
    await page.keyboard.press("Escape");
    await count(/of 1,495$/);
  });

  await tap.test("a column's panel filters by a frequent value and by a range, and shows what the column holds", async () => {
    await page.getByRole("columnheader").nth(1).hover();
    await page.getByRole("button", { name: "Operator: filter, summary, width" }).click();
    const panel = page.getByRole("dialog", { name: "Column Operator" });
    await panel.getByText("Different").waitFor();
    await picture(page, "column");
    await panel.getByRole("button", { name: "AMERICAN AIRLINES" }).click();
    await count("843");
    await assertAccessible(page, "a column's panel");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "hidden" });
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-at") === "menu:1");
    await page.getByRole("button", { name: "Cost total: filter, summary, width" }).press("Enter");
    const costs = page.getByRole("dialog", { name: "Column Cost total" });
    await costs.getByLabel("Filter").selectOption("between");
    await costs.getByLabel("From").fill("1,000");
    await costs.getByLabel("To").fill("100000");
    await costs.getByText(/rows are left/).waitFor();
    await costs.getByRole("button", { name: "Done" }).click();
    const values = (await column(page, 3)).map((text) => Number(text.replace(/[^\d.]/g, "")));
    assert.ok(values.length > 0 && values.every((value) => value >= 1_000 && value <= 100_000), String(values));
    await page.getByRole("button", { name: "Remove the filter: Cost total 1,000 to 100000" }).click();
    await count("843");
    await page.getByRole("button", { name: /^Remove the filter: Operator/ }).click();
    await count(/of 1,495$/);
  });

  await tap.test("a filter that leaves no row says so, and can be taken back there", async () => {
    await page.getByRole("searchbox", { name: "Find in the rows" }).fill("no such row");
    await page.getByText("No row is left.").waitFor();
    await page.getByRole("button", { name: "Remove the filters" }).click();
    await count(/of 1,495$/);
  });

  await tap.test("columns are hidden and shown again", async () => {
    await page.getByRole("button", { name: "Columns", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Columns" });
    await dialog.getByLabel("Operator").uncheck();
    await assertAccessible(page, "the choice of columns");
    await dialog.getByRole("button", { name: "Done" }).click();
    assert.equal(await heading(page, "Operator").count(), 0);
    await page.getByRole("button", { name: "Columns, 1 hidden" }).click();
    await dialog.getByRole("button", { name: "Show all columns" }).click();
    await dialog.getByRole("button", { name: "Done" }).click();
    assert.equal(await heading(page, "Operator").count(), 1);
  });
  await page.context().close();
}

async function keys(browser, url) {
  const page = await open(browser, await answerTo(url, "SELECT airport, count(*) AS strikes FROM strikes GROUP BY 1 ORDER BY 2 DESC LIMIT 40"));
  await tap.test("the table is one stop of the Tab key, and the arrows lead through headings and cells", async () => {
    await heading(page, "Airport").focus();
    const seen = [];
    for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "End", "Home", "Control+End", "Control+Home", "ArrowUp"]) {
      await page.keyboard.press(key);
      seen.push(await focused(page));
    }
    assert.deepEqual(seen, ["menu:0", "sort:1", "0:1", "1:1", "1:0", "1:1", "1:0", "39:1", "0:0", "sort:0"]);
    assert.equal(await page.locator('.table-scroll [tabindex="0"]').count(), 1);
  });

  await tap.test("Page Down goes a page, and the cell that is reached is in view", async () => {
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("PageDown");
    assert.ok(Number((await focused(page)).split(":")[0]) > 8);
    const inside = await page.evaluate(() => {
      const [cell, box] = [document.activeElement, document.querySelector(".table-scroll")].map((one) => one.getBoundingClientRect());
      return cell.top >= box.top && cell.bottom <= box.bottom + 1;
    });
    assert.ok(inside);
  });

  await tap.test("Shift and an arrow change the width of a column, and a double click fits it", async () => {
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowUp");
    const width = () => page.getByRole("columnheader").first().evaluate((one) => one.getBoundingClientRect().width);
    const before = await width();
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    assert.equal(Math.round(before - (await width())), 32);
    await page.locator(".table-edge").first().dblclick();
    assert.notEqual(Math.round(await width()), Math.round(before - 32));
    const edge = await page.locator(".table-edge").first().boundingBox();
    const fitted = await width();
    await page.mouse.move(edge.x + 5, edge.y + 10);
    await page.mouse.down();
    await page.mouse.move(edge.x + 65, edge.y + 10, { steps: 4 });
    await page.mouse.up();
    assert.equal(Math.round((await width()) - fitted), 60);
  });

  await tap.test("Enter opens a cell with its row, and Escape gives the focus back to it", async () => {
    await heading(page, "Airport").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Airport" });
    await dialog.getByText("The whole row").waitFor();
    await assertAccessible(page, "a cell");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await focused(page), "0:0");
  });
  await page.context().close();
}

async function copying(browser, url) {
  const sql = "SELECT 'a|b' AS name, 1.0 / 3 AS share UNION ALL SELECT 'tab' || char(9) || 'in', 2 UNION ALL SELECT NULL, 3";
  const page = await open(browser, await answerTo(url, sql), { permissions: ["clipboard-read", "clipboard-write"] });
  await tap.test("a cell is copied as it came, not as it is rounded", async () => {
    await page.getByRole("gridcell", { name: "0.33" }).click();
    await page.keyboard.press("Control+c");
    assert.equal(await clipboard(page), String(1 / 3));
  });

  await tap.test("the table is copied as TSV, Markdown, CSV and JSON", async () => {
    const expected = {
      "TSV, for spreadsheets": 'name\tshare\na|b\t0.3333333333333333\n"tab\tin"\t2\n\t3\n',
      Markdown: "| name | share |\n| --- | ---: |\n| a\\|b | 0.3333333333333333 |\n| tab\tin | 2 |\n|  | 3 |\n",
      CSV: "name,share\r\na|b,0.3333333333333333\r\ntab\tin,2\r\n,3\r\n",
      JSON: '[\n  {"name": "a|b", "share": 0.3333333333333333},\n  {"name": "tab\\tin", "share": 2},\n  {"name": null, "share": 3}\n]\n',
    };
    for (const [name, text] of Object.entries(expected)) {
      await page.getByRole("button", { name: /^Copy 3/ }).click();
      await page.getByRole("menuitem", { name, exact: true }).click();
      await page.waitForFunction(async (wanted) => (await navigator.clipboard.readText()).replace(/\r\n/g, "\n") === wanted.replace(/\r\n/g, "\n"), text);
    }
  });

  await tap.test("rows are marked by keyboard, and what is copied is those rows as they are sorted", async () => {
    await heading(page, "Share").click();
    await heading(page, "Share").click();
    await page.getByRole("gridcell", { name: "no value" }).click();
    await page.keyboard.press("Shift+Space");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+Space");
    assert.equal(await page.locator('tr[aria-selected="true"]').count(), 2);
    await page.keyboard.press("Control+c");
    assert.equal(await clipboard(page), '\t3\n"tab\tin"\t2');
    await page.getByText("2 marked").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator('tr[aria-selected="true"]').count(), 0);
  });
  await page.context().close();
}

async function large(browser, url) {
  const page = await open(browser, await answerTo(url, `${NUMBERS(10_000)} SELECT i AS number, 'row ' || i AS name, i * i AS square FROM n`));
  const rows = () => page.locator("tbody tr").count();
  await tap.test("ten thousand rows scroll with a true scroll bar, and only those near the view are in the page", async () => {
    assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), "10001");
    const box = page.locator(".table-scroll");
    assert.ok((await box.evaluate((one) => one.scrollHeight)) >= 10_000 * 34);
    for (const share of [0.13, 0.5, 0.501, 0.99, 0]) {
      await box.evaluate((one, part) => (one.scrollTop = one.scrollHeight * part), share);
      await page.waitForFunction((wanted) => {
        const { left, top } = document.querySelector(".table-scroll").getBoundingClientRect();
        const first = document.elementFromPoint(left + 20, top + 60)?.textContent.replace(",", "");
        return Math.abs(Number(first) - wanted) < 20;
      }, 10_000 * share);
      assert.ok((await rows()) < MOST_ROWS_IN_PAGE, `${await rows()} rows in the page`);
    }
  });

  await tap.test("by keyboard the last row is one step away, and a cell that was scrolled out is where the next arrow begins", async () => {
    await heading(page, "Number").focus();
    await page.keyboard.press("Control+End");
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-at") === "9999:2");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "100,000,000");
    assert.equal(await page.evaluate(() => document.activeElement.parentElement.getAttribute("aria-rowindex")), "10001");
    await page.locator(".table-scroll").evaluate((one) => (one.scrollTop = 0));
    await page.waitForFunction(() => document.activeElement?.matches(".table-scroll"));
    await page.keyboard.press("ArrowUp");
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-at") === "9998:2");
    await page.locator(".table-count").filter({ hasText: /of 10,000/ }).waitFor();
  });
  await page.context().close();

  await tap.test("five hundred columns are usable: few are in the page, the last one is a key away", async () => {
    const many = Array.from({ length: 500 }, (_, at) => `(i + ${at}) % 10 AS c${at}`).join(", ");
    const wide = await open(browser, await answerTo(url, `${NUMBERS(80)} SELECT ${many} FROM n`));
    assert.equal(await wide.getByRole("grid").getAttribute("aria-colcount"), "500");
    assert.ok((await wide.locator("td").count()) < MOST_CELLS_IN_PAGE);
    await heading(wide, "C0").focus();
    await wide.keyboard.press("ArrowDown");
    await wide.keyboard.press("End");
    await wide.waitForFunction(() => document.activeElement?.getAttribute("data-at") === "0:499");
    assert.equal(await wide.evaluate(() => document.activeElement.textContent), "0");
    assert.ok((await wide.locator("td").count()) < MOST_CELLS_IN_PAGE);
    const heads = await wide.locator("th").evaluateAll((all) => all.map((one) => [one.getBoundingClientRect().left, one.getAttribute("aria-colindex")]));
    const cells = await wide.locator("tbody tr").first().locator("td").evaluateAll((all) => all.map((one) => [one.getBoundingClientRect().left, one.getAttribute("aria-colindex")]));
    assert.deepEqual(cells, heads, "each cell stands under its heading");
    const right = await wide.evaluate(() => [document.activeElement, document.querySelector(".table-scroll")].map((one) => one.getBoundingClientRect().right));
    assert.ok(right[0] <= right[1] && right[0] > right[1] - 20, `the last cell ends at ${right[0]}, the table at ${right[1]}`);
    await assertAccessible(wide, "five hundred columns");
    await wide.context().close();
  });
}

async function hostile(browser, url) {
  const sql = `SELECT '<img src=x onerror="document.title=''owned''">' AS "<b>markup</b>", 'abc ' || char(8238) || 'def' AS override, replace(printf('%.1000000c', 'x'), 'x', 'y') AS long, 'a' || char(0) || 'b' AS nul, '👩‍👩‍👧‍👦' AS family
    UNION ALL SELECT 'one' || char(10) || 'two', NULL, NULL, NULL, NULL`;
  const page = await open(browser, await answerTo(url, sql));
  await tap.test("hostile values and names stay text, and a value of a megabyte is cut until somebody wants all of it", async () => {
    assert.equal(await page.locator(".table img, .table b").count(), 0);
    assert.ok(!(await page.title()).includes("owned"));
    const cell = page.locator('td[data-at="0:2"]');
    assert.ok((await cell.textContent()).length < 400);
    await cell.dblclick();
    const dialog = page.getByRole("dialog", { name: "Long" });
    await dialog.getByText("of 1,000,000 letters").waitFor();
    assert.ok((await dialog.innerText()).length < 5_000);
    await dialog.getByRole("button", { name: "Show all" }).click();
    await page.waitForFunction(() => document.querySelector(".cell-value").textContent.length === 1_000_000);
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  await tap.test("a value of two lines keeps its row as high as any", async () => {
    const heights = await page.locator("tbody tr").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    assert.deepEqual(heights, [34, 34]);
  });
  await page.context().close();
}

export async function table(browser) {
  const url = await startServer(app, { env: { APPROVE_RUNS: "1", MAX_ROWS: "10000" } });
  for (const part of [ordering, filtering, keys, copying, large, hostile]) await part(browser, url);
}

/** With the limits as they are without a setting. */
export async function longer(url, browser) {
  await tap.test("a result that was cut says so, and can be had longer by a run of its own", async () => {
    const page = await openPage(browser, `${url}/`);
    await chooseDataset(page, "birdstrikes");
    const turn = await ask(page, "Show airport and cost of all strikes");
    await turn.getByText("These are the first 200 rows; there are more.").waitFor();
    const short = await turn.getByRole("link", { name: "CSV" }).getAttribute("href");
    await turn.getByRole("button", { name: "Get up to 10,000 rows" }).click();
    await turn.locator(".table-count").filter({ hasText: "of 10,000" }).waitFor();
    const link = await turn.getByRole("link", { name: "CSV" }).getAttribute("href");
    assert.notEqual(link, short);
    assert.equal((await (await fetch(`${url}${link}`)).text()).trim().split("\n").length, 10_001);
    await page.context().close();
  });

  await tap.test("at 360 px a table scrolls in itself and the page does not, in both themes", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openPage(browser, `${url}/`, { viewport: { width: 360, height: 740 }, colorScheme, hasTouch: true });
      await chooseDataset(page, "birdstrikes");
      await ask(page, "List strikes in Texas");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await assertAccessible(page, `a long table, ${colorScheme}`);
      await picture(page, `table-narrow-${colorScheme}`);
      await page.context().close();
    }
  });
}

export async function figures(url, browser) {
  await tap.test("one row of a few values is shown as figures, and no row as a sentence", async () => {
    const page = await openPage(browser, `${url}/`, { permissions: ["clipboard-read", "clipboard-write"] });
    await chooseDataset(page, "birdstrikes");
    const turn = await ask(page, birds.prompts[0].question);
    assert.deepEqual(await turn.locator(".figures dd").allTextContents(), ["Climb", "$16,486,515"]);
    await turn.getByRole("button", { name: "Copy the values" }).click();
    await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "Climb\t16486515");
    await ask(page, "List strikes in Texas in 1889");
    await lastTurn(page).getByText("No row matches.").waitFor();
    await assertAccessible(page, "no row");
    await page.context().close();
  });
}
