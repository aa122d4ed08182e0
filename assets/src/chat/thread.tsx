// SPDX-License-Identifier: Apache-2.0
// The turns of a conversation, oldest first; of a long one the latest, and earlier ones on request. A new question,
// and its answer when it comes, are brought into view with the question at the top where the answer is long; a
// person who has scrolled elsewhere meanwhile is left alone. An address may name a turn, and who comes back to a
// conversation finds it where it was left.
import "./thread.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { preloadChart } from "../answer/answer.js";
import { count } from "../words/format.js";
import type { Place } from "../core/places.js";
import { isRunning, type TurnView } from "../core/progress.js";
import { Skeleton } from "./skeleton.js";
import { whenIdle } from "../parts/idle.js";
import { TurnItem } from "./turn.js";

const ABOVE_PX = 26;
/** How far the place may differ from where it was put and still count as untouched. */
const TOUCHED_PX = 40;
const TURNS_AT_ONCE = 20;
/** As many as fill a usual screen: these are drawn first, the others of the first twenty when there is time. */
const TURNS_AT_FIRST = 3;

interface Props {
  turns: TurnView[];
  loading: boolean;
  /** The turn that the address names. */
  target: string | undefined;
  /** Where this conversation was left. */
  place: Place | null;
}

export function Thread({ turns, loading, target, place }: Props) {
  const box = useRef<HTMLDivElement>(null);
  /** Where the last turn was put; null as long as something else was looked for. */
  const placed = useRef<number | null>(null);
  const arrived = useRef(false);
  const named = useRef<string | undefined>(undefined);
  const [drawn, setDrawn] = useState(0);
  /** How many turns at the beginning are left out; decided when a conversation comes in, not while it grows. */
  const left = useRef({ out: 0, of: 0 });
  const wanted = turns.findIndex((view) => view.turn.id !== "" && view.turn.id === (target ?? place?.turn));
  if (left.current.of === 0 || turns.length === 0) left.current = { out: Math.max(0, turns.length - TURNS_AT_FIRST), of: turns.length };
  if (wanted >= 0) left.current.out = Math.min(left.current.out, wanted);
  const last = turns[turns.length - 1];

  const item = (id: string | undefined) => (id ? box.current?.querySelector<HTMLElement>(`.turn[data-id="${CSS.escape(id)}"]`) : null);
  const showLast = () => {
    const turn = box.current?.querySelector<HTMLElement>(".turn:last-child");
    if (!turn) return;
    box.current!.scrollTop = turn.offsetTop - ABOVE_PX;
    placed.current = box.current!.scrollTop;
  };
  const isUntouched = () => placed.current !== null && Math.abs((box.current?.scrollTop ?? 0) - placed.current) < TOUCHED_PX;
  const showNamed = (): boolean => {
    const turn = item(target);
    named.current = target;
    if (!turn) return false;
    box.current!.scrollTop = turn.offsetTop - ABOVE_PX;
    turn.focus({ preventScroll: true });
    return true;
  };
  const showKept = (): boolean => {
    const turn = item(place?.turn);
    if (turn) box.current!.scrollTop = turn.offsetTop - (place!.offset ?? ABOVE_PX);
    return Boolean(turn);
  };

  useLayoutEffect(() => {
    if (!last) return;
    const isFirst = !arrived.current;
    arrived.current = true;
    if (isFirst && (showKept() || showNamed())) return;
    // What another tab has asked moves nobody who is reading elsewhere.
    if (isFirst || last.turn.id === "" || isUntouched()) showLast();
  }, [last?.key]);
  useLayoutEffect(() => {
    if (arrived.current && target !== named.current) showNamed();
  }, [target]);
  useEffect(() => {
    if (isUntouched()) showLast();
  }, [last?.turn.status, last?.phase]);

  // What was at the top stays where it is while earlier turns come in above it.
  const fromEnd = useRef<number | null>(null);
  const draw = (out: number) => {
    fromEnd.current = box.current!.scrollHeight - box.current!.scrollTop;
    left.current.out = Math.max(0, Math.min(left.current.out, out));
    setDrawn(drawn + 1);
  };
  useLayoutEffect(() => {
    if (fromEnd.current === null) return;
    const isUnmoved = isUntouched();
    box.current!.scrollTop = box.current!.scrollHeight - fromEnd.current;
    if (isUnmoved) placed.current = box.current!.scrollTop;
    fromEnd.current = null;
  }, [drawn]);
  useEffect(() => {
    if (turns.length > 0 && drawn === 0) return whenIdle(() => draw(left.current.of - TURNS_AT_ONCE));
    return undefined;
  }, [turns.length > 0]);

  const busy = turns.some(isRunning);
  useEffect(() => {
    if (busy) preloadChart();
  }, [busy]);
  const earlier = left.current.out;
  return (
    <div class="thread" ref={box}>
      <div class="thread-column">
        {loading && <Skeleton />}
        {earlier > 0 && drawn > 0 && <button class="plain thread-earlier" onClick={() => draw(earlier - TURNS_AT_ONCE)}>Show earlier questions ({count(earlier)})</button>}
        {turns.slice(earlier).map((view) => <TurnItem key={view.key} view={view} busy={busy && view.turn.status !== "answered"} target={target !== undefined && view.turn.id === target} />)}
      </div>
    </div>
  );
}
