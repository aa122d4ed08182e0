// SPDX-License-Identifier: Apache-2.0
// Pinned answers: copies with an order of their own, that are computed again when they are asked to be.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem } from "./contract.mjs";
import { newDataset } from "./fixtures.mjs";
import { answer, call, get, newConversation, startServer, test } from "./harness.mjs";
import { give } from "./sql.mjs";

const [prompt] = prompts.weather;
const nobody = "01K5Q3V9XQ7M4N8P2R6S0T1V2W";

const at = (path) => (path === "" ? "/api/v1/pins" : `/api/v1/pins/{id}${path.replace(/^\/[^/]+/, "")}`);
async function api(server, method, path, options) {
  return assertContract(await call(server, method, `/api/v1/pins${path}`, options), at(path));
}
const pin = async (server, turn_id, title) => (await api(server, "POST", "", { json: { turn_id, title } })).json;
const pins = async (server) => (await api(server, "GET", "")).json.pins;
const titles = async (server) => (await pins(server)).map(({ title }) => title);

async function keeping(server) {
  const turn = await answer(server, "weather", prompt.question);

  await test("an answer is pinned with all that it takes to show it, and only once", async () => {
    const made = await api(server, "POST", "", { json: { turn_id: turn.id } });
    assert.equal(made.status, 201);
    const { id, created_at, ...rest } = made.json;
    assert.deepEqual(rest, { turn_id: turn.id, title: turn.question, question: turn.question, sentence: turn.sentence, understanding: turn.understanding, dataset: "weather", sql: turn.sql, params: turn.params, chart: turn.chart, units: turn.units, planner: "builtin", run: turn.run, position: 0 });
    const again = await api(server, "POST", "", { json: { turn_id: turn.id, title: "Another" } });
    assert.deepEqual([again.status, again.json], [200, made.json]);
    assert.deepEqual(await pins(server), [made.json]);
    assert.equal((await get(server, `/api/v1/turns/${turn.id}`)).json.pin_id, id);
    assert.ok(id && Date.parse(created_at));
  });

  await test("it is renamed, unpinned and restored; what is not there is said to be so", async () => {
    const [first] = await pins(server);
    assert.equal((await api(server, "PATCH", `/${first.id}`, { json: { title: "Rain <b>'n'</b> all" } })).json.title, "Rain <b>'n'</b> all");
    assert.deepEqual((await api(server, "PATCH", `/${first.id}`, { json: {} })).json.title, "Rain <b>'n'</b> all");
    const gone = await api(server, "DELETE", `/${first.id}`);
    assert.deepEqual([gone.status, gone.text], [204, ""]);
    assert.deepEqual(await pins(server), []);
    for (const [method, path, options] of [["DELETE", `/${first.id}`], ["PATCH", `/${first.id}`, { json: { title: "x" } }], ["PATCH", `/${first.id}`, { json: { position: 0 } }], ["POST", `/${first.id}/refresh`], ["POST", `/${nobody}/restore`]]) {
      assertProblem(await api(server, method, path, options), 404, "not_found", { detail: /no pin/ });
    }
    assert.equal((await api(server, "POST", `/${first.id}/restore`)).json.title, "Rain <b>'n'</b> all");
    assertProblem(await api(server, "POST", `/${first.id}/restore`), 404, "not_found");
  });

  await test("what was pinned anew after it was unpinned is not restored beside itself", async () => {
    const [first] = await pins(server);
    await api(server, "DELETE", `/${first.id}`);
    const second = await pin(server, turn.id);
    assert.notEqual(second.id, first.id);
    assertProblem(await api(server, "POST", `/${first.id}/restore`), 404, "not_found");
  });

  await test("only what has a computed answer is pinned", async () => {
    const failed = await answer(server, "weather", "Why is the sky blue?");
    assertProblem(await api(server, "POST", "", { json: { turn_id: failed.id } }), 409, "conflict", { detail: /no computed answer/ });
    assertProblem(await api(server, "POST", "", { json: { turn_id: nobody } }), 404, "not_found");
    assertProblem(await api(server, "POST", "", { json: { turn: nobody } }), 400, "bad_request", { detail: /"turn"/ });
    assertProblem(await api(server, "POST", "", { json: { turn_id: turn.id, title: "x".repeat(201) } }), 413, "too_large");
    const [first] = await pins(server);
    assertProblem(await api(server, "PATCH", `/${first.id}`, { json: { position: -1 } }), 400, "bad_request");
    assertProblem(await api(server, "PATCH", `/${first.id}`, { json: { title: "x".repeat(201) } }), 413, "too_large");
    for (const [method, path] of [["POST", ""], ["PATCH", `/${first.id}`]]) {
      assertProblem(await api(server, method, path, { body: "pin", headers: { "Content-Type": "text/plain" } }), 415, "unsupported_media_type");
    }
  });
}

