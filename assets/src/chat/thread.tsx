// SPDX-License-Identifier: Apache-2.0
// The turns of a conversation, oldest first; of a long one the latest, and earlier ones on request. A new question,
// and its answer when it comes, are brought into view with the question at the top where the answer is long; a
// person who has scrolled elsewhere meanwhile is left alone.
import "./thread.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { count } from "../words/format.js";
import { isRunning, type TurnView } from "../core/progress.js";
import { TurnItem } from "./turn.js";

const ABOVE_PX = 26;
/** How far the place may differ from where it was put and still count as untouched. */
const TOUCHED_PX = 40;
const TURNS_AT_ONCE = 20;

export function Thread({ turns, loading }: { turns: TurnView[]; loading: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const placed = useRef<number | null>(null);
  const [drawn, setDrawn] = useState(0);
  /** How many turns at the beginning are left out; decided when a conversation comes in, not while it grows. */
  const left = useRef({ out: 0, of: 0 });
  if (left.current.of === 0 || turns.length === 0) left.current = { out: Math.max(0, turns.length - TURNS_AT_ONCE), of: turns.length };
  const last = turns[turns.length - 1];

  const show = () => {
    const item = box.current?.querySelector<HTMLElement>(".turn:last-child");
    if (!box.current || !item) return;
    box.current.scrollTop = item.offsetTop - ABOVE_PX;
    placed.current = box.current.scrollTop;
  };
  useLayoutEffect(show, [last?.key]);
  useEffect(() => {
    const at = box.current?.scrollTop ?? 0;
    if (placed.current !== null && Math.abs(at - placed.current) < TOUCHED_PX) show();
  }, [last?.turn.status, last?.phase]);

  // What was at the top stays where it is while earlier turns come in above it.
  const showEarlier = () => {
    const fromEnd = box.current!.scrollHeight - box.current!.scrollTop;
    left.current.out = Math.max(0, left.current.out - TURNS_AT_ONCE);
    setDrawn(drawn + 1);
    requestAnimationFrame(() => (box.current!.scrollTop = box.current!.scrollHeight - fromEnd));
  };

  const busy = turns.some(isRunning);
  const earlier = left.current.out;
  return (
    <div class="thread" ref={box}>
      <div class="thread-column">
        {loading && <p class="thread-loading">Loading the conversation…</p>}
        {earlier > 0 && <button class="plain thread-earlier" onClick={showEarlier}>Show earlier questions ({count(earlier)})</button>}
        {turns.slice(earlier).map((view) => <TurnItem key={view.key} view={view} busy={busy && view.turn.status !== "answered"} />)}
      </div>
    </div>
  );
}
