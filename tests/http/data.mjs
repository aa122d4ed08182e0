// SPDX-License-Identifier: Apache-2.0
// Data sets that are not as they should be, from the outside: what the importer says of a table, and
// what the server says of a file that is damaged, foreign or gone.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertContract, assertProblem } from "./contract.mjs";
import { newDataset, sqlite } from "./fixtures.mjs";
import { answer, bundled, get, leavesNothing, newFolder, post, root, run, startServer, test, until } from "./harness.mjs";

/** Imports one CSV file and runs SQL over it: { built, rows }. */
async function imported(csv, sql = "SELECT * FROM t", name = "t.csv") {
  const folder = newDataset("one", { [name]: csv });
  const built = await run(["dataset", "build", join(folder, "one")]);
  const request = { version: 1, run_id: "1", dataset: "one", sql };
  const result = built.status === 0 ? JSON.parse((await run(["runner", "--unshare", "--data", join(folder, "one")], { input: JSON.stringify(request) })).out) : {};
  return { built, rows: result.rows, columns: result.columns?.map((column) => column.name), folder: join(folder, "one") };
}

async function tables() {
  await test("a mark at the front, and lines that end in CR LF, are no part of the data", async () => {
    for (const csv of ["\uFEFFname,n\nx,1\n", "name,n\r\nx,1\r\n", "\uFEFFname,n\r\nx,1", "name,n\rx,1\r"]) {
      const { built, rows, columns } = await imported(csv);
      assert.equal(built.status, 0, built.err);
      assert.deepEqual([columns, rows], [["name", "n"], [["x", 1]]], JSON.stringify(csv));
      assert.doesNotMatch(built.out, /line \d/);
    }
  });

  await test("quotes may hold commas, quotes and the ends of lines", async () => {
    const { rows } = await imported('name,n\n"two\nlines",1\n"a ""quoted"", word",2\n"",3\n" pad ",4\n');
    assert.deepEqual(rows.map((row) => row[1]), [1, 2, 3, 4]);
    assert.deepEqual([rows[0][0], rows[1][0]], ["two\nlines", 'a "quoted", word']);
  });

  await test("ragged rows are told by their line, and the import goes on", async () => {
    const { built, rows } = await imported("a,b\n1,2\n3\n4,5,6\n7,8\n");
    assert.equal(built.status, 0);
    assert.match(built.out, /t\.csv, line 3: .*fewer cells/);
    assert.match(built.out, /t\.csv, line 4: .*more cells/);
    assert.deepEqual(rows, [[1, 2, null], [3, null, null], [4, 5, 6], [7, 8, null]]);
  });

  await test("duplicate and empty headers get names of their own, and it is told which", async () => {
    const { built, columns, rows } = await imported("name,name,,n\nx,y,z,1\n");
    assert.equal(new Set(columns).size, 4);
    assert.deepEqual(rows, [["x", "y", "z", 1]]);
    assert.match(built.out, /column 2/);
    assert.match(built.out, /column 3 has no header/);
  });

  await test("a table that cannot be read is refused by file and line, and leaves no file behind", async () => {
    for (const [csv, why] of [["", /t\.csv is empty/], ['name,n\n"open,1\ny,2\n', /t\.csv, line 2: a quote opens/]]) {
      const { built, folder } = await imported(csv);
      assert.equal(built.status, 1, built.out);
      assert.match(built.err, why);
      assert.equal(built.err.trimEnd().split("\n").length, 1);
      assert.deepEqual(readdirSync(folder), ["t.csv"]);
    }
  });

  await test("a table of a header alone is a table without rows", async () => {
    const { built, rows } = await imported("a,b\n");
    assert.deepEqual([built.status, rows], [0, []]);
  });

  await test("headers and cells that look like SQL are text", async () => {
    const { built, rows, columns } = await imported('"a""); DROP TABLE t; --","select"\n"\'); DROP TABLE t; --",1\n');
    assert.equal(built.status, 0, built.err);
    assert.equal(columns.length, 2);
    assert.deepEqual(rows, [["'); DROP TABLE t; --", 1]]);
  });

  await test("the same table imported twice is the same file", async () => {
    const csv = readFileSync(join(root, "datasets/weather/weather.csv"));
    const [one, two] = [await imported(csv), await imported(csv)];
    assert.equal(Buffer.compare(readFileSync(join(one.folder, "data.sqlite")), readFileSync(join(two.folder, "data.sqlite"))), 0);
  });

  await test("what is no folder, has no table, or cannot be written to is named", async () => {
    const empty = newFolder();
    const table = join(newDataset("one", { "t.csv": "a\n1\n" }), "one");
    for (const [words, why] of [
      [[join(empty, "missing")], /missing is no folder/],
      [[join(table, "t.csv")], /t\.csv is no folder/],
      [[empty], /has no table/],
      [[table, "--output", "/proc/nothing"], /\/proc\/nothing/],
    ]) {
      const got = await run(["dataset", "build", ...words]);
      assert.equal(got.status, 1);
      assert.match(got.err, why);
      assert.equal(got.err.trimEnd().split("\n").length, 1);
    }
  });

  await test("a dataset.json that is wrong is refused by its key", async () => {
    const good = { title: "T", description: "D", license: "L", source: { name: "S" }, tables: [{ name: "t", file: "t.csv", title: "T", description: "D", row: "row", columns: [{ header: "a", title: "A", type: "integer" }] }], prompts: [] };
    const build = (description) => run(["dataset", "build", join(newDataset("one", { "t.csv": "a\n1\n", "dataset.json": typeof description === "string" ? description : JSON.stringify(description) }), "one")]);
    assert.equal((await build(good)).status, 0);
    for (const [description, why] of [
      ["{", /dataset\.json.*not valid JSON at line 1/],
      [{ ...good, titel: "x" }, /titel.*title/],
      [{ ...good, title: 7 }, /title.*text/],
      [{ ...good, tables: [{ ...good.tables[0], file: "missing.csv" }] }, /missing\.csv/],
      [{ ...good, tables: [{ ...good.tables[0], file: "../../../etc/passwd" }] }, /passwd|file/],
      [{ ...good, tables: [{ ...good.tables[0], columns: [{ header: "nowhere", title: "A", type: "integer" }] }] }, /nowhere/],
    ]) {
      const got = await build(description);
      assert.equal(got.status, 1, `${JSON.stringify(description).slice(0, 80)}: ${got.out}`);
      assert.match(got.err, why);
    }
  });
}

