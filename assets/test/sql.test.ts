// SPDX-License-Identifier: Apache-2.0
// SQL and answers that are kept, without a page: places for values, addresses, marks, replays, proofs to take along.
import assert from "node:assert/strict";
import test from "node:test";
import { parseRoute, routePath } from "../src/core/route.js";
import { stepsOf, viewOf } from "../src/core/progress.js";
import type { Replay, Result, Run, Turn } from "../src/core/wire.js";
import { fewAtATime, moved } from "../src/words/few.js";
import { beginning } from "../src/words/format.js";
import { draftOf, draftProblem, fitDrafts, paramOf, placesOf } from "../src/words/params.js";
import { limitsOf } from "../src/words/proof-limits.js";
import { curlLine, proofJson, shellWord } from "../src/words/proof-repeat.js";
import { sharesOf, spansOf } from "../src/words/proof-times.js";
import { differences, tookUs, verdictOf } from "../src/words/replay.js";
import { completable, quoted } from "../src/words/schema-words.js";
import { LONGEST_ADDRESS, paramsFrom, sqlRoute } from "../src/words/sql-address.js";
import { problemPlace } from "../src/words/sql-problem.js";

const plain = (text: string) => text.replace(/\u00a0/g, " ");

test("the places of a statement are counted as SQLite numbers them", () => {
  assert.deepEqual(placesOf("SELECT ?1, ?2, ?1"), ["?1", "?2"]);
  assert.deepEqual(placesOf("SELECT ?, ?"), ["?1", "?2"]);
  assert.deepEqual(placesOf("SELECT ?3"), ["?1", "?2", "?3"]);
  assert.deepEqual(placesOf("SELECT ?2, ?"), ["?1", "?2", "?3"]);
  assert.deepEqual(placesOf("SELECT :city, @year, :city"), [":city", "@year"]);
  assert.deepEqual(placesOf("SELECT '?1' -- ?2\n/* ?3 */, \"?4\""), []);
  assert.equal(placesOf("SELECT ?999999999").length, 256);
});

test("values become drafts and values again; what is no number says so", () => {
  for (const param of ["TX", "", 3, -1.5e10, true, false, null]) assert.deepEqual(paramOf(draftOf(param)), param);
  assert.deepEqual(draftOf(undefined), { kind: "null", text: "" });
  for (const text of ["1", "-2.5", ".5", "1e3", " 7 "]) assert.equal(draftProblem({ kind: "number", text }), null, text);
  for (const text of ["", "one", "1e999", "0x10", "1,000"]) assert.match(draftProblem({ kind: "number", text })!, /not a number/, text);
  assert.match(draftProblem({ kind: "number", text: "9007199254740993" })!, /too large/);
  assert.equal(draftProblem({ kind: "text", text: "one" }), null);
  assert.deepEqual(fitDrafts([draftOf(1), draftOf("b")], 1), [draftOf(1)]);
  assert.deepEqual(fitDrafts([draftOf(1)], 2), [draftOf(1), { kind: "text", text: "" }]);
});

test("a failure is found in the statement by its byte, also behind letters of several bytes", () => {
  const at = (byte: number) => `SQLite: no such column: nn (at character ${byte} of the SQL).`;
  const place = (message: string, sql: string) => {
    const found = problemPlace(message, sql);
    return found && sql.slice(found.from, found.to);
  };
  assert.equal(place(at(7), "SELECT nn FROM t"), "nn");
  assert.equal(place(at(13), "SELECT 'é🐦', nn"), null, "13 is in the middle of the text");
  assert.equal(place(at(17), "SELECT 'é🐦', nn"), "nn");
  assert.equal(place(at(7), 'SELECT "a b" FROM t'), '"a b"');
  assert.equal(place(at(40), "SELECT 1"), null);
  assert.equal(place("It was too long.", "SELECT 1"), null);
});

