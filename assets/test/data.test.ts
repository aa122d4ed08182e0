// SPDX-License-Identifier: Apache-2.0
// Bringing data without the page: what is a pasted table, in which order files go, what is refused before a byte is
// sent, and what a column's profile says in words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../src/core/api.js";
import type { ColumnProfile, Dataset, DatasetSummary, TableProfile } from "../src/core/wire.js";
import { bringAll, refusal, stepSaid, stepWords, type Step } from "../src/data/bring-steps.js";
import { originWords, sizeWords } from "../src/data/words.js";
import { ago, bytes, percent } from "../src/words/format.js";
import { pastedTable } from "../src/words/pasted.js";
import { boxOf, commonest, distinct, emptiness, found, questionAbout, quoted, range, referencesOf } from "../src/words/profile.js";

const plain = (text: string | null) => text?.replace(/\u00a0/g, " ");
const file = (name: string, size = 4) => new File([new Uint8Array(size)], name);
const uploads = { max_bytes: 10, problem: null, hint: null };
const dataset = (name: string, more: Partial<Dataset> = {}): Dataset => ({ name, title: name, status: "ready", prompts: [], origin: "upload", size_bytes: 0, problems: [], tables: [], ...more });
const column = (more: Partial<ColumnProfile> = {}): ColumnProfile => ({ name: "c", title: "C", type: "integer", null_count: 0, distinct_count: 0, min: null, max: null, samples: [], sample_counts: [], is_category: false, ...more });

test("cells that a spreadsheet put on the clipboard are a table, and prose is none", () => {
  assert.equal(pastedTable("a\tb\r\n1\t2\r\n"), "a\tb\n1\t2\n");
  assert.equal(pastedTable('a\tb\n"two\nlines"\t2'), 'a\tb\n"two\nlines"\t2\n');
  for (const text of ["", "one line\tonly", "two\nlines", "How many\nrows\tare there?", "a\tb\nand then words"]) assert.equal(pastedTable(text), null, text);
});

async function bring(files: File[], answers: (Dataset | Problem)[], into?: string) {
  const sent: [string, string | undefined][] = [];
  const steps: [number, string][] = [];
  const made = await bringAll({
    files, into, uploads, signal: new AbortController().signal,
    send: async ({ file: one, into: to, onProgress }) => {
      sent.push([one.name, to]);
      onProgress(0.5);
      onProgress(1);
      const answer = answers[sent.length - 1]!;
      if (answer instanceof Problem) throw answer;
      return answer;
    },
    onStep: (at, step) => steps.push([at, step.phase]),
  });
  return { made, sent, steps };
}

test("the first file makes the data set, and the others become tables of it", async () => {
  const { made, sent, steps } = await bring([file("a.csv"), file("b.csv")], [dataset("a"), dataset("a", { table_count: 2 })]);
  assert.deepEqual(sent, [["a.csv", undefined], ["b.csv", "a"]]);
  assert.equal(made?.table_count, 2);
  assert.deepEqual(steps.slice(0, 4), [[0, "sending"], [0, "sending"], [0, "reading"], [0, "done"]]);
});

test("a file that fails does not stop the others, and the next one then makes the data set", async () => {
  const { made, sent, steps } = await bring([file("a.csv"), file("b.csv")], [new Problem("bad_request", "no"), dataset("b")]);
  assert.deepEqual(sent, [["a.csv", undefined], ["b.csv", undefined]]);
  assert.equal(made?.name, "b");
  assert.ok(steps.some(([at, phase]) => at === 0 && phase === "failed"));
  assert.equal((await bring([file("a.csv")], [new Problem("bad_request", "no")])).made, null);
});

test("tables for a data set that is there go into it", async () => {
  assert.deepEqual((await bring([file("a.csv")], [dataset("d")], "d")).sent, [["a.csv", "d"]]);
});

test("what is too large, empty or not taken at all is refused before a byte is sent", async () => {
  const { made, sent } = await bring([file("large.csv", 11), file("empty.csv", 0)], []);
  assert.deepEqual([made, sent], [null, []]);
  assert.equal(plain(refusal(file("large.csv", 11), uploads)!.message), "large.csv has 11 bytes; a file may have 10 bytes.");
  assert.equal(refusal(file("a.csv"), { max_bytes: 0, problem: "None are taken.", hint: "Ask." })!.hint, "Ask.");
  assert.equal(refusal(file("a.csv"), uploads), null);
  assert.equal(refusal(file("a.csv", 1000), null), null, "what the server takes is not known yet");
});

test("who cancels stops the rest", async () => {
  const controller = new AbortController();
  const sent: string[] = [];
  const bringing = bringAll({ files: [file("a.csv"), file("b.csv")], uploads, signal: controller.signal, onStep: () => {}, send: async ({ file: one }) => (sent.push(one.name), controller.abort(), Promise.reject(new DOMException("aborted", "AbortError"))) });
  await assert.rejects(bringing, { name: "AbortError" });
  assert.deepEqual(sent, ["a.csv"]);
});

