// SPDX-License-Identifier: Apache-2.0
// Markdown as nodes: read by the library's lexer alone, drawn here. Nothing in it becomes markup of its own: HTML is
// text, images are their words, and links lead to http and https only, with their host beside them. Fetched when
// there is some (rich.tsx).
import { Lexer, type Token, type Tokens } from "marked";
import type { ComponentChildren } from "preact";
import { linkTarget } from "../words/markdown.js";

/** A longer text is shown as it is: what people read is shorter. */
const READ_BYTES = 40_000;

export type DrawText = (text: string) => ComponentChildren;

function Link({ token, draw }: { token: Tokens.Link; draw: DrawText }) {
  const target = linkTarget(token.href);
  if (!target) return <>{inline(token.tokens, draw)}</>;
  const words = token.text.trim();
  const says = words.includes(target.host);
  return (
    <>
      <a href={target.href} target="_blank" rel="noopener noreferrer nofollow"><bdi>{inline(token.tokens, draw)}</bdi></a>
      {!says && <span class="rich-host"> (<bdi>{target.host}</bdi>)</span>}
    </>
  );
}

function inline(tokens: Token[] | undefined, draw: DrawText): ComponentChildren {
  return (tokens ?? []).map((token, index) => <Inline key={index} token={token} draw={draw} />);
}

function Inline({ token, draw }: { token: Token; draw: DrawText }): ComponentChildren {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token.tokens, draw)}</strong>;
    case "em":
      return <em>{inline(token.tokens, draw)}</em>;
    case "del":
      return <del>{inline(token.tokens, draw)}</del>;
    case "codespan":
      return <code>{token.text as string}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link token={token as Tokens.Link} draw={draw} />;
    case "image":
      return <span class="rich-image">[image{token.text ? `: ${token.text as string}` : ""}]</span>;
    case "text":
    case "escape":
      return "tokens" in token && token.tokens ? <>{inline(token.tokens, draw)}</> : <>{draw(token.text as string)}</>;
    default: // HTML, and whatever else there may be
      return <>{draw(token.raw)}</>;
  }
}

function List({ token, draw }: { token: Tokens.List; draw: DrawText }) {
  const items = token.items.map((item, index) => <li key={index}>{blocks(item.tokens, draw)}</li>);
  return token.ordered ? <ol start={token.start === "" ? 1 : token.start}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ token, draw }: { token: Tokens.Table; draw: DrawText }) {
  return (
    <div class="rich-table" role="group" aria-label="Table" tabIndex={0}>
      <table>
        <thead><tr>{token.header.map((cell, index) => <th key={index} scope="col">{inline(cell.tokens, draw)}</th>)}</tr></thead>
        <tbody>{token.rows.map((row, index) => <tr key={index}>{row.map((cell, column) => <td key={column}>{inline(cell.tokens, draw)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function Block({ token, draw }: { token: Token; draw: DrawText }): ComponentChildren {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "paragraph":
      return <p>{inline(token.tokens, draw)}</p>;
    case "heading":
      return <p class="rich-heading">{inline(token.tokens, draw)}</p>;
    case "code":
      return <pre tabIndex={0}><code>{token.text as string}</code></pre>;
    case "blockquote":
      return <blockquote>{blocks(token.tokens, draw)}</blockquote>;
    case "list":
      return <List token={token as Tokens.List} draw={draw} />;
    case "table":
      return <Table token={token as Tokens.Table} draw={draw} />;
    case "hr":
      return <hr />;
    case "html":
      return <p>{draw(token.raw.trimEnd())}</p>;
    default:
      return <Inline token={token} draw={draw} />;
  }
}

function blocks(tokens: Token[] | undefined, draw: DrawText): ComponentChildren {
  return (tokens ?? []).map((token, index) => <Block key={index} token={token} draw={draw} />);
}

/** How deep quotes and lists are inside each other; what is deeper is nobody's prose. */
const DEEP = 40;

function depth(tokens: Token[] | undefined, level = 0): number {
  if (level > DEEP) return level;
  let deepest = level;
  for (const token of tokens ?? []) {
    const inner = [...("tokens" in token && token.tokens ? token.tokens : []), ...((token as Tokens.List).items ?? [])];
    if (inner.length > 0) deepest = Math.max(deepest, depth(inner, level + 1));
  }
  return deepest;
}

/** TEXT as tokens; null where it is too long, too deep or beyond the reader. */
export function readMarkdown(text: string): Token[] | null {
  if (text.length > READ_BYTES || /(?:^|\n)[ \t]*(?:[>*+-][ \t]*){40}/.test(text)) return null;
  try {
    const tokens = new Lexer({ gfm: true }).lex(text);
    return depth(tokens) > DEEP ? null : tokens;
  } catch {
    return null;
  }
}

export function Markdown({ tokens, draw }: { tokens: Token[]; draw: DrawText }) {
  return <>{blocks(tokens, draw)}</>;
}
