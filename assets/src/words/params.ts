// SPDX-License-Identifier: Apache-2.0
// The values that are bound to a statement, as they are edited: which places it has for them, and texts that become
// values of a chosen type.
import { sqlTokens } from "./sql-tokens.js";
import type { Param } from "../core/wire.js";

export type ParamKind = "text" | "number" | "boolean" | "null";

export interface Draft {
  kind: ParamKind;
  text: string;
}

/** The places as SQLite numbers them: ?3 is the third, a bare ? the one behind the highest so far, a name its own. */
export function placesOf(sql: string): string[] {
  const places: string[] = [];
  for (const { kind, text } of sqlTokens(sql)) {
    if (kind !== "param") continue;
    const number = /^\?(\d+)$/.exec(text)?.[1];
    if (number) {
      // SQLite takes no more than this many, and refuses the statement itself.
      for (let at = places.length; at < Math.min(Number(number), 256); at++) places.push(`?${at + 1}`);
    } else if (text === "?" || !places.includes(text)) {
      places.push(text === "?" ? `?${places.length + 1}` : text);
    }
  }
  return places;
}

export function draftOf(param: Param | undefined): Draft {
  if (param === null || param === undefined) return { kind: "null", text: "" };
  if (typeof param === "string") return { kind: "text", text: param };
  return { kind: typeof param === "number" ? "number" : "boolean", text: String(param) };
}

/** What keeps a draft from being a value, in a sentence; null where it is one. */
export function draftProblem({ kind, text }: Draft): string | null {
  if (kind !== "number") return null;
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text) || !Number.isFinite(Number(text))) return "This is not a number.";
  if (/^\s*[-+]?\d+\s*$/.test(text) && !Number.isSafeInteger(Number(text))) return "This number is too large to be sent exactly; bind it as text and CAST it.";
  return null;
}

export function paramOf({ kind, text }: Draft): Param {
  switch (kind) {
    case "null":
      return null;
    case "number":
      return Number(text);
    case "boolean":
      return text === "true";
    default:
      return text;
  }
}

/** One draft for each of COUNT places: those that are there, then empty ones. */
export function fitDrafts(drafts: Draft[], count: number): Draft[] {
  return Array.from({ length: count }, (_, at) => drafts[at] ?? { kind: "text", text: "" });
}
