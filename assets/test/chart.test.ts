// SPDX-License-Identifier: Apache-2.0
// Which charts columns allow, and what a chart is before it is drawn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shownColumns } from "../src/words/cells.js";
import { chartHeightPx, isChoice, shapesOf, suggestedChoice, type ChartChoice } from "../src/words/chart-choice.js";
import { axesFor, complete, firstChoice, kindsFor } from "../src/words/chart-offers.js";
import { chartModel } from "../src/words/chart-model.js";
import type { Cell, Chart, Column, Result } from "../src/core/wire.js";

const table = (types: Record<string, Column["type"]>, rows: Cell[][]): Result => ({
  run_id: "R", outcome: "completed", row_count: rows.length, truncated: false, data_sha256: "", stats: {}, confinement: {}, error: null,
  columns: Object.entries(types).map(([name, type]) => ({ name, type })), rows,
});
const plain = (text: string) => text.replace(/\u00a0/g, " ");
const model = (result: Result, choice: Partial<ChartChoice> & Pick<ChartChoice, "kind">, chart: Chart | null = null) => {
  const shapes = shapesOf(result);
  return chartModel({ result, columns: shownColumns(result, chart), shapes, chart, choice: { x: 0, y: 1, color: -1, grouped: false, ...choice } });
};

const phases = table({ phase: "text", cost: "integer" }, [["Climb", 41204118], ["Approach", 22871560], ["Taxi", null]]);
const years = table({ Year: "integer", strikes: "integer" }, [[1990, 463], [1991, 571], [1992, 657]]);
const months = table({ month: "text", mean: "real" }, [["2024-01", 1.5], ["2024-02", 2.5]]);
const pairs = table({ size: "text", phase: "text", cost: "integer" }, [["Large", "Climb", 10], ["Large", "Taxi", 5], ["Small", "Climb", 2], ["Small", "Taxi", -1]]);
const listing = table({ id: "integer", speed: "integer", cost: "integer", state: "text" }, Array.from({ length: 40 }, (_, n) => [n % 7, (n * 37) % 100, n * n, n % 2 ? "Texas" : "Ohio"]));

test("columns are told apart: amounts, years, points in time, names", () => {
  const roles = (result: Result) => shapesOf(result).map((shape) => shape.role);
  assert.deepEqual(roles(phases), ["name", "number"]);
  assert.deepEqual(roles(years), ["year", "number"]);
  assert.deepEqual(roles(months), ["moment", "number"]);
  assert.deepEqual(roles(listing), ["name", "number", "number", "name"]);
  assert.deepEqual(roles(table({ b: "blob", n: "null" }, [[{ base64: "" }, null]])), ["none", "none"]);
});

test("only what fits the columns is offered", () => {
  const kinds = (result: Result) => kindsFor(result, shapesOf(result));
  assert.deepEqual(kinds(phases), ["bar"]);
  assert.deepEqual(kinds(years), ["bar", "line", "area", "scatter"]);
  assert.deepEqual(kinds(listing), ["bar", "line", "area", "scatter", "histogram"]);
  assert.deepEqual(kinds(table({ a: "text", b: "text" }, [["x", "y"], ["z", "w"]])), []);
  assert.deepEqual(kinds(table({ a: "text", n: "integer" }, [["x", 1]])), [], "one row is no chart");
});

test("bars are offered only where no two rows have the same place, with a colour where that tells them apart", () => {
  assert.equal(complete(pairs, shapesOf(pairs), "bar")?.color, 1);
  const twice = table({ a: "text", n: "real" }, [["x", 1.5], ["x", 2.5], ["y", 3.5]]);
  assert.deepEqual(kindsFor(twice, shapesOf(twice)), []);
});

test("an axis that is chosen holds, and the others are adapted", () => {
  const shapes = shapesOf(pairs);
  const choice = complete(pairs, shapes, "bar", { x: 1 })!;
  assert.deepEqual([choice.x, choice.y, choice.color], [1, 2, 0]);
  assert.deepEqual(axesFor(pairs, shapes, choice), { x: [0, 1], y: [2], color: [0] });
  const scatter = complete(listing, shapesOf(listing), "scatter", { x: 2 })!;
  assert.deepEqual([scatter.x, scatter.y], [2, 1], "one column is not both axes");
});

test("the server's suggestion is taken where two of its points can be drawn, else none", () => {
  assert.deepEqual(suggestedChoice({ kind: "bar", x: 0, y: 1 }, phases), { kind: "bar", x: 0, y: 1, color: -1, grouped: false });
  assert.equal(suggestedChoice({ kind: "bar", x: 0, y: 1 }, table({ a: "text", n: "integer" }, [["x", 1], ["y", null]])), null);
  assert.equal(suggestedChoice(null, phases), null);
});

test("without a suggestion time is a line and names are bars", () => {
  const kind = (result: Result) => firstChoice(result, shapesOf(result))?.kind;
  assert.deepEqual([kind(months), kind(years), kind(phases), kind(pairs)], ["line", "line", "bar", "bar"]);
});

test("a choice that was kept is believed only where its columns are there", () => {
  const choice = { kind: "bar", x: 0, y: 1, color: -1, grouped: false };
  assert.equal(isChoice(choice, 2), true);
  for (const bad of [{ ...choice, y: 2 }, { ...choice, kind: "pie" }, { ...choice, x: -1 }, { ...choice, color: "1" }, undefined, "bar"]) assert.equal(isChoice(bad, 2), false, JSON.stringify(bad));
});

