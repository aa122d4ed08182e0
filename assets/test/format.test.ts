// SPDX-License-Identifier: Apache-2.0
// Numbers, times and cells as people read them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shownColumns } from "../src/words/cells.js";
import { axisLabel, dayOf, duration, heading, midSentence, plural, scaleOf, unitOf, utf8Length } from "../src/words/format.js";
import { everyFew, niceTicks } from "../src/words/scale.js";
import type { Cell, Column } from "../src/core/wire.js";

const plain = (text: string) => text.replace(/\u00a0/g, " ");
const column = (name: string, type: Column["type"], cells: Cell[], unit?: string) => {
  const chart = unit === undefined ? null : { kind: "bar" as const, x: 1, y: 0, unit };
  const shown = shownColumns({ columns: [{ name, type }], rows: cells.map((cell) => [cell]) }, chart)[0]!;
  return { shown, texts: cells.map((cell) => plain(shown.show(cell).text)) };
};

test("a duration has a unit that fits it", () => {
  const told = [40, 540, 1_800, 9_960, 42_400, 999_600, 5_000_000, 61_000_000].map((us) => plain(duration(us)));
  assert.deepEqual(told, ["< 0.1 ms", "0.5 ms", "1.8 ms", "10 ms", "42 ms", "1.0 s", "5.0 s", "1 min 1 s"]);
});

test("one row is a row, and thousands have separators", () => {
  assert.equal(plain(plural(1, "row")), "1 row");
  assert.equal(plain(plural(10_000, "row")), "10,000 rows");
});

test("a conversation belongs to today, yesterday or earlier by the reader's own midnight", () => {
  const now = new Date(2026, 2, 1, 0, 30);
  assert.equal(dayOf(new Date(2026, 2, 1, 0, 10).toISOString(), now), "Today");
  assert.equal(dayOf(new Date(2026, 1, 28, 23, 50).toISOString(), now), "Yesterday");
  assert.equal(dayOf(new Date(2026, 1, 27, 23, 50).toISOString(), now), "Earlier");
  assert.equal(dayOf("nonsense", now), "Earlier");
});

test("a column's name becomes a heading, abbreviations keep their capitals", () => {
  assert.deepEqual(["total_cost", "IAS", "Phase of flight", ""].map(heading), ["Total cost", "IAS", "Phase of flight", "(no name)"]);
  assert.deepEqual(["Total cost", "IAS in knots"].map(midSentence), ["total cost", "IAS in knots"]);
});

test("units of money stand before the number, other units are said once", () => {
  assert.equal(unitOf("USD").prefix, "$");
  assert.equal(unitOf("€").prefix, "€");
  assert.equal(plain(unitOf("%").suffix), " %");
  assert.equal(unitOf("mm").label, "mm");
  assert.deepEqual(unitOf(undefined), { prefix: "", suffix: "", label: "" });
});

test("a column's numbers have one number of decimals and its separators", () => {
  assert.deepEqual(column("cost", "integer", [41204118, 0, -5]).texts, ["41,204,118", "0", "−5"]);
  assert.deepEqual(column("mean", "real", [1234.5, 2, 0.25]).texts, ["1,234.50", "2.00", "0.25"]);
  assert.deepEqual(column("share", "real", [0.01234, 0.5]).texts, ["0.0123", "0.5000"]);
  assert.deepEqual(column("sum", "real", [3, 4]).texts, ["3", "4"]);
});

test("a rounded number keeps its exact value", () => {
  const { shown } = column("mean", "real", [152.977086743044]);
  assert.equal(shown.show(152.977086743044).text, "152.98");
  assert.equal(shown.show(152.977086743044).exact, "152.977086743044");
  assert.equal(shown.show(2).exact, undefined);
});

test("money has its sign and two decimals or none", () => {
  assert.deepEqual(column("sales", "real", [1200.5, -3], "EUR").texts, ["€1,200.50", "−€3.00"]);
  assert.deepEqual(column("cost", "integer", [41204118], "$").texts, ["$41,204,118"]);
});

test("a unit that is not money stands in the heading", () => {
  assert.equal(column("rain", "real", [1.5], "mm").shown.heading, "Rain (mm)");
});

test("years and keys are written without separators, at the left", () => {
  const years = column("birth_year", "integer", [1990, 2002]);
  assert.deepEqual(years.texts, ["1990", "2002"]);
  assert.equal(years.shown.numeric, false);
  assert.deepEqual(column("Lowest year of birth", "integer", [1945]).texts, ["1945"]);
  assert.deepEqual(column("order_id", "integer", [10234]).texts, ["10234"]);
});

test("integers beyond 2^53 come as text and keep every digit", () => {
  assert.deepEqual(column("big", "integer", ["9007199254740993", "-9007199254740993"]).texts, ["9,007,199,254,740,993", "−9,007,199,254,740,993"]);
});

test("what is missing, empty, true or binary is said in words", () => {
  assert.deepEqual(column("x", "text", [null, "", "None"]).texts, ["—", "(empty)", "None"]);
  assert.deepEqual(column("x", "boolean", [1, 0, null]).texts, ["yes", "no", "—"]);
  assert.deepEqual(column("x", "blob", [{ base64: "aGVsbG8=" }]).texts, ["5 bytes"]);
  assert.deepEqual(column("x", "real", [null, 1.5]).texts, ["—", "1.5"]);
});

test("an axis of millions is told in millions, all with the same decimals", () => {
  assert.deepEqual(scaleOf(41_204_118), { divisor: 1e6, word: "million" });
  assert.equal(scaleOf(9_999).word, "");
  const label = axisLabel([41_204_118, 7_618_240], 1e6);
  assert.deepEqual([41_204_118, 7_618_240, -2_480_911].map(label), ["41.2", "7.6", "−2.5"]);
  assert.equal(axisLabel([1065, 463], 1)(1065), "1,065");
});

test("ticks are round and reach around all values", () => {
  assert.deepEqual(niceTicks(0, 1197), [0, 500, 1000, 1500]);
  assert.deepEqual(niceTicks(-3, 7), [-5, -2.5, 0, 2.5, 5, 7.5]);
  assert.deepEqual(niceTicks(5, 5), [5]);
});

test("a few out of many are the same step apart", () => {
  assert.deepEqual(everyFew(13, 7), [0, 2, 4, 6, 8, 10, 12]);
  assert.deepEqual(everyFew(3, 7), [0, 1, 2]);
});

test("the length of a question is counted in bytes of UTF-8", () => {
  assert.equal(utf8Length("é😀"), 6);
});

test("a unit that the turn tells stands in the column's cells or heading, by the column's name", () => {
  const result = { columns: [{ name: "Highest repair cost", type: "integer" as const }, { name: "Rain", type: "real" as const }], rows: [[1715077, 12.5]] };
  const [cost, rain] = shownColumns(result, null, { "Highest repair cost": "USD", Rain: "mm" });
  assert.equal(cost!.show(1715077).text, "$1,715,077");
  assert.equal(rain!.heading, "Rain (mm)");
  assert.equal(shownColumns(result)[0]!.show(1715077).text, "1,715,077");
});
