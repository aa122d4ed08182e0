// SPDX-License-Identifier: Apache-2.0
// Following a turn over connections that break, and what the page makes of its events.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Problem } from "../src/core/api.js";
import { FIRST_PAUSE_MS, followTurn, type Follow, type TurnEvent } from "../src/core/follow.js";
import { announcement, applyEvent, failureOf, pendingView, stepsOf, viewOf, type TurnView } from "../src/core/progress.js";
import type { Turn } from "../src/core/wire.js";

const turn = (more: Partial<Turn> = {}): Turn => ({ id: "T1", conversation_id: "C1", ordinal: 1, question: "q", dataset: "d", status: "running", created_at: "2026-01-01T00:00:00Z", ...more });
const frame = (id: number, name: string, data: unknown) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const started = frame(1, "turn.started", { turn: turn() });
const ended = (id: number) => frame(id, "turn.ended", { status: "answered", elapsed_us: 1, turn: turn({ status: "answered" }) });

/** A response that gives these pieces; an Error among them breaks the connection there. */
function stream(...pieces: (string | Error)[]): Response {
  const left = [...pieces];
  return new Response(new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else if (piece instanceof Error) controller.error(piece);
      else controller.enqueue(new TextEncoder().encode(piece));
    },
  }));
}

function follow(first: Response | null, rest: (Response | Error)[], more: Partial<Follow> = {}) {
  const log = { events: [] as string[], opened: [] as string[], lost: [] as boolean[], pauses: [] as number[] };
  const done = followTurn({
    first,
    turnId: null,
    open: async (id, lastId) => {
      log.opened.push(`${id} after ${lastId}`);
      const next = rest.shift();
      if (!next) throw new Error("opened too often");
      if (next instanceof Error) throw next;
      return next;
    },
    onEvent: (event: TurnEvent) => log.events.push(event.name),
    onConnection: (lost) => log.lost.push(lost),
    sleep: async (ms) => void log.pauses.push(ms),
    signal: new AbortController().signal,
    ...more,
  });
  return { log, done };
}

test("a whole stream is followed to turn.ended on one connection", async () => {
  const { log, done } = follow(stream(started, ended(2)), []);
  await done;
  assert.deepEqual(log.events, ["turn.started", "turn.ended"]);
  assert.deepEqual(log.opened, []);
});

test("a broken connection is resumed after the last event that was seen", async () => {
  const { log, done } = follow(stream(started, frame(2, "run.queued", {}), new TypeError("reset")), [stream(frame(3, "run.starting", {}), ended(4))]);
  await done;
  assert.deepEqual(log.opened, ["T1 after 2"]);
  assert.deepEqual(log.events, ["turn.started", "run.queued", "run.starting", "turn.ended"]);
  assert.deepEqual(log.lost, [false, true, false]);
});

test("a stream that ends before turn.ended is resumed, and events seen already are dropped", async () => {
  const { log, done } = follow(stream(started), [stream(started, ended(2))]);
  await done;
  assert.deepEqual(log.events, ["turn.started", "turn.ended"]);
});

test("the pause doubles while the server stays away and starts again once it is back", async () => {
  const away = () => new Problem("network", "away");
  const { log, done } = follow(stream(started), [away(), away(), stream(frame(2, "run.queued", {})), stream(ended(3))]);
  await done;
  assert.deepEqual(log.pauses, [1, 2, 4, 1].map((times) => times * FIRST_PAUSE_MS));
});

test("a problem that trying again cannot mend is handed on", async () => {
  const { done } = follow(stream(started), [new Problem("not_found", "no such turn", undefined, 404)]);
  await assert.rejects(done, /no such turn/);
});

test("a connection that breaks before the turn has begun is a network problem", async () => {
  const { done } = follow(stream(new TypeError("reset")), []);
  await assert.rejects(done, (error: Problem) => error.code === "network");
});

test("after a reload all events are asked for", async () => {
  const { log, done } = follow(null, [stream(started, ended(2))], { turnId: "T1" });
  await done;
  assert.deepEqual(log.opened, ["T1 after "]);
});

test("a page that is left stops following", async () => {
  const leave = new AbortController();
  const { log, done } = follow(stream(started, frame(2, "run.queued", {})), [], {
    signal: leave.signal,
    onEvent: () => leave.abort(),
  });
  await done;
  assert.deepEqual(log.opened, []);
});

const play = (view: TurnView, ...events: [string, Record<string, unknown>][]) => events.reduce((now, [name, data]) => applyEvent(now, { name, data }), view);

test("the steps appear one by one, each with its time when it is over", () => {
  let view = pendingView("k", "q", "d", new Date());
  assert.deepEqual(stepsOf(view).map((step) => step.label), ["understanding"]);
  view = play(view, ["turn.started", { turn: turn() }], ["plan.proposed", { sql: "s", elapsed_us: 1800 }], ["run.queued", {}], ["run.starting", {}]);
  assert.deepEqual(stepsOf(view), [{ name: "plan", state: "done", label: "understood", us: 1800 }, { name: "sandbox", state: "now", label: "sandbox starting" }]);
  view = play(view, ["run.running", { elapsed_us: 540 }]);
  assert.deepEqual(stepsOf(view).map((step) => step.us), [1800, 540, undefined]);
});

