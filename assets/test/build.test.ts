// SPDX-License-Identifier: Apache-2.0
// What the build gives out: the same bytes each time, nothing that the content security policy would refuse.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FIRST_LOAD_CEILING_BYTES, sizes } from "../sizes.mjs";

const assets = process.env.ASSETS!;
const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "sandglass-build-")));
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function build(out: string): Map<string, string> {
  execFileSync(process.execPath, ["build.mjs"], { cwd: assets, env: { ...process.env, OUT: out } });
  const names = ["index.html", ...readdirSync(join(out, "assets")).map((name) => `assets/${name}`)];
  return new Map(names.map((name) => [name, readFileSync(join(out, name), "latin1")]));
}

const built = build(folders[0]!);
const named = (pattern: RegExp) => [...built].filter(([name]) => pattern.test(name));

test("two builds in two folders are the same, byte for byte", () => {
  assert.deepEqual(build(folders[1]!), built);
});

test("a build removes what an earlier one left, and nothing else", () => {
  writeFileSync(join(folders[1]!, "assets/app-AAAAAAAA.js"), "old");
  writeFileSync(join(folders[1]!, "assets/other.txt"), "kept");
  const again = build(folders[1]!);
  assert.equal(again.has("assets/app-AAAAAAAA.js"), false);
  assert.equal(again.has("assets/other.txt"), true);
});

test("the page has its script and one style sheet, both by absolute paths, and nothing inline", () => {
  const page = built.get("index.html")!;
  for (const [name] of named(/\/(app-\w{8}\.js|style-\w{8}\.css)$/)) assert.ok(page.includes(`"/${name}"`), name);
  assert.deepEqual(page.match(/<script[^>]*>[^<]+/g), null);
  assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|\{\{/);
});

// The name space of SVG, and where the reader of Markdown would have its own mistakes reported.
const harmless = new Set(["http://www.w3.org", "https://github.com/markedjs/marked"]);

test("neither script nor style sheet names another host or a folder of the machine that built them", () => {
  for (const [name, text] of built) {
    const hosts = [...text.matchAll(/https?:\/\/[\w.-]+(?:\/markedjs\/marked)?/g)].map((match) => match[0]).filter((host) => !harmless.has(host));
    assert.deepEqual(hosts, [], name);
    assert.ok(!text.includes(assets), name);
  }
});

const now = sizes(folders[0]!);

test("the first load is at most 60 KiB of gzipped script, and the page names all of it, so that it comes at once", () => {
  assert.ok(now.first.bytes <= FIRST_LOAD_CEILING_BYTES, String(now.first.bytes));
  assert.deepEqual([...now.first.named].sort(), [...now.first.files].sort());
});

// What opening each of them may fetch; a part that is not named here has the ordinary ceiling.
const CEILINGS_KIB: Record<string, number> = { "chart.js": 100, "form.js": 136, "plot.js": 100 };
const ORDINARY_KIB = 24;

test("what is loaded later is loaded later, and stays below its ceiling", () => {
  const page = built.get("index.html")!;
  assert.ok(now.later.length > 0);
  for (const { name, files, bytes } of now.later) {
    for (const file of files) assert.ok(!page.includes(file), `${file} is named in the page`);
    const ceiling = CEILINGS_KIB[name] ?? ORDINARY_KIB;
    assert.ok(bytes <= ceiling * 1024, `${name}: ${bytes} bytes; its ceiling is ${ceiling} KiB`);
  }
  for (const name of Object.keys(CEILINGS_KIB)) assert.ok(now.later.some((one) => one.name === name), `${name} is no part any more`);
});

test("all that is built is reachable, and has the hash of what is in it in its name", () => {
  const reachable = new Set([...now.first.files, ...now.later.flatMap((one) => one.files)]);
  assert.deepEqual(now.all.filter((name) => !reachable.has(name)), []);
  for (const [name] of built) assert.match(name, /^(index\.html|assets\/[\w.-]+-[A-Z0-9]{8}\.(js|css|svg))$/);
});

test("no source can turn text into markup or code, writes styles into markup, or names a place outside", () => {
  const sources = readdirSync(join(assets, "src"), { recursive: true, encoding: "utf8" }).filter((name) => /\.(tsx?|html|css)$/.test(name));
  assert.ok(sources.length > 50);
  const banned = [/\binnerHTML\b/, /\bouterHTML\b/, /dangerouslySetInnerHTML/, /insertAdjacentHTML/, /document\.write/, /\beval\(/, /new Function\b/, /createContextualFragment/, /\bsrcdoc\b/, /javascript:/i, /<[a-z]+[^>]*\sstyle="/, /\son[a-z]+="/];
  for (const name of sources) {
    const text = readFileSync(join(assets, "src", name), "utf8");
    for (const pattern of banned) assert.doesNotMatch(text, pattern, name);
    for (const [address] of text.matchAll(/(?:https?:)?\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi)) assert.equal(address, "http://www.w3.org", name);
  }
});

test("colours are named in one place", () => {
  const sheets = readdirSync(join(assets, "src"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css") && !name.endsWith("tokens.css"));
  for (const name of sheets) {
    const text = readFileSync(join(assets, "src", name), "utf8").replace(/\/\*[^]*?\*\//g, "");
    assert.doesNotMatch(text, /#[0-9a-f]{3,8}\b(?![^{]*\{)|\b(?:rgb|hsl|oklch|lab)a?\(/i, name);
  }
});
