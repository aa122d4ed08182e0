// SPDX-License-Identifier: Apache-2.0
// chart/values.yaml as a table: each value's path, default and comment, as helm-docs reads them.
//
//   node tests/chart/values.mjs --write    writes the table into chart/README.md, between its markers
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chart, parseDocument, read } from "./scenarios.mjs";

const START = "<!-- made by tests/chart/values.mjs --write from values.yaml -->\n";
const END = "<!-- end -->";

const said = (comment) => {
  const from = comment?.indexOf("-- ") ?? -1;
  return from < 0 ? undefined : comment.slice(from + 3).split("\n").map((line) => line.trim()).join(" ");
};

/** A value is what has a `# --` comment, or holds nothing that could have one. */
function* walk(map, path) {
  for (const [index, { key, value }] of map.items.entries()) {
    const text = said(key.commentBefore ?? (index === 0 ? map.commentBefore : undefined));
    const here = [...path, key.value];
    const isGroup = text === undefined && value.items !== undefined && value.items[0]?.key !== undefined;
    if (isGroup) yield* walk(value, here);
    else yield { path: here.join("."), initial: value.toJSON(), text };
  }
}

export function rows() {
  return [...walk(parseDocument(read("values.yaml")).contents, [])];
}

export function table() {
  const line = ({ path, initial, text }) => `| \`${path}\` | \`${JSON.stringify(initial)}\` | ${text} |`;
  return `| value | default | |\n| --- | --- | --- |\n${rows().map(line).join("\n")}\n`;
}

/** The README with its table made anew. */
export function readmeAnew(text) {
  const from = text.indexOf(START);
  const to = text.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error("chart/README.md lacks the markers of its table");
  return `${text.slice(0, from + START.length)}\n${table()}\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === "--write") {
  const path = join(chart, "README.md");
  writeFileSync(path, readmeAnew(readFileSync(path, "utf8")));
}
