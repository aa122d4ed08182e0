// SPDX-License-Identifier: Apache-2.0
// The page as a whole: the list at the left, the conversation at the right, and what lies over them. It is the one
// component that listens to the state; all others get what they show.
import "./app.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { go, reload, toggleDrawer } from "../core/actions.js";
import { AskBox } from "../chat/askbox.js";
import { whenIdle } from "../parts/idle.js";
import { lazy } from "../parts/lazy.js";
import { Notice } from "../parts/notice.js";
import { Toasts } from "../parts/toasts.js";
import { Drop } from "./drop.js";
import { onKey } from "./keys.js";
import { Page } from "./pages.js";
import { reach } from "../core/session.js";
import { restorePage, watchPlaces } from "./places.js";
import { Sidebar } from "./sidebar.js";
import { isNew, pageTitle, runningTurn, state, subscribe, type State } from "../core/state.js";
import { Thread } from "../chat/thread.js";
import { TokenDialog } from "./token.js";
import { TopBar } from "./topbar.js";
import { Welcome } from "../chat/welcome.js";

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Unreachable() {
  return (
    <div class="app-unreachable" role="status">
      <span>The server does not answer. It is tried again until it does; what is written here stays.</span>
      <button class="tool" onClick={() => void reach.now()}>Try now</button>
    </div>
  );
}

const Palette = lazy("the palette", () => import("./palette.js").then((m) => m.Palette));
const BringDialog = lazy("the dialog", () => import("../data/bring.js").then((m) => m.BringDialog));
const ShortcutsSheet = lazy("the shortcuts", () => import("./shortcuts-sheet.js").then((m) => m.ShortcutsSheet));

/** What the middle of the page shows. */
function Middle({ now }: { now: State }) {
  const { problem, route } = now;
  if (problem) {
    return (
      <div class="app-problem">
        <Notice title="This page could not be loaded" sentence={problem.message} hint={problem.hint}>
          {problem.code === "not_found" ? <button class="plain" onClick={() => go({ page: "new" })}>Ask something new</button> : <button class="plain" onClick={() => void reload()}>Retry</button>}
        </Notice>
      </div>
    );
  }
  if (route.page !== "new" && route.page !== "conversation") return <Page state={now} />;
  if (isNew(now)) return <Welcome state={now} />;
  return <Thread key={now.visit} turns={now.turns} loading={now.conversation === null && now.turns.length === 0} target={route.page === "conversation" ? route.turn : undefined} place={now.place} />;
}

export function App() {
  const [now, setNow] = useState(state());
  useEffect(() => {
    // The state may have changed between the first drawing and this effect.
    setNow(state());
    return subscribe(() => setNow(state()));
  }, []);
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const main = useRef<HTMLElement>(null);
  // Fetched as soon as nothing else is to be done, so that the first key of a query is not too early.
  useEffect(() => whenIdle(Palette.preload), []);
  useEffect(() => watchPlaces(main.current!), []);
  useEffect(() => (now.place && !now.place.turn ? restorePage(main.current!, now.place) : undefined), [now.visit]);
  const title = pageTitle(now);
  useEffect(() => {
    document.title = now.route.page === "new" ? "Sandglass" : `${title} · Sandglass`;
  }, [title, now.route.page]);

  const isChat = now.route.page === "new" || now.route.page === "conversation";
  return (
    <div class="app">
      <a class="app-skip" href="#main" onClick={skip}>Skip to the content</a>
      <Sidebar state={now} />
      <main ref={main} id="main" tabIndex={-1} class="app-main" inert={now.drawer}>
        <TopBar state={now} title={title} />
        {now.unreachable && <Unreachable />}
        <Middle now={now} />
        {isChat && <AskBox state={now} running={runningTurn(now)} />}
      </main>
      {now.drawer && <div class="app-veil" onClick={() => toggleDrawer(false)} />}
      <div class="app-over">
        {now.overlay === "palette" && <Palette state={now} />}
        {now.overlay === "shortcuts" && <ShortcutsSheet />}
        {now.bring && <BringDialog state={now} bring={now.bring} />}
      </div>
      <Drop uploads={now.uploads} />
      {now.token !== "fine" && <TokenDialog refused={now.token === "refused"} />}
      <Toasts toasts={now.toasts} />
      <div class="hidden-text" role="status" aria-live="polite">{now.announcement}</div>
    </div>
  );
}
