// SPDX-License-Identifier: Apache-2.0
// What can be done with one column: sort by it, filter by it, see what is in it, change its width, hide it. What is
// chosen holds at once; the table behind it is seen to change.
import "./column-panel.css";
import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Column, Result } from "../core/wire.js";
import type { ShownColumn } from "../words/cells.js";
import { count } from "../words/format.js";
import type { ColumnFilter } from "../words/rows.js";
import { summaryOf, type Summary } from "../words/summary.js";
import type { View } from "./table-view.js";

export interface ColumnPanelProps {
  column: ShownColumn;
  index: number;
  result: Result;
  view: View;
  /** As wide as it is drawn now. */
  widthPx: number;
  /** It has its final size. */
  onReady(): void;
  close(): void;
}

type Op = ColumnFilter["op"] | "none";

const OPS: Record<Op, string> = { none: "no filter", contains: "contains", equals: "is exactly", between: "is between", empty: "is empty", filled: "is not empty" };

const TYPES: Record<Column["type"], string> = {
  integer: "whole number", real: "number", text: "text", date: "date", timestamp: "date and time", time: "time of day", boolean: "yes or no", blob: "bytes", null: "nothing",
};

function opsFor(type: Column["type"]): Op[] {
  if (type === "blob" || type === "null") return ["none", "empty", "filled"];
  const isOrdered = type !== "text" && type !== "boolean";
  return ["none", ...(isOrdered ? (["between"] as const) : []), "contains", "equals", "empty", "filled"];
}

/** A filter of another kind begins with what was written for the one before. */
function filterOf(op: Op, before: ColumnFilter | undefined): ColumnFilter | null {
  const text = before && "text" in before ? before.text : "";
  switch (op) {
    case "none":
      return null;
    case "between":
      return { op, low: "", high: "" };
    case "contains":
    case "equals":
      return { op, text };
    default:
      return { op };
  }
}

function Filter({ type, index, view }: { type: Column["type"]; index: number; view: View }) {
  const filter = view.filters.get(index);
  const id = useId();
  const set = (next: ColumnFilter | null) => view.setFilter(index, next);
  return (
    <section>
      <label for={id}>Filter</label>
      <div class="column-panel-filter">
        <select id={id} value={filter?.op ?? "none"} onChange={(event) => set(filterOf(event.currentTarget.value as Op, filter))}>
          {opsFor(type).map((op) => <option key={op} value={op}>{OPS[op]}</option>)}
        </select>
        {filter && "text" in filter && <input aria-label="Text" value={filter.text} onInput={(event) => set({ ...filter, text: event.currentTarget.value })} />}
        {filter?.op === "between" && (
          <>
            <input aria-label="From" placeholder="from" value={filter.low} onInput={(event) => set({ ...filter, low: event.currentTarget.value })} />
            <input aria-label="To" placeholder="to" value={filter.high} onInput={(event) => set({ ...filter, high: event.currentTarget.value })} />
          </>
        )}
      </div>
      {filter && <p role="status">{count(view.order.length)} rows are left.</p>}
    </section>
  );
}

function Frequent({ summary, index, view }: { summary: Summary; index: number; view: View }) {
  const filter = view.filters.get(index);
  if (summary.frequent.length === 0) return null;
  return (
    <section aria-label="Most frequent values">
      <h3>Most frequent</h3>
      <ul class="column-panel-frequent">
        {summary.frequent.map(({ text, rows }) => {
          const isOn = filter?.op === "equals" && filter.text === text;
          return (
            <li key={text}>
              <button aria-pressed={isOn} title={`Only rows with ${text}`} onClick={() => view.setFilter(index, isOn ? null : { op: "equals", text })}>
                <bdi>{text}</bdi><span>{count(rows)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Width({ index, widthPx, view }: Pick<ColumnPanelProps, "index" | "widthPx" | "view">) {
  const [shown, setShown] = useState(Math.round(widthPx));
  const id = useId();
  const set = (px: number) => {
    setShown(px);
    view.setWidth(index, px);
  };
  return (
    <section>
      <label for={id}>Width</label>
      <div class="column-panel-row">
        <input id={id} type="range" min={56} max={800} step={8} value={shown} aria-valuetext={`${shown} pixels`} onInput={(event) => set(Number(event.currentTarget.value))} />
        <button class="tool" onClick={() => view.setWidth(index, null)}>Fit</button>
      </div>
    </section>
  );
}

export function ColumnPanel({ column, index, result, view, widthPx, onReady, close }: ColumnPanelProps) {
  const summary = useMemo(() => summaryOf(result, index, column), [result, index, column]);
  const box = useRef<HTMLDivElement>(null);
  const { type } = result.columns[index]!;
  useLayoutEffect(() => {
    onReady();
    box.current!.querySelector("button")?.focus();
  }, []);
  const sorted = view.sort?.column === index ? view.sort.descending : null;
  const sort = (descending: boolean) => view.setSort(sorted === descending ? null : { column: index, descending });
  return (
    <div class="column-panel-body" ref={box}>
      <p class="column-panel-name"><b><bdi>{column.heading}</bdi></b> <small>{TYPES[type]}</small></p>
      <div class="column-panel-row" role="group" aria-label="Sort">
        <button class="plain" aria-pressed={sorted === false} onClick={() => sort(false)}>↑ Ascending</button>
        <button class="plain" aria-pressed={sorted === true} onClick={() => sort(true)}>↓ Descending</button>
      </div>
      <Filter type={type} index={index} view={view} />
      <section aria-label="Summary">
        <dl>{summary.facts.map((fact) => <div key={fact.label}><dt>{fact.label}</dt><dd><bdi>{fact.text}</bdi></dd></div>)}</dl>
      </section>
      <Frequent summary={summary} index={index} view={view} />
      <Width index={index} widthPx={widthPx} view={view} />
      <div class="column-panel-row">
        <button class="plain" disabled={view.listed.length === 1} onClick={() => (view.setHidden(new Set([...view.hidden, index])), close())}>Hide this column</button>
        <span class="column-panel-gap" />
        <button class="plain" onClick={close}>Done</button>
      </div>
    </div>
  );
}