async function arranging(server) {
  const conversation = await newConversation(server, "weather");
  for (const { id } of await pins(server)) await api(server, "DELETE", `/${id}`);
  const made = [];
  for (const title of ["a", "b", "c", "d"]) made.push((await pin(server, (await give(server, conversation, { sql: `SELECT '${title}'` })).id, title)).id);
  const move = async (index, position) => (await api(server, "PATCH", `/${made[index]}`, { json: { position } })).json.position;

  await test("pins are moved to any place, and their places stay without gaps", async () => {
    assert.equal(await move(0, 2), 2);
    assert.deepEqual(await titles(server), ["b", "c", "a", "d"]);
    assert.equal(await move(3, 0), 0);
    assert.deepEqual(await titles(server), ["d", "b", "c", "a"]);
    assert.equal(await move(1, 1), 1);
    assert.equal(await move(1, 100), 3);
    assert.deepEqual(await titles(server), ["d", "c", "a", "b"]);
    assert.deepEqual((await pins(server)).map(({ position }) => position), [0, 1, 2, 3]);
  });

  await test("one that is restored is where it was", async () => {
    await api(server, "DELETE", `/${made[2]}`);
    assert.deepEqual((await pins(server)).map(({ title, position }) => [title, position]), [["d", 0], ["a", 1], ["b", 2]]);
    await api(server, "POST", `/${made[2]}/restore`);
    assert.deepEqual(await titles(server), ["d", "c", "a", "b"]);
  });

  await test("there are at most 100, also by way of an undo", async () => {
    const turns = [];
    for (let i = 0; i < 98; i++) turns.push((await give(server, conversation, { sql: `SELECT ${i}` })).id);
    for (const turn of turns.slice(0, 96)) await pin(server, turn);
    assertProblem(await api(server, "POST", "", { json: { turn_id: turns[96] } }), 409, "conflict", { detail: /100 pins/, hint: /Unpin/ });
    await api(server, "DELETE", `/${made[2]}`);
    const last = await pin(server, turns[97]);
    assertProblem(await api(server, "POST", `/${made[2]}/restore`), 409, "conflict", { detail: /100 pins/ });
    assert.equal(last.position, 99);
  });

  await test("pins survive the server", async () => {
    // Also the conversation that they come from, when that is deleted.
    assert.equal((await call(server, "DELETE", `/api/v1/conversations/${conversation}`)).status, 204);
    const before = await pins(server);
    assert.equal(before.length, 100);
    await server.stop();
    const next = await startServer({ state: server.state });
    assert.deepEqual(await pins(next), before);
    await next.stop();
  });
}

async function refreshing() {
  const folder = newDataset("fruit", { "fruit.csv": "name,amount\napple,3\npear,5\nplum,2\n" });
  const refresh = (server, { id }) => api(server, "POST", `/${id}/refresh`);
  const first = await startServer({ datasets: folder });
  const asked = await pin(first, (await answer(first, "fruit", "What is the total amount?")).id);
  const conversation = await newConversation(first, "fruit");
  const given = await pin(first, (await give(first, conversation, { sql: "SELECT max(amount) FROM fruit WHERE name <> ?1", params: ["pear"] })).id);
  const pear = await pin(first, (await give(first, conversation, { sql: "SELECT iif(amount = 5, 1, abs(-9223372036854775808)) FROM fruit WHERE name = 'pear'" })).id);

  await test("a pin that is refreshed over the same data says that it is the same, and keeps the new run", async () => {
    const { status, json } = await refresh(first, asked);
    assert.deepEqual([status, json.data_changed, json.result_same, json.replay_of], [201, false, true, asked.run.id]);
    assert.deepEqual(json.pin, { ...asked, run: json.run });
    assert.deepEqual((await pins(first))[0], json.pin);
    assertProblem(await get(first, `/api/v1/runs/${json.run.id}`), 404, "not_found");
    assert.equal((await refresh(first, asked)).json.replay_of, json.run.id);
  });
  await first.stop();

  const file = join(folder, "fruit", "fruit.csv");
  writeFileSync(file, readFileSync(file, "utf8").replace("apple,3", "apple,4").replace("pear,5", "pear,6"));
  const second = await startServer({ datasets: folder, state: first.state });
  await test("over other data the pin has the new result and the sentence that belongs to it", async () => {
    const total = (await refresh(second, asked)).json;
    assert.deepEqual([total.data_changed, total.result_same, total.pin.run.result.rows], [true, false, [[12]]]);
    assert.match(asked.sentence, /\b10\b/);
    assert.equal(total.pin.sentence, asked.sentence.replace("10", "12"));
    assert.equal((await refresh(second, given)).json.pin.sentence, "Your SQL gives one value, 4.");
  });

  await test("one whose run does not complete stays as it was", async () => {
    const { json } = await refresh(second, pear);
    assert.deepEqual([json.run.outcome, json.result_same, json.pin], ["query_failed", null, pear]);
    assert.deepEqual((await pins(second))[2], pear);
  });
  await second.stop();

  await test("without its data set a pin is shown, but not computed", async () => {
    const without = await startServer({ state: first.state });
    assertProblem(await refresh(without, asked), 404, "not_found", { detail: /fruit/ });
    assert.equal((await pins(without)).length, 3);
    await without.stop();
  });
}

export default async function () {
  const server = await startServer();
  await keeping(server);
  await arranging(server);
  await refreshing();
}
