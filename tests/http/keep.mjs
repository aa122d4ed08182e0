// SPDX-License-Identifier: Apache-2.0
// Conversations that are kept: found by their words, renamed, deleted and brought back, exported; what people say of
// the answers; and that what was chosen once is not asked again.
import assert from "node:assert/strict";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem, assertSchema } from "./contract.mjs";
import { newDataset } from "./fixtures.mjs";
import { answer, ask, call as request, get, newConversation, post, startFront, startServer, Stream, test } from "./harness.mjs";
import { call, ModelServer } from "./model-server.mjs";

const conversations = "/api/v1/conversations";
const one = `${conversations}/{id}`;
const feedbackOf = "/api/v1/turns/{id}/feedback";
const [prompt] = prompts.weather;

const list = async (server, query = "") => assertContract(await get(server, `${conversations}${query}`), conversations);
const idsOf = ({ json }) => json.conversations.map(({ id }) => id);
const search = (server, words, more = "") => list(server, `?q=${encodeURIComponent(words)}${more}`);
const rename = async (server, id, json) => assertContract(await request(server, "PATCH", `${conversations}/${id}`, { json }), one);
const remove = async (server, id) => assertContract(await request(server, "DELETE", `${conversations}/${id}`), one);
const restore = async (server, id) => assertContract(await post(server, `${conversations}/${id}/restore`), `${one}/restore`);
const exported = async (server, id) => assertContract(await get(server, `${conversations}/${id}/export.md`), `${one}/export.md`);
const giveFeedback = async (server, turn, json) => assertContract(await request(server, "PUT", feedbackOf.replace("{id}", turn), { json }), feedbackOf);
const removeFeedback = async (server, turn) => assertContract(await request(server, "DELETE", feedbackOf.replace("{id}", turn)), feedbackOf);

/** Asks in a conversation that there is, and gives the turn as it ended. */
async function say(server, conversation, text, more = {}) {
  const stream = await Stream.open(server, "POST", `${conversations}/${conversation}/messages`, { json: { text, ...more } });
  await stream.closed;
  const { turn } = stream.find("turn.ended").data;
  assertSchema(turn, "Turn");
  return turn;
}

async function searching() {
  const server = await startServer();
  const rain = await answer(server, "weather", prompt.question);
  const birds = await answer(server, "birdstrikes", "How many strikes happened in Texas?");
  const named = (await post(server, conversations, { dataset: "shop", title: "Ümlaut & 100 % Ärger" })).json;

  await test("words are found in titles, questions and sentences, as parts of words and in any case", async () => {
    assert.deepEqual(idsOf(await search(server, "texas")), [birds.conversation_id]);
    assert.deepEqual(idsOf(await search(server, "ÄRGER üml")), [named.id]);
    assert.deepEqual(idsOf(await search(server, "100 %")), [named.id]);
    const word = rain.sentence.split(" ").find((part) => /^[a-z]{5,}$/i.test(part) && !prompt.question.includes(part));
    assert.deepEqual(idsOf(await search(server, word.toUpperCase())), [rain.conversation_id]);
    assert.deepEqual(idsOf(await search(server, "texas nowhere")), []);
  });

  await test("a search says where it found the words, unless that is the title", async () => {
    const number = /\d+/.exec(birds.sentence)[0];
    const [found] = (await search(server, `strikes ${number}`)).json.conversations;
    assert.deepEqual(found.match, { turn_id: birds.id, text: birds.sentence });
    assert.equal((await search(server, "ärger")).json.conversations[0].match, null);
    assert.equal("match" in (await list(server)).json.conversations[0], false);
  });

  await test("a list goes on behind any conversation, searched or not", async () => {
    const all = idsOf(await list(server));
    assert.deepEqual(idsOf(await list(server, `?limit=2`)), all.slice(0, 2));
    assert.deepEqual(idsOf(await list(server, `?limit=2&before=${all[1]}`)), all.slice(2, 4));
    assert.deepEqual(idsOf(await list(server, `?before=${all.at(-1)}`)), []);
    assert.deepEqual(idsOf(await search(server, "e", `&before=${all[0]}`)), all.slice(1));
  });

  await test("a search that cannot be made is refused in a sentence", async () => {
    assertProblem(await search(server, "x".repeat(201)), 400, "bad_request", { detail: /201 bytes; at most 200/ });
    assertProblem(await search(server, "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6"), 400, "bad_request", { detail: /more than 32 words/ });
    assertProblem(await list(server, "?q=%FF"), 400, "bad_request", { detail: /not valid UTF-8 at byte 0/ });
    assertProblem(await list(server, "?before=yesterday"), 400, "bad_request", { detail: /"before"/ });
  });
  await server.stop();
}

