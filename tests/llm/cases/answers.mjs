// SPDX-License-Identifier: Apache-2.0
// What is made of good answers, however they are cut, encoded and spelt.
import assert from "node:assert/strict";
import { test } from "../../http/harness.mjs";
import { ask, providers, REQUIRED, USER } from "../ask.mjs";

const text = "Il y a 42 régions – 日本語, 😀 and \"quotes\"\n\\ and a tab\t.";
const reasoning = "First I count: 1…2…3 🤔.";
const calls = [
  { id: "call_a", name: "run_sql", arguments: { sql: "SELECT 'é' AS \"x\"" } },
  { id: "call_b", name: "find_values", arguments: { word: "naïve 😀", limit: 3 } },
];
const args = (said) => said.reply.calls.map((call) => JSON.parse(call.arguments));

async function ofEach(model) {
  for (const provider of providers) {
    await test(`${provider}: text, usage, the model's name and the request's id are read`, async () => {
      model.play({ text, usage: { input: 120, cached: provider === "ollama" ? 0 : 100, output: 30 }, model: "test-model-2026-01-01" });
      const said = await ask(model, provider);
      assert.equal(said.error, undefined);
      assert.equal(said.reply.text, text);
      assert.equal(said.shown("text"), text);
      assert.equal(said.reply.stop, "end");
      assert.deepEqual(said.reply.usage, { input: 120, cached: provider === "ollama" ? 0 : 100, output: 30, is_known: true });
      assert.equal(said.reply.model, "test-model-2026-01-01");
      assert.equal(said.reply.request_id, "req_good");
      assert.deepEqual([said.reply.tries, said.reply.http_status], [1, 200]);
    });

    await test(`${provider}: the answer is the same at every cut, with each kind of line end`, async () => {
      for (const newline of provider === "ollama" ? ["\n", "\r\n"] : ["\n", "\r\n", "\r"])
        for (const cut of [1, 2, 3, 7, 200, 100_000]) {
          model.play({ text, reasoning, calls, style: { newline, cut } });
          const said = await ask(model, provider, { quiet: cut % 2 === 0 });
          assert.equal(said.error, undefined, `cut ${cut}`);
          assert.deepEqual([said.reply.text, said.reply.reasoning], [text, reasoning], `cut ${cut}`);
          assert.deepEqual(args(said), calls.map((call) => call.arguments), `cut ${cut}`);
        }
    });

    await test(`${provider}: calls, with text before, in the order that they were made`, async () => {
      model.play({ text: "I look.", calls });
      const said = await ask(model, provider);
      assert.equal(said.reply.stop, "tools");
      assert.equal(said.reply.text, "I look.");
      assert.deepEqual(said.reply.calls.map((call) => [call.id, call.name]), [["call_a", "run_sql"], ["call_b", "find_values"]]);
      assert.deepEqual(said.reply.calls.map((call) => call.input), calls.map((call) => call.arguments));
      const shown = said.deltas.filter((delta) => delta.kind === "call" && delta.index === 1);
      assert.equal(shown[0].text, "");
      assert.equal(shown[0].name, "find_values");
      assert.deepEqual(JSON.parse(shown.map((delta) => delta.text).join("")), calls[1].arguments);
    });

    await test(`${provider}: a call without arguments has {}`, async () => {
      model.play({ calls: [{ id: "a", name: "list_tables" }] });
      const [call] = (await ask(model, provider)).reply.calls;
      assert.deepEqual([call.input, call.trouble], [{}, null]);
    });

    await test(`${provider}: an answer that is too long says so`, async () => {
      model.play({ text: "And so", stop: "length" });
      assert.equal((await ask(model, provider)).reply.stop, "length");
    });

    await test(`${provider}: the connection is used again`, async () => {
      model.play({ text: "One" }, { text: "Two" });
      const said = await ask(model, provider, { steps: [[{ role: USER, text: "a" }], [{ role: USER, text: "b" }]] });
      assert.deepEqual(said.replies.map((reply) => reply.text), ["One", "Two"]);
      assert.equal(model.requests.at(-1).socket, model.requests.at(-2).socket);
    });

    await test(`${provider}: the last event may lack the line end`, async () => {
      model.play({ text: "Whole", style: { noLastNewline: true } });
      assert.equal((await ask(model, provider)).reply.text, "Whole");
    });
  }
}

