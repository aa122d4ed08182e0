// SPDX-License-Identifier: Apache-2.0
// The turns of a conversation for the keyboard: which one is at hand, and the way from one to the next.
import { routePath } from "../core/route.js";
import { say } from "../core/actions.js";
import { toast } from "../core/toasts.js";

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

/** Presses the button of the turn at hand that carries this data-command; false where there is none. */
export function pressInTurn(command: string, press = true): boolean {
  const button = turnAtHand()?.querySelector<HTMLButtonElement>(`[data-command="${command}"]`);
  if (!button || button.disabled) return false;
  if (press) button.click();
  return true;
}

export function copyLink(): void {
  const id = turnAtHand()?.dataset.id;
  if (!id) return;
  navigator.clipboard.writeText(location.origin + routePath({ page: "answer", id })).then(
    () => toast("The link to the answer is copied."),
    () => toast("The browser did not let the page copy.", { bad: true }),
  );
}
