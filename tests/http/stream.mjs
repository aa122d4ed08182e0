// SPDX-License-Identifier: Apache-2.0
// A turn's events: their order, following and resuming them, going away, and stopping the turn.
import assert from "node:assert/strict";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem, assertSchema } from "./contract.mjs";
import { endless, endlessDataset } from "./fixtures.mjs";
import { ask, call, descendantsOf, get, leavesNothing, newConversation, occupy, post, runaway, runSql, startServer, Stream, test, until } from "./harness.mjs";

const question = prompts.birdstrikes[1].question;
const answered = ["turn.started", "plan.proposed", "run.queued", "run.starting", "run.running", "run.ended", "answer", "turn.ended"];

const follow = (server, turn, after) => Stream.open(server, "GET", `/api/v1/turns/${turn}/events`, { headers: after === undefined ? {} : { "Last-Event-ID": String(after) } });

const turnOf = (server, id) => get(server, `/api/v1/turns/${id}`).then((got) => got.json);

async function order(server) {
  await test("an answered turn tells its events in their order, numbered from 1", async () => {
    const stream = await ask(server, "birdstrikes", question);
    assert.equal(assertContract(stream, "/api/v1/conversations/{id}/messages").status, 200);
    assert.equal(stream.headers["cache-control"], "no-store");
    await stream.closed;
    assert.deepEqual(stream.names, answered);
    assert.deepEqual(stream.events.map((event) => event.id), answered.map((_, index) => String(index + 1)));
    assert.equal(stream.text, "");
  });

  await test("each event has what the contract says of it", async () => {
    const stream = await ask(server, "birdstrikes", question);
    await stream.closed;
    const data = Object.fromEntries(stream.events.map((event) => [event.name, event.data]));
    for (const name of ["turn.started", "answer", "turn.ended"]) assertSchema(data[name].turn, "Turn");
    assert.equal(data["turn.started"].turn.status, "running");
    assert.equal(data["turn.started"].turn.question, question);
    const plan = data["plan.proposed"];
    assert.deepEqual([typeof plan.understanding, typeof plan.sql, Array.isArray(plan.params)], ["string", "string", true]);
    if (plan.chart) assertSchema(plan.chart, "Chart");
    assert.ok(plan.elapsed_us >= 0 && plan.elapsed_us < 5_000_000);
    const run = data.answer.turn.run;
    for (const name of ["run.queued", "run.starting", "run.running", "run.ended"]) assert.equal(data[name].run_id, run.id);
    assert.equal(data["run.ended"].outcome, "completed");
    assert.equal(data.answer.sentence, data.answer.turn.sentence);
    assert.deepEqual([data["turn.ended"].status, data["turn.ended"].turn.status], ["answered", "answered"]);
    assert.deepEqual(run.result.rows, prompts.birdstrikes[1].expect.rows);
    assert.equal(run.sql, plan.sql);
  });

  await test("a turn that is not understood or ambiguous runs nothing", async () => {
    const lost = await ask(server, "birdstrikes", "qwertz uiop asdfgh");
    await lost.closed;
    assert.deepEqual(lost.names, ["turn.started", "turn.failed", "turn.ended"]);
    const { code, message, hint, suggestions } = lost.find("turn.failed").data;
    assert.deepEqual([code, typeof message, typeof hint, Array.isArray(suggestions)], ["not_understood", "string", "string", true]);
    // Where the words have something to do with a small table, what they may mean is tried first.
    const tried = await ask(server, "weather", "coldest city besides chicago after march");
    await tried.closed;
    assert.deepEqual(tried.names.slice(0, 6), ["turn.started", "plan.trying", "run.queued", "run.starting", "run.running", "run.ended"]);
    assert.ok(tried.find("plan.trying").data.count > 1);
    const turn = tried.find("turn.ended").data.turn;
    assertSchema(turn, "Turn");
    if (turn.readings) for (const reading of turn.readings) assert.equal(typeof reading.preview, "string");
    const torn = await ask(server, "shop", "What is the average price?");
    await torn.closed;
    assert.deepEqual(torn.names, ["turn.started", "plan.ambiguous", "turn.ended"]);
    for (const reading of torn.find("plan.ambiguous").data.readings) assertSchema(reading, "Reading");
  });

  await test("a reading that was never offered fails the turn, and says so", async () => {
    const stream = await ask(server, "birdstrikes", question, { reading: 9 });
    await stream.closed;
    assert.deepEqual(stream.names, ["turn.started", "turn.failed", "turn.ended"]);
    assert.equal(stream.find("turn.failed").data.code, "bad_request");
  });

  await test("two questions at once in one conversation are both answered, one after the other in it", async () => {
    const conversation = await newConversation(server, "birdstrikes");
    const both = await Promise.all([0, 1].map(() => Stream.open(server, "POST", `/api/v1/conversations/${conversation}/messages`, { json: { text: question } })));
    await Promise.all(both.map((stream) => stream.closed));
    const { json } = await get(server, `/api/v1/conversations/${conversation}`);
    assert.deepEqual(json.turns.map((turn) => [turn.ordinal, turn.status]), [[1, "answered"], [2, "answered"]]);
  });

  await test("forty turns at once are all answered, each with its own run", async () => {
    const streams = await Promise.all(Array.from({ length: 40 }, () => ask(server, "birdstrikes", question)));
    await Promise.all(streams.map((stream) => stream.closed));
    const turns = streams.map((stream) => stream.find("turn.ended").data.turn);
    assert.deepEqual(new Set(turns.map((turn) => turn.status)), new Set(["answered"]));
    assert.equal(new Set(turns.map((turn) => turn.run.id)).size, 40);
  });
}

