// SPDX-License-Identifier: Apache-2.0
// The arithmetic of an axis: round steps, and where a value of the horizontal axis stands (dates by their time,
// numbers by their value, anything else in the order of the rows).
import { asNumber } from "./cells.js";
import type { Cell } from "../core/wire.js";

export function niceTicks(from: number, to: number, about = 4): number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough) ?? 10);
  const first = Math.floor(from / step);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const DATE = /^\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?)?)?/;

/** Positions from 0 to 1, one for each cell. */
export function positions(cells: Cell[]): number[] {
  const times = cells.map((cell) => (typeof cell === "string" && DATE.test(cell) ? Date.parse(cell.replace(" ", "T")) : NaN));
  const numbers = cells.map((cell) => asNumber(cell) ?? NaN);
  const usable = [numbers, times].find((values) => values.every(Number.isFinite));
  const order = cells.map((_, index) => index);
  const values = usable ?? order;
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return span === 0 ? order.map((i) => (cells.length < 2 ? 0.5 : i / (cells.length - 1))) : values.map((v) => (v - low) / span);
}

/** At most `most` indexes, the first among them, all the same step apart. */
export function everyFew(length: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step);
}
