// SPDX-License-Identifier: Apache-2.0
// What a person decides about a run before it is made, and what can be done with what was made: ask again, and run
// again.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem, assertSchema } from "./contract.mjs";
import { newDataset } from "./fixtures.mjs";
import { answer, ask, bundled, call as request, get, post, run, runOnTerminal, runSql, startServer, Stream, test, until } from "./harness.mjs";
import { call, ModelServer } from "./model-server.mjs";

const [prompt] = prompts.weather;
const nobody = "01K5Q3V9XQ7M4N8P2R6S0T1V2W";

const decide = async (server, turn, json) => assertContract(await post(server, `/api/v1/turns/${turn}/approval`, json), "/api/v1/turns/{id}/approval");

/** Asks, and waits until a run is proposed: { stream, id, proposed }. */
async function proposal(server, text = prompt.question, more = {}) {
  const stream = await ask(server, "weather", text, more);
  const proposed = (await stream.until("run.proposed")).data;
  return { stream, id: stream.find("turn.started").data.turn.id, proposed };
}

async function ended(stream) {
  await stream.closed;
  const { turn } = stream.find("turn.ended").data;
  assertSchema(turn, "Turn");
  return turn;
}

async function approving() {
  const server = await startServer({ env: { APPROVE_RUNS: "1" } });

  await test("with APPROVE_RUNS a run waits for a person, in the turn and as an event, and no sandbox is started before", async () => {
    const { stream, id, proposed } = await proposal(server);
    const waiting = assertContract(await get(server, `/api/v1/turns/${id}`), "/api/v1/turns/{id}").json;
    assert.deepEqual(waiting.approval, proposed);
    assert.equal(proposed.sql, waiting.sql);
    assert.ok(proposed.understanding && Date.parse(proposed.expires_at) > Date.now());
    assert.ok(!stream.names.includes("run.queued"));
    assert.equal((await decide(server, id, { run_id: proposed.run_id, decision: "approve" })).status, 202);
    const turn = await ended(stream);
    assert.deepEqual([turn.status, turn.approval, turn.run.id, turn.run.proposed_sql], ["answered", null, proposed.run_id, undefined]);
    assert.deepEqual(turn.run.result.rows, prompt.expect.rows);
    assert.deepEqual(stream.find("run.approved").data, { run_id: proposed.run_id, edited: false });
  });

  await test("other SQL can be run in its place; the turn then shows that, and claims nothing of the plan", async () => {
    const { stream, id, proposed } = await proposal(server);
    const sql = "SELECT ?1 + 1 AS two";
    await decide(server, id, { run_id: proposed.run_id, decision: "approve", sql, params: [1] });
    const turn = await ended(stream);
    assert.deepEqual([turn.status, turn.sql, turn.params, turn.run.result.rows], ["answered", sql, [1], [[2]]]);
    assert.deepEqual([turn.run.proposed_sql, turn.plan, turn.understanding, turn.chart, turn.sentence], [proposed.sql, null, null, null, "Your SQL gives one value, 2."]);
    assert.equal(stream.find("run.approved").data.edited, true);
    assert.equal((await get(server, `/api/v1/runs/${turn.run.id}`)).json.proposed_sql, proposed.sql);
  });

  await test("SQL that a person writes is held to the same rules", async () => {
    const { stream, id, proposed } = await proposal(server);
    await decide(server, id, { run_id: proposed.run_id, decision: "approve", sql: "DROP TABLE days", params: [] });
    assert.deepEqual((({ status, error }) => [status, error.code])(await ended(stream)), ["failed", "request_refused"]);
  });

  await test("a run that is refused is not made, and the reason is the turn's", async () => {
    const { stream, id, proposed } = await proposal(server);
    await decide(server, id, { run_id: proposed.run_id, decision: "refuse", reason: "too nosy" });
    const turn = await ended(stream);
    assert.deepEqual([turn.status, turn.error.code, turn.run], ["cancelled", "approval_refused", null]);
    assert.match(turn.error.message, /too nosy/);
    assert.deepEqual(stream.find("run.refused").data, { run_id: proposed.run_id, reason: "too nosy" });
    assertProblem(await get(server, `/api/v1/runs/${proposed.run_id}`), 404, "not_found");
  });
  await server.stop();
}

