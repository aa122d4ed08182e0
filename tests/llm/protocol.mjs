// SPDX-License-Identifier: Apache-2.0
// What the providers refuse in a request: a function for each gives the error, or undefined. They are
// stricter than most servers, so that what passes here passes anywhere.

const isText = (value) => typeof value === "string";
const isName = (value) => /^[a-zA-Z0-9_-]{1,64}$/.test(value ?? "");
const bad = (message, param) => ({ status: 400, error: { message, type: "invalid_request_error", param, code: null } });

function unknownKey(object, known, where = "") {
  const key = Object.keys(object ?? {}).find((one) => !known.includes(one));
  return key && bad(`Unknown parameter: '${where}${key}'.`, `${where}${key}`);
}

function checkTools(tools, schemaOf) {
  for (const tool of tools ?? []) {
    const { name, schema } = schemaOf(tool);
    if (!isName(name)) return bad(`Invalid tool name: ${name}`);
    if (schema?.type !== "object") return bad(`The schema of ${name} is no object's`);
  }
}

// ---- OpenAI

const openaiKeys = ["model", "messages", "tools", "tool_choice", "response_format", "temperature", "max_tokens", "max_completion_tokens", "stream", "stream_options"];
const messageKeys = {
  system: ["role", "content"],
  user: ["role", "content"],
  assistant: ["role", "content", "tool_calls", "reasoning_content", "reasoning", "reasoning_details"],
  tool: ["role", "content", "tool_call_id"],
};

function openaiMessages(messages) {
  let open = [];
  for (const [index, message] of messages.entries()) {
    const where = `messages.[${index}]`;
    if (!messageKeys[message.role]) return bad(`${where}: no such role: ${message.role}`);
    const strange = unknownKey(message, messageKeys[message.role], `${where}.`);
    if (strange) return strange;
    if (message.role === "tool") {
      if (!open.includes(message.tool_call_id)) return bad(`${where}: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.`);
      open = open.filter((id) => id !== message.tool_call_id);
    } else if (open.length) {
      return bad(`An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Not answered: ${open.join(", ")}`);
    }
    if (!isText(message.content) && !(message.role === "assistant" && message.content === null && message.tool_calls?.length)) return bad(`${where}.content is no text`);
    for (const call of message.tool_calls ?? []) {
      if (!isText(call.id) || !call.id || call.type !== "function" || !isName(call.function?.name)) return bad(`${where}: a tool call lacks its id, type or name`);
      try {
        const value = JSON.parse(call.function.arguments);
        if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("no object");
      } catch (error) {
        return bad(`${where}: the arguments of ${call.id} are no JSON object: ${error.message}`); // as vLLM has it
      }
      open.push(call.id);
    }
  }
  return open.length ? bad(`Not answered: ${open.join(", ")}`) : undefined;
}

export function openai(body) {
  const strange = unknownKey(body, openaiKeys);
  if (strange) return strange;
  if (!isText(body.model)) return bad("you must provide a model parameter");
  if (!Array.isArray(body.messages) || body.messages.length === 0) return bad("'messages' is empty", "messages");
  if (body.max_tokens !== undefined && body.max_completion_tokens !== undefined) return bad("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.");
  if (body.tool_choice !== undefined && !body.tools?.length) return bad("'tool_choice' is only allowed when 'tools' are specified.", "tool_choice");
  if (body.stream_options !== undefined && !body.stream) return bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  if (body.tools && body.tools.length === 0) return bad("[] is too short - 'tools'", "tools");
  const format = body.response_format;
  if (format && (format.type !== "json_schema" || !format.json_schema?.name || !format.json_schema.schema)) return bad("Missing required parameter: 'response_format.json_schema'.", "response_format");
  return checkTools(body.tools, (tool) => ({ name: tool.type === "function" ? tool.function?.name : undefined, schema: tool.function?.parameters })) ?? openaiMessages(body.messages);
}

// ---- Anthropic

const anthropicKeys = ["model", "max_tokens", "system", "messages", "tools", "tool_choice", "temperature", "stream", "output_config"];

