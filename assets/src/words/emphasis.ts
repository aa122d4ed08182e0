// SPDX-License-Identifier: Apache-2.0
// Finds in an answer's sentence the words that the result's first row holds, so that the eye lands on them. The
// pieces joined together are the sentence again.
import { asNumber } from "./cells.js";
import type { Result, Unproven } from "../core/wire.js";

export interface Piece {
  text: string;
  strong: boolean;
  /** A number that follows from no result. */
  unproven?: boolean;
}

/** PIECES, parted where numbers begin and end that are not proven. Their places are in characters, not in code units. */
export function markUnproven(pieces: Piece[], numbers: Unproven[] | null | undefined): Piece[] {
  if (!numbers || numbers.length === 0) return pieces;
  let at = 0;
  return pieces.flatMap((piece) => {
    const characters = [...piece.text];
    const start = at;
    at += characters.length;
    const parts: Piece[] = [];
    let from = 0;
    const cut = (to: number, unproven: boolean) => {
      if (to > from) parts.push({ ...piece, text: characters.slice(from, to).join(""), ...(unproven ? { unproven } : {}) });
      from = Math.max(from, to);
    };
    for (const number of numbers) {
      if (number.end <= start || number.start >= at) continue;
      cut(number.start - start, false);
      cut(Math.min(number.end - start, characters.length), true);
    }
    cut(characters.length, false);
    return parts;
  });
}

/** TEXT, parted at the words of numbers that are not proven, wherever in the sentence they stood. */
export function markTexts(text: string, numbers: Unproven[] | null | undefined): Piece[] {
  const words = [...new Set((numbers ?? []).map((number) => number.text).filter((word) => word !== ""))];
  if (words.length === 0) return [{ text, strong: false }];
  const longestFirst = words.sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}.,])(?:${longestFirst.join("|")})(?![\\p{L}\\p{N}])`, "gu");
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), strong: false });
    pieces.push({ text: match[0], strong: false, unproven: true });
    at = match.index + match[0].length;
  }
  if (at < text.length || pieces.length === 0) pieces.push({ text: text.slice(at), strong: false });
  return pieces;
}

const FIGURE = /[-−]?[$€£¥₹]?\d[\d,]*(?:\.\d+)?(?:[\s\u00a0](?:thousand|million|billion)\b)?(?:[\s\u00a0]?%)?/gu;
const WORDS: Record<string, number> = { thousand: 1e3, million: 1e6, billion: 1e9 };

/** Whether a figure in the sentence says this value, rounded as far as the figure is written out. */
function says(figure: string, value: number): boolean {
  const digits = figure.replace(/[^\d.]/g, "");
  const word = /(thousand|million|billion)/.exec(figure)?.[1];
  const unit = word ? WORDS[word]! : 1;
  const decimals = (digits.split(".")[1] ?? "").length;
  return Math.abs(Math.abs(value) / unit - Number(digits)) <= 0.5 * 10 ** -decimals + 1e-9;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function spans(sentence: string, row: Result["rows"][number], rowCount: number): [number, number][] {
  const found: [number, number][] = [];
  for (const cell of row) {
    if (typeof cell !== "string" || cell.length < 2 || cell.length > 80) continue;
    const match = new RegExp(`(?<![\\p{L}\\p{N}])${escaped(cell)}(?![\\p{L}\\p{N}])`, "u").exec(sentence);
    if (match) found.push([match.index, match.index + cell.length]);
  }
  // A figure alone may be there by chance; beside the row's own name, or in a result of one row, it is the answer.
  const numbers = found.length > 0 || rowCount === 1 ? row.map((cell) => asNumber(cell)).filter((value) => value !== null) : [];
  for (const match of sentence.matchAll(FIGURE)) {
    if (numbers.some((value) => says(match[0], value))) found.push([match.index, match.index + match[0].length]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

export function emphasise(sentence: string, result: Pick<Result, "rows"> | null | undefined): Piece[] {
  const row = result?.rows[0];
  if (!row) return [{ text: sentence, strong: false }];
  const pieces: Piece[] = [];
  let at = 0;
  for (const [from, to] of spans(sentence, row, result.rows.length)) {
    if (from < at) continue;
    if (from > at) pieces.push({ text: sentence.slice(at, from), strong: false });
    pieces.push({ text: sentence.slice(from, to), strong: true });
    at = to;
  }
  if (at < sentence.length) pieces.push({ text: sentence.slice(at), strong: false });
  return pieces;
}
