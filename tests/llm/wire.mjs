// SPDX-License-Identifier: Apache-2.0
// An answer as each provider puts it on the wire: events of SSE or lines of JSON, and errors. What an
// answer may say stands at the head of server.mjs.

const json = JSON.stringify;
const piecesOf = (text) => (text === undefined ? [] : Array.isArray(text) ? text : (text.match(/[^]{1,7}/gu) ?? [""]));
const textOf = (value) => (typeof value === "string" ? value : json(value));

let calls = 0;

// ---- OpenAI and those who do as it does

const openaiStops = { end: "stop", tools: "tool_calls", length: "length", refused: "content_filter" };

function* openaiCall(call, index, style) {
  const id = call.id ?? (style.noIds ? undefined : `call_${++calls}`);
  const number = style.noIndex ? {} : { index: style.sameIndex ? 0 : index };
  const head = { ...number, ...(id === undefined ? {} : { id }), type: "function", ...(call.extra_content ? { extra_content: call.extra_content } : {}) };
  if (style.wholeCalls || style.noIndex || style.argumentObjects) {
    yield { ...head, function: { name: call.name, arguments: style.argumentObjects ? call.arguments : textOf(call.arguments ?? "") } };
    return;
  }
  yield { ...head, function: { name: call.name, arguments: "" } };
  for (const piece of piecesOf(textOf(call.arguments ?? ""))) yield { ...number, ...(style.repeatNames ? { id, function: { name: call.name, arguments: piece } } : { function: { arguments: piece } }) };
}

/** Calls that are made at the same time take turns, as their indices allow. */
function openaiCalls(answer, style) {
  const queues = (answer.calls ?? []).map((call, index) => [...openaiCall(call, index, style)]);
  if (!style.interleave) return queues.flat();
  const mixed = [];
  while (queues.some((queue) => queue.length)) for (const queue of queues) if (queue.length) mixed.push(queue.shift());
  return mixed;
}

export function openai(answer, request) {
  const style = answer.style ?? {};
  const base = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: answer.model ?? request.model };
  const chunk = (delta, finish_reason = null, more = {}) => ({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...more });
  const usage = { prompt_tokens: answer.usage?.input ?? 11, completion_tokens: answer.usage?.output ?? 7, total_tokens: 18, prompt_tokens_details: { cached_tokens: answer.usage?.cached ?? 0 } };
  const objects = [chunk({ role: "assistant", content: "" })];
  for (const text of piecesOf(answer.reasoning)) objects.push(chunk({ [style.reasoning ?? "reasoning_content"]: text, ...(style.bothReasonings ? { reasoning: text } : {}) }));
  for (const detail of answer.reasoning_details ?? []) objects.push(chunk({ reasoning_details: [detail] }));
  for (const part of answer.parts ?? []) objects.push(chunk({ content: [part] }));
  for (const text of piecesOf(answer.text)) objects.push(chunk({ content: text }));
  for (const text of piecesOf(answer.refusal)) objects.push(chunk({ refusal: text }));
  for (const call of openaiCalls(answer, style)) objects.push(chunk({ tool_calls: [call] }));
  const stop = answer.rawStop ?? openaiStops[answer.stop ?? (answer.calls && !style.stopsAtCalls ? "tools" : "end")];
  if (!style.noStop) objects.push(chunk({}, stop, style.usageAtStop ? { usage } : {}));
  if (request.stream_options?.include_usage && !style.noUsage && !style.usageAtStop) objects.push({ ...base, choices: [], usage });
  const events = objects.map((object) => ({ data: json(object) }));
  return style.noDone ? events : [...events, { data: "[DONE]" }];
}

/** The whole answer at once, as where `stream` is passed over. */
export function openaiWhole(answer, request) {
  const tool_calls = (answer.calls ?? []).map((call, index) => ({ id: call.id ?? `call_w${index}`, type: "function", function: { name: call.name, arguments: textOf(call.arguments ?? "") } }));
  const message = { role: "assistant", content: answer.text ?? null, ...(tool_calls.length ? { tool_calls } : {}) };
  return { id: "chatcmpl-2", object: "chat.completion", created: 1, model: request.model, choices: [{ index: 0, message, finish_reason: tool_calls.length ? "tool_calls" : "stop" }], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } };
}

// ---- Anthropic

const anthropicStops = { end: "end_turn", tools: "tool_use", length: "max_tokens", refused: "refusal" };

function anthropicBlocks(answer) {
  const style = answer.style ?? {};
  const blocks = [...(answer.blocks ?? [])];
  if (answer.reasoning !== undefined) blocks.push({ type: "thinking", thinking: answer.reasoning, signature: answer.signature ?? "c2lnbmF0dXJl" });
  if (answer.redacted) blocks.push({ type: "redacted_thinking", data: answer.redacted });
  if (answer.text !== undefined) blocks.push({ type: "text", text: answer.text });
  for (const call of answer.calls ?? []) blocks.push({ type: "tool_use", id: call.id ?? `toolu_${++calls}`, name: call.name, input: call.arguments, isWhole: style.wholeCalls });
  return blocks;
}

