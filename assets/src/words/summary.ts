// SPDX-License-Identifier: Apache-2.0
// What one column of a result holds: how many values, how many different ones, from where to where, and which are
// the most frequent. Computed from the rows that are here, when somebody asks.
import { asNumber, type ShownColumn } from "./cells.js";
import { count, plural } from "./format.js";
import type { Cell, Column, Result } from "../core/wire.js";

export interface Frequent {
  text: string;
  rows: number;
}

export interface Summary {
  facts: { label: string; text: string }[];
  /** The most frequent values, where some come more than once. */
  frequent: Frequent[];
}

const FREQUENT_AT_MOST = 6;
const LONGEST_FREQUENT = 60;
const isNumeric = (type: Column["type"]) => type === "integer" || type === "real";
const exact = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });

function numberFacts(cells: Cell[]): Summary["facts"] {
  const values = cells.map(asNumber).filter((value) => value !== null);
  if (values.length === 0) return [];
  const sum = values.reduce((all, value) => all + value, 0);
  const told = (value: number) => exact.format(value).replace("-", "−");
  return [
    { label: "Sum", text: told(sum) },
    { label: "Mean", text: told(sum / values.length) },
  ];
}

const ENDS: Partial<Record<Column["type"], [string, string]>> = { text: ["First", "Last"], date: ["Earliest", "Latest"], timestamp: ["Earliest", "Latest"], time: ["Earliest", "Latest"] };

function range(cells: Cell[], column: ShownColumn, type: Column["type"]): Summary["facts"] {
  const isNumber = isNumeric(type);
  const [least, most] = ENDS[type] ?? ["Least", "Greatest"];
  const key = (cell: Cell) => (isNumber ? asNumber(cell) : typeof cell === "object" ? null : String(cell));
  const keyed = cells.map((cell) => ({ cell, key: key(cell) })).filter((one) => one.key !== null);
  if (keyed.length === 0) return [];
  const [low, high] = keyed.reduce(([from, to], one) => [one.key! < from!.key! ? one : from, one.key! > to!.key! ? one : to], [keyed[0], keyed[0]]);
  const told = (cell: Cell) => {
    const { text } = column.show(cell);
    return text.length > LONGEST_FREQUENT ? `${text.slice(0, LONGEST_FREQUENT)}…` : text;
  };
  return [
    { label: least, text: told(low!.cell) },
    { label: most, text: told(high!.cell) },
  ];
}

export function summaryOf(result: Pick<Result, "columns" | "rows">, index: number, column: ShownColumn): Summary {
  const cells = result.rows.map((row) => row[index] ?? null);
  const there = cells.filter((cell) => cell !== null);
  const tally = new Map<string, { cell: Cell; rows: number }>();
  for (const cell of there) {
    const key = `${typeof cell}:${typeof cell === "object" ? cell.base64 : cell}`;
    const held = tally.get(key);
    if (held) held.rows += 1;
    else tally.set(key, { cell, rows: 1 });
  }
  const { type } = result.columns[index]!;
  const missing = cells.length - there.length;
  const facts = [
    { label: "Values", text: count(there.length) + (missing > 0 ? `, ${plural(missing, "missing", "missing")}` : "") },
    { label: "Different", text: count(tally.size) },
    ...(type === "blob" ? [] : range(there, column, type)),
    ...(isNumeric(type) && column.numeric ? numberFacts(there) : []),
  ];
  const repeated = [...tally.values()].filter(({ cell, rows }) => rows > 1 && typeof cell !== "object" && String(cell).length <= LONGEST_FREQUENT);
  repeated.sort((a, b) => b.rows - a.rows);
  const frequent = repeated.slice(0, FREQUENT_AT_MOST).map(({ cell, rows }) => ({ text: column.show(cell).text, rows }));
  return { facts, frequent };
}
