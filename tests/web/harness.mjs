// SPDX-License-Identifier: Apache-2.0
// What the browser test stands on: a TAP reporter, the real server as a child process, Chromium with a watch on
// what it complains about and whom it asks, and a wire that can be cut.
//
// Whatever is started here is ended by `endAll`, by its process id, also when a test throws.
import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(join(root, "assets/package.json"));
const { chromium } = require("playwright-core");
export const axePath = require.resolve("axe-core/axe.min.js");

const READY_MS = 10_000;
const STOP_MS = 5_000;
const CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const endings = [];

export async function endAll() {
  for (const end of endings.splice(0).reverse()) await end().catch((error) => console.log(`# while ending: ${error.message}`));
}

// A test that is interrupted has no time to wait: what is left is ended at once. Playwright does the same with its
// browser when the process exits.
const leftovers = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
process.on("exit", () => leftovers.forEach((end) => end()));

/** Counts and prints; a test that throws is "not ok" with its reason, and the next one goes on. */
export class Tap {
  passed = 0;
  failed = 0;

  async test(name, body) {
    try {
      await body();
      this.passed += 1;
      console.log(`ok ${this.passed + this.failed} - ${name}`);
    } catch (error) {
      this.failed += 1;
      console.log(`not ok ${this.passed + this.failed} - ${name}`);
      for (const line of String(error.stack ?? error).split("\n").slice(0, 14)) console.log(`#   ${line}`);
    }
  }

  finish() {
    console.log(`1..${this.passed + this.failed}`);
    console.log(`# pass ${this.passed}`);
    console.log(`# fail ${this.failed}`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

const servers = new Map();

/** The process of the server at URL. */
export const pidOf = (url) => servers.get(url).pid;

/** Ends the server at URL, and keeps its state for the next one there: startServer(app, stopped). */
export async function stopServer(url, signal = "SIGTERM") {
  const { stop, state } = servers.get(url);
  await stop(signal);
  return { state, listen: new URL(url).host };
}

/** Starts `app serve` with a new state folder, or STATE, over the bundled data or DATASETS; answers its address without the slash at the end. */
export async function startServer(app, { token, env: more, state = mkdtempSync(join(tmpdir(), "sandglass-web-")), listen = "127.0.0.1:0", datasets = join(root, "build/data") } = {}) {
  const env = { ...process.env, ...(token ? { ACCESS_TOKEN: token } : {}), ...more };
  const page = process.env.ASSETS ? ["--assets", process.env.ASSETS] : [];
  const child = spawn(app, ["serve", "--listen", listen, "--state", state, "--datasets", datasets, ...page], { env, stdio: ["ignore", "pipe", "pipe"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  let log = "";
  child.stderr.on("data", (bytes) => (log = (log + bytes).slice(-4_000)));
  const endNow = () => {
    child.kill("SIGKILL");
    rmSync(state, { recursive: true, force: true });
  };
  leftovers.add(endNow);
  let isStopping = false;
  child.once("exit", (status, signal) => {
    if (!isStopping) console.log(`# the server ended by itself: ${signal ?? `status ${status}`}\n${log.replace(/^/gm, "#   ")}`);
  });
  const stop = async (signal) => {
    isStopping = true;
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(late);
  };
  endings.push(async () => {
    await stop("SIGTERM");
    leftovers.delete(endNow);
    rmSync(state, { recursive: true, force: true });
  });
  const url = await new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`the server was not ready after ${READY_MS} ms\n${said}${log}`)), READY_MS);
    child.once("error", (error) => (clearTimeout(late), reject(new Error(`cannot start ${app}: ${error.message}`))));
    void gone.then((status) => (clearTimeout(late), reject(new Error(`the server ended with status ${status}\n${said}${log}`))));
    child.stdout.on("data", (bytes) => {
      said += bytes;
      const ready = /Sandglass is ready: (http:\/\/\S+?)\/?\s/.exec(said);
      if (ready) resolve((clearTimeout(late), ready[1]));
    });
  });
  servers.set(url, { pid: child.pid, stop, state });
  return url;
}

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of ["chromium", "chromium-headless-shell", "chromium-browser", "google-chrome"]) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error("no Chromium found: install Debian's package chromium, or name one in CHROMIUM");
}

export async function startBrowser() {
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_FLAGS, handleSIGINT: false, handleSIGTERM: false });
  endings.push(() => browser.close());
  return browser;
}

/** Console errors, script errors and requests to other hosts, over all watched pages, with where they were. */
export const complaints = [];

function complain(page, words) {
  complaints.push(`${words}, at ${page.url()}`);
}

/** A page in a profile of its own. `quiet: false` where the browser is meant to complain (a 401, no network). */
export async function openPage(browser, url, { quiet = true, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", reducedMotion: "reduce", ...options });
  return openTab(context, url, { quiet });
}

/** One more page in the same profile. */
export async function openTab(context, url, { quiet = true } = {}) {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => complain(page, `script error: ${error.message}`));
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (/^(http|ws)/.test(to.protocol) && to.origin !== new URL(url).origin) complain(page, `request to ${to.origin}`);
  });
  if (quiet) {
    page.on("console", (message) => {
      if (message.type() === "error") complain(page, `console error: ${message.text()}`);
    });
  }
  await page.goto(url);
  return page;
}

/** A proxy in front of the real server that breaks the first answer to a question after this many events. */
export async function startCuttingProxy(target, events) {
  const { hostname, port, host } = new URL(target);
  const seen = { cuts: 0, resumedAfter: [] };
  const server = http.createServer((request, answer) => {
    const headers = { ...request.headers, host, ...(request.headers.origin ? { origin: target } : {}) };
    const isQuestion = request.method === "POST" && request.url.endsWith("/messages");
    if (request.url.endsWith("/events")) seen.resumedAfter.push(request.headers["last-event-id"] ?? "");
    const onward = http.request({ hostname, port, path: request.url, method: request.method, headers }, (from) => {
      answer.writeHead(from.statusCode, from.headers);
      answer.flushHeaders();
      if (!isQuestion || seen.cuts > 0) return void from.pipe(answer);
      seen.cuts += 1;
      const pieces = [];
      from.on("data", (bytes) => pieces.push(bytes));
      from.on("end", () => {
        const frames = Buffer.concat(pieces).toString("latin1").split(/(?<=\n\r?\n)/);
        answer.write(Buffer.from(frames.slice(0, events).join(""), "latin1"));
        // The browser drops what it has not handed to the page yet when a connection breaks.
        setTimeout(() => answer.destroy(), 200);
      });
    });
    onward.on("error", () => answer.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  endings.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}
