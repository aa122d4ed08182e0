// SPDX-License-Identifier: Apache-2.0
// Markdown of models and strangers: what it becomes, what it never becomes, and what it costs while it is written.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ComponentChildren, VNode } from "preact";
import { Markdown, readMarkdown } from "../src/parts/markdown.js";
import { markTexts } from "../src/words/emphasis.js";
import { GrowingText, hasMarkdown, linkTarget } from "../src/words/markdown.js";

interface Drawn {
  tag: string;
  props: Record<string, unknown>;
}

/** What a browser would get: elements by their tags, text in quotation marks; every element is noted in SEEN. */
function draw(node: ComponentChildren, seen: Drawn[]): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map((one) => draw(one, seen)).join("");
  if (typeof node !== "object") return String(node);
  const { type, props } = node as VNode<Record<string, unknown>>;
  if (typeof type === "function") return draw((type as (props: unknown) => ComponentChildren)(props), seen);
  seen.push({ tag: String(type), props });
  return `[${String(type)} ${draw(props.children as ComponentChildren, seen)}]`;
}

function drawn(text: string): { words: string; seen: Drawn[] } {
  const tokens = readMarkdown(text);
  assert.ok(tokens, "it is read");
  const seen: Drawn[] = [];
  return { words: draw(Markdown({ tokens, draw: (one) => one }), seen), seen };
}

test("emphasis, code, lists, tables and headings are elements", () => {
  assert.equal(drawn("**Climb** cost `most`, *by far*.").words, "[p [strong Climb] cost [code most], [em by far].]");
  assert.equal(drawn("- one\n- two").words, "[ul [li one][li two]]");
  assert.equal(drawn("3. one\n4. two").words, "[ol [li one][li two]]");
  assert.equal(drawn("| a | b |\n|---|---|\n| 1 | **2** |").words, "[div [table [thead [tr [th a][th b]]][tbody [tr [td 1][td [strong 2]]]]]]");
  assert.equal(drawn("# Big\n\n```sql\nSELECT *1*\n```").words, "[p Big][pre [code SELECT *1*]]");
});

test("HTML is text, whatever it is", () => {
  for (const hostile of ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "<svg/onload=alert(1)>", "<a href='javascript:x'>y</a>", "<!-- x -->", "a <b>bold</b> <iframe>", "<style>*{}</style>", "<details open ontoggle=x>"]) {
    const { words, seen } = drawn(hostile);
    assert.deepEqual(seen.filter(({ tag }) => tag !== "p"), [], hostile);
    assert.equal(words.replace(/\[p |\]/g, ""), hostile);
  }
});

test("links lead to http and https only, open apart, and show their host", () => {
  const { words, seen } = drawn("[the data](https://example.org/a?b=c) and https://example.com/x");
  const links = seen.filter(({ tag }) => tag === "a");
  assert.deepEqual(links.map(({ props }) => [props.href, props.rel, props.target]), [
    ["https://example.org/a?b=c", "noopener noreferrer nofollow", "_blank"],
    ["https://example.com/x", "noopener noreferrer nofollow", "_blank"],
  ]);
  assert.match(words, /the data\]\]\[span {2}\(\[bdi example\.org\]\)\]/);
  for (const hostile of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil.example", "/relative", "mailto:a@b.c", "https://user:pass@evil.example", "http://", "\u0001javascript:x"]) {
    const { seen: all } = drawn(`[click](<${hostile}>)`);
    assert.deepEqual(all.filter(({ tag }) => tag === "a"), [], hostile);
  }
  assert.equal(linkTarget("https://example.org.evil.example/")?.host, "example.org.evil.example");
});

test("images are their words, and nothing is loaded", () => {
  const { words, seen } = drawn("![a chart](https://tracker.example/1.png) ![](x)");
  assert.deepEqual(seen.map(({ tag }) => tag), ["p", "span", "span"]);
  assert.match(words, /\[image: a chart\].*\[image\]/);
});

test("what is too deep, too long or no text is shown as it is", () => {
  assert.equal(readMarkdown(">".repeat(5_000) + " deep"), null);
  assert.equal(readMarkdown("- ".repeat(3_000) + "deep"), null);
  assert.equal(readMarkdown("x".repeat(50_000)), null);
  for (const odd of ["\u0000", "**", "[", "![", "`", "```", "|", "||||\n-", "[x]: <", "\u202e**x**", "😀".repeat(2_000), "*".repeat(4_000), "[".repeat(4_000), "`".repeat(4_000)]) readMarkdown(odd);
});

test("plain words have no Markdown, and nothing is fetched for them", () => {
  for (const plain of ["Climb cost the most: $41.2 million in all, 46 % of the total.", "There are 1,495 strikes.", "a_b_c is 2 * 3 * 4", "No. 5 (five)", "3 - 2", "x < y > z"]) assert.equal(hasMarkdown(plain), false, plain);
  for (const marked of ["**x**", "a `b` c", "- x", "1. x", "# x", "[a](b)", "> x", "| a |", "_so_", "see *this*"]) assert.equal(hasMarkdown(marked), true, marked);
});

test("a text that grows is looked at once, and its finished blocks stay the same", () => {
  const text = Array.from({ length: 100 }, (_, index) => (index % 7 === 6 ? "```\nx\n\ny\n```\n\n" : `Paragraph ${index} ${"word ".repeat(17)}\n\n`)).join("").slice(0, 10_000);
  const growing = new GrowingText();
  let known: readonly string[] = [];
  for (let at = 5; at <= text.length; at += 5) {
    const { done, rest } = growing.take(text.slice(0, at));
    known.forEach((block, index) => assert.equal(done[index], block));
    known = done;
    assert.ok(text.slice(0, at).endsWith(rest));
  }
  assert.ok(known.length > 60);
  assert.ok(known.every((block) => (block.match(/```/g) ?? []).length % 2 === 0), "no fence is cut");
  assert.ok(growing.looked <= text.length, `${growing.looked} of ${text.length} characters were looked at`);
  assert.deepEqual(growing.take("new"), { done: [], rest: "new" });
});

test("numbers that are not proven are marked by their words, and only whole", () => {
  const marked = (text: string) => markTexts(text, [{ start: 0, end: 3, text: "77%" }, { start: 9, end: 10, text: "7" }]).filter((piece) => piece.unproven).map((piece) => piece.text);
  assert.deepEqual(marked("It is 77% of 7, not 177% or 3.7 or 70."), ["77%", "7"]);
  assert.deepEqual(markTexts("as it is", null), [{ text: "as it is", strong: false }]);
});
