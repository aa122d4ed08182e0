// SPDX-License-Identifier: Apache-2.0
// What the browser remembers: the token until its tab is closed, the theme and the last data set for longer. A
// browser may refuse to store anything; then it is remembered until the page is left.
import type { Theme } from "./state.js";

const memory = new Map<string, string>();

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

function keep(storage: () => Storage, key: string, value: string): void {
  memory.set(key, value);
  try {
    storage().setItem(key, value);
  } catch {
    // Kept in memory above.
  }
}

const session = () => sessionStorage;
const local = () => localStorage;

export const token = (): string | null => read(session, "sandglass.token");
export const keepToken = (value: string): void => keep(session, "sandglass.token", value);
export const dataset = (): string | null => read(local, "sandglass.dataset");
export const keepDataset = (name: string): void => keep(local, "sandglass.dataset", name);
export const keepTheme = (theme: Theme): void => keep(local, "sandglass.theme", theme);

export function theme(): Theme {
  const kept = read(local, "sandglass.theme");
  return kept === "light" || kept === "dark" ? kept : "system";
}