test("names are completed in quotes where they need some, with what they hold beside them", () => {
  assert.deepEqual(["city", "total cost", "order", 'a"b', "2nd"].map(quoted), ["city", '"total cost"', '"order"', '"a""b"', '"2nd"']);
  const [table] = completable({ tables: [{ name: "order lines", title: "Lines", row_count: 1200, columns: [{ name: "unit_price", title: "Price", type: "real", unit: "EUR" }, { name: "order_id", title: "Order id", type: "integer", references: "orders.id" }] }] });
  assert.deepEqual([table!.apply, table!.detail, table!.info], ['"order lines"', "1,200 rows", "Lines"]);
  assert.deepEqual(table!.columns, [
    { name: "unit_price", apply: "unit_price", detail: "real · Price", info: "in EUR" },
    { name: "order_id", apply: "order_id", detail: "integer", info: "refers to orders.id" },
  ]);
});

test("a statement goes into the address with its values and comes back; a long one is kept out", () => {
  const sql = "SELECT 'a&b=c' AS \"x\"\nWHERE 1 > ?1 -- é";
  const { route, isCut } = sqlRoute("shop", sql, ["TX", 3, null, true]);
  assert.equal(isCut, false);
  const url = new URL(routePath(route), "http://localhost");
  const back = parseRoute(url);
  assert.deepEqual(back, route);
  assert.deepEqual(paramsFrom(back.page === "sql" ? back.params : undefined), ["TX", 3, null, true]);
  assert.deepEqual(sqlRoute("shop", `SELECT '${"x".repeat(LONGEST_ADDRESS)}'`, []), { route: { page: "sql", dataset: "shop" }, isCut: true });
  assert.deepEqual(sqlRoute("shop", "  ", []).route, { page: "sql", dataset: "shop" });
  for (const text of ["[", "{}", "[[1]]", '[{"a":1}]', "1", ""]) assert.deepEqual(paramsFrom(text), []);
});

const result = (rows: Result["rows"], names = ["city", "n"]): Result => ({ run_id: "R", outcome: "completed", columns: names.map((name) => ({ name, type: "text" })), rows, row_count: rows.length, truncated: false, data_sha256: "ab", stats: {}, confinement: {}, error: null });
const run = (more: Partial<Run> = {}): Run => ({ id: "R", dataset: "shop", sql: "SELECT 1", params: [], outcome: "completed", created_at: "2026-01-01T00:00:00.000Z", ...more });
const replay = (more: Partial<Replay>): Replay => ({ replay_of: "R0", data_changed: false, result_same: true, run: run(), ...more });

test("a replay says what is the same, what has changed, and what went wrong", () => {
  assert.deepEqual([verdictOf(replay({})).tone, verdictOf(replay({})).title], ["good", "Same answer, same data"]);
  assert.match(verdictOf(replay({ data_changed: true })).sentence, /has changed since, but this answer has not/);
  assert.deepEqual([verdictOf(replay({ data_changed: true, result_same: false })).tone, verdictOf(replay({ data_changed: true, result_same: false })).title], ["weak", "The data has changed since"]);
  assert.equal(verdictOf(replay({ result_same: false })).tone, "bad");
  const late = verdictOf(replay({ data_changed: null, result_same: null, run: run({ outcome: "timed_out", message: "It took too long." }) }));
  assert.deepEqual([late.tone, late.title, late.sentence], ["bad", "Timed out", "It took too long."]);
  assert.equal(verdictOf(replay({ result_same: null })).tone, "weak");
  assert.equal(tookUs(run({ queued_us: 1, starting_us: 20, elapsed_us: 300 })), 321);
});

test("cells that differ are told with both values; rows that came or went have one", () => {
  assert.deepEqual(differences(result([["a", 1], ["b", 2]]), result([["a", 1], ["b", 3]])), [{ row: 1, column: 1, then: 2, now: 3 }]);
  assert.deepEqual(differences(result([["a", 1]]), result([["a", 1], ["b", 2]])), [{ row: 1, column: 0, then: undefined, now: "b" }, { row: 1, column: 1, then: undefined, now: 2 }]);
  assert.deepEqual(differences(result([]), result([])), []);
  assert.equal(differences(result([], ["a"]), result([], ["b"])), null);
});

test("SQL that was given has no step of understanding", () => {
  const turn: Turn = { id: "T", conversation_id: "C", ordinal: 1, question: "Q", dataset: "shop", status: "answered", created_at: "", planner: "sql", plan_us: 0, run: run({ starting_us: 300, elapsed_us: 900 }) };
  assert.deepEqual(stepsOf(viewOf(turn)).map((step) => step.name), ["sandbox", "run"]);
  assert.deepEqual(stepsOf(viewOf({ ...turn, status: "running", run: null })).map((step) => step.label), ["waiting for a sandbox"]);
});