test("bars of names lie, the best is marked, what is missing is left out", () => {
  const bars = model(phases, { kind: "bar" }, { kind: "bar", x: 0, y: 1, unit: "USD" });
  assert.equal(bars.lying, true);
  assert.deepEqual(bars.marks.map(({ name, label, isBest }) => [name, label, isBest]), [["Climb", "41.2", true], ["Approach", "22.9", false]]);
  assert.equal(bars.caption, "Cost by phase, $ million");
  assert.equal(bars.told, "Bar chart, Cost by phase, $ million: Climb 41.2, Approach 22.9.");
});

test("bars of years stand in the order of time, from zero", () => {
  const bars = model({ ...years, rows: [...years.rows].reverse() }, { kind: "bar" });
  assert.equal(bars.lying, false);
  assert.deepEqual(bars.places, ["1990", "1991", "1992"]);
  assert.equal(bars.yTicks[0], 0);
});

test("of very many bars the first are drawn, and it is said", () => {
  const many = table({ name: "text", n: "integer" }, Array.from({ length: 100 }, (_, n) => [`name ${n}`, n]));
  const bars = model(many, { kind: "bar" });
  assert.equal(bars.places.length, 24);
  assert.equal(bars.note, "The first 24 of 100; the table has the rest.");
});

test("bars of one place stand on each other, those below zero hang; or they stand side by side", () => {
  const stacked = model(pairs, { kind: "bar", x: 0, y: 2, color: 1 });
  assert.deepEqual(stacked.series, ["Climb", "Taxi"]);
  assert.deepEqual(stacked.marks.map(({ y1, y2 }) => [y1, y2]), [[0, 10], [10, 15], [0, 2], [0, -1]]);
  const grouped = model(pairs, { kind: "bar", x: 0, y: 2, color: 1, grouped: true });
  assert.ok(grouped.marks.every((mark) => mark.y1 === 0));
  assert.ok(grouped.marks[0]!.x2 <= grouped.marks[1]!.x1 + 1e-9 && grouped.marks[1]!.x2 <= grouped.marks[2]!.x1, "none covers another");
  assert.equal(stacked.caption, "Cost by size and phase");
});

test("the layers of an area have a value at every place", () => {
  const gaps = table({ Year: "integer", n: "integer", kind: "text" }, [[2000, 1, "a"], [2001, 2, "a"], [2001, 3, "b"]]);
  const area = model(gaps, { kind: "area", color: 2 });
  assert.deepEqual(area.marks.map(({ x, series, y1, y2 }) => [x, series, y1, y2]), [[2000, 0, 0, 1], [2000, 1, 1, 1], [2001, 0, 0, 2], [2001, 1, 2, 5]]);
});

test("a line is measured in time, and leaves zero out only where it is far", () => {
  const line = model(months, { kind: "line" });
  assert.equal(line.scale, "time");
  assert.equal(line.marks[1]!.x, Date.UTC(2024, 1, 1));
  assert.equal(model(table({ day: "date", t: "real" }, [["2024-01-01", 95], ["2024-01-02", 99]]), { kind: "line" }).yTicks[0], 95);
  assert.equal(model(years, { kind: "line" }).yTicks[0], 450);
  assert.equal(model(table({ Year: "integer", n: "integer" }, [[2000, 10], [2001, 100]]), { kind: "line" }).yTicks[0], 0);
});

test("a moment without a zone is the same everywhere", () => {
  const line = model(table({ at: "timestamp", n: "integer" }, [["2024-01-01 12:00", 1], ["2024-01-01 13:30:15", 2]]), { kind: "line" });
  assert.deepEqual(line.marks.map((mark) => mark.x), [Date.UTC(2024, 0, 1, 12), Date.UTC(2024, 0, 1, 13, 30, 15)]);
});

test("a histogram counts every row once, and the greatest value is in the last bin", () => {
  const bins = model(listing, { kind: "histogram", x: 2, y: -1 });
  assert.equal(bins.marks.reduce((sum, mark) => sum + mark.y2, 0), 40);
  assert.equal(bins.caption, "Rows by cost");
  assert.ok(bins.marks.every((mark, index) => index === 0 || mark.x1 === bins.marks[index - 1]!.x2));
  assert.match(plain(bins.marks[0]!.name), /^0 to \d+$/);
});

test("a scatter plot of very many rows draws a part of them, and says so", () => {
  const many = table({ a: "integer", b: "integer" }, Array.from({ length: 10_000 }, (_, n) => [n, (n * 7919) % 1000]));
  const dots = model(many, { kind: "scatter" });
  assert.ok(dots.marks.length <= 3_000 && dots.marks.length > 1_500);
  assert.equal(plain(dots.note!), "Every 4th of 10,000 points.");
  assert.match(dots.told, /across from 0 to 9,996, up from 0 to \d+/);
});

test("the height is known before the chart is drawn", () => {
  const shapes = shapesOf(phases);
  assert.equal(chartHeightPx({ kind: "bar", x: 0, y: 1, color: -1, grouped: false }, shapes), 3 * 34);
  assert.equal(model(phases, { kind: "bar" }).heightPx, 3 * 34);
});
