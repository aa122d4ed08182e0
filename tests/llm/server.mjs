// SPDX-License-Identifier: Apache-2.0
// A language model that says what a test has written for it, on the wire formats of OpenAI, Anthropic
// and Ollama at one address: which one is spoken, the path tells. Requests are kept, and refused as
// the provider would refuse them (protocol.mjs). No dependency.
//
//   const model = await startModel({ seed });  // bytes are cut at random places, from the seed
//   model.play({ text: "Hello" });             // the next answer; a function gets the request
//   model.url("openai"), model.requests, model.models = ["…"], await model.close()
//
// An answer has what all providers have: text, reasoning (each may be a list of pieces), calls
// [{ id, name, arguments }], stop ("end", "tools", "length", "refused"), rawStop, usage { input,
// cached, output }, model, headers; and what one has: refusal, parts, reasoning_details, signature,
// redacted, blocks, explanation. `style` changes how it is put (wire.mjs). Or it goes wrong:
//   status, error { message, type, code, param }   a bad answer in the provider's shape
//   status, body, type                             anything else, with that content type
//   midError { … }, after                          an error as an event, behind so many events
//   cutAfter, endAfter                             the connection breaks, or ends, behind so many
//   stallAfter                                     nothing more comes behind so many
//   delayMs, hangUp                                before the answer
//   paceMs                                         between the events
import { createServer } from "node:http";
import * as protocol from "./protocol.mjs";
import * as wire from "./wire.mjs";

const pathOf = { "/v1/chat/completions": "openai", "/v1/messages": "anthropic", "/api/chat": "ollama" };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Numbers from 0 to 1, the same ones for the same seed. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

class Model {
  constructor(seed) {
    this.random = randomOf(seed);
    this.script = [];
    this.requests = [];
    this.models = ["test-model"];
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error) => {
        if (!response.destroyed) console.log(`# the model's server: ${error.stack}`);
        response.destroy();
      });
    });
  }

  url(provider) {
    const base = `http://127.0.0.1:${this.server.address().port}`;
    return provider === "openai" ? `${base}/v1` : base;
  }

  play(...answers) {
    this.script.push(...answers);
  }

  /** The last request's body. */
  get last() {
    return this.requests.at(-1).body;
  }

  close() {
    this.server.closeAllConnections?.();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async answer(request, response) {
    const path = new URL(request.url, "http://model").pathname;
    const text = await bodyOf(request);
    const provider = pathOf[path];
    if (request.method === "GET") return this.list(path, request, response);
    if (request.method !== "POST" || !provider) return sendJson(response, 404, { error: { message: `Invalid URL (${request.method} ${path})`, type: "invalid_request_error" } });
    const body = JSON.parse(text);
    this.requests.push({ provider, path, headers: request.headers, body, text, at: performance.now(), socket: request.socket });
    const refused = protocol[provider](withoutMarks(body), request.headers);
    if (refused) return this.refuse(response, provider, refused);
    let answer = this.script.shift() ?? { status: 500, error: { message: "the test's script is over" }, headers: { "x-should-retry": "false" } };
    if (typeof answer === "function") answer = await answer({ provider, body, headers: request.headers });
    if (answer.delayMs) await sleep(answer.delayMs);
    if (answer.hangUp) return response.destroy();
    if (answer.status) return this.refuse(response, provider, answer);
    await this.stream(response, provider, answer, body);
  }

  list(path, request, response) {
    const named = this.models.map((id) => (typeof id === "string" ? { id } : id));
    if (this.listing) return sendJson(response, this.listing.status, this.listing.body);
    if (path === "/api/tags") return sendJson(response, 200, { models: named.map(({ id }) => ({ name: id, model: id, size: 1 })) });
    if (path === "/v1/models") return sendJson(response, 200, { object: "list", data: named.map((one) => ({ object: "model", type: "model", owned_by: "test", ...one })), has_more: false });
    const alias = this.aliases?.find((one) => path === `/v1/models/${one}`);
    return alias ? sendJson(response, 200, { id: alias, type: "model" }) : sendJson(response, 404, wire.errorOf.anthropic({ type: "not_found_error", message: `model: ${path}` }));
  }

  refuse(response, provider, answer) {
    const headers = { "x-request-id": "req_bad", ...answer.headers };
    if (answer.body !== undefined) {
      response.writeHead(answer.status, { "Content-Type": answer.type ?? "application/json", ...headers });
      return response.end(answer.body);
    }
    return sendJson(response, answer.status, wire.errorOf[provider](answer.error), headers);
  }

  async stream(response, provider, answer, request) {
    const style = answer.style ?? {};
    const newline = style.newline ?? "\n";
    const type = provider === "ollama" ? "application/x-ndjson" : "text/event-stream";
    const id = provider === "anthropic" ? { "request-id": "req_good" } : { "x-request-id": "req_good" };
    response.socket?.setNoDelay(true);
    if (style.whole) return sendJson(response, 200, wire.openaiWhole(answer, request));
    response.writeHead(200, { "Content-Type": type, ...id, ...answer.headers });
    let events = wire[provider](answer, request);
    const end = answer.cutAfter ?? answer.endAfter ?? answer.stallAfter ?? (answer.midError ? answer.after ?? 2 : undefined);
    events = events.slice(0, end);
    if (answer.midError) events.push(this.errorEvent(provider, answer));
    if (style.comments && provider !== "ollama") events = events.flatMap((event) => [{ comment: "OPENROUTER PROCESSING" }, event]);
    if (answer.paceMs) for (const event of events.splice(0, events.length - 1)) await this.write(response, Buffer.from(wire.written(event, newline)), 100).then(() => sleep(answer.paceMs));
    let text = events.map((event) => wire.written(event, newline)).join("");
    if (style.noLastNewline) text = text.replace(/[\r\n]+$/, "");
    await this.write(response, Buffer.from((style.mark ? "\uFEFF" : "") + text), style.cut ?? 40);
    if (answer.cutAfter !== undefined) return response.socket.destroy();
    if (answer.stallAfter === undefined) response.end();
  }

  errorEvent(provider, answer) {
    const error = answer.midError;
    if (provider === "ollama") return { line: JSON.stringify({ error: error.message }) };
    if (provider === "anthropic") return { event: "error", data: JSON.stringify(wire.errorOf.anthropic(error)) };
    if (error.flat) return { [error.field ? "field" : "event"]: error.field, data: JSON.stringify({ code: error.code, message: error.message, type: error.type }) };
    return { data: JSON.stringify({ ...wire.errorOf.openai(error), ...(error.withChoices ? { choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }] } : {}) }) };
  }

  /** In pieces of up to CUT bytes, each by itself on the wire; all have left at the end. */
  async write(response, bytes, cut) {
    let sent;
    for (let at = 0; at < bytes.length && !response.destroyed; ) {
      const length = 1 + Math.floor(this.random() * cut);
      const piece = bytes.subarray(at, at + length);
      sent = new Promise((resolve) => response.write(piece, resolve));
      at += length;
      if (this.random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
    }
    await sent;
  }
}

/** What a request would be without the marks of the cache, which every server passes over or takes. */
function withoutMarks(value) {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !["cache_control", "extra_content"].includes(key)).map(([key, one]) => [key, withoutMarks(one)]));
}

function sendJson(response, status, value, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

export async function startModel({ seed = 1, port = 0 } = {}) {
  const model = new Model(seed);
  await new Promise((resolve, reject) => {
    model.server.once("error", reject);
    model.server.listen(port, "127.0.0.1", resolve);
  });
  return model;
}
