// SPDX-License-Identifier: Apache-2.0
// The scripted model of tests/llm for turns through the real program: replies as a test writes them, on any of the
// three wire formats, and what the model was asked, in one form for all of them.
import { startModel } from "../llm/server.mjs";
import { atEnd } from "./harness.mjs";

/** A call of a tool, for the `calls` of a reply. */
export const call = (name, input) => ({ name, arguments: input });

const textOf = (content) => (typeof content === "string" ? content : (content ?? []).map((block) => block.text ?? block.content ?? "").join("\n"));

/** The results of tools as objects; a mistake is marked in words by providers that have no other mark. */
const resultOf = (text) => JSON.parse(text.replace(/^Error: /, ""));

export class ModelServer {
  looks = 0; // requests that cost no tokens

  /** Each reply is an object as tests/llm/server.mjs has it, or a function of the last message's text that gives one. */
  static async start(...replies) {
    return ModelServer.of("openai", ...replies);
  }

  static async of(provider, ...replies) {
    const model = new ModelServer();
    model.provider = provider;
    model.scripted = await startModel({ seed: 7 });
    model.url = model.scripted.url(provider);
    model.scripted.models = ["scripted-1"];
    model.scripted.server.on("request", ({ method }) => (model.looks += method === "GET" ? 1 : 0));
    model.play(...replies);
    atEnd(() => model.stop());
    return model;
  }

  play(...replies) {
    this.scripted.play(...replies.map((reply) => (typeof reply === "function" ? () => reply(this.last) : reply)));
  }

  get env() {
    return { LLM_PROVIDER: this.provider, LLM_BASE_URL: this.url, LLM_MODEL: "scripted-1", LLM_API_KEY: "key-of-the-test" };
  }

  get requests() {
    return this.scripted.requests.map(({ text }) => text);
  }

  /** Whether the connection of the last request was closed. */
  get isLeft() {
    return this.scripted.requests.at(-1).socket.destroyed;
  }

  /** What request NUMBER, from 0, says: { system, question, rest }, rest being every later text but the model's own. */
  told(number) {
    const { body } = this.scripted.requests[number];
    const [first, ...others] = body.system === undefined ? body.messages : [{ content: body.system }, ...body.messages];
    const rest = others.slice(1).filter((message) => message.role !== "assistant");
    return { system: textOf(first.content), question: textOf(others[0].content), rest: rest.map((message) => textOf(message.content)) };
  }

  /** What the tools gave that request NUMBER is the first to tell of, as objects. */
  results(number) {
    const { body } = this.scripted.requests[number];
    const from = body.messages.findLastIndex((message) => message.role === "assistant");
    return body.messages.slice(from + 1).flatMap((message) => {
      if (message.role === "tool") return [resultOf(message.content)];
      return Array.isArray(message.content) ? message.content.filter((block) => block.type === "tool_result").map((block) => resultOf(textOf(block.content))) : [];
    });
  }

  get last() {
    return this.results(this.requests.length - 1);
  }

  stop() {
    return this.scripted.close();
  }
}
