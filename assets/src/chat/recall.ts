// SPDX-License-Identifier: Apache-2.0
// Bringing back what was asked before: from an empty box upwards through the questions, and down again to the empty
// box. As soon as a letter of it is changed it is a text like any other, and the arrows only move in it.

/** The text that takes TEXT's place; null where the arrow has its usual meaning. ASKED is oldest first. */
export function recall(asked: string[], text: string, direction: "up" | "down"): string | null {
  const at = text === "" ? asked.length : asked.indexOf(text);
  if (at < 0) return null;
  if (direction === "up") return asked[at - 1] ?? null;
  return text === "" ? null : (asked[at + 1] ?? "");
}
