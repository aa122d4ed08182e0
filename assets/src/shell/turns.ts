// SPDX-License-Identifier: Apache-2.0
// The turns of a conversation for the keyboard: which one is at hand, and the way from one to the next.
import { say } from "../core/actions.js";

const turns = () => [...document.querySelectorAll<HTMLElement>("article.turn")];

/** The turn that has the focus, or the last one. */
export function turnAtHand(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("article.turn") ?? turns().at(-1) ?? null;
}

/** Focuses the turn so many further down; from outside of all, down begins at the top and up at the end. */
export function moveTo(step: 1 | -1): void {
  const all = turns();
  const at = document.activeElement?.closest("article.turn");
  const from = at ? all.indexOf(at as HTMLElement) : step > 0 ? -1 : all.length;
  const next = all[from + step];
  if (!next) return say(step > 0 ? "This is the last question." : "This is the first question.");
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

function buttonOf(turn: HTMLElement | null, command: string): HTMLButtonElement | null {
  const button = turn?.querySelector<HTMLButtonElement>(`[data-command="${command}"]`) ?? null;
  return button?.disabled ? null : button;
}

/** Whether the turn at hand has a button that carries this data-command. */
export const canPress = (command: string): boolean => buttonOf(turnAtHand(), command) !== null;

export function press(command: string): void {
  buttonOf(turnAtHand(), command)?.click();
}

/** The SQL has to be shown before it can be edited; of a failed turn it is folded away. */
export function editSql(): void {
  const turn = turnAtHand();
  const tab = buttonOf(turn, "show-sql");
  const folded = tab?.closest("details");
  if (folded) folded.open = true;
  tab?.click();
  setTimeout(() => buttonOf(turn, "edit-sql")?.click());
}
