// SPDX-License-Identifier: Apache-2.0
// What was searched for in a text, the list of conversations as it is read page by page, and what was said of an
// answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exportName, extended, inserted, neighbour, PAGE_LENGTH, renewed } from "../src/core/listing.js";
import type { Conversation } from "../src/core/wire.js";
import { feedbackWords } from "../src/words/feedback.js";
import { excerpt, marksOf, searchWords } from "../src/words/marks.js";

const marked = (text: string, query: string) => marksOf(text, searchWords(query)).map((part) => (part.marked ? `[${part.text}]` : part.text)).join("");

test("words are marked wherever they stand, in any case and as parts of words", () => {
  assert.equal(marked("Strikes in Texas", "texas STRIKE"), "[Strike]s in [Texas]");
  assert.equal(marked("banana", "an"), "b[anan]a");
  assert.equal(marked("100 % of it", "%"), "100 [%] of it");
  assert.equal(marked("nothing here", "zebra"), "nothing here");
  assert.deepEqual(searchWords("  a  b A "), ["a", "b"]);
});

test("marks that touch or overlap are one", () => {
  assert.equal(marked("abcdef", "abc cde"), "[abcde]f");
  assert.equal(marked("abab", "ab"), "[abab]");
});

test("letters that change their length with their case, and pairs of surrogates, stay whole", () => {
  assert.equal(marked("İstanbul und Straße 🌦️", "stan 🌦"), "İ[stan]bul und Straße [🌦]️");
  assert.equal(marked("İ", "i"), "[İ]");
  assert.equal(marked("ÄRGER", "ärger"), "[ÄRGER]");
});

test("marking changes no text", () => {
  for (const text of ["", "a\nb", "<b>&amp;</b>", "\u202egnp"]) assert.equal(marksOf(text, ["b", "a"]).map((part) => part.text).join(""), text);
});

test("an excerpt has the first word that was found, and says what was left out", () => {
  const text = `${"before ".repeat(30)}needle ${"after ".repeat(30)}`;
  const short = excerpt(text, ["needle"], 60);
  assert.match(short, /^….*needle.*…$/);
  assert.ok([...short].length <= 62);
  assert.equal(excerpt("short\n text", ["x"], 60), "short text");
  assert.match(excerpt(text, ["before"], 60), /^before .*[^…]…$/);
  assert.match(excerpt(`${text}end`, ["end"], 60), /^….*end$/);
  assert.ok(!excerpt("🌦".repeat(100), ["x"], 10).includes("\ufffd"));
});

const conversation = (at: number, more: Partial<Conversation> = {}): Conversation => ({ id: `C${String(at).padStart(4, "0")}`, title: `${at}`, dataset: "d", created_at: "", updated_at: `2026-01-01T00:00:00.${String(at).padStart(4, "0")}Z`, turn_count: 1, ...more });
const page = (from: number, length = PAGE_LENGTH) => Array.from({ length }, (_, at) => conversation(from - at));

test("the first page anew keeps what was read behind it", () => {
  const old = extended({ conversations: page(1000), more: true }, page(900));
  assert.equal(old.conversations.length, 200);
  const fresh = [conversation(1001), ...page(1000, 99)];
  const now = renewed(fresh, old);
  assert.deepEqual(now.conversations.map((one) => one.id), [conversation(1001), ...page(1000, 200)].map((one) => one.id));
  assert.equal(now.more, true);
});

test("what is no longer in the first page is gone from it, and a short page is all there is", () => {
  const old = { conversations: page(1000), more: true };
  const without = [...page(1000).filter((one) => one.title !== "990"), conversation(900)];
  assert.ok(!renewed(without, old).conversations.some((one) => one.title === "990"));
  assert.deepEqual(renewed(page(3, 3), old), { conversations: page(3, 3), more: false });
  assert.deepEqual(renewed([], null), { conversations: [], more: false });
  assert.equal(renewed(page(1000), null).more, true);
});

test("a page that follows brings nothing twice, and a short one is the last", () => {
  const all = extended({ conversations: page(1000), more: true }, page(901, 50));
  assert.equal(new Set(all.conversations.map((one) => one.id)).size, all.conversations.length);
  assert.equal(all.more, false);
});

test("one that is back stands where it stood", () => {
  const others = page(10, 5).filter((one) => one.title !== "8");
  assert.deepEqual(inserted(others, conversation(8)).map((one) => one.title), ["10", "9", "8", "7", "6"]);
  assert.deepEqual(inserted(others, conversation(1)).at(-1)!.title, "1");
  assert.deepEqual(inserted(page(3, 3), conversation(2)), page(3, 3));
});

test("the focus goes to the next of the list, or to the last", () => {
  assert.equal(neighbour(page(3, 3), "C0002"), "C0001");
  assert.equal(neighbour(page(3, 3), "C0001"), "C0002");
  assert.equal(neighbour(page(1, 1), "C0001"), null);
});

test("a file's name has letters, figures and hyphens only", () => {
  assert.equal(exportName("Costliest strikes: by phase?"), "costliest-strikes-by-phase.md");
  assert.equal(exportName("../../etc/passwd"), "etc-passwd.md");
  assert.equal(exportName("…"), "conversation.md");
  assert.equal(exportName("Größe 数"), "größe-数.md");
  assert.ok(exportName("x".repeat(500)).length < 70);
});

test("feedback is told in a line", () => {
  assert.equal(feedbackWords({ value: "up" }), "");
  assert.equal(feedbackWords({ value: "down", reason: "too_slow" }), "Too slow");
  assert.equal(feedbackWords({ value: "down", reason: "other", comment: "no" }), "Something else: “no”");
  assert.equal(feedbackWords({ value: "down", comment: "no" }), "“no”");
});