async function deciding() {
  const server = await startServer({ env: { APPROVE_RUNS: "1" } });

  await test("only the run that waits can be decided on, once, and in words that are known", async () => {
    const { stream, id, proposed } = await proposal(server);
    assertProblem(await decide(server, id, { run_id: nobody, decision: "approve" }), 409, "conflict", { detail: /does not wait/ });
    assertProblem(await decide(server, nobody, { run_id: proposed.run_id, decision: "approve" }), 404, "not_found");
    assertProblem(await decide(server, id, { run_id: proposed.run_id, decision: "maybe" }), 400, "bad_request", { detail: /approve/ });
    assertProblem(await decide(server, id, { run_id: proposed.run_id, decision: "approve", params: [[]] }), 400, "bad_request");
    assertProblem(await decide(server, id, { run_id: proposed.run_id, decision: "approve", sql: "x".repeat(300_000) }), 413, "too_large");
    const path = `/api/v1/turns/${id}/approval`;
    assertProblem(assertContract(await request(server, "POST", path, { body: "run", headers: { "Content-Type": "text/plain" } }), "/api/v1/turns/{id}/approval"), 415, "unsupported_media_type");
    assert.equal((await decide(server, id, { run_id: proposed.run_id, decision: "approve" })).status, 202);
    await stream.closed;
    assertProblem(await decide(server, id, { run_id: proposed.run_id, decision: "approve" }), 409, "conflict", { detail: /ended already/ });
  });

  await test("a turn that waits can be stopped, and a client that comes back finds it waiting", async () => {
    const { stream, id, proposed } = await proposal(server);
    await stream.leave();
    const again = await Stream.open(server, "GET", `/api/v1/turns/${id}/events`, {});
    assert.deepEqual((await again.until("run.proposed")).data, proposed);
    assert.equal((await post(server, `/api/v1/turns/${id}/cancel`)).status, 202);
    assert.deepEqual((({ status, error }) => [status, error.code])(await ended(again)), ["cancelled", "cancelled"]);
  });

  await test("a server that stops does not wait for a person; the turn is interrupted", async () => {
    const stopping = await startServer({ env: { APPROVE_RUNS: "1", RUN_TIMEOUT_MS: "60000" } });
    const { id } = await proposal(stopping);
    assert.deepEqual(await stopping.stop(), { status: 0, signal: null });
    const next = await startServer({ state: stopping.state });
    assert.deepEqual((({ status, approval }) => [status, approval])((await get(next, `/api/v1/turns/${id}`)).json), ["interrupted", null]);
    await next.stop();
  });

  await test("who asks can approve of every run beforehand, as `app smoke` and `app ask --yes` do", async () => {
    const turn = await answer(server, "weather", prompt.question, { approve: true });
    assert.equal(turn.status, "answered");
    const smoke = await run(["smoke", "--url", server.url, "--prompts", "1"]);
    assert.equal(smoke.status, 0, smoke.out + smoke.err);
    const words = ["ask", prompt.question, "--dataset", "weather", "--datasets", bundled];
    const shut = await run(words, { env: { APPROVE_RUNS: "1" } });
    assert.equal(shut.status, 2);
    assert.match(shut.err, /--yes/);
    assert.equal((await run([...words, "--yes"], { env: { APPROVE_RUNS: "1" } })).status, 0);
  });

  await test("on a terminal `app ask` shows each run and takes yes, no and other SQL", async () => {
    const words = ["ask", prompt.question, "--dataset", "weather", "--datasets", bundled, "--approve-runs"];
    const shown = /Run this\? \[y\]es, \[e\]dit, \[n\]o: /;
    const yes = await runOnTerminal(words, [[shown, "y"]]);
    assert.equal(yes.status, 0, yes.out);
    assert.match(yes.out, /SELECT[^]*Run this[^]*Understood as:/);
    const no = await runOnTerminal(words, [[shown, "what?"], [shown, "n"]]);
    assert.equal(no.status, 1);
    assert.match(no.out, /The run was refused/);
    const edit = await runOnTerminal(words, [[shown, "e"], [/ended by an empty line:/, "SELECT 40 +"], [/40 \+/, "2 AS answer\n"]]);
    assert.equal(edit.status, 0, edit.out);
    assert.match(edit.out, /Your SQL gives one value, 42\.[^]*answer[^]*42/);
    assert.doesNotMatch(edit.out, /Understood as/);
  });

  await test("SQL that a person runs by hand needs no approval: it is that person's own", async () => {
    assert.equal((await runSql(server, "SELECT 1")).json.outcome, "completed");
  });
  await server.stop();

  await test("a run that nobody decides on in time is not made", async () => {
    const hasty = await startServer({ env: { APPROVE_RUNS: "1", APPROVE_TIMEOUT_MS: "200" } });
    const { stream } = await proposal(hasty);
    assert.deepEqual((({ status, error }) => [status, error.code])(await ended(stream)), ["cancelled", "approval_timed_out"]);
    await hasty.stop();
  });

  await test("each run of a model waits; it is told what was refused and why, and what was edited", async () => {
    const count = call("run_sql", { sql: "SELECT count(*) AS days FROM days", purpose: "Counting." });
    const model = await ModelServer.start({ calls: [count] }, { calls: [count] }, { calls: [call("answer", { sentence: "It is {{1.n}}.", run: 1 })] });
    const careful = await startServer({ env: { APPROVE_RUNS: "1", PLANNER: "model", ...model.env } });
    const { stream, id, proposed } = await proposal(careful, "What about it?");
    assert.equal(proposed.understanding, "Counting.");
    await decide(careful, id, { run_id: proposed.run_id, decision: "refuse", reason: "count the cities" });
    const second = await until("another is proposed", () => stream.events.find(({ name, data }) => name === "run.proposed" && data.run_id !== proposed.run_id)?.data);
    await decide(careful, id, { run_id: second.run_id, decision: "approve", sql: "SELECT 7 AS n" });
    const turn = await ended(stream);
    assert.deepEqual([turn.status, turn.sentence, turn.run.id], ["answered", "It is 7.", second.run_id]);
    assert.match(model.results(1)[0].error, /count the cities/);
    assert.match(model.results(2)[0].note, /edited/);
    assert.equal(model.results(2)[0].sql, "SELECT 7 AS n");
    await careful.stop();
  });
}

