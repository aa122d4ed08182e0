// SPDX-License-Identifier: Apache-2.0
// The rows and columns of a table as a grid of the WAI-ARIA practices.
//
// Theory of operation. The table is as high and as wide as all of its rows and columns, so that the scroll bars are
// true; in the page are only those in view and some around them (words/window.ts). A row stands at its place by its
// own offset from the top, and its cells on tracks that the table sets once for all rows, so that a new width
// touches one element. One cell or heading has the grid's place in the Tab order; arrows, Home, End, Page Up and
// Page Down move it, and with Ctrl to the corners. It may be scrolled out of the page: then the scrolling box takes
// the focus and the keys, and the next arrow goes on from where it was. Nothing here changes what is shown: the
// order of rows, the filters and the widths are the view's (table-view.ts).
import { usePrinting } from "../parts/printing.js";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { say } from "../core/actions.js";
import type { Result } from "../core/wire.js";
import type { ShownColumn } from "../words/cells.js";
import { exactText, rowText } from "../words/copy.js";
import { plural } from "../words/format.js";
import { columnSpan, offsetsOf, rowSpan, scrollFor, type Span } from "../words/window.js";
import { Head } from "./table-head.js";
import { atOf, clamp, moved, parseAt, type Active } from "./table-moves.js";
import { Row } from "./table-row.js";
import { fittingWidth, fittingWidths } from "./table-widths.js";
import type { View } from "./table-view.js";

const HEAD_PX = 34;
/** As many go on paper; the rest is what the downloads are for. */
const PRINTED_ROWS = 500;
const ROW_PX = 34;
const ROW_COARSE_PX = 44;
/** What a row leaves at both sides of its cells. */
const EDGE_PX = 8;
const WIDTH_STEP_PX = 16;
const NONE_PX = 64;
/** On a narrow screen a column leaves room for the next one. */
const NARROW = "(max-width: 480px)";
const NARROW_COLUMN_PX = 200;

interface Place {
  top: number;
  left: number;
  height: number;
  width: number;
}

export interface GridProps {
  columns: ShownColumn[];
  result: Result;
  view: View;
  /** The column whose panel is open. */
  panel: number | null;
  openCell(row: number, column: number): void;
  openPanel(column: number, button: HTMLElement): void;
  /** Told which rows are in view, from the first to the last. */
  onView(rows: Span): void;
}

const placeOf = (box: HTMLElement): Place => ({ top: box.scrollTop, left: box.scrollLeft, height: box.clientHeight - HEAD_PX, width: box.clientWidth });
const isSame = (a: Span, b: Span) => a.from === b.from && a.to === b.to;
const has = (span: Span, at: number) => at >= span.from && at < span.to;

/** Tracks that share the room that is left; figures keep their width beside text, so that they stay near it. */
function tracksOf(widths: number[], listed: number[], columns: ShownColumn[], view: View, isWhole: boolean): string {
  const isText = (index: number) => !columns[index]!.numeric && !view.widths.has(index);
  const anyText = listed.some(isText);
  return listed
    .map((index, nth) => {
      const stretches = isWhole && !view.widths.has(index) && (!anyText || isText(index));
      return stretches ? `minmax(${widths[nth]}px, ${widths[nth]}fr)` : `${widths[nth]}px`;
    })
    .join(" ");
}

/** Copies the marked rows, or else the cell; a text that is marked is left to the browser. */
function copyFrom(event: ClipboardEvent, active: Active, view: View, { rows }: Result): void {
  const { order, listed, marked } = view;
  const at = parseAt(event.target as Element) ?? active;
  if (!event.clipboardData || (document.getSelection()?.toString() ?? "") !== "") return;
  const chosen = order.filter((row) => marked.has(row));
  if (chosen.length === 0 && at.row < 0) return;
  const row = (index: number) => rowText(listed.map((column) => rows[index]![column] ?? null));
  event.clipboardData.setData("text/plain", chosen.length > 0 ? chosen.map(row).join("\n") : exactText(rows[order[at.row]!]![listed[at.column]!] ?? null));
  event.preventDefault();
  say(chosen.length > 0 ? `Copied ${plural(chosen.length, "row")}.` : "Copied the cell.");
}

