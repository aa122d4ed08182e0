// SPDX-License-Identifier: Apache-2.0
// The arithmetic of an axis: round steps, and a few out of many.

/** Round numbers from at or below FROM to at or above TO. */
export function niceTicks(from: number, to: number, about = 4): number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough) ?? 10);
  const first = Math.floor(from / step);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** At most `most` indexes, the first among them, all the same step apart. */
export function everyFew(length: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step);
}
