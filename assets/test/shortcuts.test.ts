// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ariaKeys, isSingle, keyNames, lookUp, SHORTCUTS, written, type Press } from "../src/shell/shortcuts.js";

const press = (key: string, more: Partial<Press> = {}): Press => ({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("a key press is written as the table writes it, on a Mac with Command in Ctrl's place", () => {
  assert.equal(written(press("k", { code: "KeyK", ctrlKey: true }), false), "mod+k");
  assert.equal(written(press("k", { code: "KeyK", metaKey: true }), true), "mod+k");
  assert.equal(written(press("k", { code: "KeyK", ctrlKey: true }), true), null);
  assert.equal(written(press("k", { code: "KeyK", metaKey: true }), false), null);
  assert.equal(written(press("?", { code: "Slash", shiftKey: true }), false), "?");
  assert.equal(written(press("N", { code: "KeyN", shiftKey: true }), false), "n");
  assert.equal(written(press("Enter", { shiftKey: true }), false), "shift+enter");
  assert.equal(written(press("Escape"), false), "escape");
});

test("browsers' own keys with more modifiers are left to them", () => {
  assert.equal(written(press("K", { code: "KeyK", ctrlKey: true, shiftKey: true }), false), null);
  assert.equal(written(press("t", { code: "KeyT", ctrlKey: true, altKey: true }), false), null);
});

test("a key counts by its place where Alt or another alphabet makes it type something else", () => {
  assert.equal(written(press("†", { code: "KeyT", altKey: true }), true), "alt+t");
  assert.equal(written(press("т", { code: "KeyN" }), false), "n");
  assert.equal(written(press("л", { code: "KeyK", ctrlKey: true }), false), "mod+k");
  // Letters of a Latin keyboard count as they are, wherever they lie.
  assert.equal(written(press("n", { code: "KeyL" }), false), "n");
});

test("single keys do nothing while somebody types or where they are switched off; the others do", () => {
  for (const { keys, command } of SHORTCUTS.filter((one) => one.command && !one.keys.includes(" "))) {
    assert.equal(lookUp(keys, null, false, true).command, command);
    for (const [isTyping, hasSingles] of [[true, true], [false, false]] as const) assert.equal(lookUp(keys, null, isTyping, hasSingles).command, isSingle(keys) ? null : command, keys);
  }
});

test("two keys in a row are one shortcut, and a second one that fits none counts by itself", () => {
  const first = lookUp("g", null, false, true);
  assert.deepEqual(first, { command: null, pending: "g" });
  assert.deepEqual(lookUp("p", first.pending, false, true), { command: "pins", pending: null });
  assert.deepEqual(lookUp("n", first.pending, false, true), { command: "new", pending: null });
  assert.deepEqual(lookUp("g", first.pending, false, true), { command: null, pending: "g" });
  assert.deepEqual(lookUp("g", null, true, true), { command: null, pending: null });
});

test("no keys stand in the table twice, and none begins another", () => {
  const all = SHORTCUTS.map((one) => one.keys);
  assert.equal(new Set(all).size, all.length);
  for (const keys of all) assert.deepEqual(all.filter((other) => other.startsWith(`${keys} `)), []);
});

test("keys are named as they stand on the keyboard", () => {
  assert.deepEqual(keyNames("mod+k", false), [["Ctrl", "K"]]);
  assert.deepEqual(keyNames("mod+k", true), [["⌘", "K"]]);
  assert.deepEqual(keyNames("g ,", false), [["G"], [","]]);
  assert.equal(ariaKeys("mod+k", false), "Control+K");
  assert.equal(ariaKeys("mod+k", true), "Meta+K");
  assert.equal(ariaKeys("g d", false), undefined);
});

test("the documentation lists the same keys, in the same words", () => {
  const page = readFileSync(join(process.env.ASSETS!, "../docs/web-ui.md"), "utf8");
  const rows = [...page.split("## Keys")[1]!.split("\n## ")[0]!.matchAll(/^\| (.+) \| (.+) \|$/gm)].map((row) => [row[1], row[2]]).slice(1);
  assert.deepEqual(rows, SHORTCUTS.map((one) => [keyNames(one.keys, false).map((press) => press.join("+")).join(", then "), one.words]));
});
