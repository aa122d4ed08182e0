// SPDX-License-Identifier: Apache-2.0
// Small things that are told beside the page: what did not work, and what was done and can be undone.
import { state, update } from "./state.js";

export interface Toast {
  id: number;
  text: string;
  /** It did not work; a screen reader is told at once. */
  bad: boolean;
  action?: { label: string; run(): void };
}

const SHOWN_AT_MOST = 4;
let nextId = 1;

export function toast(text: string, more: Partial<Pick<Toast, "bad" | "action">> = {}): void {
  const others = state().toasts.filter((one) => one.text !== text);
  update({ toasts: [...others, { bad: false, ...more, id: nextId++, text }].slice(-SHOWN_AT_MOST) });
}

export function dismiss(id: number): void {
  update({ toasts: state().toasts.filter((one) => one.id !== id) });
}