function anthropicBlock(block, role) {
  if (block.type === "text") return block.text?.trim() ? undefined : bad("messages: text content blocks must be non-empty");
  if (block.type === "thinking") return role === "assistant" && isText(block.thinking) && block.signature ? undefined : bad("messages: Invalid `signature` in `thinking` block");
  if (block.type === "redacted_thinking") return role === "assistant" && block.data ? undefined : bad("redacted_thinking: no data");
  if (block.type === "tool_use") {
    const isGood = role === "assistant" && /^[a-zA-Z0-9_-]+$/.test(block.id ?? "") && isName(block.name) && typeof block.input === "object" && !Array.isArray(block.input);
    return isGood ? undefined : bad(`tool_use: id, name or input: ${JSON.stringify(block)}`);
  }
  if (block.type === "tool_result") return role === "user" ? undefined : bad("tool_result blocks can only be in user messages");
  return bad(`no such block: ${block.type}`);
}

function anthropicMessages(messages) {
  let open = [];
  let last = "assistant";
  for (const [index, message] of messages.entries()) {
    if (message.role === last) return bad(`messages.${index}: roles must alternate between "user" and "assistant"`);
    last = message.role;
    const blocks = isText(message.content) ? [{ type: "text", text: message.content }] : message.content;
    if (!Array.isArray(blocks) || blocks.length === 0) return bad(`messages.${index}: all messages must have non-empty content`);
    for (const block of blocks) {
      const wrong = anthropicBlock(block, message.role);
      if (wrong) return wrong;
    }
    const results = blocks.filter((block) => block.type === "tool_result").map((block) => block.tool_use_id);
    if (results.some((id) => !open.includes(id))) return bad(`messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks`);
    const left = open.filter((id) => !results.includes(id));
    if (left.length) return bad(`messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${left.join(", ")}`);
    open = blocks.filter((block) => block.type === "tool_use").map((block) => block.id);
    const firstResult = blocks.findIndex((block) => block.type === "tool_result");
    if (firstResult > 0 && blocks.slice(0, firstResult).some((block) => block.type !== "tool_result")) return bad("tool_result blocks must come first");
  }
  return last === "assistant" ? bad("This model does not support assistant message prefill.") : undefined;
}

export function anthropic(body, headers) {
  if (headers["anthropic-version"] !== "2023-06-01") return bad("anthropic-version: header is required");
  const strange = unknownKey(body, anthropicKeys);
  if (strange) return { status: 400, error: { type: "invalid_request_error", message: `${strange.error.param}: Extra inputs are not permitted` } };
  if (!isText(body.model)) return bad("model: Field required");
  if (!Number.isInteger(body.max_tokens)) return bad("max_tokens: Field required");
  if (body.system && !isText(body.system) && !body.system.every((block) => block.type === "text" && block.text.trim())) return bad("system: text content blocks must be non-empty");
  if (body.tool_choice && !["auto", "any", "tool", "none"].includes(body.tool_choice.type)) return bad("tool_choice: Input tag does not match");
  if (body.output_config?.format && !body.output_config.format.schema) return bad("output_config.format.schema: Field required");
  return checkTools(body.tools, (tool) => ({ name: tool.name, schema: tool.input_schema })) ?? anthropicMessages(body.messages ?? []);
}

// ---- Ollama

const ollamaKeys = ["model", "messages", "tools", "format", "options", "stream", "keep_alive", "think", "truncate", "shift"];

export function ollama(body) {
  const strange = unknownKey(body, ollamaKeys);
  if (strange) return strange;
  if (!isText(body.model)) return bad("model is required");
  for (const message of body.messages ?? []) {
    const wrong = unknownKey(message, ["role", "content", "thinking", "images", "tool_calls", "tool_name", "tool_call_id"]);
    if (wrong) return wrong;
    if (!isText(message.content)) return bad("json: cannot unmarshal into Go struct field ChatRequest.messages.content of type string");
    for (const call of message.tool_calls ?? []) {
      const value = call.function?.arguments;
      if (value === null || typeof value !== "object" || Array.isArray(value)) return bad("json: cannot unmarshal string into Go struct field .messages.tool_calls.function.arguments");
    }
  }
  return checkTools(body.tools, (tool) => ({ name: tool.type === "function" ? tool.function?.name : undefined, schema: tool.function?.parameters }));
}
