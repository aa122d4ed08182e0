// SPDX-License-Identifier: Apache-2.0
// Whether an answer was any good: two thumbs below it, quiet until they are looked for. Down is stored at once; why
// may be said afterwards. What was said is shown again with the turn, can be changed, and taken back by pressing it
// once more.
import "./feedback.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { giveFeedback } from "../core/actions-keep.js";
import type { TurnView } from "../core/progress.js";
import type { Feedback as Said, Turn } from "../core/wire.js";
import { Thumb } from "../parts/icons.js";
import { lazy } from "../parts/lazy.js";
import { feedbackWords } from "../words/feedback.js";

const FeedbackForm = lazy("the form", () => import("./feedback-form.js").then((module) => module.FeedbackForm));

/** A turn that somebody stopped is no answer. */
export function takesFeedback(turn: Turn): boolean {
  return turn.id !== "" && ["answered", "failed", "not_understood"].includes(turn.status);
}

export function Feedback({ view }: { view: TurnView }) {
  const said = view.turn.feedback ?? null;
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const change = useRef<HTMLButtonElement>(null);
  const down = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useEffect(() => {
    // The form is gone, and with it the focus.
    if (wasAsking.current && !asking) (change.current ?? down.current)?.focus();
    wasAsking.current = asking;
  }, [asking]);

  const give = async (feedback: Said | null): Promise<boolean> => {
    setBusy(true);
    const isStored = await giveFeedback(view, feedback);
    setBusy(false);
    return isStored;
  };
  const press = async (value: Said["value"]) => {
    if (busy) return;
    setAsking(false);
    if (said?.value === value) return void give(null);
    if ((await give({ value })) && value === "down") setAsking(true);
  };
  const words = said ? feedbackWords(said) : "";
  return (
    <div class="feedback" data-given={said !== null || asking}>
      <div class="feedback-row" role="group" aria-label="Was this a good answer?">
        <button type="button" class="tool" aria-pressed={said?.value === "up"} aria-label="Good answer" title="Good answer" onClick={() => void press("up")}><Thumb /></button>
        <button ref={down} type="button" class="tool" aria-pressed={said?.value === "down"} aria-label="Bad answer" title="Bad answer" onClick={() => void press("down")}><Thumb down /></button>
        {said?.value === "down" && !asking && (
          <>
            {words && <span class="feedback-words"><bdi>{words}</bdi></span>}
            <button ref={change} type="button" class="tool" onClick={() => setAsking(true)}>{words ? "Change" : "Say why"}</button>
          </>
        )}
      </div>
      {asking && <FeedbackForm said={said} send={async (feedback: Said) => (await give(feedback)) && setAsking(false)} close={() => setAsking(false)} />}
    </div>
  );
}
