// SPDX-License-Identifier: Apache-2.0
// The pinned answers: a board of cards, each with its last good answer, that can be computed again, one by one or all
// of them, and put in another order by the keyboard or by dragging.
import "./pins.css";
import { useRef, useState } from "preact/hooks";
import { go, say } from "../core/actions.js";
import { didNotWork, unpin } from "../core/actions-sql.js";
import { toProblem } from "../core/api.js";
import { api } from "../core/session.js";
import { Waiting } from "../parts/lazy.js";
import { useLoaded, type Loaded } from "../parts/loaded.js";
import { Notice } from "../parts/notice.js";
import { fewAtATime, moved } from "../words/few.js";
import { plural } from "../words/format.js";
import { verdictOf, type Verdict } from "../words/replay.js";
import type { Pin } from "../core/wire.js";
import { PinCard } from "./pin-card.js";

const AT_A_TIME = 2;

/** What has been found out about a pin since the page was opened. */
export interface News {
  busy: boolean;
  verdict: Verdict | null;
}

function useBoard(loaded: Loaded<Pin[]>) {
  const [news, setNews] = useState<Record<string, News>>({});
  // What came in meanwhile counts, not what was there when something was begun.
  const latest = useRef<Pin[]>([]);
  latest.current = loaded.data ?? [];
  const show = (pins: Pin[]) => {
    latest.current = pins;
    loaded.set(pins);
  };
  const replace = (pin: Pin) => show(latest.current.map((old) => (old.id === pin.id ? pin : old)));
  const tell = (id: string, one: News) => setNews((all) => ({ ...all, [id]: one }));

  const refresh = async ({ id, title }: Pin) => {
    tell(id, { busy: true, verdict: null });
    try {
      const { pin, ...replay } = await api.refreshPin(id);
      replace(pin);
      tell(id, { busy: false, verdict: verdictOf(replay) });
      say(`${title}: ${verdictOf(replay).title}.`);
    } catch (error) {
      const problem = toProblem(error);
      tell(id, { busy: false, verdict: { tone: "bad", title: "Not computed", sentence: problem.message } });
    }
  };
  const rename = async (pin: Pin, title: string) => {
    replace({ ...pin, title });
    try {
      replace(await api.changePin(pin.id, { title }));
    } catch (error) {
      replace(pin);
      didNotWork(error);
    }
  };
  const move = async (id: string, to: number) => {
    const before = latest.current;
    const from = before.findIndex((pin) => pin.id === id);
    const place = Math.max(0, Math.min(to, before.length - 1));
    if (from < 0 || from === place) return;
    show(moved(before, from, place));
    say(`Place ${place + 1} of ${before.length}.`);
    try {
      await api.changePin(id, { position: place });
    } catch (error) {
      loaded.reload();
      didNotWork(error);
    }
  };
  const remove = async (pin: Pin) => {
    const before = latest.current;
    show(before.filter((other) => other.id !== pin.id));
    if (!(await unpin(pin.id, loaded.reload))) show(before);
  };
  const refreshAll = () => fewAtATime(latest.current, AT_A_TIME, refresh);
  return { news, refresh, refreshAll, rename, move, remove };
}

function Empty() {
  return (
    <div class="pins-empty">
      <h2>Nothing is pinned yet</h2>
      <p>Press <b>Pin</b> on an answer's card, and it is kept here: with its chart or table, and with the SQL that computes it again whenever you like.</p>
      <button class="plain" onClick={() => go({ page: "new" })}>Ask something</button>
    </div>
  );
}

function Board({ loaded, pins }: { loaded: Loaded<Pin[]>; pins: Pin[] }) {
  const board = useBoard(loaded);
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const refreshAll = async () => {
    setAll(true);
    await board.refreshAll();
    setAll(false);
    say("All pinned answers have been computed again.");
  };
  const busy = Object.values(board.news).filter((one) => one.busy).length;
  const drop = (to: number) => {
    if (dragged) void board.move(dragged, to);
    setDragged(null);
    setOver(null);
  };
  return (
    <>
      <div class="pins-head">
        <p>{plural(pins.length, "pinned answer")}, as last computed.</p>
        <button class="plain" disabled={all || busy > 0} onClick={() => void refreshAll()}>{all ? "Computing…" : "Refresh all"}</button>
      </div>
      <ol class="pins-grid">
        {pins.map((pin, at) => (
          <PinCard
            key={pin.id}
            pin={pin}
            news={board.news[pin.id]}
            isDragged={dragged === pin.id}
            isOver={over === pin.id && dragged !== null && dragged !== pin.id}
            drag={{ start: () => setDragged(pin.id), over: () => setOver(pin.id), drop: () => drop(at), end: () => (setDragged(null), setOver(null)) }}
            place={{ at, of: pins.length, move: (to) => void board.move(pin.id, to) }}
            refresh={() => void board.refresh(pin)}
            rename={(title) => void board.rename(pin, title)}
            remove={() => void board.remove(pin)}
          />
        ))}
      </ol>
    </>
  );
}

export function PinsPage() {
  const loaded = useLoaded("pins", api.pins);
  const { data: pins, problem, reload } = loaded;
  return (
    <div class="page">
      <div class="pins">
        {!pins && !problem && <Waiting what="the pinned answers" />}
        {!pins && problem && (
          <Notice title="The pinned answers could not be loaded" sentence={problem.message} hint={problem.hint}>
            <button class="plain" onClick={reload}>Retry</button>
          </Notice>
        )}
        {pins && (pins.length === 0 ? <Empty /> : <Board loaded={loaded} pins={pins} />)}
      </div>
    </div>
  );
}
