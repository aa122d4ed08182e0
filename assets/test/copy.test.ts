// SPDX-License-Identifier: Apache-2.0
// Rows as text for other programs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { copyText, exactText, rowText } from "../src/words/copy.js";
import type { Cell, Column } from "../src/core/wire.js";

const columns: Column[] = [{ name: "name", type: "text" }, { name: "cost", type: "real" }];
const of = (kind: Parameters<typeof copyText>[0], ...rows: Cell[][]) => copyText(kind, columns, rows);

test("values are copied as they came, not as they are rounded", () => {
  assert.equal(of("tsv", ["a", 152.977086743044]), "name\tcost\na\t152.977086743044\n");
  assert.equal(exactText("9007199254740993"), "9007199254740993");
  assert.equal(exactText(null), "");
  assert.equal(exactText({ base64: "aGk=" }), "aGk=");
});

test("a tab or a line break stays inside its cell in TSV", () => {
  assert.equal(rowText(["a\tb", "c\nd", '"e"', 'f"g']), '"a\tb"\t"c\nd"\t"""e"""\tf"g');
});

test("CSV quotes what it must and ends its lines as RFC 4180 says", () => {
  assert.equal(of("csv", ['a "b", c', 1], ["=1+1", null]), 'name,cost\r\n"a ""b"", c",1\r\n=1+1,\r\n');
});

test("Markdown is a table in which no cell can break out", () => {
  const text = of("markdown", ["a|b\n| x |", 1], ["*c* [d](e) <img>", null]);
  assert.equal(text, "| name | cost |\n| --- | ---: |\n| a\\|b ↵ \\| x \\| | 1 |\n| \\*c\\* \\[d\\](e) \\<img\\> |  |\n");
});

test("JSON keeps types, the order of the columns, and columns of the same name", () => {
  const same: Column[] = [{ name: "2", type: "integer" }, { name: "1", type: "text" }, { name: "2", type: "text" }, { name: "__proto__", type: "boolean" }];
  const text = copyText("json", same, [[1, null, "x", true]]);
  assert.equal(text, '[\n  {"2": 1, "1": null, "2_2": "x", "__proto__": true}\n]\n');
  assert.equal(copyText("json", same, []), "[]\n");
});
