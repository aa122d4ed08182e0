// SPDX-License-Identifier: Apache-2.0
// Which rows of a result are shown, and in which order: a filter over all columns, filters of single columns, and a
// stable sort. A row is named by its place in the result, so nothing is copied and the result's own order is kept.
import { asNumber, type ShownColumn } from "./cells.js";
import type { Cell, Column, Result } from "../core/wire.js";

export interface Sort {
  column: number;
  descending: boolean;
}

export type ColumnFilter =
  | { op: "contains" | "equals"; text: string }
  | { op: "between"; low: string; high: string }
  | { op: "empty" | "filled" };

export type Filters = ReadonlyMap<number, ColumnFilter>;

const collator = new Intl.Collator("en-US", { numeric: true });

/** Where a cell stands among cells of other kinds, as in SQLite: numbers, texts, bytes; and what is missing, last. */
function rankOf(cell: Cell): number {
  if (cell === null) return 3;
  if (typeof cell === "object") return 2;
  return typeof cell === "string" ? 1 : 0;
}

const isNumber = (column: Column) => column.type === "integer" || column.type === "real";
const isMoment = (column: Column) => column.type === "date" || column.type === "timestamp" || column.type === "time";
const byCode = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Integers beyond 2^53 come as text: told apart digit by digit where their nearest numbers are the same. */
function compareNumbers(a: Cell, b: Cell): number | null {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (x === null || y === null) return null;
  if (x !== y || (typeof a === "number" && typeof b === "number")) return x - y;
  const areWhole = [a, b].every((cell) => /^-?\d+$/.test(String(cell)));
  return areWhole ? Number(BigInt(String(a)) - BigInt(String(b))) : 0;
}

/** Two cells of one column; what is missing is not asked about here. */
function compareCells(column: Column, a: Cell, b: Cell): number {
  const numbers = isNumber(column) ? compareNumbers(a, b) : null;
  if (numbers !== null) return numbers;
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === "string" && typeof b === "string") return isMoment(column) ? byCode(a, b) : collator.compare(a, b);
  if (typeof a === "object" || typeof b === "object") return byCode(JSON.stringify(a), JSON.stringify(b));
  return Number(a) - Number(b);
}

export function sortRows(order: number[], { columns, rows }: Pick<Result, "columns" | "rows">, { column, descending }: Sort): number[] {
  const sign = descending ? -1 : 1;
  return [...order].sort((a, b) => {
    const [x, y] = [rows[a]![column] ?? null, rows[b]![column] ?? null];
    // Missing values end the list in both directions: who sorts looks for the values that are there.
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * compareCells(columns[column]!, x, y);
  });
}

/** Up, then down, then the order of the answer again. */
export function nextSort(now: Sort | null, column: number): Sort | null {
  if (now?.column !== column) return { column, descending: false };
  return now.descending ? null : { column, descending: true };
}

const fold = (text: string) => text.normalize("NFKC").toLowerCase();

/** What is looked through in a cell: as it is shown and as it came. */
function wordsOf(cell: Cell, column: ShownColumn): string {
  const shown = column.show(cell);
  if (shown.missing) return "";
  const exact = typeof cell === "object" ? "" : String(cell);
  return fold(exact === shown.text ? exact : `${shown.text}\n${exact}`).replace(/\u00a0/g, " ");
}

/** Looks through rows for a text; what a row says is put together once, when it is first looked through. */
export class Finder {
  private readonly words: (string | undefined)[] = [];

  constructor(
    private readonly rows: Cell[][],
    private readonly columns: ShownColumn[],
  ) {}

  has(row: number, needle: string): boolean {
    this.words[row] ??= this.columns.map((column, index) => wordsOf(this.rows[row]![index] ?? null, column)).join("\u0000");
    return this.words[row]!.includes(needle);
  }
}

function bound(text: string, column: Column): number | string | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (!isNumber(column)) return trimmed;
  const value = Number(trimmed.replace(/[\s,_]/g, "").replace("−", "-"));
  return Number.isNaN(value) ? null : value;
}

function isBetween(cell: Cell, column: Column, low: string, high: string): boolean {
  if (cell === null || typeof cell === "object") return false;
  const value = isNumber(column) ? asNumber(cell) : String(cell);
  if (value === null) return false;
  const [from, to] = [bound(low, column), bound(high, column)];
  // "2024-05" as an upper bound takes in the whole month: a longer text that begins with it is inside.
  const isUnder = to === null || value <= to || (typeof to === "string" && String(value).startsWith(to));
  return (from === null || value >= from) && isUnder;
}

function passes(cell: Cell, column: Column, shown: ShownColumn, filter: ColumnFilter): boolean {
  const isEmpty = cell === null || cell === "";
  switch (filter.op) {
    case "empty":
      return isEmpty;
    case "filled":
      return !isEmpty;
    case "between":
      return isBetween(cell, column, filter.low, filter.high);
    case "contains":
      return wordsOf(cell, shown).includes(fold(filter.text));
    case "equals":
      return wordsOf(cell, shown).split("\n").includes(fold(filter.text));
  }
}

/** Whether a filter lets something out: a half-written one does not. */
export function isActive(filter: ColumnFilter): boolean {
  if ("text" in filter) return filter.text !== "";
  return filter.op !== "between" || filter.low.trim() !== "" || filter.high.trim() !== "";
}

/** The filter in words, as they stand after the column's heading. */
export function filterWords(filter: ColumnFilter): string {
  switch (filter.op) {
    case "empty":
      return "is empty";
    case "filled":
      return "is not empty";
    case "between":
      if (filter.high.trim() === "") return `from ${filter.low.trim()}`;
      return filter.low.trim() === "" ? `up to ${filter.high.trim()}` : `${filter.low.trim()} to ${filter.high.trim()}`;
    case "contains":
      return `contains “${filter.text}”`;
    case "equals":
      return `is “${filter.text}”`;
  }
}

export interface Choice {
  find: string;
  filters: Filters;
  sort: Sort | null;
}

/** The places in the result of the rows that are shown, in their order. */
export function chosenRows(result: Pick<Result, "columns" | "rows">, shown: ShownColumn[], finder: Finder, { find, filters, sort }: Choice): number[] {
  const needle = fold(find.trim());
  const active = [...filters].filter(([, filter]) => isActive(filter));
  let order = result.rows.map((_, index) => index);
  if (active.length > 0) order = order.filter((row) => active.every(([column, filter]) => passes(result.rows[row]![column] ?? null, result.columns[column]!, shown[column]!, filter)));
  if (needle !== "") order = order.filter((row) => finder.has(row, needle));
  return sort ? sortRows(order, result, sort) : order;
}
