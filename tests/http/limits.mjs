// SPDX-License-Identifier: Apache-2.0
// What ends a run or turns it away: time, memory, size, a full queue, a sandbox that cannot be made.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem } from "./contract.mjs";
import { answer, childrenOf, get, leavesNothing, newConversation, occupy, post, runaway, runSql, Skip, startServer, Stream, test, until } from "./harness.mjs";

const [prompt] = prompts.weather;

// Inside one call SQLite asks nobody whether the time is up.
const oneLongCall = "SELECT instr(printf('%.*c', 8000000, 'a'), printf('%.*c', 4000000, 'a') || 'b')";

async function ends() {
  const server = await startServer({ env: { RUN_TIMEOUT_MS: "300", RUN_MEMORY_MB: "32" } });
  const outcomeOf = async (sql, more) => {
    const { json } = assertContract(await runSql(server, sql, more), "/api/v1/runs");
    await leavesNothing(server);
    return json;
  };

  await test("a query past its time is timed out within a second, and no process is left", async () => {
    const start = performance.now();
    const run = await outcomeOf(runaway);
    assert.equal(run.outcome, "timed_out");
    assert.match(run.message, /300 ms/);
    assert.match(run.hint, /RUN_TIMEOUT_MS/);
    assert.ok(performance.now() - start < 1_500, "it took too long to end");
    assert.equal((await get(server, `/api/v1/runs/${run.id}`)).json.outcome, "timed_out");
    assertProblem(assertContract(await get(server, `/api/v1/runs/${run.id}/result.csv`), "/api/v1/runs/{id}/result.csv"), 409, "conflict", { detail: /timed_out/ });
  });

  await test("a single function call that never ends is timed out too", async () => {
    const run = await outcomeOf(oneLongCall);
    assert.equal(run.outcome, "timed_out");
  });

  await test("a query that needs more memory than it has ends as out_of_memory", async () => {
    const run = await outcomeOf("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT DISTINCT hex(x) || printf('%.*c', 100000, 'y') FROM c LIMIT 1 OFFSET 100000");
    assert.equal(run.outcome, "out_of_memory");
    assert.match(run.hint, /RUN_MEMORY_MB/);
  });

  await test("a result larger than a result may be ends as result_too_large", async () => {
    const run = await outcomeOf("SELECT printf('%.*c', 20000, 'x') FROM days", { max_rows: 1000 });
    assert.equal(run.outcome, "result_too_large");
    assert.match(run.message, /bytes/);
  });

  await test("a sandbox that is killed from outside ends as killed", async () => {
    const answered = runSql(server, oneLongCall);
    const [pid] = await until("its sandbox stands", () => childrenOf(server.pid).length > 0 && childrenOf(server.pid));
    process.kill(pid, "SIGKILL");
    const { json } = await answered;
    assert.equal(json.outcome, "killed");
    assert.match(json.message, /signal 9/);
    await leavesNothing(server, [pid]);
  });

  await test("after each of them the next query is answered", async () => {
    assert.equal((await answer(server, "weather", prompt.question)).status, "answered");
  });
  await server.stop();
}

const pinned = async (server) => (await post(server, "/api/v1/pins", { turn_id: (await answer(server, "weather", prompt.question)).id })).json;
const refresh = async (server, { id }) => assertContract(await post(server, `/api/v1/pins/${id}/refresh`), "/api/v1/pins/{id}/refresh");

