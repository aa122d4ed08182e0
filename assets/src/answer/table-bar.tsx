// SPDX-License-Identifier: Apache-2.0
// The line below a table: how many rows there are and which are in view, and what can be done with all of them.
// Above a long table stands the box to find rows with, and the filters that hold.
import type { ComponentChildren } from "preact";
import type { Result } from "../core/wire.js";
import { copied } from "../parts/copied.js";
import { Menu } from "../parts/menu.js";
import type { ShownColumn } from "../words/cells.js";
import { COPY_NAMES, copyText, type CopyKind } from "../words/copy.js";
import { count, plural } from "../words/format.js";
import { filterWords, isActive } from "../words/rows.js";
import type { Span } from "../words/window.js";
import { isNarrowed, type View } from "./table-view.js";

interface Props {
  columns: ShownColumn[];
  result: Result;
  view: View;
}

/** How many rows there are; which of them are in view, where that is not all; how many are left of a filter. */
function rowWords({ order }: View, total: number, inView: Span): string {
  const isPart = inView.to > inView.from && inView.to - inView.from < order.length;
  const isFiltered = order.length < total;
  if (!isPart) return isFiltered ? `${count(order.length)} of ${plural(total, "row")}` : plural(total, "row");
  return `Rows ${count(inView.from + 1)}–${count(inView.to)} of ${count(order.length)}${isFiltered ? `, out of ${count(total)}` : ""}`;
}

function copyItems({ result, view }: Props) {
  const marked = view.order.filter((row) => view.marked.has(row));
  const rows = marked.length > 0 ? marked : view.order;
  const what = marked.length > 0 ? plural(marked.length, "marked row") : plural(rows.length, "row");
  const columns = view.listed.map((index) => result.columns[index]!);
  const cells = () => rows.map((row) => view.listed.map((index) => result.rows[row]![index] ?? null));
  const kinds = Object.keys(COPY_NAMES) as CopyKind[];
  return { what, items: kinds.map((kind) => ({ label: COPY_NAMES[kind], run: () => void copied(copyText(kind, columns, cells()), what) })) };
}

/** Copies what is shown: these rows in this order, these columns; or only the rows that are marked. */
export function CopyMenu(props: Props) {
  const { what, items } = copyItems(props);
  return <Menu items={items} label={`Copy ${what}`}>Copy <span aria-hidden="true">▾</span></Menu>;
}

export function TableBar({ inView, openColumns, children, ...props }: Props & { inView: Span; openColumns(): void; children?: ComponentChildren }) {
  const { columns, result, view } = props;
  return (
    <div class="table-bar">
      <span class="table-count">{rowWords(view, result.rows.length, inView)}{view.marked.size > 0 && `, ${count(view.marked.size)} marked`}</span>
      {view.marked.size > 0 && <button class="tool" onClick={view.clearMarks}>Unmark</button>}
      <span class="table-gap" />
      {children}
      {columns.length > 2 && <button class="tool" onClick={openColumns}>{view.hidden.size > 0 ? `Columns, ${count(view.hidden.size)} hidden` : "Columns"}</button>}
      <CopyMenu {...props} />
    </div>
  );
}

export function TableTop({ columns, result, view }: Props) {
  // Escape empties the box first; only then does it stop what is under way.
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || view.find === "") return;
    event.preventDefault();
    event.stopPropagation();
    view.setFind("");
  };
  const active = [...view.filters].filter(([, filter]) => isActive(filter));
  return (
    <div class="table-top">
      <input class="table-find" type="search" placeholder="Find in the rows" aria-label="Find in the rows" value={view.find} onInput={(event) => view.setFind(event.currentTarget.value)} onKeyDown={onKey} />
      {active.map(([index, filter]) => (
        <button key={index} class="chip table-chip" aria-label={`Remove the filter: ${columns[index]!.heading} ${filterWords(filter)}`} onClick={() => view.setFilter(index, null)}>
          <bdi>{columns[index]!.heading} {filterWords(filter)}</bdi> <span aria-hidden="true">✕</span>
        </button>
      ))}
      <span class="hidden-text" role="status">{isNarrowed(view) && `${count(view.order.length)} of ${plural(result.rows.length, "row")} left`}</span>
    </div>
  );
}
