// SPDX-License-Identifier: Apache-2.0
// The first rows of a table, as a run in a sandbox gives them: nothing of a data set is read outside one.
import { useState } from "preact/hooks";
import { say } from "../core/actions.js";
import { toProblem, type Problem } from "../core/api.js";
import { api } from "../core/session.js";
import type { Run, TableProfile } from "../core/wire.js";
import { lazy } from "../parts/lazy.js";
import { Notice } from "../parts/notice.js";
import { duration, plural } from "../words/format.js";
import { quoted } from "../words/profile.js";

const ROWS = 20;
/** What is wider is cut: the page shows what a table is like, the SQL page shows it all. */
const COLUMNS = 60;
const Rows = lazy("the rows", () => import("./rows.js").then((m) => m.Rows));

export function FirstRows({ dataset, table }: { dataset: string; table: TableProfile }) {
  const [run, setRun] = useState<Run | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = table.columns.slice(0, COLUMNS);
  const fetchRows = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const made = await api.run(dataset, `SELECT ${shown.map((column) => quoted(column.name)).join(", ")} FROM ${quoted(table.name)} ORDER BY rowid LIMIT ${ROWS}`);
      setRun(made);
      say(made.outcome === "completed" ? `The first rows of ${table.title} are shown.` : (made.message ?? "The run did not complete."));
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  };
  if (problem) return <Notice title="The rows could not be read" sentence={problem.message} hint={problem.hint}><button class="plain" onClick={() => void fetchRows()}>Retry</button></Notice>;
  if (!run) return <button class="tool table-first" disabled={busy} onClick={() => void fetchRows()}>{busy ? "Reading in a sandbox…" : "Show the first rows"}</button>;
  if (run.outcome !== "completed" || !run.result) return <Notice title="The rows could not be read" sentence={run.message ?? "The run did not complete."} hint={run.hint ?? undefined} />;
  return (
    <div class="first-rows">
      <Rows result={run.result} />
      <p class="data-facts">
        <span>The first {plural(run.result.rows.length, "row")}{table.columns.length > COLUMNS && ` and ${plural(COLUMNS, "column")}`}</span>
        <span>{run.where}{run.elapsed_us !== undefined && `, gone after ${duration((run.starting_us ?? 0) + run.elapsed_us)}`}</span>
      </p>
    </div>
  );
}
