// SPDX-License-Identifier: Apache-2.0
// What is sent: messages, tools, and what has to go back from one step to the next. That the request
// is one that the provider takes, protocol.mjs looks at with each of them.
import assert from "node:assert/strict";
import { test } from "../../http/harness.mjs";
import { ask, ASSISTANT, NONE, providers, question, REQUIRED, runSql, SYSTEM, TOOL, USER } from "../ask.mjs";

const calls = [{ id: "call_a", name: "run_sql", arguments: { sql: "SELECT 1" } }, { id: "call_b", name: "list_tables" }];
const results = { run_sql: "1 row: 42", list_tables: "t" };
const next = [question, []];
const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: false };

/** A step with calls, then one with their results; the second request's body. */
async function secondRequest(model, provider, answer, order = {}) {
  model.play({ calls, ...answer }, { text: "42" });
  const said = await ask(model, provider, { steps: next, results, ...order });
  assert.equal(said.error, undefined);
  assert.equal(said.replies[1].text, "42");
  return model.last;
}

async function ofEach(model) {
  for (const provider of providers) {
    await test(`${provider}: the results of several calls go back, each to its call`, async () => {
      const body = await secondRequest(model, provider, { text: "I look." });
      const flat = JSON.stringify(body.messages);
      for (const part of ["How many?", "I look.", "call_a", "call_b", "1 row: 42"]) assert.ok(flat.includes(part), part);
    });

    await test(`${provider}: calls whose arguments are no object go back as an object with their text`, async () => {
      const history = [
        { role: SYSTEM, text: "S" }, { role: USER, text: "a" },
        { role: ASSISTANT, text: "", calls: [{ id: "x.1", name: "run_sql", arguments: '{"sql": "SEL' }, { id: "x2", name: "run_sql", arguments: "" }] },
        { role: TOOL, call_id: "x.1", call_name: "run_sql", text: "the arguments cannot be read", is_error: true },
        { role: TOOL, call_id: "x2", call_name: "run_sql", text: "" },
      ];
      model.play({ text: "Sorry." });
      const said = await ask(model, provider, { steps: [history] });
      assert.equal(said.error, undefined);
      const assistant = model.last.messages.find((message) => message.role === "assistant");
      const sent = provider === "anthropic" ? assistant.content.map((block) => block.input) : assistant.tool_calls.map((call) => (provider === "openai" ? JSON.parse(call.function.arguments) : call.function.arguments));
      assert.deepEqual(sent, [{ unreadable_arguments: '{"sql": "SEL' }, {}]);
    });

    await test(`${provider}: a tool that the model has made up goes back under a name that is taken`, async () => {
      model.play({ text: "x" });
      const made = ["functions.run_sql", "", `${"long".repeat(30)}`].map((name, index) => ({ id: `c${index}`, name, arguments: "{}" }));
      const answers = made.map(({ id, name }) => ({ role: TOOL, call_id: id, call_name: name, text: "no such tool", is_error: true }));
      const said = await ask(model, provider, { steps: [[{ role: USER, text: "a" }, { role: ASSISTANT, calls: made }, ...answers]] });
      assert.equal(said.error, undefined);
      if (provider === "ollama") return; // takes any
      const { content, tool_calls } = model.last.messages[1];
      assert.deepEqual((tool_calls ?? content).map((call) => call.function?.name ?? call.name), ["functions_run_sql", "unknown", "long".repeat(16)]);
    });

    await test(`${provider}: a turn that was answered before is sent again`, async () => {
      model.play({ text: "ok" });
      const said = await ask(model, provider, { steps: [[{ role: SYSTEM, text: "S" }, { role: USER, text: "a" }, { role: ASSISTANT, text: "b" }, { role: USER, text: "c" }]] });
      assert.equal(said.error, undefined);
      assert.equal(model.last.messages.filter((message) => message.role === "assistant").length, 1);
    });
  }
}

