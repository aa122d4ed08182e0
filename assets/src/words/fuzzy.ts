// SPDX-License-Identifier: Apache-2.0
// How well a few typed letters fit a text. Every word of the query must be found: at the text's beginning best, at a
// word's beginning well, as the beginnings of words in a row ("nq" for "New question"), inside a word least. Letters
// that are merely strewn over the text are no match: people who type "rain" mean rain.

export interface Fit {
  /** Higher is better. */
  score: number;
  /** Where the letters stand, as [start, end) in UTF-16 units, in order and apart. */
  marks: [number, number][];
}

/** One unit for one unit, so that places stay the same. */
function folded(text: string): string {
  let plain = "";
  for (let at = 0; at < text.length; at++) {
    const unit = text[at]!;
    const lower = unit.normalize("NFD")[0]!.toLowerCase();
    plain += lower.length === 1 ? lower : unit;
  }
  return plain;
}

const isLetter = (unit: string | undefined) => unit !== undefined && /[\p{L}\p{N}]/u.test(unit);
const beginsWord = (text: string, at: number) => isLetter(text[at]) && !isLetter(text[at - 1]);

const AT_BEGINNING = 100;
const AT_WORD = 70;
const INSIDE = 30;
const INITIALS = 40;

/** The place of WORD in TEXT, at the beginning of a word where there is such a place. */
function place(text: string, word: string): { at: number; score: number } | null {
  let inside = -1;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0) return { at, score: AT_BEGINNING };
    if (beginsWord(text, at)) return { at, score: AT_WORD };
    if (inside < 0) inside = at;
  }
  return inside < 0 ? null : { at: inside, score: INSIDE };
}

/** LETTERS as the beginnings of words that follow each other. */
function initials(text: string, letters: string): [number, number][] | null {
  const words = [...Array(text.length).keys()].filter((at) => beginsWord(text, at));
  for (let from = 0; from + letters.length <= words.length; from++) {
    const at = words.slice(from, from + letters.length);
    if (at.every((start, index) => text[start] === letters[index])) return at.map((start) => [start, start + 1]);
  }
  return null;
}

function merged(marks: [number, number][]): [number, number][] {
  const sorted = [...marks].sort((a, b) => a[0] - b[0]);
  const apart: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = apart[apart.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else apart.push([start, end]);
  }
  return apart;
}

/** Null where QUERY does not fit TEXT; an empty query fits all alike. */
export function fit(query: string, text: string): Fit | null {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const from = folded(text);
  let score = 0;
  const marks: [number, number][] = [];
  for (const word of words) {
    const found = place(from, word);
    const letters = !found && word.length > 1 ? initials(from, word) : null;
    if (!found && !letters) return null;
    score += found ? found.score : INITIALS;
    marks.push(...(letters ?? ([[found!.at, found!.at + word.length]] as [number, number][])));
  }
  // Of two that fit alike the shorter one says more exactly what was meant.
  if (words.length > 0) score = score / words.length + 10 / (1 + from.length / 20);
  return { score, marks: merged(marks) };
}

/** TEXT in pieces, those that were matched marked. */
export function pieces(text: string, marks: [number, number][]): { text: string; hit: boolean }[] {
  const cut: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (start > at) cut.push({ text: text.slice(at, start), hit: false });
    cut.push({ text: text.slice(start, end), hit: true });
    at = end;
  }
  if (at < text.length) cut.push({ text: text.slice(at), hit: false });
  return cut;
}