async function reports() {
  await test("with --json an import says on one line what came of it, or what was wrong and what to do", async () => {
    const build = (csv) => run(["dataset", "build", join(newDataset("one", { "t.csv": csv }), "one"), "--json"]);
    const [good, bad] = [await build("a,b\n1,2\n3\n"), await build('a\n"')];
    const { name, tables: count, rows, data_sha256: hash, problems } = JSON.parse(good.out);
    assert.deepEqual([good.status, name, count, rows, hash.length, problems.length], [0, "one", 1, 2, 64, 1]);
    assert.equal(bad.status, 1);
    assert.deepEqual(JSON.parse(bad.out), { error: { code: "bad_request", message: "t.csv, line 2: a quote opens here and is never closed", hint: "" } });
  });
}

// A folder with the weather, and beside it NAME, whose data.sqlite MAKE makes.
function beside(name, make) {
  const folder = newFolder();
  symlinkSync(join(bundled, "weather"), join(folder, "weather"));
  mkdirSync(join(folder, name));
  make(join(folder, name, "data.sqlite"));
  return folder;
}

async function damage() {
  const copy = (file) => copyFileSync(join(bundled, "shop/data.sqlite"), file);
  const cases = [
    ["is no SQLite file", (file) => writeFileSync(file, "nonsense ".repeat(1000)), /no SQLite file/],
    ["is empty", (file) => writeFileSync(file, ""), /data\.sqlite/],
    ["is cut off after its first page", (file) => (copy(file), truncateSync(file, 4096)), /data\.sqlite/],
    ["is another program's", (file) => sqlite(file, "CREATE TABLE t (a); INSERT INTO t VALUES (1)"), /not one that this program made/],
    ["is of a later format", (file) => (copy(file), sqlite(file, "PRAGMA user_version = 4711")), /format 4711/],
    ["lacks a table of its schema", (file) => (copy(file), sqlite(file, "DROP TABLE order_lines")), /order_lines/],
    ["has views where its own tables should be", (file) => (copy(file), sqlite(file, "ALTER TABLE sandglass_meta RENAME TO m; CREATE VIEW sandglass_meta AS SELECT * FROM m")), /not there|cannot be used/],
    ["has a schema that is no JSON", (file) => (copy(file), sqlite(file, "UPDATE sandglass_meta SET value = '{' WHERE key = 'schema'")), /schema/],
  ];
  for (const [what, make, why] of cases) {
    await test(`a data set whose file ${what} is listed with its problem, and the others are served`, async () => {
      const server = await startServer({ datasets: beside("broken", make) });
      const { json } = assertContract(await get(server, "/api/v1/datasets"), "/api/v1/datasets");
      const broken = json.datasets.find((dataset) => dataset.name === "broken");
      assert.equal(broken.status, "failed");
      assert.match(broken.problem, why);
      assert.deepEqual(json.datasets.filter((dataset) => dataset.status === "ready").map((dataset) => dataset.name), ["weather"]);
      assert.match(server.log, /dataset=broken cannot be used/);
      assertContract(await get(server, "/api/v1/datasets/broken"), "/api/v1/datasets/{name}");
      const got = await post(server, "/api/v1/runs", { dataset: "broken", sql: "SELECT 1" });
      assert.ok(got.status >= 400, got.text);
      assertProblem(got, got.status, got.json.code, { detail: why });
      assert.equal((await post(server, "/api/v1/runs", { dataset: "weather", sql: "SELECT 1" })).status, 201);
      assert.deepEqual((await get(server, "/api/v1/health")).json.datasets, { ready: 1, failed: 1 });
      await server.stop();
    });
  }

  await test("a file that is damaged or gone while the server runs ends the run with a sentence, and the server serves", async () => {
    let file;
    const server = await startServer({ datasets: beside("shop", (path) => copy((file = path))) });
    const count = () => post(server, "/api/v1/runs", { dataset: "shop", sql: "SELECT sum(unit_price) FROM order_lines" });
    assert.equal((await count()).json.outcome, "completed");
    const bytes = readFileSync(file);
    const damaged = [
      () => writeFileSync(file, Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(bytes.length - 8192, 0x5a)])),
      () => writeFileSync(file, "nonsense ".repeat(1000)),
      () => truncateSync(file, 20_000),
      () => rmSync(file),
    ];
    for (const [index, harm] of damaged.entries()) {
      harm();
      const { json, status } = assertContract(await count(), "/api/v1/runs");
      assert.equal(status, 201);
      assert.notEqual(json.outcome, "completed", `damage ${index}`);
      assert.match(json.message ?? "", /damaged|data set/, `damage ${index}`);
      assert.equal((await post(server, "/api/v1/runs", { dataset: "weather", sql: "SELECT 1" })).json.outcome, "completed");
    }
    const turn = await answer(server, "shop", "How many customers are there?");
    assert.equal(turn.status, "failed");
    writeFileSync(file, bytes);
    assert.equal((await count()).json.outcome, "completed");
    await leavesNothing(server);
    await server.stop();
  });
}

