// SPDX-License-Identifier: Apache-2.0
// The server's clock, as far as its answers tell it (to the second): a browser's own may be minutes off.

/** What the header leaves out, and the way of the answer. */
const EXACT_MS = 1_500;

let aheadMs = 0;

/** Takes the Date header of an answer. */
export function noteServerTime(date: string | null, nowMs = Date.now()): void {
  const told = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(told)) return;
  const ahead = told - nowMs;
  aheadMs = Math.abs(ahead) > EXACT_MS ? ahead : 0;
}

/** How long ago it was at the server, never less than nothing. */
export function agoMs(iso: string, nowMs = Date.now()): number {
  return Math.max(0, nowMs + aheadMs - Date.parse(iso)) || 0;
}
