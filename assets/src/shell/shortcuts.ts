// SPDX-License-Identifier: Apache-2.0
// The keys of the page, in one table: the handler looks a key up here, and the sheet that `?` opens draws the same
// rows, so that the two cannot disagree. Keys are written as "mod+k" (Ctrl, on a Mac Command), "alt+t", "g d" (one
// after the other) or by themselves, as the keyboard calls them in lower case.
import type { CommandName } from "./commands.js";

export interface Shortcut {
  keys: string;
  words: string;
  group: "Anywhere" | "In a conversation" | "In the question box" | "Pages";
  /** What it does; without one, what is written in is what listens: the box itself. */
  command?: CommandName;
}

export const SHORTCUTS: Shortcut[] = [
  { keys: "mod+k", words: "Find anything: conversations, data, pages, actions", group: "Anywhere", command: "palette" },
  { keys: "n", words: "New question", group: "Anywhere", command: "new" },
  { keys: "/", words: "Search the conversations", group: "Anywhere", command: "search" },
  { keys: "mod+z", words: "Bring back what was just deleted", group: "Anywhere" },
  { keys: "alt+t", words: "Switch the theme", group: "Anywhere", command: "theme" },
  { keys: "?", words: "Show these shortcuts", group: "Anywhere", command: "shortcuts" },
  { keys: "escape", words: "Close what is open, or stop what is under way", group: "Anywhere", command: "leave" },
  { keys: "j", words: "Next question", group: "In a conversation", command: "nextTurn" },
  { keys: "k", words: "Previous question", group: "In a conversation", command: "previousTurn" },
  { keys: "c", words: "Copy the link to the answer", group: "In a conversation", command: "copyLink" },
  { keys: "e", words: "Edit the answer’s SQL", group: "In a conversation", command: "editSql" },
  { keys: "p", words: "Pin the answer", group: "In a conversation", command: "pin" },
  { keys: "enter", words: "Ask", group: "In the question box" },
  { keys: "shift+enter", words: "Begin a new line", group: "In the question box" },
  { keys: "arrowup", words: "Bring back the last question, in an empty box", group: "In the question box" },
  { keys: "g d", words: "Data", group: "Pages", command: "data" },
  { keys: "g p", words: "Pinned answers", group: "Pages", command: "pins" },
  { keys: "g q", words: "SQL", group: "Pages", command: "sql" },
  { keys: "g s", words: "Status", group: "Pages", command: "status" },
  { keys: "g ,", words: "Settings", group: "Pages", command: "settings" },
];

export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** How a key press is written in the table; null for one that no shortcut could be (another modifier alone, …). */
export function written(press: Press, isMac: boolean): string | null {
  const mod = isMac ? press.metaKey : press.ctrlKey;
  const other = isMac ? press.ctrlKey : press.metaKey;
  if (other || (mod && press.altKey)) return null;
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1]?.toLowerCase();
  let key = press.key.toLowerCase();
  // With Alt a Mac types other letters, and other alphabets have none of these at all: then the key's place counts.
  if (letter && (press.altKey || mod || !/^[ -~]+$/.test(key))) key = letter;
  if (mod) return press.shiftKey ? null : `mod+${key}`;
  if (press.altKey) return press.shiftKey ? null : `alt+${key}`;
  return press.shiftKey && key.length > 1 ? `shift+${key}` : key;
}

/** A key that types: it does nothing else while somebody writes, and can be switched off altogether. */
export function isSingle(keys: string): boolean {
  return !/\+|^escape$/.test(keys) || keys === "+";
}

export interface Found {
  command: CommandName | null;
  /** The first key of two; the next press is to bring it again. */
  pending: string | null;
}

const NOTHING: Found = { command: null, pending: null };

export function lookUp(key: string, pending: string | null, isTyping: boolean, hasSingles: boolean): Found {
  const allowed = SHORTCUTS.filter((one) => one.command && (!isSingle(one.keys) || (hasSingles && !isTyping)));
  const keys = pending === null ? key : `${pending} ${key}`;
  const exact = allowed.find((one) => one.keys === keys);
  if (exact) return { command: exact.command!, pending: null };
  if (pending !== null) return lookUp(key, null, isTyping, hasSingles);
  return allowed.some((one) => one.keys.startsWith(`${key} `)) ? { command: null, pending: key } : NOTHING;
}

const NAMES: Record<string, string> = { escape: "Esc", enter: "↵", arrowup: "↑", shift: "Shift", alt: "Alt", mod: "Ctrl" };
const MAC_NAMES: Record<string, string> = { ...NAMES, shift: "⇧", alt: "⌥", mod: "⌘" };

/** The keys as they stand on the keyboard: the keys of one press together, presses in a row. */
export function keyNames(keys: string, isMac: boolean): string[][] {
  const names = isMac ? MAC_NAMES : NAMES;
  return keys.split(" ").map((press) => press.split("+").map((key) => names[key] ?? key.toUpperCase()));
}

/** The same for aria-keyshortcuts, which knows no keys in a row. */
export function ariaKeys(keys: string, isMac: boolean): string | undefined {
  if (keys.includes(" ")) return undefined;
  const names: Record<string, string> = { mod: isMac ? "Meta" : "Control", alt: "Alt", shift: "Shift", escape: "Escape" };
  return keys.split("+").map((key) => names[key] ?? key.toUpperCase()).join("+");
}

export function shortcutOf(command: CommandName): string | undefined {
  return SHORTCUTS.find((one) => one.command === command)?.keys;
}

export const IS_MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
