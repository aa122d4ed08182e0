// SPDX-License-Identifier: Apache-2.0
// All that the page knows, in one value. It is never changed in place: `update` replaces it and draws once, however
// many updates one task makes. What the address means is in `route`; everything else follows from actions.ts.
import type { Problem } from "./api.js";
import { isRunning, type TurnView } from "./progress.js";
import type { Place } from "./places.js";
import type { Route } from "./route.js";
import type { Toast } from "./toasts.js";
import type { Conversation, DatasetSummary, FoundConversation, Health, Planner, Uploads } from "./wire.js";

export type Theme = "system" | "light" | "dark";

export interface Search {
  /** As they were written. */
  words: string;
  /** Null until they have been looked for; what was found for the words before stays meanwhile. */
  found: FoundConversation[] | null;
  /** The words that `found` was found for. */
  foundFor: string;
  problem: Problem | null;
}

export interface State {
  route: Route;
  theme: Theme;
  /** Who answers, where somebody has said so. */
  planner: Planner | null;
  health: Health | null;
  /** Null until they have been read. */
  datasets: DatasetSummary[] | null;
  conversations: Conversation[] | null;
  /** There are older conversations than those. */
  moreConversations: boolean;
  /** Null while nothing is searched for. */
  search: Search | null;
  /** Which conversation is being given another title, in the list or in the bar above it. */
  renaming: { id: string; at: "list" | "bar" } | null;
  /** The one on the page; null for a new one, and while it is being read. */
  conversation: Conversation | null;
  turns: TurnView[];
  /** The data set that a new conversation will be about. */
  dataset: string | null;
  /** What keeps the whole page from being shown. */
  problem: Problem | null;
  /** The list of conversations is open over the page, on a narrow screen. */
  drawer: boolean;
  /** What lies over the page. */
  overlay: "palette" | "shortcuts" | null;
  /** The server does not answer; it is tried again meanwhile. */
  unreachable: boolean;
  /** Counts the arrivals at another address. */
  visit: number;
  /** Where somebody was reading at this address before. */
  place: Place | null;
  /** A token is wanted; `refused` after a wrong one. */
  token: "fine" | "wanted" | "refused";
  /** What a screen reader is told next. */
  announcement: string;
  toasts: Toast[];
  /** What the server takes of people; null until it has said so. */
  uploads: Uploads | null;
  /** What is being brought: the files that were handed in, perhaps none yet. Null while nothing is. */
  bring: Bring | null;
}

export interface Bring {
  /** Another one is drawn anew. */
  key: number;
  files: File[];
  /** Files are on their way now. */
  busy: boolean;
  /** Nothing is sent before somebody says so: for what was pasted, which may not have been meant. */
  asks: boolean;
  /** The data set that gets the tables; a new one without it. */
  into?: string;
}

let current: State = {
  route: { page: "new" },
  theme: "system",
  planner: null,
  health: null,
  datasets: null,
  conversations: null,
  moreConversations: false,
  search: null,
  renaming: null,
  conversation: null,
  turns: [],
  dataset: null,
  problem: null,
  drawer: false,
  overlay: null,
  unreachable: false,
  visit: 0,
  place: null,
  token: "fine",
  announcement: "",
  toasts: [],
  uploads: null,
  bring: null,
};

const listeners = new Set<() => void>();

export function state(): State {
  return current;
}

export function update(patch: Partial<State>): void {
  current = { ...current, ...patch };
  for (const listener of listeners) listener();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The turn under way on the page, where there is one: one at a time in a conversation. */
export function runningTurn(from: State = current): TurnView | undefined {
  return from.turns.find(isRunning);
}

/** Nothing has been asked yet. */
export function isNew(from: State = current): boolean {
  return from.route.page === "new" && from.turns.length === 0;
}

/** The data set that the next question is about. */
export function currentDataset(from: State = current): DatasetSummary | undefined {
  const name = isNew(from) ? from.dataset : (from.conversation?.dataset ?? from.turns[0]?.turn.dataset);
  return from.datasets?.find((dataset) => dataset.name === name);
}

/** Who may be asked: nobody else than the built-in planner where no model is set, or none may be. */
export function plannerChoice(from: State = current): Planner | null {
  const { planner } = from.health ?? {};
  return planner?.model && planner.mode !== "builtin" ? (from.planner ?? planner.mode) : null;
}

/** What may be said next: of the answer that stands last, while nothing is under way. */
export function followUps(from: State = current): string[] {
  const last = from.turns.at(-1)?.turn;
  return last?.status === "answered" && !runningTurn(from) ? (last.follow_ups ?? []) : [];
}

/** What the page is called, in its bar and in the browser's tab. */
export function pageTitle(from: State = current): string {
  const { route } = from;
  switch (route.page) {
    case "new":
    case "conversation":
      return conversationTitle(from);
    case "answer":
      return "One answer";
    case "dataset":
      return from.datasets?.find((dataset) => dataset.name === route.name)?.title || route.name;
    case "sql":
      return "SQL";
    case "unknown":
      return "Not found";
    default:
      return { pins: "Pinned answers", data: "Data", status: "Status", settings: "Settings" }[route.page];
  }
}

function conversationTitle(from: State): string {
  if (isNew(from)) return "New question";
  if (from.problem?.code === "not_found") return "Not found";
  return from.conversation?.title || from.turns[0]?.turn.question || "…";
}
