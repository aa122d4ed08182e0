// SPDX-License-Identifier: Apache-2.0
// Whether a pasted text is a table: spreadsheets put their cells on the clipboard parted by tabs, a row a line.

const LOOKED_AT = 50;

/** The text as a file of tab-separated values; null where it is no table of two rows and two columns or more. */
export function pastedTable(text: string): string | null {
  const whole = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const lines = whole.split("\n");
  if (lines.length < 2) return null;
  // A quoted cell may hold the end of a line; such a table is one too.
  const tabs = lines.slice(0, LOOKED_AT).map((line) => line.split("\t").length - 1);
  const most = Math.max(...tabs);
  const even = tabs.filter((one) => one === most).length;
  if (most === 0 || (even < tabs.length && !whole.includes('"'))) return null;
  return `${whole}\n`;
}
