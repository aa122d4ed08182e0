// SPDX-License-Identifier: Apache-2.0
// The one connection to the server, with the token that this tab knows, and whether there is one.
import { Api } from "./api.js";
import { noteServerTime } from "./clock.js";
import { Reach } from "./reach.js";
import { tokenOf } from "./route.js";
import { update } from "./state.js";
import * as stored from "./stored.js";

let tokenGiven: (() => void) | null = null;

export const reach = new Reach(
  () => fetch("/api/v1/health"),
  // Nothing is known of a server that does not answer.
  (isLost) => update(isLost ? { unreachable: true, health: null } : { unreachable: false }),
);

async function tried(path: string, init?: RequestInit): Promise<Response> {
  try {
    const response = await fetch(path, init);
    reach.answered();
    noteServerTime(response.headers.get("date"));
    return response;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) reach.failed();
    throw error;
  }
}

export const api = new Api(tried, {
  token: stored.token,
  ask: (refused) => {
    update({ token: refused ? "refused" : "wanted" });
    return new Promise((resolve) => (tokenGiven = resolve));
  },
});

export function giveToken(token: string): void {
  stored.keepToken(token);
  update({ token: "fine" });
  tokenGiven?.();
}

/** Keeps the token that the address brings, and takes it out of the address bar, where others could read it. */
export function takeToken(): void {
  const token = tokenOf(location.hash);
  if (!token) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  giveToken(token);
}
