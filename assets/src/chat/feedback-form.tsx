// SPDX-License-Identifier: Apache-2.0
// What was wrong with an answer: one reason, and a comment for whoever wants to write one. Neither has to be given.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Feedback, FeedbackReason } from "../core/wire.js";
import { COMMENT_BYTES, REASONS } from "../words/feedback.js";
import { count, utf8Length } from "../words/format.js";

interface Props {
  said: Feedback | null;
  send(feedback: Feedback): void;
  close(): void;
}

export function FeedbackForm({ said, send, close }: Props) {
  const [reason, setReason] = useState<FeedbackReason | undefined>(said?.reason);
  const [comment, setComment] = useState(said?.comment ?? "");
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current!.querySelector<HTMLElement>("input:checked, input")?.focus(), []);
  const bytes = utf8Length(comment.trim());
  const tooLong = bytes > COMMENT_BYTES;
  const submit = (event: Event) => {
    event.preventDefault();
    if (tooLong) return;
    send({ value: "down", ...(reason ? { reason } : {}), ...(comment.trim() ? { comment: comment.trim() } : {}) });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  return (
    <form ref={form} class="feedback-form" aria-label="What was wrong" onSubmit={submit} onKeyDown={onKey}>
      <fieldset>
        <legend>What was wrong?</legend>
        <div class="feedback-reasons">
          {(Object.keys(REASONS) as FeedbackReason[]).map((one) => (
            <label key={one} class="chip">
              <input type="radio" name="reason" value={one} checked={one === reason} onChange={() => setReason(one)} />
              {REASONS[one]}
            </label>
          ))}
        </div>
      </fieldset>
      <label class="feedback-comment">
        Anything to add? (optional)
        <textarea rows={2} value={comment} aria-invalid={tooLong} aria-describedby={tooLong ? "feedback-too-long" : undefined} onInput={(event) => setComment(event.currentTarget.value)} />
      </label>
      {tooLong && <p id="feedback-too-long" class="feedback-too-long" role="alert">{count(bytes)} bytes; a comment may have {count(COMMENT_BYTES)}.</p>}
      <div class="feedback-actions">
        <button class="plain" disabled={tooLong}>Send</button>
        <button type="button" class="tool" onClick={close}>Not now</button>
      </div>
    </form>
  );
}
