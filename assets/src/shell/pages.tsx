// SPDX-License-Identifier: Apache-2.0
// The pages beside the conversation. Each is a chunk of its own (src/pages/), fetched when it is first visited.
import "./pages.css";
import type { ComponentType } from "preact";
import { go, show } from "../core/actions.js";
import type { Route } from "../core/route.js";
import type { State } from "../core/state.js";
import { lazy } from "../parts/lazy.js";

export type PageName = Exclude<Route["page"], "new" | "conversation">;
export type PageProps<Name extends PageName> = { state: State; route: Extract<Route, { page: Name }> };

function Unknown() {
  return (
    <div class="page">
      <div class="page-column">
        <h2>There is nothing at this address.</h2>
        <p class="page-lead">It may have been mistyped, or what was here has been deleted.</p>
        <div class="page-ways">
          <button class="plain" onClick={() => go({ page: "new" })}>Ask something new</button>
          <button class="plain" onClick={() => show("palette")}>Find anything</button>
        </div>
      </div>
    </div>
  );
}

const PAGES: { [Name in PageName]?: ComponentType<PageProps<Name>> } = {
  data: lazy("the data", () => import("../pages/data.js").then((m) => m.DataPage)),
  dataset: lazy("the data set", () => import("../pages/dataset.js").then((m) => m.DatasetPage)),
  answer: lazy("the answer", async () => (await import("../pages/answer.js")).AnswerPage),
  pins: lazy("the pinned answers", async () => (await import("../pages/pins.js")).PinsPage),
  sql: lazy("the page of SQL", async () => (await import("../pages/sql.js")).SqlPage),
  settings: lazy("the settings", () => import("../pages/settings.js").then((m) => m.SettingsPage)),
  status: lazy("the status", () => import("../pages/status.js").then((m) => m.StatusPage)),
};

export function Page({ state }: { state: State }) {
  const Found = PAGES[state.route.page as PageName] as ComponentType<{ state: State; route: Route }> | undefined;
  return Found ? <Found state={state} route={state.route} /> : <Unknown />;
}
