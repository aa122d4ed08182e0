// SPDX-License-Identifier: Apache-2.0
// The proof's words, the colouring of SQL, the emphasis in a sentence, and addresses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { emphasise, markUnproven } from "../src/words/emphasis.js";
import { proofOf, stripOf, wallOf, wallWords } from "../src/words/proof-facts.js";
import { parseRoute, routePath, tokenOf, type Route } from "../src/core/route.js";
import { sqlTokens } from "../src/words/sql-tokens.js";
import type { Confinement, Run, Turn } from "../src/core/wire.js";

const strong: Confinement = { namespaces: ["user", "pid", "net", "mount", "ipc", "uts"], landlock: 7, seccomp: true, no_new_privs: true, capabilities: 0, network: "none", uid: 65534 };
const run = (confinement: Confinement): Run => ({
  id: "R1", dataset: "d", sql: "SELECT 1", params: [], outcome: "completed", created_at: "2026-01-01T00:00:00Z", where: "local process 4711", starting_us: 500, elapsed_us: 1100,
  result: { run_id: "R1", outcome: "completed", columns: [], rows: [], row_count: 0, truncated: false, data_sha256: "9f2c41d7b1a0", stats: {}, confinement, error: null },
});
const plain = (text: string) => text.replace(/\u00a0/g, " ");

test("the strip says where, how long, and which walls held", () => {
  assert.deepEqual(stripOf(run(strong)).map(plain), ["local process 4711, gone after 1.6 ms", "no network", "6 namespaces · Landlock 7 · seccomp"]);
});

test("without namespaces the wall is said to be weaker, never sandboxed", () => {
  const wall = wallOf({ ...strong, namespaces: [] });
  assert.equal(wall.strength, "weaker");
  assert.notEqual(wall.seal, "Sandboxed");
  assert.equal(wallOf({ ...strong, network: "visible", seccomp: false }).strength, "weaker");
  assert.equal(wallOf({}).strength, "weaker");
  assert.equal(wallOf(strong).seal, "Sandboxed");
});

test("a wall that is missing is named as missing", () => {
  assert.equal(wallWords({ namespaces: [], landlock: 0, seccomp: false }), "no namespaces · no Landlock · no seccomp");
});

test("the proof names the run, the wall, the data and the times", () => {
  const turn: Turn = { id: "T", conversation_id: "C", ordinal: 1, question: "q", dataset: "d", status: "answered", created_at: "", understanding: "rows, counted", run: run(strong) };
  const facts = proofOf(turn).flatMap((group) => group.facts);
  const told = Object.fromEntries(facts.map((fact) => [fact.label, plain(fact.text)]));
  assert.equal(told["Understood as"], "rows, counted");
  assert.equal(told["SHA-256"], "9f2c41d7b1a0");
  assert.equal(told["Run"], "R1");
  assert.equal(told["Returned"], "0 rows, the whole result");
  assert.match(told["Network"]!, /^None/);
  assert.ok(facts.every((fact) => fact.text !== "" && !fact.text.includes("undefined")));
});

test("a turn that never ran has a proof without a run", () => {
  const turn: Turn = { id: "T", conversation_id: "C", ordinal: 1, question: "q", dataset: "d", status: "failed", created_at: "" };
  assert.deepEqual(proofOf(turn), []);
});

test("coloured SQL joined together is the statement itself", () => {
  const sql = `SELECT "from", sum(x1) -- total\nFROM t /* c */ WHERE a = 'it''s' AND b > ?1 AND c < 1.5e3 LIMIT :n 'open`;
  const tokens = sqlTokens(sql);
  assert.equal(tokens.map((token) => token.text).join(""), sql);
  const kinds = Object.fromEntries(tokens.map((token) => [token.text, token.kind]));
  assert.equal(kinds["'it''s'"], "string");
  assert.equal(kinds["?1"], "param");
  assert.equal(kinds["-- total"], "comment");
  assert.equal(tokens.some((token) => token.kind === "keyword" && token.text.includes("from")), false);
});

