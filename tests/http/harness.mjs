// SPDX-License-Identifier: Apache-2.0
// What the HTTP tests stand on: a TAP reporter, the real program as a child process, an HTTP client
// that sends what it is told to (also what browsers would not), and a look at processes.
//
// Whatever is started here is ended by endAll(), by its process id, also when a test throws.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { childrenOf, descendantsOf, isAlive, zombiesOf } from "../processes.mjs";

export { childrenOf, descendantsOf, isAlive, zombiesOf };

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const app = resolve(process.env.APP ?? join(root, "build/app"));
export const bundled = resolve(process.env.DATA ?? join(root, "build/data"));

/** Whether this user may have namespaces; else local sandboxes stand behind the weaker wall, and are one process each, not two. */
export const hasNamespaces = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "--pid", "--net", "--fork", "--mount-proc", "true"]).status === 0;

const READY_MS = 10_000;
const TEST_MS = 20_000;
const STOP_MS = 8_000;

// ---- Reporting

export class Skip extends Error {}

export const tap = { passed: 0, failed: 0, skipped: 0 };

/** Runs BODY and prints how it went; a test that throws fails alone, and the next one goes on. */
export async function test(sentence, body) {
  let late;
  try {
    await Promise.race([body(), new Promise((_, reject) => (late = setTimeout(() => reject(new Error(`it had not ended after ${TEST_MS} ms`)), TEST_MS)))]);
    tap.passed += 1;
    console.log(`ok - ${sentence}`);
  } catch (error) {
    if (error instanceof Skip) {
      tap.skipped += 1;
      console.log(`ok - ${sentence} # SKIP ${error.message}`);
      return;
    }
    tap.failed += 1;
    console.log(`not ok - ${sentence}`);
    for (const line of String(error.stack ?? error).split("\n").slice(0, 16)) console.log(`#   ${line}`);
  } finally {
    clearTimeout(late);
  }
}

const endings = [];
let home; // an empty one

/** Something to be done at the end, whatever happens; the last one first. */
export const atEnd = (ending) => endings.push(ending);

export async function endAll() {
  for (const ending of endings.splice(0).reverse()) {
    try {
      await ending();
    } catch (error) {
      console.log(`# while ending: ${error.message}`);
    }
  }
}

/** A new empty folder that is gone at the end. */
export function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), "sandglass-http-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits until LOOK gives something true, and gives that. */
export async function until(what, look, limitMs = 8_000) {
  for (const end = Date.now() + limitMs; ; await sleep(10)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`after ${limitMs} ms still not: ${what}`);
  }
}

// ---- The program

// Nothing of whoever runs the tests may change what the program does, nor be changed by it.
function environment(extra) {
  const kept = Object.fromEntries(["PATH", "TMPDIR", "LANG"].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  if (!home) {
    home = newFolder();
    atEnd(() => (home = undefined));
  }
  return { ...kept, HOME: home, ...extra };
}

/** Runs `app WORDS…` to its end: { status, signal, out, err, lines }. */
export function run(words, { env = {}, input = "", program = app, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env: environment(env), cwd, stdio: ["pipe", "pipe", "pipe"] });
    const parts = { out: [], err: [] };
    const kill = setTimeout(() => child.kill("SIGKILL"), TEST_MS);
    child.stdout.on("data", (bytes) => parts.out.push(bytes));
    child.stderr.on("data", (bytes) => parts.err.push(bytes));
    child.stdin.on("error", () => {});
    child.once("error", reject);
    child.once("close", (status, signal) => {
      clearTimeout(kill);
      resolve({ status, signal, out: Buffer.concat(parts.out).toString(), err: Buffer.concat(parts.err).toString() });
    });
    child.stdin.end(input);
  });
}

/** Runs `app WORDS…` on a terminal, and types each of LINES once what stands before it has been printed: [[/prompt/, "line"], …]. */
export function runOnTerminal(words, lines, { env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const command = [app, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: environment({ TERM: "dumb", ...env }), stdio: ["pipe", "pipe", "inherit"] });
    const kill = setTimeout(() => child.kill("SIGKILL"), TEST_MS);
    const left = [...lines];
    let out = "";
    let seen = 0;
    child.stdout.on("data", (bytes) => {
      out += bytes;
      for (let match; left.length > 0 && (match = left[0][0].exec(out.slice(seen))); seen += match.index + match[0].length) child.stdin.write(`${left.shift()[1]}\n`);
    });
    child.stdin.on("error", () => {});
    child.once("error", (error) => reject(error.code === "ENOENT" ? new Skip("script is not installed") : error));
    child.once("close", (status) => {
      clearTimeout(kill);
      resolve({ status, out: out.replaceAll("\r", "") });
    });
  });
}

