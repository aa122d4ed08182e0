// SPDX-License-Identifier: Apache-2.0
// Draws a chart with Observable Plot, to the width that it is given, so that its letters keep their size. This file
// is a chunk of its own, with all of Plot that is used here.
//
// Plot puts a style element into what it draws, which the page's content security policy refuses: it is taken out
// before the drawing is put into the page, and chart.css has its rules. Colours are the page's own tokens, so that
// a change of the theme needs no new drawing. What is told of the mark under the pointer, or reached by the arrow
// keys, is text beside the drawing, as every browser reads it.
import { areaY, axisX, axisY, dot, gridY, lineY, plot, rect, ruleX, ruleY, text, type Markish, type PlotOptions } from "@observablehq/plot";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { fitText, remPx, textWidth } from "../parts/measure.js";
import type { ChartModel, Mark } from "../words/chart-model.js";
import { everyFew } from "../words/scale.js";

/** As chart.css has it. */
const fontPx = () => 0.8 * remPx();
const EDGE_PX = 12;
const TICK_ROOM_PX = 26;
const NAME_GAP_PX = 16;
const DOTS_UNTIL = 60;
const TIME_TICK_PX = 84;
const NUMBER_TICK_PX = 64;

interface Drawn {
  svg: SVGSVGElement;
  /** Where each mark is pointed at. */
  anchors: { left: number; top: number; mark: Mark }[];
}

const widest = (texts: string[]) => texts.reduce((most, one) => Math.max(most, textWidth(one, fontPx())), 0);
const colorOf = (series: number) => `var(--series-${(series % 8) + 1})`;
const ink = () => ({ fill: "var(--ink)", fontSize: fontPx() });
const quiet = () => ({ fill: "var(--ink-2)", fontSize: fontPx() });
const domainOf = (ticks: number[]) => (ticks.length > 1 ? [ticks[0]!, ticks[ticks.length - 1]!] : [Math.min(0, ticks[0]!), Math.max(1, ticks[0]!)]);

/** One bar, or one piece of it: the best in full where there is one series, else each in its series' colour. */
function rects(model: ChartModel, at: (mark: Mark) => { x1: number; x2: number; y1: number; y2: number }): Markish[] {
  const channels = { x1: (mark: Mark) => at(mark).x1, x2: (mark: Mark) => at(mark).x2, y1: (mark: Mark) => at(mark).y1, y2: (mark: Mark) => at(mark).y2 };
  const isStacked = model.series.length > 0 && model.marks.some((mark) => mark.y1 !== 0);
  const fill = (single: string) => (model.series.length > 0 ? { value: (mark: Mark) => colorOf(mark.series), scale: null } : single);
  const options = { ...channels, inset: isStacked || model.kind === "histogram" ? 0.5 : 0, rx: isStacked ? 0 : 3 };
  const best = model.marks.filter((mark) => mark.isBest);
  const others = model.marks.filter((mark) => !mark.isBest);
  return [rect(others, { ...options, fill: fill("var(--bar-soft)") }), rect(best, { ...options, fill: fill("var(--bar)") })];
}

/** The ends of the bars with what they say; of stacked ones nothing, the axis has it. */
function ends(model: ChartModel): Mark[] {
  return model.series.length > 0 && model.marks.some((mark) => mark.y1 !== 0) ? [] : model.marks;
}

function lyingBars(model: ChartModel, width: number): PlotOptions {
  const { marks, places } = model;
  const named = places.map((name, place) => ({ name, place }));
  const left = Math.min(widest(places.map((name) => name.slice(0, 80))) + NAME_GAP_PX, width * 0.4);
  const said = ends(model);
  const right = widest(said.map((mark) => mark.label)) + EDGE_PX;
  // What is written beside a bar that goes to the left must not run into the names.
  const domain = [Math.min(0, ...marks.map((mark) => mark.y2)), Math.max(0, ...marks.map((mark) => mark.y2))];
  return {
    marginLeft: left, marginRight: right, marginTop: 0, marginBottom: said.length > 0 ? 0 : TICK_ROOM_PX,
    x: { domain, axis: null },
    y: { domain: [-0.5, places.length - 0.5], axis: null, range: [0, model.heightPx - (said.length > 0 ? 0 : TICK_ROOM_PX)] },
    marks: [
      ...rects(model, (mark) => ({ x1: mark.y1, x2: mark.y2, y1: mark.x1, y2: mark.x2 })),
      ...(domain[0]! < 0 ? [ruleX([0], { stroke: "var(--line-strong)" })] : []),
      text(named, { y: "place", frameAnchor: "left", dx: -left, textAnchor: "start", text: (one: { name: string }) => fitText(one.name, left - NAME_GAP_PX, fontPx()), title: "name", ...ink() }),
      text(said, { x: (mark: Mark) => Math.max(mark.y2, 0), y: "x", dx: 7, textAnchor: "start", text: "label", ...quiet() }),
      ...(said.length > 0 ? [] : [axisX(model.yTicks.filter((tick) => tick >= domain[0]! && tick <= domain[1]!), { tickFormat: model.yTick, tickSize: 0, ...quiet() })]),
    ],
  };
}

