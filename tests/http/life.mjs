// SPDX-License-Identifier: Apache-2.0
// Starting, stopping and dying: what was asked and answered survives, and what cannot work says why.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem, assertSchema } from "./contract.mjs";
import { endless, endlessDataset } from "./fixtures.mjs";
import { answer, ask, atEnd, call, childrenOf, descendantsOf, get, hasNamespaces, isAlive, newConversation, newFolder, occupy, post, run, runaway, runSql, Skip, startServer, Stream, test, until, zombiesOf } from "./harness.mjs";

// The guard and the one inside it, or that one alone.
const processesEach = hasNamespaces ? 2 : 1;

const [prompt] = prompts.weather;

/** One sentence on standard error that has all of WORDS, and nothing on standard output. */
function assertRefused(got, status, ...words) {
  assert.equal(got.status, status, `status ${got.status} ${got.signal}: ${got.err}`);
  assert.equal(got.out, "");
  assert.equal(got.err.trimEnd().split("\n").length, 1, got.err);
  assert.match(got.err, /^app \w+: .*[.?]$/m);
  for (const word of words) assert.ok(typeof word === "string" ? got.err.includes(word) : word.test(got.err), `${word} is not in: ${got.err}`);
}

const serve = (state, ...words) => run(["serve", "--listen", "127.0.0.1:0", "--state", state, ...words]);

async function stopping() {
  await test("on SIGTERM a run that is under way ends, is answered and is stored, and the status is 0", async () => {
    const server = await startServer({ env: { RUN_TIMEOUT_MS: "700" } });
    const answered = runSql(server, runaway);
    await until("it is under way", () => childrenOf(server.pid).length > 0);
    const ending = server.stop();
    const { status, json } = await answered;
    assert.deepEqual([status, json.outcome], [201, "timed_out"]);
    assert.deepEqual(await ending, { status: 0, signal: null });
    const next = await startServer({ state: server.state });
    assert.deepEqual((await get(next, `/api/v1/runs/${json.id}`)).json, json);
    await next.stop();
  });

  await test("a server that stops takes nothing new", async () => {
    const server = await startServer({ env: { RUN_TIMEOUT_MS: "700" } });
    const answered = runSql(server, runaway);
    await until("it is under way", () => childrenOf(server.pid).length > 0);
    const ending = server.stop();
    await until("it says that it stops", () => server.log.includes("stopping"));
    await until("no new connection is taken", () => get(server, "/healthz").then(() => false, (error) => ["ECONNREFUSED", "ECONNRESET"].includes(error.code)));
    await answered;
    assert.deepEqual(await ending, { status: 0, signal: null });
  });

  await test("SIGINT stops it as SIGTERM does, and an idle server stops at once", async () => {
    const server = await startServer();
    const idle = net.connect(Number(new URL(server.url).port), "127.0.0.1");
    await new Promise((resolve) => idle.once("connect", resolve));
    const start = performance.now();
    assert.deepEqual(await server.stop("SIGINT"), { status: 0, signal: null });
    assert.ok(performance.now() - start < 1_500);
    idle.destroy();
  });

  await test("a second signal leaves at once, and no sandbox is left behind", async () => {
    const server = await startServer({ env: { RUN_TIMEOUT_MS: "60000" } });
    const { answered } = await occupy(server);
    const pids = descendantsOf(server.pid);
    server.child.kill("SIGTERM");
    await until("it says that it stops", () => server.log.includes("stopping"));
    assert.deepEqual(await server.stop("SIGTERM"), { status: 143, signal: null });
    await until("its sandboxes have ended", () => !pids.some(isAlive));
    await assert.rejects(answered);
    // Its next life takes away what this one had no time for.
    await (await startServer({ state: server.state })).stop();
  });

  await test("sandboxes that wait for a run end with the server", async () => {
    const server = await startServer({ env: { LOCAL_POOL: "2" } });
    await answer(server, "weather", prompt.question);
    const pids = await until("two stand", () => descendantsOf(server.pid).length === 2 * processesEach && descendantsOf(server.pid));
    assert.deepEqual(await server.stop(), { status: 0, signal: null });
    assert.deepEqual(pids.filter(isAlive), []);
  });
}

