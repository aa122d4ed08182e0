// SPDX-License-Identifier: Apache-2.0
// Turns whose SQL a person wrote: they run like any other, claim nothing that is not in their result, and are no
// context for what is asked after them.
import assert from "node:assert/strict";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem, assertSchema } from "./contract.mjs";
import { ask, call as request, get, newConversation, post, startServer, Stream, test } from "./harness.mjs";

const [prompt] = prompts.weather;
const nobody = "01K5Q3V9XQ7M4N8P2R6S0T1V2W";
const messages = "/api/v1/conversations/{id}/messages";

const tell = (server, conversation, json) => Stream.open(server, "POST", `/api/v1/conversations/${conversation}/messages`, { json });

export async function turnOf(stream) {
  await stream.closed;
  const { turn } = stream.find("turn.ended").data;
  assertSchema(turn, "Turn");
  return turn;
}

/** Gives SQL and waits for its end. */
export const give = async (server, conversation, json) => turnOf(await tell(server, conversation, json));

async function giving(server) {
  const conversation = await newConversation(server, "weather");

  await test("SQL that is given runs as it is, with the events of any turn", async () => {
    const stream = await tell(server, conversation, { sql: "SELECT location, count(*) AS n FROM days WHERE wind > ?1 GROUP BY 1", params: [5], text: "Windy days" });
    const turn = await turnOf(stream);
    assert.deepEqual([turn.status, turn.planner, turn.question, turn.params, turn.plan, turn.understanding, turn.chart, turn.answer], ["answered", "sql", "Windy days", [5], null, null, null, null]);
    assert.equal(turn.sentence, `Your SQL gives ${turn.run.result.row_count} rows of 2 columns.`);
    assert.deepEqual([turn.run.sql, turn.run.params, turn.run.turn_id], [turn.sql, [5], turn.id]);
    assert.deepEqual(stream.names, ["turn.started", "plan.proposed", "run.queued", "run.starting", "run.running", "run.ended", "answer", "turn.ended"]);
    assert.deepEqual(assertContract(await get(server, `/api/v1/turns/${turn.id}`), "/api/v1/turns/{id}").json, turn);
    assert.equal(stream.find("turn.started").data.turn.planner, "sql");
  });

  await test("the sentence states the one value, or how many rows and columns there are, and nothing else", async () => {
    const said = async (sql) => (await give(server, conversation, { sql })).sentence;
    assert.equal(await said("SELECT 42"), "Your SQL gives one value, 42.");
    assert.equal(await said("SELECT 'Seattle'"), "Your SQL gives one value, “Seattle”.");
    assert.equal(await said("SELECT NULL"), "Your SQL gives one value, which is empty (NULL).");
    assert.equal(await said("SELECT 1, 2"), "Your SQL gives 1 row of 2 columns.");
    assert.equal(await said("SELECT 'a' || char(10) || 'b'"), "Your SQL gives 1 row of 1 column.");
    assert.equal(await said("SELECT date FROM days WHERE 0"), "Your SQL gives no rows.");
    assert.equal(await said("SELECT date FROM days"), "Your SQL gives more rows than may be returned; these are the first 200, of 1 column.");
  });

  await test("without a name it is called by its first line, and without the dashes where that is a comment", async () => {
    const called = async (sql, more) => (await give(server, conversation, { sql, ...more })).question;
    assert.equal(await called("\n  SELECT 1\n  AS one"), "SELECT 1");
    assert.equal(await called("-- How many?\nSELECT 2"), "How many?");
    assert.equal(await called("--\nSELECT 3"), "SELECT 3");
    assert.equal(await called(`SELECT '${"é".repeat(150)}'`), `SELECT '${"é".repeat(96)}…`);
  });

  await test("what fails says why, and is run again by a retry", async () => {
    const failed = await give(server, conversation, { sql: "SELECT nowhere FROM days WHERE wind > ?1", params: [3] });
    assert.deepEqual([failed.status, failed.error.code], ["failed", "query_failed"]);
    assert.match(failed.error.message, /nowhere/);
    const again = await turnOf(await Stream.open(server, "POST", `/api/v1/turns/${failed.id}/retry`, {}));
    assert.deepEqual([again.retry_of, again.planner, again.sql, again.params, again.error.code], [failed.id, "sql", failed.sql, [3], "query_failed"]);
    const refused = await give(server, conversation, { sql: "DROP TABLE days" });
    assert.deepEqual([refused.status, refused.error.code], ["failed", "request_refused"]);
  });
}

