// SPDX-License-Identifier: Apache-2.0
// A bar or a line chart of two columns, drawn to the width that it is given, so that its letters keep their size.
// Its text alternative names the values; the table beside it has them all. Missing values are left out: a bar of
// nothing would say zero.
import "./chart.css";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { asNumber, type ShownColumn } from "../words/cells.js";
import { axisLabel, count, heading, midSentence, scaleOf, unitOf } from "../words/format.js";
import { everyFew, niceTicks, positions } from "../words/scale.js";
import type { Cell, Chart, Result } from "../core/wire.js";

const BARS_AT_MOST = 24;
const NAMED_AT_MOST = 12;

interface Point {
  x: Cell;
  name: string;
  value: number;
}

interface Shape {
  points: Point[];
  width: number;
  height: number;
  /** Values are written in this many: thousands, millions. */
  divisor: number;
}

export function isDrawable(chart: Chart, result: Result): boolean {
  return result.rows.filter((row) => asNumber(row[chart.y] ?? null) !== null).length > 1;
}

function useWidth() {
  const frame = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(420);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(220, (frame.current?.clientWidth ?? 452) - 32));
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  return { frame, width };
}

const pen = document.createElement("canvas").getContext("2d");

/** How wide a text is in the chart's face; a guess where the browser has no canvas. */
function widthOf(text: string): number {
  if (!pen) return text.length * 7.5;
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

const widest = (texts: string[]) => Math.max(...texts.map(widthOf));

function shorten(text: string, room: number): string {
  let kept = text.slice(0, 80);
  while (kept.length > 1 && widthOf(kept === text ? text : `${kept}…`) > room) kept = kept.slice(0, -1);
  return kept === text ? text : `${kept.trimEnd()}…`;
}

const stepOf = (points: Point[]) => (points.length > 12 ? 24 : 34);

function Bars({ points, width, divisor }: Shape) {
  const label = axisLabel(points.map((point) => point.value), divisor);
  const left = Math.min(widest(points.map((point) => point.name.slice(0, 80))) + 12, width * 0.4);
  const right = widest(points.map((point) => label(point.value))) + 12;
  const low = Math.min(0, ...points.map((point) => point.value));
  const high = Math.max(0, ...points.map((point) => point.value));
  const room = width - left - right;
  const at = (value: number) => left + ((value - low) / (high - low || 1)) * room;
  const best = Math.max(...points.map((point) => point.value));
  const step = stepOf(points);
  return (
    <g>
      {points.map((point, i) => {
        const from = Math.min(at(0), at(point.value));
        const size = Math.max(1.5, Math.abs(at(point.value) - at(0)));
        return (
          <g key={i} transform={`translate(0 ${i * step})`}>
            <text class="chart-name" y={step / 2 + 4}>{shorten(point.name, left - 12)}<title>{point.name}</title></text>
            <rect class={point.value === best ? "chart-bar chart-best" : "chart-bar"} x={from} y={step * 0.2} width={size} height={step * 0.6} rx={3} />
            <text class="chart-value" x={Math.max(from + size, at(0)) + 7} y={step / 2 + 4}>{label(point.value)}</text>
          </g>
        );
      })}
    </g>
  );
}

function Line({ points, width, height, divisor }: Shape) {
  const values = points.map((point) => point.value);
  // A line may leave zero out, unless zero is near: then leaving it out would only exaggerate.
  const low = Math.min(...values) > 0 && Math.min(...values) < Math.max(...values) * 0.6 ? 0 : Math.min(...values);
  const ticks = niceTicks(low, Math.max(...values));
  const label = axisLabel(ticks, divisor);
  const [bottom, top] = [ticks[0]!, ticks[ticks.length - 1]!];
  // The first and the last name hang over by half: room for that is kept at both ends.
  const name = widest(points.map((point) => point.name));
  const left = Math.max(widest(ticks.map(label)) + 10, name / 2);
  const right = Math.max(12, name / 2);
  const room = width - left - right;
  const where = positions(points.map((point) => point.x)).map((position) => left + position * room);
  const y = (value: number) => 12 + (1 - (value - bottom) / (top - bottom || 1)) * (height - 44);
  const named = everyFew(points.length, Math.max(1, Math.min(8, Math.floor(room / (name + 14)))));
  return (
    <g>
      {ticks.map((tick) => (
        <g key={tick}>
          <line class="chart-grid" x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} />
          <text class="chart-value" x={left - 8} y={y(tick) + 4} text-anchor="end">{label(tick)}</text>
        </g>
      ))}
      {named.map((i) => <text key={i} class="chart-value" x={where[i]} y={height - 8} text-anchor="middle">{points[i]!.name}</text>)}
      <path class="chart-line" d={points.map((point, i) => `${i ? "L" : "M"}${where[i]!.toFixed(1)} ${y(point.value).toFixed(1)}`).join("")} />
      {points.length <= 40 && points.map((point, i) => <circle key={i} class="chart-dot" cx={where[i]} cy={y(point.value)} r={3}><title>{`${point.name}: ${label(point.value)}`}</title></circle>)}
    </g>
  );
}

export function BarOrLine({ chart, result, columns }: { chart: Chart; result: Result; columns: ShownColumn[] }) {
  const { frame, width } = useWidth();
  const all: Point[] = result.rows.flatMap((row) => {
    const [x, value] = [row[chart.x] ?? null, asNumber(row[chart.y] ?? null)];
    return value === null ? [] : [{ x, value, name: columns[chart.x]!.show(x).text }];
  });
  const points = chart.kind === "bar" ? all.slice(0, BARS_AT_MOST) : all;
  const unit = unitOf(chart.unit);
  const scale = scaleOf(Math.max(...points.map((point) => Math.abs(point.value))));
  const label = axisLabel(points.map((point) => point.value), scale.divisor);
  const name = (index: number) => heading(result.columns[index]!.name);
  const measure = [unit.prefix || unit.suffix.trim() || unit.label, scale.word].filter(Boolean).join(" ");
  const caption = `${name(chart.y)} by ${midSentence(name(chart.x))}${measure ? `, ${measure}` : ""}`;
  const told = everyFew(points.length, NAMED_AT_MOST).map((i) => `${points[i]!.name} ${label(points[i]!.value)}`).join(", ");
  const kind = chart.kind === "bar" ? "Bar" : "Line";
  const more = points.length > NAMED_AT_MOST ? "; the table has every value" : "";
  // A long table stands beside a tall chart, a short one beside a low one.
  const height = chart.kind === "line" ? Math.min(380, Math.max(200, points.length * 30)) : points.length * stepOf(points);
  const Drawing = chart.kind === "bar" ? Bars : Line;
  return (
    <figure class="chart" ref={frame}>
      <figcaption>{caption}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={`${kind} chart, ${caption}: ${told}${more}.`}>
        <Drawing points={points} width={width} height={height} divisor={scale.divisor} />
      </svg>
      {all.length > points.length && <p>The first {points.length} of {count(all.length)}; the table has the rest.</p>}
    </figure>
  );
}