async function asInit() {
  await test("as process 1 of a container the server waits for what its sandboxes leave: no zombie stays", async () => {
    const before = ["unshare", "--pid", "--fork", "--kill-child"];
    const works = await run([...before.slice(1), "true"], { program: "unshare" }).catch(() => ({ status: 1 }));
    if (works.status !== 0) throw new Skip("no process namespace can be made here");
    const server = await startServer({ before, env: { RUN_TIMEOUT_MS: "200" } });
    // One call that SQLite cannot be interrupted in, so that the server has to end the sandbox itself.
    const stuck = "SELECT replace(printf('%.*c', 8000000, 'a'), printf('%.*c', 1000000, 'a') || 'b', '')";
    for (let i = 0; i < 3; i++) assert.equal((await runSql(server, stuck)).json.outcome, "timed_out");
    await until("none is left", () => zombiesOf(server.pid).length === 0, 1_000);
    assert.deepEqual(await server.stop(), { status: 0, signal: null });
  });
}

async function dying() {
  const server = await startServer({ datasets: await endlessDataset(), env: { RUN_TIMEOUT_MS: "60000" } });
  const stream = await ask(server, endless.dataset, endless.question);
  await stream.until("run.running");
  const lost = await answer(server, endless.dataset, "qwertz uiop asdfgh");
  const counted = await answer(server, endless.dataset, "How many sales are there?");
  const { turn } = stream.find("turn.started").data;
  const pids = await until("its sandbox stands", () => descendantsOf(server.pid).length >= processesEach && descendantsOf(server.pid));
  await server.stop("SIGKILL");

  await test("when the server is killed its sandboxes end with it", () => until("they have ended", () => !pids.some(isAlive)));

  const next = await startServer({ state: server.state });
  await test("after kill -9 in mid-turn the turn shows as interrupted, and says what to do", async () => {
    const kept = assertContract(await get(next, `/api/v1/turns/${turn.id}`), "/api/v1/turns/{id}").json;
    assert.deepEqual([kept.status, kept.question, kept.error.code, kept.error.hint], ["interrupted", endless.question, "interrupted", "Ask again."]);
    const conversation = assertContract(await get(next, `/api/v1/conversations/${stream.conversation}`), "/api/v1/conversations/{id}").json;
    assert.deepEqual(conversation.turns, [kept]);
  });

  await test("whoever follows an interrupted turn is told that it has ended", async () => {
    for (const after of ["", "4"]) {
      const rest = await Stream.open(next, "GET", `/api/v1/turns/${turn.id}/events`, { headers: { "Last-Event-ID": after } });
      await rest.closed;
      assert.equal(rest.names.at(-1), "turn.ended", `after "${after}": ${rest.names}`);
      assert.equal(rest.events.at(-1).data.status, "interrupted");
      assert.ok(after === "" || Number(rest.events.at(-1).id) > Number(after));
    }
  });

  await test("what had ended before is there as it was", async () => {
    for (const one of [lost, counted].filter(Boolean)) assert.deepEqual((await get(next, `/api/v1/turns/${one.id}`)).json, one);
    assert.equal((await get(next, "/api/v1/conversations")).json.conversations.length, 3);
  });

  await test("the conversation of an interrupted turn goes on", async () => {
    const again = await startServer({ state: (await next.stop(), server.state), datasets: await endlessDataset() });
    const more = await Stream.open(again, "POST", `/api/v1/conversations/${stream.conversation}/messages`, { json: { text: "How many sales are there?" } });
    await more.closed;
    const { turns } = (await get(again, `/api/v1/conversations/${stream.conversation}`)).json;
    assert.deepEqual(turns.map((one) => [one.ordinal, one.status]), [[1, "interrupted"], [2, "answered"]]);
    for (const one of turns) assertSchema(one, "Turn");
    await again.stop();
  });
}

