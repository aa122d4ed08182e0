// SPDX-License-Identifier: Apache-2.0
// What passes by itself: which answers are tried again, after what time, and when not.
import assert from "node:assert/strict";
import { test } from "../../http/harness.mjs";
import { ask, providers, USER } from "../ask.mjs";

const busy = (headers = {}) => ({ status: 429, error: { message: "Slow down", type: "requests", code: "rate_limit_exceeded" }, headers });
const soon = { "retry-after-ms": "30" };
const good = { text: "42" };

async function whatIsTriedAgain(model) {
  for (const [provider, status, type] of [
    ["openai", 408, "timeout"], ["openai", 409, "conflict"], ["openai", 429, "requests"], ["openai", 500, "server_error"], ["openai", 502, "bad_gateway"], ["openai", 503, "unavailable"],
    ["anthropic", 429, "rate_limit_error"], ["anthropic", 500, "api_error"], ["anthropic", 529, "overloaded_error"],
    ["ollama", 503, ""], ["ollama", 500, ""],
  ])
    await test(`${provider}: HTTP status ${status} is tried again, and the pause is announced with its cause`, async () => {
      model.play({ status, error: { message: "Not now", type }, headers: soon }, good);
      const said = await ask(model, provider);
      assert.deepEqual([said.error, said.reply.text, said.reply.tries], [undefined, "42", 2]);
      assert.equal(said.waits.length, 1);
      assert.deepEqual([said.waits[0].wait_ms, said.waits[0].tries], [30, 1]);
      assert.match(said.waits[0].text, new RegExp(`HTTP status ${status}.*: Not now`));
    });

  for (const provider of providers)
    await test(`${provider}: a connection that breaks before the answer, or before anything was shown, is tried again`, async () => {
      model.play({ hangUp: true }, { text: "One two", endAfter: 1, headers: soon, ...(provider === "ollama" ? { endAfter: 0 } : {}) }, good);
      const said = await ask(model, provider);
      assert.deepEqual([said.error, said.reply.text, said.reply.tries], [undefined, "42", 3]);
      assert.equal(said.waits[1].wait_ms, 30);
    });

  await test("an error in mid-stream before anything was shown is tried again; where nobody looks, later too", async () => {
    const midError = { message: "Overloaded", type: "overloaded_error" };
    model.play({ text: "x", midError, after: 2, headers: soon }, good);
    assert.equal((await ask(model, "anthropic")).reply.text, "42");
    model.play({ text: "Some words that come", midError, after: 5, headers: soon }, good);
    const said = await ask(model, "anthropic", { quiet: true });
    assert.deepEqual([said.reply.text, said.reply.tries], ["42", 2]);
  });

  await test("x-should-retry wins over the status, both ways", async () => {
    model.play({ status: 400, error: { message: "odd" }, headers: { ...soon, "x-should-retry": "true" } }, good);
    assert.equal((await ask(model, "openai")).reply.tries, 2);
    model.play({ status: 503, error: { message: "no" }, headers: { "x-should-retry": "false" } });
    assert.equal((await ask(model, "openai")).reply.tries, 1);
  });

  await test("credit that is used up is never tried again, whatever the headers say", async () => {
    model.play({ status: 429, error: { message: "You exceeded your current quota", code: "insufficient_quota" }, headers: { ...soon, "x-should-retry": "true" } });
    const said = await ask(model, "openai");
    assert.deepEqual([said.reply.tries, said.error.code], [1, "forbidden"]);
  });

  await test("a server that nobody runs is tried again, and then not there", async () => {
    const said = await ask(model, "openai", { settings: { base_url: "http://127.0.0.1:9", timeout_ms: 1200 } });
    assert.equal(said.error.code, "unavailable");
    assert.match(said.error.message, /cannot be reached: Failed to connect to 127.0.0.1 port 9/);
    assert.match(said.error.hint, /LLM_BASE_URL/);
    assert.ok(said.reply.tries >= 2);
  });
}

