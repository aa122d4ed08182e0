// SPDX-License-Identifier: Apache-2.0
// Every route of the contract, as it is meant to be used.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";
import { assertContract, assertProblem, assertSchema, contract, operations } from "./contract.mjs";
import { answer, ask, call, get, hasNamespaces, newFolder, post, root, run, runSql, startServer, Stream, test, until } from "./harness.mjs";

export const prompts = Object.fromEntries(["birdstrikes", "shop", "weather"].map((name) => [name, JSON.parse(readFileSync(join(root, "datasets", name, "dataset.json"), "utf8")).prompts]));

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

async function datasets(server) {
  await test("the data sets are listed in the order of their names, each ready and with its prompts", async () => {
    const { json } = assertContract(await get(server, "/api/v1/datasets"), "/api/v1/datasets");
    assert.deepEqual(json.datasets.map((dataset) => [dataset.name, dataset.status]), [["birdstrikes", "ready"], ["shop", "ready"], ["weather", "ready"]]);
    for (const dataset of json.datasets) {
      assert.match(dataset.data_sha256, /^[0-9a-f]{64}$/);
      assert.deepEqual(dataset.prompts, prompts[dataset.name].map((prompt) => prompt.question));
    }
  });

  await test("a data set is shown with its tables, its columns and what is known of their values", async () => {
    const { json } = assertContract(await get(server, "/api/v1/datasets/shop"), "/api/v1/datasets/{name}");
    assert.deepEqual(json.tables.map((table) => table.name).sort(), ["customers", "order_lines", "orders", "products"]);
    assert.equal(json.row_count, json.tables.reduce((sum, table) => sum + table.row_count, 0));
    assert.equal(json.table_count, 4);
    const column = json.tables.find((table) => table.name === "orders").columns.find((column) => column.name === "customer_id");
    assert.equal(column.references, "customers.customer_id");
    assert.deepEqual(json.checks.map((check) => check.question), prompts.shop.map((prompt) => prompt.question));
  });

  await test("a data set that is not there is named, with the nearest that is", async () => {
    assertProblem(assertContract(await get(server, "/api/v1/datasets/wheather"), "/api/v1/datasets/{name}"), 404, "not_found", { detail: /wheather/, hint: /weather/ });
  });
}

