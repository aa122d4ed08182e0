// SPDX-License-Identifier: Apache-2.0
// What is offered to be asked next, the settings that people may change, and the look at the server that they may ask for.
import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem, assertSchema } from "./contract.mjs";
import { newDataset } from "./fixtures.mjs";
import { answer, ask, bundled, call, get, newConversation, newFolder, post, run, startFront, startServer, test } from "./harness.mjs";
import { call as tool, ModelServer } from "./model-server.mjs";

const secret = "sk-nobody-may-see-this-0123456789";
const at = { settings: "/api/v1/settings", model: "/api/v1/settings/model", check: "/api/v1/settings/model/check", health: "/api/v1/health/check" };

const settings = async (server) => assertContract(await get(server, at.settings), at.settings).json;
const put = async (server, json) => assertContract(await call(server, "PUT", at.model, { json }), at.model);
const check = async (server, json) => assertContract(await post(server, at.check, json), at.check);
const clear = async (server) => assertContract(await call(server, "DELETE", at.model), at.model);
const wishOf = (model, more = {}) => ({ provider: model.provider, base_url: model.url, name: "scripted-1", ...more });

// ---- What may be said next

async function say(server, conversation, text) {
  const got = await call(server, "POST", `/api/v1/conversations/${conversation}/messages`, { json: { text } });
  const [, data] = /event: turn\.ended\ndata: (.*)\n/.exec(got.text);
  return JSON.parse(data).turn;
}

async function offers() {
  const server = await startServer();

  await test("an answer comes with what may be said next, and saying it is answered", async () => {
    const stream = await ask(server, "shop", prompts.shop[0].question);
    await stream.closed;
    const { turn } = stream.find("turn.ended").data;
    assertSchema(turn, "Turn");
    assert.ok(turn.follow_ups.length >= 3, JSON.stringify(turn.follow_ups));
    assert.deepEqual(stream.find("answer").data.turn.follow_ups, turn.follow_ups);
    assert.deepEqual(stream.find("turn.started").data.turn.follow_ups, []);
    assert.deepEqual((await get(server, `/api/v1/turns/${turn.id}`)).json.follow_ups, turn.follow_ups);
    for (const text of turn.follow_ups) {
      const conversation = await newConversation(server, "shop");
      await say(server, conversation, prompts.shop[0].question);
      const next = await say(server, conversation, text);
      assert.deepEqual([next.status, next.planner], ["answered", "builtin"], text);
      assert.notDeepEqual([next.sql, next.params], [turn.sql, turn.params], text);
      assert.ok(!next.follow_ups.includes(text), text);
    }
  });

  await test("nothing is offered next where there is no answer", async () => {
    const turn = await answer(server, "weather", "qwertz uiop");
    assert.deepEqual([turn.status, turn.follow_ups], ["not_understood", []]);
  });

  await test("a data set whose author vouches for questions needs no others", async () => {
    for (const dataset of (await get(server, "/api/v1/datasets")).json.datasets) assert.deepEqual([dataset.suggestions, dataset.prompts.length > 0], [[], true]);
  });
  await server.stop();
}

const loans = "loan_id,branch,amount,granted\n" + Array.from({ length: 24 }, (_, index) => `L${index * 7},${["Bonn", "Köln", "Aachen"][index % 3]},${100 + index * 37},20${19 + (index % 4)}-0${1 + (index % 9)}-11\n`).join("");

async function openings() {
  const server = await startServer({ datasets: newDataset("loans", { "loans.csv": loans }) });

  await test("a data set without an author's questions comes with some, in the list and alone, and each is answered", async () => {
    const [listed] = assertContract(await get(server, "/api/v1/datasets"), "/api/v1/datasets").json.datasets;
    const alone = assertContract(await get(server, "/api/v1/datasets/loans"), "/api/v1/datasets/{name}").json;
    assert.deepEqual([listed.prompts, listed.suggestions], [[], alone.suggestions]);
    assert.ok(alone.suggestions.length >= 4 && alone.suggestions.includes("Total amount by branch"), JSON.stringify(alone.suggestions));
    for (const question of alone.suggestions) assert.equal((await answer(server, "loans", question)).status, "answered", question);
  });
  await server.stop();
}

// ---- The model that people set