/** The axis at the left with its thin lines. */
function upright(model: ChartModel): { marks: Markish[]; left: number } {
  const left = widest(model.yTicks.map(model.yTick)) + 10;
  return { left, marks: [gridY(model.yTicks, { stroke: "var(--line)", strokeOpacity: 1 }), axisY(model.yTicks, { tickFormat: model.yTick, tickSize: 0, label: null, ...quiet() })] };
}

function standingBars(model: ChartModel, width: number): PlotOptions {
  const { marks, places } = model;
  const { marks: axis, left } = upright(model);
  const room = width - left - EDGE_PX;
  const longest = Math.max(1, widest(places));
  const named = everyFew(places.length, Math.max(1, Math.floor(room / (longest + NAME_GAP_PX))));
  const said = ends(model);
  const barPx = (room / Math.max(1, places.length)) * (marks[0] ? marks[0].x2 - marks[0].x1 : 1);
  const hasRoom = said.length > 0 && said.length <= 24 && widest(said.map((mark) => mark.label)) <= barPx + 8;
  return {
    marginLeft: left, marginRight: EDGE_PX, marginTop: hasRoom ? 22 : EDGE_PX, marginBottom: TICK_ROOM_PX,
    x: { domain: [-0.5, places.length - 0.5], axis: null },
    y: { domain: domainOf(model.yTicks), axis: null },
    marks: [
      ...axis,
      ...rects(model, (mark) => mark),
      ruleY([0], { stroke: "var(--line-strong)" }),
      ...(hasRoom ? [text(said, { x: "x", y: (mark: Mark) => Math.max(mark.y2, 0), dy: -9, text: "label", ...quiet() })] : []),
      axisX(named, { tickFormat: (place: number) => places[place] ?? "", tickSize: 0, label: null, ...quiet() }),
    ],
  };
}

