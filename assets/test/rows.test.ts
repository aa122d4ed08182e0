// SPDX-License-Identifier: Apache-2.0
// The rows of a table: their order, the filters, what is in the page of them, and what a column holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shownColumns } from "../src/words/cells.js";
import { chosenRows, filterWords, Finder, isActive, nextSort, sortRows, type Choice, type ColumnFilter } from "../src/words/rows.js";
import { summaryOf } from "../src/words/summary.js";
import { columnSpan, offsetsOf, rowSpan, scrollFor, WHOLE_CELLS } from "../src/words/window.js";
import type { Cell, Column } from "../src/core/wire.js";

const plain = (text: string) => text.replace(/\u00a0/g, " ");
const one = (type: Column["type"], ...cells: Cell[]) => ({ columns: [{ name: "x", type }], rows: cells.map((cell) => [cell]) });
const sorted = (type: Column["type"], cells: Cell[], descending = false) => {
  const result = one(type, ...cells);
  return sortRows(cells.map((_, index) => index), result, { column: 0, descending }).map((row) => cells[row]);
};

test("numbers are sorted by value, texts as people sort them, dates by time", () => {
  assert.deepEqual(sorted("integer", [10, 9, -1, 2.5]), [-1, 2.5, 9, 10]);
  assert.deepEqual(sorted("text", ["b10", "B2", "a", "Ä"]), ["a", "Ä", "B2", "b10"]);
  assert.deepEqual(sorted("date", ["2024-10-01", "2023-12-31", "2024-02-01"]), ["2023-12-31", "2024-02-01", "2024-10-01"]);
  assert.deepEqual(sorted("boolean", [1, 0, 1]), [0, 1, 1]);
});

test("what is missing comes last in both directions", () => {
  assert.deepEqual(sorted("integer", [null, 2, null, 1]), [1, 2, null, null]);
  assert.deepEqual(sorted("integer", [null, 2, null, 1], true), [2, 1, null, null]);
});

test("integers beyond 2^53 are told apart by their last digit", () => {
  const big = ["9007199254740993", "9007199254740992", "9007199254740994"];
  assert.deepEqual(sorted("integer", big), [big[1], big[0], big[2]]);
});

test("a column of mixed values has numbers first, then texts, then bytes", () => {
  assert.deepEqual(sorted("text", [{ base64: "AA==" }, "a", 3]), [3, "a", { base64: "AA==" }]);
});

test("rows that compare equal keep their order, also downwards", () => {
  const result = { columns: [{ name: "k", type: "text" as const }, { name: "n", type: "integer" as const }], rows: [["b", 1], ["a", 2], ["b", 3], ["a", 4]] as Cell[][] };
  assert.deepEqual(sortRows([0, 1, 2, 3], result, { column: 0, descending: false }), [1, 3, 0, 2]);
  assert.deepEqual(sortRows([0, 1, 2, 3], result, { column: 0, descending: true }), [0, 2, 1, 3]);
});

test("a third press gives back the order of the answer", () => {
  const up = nextSort(null, 2);
  const down = nextSort(up, 2);
  assert.deepEqual([up, down, nextSort(down, 2)], [{ column: 2, descending: false }, { column: 2, descending: true }, null]);
  assert.deepEqual(nextSort(down, 1), { column: 1, descending: false });
});

const table = {
  columns: [{ name: "city", type: "text" as const }, { name: "cost", type: "integer" as const }, { name: "day", type: "date" as const }],
  rows: [["Zürich", 41204118, "2024-05-31"], ["New York", 7, "2024-06-01"], ["", null, "2023-01-01"], ["zürich Nord", 12, null]] as Cell[][],
};
const shown = shownColumns(table, { kind: "bar", x: 0, y: 1, unit: "USD" });
const chosen = (choice: Partial<Choice>) => chosenRows(table, shown, new Finder(table.rows, shown), { find: "", filters: new Map(), sort: null, ...choice });
const filtered = (column: number, filter: ColumnFilter) => chosen({ filters: new Map([[column, filter]]) });

test("a row is found by what it shows and by what it is, in any case", () => {
  assert.deepEqual(chosen({ find: "ZÜRICH" }), [0, 3]);
  assert.deepEqual(chosen({ find: "$41,204" }), [0]);
  assert.deepEqual(chosen({ find: "41204118" }), [0]);
  assert.deepEqual(chosen({ find: "york 7" }), [], "cells are not looked through as one text");
  assert.deepEqual(chosen({ find: "  " }), [0, 1, 2, 3]);
});

