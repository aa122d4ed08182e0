// SPDX-License-Identifier: Apache-2.0
// What a column's profile says, in words and in shares of its widest: for the schema browser.
import { count, percent, plural, unitOf } from "./format.js";
import type { ColumnProfile, ColumnType, TableProfile } from "../core/wire.js";

export const TYPE_WORDS: Record<ColumnType, string> = { integer: "whole number", real: "number", text: "text", date: "date", timestamp: "date and time", time: "time of day", boolean: "yes or no" };

export interface Common {
  value: string;
  count: number;
  /** Of the commonest one's length. */
  length: number;
  share: number;
}

/** The commonest values, where some are there more often than once: of a column of keys there is nothing to tell. */
export function commonest(column: ColumnProfile, rows: number, most: number): Common[] {
  const counts = column.sample_counts.slice(0, most);
  const top = Math.max(0, ...counts);
  if (top < 2 && column.distinct_count > most) return [];
  const words = (sample: string) => (column.type === "boolean" ? ({ "0": "no", "1": "yes" }[sample] ?? sample) : sample);
  return counts.map((value, at) => ({ value: words(column.samples[at] ?? ""), count: value, length: top ? value / top : 0, share: rows ? value / rows : 0 }));
}

export interface Box {
  low: number;
  q1: number;
  median: number;
  q3: number;
  high: number;
}

/** Quartiles as shares of the way from the least to the greatest; null where there is no way between them. */
export function boxOf({ min, max, quartiles }: ColumnProfile): Box | null {
  if (typeof min !== "number" || typeof max !== "number" || !quartiles || !(max > min)) return null;
  const at = (value: number) => Math.min(1, Math.max(0, (value - min) / (max - min)));
  return { low: 0, q1: at(quartiles[0]), median: at(quartiles[1]), q3: at(quartiles[2]), high: 1 };
}

const digits = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const small = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const YEAR = /(^|[_ ])(year|id|key|zip|code)$/i;

/** A value of the column as people read it. */
export function shown(column: Pick<ColumnProfile, "name" | "type" | "unit">, value: number | string): string {
  if (typeof value !== "number") return value;
  if (column.type === "integer" && YEAR.test(column.name)) return String(value);
  const { prefix, suffix } = unitOf(column.unit);
  const text = Math.abs(value) < 0.01 && value !== 0 ? small.format(Math.abs(value)) : digits.format(Math.abs(value));
  return `${value < 0 ? "−" : ""}${prefix}${text}${suffix}`;
}

export function range(column: ColumnProfile): string | null {
  if (column.min === null || column.max === null) return null;
  const [from, to] = [shown(column, column.min), shown(column, column.max)];
  return from === to ? from : `${from} – ${to}`;
}

export function distinct(column: ColumnProfile, rows: number): string {
  const values = rows - column.null_count;
  if (values > 0 && column.distinct_count === values && values > 1) return `${count(values)} values, all different`;
  return plural(column.distinct_count, "different value");
}

/** "12 % empty", or null where every row has a value. */
export function emptiness(column: ColumnProfile, rows: number): string | null {
  return column.null_count === 0 || rows === 0 ? null : `${percent(column.null_count / rows)} empty`;
}

/** Words to begin a question about the column with. */
export function questionAbout(table: TableProfile, column: ColumnProfile): string {
  const words = column.title.trim() || column.name;
  if (column.references || column.type === "text" || column.type === "boolean") return `How many ${table.title.toLowerCase()} by ${words}?`;
  if (column.type === "integer" || column.type === "real") return `What is the average ${words}?`;
  return column.type === "time" ? `How many ${table.title.toLowerCase()} by ${words}?` : `How many ${table.title.toLowerCase()} by month of ${words}?`;
}

/** The columns that have every word of the search in their name, title or description. */
export function found(columns: ColumnProfile[], search: string): ColumnProfile[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return columns;
  return columns.filter((column) => {
    const text = `${column.name} ${column.title} ${column.description ?? ""} ${TYPE_WORDS[column.type]}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export interface Reference {
  from: string;
  to: string;
}

/** Which tables refer to TABLE, and to which it refers, as "table.column". */
export function referencesOf(tables: TableProfile[], table: TableProfile): { to: Reference[]; from: Reference[] } {
  const all = tables.flatMap((one) => one.columns.filter((column) => column.references).map((column) => ({ from: `${one.name}.${column.name}`, to: column.references! })));
  return { to: all.filter((one) => one.from.startsWith(`${table.name}.`)), from: all.filter((one) => one.to.startsWith(`${table.name}.`)) };
}

/** A name as it stands in SQL. */
export const quoted = (name: string): string => `"${name.replace(/"/g, '""')}"`;
