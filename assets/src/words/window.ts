// SPDX-License-Identifier: Apache-2.0
// Which rows and columns of a large table are in the page: those in view and some around them, in steps, so that
// most scrolling changes nothing. Small tables are in the page as a whole: then the browser's own search finds all.

/** Up to this many cells nothing is left out. */
export const WHOLE_CELLS = 600;
const STEP_ROWS = 8;
const AROUND_ROWS = 12;
const AROUND_PX = 400;

/** From the first to the last, without the last itself. */
export interface Span {
  from: number;
  to: number;
}

export function rowSpan(count: number, columns: number, rowPx: number, scrollTop: number, viewPx: number): Span {
  if (count * columns <= WHOLE_CELLS) return { from: 0, to: count };
  const first = Math.floor(scrollTop / rowPx) - AROUND_ROWS;
  const last = Math.ceil((scrollTop + viewPx) / rowPx) + AROUND_ROWS;
  const from = Math.max(0, Math.floor(first / STEP_ROWS) * STEP_ROWS);
  return { from: Math.min(from, count), to: Math.min(count, Math.ceil(last / STEP_ROWS) * STEP_ROWS) };
}

/** OFFSETS has where each column begins, and where the last one ends. */
export function columnSpan(offsets: number[], scrollLeft: number, viewPx: number): Span {
  const count = offsets.length - 1;
  if (offsets[count]! <= viewPx + AROUND_PX) return { from: 0, to: count };
  const from = offsets.findIndex((offset) => offset > scrollLeft - AROUND_PX) - 1;
  const to = offsets.findIndex((offset) => offset > scrollLeft + viewPx + AROUND_PX);
  return { from: Math.max(0, from), to: to < 0 ? count : to };
}

export function offsetsOf(widths: number[]): number[] {
  const offsets = [0];
  for (const width of widths) offsets.push(offsets[offsets.length - 1]! + width);
  return offsets;
}

/** How far to scroll so that what begins at START and is SIZE long is in view; no further than needed. */
export function scrollFor(start: number, size: number, scroll: number, view: number): number {
  if (start < scroll) return start;
  return start + size > scroll + view ? start + size - view : scroll;
}
