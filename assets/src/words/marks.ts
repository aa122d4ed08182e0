// SPDX-License-Identifier: Apache-2.0
// Which parts of a text were searched for, as the server finds them: every word anywhere in it, in upper or lower
// case. Letters are folded one by one, since some change their length with their case.

export interface Part {
  text: string;
  marked: boolean;
}

export function searchWords(query: string): string[] {
  return [...new Set(query.toLowerCase().split(/\s+/).filter((word) => word !== ""))];
}

interface Folded {
  text: string;
  /** Where the letter that gave each unit of `text` begins and ends. */
  from: number[];
  to: number[];
}

function fold(text: string): Folded {
  const folded: Folded = { text: "", from: [], to: [] };
  let at = 0;
  for (const letter of text) {
    const lower = letter.toLowerCase();
    folded.text += lower;
    for (let i = 0; i < lower.length; i++) {
      folded.from.push(at);
      folded.to.push(at + letter.length);
    }
    at += letter.length;
  }
  return folded;
}

/** The places of all words, in order, none over another. */
function placesOf(text: string, words: string[]): [number, number][] {
  const folded = fold(text);
  const found: [number, number][] = [];
  for (const word of words) {
    for (let at = folded.text.indexOf(word); at >= 0; at = folded.text.indexOf(word, at + word.length)) found.push([folded.from[at]!, folded.to[at + word.length - 1]!]);
  }
  found.sort((a, b) => a[0] - b[0]);
  const places: [number, number][] = [];
  for (const [from, to] of found) {
    const last = places.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else places.push([from, to]);
  }
  return places;
}

export function marksOf(text: string, words: string[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const [from, to] of placesOf(text, words)) {
    if (from > at) parts.push({ text: text.slice(at, from), marked: false });
    parts.push({ text: text.slice(from, to), marked: true });
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: false });
  return parts;
}

/** About LENGTH letters of the text around the first word, on one line; what was left out is shown by an ellipsis. */
export function excerpt(text: string, words: string[], length: number): string {
  const letters = [...text.replace(/\s+/g, " ").trim()];
  const line = letters.join("");
  if (letters.length <= length) return line;
  const first = placesOf(line, words)[0]?.[0] ?? 0;
  const at = [...line.slice(0, first)].length;
  const from = Math.max(0, Math.min(at - Math.floor(length / 4), letters.length - length));
  const to = Math.min(letters.length, from + length);
  return `${from > 0 ? "…" : ""}${letters.slice(from, to).join("").trim()}${to < letters.length ? "…" : ""}`;
}
