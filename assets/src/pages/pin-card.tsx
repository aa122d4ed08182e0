// SPDX-License-Identifier: Apache-2.0
// One pinned answer: its title, which is changed in place, the answer, and what is known of it. Its handle is moved
// by the arrow keys, or dragged.
import "./pin-card.css";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Figures, isFigures } from "../answer/figures.js";
import { go } from "../core/actions.js";
import { Grip } from "../parts/icons.js";
import { Link } from "../parts/link.js";
import { Menu } from "../parts/menu.js";
import { shownColumns, type ShownColumn } from "../words/cells.js";
import { suggestedChoice, type ChartChoice } from "../words/chart-choice.js";
import { emphasise } from "../words/emphasis.js";
import { ago, beginning, count, moment } from "../words/format.js";
import { sqlRoute } from "../words/sql-address.js";
import type { Chart, Pin, Result } from "../core/wire.js";
import { PinChart } from "./pin-chart.js";
import type { News } from "./pins.js";

const ROWS_SHOWN = 8;
const COLUMNS_SHOWN = 5;
const TITLE_LENGTH = 100;

interface Props {
  pin: Pin;
  news: News | undefined;
  isDragged: boolean;
  isOver: boolean;
  drag: { start(): void; over(): void; drop(): void; end(): void };
  place: { at: number; of: number; move(to: number): void };
  refresh(): void;
  rename(title: string): void;
  remove(): void;
}

