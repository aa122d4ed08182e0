// SPDX-License-Identifier: Apache-2.0
// Who may talk to the server: names, origins, tokens, and what it may listen on.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem, operations } from "./contract.mjs";
import { answer, call, get, newFolder, post, raw, run, runSql, startServer, test } from "./harness.mjs";

async function names(server) {
  const { port } = new URL(server.url);
  const asked = (host, path = "/api/v1/health") => get(server, path, { Host: host });

  await test("the server answers to the names of this machine, with and without a port", async () => {
    for (const host of [`127.0.0.1:${port}`, "127.0.0.1", `localhost:${port}`, "LOCALHOST", `[::1]:${port}`, "[::1]", "127.8.8.8"]) assert.equal((await asked(host)).status, 200, host);
  });

  await test("it answers to no other name, whatever is asked: that would be DNS rebinding", async () => {
    const foreign = ["evil.example", `evil.example:${port}`, "127.evil.example", `127.0.0.1.evil.example:${port}`, "localhost.evil.example", "evil.localhost.example", "0.0.0.0", "10.0.0.1", "[::2]", "[fe80::1]", "::1.evil.example", "127.0.0.1@evil.example", "127.1", "1270.0.0.1"];
    for (const host of foreign) {
      for (const path of ["/", "/healthz", "/api/v1/health", "/api/v1/datasets"]) {
        const got = await asked(host, path);
        assertProblem(got, 403, "forbidden", { detail: /name/, hint: /ALLOWED_HOSTS/ });
      }
    }
    assertProblem(await post(server, "/api/v1/runs", { dataset: "weather", sql: "SELECT 1" }, { Host: "evil.example" }), 403, "forbidden");
  });

  await test("it answers to nobody without a name", async () => {
    assert.match(await raw(server, "GET /api/v1/health HTTP/1.0\r\n\r\n"), /^HTTP\/1\.[01] 403 /);
    for (const host of ["", "Host:\r\n", "Host: \r\n"]) assert.match(await raw(server, `GET /api/v1/health HTTP/1.1\r\n${host}Connection: close\r\n\r\n`), /^HTTP\/1\.1 40[03] /, host);
  });

  await test("another web page may not use it: an Origin is the same host and port, or refused", async () => {
    const from = (origin) => call(server, "POST", "/api/v1/runs", { json: { dataset: "weather", sql: "SELECT 1" }, headers: { Origin: origin } });
    assert.equal((await from(`http://${server.host}`)).status, 201);
    for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${Number(port) + 1}`, "http://127.0.0.1", `http://localhost:${port}`, `http://${server.host}.evil.example`, `http://evil.example/${server.host}`, "file://", ""]) {
      assertProblem(await from(origin), 403, "forbidden", { detail: /web page/ });
    }
  });

  await test("what a browser calls cross-site is refused, but for the page itself", async () => {
    for (const path of ["/api/v1/health", "/api/v1/datasets", "/metrics"]) assertProblem(await get(server, path, { "Sec-Fetch-Site": "cross-site" }), 403, "forbidden");
    assert.equal((await get(server, "/", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" })).status, 200);
    for (const site of ["same-origin", "none"]) assert.equal((await get(server, "/api/v1/health", { "Sec-Fetch-Site": site })).status, 200, site);
  });

  await test("no other page is given leave to read an answer", async () => {
    for (const path of ["/", "/api/v1/health", "/nowhere"]) {
      const { headers } = await get(server, path, { Origin: `http://${server.host}` });
      assert.equal(headers["access-control-allow-origin"], undefined);
      assert.equal(headers["cross-origin-resource-policy"], "same-origin");
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
    const preflight = await call(server, "OPTIONS", "/api/v1/runs", { headers: { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" } });
    assert.ok(preflight.status >= 400);
    assert.equal(preflight.headers["access-control-allow-methods"], undefined);
  });

  await test("further names are those of ALLOWED_HOSTS, whole, and no others", async () => {
    const named = await startServer({ env: { ALLOWED_HOSTS: "sandglass.test,other.test" } });
    for (const host of ["sandglass.test", "SANDGLASS.test:80", "other.test"]) assert.equal((await get(named, "/healthz", { Host: host })).status, 200, host);
    for (const host of ["sandglass.tes", "sandglass", "glass.test", "sandglass.test,other.test", "sandglass.test.evil.example", ",", "evil.example"]) assert.equal((await get(named, "/healthz", { Host: host })).status, 403, host);
    await named.stop();
  });
}

const TOKEN = "correct horse battery staple";

async function tokens() {
  const server = await startServer({ env: { ACCESS_TOKEN: TOKEN } });
  const right = { Authorization: `Bearer ${TOKEN}` };
  const open = ["/healthz", "/readyz", "/api/openapi.json"];

  await test("with a token set every route of the API is 401 without it, and says how to send it", async () => {
    for (const { method, path } of operations.filter(({ path }) => !open.includes(path))) {
      const got = await call(server, method, path.replace(/\{\w+\}/, "x"), method === "POST" ? { json: {} } : {});
      assertProblem(assertContract(got, path), 401, "unauthorized", { hint: /Bearer/ });
      assert.equal(got.headers["www-authenticate"], "Bearer");
    }
  });

  await test("a wrong token is 401, however near it is", async () => {
    for (const header of ["Bearer", "Bearer ", "Bearer wrong", `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, `Bearer ${TOKEN.toUpperCase()}`, `Basic ${Buffer.from(`x:${TOKEN}`).toString("base64")}`, TOKEN]) {
      assertProblem(await get(server, "/api/v1/health", { Authorization: header }), 401, "unauthorized", { detail: /token/ });
    }
    assertProblem(await get(server, `/api/v1/health?token=${encodeURIComponent(TOKEN)}`), 401, "unauthorized");
  });

  await test("a request without the token is refused before its body is looked at", async () => {
    assertProblem(await call(server, "POST", "/api/v1/runs", { body: "{", headers: { "Content-Type": "text/plain" } }), 401, "unauthorized");
    assertProblem(await post(server, "/api/v1/runs", { sql: "x".repeat(500_000) }), 401, "unauthorized");
  });

  await test("with the token everything is as without one, under any name", async () => {
    assert.equal((await get(server, "/api/v1/health", right)).status, 200);
    assert.equal((await get(server, "/api/v1/health", { Authorization: `bearer ${TOKEN}` })).status, 200);
    assert.equal((await get(server, "/api/v1/health", { ...right, Host: "sandglass.example" })).status, 200);
    assert.equal((await answer(server, "weather", prompts.weather[0].question, { headers: right })).status, "answered");
    assertProblem(await get(server, "/api/v1/health", { ...right, Origin: "https://evil.example" }), 403, "forbidden");
  });

  await test("alive, ready, the contract and the page itself are open", async () => {
    for (const path of [...open, "/", "/c/x"]) assert.equal((await get(server, path)).status, 200, path);
  });

  await test("the token is in no log", () => {
    assert.ok(!server.log.includes(TOKEN) && !server.said.includes(TOKEN));
    return Promise.resolve();
  });
  await server.stop();

  await test("a token file wins over the variable, and the line's end is not part of the token", async () => {
    const file = join(newFolder(), "token");
    writeFileSync(file, "from the file\r\n");
    const filed = await startServer({ env: { ACCESS_TOKEN: TOKEN, ACCESS_TOKEN_FILE: file } });
    assert.equal((await get(filed, "/api/v1/health", { Authorization: "Bearer from the file" })).status, 200);
    assert.equal((await get(filed, "/api/v1/health", right)).status, 401);
    await filed.stop();
  });

  await test("a token file that is empty or missing is named, and nothing is served", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "empty"), "\n");
    for (const [name, why] of [["empty", /is empty/], ["missing", /is not there/]]) {
      const got = await run(["serve", "--listen", "127.0.0.1:0", "--state", join(folder, "state"), "--access-token-file", join(folder, name)]);
      assert.ok(got.status === 1 || got.status === 2, `status ${got.status}`);
      assert.match(got.err, why);
      assert.ok(got.err.includes(join(folder, name)));
      assert.equal(got.out, "");
    }
  });
}

// The same server by its loopback address.
const local = (server) => ({ url: server.url.replace("[::]", "[::1]").replace("0.0.0.0", "127.0.0.1") });

async function exposure() {
  await test("a server that other machines can reach has a token, one of its own where none is set", async () => {
    for (const listen of ["0.0.0.0:0", "[::]:0"]) {
      const state = newFolder();
      const file = join(state, "access-token");
      const server = await startServer({ listen, state });
      const token = readFileSync(file, "utf8");
      const asked = (headers) => get(local(server), "/api/v1/health", headers).then(({ status }) => status);
      assert.match(token, /^[0-9a-f]{48}$/);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.deepEqual([await asked({}), await asked({ Authorization: `Bearer ${token}` })], [401, 200]);
      assert.match(server.log, /`app token` prints it/);
      assert.ok(!server.log.includes(token) && !server.said.includes(token), "it is in no log");
      await server.stop();
      assert.equal((await run(["token", "--state", state])).out, `${token}\n`);
      assert.equal((await run(["token", "--state", state, "--url", "http://127.0.0.1:8080"])).out, `http://127.0.0.1:8080/#token=${token}\n`);

      const again = await startServer({ listen, state });
      assert.equal(readFileSync(file, "utf8"), token, "it is kept");
      await again.stop();
    }
  });

  await test("two servers have different tokens, and one on loopback has none", async () => {
    const [one, two, inside] = [newFolder(), newFolder(), newFolder()];
    for (const [state, listen] of [[one, "0.0.0.0:0"], [two, "0.0.0.0:0"], [inside, "127.0.0.1:0"]]) await (await startServer({ listen, state })).stop();
    assert.notEqual(readFileSync(join(one, "access-token"), "utf8"), readFileSync(join(two, "access-token"), "utf8"));
    const got = await run(["token", "--state", inside]);
    assert.equal(got.status, 1);
    assert.match(got.err, /no access token/);
  });

  await test("a token that is set wins over the server's own, and none is made then", async () => {
    const state = newFolder();
    const server = await startServer({ listen: "0.0.0.0:0", state, env: { ACCESS_TOKEN: TOKEN } });
    assert.equal((await get(server, "/healthz")).status, 200);
    assert.equal((await get(server, "/api/v1/health")).status, 401);
    assert.equal((await get(server, "/api/v1/health", { Authorization: `Bearer ${TOKEN}` })).status, 200);
    assert.ok(!existsSync(join(state, "access-token")));
    await server.stop();
  });

  await test("a token's file that is empty is named, and nothing is served", async () => {
    const state = newFolder();
    writeFileSync(join(state, "access-token"), "");
    const got = await run(["serve", "--listen", "0.0.0.0:0", "--state", state]);
    assert.equal(got.status, 1, got.err);
    assert.match(got.err, /access-token is empty/);
  });

  await test("localhost and any loopback address can be listened on without one", async () => {
    for (const listen of ["localhost:0", "127.0.0.2:0"]) {
      const server = await startServer({ listen });
      assert.equal((await get(server, "/api/v1/health")).status, 200, listen);
      await server.stop();
    }
  });

  await test("an address that is none is refused with an example", async () => {
    for (const listen of ["8080", "localhost", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:http", "example.org:80", ":8080", "256.0.0.1:80", "x".repeat(100) + ":1"]) {
      const got = await run(["serve", "--listen", listen, "--state", newFolder()]);
      assert.equal(got.status, 2, `${listen}: ${got.err}`);
      assert.match(got.err, /address/);
    }
  });
}

export default async function () {
  const server = await startServer();
  await names(server);
  assert.equal((await runSql(server, "SELECT 1")).status, 201);
  await server.stop();
  await tokens();
  await exposure();
}
