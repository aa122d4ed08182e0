// SPDX-License-Identifier: Apache-2.0
// Requests as they should not be: each gets its status and one sentence that says what and where,
// and the server goes on.
import assert from "node:assert/strict";
import { assertContract, assertProblem } from "./contract.mjs";
import { ask, call, get, newConversation, post, raw, runSql, startServer, test, until } from "./harness.mjs";

const json = { "Content-Type": "application/json" };
const runs = "/api/v1/runs";

async function bodies(server) {
  const refused = async (body, detail, hint) => assertProblem(assertContract(await call(server, "POST", runs, { body, headers: json }), runs), 400, "bad_request", { detail, hint });

  await test("JSON that is malformed is refused by line and column", async () => {
    await refused('{"dataset":"weather",}', /line 1, column 22/);
    await refused('{"dataset":"weather"\n "sql":"SELECT 1"}', /line 2, column 2/);
    await refused('{"dataset":"weather","sql":"SELECT 1"} {}', /line 1, column 40/);
    await refused("dataset=weather&sql=SELECT", /line 1/);
    await refused('{"dataset":"weather","sql":"SELECT 1', /not valid JSON/i);
  });

  await test("no body and an empty body are called empty", async () => {
    await refused("", /empty/);
    await refused(undefined, /empty/);
    await refused(" \n", /not valid JSON/i);
  });

  await test("a body that is no object is refused", async () => {
    for (const body of ["[]", "7", "null", '"weather"', "true"]) await refused(body, /must be an object/);
  });

  await test("a key that is not known is named, with the nearest that is", async () => {
    await refused('{"dataset":"weather","sqll":"SELECT 1"}', /"sqll" is not a known key/, /"sql"/);
    await refused('{"data_set":"weather","sql":"SELECT 1"}', /"data_set"/, /"dataset"/);
    await refused('{"dataset":"weather","sql":"SELECT 1","__proto__":1}', /"__proto__"/);
    const conversation = await newConversation(server, "weather");
    assertProblem(await post(server, `/api/v1/conversations/${conversation}/messages`, { text: "how many?", redaing: 1 }), 400, "bad_request", { detail: /"redaing"/, hint: /"reading"/ });
    assertProblem(await post(server, "/api/v1/conversations", { dataset: "weather", titel: "x" }), 400, "bad_request", { detail: /"titel"/, hint: /"title"/ });
  });

  await test("a key that is missing, or there twice, is named", async () => {
    await refused('{"dataset":"weather"}', /"sql" is missing/);
    await refused('{"sql":"SELECT 1"}', /"dataset" is missing/);
    await refused('{"dataset":null,"sql":"SELECT 1"}', /"dataset" is missing/);
    await refused('{"dataset":"weather","sql":"SELECT 1","sql":"SELECT 2"}', /"sql" stands twice/);
    assertProblem(assertContract(await post(server, "/api/v1/conversations", {}), "/api/v1/conversations"), 400, "bad_request", { detail: /"dataset" is missing/ });
  });

  await test("a value of the wrong type, or out of its range, is named", async () => {
    const body = (more) => JSON.stringify({ dataset: "weather", sql: "SELECT 1", ...more });
    await refused(body({ sql: 7 }), /"sql" must be a text/);
    await refused(body({ sql: "" }), /"sql" is empty/);
    await refused(body({ dataset: ["weather"] }), /"dataset" must be a text/);
    await refused(body({ params: "x" }), /"params" must be an array/);
    await refused(body({ params: {} }), /"params" must be an array/);
    await refused(body({ max_rows: "10" }), /"max_rows" must be an integer/);
    await refused(body({ max_rows: 1.5 }), /"max_rows" must be an integer/);
    await refused(body({ max_rows: 0 }), /"max_rows" is 0, but must be from 1 to 10000/);
    await refused(body({ max_rows: 10001 }), /from 1 to 10000/);
    const conversation = await newConversation(server, "weather");
    for (const reading of [-1, 10, "0", 0.5]) assertProblem(await post(server, `/api/v1/conversations/${conversation}/messages`, { text: "how many?", reading }), 400, "bad_request", { detail: /"reading"/ });
  });

  await test("a parameter that is no value is refused by its place, before anything runs", async () => {
    for (const params of [[1, [2]], [{ a: 1 }]]) {
      const got = assertContract(await runSql(server, "SELECT ?1", { params }), runs);
      if (got.status === 201) assert.equal(got.json.outcome, "request_refused", got.text);
      else assertProblem(got, 400, "bad_request");
      assert.match(got.text, /params\[[01]\]/);
    }
  });

  await test("more or fewer parameters than the SQL has are counted", async () => {
    for (const params of [[], [1, 2]]) {
      const { json: run } = await runSql(server, "SELECT ?1", { params });
      assert.ok(["query_failed", "request_refused"].includes(run.outcome), run.outcome);
      assert.match(run.message, new RegExp(`1 parameters?, but ${params.length} values?`));
    }
  });

  await test("bytes that are no UTF-8 are refused by their place", async () => {
    await refused(Buffer.from('{"dataset":"weather","sql":"SELECT \xFF"}', "latin1"), /not valid UTF-8 at byte 35/);
    await refused(Buffer.from('{"dataset":"\xC0\xAF","sql":"SELECT 1"}', "latin1"), /not valid UTF-8 at byte 12/);
  });

  await test("a NUL is refused, written as an escape or as a byte, and half a surrogate pair too", async () => {
    await refused('{"dataset":"weather","sql":"SELECT 1\\u0000; DROP"}', /NUL/);
    await refused('{"dataset":"weather","sql":"SELECT 1\0; DROP"}', /NUL/);
    await refused('{"dataset":"weather","sql":"SELECT \'\\ud800\'"}', /not valid JSON/i);
  });

  await test("JSON nested a thousand deep is refused, not followed", async () => {
    await refused(`{"dataset":${"[".repeat(1000)}${"]".repeat(1000)}}`, /deeper than 64/);
    await refused(`{"dataset":${'{"a":'.repeat(40_000)}`, /deeper than 64/);
  });

  await test("a content type that is not JSON is 415, in whatever way it is not", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/json5", "", undefined]) {
      const got = await call(server, "POST", runs, { body: '{"dataset":"weather","sql":"SELECT 1"}', headers: { "Content-Type": type } });
      assertProblem(assertContract(got, runs), 415, "unsupported_media_type", { hint: /application\/json/ });
    }
    const messages = "/api/v1/conversations/{id}/messages";
    const got = await call(server, "POST", messages.replace("{id}", await newConversation(server, "weather")), { body: '{"text":"how many?"}', headers: { "Content-Type": "text/plain" } });
    assertProblem(assertContract(got, messages), 415, "unsupported_media_type");
    for (const type of ["application/json", "application/json; charset=utf-8", "Application/JSON"]) {
      assert.equal((await call(server, "POST", runs, { body: '{"dataset":"weather","sql":"SELECT 1"}', headers: { "Content-Type": type } })).status, 201, type);
    }
  });
}

