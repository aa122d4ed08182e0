// SPDX-License-Identifier: Apache-2.0
// How wide a text is on the page, without putting it there.

const pen = document.createElement("canvas").getContext("2d");
/** A guess at a letter's width, where the browser lends no canvas. */
const LETTER_OF_SIZE = 0.58;

let family = "";

/** The page's letters are larger on large screens. */
export const remPx = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);

export function textWidth(text: string, sizePx: number, weight = 400): number {
  if (!pen) return text.length * sizePx * LETTER_OF_SIZE;
  family ||= getComputedStyle(document.body).fontFamily;
  pen.font = `${weight} ${sizePx}px ${family}`;
  return pen.measureText(text).width;
}

/** The text, or as much of its beginning as has room, with an ellipsis. */
export function fitText(text: string, room: number, sizePx: number): string {
  if (text.length <= 200 && textWidth(text, sizePx) <= room) return text;
  let [fits, over] = [0, Math.min(text.length, 200)];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (textWidth(`${text.slice(0, middle)}…`, sizePx) <= room) fits = middle;
    else over = middle;
  }
  return `${text.slice(0, Math.max(1, fits)).trimEnd()}…`;
}
