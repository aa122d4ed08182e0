// SPDX-License-Identifier: Apache-2.0
// The page as a whole: the list at the left, the conversation at the right, and what lies over them. It is the one
// component that listens to the state; all others get what they show. The keys that work everywhere are here.
import "./app.css";
import { useEffect, useState } from "preact/hooks";
import { go, reload, stop, toggleDrawer } from "../core/actions.js";
import { AskBox, focusAskBox } from "../chat/askbox.js";
import { Notice } from "../parts/notice.js";
import { Toasts } from "../parts/toasts.js";
import { Page } from "./pages.js";
import { Sidebar } from "./sidebar.js";
import { pageTitle, runningTurn, state, subscribe } from "../core/state.js";
import { Thread } from "../chat/thread.js";
import { TokenDialog } from "./token.js";
import { TopBar } from "./topbar.js";
import { Welcome } from "../chat/welcome.js";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || state().token !== "fine") return;
  if (event.key === "Escape") {
    if (state().drawer) toggleDrawer(false);
    else void stop();
  } else if (event.key.toLowerCase() === "n" && !isTyping(event.target)) {
    event.preventDefault();
    go({ page: "new" });
    focusAskBox();
  }
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
  const title = pageTitle(now);
  useEffect(() => {
    document.title = now.route.page === "new" ? "Sandglass" : `${title} · Sandglass`;
  }, [title, now.route.page]);

  const isChat = now.route.page === "new" || now.route.page === "conversation";
  const isEmpty = now.route.page === "new" && now.turns.length === 0;
  return (
    <div class="app">
      <Sidebar state={now} />
      <main class="app-main" inert={now.drawer}>
        <TopBar state={now} title={title} />
        {now.problem ? (
          <div class="app-problem">
            <Notice title="This page could not be loaded" sentence={now.problem.message} hint={now.problem.hint}>
              {now.problem.code === "not_found" ? <button class="plain" onClick={() => go({ page: "new" })}>Ask something new</button> : <button class="plain" onClick={() => void reload()}>Retry</button>}
            </Notice>
          </div>
        ) : !isChat ? (
          <Page state={now} />
        ) : isEmpty ? (
          <Welcome state={now} />
        ) : (
          <Thread turns={now.turns} loading={now.conversation === null && now.turns.length === 0} />
        )}
        {isChat && <AskBox state={now} running={runningTurn(now)} />}
      </main>
      {now.drawer && <div class="app-veil" onClick={() => toggleDrawer(false)} />}
      {now.token !== "fine" && <TokenDialog refused={now.token === "refused"} />}
      <Toasts toasts={now.toasts} />
      <div class="hidden-text" role="status" aria-live="polite">{now.announcement}</div>
    </div>
  );
}
