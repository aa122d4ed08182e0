// SPDX-License-Identifier: Apache-2.0
// Messages and settings that pages name, looked for in the sources.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { codeWords, read, readPage, root } from "./pages.mjs";

function filesBelow(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
}

// All texts of the C sources, those in pieces put together, and what is filled in as "…".
function textsOfProgram() {
  return ["src", "runner"]
    .flatMap((folder) => filesBelow(folder, /\.[ch]$/))
    .map((path) => read(path).replace(/"\s*\n?\s*"/g, "").replaceAll('\\"', '"').replace(/%[-+0-9.*]*(?:ll|z|h)?[a-zA-Z]/g, "…"))
    .join("\n");
}

// Said by the kernel or by the cluster, not by this program.
const ofOthers = [/^exec format error$/];

export function unknownMessages() {
  const page = readPage("docs/troubleshooting.md");
  const program = textsOfProgram();
  const wrong = [];
  for (const [index, line] of page.prose.entries()) {
    const [, first] = line.startsWith("| ") ? line.split("|") : [];
    for (const [, message] of (first ?? "").matchAll(/`([^`]+)`/g)) {
      if (/^[A-Z_]+=|^app /.test(message) || ofOthers.some((one) => one.test(message))) continue;
      const pieces = message.split("…").map((piece) => piece.trim()).filter((piece) => piece.length > 3);
      const lacking = pieces.find((piece) => !program.includes(piece));
      if (lacking) wrong.push(`docs/troubleshooting.md:${index + 1}: the program nowhere says "${lacking}"`);
    }
  }
  return wrong;
}

// Variables of the build and of the tests stand in scripts; those of the program in its table.
let scripts = "";

export function unknownSettings(page, table) {
  scripts ||= ["Makefile", ...[".ci", "tests", "src", "compose", "chart", "runner", "nixos"].flatMap((folder) => {
    try {
      return filesBelow(folder, /^run$|\.(sh|mk|mjs|c|h|yaml|nix)$|^engine$/);
    } catch {
      return [];
    }
  })].filter((path) => !path.includes("node_modules") && !path.startsWith("tests/docs/")).map(read).join("\n");
  return [...codeWords(page)]
    .map(({ text, line }) => ({ name: /^([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?==|$)/.exec(text)?.[1], line }))
    .filter(({ name }) => name && !table.includes(`\`${name}\``) && !new RegExp(`\\b${name}\\b`).test(scripts))
    .map(({ name, line }) => `${page.path}:${line}: there is no setting ${name}`);
}
