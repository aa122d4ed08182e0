// SPDX-License-Identifier: Apache-2.0
// Commands inside of hints, ages, and who may answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { followUps, plannerChoice, state } from "../src/core/state.js";
import { pendingView, viewOf } from "../src/core/progress.js";
import type { Health, Turn } from "../src/core/wire.js";
import { age, hintPieces } from "../src/words/commands.js";

test("what can be typed in a hint is told apart from its words", () => {
  const commands = (hint: string) => hintPieces(hint).filter((piece) => piece.isCommand).map((piece) => piece.text);
  assert.deepEqual(commands("On Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; elsewhere: sysctl kernel.unprivileged_userns_clone=1 and user.max_user_namespaces above 0."), [
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    "sysctl kernel.unprivileged_userns_clone=1",
  ]);
  assert.deepEqual(commands("Get it by `ollama pull x`."), ["ollama pull x"]);
  assert.deepEqual(hintPieces("No command."), [{ text: "No command.", isCommand: false }]);
});

test("an age is told in its largest unit", () => {
  assert.deepEqual([0, 1, 59, 60, 7_199, 7_200, 90_000, 200_000].map(age), ["0 seconds", "1 second", "59 seconds", "1 minute", "1 hour", "2 hours", "1 day", "2 days"]);
});

const health = (mode: "auto" | "builtin" | "model", hasModel: boolean): Health => ({
  status: "ok", version: "1", sandbox: { backend: "local", healthy: true, summary: "" }, datasets: {},
  planner: { mode, approve_runs: false, model: hasModel ? { provider: "p", name: "n", reachable: true, detail: "", share: "full" } : null },
});

test("who answers is a choice only where a model is set, and may be asked", () => {
  const of = (mode: "auto" | "builtin" | "model", hasModel: boolean, planner: "builtin" | null) => plannerChoice({ ...state(), health: health(mode, hasModel), planner });
  assert.deepEqual([of("auto", false, "builtin"), of("builtin", true, null), of("auto", true, null), of("model", true, null), of("auto", true, "builtin")], [null, null, "auto", "model", "builtin"]);
});

test("what may be said next is the last answer's, and nothing while a turn is under way", () => {
  const answered = (texts: string[]) => viewOf({ id: "t", conversation_id: "c", ordinal: 0, question: "q", dataset: "d", status: "answered", created_at: "", follow_ups: texts } satisfies Turn);
  const of = (...turns: ReturnType<typeof viewOf>[]) => followUps({ ...state(), turns });
  assert.deepEqual(of(answered(["by month"]), answered(["only Texas"])), ["only Texas"]);
  assert.deepEqual(of(answered(["by month"]), pendingView("k", "q", "d", new Date())), []);
  assert.deepEqual(of(), []);
});
