// SPDX-License-Identifier: Apache-2.0
// What opens over a table: one cell in full with the row that it is in, and the choice of columns.
import "./table-dialogs.css";
import { useState } from "preact/hooks";
import type { Result } from "../core/wire.js";
import { copied } from "../parts/copied.js";
import { Dialog } from "../parts/dialog.js";
import type { ShownColumn } from "../words/cells.js";
import { copyText, exactText, rowText } from "../words/copy.js";
import { count, utf8Length } from "../words/format.js";
import type { View } from "./table-view.js";

const SHOWN_LETTERS = 2_000;
const SHOWN_IN_ROW = 160;

interface CellProps {
  columns: ShownColumn[];
  result: Result;
  row: number;
  column: number;
  close(): void;
}

function Value({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const isLong = text.length > SHOWN_LETTERS;
  return (
    <>
      <pre class="cell-value" tabIndex={0} role="region" aria-label="The value"><bdi>{all || !isLong ? text : `${text.slice(0, SHOWN_LETTERS)}…`}</bdi></pre>
      {isLong && !all && <p class="cell-long">{count(SHOWN_LETTERS)} of {count(text.length)} letters. <button class="tool" onClick={() => setAll(true)}>Show all</button></p>}
    </>
  );
}

export function CellDialog({ columns, result, row, column, close }: CellProps) {
  const cells = result.rows[row]!;
  const cell = cells[column] ?? null;
  const shown = columns[column]!.show(cell);
  const text = exactText(cell);
  const isBytes = typeof cell === "object" && cell !== null;
  return (
    <Dialog title={columns[column]!.heading} close={close} width={720}>
      {shown.missing ? <p class="table-missing">{cell === null ? "There is no value here." : "The text is empty."}</p> : <Value text={text} />}
      {isBytes && <p class="cell-long">{shown.text}, written as base64.</p>}
      {!isBytes && text.length > 80 && <p class="cell-long">{count(utf8Length(text))} bytes</p>}
      {shown.exact !== undefined && !isBytes && <p class="cell-long">Shown as {shown.text}</p>}
      <p class="cell-tools">
        <button class="plain" onClick={() => void copied(text, "the cell")}>Copy the cell</button>
        <button class="plain" onClick={() => void copied(rowText(cells), "the row")}>Copy the row</button>
        <button class="plain" onClick={() => void copied(copyText("json", result.columns, [cells]), "the row as JSON")}>Copy the row as JSON</button>
      </p>
      {columns.length > 1 && (
        <>
          <h3 class="cell-row-name">The whole row</h3>
          <dl class="cell-row">
            {columns.map((one, index) => {
              const { text: words, missing } = one.show(cells[index] ?? null);
              return (
                <div key={index} aria-current={index === column ? "true" : undefined}>
                  <dt><bdi>{one.heading}</bdi></dt>
                  <dd class={missing ? "table-missing" : undefined}><bdi>{words.length > SHOWN_IN_ROW ? `${words.slice(0, SHOWN_IN_ROW)}…` : words}</bdi></dd>
                </div>
              );
            })}
          </dl>
        </>
      )}
    </Dialog>
  );
}

export function ColumnsDialog({ columns, view, close }: { columns: ShownColumn[]; view: View; close(): void }) {
  const [find, setFind] = useState("");
  const needle = find.trim().toLowerCase();
  const found = columns.map((column, index) => ({ column, index })).filter(({ column }) => column.heading.toLowerCase().includes(needle));
  const set = (index: number, isShown: boolean) => {
    const next = new Set(view.hidden);
    if (isShown) next.delete(index);
    else next.add(index);
    if (next.size < columns.length) view.setHidden(next);
  };
  return (
    <Dialog title="Columns" close={close} width={420}>
      {columns.length > 12 && <input class="columns-find" type="search" placeholder="Find a column" aria-label="Find a column" value={find} onInput={(event) => setFind(event.currentTarget.value)} />}
      <ul class="columns-list">
        {found.map(({ column, index }) => (
          <li key={index}>
            <label>
              <input type="checkbox" checked={!view.hidden.has(index)} disabled={!view.hidden.has(index) && view.listed.length === 1} onChange={(event) => set(index, event.currentTarget.checked)} />
              <bdi>{column.heading}</bdi>
            </label>
          </li>
        ))}
      </ul>
      <p class="cell-tools">
        <button class="plain" disabled={view.hidden.size === 0} onClick={() => view.setHidden(new Set())}>Show all columns</button>
        <button class="plain" onClick={close}>Done</button>
      </p>
    </Dialog>
  );
}