async function sizes(server) {
  await test("a megabyte of question is 413, and says how much may be asked", async () => {
    const conversation = await newConversation(server, "weather");
    const got = await post(server, `/api/v1/conversations/${conversation}/messages`, { text: "how many? ".repeat(104_858) });
    assertProblem(assertContract(got, "/api/v1/conversations/{id}/messages"), 413, "too_large", { detail: /\d{4,} bytes/ });
  });

  await test("a body that says it has a gigabyte is refused before it is sent", async () => {
    const said = await raw(server, `POST ${runs} HTTP/1.1\r\nHost: ${server.host}\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{`);
    assert.match(said, /^HTTP\/1\.1 413 /);
  });

  await test("4,000 bytes of question are taken, and 4,001 are not", async () => {
    const question = (bytes) => "é".repeat(1999).padEnd(bytes - 1999, "?");
    const stream = await ask(server, "weather", question(4000));
    assert.equal(stream.status, 200);
    await stream.closed;
    const conversation = await newConversation(server, "weather");
    const got = await post(server, `/api/v1/conversations/${conversation}/messages`, { text: question(4001) });
    assertProblem(got, 413, "too_large", { detail: /4001 bytes; at most 4000/ });
  });

  await test("a question of nothing but white space is refused", async () => {
    const conversation = await newConversation(server, "weather");
    for (const text of ["", " ", "\n\t \r\n"]) {
      assertProblem(assertContract(await post(server, `/api/v1/conversations/${conversation}/messages`, { text }), "/api/v1/conversations/{id}/messages"), 400, "bad_request", { detail: /empty/ });
    }
    assert.equal((await get(server, `/api/v1/conversations/${conversation}`)).json.turn_count, 0);
  });

  await test("SQL of more than 64 KiB, and a body of more than 256 KiB, are 413", async () => {
    assertProblem(assertContract(await runSql(server, `SELECT 1 -- ${"x".repeat(65_536)}`), runs), 413, "too_large", { detail: /"sql"/ });
    assertProblem(await runSql(server, `SELECT 1 -- ${"x".repeat(300_000)}`), 413, "too_large", { detail: /262144/ });
  });

  await test("257 parameters are too many, and so is one of more than 64 KiB", async () => {
    for (const params of [Array(257).fill(1), ["x".repeat(65_537)]]) {
      const got = assertContract(await runSql(server, "SELECT 1", { params }), runs);
      if (got.status === 201) assert.equal(got.json.outcome, "request_refused");
      else assert.equal(got.status, 413, got.text);
    }
  });

  await test("a title of more than 200 bytes is refused", async () => {
    assert.equal((await post(server, "/api/v1/conversations", { dataset: "weather", title: "x".repeat(200) })).status, 201);
    assertProblem(assertContract(await post(server, "/api/v1/conversations", { dataset: "weather", title: "x".repeat(201) }), "/api/v1/conversations"), 413, "too_large", { detail: /"title"/ });
    assertProblem(assertContract(await call(server, "POST", "/api/v1/conversations", { body: "{}", headers: { "Content-Type": "text/plain" } }), "/api/v1/conversations"), 415, "unsupported_media_type");
  });
}

