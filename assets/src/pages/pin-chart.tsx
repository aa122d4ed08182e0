// SPDX-License-Identifier: Apache-2.0
// The chart of a pinned answer: as the answer has it, no higher than a card of the board bears, and without the means
// to change it.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { lazy } from "../parts/lazy.js";
import type { ShownColumn } from "../words/cells.js";
import { isLying, shapesOf, type ChartChoice } from "../words/chart-choice.js";
import { chartModel } from "../words/chart-model.js";
import type { Chart, Result } from "../core/wire.js";

const Drawing = lazy("the chart", () => import("../answer/plot.js").then((m) => m.Drawing));

const BARS_SHOWN = 8;
const HEIGHT_PX = 200;
const EDGES_PX = 32;

export function PinChart({ result, columns, chart, choice }: { result: Result; columns: ShownColumn[]; chart: Chart | null; choice: ChartChoice }) {
  const figure = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(300);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(180, figure.current!.clientWidth - EDGES_PX));
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(figure.current!);
    return () => observer.disconnect();
  }, []);
  const model = useMemo(() => {
    const shapes = shapesOf(result);
    const isLong = isLying(choice, shapes) && result.rows.length > BARS_SHOWN;
    const shown = isLong ? { ...result, rows: result.rows.slice(0, BARS_SHOWN) } : result;
    const made = chartModel({ result: shown, columns, shapes: shapesOf(shown), choice, chart });
    return isLying(choice, shapes) ? made : { ...made, heightPx: Math.min(made.heightPx, HEIGHT_PX) };
  }, [result, columns, chart, choice]);
  const left = result.rows.length - BARS_SHOWN;
  return (
    <figure class="chart" ref={figure}>
      <figcaption>{model.caption}</figcaption>
      <div class="chart-frame" style={{ height: `${model.heightPx}px` }}><Drawing model={model} width={width} /></div>
      {isLying(choice, shapesOf(result)) && left > 0 && <p class="chart-note">The first {BARS_SHOWN} of {result.rows.length}.</p>}
    </figure>
  );
}
