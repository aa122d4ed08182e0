// SPDX-License-Identifier: Apache-2.0
// Where the time of an answer went, part by part, in the order in which it passed.
import type { Turn } from "../core/wire.js";

export interface Span {
  name: "plan" | "queue" | "sandbox" | "run";
  label: string;
  us: number;
}

export function spansOf({ planner, plan_us, run }: Pick<Turn, "planner" | "plan_us" | "run">): Span[] {
  const all: [Span["name"], string, number | null | undefined][] = [
    // A model's replies and the runs in between are told as its steps.
    ["plan", "Understanding", planner === "sql" || planner === "model" ? null : plan_us],
    ["queue", "Waiting", run?.queued_us],
    ["sandbox", "Sandbox starting", run?.starting_us],
    ["run", "Running", run?.elapsed_us],
  ];
  return all.flatMap(([name, label, us]) => (us === null || us === undefined ? [] : [{ name, label, us }]));
}

/** The parts' shares of the whole, each wide enough to be seen. */
export function sharesOf(spans: Span[], least = 0.012): number[] {
  const whole = spans.reduce((sum, span) => sum + span.us, 0) || 1;
  const seen = spans.map((span) => Math.max(least, span.us / whole));
  const sum = seen.reduce((total, share) => total + share, 0);
  return seen.map((share) => share / sum);
}