// The same event told live and from the store: the answer's turn had not ended yet when it was told.
const comparable = ({ id, name, data }) => ({ id, name, data: name === "answer" ? { ...data, turn: { ...data.turn, ended_at: null, elapsed_us: null } } : data });

async function resuming(server) {
  let stream, turn;
  await test("a turn that has ended tells the same events again, to whoever asks", async () => {
    stream = await ask(server, "birdstrikes", question);
    await stream.closed;
    turn = stream.find("turn.ended").data.turn.id;
    const again = await follow(server, turn);
    await again.closed;
    assert.equal(assertContract(again, "/api/v1/turns/{id}/events").status, 200);
    assert.deepEqual(again.events.map(comparable), stream.events.map(comparable));
  });

  await test("Last-Event-ID gives exactly the rest, whichever event was the last", async () => {
    for (let after = 0; after <= answered.length; after++) {
      const rest = await follow(server, turn, after);
      await rest.closed;
      assert.deepEqual(rest.events.map(comparable), stream.events.slice(after).map(comparable), `after ${after}`);
    }
  });

  await test("a Last-Event-ID past the end gives nothing more, and an empty one everything", async () => {
    for (const [after, count] of [[99, 0], [2147483647, 0], ["", answered.length]]) {
      const rest = await follow(server, turn, after);
      await rest.closed;
      assert.equal(rest.events.length, count, `after ${after}`);
    }
  });

  await test("a Last-Event-ID that is no number is refused", async () => {
    for (const after of ["x", "-1", "1.5", "99999999999999999999", "1 OR 1=1"]) {
      assertProblem(assertContract(await get(server, `/api/v1/turns/${turn}/events`, { "Last-Event-ID": after }), "/api/v1/turns/{id}/events"), 400, "bad_request", { detail: /Last-Event-ID/ });
    }
  });
}

async function underWay(server) {
  await test("a client that comes back while the turn is under way gets the rest as it happens", async () => {
    const run = await occupy(server);
    const first = await ask(server, "birdstrikes", question);
    await first.until("run.queued");
    const { id } = first.find("turn.started").data.turn;
    await first.leave();
    const second = await follow(server, id, 2);
    const third = await follow(server, id);
    await third.until("run.queued");
    assert.deepEqual([second.names, third.names], [answered.slice(2, 3), answered.slice(0, 3)]);
    await run.release();
    await Promise.all([second.closed, third.closed]);
    assert.deepEqual(second.events, third.events.slice(2));
    assert.deepEqual(third.names, answered);
  });

  await test("a turn under way is shown as far as it has come", async () => {
    const run = await occupy(server);
    const stream = await ask(server, "birdstrikes", question);
    await stream.until("run.queued");
    const { id } = stream.find("turn.started").data.turn;
    const turn = assertContract(await get(server, `/api/v1/turns/${id}`), "/api/v1/turns/{id}").json;
    assert.deepEqual([turn.status, turn.run, turn.sentence, turn.ended_at], ["running", null, null, null]);
    assert.equal(turn.sql, stream.find("plan.proposed").data.sql);
    const conversation = assertContract(await get(server, `/api/v1/conversations/${stream.conversation}`), "/api/v1/conversations/{id}").json;
    assert.deepEqual(conversation.turns, [turn]);
    assert.equal((await get(server, "/api/v1/health")).json.runs.queued, 1);
    await run.release();
    await stream.closed;
  });

  await test("a client that goes away in mid-turn does not stop it", async () => {
    const run = await occupy(server);
    const stream = await ask(server, "birdstrikes", question);
    await stream.until("run.queued");
    const { id } = stream.find("turn.started").data.turn;
    await stream.leave();
    await run.release();
    const turn = await until("the turn has ended", async () => (await turnOf(server, id)).status !== "running" && turnOf(server, id));
    assert.equal(turn.status, "answered");
    const all = await follow(server, id);
    await all.closed;
    assert.deepEqual(all.names, answered);
  });

  await test("cancelling a turn that waits ends it at once, and leaves the queue", async () => {
    const run = await occupy(server);
    const stream = await ask(server, "birdstrikes", question);
    await stream.until("run.queued");
    const { id } = stream.find("turn.started").data.turn;
    const got = assertContract(await call(server, "POST", `/api/v1/turns/${id}/cancel`), "/api/v1/turns/{id}/cancel");
    assert.equal(got.status, 202);
    await stream.closed;
    assert.deepEqual(stream.names, ["turn.started", "plan.proposed", "run.queued", "run.ended", "turn.failed", "turn.ended"]);
    assert.equal(stream.find("run.ended").data.outcome, "cancelled");
    assert.equal(stream.find("turn.failed").data.code, "cancelled");
    assertSchema(stream.find("turn.ended").data.turn, "Turn");
    assert.equal((await turnOf(server, id)).status, "cancelled");
    assert.equal((await get(server, "/api/v1/health")).json.runs.queued, 0);
    await run.release();
  });

  await test("cancelling a turn that has ended leaves it as it is", async () => {
    const stream = await ask(server, "birdstrikes", question);
    await stream.closed;
    const { turn } = stream.find("turn.ended").data;
    const got = assertContract(await call(server, "POST", `/api/v1/turns/${turn.id}/cancel`), "/api/v1/turns/{id}/cancel");
    assert.equal(got.status, 202);
    assert.deepEqual(got.json, turn);
    assert.deepEqual(await turnOf(server, turn.id), turn);
  });
}