async function places() {
  await test("a second server on the same state folder is refused, and the first goes on", async () => {
    const server = await startServer();
    assertRefused(await serve(server.state), 1, "another server uses the state folder", server.state, "STATE_PATH");
    assert.equal((await runSql(server, "SELECT 1")).status, 201);
    await server.stop();
    const next = await startServer({ state: server.state });
    await next.stop();
  });

  await test("a port that is taken is named, with a way out", async () => {
    const server = await startServer();
    const got = await run(["serve", "--listen", server.host, "--state", newFolder()]);
    assertRefused(got, 1, server.host, "listens", "--listen");
    assert.equal((await get(server, "/healthz")).status, 200);
    await server.stop();
  });

  await test("an address that this machine does not have is named", async () => {
    const got = await run(["serve", "--listen", "192.0.2.1:0", "--state", newFolder()], { env: { ACCESS_TOKEN: "x" } });
    assertRefused(got, 1, "192.0.2.1:0");
  });

  await test("the state folder is made where it is not, and is its owner's alone", async () => {
    const state = join(newFolder(), "a/b");
    const server = await startServer({ state });
    assert.equal(statSync(state).mode & 0o777, 0o700);
    await server.stop();
  });

  await test("a file in the way of the state folder is named", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "file"), "x");
    assertRefused(await serve(join(folder, "file")), 1, join(folder, "file"));
    assertRefused(await serve(join(folder, "file/below")), 1, join(folder, "file/below"));
  });

  await test("a store that is no database is named, and left as it is", async () => {
    const state = newFolder();
    writeFileSync(join(state, "sandglass.sqlite"), "nonsense ".repeat(1000));
    assertRefused(await serve(state), 1, join(state, "sandglass.sqlite"));
    assert.match(readFileSync(join(state, "sandglass.sqlite"), "utf8"), /^nonsense /);
  });

  await test("a state folder that cannot be written to is named, with a way out", async () => {
    const state = newFolder();
    if (process.getuid() === 0) mountTmpfs(state, "ro,size=64k");
    else chmodSync(state, 0o500);
    assertRefused(await serve(state), 1, state, /read-only|[Pp]ermission denied/i, "STATE_PATH");
    if (process.getuid() !== 0) chmodSync(state, 0o700);
  });

  await test("a folder of data sets that is not there is named", async () => {
    assertRefused(await serve(newFolder(), "--datasets", "/nowhere/at/all"), 1, "/nowhere/at/all");
  });
}

function mountTmpfs(folder, options) {
  if (process.getuid() !== 0) throw new Skip("only root may mount a small disk");
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "sandglass-test", folder], { stdio: "pipe" });
  } catch (error) {
    throw new Skip(`no small disk can be mounted here (${String(error.stderr).trim()})`);
  }
  atEnd(() => execFileSync("umount", [folder]));
}

// Leaves no byte: tmpfs counts whole pages.
function fill(folder) {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, "ballast"), Buffer.alloc(bavail * bsize));
}