test("each limit has what was used of it and who held it", () => {
  const held = limitsOf(run({
    starting_us: 1_000, elapsed_us: 1_249_000,
    limits: { timeout_ms: 5_000, memory_mb: 512, max_rows: 200, max_result_bytes: 1_048_576 },
    result: { ...result([["a", 1]]), stats: { peak_kib: 131_072, cpu_us: 500_000 }, confinement: { limits: [{ what: "memory_bytes", value: 536_870_912, by: "cgroup v2" }, { what: "cpu_time_s", value: 5, by: "rlimit" }, { what: "more_processes", value: 0, by: "rlimit" }] } },
  }));
  const told = held.map(({ label, most, used, share, by }) => [label, plain(most), used && plain(used), share, by]);
  assert.deepEqual(told, [
    ["Time", "5.0 s", "1.3 s", 0.25, "the server, which kills it"],
    ["Memory", "512.0 MiB", "128.0 MiB", 0.25, "cgroup v2"],
    ["Processor time", "5.0 s", "500 ms", 0.1, "rlimit"],
    ["More processes", "none", null, null, "rlimit"],
    ["Rows returned", "200", "1 row", 0.005, "the runner"],
    ["Result", "1.0 MiB", null, null, "the runner"],
  ]);
  assert.deepEqual(limitsOf(run({ limits: { memory_mb: 512 } })).map(({ label, by }) => [label, by]), [["Memory", "what was asked for"]]);
});

test("the parts of the time are shares of the whole, and the smallest can be seen", () => {
  const spans = spansOf({ planner: "builtin", plan_us: 2_000, run: run({ queued_us: 0, starting_us: 500, elapsed_us: 7_500 }) });
  assert.deepEqual(spans.map(({ name, us }) => [name, us]), [["plan", 2_000], ["queue", 0], ["sandbox", 500], ["run", 7_500]]);
  const shares = sharesOf(spans);
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
  assert.ok(shares[1]! > 0.01 && shares[3]! > 0.7);
  assert.deepEqual(spansOf({ planner: "sql", plan_us: 0, run: null }), []);
});

test("what is pasted into a shell is what was meant, and holds no token", () => {
  assert.equal(shellWord("plain-1.0"), "plain-1.0");
  assert.equal(shellWord("it's $HOME"), "'it'\\''s $HOME'");
  assert.equal(curlLine("http://127.0.0.1:8080", run(), false), "curl -X POST http://127.0.0.1:8080/api/v1/runs/R/replay");
  assert.match(curlLine("http://h", run(), true), /-H "Authorization: Bearer \$ACCESS_TOKEN"/);
});

test("a proof as JSON has all but the rows", () => {
  const turn: Turn = { id: "T", conversation_id: "C", ordinal: 1, question: "Q", dataset: "shop", status: "answered", created_at: "", planner: "builtin", run: run({ result: result([["secret cell", 1]]) }) };
  const proof = JSON.parse(proofJson(turn)) as { turn: string; run: { result: { row_count: number; data_sha256: string; rows?: unknown } } };
  assert.deepEqual([proof.turn, proof.run.result.row_count, proof.run.result.data_sha256, proof.run.result.rows], ["T", 1, "ab", undefined]);
  assert.ok(!proofJson(turn).includes("secret cell"));
});

test("many things are done a few at a time, and one that fails holds up none", async () => {
  let now = 0;
  let most = 0;
  const done: number[] = [];
  await fewAtATime([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    if (item === 2) throw new Error("no");
    done.push(item);
  });
  assert.equal(most, 2);
  assert.deepEqual(done.sort(), [1, 3, 4, 5]);
  assert.deepEqual(moved(["a", "b", "c"], 0, 2), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b"], 1, 9), ["a", "b"]);
});

test("the beginning of a long text ends in a whole letter", () => {
  assert.equal(beginning("short"), "short");
  assert.equal(beginning("abcdef", 4), "abc…");
  assert.equal(beginning("ab🐦cd", 4), "ab…");
  assert.ok(beginning("x".repeat(1_000_000)).length <= 120);
});