test("a filter of a column contains, equals, is between, is empty", () => {
  assert.deepEqual(filtered(0, { op: "contains", text: "zür" }), [0, 3]);
  assert.deepEqual(filtered(0, { op: "equals", text: "zürich" }), [0]);
  assert.deepEqual(filtered(1, { op: "equals", text: "$7" }), [1]);
  assert.deepEqual(filtered(1, { op: "between", low: "7", high: "1,000" }), [1, 3]);
  assert.deepEqual(filtered(1, { op: "between", low: "", high: "7" }), [1]);
  assert.deepEqual(filtered(0, { op: "empty" }), [2]);
  assert.deepEqual(filtered(1, { op: "filled" }), [0, 1, 3]);
});

test("a month as an upper bound takes in its last day", () => {
  assert.deepEqual(filtered(2, { op: "between", low: "2024", high: "2024-05" }), [0]);
});

test("a filter that is not written yet lets everything through", () => {
  assert.deepEqual(filtered(0, { op: "contains", text: "" }), [0, 1, 2, 3]);
  assert.equal(isActive({ op: "between", low: " ", high: "" }), false);
  assert.equal(isActive({ op: "empty" }), true);
});

test("filters and the sort hold together", () => {
  const filters = new Map<number, ColumnFilter>([[0, { op: "contains", text: "zürich" }], [1, { op: "filled" }]]);
  assert.deepEqual(chosen({ filters, sort: { column: 1, descending: false } }), [3, 0]);
});

test("a filter is said in words", () => {
  const words = ([{ op: "contains", text: "a" }, { op: "equals", text: "b" }, { op: "between", low: "1", high: "2" }, { op: "between", low: "1", high: "" }, { op: "between", low: "", high: "2" }, { op: "empty" }] as ColumnFilter[]).map(filterWords);
  assert.deepEqual(words, ["contains “a”", "is “b”", "1 to 2", "from 1", "up to 2", "is empty"]);
});

test("of a large table only the rows in view and some around them are in the page", () => {
  assert.deepEqual(rowSpan(100, 6, 34, 0, 560), { from: 0, to: 100 });
  assert.ok(100 * 6 <= WHOLE_CELLS);
  const span = rowSpan(10_000, 14, 34, 170_000, 560);
  assert.ok(span.from <= 5_000 && span.to >= 5_017 && span.to - span.from < 60, JSON.stringify(span));
  assert.deepEqual(rowSpan(10_000, 14, 34, 170_000 + 34, 560), span, "a row further nothing changes");
  const last = rowSpan(10_000, 14, 34, 340_000 - 560, 560);
  assert.equal(last.to, 10_000);
});

test("of a wide table only the columns in view and some around them are in the page", () => {
  const offsets = offsetsOf(new Array<number>(500).fill(100));
  assert.deepEqual(columnSpan(offsets, 0, 800), { from: 0, to: 13 });
  const middle = columnSpan(offsets, 20_000, 800);
  assert.ok(middle.from >= 190 && middle.from <= 200 && middle.to >= 208 && middle.to <= 216, JSON.stringify(middle));
  assert.equal(columnSpan(offsets, 49_200, 800).to, 500);
  assert.deepEqual(columnSpan(offsetsOf([100, 100]), 0, 800), { from: 0, to: 2 });
});

test("scrolling goes as far as it must and no further", () => {
  assert.deepEqual([scrollFor(340, 34, 0, 560), scrollFor(680, 34, 0, 560), scrollFor(0, 34, 100, 560)], [0, 154, 0]);
});

test("a column's summary counts, ranges and adds up", () => {
  const result = one("integer", 3, 1, null, 3);
  const { facts, frequent } = summaryOf(result, 0, shownColumns(result)[0]!);
  assert.deepEqual(facts.map((fact) => `${fact.label}: ${plain(fact.text)}`), ["Values: 3, 1 missing", "Different: 2", "Least: 1", "Greatest: 3", "Sum: 7", "Mean: 2.333333"]);
  assert.deepEqual(frequent, [{ text: "3", rows: 2 }]);
});

test("the summary of texts has no sum, and keys are not added up", () => {
  const labels = (result: ReturnType<typeof one>) => summaryOf(result, 0, shownColumns(result)[0]!).facts.map((fact) => fact.label);
  assert.deepEqual(labels(one("text", "b", "a")), ["Values", "Different", "First", "Last"]);
  const years = { columns: [{ name: "year", type: "integer" as const }], rows: [[1990], [1991]] as Cell[][] };
  assert.deepEqual(labels(years), ["Values", "Different", "Least", "Greatest"]);
  assert.deepEqual(labels(one("blob", { base64: "AA==" })), ["Values", "Different"]);
});
