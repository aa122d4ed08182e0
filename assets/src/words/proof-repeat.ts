// SPDX-License-Identifier: Apache-2.0
// A proof to take along: as JSON, and as lines that can be pasted into a shell.
import type { Run, Turn } from "../core/wire.js";

/** TEXT as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}

/** Runs it again and says whether the data and the answer are the same. The token itself is never written down. */
export function curlLine(origin: string, run: Pick<Run, "id">, hasToken: boolean): string {
  const header = hasToken ? ` -H "Authorization: Bearer $ACCESS_TOKEN"` : "";
  return `curl -X POST${header} ${shellWord(`${origin}/api/v1/runs/${run.id}/replay`)}`;
}

/** To be run in the data set's folder, where its source files are: it prints the hash. */
export const HASH_LINE = "sha256sum dataset.json TABLES… | sha256sum";

/** All that is proven of an answer, without its rows. */
export function proofJson(turn: Turn): string {
  const { run } = turn;
  const { rows: _, ...result } = run?.result ?? { rows: [] };
  const proof = {
    turn: turn.id || null,
    question: turn.question || null,
    understanding: turn.understanding ?? null,
    planner: turn.planner ?? null,
    model: turn.model ?? null,
    sentence: turn.sentence ?? null,
    plan_us: turn.plan_us ?? null,
    run: run && { ...run, result: run.result ? result : null },
    ...(turn.steps ? { steps: turn.steps } : {}),
  };
  return JSON.stringify(proof, null, 2);
}