/** Where the box is scrolled to, as far as it matters to what is in the page. */
function useSpans(box: { current: HTMLDivElement | null }, rows: number, offsets: number[], rowPx: number, onView: GridProps["onView"]) {
  const [place, setPlace] = useState<Place>({ top: 0, left: 0, height: 560, width: 900 });
  const spansAt = (at: Place) => ({ rows: rowSpan(rows, offsets.length - 1, rowPx, at.top, at.height), columns: columnSpan(offsets, at.left, at.width) });
  const printing = usePrinting();
  const spans = printing ? { rows: { from: 0, to: Math.min(rows, PRINTED_ROWS) }, columns: { from: 0, to: offsets.length - 1 } } : spansAt(place);
  const latest = useRef(() => {});
  latest.current = () => {
    if (!box.current || box.current.clientWidth === 0 || printing) return;
    const now = placeOf(box.current);
    onView({ from: Math.min(rows, Math.floor(now.top / rowPx)), to: Math.min(rows, Math.ceil((now.top + now.height) / rowPx)) });
    const next = spansAt(now);
    if (isSame(next.rows, spans.rows) && isSame(next.columns, spans.columns)) return;
    const focused = parseAt(box.current.contains(document.activeElement) ? document.activeElement : null);
    if (focused && !(has(next.columns, focused.column) && (focused.row < 0 || has(next.rows, focused.row)))) box.current.focus({ preventScroll: true });
    setPlace(now);
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => latest.current());
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  return { spans, look: () => latest.current() };
}

/** How high rows are and how wide columns; OFFSETS has where each column begins. */
function useMeasures(columns: ShownColumn[], result: Result, { listed, widths: set }: View) {
  const rowPx = useMemo(() => (matchMedia("(pointer: coarse)").matches ? ROW_COARSE_PX : ROW_PX), []);
  const fitting = useMemo(() => {
    const most = matchMedia(NARROW).matches ? NARROW_COLUMN_PX : Infinity;
    return fittingWidths(columns, result.rows).map((px) => Math.min(px, most));
  }, [columns, result]);
  const widths = useMemo(() => listed.map((index) => set.get(index) ?? fitting[index]!), [listed, set, fitting]);
  const offsets = useMemo(() => offsetsOf(widths), [widths]);
  return { rowPx, widths, offsets };
}

