// SPDX-License-Identifier: Apache-2.0
// What is written in the question box and not sent yet, for each conversation, and what was asked before. Both live
// as long as the tab: they survive a reload, and are nobody else's.
import * as stored from "./stored.js";

/** The draft of a question that begins a conversation. */
export const NEW = "new";

const DRAFTS_KEPT = 50;
const QUESTIONS_KEPT = 50;

const entries = (): [string, string][] => stored.readList("drafts");

export function draft(of: string): string {
  return entries().find(([id]) => id === of)?.[1] ?? "";
}

export function keepDraft(of: string, text: string): void {
  const others = entries().filter(([id]) => id !== of);
  if (text !== "") others.push([of, text]);
  stored.keepList("drafts", others.slice(-DRAFTS_KEPT));
}

/** A new question became a conversation: what was written meanwhile goes with it. */
export function moveDraft(from: string, to: string): void {
  const text = draft(from);
  if (text === "") return;
  keepDraft(from, "");
  keepDraft(to, text);
}

const listeners = new Set<(text: string) => void>();

/** Puts TEXT into the box that is on the page, or into the next new question's where there is none. */
export function putDraft(text: string): void {
  if (listeners.size === 0) keepDraft(NEW, text);
  for (const listener of listeners) listener(text);
}

export function onPut(listener: (text: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Oldest first, each once. */
export function asked(): string[] {
  return stored.readList("asked");
}

export function keepAsked(question: string): void {
  stored.keepList("asked", [...asked().filter((one) => one !== question), question].slice(-QUESTIONS_KEPT));
}
