// SPDX-License-Identifier: Apache-2.0
// Finds in a hint what can be typed at a shell, so that it can be copied: what stands between backticks, and settings
// of the kernel.

export interface HintPiece {
  text: string;
  isCommand: boolean;
}

const COMMAND = /`([^`\n]+)`|\bsysctl [a-z][\w.]*=[\w.]*\w/g;

/** The pieces joined together are the hint without its backticks. */
export function hintPieces(hint: string): HintPiece[] {
  const pieces: HintPiece[] = [];
  let at = 0;
  for (const match of hint.matchAll(COMMAND)) {
    if (match.index > at) pieces.push({ text: hint.slice(at, match.index), isCommand: false });
    pieces.push({ text: match[1] ?? match[0], isCommand: true });
    at = match.index + match[0].length;
  }
  if (at < hint.length) pieces.push({ text: hint.slice(at), isCommand: false });
  return pieces;
}

/** "3 days", "2 hours", "5 minutes", "12 seconds": the largest unit that says something. */
export function age(seconds: number): string {
  const units: [number, string][] = [[86_400, "day"], [3_600, "hour"], [60, "minute"]];
  const [size, name] = units.find(([one]) => seconds >= one) ?? [1, "second"];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
