// SPDX-License-Identifier: Apache-2.0
// Addresses and what they mean. Later pages (pinned answers, status, schema) are further kinds of Route.

export type Route = { page: "new" } | { page: "conversation"; id: string };

export function parseRoute(path: string): Route {
  const match = /^\/c\/([^/]+)\/?$/.exec(path);
  if (!match) return { page: "new" };
  try {
    return { page: "conversation", id: decodeURIComponent(match[1]!) };
  } catch {
    return { page: "new" };
  }
}

/** The access token that an address brings behind its #, as `app token --url` prints it; null where it brings none. */
export function tokenOf(hash: string): string | null {
  return /^#token=([\x21-\x7e]{1,512})$/.exec(hash)?.[1] ?? null;
}

export function routePath(route: Route): string {
  return route.page === "new" ? "/" : `/c/${encodeURIComponent(route.id)}`;
}
