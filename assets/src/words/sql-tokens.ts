// SPDX-License-Identifier: Apache-2.0
// Splits a statement for colouring. The pieces joined together are the statement again, character by character:
// the proof shows what was run and nothing else.

export type TokenKind = "keyword" | "string" | "number" | "param" | "comment" | "plain";

export interface Token {
  kind: TokenKind;
  text: string;
}

export const KEYWORDS: ReadonlySet<string> = new Set(
  `all and as asc between by case cast collate cross desc distinct else end escape except exists filter from full glob
   group having in inner intersect is isnull join left like limit not notnull null nulls offset on or order outer over
   partition recursive right select then union using values when where window with`.split(/\s+/),
);

const PIECES = new RegExp(
  [
    /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<string>'(?:[^']|'')*(?:'|$))/,
    /(?<quoted>"(?:[^"]|"")*(?:"|$))/,
    /(?<param>\?\d*|[:@$][A-Za-z_]\w*)/,
    /(?<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)/,
    /(?<word>[A-Za-z_]\w*)/,
  ].map((piece) => piece.source).join("|"),
  "g",
);

function kindOf(groups: Record<string, string | undefined>): TokenKind {
  if (groups.comment !== undefined) return "comment";
  if (groups.string !== undefined) return "string";
  if (groups.param !== undefined) return "param";
  if (groups.number !== undefined) return "number";
  return groups.word !== undefined && KEYWORDS.has(groups.word.toLowerCase()) ? "keyword" : "plain";
}

export function sqlTokens(sql: string): Token[] {
  const tokens: Token[] = [];
  const push = (kind: TokenKind, text: string) => {
    const last = tokens[tokens.length - 1];
    if (text === "") return;
    if (last && last.kind === kind) last.text += text;
    else tokens.push({ kind, text });
  };
  let from = 0;
  for (const match of sql.matchAll(PIECES)) {
    push("plain", sql.slice(from, match.index));
    push(kindOf(match.groups ?? {}), match[0]);
    from = match.index + match[0].length;
  }
  push("plain", sql.slice(from));
  return tokens;
}
