// SPDX-License-Identifier: Apache-2.0
// What is known of Markdown without reading it: whether a text has any, and which blocks of a text that is still being
// written are finished. Reading it is parts/markdown.tsx's, which is fetched when there is some.

const MARKS = /(?:^|\n) {0,3}(?:#{1,6} |[-*+] |\d{1,9}[.)] |>|```|~~~|\|)|\*\*\S|__\S|`[^`]|\[[^\]\n]*\]\(|(?:^|[\s(])[*_][^\s*_]/;

/** Whether TEXT may mean more than its words; a false alarm costs a fetch, no more. */
export const hasMarkdown = (text: string): boolean => MARKS.test(text);

const FENCE = /^ {0,3}(```|~~~)/;

/**
 * A text that grows, as blocks: those that are finished never change any more, so each is read once. A block ends at
 * an empty line outside of a fence. What every call looks at is only what has been added since the last one.
 */
export class GrowingText {
  private blocks: string[] = [];
  private text = "";
  /** Where the block that is being written begins, and its last line. */
  private start = 0;
  private line = 0;
  private fence: string | null = null;
  /** How many characters were looked at so far. */
  looked = 0;

  /** TEXT is what was given before with more behind it; else it is another text, and all begins anew. */
  take(text: string): { done: readonly string[]; rest: string } {
    if (text.length < this.text.length) Object.assign(this, { blocks: [], start: 0, line: 0, fence: null });
    this.text = text;
    for (let end; (end = text.indexOf("\n", this.line)) >= 0; this.line = end + 1) this.endLine(text.slice(this.line, end));
    return { done: this.blocks, rest: text.slice(this.start) };
  }

  private endLine(line: string): void {
    this.looked += line.length + 1;
    const fence = FENCE.exec(line)?.[1] ?? null;
    if (fence && this.fence === null) this.fence = fence;
    else if (fence && fence === this.fence) this.fence = null;
    if (line.trim() !== "" || this.fence !== null) return;
    const block = this.text.slice(this.start, this.line);
    if (block.trim() !== "") this.blocks = [...this.blocks, block];
    this.start = this.line + line.length + 1;
  }
}

/** Where a link may lead: to another host by http or https, and nowhere else. */
export function linkTarget(href: string): { href: string; host: string } | null {
  if (!/^https?:[/]{2}/i.test(href)) return null;
  try {
    const url = new URL(href);
    return url.username || url.password ? null : { href: url.href, host: url.host };
  } catch {
    return null;
  }
}