test("a turn that is read back tells the same steps as one that was watched", () => {
  const run = { id: "R", dataset: "d", sql: "s", params: [], outcome: "timed_out" as const, created_at: "", starting_us: 540, elapsed_us: 5_000_000 };
  const view = viewOf(turn({ status: "failed", plan_us: 1800, run }));
  assert.deepEqual(stepsOf(view).map((step) => `${step.state} ${step.label} ${step.us}`), ["done understood 1800", "done sandbox 540", "bad timed out 5000000"]);
});

test("an ambiguous turn offers its readings and says its message", () => {
  const readings = [{ index: 0, title: "A", detail: "a" }, { index: 1, title: "B", detail: "b" }];
  const before = play(viewOf(turn()), ["plan.ambiguous", { message: "Which?", readings }]);
  const after = play(before, ["turn.ended", { status: "ambiguous", turn: turn({ status: "ambiguous", readings }) }]);
  assert.equal(announcement(before, after), "Which? A, or B");
});

test("a failure says what the server said, else what its status means", () => {
  const told = play(viewOf(turn()), ["turn.failed", { code: "timed_out", message: "After 5 s.", hint: "Ask for less." }], ["turn.ended", { status: "failed", turn: turn({ status: "failed", error: { code: "timed_out", message: "After 5 s.", hint: "Ask for less." } }) }]);
  assert.deepEqual(failureOf(told), { code: "timed_out", title: "Timed out", sentence: "After 5 s.", hint: "Ask for less." });
  assert.equal(failureOf(viewOf(turn({ status: "interrupted" }))).title, "Interrupted");
  assert.equal(failureOf(viewOf(turn({ status: "cancelled" }))).title, "Stopped");
});

test("what a model says and does is shown while it comes", () => {
  let view = play(viewOf(turn()), ["step.started", { step: 1 }], ["text.delta", { step: 1, text: "Let me " }], ["text.delta", { step: 1, text: "look." }], ["tool.called", { step: 1, tool: "list_tables" }]);
  assert.equal(view.words, "Let me look.");
  assert.deepEqual(stepsOf(view).map((step) => step.label), ["asking the model, step 1: looking at the tables"]);
  const next = play(view, ["tool.ended", { step: 1 }], ["step.started", { step: 2 }]);
  assert.equal(next.words, "");
  assert.equal(announcement(view, next), "Asking the model, step 2.");
  view = viewOf(turn({ status: "answered", planner: "model", steps: [{ step: 1, text: null, elapsed_us: 700, tools: [] }, { step: 2, text: null, elapsed_us: 300, tools: [] }] }));
  assert.deepEqual(stepsOf(view).map((step) => [step.label.replace(/\u00a0/g, " "), step.us]), [["model, 2 steps", 1000]]);
});

test("a run that waits for an approval is said, and no longer once it is decided on", () => {
  const approval = { run_id: "R", sql: "SELECT ?1", params: [1], understanding: null, expires_at: "" };
  const before = viewOf(turn());
  const waiting = play(before, ["run.proposed", approval]);
  assert.deepEqual(waiting.turn.approval, approval);
  assert.equal(stepsOf(waiting).at(-1)!.label, "waiting for your approval");
  assert.equal(announcement(before, waiting), "A run waits for your approval.");
  for (const name of ["run.approved", "run.refused"]) assert.equal(play(waiting, [name, { run_id: "R" }]).turn.approval, null);
});

test("an event that is not known changes nothing", () => {
  const view = viewOf(turn());
  assert.equal(applyEvent(view, { name: "moon.rose", data: {} }), view);
});

test("a 401 asks for the token once and tries again with it", async () => {
  let token: string | null = null;
  let asked = 0;
  const api = new Api(
    async (_, init) => new Response("{}", { status: new Headers(init?.headers).get("Authorization") === "Bearer good" ? 200 : 401 }),
    { token: () => token, ask: async () => { asked += 1; await Promise.resolve(); token = "good"; } },
  );
  await Promise.all([api.health(), api.health(), api.datasets()]);
  assert.equal(asked, 1);
});

test("a wrong token is asked for again, and said to be refused", async () => {
  const tokens = ["good", "bad"];
  let token: string | null = null;
  const refusals: boolean[] = [];
  const api = new Api(
    async (_, init) => new Response("{}", { status: new Headers(init?.headers).get("Authorization") === "Bearer good" ? 200 : 401 }),
    { token: () => token, ask: async (refused) => { refusals.push(refused); token = tokens.pop()!; } },
  );
  await api.health();
  assert.deepEqual(refusals, [false, true]);
});

test("a problem keeps its code, detail and hint; a server that is away is a network problem", async () => {
  const keyring = { token: () => null, ask: async () => undefined };
  const body = JSON.stringify({ code: "queue_full", detail: "64 are waiting.", hint: "Later." });
  await assert.rejects(new Api(async () => new Response(body, { status: 429 }), keyring).health(), (error: Problem) => error.code === "queue_full" && error.message === "64 are waiting." && error.hint === "Later.");
  await assert.rejects(new Api(async () => { throw new TypeError("failed to fetch"); }, keyring).health(), (error: Problem) => error.code === "network");
  await assert.rejects(new Api(async () => new Response("<html>", { status: 502 }), keyring).health(), (error: Problem) => error.status === 502);
});
