// SPDX-License-Identifier: Apache-2.0
// The page in the words of a person who uses it: ask, wait for the answer, read the table. Elements are found by
// their roles and names, as a screen reader finds them, wherever they have some.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { axePath } from "./harness.mjs";

export const askBox = (page) => page.getByRole("textbox", { name: "Your question" });
export const lastTurn = (page) => page.locator("article.turn").last();

export async function ended(page, status = "answered") {
  const turn = lastTurn(page);
  await turn.waitFor();
  await page.waitForFunction(() => document.querySelector("article.turn:last-of-type:last-child")?.dataset.status !== "running");
  const found = await turn.getAttribute("data-status");
  assert.equal(found, status, `the turn is ${found}: ${await turn.innerText()}`);
  return turn;
}

export async function ask(page, text, status = "answered") {
  const before = await page.locator("article.turn").count();
  await askBox(page).fill(text);
  await askBox(page).press("Enter");
  await page.locator("article.turn").nth(before).waitFor();
  return ended(page, status);
}

export async function chooseDataset(page, name) {
  await page.locator(`.welcome-card:has(input[value="${name}"])`).click();
}

/** A number as it is shown, or in full where it is rounded for the eye. */
function value(text, exact) {
  const plain = (exact ?? text).replace(/[\s\u00a0,$€£%]/g, "").replace("−", "-");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

/** The rows of the answer as values: a table's, or the one figure of a single cell. */
export async function readRows(turn) {
  const cells = (row) => row.evaluateAll((found) => found.map((cell) => ({ text: cell.textContent, exact: cell.getAttribute("title") })));
  const single = turn.locator(".figures dd");
  if (await single.count()) return [(await cells(single)).map(({ text, exact }) => value(text, exact))];
  const rows = [];
  for (const row of await turn.locator("tbody tr").all()) rows.push((await cells(row.locator("td"))).map(({ text, exact }) => value(text, exact)));
  return rows;
}

export function assertRows(found, expected) {
  assert.equal(found.length, expected.length, `${found.length} rows instead of ${expected.length}: ${JSON.stringify(found.slice(0, 5))}`);
  expected.forEach((row, at) => {
    row.forEach((want, column) => {
      const got = found[at][column];
      const same = typeof want === "number" ? Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want)) : String(got) === String(want);
      assert.ok(same, `row ${at + 1}, column ${column + 1}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
    });
  });
}

const axeSource = readFileSync(axePath, "utf8");

/** No serious or critical violation on the page as it stands. */
export async function assertAccessible(page, what) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const bad = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  const told = bad.map((one) => `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")}: ${node.failureSummary}`).join("; ")}`);
  assert.deepEqual(told, [], what);
}