const writing = [
  ["INSERT INTO days (date) VALUES ('2020-01-01')", /insert rows/],
  ["UPDATE days SET wind = 0", /change rows/],
  ["DELETE FROM days", /delete rows/],
  ["REPLACE INTO days (date) VALUES ('2020-01-01')", /insert rows|delete rows/],
  ["CREATE TABLE x (a)", /create a table|insert rows|change rows/],
  ["CREATE TEMP TABLE x AS SELECT 1", /create a table|insert rows|change rows/],
  ["CREATE VIEW x AS SELECT 1", /create a view|insert rows|change rows/],
  ["CREATE INDEX x ON days (date)", /create an index|insert rows|change rows/],
  ["CREATE TRIGGER x AFTER INSERT ON days BEGIN SELECT 1; END", /create a trigger|insert rows|change rows/],
  ["CREATE VIRTUAL TABLE x USING fts5(a)", /create a virtual table|insert rows|change rows/],
  ["DROP TABLE days", /drop a table|delete rows/],
  ["ALTER TABLE days RENAME TO nights", /alter a table|change rows/],
  ["ATTACH '/tmp/other.sqlite' AS other", /attach another database/],
  ["DETACH main", /detach a database/],
  ["VACUUM INTO '/tmp/copy.sqlite'", /./],
  ["PRAGMA writable_schema = ON", /PRAGMA/],
  ["PRAGMA table_info(days)", /PRAGMA/],
  ["BEGIN", /transactions/],
  ["SAVEPOINT x", /transactions/],
  ["REINDEX", /rebuild an index|do that/],
  ["ANALYZE", /analyze the data|create a table|insert rows|change rows|delete rows|do that/],
  ["WITH x AS (SELECT 1) DELETE FROM days", /delete rows/],
  ["EXPLAIN DELETE FROM days", /delete rows|./],
];

