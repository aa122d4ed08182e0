// SPDX-License-Identifier: Apache-2.0
// The width that fits a column: of its heading and of the longest among the rows that are looked at. Looking at all
// of ten thousand would take longer than drawing them.
import { remPx, textWidth } from "../parts/measure.js";
import type { ShownColumn } from "../words/cells.js";
import type { Result } from "../core/wire.js";

/** As in table.css. */
const CELL_FONT_REM = 0.88;
const HEAD_FONT_REM = 0.8;
const HEAD_WEIGHT = 600;
/** Both sides of a cell; and in the heading also the arrow and the button of the column, which a finger has to hit. */
const CELL_EDGES_PX = 20;
const HEAD_EDGES_PX = 62;
const HEAD_EDGES_COARSE_PX = 74;
const NARROWEST_PX = 64;
const WIDEST_PX = 320;
const CELLS_LOOKED_AT = 4_000;
const LONGEST_LOOKED_AT = 80;

function longest(column: ShownColumn, index: number, rows: Result["rows"], step: number): string[] {
  let [most, next] = ["", ""];
  for (let row = 0; row < rows.length; row += step) {
    const text = column.show(rows[row]![index] ?? null).text.slice(0, LONGEST_LOOKED_AT);
    if (text.length > most.length) [most, next] = [text, most];
    else if (text.length > next.length) next = text;
  }
  return [most, next];
}

export function fittingWidth(column: ShownColumn, index: number, rows: Result["rows"], step: number, widest = WIDEST_PX): number {
  const rem = remPx();
  const head = textWidth(column.heading.slice(0, LONGEST_LOOKED_AT), HEAD_FONT_REM * rem, HEAD_WEIGHT) + (matchMedia("(pointer: coarse)").matches ? HEAD_EDGES_COARSE_PX : HEAD_EDGES_PX);
  const cells = Math.max(...longest(column, index, rows, step).map((text) => textWidth(text, CELL_FONT_REM * rem))) + CELL_EDGES_PX;
  return Math.ceil(Math.min(widest, Math.max(NARROWEST_PX, Math.min(head, WIDEST_PX), cells)));
}

export function fittingWidths(columns: ShownColumn[], rows: Result["rows"]): number[] {
  const step = Math.max(1, Math.ceil((rows.length * columns.length) / CELLS_LOOKED_AT));
  return columns.map((column, index) => fittingWidth(column, index, rows, step));
}