/** The beginning of a table: the board is for a glance, the answer's own page has it all. */
function Beginning({ result, columns }: { result: Result; columns: ShownColumn[] }) {
  const shown = columns.slice(0, COLUMNS_SHOWN);
  const rows = result.rows.slice(0, ROWS_SHOWN);
  const left = [result.rows.length > rows.length && `${count(rows.length)} of ${count(result.rows.length)} rows`, columns.length > shown.length && `${shown.length} of ${columns.length} columns`].filter(Boolean);
  return (
    <>
      <div class="pin-table" tabIndex={0} role="region" aria-label="Beginning of the table">
        <table>
          <thead><tr>{shown.map((column, at) => <th key={at} scope="col" class={column.numeric ? "n" : undefined}>{column.heading}</th>)}</tr></thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {shown.map((column, index) => {
                  const cell = column.show(row[index] ?? null);
                  return <td key={index} class={column.numeric ? "n" : undefined} title={beginning(cell.exact ?? cell.text)}>{beginning(cell.text)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {left.length > 0 && <p class="pin-more">{left.join(", ")}</p>}
    </>
  );
}

/** The chart that the answer came with, where the result still has its columns. */
function chartOf(chart: Chart | null, result: Result): ChartChoice | null {
  return chart && Math.max(chart.x, chart.y) < result.columns.length ? suggestedChoice(chart, result) : null;
}

function Answer({ pin }: { pin: Pin }) {
  const { run, chart, units } = pin;
  const result = run.result;
  const columns = useMemo(() => (result ? shownColumns(result, chart, units) : []), [result, chart, units]);
  const choice = useMemo(() => (result ? chartOf(chart, result) : null), [result, chart]);
  if (!result) return null;
  if (result.rows.length === 0) return <p class="pin-none">No row matches.</p>;
  if (isFigures(result, columns)) return <Figures result={result} columns={columns} />;
  return choice ? <PinChart result={result} columns={columns} chart={chart} choice={choice} /> : <Beginning result={result} columns={columns} />;
}

function Title({ pin, rename }: { pin: Pin; rename(title: string): void }) {
  const [editing, setEditing] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const isOver = useRef(false);
  useLayoutEffect(() => {
    isOver.current = !editing;
    if (editing) box.current?.select();
    else if (wasEditing.current) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  // Leaving the box keeps what is in it; taking the box away makes it be left too, and is not meant so.
  const keep = () => {
    if (!box.current || isOver.current) return;
    isOver.current = true;
    const title = box.current.value.trim();
    setEditing(false);
    if (title !== "" && title !== pin.title) rename(title);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") return keep();
    isOver.current = true;
    setEditing(false);
  };
  if (editing) return <input ref={box} class="pin-title-box" aria-label="Title" maxLength={TITLE_LENGTH} defaultValue={pin.title} onKeyDown={onKey} onBlur={keep} />;
  return <h2><button ref={button} class="pin-title" title="Change the title" onClick={() => setEditing(true)}><bdi>{pin.title}</bdi></button></h2>;
}

function Handle({ pin, place, drag }: Pick<Props, "pin" | "place" | "drag">) {
  const steps: Record<string, number> = { ArrowLeft: place.at - 1, ArrowUp: place.at - 1, ArrowRight: place.at + 1, ArrowDown: place.at + 1, Home: 0, End: place.of - 1 };
  const onKey = (event: KeyboardEvent) => {
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    place.move(to);
  };
  const onDragStart = (event: DragEvent) => {
    event.dataTransfer!.effectAllowed = "move";
    event.dataTransfer!.setData("text/plain", pin.title);
    const card = (event.currentTarget as HTMLElement).closest<HTMLElement>(".pin");
    if (card) event.dataTransfer!.setDragImage(card, 16, 16);
    drag.start();
  };
  return (
    <button class="tool pin-handle" draggable aria-label={`Move ${pin.title}, place ${place.at + 1} of ${place.of}`} aria-description="The arrow keys move it." title="Drag, or press the arrow keys" onKeyDown={onKey} onDragStart={onDragStart} onDragEnd={drag.end}>
      <Grip />
    </button>
  );
}

const MARK = { good: "✓", weak: "△", bad: "✗" };

function Foot({ pin, news, refresh }: Pick<Props, "pin" | "news" | "refresh">) {
  const busy = news?.busy ?? false;
  const verdict = news?.verdict;
  return (
    <footer class="pin-foot">
      <p>
        <bdi>{pin.dataset}</bdi> · <time dateTime={pin.run.created_at} title={moment(pin.run.created_at)}>{ago(pin.run.created_at, new Date())}</time>
      </p>
      <p class="pin-news" data-tone={verdict?.tone}>{busy ? "Computing…" : verdict ? `${MARK[verdict.tone]} ${verdict.title}` : ""}</p>
      {verdict?.tone === "bad" && !busy && <p class="pin-trouble">{verdict.sentence}</p>}
      <div class="pin-tools">
        <button class="tool" disabled={busy} aria-label={`Refresh ${pin.title}`} onClick={refresh}>Refresh</button>
        <Link class="tool" to={{ page: "answer", id: pin.turn_id }} aria-label={`Open ${pin.title}`}>Open</Link>
      </div>
    </footer>
  );
}

export function PinCard({ pin, news, isDragged, isOver, drag, place, refresh, rename, remove }: Props) {
  const { sentence, run } = pin;
  const onDragOver = (event: DragEvent) => {
    event.preventDefault();
    drag.over();
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    drag.drop();
  };
  const items = [
    { label: "Move to the front", run: () => place.move(0) },
    { label: "Open its SQL", run: () => go(sqlRoute(pin.dataset, pin.sql, pin.params).route) },
    { label: "Unpin", run: remove, bad: true },
  ];
  return (
    <li class="pin" data-dragged={isDragged} data-over={isOver} aria-busy={news?.busy ?? false} onDragOver={onDragOver} onDrop={onDrop}>
      <header class="pin-head">
        <Handle pin={pin} place={place} drag={drag} />
        <Title pin={pin} rename={rename} />
        <Menu label={`More for ${pin.title}`} items={items}>⋯</Menu>
      </header>
      <div class="pin-body">
        {sentence ? (
          <p class="pin-say">{emphasise(sentence, run.result).map((piece, at) => (piece.strong ? <strong key={at}>{piece.text}</strong> : <span key={at}>{piece.text}</span>))}</p>
        ) : (
          <p class="pin-none">The data has changed since this was asked; the figures are of now.</p>
        )}
        <Answer pin={pin} />
      </div>
      <Foot pin={pin} news={news} refresh={refresh} />
    </li>
  );
}
