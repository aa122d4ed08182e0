// SPDX-License-Identifier: Apache-2.0
// The box that questions are written in. Enter asks, Shift+Enter begins a new line; while a turn is under way the
// button stops it, and what is being written stays: over a reload, and while another conversation is looked at. What
// is longer than the server takes is said before it is sent.
import "./askbox.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ask, chooseDataset, show, stop } from "../core/actions.js";
import * as drafts from "../core/drafts.js";
import { count, utf8Length } from "../words/format.js";
import type { TurnView } from "../core/progress.js";
import { currentDataset, followUps, isNew, type State } from "../core/state.js";
import { Answerer } from "./answerer.js";
import { FollowUps } from "./follow-ups.js";
import { recall } from "./recall.js";

/** The server's own limit (docs/openapi.yaml). */
const QUESTION_BYTES = 4_000;
/** From here on the bytes are counted where they can be seen. */
const COUNTED_FROM = 3_600;

let field: HTMLTextAreaElement | null = null;

/** On a touch screen nothing is focused unasked: it would bring up the keyboard over the page. */
export function focusAskBox(): void {
  if (matchMedia("(any-pointer: coarse) and (not (any-pointer: fine))").matches) return;
  field?.focus();
}

function grow(element: HTMLTextAreaElement): void {
  element.style.height = "auto";
  element.style.height = `${element.scrollHeight}px`;
}

/** Which data a new question is about; a conversation stays with its own. */
function Dataset({ state }: { state: State }) {
  const ready = state.datasets?.filter((one) => one.status === "ready") ?? [];
  if (!isNew(state) || ready.length < 2) return null;
  return (
    <select class="chip askbox-dataset" aria-label="Data set" value={state.dataset ?? ""} onChange={(event) => chooseDataset(event.currentTarget.value)}>
      {ready.map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}
    </select>
  );
}

function Note({ bytes }: { bytes: number }) {
  const tooLong = bytes > QUESTION_BYTES;
  return (
    <span class="askbox-note" id="askbox-note" data-bad={tooLong} role={tooLong ? "alert" : undefined}>
      {tooLong ? `${count(bytes)} bytes; a question may have ${count(QUESTION_BYTES)}.` : bytes > COUNTED_FROM ? `${count(bytes)} of ${count(QUESTION_BYTES)} bytes` : ""}
    </span>
  );
}

/** The text of the box, kept under the conversation that it belongs to. */
function useDraft(of: string): [string, (text: string) => void] {
  const [text, setText] = useState(drafts.draft(of));
  const write = (next: string) => {
    drafts.keepDraft(of, next);
    setText(next);
  };
  useLayoutEffect(() => setText(drafts.draft(of)), [of]);
  useEffect(() => drafts.onPut((put) => (write(put), field?.focus())), [of]);
  return [text, write];
}

export function AskBox({ state, running }: { state: State; running: TurnView | undefined }) {
  const [text, write] = useDraft(state.route.page === "conversation" ? state.route.id : drafts.NEW);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field = box.current;
    if (state.route.page !== "conversation" || !state.route.turn) focusAskBox();
    return () => void (field = null);
  }, []);
  useLayoutEffect(() => grow(box.current!), [text]);

  const dataset = currentDataset(state);
  const bytes = utf8Length(text.trim());
  const ready = bytes <= QUESTION_BYTES && !running && dataset?.status === "ready" && !state.problem;
  const send = () => {
    box.current?.focus();
    if (!ready || bytes === 0) return;
    write("");
    void ask(text);
  };
  const onKey = (event: KeyboardEvent) => {
    // An Enter that ends an input method's composition is not a question yet.
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = event.shiftKey ? undefined : ({ ArrowUp: "up", ArrowDown: "down" } as const)[event.key];
    const recalled = arrow ? recall(drafts.asked(), text, arrow) : null;
    if (recalled !== null) write(recalled);
    else if (event.key === "Enter" && !event.shiftKey) send();
    else return;
    event.preventDefault();
  };

  return (
    <form class="askbox" onSubmit={(event) => (event.preventDefault(), send())}>
      <div class="askbox-frame" onClick={(event) => event.target === event.currentTarget && box.current?.focus()}>
        <textarea ref={box} rows={1} value={text} aria-label="Your question" placeholder={dataset ? `Ask about ${dataset.name}…` : "Ask…"} autocomplete="off" enterkeyhint="send" onInput={(event) => write(event.currentTarget.value)} onKeyDown={onKey} aria-describedby="askbox-note" />
        <div class="askbox-row">
          <Dataset state={state} />
          <FollowUps texts={followUps(state)} />
          <Note bytes={bytes} />
          <Answerer state={state} />
          <button type="button" class="tool askbox-help" aria-label="Keyboard shortcuts" aria-haspopup="dialog" title="Keyboard shortcuts" onClick={() => show("shortcuts")}><kbd>?</kbd></button>
          {running ? (
            <button key="stop" type="button" class="askbox-stop" disabled={running.stopping} aria-keyshortcuts="Escape" onClick={() => void stop()}>
              {running.stopping ? "Stopping…" : <>Stop <kbd aria-hidden="true">Esc</kbd></>}
            </button>
          ) : (
            <button key="ask" type="submit" class="askbox-send" disabled={!ready}>Ask <span aria-hidden="true">↵</span></button>
          )}
        </div>
      </div>
    </form>
  );
}