function* anthropicBlock(block, index) {
  const start = (content_block) => ({ type: "content_block_start", index, content_block });
  const delta = (one) => ({ type: "content_block_delta", index, delta: one });
  if (block.type === "text") {
    yield start({ type: "text", text: "" });
    for (const text of piecesOf(block.text)) yield delta({ type: "text_delta", text });
  } else if (block.type === "thinking") {
    yield start({ type: "thinking", thinking: "", signature: "" });
    for (const thinking of piecesOf(block.thinking)) yield delta({ type: "thinking_delta", thinking });
    if (block.signature) yield delta({ type: "signature_delta", signature: block.signature });
  } else if (block.type === "tool_use" && !block.isWhole) {
    yield start({ type: "tool_use", id: block.id, name: block.name, input: {} });
    yield delta({ type: "input_json_delta", partial_json: "" });
    for (const partial_json of block.input === undefined ? [] : piecesOf(textOf(block.input))) yield delta({ type: "input_json_delta", partial_json });
  } else {
    const { isWhole: _, ...plain } = block;
    yield start(plain);
  }
  yield { type: "content_block_stop", index };
}

export function anthropic(answer, request) {
  const style = answer.style ?? {};
  const cached = answer.usage?.cached ?? 0;
  const objects = [
    {
      type: "message_start",
      message: {
        id: "msg_1", type: "message", role: "assistant", model: answer.model ?? request.model, content: [], stop_reason: null, stop_sequence: null,
        usage: { input_tokens: (answer.usage?.input ?? 11) - cached, cache_creation_input_tokens: 0, cache_read_input_tokens: cached, output_tokens: 1 },
      },
    },
    { type: "ping" },
  ];
  anthropicBlocks(answer).forEach((block, index) => objects.push(...anthropicBlock(block, index)));
  const stop_reason = answer.rawStop ?? anthropicStops[answer.stop ?? (answer.calls ? "tools" : "end")];
  if (!style.noStop) objects.push({ type: "message_delta", delta: { stop_reason, stop_sequence: null, ...(answer.explanation ? { stop_details: { type: "refusal", category: null, explanation: answer.explanation } } : {}) }, usage: { output_tokens: answer.usage?.output ?? 7 } });
  if (style.unknownEvents) objects.splice(2, 0, { type: "something_new", index: 0 });
  if (!style.noDone) objects.push({ type: "message_stop" });
  return objects.map((object) => ({ event: object.type, data: json(object) }));
}

// ---- Ollama

export function ollama(answer, request) {
  const style = answer.style ?? {};
  const line = (message, more = {}) => ({ model: answer.model ?? request.model, created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content: "", ...message }, done: false, ...more });
  const lines = [];
  for (const thinking of piecesOf(answer.reasoning)) lines.push(line({ thinking }));
  for (const content of piecesOf(answer.text)) lines.push(line({ content }));
  const tool_calls = (answer.calls ?? []).map((call, index) => ({ ...(call.id ? { id: call.id } : {}), function: { index, name: call.name, arguments: call.arguments ?? {} } }));
  if (tool_calls.length && style.oneLine) lines.push(line({ tool_calls }));
  else for (const call of tool_calls) lines.push(line({ tool_calls: [call] }));
  const counts = { total_duration: 5, load_duration: 1, prompt_eval_count: answer.usage?.input ?? 11, prompt_eval_duration: 2, eval_count: answer.usage?.output ?? 7, eval_duration: 2 };
  if (!style.noStop) lines.push(line({}, { done: true, done_reason: answer.rawStop ?? (answer.stop === "length" ? "length" : "stop"), ...counts }));
  return lines.map((object) => ({ line: json(object) }));
}

// ---- Errors

/** The body of a bad answer, and of an error in mid-stream. ERROR: { message, type, code, param }. */
export const errorOf = {
  openai: (error) => ({ error: { message: error.message, type: error.type ?? null, param: error.param ?? null, code: error.code ?? null, ...(error.metadata ? { metadata: error.metadata } : {}) } }),
  anthropic: (error) => ({ type: "error", error: { type: error.type ?? "api_error", message: error.message }, request_id: "req_011" }),
  ollama: (error) => ({ error: error.message }),
};

/** One event as text. NEWLINE is that of the answer's style. */
export function written(event, newline) {
  if (event.line !== undefined) return `${event.line}${newline}`;
  if (event.comment !== undefined) return `: ${event.comment}${newline}${newline}`;
  if (event.field !== undefined) return `${event.field}: ${event.data}${newline}${newline}`;
  return `${event.event ? `event: ${event.event}${newline}` : ""}data: ${event.data}${newline}${newline}`;
}
