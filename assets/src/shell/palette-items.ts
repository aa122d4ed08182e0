// SPDX-License-Identifier: Apache-2.0
// What the palette lists for a query: commands, pages, conversations and data sets. Without a query, what was chosen
// last comes first. Pure, but for the things' own actions.
import type { State } from "../core/state.js";
import type { FoundConversation } from "../core/wire.js";
import { fit } from "../words/fuzzy.js";
import { dayOf } from "../words/format.js";

export interface Item {
  /** Stays the same, so that it can be remembered. */
  id: string;
  words: string;
  /** Beside it, quieter. */
  note?: string;
  also?: string;
  /** Of its keys, as shortcuts.ts writes them. */
  keys?: string;
  kind: "Actions" | "Pages" | "Conversations" | "Data sets";
  run(): void;
}

export interface Hit {
  item: Item;
  marks: [number, number][];
}

export interface Section {
  title: string;
  hits: Hit[];
}

const RECENT_SHOWN = 5;
const SHOWN_OF_EACH = 6;
const HITS_SHOWN = 40;
/** Other words count less than the ones that are shown. */
const ALSO_WORTH = 0.5;

function hitOf(query: string, item: Item): (Hit & { score: number }) | null {
  const shown = fit(query, item.words);
  if (shown) return { item, marks: shown.marks, score: shown.score };
  const also = fit(query, `${item.words} ${item.also ?? ""} ${item.note ?? ""}`);
  return also ? { item, marks: [], score: also.score * ALSO_WORTH } : null;
}

function byKind(hits: Hit[], most: number): Section[] {
  const sections: Section[] = [];
  for (const hit of hits) {
    const section = sections.find((one) => one.title === hit.item.kind);
    if (!section) sections.push({ title: hit.item.kind, hits: [hit] });
    else if (section.hits.length < most) section.hits.push(hit);
  }
  return sections;
}

/** CHOSEN has the ids of what was chosen before, the latest first. The section with the best hit is the first one. */
export function search(query: string, items: Item[], chosen: string[]): Section[] {
  if (query.trim() === "") {
    const recent = chosen.flatMap((id) => items.filter((item) => item.id === id)).slice(0, RECENT_SHOWN);
    const others = items.filter((item) => !recent.includes(item)).map((item) => ({ item, marks: [] }));
    const sections = byKind(others, SHOWN_OF_EACH);
    return recent.length === 0 ? sections : [{ title: "Recent", hits: recent.map((item) => ({ item, marks: [] })) }, ...sections];
  }
  const recency = (id: string) => (chosen.includes(id) ? 5 : 0);
  const hits = items.flatMap((item) => hitOf(query, item) ?? []);
  hits.sort((a, b) => b.score + recency(b.item.id) - a.score - recency(a.item.id));
  return byKind(hits.slice(0, HITS_SHOWN), HITS_SHOWN);
}

interface Doing {
  /** At the turn in which something was found. */
  open(id: string, turn?: string): void;
  ask(dataset: string): void;
  browse(dataset: string): void;
}

export function conversationItems(conversations: FoundConversation[], doing: Doing): Item[] {
  return conversations.map((one) => ({
    id: `c:${one.id}`,
    words: one.title || "Untitled",
    note: `${one.dataset} · ${dayOf(one.updated_at, new Date())}`,
    ...(one.match ? { also: one.match.text } : {}),
    kind: "Conversations" as const,
    run: () => doing.open(one.id, one.match?.turn_id),
  }));
}

/** ITEMS, and those of FOUND that are not among them; what was found says more than what is listed. */
export function withFound(items: Item[], found: Item[]): Item[] {
  const ids = new Set(found.map((item) => item.id));
  return [...items.filter((item) => !ids.has(item.id)), ...found];
}

export function datasetItems(now: State, doing: Doing): Item[] {
  const ready = (now.datasets ?? []).filter((one) => one.status === "ready");
  return ready.flatMap((one) => [
    { id: `ask:${one.name}`, words: one.title || one.name, note: "Ask about it", also: one.name, kind: "Data sets" as const, run: () => doing.ask(one.name) },
    { id: `browse:${one.name}`, words: one.title || one.name, note: "Browse its tables", also: `${one.name} schema columns`, kind: "Data sets" as const, run: () => doing.browse(one.name) },
  ]);
}