async function conversations(server) {
  let id;
  await test("a conversation is made, named by a ULID, and empty", async () => {
    const { json } = assertContract(await post(server, "/api/v1/conversations", { dataset: "weather", title: "Mine" }), "/api/v1/conversations");
    assert.match(json.id, ULID);
    assert.deepEqual([json.title, json.dataset, json.turn_count], ["Mine", "weather", 0]);
    id = json.id;
  });

  await test("a question is answered as the data set's author vouches for, and the turn is kept with its run", async () => {
    const [prompt] = prompts.weather;
    const stream = await ask(server, "weather", prompt.question);
    await stream.closed;
    const { turn } = stream.find("turn.ended").data;
    assertSchema(turn, "Turn");
    assert.equal(turn.status, "answered");
    assert.deepEqual(turn.run.result.rows, prompt.expect.rows);
    assert.ok(turn.sentence && turn.understanding && turn.sql);
    assert.equal(turn.run.turn_id, turn.id);
    const kept = assertContract(await get(server, `/api/v1/turns/${turn.id}`), "/api/v1/turns/{id}").json;
    assert.deepEqual(kept, turn);
    const conversation = assertContract(await get(server, `/api/v1/conversations/${stream.conversation}`), "/api/v1/conversations/{id}").json;
    assert.deepEqual(conversation.turns, [turn]);
    assert.equal(conversation.title, prompt.question);
    assert.deepEqual(assertContract(await get(server, `/api/v1/runs/${turn.run.id}`), "/api/v1/runs/{id}").json, turn.run);
  });

  await test("a question that is not understood says so and suggests questions that are", async () => {
    const turn = await answer(server, "weather", "qwertz uiop asdfgh");
    assertSchema(turn, "Turn");
    assert.equal(turn.status, "not_understood");
    assert.equal(turn.error.code, "not_understood");
    assert.equal(turn.run, null);
    assert.ok(turn.suggestions.length > 0);
    assert.equal((await answer(server, "weather", turn.suggestions[0])).status, "answered");
  });

  await test("a question that can mean several things offers its readings, and each of them answers", async () => {
    const stream = await ask(server, "shop", "What is the average price?");
    await stream.closed;
    const { turn } = stream.find("turn.ended").data;
    assertSchema(turn, "Turn");
    assert.equal(turn.status, "ambiguous");
    assert.deepEqual(stream.find("plan.ambiguous").data.readings, turn.readings);
    assert.ok(turn.readings.length >= 2 && turn.readings.length <= 3);
    const answers = [];
    for (const reading of turn.readings) answers.push(await answer(server, "shop", "What is the average price?", { reading: reading.index }));
    assert.deepEqual(answers.map((one) => one.status), turn.readings.map(() => "answered"));
    assert.equal(new Set(answers.map((one) => one.sql)).size, answers.length);
  });

  await test("what is said next in a conversation edits what was answered before, and stands alone in another", async () => {
    const { id: talk } = (await post(server, "/api/v1/conversations", { dataset: "birdstrikes" })).json;
    const say = async (text) => {
      const stream = await Stream.open(server, "POST", `/api/v1/conversations/${talk}/messages`, { json: { text } });
      await stream.closed;
      return stream.find("turn.ended").data.turn;
    };
    assert.equal((await say("How many strikes happened in Texas?")).understanding, "Number of strikes where state is Texas.");
    assert.equal((await say("what does the fox say")).status, "not_understood");
    const edited = await say("and in Ohio?");
    assert.equal(edited.understanding, "Number of strikes where state is Ohio.");
    assert.deepEqual(edited.run.result.rows, [[210]]);
    assert.deepEqual((await say("as a percentage")).run.result.rows, [[210, 10000, 2.1]]);
    assert.equal((await say("Number of strikes by phase of flight")).run.result.row_count, 7);
    assert.notEqual((await answer(server, "birdstrikes", "as a percentage")).status, "answered");
  });

  await test("the conversation last used comes first, and as many are listed as are asked for", async () => {
    await post(server, `/api/v1/conversations/${id}/messages`, { text: prompts.weather[0].question });
    const { json } = assertContract(await get(server, "/api/v1/conversations?limit=2"), "/api/v1/conversations");
    assert.equal(json.conversations.length, 2);
    assert.equal(json.conversations[0].id, id);
    const used = (await get(server, "/api/v1/conversations")).json.conversations.map((one) => one.updated_at);
    assert.deepEqual(used, [...used].sort().reverse());
  });

  await test("a limit that is no number from 1 to 500 is refused", async () => {
    for (const limit of ["0", "501", "-1", "x", "1.5", ""]) {
      assertProblem(assertContract(await get(server, `/api/v1/conversations?limit=${limit}`), "/api/v1/conversations"), 400, "bad_request", { detail: /limit/ });
    }
  });

  await test("what does not exist is 404 in a problem that names it, wherever an id can stand", async () => {
    const nobody = "01K5Q3V9XQ7M4N8P2R6S0T1V2W";
    for (const { method, path, statuses } of operations.filter(({ path }) => path.includes("{id}"))) {
      assert.ok(statuses.includes(404), `${method} ${path} promises a 404`);
      const bodies = { "POST messages": { text: "how many?" }, "POST approval": { run_id: nobody, decision: "approve" }, "PATCH {id}": { title: "Mine" }, "PUT feedback": { value: "up" } };
      const json = bodies[`${method} ${path.split("/").pop()}`];
      const got = await call(server, method, path.replace("{id}", nobody), json ? { json } : {});
      assertProblem(assertContract(got, path), 404, "not_found", { detail: new RegExp(nobody) });
    }
  });
}

