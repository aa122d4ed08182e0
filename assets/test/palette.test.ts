// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { search, withFound, type Item } from "../src/shell/palette-items.js";
import { fit, pieces } from "../src/words/fuzzy.js";

const best = (query: string, texts: string[]) =>
  texts
    .map((text) => ({ text, score: fit(query, text)?.score ?? -1 }))
    .filter((one) => one.score >= 0)
    .sort((a, b) => b.score - a.score)
    .map((one) => one.text);

test("the beginning of the text goes before the beginning of a word, and that before the middle of one", () => {
  assert.deepEqual(best("rain", ["The train", "Average rain", "Rain by month"]), ["Rain by month", "Average rain", "The train"]);
});

test("each word of the query has to be found, in any order", () => {
  assert.ok(fit("city rain", "Rain by city"));
  assert.equal(fit("city snow", "Rain by city"), null);
});

test("first letters of words in a row fit, letters strewn over the text do not", () => {
  assert.deepEqual(fit("nq", "New question")?.marks, [[0, 1], [4, 5]]);
  assert.equal(fit("nwq", "New question"), null);
  assert.equal(fit("rs", "Rain by south"), null);
});

test("case and accents do not matter, and what was found is marked in its place", () => {
  assert.deepEqual(fit("cafe", "Le CAFÉ du port")?.marks, [[3, 7]]);
  assert.deepEqual(fit("i", "İstanbul")?.marks, [[0, 1]]);
  assert.deepEqual(pieces("Le CAFÉ du port", [[3, 7]]), [{ text: "Le ", hit: false }, { text: "CAFÉ", hit: true }, { text: " du port", hit: false }]);
});

test("overlapping hits are one mark, and hostile text is only text", () => {
  assert.deepEqual(fit("strike strikes", "Bird strikes")?.marks, [[5, 12]]);
  const hostile = "<img src=x onerror=alert(1)> \u202e\u{1f9e8}";
  assert.equal(pieces(hostile, fit("img", hostile)!.marks).map((one) => one.text).join(""), hostile);
  assert.equal(fit("\\", "a(b"), null);
});

test("of two that fit alike the shorter one comes first, and an empty query fits everything", () => {
  assert.deepEqual(best("data", ["Data sets of the year", "Data"]), ["Data", "Data sets of the year"]);
  assert.deepEqual(fit("  ", "anything"), { score: 0, marks: [] });
});

const item = (id: string, kind: Item["kind"], words: string, more: Partial<Item> = {}): Item => ({ id, kind, words, run: () => undefined, ...more });
const items = [item("new", "Actions", "New question"), item("theme", "Actions", "Dark theme", { also: "appearance" }), item("pins", "Pages", "Pinned answers"), ...Array.from({ length: 30 }, (_, at) => item(`c:${at}`, "Conversations", `Rain ${at}`, { note: "weather" }))];
const ids = (query: string, chosen: string[] = []) => search(query, items, chosen).map((section) => [section.title, ...section.hits.map((hit) => hit.item.id)]);

test("without a query, what was chosen last comes first, and nothing is listed twice or without end", () => {
  const [recent, ...others] = ids("", ["c:29", "pins", "gone"]);
  assert.deepEqual(recent, ["Recent", "c:29", "pins"]);
  assert.deepEqual(others.map(([title]) => title), ["Actions", "Conversations"]);
  assert.ok(others.flat().length < 20);
  assert.ok(!others.flat().includes("c:29"));
});

test("with a query the kind with the best hit is first, and other words find things too", () => {
  assert.deepEqual(ids("pin"), [["Pages", "pins"]]);
  assert.deepEqual(ids("appear"), [["Actions", "theme"]]);
  assert.deepEqual(ids("weather 7").flat().slice(0, 2), ["Conversations", "c:7"]);
  assert.deepEqual(ids("zzz"), []);
});

test("of what fits alike, what was chosen before comes first", () => {
  assert.equal(ids("rain 1", ["c:12"])[0]![1], "c:12");
});

test("what the server found takes the place of what is listed of the same conversation", () => {
  const found = [item("c:3", "Conversations", "Rain 3", { also: "how much snow fell" }), item("c:99", "Conversations", "Old", { also: "snow" })];
  const all = withFound(items, found);
  assert.equal(all.length, items.length + 1);
  assert.deepEqual(search("snow", all, []).flatMap((section) => section.hits.map((hit) => hit.item.id)).sort(), ["c:3", "c:99"]);
});
