// SPDX-License-Identifier: Apache-2.0
// What a run found: a figure or a few, or a chart and its table side by side where both have room, below each other
// where they have not. A result that was cut can be had longer, which is a new run.
import "./answer.css";
import { useEffect, useMemo, useState } from "preact/hooks";
import { toProblem } from "../core/api.js";
import { say } from "../core/actions.js";
import { api } from "../core/session.js";
import * as stored from "../core/stored.js";
import type { Chart, Result, Run, Units } from "../core/wire.js";
import { shownColumns } from "../words/cells.js";
import { chartHeightPx, isChoice, shapesOf, suggestedChoice, type ChartChoice, type Shape } from "../words/chart-choice.js";
import { lazy } from "../parts/lazy.js";
import { remPx } from "../parts/measure.js";
import { count } from "../words/format.js";
import { Figures, isFigures } from "./figures.js";
import { Table } from "./table.js";
import { fittingWidths } from "./table-widths.js";

const ChartFigure = lazy("the chart", () => import("./chart.js").then((m) => m.ChartFigure));

/** Fetches the code that draws: worth it as soon as a question is asked. */
export const preloadChart = ChartFigure.preload;

const ROWS_AT_MOST = 10_000;
/** What a figure has beside its drawing: edges and caption. */
const FIGURE_EDGES_PX = 58;
/** A table beside its chart has this much room; one that needs more gets the whole width. */
const BESIDE_REM = 25.4;
const BESIDE_COLUMNS = 3;
const BESIDE_ROWS = 60;
/** The rows beside a chart are as high as it, and at least as high as a dozen. */
const BESIDE_ROWS_PX = 480;
const TABLE_EDGES_PX = 90;

export interface AnswerProps {
  /** Where the choice of chart is remembered. */
  turnId: string;
  /** It has completed, so it has a result. */
  run: Run;
  result: Result;
  chart: Chart | null;
  units: Units | null;
  /** The same statement, run again for more rows. */
  onLonger(run: Run): void;
}

function Longer({ run, onLonger }: Pick<AnswerProps, "run" | "onLonger">) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const get = async () => {
    setBusy(true);
    try {
      const { dataset, sql, params } = run;
      const longer = await api.send<Run>("POST", "/api/v1/runs", { dataset, sql, params, max_rows: ROWS_AT_MOST });
      if (longer.outcome !== "completed" || !longer.result) return setTrouble(longer.message ?? "The run did not end well.");
      say(`${count(longer.result.row_count)} rows.`);
      onLonger(longer);
    } catch (error) {
      setTrouble(toProblem(error).message);
    } finally {
      setBusy(false);
    }
  };
  const isLongest = run.result!.rows.length >= ROWS_AT_MOST;
  return (
    <p class="answer-longer">
      <span>These are the first {count(run.result!.rows.length)} rows; there are more.</span>
      {!isLongest && <button class="plain" disabled={busy} onClick={() => void get()}>{busy ? "Running again…" : `Get up to ${count(ROWS_AT_MOST)} rows`}</button>}
      {trouble && <span class="answer-trouble" role="alert">{trouble}</span>}
    </p>
  );
}

/** The chart to show: what was chosen for this turn before, or what the server suggests; null for none. */
function useChoice(turnId: string, result: Result, chart: Chart | null): [ChartChoice | null, (choice: ChartChoice | null) => void] {
  const [choice, setChoice] = useState<ChartChoice | null>(() => {
    const kept = stored.chart(turnId);
    if (kept === null || isChoice(kept, result.columns.length)) return kept;
    return suggestedChoice(chart, result);
  });
  const choose = (next: ChartChoice | null) => {
    stored.keepChart(turnId, next);
    setChoice(next);
  };
  return [choice, choose];
}

/** The chart that can be had where none is shown. */
function useOffer(isWanted: boolean, result: Result, shapes: Shape[], chart: Chart | null): ChartChoice | null {
  const [offered, setOffered] = useState<ChartChoice | null>(null);
  useEffect(() => {
    if (!isWanted) return;
    // Without the code, which a server that was renewed no longer has, nothing is offered.
    import("../words/chart-offers.js").then(({ firstChoice }) => setOffered(suggestedChoice(chart, result) ?? firstChoice(result, shapes)), () => undefined);
  }, [isWanted, result, shapes, chart]);
  return isWanted ? offered : null;
}

export function Answer({ turnId, run, result, chart, units, onLonger }: AnswerProps) {
  const columns = useMemo(() => shownColumns(result, chart, units), [result, chart, units]);
  const shapes = useMemo(() => shapesOf(result), [result]);
  const [choice, choose] = useChoice(turnId, result, chart);
  const offered = useOffer(choice === null, result, shapes, chart);
  const fitsBeside = useMemo(() => columns.length <= BESIDE_COLUMNS && result.rows.length <= BESIDE_ROWS && fittingWidths(columns, result.rows).reduce((sum, px) => sum + px, 0) <= BESIDE_REM * remPx(), [columns, result]);
  if (result.rows.length === 0) return <p class="answer-nothing">No row matches.</p>;
  if (isFigures(result, columns)) return <Figures result={result} columns={columns} />;
  const heightPx = choice ? chartHeightPx(choice, shapes) : 0;
  const layout = choice ? (fitsBeside ? "answer-two" : "answer-both") : undefined;
  return (
    <>
      <div class={layout} style={{ "--beside-rows": `${Math.max(BESIDE_ROWS_PX, heightPx - TABLE_EDGES_PX)}px` }}>
        {choice && <div class="answer-figure" style={{ minHeight: `${heightPx + FIGURE_EDGES_PX}px` }}><ChartFigure result={result} columns={columns} shapes={shapes} chart={chart} choice={choice} fileName={`${run.dataset}-${run.id}`} choose={choose} /></div>}
        <Table columns={columns} result={result} tools={offered && <button class="tool" onClick={() => choose(offered)}>Chart</button>} />
      </div>
      {result.truncated && <Longer run={{ ...run, result }} onLonger={onLonger} />}
    </>
  );
}
