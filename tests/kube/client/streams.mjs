// SPDX-License-Identifier: Apache-2.0
// attach and exec over WebSocket, by the official client, and by a bare one for what that hides.
import * as k8s from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { test, until } from "../../http/harness.mjs";
import { clientOf, create, jobOf, NAMESPACE, raw, remove, requestOf, shellJob, sink, untilEnded, untilPod, untilRunning } from "./fixture.mjs";

const PLACE = "default";
const V5 = "v5.channel.k8s.io";
const V4 = "v4.channel.k8s.io";

/** A bare client: { frames, closed, protocol, send } once it is open; rejects with the HTTP status otherwise. */
function bare(api, path, protocols, options = {}) {
  const folder = api.ca.replace(/[^/]+$/, "");
  const socket = new WebSocket(`${api.url.replace("https", "wss")}${path}`, protocols, { ca: readFileSync(api.ca), cert: readFileSync(`${folder}client.crt`), key: readFileSync(`${folder}client.key`), ...options });
  const frames = [];
  socket.on("message", (data) => frames.push([data[0], data.subarray(1).toString()]));
  const closed = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve({ socket, frames, closed, protocol: socket.protocol, send: (...bytes) => socket.send(Buffer.concat(bytes.map((one) => Buffer.from(one)))) }));
    socket.once("unexpected-response", (request, response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.once("end", () => reject(Object.assign(new Error(text), { status: response.statusCode })));
    });
    socket.on("error", reject);
  });
}

const pathOf = (pod, subresource, query) => `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/${subresource}?${query}`;
const joined = (frames, channel) => frames.flatMap(([one, text]) => (one === channel ? [text] : [])).join("");

async function execute(client, pod, command, input) {
  const exec = new k8s.Exec(client.config);
  const [out, err] = [sink(), sink()];
  let socket;
  const status = await new Promise((resolve, reject) => {
    exec.exec(PLACE, pod.metadata.name, "runner", command, out, err, input ?? null, false, resolve).then((one) => (socket = one), reject);
  });
  return { status, out: out.text, err: err.text, protocol: socket.protocol };
}

async function execs(api, client) {
  await create(client, shellJob("shell", "sleep 600"), PLACE);
  const pod = await untilRunning(client, "shell", PLACE);

  await test("exec gives output, error and success, in v5", async () => {
    const { status, out, err, protocol } = await execute(client, pod, ["sh", "-c", "echo out; echo err >&2"]);
    assert.deepEqual([status.status, out, err, protocol], ["Success", "out\n", "err\n", V5]);
  });

  await test("exec gives the exit code as a cause of the status", async () => {
    const { status } = await execute(client, pod, ["sh", "-c", "exit 3"]);
    assert.deepEqual([status.status, status.reason], ["Failure", "NonZeroExitCode"]);
    assert.deepEqual(status.details.causes, [{ reason: "ExitCode", message: "3" }]);
  });

  await test("exec of what is not there fails with a status", async () => {
    const { status } = await execute(client, pod, ["no-such-program"]);
    assert.deepEqual([status.status, status.reason, status.code], ["Failure", "InternalError", 500]);
    assert.match(status.message, /no-such-program.*executable file not found/);
  });

  await test("standard input goes in, and v5 can end it", async () => {
    const input = new PassThrough();
    input.end("a line\n".repeat(10_000));
    const { status, out } = await execute(client, pod, ["cat"], input);
    assert.deepEqual([status.status, out.length], ["Success", 70_000]);
  });

  await test("where only v4 is offered or served, v4 it is", async () => {
    assert.equal((await bare(api, pathOf(pod, "exec", "command=true&stdout=1"), [V4])).protocol, V4);
    await api.order({ fault: "v4_only" });
    const { status, protocol } = await execute(client, pod, ["true"]);
    assert.deepEqual([status.status, protocol], ["Success", V4]);
  });

  await test("in v4 only the end of the connection ends the input; a 255 does not", async () => {
    const { send, frames, socket, closed } = await bare(api, pathOf(pod, "exec", "command=sh&command=-c&command=cat;touch+ended&stdin=1&stdout=1"), [V4]);
    send([0], "x\n");
    send([255, 0]);
    await until("an echo", () => joined(frames, 1) === "x\n");
    await sleep(100);
    assert.equal(socket.readyState, WebSocket.OPEN);
    socket.close();
    await closed;
    await until("the program has read the end", async () => (await execute(client, pod, ["test", "-e", "ended"])).status.status === "Success");
  });

  await test("the first message is empty, on the lowest channel that is written; close is 1000", async () => {
    const both = await bare(api, pathOf(pod, "exec", "command=echo&command=hi&stdout=1&stderr=1"), [V5, V4]);
    assert.equal(await both.closed, 1000);
    assert.deepEqual(both.frames[0], [1, ""]);
    assert.deepEqual([both.frames.at(-1)[0], JSON.parse(both.frames.at(-1)[1]).status], [3, "Success"]);
    const input = await bare(api, pathOf(pod, "exec", "command=cat&stdin=1"), [V5]);
    input.send([255, 0]);
    assert.equal(await input.closed, 1000);
    assert.deepEqual(input.frames[0], [3, ""]);
  });

  await test("who does not answer pings is dropped, who does is kept", async () => {
    const path = pathOf(pod, "exec", "command=sleep&command=60&stdout=1");
    const deaf = await bare(api, path, [V5], { autoPong: false });
    const kept = await bare(api, path, [V5]);
    assert.equal(await deaf.closed, 1006);
    assert.equal(kept.socket.readyState, WebSocket.OPEN);
    kept.socket.terminate();
  });

  await test("requests that make no sense are refused before the upgrade", async () => {
    const refused = async (query, protocols, status, message) => {
      const error = await bare(api, pathOf(pod, "exec", query), protocols).catch((thrown) => thrown);
      assert.equal(error.status, status, error.message);
      assert.match(JSON.parse(error.message).message, message);
    };
    await refused("command=true", [V5], 400, /at least 1 of stdin, stdout, stderr/);
    await refused("stdout=1", [V5], 400, /at least one command/);
    await refused("command=true&stdout=1", ["chat"], 400, /none of the subprotocols \[chat\]/);
    await refused("command=true&stdout=1&container=x", [V5], 400, /container x is not valid for pod/);
    assert.match((await raw(api, "GET", pathOf(pod, "exec", "command=true&stdout=1"))).json.message, /Upgrade request required/);
  });

  await test("refusals, resets and a missing status come as ordered", async () => {
    const path = pathOf(pod, "exec", "command=true&stdout=1");
    await api.order({ fault: "stream_refused", code: 403, message: "no exec here" });
    assert.equal((await bare(api, path, [V5]).catch((error) => error)).status, 403);
    await api.order({ fault: "stream_refused" });
    const late = await bare(api, path, [V5]);
    assert.equal(await late.closed, 1000);
    assert.match(JSON.parse(joined(late.frames, 3)).message, /unable to upgrade connection/);
    await api.order({ fault: "stream_refused" });
    assert.equal((await bare(api, path, [V4]).catch((error) => error)).status, 500);
    await api.order({ fault: "no_status" });
    const silent = await bare(api, path, [V5]);
    assert.deepEqual([await silent.closed, joined(silent.frames, 3)], [1000, ""]);
    await api.order({ fault: "stream_reset", after_ms: 50 });
    assert.equal(await (await bare(api, pathOf(pod, "exec", "command=sleep&command=60&stdout=1"), [V5])).closed, 1006);
  });
  await remove(client, "shell", PLACE);
}

