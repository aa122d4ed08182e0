// SPDX-License-Identifier: Apache-2.0
// Asks by src/llm, through build/llm-driver, and gathers what it prints.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../http/harness.mjs";

export const driver = resolve(process.env.LLM_DRIVER ?? join(root, "build/llm-driver"));
export const providers = ["openai", "anthropic", "ollama"];
export const SYSTEM = 0, USER = 1, ASSISTANT = 2, TOOL = 3;
export const AUTO = 0, NONE = 1, REQUIRED = 2;

export const runSql = { name: "run_sql", description: "Runs a query.", parameters: { type: "object", properties: { sql: { type: "string" } }, required: ["sql"] } };
export const question = [{ role: SYSTEM, text: "You answer questions." }, { role: USER, text: "How many?" }];

export function hasDriver() {
  if (existsSync(driver)) return true;
  console.error(`tests/llm: there is no ${driver}; make unit`);
  return false;
}

/**
 * What the driver says to ORDER: { replies, deltas, check, refused, status, out }. MODEL is the
 * server, whose address is the base URL unless `settings` has another one.
 */
export function ask(model, provider, order = {}, env = {}) {
  const settings = { provider, base_url: model?.url(provider), model: "test-model", ...order.settings };
  return new Promise((done, fail) => {
    const child = spawn(driver, [], { env: { PATH: process.env.PATH, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    const parts = [], errors = [];
    const kill = setTimeout(() => child.kill("SIGKILL"), 19_000);
    child.stdout.on("data", (bytes) => parts.push(bytes));
    child.stderr.on("data", (bytes) => errors.push(bytes));
    child.stdin.on("error", () => {});
    child.once("error", fail);
    child.once("close", (status, signal) => {
      clearTimeout(kill);
      const out = Buffer.concat(parts).toString();
      const said = { replies: [], deltas: [], status, signal, out, err: Buffer.concat(errors).toString() };
      for (const line of out.split("\n").filter(Boolean)) {
        const [name, value] = Object.entries(JSON.parse(line))[0];
        if (name === "reply") said.replies.push(value);
        else if (name === "delta") said.deltas.push(value);
        else said[name] = value;
      }
      if (status === null || said.err) return fail(new Error(`the driver ended with ${signal ?? status}: ${said.err}${out}`));
      said.reply = said.replies[0];
      said.error = said.replies.at(-1)?.error;
      said.shown = (kind) => said.deltas.filter((delta) => delta.kind === kind).map((delta) => delta.text).join("");
      said.waits = said.deltas.filter((delta) => delta.kind === "wait");
      done(said);
    });
    child.stdin.end(JSON.stringify({ steps: [question], tools: [runSql], ...order, settings }));
  });
}
