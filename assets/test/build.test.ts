// SPDX-License-Identifier: Apache-2.0
// What the build gives out: the same bytes each time, nothing that the content security policy would refuse.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

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

test("the first load is at most 60 KiB of gzipped script", () => {
  const scripts = [...built.get("index.html")!.matchAll(/"\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
  // What a script imports at once is named in the page too, so that it is fetched beside it.
  const imported = scripts.flatMap((name) => [...built.get(name)!.matchAll(/(?:^|[;}])import(?:[^"'();]*from)?"\.\/([^"]+)"/g)].map((match) => `assets/${match[1]}`));
  for (const name of imported) assert.ok(scripts.includes(name), name);
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(Buffer.from(built.get(name)!, "latin1"), { level: 9 }).length, 0);
  assert.ok(bytes <= 60 * 1024, String(bytes));
});
