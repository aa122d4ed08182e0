// SPDX-License-Identifier: Apache-2.0
// Files that are dragged over the page or pasted into it. Dropping them anywhere brings them; a table that was
// copied in a spreadsheet is brought too, once somebody has said that it was meant.
import "./drop.css";
import { useEffect, useState } from "preact/hooks";
import { bring } from "../core/actions-data.js";
import type { Uploads } from "../core/wire.js";
import { bytes } from "../words/format.js";
import { pastedTable } from "../words/pasted.js";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

function onPaste(event: ClipboardEvent): void {
  const data = event.clipboardData;
  if (!data || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const files = [...data.files];
  const table = files.length === 0 ? pastedTable(data.getData("text/plain")) : null;
  if (table !== null) files.push(new File([table], "Pasted table.tsv", { type: "text/tab-separated-values" }));
  // Spreadsheets paste a picture of the cells too; a picture alone is no table.
  if (files.length === 0 || (table === null && files.every((file) => file.type.startsWith("image/")))) return;
  event.preventDefault();
  bring(files, { asks: true });
}

/** Whether files are over the page now. */
function useDragged(): boolean {
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    // Entering a child is told before leaving its parent, so the elements that are entered are counted.
    let inside = 0;
    const count = (by: number) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      inside = Math.max(0, inside + by);
      setDragged(inside > 0);
    };
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.dataTransfer!.dropEffect = "copy";
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      inside = 0;
      setDragged(false);
      bring([...event.dataTransfer!.files]);
    };
    const [enter, leave] = [count(1), count(-1)];
    const all = { dragenter: enter, dragleave: leave, dragover: over, drop, paste: onPaste } as Record<string, EventListener | ((event: never) => void)>;
    for (const [name, listener] of Object.entries(all)) addEventListener(name, listener as EventListener);
    return () => Object.entries(all).forEach(([name, listener]) => removeEventListener(name, listener as EventListener));
  }, []);
  return dragged;
}

export function Drop({ uploads }: { uploads: Uploads | null }) {
  if (!useDragged()) return null;
  return (
    <div class="drop" aria-hidden="true">
      <div class="drop-frame" />
      <div class="drop-words">
        <b>{uploads?.problem ? "Files are not taken here" : "Drop to add data"}</b>
        <span>{uploads?.problem ?? `CSV, TSV, JSON lines, each also as .gz, or SQLite${uploads ? `; up to ${bytes(uploads.max_bytes)}` : ""}. Several files become the tables of one data set.`}</span>
      </div>
    </div>
  );
}
