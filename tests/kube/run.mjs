// SPDX-License-Identifier: Apache-2.0
// The Kubernetes backend against the test API server: the conformance suite of every backend, with
// and without Pods ahead, then what the backend makes of a cluster that misbehaves.
//
//   node tests/kube/run.mjs [TEST…]       a TEST as build/tests/kube names it
//
// A Pod's process gets namespaces of its own where this machine gives them (unshare), so that what
// the runner reads back of its walls is what a container would have.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundled, app as program, call, endAll, get, newFolder, root, runSql, startServer, tap, test, until } from "../http/harness.mjs";
import { clientOf } from "./client/fixture.mjs";
import { startApi } from "./start.mjs";

const NOBODY = 65534;
const words = ["--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts"];

/** A copy of the program that uid 65534 can reach, behind namespaces. */
function makeApp(folder) {
  const real = join(folder, "program");
  const app = join(folder, "app");
  copyFileSync(program, real);
  const identity = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { status } = spawnSync("unshare", [...words, "true"], { cwd: "/", ...identity });
  const prefix = status === 0 ? `unshare ${words.join(" ")} ` : "";
  if (!prefix) console.log("# this machine gives a Pod's process no namespaces");
  writeFileSync(app, `#!/bin/sh\nexec ${prefix}"${real}" "$@"\n`);
  for (const path of [real, app]) chmodSync(path, 0o755);
  return app;
}

/** Runs a test program and prints what it prints; its counts are added to ours. */
function runProgram(name, env, names = []) {
  return new Promise((resolve) => {
    const child = spawn(join(root, "build/tests", name), names, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (bytes) => (text += bytes));
    child.once("error", (error) => (text += `not ok - ${name} can be started\n# ${error.message}\n`));
    child.once("close", () => {
      process.stdout.write(text.replace(/^# (pass|fail|skip) \d+\n/gm, ""));
      for (const [, no, skip] of text.matchAll(/^(not )?ok - .*?( # SKIP.*)?$/gm)) tap[no ? "failed" : skip ? "skipped" : "passed"] += 1;
      resolve();
    });
  });
}

async function wellbeing() {
  cpSync(join(bundled, "weather"), join(datasets, "weather"), { recursive: true });
  await Promise.all([api.clear(), api.rules(null), api.forget()]);
  const made = async () => (await api.state()).requests.filter(({ verb, resource }) => verb === "create" && resource === "jobs").length;
  const server = await startServer({ datasets, words: ["--mode", "k8s"], env });
  const ready = async () => (await get(server, "/readyz")).status;
  await test("a server that is asked again whether it is ready makes no Job again", async () => {
    assert.equal(await ready(), 200);
    const before = await made();
    for (let i = 0; i < 5; i++) assert.equal(await ready(), 200);
    assert.equal(await made(), before);
  });
  await test("a run that has no sandbox is reason to look again, and what is found passes", async () => {
    await api.order({ fault: "quota", count: 2 });
    assert.equal((await runSql(server, "SELECT 1")).json.outcome, "quota_exceeded");
    assert.equal(await ready(), 503);
    await until("it is ready again", async () => (await ready()) === 200);
  });
  await server.stop();
}

async function makeClaim(name) {
  const body = { metadata: { name }, spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "1Gi" } } } };
  await clientOf(api).core.createNamespacedPersistentVolumeClaim({ namespace: api.namespace, body });
}

async function uploading() {
  await Promise.all([api.clear(), api.rules(null), api.forget()]);
  const csv = { body: "city,amount\nParis,1\nLyon,2\n", headers: { "Content-Type": "text/csv" } };
  const upload = (server) => call(server, "POST", "/api/v1/datasets?filename=loans.csv", csv);
  await test("without a volume that Pods see too nothing is uploaded, and it is said why", async () => {
    const server = await startServer({ datasets, words: ["--mode", "k8s"], env });
    const refused = await upload(server);
    assert.equal(refused.status, 403, refused.text);
    assert.match(refused.json.detail, /Pods, which see no file of it/);
    assert.match(refused.json.hint, /KUBE_DATA_CLAIM/);
    assert.equal((await get(server, "/api/v1/datasets")).json.uploads.max_bytes, 0);
    await server.stop();
  });
  await test("on a volume that both mount, an upload is asked in a Pod of its own, with tables that are added to it", async () => {
    await makeClaim("tables");
    const server = await startServer({ datasets, words: ["--mode", "k8s"], env: { ...env, KUBE_DATA_CLAIM: "tables", KUBE_POOL: "1" } });
    const made = await upload(server);
    assert.equal(made.status, 201, made.text);
    const ask = async (sql) => (await runSql(server, sql, { dataset: made.json.name })).json;
    const run = await ask("SELECT sum(amount) FROM loans");
    assert.deepEqual([run.outcome, run.result?.rows], ["completed", [[3]]], run.message);
    assert.match(run.where, /sandglass-run-/);
    const added = await call(server, "POST", `/api/v1/datasets/${made.json.name}/tables?filename=cities.csv`, csv);
    assert.equal(added.status, 201, added.text);
    assert.deepEqual((await ask("SELECT count(*) FROM cities")).result?.rows, [[2]]);
    await server.stop();
  });
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void endAll().then(() => process.exit(1)));

const folder = newFolder();
const datasets = join(folder, "data");
chmodSync(folder, 0o755);
mkdirSync(datasets, { mode: 0o755 });
mkdirSync(join(folder, "server"), { mode: 0o755 });
const app = makeApp(folder);
const api = await startApi({ dir: join(folder, "server"), data: datasets, words: ["--app", app] });
const env = {
  SANDBOX_MODE: "k8s",
  SANDBOX_DATASETS: datasets,
  RUNNER_IMAGE: "sandglass:test",
  KUBECONFIG: api.kubeconfig,
  KUBE_NAMESPACE: api.namespace,
  KUBE_ADMIN: api.admin,
  KUBE_ACCOUNT: api.account,
};
const names = process.argv.slice(2);
if (names.length === 0) {
  await runProgram("runs", env);
  await runProgram("runs", { ...env, SANDBOX_POOL: "2" });
}
await runProgram("kube", env, names);
if (names.length === 0) {
  await wellbeing();
  await uploading();
}
await test("no Pod of the tests is left", () => until("every Pod's process has ended", async () => (await api.state()).pids.length === 0));
await endAll();
console.log(`# pass ${tap.passed}\n# fail ${tap.failed}\n# skip ${tap.skipped}`);
process.exit(tap.failed > 0 || tap.passed === 0 ? 1 : 0);