async function deleting() {
  const server = await startServer();

  await test("a conversation is renamed, keeps its place, and is found by its new name", async () => {
    const turn = await answer(server, "weather", prompt.question);
    await newConversation(server, "weather");
    const before = idsOf(await list(server));
    const { json } = await rename(server, turn.conversation_id, { title: "  Rain\tand\nshine 🌦  " });
    assert.equal(json.title, "Rain and shine 🌦");
    assert.deepEqual(idsOf(await list(server)), before);
    assert.deepEqual(idsOf(await search(server, "shine 🌦")), [turn.conversation_id]);
    assert.equal((await get(server, `${conversations}/${turn.conversation_id}`)).json.title, "Rain and shine 🌦");
  });

  await test("a title that is none is refused, and nothing is changed", async () => {
    const { id } = (await post(server, conversations, { dataset: "weather", title: "Mine" })).json;
    assertProblem(await rename(server, id, { title: " \n " }), 400, "bad_request", { detail: /"title" is blank/ });
    assertProblem(await rename(server, id, { title: "" }), 400, "bad_request", { detail: /"title" is empty/ });
    assertProblem(await rename(server, id, { titel: "x" }), 400, "bad_request", { detail: /"titel"/, hint: /"title"/ });
    assertProblem(await rename(server, id, { title: "x".repeat(201) }), 413, "too_large", { detail: /at most 200/ });
    assertProblem(await rename(server, id, { title: "x".repeat(300_000) }), 413, "too_large");
    assertProblem(assertContract(await request(server, "PATCH", `${conversations}/${id}`, { body: "Mine", headers: { "Content-Type": "text/plain" } }), one), 415, "unsupported_media_type");
    assert.equal((await get(server, `${conversations}/${id}`)).json.title, "Mine");
  });

  await test("what was deleted is nowhere to be found, turns, runs and results included", async () => {
    const turn = await answer(server, "weather", prompt.question);
    const { json: replay } = await post(server, `/api/v1/runs/${turn.run.id}/replay`);
    const gone = await remove(server, turn.conversation_id);
    assert.deepEqual([gone.status, gone.text], [204, ""]);
    assert.ok(!idsOf(await list(server)).includes(turn.conversation_id));
    assert.ok(!idsOf(await search(server, prompt.question)).includes(turn.conversation_id));
    const at = `${conversations}/${turn.conversation_id}`;
    assertProblem(await get(server, at), 404, "not_found", { detail: new RegExp(`${turn.conversation_id} was deleted`), hint: /restored until 2/ });
    assertProblem(await post(server, `${at}/messages`, { text: "more?" }), 404, "not_found", { detail: /was deleted/ });
    assertProblem(await exported(server, turn.conversation_id), 404, "not_found");
    assertProblem(await rename(server, turn.conversation_id, { title: "x" }), 404, "not_found");
    assertProblem(await remove(server, turn.conversation_id), 404, "not_found");
    for (const path of [`turns/${turn.id}`, `turns/${turn.id}/events`, `runs/${turn.run.id}`, `runs/${turn.run.id}/result.csv`, `runs/${replay.run.id}`]) {
      assertProblem(await get(server, `/api/v1/${path}`), 404, "not_found", { detail: /was deleted with its conversation/ });
    }
    assertProblem(await post(server, `/api/v1/turns/${turn.id}/retry`), 404, "not_found");
    assertProblem(await giveFeedback(server, turn.id, { value: "up" }), 404, "not_found");
  });

  await test("within the hour it comes back as it was, also after the server was started anew", async () => {
    const turn = await answer(server, "weather", prompt.question);
    const before = (await get(server, `${conversations}/${turn.conversation_id}`)).json;
    await remove(server, turn.conversation_id);
    await server.stop();
    const next = await startServer({ state: server.state });
    assertProblem(await get(next, `${conversations}/${turn.conversation_id}`), 404, "not_found");
    const { json } = await restore(next, turn.conversation_id);
    assert.deepEqual([json.id, json.turn_count], [turn.conversation_id, 1]);
    assert.deepEqual((await get(next, `${conversations}/${turn.conversation_id}`)).json, before);
    assert.deepEqual((await restore(next, turn.conversation_id)).json, json, "once more changes nothing");
    assert.ok(idsOf(await list(next)).includes(turn.conversation_id));
    await next.stop();
  });

  await test("a turn under way is cancelled when its conversation is deleted, and can be read again once that is back", async () => {
    const waiting = await startServer({ env: { APPROVE_RUNS: "1" } });
    const stream = await ask(waiting, "weather", prompt.question);
    await stream.until("run.proposed");
    const { id } = stream.find("turn.started").data.turn;
    assert.equal((await remove(waiting, stream.conversation)).status, 204);
    assertProblem(await get(waiting, `/api/v1/turns/${id}`), 404, "not_found");
    await stream.closed;
    assert.equal(stream.find("turn.ended").data.turn.status, "cancelled");
    await restore(waiting, stream.conversation);
    assert.equal((await get(waiting, `/api/v1/turns/${id}`)).json.status, "cancelled");
    await waiting.stop();
  });
}

