// SPDX-License-Identifier: Apache-2.0
// The rows of a result. Numbers stand at the right with their digits under each other; what is missing is a dim
// dash. Long results show their beginning first: a page of a thousand rows helps nobody to read the first one.
import "./table.css";
import { useState } from "preact/hooks";
import type { ShownColumn } from "../words/cells.js";
import { count } from "../words/format.js";
import type { Cell, Result } from "../core/wire.js";

export const ROWS_AT_FIRST = 50;
/** Up to this many letters stay on one line: a date or a name cut in two is hard to read. */
const SHORT = 24;

function Data({ column, cell }: { column: ShownColumn; cell: Cell }) {
  const shown = column.show(cell);
  const classes = [column.numeric && "n", shown.text.length <= SHORT && "short"].filter(Boolean).join(" ");
  return (
    <td class={classes || undefined} title={shown.exact}>
      {shown.missing ? <span class="table-missing">{shown.text}{shown.text === "—" && <span class="hidden-text"> no value</span>}</span> : shown.text}
    </td>
  );
}

export function Table({ columns, result }: { columns: ShownColumn[]; result: Result }) {
  const [all, setAll] = useState(false);
  const rows = all ? result.rows : result.rows.slice(0, ROWS_AT_FIRST);
  const more = result.rows.length - rows.length;
  return (
    <div class="table">
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Result table">
        <table>
          <thead>
            <tr>{columns.map((column, index) => <th key={index} scope="col" class={column.numeric ? "n" : undefined}>{column.heading}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>{columns.map((column, index) => <Data key={index} column={column} cell={row[index] ?? null} />)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      {(more > 0 || result.truncated) && (
        <div class="table-more">
          {more > 0 && <span>The first {count(rows.length)} of {count(result.rows.length)} rows.</span>}
          {result.truncated && <span>There were more rows than a result may have; the rest was left out.</span>}
          {more > 0 && <button class="tool" onClick={() => setAll(true)}>Show all</button>}
        </div>
      )}
    </div>
  );
}

/** One row of one column: a figure, not a table. */
export function Single({ column, cell }: { column: ShownColumn; cell: Cell }) {
  const shown = column.show(cell);
  return (
    <dl class="table-single">
      <dt><bdi>{column.heading}</bdi></dt>
      <dd title={shown.exact}>{shown.missing ? <span class="table-missing">{shown.text}</span> : <bdi>{shown.text}</bdi>}</dd>
    </dl>
  );
}
