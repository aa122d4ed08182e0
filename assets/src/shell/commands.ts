// SPDX-License-Identifier: Apache-2.0
// What can be done from anywhere, by name: for the keys (shortcuts.ts) and for the palette. What belongs to one
// answer is done by pressing that answer's own button, so that key and button can never do different things.
import { go, setTheme, show, stop, toggleDrawer } from "../core/actions.js";
import { exportConversation, remove, startRenaming } from "../core/actions-keep.js";
import { bring } from "../core/actions-data.js";
import { focusAskBox } from "../chat/askbox.js";
import type { Route } from "../core/route.js";
import { runningTurn, state, type State, type Theme } from "../core/state.js";
import type { Conversation } from "../core/wire.js";
import { canPress, editSql, moveTo, press } from "./turns.js";

export interface Command {
  /** As the palette lists it; null for what only makes sense as a key. */
  words: string | null;
  /** Other words that people may look for it by. */
  also?: string;
  isThere?(now: State): boolean;
  run(): void;
}

const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

const page = (words: string, route: Route, also = ""): Command => ({ words, also, run: () => go(route) });
const theme = (words: string, wanted: Theme): Command => ({ words, also: "appearance colours theme", isThere: (now) => now.theme !== wanted, run: () => setTheme(wanted) });

function newQuestion(): void {
  go({ page: "new" });
  focusAskBox();
}

/** Closes what is open over the page, else ends what is under way. Dialogs and menus close themselves. */
function leave(): void {
  if (state().overlay) show(null);
  else if (state().drawer) toggleDrawer(false);
  else void stop();
}

function search(): void {
  const field = document.querySelector<HTMLInputElement>('.sidebar input[type="search"]');
  if (field && field.checkVisibility()) field.focus();
  else show("palette");
}

const hasTurns = (now: State) => now.route.page === "conversation" && now.conversation !== null && now.turns.some((view) => view.turn.id !== "");

/** Does TO with the conversation that is open. */
const withConversation = (to: (conversation: Conversation) => void) => () => {
  const { conversation } = state();
  if (conversation) to(conversation);
};

const COMMANDS = {
  palette: { words: null, run: () => show(state().overlay === "palette" ? null : "palette") },
  search: { words: null, run: search },
  leave: { words: null, run: leave },
  nextTurn: { words: null, run: () => moveTo(1) },
  previousTurn: { words: null, run: () => moveTo(-1) },
  theme: { words: null, run: () => setTheme(NEXT_THEME[state().theme]) },
  new: { words: "New question", also: "ask start conversation", run: newQuestion },
  stop: { words: "Stop", also: "cancel the run", isThere: (now) => runningTurn(now) !== undefined, run: () => void stop() },
  copyLink: { words: "Copy the link to this answer", also: "share permalink url", isThere: () => canPress("link"), run: () => press("link") },
  editSql: { words: "Edit this answer’s SQL", also: "query change", isThere: () => canPress("show-sql"), run: editSql },
  pin: { words: "Pin this answer", also: "keep dashboard", isThere: () => canPress("pin"), run: () => press("pin") },
  exportConversation: { words: "Export this conversation as Markdown", also: "download save", isThere: hasTurns, run: withConversation(exportConversation) },
  renameConversation: { words: "Rename this conversation", also: "title", isThere: hasTurns, run: withConversation(({ id }) => startRenaming(id, "bar")) },
  deleteConversation: { words: "Delete this conversation", also: "remove", isThere: hasTurns, run: withConversation((conversation) => void remove(conversation).then((next) => next === null && focusAskBox())) },
  addData: { words: "Add data", also: "upload bring import csv file drop", run: () => bring() },
  themeLight: theme("Light theme", "light"),
  themeDark: theme("Dark theme", "dark"),
  themeSystem: theme("Theme of the system", "system"),
  shortcuts: { words: "Keyboard shortcuts", also: "keys help", run: () => show("shortcuts") },
  pins: page("Pinned answers", { page: "pins" }, "dashboard"),
  data: page("Data", { page: "data" }, "data sets tables schema"),
  sql: page("SQL", { page: "sql" }, "query editor"),
  status: page("Status", { page: "status" }, "sandbox health check version"),
  settings: page("Settings", { page: "settings" }, "model key preferences"),
} satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

export const commands: Record<CommandName, Command> = COMMANDS;
export const commandNames = Object.keys(COMMANDS) as CommandName[];

export function isThere(name: CommandName, now: State = state()): boolean {
  return commands[name].isThere?.(now) ?? true;
}
