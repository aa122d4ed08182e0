// SPDX-License-Identifier: Apache-2.0
// The test API server as a child process, for whatever tests want one.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { app, atEnd, bundled, newFolder, root, Skip, until } from "../http/harness.mjs";

const STOP_MS = 8_000;
const here = dirname(fileURLToPath(import.meta.url));

/** Kubernetes' definitions, where this machine has them. */
export const schema = resolve(process.env.KUBE_SCHEMA ?? join(root, "../shared/kubernetes/openapi-definitions.json"));

export function needSchema() {
  if (!existsSync(schema)) throw new Skip(`there is no ${schema}; KUBE_SCHEMA names another`);
}

class Api {
  constructor(child, dir) {
    Object.assign(this, { child, dir, log: "", said: "" });
    child.stdout.on("data", (bytes) => (this.said += bytes));
    child.stderr.on("data", (bytes) => (this.log += bytes));
    this.gone = new Promise((done) => child.once("close", (status, signal) => done((this.ending = { status, signal }))));
  }

  async #admin(method, path, body) {
    const response = await fetch(`${this.admin}/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  /** Orders a mishap: { fault, count, match, … }. */
  order = (fault) => this.#admin("POST", "faults", fault);
  faults = () => this.#admin("GET", "faults");
  clear = () => this.#admin("DELETE", "faults");
  state = () => this.#admin("GET", "state");
  forget = () => this.#admin("DELETE", "state");
  rules = (rules) => this.#admin("POST", "rules", { rules });

  async stop(signal = "SIGTERM") {
    if (!this.ending && signal) this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), STOP_MS);
    const ending = await this.gone;
    clearTimeout(late);
    return ending;
  }
}

/** Starts the server; resolves when it is ready. It has what it prints as properties. */
export async function startApi({ words = [], dir = newFolder(), data = bundled } = {}) {
  const known = existsSync(schema) ? ["--schema", schema] : [];
  const child = spawn(process.execPath, [join(here, "server.mjs"), "--app", app, "--dir", dir, "--data", data, ...known, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  const api = new Api(child, dir);
  atEnd(() => api.stop());
  await until("the API server is ready", () => api.said.includes("\n") || api.ending);
  if (api.ending) throw new Error(`the API server ended with status ${api.ending.status}: ${api.log}`);
  return Object.assign(api, JSON.parse(api.said));
}
