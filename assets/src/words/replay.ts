// SPDX-License-Identifier: Apache-2.0
// What a replay has shown, in words, and which rows are others than before.
import { outcomeWords } from "./outcomes.js";
import type { Cell, Replay, Result, Run } from "../core/wire.js";

export interface Verdict {
  tone: "good" | "weak" | "bad";
  title: string;
  sentence: string;
}

export function verdictOf(replay: Replay): Verdict {
  const { run, data_changed: changed, result_same: same } = replay;
  if (run.outcome !== "completed") {
    const words = outcomeWords(run.outcome ?? "internal_error");
    return { tone: "bad", title: words.title, sentence: run.message ?? words.sentence };
  }
  if (same === null) return { tone: "weak", title: "It runs now", sentence: "The run before had no result to compare with." };
  if (same) {
    return changed
      ? { tone: "good", title: "Same answer", sentence: "The data has changed since, but this answer has not." }
      : { tone: "good", title: "Same answer, same data", sentence: "Computed again just now, in a sandbox of its own." };
  }
  return changed
    ? { tone: "weak", title: "The data has changed since", sentence: "The same SQL gives another answer now." }
    : { tone: "bad", title: "Another answer, from the same data", sentence: "The statement does not say which rows come first, or leaves ties open." };
}

export interface Difference {
  /** Row and column, from 0. */
  row: number;
  column: number;
  then: Cell | undefined;
  now: Cell | undefined;
}

const isSame = (one: Cell | undefined, other: Cell | undefined) => JSON.stringify(one) === JSON.stringify(other);

/** The cells that are others, row by row; null where the columns are others and nothing can be set side by side. */
export function differences(then: Result, now: Result): Difference[] | null {
  const names = (result: Result) => JSON.stringify(result.columns.map((column) => column.name));
  if (names(then) !== names(now)) return null;
  const found: Difference[] = [];
  for (let row = 0; row < Math.max(then.rows.length, now.rows.length); row++) {
    for (let column = 0; column < then.columns.length; column++) {
      const [before, after] = [then.rows[row]?.[column], now.rows[row]?.[column]];
      if (!isSame(before, after)) found.push({ row, column, then: before, now: after });
    }
  }
  return found;
}

/** How long a run took, from the first to the last. */
export function tookUs(run: Run): number {
  return (run.queued_us ?? 0) + (run.starting_us ?? 0) + (run.elapsed_us ?? 0);
}