async function ofOpenai(model) {
  await test("openai: the whole request, as it stands on the wire", async () => {
    model.play({ text: "42" });
    await ask(model, "openai", { settings: { api_key: "sk-0123456789", max_tokens: 900 } });
    assert.deepEqual(model.last, {
      model: "test-model",
      messages: [{ role: "system", content: "You answer questions." }, { role: "user", content: "How many?" }],
      tools: [{ type: "function", function: runSql }],
      tool_choice: "auto",
      temperature: 0,
      max_tokens: 900,
      stream: true,
      stream_options: { include_usage: true },
    });
    const { headers } = model.requests.at(-1);
    assert.equal(headers.authorization, "Bearer sk-0123456789");
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers["x-api-key"], undefined);
  });

  await test("openai: choices of tools, none of them, and an answer of a given shape", async () => {
    model.play({ text: "x" }, { text: "x" }, { text: '{"n":1}' });
    await ask(model, "openai", { choice: REQUIRED });
    assert.equal(model.last.tool_choice, "required");
    await ask(model, "openai", { choice: NONE });
    assert.equal(model.last.tool_choice, "none");
    await ask(model, "openai", { tools: [], schema });
    assert.deepEqual(model.last.response_format, { type: "json_schema", json_schema: { name: "answer", strict: true, schema } });
    assert.equal("tools" in model.last || "tool_choice" in model.last, false);
  });

  for (const style of [{ reasoning: "reasoning_content" }, { reasoning: "reasoning" }])
    await test(`openai: ${style.reasoning} goes back with the calls, in the field that it came in`, async () => {
      const body = await secondRequest(model, "openai", { reasoning: "Hm, I look.", style });
      assert.equal(body.messages[2][style.reasoning], "Hm, I look.");
      assert.equal(body.messages[2].content, null);
    });

  await test("openai: pieces of reasoning_details go back as one, with their signature", async () => {
    const reasoning_details = [
      { type: "reasoning.text", index: 0, format: "f", text: "One " },
      { type: "reasoning.text", index: 0, text: "two." },
      { type: "reasoning.text", index: 0, signature: "c2ln" },
      { type: "reasoning.encrypted", index: 1, data: "AAA" },
      { type: "reasoning.summary", index: 2, summary: "S1" },
      { type: "reasoning.summary", index: 2, summary: "S2" },
    ];
    const body = await secondRequest(model, "openai", { reasoning_details });
    assert.deepEqual(body.messages[2].reasoning_details, [
      { type: "reasoning.text", index: 0, format: "f", text: "One two.", signature: "c2ln" },
      { type: "reasoning.encrypted", index: 1, data: "AAA" },
      { type: "reasoning.summary", index: 2, summary: "S1S2" },
    ]);
  });

  await test("openai: what a server adds to a call goes back with it", async () => {
    const extra_content = { google: { thought_signature: "abc" } };
    const body = await secondRequest(model, "openai", { calls: [{ ...calls[0], extra_content }, calls[1]] });
    assert.deepEqual(body.messages[2].tool_calls.map((call) => call.extra_content), [extra_content, undefined]);
  });

  await test("openai: an error of a tool is told in its result", async () => {
    model.play({ text: "x" });
    await ask(model, "openai", { steps: [[{ role: USER, text: "a" }, { role: ASSISTANT, calls: [{ id: "x", name: "run_sql", arguments: "{}" }] }, { role: TOOL, call_id: "x", text: "no such table", is_error: true }]] });
    assert.equal(model.last.messages[2].content, "Error: no such table");
  });
}