const strongOf = (sentence: string, ...rows: (string | number)[][]) => {
  const pieces = emphasise(sentence, { rows });
  assert.equal(pieces.map((piece) => piece.text).join(""), sentence);
  return pieces.filter((piece) => piece.strong).map((piece) => piece.text);
};

test("the first row's words and figures stand out in the sentence", () => {
  assert.deepEqual(strongOf("Climb cost the most: $41.2 million in all, 46 % of it.", ["Climb", 41204118], ["Approach", 5]), ["Climb", "$41.2 million"]);
  assert.deepEqual(strongOf("There are 10,000 strikes.", [10000]), ["10,000"]);
});

test("figures that are there by chance, and parts of words, do not stand out", () => {
  assert.deepEqual(strongOf("Between 300 and 1,197 a year.", [1990, 300], [1991, 1197]), []);
  assert.deepEqual(strongOf("Climbing is dear.", ["Climb", 1]), []);
  assert.deepEqual(strongOf("A (b) was first.", ["A (b)", 3]), ["A (b)"]);
});

test("every address has its page, and every page its address", () => {
  const at = (address: string) => {
    const { pathname, search, hash } = new URL(address, "http://localhost");
    return parseRoute({ pathname, search, hash });
  };
  const pages: Record<string, Route> = {
    "/": { page: "new" },
    "/c/01JABC": { page: "conversation", id: "01JABC" },
    "/c/01JABC#01JTURN": { page: "conversation", id: "01JABC", turn: "01JTURN" },
    "/c/a%2Fb": { page: "conversation", id: "a/b" },
    "/a/01JTURN": { page: "answer", id: "01JTURN" },
    "/pins": { page: "pins" },
    "/data": { page: "data" },
    "/data/w%C3%A4hrung?table=rates.eur": { page: "dataset", name: "währung", table: "rates.eur" },
    "/sql": { page: "sql" },
    "/sql?dataset=birds&sql=SELECT+%27%26%27": { page: "sql", dataset: "birds", sql: "SELECT '&'" },
    "/status": { page: "status" },
    "/settings": { page: "settings" },
  };
  for (const [address, route] of Object.entries(pages)) {
    assert.deepEqual(at(address), route, address);
    assert.equal(routePath(route), address);
  }
  for (const address of ["/c/%zz", "/c", "/pins/x", "/c/x/y", "/nothing"]) assert.deepEqual(at(address), { page: "unknown" }, address);
});

test("an address brings a token behind its #, whole or not at all", () => {
  assert.equal(tokenOf("#token=0123abcdef"), "0123abcdef");
  assert.equal(tokenOf("#token=a+b/c=="), "a+b/c==");
  for (const hash of ["", "#", "#token=", "#token", "#Token=x", "#x&token=y", "token=x", "#token=a b", `#token=${"x".repeat(513)}`, "#token=\u00e9"]) assert.equal(tokenOf(hash), null, hash);
});

test("numbers that are not proven are marked where they stand, counted in characters, and the sentence stays the same", () => {
  const sentence = "Köln 🏙 has 77% of 1,234.";
  const at = (text: string) => ({ start: [...sentence.slice(0, sentence.indexOf(text))].length, end: [...sentence.slice(0, sentence.indexOf(text) + text.length)].length, text });
  const pieces = markUnproven(emphasise(sentence, { rows: [["Köln", 1234]] }), [at("77%"), at("1,234")]);
  assert.equal(pieces.map((piece) => piece.text).join(""), sentence);
  assert.deepEqual(pieces.filter((piece) => piece.unproven).map((piece) => piece.text), ["77%", "1,234"]);
  assert.deepEqual(pieces.filter((piece) => piece.strong).map((piece) => piece.text), ["Köln", "1,234"]);
  assert.equal(markUnproven(pieces, null), pieces);
});
