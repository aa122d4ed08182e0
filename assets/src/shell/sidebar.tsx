// SPDX-License-Identifier: Apache-2.0
// The left side: a new question, the conversations, and how the server is. On a narrow screen it is a
// drawer; closed, it is hidden from the keyboard and from screen readers too (by `visibility`).
import "./sidebar.css";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { setTheme, toggleDrawer } from "../core/actions.js";
import { bring } from "../core/actions-data.js";
import { focusAskBox } from "../chat/askbox.js";
import { plural } from "../words/format.js";
import { Cross, Glass, HalfDisc, Moon, Pin, Plus, Prompt, Sliders, Sun, Tables } from "../parts/icons.js";
import type { Route } from "../core/route.js";
import type { State, Theme } from "../core/state.js";
import { Link } from "../parts/link.js";
import { Conversations } from "./conversations.js";
import { Walls } from "./walls.js";

const PAGES: { route: Route; words: string; Icon: ComponentType }[] = [
  { route: { page: "pins" }, words: "Pinned answers", Icon: Pin },
  { route: { page: "data" }, words: "Data", Icon: Tables },
  { route: { page: "sql" }, words: "SQL", Icon: Prompt },
];

/** One data set is a part of the data's page. */
const isAt = (at: Route, route: Route) => at.page === route.page || (at.page === "dataset" && route.page === "data");

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const FACE = { system: HalfDisc, light: Sun, dark: Moon };

function Foot({ state }: { state: State }) {
  const ready = state.health?.datasets.ready ?? state.datasets?.filter((one) => one.status === "ready").length;
  const failed = state.health?.datasets.failed ?? 0;
  const Face = FACE[state.theme];
  return (
    <div class="sidebar-foot">
      <span>{ready !== undefined && plural(ready, "data set")}{failed > 0 && ` · ${failed} failed`}</span>
      <Link class="tool" to={{ page: "settings" }} aria-label="Settings" title="Settings"><Sliders /></Link>
      <button class="tool" aria-label={`Theme: ${state.theme}. Switch to ${NEXT[state.theme]}`} title={`Theme: ${state.theme}`} onClick={() => setTheme(NEXT[state.theme])}>
        <Face />
      </button>
      {state.health && <Walls health={state.health} current={state.route.page === "status"} />}
    </div>
  );
}

export function Sidebar({ state }: { state: State }) {
  const aside = useRef<HTMLElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (state.drawer) aside.current?.querySelector<HTMLElement>(".sidebar-new")?.focus();
    else if (wasOpen.current) focusAskBox();
    wasOpen.current = state.drawer;
  }, [state.drawer]);
  return (
    <aside ref={aside} class="sidebar" id="sidebar" aria-label="Menu" data-open={state.drawer}>
      <div class="sidebar-brand"><Glass /><span>Sandglass</span>
        <button class="tool sidebar-close" aria-label="Close the list" onClick={() => toggleDrawer(false)}><Cross /></button>
      </div>
      <Link class="sidebar-new" to={{ page: "new" }} aria-keyshortcuts="N" then={focusAskBox}>New question <kbd aria-hidden="true">N</kbd></Link>
      <nav class="sidebar-pages" aria-label="Pages">
        {PAGES.map(({ route, words, Icon }) => (
          <Link key={route.page} to={route} aria-current={isAt(state.route, route) ? "page" : undefined}><Icon /><span>{words}</span></Link>
        ))}
      </nav>
      <Conversations state={state} />
      <button class="sidebar-add" aria-haspopup="dialog" onClick={() => bring()}><Plus /><span>Add data</span></button>
      <Foot state={state} />
    </aside>
  );
}
