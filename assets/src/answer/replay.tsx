// SPDX-License-Identifier: Apache-2.0
// A run, made once more in a fresh sandbox: by itself as soon as it is shown, or at the press of a button; and what
// has changed, cell by cell, with both values.
import "./replay.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { toProblem, type Problem } from "../core/api.js";
import { api } from "../core/session.js";
import { Notice } from "../parts/notice.js";
import { shownColumns, type ShownColumn } from "../words/cells.js";
import { beginning, count, duration, plural } from "../words/format.js";
import { differences, tookUs, verdictOf, type Difference } from "../words/replay.js";
import type { Cell, Chart, Replay as Replayed, Result, Run } from "../core/wire.js";

const SHOWN_AT_MOST = 12;
const MARK = { good: "✓", weak: "△", bad: "✗" };

interface Props {
  run: Run;
  chart?: Chart | null;
  /** Begins by itself. */
  isAtOnce?: boolean;
}

function Value({ column, cell }: { column: ShownColumn; cell: Cell | undefined }) {
  if (cell === undefined) return <span class="replay-none">no such row</span>;
  const shown = column.show(cell);
  return <bdi title={shown.exact}>{beginning(shown.text)}</bdi>;
}

/** What a row is called: its first cell, where that is no measure. */
function rowName(difference: Difference, columns: ShownColumn[], then: Result, now: Result): string {
  const cells = now.rows[difference.row] ?? then.rows[difference.row];
  const first = columns[0]!;
  if (columns.length < 2 || first.numeric || difference.column === 0) return `Row ${difference.row + 1}`;
  return beginning(first.show(cells?.[0] ?? null).text, 60);
}

function Changes({ then, now, chart }: { then: Result; now: Result; chart: Chart | null }) {
  const changed = differences(then, now);
  if (changed === null) return <p>The columns are others too: {then.columns.length} then, {now.columns.length} now.</p>;
  const columns = shownColumns(now.rows.length > 0 ? now : then, chart);
  const isFigure = columns.length === 1 && then.rows.length === 1 && now.rows.length === 1;
  const name = (difference: Difference) => (isFigure ? columns[0]!.heading : `${rowName(difference, columns, then, now)}: ${columns[difference.column]!.heading}`);
  return (
    <>
      {then.rows.length !== now.rows.length && <p>{plural(then.rows.length, "row")} then, {plural(now.rows.length, "row")} now.</p>}
      <div class="replay-scroll" tabIndex={0} role="region" aria-label="What has changed">
        <table>
          <thead><tr><th scope="col">What</th><th scope="col">Then</th><th scope="col">Now</th></tr></thead>
          <tbody>
            {changed.slice(0, SHOWN_AT_MOST).map((difference) => (
              <tr key={`${difference.row} ${difference.column}`}>
                <th scope="row"><bdi>{name(difference)}</bdi></th>
                <td><Value column={columns[difference.column]!} cell={difference.then} /></td>
                <td><Value column={columns[difference.column]!} cell={difference.now} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {changed.length > SHOWN_AT_MOST && <p>The first {SHOWN_AT_MOST} of {count(changed.length)} cells that differ.</p>}
    </>
  );
}

function Verdict({ replay, before, chart }: { replay: Replayed; before: Run; chart: Chart | null }) {
  const verdict = verdictOf(replay);
  const [then, now] = [before.result, replay.run.result];
  return (
    <>
      <p><b class="replay-mark" aria-hidden="true">{MARK[verdict.tone]}</b> <strong>{verdict.title}.</strong> {verdict.sentence} <span class="replay-took">{duration(tookUs(replay.run))}</span></p>
      {replay.run.hint && replay.run.outcome !== "completed" && <p class="replay-took">{replay.run.hint}</p>}
      {replay.result_same === false && then && now && <Changes then={then} now={now} chart={chart} />}
    </>
  );
}

export function Replay({ run, chart = null, isAtOnce = false }: Props) {
  const [replay, setReplay] = useState<Replayed | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(isAtOnce);
  const isShown = useRef(true);
  const start = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const found = await api.replay(run.id);
      if (isShown.current) setReplay(found);
    } catch (error) {
      if (isShown.current) setProblem(toProblem(error));
    }
    if (isShown.current) setBusy(false);
  };
  useEffect(() => {
    if (isAtOnce) void start();
    return () => void (isShown.current = false);
  }, []);
  const tone = replay && !busy ? verdictOf(replay).tone : undefined;
  return (
    <div class="replay" data-tone={tone}>
      <div class="replay-words" role="status">
        {busy && <p>Computing it again…</p>}
        {!busy && problem && <Notice title="It could not be computed again" sentence={problem.message} hint={problem.hint} />}
        {!busy && !problem && replay && <Verdict replay={replay} before={run} chart={chart} />}
        {!busy && !problem && !replay && <p>Computed once more, in a sandbox of its own, over the data as it is now.</p>}
      </div>
      <button class="plain" disabled={busy} onClick={() => void start()}>{replay || problem ? "Replay again" : "Replay"}</button>
    </div>
  );
}