async function attaches(api, client) {
  const waiting = { args: ["runner", "--data", "/data/weather"], env: [], stdin: true, stdinOnce: true };

  await test("the program waits for its request, which attach sends; its answer comes back and is in the log", async () => {
    await create(client, jobOf("pooled", { container: waiting }));
    const pod = await untilRunning(client, "pooled");
    const [out, err, input] = [sink(), sink(), new PassThrough()];
    const socket = await new k8s.Attach(client.config).attach(NAMESPACE, pod.metadata.name, "runner", out, err, input, false);
    const closed = new Promise((resolve) => (socket.onclose = ({ code }) => resolve(code)));
    input.end(requestOf("SELECT 'attached'"));
    assert.equal(await closed, 1000);
    assert.deepEqual(JSON.parse(out.text).rows, [["attached"]]);
    assert.equal((await untilEnded(client, "pooled")).status.phase, "Succeeded");
    assert.match(await client.core.readNamespacedPodLog({ name: pod.metadata.name, namespace: NAMESPACE }), /"attached"/);
  });

  await test("with stdinOnce the input ends with the first client, without it the next one goes on", async () => {
    const echo = "while read line; do echo got $line; done; echo end";
    for (const stdinOnce of [true, false]) {
      const name = stdinOnce ? "once" : "often";
      await create(client, shellJob(name, echo, { container: { stdin: true, stdinOnce } }), PLACE);
      const pod = await untilRunning(client, name, PLACE);
      const path = pathOf(pod, "attach", "stdin=1&stdout=1");
      const first = await bare(api, path, [V4]);
      first.send([0], "a\n");
      await until("an answer", () => joined(first.frames, 1) === "got a\n");
      first.socket.terminate();
      if (stdinOnce) {
        assert.equal((await untilEnded(client, name, PLACE)).status.phase, "Succeeded");
        continue;
      }
      const second = await bare(api, path, [V5]);
      second.send([0], "b\n");
      await until("an answer", () => joined(second.frames, 1) === "got b\n");
      await remove(client, name, PLACE);
      assert.equal(await second.closed, 1000);
    }
  });

  await test("attach says Success however the program ends", async () => {
    await create(client, shellJob("ends", "read line; exit 5", { container: { stdin: true, stdinOnce: true } }), PLACE);
    const pod = await untilRunning(client, "ends", PLACE);
    const { send, closed, frames } = await bare(api, pathOf(pod, "attach", "stdin=1&stdout=1"), [V5]);
    send([0], "x\n");
    assert.equal(await closed, 1000);
    assert.equal(JSON.parse(joined(frames, 3)).status, "Success");
  });

  await test("before the container runs there is nothing to attach to: in v5 by a status, in v4 by HTTP", async () => {
    await api.order({ fault: "slow_pull", ms: 60_000, match: { name: "^early" } });
    await create(client, shellJob("early", "true"), PLACE);
    const pod = await untilPod(client, "early", (one) => one.spec.nodeName, PLACE);
    const path = pathOf(pod, "attach", "stdout=1");
    const { closed, frames } = await bare(api, path, [V5]);
    assert.equal(await closed, 1000);
    assert.match(JSON.parse(joined(frames, 3)).message, /container not found \("runner"\)/);
    assert.equal((await bare(api, path, [V4]).catch((error) => error)).status, 500);
    await remove(client, "early", PLACE);
  });
}

export default async function streams(api) {
  const client = clientOf(api);
  await execs(api, client);
  await attaches(api, client);
  await test("no stream is left open", async () => assert.equal((await until("all are closed", async () => ((state) => state.streams === 0 && state)(await api.state()))).streams, 0));
}
