// SPDX-License-Identifier: Apache-2.0
// What a person does with conversations that are kept: finds them, renames them, deletes them and takes that back,
// takes them away as a file; and says what an answer was worth.
import { download, go, say } from "./actions.js";
import { toProblem } from "./api.js";
import { exportName, extended, inserted, neighbour, PAGE_LENGTH } from "./listing.js";
import type { TurnView } from "./progress.js";
import { routePath } from "./route.js";
import { api } from "./session.js";
import { state, update } from "./state.js";
import { tellOthers } from "./tabs.js";
import { toast } from "./toasts.js";
import type { Conversation, Feedback } from "./wire.js";
import { feedbackWords } from "../words/feedback.js";
import { plural } from "../words/format.js";
import { excerpt } from "../words/marks.js";

const titleOf = (conversation: Conversation) => conversation.title || "Untitled";

function complain(what: string, error: unknown): void {
  toast(`${what}: ${toProblem(error).message}`, { bad: true });
}

// ---- The list

let reading = false;

/** Reads the next page of the list; of a search too. */
export async function showMore(): Promise<void> {
  const { conversations, moreConversations } = state();
  const before = conversations?.at(-1)?.id;
  if (reading || !before || !moreConversations) return;
  reading = true;
  try {
    const page = await api.conversations({ before, limit: PAGE_LENGTH });
    const listing = extended({ conversations: state().conversations ?? [], more: true }, page);
    update({ conversations: listing.conversations, moreConversations: listing.more });
  } catch (error) {
    complain("Older conversations could not be read", error);
  } finally {
    reading = false;
  }
}

// ---- Search

/** Somebody types: the server is asked once they have paused for so long. */
const PAUSE_MS = 120;
let searching = new AbortController();

export function search(words: string): void {
  searching.abort();
  searching = new AbortController();
  if (words.trim() === "") return update({ search: null });
  const before = state().search;
  update({ search: { words, found: before?.found ?? null, foundFor: before?.foundFor ?? "", problem: null } });
  const { signal } = searching;
  setTimeout(() => void find(words, signal), PAUSE_MS);
}

async function find(words: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    const found = await api.conversations({ q: words.trim(), limit: PAGE_LENGTH }, signal);
    if (signal.aborted) return;
    update({ search: { words, found, foundFor: words, problem: null } });
    say(found.length === 0 ? "Nothing was found." : `${found.length === PAGE_LENGTH ? "The last " : ""}${plural(found.length, "conversation")} found.`);
  } catch (error) {
    if (!signal.aborted) update({ search: { words, found: null, foundFor: words, problem: toProblem(error) } });
  }
}

// ---- Renaming

export function startRenaming(id: string, at: "list" | "bar"): void {
  update({ renaming: { id, at } });
}

/** Changes what the page knows of one conversation, wherever it stands. */
function change(id: string, to: (conversation: Conversation) => Conversation | null): void {
  const all = <T extends Conversation>(list: T[]) => list.flatMap((one) => (one.id === id ? ((to(one) ?? []) as T | []) : one));
  const { conversations, search: sought, conversation } = state();
  update({
    conversations: conversations && all(conversations),
    search: sought && { ...sought, found: sought.found && all(sought.found) },
    conversation: conversation?.id === id ? (to(conversation) ?? conversation) : conversation,
  });
}

/** TITLE null leaves it as it was. */
export async function rename(conversation: Conversation, title: string | null): Promise<void> {
  update({ renaming: null });
  const { id, title: before } = conversation;
  const wanted = title?.trim().replace(/\s+/g, " ");
  if (!wanted || wanted === before) return;
  change(id, (one) => ({ ...one, title: wanted }));
  try {
    const renamed = await api.renameConversation(id, wanted);
    change(id, (one) => ({ ...one, title: renamed.title }));
    tellOthers(id);
    say(`Renamed to ${renamed.title}.`);
  } catch (error) {
    change(id, (one) => ({ ...one, title: before }));
    complain("It could not be renamed", error);
  }
}

// ---- Deleting

/** Of a title that is told beside the page. */
const TOLD_LETTERS = 60;

/** Answers the id of the conversation that stands where this one stood; null where there is none, or it was open. */
export async function remove(conversation: Conversation): Promise<string | null> {
  const { id } = conversation;
  const { route, search: sought, conversations } = state();
  const wasOpen = route.page === "conversation" && route.id === id;
  const next = neighbour(sought?.found ?? conversations ?? [], id);
  try {
    await api.deleteConversation(id);
  } catch (error) {
    complain("It could not be deleted", error);
    return id;
  }
  if (wasOpen) go({ page: "new" });
  change(id, () => null);
  tellOthers(id);
  toast(`Deleted “${excerpt(titleOf(conversation), [], TOLD_LETTERS)}”.`, { action: { label: "Undo", run: () => void restore(conversation, wasOpen) } });
  return wasOpen ? null : next;
}

async function restore(conversation: Conversation, wasOpen: boolean): Promise<void> {
  try {
    const restored = await api.restoreConversation(conversation.id);
    update({ conversations: inserted(state().conversations ?? [], restored) });
  } catch (error) {
    return complain("It could not be restored", error);
  }
  say(`${titleOf(conversation)} is back.`);
  tellOthers(conversation.id);
  const { route, turns, search: sought } = state();
  if (wasOpen && route.page === "new" && turns.length === 0) go({ page: "conversation", id: conversation.id });
  if (sought) search(sought.words);
}

// ---- Taking away

export function exportConversation(conversation: Conversation): void {
  void download(`/api/v1/conversations/${encodeURIComponent(conversation.id)}/export.md`, exportName(titleOf(conversation)));
}

export async function copyLink(conversation: Conversation): Promise<void> {
  const address = location.origin + routePath({ page: "conversation", id: conversation.id });
  try {
    await navigator.clipboard.writeText(address);
    toast("The link to this conversation is copied.");
  } catch {
    toast(`The browser does not let the page copy. The link is ${address}`, { bad: true });
  }
}

// ---- Feedback

/** Null takes back what was said. Whether it is stored. */
export async function giveFeedback(view: TurnView, feedback: Feedback | null): Promise<boolean> {
  const { id } = view.turn;
  try {
    const turn = feedback ? await api.giveFeedback(id, feedback) : await api.removeFeedback(id);
    update({ turns: state().turns.map((one) => (one.turn.id === id ? { ...one, turn: { ...one.turn, feedback: turn.feedback } } : one)) });
    tellOthers(view.turn.conversation_id);
    say(feedback === null ? "Your feedback is removed." : feedback.value === "up" ? "Thank you: a good answer." : `Thank you: a bad answer. ${feedbackWords(feedback)}`);
    return true;
  } catch (error) {
    complain("Your feedback could not be stored", error);
    return false;
  }
}
