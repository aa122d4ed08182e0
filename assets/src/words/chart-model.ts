// SPDX-License-Identifier: Apache-2.0
// A chart as numbers and words, before anything is drawn: where each mark stands in the chart's own measures, what
// the axes say, and what is told to whoever does not see it.
//
// A place on the horizontal axis is a point in time, a number, or the number of a name. Missing values are left out: a bar of nothing would say zero. Values are
// told in thousands, millions or billions, which the caption says once.
import { asNumber, type ShownColumn } from "./cells.js";
import { chartHeightPx, isLying, LYING_AT_MOST, type ChartChoice, type Role, type Shape } from "./chart-choice.js";
import { SERIES_AT_MOST } from "./chart-offers.js";
import { axisLabel, count, heading, midSentence, plural, scaleOf, unitOf } from "./format.js";
import { everyFew, niceTicks } from "./scale.js";
import type { Cell, Chart, Result } from "../core/wire.js";

export interface Mark {
  /** Where it stands, and for bars from where to where. */
  x: number;
  x1: number;
  x2: number;
  y1: number;
  y2: number;
  /** What it is called and what it says. */
  name: string;
  label: string;
  /** Its place in `series`; 0 where there are none. */
  series: number;
  isBest: boolean;
}

export interface ChartModel {
  kind: ChartChoice["kind"];
  /** Bars lie on their side. */
  lying: boolean;
  /** How the horizontal axis is measured: by name, by number, by time. */
  scale: "place" | "number" | "time";
  marks: Mark[];
  /** The names of the places. */
  places: string[];
  series: string[];
  xTicks: number[] | null;
  xTick(value: number): string;
  yTicks: number[];
  yTick(value: number): string;
  caption: string;
  /** The text alternative. */
  told: string;
  /** What was left out. */
  note: string | null;
  heightPx: number;
}

interface Point {
  place: Cell;
  value: number;
  series: number;
  name: string;
}

const STANDING_AT_MOST = 60;
const DOTS_AT_MOST = 3_000;
const TOLD_AT_MOST = 12;
/** Steps of the axes. */
const Y_STEPS = 5;
const X_STEPS = 6;
const BAR_SHARE = 0.62;
const GROUP_SHARE = 0.8;
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 });

/** A value that its unit would round to nothing is told in a smaller one. */
function labelOf(values: number[], divisor: number): (value: number) => string {
  const label = axisLabel(values, divisor);
  return (value) => (value !== 0 && !/[1-9]/.test(label(value)) ? compact.format(value).replace("-", "−") : label(value));
}

const timeOf = (cell: Cell) => Date.parse(String(cell).replace(" ", "T").replace(/(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)$/, "$1Z"));

function positionOf(role: Role, cell: Cell): number {
  return role === "moment" ? timeOf(cell) : (asNumber(cell) ?? NaN);
}

interface Input {
  result: Result;
  columns: ShownColumn[];
  shapes: Shape[];
  choice: ChartChoice;
  chart: Chart | null;
}

interface Points {
  points: Point[];
  series: string[];
}

function pointsOf({ result, columns, choice }: Input): Points {
  const { x, y, color } = choice;
  const series: string[] = [];
  const points: Point[] = [];
  for (const row of result.rows) {
    const [place, value] = [row[x] ?? null, asNumber(row[y] ?? null)];
    if (place === null || value === null) continue;
    const called = color < 0 ? "" : columns[color]!.show(row[color] ?? null).text;
    if (color >= 0 && !series.includes(called)) series.push(called);
    const nth = color < 0 ? 0 : series.indexOf(called);
    if (nth < SERIES_AT_MOST + 1) points.push({ place, value, series: nth, name: columns[x]!.show(place).text });
  }
  return { points, series };
}

/** How the values are written, and the words that the caption adds for it: "$ million". */
function measureOf({ choice, chart }: Input, values: number[]): { divisor: number; words: string } {
  const unit = unitOf(chart && chart.y === choice.y ? chart.unit : undefined);
  const { divisor, word } = scaleOf(Math.max(...values.map(Math.abs), 0));
  return { divisor, words: [unit.prefix || unit.suffix.trim() || unit.label, word].filter(Boolean).join(" ") };
}

function captionOf({ result, choice }: Input, words: string): string {
  const name = (index: number) => heading(result.columns[index]!.name);
  const by = choice.color < 0 ? "" : ` and ${midSentence(name(choice.color))}`;
  return `${name(choice.y)} by ${midSentence(name(choice.x))}${by}${words ? `, ${words}` : ""}`;
}