async function editing(server) {
  const asked = await ask(server, "weather", prompt.question);
  const first = await turnOf(asked);

  await test("an edit names the turn that it changed, which stays as it is, and keeps a chart that still fits", async () => {
    const charted = await turnOf(await tell(server, asked.conversation, { text: "How much precipitation was there each month in Seattle?" }));
    assert.ok(charted.chart, charted.sentence);
    const edit = await give(server, asked.conversation, { sql: `SELECT * FROM (${charted.sql}) LIMIT 4`, params: charted.params, edits: charted.id });
    assert.deepEqual([edit.status, edit.edits, edit.question, edit.chart], ["answered", charted.id, "Edited SQL", charted.chart]);
    const other = await give(server, asked.conversation, { sql: "SELECT 1 AS one", edits: charted.id });
    assert.equal(other.chart, null);
    assert.deepEqual((await get(server, `/api/v1/turns/${charted.id}`)).json, charted);
  });

  await test("what is asked next goes on from the question before, as if no SQL had been given", async () => {
    const plain = await turnOf(await ask(server, "weather", prompt.question));
    const beside = async (conversation) => (await turnOf(await tell(server, conversation, { text: "only Seattle" }))).sql;
    const expected = await beside(plain.conversation_id);
    const conversation = await newConversation(server, "weather");
    await turnOf(await tell(server, conversation, { text: prompt.question }));
    for (let i = 0; i < 9; i++) await give(server, conversation, { sql: `SELECT ${i}` });
    assert.equal(await beside(conversation), expected);
    assert.match(expected, /\?1/);
  });

  await test("only a turn of the same conversation can be edited", async () => {
    const elsewhere = await newConversation(server, "weather");
    for (const edits of [first.id, nobody]) {
      assertProblem(assertContract(await post(server, `/api/v1/conversations/${elsewhere}/messages`, { sql: "SELECT 1", edits }), messages), 404, "not_found", { detail: /in this conversation/ });
    }
  });
}

async function refusing(server) {
  const conversation = await newConversation(server, "weather");
  const refused = async (json, status, code, detail) => assertProblem(assertContract(await post(server, `/api/v1/conversations/${conversation}/messages`, json), messages), status, code, { detail });

  await test("SQL that cannot be run is refused before there is a turn, and so is what belongs to questions", async () => {
    await refused({}, 400, "bad_request", /"text"/);
    await refused({ sql: " ;\n" }, 400, "bad_request", /empty/);
    await refused({ sql: "SELECT 1", text: " " }, 400, "bad_request", /empty/);
    await refused({ sql: "SELECT ?1", params: [{}] }, 400, "bad_request", /params\[0\]/);
    await refused({ sql: "SELECT 1", planner: "builtin" }, 400, "bad_request", /"planner" is for questions/);
    await refused({ sql: "SELECT 1", reading: 0 }, 400, "bad_request", /"reading" is for questions/);
    await refused({ text: "Why?", params: [1] }, 400, "bad_request", /"params" is for SQL/);
    await refused({ text: "Why?", edits: nobody }, 400, "bad_request", /"edits" is for SQL/);
    await refused({ sql: `SELECT '${"x".repeat(70_000)}'` }, 413, "too_large", /"sql"/);
    assert.equal((await get(server, `/api/v1/conversations/${conversation}`)).json.turn_count, 0);
  });
}

async function approving() {
  const server = await startServer({ env: { APPROVE_RUNS: "1" } });
  const conversation = await newConversation(server, "weather");

  await test("where runs wait for an approval SQL that was given waits too, unless it was approved of with it", async () => {
    const stream = await tell(server, conversation, { sql: "SELECT 6 * 7" });
    const proposed = (await stream.until("run.proposed")).data;
    assert.deepEqual([proposed.sql, proposed.understanding], ["SELECT 6 * 7", null]);
    const turn = stream.find("turn.started").data.turn.id;
    assert.equal((await request(server, "POST", `/api/v1/turns/${turn}/approval`, { json: { run_id: proposed.run_id, decision: "approve", sql: "SELECT ?1", params: [43] } })).status, 202);
    const ended = await turnOf(stream);
    assert.deepEqual([ended.sentence, ended.sql, ended.params, ended.run.proposed_sql], ["Your SQL gives one value, 43.", "SELECT ?1", [43], "SELECT 6 * 7"]);
    const approved = await tell(server, conversation, { sql: "SELECT 1", approve: true });
    assert.equal((await turnOf(approved)).status, "answered");
    assert.ok(!approved.names.includes("run.proposed"));
  });
  await server.stop();
}

export default async function () {
  const server = await startServer();
  for (const part of [giving, editing, refusing]) await part(server);
  await server.stop();
  await approving();
}
