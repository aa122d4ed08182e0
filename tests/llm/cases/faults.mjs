// SPDX-License-Identifier: Apache-2.0
// What goes wrong for good: the provider's own words, which kind it is, what to do, and what is kept
// of the answer.
import assert from "node:assert/strict";
import { test } from "../../http/harness.mjs";
import { ask, providers, runSql } from "../ask.mjs";

const once = { "x-should-retry": "false" };

async function errors(model) {
  const table = [
    ["openai", 401, { message: "Incorrect API key provided", type: "invalid_request_error", code: "invalid_api_key" }, "forbidden", /HTTP status 401 \(invalid_api_key\): Incorrect API key/, /LLM_API_KEY/],
    ["openai", 403, { message: "Country not supported", type: "request_forbidden", code: "unsupported_country" }, "forbidden", /HTTP status 403 \(unsupported_country\): Country/, /may/],
    ["openai", 404, { message: "The model `x` does not exist", type: "invalid_request_error", code: "model_not_found" }, "not_found", /404 \(model_not_found\): The model `x`/, /LLM_MODEL/],
    ["openai", 400, { message: "This model's maximum context length is 8192 tokens.", code: "context_length_exceeded" }, "too_large", /400 \(context_length_exceeded\)/, /context/],
    ["openai", 400, { message: '"auto" tool choice requires --enable-auto-tool-choice', type: "BadRequestError", code: 400 }, "bad_request", /400 \(BadRequestError\): "auto" tool choice requires/, /tools/],
    ["openai", 400, { message: "request (4390 tokens) exceeds the available context size", type: "exceed_context_size_error", code: 400 }, "too_large", /\(exceed_context_size_error\)/, /context/],
    ["openai", 500, { message: "Context size has been exceeded.", type: "server_error", code: 500 }, "too_large", /500 \(server_error\): Context size/, /context/],
    ["openai", 429, { message: "You exceeded your current quota, please check your plan", type: "insufficient_quota", code: "insufficient_quota" }, "forbidden", /429 \(insufficient_quota\): You exceeded your current quota/, /credit/],
    ["openai", 402, { message: "Insufficient Balance", type: "unknown_error", code: "invalid_request_error" }, "forbidden", /402 .*: Insufficient Balance/, /credit/],
    ["openai", 400, { message: "The response was filtered due to the prompt", code: "content_filter" }, "forbidden", /400 \(content_filter\): The response was filtered/, /other words/],
    ["openai", 403, { message: "Your chosen model requires moderation and your input was flagged", code: 403 }, "forbidden", /your input was flagged/, /other words/],
    ["openai", 422, { message: "x is wrong" }, "bad_request", /HTTP status 422: x is wrong/, /LLM_PROVIDER/],
    ["anthropic", 400, { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." }, "forbidden", /400 \(invalid_request_error\): Your credit balance/, /credit/],
    ["anthropic", 400, { type: "invalid_request_error", message: "prompt is too long: 212345 tokens > 200000 maximum" }, "too_large", /prompt is too long/, /context/],
    ["anthropic", 400, { type: "invalid_request_error", message: "Output blocked by content filtering policy" }, "forbidden", /Output blocked/, /other words/],
    ["anthropic", 401, { type: "authentication_error", message: "invalid x-api-key" }, "forbidden", /401 \(authentication_error\): invalid x-api-key/, /LLM_API_KEY/],
    ["anthropic", 413, { type: "request_too_large", message: "Request exceeds the maximum size" }, "too_large", /413 \(request_too_large\)/, /context/],
    ["ollama", 404, { message: 'model "x" not found, try pulling it first' }, "not_found", /HTTP status 404: model "x" not found, try pulling/, /LLM_MODEL/],
    ["ollama", 400, { message: "registry.ollama.ai/library/gemma:2b does not support tools" }, "bad_request", /does not support tools/, /tools/],
    ["ollama", 400, { message: "the input length exceeds the context length" }, "too_large", /the input length exceeds/, /context/],
  ];
  for (const [provider, status, error, code, message, hint] of table)
    await test(`${provider}: HTTP status ${status} "${error.message.slice(0, 40)}" is ${code}, in its own words, and not tried again`, async () => {
      const before = model.requests.length;
      model.play({ status, error });
      const said = await ask(model, provider);
      assert.equal(said.error.code, code);
      assert.match(said.error.message, message);
      assert.ok(said.error.message.startsWith(`The model's server ${provider} at http://127.0.0.1:`), said.error.message);
      assert.match(said.error.hint, hint);
      assert.equal(said.reply.http_status, status);
      assert.equal(said.reply.request_id, "req_bad");
      assert.equal(model.requests.length, before + 1);
    });

  for (const [name, body, type, words] of [
    ["a proxy's page", "<html>\n  <h1>Not allowed\there</h1>\n</html>", "text/html", /400: <html> <h1>Not allowed here<\/h1> <\/html>$/],
    ["a text", "no such route", "text/plain", /400: no such route$/],
    ["nothing", "", "text/plain", /HTTP status 400$/],
    ["FastAPI's detail", JSON.stringify({ detail: "Not good" }), "application/json", /400: Not good$/],
    ["FastAPI's list", JSON.stringify({ detail: [{ loc: ["body", "x"], msg: "Field required" }] }), "application/json", /400: Field required$/],
    ["an error without its shell", JSON.stringify({ object: "error", message: "bad template", type: "BadRequestError", code: 400 }), "application/json", /400 \(BadRequestError\): bad template$/],
    ["an error behind another", JSON.stringify({ error: { message: "Provider returned error", code: 400, metadata: { raw: "prompt rejected" } } }), "application/json", /400 \(400\): Provider returned error: prompt rejected$/],
    ["in a list, as Gemini has it", JSON.stringify([{ error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT" } }]), "application/json", /400 \(400\): API key not valid\.$/],
    ["strange JSON", "[1,2]", "application/json", /400: \[1,2\]$/],
    ["bytes that are no text", Buffer.from([99, 97, 102, 0xe9, 7, 7, 120]), "text/plain", /400: caf\? x$/],
    ["a long text", "word ".repeat(5000), "text/plain", /400: (word )+/],
  ])
    await test(`an error that is ${name} is told in one line`, async () => {
      model.play({ status: 400, body, type });
      const said = await ask(model, "openai");
      assert.match(said.error.message, words);
      assert.ok(said.error.message.length < 420);
    });

  await test("a redirection is not followed", async () => {
    model.play({ status: 308, body: "", headers: { Location: "http://127.0.0.1:1/" } });
    const said = await ask(model, "openai");
    assert.match(said.error.message, /HTTP status 308/);
    assert.equal(said.error.code, "not_found");
  });
}

async function inTheMiddle(model) {
  const midErrors = [
    ["openai", { message: "The server had an error", type: "server_error" }, "unavailable", /breaks off its answer \(server_error\): The server had an error/],
    ["openai", { message: "Upstream is down", code: 502, withChoices: true }, "unavailable", /breaks off its answer \(502\): Upstream is down/],
    ["openai", { message: "too many", type: "requests", code: "rate_limit_exceeded" }, "queue_full", /\(rate_limit_exceeded\): too many/],
    ["openai", { message: "Compute error.", code: 500, type: "server_error", flat: true }, "unavailable", /\(server_error\): Compute error/],
    ["openai", { message: "context size", code: 400, type: "exceed_context_size_error", flat: true, field: "error" }, "too_large", /\(exceed_context_size_error\): context size/],
    ["anthropic", { message: "Overloaded", type: "overloaded_error" }, "unavailable", /breaks off its answer \(overloaded_error\): Overloaded/],
    ["anthropic", { message: "Internal server error", type: "api_error" }, "unavailable", /\(api_error\): Internal server error/],
    ["ollama", { message: "an error was encountered while running the model" }, "unavailable", /breaks off its answer: an error was encountered/],
  ];
  for (const [provider, midError, code, message] of midErrors)
    await test(`${provider}: an error in mid-stream (${midError.message}) ends the step; what was shown stays, and nothing is asked again`, async () => {
      const before = model.requests.length;
      model.play({ text: "Forty-two and some more words", midError, after: provider === "anthropic" ? 5 : 3 });
      const said = await ask(model, provider);
      assert.equal(said.error.code, code);
      assert.match(said.error.message, message);
      assert.equal(said.reply.http_status, 200);
      assert.ok(said.reply.text.startsWith("Forty-t"));
      assert.equal(said.reply.text, said.shown("text"));
      assert.equal(said.reply.carry, null);
      assert.equal(model.requests.length, before + 1);
    });

  await test("a complaint about the request in mid-stream is not answered by another request once something was shown", async () => {
    const before = model.requests.length;
    model.play({ text: "Forty-two and more", midError: { message: "temperature is not supported", type: "invalid_request_error" }, after: 3 });
    assert.match((await ask(model, "openai")).error.message, /breaks off its answer .*temperature/);
    assert.equal(model.requests.length, before + 1);
  });

  await test("openai: an answer whose reason to end is an error has failed", async () => {
    model.play({ text: "x", rawStop: "error" });
    assert.match((await ask(model, "openai")).error.message, /the model has failed/);
  });

  for (const provider of providers)
    for (const how of ["cutAfter", "endAfter"])
      await test(`${provider}: an answer that ${how === "cutAfter" ? "is cut" : "just ends"} is none, and says so`, async () => {
        model.play({ text: "One two three four five", [how]: provider === "anthropic" ? 5 : 3 });
        const said = await ask(model, provider);
        assert.equal(said.error.code, "unavailable");
        assert.match(said.error.message, /breaks off: /);
        assert.ok(said.reply.text.length > 0 && "One two three four five".startsWith(said.reply.text));
        assert.deepEqual([said.reply.stop, said.reply.tries], ["none", 1]);
      });

  for (const [name, body, type, words] of [
    ["a page", "<!doctype html><title>Welcome</title>", "text/html", /sends what is no answer: .*doctype/],
    ["another program's JSON", '{"hello":"world"}', "application/json", /breaks off: the answer is empty/],
    ["a list", "[]", "application/json", /sends what is no answer/],
    ["broken JSON in an event", 'data: {"choices":[{"delta":{"content":"x"}]\n\n', "text/event-stream", /sends what is no answer: not valid JSON/],
    ["no bytes", "", "text/event-stream", /breaks off: the answer is empty/],
    ["comments alone", ": ping\n\n: ping\n\n", "text/event-stream", /breaks off: the answer is empty/],
  ])
    await test(`openai: a good status with ${name} is no answer`, async () => {
      const answer = { status: 200, body, type, headers: once };
      model.play(answer);
      assert.match((await ask(model, "openai")).error.message, words);
    });

  await test("openai: an error with a good status and no stream is one", async () => {
    model.play({ status: 200, body: JSON.stringify({ error: { code: 400, message: "too long", type: "exceed_context_size_error" } }) });
    assert.equal((await ask(model, "openai")).error.code, "too_large");
  });
}

async function limits(model) {
  const event = (delta) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;
  const many = (count, make) => Array.from({ length: count }, (_, index) => make(index)).join("");
  for (const [name, body, words] of [
    ["text", many(5, () => event({ content: "x".repeat(300_000) })), /sends too much: the text is above the limit of 1048576 bytes/],
    ["reasoning", many(5, () => event({ reasoning_content: "x".repeat(1_000_000) })), /the reasoning is above the limit of 4194304 bytes/],
    ["arguments", many(3, () => event({ tool_calls: [{ index: 0, id: "a", function: { name: "run_sql", arguments: "x".repeat(100_000) } }] })), /the arguments of run_sql are above the limit of 262144 bytes/],
    ["calls", many(65, (index) => event({ tool_calls: [{ index, id: `c${index}`, function: { name: "run_sql", arguments: "{}" } }] })), /there are more than 64 calls of tools/],
    ["one event", event({ content: "x".repeat(4_300_000) }), /one event is above the limit of 4194304 bytes/],
    ["details", many(1001, (index) => event({ reasoning_details: [{ type: `t${index}`, index, text: "" }] })), /the answer has more than 1000 parts/],
  ])
    await test(`openai: ${name} above its limit ends the answer`, async () => {
      const before = model.requests.length;
      model.play({ status: 200, body, type: "text/event-stream" });
      const said = await ask(model, "openai", { quiet: true });
      assert.equal(said.error.code, "too_large");
      assert.match(said.error.message, words);
      assert.equal(model.requests.length, before + 1);
    });

  await test("ollama: a line above its limit ends the answer", async () => {
    model.play({ status: 200, body: "x".repeat(4_300_000), type: "application/x-ndjson" });
    assert.match((await ask(model, "ollama", { quiet: true })).error.message, /one event is above the limit/);
  });

  await test("messages above the limit are not sent", async () => {
    const before = model.requests.length;
    const long = "x".repeat(1_000_000);
    const said = await ask(model, "openai", { steps: [Array.from({ length: 15 }, () => ({ role: 1, text: long }))], tools: [{ ...runSql, description: "x".repeat(1_990_000) }] });
    assert.equal(said.error.code, "too_large");
    assert.match(said.error.message, /above the limit of 16777216 bytes/);
    assert.equal(model.requests.length, before);
  });
}

async function time(model) {
  for (const provider of providers)
    await test(`${provider}: silence in the middle ends the step when its time is over, not before`, async () => {
      model.play({ text: "One two three four", stallAfter: provider === "anthropic" ? 5 : 2 });
      const said = await ask(model, provider, { settings: { silence_ms: 300 } });
      assert.equal(said.error.code, "unavailable");
      assert.match(said.error.message, /takes too long: nothing came for 300 ms/);
      assert.match(said.error.hint, /LLM_TIMEOUT_MS/);
      assert.ok(said.reply.elapsed_ms >= 300 && said.reply.text.startsWith("One"));
    });

  await test("a server that is slow, but never silent for so long, is waited for", async () => {
    model.play({ text: "One two three four five six", paceMs: 120 });
    const said = await ask(model, "openai", { settings: { silence_ms: 450 } });
    assert.deepEqual([said.error, said.reply.text], [undefined, "One two three four five six"]);
    assert.ok(said.reply.elapsed_ms > 450);
  });

  for (const provider of providers)
    await test(`${provider}: a server that does not close behind the end is not waited for`, async () => {
      model.play({ text: "One", stallAfter: 100 });
      const said = await ask(model, provider, { settings: { silence_ms: 9000 } });
      assert.deepEqual([said.error, said.reply.text], [undefined, "One"]);
      assert.ok(said.reply.elapsed_ms < 5000);
    });

  await test("the time for a step counts before the first byte too", async () => {
    model.play({ delayMs: 3000, text: "late" });
    const said = await ask(model, "openai", { settings: { timeout_ms: 400 } });
    assert.match(said.error.message, /takes too long: /);
    assert.ok(said.reply.elapsed_ms >= 400 && said.reply.elapsed_ms < 2500);
  });

  for (const provider of providers)
    await test(`${provider}: a stop in mid-stream ends the step, with what was shown`, async () => {
      model.play({ text: "One two three four", stallAfter: 7 });
      const said = await ask(model, provider, { stop_at: "o" });
      assert.equal(said.error.code, "cancelled");
      assert.ok(said.reply.text.length > 0);
      assert.equal(said.reply.text, said.shown("text"));
    });

  await test("a stop before the first byte ends the step", async () => {
    model.play({ delayMs: 3000, text: "late" });
    const said = await ask(model, "openai", { stop_after_ms: 100 });
    assert.equal(said.error.code, "cancelled");
    assert.ok(said.reply.elapsed_ms < 2500);
  });
}

export default async function (model) {
  await errors(model);
  await inTheMiddle(model);
  await limits(model);
  await time(model);
}
