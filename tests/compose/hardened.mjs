// SPDX-License-Identifier: Apache-2.0
// What the hardened compose file's proxy lets through, asked where its server asks.
//
//   PROXY=socket IMAGE=name node tests/compose/hardened.mjs
import assert from "node:assert/strict";
import { tap, test } from "../http/harness.mjs";
import { call, containerOf, newName, version } from "../docker/client.mjs";

const { PROXY: proxy, IMAGE: image } = process.env;
const create = (body, name = newName()) => call(proxy, "POST", `${version}/containers/create?name=${name}`, { body });
const good = containerOf(image);
const withHost = (more) => ({ ...good, HostConfig: { ...good.HostConfig, ...more } });

await test("a container that is no more than a sandbox is made", async () => {
  const name = newName();
  const made = await create(good, name);
  assert.equal(made.status, 200, made.text);
  assert.equal((await call(proxy, "DELETE", `${version}/containers/${name}?force=1&v=1`)).status, 204);
});

await test("the same, privileged, is refused by name", async () => {
  const got = await create(withHost({ Privileged: true }));
  assert.equal(got.status, 403, got.text);
  assert.match(got.json.message, /HostConfig\.Privileged is no option that a sandbox has/);
});

for (const [what, body] of [
  ["the host's disk", withHost({ Mounts: [{ Target: "/data", Type: "bind", Source: "/", ReadOnly: true }] })],
  ["the Engine's socket", withHost({ Binds: ["/var/run/docker.sock:/var/run/docker.sock"] })],
  ["the host's processes", withHost({ PidMode: "host" })],
  ["a network", withHost({ NetworkMode: "bridge" })],
  ["more memory than the file allows", withHost({ Memory: 2 ** 33, MemorySwap: 2 ** 33 })],
  ["another image", { ...good, Image: "alpine" }],
]) {
  await test(`one with ${what} is refused`, async () => assert.equal((await create(body)).status, 403));
}

await test("nothing but sandboxes is to be had", async () => {
  for (const [method, path] of [["GET", "/containers/json"], ["GET", "/images/json"], ["GET", "/volumes"], ["POST", "/build"], ["POST", "/containers/x/exec"], ["GET", "/events"]]) {
    assert.equal((await call(proxy, method, version + path, { headers: { "Content-Length": 0 } })).status, 403, path);
  }
});
process.exitCode = tap.failed > 0 || tap.passed === 0 ? 1 : 0;
