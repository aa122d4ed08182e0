// SPDX-License-Identifier: Apache-2.0
// A statement to be written and run: the editor, the values bound to it, what the last run of it said, and buttons.
// Escape in the editor goes on to the buttons.
import "./form.css";
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { draftOf, draftProblem, fitDrafts, paramOf, placesOf, type Draft } from "../words/params.js";
import { problemPlace } from "../words/sql-problem.js";
import type { Param } from "../core/wire.js";
import { SqlEditor } from "./editor.js";
import { ParamRows } from "./params.js";
import { useTables } from "./tables.js";

export interface FormProps {
  dataset: string;
  sql: string;
  params: Param[];
  /** What the editor is called. */
  label: string;
  runLabel: string;
  /** A run is under way; another cannot be begun. */
  busy?: boolean;
  onRun(sql: string, params: Param[]): void;
  onChange?(sql: string, params: Param[]): void;
  /** Where there is something to go back to. */
  cancel?: { label: string; run(): void };
  /** How the run of a statement ended, where it failed. */
  problem?: { sql: string; title: string; message: string; hint?: string | null } | null;
  focus?: boolean;
  /** More buttons. */
  children?: ComponentChildren;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const RUN_KEYS = isMac ? "⌘ ↵" : "Ctrl ↵";

export function SqlForm({ dataset, sql, params, label, runLabel, busy = false, onRun, onChange, cancel, problem, focus = false, children }: FormProps) {
  const [text, setText] = useState(sql);
  // Values of places that are gone for the moment are kept, for when they come back.
  const [kept, setKept] = useState<Draft[]>(() => params.map(draftOf));
  const runButton = useRef<HTMLButtonElement>(null);
  const tables = useTables(dataset);
  const places = useMemo(() => placesOf(text), [text]);
  const drafts = fitDrafts(kept, places.length);
  const canRun = !busy && text.trim() !== "" && drafts.every((draft) => draftProblem(draft) === null);
  const place = useMemo(() => (problem ? problemPlace(problem.message, problem.sql) : null), [problem]);

  const tell = (now: string, values: Draft[]) => onChange?.(now, fitDrafts(values, placesOf(now).length).map(paramOf));
  const setSql = (now: string) => {
    setText(now);
    tell(now, kept);
  };
  const setDraft = (at: number, draft: Draft) => {
    const now = fitDrafts(kept, Math.max(kept.length, at + 1)).map((old, index) => (index === at ? draft : old));
    setKept(now);
    tell(text, now);
  };
  const run = () => {
    if (canRun) onRun(text, drafts.map(paramOf));
  };
  const onParamKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run();
  };
  return (
    <div class="form">
      <SqlEditor text={sql} label={label} onChange={setSql} onRun={run} onLeave={() => runButton.current?.focus()} tables={tables} problem={problem && problem.sql === text ? place : null} focus={focus} />
      <div onKeyDown={onParamKey}><ParamRows places={places} drafts={drafts} onChange={setDraft} /></div>
      {problem && (
        <div class="form-problem" role="alert">
          <p><b>{problem.title}.</b> {problem.message}</p>
          {problem.hint && <p class="form-hint">{problem.hint}</p>}
        </div>
      )}
      <div class="form-actions">
        <button ref={runButton} type="button" class="plain form-run" disabled={!canRun} onClick={run}>{busy ? "Running…" : runLabel}</button>
        {cancel && <button type="button" class="plain" onClick={cancel.run}>{cancel.label}</button>}
        {children}
        <span class="form-keys"><span><kbd>{RUN_KEYS}</kbd> runs</span><span><kbd>Esc</kbd> leaves the editor</span></span>
      </div>
    </div>
  );
}
