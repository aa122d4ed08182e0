// SPDX-License-Identifier: Apache-2.0
// One container: a process of this machine that believes its paths. What a Pod mounts is a folder
// in DIR, and every argument or variable that names a path inside a mount is rewritten to it.
//
// The image's entry point /app is the real program. Images named busybox… have this machine's
// programs instead, so that tests can say `sh -c`. Where this server is root the process is the
// user that the Pod asks for. There is no wall around it and no cgroup: the memory limit is watched,
// and SIGTERM is withheld from a program that does not catch it, as the kernel does for process 1.
import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expand } from "./mounts.mjs";
import { quantity } from "./quantity.mjs";

const WATCH_MS = 20;
const PAGE_BYTES = 4096;
const MESSAGE_BYTES_MAX = 4096;
const FALLBACK = { lines: 80, bytes: 2048 };

const isShell = (image) => /(^|\/)busybox(:|$)/.test(image);

/** A file of /proc about PID; "" where the process has ended. */
function look(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** Ends CHILD and all that it started, as the end of a container's process 1 does. */
function killGroup(child) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

export class Container extends EventEmitter {
  isOutOfMemory = false;

  /** MOUNTS is from mountPath to folder; IDENTITY { uid, gid } or {}. */
  constructor({ spec, pod, mounts, folder, env, app, identity, log }) {
    super();
    this.setMaxListeners(0);
    Object.assign(this, { spec, pod, mounts, folder, app, identity, log });
    this.root = join(folder, "root");
    this.messageFile = join(folder, "termination-log");
    this.paths = { ...mounts, [spec.terminationMessagePath]: this.messageFile };
    this.env = env;
  }

  /** TEXT, which is a path or `--option=path`, as it is on this machine. */
  #localize(text) {
    const [, head, path] = /^(--?[-\w]+=)?(\/.*)$/s.exec(text) ?? [];
    const mount = path && Object.keys(this.paths).sort((a, b) => b.length - a.length).find((one) => path === one || path.startsWith(`${one}/`));
    return mount ? `${head ?? ""}${this.paths[mount]}${path.slice(mount.length)}` : text;
  }

  #prepare(words) {
    const [program, ...rest] = words.map((word) => this.#localize(expand(word, this.env)));
    const known = isShell(this.spec.image) ? program : { "/app": this.app, app: this.app }[program];
    return { program: known, wanted: program, words: rest };
  }

  #spawn({ program, words }, stdio) {
    const env = Object.fromEntries(Object.entries(this.env).map(([name, value]) => [name, this.#localize(value)]));
    const child = spawn(program, words, { cwd: this.root, env, stdio, detached: true, ...this.identity });
    child.once("exit", () => killGroup(child));
    return child;
  }

  /** Starts it; rejects where there is no such program. */
  start() {
    mkdirSync(this.root, { recursive: true });
    writeFileSync(this.messageFile, "");
    chmodSync(this.root, 0o777);
    chmodSync(this.messageFile, 0o666);
    const { command = ["/app"], args = [], stdin } = this.spec;
    const call = this.#prepare([...(isShell(this.spec.image) && !this.spec.command ? ["sh"] : command), ...args]);
    if (!call.program) return Promise.reject(new Error(`exec: "${call.wanted}": stat ${call.wanted}: no such file or directory`));
    const child = this.#spawn(call, [stdin ? "pipe" : "ignore", "pipe", "pipe"]);
    this.child = child;
    for (const stream of ["stdout", "stderr"]) {
      child[stream].on("data", (bytes) => {
        this.log.add(stream, bytes);
        this.emit("output", stream, bytes);
      });
    }
    child.stdin?.on("error", () => {}); // it ended without reading all
    this.ended = new Promise((resolve) => child.once("close", (status, signal) => resolve(this.#end(status, signal))));
    return new Promise((resolve, reject) => {
      child.once("spawn", () => {
        this.pid = child.pid;
        this.#watchMemory();
        resolve();
      });
      child.once("error", (error) => reject(new Error(`exec: "${call.wanted}": ${error.code === "E2BIG" ? "argument list too long" : error.message}`)));
    });
  }

  #end(status, signal) {
    clearInterval(this.watch);
    this.log.close();
    const numbers = { SIGKILL: 9, SIGTERM: 15, SIGSEGV: 11, SIGABRT: 6, SIGSYS: 31, SIGXCPU: 24, SIGBUS: 7, SIGPIPE: 13, SIGINT: 2 };
    const exitCode = signal ? 128 + (numbers[signal] ?? 0) : status;
    const ending = { exitCode, message: this.#message(exitCode), isOutOfMemory: this.isOutOfMemory };
    this.ending = ending;
    this.emit("end");
    return ending;
  }

  #message(exitCode) {
    const text = readFileSync(this.messageFile).subarray(0, MESSAGE_BYTES_MAX).toString();
    const isFallback = this.spec.terminationMessagePolicy === "FallbackToLogsOnError" && exitCode !== 0;
    return text || (isFallback ? this.log.tail(FALLBACK.lines, FALLBACK.bytes) : "");
  }

  #watchMemory() {
    const limit = quantity(this.spec.resources.limits?.memory ?? "");
    if (!limit) return;
    this.watch = setInterval(() => {
      const pages = Number(look(this.pid, "statm").split(" ")[1] ?? 0);
      if (pages * PAGE_BYTES > limit) this.killForMemory();
    }, WATCH_MS);
  }

  killForMemory() {
    this.isOutOfMemory = true;
    this.kill();
  }

  get isRunning() {
    return this.pid !== undefined && this.ending === undefined;
  }

  kill() {
    if (this.isRunning) killGroup(this.child);
  }

  /** Asks it to end, and insists after GRACE_MS. */
  stop(grace_ms) {
    if (!this.isRunning) return;
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(look(this.pid, "status"))?.[1] ?? "0";
    if (BigInt(`0x${caught}`) & (1n << 14n)) this.child.kill("SIGTERM");
    const insist = setTimeout(() => this.kill(), grace_ms);
    this.once("end", () => clearTimeout(insist));
  }

  /** Runs COMMAND beside it, no longer than itself: a child process, or undefined where there is no such program. */
  exec(command) {
    const call = this.#prepare(command);
    if (!call.program) return undefined;
    const child = this.#spawn(call, ["pipe", "pipe", "pipe"]);
    const kill = () => killGroup(child);
    this.once("end", kill);
    child.once("close", () => this.off("end", kill));
    return child;
  }
}