const sales = "day,city,amount\n2024-01-05,Oslo,10\n2024-02-06,Bergen,20.5\n2024-02-07,Oslo,5\n";

async function folders() {
  await test("a folder with nothing but a CSV is a data set: it is imported, listed and answered", async () => {
    const server = await startServer({ datasets: newDataset("sales", { "sales.csv": sales }) });
    const { json } = assertContract(await get(server, "/api/v1/datasets/sales"), "/api/v1/datasets/{name}");
    assert.deepEqual([json.status, json.row_count, json.tables[0].columns.map((column) => column.type)], ["ready", 3, ["date", "text", "real"]]);
    const turn = await answer(server, "sales", "What is the total amount by city?");
    assert.equal(turn.status, "answered", JSON.stringify(turn.error));
    assert.deepEqual([...turn.run.result.rows].sort(), [["Bergen", 20.5], ["Oslo", 15]]);
    await server.stop();
  });

  await test("DATASETS_PATH may be such a folder itself, and nothing is written into it", async () => {
    const folder = join(newDataset("sales", { "sales.csv": sales }), "sales");
    const server = await startServer({ datasets: folder });
    assert.deepEqual((await get(server, "/api/v1/datasets")).json.datasets.map((dataset) => [dataset.name, dataset.status]), [["sales", "ready"]]);
    assert.deepEqual(readdirSync(folder), ["sales.csv"]);
    await server.stop();
    assert.ok(existsSync(join(server.state, "datasets")));
  });

  await test("a table that has changed is imported anew at the next start", async () => {
    const folder = newDataset("sales", { "sales.csv": sales });
    const state = newFolder();
    for (const [text, rows] of [[sales, 3], [sales, 3], [`${sales}2024-03-01,Oslo,1\n`, 4]]) {
      writeFileSync(join(folder, "sales/sales.csv"), text);
      const server = await startServer({ datasets: folder, state });
      assert.equal((await get(server, "/api/v1/datasets/sales")).json.row_count, rows);
      await server.stop();
    }
  });

  await test("a folder whose table cannot be read is listed with its problem, by file and line", async () => {
    const server = await startServer({ datasets: newDataset("sales", { "sales.csv": 'a,b\n"open,1\n' }) });
    const [dataset] = (await get(server, "/api/v1/datasets")).json.datasets;
    assert.equal(dataset.status, "failed");
    assert.match(dataset.problem, /sales\.csv, line 2/);
    assert.equal((await get(server, "/readyz")).status, 503);
    await server.stop();
  });

  await test("files, hidden folders and empty folders beside data sets are none", async () => {
    const folder = newDataset("sales", { "sales.csv": sales });
    writeFileSync(join(folder, "notes.txt"), "x");
    for (const name of ["empty", ".hidden"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, ".hidden/t.csv"), "a\n1\n");
    const server = await startServer({ datasets: folder });
    await until("it is listed", async () => (await get(server, "/api/v1/datasets")).json.datasets.length === 1);
    await server.stop();
  });
}

export default async function () {
  await tables();
  await reports();
  await damage();
  await folders();
}