/** Marks on top of each other; what is below zero grows downwards by itself. */
function stack(points: Point[], key: (point: Point) => number): { y1: number; y2: number }[] {
  const up = new Map<number, number>();
  const down = new Map<number, number>();
  return points.map((point) => {
    const side = point.value < 0 ? down : up;
    const y1 = side.get(key(point)) ?? 0;
    side.set(key(point), y1 + point.value);
    return { y1, y2: y1 + point.value };
  });
}

type Drawn = Pick<ChartModel, "scale" | "marks" | "places" | "xTicks" | "xTick" | "yTicks" | "yTick" | "note"> & { divisor: number; words: string };

function barsOf(input: Input, { points, series }: Points): Drawn {
  const { choice, shapes } = input;
  const role = shapes[choice.x]?.role ?? "name";
  const lying = isLying(choice, shapes);
  const all = new Map<string, { name: string; at: number }>();
  for (const point of points) all.set(JSON.stringify(point.place), { name: point.name, at: lying ? all.size : positionOf(role, point.place) });
  const order = [...all.entries()].sort((a, b) => (lying ? 0 : a[1].at - b[1].at)).slice(0, lying ? LYING_AT_MOST : STANDING_AT_MOST);
  const placed = new Map(order.map(([key], index) => [key, index]));
  const place = (point: Point) => placed.get(JSON.stringify(point.place)) ?? -1;
  const kept = points.filter((point) => place(point) >= 0);
  const isStacked = series.length > 0 && !choice.grouped;
  const ends = isStacked ? stack(kept, place) : kept.map((point) => ({ y1: 0, y2: point.value }));
  const values = ends.flatMap((end) => [end.y1, end.y2]);
  const { divisor, words } = measureOf(input, values);
  const label = labelOf(kept.map((point) => point.value), divisor);
  const best = Math.max(...kept.map((point) => point.value));
  const share = choice.grouped && series.length > 0 ? GROUP_SHARE / series.length : BAR_SHARE;
  const marks = kept.map((point, index): Mark => {
    const x = place(point) + (choice.grouped && series.length > 0 ? (point.series - (series.length - 1) / 2) * share : 0);
    return { x, x1: x - share / 2, x2: x + share / 2, ...ends[index]!, name: point.name, label: label(point.value), series: point.series, isBest: series.length > 0 || point.value === best };
  });
  const yTicks = niceTicks(Math.min(0, ...values), Math.max(0, ...values), Y_STEPS);
  const more = all.size - order.length;
  return {
    scale: "place", marks, divisor, words, yTicks,
    places: order.map(([, { name }]) => name),
    xTicks: null,
    xTick: String,
    yTick: axisLabel(yTicks, divisor),
    note: more > 0 ? `The first ${count(order.length)} of ${count(all.size)}; the table has the rest.` : null,
  };
}

function spread(values: number[]): { ticks: number[]; tick(value: number): string } {
  const ticks = niceTicks(Math.min(...values), Math.max(...values), X_STEPS);
  return { ticks, tick: (value) => compact.format(value).replace("-", "−") };
}

/** The horizontal axis of what is no bar. */
function horizontal(role: Role, xs: number[]): Pick<ChartModel, "scale" | "xTicks" | "xTick"> {
  if (role === "moment") return { scale: "time", xTicks: null, xTick: String };
  if (role === "year") return { scale: "number", xTicks: null, xTick: String };
  const { ticks, tick } = spread(xs);
  return { scale: "number", xTicks: ticks, xTick: tick };
}

/** A line may leave zero out, unless zero is near: then leaving it out would only exaggerate. */
function lowest(values: number[], mustHaveZero: boolean): number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && (mustHaveZero || low < high * 0.6) ? 0 : low;
}

/** A stacked area has a value at every place in every series, or its layers would cut through each other. */
function filled(points: Point[], series: number, at: (point: Point) => number): Point[] {
  const byPlace = new Map<number, Point[]>();
  for (const point of points) {
    const there = byPlace.get(at(point)) ?? [];
    there[point.series] = point;
    byPlace.set(at(point), there);
  }
  return [...byPlace.values()].flatMap((there) => {
    const some = there.find((point) => point !== undefined)!;
    return Array.from({ length: series }, (_, nth) => there[nth] ?? { ...some, series: nth, value: 0 });
  });
}

