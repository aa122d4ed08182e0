// SPDX-License-Identifier: Apache-2.0
// The turns on the page and those that the server has, brought together: another tab may have asked meanwhile, or
// something may have been taken away. Pure.
import { isRunning, viewOf, type TurnView } from "./progress.js";
import type { Turn } from "./wire.js";

/** FOLLOWED says of a turn on the page that its events are coming in: then the page knows it best. */
export function mergeTurns(views: TurnView[], turns: Turn[], followed: (key: string) => boolean): TurnView[] {
  const rest = new Set(views);
  const merged = turns.map((turn) => {
    const mine = views.find((view) => view.turn.id === turn.id) ?? views.find((view) => rest.has(view) && isTakenAfterAll(view, turn, views));
    if (!mine) return viewOf(turn);
    rest.delete(mine);
    return followed(mine.key) || isSame(mine.turn, turn) ? mine : { ...viewOf(turn), key: mine.key };
  });
  // What the server never heard of stays below, until it is tried again or left.
  return [...merged, ...[...rest].filter((view) => !view.turn.id)];
}

/** The connection broke before the answer, but the question had arrived. */
function isTakenAfterAll(view: TurnView, turn: Turn, views: TurnView[]): boolean {
  return !view.turn.id && view.failure?.code === "network" && view.turn.question === turn.question && !views.some((other) => other.turn.id === turn.id);
}

/** An ended turn changes no more but by what people add to it; drawing it again would only cost. */
function isSame(mine: Turn, turn: Turn): boolean {
  return !isRunning(viewOf(mine)) && JSON.stringify(mine) === JSON.stringify(turn);
}
