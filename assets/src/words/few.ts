// SPDX-License-Identifier: Apache-2.0
// Many things to do, a few at a time.

/** Does WORK with each of ITEMS, at most MANY at a time, in their order; one that fails does not hold up the others. */
export async function fewAtATime<T>(items: T[], many: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: Math.min(many, items.length) }, worker));
}

/** ITEMS with the one at FROM at the place TO. */
export function moved<T>(items: T[], from: number, to: number): T[] {
  const all = [...items];
  const [item] = all.splice(from, 1);
  if (item !== undefined) all.splice(Math.max(0, Math.min(to, all.length)), 0, item);
  return all;
}
