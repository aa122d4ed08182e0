// SPDX-License-Identifier: Apache-2.0
// The rows of a result: numbers at the right with their digits under each other, what is missing a dim dash. They
// can be sorted, found, filtered, copied, and opened one by one; nothing of that asks the server again.
import "./table.css";
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Result } from "../core/wire.js";
import { lazy } from "../parts/lazy.js";
import { place } from "../parts/menu.js";
import type { ShownColumn } from "../words/cells.js";
import type { Span } from "../words/window.js";
import { TableBar, TableTop } from "./table-bar.js";
import { Grid } from "./table-grid.js";
import { isNarrowed, useView, type View } from "./table-view.js";

const ColumnPanel = lazy("the column", () => import("./column-panel.js").then((m) => m.ColumnPanel));
const CellDialog = lazy("the cell", () => import("./table-dialogs.js").then((m) => m.CellDialog));
const ColumnsDialog = lazy("the columns", () => import("./table-dialogs.js").then((m) => m.ColumnsDialog));

/** Up to this many rows are seen at a glance: no box to find some of them. */
const GLANCE_ROWS = 15;

interface Opened {
  column: number;
  button: HTMLElement;
}

/** The panel of a column, beside its heading; it closes when something else is pressed, and gives the focus back. */
function usePanel(columns: ShownColumn[], result: Result, view: View) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const panel = useRef<HTMLDivElement>(null);
  const open = (column: number, button: HTMLElement) => {
    setOpened({ column, button });
    panel.current!.showPopover();
    place(panel.current!, button);
  };
  const close = () => panel.current!.hidePopover();
  const onToggle = (event: { newState: string }) => {
    if (event.newState === "open") return;
    if (panel.current!.contains(document.activeElement) || document.activeElement === document.body) opened?.button.focus();
    setOpened(null);
  };
  // Escape closes the panel and no more: it would stop a question that is under way.
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  const heading = opened ? columns[opened.column]!.heading : "";
  const element = (
    <div class="column-panel" ref={panel} popover="auto" role="dialog" aria-label={`Column ${heading}`} onToggle={onToggle} onKeyDown={onKey}>
      {opened && <ColumnPanel key={opened.column} column={columns[opened.column]!} index={opened.column} result={result} view={view} widthPx={opened.button.parentElement!.getBoundingClientRect().width} onReady={() => place(panel.current!, opened.button)} close={close} />}
    </div>
  );
  return { element, open, column: opened?.column ?? null };
}

export function Table({ columns, result, tools }: { columns: ShownColumn[]; result: Result; tools?: ComponentChildren }) {
  const view = useView(columns, result);
  const [inView, setInView] = useState<Span>({ from: 0, to: 0 });
  const [cell, setCell] = useState<{ row: number; column: number } | null>(null);
  const [choosing, setChoosing] = useState(false);
  const panel = usePanel(columns, result, view);
  const onView = (rows: Span) => (rows.from !== inView.from || rows.to !== inView.to) && setInView(rows);
  const parts = { columns, result, view };
  return (
    <div class="table">
      {(result.rows.length > GLANCE_ROWS || isNarrowed(view)) && <TableTop {...parts} />}
      <Grid {...parts} panel={panel.column} openCell={(row, column) => setCell({ row, column })} openPanel={panel.open} onView={onView} />
      {view.order.length === 0 && <p class="table-none">No row is left. <button class="tool" onClick={view.clearFilters}>Remove the filters</button></p>}
      <TableBar {...parts} inView={inView} openColumns={() => setChoosing(true)}>{tools}</TableBar>
      {panel.element}
      {cell && <CellDialog columns={columns} result={result} {...cell} close={() => setCell(null)} />}
      {choosing && <ColumnsDialog columns={columns} view={view} close={() => setChoosing(false)} />}
    </div>
  );
}