test("a screen reader is told each quarter, and what became of it", () => {
  const sending = (share: number): Step => ({ phase: "sending", share });
  assert.equal(stepSaid("a.csv", { phase: "waiting" }, sending(0)), "Uploading a.csv: 0 per cent.");
  assert.equal(stepSaid("a.csv", sending(0.26), sending(0.4)), null);
  assert.equal(stepSaid("a.csv", sending(0.4), sending(0.5)), "Uploading a.csv: 50 per cent.");
  assert.equal(stepSaid("a.csv", sending(0.9), { phase: "reading" }), "Reading a.csv in a sandbox.");
  assert.equal(stepSaid("a.csv", { phase: "reading" }, { phase: "reading" }), null);
  assert.equal(stepSaid("a.csv", { phase: "reading" }, { phase: "failed", problem: new Problem("x", "Line 2.") }), "a.csv was not added: Line 2.");
  assert.deepEqual([sending(0.25), { phase: "waiting" } as Step].map(stepWords).map(plain), ["25 %", "Waiting"]);
});

test("sizes, shares and times are short", () => {
  assert.deepEqual([0, 1023, 1024, 10 * 1024, 1.5 * 1024 ** 2, 100 * 1024 ** 2, 3 * 1024 ** 3].map(bytes).map(plain), ["0 bytes", "1,023 bytes", "1.0 KB", "10 KB", "1.5 MB", "100 MB", "3.0 GB"]);
  assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(percent).map(plain), ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]);
  const now = new Date("2026-11-21T12:00:00Z");
  assert.deepEqual(["2026-11-21T11:59:50Z", "2026-11-21T11:01:00Z", "2026-11-20T12:00:00Z", "2026-11-18T12:00:00Z", "2026-01-02T12:00:00Z"].map((at) => plain(ago(at, now))), ["just now", "59 minutes ago", "24 hours ago", "3 days ago", "2 Jan 2026"].map((one) => (one === "24 hours ago" ? "1 day ago" : one)));
});

test("where a data set is from is said in words", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const from = (more: Partial<DatasetSummary>) => plain(originWords(dataset("d", more), now));
  assert.deepEqual([from({ origin: "bundled" }), from({ origin: "folder" }), from({ created_at: "2026-11-21T11:00:00Z" })], ["Came with Sandglass", "In the server’s folder", "Uploaded 1 hour ago"]);
  assert.deepEqual(sizeWords(dataset("d", { table_count: 1, row_count: 1200, size_bytes: 2048 })).map(plain), ["1 table", "1,200 rows", "2.0 KB"]);
});

test("quartiles lie between the least and the greatest", () => {
  assert.deepEqual(boxOf(column({ min: 0, max: 10, quartiles: [2, 5, 9] })), { low: 0, q1: 0.2, median: 0.5, q3: 0.9, high: 1 });
  assert.equal(boxOf(column({ min: 3, max: 3, quartiles: [3, 3, 3] })), null);
  assert.equal(boxOf(column({ type: "text", min: "a", max: "b" })), null);
});

test("the commonest values are told where some are there more than once", () => {
  const texts = column({ type: "text", distinct_count: 9, samples: ["x", "y"], sample_counts: [4, 1] });
  assert.deepEqual(commonest(texts, 8, 2), [{ value: "x", count: 4, length: 1, share: 0.5 }, { value: "y", count: 1, length: 0.25, share: 0.125 }]);
  assert.deepEqual(commonest(column({ type: "text", distinct_count: 9, samples: ["x", "y"], sample_counts: [1, 1] }), 9, 2), []);
  assert.deepEqual(commonest(column({ type: "boolean", distinct_count: 2, samples: ["0", "1"], sample_counts: [3, 1] }), 4, 2).map((one) => one.value), ["no", "yes"]);
});

test("a column's values are told in words", () => {
  assert.equal(distinct(column({ distinct_count: 9 }), 9), `9 values, all different`);
  assert.equal(plain(distinct(column({ distinct_count: 3, null_count: 1 }), 9)), "3 different values");
  assert.equal(emptiness(column(), 9), null);
  assert.equal(plain(emptiness(column({ null_count: 3 }), 4)), "75 % empty");
  assert.equal(range(column({ min: -1200.5, max: 3, unit: "USD" })), "−$1,200.5 – $3");
  assert.equal(range(column({ name: "year", min: 1990, max: 2002 })), "1990 – 2002");
  assert.equal(range(column()), null);
});

const orders: TableProfile = { name: "orders", title: "Orders", row_count: 9, columns: [column({ name: "customer_id", title: "Customer", references: "customers.id" }), column({ name: "placed", title: "Placed on", type: "date" }), column({ name: "total", title: "Total" })] };
const customers: TableProfile = { name: "customers", title: "Customers", row_count: 3, columns: [column({ name: "id", title: "Number", description: "Of a customer" })] };

test("a question about a column begins with what its type is good for", () => {
  assert.deepEqual(orders.columns.map((one) => questionAbout(orders, one)), ["How many orders by Customer?", "How many orders by month of Placed on?", "What is the average Total?"]);
});

test("columns are found by every word of their name, title, description or type", () => {
  assert.deepEqual(found(orders.columns, " placed  DATE ").map((one) => one.name), ["placed"]);
  assert.deepEqual(found(customers.columns, "customer").map((one) => one.name), ["id"]);
  assert.equal(found(orders.columns, "").length, 3);
  assert.deepEqual(found(orders.columns, "nothing"), []);
});

test("links between tables are told from both ends, and names are quoted for SQL", () => {
  const link = { from: "orders.customer_id", to: "customers.id" };
  assert.deepEqual(referencesOf([orders, customers], orders), { to: [link], from: [] });
  assert.deepEqual(referencesOf([orders, customers], customers), { to: [], from: [link] });
  assert.equal(quoted('a"b'), '"a""b"');
});