async function howLong(model) {
  await test("Retry-After in seconds, with a fraction, and as a date are kept to", async () => {
    const date = new Date(Date.now() + 2500).toUTCString();
    model.play(busy({ "retry-after": "0.2" }), busy({ "retry-after": "1" }), busy({ "retry-after": date }), good);
    const said = await ask(model, "openai");
    assert.equal(said.reply.text, "42");
    assert.deepEqual(said.waits.slice(0, 2).map((wait) => wait.wait_ms), [200, 1000]);
    assert.ok(said.waits[2].wait_ms >= 500 && said.waits[2].wait_ms <= 2500, `${said.waits[2].wait_ms} ms`);
    const [first, second] = model.requests.slice(-4);
    assert.ok(second.at - first.at >= 195);
  });

  await test("retry-after-ms wins over Retry-After, nonsense counts for nothing", async () => {
    model.play(busy({ "retry-after-ms": "20", "retry-after": "3" }), busy({ "retry-after": "soon" }), good);
    const said = await ask(model, "openai");
    assert.equal(said.waits[0].wait_ms, 20);
    assert.ok(said.waits[1].wait_ms >= 750 && said.waits[1].wait_ms <= 1000);
  });

  await test("without a word the pauses double from half a second, less up to a quarter, and the fourth failure is the last", async () => {
    const bad = { status: 500, error: { message: "again" } };
    model.play(bad, bad, bad, bad, good);
    const said = await ask(model, "openai");
    assert.equal(said.error.code, "unavailable");
    assert.equal(said.reply.tries, 4);
    for (const [index, most] of [500, 1000, 2000].entries()) {
      const { wait_ms } = said.waits[index];
      assert.ok(wait_ms > most * 0.75 && wait_ms <= most, `${wait_ms} of ${most}`);
    }
    model.script.length = 0;
  });

  await test("a pause that is longer than a minute, or than there is time, is not begun", async () => {
    model.play(busy({ "retry-after": "90" }));
    const long = await ask(model, "openai", { settings: { timeout_ms: 200_000 } });
    assert.deepEqual([long.error.code, long.reply.tries], ["queue_full", 1]);
    assert.match(long.error.hint, /pause of 90 s/);
    model.play(busy({ "retry-after": "5" }));
    const late = await ask(model, "openai", { settings: { timeout_ms: 1000 } });
    assert.deepEqual([late.error.code, late.reply.tries], ["queue_full", 1]);
    assert.ok(late.reply.elapsed_ms < 900);
  });

  await test("a stop during a pause ends the step", async () => {
    model.play(busy({ "retry-after": "10" }));
    const said = await ask(model, "openai", { stop_after_ms: 100 });
    assert.equal(said.error.code, "cancelled");
    assert.ok(said.reply.elapsed_ms < 5000);
  });

  await test("a model that is being loaded is waited for, more often than others, and the pause says why", async () => {
    const loading = { status: 503, error: { message: "Loading model", type: "unavailable_error", code: 503 }, headers: { "retry-after-ms": "10" } };
    model.play(loading, loading, loading, loading, loading, loading, good);
    const said = await ask(model, "openai");
    assert.deepEqual([said.reply.text, said.reply.tries], ["42", 7]);
    assert.match(said.waits[5].text, /is still loading the model \(unavailable_error\): Loading model/);
    model.play({ ...loading, headers: {} }, { ...loading, headers: {} });
    const late = await ask(model, "openai", { settings: { timeout_ms: 1100 } });
    assert.equal(late.error.code, "unavailable");
    assert.match(late.error.message, /is still loading the model/);
    assert.match(late.error.hint, /LLM_TIMEOUT_MS/);
    model.script.length = 0;
  });
}