export class Server {
  constructor(child, state) {
    this.child = child;
    this.pid = child.pid;
    this.state = state;
    this.log = "";
    this.said = "";
    child.stdout.on("data", (bytes) => (this.said += bytes));
    child.stderr.on("data", (bytes) => (this.log = (this.log + bytes).slice(-100_000)));
    this.gone = new Promise((resolve) => child.once("close", (status, signal) => resolve((this.ending = { status, signal }))));
  }

  /** Asks it to stop and waits: { status, signal }. */
  async stop(signal = "SIGTERM") {
    try {
      if (!this.ending) process.kill(this.pid, signal);
    } catch {
      // It ended just now.
    }
    const late = setTimeout(() => this.child.kill("SIGKILL"), STOP_MS);
    const ending = await this.gone;
    clearTimeout(late);
    await this.front?.stop();
    return ending;
  }

  get url() {
    return this.front ? this.front.url : /Sandglass is ready: (\S+)\//.exec(this.said)?.[1];
  }

  get host() {
    return new URL(this.url).host;
  }
}

/** Starts `app serve --upstream URL` on a free port; resolves once it is ready. */
export async function startFront(upstream, { env = {}, words = [], listen = "127.0.0.1:0" } = {}) {
  const front = new Server(spawn(app, ["serve", "--listen", listen, "--upstream", upstream, ...words], { env: environment(env), stdio: ["ignore", "pipe", "pipe"] }));
  atEnd(() => front.stop());
  await until("the front is ready", () => front.url || front.ending, READY_MS);
  if (front.ending) throw new Error(`the front ended with status ${front.ending.status}: ${front.log}`);
  return front;
}

/** While `front` is set, servers that are started have a front before them, and are asked through it. */
export const through = { front: false };

/** Starts `app serve` on a free port, as a child of the program BEFORE if there is one; resolves once it is ready. */
export async function startServer({ env = {}, words = [], state = newFolder(), datasets = bundled, listen = "127.0.0.1:0", before = [] } = {}) {
  const [program, ...all] = [...before, app, "serve", "--listen", listen, "--state", state, "--datasets", datasets, ...words];
  const server = new Server(spawn(program, all, { env: environment({ LOCAL_POOL: "0", ...env }), stdio: ["ignore", "pipe", "pipe"] }), state);
  atEnd(() => server.stop());
  await until(`the server is ready: ${server.log}`, () => server.url || server.ending, READY_MS);
  if (server.ending) throw new Error(`the server ended with status ${server.ending.status}: ${server.log}`);
  if (before.length > 0) [server.pid] = childrenOf(server.pid);
  // It then tries a sandbox, whose process would be counted among those of a test.
  await until("it has tried a sandbox", () => /sandbox|data set|dataset=/i.test(server.log) && childrenOf(server.pid).length === 0).catch(() => {});
  if (through.front) server.front = await startFront(server.url);
  return server;
}

// ---- The client

const agent = new http.Agent({ keepAlive: false });

function start(server, method, path, { json, body, headers = {} } = {}) {
  const { hostname, port } = new URL(server.url);
  const bytes = json !== undefined ? JSON.stringify(json) : body;
  const type = json !== undefined || (body !== undefined && !Object.keys(headers).some((name) => /^content-type$/i.test(name))) ? { "Content-Type": "application/json" } : {};
  const length = bytes === undefined ? {} : { "Content-Length": Buffer.byteLength(bytes) };
  const all = Object.fromEntries(Object.entries({ ...type, ...length, ...headers }).filter(([, value]) => value !== undefined));
  const request = http.request({ agent, hostname: hostname.replace(/^\[|\]$/g, ""), port, method, path, headers: all });
  request.end(bytes);
  return request;
}

/** One request, one whole answer: { status, headers, bytes, text, json }. */
export function call(server, method, path, options) {
  return new Promise((resolve, reject) => {
    const request = start(server, method, path, options);
    request.once("error", reject);
    request.once("response", (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.once("error", reject);
      response.once("end", () => {
        const bytes = Buffer.concat(parts);
        const text = bytes.toString("utf8");
        const isJson = /^application\/(problem\+)?json\b/.test(response.headers["content-type"] ?? "") && !response.headers["content-encoding"] && text !== "";
        try {
          resolve({ method, path, status: response.statusCode, headers: response.headers, bytes, text, json: isJson ? JSON.parse(text) : undefined });
        } catch (error) {
          reject(new Error(`${method} ${path}: ${error.message}: ${text.slice(0, 200)}`));
        }
      });
    });
  });
}

