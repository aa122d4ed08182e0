// SPDX-License-Identifier: Apache-2.0
// A run's SQL, to be changed and run again as the next turn; the run itself stays as it is.
import { LazySqlForm } from "../editor/lazy-form.js";
import { giveSql } from "../core/actions-sql.js";
import { outcomeWords } from "../words/outcomes.js";
import type { Run, Turn } from "../core/wire.js";

/** How RUN ended, for the editor to mark; null where it completed. */
export function problemOf(run: Run) {
  if (!run.outcome || run.outcome === "completed") return null;
  const { title, sentence } = outcomeWords(run.outcome);
  return { sql: run.sql, title, message: run.message ?? sentence, hint: run.hint };
}

export function EditSql({ turn, run, close }: { turn: Turn; run: Run; close(): void }) {
  const onRun = (sql: string, params: Run["params"]) => {
    if (giveSql(sql, params, turn)) close();
  };
  return <LazySqlForm dataset={run.dataset} sql={run.sql} params={run.params} label="SQL to run" runLabel="Run the edited SQL" onRun={onRun} cancel={{ label: "Cancel", run: close }} problem={problemOf(run)} focus />;
}