async function runs(server) {
  await test("a run answers 201 with its result, its proof and where it ran", async () => {
    const { json } = assertContract(await runSql(server, "SELECT count(*) AS days FROM days"), "/api/v1/runs");
    assert.equal(json.outcome, "completed");
    assert.deepEqual(json.result.columns, [{ name: "days", type: "integer" }]);
    assert.deepEqual(json.result.rows, [[2922]]);
    assert.equal(json.result.confinement.network, hasNamespaces ? "none" : "visible");
    assert.equal(json.result.confinement.seccomp, true);
    assert.equal(json.result.confinement.no_new_privs, true);
    assert.match(json.where, /^local process \d+$/);
    assert.equal(json.result.data_sha256, (await get(server, "/api/v1/datasets/weather")).json.data_sha256);
    assert.deepEqual((await get(server, `/api/v1/runs/${json.id}`)).json, json);
  });

  await test("parameters are values: what looks like SQL in one stays text", async () => {
    const params = ["x'; DROP TABLE days; --", 42, 1.5, true, null, "9007199254740993"];
    const { json } = await runSql(server, "SELECT ?1 AS a, ?2 AS b, ?3 AS c, ?4 AS d, ?5 AS e, typeof(?6) AS f", { params });
    assert.equal(json.outcome, "completed");
    assert.deepEqual(json.result.rows[0].slice(0, 5), ["x'; DROP TABLE days; --", 42, 1.5, 1, null]);
    assert.equal((await runSql(server, "SELECT count(*) FROM days")).json.outcome, "completed");
  });

  await test("a query that fails is a run too, and says where", async () => {
    const { json } = assertContract(await runSql(server, "SELECT nonsense FROM days"), "/api/v1/runs");
    assert.equal(json.outcome, "query_failed");
    assert.match(json.message, /nonsense/);
    for (const file of ["csv", "json"]) {
      assertProblem(assertContract(await get(server, `/api/v1/runs/${json.id}/result.${file}`), `/api/v1/runs/{id}/result.${file}`), 409, "conflict", { detail: /query_failed/ });
    }
  });

  await test("a result has max_rows rows and says that there were more", async () => {
    const some = (await runSql(server, "SELECT date FROM days", { max_rows: 3 })).json.result;
    assert.deepEqual([some.rows.length, some.row_count, some.truncated], [3, 3, true]);
    const usual = (await runSql(server, "SELECT date FROM days")).json.result;
    assert.deepEqual([usual.row_count, usual.truncated], [200, true]);
    const all = (await runSql(server, "SELECT date FROM days", { max_rows: 10000 })).json.result;
    assert.deepEqual([all.row_count, all.truncated], [2922, false]);
    const exact = (await runSql(server, "SELECT date FROM days LIMIT 3", { max_rows: 3 })).json.result;
    assert.equal(exact.truncated, false);
  });

  await test("a run that has ended cannot be cancelled", async () => {
    const { json } = await runSql(server, "SELECT 1");
    assertProblem(assertContract(await call(server, "DELETE", `/api/v1/runs/${json.id}`), "/api/v1/runs/{id}"), 409, "conflict", { detail: new RegExp(json.id) });
  });

  await test("the same question gives the same answer again: rows, SQL and hash", async () => {
    const [one, two] = [await answer(server, "shop", prompts.shop[0].question), await answer(server, "shop", prompts.shop[0].question)];
    assert.equal(one.sql, two.sql);
    assert.deepEqual(one.run.result.rows, two.run.result.rows);
    assert.equal(one.run.result.data_sha256, two.run.result.data_sha256);
    assert.notEqual(one.run.id, two.run.id);
  });
}