async function replaying() {
  const folder = newDataset("fruit", { "fruit.csv": "name,amount\napple,3\npear,5\n" });
  const replay = async (server, id) => assertContract(await request(server, "POST", `/api/v1/runs/${id}/replay`), "/api/v1/runs/{id}/replay");
  const first = await startServer({ datasets: folder });
  const total = (await runSql(first, "SELECT sum(amount) AS total FROM fruit WHERE name <> ?1", { dataset: "fruit", params: ["pear"], max_rows: 3 })).json;
  const failed = (await runSql(first, "SELECT nowhere FROM fruit", { dataset: "fruit" })).json;

  await test("a run that is made once more over the same data has the same result, and says so", async () => {
    const { status, json } = await replay(first, total.id);
    assert.deepEqual([status, json.replay_of, json.data_changed, json.result_same], [201, total.id, false, true]);
    assert.notEqual(json.run.id, total.id);
    assert.deepEqual([json.run.replay_of, json.run.sql, json.run.params, json.run.limits.max_rows], [total.id, total.sql, total.params, 3]);
    assert.deepEqual((await get(first, `/api/v1/runs/${json.run.id}`)).json, json.run);
  });

  await test("where a run had no result there is nothing to compare", async () => {
    const { json } = await replay(first, failed.id);
    assert.deepEqual([json.run.outcome, json.data_changed, json.result_same], ["query_failed", false, null]);
  });
  await first.stop();

  writeFileSync(join(folder, "fruit", "fruit.csv"), readFileSync(join(folder, "fruit", "fruit.csv"), "utf8").replace("apple,3", "apple,4"));
  const second = await startServer({ datasets: folder, state: first.state });
  await test("over other data it says that the data has changed, and whether the result has", async () => {
    const { json } = await replay(second, total.id);
    assert.deepEqual([json.data_changed, json.result_same, json.run.result.rows], [true, false, [[4]]]);
    const names = (await runSql(second, "SELECT 1 AS one", { dataset: "fruit" })).json;
    assert.deepEqual((({ data_changed, result_same }) => [data_changed, result_same])((await replay(second, names.id)).json), [false, true]);
  });
  await second.stop();

  await test("where its data set is gone a run cannot be made again, and where no sandbox can be had it says why", async () => {
    const third = await startServer({ state: first.state, env: { MAX_CONCURRENT_RUNS: "1", MAX_QUEUED_RUNS: "0" } });
    assertProblem(await replay(third, total.id), 404, "not_found", { detail: /fruit/ });
    await third.stop();
  });
}

async function retrying() {
  const server = await startServer({ env: { APPROVE_RUNS: "1" } });
  const retry = async (id) => assertContract(await request(server, "POST", `/api/v1/turns/${id}/retry`), "/api/v1/turns/{id}/retry");

  await test("a turn that has ended is asked again with its reading; one that is under way is not", async () => {
    const { stream, id, proposed } = await proposal(server);
    assertProblem(await retry(id), 409, "conflict", { detail: /under way/ });
    await decide(server, id, { run_id: proposed.run_id, decision: "refuse" });
    await stream.closed;
    const again = await Stream.open(server, "POST", `/api/v1/turns/${id}/retry`, {});
    const second = (await again.until("run.proposed")).data;
    await decide(server, again.find("turn.started").data.turn.id, { run_id: second.run_id, decision: "approve" });
    const turn = await ended(again);
    assert.deepEqual([turn.status, turn.retry_of, turn.ordinal, turn.question], ["answered", id, 2, prompt.question]);
  });
  await server.stop();

  await test("a retry answers as a stream of events, like a question", async () => {
    const next = await startServer({ state: server.state });
    const [latest] = (await get(next, "/api/v1/conversations")).json.conversations;
    const { turns } = (await get(next, `/api/v1/conversations/${latest.id}`)).json;
    const again = assertContract(await request(next, "POST", `/api/v1/turns/${turns[0].id}/retry`), "/api/v1/turns/{id}/retry");
    assert.deepEqual([again.status, again.headers["content-type"]], [200, "text/event-stream"]);
    assert.match(again.text, /^event: turn\.ended$/m);
    await next.stop();
  });
}

export default async function () {
  for (const part of [approving, deciding, replaying, retrying]) await part();
}