async function whatIsLeftOut(model) {
  const refuse = (parameter, message) => (request) => (find(request.body, parameter) ? { status: 400, error: { message, type: "invalid_request_error", param: parameter, code: "unsupported_parameter" } } : { text: "42" });
  const find = (body, key) => new RegExp(`"${key}":`).test(JSON.stringify(body));
  const schema = { type: "object", properties: {} };
  for (const [provider, parameter, message, order] of [
    ["openai", "max_tokens", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", {}],
    ["openai", "temperature", "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.", {}],
    ["openai", "stream_options", "stream_options: Extra inputs are not permitted", {}],
    ["openai", "tool_choice", "No endpoints found that support the provided 'tool_choice' value", {}],
    ["openai", "response_format", "response_format is not supported", { schema, tools: [] }],
    ["anthropic", "temperature", "`temperature` is deprecated for this model.", {}],
    ["anthropic", "cache_control", "system.0.cache_control: Extra inputs are not permitted", {}],
    ["anthropic", "output_config", "output_config: Extra inputs are not permitted", { schema, tools: [] }],
    ["ollama", "format", "invalid format", { schema, tools: [] }],
  ])
    await test(`${provider}: a server that refuses ${parameter} gets none, at once, and none in later steps`, async () => {
      const before = model.requests.length;
      const answer = refuse(parameter, message);
      model.play(answer, answer, answer);
      const said = await ask(model, provider, { steps: [[{ role: USER, text: "a" }], [{ role: USER, text: "b" }]], ...order });
      assert.equal(said.error, undefined);
      assert.deepEqual(said.replies.map((reply) => reply.text), ["42", "42"]);
      assert.equal(said.waits.length, 0);
      assert.equal(model.requests.length, before + 3);
      assert.equal(find(model.last, parameter), false);
      if (parameter === "max_tokens") assert.equal(model.last.max_completion_tokens, 4096);
    });

  await test("openai: two things that are refused one after the other are both left out", async () => {
    const one = refuse("temperature", "temperature is not supported"), two = refuse("max_tokens", "Use 'max_completion_tokens' instead of 'max_tokens'.");
    const answer = (request) => (one(request).status ? one(request) : two(request));
    model.play(answer, answer, answer);
    assert.equal((await ask(model, "openai")).reply.text, "42");
  });

  for (const [provider, message] of [
    ["openai", "max_tokens is too large: 9000. This model supports at most 4096 completion tokens, whereas you provided 9000."],
    ["anthropic", "max_tokens: 9000 > 4096, which is the maximum allowed number of output tokens for claude-3-opus-20240229"],
  ])
    await test(`${provider}: a server that has fewer tokens for a reply is asked for those, at once and from then on`, async () => {
      const tooMany = (request) => (request.body.max_tokens > 4096 ? { status: 400, error: { message, type: "invalid_request_error" } } : { text: "42" });
      const before = model.requests.length;
      model.play(tooMany, tooMany, tooMany);
      const said = await ask(model, provider, { settings: { max_tokens: 9000 }, steps: [[{ role: USER, text: "a" }], [{ role: USER, text: "b" }]] });
      assert.deepEqual(said.replies.map((reply) => reply.text), ["42", "42"]);
      assert.deepEqual(model.requests.slice(before).map(({ body }) => body.max_tokens), [9000, 4096, 4096]);
    });

  await test("openai: where the context leaves fewer tokens for this reply, only this one gets fewer", async () => {
    const full = { status: 400, error: { message: "'max_tokens' is too large: 9000. This model's maximum context length is 9216 tokens and your request has 1200 input tokens", type: "BadRequestError", code: 400 } };
    const before = model.requests.length;
    model.play(full, { text: "42" }, { text: "42" });
    const said = await ask(model, "openai", { settings: { max_tokens: 9000 }, steps: [[{ role: USER, text: "a" }], [{ role: USER, text: "b" }]] });
    assert.equal(said.error, undefined);
    assert.deepEqual(model.requests.slice(before).map(({ body }) => body.max_tokens), [9000, 1200, 9000]);
  });

  await test("openai: a number in a model's name is no number of tokens", async () => {
    const before = model.requests.length;
    const bad = { status: 400, error: { message: "max_tokens does not go with gpt-2048-2024-12-17, v1.4000", type: "invalid_request_error", param: "max_tokens" } };
    model.play(bad, bad);
    assert.match((await ask(model, "openai")).error.message, /does not go with/);
    assert.deepEqual(model.requests.slice(before).map(({ body }) => [body.max_tokens, body.max_completion_tokens]), [[4096, undefined], [undefined, 4096]]);
  });

  await test("openai: an error that names what was not sent is the answer", async () => {
    const before = model.requests.length;
    model.play({ status: 400, error: { message: "reasoning is mandatory; max_tokens_total is wrong" } });
    assert.equal((await ask(model, "openai")).error.code, "bad_request");
    assert.equal(model.requests.length, before + 1);
  });

  await test("openai: a server that does not take reasoning back gets none", async () => {
    const answer = refuse("reasoning_content", "property 'reasoning_content' is unsupported");
    model.play({ reasoning: "Hm.", calls: [{ id: "a", name: "run_sql" }] }, answer, answer);
    const said = await ask(model, "openai", { steps: [[{ role: USER, text: "a" }], []], results: { run_sql: "1" } });
    assert.deepEqual([said.error, said.replies[1].text], [undefined, "42"]);
  });
}

export default async function (model) {
  await whatIsTriedAgain(model);
  await howLong(model);
  await whatIsLeftOut(model);
}
