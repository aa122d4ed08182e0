// SPDX-License-Identifier: Apache-2.0
// What a person has chosen to see of one table: its order, filters, columns, widths and marked rows. It belongs to
// the table as it stands on the page, and goes with it.
import { useMemo, useState } from "preact/hooks";
import type { ShownColumn } from "../words/cells.js";
import { chosenRows, Finder, isActive, type Choice, type ColumnFilter, type Sort } from "../words/rows.js";
import type { Result } from "../core/wire.js";

export interface View extends Choice {
  /** The places in the result of the rows and of the columns that are shown, in their order. */
  order: number[];
  listed: number[];
  hidden: ReadonlySet<number>;
  /** Widths in pixels that somebody has set. */
  widths: ReadonlyMap<number, number>;
  marked: ReadonlySet<number>;
  setFind(find: string): void;
  setSort(sort: Sort | null): void;
  setFilter(column: number, filter: ColumnFilter | null): void;
  clearFilters(): void;
  setHidden(hidden: ReadonlySet<number>): void;
  /** Null gives a column back the width that fits it. */
  setWidth(column: number, widthPx: number | null): void;
  toggleMark(row: number): void;
  clearMarks(): void;
}

const NARROWEST_PX = 56;
const WIDEST_PX = 1200;

function withEntry<Value>(map: ReadonlyMap<number, Value>, key: number, value: Value | null): ReadonlyMap<number, Value> {
  const next = new Map(map);
  if (value === null) next.delete(key);
  else next.set(key, value);
  return next;
}

export function isNarrowed(view: View): boolean {
  return view.find.trim() !== "" || [...view.filters.values()].some(isActive);
}

export function useView(columns: ShownColumn[], result: Result): View {
  const [choice, setChoice] = useState<Choice>({ find: "", filters: new Map(), sort: null });
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [widths, setWidths] = useState<ReadonlyMap<number, number>>(new Map());
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const finder = useMemo(() => new Finder(result.rows, columns), [result, columns]);
  const order = useMemo(() => chosenRows(result, columns, finder, choice), [result, columns, finder, choice]);
  const listed = useMemo(() => result.columns.map((_, index) => index).filter((index) => !hidden.has(index)), [result, hidden]);
  const patch = (change: (now: Choice) => Partial<Choice>) => setChoice((now) => ({ ...now, ...change(now) }));
  return {
    ...choice,
    order,
    listed,
    hidden,
    widths,
    marked,
    setFind: (find) => patch(() => ({ find })),
    setSort: (sort) => patch(() => ({ sort })),
    setFilter: (column, filter) => patch((now) => ({ filters: withEntry(now.filters, column, filter) })),
    clearFilters: () => patch(() => ({ find: "", filters: new Map() })),
    setHidden,
    setWidth: (column, widthPx) => setWidths((now) => withEntry(now, column, widthPx === null ? null : Math.round(Math.min(WIDEST_PX, Math.max(NARROWEST_PX, widthPx))))),
    toggleMark: (row) =>
      setMarked((now) => {
        const next = new Set(now);
        if (!next.delete(row)) next.add(row);
        return next;
      }),
    clearMarks: () => setMarked(new Set()),
  };
}
