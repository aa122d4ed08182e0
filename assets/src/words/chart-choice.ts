// SPDX-License-Identifier: Apache-2.0
// Which charts the columns of a result allow, and which columns may be which axis. A chart shows every row once:
// bars, lines and areas are offered only where no two rows have the same place, with or without a second category
// to tell them apart. What the server suggests is taken as it is.
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

type Rows = Pick<Result, "columns" | "rows">;

export const KIND_NAMES: Record<ChartKind, string> = { bar: "Bar", line: "Line", area: "Area", scatter: "Scatter", histogram: "Histogram" };
export const SERIES_AT_MOST = 8;

const KINDS = Object.keys(KIND_NAMES) as ChartKind[];
const PLACES_AT_MOST = 400;
/** Wide results are looked at from the left: what is worth a chart stands there. */
const COLUMNS_AT_MOST = 40;
const HISTOGRAM_VALUES = 8;
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

/** Whether no two rows share a place. */
function isUnique({ rows }: Rows, shapes: Shape[], x: number, color: number): boolean {
  const most = shapes[x]!.distinct * (color < 0 ? 1 : shapes[color]!.distinct + 1);
  if (shapes[x]!.values > most) return false;
  const seen = new Set<string>();
  for (const row of rows) {
    if ((row[x] ?? null) === null) continue;
    const key = JSON.stringify(color < 0 ? row[x] : [row[x], row[color] ?? null]);
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

const X_ROLES: Record<ChartKind, Role[]> = {
  bar: ["name", "year", "moment", "number"],
  line: ["moment", "year", "number"],
  area: ["moment", "year", "number"],
  scatter: ["number", "moment", "year"],
  histogram: ["number"],
};

function fitsX(kind: ChartKind, shape: Shape): boolean {
  if (!X_ROLES[kind].includes(shape.role) || shape.distinct < 2) return false;
  if (kind === "bar") return shape.distinct <= PLACES_AT_MOST;
  return kind !== "histogram" || (shape.values >= HISTOGRAM_VALUES && shape.distinct > 2);
}

const fitsColor = (shape: Shape) => (shape.role === "name" || shape.role === "year") && shape.distinct >= 2 && shape.distinct <= SERIES_AT_MOST;

const indexes = (shapes: Shape[], fits: (shape: Shape) => boolean) => shapes.flatMap((shape, index) => (fits(shape) ? [index] : []));

/** The columns that may be each axis, whatever the others are. */
function candidates(kind: ChartKind, shapes: Shape[]): { x: number[]; y: number[]; color: number[] } {
  const rank = (index: number) => X_ROLES[kind].indexOf(shapes[index]!.role);
  const x = indexes(shapes, (shape) => fitsX(kind, shape)).sort((a, b) => rank(a) - rank(b) || a - b);
  if (kind === "histogram") return { x, y: [-1], color: [-1] };
  return { x, y: indexes(shapes, (shape) => shape.role === "number"), color: [-1, ...indexes(shapes, fitsColor)] };
}

const first = (wished: number | undefined, all: number[]) => (wished !== undefined && all.includes(wished) ? [wished, ...all.filter((one) => one !== wished)] : all);

/** A chart of this kind as near to the wish as the columns allow; null where they allow none. */
export function complete(result: Rows, shapes: Shape[], kind: ChartKind, wish: Partial<ChartChoice> = {}): ChartChoice | null {
  const all = candidates(kind, shapes);
  for (const x of first(wish.x, all.x)) {
    const y = first(wish.y, all.y).find((one) => one !== x);
    if (y === undefined) continue;
    for (const color of first(wish.color, all.color)) {
      if (color >= 0 && (color === x || color === y)) continue;
      if (kind === "scatter" || kind === "histogram" || isUnique(result, shapes, x, color)) return { kind, x, y, color, grouped: wish.grouped ?? false };
    }
  }
  return null;
}

/** The kinds that the columns allow, in the order in which they are offered. */
export function kindsFor(result: Rows, shapes: Shape[]): ChartKind[] {
  return result.rows.length < 2 ? [] : KINDS.filter((kind) => complete(result, shapes, kind) !== null);
}

export interface Axes {
  x: number[];
  y: number[];
  color: number[];
}

/** The columns that each axis of a choice may be changed to, with the others adapted where they must. */
export function axesFor(result: Rows, shapes: Shape[], choice: ChartChoice): Axes {
  const all = candidates(choice.kind, shapes);
  const reach = (axis: "x" | "y" | "color") => all[axis].filter((index) => complete(result, shapes, choice.kind, { ...choice, [axis]: index })?.[axis] === index);
  return { x: reach("x"), y: reach("y"), color: reach("color") };
}

/** What the server suggests, where at least two of its points can be drawn. */
export function suggestedChoice(chart: Chart | null, { rows }: Rows): ChartChoice | null {
  if (!chart) return null;
  const drawable = rows.filter((row) => asNumber(row[chart.y] ?? null) !== null).length;
  return drawable > 1 ? { kind: chart.kind, x: chart.x, y: chart.y, color: -1, grouped: false } : null;
}

/** The chart to begin with where none is suggested: over time a line, else bars, else whatever fits. */
export function firstChoice(result: Rows, shapes: Shape[]): ChartChoice | null {
  const line = complete(result, shapes, "line");
  if (line && shapes[line.x]!.role !== "number") return line;
  const kind = kindsFor(result, shapes)[0];
  return kind ? complete(result, shapes, kind) : null;
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
  return KINDS.includes(kind as ChartKind) && isColumn(x, 0) && isColumn(y, kind === "histogram" ? -1 : 0) && isColumn(color, -1) && typeof grouped === "boolean";
}