const awkward = `SELECT 'plain' AS plain, 'a,b' AS "com,ma", 'say "hi"' AS "quo""te", 'one' || char(10) || 'two' AS "line
break", 'cr' || char(13) AS cr, NULL AS none, '' AS empty, 9007199254740993 AS big, -9223372036854775808 AS small,
  1.5 AS real, 1e300 AS huge, x'00FF' AS blob, 'é 🐦' AS words, ' pad ' AS pad`;

async function results(server) {
  await test("the units of an answer's columns stand in the turn, by the columns' names", async () => {
    const turn = await answer(server, "birdstrikes", "What was the highest repair cost in 1999?");
    assert.deepEqual(turn.units, { "Highest repair cost": "USD" });
    assert.equal(turn.run.result.columns[0].name, "Highest repair cost");
    assert.equal((await answer(server, "birdstrikes", "How many strikes were there by year?")).units, null);
  });

  await test("result.csv quotes as RFC 4180 has it", async () => {
    const { json } = await runSql(server, awkward);
    const got = assertContract(await get(server, `/api/v1/runs/${json.id}/result.csv`), "/api/v1/runs/{id}/result.csv");
    assert.equal(got.headers["content-type"], "text/csv; charset=utf-8");
    const expected = 'plain,"com,ma","quo""te","line\nbreak",cr,none,empty,big,small,real,huge,blob,words,pad\r\n' +
      'plain,"a,b","say ""hi""","one\ntwo","cr\r",,,9007199254740993,-9223372036854775808,1.5,1e+300,"{""base64"":""AP8=""}",é 🐦, pad \r\n';
    assert.equal(got.text, expected);
  });

  await test("result.csv of a result without rows is its header line", async () => {
    const { json } = await runSql(server, "SELECT date, wind FROM days WHERE 0");
    assert.equal((await get(server, `/api/v1/runs/${json.id}/result.csv`)).text, "date,wind\r\n");
  });

  await test("result.json is the runner's result, and keeps integers that a double would not", async () => {
    const { json } = await runSql(server, awkward);
    const got = assertContract(await get(server, `/api/v1/runs/${json.id}/result.json`), "/api/v1/runs/{id}/result.json");
    assert.deepEqual(got.json, json.result);
    const row = got.json.rows[0];
    assert.deepEqual(row.slice(5, 12), [null, "", "9007199254740993", "-9223372036854775808", 1.5, 1e300, { base64: "AP8=" }]);
    assert.equal(got.json.columns[7].type, "integer");
  });

  await test("a long answer is gzip for who accepts it, and plain for who does not", async () => {
    const { json } = await runSql(server, "SELECT * FROM days");
    const path = `/api/v1/runs/${json.id}/result.json`;
    const plain = await get(server, path);
    const small = await get(server, path, { "Accept-Encoding": "br, gzip" });
    const refused = await get(server, path, { "Accept-Encoding": "gzip;q=0, identity" });
    assert.equal(small.headers["content-encoding"], "gzip");
    assert.match(small.headers.vary, /Accept-Encoding/);
    assert.equal(gunzipSync(small.bytes).toString(), plain.text);
    assert.ok(small.bytes.length < plain.bytes.length / 2);
    assert.deepEqual([plain.headers["content-encoding"], refused.headers["content-encoding"]], [undefined, undefined]);
  });
}

