// SPDX-License-Identifier: Apache-2.0
// What may be said next, as the server found it: each is answered, so a click asks at once. They are gone while a
// turn is under way, and the next answer brings its own; the focus goes back to the box, which stays.
import "./follow-ups.css";
import { ask } from "../core/actions.js";
import { focusAskBox } from "./askbox.js";

export function FollowUps({ texts }: { texts: string[] }) {
  if (texts.length === 0) return null;
  const pick = (text: string) => {
    focusAskBox();
    void ask(text);
  };
  return (
    <div class="follow-ups" role="group" aria-label="Ask next">
      {texts.map((text) => (
        <button key={text} type="button" class="chip" onClick={() => pick(text)}><bdi>{text}</bdi></button>
      ))}
    </div>
  );
}
