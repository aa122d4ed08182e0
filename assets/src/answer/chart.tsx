// SPDX-License-Identifier: Apache-2.0
// The figure of an answer: its caption, the choice of kind and axes, and the drawing. It comes in a chunk of its own
// with all that draws; how high it will be is known before (chartHeightPx), so that nothing moves when it comes.
import "./chart.css";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { toast } from "../core/toasts.js";
import { saveAs } from "../core/save.js";
import { Menu } from "../parts/menu.js";
import type { ShownColumn } from "../words/cells.js";
import type { ChartChoice, ChartKind, Shape } from "../words/chart-choice.js";
import { axesFor, complete, KIND_NAMES, kindsFor, type Axes } from "../words/chart-offers.js";
import { chartModel } from "../words/chart-model.js";
import type { Chart, Result } from "../core/wire.js";
import { pngFile, svgFile } from "./chart-file.js";
import { Drawing } from "./plot.js";

const EDGES_PX = 32;
const NARROWEST_PX = 200;
const NEAR_VIEW = "600px";
/** Those far from the view are drawn one after the other, so that none holds up what somebody does meanwhile. */
const LATER_MS = 1_000;
const APART_MS = 60;
const APART_AT_MOST = 50;
let waiting = 0;

function useWidth() {
  const figure = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(420);
  useLayoutEffect(() => {
    const measure = () => {
      const room = figure.current!.clientWidth;
      if (room > 0) setWidth(Math.max(NARROWEST_PX, room - EDGES_PX));
    };
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(figure.current!);
    return () => observer.disconnect();
  }, []);
  return { figure, width };
}

/** Draws near the view at once, and elsewhere when there is time: a long conversation has many charts. */
function useTurnToDraw(figure: { current: HTMLElement | null }): boolean {
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    const draw = () => setOn(true);
    const observer = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && draw(), { rootMargin: NEAR_VIEW });
    observer.observe(figure.current!);
    const timer = setTimeout(draw, LATER_MS + (waiting++ % APART_AT_MOST) * APART_MS);
    addEventListener("beforeprint", draw);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      removeEventListener("beforeprint", draw);
    };
  }, []);
  return isOn;
}

interface Props {
  result: Result;
  columns: ShownColumn[];
  shapes: Shape[];
  chart: Chart | null;
  choice: ChartChoice;
  /** What a file of it is called, without its ending. */
  fileName: string;
  /** Null takes the chart away. */
  choose(choice: ChartChoice | null): void;
}

function Axis({ label, value, options, name, set }: { label: string; value: number; options: number[]; name(index: number): string; set(index: number): void }) {
  const id = useId();
  if (options.length < 2) return null;
  return (
    <span class="chart-axis">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => set(Number(event.currentTarget.value))}>
        {options.map((index) => <option key={index} value={index}>{name(index)}</option>)}
      </select>
    </span>
  );
}

function AxesRow({ axes, columns, choice, set }: { axes: Axes; columns: ShownColumn[]; choice: ChartChoice; set(change: Partial<ChartChoice>): void }) {
  const name = (index: number) => (index < 0 ? "(none)" : columns[index]!.heading);
  return (
    <div class="chart-axes" role="group" aria-label="Axes of the chart">
      <Axis label={choice.kind === "histogram" ? "Values" : "Across"} value={choice.x} options={axes.x} name={name} set={(x) => set({ x })} />
      <Axis label="Up" value={choice.y} options={axes.y} name={name} set={(y) => set({ y })} />
      <Axis label="Colour" value={choice.color} options={axes.color} name={name} set={(color) => set({ color })} />
      {choice.kind === "bar" && choice.color >= 0 && <label class="chart-axis"><input type="checkbox" checked={choice.grouped} onChange={(event) => set({ grouped: event.currentTarget.checked })} /> side by side</label>}
    </div>
  );
}

/** Saves what is drawn in FIGURE. */
async function save(kind: "svg" | "png", figure: HTMLElement, caption: string, series: string[], fileName: string): Promise<void> {
  try {
    const drawing = figure.querySelector<SVGSVGElement>("svg.chart-plot")!;
    const svg = svgFile(drawing, caption, series);
    saveAs(kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : await pngFile(svg), `${fileName}.${kind}`);
  } catch (error) {
    toast(`The picture could not be made: ${error instanceof Error ? error.message : String(error)}`, { bad: true });
  }
}

export function ChartFigure({ result, columns, shapes, chart, choice, fileName, choose }: Props) {
  const { figure, width } = useWidth();
  const isDrawn = useTurnToDraw(figure);
  const [open, setOpen] = useState(false);
  const model = useMemo(() => chartModel({ result, columns, shapes, choice, chart }), [result, columns, shapes, choice, chart]);
  const kinds = useMemo(() => {
    const fitting = kindsFor(result, shapes);
    return fitting.includes(choice.kind) ? fitting : [choice.kind, ...fitting];
  }, [result, shapes, choice.kind]);
  const axes = useMemo(() => axesFor(result, shapes, choice), [result, shapes, choice]);
  const hasAxes = axes.x.length > 1 || axes.y.length > 1 || axes.color.length > 1;
  const set = (kind: ChartKind, change: Partial<ChartChoice>) => {
    const next = complete(result, shapes, kind, { ...choice, ...change });
    if (next) choose(next);
  };
  const kindItems = kinds.map((kind) => ({ label: KIND_NAMES[kind], checked: kind === choice.kind, run: () => kind !== choice.kind && set(kind, {}) }));
  const saveItems = (["svg", "png"] as const).map((kind) => ({ label: kind === "svg" ? "SVG, a drawing" : "PNG, a picture", run: () => void save(kind, figure.current!, model.caption, model.series, fileName) }));
  return (
    <figure class="chart" ref={figure}>
      <figcaption>
        <span class="chart-caption">{model.caption}</span>
        <span class="chart-tools">
          <Menu label={`Kind of chart: ${KIND_NAMES[choice.kind]}`} items={[...kindItems, { label: "No chart", run: () => choose(null) }]}>{KIND_NAMES[choice.kind]} <span aria-hidden="true">▾</span></Menu>
          {hasAxes && <button class="tool" aria-expanded={open} onClick={() => setOpen(!open)}>Axes</button>}
          <Menu label="Save the chart" items={saveItems}>Save <span aria-hidden="true">▾</span></Menu>
        </span>
      </figcaption>
      {open && hasAxes && <AxesRow axes={axes} columns={columns} choice={choice} set={(change) => set(choice.kind, change)} />}
      {model.series.length > 0 && <ul class="chart-legend" aria-label="Colours">{model.series.map((name, nth) => <li key={name} data-series={nth + 1}><bdi>{name}</bdi></li>)}</ul>}
      <div class="chart-frame" style={{ height: `${model.heightPx}px` }}>{isDrawn && <Drawing model={model} width={width} />}</div>
      {model.note && <p class="chart-note">{model.note}</p>}
    </figure>
  );
}
