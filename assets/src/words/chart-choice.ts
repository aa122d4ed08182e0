// SPDX-License-Identifier: Apache-2.0
// What is known of a chart before any is drawn: what its columns are, which one is chosen, how high it will be. What
// else could be chosen comes with the code that draws (chart-offers.ts).
import { asNumber, isName } from "./cells.js";
import type { Cell, Chart, Column, Result } from "../core/wire.js";

export type ChartKind = "bar" | "line" | "area" | "scatter" | "histogram";

export interface ChartChoice {
  kind: ChartKind;
  x: number;
  /** -1 in a histogram: it counts rows. */
  y: number;
  /** The column that tells rows of the same x apart; -1 for none. */
  color: number;
  /** Bars of one x stand side by side instead of on each other. */
  grouped: boolean;
}

/** What a column's values are: amounts, years, points in time, names; or nothing that could be drawn. */
export type Role = "number" | "year" | "moment" | "name" | "none";

export interface Shape {
  role: Role;
  /** How many values there are, and how many different ones. */
  values: number;
  distinct: number;
}

export type Rows = Pick<Result, "columns" | "rows">;

export const CHART_KINDS: ChartKind[] = ["bar", "line", "area", "scatter", "histogram"];

/** Wide results are looked at from the left: what is worth a chart stands there. */
const COLUMNS_AT_MOST = 40;
const MOMENT = /^\d{4}-(0[1-9]|1[0-2])(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?)?$/;

function roleOf(column: Column, cells: Cell[]): Role {
  if (cells.length === 0 || column.type === "blob" || column.type === "null") return "none";
  if (column.type === "integer" || column.type === "real") {
    const values = cells.map(asNumber);
    if (values.some((value) => value === null)) return "none";
    if (!isName(column, values as number[])) return "number";
    return /year/i.test(column.name) && (values as number[]).every((value) => value >= 1000 && value < 3000) ? "year" : "name";
  }
  if (column.type === "boolean" || column.type === "time") return "name";
  return cells.every((cell) => typeof cell === "string" && MOMENT.test(cell)) ? "moment" : "name";
}

export function shapesOf({ columns, rows }: Rows): Shape[] {
  return columns.slice(0, COLUMNS_AT_MOST).map((column, index) => {
    const cells = rows.map((row) => row[index] ?? null).filter((cell) => cell !== null);
    const distinct = new Set(cells.map((cell) => (typeof cell === "object" ? cell.base64 : cell))).size;
    return { role: roleOf(column, cells), values: cells.length, distinct };
  });
}

/** What the server suggests, where at least two of its points can be drawn. */
export function suggestedChoice(chart: Chart | null, { rows }: Rows): ChartChoice | null {
  if (!chart) return null;
  const drawable = rows.filter((row) => asNumber(row[chart.y] ?? null) !== null).length;
  return drawable > 1 ? { kind: chart.kind, x: chart.x, y: chart.y, color: -1, grouped: false } : null;
}

export const LYING_AT_MOST = 24;

/** Bars of names lie on their side, so that the names can be read. */
export function isLying(choice: ChartChoice, shapes: Shape[]): boolean {
  const role = shapes[choice.x]?.role ?? "name";
  return choice.kind === "bar" && (role === "name" || role === "none");
}

/** How high a chart is drawn: known before it is, so that its room is kept. A line beside a long table may be taller. */
export function chartHeightPx(choice: ChartChoice, shapes: Shape[]): number {
  const series = choice.color < 0 ? 0 : (shapes[choice.color]?.distinct ?? 0);
  const places = shapes[choice.x]?.distinct ?? 0;
  if (isLying(choice, shapes)) {
    const lying = Math.min(places, LYING_AT_MOST);
    if (series === 0) return lying * (lying > 12 ? 24 : 34);
    return choice.grouped ? lying * (series * 17 + 14) : lying * (lying > 12 ? 24 : 34) + 26;
  }
  if (choice.kind === "scatter") return 320;
  if (choice.kind === "histogram") return 250;
  return Math.min(380, Math.max(choice.kind === "bar" ? 250 : 210, places * 30));
}

/** A choice that was kept may be of columns that are no longer there, or of another page's making. */
export function isChoice(value: unknown, columns: number): value is ChartChoice {
  if (typeof value !== "object" || value === null) return false;
  const { kind, x, y, color, grouped } = value as Record<string, unknown>;
  const isColumn = (index: unknown, least: number) => Number.isInteger(index) && (index as number) >= least && (index as number) < columns;
  return CHART_KINDS.includes(kind as ChartKind) && isColumn(x, 0) && isColumn(y, kind === "histogram" ? -1 : 0) && isColumn(color, -1) && typeof grouped === "boolean";
}
