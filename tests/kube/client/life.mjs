// SPDX-License-Identifier: Apache-2.0
// The server itself: how it starts, and that nothing is left of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { bundled, isAlive, newFolder, root, test, until } from "../../http/harness.mjs";
import { startApi } from "../start.mjs";
import { clientOf, create, shellJob, untilRunning } from "./fixture.mjs";

const PLACE = "default";

async function withPods(api) {
  const client = clientOf(api);
  await create(client, shellJob("busy", "sleep 600 & exec sleep 600"), PLACE);
  await untilRunning(client, "busy", PLACE);
  const { pids } = await api.state();
  assert.equal(pids.length, 1);
  return pids;
}

export default async function life(api) {
  await test("on SIGTERM it ends with its Pods, and its folder is empty", async () => {
    const pids = await withPods(api);
    assert.deepEqual(await api.stop(), { status: 0, signal: null });
    await until("no process is left", () => !pids.some(isAlive));
    assert.deepEqual(readdirSync(api.dir), []);
    assert.equal(api.log.replaceAll(/^tests\/kube\/server\.mjs: (no --schema|user \d+ cannot reach).*\n/gm, ""), "");
  });

  await test("it ends when whoever started it closes its input", async () => {
    const other = await startApi();
    const pids = await withPods(other);
    other.child.stdin.end();
    assert.deepEqual(await other.stop(null), { status: 0, signal: null });
    await until("no process is left", () => !pids.some(isAlive));
    assert.deepEqual(readdirSync(other.dir), []);
  });

  await test("wrong words are refused with what is expected", () => {
    const server = join(root, "tests/kube/server.mjs");
    const run = (...words) => spawnSync(process.execPath, [server, ...words], { encoding: "utf8" });
    for (const [words, message] of [[[], /--app PROGRAM and --dir DIR are needed/], [["--app", "x", "--dir", newFolder(), "--port", "many"], /--port is a whole number/], [["--data", bundled, "--what"], /--what/]]) {
      const { status, stderr } = run(...words);
      assert.equal(status, 2);
      assert.match(stderr, message);
    }
  });
}
