// SPDX-License-Identifier: Apache-2.0
// Whether the scripted model is what the providers' own clients expect: what they make of its
// answers, its errors and its lists.
import assert from "node:assert/strict";
import { test } from "../../http/harness.mjs";

const tool = { name: "run_sql", description: "Runs a query.", schema: { type: "object", properties: { sql: { type: "string" } } } };
const calls = [{ id: "c1", name: "run_sql", arguments: { sql: "SELECT 1" } }, { id: "c2", name: "run_sql", arguments: { sql: 'SELECT "ü"' } }];
const answer = { text: "Forty-two – so viele.", usage: { input: 100, cached: 40, output: 9 } };

export default async function (model) {
  const { default: OpenAI } = await import("openai");
  const { default: Anthropic } = await import("@anthropic-ai/sdk");
  const { Ollama } = await import("ollama");
  const openai = new OpenAI({ apiKey: "k", baseURL: model.url("openai"), maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: "k", baseURL: model.url("anthropic"), maxRetries: 0 });
  const ollama = new Ollama({ host: model.url("ollama") });
  const messages = [{ role: "user", content: "How many?" }];
  const tools = [{ type: "function", function: { name: tool.name, description: tool.description, parameters: tool.schema } }];

  await test("OpenAI's client reads a streamed answer with its usage", async () => {
    model.play({ ...answer, style: { newline: "\r\n", comments: true } });
    const chat = openai.chat.completions.stream({ model: "test-model", messages, stream_options: { include_usage: true } });
    const whole = await chat.finalChatCompletion();
    assert.equal(whole.choices[0].message.content, answer.text);
    assert.equal(whole.choices[0].finish_reason, "stop");
    assert.equal((await chat.totalUsage()).prompt_tokens, 100);
  });

  await test("OpenAI's client reads calls that are made at the same time", async () => {
    model.play({ calls, style: { interleave: true } });
    const whole = await openai.chat.completions.stream({ model: "test-model", messages, tools }).finalChatCompletion();
    assert.deepEqual(whole.choices[0].message.tool_calls.map((call) => JSON.parse(call.function.arguments)), calls.map((call) => call.arguments));
    assert.deepEqual(whole.choices[0].message.tool_calls.map((call) => call.id), ["c1", "c2"]);
    assert.equal(whole.choices[0].finish_reason, "tool_calls");
  });

  await test("OpenAI's client reads errors, also in mid-stream, and the list of models", async () => {
    model.play({ status: 429, error: { message: "Slow down", type: "requests", code: "rate_limit_exceeded" } });
    await assert.rejects(openai.chat.completions.create({ model: "test-model", messages }), (error) => error instanceof OpenAI.RateLimitError && error.code === "rate_limit_exceeded" && error.requestID === "req_bad");
    model.play({ text: "One two three four", midError: { message: "The server had an error", type: "server_error" } });
    await assert.rejects(openai.chat.completions.stream({ model: "test-model", messages }).finalChatCompletion(), /The server had an error/);
    assert.deepEqual((await openai.models.list()).data.map((one) => one.id), ["test-model"]);
  });

  await test("Anthropic's client reads a streamed answer with its thoughts, signature and usage", async () => {
    model.play({ ...answer, reasoning: "Let me think.", signature: "c2ln", style: { unknownEvents: true } });
    const whole = await anthropic.messages.stream({ model: "test-model", max_tokens: 100, messages }).finalMessage();
    assert.deepEqual(whole.content, [{ type: "thinking", thinking: "Let me think.", signature: "c2ln" }, { type: "text", text: answer.text }]);
    assert.equal(whole.stop_reason, "end_turn");
    assert.equal(whole.usage.cache_read_input_tokens, 40);
    assert.equal(whole.usage.output_tokens, 9);
  });

  await test("Anthropic's client reads calls, whole or in pieces", async () => {
    for (const wholeCalls of [false, true]) {
      model.play({ text: "I look.", calls, style: { wholeCalls } });
      const whole = await anthropic.messages.stream({ model: "test-model", max_tokens: 100, messages, tools: [{ name: tool.name, input_schema: tool.schema }] }).finalMessage();
      assert.deepEqual(whole.content.filter((block) => block.type === "tool_use").map((block) => block.input), calls.map((call) => call.arguments));
      assert.equal(whole.stop_reason, "tool_use");
    }
  });

  await test("Anthropic's client reads errors, also in mid-stream, and the list of models", async () => {
    model.play({ status: 529, error: { message: "Overloaded", type: "overloaded_error" } });
    await assert.rejects(anthropic.messages.create({ model: "test-model", max_tokens: 9, messages }), (error) => error.status === 529 && error.type === "overloaded_error");
    model.play({ text: "One two three", midError: { message: "Overloaded", type: "overloaded_error" }, after: 4 });
    await assert.rejects(anthropic.messages.stream({ model: "test-model", max_tokens: 9, messages }).finalMessage(), /Overloaded/);
    assert.deepEqual((await anthropic.models.list()).data.map((one) => one.id), ["test-model"]);
  });

  const gather = async (order) => {
    const whole = { text: "", thinking: "", calls: [] };
    for await (const part of await ollama.chat({ model: "test-model", messages, stream: true, ...order })) {
      whole.text += part.message.content;
      whole.thinking += part.message.thinking ?? "";
      whole.calls.push(...(part.message.tool_calls ?? []));
      whole.last = part;
    }
    return whole;
  };

  await test("Ollama's client reads a streamed answer, thoughts and calls", async () => {
    model.play({ ...answer, reasoning: "Hm." }, { calls });
    const said = await gather({});
    assert.deepEqual([said.text, said.thinking, said.last.done_reason, said.last.eval_count], [answer.text, "Hm.", "stop", 9]);
    assert.deepEqual((await gather({ tools })).calls.map((call) => call.function.arguments), calls.map((call) => call.arguments));
  });

  await test("Ollama's client reads errors, also in mid-stream, and the list of models", async () => {
    model.play({ status: 404, error: { message: 'model "x" not found' } }, { text: "One two three", midError: { message: "the runner has ended" } });
    await assert.rejects(gather({}), (error) => error.status_code === 404 && /not found/.test(error.message));
    await assert.rejects(gather({}), /the runner has ended/);
    assert.deepEqual((await ollama.list()).models.map((one) => one.name), ["test-model"]);
  });
}
