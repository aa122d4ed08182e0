// SPDX-License-Identifier: Apache-2.0
// The SQL editor as a component. What it holds is its own while it is shown, since a cursor has to stay where it is;
// `text` is what it begins with, and replaces what is there when it becomes another text than was last told.
import "./editor.css";
import { useEffect, useRef } from "preact/hooks";
import type { CompletableTable } from "../words/schema-words.js";
import type { Place } from "../words/sql-problem.js";
import { openEditor, type Editor } from "./codemirror.js";

export interface EditorProps {
  text: string;
  label: string;
  onChange(text: string): void;
  onRun(): void;
  onLeave(): void;
  tables: CompletableTable[];
  problem: Place | null;
  /** Takes the focus as soon as it is there. */
  focus?: boolean;
}

const DESCRIPTION = "Control or Command and Enter runs it. Escape or Tab leaves the editor.";

export function SqlEditor({ text, label, onChange, onRun, onLeave, tables, problem, focus }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const told = useRef(text);
  // The editor is made once; what it calls is always of the latest drawing.
  const calls = useRef({ onChange, onRun, onLeave });
  calls.current = { onChange, onRun, onLeave };
  useEffect(() => {
    const tell = (now: string) => {
      told.current = now;
      calls.current.onChange(now);
    };
    editor.current = openEditor({ parent: host.current!, text, label, description: DESCRIPTION, onChange: tell, onRun: () => calls.current.onRun(), onLeave: () => calls.current.onLeave() });
    if (focus) editor.current.focus();
    return () => editor.current?.destroy();
  }, []);
  useEffect(() => editor.current?.setTables(tables), [tables]);
  useEffect(() => editor.current?.mark(problem), [problem]);
  useEffect(() => {
    if (text === told.current) return;
    told.current = text;
    editor.current?.setText(text);
  }, [text]);
  // The page's own single keys (N, ?) are letters here: outside of the shadow root the target no longer tells.
  const onKey = (event: KeyboardEvent) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  };
  return <div ref={host} class="editor" onKeyDown={onKey} />;
}