const reaching = [
  "SELECT load_extension('/tmp/x.so')",
  "SELECT readfile('/etc/passwd')",
  "SELECT writefile('/tmp/x', 'y')",
  "SELECT * FROM pragma_table_info('days')",
  "SELECT * FROM sqlite_schema",
  "SELECT * FROM sandglass_meta",
  "SELECT randomblob(16)",
  "SELECT random()",
  "SELECT fts3_tokenizer('simple')",
  "SELECT zeroblob(1000000000)",
  "SELECT * FROM dbstat",
  "SELECT * FROM sqlite_dbpage",
  "SELECT * FROM sqlite_stmt",
  "SELECT * FROM bytecode('SELECT 1')",
  "SELECT * FROM tables_used('SELECT 1')",
  "SELECT * FROM fts5vocab",
  "SELECT * FROM temp.sqlite_temp_schema",
  "SELECT * FROM main.pragma_database_list",
  "SELECT fts5(NULL)",
  "SELECT (SELECT value FROM sandglass_meta)",
  "SELECT * FROM days WHERE wind IN (SELECT value FROM sandglass_meta)",
  "WITH meta AS (SELECT * FROM sandglass_meta) SELECT * FROM meta",
];

const joined = (count) => `SELECT count(*) FROM ${Array.from({ length: count }, (_, index) => `(SELECT 1 LIMIT 1) t${index}`).join(", ")}`;

// As large as a statement may be, and one more: what SQLite is told to stop at.
const grown = [
  ["calls in calls", (count) => `SELECT ${"abs(".repeat(count)}1${")".repeat(count)}`, 100, 250],
  ["terms of one expression", (count) => `SELECT 1${" + 1".repeat(count - 1)}`, 199, 202],
  ["parts of a compound", (count) => Array.from({ length: count }, () => "SELECT 1").join(" UNION ALL "), 100, 101],
  ["tables of a join", joined, 64, 65],
  ["columns of a result", (count) => `SELECT ${Array.from({ length: count }, () => "1").join(",")}`, 2000, 2001],
  ["characters of a pattern", (count) => `SELECT 'x' LIKE '${"x".repeat(count)}'`, 1000, 1001],
  ["queries in queries", (count) => `SELECT ${"(SELECT ".repeat(count)}1${")".repeat(count)}`, 15, 250],
];

async function statements(server) {
  for (const [sql, why] of writing) {
    await test(`SQL that does more than read is refused, in words: ${sql.split(" ").slice(0, 3).join(" ")}`, async () => {
      const { json: run } = assertContract(await runSql(server, sql), runs);
      assert.ok(["request_refused", "query_failed"].includes(run.outcome), `${run.outcome}: ${run.message}`);
      assert.match(run.message, why);
      assert.match(run.message, /[.!]$/);
    });
  }

  await test("functions and tables that are not for asking are out of reach", async () => {
    for (const sql of reaching) {
      const { json: run } = await runSql(server, sql);
      assert.notEqual(run.outcome, "completed", sql);
      assert.ok(run.message, sql);
    }
  });

  for (const [what, sql, most, more] of grown) {
    await test(`${most} ${what} are run, ${more} are refused in words`, async () => {
      assert.equal((await runSql(server, sql(most))).json.outcome, "completed");
      const { json: run } = await runSql(server, sql(more));
      assert.equal(run.outcome, "query_failed", run.message);
      assert.match(run.message, /^SQLite: .*(too|at most|depth|overflow|complex)/);
    });
  }

  await test("the data is the same after all of it", async () => {
    const { json: run } = await runSql(server, "SELECT count(*), count(wind) FROM days");
    assert.deepEqual(run.result.rows, [[2922, 2922]]);
    assert.equal(run.result.data_sha256, (await get(server, "/api/v1/datasets/weather")).json.data_sha256);
  });

  await test("a second statement is refused, and nothing behind a comment is one", async () => {
    for (const sql of ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE days", ";;SELECT 1; ; SELECT 2", "SELECT 1 /* x */; SELECT 2"]) {
      const { json: run } = assertContract(await runSql(server, sql), runs);
      assert.equal(run.outcome, "request_refused", `${sql}: ${run.outcome}`);
      assert.match(run.message, /one statement|statement/i);
    }
    for (const sql of ["SELECT 1;", "SELECT 1; -- SELECT 2", "SELECT ';' ; /* SELECT 2; */"]) assert.equal((await runSql(server, sql)).json.outcome, "completed", sql);
  });

  await test("SQL that says nothing is refused", async () => {
    for (const sql of [" ", ";", "-- nothing", "/* nothing */"]) {
      const { json: run } = await runSql(server, sql);
      assert.ok(["request_refused", "query_failed"].includes(run.outcome), `${sql}: ${run.outcome}`);
    }
  });

  await test("a data set that is not there is named, with the nearest that is", async () => {
    assertProblem(assertContract(await post(server, runs, { dataset: "wether", sql: "SELECT 1" }), runs), 404, "not_found", { detail: /wether/, hint: /weather/ });
    assertProblem(assertContract(await post(server, "/api/v1/conversations", { dataset: "shpo" }), "/api/v1/conversations"), 404, "not_found", { detail: /shpo/, hint: /shop/ });
    assertProblem(await post(server, runs, { dataset: "../weather", sql: "SELECT 1" }), 404, "not_found");
    assertProblem(await post(server, runs, { dataset: "x".repeat(129), sql: "SELECT 1" }), 413, "too_large", { detail: /"dataset"/ });
  });
}