async function ofOpenai(model) {
  const variants = {
    "pieces of several calls in turns": { interleave: true },
    "all calls as number 0, told apart by their ids": { sameIndex: true },
    "calls without a number": { noIndex: true },
    "each call at once": { wholeCalls: true },
    "ids and names in each piece": { repeatNames: true },
    "arguments as objects": { argumentObjects: true, wholeCalls: true },
    "comments between the events": { comments: true },
    "a stop that does not speak of calls": { stopsAtCalls: true },
    "no end mark": { noDone: true },
    "an end mark alone": { noStop: true },
    "the usage with the stop": { usageAtStop: true },
    "a byte order mark": { mark: true },
    "no stream at all": { whole: true },
  };
  for (const [name, style] of Object.entries(variants))
    await test(`openai: ${name}`, async () => {
      model.play({ text: style.whole ? "W" : "I look.", calls, style });
      const said = await ask(model, "openai");
      assert.equal(said.error, undefined);
      assert.deepEqual(args(said), calls.map((call) => call.arguments));
      assert.deepEqual(said.reply.calls.map((call) => call.name), ["run_sql", "find_values"]);
      assert.equal(said.reply.stop, "tools");
      assert.equal(said.reply.usage.is_known, true);
    });

  await test("openai: calls without ids get some that are not alike", async () => {
    model.play({ calls: calls.map(({ id: _, ...call }) => call), style: { noIds: true } });
    const said = await ask(model, "openai");
    const [one, two] = said.reply.calls.map((call) => call.id);
    assert.match(one, /^call_[0-9A-Z]{26}$/);
    assert.notEqual(one, two);
  });

  await test("openai: a server that tells no usage is believed", async () => {
    model.play({ text: "x", style: { noUsage: true } });
    assert.equal((await ask(model, "openai")).reply.usage.is_known, false);
  });

  const broken = [
    ['{"sql": "SELECT', /cannot be read: not valid JSON at line 1, column \d+/],
    ['{"sql": "SELECT 1"} and more', /cannot be read: not valid JSON/],
    ["SELECT 1", /cannot be read: not valid JSON/],
    ["[1, 2]", /are JSON, but no object/],
    ["42", /are JSON, but no object/],
    ["[".repeat(100) + "]".repeat(100), /nested deeper than 64/],
  ];
  for (const [written, why] of broken)
    await test(`openai: arguments like ${written.slice(0, 28)} are told to be bad, with their text`, async () => {
      model.play({ calls: [{ id: "a", name: "run_sql", arguments: written }] });
      const [call] = (await ask(model, "openai")).reply.calls;
      assert.equal(call.arguments, written);
      assert.equal(call.input, null);
      assert.match(call.trouble, why);
    });
  for (const written of ["", "  ", "null", '""', '"{\\"sql\\":\\"SELECT 1\\"}"', ' {"sql":"SELECT 1"}\n'])
    await test(`openai: arguments like ${JSON.stringify(written)} are good`, async () => {
      model.play({ calls: [{ id: "a", name: "run_sql", arguments: written }] });
      const [call] = (await ask(model, "openai")).reply.calls;
      assert.equal(call.trouble, null);
      assert.deepEqual(call.input, written.includes("SELECT") ? { sql: "SELECT 1" } : {});
    });

  await test("openai: a call that the limit of tokens cuts says that", async () => {
    model.play({ calls: [{ id: "a", name: "run_sql", arguments: '{"sql": "SEL' }], stop: "length" });
    const said = await ask(model, "openai");
    assert.equal(said.reply.stop, "length");
    assert.match(said.reply.calls[0].trouble, /are cut, because the answer became too long/);
  });

  await test("openai: a refusal is one, with its words", async () => {
    model.play({ refusal: "I cannot help with that." }, { text: "", stop: "refused" });
    const said = await ask(model, "openai");
    assert.deepEqual([said.reply.stop, said.reply.text], ["refused", "I cannot help with that."]);
    assert.equal((await ask(model, "openai")).reply.stop, "refused");
  });

  for (const style of [{ reasoning: "reasoning_content" }, { reasoning: "reasoning" }, { bothReasonings: true }])
    await test(`openai: reasoning comes as ${style.reasoning ?? "both fields"}`, async () => {
      model.play({ reasoning, text: "Done.", style });
      const said = await ask(model, "openai");
      assert.deepEqual([said.reply.reasoning, said.shown("reasoning"), said.reply.text], [reasoning, reasoning, "Done."]);
      assert.equal(said.reply.carry, null); // only calls take it along
    });

  await test("openai: parts of content are text and thoughts", async () => {
    model.play({ parts: [{ type: "thinking", thinking: [{ type: "text", text: "Hm. " }] }, { type: "text", text: "Yes." }] });
    const said = await ask(model, "openai");
    assert.deepEqual([said.reply.reasoning, said.reply.text], ["Hm. ", "Yes."]);
  });

  await test("openai: halves of characters and NUL do not end an answer", async () => {
    const event = (content) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;
    const body = `${event("a\\ud83d")}${event("\\ude00b")}${event("c\\u0000d \\\\u0000 \\ud83d\\ude00 \\ud83d\\n\\ude00")}${event("\\ud83d\\ude00")}data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
    model.play({ status: 200, body, type: "text/event-stream" });
    assert.equal((await ask(model, "openai")).reply.text, "a\uFFFD\uFFFDbc\uFFFDd \\u0000 😀 \uFFFD\n\uFFFD😀");
  });
}

async function ofOthers(model) {
  for (const [provider, end, more] of [
    ["openai", 'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n', 'data: {"choices":[{"delta":{"content":"y"}}]}\n\ndata: {"error":{"message":"late"}}\n\n'],
    ["ollama", '{"message":{"content":"x"},"done":true}\n', '{"message":{"content":"y"},"done":false}\n{"error":"late"}\nnonsense\n'],
  ])
    await test(`${provider}: what comes behind the end is passed over`, async () => {
      model.play({ status: 200, body: end + more, type: "text/plain" });
      const said = await ask(model, provider);
      assert.deepEqual([said.error, said.reply.text, said.shown("text")], [undefined, "x", "x"]);
    });

  await test("anthropic: arguments at once, and events that nobody knows yet", async () => {
    model.play({ text: "I look.", calls, style: { wholeCalls: true, unknownEvents: true } });
    assert.deepEqual(args(await ask(model, "anthropic")), calls.map((call) => call.arguments));
  });

  await test("anthropic: a refusal is one, with its explanation", async () => {
    model.play({ stop: "refused", explanation: "Not this." });
    const said = await ask(model, "anthropic");
    assert.deepEqual([said.reply.stop, said.reply.text], ["refused", "Not this."]);
  });

  await test("anthropic: a full context is an answer that is too long, a pause is an end", async () => {
    model.play({ text: "x", rawStop: "model_context_window_exceeded" }, { text: "x", rawStop: "pause_turn" });
    assert.equal((await ask(model, "anthropic")).reply.stop, "length");
    assert.equal((await ask(model, "anthropic")).reply.stop, "end");
  });

  await test("anthropic: a block of a kind that is not asked for is no call", async () => {
    model.play({ blocks: [{ type: "server_tool_use", id: "s", name: "web_search", input: {} }], text: "x" });
    const said = await ask(model, "anthropic");
    assert.deepEqual([said.reply.calls, said.reply.stop, said.reply.text], [[], "end", "x"]);
  });

  await test("ollama: several calls in one line, without ids, one of them twice", async () => {
    const twice = [calls[0], calls[1], calls[0]].map(({ id: _, ...call }) => call);
    model.play({ calls: twice, style: { oneLine: true } });
    const said = await ask(model, "ollama", { choice: REQUIRED });
    assert.deepEqual(args(said), twice.map((call) => call.arguments));
    assert.equal(new Set(said.reply.calls.map((call) => call.id)).size, 3);
    assert.equal(said.reply.stop, "tools");
  });
}

export default async function (model) {
  await ofEach(model);
  await ofOpenai(model);
  await ofOthers(model);
}
