// SPDX-License-Identifier: Apache-2.0
// One row of a few short values: figures to read at a glance, not a table.
import "./figures.css";
import type { ShownColumn } from "../words/cells.js";
import { rowText } from "../words/copy.js";
import { CopyButton } from "./sql.js";
import type { Cell, Result } from "../core/wire.js";

const FIGURES_AT_MOST = 5;
const LONGEST_LETTERS = 40;

export function isFigures({ rows }: Result, columns: ShownColumn[]): boolean {
  return rows.length === 1 && columns.length <= FIGURES_AT_MOST && columns.every((column, index) => column.show(rows[0]![index] ?? null).text.length <= LONGEST_LETTERS);
}

function Figure({ column, cell }: { column: ShownColumn; cell: Cell }) {
  const { text, exact, missing } = column.show(cell);
  return (
    <div>
      <dt><bdi>{column.heading}</bdi></dt>
      <dd title={exact}>{missing ? <span class="table-missing">{text}</span> : <bdi>{text}</bdi>}</dd>
    </div>
  );
}

export function Figures({ result, columns }: { result: Result; columns: ShownColumn[] }) {
  const cells = columns.map((_, index) => result.rows[0]![index] ?? null);
  return (
    <div class="figures" data-many={columns.length > 1}>
      <dl>{columns.map((column, index) => <Figure key={index} column={column} cell={cells[index] ?? null} />)}</dl>
      <CopyButton text={rowText(cells)} what={columns.length > 1 ? "values" : "value"} />
    </div>
  );
}
