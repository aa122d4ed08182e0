// SPDX-License-Identifier: Apache-2.0
// Which charts the columns of a result allow, and which columns may be which axis. A chart shows every row once:
// bars, lines and areas are offered only where no two rows have the same place, with or without a second category
// to tell them apart.
import { CHART_KINDS, type ChartChoice, type ChartKind, type Role, type Rows, type Shape } from "./chart-choice.js";

export const KIND_NAMES: Record<ChartKind, string> = { bar: "Bar", line: "Line", area: "Area", scatter: "Scatter", histogram: "Histogram" };
export const SERIES_AT_MOST = 8;

const PLACES_AT_MOST = 400;
const HISTOGRAM_VALUES = 8;

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
  return result.rows.length < 2 ? [] : CHART_KINDS.filter((kind) => complete(result, shapes, kind) !== null);
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

/** The chart to begin with where none is suggested: over time a line, else bars, else whatever fits. */
export function firstChoice(result: Rows, shapes: Shape[]): ChartChoice | null {
  const line = complete(result, shapes, "line");
  if (line && shapes[line.x]!.role !== "number") return line;
  const kind = kindsFor(result, shapes)[0];
  return kind ? complete(result, shapes, kind) : null;
}