async function fullDisk() {
  await test("on a full disk the server says which, keeps serving what it has, and stores again when there is room", async () => {
    const state = newFolder();
    mountTmpfs(state, "size=2m");
    const server = await startServer({ state, env: { MAX_CONCURRENT_RUNS: "1", RUN_TIMEOUT_MS: "60000" } });
    const before = await answer(server, "weather", prompt.question);
    const conversation = await newConversation(server, "weather");
    const blocking = await occupy(server);
    const stream = await ask(server, "weather", prompt.question);
    await stream.until("run.queued");
    fill(state);
    // What is asked now cannot be kept.
    for (const [path, body] of [["/api/v1/conversations", { dataset: "weather", title: "x".repeat(200) }], [`/api/v1/conversations/${conversation}/messages`, { text: `${prompt.question} ${"really ".repeat(500)}` }]]) {
      const got = await until("the disk is noticed to be full", async () => {
        const one = await post(server, path, body);
        return one.status >= 400 && one;
      });
      assertProblem(got, 500, "internal_error", { detail: new RegExp(`disk with ${state}\\S* is full`), hint: /room/ });
    }
    // What was under way is answered all the same, and says that it is not kept.
    await blocking.release();
    await stream.closed;
    const ended = stream.find("turn.ended").data;
    assert.equal(ended.status, "answered");
    assert.match(ended.warning, /full/);
    // What is there is served.
    assert.deepEqual((await get(server, `/api/v1/turns/${before.id}`)).json, before);
    assert.equal((await get(server, "/api/v1/health")).status, 200);
    assert.equal((await get(server, "/")).status, 200);
    assert.match(server.log, /could not be stored/);
    rmSync(join(state, "ballast"));
    assert.equal((await answer(server, "weather", prompt.question)).status, "answered");
    assert.deepEqual(await server.stop(), { status: 0, signal: null });
  });

  await test("an upload that a full disk does not take is refused as such, and leaves nothing", async () => {
    const state = newFolder();
    mountTmpfs(state, "size=66m");
    const server = await startServer({ state });
    const send = (body, headers) => call(server, "POST", "/api/v1/datasets?filename=a.csv", { body, headers: { "Content-Type": "text/csv", ...headers } });
    assertProblem(await send("a\n" + "1\n".repeat(2 * 1024 * 1024)), 507, "no_space", { detail: /disk/, hint: /MB left/ });
    assert.deepEqual(readdirSync(join(state, "uploads")), []);
    assert.equal((await send("a\n1\n")).status, 201);
    await server.stop();
  });

  await test("a disk that is full from the start is named", async () => {
    const state = newFolder();
    mountTmpfs(state, "size=64k");
    fill(state);
    assertRefused(await serve(state), 1, state, /full|No space/);
  });
}

// Found out by trying. With version 2 a group that holds a process can have none below it; root has the top.
function mayMakeGroups() {
  const places = readFileSync("/proc/self/cgroup", "utf8").matchAll(/^\d+:(.*?):(.*)$/gm);
  const own = Object.fromEntries([...places].flatMap(([, names, path]) => names.split(",").map((name) => [name, path])));
  return ["memory", "pids", "cpu"].every((name) => {
    try {
      if (!own[name]) assert.ok(process.getuid() === 0 && readFileSync("/sys/fs/cgroup/cgroup.controllers", "utf8").split(/\s/).includes(name));
      const made = join("/sys/fs/cgroup", own[name] ? join(name, own[name]) : "", `sandglass-try-${process.pid}`);
      mkdirSync(made);
      rmdirSync(made);
      return true;
    } catch {
      return false;
    }
  });
}

function groupsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8").match(/sandglass-[0-9A-Z]{26}/g) ?? [];
  } catch {
    return []; // it has just ended
  }
}

async function identity() {
  await test("what a server makes carries the id that its state folder keeps, in every life of it", async () => {
    if (!mayMakeGroups()) throw new Skip("this user can make no control groups here");
    const groups = (server) => descendantsOf(server.pid).flatMap((pid) => groupsOf(pid));
    const state = newFolder();
    for (let life = 0; life < 2; life++) {
      const server = await startServer({ state, env: { LOCAL_POOL: "1" } });
      await answer(server, "weather", prompt.question);
      const id = readFileSync(join(state, "server-id"), "utf8");
      assert.match(id, /^[0-9A-Z]{26}$/);
      const made = await until("one waits, in a group", () => descendantsOf(server.pid).length === processesEach && groups(server).length > 0 && groups(server));
      for (const one of made) assert.equal(one, `sandglass-${id}`);
      await server.stop();
    }
  });
}

async function leavings() {
  await test("a server that was stopped leaves nothing in its state folder but the store", async () => {
    const server = await startServer();
    await answer(server, "weather", prompt.question);
    await server.stop();
    mkdirSync(join(server.state, "datasets"), { recursive: true });
    assert.deepEqual(readdirSync(server.state).sort().filter((name) => name !== "datasets"), ["lock", "sandglass.sqlite", "server-id"]);
  });
}

export default async function () {
  for (const part of [stopping, asInit, dying, places, fullDisk, identity, leavings]) await part();
}
