// SPDX-License-Identifier: Apache-2.0
// What is kept for the tab, what comes back with the arrows, and what two tabs make of one conversation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { recall } from "../src/chat/recall.js";
import { Problem } from "../src/core/api.js";
import * as drafts from "../src/core/drafts.js";
import { agoMs, noteServerTime } from "../src/core/clock.js";
import { mergeTurns } from "../src/core/merge.js";
import { keepPlace, keptPlace } from "../src/core/places.js";
import { failedView, pendingView, viewOf } from "../src/core/progress.js";
import { Reach } from "../src/core/reach.js";
import type { Turn } from "../src/core/wire.js";

test("each conversation has a draft of its own, and a new question takes its own along", () => {
  drafts.keepDraft(drafts.NEW, "how ma");
  drafts.keepDraft("a", "and by");
  assert.deepEqual([drafts.draft(drafts.NEW), drafts.draft("a"), drafts.draft("b")], ["how ma", "and by", ""]);
  drafts.moveDraft(drafts.NEW, "b");
  assert.deepEqual([drafts.draft(drafts.NEW), drafts.draft("b")], ["", "how ma"]);
  drafts.moveDraft(drafts.NEW, "a");
  assert.equal(drafts.draft("a"), "and by");
});

test("drafts and questions that are kept do not grow without end, and a question is there once", () => {
  for (let i = 0; i < 80; i++) {
    drafts.keepDraft(`c${i}`, `text ${i}`);
    drafts.keepAsked(`question ${i % 60}`);
  }
  assert.equal(drafts.draft("c0"), "");
  assert.equal(drafts.draft("c79"), "text 79");
  assert.equal(drafts.asked().length, 50);
  assert.equal(new Set(drafts.asked()).size, 50);
  assert.equal(drafts.asked().at(-1), "question 19");
});

test("words that are put into the box go to the one that is there, else they wait for the next", () => {
  drafts.putDraft("about the weather");
  assert.equal(drafts.draft(drafts.NEW), "about the weather");
  const put: string[] = [];
  const off = drafts.onPut((text) => put.push(text));
  drafts.putDraft("about birds");
  off();
  assert.deepEqual([put, drafts.draft(drafts.NEW)], [["about birds"], "about the weather"]);
});

test("the arrows go up through what was asked and down to the empty box, and leave other words alone", () => {
  const asked = ["one", "two"];
  assert.equal(recall(asked, "", "up"), "two");
  assert.equal(recall(asked, "two", "up"), "one");
  assert.equal(recall(asked, "one", "up"), null);
  assert.equal(recall(asked, "one", "down"), "two");
  assert.equal(recall(asked, "two", "down"), "");
  assert.equal(recall(asked, "", "down"), null);
  assert.equal(recall(asked, "something else", "up"), null);
  assert.equal(recall([], "", "up"), null);
});

test("a place is kept for each address with its query, and the latest ones only", () => {
  const at = (pathname: string, search = "") => ({ pathname, search });
  keepPlace(at("/data", "?q=1"), { top: 7 });
  keepPlace(at("/c/x"), { top: 30, turn: "t", offset: -12 });
  keepPlace(at("/c/x"), { top: 40, turn: "u", offset: 3 });
  assert.deepEqual(keptPlace(at("/c/x")), { top: 40, turn: "u", offset: 3 });
  assert.equal(keptPlace(at("/data")), null);
  for (let i = 0; i < 60; i++) keepPlace(at(`/c/${i}`), { top: i });
  assert.equal(keptPlace(at("/data", "?q=1")), null);
  assert.deepEqual(keptPlace(at("/c/59")), { top: 59 });
});

const turn = (id: string, more: Partial<Turn> = {}): Turn => ({ id, conversation_id: "c", ordinal: 0, question: `question ${id}`, dataset: "d", status: "answered", created_at: "", ...more });
const none = () => false;

test("another tab's turns come in where they belong, and what has not changed is the very same", () => {
  const mine = [viewOf(turn("1")), viewOf(turn("2"))];
  const merged = mergeTurns(mine, [turn("1"), turn("2", { sentence: "New." }), turn("3", { status: "running" })], none);
  assert.equal(merged[0], mine[0]);
  assert.deepEqual(merged.map((view) => [view.key, view.turn.sentence, view.phase]), [["1", undefined, "ended"], ["2", "New.", "ended"], ["3", undefined, "understanding"]]);
});

test("a turn whose events are coming in is not set back, and one that was missed is", () => {
  const mine = [{ ...viewOf(turn("1", { status: "running" })), key: "new-1", phase: "running" as const }];
  assert.equal(mergeTurns(mine, [turn("1", { status: "running" })], (key) => key === "new-1")[0], mine[0]);
  const [ended] = mergeTurns(mine, [turn("1")], none);
  assert.deepEqual([ended!.key, ended!.phase, ended!.turn.status], ["new-1", "ended", "answered"]);
});

test("what is deleted goes, what the server never took stays below, and what it took after all is no failure", () => {
  const lost = failedView(pendingView("new-1", "how many?", "d", new Date(0)), new Problem("network", "Lost."));
  const refused = failedView(pendingView("new-2", "how many?", "d", new Date(0)), new Problem("queue_full", "Full."));
  const mine = [viewOf(turn("1")), lost, refused];
  assert.deepEqual(mergeTurns(mine, [], none), [lost, refused]);
  const merged = mergeTurns(mine, [turn("9", { question: "how many?" })], none);
  assert.deepEqual(merged.map((view) => [view.key, view.turn.id, view.failure?.code]), [["new-1", "9", undefined], ["new-2", "", "queue_full"]]);
});

test("a server that does not answer is tried until it does, and who waits for it is woken", async () => {
  const told: boolean[] = [];
  let probes = 0;
  const reach = new Reach(async () => {
    probes += 1;
    if (probes < 2) throw new Error("nobody");
  }, (isLost) => told.push(isLost));
  reach.answered();
  await reach.now();
  assert.deepEqual([told, probes], [[], 0]);
  reach.failed();
  reach.failed();
  const woken = reach.sleep(60_000, new AbortController().signal);
  await reach.now();
  assert.deepEqual([told, probes], [[true], 1]);
  await reach.now();
  await woken;
  assert.deepEqual([told, probes], [[true, false], 2]);
});

test("who waits and is told to stop waits no longer", async () => {
  const reach = new Reach(async () => undefined, () => undefined);
  const abort = new AbortController();
  const waited = reach.sleep(60_000, abort.signal);
  abort.abort();
  await waited;
});

test("time is told by the server's clock where the browser's is off, and never runs backwards", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  noteServerTime("Thu, 01 Jan 2026 12:00:01 GMT", now);
  assert.equal(agoMs("2026-01-01T11:59:50Z", now), 10_000);
  noteServerTime("Thu, 01 Jan 2026 12:05:00 GMT", now);
  assert.equal(agoMs("2026-01-01T12:04:50Z", now), 10_000);
  noteServerTime(null, now);
  noteServerTime("nonsense", now);
  assert.equal(agoMs("2026-01-01T12:04:50Z", now), 10_000);
  assert.equal(agoMs("2026-01-01T12:06:00Z", now), 0);
  assert.equal(agoMs("nonsense", now), 0);
});
