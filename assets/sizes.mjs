// SPDX-License-Identifier: Apache-2.0
// How much of the built page is fetched when, in bytes as they are sent (gzip): what the first load takes, and what
// each part that is loaded later adds to it. It is read from the files themselves, as a browser would follow them.
//
//   node sizes.mjs FOLDER    prints a line "NAME BYTES" for the first load's script and style, and for each later part
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

export const FIRST_LOAD_CEILING_BYTES = 60 * 1024;

const IMPORTS = /(?:^|[;}\s])import(?:[^"'();]*from)?"\.\/([^"]+)"/g;
const REEXPORTS = /(?:^|[;}\s])export(?:[^"'();]*)from"\.\/([^"]+)"/g;
const FETCHES = /import\("\.\/([^"]+)"\)/g;

const found = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
/** A chunk without the hash in its name. */
const plain = (name) => name.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, "");

export function sizes(folder) {
  const assets = join(folder, "assets");
  const texts = new Map(readdirSync(assets).filter((name) => name.endsWith(".js")).map((name) => [name, readFileSync(join(assets, name), "utf8")]));
  const zipped = (name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length;
  const sum = (names) => [...names].reduce((all, name) => all + zipped(name), 0);
  const closure = (name, known, into = new Set()) => {
    if (known.has(name) || into.has(name)) return into;
    into.add(name);
    const text = texts.get(name);
    if (text === undefined) throw new Error(`${name} is imported and not there`);
    for (const other of [...found(text, IMPORTS), ...found(text, REEXPORTS)]) closure(other, known, into);
    return into;
  };

  const page = readFileSync(join(folder, "index.html"), "utf8");
  const named = (kind) => [...page.matchAll(new RegExp(`"/assets/([^"]+\\.${kind})"`, "g"))].map((match) => match[1]);
  const scripts = named("js");
  const first = new Set();
  for (const name of scripts) closure(name, new Set(), first);
  const entries = new Set([...texts.values()].flatMap((text) => found(text, FETCHES)));
  const later = [...entries].sort().map((name) => {
    const files = [...closure(name, first)];
    return { name: plain(name), files, bytes: sum(files) };
  });
  return { first: { named: scripts, files: [...first], bytes: sum(first) }, styleBytes: sum(named("css")), later, all: [...texts.keys()] };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { first, styleBytes, later } = sizes(process.argv[2] ?? "../build/assets");
  console.log(`first.js ${first.bytes}\nfirst.css ${styleBytes}`);
  for (const { name, bytes } of later) console.log(`${name} ${bytes}`);
}