export function Grid({ columns, result, view, panel, openCell, openPanel, onView }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const { order, listed } = view;
  const { rowPx, widths, offsets } = useMeasures(columns, result, view);
  const { spans, look } = useSpans(box, order.length, offsets, rowPx, onView);
  const [active, setActive] = useState<Active>({ row: -1, column: 0, part: "sort" });
  const follows = useRef(false);

  const { from, to } = spans.columns;
  const isWhole = from === 0 && to === listed.length;
  const inPage = useMemo(() => listed.slice(from, to), [listed, from, to]);
  const isThere = has(spans.columns, active.column) && (active.row < 0 || has(spans.rows, active.row));

  useLayoutEffect(look, [order, offsets]);
  useLayoutEffect(() => {
    if (box.current!.scrollTop > 0) box.current!.scrollTop = 0;
  }, [view.sort, view.find, view.filters]);
  useEffect(() => setActive((now) => ({ ...now, row: Math.min(now.row, order.length - 1), column: clamp(now.column, listed.length - 1) })), [order, listed]);
  useLayoutEffect(() => {
    if (!follows.current) return;
    follows.current = false;
    box.current!.querySelector<HTMLElement>(`[data-at="${atOf(active)}"]`)?.focus({ preventScroll: true });
  });

  const goTo = (next: Active) => {
    const { top, left, height, width } = placeOf(box.current!);
    if (next.row >= 0) box.current!.scrollTop = scrollFor(next.row * rowPx, rowPx, top, height);
    if (!isWhole) box.current!.scrollLeft = scrollFor(offsets[next.column]!, widths[next.column]! + 2 * EDGE_PX, left, width);
    else box.current!.querySelector(`[data-at="sort:${next.column}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    follows.current = true;
    look();
    setActive({ ...next });
  };
  const fit = useCallback((index: number) => view.setWidth(index, fittingWidth(columns[index]!, index, result.rows, 1, 1200)), [columns, result]);

  const widen = (key: string) => {
    const index = listed[active.column]!;
    const head = box.current!.querySelectorAll("th")[active.column - from];
    const now = head?.getBoundingClientRect().width ?? widths[active.column]!;
    view.setWidth(index, now + (key === "ArrowRight" ? WIDTH_STEP_PX : -WIDTH_STEP_PX));
  };
  const onKey = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.altKey || event.metaKey || listed.length === 0) return;
    if (key === "Escape" && view.marked.size > 0) view.clearMarks();
    else if (key === "Enter" && active.row >= 0) openCell(order[active.row]!, listed[active.column]!);
    else if (key === " " && event.shiftKey && active.row >= 0) view.toggleMark(order[active.row]!);
    else if (event.shiftKey && active.row < 0 && (key === "ArrowLeft" || key === "ArrowRight")) widen(key);
    else {
      const page = Math.max(1, Math.floor((box.current!.clientHeight - HEAD_PX) / rowPx) - 1);
      const next = event.shiftKey ? null : moved(key, event.ctrlKey, active, order.length, listed.length, page);
      if (!next) return;
      goTo(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onFocus = (event: FocusEvent) => {
    const found = parseAt(event.target as Element);
    if (found && atOf(found) !== atOf(active)) setActive(found);
  };
  const cellAt = (event: MouseEvent) => {
    const found = parseAt(event.target as Element);
    return found && found.row >= 0 ? { row: order[found.row]!, column: listed[found.column]! } : null;
  };
  const onClick = (event: MouseEvent) => {
    const found = cellAt(event);
    if (found && (event.ctrlKey || event.metaKey)) view.toggleMark(found.row);
  };
  const onDouble = (event: MouseEvent) => {
    const found = cellAt(event);
    // The second press has marked a word.
    document.getSelection()?.removeAllRanges();
    if (found) openCell(found.row, found.column);
  };

  const tracks = tracksOf(widths.slice(from, to), inPage, columns, view, isWhole);
  const style = { gridTemplateColumns: tracks, lineHeight: `${rowPx - 1}px`, minWidth: `${offsets[listed.length]! + 2 * EDGE_PX}px` };
  const before = from > 0 ? `${offsets[from]! + EDGE_PX}px` : undefined;
  const rows = order.slice(spans.rows.from, spans.rows.to);
  return (
    <div class="table-scroll" ref={box} tabIndex={isThere ? -1 : 0} onScroll={look} onKeyDown={onKey} onFocusIn={onFocus} onCopy={(event) => copyFrom(event, active, view, result)} onClick={onClick} onDblClick={onDouble}>
      <table role="grid" aria-label="Result table" aria-rowcount={order.length + 1} aria-colcount={listed.length} aria-multiselectable="true" style={style}>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1} style={{ paddingLeft: before }}>
            {inPage.map((index, nth) => (
              <Head key={index} column={columns[index]!} index={index} place={from + nth} view={view} active={active.row < 0 && active.column === from + nth ? active.part : null} isOpen={panel === index} open={(button) => openPanel(index, button)} fit={() => fit(index)} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" style={{ height: `${order.length === 0 ? NONE_PX : order.length * rowPx}px` }}>
          {rows.map((row, nth) => {
            const at = spans.rows.from + nth;
            return <Row key={row} at={at} row={row} cells={result.rows[row]!} columns={columns} listed={inPage} from={from} topPx={at * rowPx} before={before} active={active.row === at ? active.column : -1} marked={view.marked.has(row)} />;
          })}
        </tbody>
      </table>
    </div>
  );
}
