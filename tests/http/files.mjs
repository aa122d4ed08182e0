// SPDX-License-Identifier: Apache-2.0
// The web UI's files: addresses, encodings, caching, and that nothing beside them can be reached.
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { assertProblem } from "./contract.mjs";
import { call, get, newFolder, raw, startServer, test } from "./harness.mjs";

const gzip = { "Accept-Encoding": "gzip, deflate, br" };

async function later(server) {
  const index = await get(server, "/");
  const linked = [...index.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
  // What a script fetches later is named in it, beside itself.
  const found = new Set();
  const follow = async (path) => {
    for (const [, name] of (await get(server, path)).text.matchAll(/"\.\/([\w.-]+\.js)"/g)) {
      const named = `/assets/${name}`;
      if (linked.includes(named) || found.has(named)) continue;
      found.add(named);
      await follow(named);
    }
  };
  for (const path of linked.filter((one) => one.endsWith(".js"))) await follow(path);

  await test("what the page fetches later is there too, is not named in the page, and is kept and packed like the rest", async () => {
    assert.ok(found.size > 0);
    for (const path of found) {
      const got = await get(server, path, gzip);
      assert.deepEqual([got.status, got.headers["content-encoding"]], [200, "gzip"], path);
      assert.match(got.headers["cache-control"], /max-age=31536000, immutable/, path);
      assert.match(got.headers.etag, /^"[0-9a-f]{32}-gz"$/, path);
      assert.ok(!index.text.includes(path), path);
    }
  });
}

async function embedded(server) {
  const index = await get(server, "/");
  const linked = [...index.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);

  await test("the page is at each of its addresses, and asks for its files by absolute paths", async () => {
    assert.equal(index.status, 200);
    assert.equal(index.headers["content-type"], "text/html; charset=utf-8");
    for (const path of ["/c/01K5Q3V9XQ7M4N8P2R6S0T1V2W", "/c/x", "/c/x/y", "/a/x", "/data", "/data/x?table=y", "/pins", "/sql?sql=SELECT+1", "/status", "/settings"]) assert.equal((await get(server, path)).text, index.text, path);
    assert.ok(linked.some((path) => path.endsWith(".js")) && linked.some((path) => path.endsWith(".css")), String(linked));
  });

  await test("every file that the page names is there, with the type of its name", async () => {
    const types = { js: /^text\/javascript; charset=utf-8$/, css: /^text\/css; charset=utf-8$/, svg: /^image\/svg\+xml/ };
    for (const path of linked) {
      const got = await get(server, path);
      assert.equal(got.status, 200, path);
      assert.match(got.headers["content-type"], types[path.split(".").pop()], path);
      assert.ok(got.bytes.length > 0);
    }
  });

  await test("files whose name holds their hash are cached for ever, the page never without asking", async () => {
    assert.equal(index.headers["cache-control"], "no-cache");
    for (const path of linked.filter((one) => one.startsWith("/assets/"))) assert.match((await get(server, path)).headers["cache-control"], /max-age=31536000, immutable/, path);
  });

  await test("the page may load its own files alone, and no other page may frame it", async () => {
    const policy = index.headers["content-security-policy"];
    for (const words of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) assert.ok(policy.includes(words), words);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.doesNotMatch(index.text, /<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|style="/);
  });

  await test("who accepts gzip gets it, and unpacked it is the same", async () => {
    for (const path of ["/", ...linked]) {
      const [plain, small] = [await get(server, path), await get(server, path, gzip)];
      assert.equal(plain.headers["content-encoding"], undefined);
      assert.match(plain.headers.vary, /Accept-Encoding/);
      if (!small.headers["content-encoding"]) continue; // one that would not get smaller
      assert.ok(small.bytes.length < plain.bytes.length);
      assert.equal(gunzipSync(small.bytes).compare(plain.bytes), 0);
      assert.notEqual(small.headers.etag, plain.headers.etag);
    }
    const script = linked.find((path) => path.endsWith(".js"));
    assert.equal((await get(server, script, gzip)).headers["content-encoding"], "gzip");
  });

  await test("who refuses gzip by q=0 does not get it", async () => {
    for (const accepted of ["gzip;q=0", "identity, gzip;q=0"]) assert.equal((await get(server, "/", { "Accept-Encoding": accepted })).headers["content-encoding"], undefined, accepted);
  });

  await test("a file that the client has already is 304, without a body", async () => {
    for (const headers of [{}, gzip]) {
      const { etag } = (await get(server, "/", headers)).headers;
      assert.match(etag, /^"[0-9a-f]{32}(-gz)?"$/);
      for (const known of [etag, `"other", ${etag}`, `W/${etag}`]) {
        const got = await get(server, "/", { ...headers, "If-None-Match": known });
        assert.deepEqual([got.status, got.bytes.length, got.headers.etag], [304, 0, etag], known);
      }
      const stale = await get(server, "/", { ...headers, "If-None-Match": '"00000000000000000000000000000000"' });
      assert.equal(stale.status, 200);
    }
  });

  await test("a file that is not there is a problem, not the page", async () => {
    for (const path of ["/assets/nothing.js", "/assets/", "/index.html", "/assets/index.html", "/favicon.png"]) assertProblem(await get(server, path), 404, "not_found");
  });

  await test("a person at an address that leads nowhere gets the page, which says so, as a 404 that nobody keeps", async () => {
    const person = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
    for (const path of ["/nothing", "/nothing/here", "/index.html", "/favicon.png"]) {
      const got = await get(server, path, { ...person, "If-None-Match": index.headers.etag });
      assert.deepEqual([got.status, got.text, got.headers["cache-control"]], [404, index.text, "no-cache"], path);
      assert.equal(got.headers["content-security-policy"], index.headers["content-security-policy"]);
    }
    for (const path of ["/api/v1/nothing", "/assets/nothing.js"]) assertProblem(await get(server, path, person), 404, "not_found");
    assertProblem(await call(server, "POST", "/nothing", { headers: person }), 404, "not_found");
  });

  await test("dots in a path lead nowhere", async () => {
    for (const path of ["/assets/../index.html", "/assets/..%2findex.html", "/assets/%2e%2e/%2e%2e/etc/passwd", "/../etc/passwd", "/assets//etc/passwd", "//etc/passwd"]) {
      const said = await raw(server, `GET ${path} HTTP/1.1\r\nHost: ${server.host}\r\nConnection: close\r\n\r\n`);
      assert.match(said, /^HTTP\/1\.1 40[04] /, path);
      assert.doesNotMatch(said, /root:|<html/i, path);
    }
  });
}

async function fromFolder() {
  const folder = newFolder();
  const assets = join(folder, "ui");
  mkdirSync(join(assets, "assets"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(assets, "index.html"), "<!doctype html><p>one");
  writeFileSync(join(assets, "assets/app.js"), "// one");
  symlinkSync(join(folder, "secret.txt"), join(assets, "assets/link.txt"));
  const server = await startServer({ words: ["--assets", assets] });

  await test("--assets serves a folder as it is now, and nothing of it is cached", async () => {
    assert.match((await get(server, "/")).text, /one/);
    assert.match((await get(server, "/c/x")).text, /one/);
    writeFileSync(join(assets, "index.html"), "<!doctype html><p>two");
    assert.match((await get(server, "/")).text, /two/);
    const script = await get(server, "/assets/app.js");
    assert.deepEqual([script.text, script.headers["content-type"], script.headers["cache-control"]], ["// one", "text/javascript; charset=utf-8", "no-cache"]);
    assert.ok((await get(server, "/")).headers["content-security-policy"]);
  });

  await test("--assets serves nothing outside of its folder", async () => {
    for (const path of ["/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/assets/../index.html", "/assets//../../secret.txt"]) {
      const said = await raw(server, `GET ${path} HTTP/1.1\r\nHost: ${server.host}\r\nConnection: close\r\n\r\n`);
      assert.match(said, /^HTTP\/1\.1 40[04] /, path);
      assert.doesNotMatch(said, /\r\n\r\nsecret/, path);
    }
    for (const path of ["/assets/nothing.js", "/assets/", "/assets"]) assertProblem(await get(server, path), 404, "not_found");
  });

  await test("the API is the same beside it", async () => {
    assert.equal((await call(server, "GET", "/api/v1/health")).status, 200);
  });
  await server.stop();
}

export default async function () {
  const server = await startServer();
  await embedded(server);
  await later(server);
  await server.stop();
  await fromFolder();
}
