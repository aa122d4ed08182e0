// SPDX-License-Identifier: Apache-2.0
// A run by itself as a turn without a question, so that it is shown as any other.
import type { Run, Turn } from "../core/wire.js";

export function turnOfRun(run: Run): Turn {
  return { id: "", conversation_id: "", ordinal: 0, question: "", dataset: run.dataset, status: run.outcome === "completed" ? "answered" : "failed", created_at: run.created_at, planner: "sql", sql: run.sql, params: run.params, run };
}