// Every line of a table's row, without the marks.
const cellsOf = (line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());

async function exporting() {
  const hostile = `<img src=x onerror=alert(1)> **bold** [x](http://evil.example) ![y](//e) \`code\` # | www.evil.example a@b.cd &lt; \u202Egnp.exe`;
  const folder = newDataset("fruit", { "fruit.csv": `name,amount\n"${hostile}",3\n"two\nlines",5\npear,\n` });
  const server = await startServer({ datasets: folder });

  await test("a conversation is exported with questions, answers, tables, SQL and proof", async () => {
    const turn = await answer(server, "fruit", "What is the total amount by name?");
    assert.equal(turn.status, "answered");
    await rename(server, turn.conversation_id, { title: "Fruit: what we have!" });
    const got = await exported(server, turn.conversation_id);
    assert.equal(got.headers["content-type"], "text/markdown; charset=utf-8");
    assert.equal(got.headers["content-disposition"], 'attachment; filename="fruit-what-we-have.md"');
    const lines = got.text.split("\n");
    assert.equal(lines[0], "# Fruit: what we have!");
    assert.ok(lines.includes("## 1. What is the total amount by name?"));
    const head = lines.findIndex((line) => /^\|( ---:? \|)+$/.test(line));
    assert.deepEqual(cellsOf(lines[head - 1]).length, turn.run.result.columns.length);
    assert.equal(lines.slice(head + 1).findIndex((line) => !line.startsWith("|")), turn.run.result.row_count);
    assert.match(lines[head], /---: \|$/);
    assert.ok(got.text.includes(`\n\`\`\`sql\n${turn.sql}\n\`\`\`\n`));
    assert.match(got.text, new RegExp(`^Proof: local process \\d+, [\\d.]+ ms, completed; data SHA-256 \`${turn.run.result.data_sha256}\`; run \`${turn.run.id}\` at `, "m"));
  });

  await test("hostile text stays text in Markdown: no markup, no link, no line and no turned writing", async () => {
    const { conversation_id: id } = await answer(server, "fruit", "List all fruit");
    await say(server, id, `${hostile}\n## 7. Forged\n| a | b |`);
    const { text } = await exported(server, id);
    const bare = text.replace(/```sql[^]*?```/g, "").replace(/\\[!-/:-@[-`{-~]/g, "");
    assert.doesNotMatch(bare, /<|\*\*bold|\]\(|!\[|:\/\/|www\.|@|&|\u202E/);
    assert.doesNotMatch(text, /^## 7/m);
    assert.match(text, /two lines/);
    const table = text.split("\n").filter((line) => line.startsWith("|"));
    assert.deepEqual(new Set(table.map((line) => cellsOf(line).length)).size, 1);
  });

  await test("what was asked back, not understood or failed is exported in words", async () => {
    const shop = await startServer();
    const { conversation_id: id, readings } = await answer(shop, "shop", "What is the average price?");
    await say(shop, id, "qwertz uiop asdfgh");
    const { text, headers } = await exported(shop, id);
    assert.match(text, /^Asked back: /m);
    for (const reading of readings) assert.ok(text.includes(`\n- ${reading.title}: `));
    assert.match(text, /^It was not answered: /m);
    assert.match(headers["content-disposition"], /filename="what-is-the-average-price\.md"/);
    const empty = await newConversation(shop, "shop");
    assert.match((await exported(shop, empty)).headers["content-disposition"], /filename="conversation\.md"/);
    assert.match((await exported(shop, empty)).text, /^# Untitled\n/);
    await shop.stop();
  });
  await server.stop();
}

async function thinking() {
  const server = await startServer();
  const turn = await answer(server, "weather", prompt.question);
  const counted = async (labels) => Number(new RegExp(`^sandglass_feedback_total\\{${labels}\\} (\\d+)$`, "m").exec((await get(server, "/metrics")).text)[1]);

  await test("feedback is given, changed, read again with the turn, and taken back", async () => {
    assert.equal(turn.feedback, null);
    const up = (await giveFeedback(server, turn.id, { value: "up" })).json;
    assert.deepEqual(Object.keys(up.feedback), ["value", "created_at"]);
    const down = (await giveFeedback(server, turn.id, { value: "down", reason: "too_slow", comment: "it <took> an hour 🐌" })).json;
    assert.deepEqual(({ ...down.feedback, created_at: 0 }), { value: "down", reason: "too_slow", comment: "it <took> an hour 🐌", created_at: 0 });
    assert.deepEqual((await get(server, `/api/v1/turns/${turn.id}`)).json, down);
    const { json: whole } = assertContract(await get(server, `${conversations}/${turn.conversation_id}`), one);
    assert.deepEqual(whole.turns[0].feedback, down.feedback);
    assert.equal((await removeFeedback(server, turn.id)).json.feedback, null);
    assert.deepEqual((await removeFeedback(server, turn.id)).json, turn, "once more changes nothing");
  });

  await test("each time it is given it is counted, by value and reason", async () => {
    const before = [await counted('value="up",reason=""'), await counted('value="down",reason="other"'), await counted('value="down",reason=""')];
    await giveFeedback(server, turn.id, { value: "up" });
    await giveFeedback(server, turn.id, { value: "down", reason: "other" });
    await giveFeedback(server, turn.id, { value: "down" });
    await giveFeedback(server, turn.id, { value: "down", comment: "" });
    const after = [await counted('value="up",reason=""'), await counted('value="down",reason="other"'), await counted('value="down",reason=""')];
    assert.deepEqual(after.map((count, at) => count - before[at]), [1, 1, 2]);
  });

  await test("feedback that is none is refused in a sentence", async () => {
    assertProblem(await giveFeedback(server, turn.id, { value: "sideways" }), 400, "bad_request", { detail: /"up" or "down"/ });
    assertProblem(await giveFeedback(server, turn.id, {}), 400, "bad_request", { detail: /"value" is missing/ });
    assertProblem(await giveFeedback(server, turn.id, { value: "up", reason: "other" }), 400, "bad_request", { detail: /"down" alone/ });
    assertProblem(await giveFeedback(server, turn.id, { value: "down", reason: "ugly" }), 400, "bad_request", { detail: /"ugly"/, hint: /hard_to_read/ });
    assertProblem(await giveFeedback(server, turn.id, { value: "down", comment: "x".repeat(1001) }), 413, "too_large", { detail: /at most 1000/ });
    assertProblem(await giveFeedback(server, turn.id, { value: "x".repeat(300_000) }), 413, "too_large");
    assertProblem(assertContract(await request(server, "PUT", feedbackOf.replace("{id}", turn.id), { body: "up", headers: { "Content-Type": "text/plain" } }), feedbackOf), 415, "unsupported_media_type");
  });

  await test("a turn that is under way takes no feedback yet", async () => {
    const waiting = await startServer({ env: { APPROVE_RUNS: "1" } });
    const stream = await ask(waiting, "weather", prompt.question);
    await stream.until("run.proposed");
    const { id } = stream.find("turn.started").data.turn;
    assertProblem(await giveFeedback(waiting, id, { value: "up" }), 409, "conflict", { detail: /under way/ });
    assertProblem(await removeFeedback(waiting, id), 409, "conflict", { detail: /under way/ });
    await waiting.stop();
  });

  await test("all of it passes through a front", async () => {
    const front = await startFront(server.url);
    assert.equal((await giveFeedback(front, turn.id, { value: "up" })).json.feedback.value, "up");
    assert.equal((await removeFeedback(front, turn.id)).json.feedback, null);
    assert.equal((await rename(front, turn.conversation_id, { title: "By the front door" })).json.title, "By the front door");
    assert.deepEqual(idsOf(await search(front, "front door")), [turn.conversation_id]);
    assert.match((await exported(front, turn.conversation_id)).headers["content-disposition"], /by-the-front-door\.md/);
    assert.equal((await remove(front, turn.conversation_id)).status, 204);
    assert.equal((await restore(front, turn.conversation_id)).status, 200);
    await front.stop();
  });
  await server.stop();
}

const question = "What is the average price?";

async function remembering() {
  const server = await startServer();

  await test("a reading that was picked is taken when the same is asked again, says so, and can be changed", async () => {
    const { conversation_id: id, readings } = await answer(server, "shop", question);
    const picked = await say(server, id, question, { reading: 1 });
    assert.deepEqual([picked.status, picked.remembered], ["answered", null]);
    const again = await say(server, id, "what is THE average price");
    assert.deepEqual([again.status, again.reading, again.sql], ["answered", 1, picked.sql]);
    assert.deepEqual(again.remembered, { turn_id: picked.id, title: readings[1].title });
    assert.deepEqual(again.readings.map(({ title }) => title), readings.map(({ title }) => title));
    const other = await say(server, id, question, { reading: 0 });
    assert.deepEqual([other.status, other.remembered], ["answered", null]);
    assert.notEqual(other.sql, picked.sql);
    assert.deepEqual((await say(server, id, question)).remembered, { turn_id: other.id, title: readings[0].title });
  });

  await test("what was picked holds in its own conversation only, and for that question only", async () => {
    const { conversation_id: id } = await answer(server, "shop", question);
    await say(server, id, question, { reading: 1 });
    assert.equal((await say(server, id, "What is the highest price?")).remembered, null);
    assert.equal((await answer(server, "shop", question)).status, "ambiguous");
  });
  await server.stop();

  await test("where a model answers what is not sure, what was picked is still taken", async () => {
    const model = await ModelServer.start({ calls: [call("run_sql", { sql: "SELECT 1 AS one", purpose: "Trying." })] }, { calls: [call("answer", { sentence: "It is {{1.one}}.", run: 1 })] });
    const smart = await startServer({ env: model.env });
    const { conversation_id: id, planner } = await answer(smart, "shop", question);
    assert.equal(planner, "model");
    const picked = await say(smart, id, question, { planner: "builtin", reading: 1 });
    assert.equal(picked.planner, "builtin");
    const again = await say(smart, id, question);
    assert.deepEqual([again.planner, again.remembered?.turn_id, again.sql], ["builtin", picked.id, picked.sql]);
    await smart.stop();
  });
}

export default async function () {
  for (const part of [searching, deleting, exporting, thinking, remembering]) await part();
}