// Exposition format 0.0.4: name, labels, value; a TYPE before the samples of its family.
function parseMetrics(text) {
  const samples = new Map();
  const types = new Map();
  assert.ok(text.endsWith("\n"));
  for (const line of text.trimEnd().split("\n")) {
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type) types.set(type[1], type[2]);
    if (line.startsWith("#")) {
      assert.match(line, /^# (TYPE|HELP) [a-zA-Z_:][\w:]* \S/);
      continue;
    }
    const sample = /^([a-zA-Z_:][\w:]*)(\{([a-zA-Z_]\w*="(?:[^"\\]|\\["\\n])*",?)*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$/.exec(line);
    assert.ok(sample, `no sample: ${line}`);
    assert.ok(types.has(sample[1]), `${sample[1]} has no TYPE`);
    assert.ok(!samples.has(sample[1] + (sample[2] ?? "")), `${line} stands twice`);
    samples.set(sample[1] + (sample[2] ?? ""), Number(sample[4]));
  }
  for (const [name, type] of types) assert.equal(type === "counter", name.endsWith("_total"), `${name} is a ${type}`);
  return samples;
}

async function wellbeing(server) {
  await test("health tells version, sandbox and data sets, and alive and ready say so in a word", async () => {
    const { json } = assertContract(await get(server, "/api/v1/health"), "/api/v1/health");
    assert.equal(json.status, "ok");
    assert.deepEqual(json.datasets, { ready: 3, failed: 0 });
    assert.equal(json.version, (await run(["version"])).out.split(/\s/)[1]);
    assert.equal(assertContract(await get(server, "/healthz"), "/healthz").text, "ok\n");
    assert.match(assertContract(await get(server, "/readyz"), "/readyz").text, /^ready\n {2}(holds|weaker) +namespaces /);
  });

  await test("a server without data sets is alive but not ready, and says what it lacks", async () => {
    const empty = await startServer({ datasets: newFolder() });
    const ready = assertContract(await get(empty, "/readyz"), "/readyz");
    assert.equal(ready.status, 503);
    assert.match(ready.text, /data set/);
    assert.ok(Number(ready.headers["retry-after"]) > 0);
    assert.equal((await get(empty, "/healthz")).status, 200);
    assert.equal(assertContract(await get(empty, "/api/v1/health"), "/api/v1/health").json.status, "degraded");
    assert.deepEqual((await get(empty, "/api/v1/datasets")).json.datasets, []);
    assertProblem(await runSql(empty, "SELECT 1"), 404, "not_found");
    await empty.stop();
  });

  await test("the metrics are Prometheus text and count what has happened", async () => {
    const read = async () => parseMetrics(assertContract(await get(server, "/metrics"), "/metrics").text);
    const before = await read();
    await answer(server, "weather", prompts.weather[0].question);
    await runSql(server, "SELECT nonsense");
    await get(server, "/nowhere");
    const after = await read();
    const grew = (name) => after.get(name) - before.get(name);
    assert.equal(grew('sandglass_turns_total{status="answered"}'), 1);
    assert.equal(grew('sandglass_runs_total{outcome="completed"}'), 1);
    assert.equal(grew('sandglass_runs_total{outcome="query_failed"}'), 1);
    assert.equal(grew('sandglass_http_responses_total{class="4xx"}'), 1);
    assert.ok(after.get("process_resident_memory_bytes") > 1_000_000);
    assert.equal(after.get("sandglass_runs_running"), 0);
    const outcomes = [...after.keys()].flatMap((name) => /outcome="(\w+)"/.exec(name)?.[1] ?? []);
    assert.deepEqual(outcomes.sort(), [...contract.components.schemas.Outcome.enum].sort());
  });

  await test("no word of the contract has slipped out of its description", async () => {
    // An unquoted comma in {…} makes a key of what stands behind it.
    const strays = (node, path) => (node === null ? [path] : typeof node === "object" ? Object.entries(node).flatMap(([key, value]) => strays(value, `${path}/${key}`)) : []);
    assert.deepEqual(strays(contract, ""), []);
  });

  await test("the contract is served as JSON, the same as docs/openapi.yaml", async () => {
    const { json } = assertContract(await get(server, "/api/openapi.json"), "/api/openapi.json");
    assert.deepEqual(json, contract);
  });
}

async function protocol(server) {
  await test("X-Request-Id is given back where it is fit to be, and made where it is not", async () => {
    for (const path of ["/healthz", "/nowhere", "/api/v1/runs/nobody", "/"]) {
      assert.equal((await get(server, path, { "X-Request-Id": "my-Id_7" })).headers["x-request-id"], "my-Id_7");
      for (const unfit of [undefined, "", "a b", "x".repeat(65), "<script>", "a\"b"]) {
        assert.match((await get(server, path, { "X-Request-Id": unfit })).headers["x-request-id"], ULID);
      }
    }
  });

  await test("what is nowhere is 404, and says where to look", async () => {
    for (const path of ["/nowhere", "/api", "/api/v1", "/api/v2/runs", "/api/v1/runs/", "/api/v1/runs/x/y", "/api/v1/runs/x/result.xml", "/API/v1/health", "/healthz/"]) {
      assertProblem(await get(server, path), 404, "not_found", { detail: new RegExp(`nothing at ${path}`) });
    }
    assertProblem(await get(server, "/nowhere"), 404, "not_found", { hint: /openapi\.json/ });
  });

  await test("a method that a path does not know is 405, and names those that it knows", async () => {
    const known = new Map();
    for (const { method, path } of operations) known.set(path, [...(known.get(path) ?? []), method]);
    for (const [path, methods] of known) {
      for (const method of ["PUT", "PATCH", "DELETE", "POST", "GET"].filter((one) => !methods.includes(one))) {
        const got = await call(server, method, path.replace(/\{\w+\}/, "x"), { json: {} });
        const { detail } = assertProblem(got, 405, "method_not_allowed");
        assert.deepEqual([methods.every((one) => detail.includes(one)), detail.includes(`not ${method}`)], [true, true], `${method} ${path}: ${detail}`);
        assert.deepEqual((got.headers.allow ?? "").split(", ").sort(), methods.filter(Boolean).sort(), `Allow of ${method} ${path}`);
      }
    }
  });

  await test("HEAD answers like GET, without the body", async () => {
    for (const path of ["/healthz", "/api/v1/datasets", "/", "/api/openapi.json", "/nowhere"]) {
      const [head, whole] = [await call(server, "HEAD", path), await get(server, path)];
      assert.equal(head.status, whole.status);
      assert.equal(head.bytes.length, 0);
      for (const name of ["content-type", "content-length", "etag", "cache-control"]) assert.equal(head.headers[name], whole.headers[name], `${name} of ${path}`);
    }
  });

  await test("a connection serves many requests, one after the other, also after a refused one", async () => {
    const { hostname, port } = new URL(server.url);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const once = (path, options, body) => new Promise((resolve, reject) => {
      const request = http.request({ agent, hostname, port, path, ...options }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode));
      }).once("error", reject);
      request.end(body);
    });
    const json = { method: "POST", headers: { "Content-Type": "application/json" } };
    const statuses = [await once("/healthz"), await once("/nowhere"), await once("/api/v1/runs", json, "{"), await once("/api/v1/runs", { method: "POST" }, "hello"), await once("/healthz")];
    agent.destroy();
    assert.deepEqual(statuses, [200, 404, 400, 415, 200]);
  });

  await test("a query string or an encoded slash changes no route", async () => {
    assert.equal((await get(server, "/healthz?x=1&y")).status, 200);
    assert.equal((await get(server, "/api/v1/datasets/wea%74her")).status, 200);
    assert.equal((await get(server, "/api/v1/runs/..%2f..%2fhealth")).status, 404);
  });
}

export default async function () {
  const server = await startServer();
  for (const part of [datasets, conversations, runs, results, wellbeing, protocol]) await part(server);
  await test("none of this leaves a process behind, nor an error in the log", async () => {
    await until("no sandbox is left", async () => (await get(server, "/api/v1/health")).json.runs.running === 0);
    const lines = server.log.split("\n").filter((line) => hasNamespaces || !line.includes("behind a weaker wall"));
    assert.doesNotMatch(lines.join("\n"), / (error|warning) /);
    assert.deepEqual(await server.stop(), { status: 0, signal: null });
  });
}
