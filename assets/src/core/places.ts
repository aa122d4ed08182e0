// SPDX-License-Identifier: Apache-2.0
// Where somebody was reading at each address. The browser itself only knows the place of a page that scrolls as a
// whole; here the middle of the page does. Back, forward and a reload come back to the place; a link does not.
import * as stored from "./stored.js";

export type Place = stored.Place;

const PLACES_KEPT = 60;

/** What is scrolled at an address; the part behind # is a place itself and has none. */
const addressOf = ({ pathname, search }: { pathname: string; search: string }) => pathname + search;

export function keepPlace(at: { pathname: string; search: string }, place: Place): void {
  const address = addressOf(at);
  stored.keepList("places", [...stored.readList("places").filter(([other]) => other !== address), [address, place] as [string, Place]].slice(-PLACES_KEPT));
}

export function keptPlace(at: { pathname: string; search: string }): Place | null {
  return stored.readList("places").find(([address]) => address === addressOf(at))?.[1] ?? null;
}
