// SPDX-License-Identifier: Apache-2.0
// One row of a table. Drawn again only when something of its own changes: scrolling adds and drops rows, and leaves
// those that stay alone. A cell shows the beginning of a long text; all of it is in the cell's dialog.
import { Component } from "preact";
import type { ShownColumn } from "../words/cells.js";
import type { Cell } from "../core/wire.js";

const SHOWN_LETTERS = 300;
const TITLE_LETTERS = 1_000;
/** A text of this length may have been cut by its column; hovering shows more of it. */
const MAYBE_CUT_LETTERS = 24;

export interface RowProps {
  /** Its place among the rows that are shown, and in the result. */
  at: number;
  row: number;
  cells: Cell[];
  columns: ShownColumn[];
  /** The places in the result of the columns that are in the page, and the place of the first among those shown. */
  listed: number[];
  from: number;
  topPx: number;
  /** The room of the columns before them. */
  before: string | undefined;
  /** The column of the cell that has the table's place in the Tab order; -1 where that is in another row. */
  active: number;
  marked: boolean;
}

function titleOf(text: string, exact: string | undefined): string | undefined {
  if (exact !== undefined) return exact.slice(0, TITLE_LETTERS);
  if (text.length <= MAYBE_CUT_LETTERS) return undefined;
  return text.length > TITLE_LETTERS ? `${text.slice(0, TITLE_LETTERS)}…` : text;
}

function Data({ column, cell, at, place, isActive }: { column: ShownColumn; cell: Cell; at: number; place: number; isActive: boolean }) {
  const { text, exact, missing } = column.show(cell);
  const start = text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text;
  return (
    <td role="gridcell" class={column.numeric ? "n" : undefined} aria-colindex={place + 1} data-at={`${at}:${place}`} tabIndex={isActive ? 0 : -1} title={titleOf(text, exact)}>
      {missing ? <span class="table-missing">{text}{text === "—" && <span class="hidden-text"> no value</span>}</span> : start}
    </td>
  );
}

export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as (keyof RowProps)[]).some((key) => next[key] !== this.props[key]);
  }

  override render({ at, cells, columns, listed, from, topPx, before, active, marked }: RowProps) {
    return (
      <tr role="row" aria-rowindex={at + 2} aria-selected={marked} style={{ top: `${topPx}px`, paddingLeft: before }}>
        {listed.map((index, nth) => <Data key={index} column={columns[index]!} cell={cells[index] ?? null} at={at} place={from + nth} isActive={active === from + nth} />)}
      </tr>
    );
  }
}