async function stopping() {
  let server;
  await test("a data set whose questions take for ever can be asked", async () => {
    server = await startServer({ datasets: await endlessDataset(), env: { RUN_TIMEOUT_MS: "60000" } });
  });
  if (!server) return;

  const begin = async () => {
    const stream = await ask(server, endless.dataset, endless.question);
    await stream.until("run.running");
    const pids = await until("its sandbox stands", () => descendantsOf(server.pid).length > 0 && descendantsOf(server.pid));
    return { stream, pids, turn: stream.find("turn.started").data.turn.id, run: stream.find("run.running").data.run_id };
  };

  await test("cancelling a turn ends its sandbox at once, and no process of it is left", async () => {
    const { stream, pids, turn } = await begin();
    const start = performance.now();
    await call(server, "POST", `/api/v1/turns/${turn}/cancel`);
    await stream.closed;
    assert.ok(performance.now() - start < 1_000);
    assert.equal(stream.find("turn.ended").data.status, "cancelled");
    assert.equal(stream.find("turn.ended").data.turn.run.outcome, "cancelled");
    await leavesNothing(server, pids);
  });

  await test("deleting a turn's run from another connection does the same", async () => {
    const { stream, pids, run, turn } = await begin();
    const got = assertContract(await call(server, "DELETE", `/api/v1/runs/${run}`), "/api/v1/runs/{id}");
    assert.equal(got.status, 202);
    await stream.closed;
    assert.equal((await turnOf(server, turn)).status, "cancelled");
    const kept = assertContract(await get(server, `/api/v1/runs/${run}`), "/api/v1/runs/{id}").json;
    assert.equal(kept.outcome, "cancelled");
    assertProblem(assertContract(await call(server, "DELETE", `/api/v1/runs/${run}`), "/api/v1/runs/{id}"), 409, "conflict");
    await leavesNothing(server, pids);
  });

  await test("a run whose id the client chose can be cancelled while its answer is awaited", async () => {
    const id = "01JZ0000000000000000000000";
    const answer = runSql(server, runaway, { id, dataset: endless.dataset });
    await until("it is under way", async () => (await call(server, "DELETE", `/api/v1/runs/${id}`)).status === 202);
    const { status, json } = await answer;
    assert.deepEqual([status, json.id, json.outcome], [201, id, "cancelled"]);
    assertProblem(assertContract(await runSql(server, "SELECT 1", { id, dataset: endless.dataset }), "/api/v1/runs"), 409, "conflict");
    assertProblem(await runSql(server, "SELECT 1", { id: "mine", dataset: endless.dataset }), 400, "bad_request");
  });

  await test("a client that goes away while its query runs does not stop it; who cancels later does", async () => {
    const { stream, pids, turn } = await begin();
    await stream.leave();
    assert.equal((await turnOf(server, turn)).status, "running");
    await call(server, "POST", `/api/v1/turns/${turn}/cancel`);
    await until("the turn has ended", async () => (await turnOf(server, turn)).status === "cancelled");
    await leavesNothing(server, pids);
  });

  await test("a server that stops ends a turn that does not, once its time is up, and says how it ended", async () => {
    const short = await startServer({ datasets: await endlessDataset(), env: { RUN_TIMEOUT_MS: "400" } });
    const stream = await ask(short, endless.dataset, endless.question);
    await stream.until("run.running");
    const ending = short.stop();
    await stream.closed;
    assert.equal(stream.find("turn.ended")?.data.turn.run.outcome, "timed_out");
    assert.deepEqual(await ending, { status: 0, signal: null });
  });
  await server.stop();
}

export default async function () {
  const server = await startServer();
  await order(server);
  await resuming(server);
  await server.stop();
  const narrow = await startServer({ env: { MAX_CONCURRENT_RUNS: "1", RUN_TIMEOUT_MS: "60000" } });
  await underWay(narrow);
  await test("after all of it the server serves, and no run is left", async () => {
    await leavesNothing(narrow);
    assert.equal((await runSql(narrow, "SELECT 1")).status, 201);
    assert.equal((await post(narrow, "/api/v1/conversations", { dataset: "shop" })).status, 201);
  });
  await narrow.stop();
  await stopping();
}
