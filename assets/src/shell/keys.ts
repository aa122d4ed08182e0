// SPDX-License-Identifier: Apache-2.0
// Hears the keys that work everywhere and does what shortcuts.ts says of them. A dialog or a menu that is open keeps
// its keys for itself; letters do nothing else while somebody writes.
import { state } from "../core/state.js";
import { hasSingleKeys } from "../core/stored.js";
import { commands } from "./commands.js";
import { IS_MAC, lookUp, written } from "./shortcuts.js";

/** The second of two keys comes within this, or it is a first one. */
const PATIENCE_MS = 1_200;

let pending: { key: string; at: number } | null = null;

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !/^(button|checkbox|radio|range|submit|file)$/.test(target.type);
}

/** Escape ends the wait for an overlay that does not come; one that is there closes itself. */
function isWaitedFor(command: string): boolean {
  return command === "leave" && document.querySelector("dialog[open], [popover]:popover-open") === null;
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || state().token !== "fine") return;
  const key = written(event, IS_MAC);
  if (key === null || /^(shift|control|alt|meta)$/.test(key)) return;
  // An overlay whose code is still being fetched holds the keys already.
  const isModal = state().overlay !== null || document.querySelector("dialog[open], [popover]:popover-open") !== null;
  const waited = pending && event.timeStamp - pending.at < PATIENCE_MS ? pending.key : null;
  const found = lookUp(key, waited, isTyping(event.composedPath()[0] ?? null), hasSingleKeys());
  pending = found.pending === null ? null : { key: found.pending, at: event.timeStamp };
  if (found.command === null || (isModal && found.command !== "palette" && !isWaitedFor(found.command))) return;
  // A key that is held goes from turn to turn; it does not open and close what it opens.
  if (event.repeat && found.command !== "nextTurn" && found.command !== "previousTurn") return;
  if (found.command !== "leave") event.preventDefault();
  commands[found.command].run();
}