async function ofAnthropic(model) {
  const mark = { cache_control: { type: "ephemeral" } };

  await test("anthropic: the whole request, as it stands on the wire", async () => {
    model.play({ text: "42" });
    await ask(model, "anthropic", { settings: { api_key: "sk-ant-0123", max_tokens: 900 } });
    assert.deepEqual(model.last, {
      model: "test-model",
      max_tokens: 900,
      system: [{ type: "text", text: "You answer questions.", ...mark }],
      messages: [{ role: "user", content: [{ type: "text", text: "How many?", ...mark }] }],
      tools: [{ name: "run_sql", description: "Runs a query.", input_schema: runSql.parameters }],
      tool_choice: { type: "auto" },
      temperature: 0,
      stream: true,
    });
    const { headers } = model.requests.at(-1);
    assert.deepEqual([headers["x-api-key"], headers["anthropic-version"], headers.authorization], ["sk-ant-0123", "2023-06-01", undefined]);
  });

  await test("anthropic: choices of tools, and an answer of a given shape", async () => {
    model.play({ text: "x" }, { text: "x" }, { text: "{}" });
    await ask(model, "anthropic", { choice: REQUIRED });
    assert.equal(model.last.tool_choice.type, "any");
    await ask(model, "anthropic", { choice: NONE });
    assert.equal(model.last.tool_choice.type, "none");
    await ask(model, "anthropic", { tools: [], schema });
    assert.deepEqual(model.last.output_config, { format: { type: "json_schema", schema } });
  });

  await test("anthropic: thoughts go back signed, and every block in its place", async () => {
    const blocks = [{ type: "thinking", thinking: "First.", signature: "c2lnMQ==" }, { type: "text", text: "I look." }, { type: "redacted_thinking", data: "AAAA" }];
    const body = await secondRequest(model, "anthropic", { blocks, text: " \n" });
    assert.deepEqual(body.messages[1].content, [
      ...blocks,
      { type: "tool_use", id: "call_a", name: "run_sql", input: { sql: "SELECT 1" } },
      { type: "tool_use", id: "call_b", name: "list_tables", input: {} },
    ]);
    assert.deepEqual(body.messages[2].content, [
      { type: "tool_result", tool_use_id: "call_a", content: "1 row: 42" },
      { type: "tool_result", tool_use_id: "call_b", content: "t", ...mark },
    ]);
  });

  await test("anthropic: thoughts without a signature stay here", async () => {
    const body = await secondRequest(model, "anthropic", { reasoning: "Hm.", signature: "" });
    assert.deepEqual(body.messages[1].content.map((block) => block.type), ["tool_use", "tool_use"]);
  });

  await test("anthropic: what was carried for another model or provider stays here", async () => {
    const content = [{ type: "thinking", thinking: "x", signature: "y" }, { type: "text", text: "old" }];
    for (const [provider, name] of [["anthropic", "another-model"], ["openai", "test-model"]]) {
      model.play({ text: "x" });
      await ask(model, "anthropic", { steps: [[{ role: USER, text: "a" }, { role: ASSISTANT, text: "b", carry: { provider, model: name, content } }, { role: USER, text: "c" }]] });
      assert.deepEqual(model.last.messages[1].content, [{ type: "text", text: "b" }]);
    }
  });

  await test("anthropic: an error of a tool is marked as one, and ids of others fit", async () => {
    model.play({ text: "x" });
    await ask(model, "anthropic", { steps: [[{ role: USER, text: "a" }, { role: ASSISTANT, calls: [{ id: "call:1.2", name: "run_sql", arguments: "{}" }] }, { role: TOOL, call_id: "call:1.2", text: "no such table", is_error: true }, { role: USER, text: "Go on." }]] });
    assert.deepEqual(model.last.messages.slice(1), [
      { role: "assistant", content: [{ type: "tool_use", id: "call_1_2", name: "run_sql", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1_2", content: "no such table", is_error: true }, { type: "text", text: "Go on.", ...mark }] },
    ]);
  });
}

async function ofOllama(model) {
  await test("ollama: the whole request, as it stands on the wire", async () => {
    model.play({ text: "42" });
    await ask(model, "ollama", { settings: { max_tokens: 900, context_tokens: 16384 } });
    assert.deepEqual(model.last, {
      model: "test-model",
      messages: [{ role: "system", content: "You answer questions." }, { role: "user", content: "How many?" }],
      tools: [{ type: "function", function: runSql }],
      options: { temperature: 0, num_predict: 900, num_ctx: 16384 },
      stream: true,
      truncate: false,
      shift: false,
    });
    assert.equal(model.requests.at(-1).headers.authorization, undefined);
  });

  await test("ollama: no choice of tools is sent; where none may be called, none is there", async () => {
    model.play({ text: "x" }, { text: "x" }, { text: "{}" });
    await ask(model, "ollama", { choice: REQUIRED });
    assert.equal(model.last.tools.length, 1);
    await ask(model, "ollama", { choice: NONE });
    assert.equal("tools" in model.last, false);
    await ask(model, "ollama", { tools: [], schema });
    assert.deepEqual(model.last.format, schema);
  });

  await test("ollama: calls go back as objects with what was thought, results with their tool's name", async () => {
    const body = await secondRequest(model, "ollama", { reasoning: "Hm." });
    assert.deepEqual(body.messages.slice(2), [
      { role: "assistant", content: "", thinking: "Hm.", tool_calls: [{ id: "call_a", function: { name: "run_sql", arguments: { sql: "SELECT 1" } } }, { id: "call_b", function: { name: "list_tables", arguments: {} } }] },
      { role: "tool", content: "1 row: 42", tool_name: "run_sql", tool_call_id: "call_a" },
      { role: "tool", content: "t", tool_name: "list_tables", tool_call_id: "call_b" },
    ]);
  });
}

async function addresses(model) {
  const base = model.url("anthropic");
  const forms = {
    openai: ["", "/", "/v1", "/v1/", "/v1/chat/completions"],
    anthropic: ["", "/", "/v1", "/v1/messages"],
    ollama: ["", "/", "/api", "/v1", "/api/chat"],
  };
  for (const provider of providers)
    await test(`${provider}: the base URL may be written in ${forms[provider].length} ways`, async () => {
      for (const form of forms[provider]) {
        model.play({ text: "ok" });
        const said = await ask(model, provider, { settings: { base_url: base + form } });
        assert.equal(said.reply.text, "ok", form);
      }
    });

  await test("a path before /v1 is kept", async () => {
    const said = await ask(model, "openai", { settings: { base_url: `${base}/api/v1` } });
    assert.match(said.error.message, /404.*Invalid URL \(POST \/api\/v1\/chat\/completions\)/);
    assert.equal(said.error.code, "not_found");
  });

  await test("what is no address, no provider, no model or no key is refused", async () => {
    for (const [settings, why] of [
      [{ base_url: "localhost:11434" }, /^LLM_BASE_URL: "localhost:11434\/?(v1)?" is not an address/],
      [{ base_url: "http://user:Evil@host/v1" }, /^LLM_BASE_URL holds a user or a password before an @/],
      [{ provider: "gemini" }, /"gemini" is no provider of language models: take openai/],
      [{ model: "" }, /LLM_MODEL is not set/],
      [{ api_key: "sk-a\r\nX-Evil: 1" }, /^LLM_API_KEY holds a character that no API key has \(number 5\)/],
      [{ ca_file: "/does/not/exist" }, /^LLM_CA_FILE: .*\/does\/not\/exist/],
    ]) {
      const said = await ask(model, "openai", { settings });
      assert.match(said.refused.message, why);
      assert.equal(said.out.includes("Evil"), false);
    }
  });
}

export default async function (model) {
  await ofEach(model);
  await ofOpenai(model);
  await ofAnthropic(model);
  await ofOllama(model);
  await addresses(model);
}