async function queue() {
  const server = await startServer({ env: { MAX_CONCURRENT_RUNS: "1", MAX_QUEUED_RUNS: "0", RUN_TIMEOUT_MS: "60000" } });
  await test("where no run may wait a second one is 429 queue_full, and says when to come again", async () => {
    const made = (await runSql(server, "SELECT 1")).json;
    const kept = await pinned(server);
    const run = await occupy(server);
    const got = assertContract(await runSql(server, "SELECT 1"), "/api/v1/runs");
    assertProblem(got, 429, "queue_full", { hint: /again/ });
    assert.ok(Number(got.headers["retry-after"]) >= 1);
    assertProblem(assertContract(await post(server, `/api/v1/runs/${made.id}/replay`), "/api/v1/runs/{id}/replay"), 429, "queue_full");
    assertProblem(await refresh(server, kept), 429, "queue_full");
    const turn = await answer(server, "weather", prompt.question);
    assert.deepEqual([turn.status, turn.error.code], ["failed", "queue_full"]);
    assert.equal((await run.release()).json.outcome, "killed");
    assert.equal((await runSql(server, "SELECT 1")).status, 201);
  });
  await server.stop();

  const wide = await startServer({ env: { MAX_CONCURRENT_RUNS: "1", MAX_QUEUED_RUNS: "200", RUN_TIMEOUT_MS: "60000" } });
  await test("runs that wait are answered in the end, and say how long they waited", async () => {
    const run = await occupy(wide);
    const waiting = Array.from({ length: 5 }, () => runSql(wide, "SELECT 1"));
    await until("five wait", async () => (await get(wide, "/api/v1/health")).json.runs.queued === 5);
    assert.equal(childrenOf(wide.pid).length, 1);
    await run.release();
    for (const { json } of await Promise.all(waiting)) {
      assert.equal(json.outcome, "completed");
      assert.ok(json.queued_us > 1_000, `queued for ${json.queued_us} µs`);
    }
  });

  await test("128 turns and runs may be under way; the next question is 429, and the others go on", async () => {
    const before = await answer(wide, "weather", prompt.question);
    const run = await occupy(wide);
    const conversation = await newConversation(wide, "weather");
    const turns = [];
    for (let refused; !refused; ) {
      const stream = await Stream.open(wide, "POST", `/api/v1/conversations/${conversation}/messages`, { json: { text: prompt.question } });
      refused = stream.status === 429;
      assert.ok(refused || stream.status === 200, `status ${stream.status}`);
      if (refused) {
        await stream.closed;
        assert.equal(JSON.parse(stream.text).code, "queue_full");
        break;
      }
      turns.push((await stream.until("turn.started")).data.turn.id);
      await stream.leave();
    }
    assert.equal(turns.length, 127);
    const got = assertContract(await post(wide, `/api/v1/conversations/${conversation}/messages`, { text: prompt.question }), "/api/v1/conversations/{id}/messages");
    assertProblem(got, 429, "queue_full", { detail: /128/ });
    assert.ok(Number(got.headers["retry-after"]) >= 1);
    assertProblem(assertContract(await post(wide, `/api/v1/turns/${before.id}/retry`), "/api/v1/turns/{id}/retry"), 429, "queue_full", { detail: /128/ });
    await run.release();
    await until("all are answered", async () => (await get(wide, `/api/v1/conversations/${conversation}`)).json.turns.every((turn) => turn.status === "answered"));
    await leavesNothing(wide);
  });
  await wide.stop();
}

async function unavailable() {
  await test("where no sandbox can be started a run is 503, the turn says so, and both work again later", async () => {
    const server = await startServer();
    // Lets it have COUNT descriptors more than it has now.
    const allow = (count) => {
      const used = new Set(readdirSync(`/proc/${server.pid}/fd`).map(Number));
      let limit = 0;
      for (let free = 0; free < count || used.has(limit); limit++) free += used.has(limit) ? 0 : 1;
      try {
        execFileSync("prlimit", ["--pid", String(server.pid), `--nofile=${limit}:`]);
      } catch (error) {
        throw error.code === "ENOENT" ? new Skip("prlimit is not installed") : error;
      }
    };
    const idle = await newConversation(server, "weather");
    const made = (await runSql(server, "SELECT 1")).json;
    const kept = await pinned(server);
    // A connection and a way to cancel have room; three pipes, at the latest, have not.
    let got, room = 9;
    do {
      allow(--room);
      got = assertContract(await runSql(server, "SELECT 1"), "/api/v1/runs");
    } while (got.status === 201 && room > 4);
    assertProblem(got, 503, "sandbox_unavailable", { detail: /pipe|process|files/i });
    assert.ok(Number(got.headers["retry-after"]) >= 1);
    assertProblem(assertContract(await post(server, `/api/v1/runs/${made.id}/replay`), "/api/v1/runs/{id}/replay"), 503, "sandbox_unavailable");
    assertProblem(await refresh(server, kept), 503, "sandbox_unavailable");
    const stream = await Stream.open(server, "POST", `/api/v1/conversations/${idle}/messages`, { json: { text: prompt.question } });
    await stream.closed;
    const { turn } = stream.find("turn.ended").data;
    assert.deepEqual([turn.status, turn.error.code], ["failed", "sandbox_unavailable"]);
    allow(1000);
    assert.equal((await runSql(server, "SELECT 1")).status, 201);
    await server.stop();
  });
}

export default async function () {
  await ends();
  await queue();
  await unavailable();
}
