// SPDX-License-Identifier: Apache-2.0
// The heading of one column: a press sorts by it, the button beside it opens what else can be done with the column,
// and its right edge can be pulled. The edge is for the pointer alone: by keyboard the width is changed with Shift
// and the arrows, or in the column's panel.
import { useRef } from "preact/hooks";
import type { ShownColumn } from "../words/cells.js";
import { nextSort } from "../words/rows.js";
import type { View } from "./table-view.js";

interface Props {
  column: ShownColumn;
  index: number;
  /** Its place among the columns that are shown. */
  place: number;
  view: View;
  /** Which of its buttons has the table's place in the Tab order. */
  active: "sort" | "menu" | null;
  /** Its panel is open. */
  isOpen: boolean;
  open(button: HTMLElement): void;
  fit(): void;
}

function Edge({ index, view, fit }: Pick<Props, "index" | "view" | "fit">) {
  const pulled = useRef<{ from: number; width: number } | null>(null);
  const onDown = (event: PointerEvent) => {
    const edge = event.currentTarget as HTMLElement;
    edge.setPointerCapture(event.pointerId);
    pulled.current = { from: event.clientX, width: edge.parentElement!.getBoundingClientRect().width };
    event.preventDefault();
  };
  const onMove = (event: PointerEvent) => {
    if (pulled.current) view.setWidth(index, pulled.current.width + event.clientX - pulled.current.from);
  };
  const onEnd = () => (pulled.current = null);
  return <span class="table-edge" aria-hidden="true" title="Pull to change the width, double click to fit" onPointerDown={onDown} onPointerMove={onMove} onPointerUp={onEnd} onPointerCancel={onEnd} onDblClick={fit} />;
}

export function Head({ column, index, place, view, active, isOpen, open, fit }: Props) {
  const sorted = view.sort?.column === index ? (view.sort.descending ? "descending" : "ascending") : undefined;
  const { heading } = column;
  return (
    <th role="columnheader" scope="col" class={column.numeric ? "n" : undefined} aria-label={heading} aria-colindex={place + 1} aria-sort={sorted}>
      <button class="table-sort" data-at={`sort:${place}`} tabIndex={active === "sort" ? 0 : -1} title={heading} onClick={() => view.setSort(nextSort(view.sort, index))}>
        <span class="table-heading">{heading}</span>
        <span class="table-arrow" aria-hidden="true">{sorted === "descending" ? "↓" : "↑"}</span>
      </button>
      <button class="table-more" data-at={`menu:${place}`} data-filtered={view.filters.has(index)} tabIndex={active === "menu" ? 0 : -1} aria-haspopup="dialog" aria-expanded={isOpen} aria-label={`${heading}: filter, summary, width`} onClick={(event) => open(event.currentTarget)}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M2.5 4h11M4.5 8h7M6.5 12h3" /></svg>
      </button>
      <Edge index={index} view={view} fit={fit} />
    </th>
  );
}
