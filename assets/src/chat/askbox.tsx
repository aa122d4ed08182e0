// SPDX-License-Identifier: Apache-2.0
// The box that questions are written in. Enter asks, Shift+Enter begins a new line; while a turn is under way the
// button stops it, and what is being written stays. What is longer than the server takes is said before it is sent.
import "./askbox.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, stop } from "../core/actions.js";
import { count, utf8Length } from "../words/format.js";
import type { TurnView } from "../core/progress.js";
import { currentDataset, type State } from "../core/state.js";

/** The server's own limit (docs/openapi.yaml). */
const QUESTION_BYTES = 4_000;

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

export function AskBox({ state, running }: { state: State; running: TurnView | undefined }) {
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field = box.current;
    focusAskBox();
  }, []);
  useEffect(() => grow(box.current!), [text]);

  const dataset = currentDataset(state);
  const bytes = utf8Length(text.trim());
  const tooLong = bytes > QUESTION_BYTES;
  const ready = !tooLong && !running && dataset?.status === "ready" && !state.problem;
  const send = () => {
    box.current?.focus();
    if (!ready || bytes === 0) return;
    setText("");
    void ask(text);
  };
  const onKey = (event: KeyboardEvent) => {
    // An Enter that ends an input method's composition is not a question yet.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form class="askbox" onSubmit={(event) => (event.preventDefault(), send())}>
      <div class="askbox-frame">
        <textarea ref={box} rows={1} value={text} aria-label="Your question" placeholder={dataset ? `Ask about ${dataset.name}…` : "Ask…"} autocomplete="off" enterkeyhint="send" onInput={(event) => setText(event.currentTarget.value)} onKeyDown={onKey} aria-describedby="askbox-note" />
        <div class="askbox-row">
          <span class="askbox-note" id="askbox-note" data-bad={tooLong}>
            {tooLong ? `${count(bytes)} bytes; a question may have ${count(QUESTION_BYTES)}.` : <><kbd>Shift</kbd> <kbd>↵</kbd> new line</>}
          </span>
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
