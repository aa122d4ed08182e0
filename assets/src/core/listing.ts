// SPDX-License-Identifier: Apache-2.0
// The list of conversations, which is read a page at a time: what is read anew and what was read before are brought
// together. Pure.
import type { Conversation } from "./wire.js";

export const PAGE_LENGTH = 100;

export interface Listing {
  conversations: Conversation[];
  /** There are older ones at the server. */
  more: boolean;
}

const isBehind = (one: Conversation, other: Conversation) => one.updated_at < other.updated_at || (one.updated_at === other.updated_at && one.id < other.id);

/** The first page anew, and behind it what was read further down before. */
export function renewed(page: Conversation[], old: Listing | null): Listing {
  const last = page.at(-1);
  if (!last || page.length < PAGE_LENGTH) return { conversations: page, more: false };
  const rest = (old?.conversations ?? []).filter((one) => isBehind(one, last));
  return { conversations: [...page, ...rest], more: rest.length > 0 ? old!.more : true };
}

/** The page that follows. */
export function extended(old: Listing, page: Conversation[]): Listing {
  const known = new Set(old.conversations.map((one) => one.id));
  return { conversations: [...old.conversations, ...page.filter((one) => !known.has(one.id))], more: page.length === PAGE_LENGTH };
}

/** With one that is back, in its place. */
export function inserted(conversations: Conversation[], one: Conversation): Conversation[] {
  const others = conversations.filter((other) => other.id !== one.id);
  const at = others.findIndex((other) => isBehind(other, one));
  return at < 0 ? [...others, one] : [...others.slice(0, at), one, ...others.slice(at)];
}

/** Where the focus goes when the one named ID is taken out: to the next, or the last; null where none is left. */
export function neighbour(conversations: Conversation[], id: string): string | null {
  const at = conversations.findIndex((one) => one.id === id);
  return (conversations[at + 1] ?? conversations[at - 1])?.id ?? null;
}

/** A file's name that every system takes: "costliest-strikes.md". */
export function exportName(title: string): string {
  const plain = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  return `${[...plain].slice(0, 60).join("").replace(/-$/, "") || "conversation"}.md`;
}
