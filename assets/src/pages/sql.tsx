// SPDX-License-Identifier: Apache-2.0
// SQL over a data set, and its result. The statement is in the address, so that it can be handed on: who opens that
// runs it, which a sandbox that can only read makes safe. Every run is a step that the back button undoes.
import "./sql.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { go, say } from "../core/actions.js";
import { addressOf, keepSql } from "../core/actions-sql.js";
import { toProblem, type Problem } from "../core/api.js";
import { api } from "../core/session.js";
import { Card } from "../answer/card.js";
import { problemOf } from "../answer/edit.js";
import { LazySqlForm } from "../editor/lazy-form.js";
import { copied } from "../parts/copied.js";
import { Waiting } from "../parts/lazy.js";
import { Notice } from "../parts/notice.js";
import { outcomeWords } from "../words/outcomes.js";
import { plural } from "../words/format.js";
import { paramsFrom, sqlRoute } from "../words/sql-address.js";
import { turnOfRun } from "../words/run-turn.js";
import type { PageProps } from "../shell/pages.js";
import type { DatasetSummary, Param, Run } from "../core/wire.js";

interface Statement {
  sql: string;
  params: Param[];
}

/** Runs one statement at a time; what comes too late, after another was begun, is dropped. */
function useRuns(dataset: string) {
  const [run, setRun] = useState<Run | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const latest = useRef(0);
  useEffect(() => () => void latest.current++, []);
  const start = async ({ sql, params }: Statement) => {
    const mine = ++latest.current;
    setBusy(true);
    setProblem(null);
    let found: Run | null = null;
    let trouble: Problem | null = null;
    try {
      found = await api.run(dataset, sql, params);
    } catch (error) {
      trouble = toProblem(error);
    }
    if (mine !== latest.current) return;
    setRun(found);
    setProblem(trouble);
    setBusy(false);
    if (found) say(found.outcome === "completed" ? `Ran: ${plural(found.result?.row_count ?? 0, "row")}.` : (found.message ?? outcomeWords(found.outcome ?? "internal_error").sentence));
  };
  return { run, problem, busy, start };
}

function Result({ run }: { run: Run }) {
  return (
    <section class="sql-page-result" aria-label="Result">
      <Card key={run.id} turn={turnOfRun(run)} run={run} isHere={false} />
    </section>
  );
}

function Workbench({ dataset, given }: { dataset: string; given: Statement }) {
  const [now, setNow] = useState(given);
  const { run, problem, busy, start } = useRuns(dataset);
  const { isCut } = sqlRoute(dataset, now.sql, now.params);
  const isGiven = given.sql.trim() !== "";
  useEffect(() => {
    if (isGiven) void start(given);
  }, []);
  const onRun = (sql: string, params: Param[]) => {
    const { route } = sqlRoute(dataset, sql, params);
    // What is in the address already needs no step of its own.
    if (addressOf(route) !== location.href) history.pushState(null, "", addressOf(route));
    void start({ sql, params });
  };
  const failure = problem ? { sql: now.sql, title: outcomeWords(problem.code).title, message: problem.message, hint: problem.hint ?? null } : null;
  return (
    <>
      <div class="card sql-page-editor">
        <LazySqlForm dataset={dataset} sql={given.sql} params={given.params} label="SQL" runLabel="Run" busy={busy} onRun={onRun} onChange={(sql, params) => setNow({ sql, params })} problem={failure ?? (run && problemOf(run))}>
          <button type="button" class="plain" disabled={isCut || now.sql.trim() === ""} onClick={() => void copied(addressOf(sqlRoute(dataset, now.sql, now.params).route), "the link to this statement")}>Copy link</button>
          <button type="button" class="plain" disabled={now.sql.trim() === ""} onClick={() => keepSql(dataset, now.sql, now.params)}>Go on in a conversation</button>
        </LazySqlForm>
      </div>
      {isCut && <p class="sql-page-note">This statement is too long for an address, so no link to it can be made.</p>}
      {busy && !run && <Waiting what="the result" />}
      {run && <div class="sql-page-dim" aria-busy={busy}><Result run={run} /></div>}
    </>
  );
}

function Choose({ datasets, dataset }: { datasets: DatasetSummary[]; dataset: string }) {
  return (
    <label class="sql-page-choose">
      <span>Data set</span>
      <select class="chip" value={dataset} onChange={(event) => go({ page: "sql", dataset: event.currentTarget.value })}>
        {datasets.map((one) => <option key={one.name} value={one.name}>{one.title || one.name}</option>)}
      </select>
    </label>
  );
}

export function SqlPage({ state, route }: PageProps<"sql">) {
  const datasets = state.datasets?.filter((one) => one.status === "ready");
  const dataset = route.dataset ?? state.dataset;
  const isKnown = datasets?.some((one) => one.name === dataset);
  const given = { sql: route.sql ?? "", params: paramsFrom(route.params) };
  // A new arrival, also by the back button, begins anew; a run changes the address but stays on the page.
  const arrival = useRef({ route, count: 0 });
  if (arrival.current.route !== route) arrival.current = { route, count: arrival.current.count + 1 };
  return (
    <div class="page">
      <div class="page-column sql-page">
        {!datasets && <Waiting what="the data sets" />}
        {datasets && datasets.length === 0 && <Notice title="No data" sentence="There is no data set that could be asked." calm />}
        {datasets && datasets.length > 0 && (
          <>
            <div class="sql-page-head">
              <p>One SELECT in SQLite's dialect, run in a sandbox that can only read.</p>
              <Choose datasets={datasets} dataset={isKnown ? dataset! : ""} />
            </div>
            {isKnown ? (
              <Workbench key={`${arrival.current.count} ${dataset}`} dataset={dataset!} given={given} />
            ) : (
              <Notice title="No such data set" sentence={`There is no data set “${dataset ?? ""}” here.`} hint="Choose one of those that are there." calm />
            )}
          </>
        )}
      </div>
    </div>
  );
}