export const get = (server, path, headers) => call(server, "GET", path, { headers });
export const post = (server, path, json, headers) => call(server, "POST", path, { json, headers });

/** Writes BYTES as they are and gives all that comes back until the server closes, or MS have passed. */
export function raw(server, bytes, ms = 3_000) {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(server.url);
    const socket = net.connect(Number(port), hostname);
    const parts = [];
    const done = () => (clearTimeout(late), socket.destroy(), resolve(Buffer.concat(parts).toString("latin1")));
    const late = setTimeout(done, ms);
    socket.on("data", (part) => parts.push(part));
    socket.once("error", done);
    socket.once("close", done);
    socket.write(bytes);
  });
}

/** A stream of events as it comes. `events` has { id, name, data }; `closed` resolves at its end. */
export class Stream {
  events = [];
  text = "";
  isClosed = false;

  static async open(server, method, path, options) {
    const stream = new Stream();
    stream.request = start(server, method, path, options);
    stream.request.once("error", () => {});
    stream.response = await new Promise((resolve, reject) => {
      stream.request.once("response", resolve);
      stream.request.once("error", reject);
    });
    Object.assign(stream, { method, path });
    stream.status = stream.response.statusCode;
    stream.headers = stream.response.headers;
    stream.closed = new Promise((resolve) => stream.response.once("close", () => resolve((stream.isClosed = true))));
    stream.response.setEncoding("utf8");
    stream.response.on("error", () => {});
    stream.response.on("data", (part) => stream.#take(part));
    return stream;
  }

  #take(part) {
    this.text += part;
    const frames = this.text.split("\n\n");
    this.text = frames.pop();
    for (const frame of frames) {
      const fields = Object.fromEntries(frame.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      if (fields.data !== undefined) this.events.push({ id: fields.id, name: fields.event, data: JSON.parse(fields.data) });
    }
  }

  get names() {
    return this.events.map((event) => event.name);
  }

  find(name) {
    return this.events.find((event) => event.name === name);
  }

  /** Waits for the event of that name, and gives it. */
  until(name) {
    return until(`the event ${name}, after ${this.names}`, () => this.find(name) ?? (this.isClosed && Promise.reject(new Error(`the stream ended without ${name}: ${this.names}`))));
  }

  /** Goes away, as a closed browser tab does. */
  leave() {
    this.request.destroy();
    return this.closed;
  }
}

// ---- Doing what many tests do

export async function newConversation(server, dataset, headers) {
  const made = await post(server, "/api/v1/conversations", { dataset }, headers);
  if (made.status !== 201) throw new Error(`POST /api/v1/conversations: ${made.status} ${made.text}`);
  return made.json.id;
}

/** Asks in a new conversation; the stream is open when this returns. */
export async function ask(server, dataset, text, { headers, ...more } = {}) {
  const conversation = await newConversation(server, dataset, headers);
  const stream = await Stream.open(server, "POST", `/api/v1/conversations/${conversation}/messages`, { json: { text, ...more }, headers });
  stream.conversation = conversation;
  return stream;
}

/** The turn as it ended. */
export async function answer(server, dataset, text, options) {
  const stream = await ask(server, dataset, text, options);
  await stream.closed;
  return stream.find("turn.ended")?.data.turn;
}

export const runSql = (server, sql, more = {}) => post(server, "/api/v1/runs", { dataset: "weather", sql, ...more });

export const runaway = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

/** Takes one place with a run that does not end; release() kills its sandbox and gives the answer. */
export async function occupy(server) {
  const before = (await get(server, "/api/v1/health")).json.runs.running;
  const answered = runSql(server, runaway);
  answered.catch(() => {});
  await until("the run is under way", async () => (await get(server, "/api/v1/health")).json.runs.running > before && childrenOf(server.pid).length > before);
  return {
    answered,
    release() {
      for (const pid of childrenOf(server.pid)) process.kill(pid, "SIGKILL");
      return answered;
    },
  };
}

// ---- Processes

/** That nothing of PIDS is left, nor any other child of the server. */
export const leavesNothing = (server, pids = []) => until("no process is left", () => !pids.some(isAlive) && childrenOf(server.pid).length === 0);
