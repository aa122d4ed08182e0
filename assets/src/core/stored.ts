// SPDX-License-Identifier: Apache-2.0
// What the browser remembers: the token, drafts and places until the tab is closed; the theme, the last data set and
// the like for longer. A browser may refuse to store anything; then it is remembered until the page is left.
import type { Theme } from "./state.js";
import type { Planner } from "./wire.js";

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

/** Who answers, where somebody has said so; else as the server has it. */
export const keepPlanner = (planner: Planner): void => keep(local, "sandglass.planner", planner);

export function planner(): Planner | null {
  const kept = read(local, "sandglass.planner");
  return kept === "auto" || kept === "builtin" || kept === "model" ? kept : null;
}

/** Keys that type do something while nobody types; some people's software types by itself. */
export const hasSingleKeys = (): boolean => read(local, "sandglass.keys") !== "off";
export const keepSingleKeys = (on: boolean): void => keep(local, "sandglass.keys", on ? "on" : "off");

/** Lists of the tab, and of the browser: what was chosen in the palette last, and the chart that was chosen for a turn. */
type Lists = { drafts: [string, string][]; asked: string[]; places: [string, Place][]; chosen: string[]; charts: [string, unknown][] };

/** Where somebody was reading: how far it was scrolled, and by which turn at which distance from the top. */
export interface Place {
  top: number;
  turn?: string;
  offset?: number;
}

const homeOf = (name: keyof Lists) => (name === "chosen" || name === "charts" ? local : session);

export function readList<Name extends keyof Lists>(name: Name): Lists[Name] {
  try {
    const found: unknown = JSON.parse(read(homeOf(name), `sandglass.${name}`) ?? "[]");
    return Array.isArray(found) ? (found as Lists[Name]) : ([] as unknown as Lists[Name]);
  } catch {
    return [] as unknown as Lists[Name];
  }
}

export function keepList<Name extends keyof Lists>(name: Name, list: Lists[Name]): void {
  keep(homeOf(name), `sandglass.${name}`, JSON.stringify(list));
}

const CHARTS_AT_MOST = 200;

/** The chart that was chosen for a turn, null for none; undefined where nothing was chosen. */
export function chart(turnId: string): unknown {
  return readList("charts").find((one) => Array.isArray(one) && one[0] === turnId)?.[1];
}

export function keepChart(turnId: string, choice: unknown): void {
  const others = readList("charts").filter((one) => Array.isArray(one) && one[0] !== turnId);
  keepList("charts", [...others, [turnId, choice] as [string, unknown]].slice(-CHARTS_AT_MOST));
}
