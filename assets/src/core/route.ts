// SPDX-License-Identifier: Apache-2.0
// Addresses and what they mean, both ways. Every address of the page is here; the server gives the same file for
// all of them (src/web/routes.c).

export type Route =
  | { page: "new" }
  /** `turn` is scrolled to. */
  | { page: "conversation"; id: string; turn?: string }
  /** One answer by itself: the permalink that replays it. */
  | { page: "answer"; id: string }
  | { page: "pins" }
  | { page: "data" }
  /** `table` may be TABLE or TABLE.COLUMN. */
  | { page: "dataset"; name: string; table?: string }
  /** `params` is the JSON of the values that are bound. */
  | { page: "sql"; dataset?: string; sql?: string; params?: string }
  | { page: "status" }
  | { page: "settings" }
  | { page: "unknown" };

export interface Address {
  pathname: string;
  search: string;
  hash: string;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const optional = <K extends string>(key: K, value: string | null | undefined) => (value ? ({ [key]: value } as Record<K, string>) : {});

export function parseRoute({ pathname, search, hash }: Address): Route {
  const [first = "", second, ...more] = pathname.replace(/^\/|\/$/g, "").split("/");
  const name = second === undefined ? undefined : decoded(second);
  if (more.length > 0 || name === null) return { page: "unknown" };
  const query = new URLSearchParams(search);
  switch (name === undefined ? first : `${first}/`) {
    case "":
      return { page: "new" };
    case "c/":
      return { page: "conversation", id: name!, ...optional("turn", decoded(hash.slice(1))) };
    case "a/":
      return { page: "answer", id: name! };
    case "data/":
      return { page: "dataset", name: name!, ...optional("table", query.get("table")) };
    case "sql":
      return { page: "sql", ...optional("dataset", query.get("dataset")), ...optional("sql", query.get("sql")), ...optional("params", query.get("params")) };
    case "data":
    case "pins":
    case "status":
    case "settings":
      return { page: first as "data" | "pins" | "status" | "settings" };
    default:
      return { page: "unknown" };
  }
}

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

export function routePath(route: Route): string {
  switch (route.page) {
    case "new":
      return "/";
    case "conversation":
      return `/c/${encodeURIComponent(route.id)}${route.turn ? `#${encodeURIComponent(route.turn)}` : ""}`;
    case "answer":
      return `/a/${encodeURIComponent(route.id)}`;
    case "dataset":
      return withQuery(`/data/${encodeURIComponent(route.name)}`, { table: route.table });
    case "sql":
      return withQuery("/sql", { dataset: route.dataset, sql: route.sql, params: route.params });
    case "unknown":
      return "/";
    default:
      return `/${route.page}`;
  }
}

/** The access token that an address brings behind its #, as `app token --url` prints it; null where it brings none. */
export function tokenOf(hash: string): string | null {
  return /^#token=([\x21-\x7e]{1,512})$/.exec(hash)?.[1] ?? null;
}
