// SPDX-License-Identifier: Apache-2.0
// A statement in an address: it can be handed on as a link, up to what browsers, proxies and chats take.
import { routePath, type Route } from "../core/route.js";
import type { Param } from "../core/wire.js";

/** Servers and proxies commonly take 8 KiB of address, and many a chat cuts links earlier. */
export const LONGEST_ADDRESS = 4_000;

export interface SqlAddress {
  route: Extract<Route, { page: "sql" }>;
  /** The statement is left out: the address would be too long. */
  isCut: boolean;
}

/** The values as they stand in an address. */
export function paramsText(params: Param[]): string | undefined {
  return params.length > 0 ? JSON.stringify(params) : undefined;
}

/** The values that an address brings; none where it brings anything else. */
export function paramsFrom(text: string | undefined): Param[] {
  if (!text) return [];
  try {
    const found: unknown = JSON.parse(text);
    const isValue = (one: unknown): one is Param => one === null || ["string", "number", "boolean"].includes(typeof one);
    return Array.isArray(found) && found.every(isValue) ? found : [];
  } catch {
    return [];
  }
}

export function sqlRoute(dataset: string, sql: string, params: Param[]): SqlAddress {
  const values = paramsText(params);
  const whole: SqlAddress["route"] = { page: "sql", dataset, ...(sql.trim() ? { sql } : {}), ...(values ? { params: values } : {}) };
  const isCut = routePath(whole).length > LONGEST_ADDRESS;
  return { route: isCut ? { page: "sql", dataset } : whole, isCut };
}
