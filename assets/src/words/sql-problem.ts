// SPDX-License-Identifier: Apache-2.0
// Where in a statement its failure is: the runner's message ends in "(at character N of the SQL)", counted in bytes
// of UTF-8 from 0, as SQLite counts.

export interface Place {
  from: number;
  to: number;
}

const encoder = new TextEncoder();

/** The word at the place that MESSAGE names; null where it names none that is in SQL. */
export function problemPlace(message: string, sql: string): Place | null {
  const at = /\(at character (\d+) of the SQL\)/.exec(message)?.[1];
  if (at === undefined) return null;
  let bytes = Number(at);
  let from = 0;
  for (const character of sql) {
    if (bytes <= 0) break;
    bytes -= encoder.encode(character).length;
    from += character.length;
  }
  if (bytes !== 0 || from >= sql.length) return null;
  const word = /^(\w+|"[^"]*"|\S)/u.exec(sql.slice(from))?.[0] ?? sql[from]!;
  return { from, to: from + word.length };
}
