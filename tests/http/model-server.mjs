// SPDX-License-Identifier: Apache-2.0
// A language model that says what a test has written for it, as OpenAI's chat completions stream it. What it was
// asked is kept byte for byte.
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { atEnd } from "./harness.mjs";

/** A call of a tool, for the `calls` of a reply. */
export const call = (name, input) => ({ name, arguments: typeof input === "string" ? input : JSON.stringify(input) });

const chunk = (delta, finish = null) => ({ id: "x", object: "chat.completion.chunk", model: "scripted-1", choices: [{ index: 0, delta, finish_reason: finish }] });

function chunksOf({ text = "", calls = [], usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }, finish }) {
  const pieces = text.match(/.{1,12}/gsu) ?? [];
  return [
    chunk({ role: "assistant", content: "" }),
    ...pieces.map((content) => chunk({ content })),
    ...calls.flatMap(({ name, arguments: written }, index) => [
      chunk({ tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name, arguments: "" } }] }),
      ...(written.match(/.{1,40}/gsu) ?? []).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
    ]),
    chunk({}, finish ?? (calls.length > 0 ? "tool_calls" : "stop")),
    ...(usage ? [{ id: "x", object: "chat.completion.chunk", model: "scripted-1", choices: [], usage }] : []),
  ];
}

/**
 * Each reply is an object ({ text, calls, usage, finish, status, error, hold, pace }) or a function of the request that
 * gives one. `hold` is a promise that is waited for in mid-stream, `pace` the milliseconds between chunks.
 */
export class ModelServer {
  requests = []; // bodies, as texts
  looks = 0; // requests that cost no tokens
  closed = 0; // streams that the other side broke off

  static async start(...replies) {
    const model = new ModelServer();
    model.replies = replies;
    model.server = http.createServer((request, response) => void model.#serve(request, response));
    await new Promise((resolve) => model.server.listen(0, "127.0.0.1", resolve));
    atEnd(() => model.stop());
    return model;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}/v1`;
  }

  get env() {
    return { LLM_PROVIDER: "openai", LLM_BASE_URL: this.url, LLM_MODEL: "scripted-1", LLM_API_KEY: "key-of-the-test" };
  }

  /** The messages of request NUMBER, from 0. */
  messages(number) {
    return JSON.parse(this.requests[number]).messages;
  }

  /** What the tools gave, told in request NUMBER: the last results, as objects. */
  results(number) {
    const messages = this.messages(number);
    const from = messages.findLastIndex((message) => message.role === "assistant");
    return messages.slice(from + 1).filter((message) => message.role === "tool").map((message) => JSON.parse(message.content.replace(/^Error: /, "")));
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  #try(next, body) {
    try {
      return next(JSON.parse(body));
    } catch (error) {
      return { status: 400, error: `the script failed: ${error.message}` };
    }
  }

  async #serve(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.method === "GET") {
      this.looks += 1;
      response.setHeader("Content-Type", "application/json").end(JSON.stringify({ object: "list", data: [{ id: "scripted-1", object: "model" }] }));
      return;
    }
    const body = Buffer.concat(parts).toString();
    this.requests.push(body);
    const next = this.replies.shift() ?? { status: 500, error: "the script is over" };
    const reply = typeof next === "function" ? this.#try(next, body) : next;
    if (reply.status) {
      response.writeHead(reply.status, { "Content-Type": "application/json", "x-should-retry": "false" });
      response.end(JSON.stringify({ error: { message: reply.error, type: "scripted" } }));
      return;
    }
    response.once("close", () => (this.closed += response.writableFinished ? 0 : 1));
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const chunks = chunksOf(reply);
    for (const [index, one] of chunks.entries()) {
      if (reply.hold && index === chunks.length - 2) await reply.hold;
      if (reply.pace) await sleep(reply.pace);
      response.write(`data: ${JSON.stringify(one)}\n\n`);
    }
    response.end("data: [DONE]\n\n");
  }
}
