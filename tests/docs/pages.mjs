// SPDX-License-Identifier: Apache-2.0
// Reads the pages: their fenced blocks, the commands in those, what stands in `code`, their links.
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const read = (path) => readFileSync(join(root, path), "utf8");

export const pagePaths = [
  "README.md",
  "CONTRIBUTING.md",
  ...(existsSync(join(root, "chart/README.md")) ? ["chart/README.md"] : []),
  ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).sort().map((name) => `docs/${name}`),
];

// A page's blocks {language, line, lines, before}: `before` is the line above, where a remark may stand.
function blocksOf(lines) {
  const blocks = [];
  let block = null;
  for (const [index, line] of lines.entries()) {
    const fence = /^(\s*)```(\S*)\s*$/.exec(line);
    if (fence && !block) {
      const before = lines[index - 1] ?? "";
      block = { language: fence[2] || "sh", line: index + 2, indent: fence[1].length, before, lines: [] };
    } else if (fence) {
      blocks.push(block);
      block = null;
    } else if (block) {
      block.lines.push(line.slice(block.indent));
    }
  }
  if (block) throw new Error(`a block begins in line ${block.line - 1} and does not end`);
  return blocks;
}

// The commands of a shell block: continued lines and here-documents belong to the line they begin in.
export function commandsOf(block) {
  const commands = [];
  const isConsole = block.language === "console";
  let current = null;
  let end = null; // of a here-document
  for (const [index, line] of block.lines.entries()) {
    if (isConsole && !line.startsWith("$ ")) {
      if (commands.length > 0) commands.at(-1).output.push(line);
      continue;
    }
    const text = isConsole ? line.slice(2) : line;
    if (current) current.text += `\n${text}`;
    else if (text.trim() && !text.trim().startsWith("#")) commands.push((current = { text, line: block.line + index, output: [] }));
    if (!current) continue;
    end ??= /<<-?'?(\w+)'?/.exec(text)?.[1] ?? null;
    if (end ? text.trim() === end : !/(\\|\|)\s*$/.test(text)) current = end = null;
  }
  return commands.map((command) => ({ ...command, text: withoutComment(command.text) }));
}

const withoutComment = (text) => text.split("\n").map((line) => line.replace(/\s+#\s.*$/, "")).join("\n").trim();

export function readPage(path) {
  const lines = read(path).split("\n");
  const blocks = blocksOf(lines);
  let isInside = false;
  const prose = lines.map((line) => {
    if (/^\s*```/.test(line)) isInside = !isInside;
    return isInside || /^\s*```/.test(line) ? "" : line;
  });
  return { path, lines, blocks, prose, isShell: (block) => ["sh", "console"].includes(block.language) };
}

// What stands between backquotes in the prose, with its line.
export function* codeWords(page) {
  for (const [index, line] of page.prose.entries()) {
    for (const [, text] of line.matchAll(/`([^`]+)`/g)) yield { text, line: index + 1 };
  }
}

const anchorOf = (heading) => heading.toLowerCase().replace(/[^\w\- ]/g, "").trim().replaceAll(" ", "-");

export function brokenLinks(page) {
  const wrong = [];
  for (const [index, line] of page.prose.entries()) {
    for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue;
      const [file, anchor] = target.split("#");
      const path = file ? join(dirname(page.path), file) : page.path;
      if (!existsSync(join(root, path))) wrong.push(`${page.path}:${index + 1}: ${target}: there is no ${path}`);
      else if (anchor && !read(path).split("\n").some((one) => /^#/.test(one) && anchorOf(one.replace(/^#+ /, "")) === anchor)) {
        wrong.push(`${page.path}:${index + 1}: ${target}: ${path} has no such heading`);
      }
    }
  }
  return wrong;
}
