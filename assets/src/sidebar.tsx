// SPDX-License-Identifier: Apache-2.0
// The left side: a new question, the conversations by day, and how the server is. On a narrow screen it is a
// drawer; closed, it is hidden from the keyboard and from screen readers too (by `visibility`).
import "./sidebar.css";
import { useEffect, useRef } from "preact/hooks";
import { go, setTheme, toggleDrawer } from "./actions.js";
import { focusAskBox } from "./askbox.js";
import { dayOf, plural, type Day } from "./format.js";
import { Cross, Glass, HalfDisc, Moon, Sun } from "./icons.js";
import { routePath, type Route } from "./route.js";
import type { State, Theme } from "./state.js";
import { Walls } from "./walls.js";
import type { Conversation } from "./wire.js";

/** A link that is followed inside the page, and like any other link with a modifier or the middle button. */
function follow(event: MouseEvent, route: Route): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(route);
  focusAskBox();
}

function Item({ conversation, current }: { conversation: Conversation; current: boolean }) {
  const route: Route = { page: "conversation", id: conversation.id };
  const title = conversation.title || "Untitled";
  return (
    <li>
      <a href={routePath(route)} title={title} aria-current={current ? "page" : undefined} onClick={(event) => follow(event, route)}>
        <bdi>{title}</bdi>
      </a>
    </li>
  );
}

function List({ conversations, currentId }: { conversations: Conversation[]; currentId: string | null }) {
  const now = new Date();
  const days: Day[] = ["Today", "Yesterday", "Earlier"];
  const groups = days.map((day) => ({ day, members: conversations.filter((one) => dayOf(one.updated_at, now) === day) }));
  return (
    <>
      {groups.filter((group) => group.members.length > 0).map(({ day, members }) => (
        <section key={day} aria-label={day}>
          <h2>{day}</h2>
          <ul>{members.map((one) => <Item key={one.id} conversation={one} current={one.id === currentId} />)}</ul>
        </section>
      ))}
    </>
  );
}

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const FACE = { system: HalfDisc, light: Sun, dark: Moon };

function Foot({ state }: { state: State }) {
  const ready = state.health?.datasets.ready ?? state.datasets?.filter((one) => one.status === "ready").length;
  const failed = state.health?.datasets.failed ?? 0;
  const Face = FACE[state.theme];
  return (
    <div class="sidebar-foot">
      <span>{ready !== undefined && plural(ready, "data set")}{failed > 0 && ` · ${failed} failed`}</span>
      <button class="tool" aria-label={`Theme: ${state.theme}. Switch to ${NEXT[state.theme]}`} title={`Theme: ${state.theme}`} onClick={() => setTheme(NEXT[state.theme])}>
        <Face />
      </button>
      {state.health && <Walls health={state.health} />}
    </div>
  );
}

export function Sidebar({ state }: { state: State }) {
  const first = useRef<HTMLAnchorElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (state.drawer) first.current?.focus();
    else if (wasOpen.current) focusAskBox();
    wasOpen.current = state.drawer;
  }, [state.drawer]);
  const currentId = state.route.page === "conversation" ? state.route.id : null;
  return (
    <aside class="sidebar" id="sidebar" aria-label="Menu" data-open={state.drawer}>
      <div class="sidebar-brand"><Glass /><span>Sandglass</span>
        <button class="tool sidebar-close" aria-label="Close the list" onClick={() => toggleDrawer(false)}><Cross /></button>
      </div>
      <a class="sidebar-new" href="/" ref={first} aria-keyshortcuts="N" onClick={(event) => follow(event, { page: "new" })}>
        New question <kbd aria-hidden="true">N</kbd>
      </a>
      <nav class="sidebar-list" aria-label="Conversations">
        {state.conversations?.length === 0 && <p>Your questions will be listed here.</p>}
        {state.conversations && <List conversations={state.conversations} currentId={currentId} />}
      </nav>
      <Foot state={state} />
    </aside>
  );
}