function pathsOf(input: Input, { points, series }: Points): Drawn {
  const { choice, shapes } = input;
  const role = shapes[choice.x]?.role ?? "name";
  const isNamed = role === "name" || role === "none";
  const names = isNamed ? [...new Set(points.map((point) => point.name))] : [];
  const at = (point: Point) => (isNamed ? names.indexOf(point.name) : positionOf(role, point.place));
  const isArea = choice.kind === "area";
  const isStacked = isArea && series.length > 0;
  const kept = (isStacked ? filled(points, series.length, at) : points).filter((point) => Number.isFinite(at(point)));
  if (choice.kind !== "scatter") kept.sort((a, b) => at(a) - at(b) || a.series - b.series);
  const few = choice.kind === "scatter" ? everyFew(kept.length, DOTS_AT_MOST).map((index) => kept[index]!) : kept;
  const ends = isStacked ? stack(few, at) : few.map((point) => ({ y1: 0, y2: point.value }));
  const values = ends.map((end) => end.y2);
  const { divisor, words } = measureOf(input, values);
  const label = labelOf(few.map((point) => point.value), divisor);
  const marks = few.map((point, index): Mark => ({ x: at(point), x1: at(point), x2: at(point), ...ends[index]!, name: point.name, label: label(point.value), series: point.series, isBest: true }));
  const yTicks = niceTicks(lowest(values, isArea), Math.max(...values), Y_STEPS);
  const step = few.length < kept.length ? Math.round(kept.length / few.length) : 1;
  return {
    ...(isNamed ? { scale: "place", xTicks: null, xTick: String } : horizontal(role, marks.map((mark) => mark.x))),
    marks, divisor, words, yTicks,
    places: names,
    yTick: axisLabel(yTicks, divisor),
    note: step > 1 ? `Every ${step === 2 ? "second" : `${count(step)}th`} of ${plural(kept.length, "point")}.` : null,
  };
}

function histogramOf(input: Input): Drawn {
  const { result, choice } = input;
  const values = result.rows.map((row) => asNumber(row[choice.x] ?? null)).filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const edges = niceTicks(low, high, Math.min(30, Math.max(6, Math.ceil(Math.log2(values.length) + 1) * 1.6)));
  const [from, width] = [edges[0]!, edges[1]! - edges[0]!];
  const tally = new Array<number>(edges.length - 1).fill(0);
  for (const value of values) tally[Math.min(tally.length - 1, Math.floor((value - from) / width))]! += 1;
  const most = Math.max(...tally);
  const edge = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
  const told = (value: number) => edge.format(value).replace("-", "−");
  const marks = tally.map((rows, bin): Mark => {
    const [x1, x2] = [edges[bin]!, edges[bin + 1]!];
    return { x: (x1 + x2) / 2, x1, x2, y1: 0, y2: rows, name: `${told(x1)} to ${told(x2)}`, label: plural(rows, "row"), series: 0, isBest: rows === most };
  });
  const yTicks = niceTicks(0, most, Y_STEPS);
  const { ticks, tick } = spread([low, high]);
  const missing = result.rows.length - values.length;
  return { scale: "number", marks, places: [], divisor: 1, words: "", xTicks: ticks.filter((value) => value >= from && value <= edges[edges.length - 1]!), xTick: tick, yTicks, yTick: axisLabel(yTicks, 1), note: missing > 0 ? `${plural(missing, "row")} without a value.` : null };
}

function toldOf(model: Drawn, { choice }: Input, series: string[]): string {
  if (choice.kind === "scatter") {
    const ends = (key: "x" | "y2") => [...model.marks].sort((a, b) => a[key] - b[key]).filter((_, index, all) => index === 0 || index === all.length - 1);
    const [across, up] = [ends("x").map((mark) => mark.name), ends("y2").map((mark) => mark.label)];
    return `${plural(model.marks.length, "point")}, across from ${across.join(" to ")}, up from ${up.join(" to ")}`;
  }
  const named = everyFew(model.marks.length, TOLD_AT_MOST).map((index) => model.marks[index]!);
  const more = model.marks.length > TOLD_AT_MOST ? "; the table has every value" : "";
  return named.map((mark) => `${mark.name}${series.length > 0 ? `, ${series[mark.series]},` : ""} ${mark.label}`).join(", ") + more;
}

const KIND_WORDS: Record<ChartChoice["kind"], string> = { bar: "Bar chart", line: "Line chart", area: "Area chart", scatter: "Scatter plot", histogram: "Histogram" };

export function chartModel(input: Input): ChartModel {
  const { choice, result, shapes } = input;
  const points = choice.kind === "histogram" ? { points: [], series: [] } : pointsOf(input);
  const drawn = choice.kind === "histogram" ? histogramOf(input) : choice.kind === "bar" ? barsOf(input, points) : pathsOf(input, points);
  const { divisor: _, words, ...model } = drawn;
  const caption = choice.kind === "histogram" ? `Rows by ${midSentence(heading(result.columns[choice.x]!.name))}` : captionOf(input, words);
  return { ...model, kind: choice.kind, lying: isLying(choice, shapes), heightPx: chartHeightPx(choice, shapes), series: points.series, caption, told: `${KIND_WORDS[choice.kind]}, ${caption}: ${toldOf(drawn, input, points.series)}.` };
}
