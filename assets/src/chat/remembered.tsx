// SPDX-License-Identifier: Apache-2.0
// Where a question can mean several things and was asked before, what was chosen then is taken again: this says so,
// and offers the others.
import "./remembered.css";
import { useState } from "preact/hooks";
import { ask } from "../core/actions.js";
import { runningTurn } from "../core/state.js";
import { toast } from "../core/toasts.js";
import type { Turn } from "../core/wire.js";
import { Choices } from "../parts/choices.js";

export function Remembered({ turn }: { turn: Turn }) {
  const [open, setOpen] = useState(false);
  if (!turn.remembered) return null;
  const pick = (reading: number) => {
    if (runningTurn()) return toast("Another question is being answered; choose again when it is done.");
    setOpen(false);
    void ask(turn.question, reading);
  };
  const others = (turn.readings ?? []).filter((reading) => reading.index !== turn.reading);
  const choices = others.map((reading) => ({ title: reading.title, detail: reading.detail, preview: reading.preview, pick: () => pick(reading.index) }));
  return (
    <div class="remembered">
      <p>
        You chose “<bdi>{turn.remembered.title}</bdi>” before
        {choices.length > 0 && <> · <button class="remembered-again" aria-expanded={open} onClick={() => setOpen(!open)}>choose again</button></>}
      </p>
      {open && <Choices label="What is meant instead" choices={choices} disabled={false} />}
    </div>
  );
}
