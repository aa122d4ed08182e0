// SPDX-License-Identifier: Apache-2.0
// Logs: whole, followed, cut to size, long lines, and the ways in which they are lost.
import * as k8s from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { test, until } from "../../http/harness.mjs";
import { assertRefused, clientOf, create, jobOf, NAMESPACE, raw, remove, shellJob, sink, untilEnded, untilGone, untilPod, untilRunning } from "./fixture.mjs";

const PLACE = "default";
const LONG = 40_000;

const read = (client, pod, more = {}) => client.core.readNamespacedPodLog({ name: pod.metadata.name, namespace: PLACE, ...more });

async function run(client, name, script) {
  await create(client, shellJob(name, script), PLACE);
  return untilEnded(client, name, PLACE);
}

async function reading(api, client) {
  const pod = await run(client, "lines", "echo one; sleep 0.2; echo two >&2; sleep 0.2; printf three");

  await test("a log has standard output and error, in the order in which they came", async () => {
    assert.equal(await read(client, pod), "one\ntwo\nthree");
  });

  await test("tailLines and limitBytes cut it, timestamps stand at each line", async () => {
    assert.equal(await read(client, pod, { tailLines: 2 }), "two\nthree");
    assert.equal(await read(client, pod, { tailLines: 0 }), "");
    assert.equal(await read(client, pod, { limitBytes: 5 }), "one\nt");
    const lines = (await read(client, pod, { timestamps: true })).split("\n");
    assert.ok(lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (one|two|three)$/.test(line)), lines.join());
  });

  await test("a line of more than 16 KiB is one line again; its tail is the last piece of it", async () => {
    const long = await run(client, "long", `head -c ${LONG} /dev/zero | tr '\\0' x; echo`);
    assert.equal(await read(client, long), `${"x".repeat(LONG)}\n`);
    assert.equal(await read(client, long, { tailLines: 1 }), `${"x".repeat(LONG % 16384)}\n`);
  });

  await test("standard error gets between the pieces of a long line", async () => {
    const mixed = await run(client, "mixed", "head -c 20000 /dev/zero | tr '\\0' x; sleep 0.3; echo err >&2; sleep 0.3; echo y");
    assert.equal(await read(client, mixed), `${"x".repeat(16384)}err\n${"x".repeat(20000 - 16384)}y\n`);
  });

  await test("a container that waits has no log yet, and the reason is told", async () => {
    await api.order({ fault: "slow_pull", ms: 60_000, match: { name: "^waits" } });
    await create(client, shellJob("waits", "true"), PLACE);
    const waiting = await untilPod(client, "waits", (one) => one.status.containerStatuses, PLACE);
    await assertRefused(read(client, waiting), 400, "BadRequest", /^container "runner" in pod "waits-\w+" is waiting to start: ContainerCreating$/);
    await assertRefused(read(client, waiting, { container: "other" }), 400, "BadRequest", /^container other is not valid for pod waits-/);
    await remove(client, "waits", PLACE);
  });
}

async function following(api, client) {
  const log = new k8s.Log(client.config);

  await test("a followed log comes as it is written, and ends with the container", async () => {
    await create(client, shellJob("followed", "echo begin; while ! [ -e go ]; do sleep 0.05; done; echo end"), PLACE);
    const pod = await untilRunning(client, "followed", PLACE);
    const stream = sink();
    let isEnded = false;
    stream.once("end", () => (isEnded = true));
    await log.log(PLACE, pod.metadata.name, "runner", stream, { follow: true });
    await until("the first line", () => stream.text === "begin\n");
    assert.equal(isEnded, false);
    const exec = new k8s.Exec(client.config);
    await exec.exec(PLACE, pod.metadata.name, "runner", ["touch", "go"], sink(), sink(), null, false);
    await until("the end", () => isEnded);
    assert.equal(stream.text, "begin\nend\n");
  });

  await test("a follower who goes away is forgotten", async () => {
    await create(client, shellJob("left", "sleep 60"), PLACE);
    const pod = await untilRunning(client, "left", PLACE);
    const controller = await log.log(PLACE, pod.metadata.name, "runner", sink().on("error", () => {}), { follow: true });
    controller.abort();
    await until("it is noted", async () => (await api.state()).requests.some(({ path, status }) => path.includes("left") && path.includes("follow=true") && status === 200));
    await remove(client, "left", PLACE);
    await untilGone(client, "left", PLACE);
  });

  await test("rotation ends a followed log before its end", async () => {
    await api.order({ fault: "log_cut", bytes: 8, match: { subresource: "log", name: "^rotated" } });
    await create(client, shellJob("rotated", "while :; do echo line; sleep 0.05; done"), PLACE);
    const pod = await untilRunning(client, "rotated", PLACE);
    const stream = sink();
    await log.log(PLACE, pod.metadata.name, "runner", stream, { follow: true });
    await until("it has ended", () => stream.readableEnded);
    assert.equal(stream.text, "line\nlin");
    assert.equal((await api.state()).pids.length, 1);
    await remove(client, "rotated", PLACE);
  });
}

async function losing(api, client) {
  await create(client, jobOf("lost"));
  const pod = await untilEnded(client, "lost");
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod.metadata.name}/log`;
  const whole = (await raw(api, "GET", path)).text;

  await test("a log is truncated, reset or gone as often as ordered, then whole", async () => {
    await api.order({ fault: "log_truncated", bytes: 20 });
    assert.equal((await raw(api, "GET", path)).text, whole.slice(0, 20));
    await api.order({ fault: "log_gone" });
    const gone = await raw(api, "GET", path);
    assert.deepEqual([gone.status, /^unable to retrieve container logs for containerd:\/\/[0-9a-f]{64}$/.test(gone.text)], [200, true]);
    await api.order({ fault: "log_reset", bytes: 10 });
    await assert.rejects(raw(api, "GET", path), { code: "ECONNRESET" });
    assert.equal((await raw(api, "GET", path)).text, whole);
  });
}

export default async function logs(api) {
  const client = clientOf(api);
  await reading(api, client);
  await following(api, client);
  await losing(api, client);
}