async function addresses(server) {
  await test("an address that is no UTF-8 is answered with a problem that is", async () => {
    for (const path of ["/%ff", "/api/v1/runs/%ff%fe", "/api/v1/datasets/%C3%28", "/c%ff", "/%ed%a0%80", `/${"%e2%82%ac".repeat(100)}`, `/x${"%e2%82%ac".repeat(100)}`, `/xx${"%e2%82%ac".repeat(100)}`]) {
      const got = await get(server, path);
      assert.equal(got.status, 404, path);
      assert.doesNotThrow(() => new TextDecoder("utf-8", { fatal: true }).decode(got.bytes), `the answer to ${path} is no UTF-8`);
      assertProblem(got, 404, "not_found");
    }
  });

  await test("a NUL or a control character in an address does not shorten it", async () => {
    for (const path of ["/healthz%00x", "/healthz%00", "/%00", "/healthz%0a"]) assert.notEqual((await get(server, path)).status, 200, path);
  });

  await test("an address of a hundred thousand bytes, or a header of as many, is refused and not followed", async () => {
    assert.match(await raw(server, `GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: ${server.host}\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 4\d\d |^$/);
    assert.match(await raw(server, `GET / HTTP/1.1\r\nHost: ${server.host}\r\nX: ${"x".repeat(100_000)}\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 4\d\d |^$/);
  });

  await test("bytes that are no HTTP get an answer or a closed connection, and no more", async () => {
    for (const bytes of ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET\r\n\r\n", "\r\n\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "SELECT 1;\n"]) {
      assert.match(await raw(server, Buffer.from(bytes, "latin1"), 300), /^(HTTP\/1\.[01] [45]\d\d |$)/);
    }
  });

  await test("two lengths for one body, or a length and chunks, are not believed both", async () => {
    const smuggle = (headers) => raw(server, `POST ${runs} HTTP/1.1\r\nHost: ${server.host}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`, 500);
    for (const headers of ["Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nTransfer-Encoding: chunked"]) {
      const said = await smuggle(headers);
      assert.doesNotMatch(said, /200 OK[^]*\nok\n/, headers);
    }
  });
}

export default async function () {
  const server = await startServer();
  for (const part of [bodies, sizes, statements, addresses]) await part(server);
  await test("after all of this the server serves, and has left no process", async () => {
    assert.deepEqual((await runSql(server, "SELECT 42 AS x")).json.result.rows, [[42]]);
    await until("no sandbox is left", async () => (await get(server, "/api/v1/health")).json.runs.running === 0);
    assert.deepEqual(await server.stop(), { status: 0, signal: null });
  });
}