/** The horizontal axis of what is no bar. */
function across(model: ChartModel, room: number): { axis: Markish; x: PlotOptions["x"] } {
  const look = { tickSize: 0, label: null, ...quiet() };
  const all = model.marks.flatMap((mark) => [mark.x1, mark.x2]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const domain = model.xTicks ? [Math.min(low, model.xTicks[0]!), Math.max(high, model.xTicks[model.xTicks.length - 1]!)] : low < high ? [low, high] : [low - 1, high + 1];
  if (model.scale === "time") return { axis: axisX({ ticks: Math.max(2, Math.floor(room / TIME_TICK_PX)), ...look }), x: { type: "utc", domain, axis: null } };
  if (model.scale === "place") {
    const named = everyFew(model.places.length, Math.max(1, Math.floor(room / (Math.max(1, widest(model.places)) + NAME_GAP_PX))));
    return { axis: axisX(named, { tickFormat: (place: number) => model.places[place] ?? "", ...look }), x: { domain, axis: null } };
  }
  // Years, and the like: each has a place of its own.
  const whole = Array.from({ length: Math.min(400, high - low + 1) || 1 }, (_, nth) => low + nth);
  const ticks = model.xTicks ?? everyFew(whole.length, Math.max(1, Math.floor(room / NUMBER_TICK_PX))).map((nth) => whole[nth]!);
  return { axis: axisX(ticks, { tickFormat: model.xTick, ...look }), x: { domain, axis: null } };
}

const SHAPES: Record<"line" | "area" | "scatter" | "histogram", (model: ChartModel) => Markish[]> = {
  line(model) {
    const perSeries = model.marks.length / Math.max(1, model.series.length);
    const stroke = { value: (mark: Mark) => (model.series.length > 0 ? colorOf(mark.series) : "var(--bar)"), scale: null };
    const dots = perSeries <= DOTS_UNTIL ? [dot(model.marks, { x: "x", y: "y2", r: perSeries <= 30 ? 3 : 2, fill: "var(--card)", stroke, strokeWidth: 1.6 })] : [];
    return [lineY(model.marks, { x: "x", y: "y2", z: "series", stroke, strokeWidth: 2, strokeLinejoin: "round" }), ...dots];
  },
  area(model) {
    const isMany = model.series.length > 0;
    const fill = { value: (mark: Mark) => (isMany ? colorOf(mark.series) : "var(--bar)"), scale: null };
    const edge = isMany ? [] : [lineY(model.marks, { x: "x", y: "y2", stroke: "var(--bar)", strokeWidth: 2 })];
    return [areaY(model.marks, { x: "x", y1: "y1", y2: "y2", z: "series", fill, fillOpacity: isMany ? 0.85 : 0.3 }), ...edge];
  },
  scatter(model) {
    const fill = { value: (mark: Mark) => (model.series.length > 0 ? colorOf(mark.series) : "var(--bar)"), scale: null };
    return [dot(model.marks, { x: "x", y: "y2", r: model.marks.length > 300 ? 2.5 : 3.5, fill, fillOpacity: model.marks.length > 300 ? 0.45 : 0.75 })];
  },
  histogram(model) {
    return [...rects(model, (mark) => mark), ruleY([0], { stroke: "var(--line-strong)" })];
  },
};

function onAxes(model: ChartModel, width: number, shape: keyof typeof SHAPES): PlotOptions {
  const { marks: axis, left: ticksLeft } = upright(model);
  // The first and the last name hang over by half: room for that is kept at both ends.
  const half = model.scale === "place" ? widest(model.places) / 2 : model.scale === "number" ? 20 : 14;
  const left = Math.max(ticksLeft, half);
  const { axis: below, x } = across(model, width - left - half);
  return {
    marginLeft: left, marginRight: Math.max(EDGE_PX, half), marginTop: EDGE_PX, marginBottom: model.scale === "time" ? 38 : TICK_ROOM_PX,
    x, y: { domain: domainOf(model.yTicks), axis: null },
    marks: [...axis, ...SHAPES[shape](model), below],
  };
}

function draw(model: ChartModel, width: number): Drawn {
  const options = model.kind !== "bar" ? onAxes(model, width, model.kind) : model.lying ? lyingBars(model, width) : standingBars(model, width);
  const svg = plot({ ...options, width, height: model.heightPx, className: "chart-plot" }) as SVGSVGElement & ReturnType<typeof plot>;
  svg.querySelector("style")?.remove();
  const [x, y] = [svg.scale("x")!, svg.scale("y")!];
  const anchors = model.marks.map((mark) => (model.lying ? { left: x.apply(Math.max(mark.y2, 0)) as number, top: y.apply(mark.x) as number, mark } : { left: x.apply(mark.x) as number, top: y.apply(model.kind === "bar" ? Math.max(mark.y1, mark.y2) : mark.y2) as number, mark }));
  return { svg, anchors };
}

/** Along the axis of names or of time a mark is reached from anywhere; a point only from near it. */
function nearest({ anchors }: Drawn, model: ChartModel, left: number, top: number): number {
  const [across, up] = model.kind === "scatter" ? [1, 1] : model.lying ? [0.02, 1] : [1, 0.02];
  let [best, least] = [-1, Infinity];
  anchors.forEach((anchor, index) => {
    const far = across * (anchor.left - left) ** 2 + up * (anchor.top - top) ** 2;
    if (far < least) [best, least] = [index, far];
  });
  return model.kind === "scatter" && least > 24 ** 2 ? -1 : best;
}

const MOVES: Record<string, (at: number, last: number) => number> = {
  ArrowRight: (at, last) => Math.min(last, at + 1),
  ArrowDown: (at, last) => Math.min(last, at + 1),
  ArrowLeft: (at) => Math.max(0, at - 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** What is said of a mark; it stays inside the drawing, above its mark or below it. */
function Tip({ at, model, width }: { at: Drawn["anchors"][number]; model: ChartModel; width: number }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { offsetWidth, offsetHeight } = box.current!;
    const above = at.top - offsetHeight - 10;
    box.current!.style.left = `${Math.max(0, Math.min(at.left - offsetWidth / 2, width - offsetWidth))}px`;
    box.current!.style.top = `${above >= -8 ? above : at.top + 12}px`;
  }, [at, width]);
  const series = model.series[at.mark.series];
  return (
    <>
      {model.kind !== "bar" && model.kind !== "histogram" && <span class="chart-ring" style={{ left: `${at.left}px`, top: `${at.top}px` }} />}
      <div class="chart-tip" ref={box}><b>{at.mark.label}</b> <bdi>{at.mark.name}</bdi>{series !== undefined && <>, <bdi>{series}</bdi></>}</div>
    </>
  );
}

export function Drawing({ model, width }: { model: ChartModel; width: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const drawn = useMemo(() => draw(model, width), [model, width]);
  const [told, setTold] = useState(-1);
  const last = drawn.anchors.length - 1;
  useLayoutEffect(() => {
    frame.current!.replaceChildren(drawn.svg);
    drawn.svg.setAttribute("aria-hidden", "true");
  }, [drawn]);
  const onPointer = (event: PointerEvent) => {
    const { left, top } = frame.current!.getBoundingClientRect();
    setTold(nearest(drawn, model, event.clientX - left, event.clientY - top));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    if (move) setTold(move(told, last));
    else if (event.key === "Escape" && told >= 0) setTold(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const at = drawn.anchors[told];
  return (
    <div class="chart-drawing" onPointerMove={onPointer} onPointerLeave={() => setTold(-1)}>
      <div class="chart-canvas" ref={frame} role="img" aria-label={model.told} tabIndex={0} onKeyDown={onKey} onBlur={() => setTold(-1)} />
      <div role="status" class="chart-status">{at && <Tip at={at} model={model} width={width} />}</div>
    </div>
  );
}