async function modelSettings() {
  const state = newFolder();
  const [model, other] = [await ModelServer.of("openai"), await ModelServer.of("anthropic")];
  const server = await startServer({ state });
  const file = join(state, "model.json");

  await test("without a model the settings say so, and that people may set one", async () => {
    assert.deepEqual(await settings(server), { planner: "auto", model: { provider: null, base_url: null, name: null, has_key: false, share: "full", source: "none", editable: true } });
    assertProblem(await check(server, {}), 409, "conflict", { detail: /No language model is set/ });
  });

  await test("a model is checked before it is set: what it lists, and whether it has the name", async () => {
    const listed = await check(server, { provider: "openai", base_url: model.url });
    assert.deepEqual([listed.json.reachable, listed.json.models], [true, ["scripted-1"]]);
    assert.match((await check(server, wishOf(model))).json.detail, /has the model scripted-1/);
    const wrong = (await check(server, wishOf(model, { name: "scripted-2" }))).json;
    assert.deepEqual([wrong.reachable, wrong.hint], [false, "Did you mean scripted-1?"]);
    assert.match((await check(server, wishOf(model, { base_url: "http://127.0.0.1:9" }))).json.hint, /^Check the address/);
    assert.deepEqual([(await settings(server)).model.source, existsSync(file)], ["none", false]);
  });

  await test("a model that is set answers the next question, and its key is in no reply, log or readable file", async () => {
    const before = await answer(server, "weather", "qwertz uiop asdfgh");
    assert.equal(before.status, "not_understood");
    const set = (await put(server, wishOf(model, { key: secret }))).json.model;
    assert.deepEqual([set.provider, set.name, set.has_key, set.source, set.editable, set.share], ["openai", "scripted-1", true, "stored", true, "full"]);
    assert.equal(set.warning, undefined);
    model.play({ calls: [tool("run_sql", { sql: "SELECT count(*) AS days FROM days" })] }, { calls: [tool("answer", { sentence: "{{1.days}} days.", run: 1 })] });
    const turn = await answer(server, "weather", "qwertz uiop asdfgh");
    assert.deepEqual([turn.status, turn.planner, turn.sentence], ["answered", "model", "2922 days."]);
    assert.deepEqual(turn.follow_ups, []);
    assert.equal(model.scripted.requests.at(-1).headers.authorization, `Bearer ${secret}`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const said = [JSON.stringify(await settings(server)), (await get(server, "/api/v1/health")).text, (await check(server, {})).text, server.log, JSON.stringify(turn)];
    assert.ok(said.every((text) => !text.includes(secret)));
  });

  await test("a key that is not given stays with its server, and goes to no other", async () => {
    assert.equal((await put(server, wishOf(model, { share: "schema" }))).json.model.has_key, true);
    assert.match((await check(server, wishOf(model))).json.detail, /has the model/);
    assert.equal((await put(server, wishOf(other))).json.model.has_key, false);
    assert.ok(!readFileSync(file, "utf8").includes(secret));
    assert.ok(other.scripted.requests.every(({ headers }) => !JSON.stringify(headers).includes(secret)));
    await put(server, wishOf(model, { key: secret }));
    assert.equal((await put(server, wishOf(model, { key: "" }))).json.model.has_key, false);
  });

  await test("a turn under way ends with the model that it began with", async () => {
    await put(server, wishOf(model, { key: secret }));
    model.play({ calls: [tool("run_sql", { sql: "SELECT count(*) AS days FROM days" })] }, { calls: [tool("answer", { sentence: "{{1.days}} days.", run: 1 })], delayMs: 400 });
    const stream = await ask(server, "weather", "qwertz uiop asdfgh");
    await stream.until("run.ended");
    await put(server, wishOf(other, { key: "another" }));
    await stream.closed;
    const { turn } = stream.find("turn.ended").data;
    assert.deepEqual([turn.status, turn.sentence, turn.model.provider.startsWith("openai")], ["answered", "2922 days.", true]);
    assert.equal((await get(server, "/api/v1/health")).json.planner.model.provider.startsWith("anthropic"), true);
  });

  await test("what was set is there after a restart, and gone for good once it is removed", async () => {
    await server.stop();
    const again = await startServer({ state });
    assert.deepEqual([(await settings(again)).model.provider, (await settings(again)).model.has_key], ["anthropic", true]);
    assert.match(again.log, /go to the model scripted-1 of anthropic at /);
    const gone = (await clear(again)).json.model;
    assert.deepEqual([gone.source, gone.has_key, existsSync(file)], ["none", false, false]);
    assert.equal((await clear(again)).status, 200);
    assert.equal((await get(again, "/api/v1/health")).json.planner.model, null);
    assert.equal((await answer(again, "weather", "qwertz uiop asdfgh")).planner, "builtin");
    await again.stop();
  });

  await test("a file of another hand does not stop the server: it says what is wrong, and asks no model", async () => {
    for (const text of ["{", '{"provider":"oracle","name":"x"}', '{"provider":"openai","name":"x","base_url":"http://a@b"}']) {
      writeFileSync(file, text);
      chmodSync(file, 0o600);
      const started = await startServer({ state });
      assert.equal((await settings(started)).model.source, "none");
      assert.match(started.log, /the language model in .*model\.json.*no model is asked until it is set anew/);
      await started.stop();
    }
  });
}

async function refusals() {
  const server = await startServer();
  const base = { provider: "openai", name: "m", base_url: "http://127.0.0.1:1/v1" };

  await test("what is no address, key, provider or share is refused by name", async () => {
    const cases = [
      [{ ...base, provider: "oracle" }, /"provider" must be/],
      [{ ...base, base_url: "ftp://x" }, /must begin with https/],
      [{ ...base, base_url: "http://user:pass@host" }, /a user or a password/],
      [{ ...base, base_url: "http://host/?a=1" }, /a character that no address has/],
      [{ ...base, base_url: "http://" }, /names no server/],
      [{ ...base, base_url: "http://169.254.169.254/v1" }, /the link alone/],
      [{ ...base, base_url: "http://[fe80::1]/v1" }, /the link alone/],
      [{ ...base, key: "a b" }, /"key" holds a character/],
      [{ ...base, share: "some" }, /"share" must be/],
      [{ ...base, temperature: 1 }, /"temperature"/],
      [{ provider: "openai" }, /"name"/],
      [{ provider: "openai", name: "m" }, /wants a key/],
    ];
    for (const [json, detail] of cases) {
      assertProblem(await put(server, json), 400, "bad_request", { detail });
    }
    assertProblem(await check(server, { name: "x" }), 400, "bad_request", { detail: /"provider" is missing/ });
    const said = await put(server, { ...base, base_url: `http://me:${secret}@host` });
    assert.ok(!said.text.includes(secret));
    assertProblem(await put(server, { ...base, key: "k".repeat(5000) }), 413, "too_large", { detail: /"key"/ });
    assertProblem(await check(server, { ...base, key: "k".repeat(5000) }), 413, "too_large");
    for (const [method, path] of [["PUT", at.model], ["POST", at.check]]) assertProblem(assertContract(await call(server, method, path, { body: "x", headers: { "Content-Type": "text/plain" } }), path), 415, "unsupported_media_type");
  });

  await test("a key over plain http to another machine is warned of", async () => {
    const far = (await put(server, { ...base, base_url: "http://models.example/v1", key: "k" })).json.model;
    assert.match(far.warning, /in clear text/);
    assert.equal((await put(server, { ...base, key: "k" })).json.model.warning, undefined);
    assert.equal((await put(server, { ...base, base_url: "http://models.example/v1", key: "" })).json.model.warning, undefined);
  });
  await server.stop();

  await test("what flags or the environment set is shown without its key, and stays as it is", async () => {
    const model = await ModelServer.of("openai");
    const fixed = await startServer({ env: { ...model.env, LLM_API_KEY: secret, LLM_SHARE: "schema" } });
    const got = (await settings(fixed)).model;
    assert.deepEqual([got.source, got.editable, got.has_key, got.share, got.name], ["settings", false, true, "schema", "scripted-1"]);
    assert.match(got.why, /LLM_PROVIDER is set/);
    for (const answered of [await put(fixed, base), await clear(fixed), await check(fixed, base)]) assertProblem(answered, 409, "conflict", { detail: /LLM_PROVIDER/ });
    assert.equal((await check(fixed, {})).json.reachable, true);
    await fixed.stop();
    const shut = await startServer({ env: { PLANNER: "builtin" } });
    assert.match((await settings(shut)).model.why, /PLANNER=builtin/);
    await shut.stop();
  });

  await test("`app ask` asks the model that people set, as the server does", async () => {
    const state = newFolder();
    const model = await ModelServer.of("openai", { calls: [tool("run_sql", { sql: "SELECT 7 AS n" })] }, { calls: [tool("answer", { sentence: "{{1.n}}.", run: 1 })] });
    writeFileSync(join(state, "model.json"), JSON.stringify(wishOf(model, { key: secret })), { mode: 0o600 });
    const got = await run(["ask", "qwertz uiop asdfgh", "--dataset", "weather", "--datasets", bundled, "--state", state, "--json"]);
    assert.equal(JSON.parse(got.out).sentence, "7.", got.err);
  });
}

// ---- Looking anew

async function looking() {
  const server = await startServer();
  await test("the server looks anew when asked to, and not again within a moment", async () => {
    const first = assertContract(await call(server, "POST", at.health), at.health);
    assert.deepEqual([first.status, first.json.status], [200, "ok"]);
    const soon = assertContract(await call(server, "POST", at.health), at.health);
    assertProblem(soon, 429, "queue_full", { detail: /a moment ago/, hint: /few seconds/ });
    assert.ok(Number(soon.headers["retry-after"]) >= 1);
  });

  await test("through a front the settings are the server's", async () => {
    const front = await startFront(server.url);
    const model = await ModelServer.of("ollama");
    assert.equal((await put(front, wishOf(model))).json.model.provider, "ollama");
    assert.equal((await check(front, {})).json.reachable, true);
    assert.deepEqual(await settings(front), await settings(server));
    assert.equal((await clear(front)).json.model.source, "none");
    await front.stop();
  });
  await server.stop();
}

export default async function () {
  await offers();
  await openings();
  await modelSettings();
  await refusals();
  await looking();
}
