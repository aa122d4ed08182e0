// SPDX-License-Identifier: Apache-2.0
// A front (`app serve --upstream URL`): what it passes on and what it does not, before a real server
// and before a made-up one that misbehaves.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { prompts } from "./api.mjs";
import { assertContract, assertProblem } from "./contract.mjs";
import { answer, ask, atEnd, call, get, newConversation, newFolder, occupy, post, raw, run, runSql, startFront, startServer, Stream, test, through, until } from "./harness.mjs";

const DATASETS = "/api/v1/datasets";
const EVENTS = "/api/v1/turns/01JZ0000000000000000000000/events";
const question = prompts.birdstrikes[1].question;

/** A server that answers with ANSWER(request, response): { url, requests, connections }. */
async function startFake(answer, { tls } = {}) {
  const fake = { requests: [], connections: 0 };
  const handle = (request, response) => {
    fake.requests.push(request);
    answer(request, response);
  };
  const server = tls ? https.createServer(tls, handle) : http.createServer({ keepAliveTimeout: 60_000 }, handle);
  server.on("connection", () => (fake.connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  fake.port = server.address().port;
  fake.url = `${tls ? "https" : "http"}://127.0.0.1:${fake.port}`;
  atEnd(() => (server.closeAllConnections?.(), server.close()));
  return fake;
}

const reply = (response, status, value, headers = {}) => response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(value));

const metric = async (front, name) => Number(new RegExp(`^${name.replace(/[{}"]/g, "\\$&")} (\\d+)$`, "m").exec((await get(front, "/metrics")).text)?.[1]);

const residentKib = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

async function sameAnswers() {
  const server = await startServer();
  const front = await startFront(server.url);
  // What differs from request to request.
  const lasting = ({ status, headers: { date, "x-request-id": id, ...headers }, bytes }) => ({ status, headers, bytes });

  await test("a front serves the same files as a server, with the same headers, and asks nobody for them", async () => {
    const page = await get(front, "/");
    const files = [...page.text.matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1]);
    assert.ok(files.length >= 3);
    for (const path of ["/", "/c/01JZ0000000000000000000000", "/pins", "/api/openapi.json", ...files]) {
      for (const headers of [{}, { "Accept-Encoding": "gzip" }]) assert.deepEqual(lasting(await get(front, path, headers)), lasting(await get(server, path, headers)), path);
    }
    assert.equal(await metric(front, "sandglass_upstream_requests_total"), 0);
  });

  await test("answers of the API are the server's own, byte for byte, compressed or not", async () => {
    const turn = await answer(server, "birdstrikes", question);
    const paths = [DATASETS, `${DATASETS}/weather`, `${DATASETS}/nothing`, "/api/v1/conversations", "/api/v1/conversations?limit=0", `/api/v1/turns/${turn.id}`, `/api/v1/runs/${turn.run.id}`, `/api/v1/runs/${turn.run.id}/result.csv`, `/api/v1/runs/${turn.run.id}/result.json`, "/api/v1/runs/none", "/readyz"];
    for (const path of paths) {
      for (const headers of [{}, { "Accept-Encoding": "gzip" }]) {
        const named = { ...headers, "X-Request-Id": "the-same" }; // a problem has it in its body
        assert.deepEqual(lasting(await get(front, path, named)), lasting(await get(server, path, named)), path);
      }
    }
    assert.deepEqual(lasting(await call(front, "HEAD", DATASETS)), lasting(await call(server, "HEAD", DATASETS)));
  });

  await test("a question asked through a front is kept by the server", async () => {
    const stream = await ask(front, "birdstrikes", question);
    assert.equal(assertContract(stream, "/api/v1/conversations/{id}/messages").status, 200);
    assert.equal(stream.headers["x-accel-buffering"], "no");
    await stream.closed;
    assert.equal(stream.find("turn.ended").data.turn.status, "answered");
    assert.equal((await get(server, `/api/v1/conversations/${stream.conversation}`)).json.turns.length, 1);
  });

  await test("what no server would take is refused by the front, which asks nobody", async () => {
    const before = await metric(front, "sandglass_upstream_requests_total");
    assertProblem(await get(front, "/api/v1/nothing"), 404, "not_found");
    assertProblem(await call(front, "PUT", DATASETS), 405, "method_not_allowed");
    assertProblem(await post(front, "/api/v1/runs", { sql: "x".repeat(300_000) }), 413, "too_large");
    assertProblem(await call(front, "POST", "/api/v1/runs", { body: "x", headers: { "Content-Type": "text/plain" } }), 415, "unsupported_media_type");
    assertProblem(await get(front, DATASETS, { Host: "evil.example" }), 403, "forbidden", { detail: /name/ });
    assertProblem(await get(front, DATASETS, { Origin: "https://evil.example" }), 403, "forbidden", { detail: /web page/ });
    assert.equal(await metric(front, "sandglass_upstream_requests_total"), before);
  });

  await test("a page of the front may use it: the server is asked by its own name and sees no Origin", async () => {
    assert.equal((await runSql(front, "SELECT 1")).status, 201);
    assert.equal((await post(front, "/api/v1/conversations", { dataset: "weather" }, { Origin: `http://${front.host}`, "Sec-Fetch-Site": "same-origin" })).status, 201);
  });
  await front.stop();
  await server.stop();
}

/** The topics that ask nothing but the API, with a front before each server that they start. */
async function throughFront() {
  through.front = true;
  for (const topic of ["stream", "bad-input", "data", "pins"]) {
    console.log(`# through a front: ${topic}`);
    await (await import(`./${topic}.mjs`)).default();
  }
  through.front = false;
}

async function streaming() {
  const responses = [];
  const upstream = await startFake((request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    responses.push(response);
  });
  const front = await startFront(upstream.url);
  const event = (id) => `id: ${id}\nevent: text.delta\ndata: {"number":${id}}\n\n`;

  await test("an answer's head and each event pass when they come, not when the next one does", async () => {
    const stream = await Stream.open(front, "GET", EVENTS);
    assert.deepEqual([stream.status, stream.headers["content-type"]], [200, "text/event-stream"]);
    for (let id = 1; id <= 3; id++) {
      responses[0].write(event(id));
      await until(`event ${id} came`, () => stream.events.length === id);
    }
    responses[0].end();
    await stream.closed;
    assert.equal(stream.response.complete, true);
  });

  await test("a client that goes away ends the request to the server, though that is silent", async () => {
    for (const half of [false, true]) {
      const count = responses.length;
      const stream = await Stream.open(front, "GET", EVENTS);
      const gone = once(responses[count], "close");
      if (half) stream.request.socket.end();
      else void stream.leave();
      await gone;
      await until("the front has let go of it", async () => (await metric(front, "sandglass_upstream_requests_running")) === 0);
    }
    assert.equal(await metric(front, 'sandglass_upstream_failures_total{reason="broken"}'), 0);
  });

  await test("a client that sends its next request early still gets its answer, and then the next", async () => {
    const count = responses.length;
    const socket = net.connect(Number(new URL(front.url).port), "127.0.0.1");
    let got = "";
    socket.on("data", (bytes) => (got += bytes));
    const head = (path) => `GET ${path} HTTP/1.1\r\nHost: ${front.host}\r\n\r\n`;
    socket.write(head(EVENTS) + head("/healthz"));
    await until("it is asked", () => responses.length > count);
    await sleep(600);
    responses[count].end(event(1));
    await until("both came", () => /"number":1[\s\S]*\r\n0\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*ok\n/.test(got));
    socket.destroy();
  });

  await test("twenty streams at a time each get their own events", async () => {
    const count = responses.length;
    const streams = await Promise.all(Array.from({ length: 20 }, (_, index) => Stream.open(front, "GET", EVENTS, { headers: { "Last-Event-ID": String(index) } })));
    const mine = upstream.requests.slice(-20).map((request) => Number(request.headers["last-event-id"]));
    for (let round = 0; round < 5; round++) responses.slice(count).forEach((response, at) => response.write(event(100 * mine[at] + round)));
    for (const response of responses.slice(count)) response.end();
    await Promise.all(streams.map((stream) => stream.closed));
    streams.forEach((stream, index) => assert.deepEqual(stream.events.map((one) => one.data.number), [0, 1, 2, 3, 4].map((round) => 100 * index + round)));
  });

  await test("the 129th request at a time is 429 queue_full, and the next one is answered", async () => {
    const count = responses.length;
    const streams = await Promise.all(Array.from({ length: 128 }, () => Stream.open(front, "GET", EVENTS)));
    assert.ok(Number(assertProblem(await get(front, DATASETS), 429, "queue_full", { detail: /128/ }).status));
    for (const path of ["/healthz", "/", "/metrics"]) assert.equal((await get(front, path)).status, 200);
    for (const response of responses.slice(count)) response.end();
    await Promise.all(streams.map((stream) => stream.closed));
    const stream = await Stream.open(front, "GET", EVENTS);
    assert.equal(stream.status, 200);
    await stream.leave();
  });

  await test("a front that stops ends its streams, and then itself", async () => {
    const quick = await startFront(upstream.url, { env: { RUN_TIMEOUT_MS: "1" } });
    const stream = await Stream.open(quick, "GET", EVENTS);
    const ending = quick.stop();
    await stream.closed;
    assert.deepEqual(await ending, { status: 0, signal: null });
  });
  await front.stop();
}

async function headers() {
  const upstream = await startFake((request, response) =>
    response.writeHead(200, [["Content-Type", "application/json"], ["Connection", "keep-alive, X-Hop, ETag"], ["ETag", '"x"'], ["Keep-Alive", "timeout=9"], ["X-Hop", "1"], ["Set-Cookie", "a=b"], ["Server", "secret/1"], ["X-Powered-By", "secret"], ["Access-Control-Allow-Origin", "*"], ["X-Request-Id", "theirs"], ["Vary", "Accept"], ["Vary", "Accept-Encoding"], ["Cache-Control", "no-store"], ["Retry-After", "7"], ["Content-Disposition", "attachment"], ["WWW-Authenticate", "Bearer"]].flat()).end("{}"),
  );
  const front = await startFront(`${upstream.url}/base/`);
  const asked = () => upstream.requests.at(-1);

  await test("of a request's headers only those that the API knows pass, and none that is hop by hop", async () => {
    const passed = { Accept: "text/csv", "Accept-Encoding": "gzip", "Accept-Language": "de", Authorization: "Bearer secret", "If-None-Match": '"x"', "Last-Event-ID": "7" };
    const kept = { Cookie: "a=b", Forwarded: "for=10.0.0.1", "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Real-IP": "10.0.0.1", Origin: `http://${front.host}`, Referer: `http://${front.host}/`, "Sec-Fetch-Site": "same-origin", Connection: "keep-alive, X-Secret", "X-Secret": "1", "Keep-Alive": "timeout=5", TE: "trailers", Upgrade: "h2c", "Proxy-Authorization": "Basic eA==", "Proxy-Connection": "keep-alive", "User-Agent": "tests", "X-Anything": "1", Range: "bytes=0-1" };
    assert.equal((await get(front, DATASETS, { ...passed, ...kept, "X-Request-Id": "mine-1" })).status, 200);
    const { host, via, ...seen } = asked().headers;
    assert.equal(host, `127.0.0.1:${upstream.port}`);
    assert.match(via, /^1\.1 [0-9A-Z]{26}$/);
    assert.deepEqual(seen, Object.fromEntries([...Object.entries(passed), ["X-Request-Id", "mine-1"]].map(([name, value]) => [name.toLowerCase(), value])));
  });

  await test("a header that Connection names is for the front alone", async () => {
    const asking = (...lines) => raw(front, `GET ${DATASETS} HTTP/1.1\r\nHost: ${front.host}\r\nAccept: a\r\nAccept-Language: de\r\nLast-Event-ID: 7\r\n${lines.map((line) => `Connection: ${line}\r\n`).join("")}\r\n`);
    await asking("close, Accept", "x ,last-event-id");
    assert.deepEqual(Object.keys(asked().headers).sort(), ["accept-language", "host", "via", "x-request-id"]);
    await asking("close, Accept-Lang, Event-ID");
    assert.deepEqual(Object.keys(asked().headers).sort(), ["accept", "accept-language", "host", "last-event-id", "via", "x-request-id"]);
  });

  await test("what a client does not send is not made up", async () => {
    await raw(front, `GET ${DATASETS} HTTP/1.1\r\nHost: ${front.host}\r\nConnection: close\r\n\r\n`);
    assert.deepEqual(Object.keys(asked().headers).sort(), ["host", "via", "x-request-id"]);
    await call(front, "POST", "/api/v1/turns/01JZ0000000000000000000000/cancel", { headers: { "Content-Length": "0" } });
    assert.deepEqual(Object.keys(asked().headers).sort(), ["content-length", "host", "via", "x-request-id"]);
  });

  await test("of an answer's headers only those that the API gives pass, and the front's own are its own", async () => {
    const got = await get(front, DATASETS, { "X-Request-Id": "mine-2" });
    const { date, ...seen } = got.headers;
    assert.deepEqual(seen, { "content-type": "application/json", vary: "Accept, Accept-Encoding", "cache-control": "no-store", "retry-after": "7", "content-disposition": "attachment", "www-authenticate": "Bearer", "x-request-id": "mine-2", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin", "transfer-encoding": "chunked", connection: "close" });
  });

  await test("the upstream's own path goes before the request's, which is written anew", async () => {
    const paths = { [`${DATASETS}/a%20b%3F%23%25`]: `${DATASETS}/a%20b%3F%23%25`, [`${DATASETS}/..`]: `${DATASETS}/..`, [`${DATASETS}/%c3%a9%0d%0aX:1`]: `${DATASETS}/%C3%A9%0D%0AX%3A1`, "/api/v1/conversations?limit=%261&a&b=+c&limit=2": "/api/v1/conversations?limit=%261&a&b=%20c&limit=2" };
    for (const [given, expected] of Object.entries(paths)) {
      assert.equal((await get(front, given)).status, 200, given);
      assert.equal(asked().url, `/base${expected}`);
    }
  });

  await test("a body and its type pass as they are", async () => {
    const upstream = await startFake(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      reply(response, 201, { body: Buffer.concat(parts).toString(), type: request.headers["content-type"], length: request.headers["content-length"] });
    });
    const front = await startFront(upstream.url);
    const body = ` {"sql" : "é${"x".repeat(200_000)}"}\n`;
    const got = await call(front, "POST", "/api/v1/runs", { body, headers: { "Content-Type": "application/json; charset=utf-8" } });
    assert.deepEqual(got.json, { body, type: "application/json; charset=utf-8", length: String(Buffer.byteLength(body)) });
    assert.equal((await call(front, "DELETE", "/api/v1/runs/x")).json.body, "");
    assert.deepEqual(upstream.requests.map((request) => request.method), ["POST", "DELETE"]);
    await front.stop();
  });

  await test("connections to the upstream are used again, but never for what must not be sent twice", async () => {
    const before = upstream.connections;
    for (let i = 0; i < 5; i++) await get(front, DATASETS);
    assert.ok(upstream.connections - before <= 1);
    const posts = upstream.connections;
    for (let i = 0; i < 3; i++) await post(front, "/api/v1/runs", {});
    assert.equal(upstream.connections - posts, 3);
  });
  await front.stop();
}

async function mishaps() {
  let behave = (_, response) => reply(response, 200, {});
  const upstream = await startFake((request, response) => behave(request, response));
  const front = await startFront(upstream.url, { words: ["--upstream-timeout-ms", "400"] });
  const failures = (reason) => metric(front, `sandglass_upstream_failures_total{reason="${reason}"}`);

  await test("an upstream that hangs up without an answer is 502, and a question is not asked twice", async () => {
    await get(front, DATASETS);
    behave = (request) => request.socket.destroy();
    const count = upstream.requests.length;
    assertProblem(await post(front, "/api/v1/runs", { dataset: "weather" }), 502, "internal_error", { detail: /broke off/, hint: /before asking again/ });
    assert.equal(upstream.requests.length, count + 1);
    assert.equal(await failures("broken"), 1);
  });

  await test("an upstream that is silent is 504, and is let go", async () => {
    let closed;
    behave = (request) => (closed = once(request.socket, "close"));
    assertProblem(await get(front, DATASETS), 504, "timed_out", { detail: /silent/, hint: /UPSTREAM_TIMEOUT_MS/ });
    await closed;
    assert.equal(await failures("silent"), 1);
  });

  await test("an upstream that is slow but not silent is waited for", async () => {
    behave = async (_, response) => {
      response.writeHead(200, { "Content-Type": "text/csv" });
      for (let i = 0; i < 8; i++) {
        response.write(`${i}\n`);
        await sleep(100);
      }
      response.end();
    };
    assert.equal((await get(front, DATASETS)).text, "0\n1\n2\n3\n4\n5\n6\n7\n");
  });

  await test("an answer that breaks off, or falls silent, is not ended as if it were whole", async () => {
    const breaks = [(response) => response.socket.destroy(), () => {}];
    for (const [at, headers] of [{}, { "Content-Length": "1000" }].entries()) {
      for (const end of breaks) {
        behave = (_, response) => {
          response.writeHead(200, { "Content-Type": "text/csv", ...headers });
          response.write("a,b\n", () => setTimeout(() => end(response), 50));
        };
        await assert.rejects(get(front, DATASETS), /aborted|hang up|ECONNRESET/, `${at}`);
      }
    }
  });

  await test("what is no HTTP is 502", async () => {
    const talker = net.createServer((socket) => socket.on("error", () => {}).end("220 mail.example ESMTP\r\n"));
    talker.listen(0, "127.0.0.1");
    await once(talker, "listening");
    atEnd(() => talker.close());
    const other = await startFront(`http://127.0.0.1:${talker.address().port}`);
    assertProblem(await get(other, DATASETS), 502, "internal_error");
    await other.stop();
  });

  await test("a large answer passes with bounded memory, at the pace of who reads it", async () => {
    const line = Buffer.alloc(1 << 16, "0123456789abcdef");
    const total = 192 << 20;
    let sent = 0;
    behave = (_, response) => {
      response.writeHead(200, { "Content-Type": "text/csv" });
      sent = 0;
      const more = () => {
        while (sent < total) {
          sent += line.length;
          if (!response.write(line)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    };
    const patient = await startFront(upstream.url);
    const request = http.request(`${patient.url}${DATASETS}`).end();
    const [response] = await once(request, "response");
    const base = residentKib(patient.pid);
    // Nobody reads: what is on its way fills a few buffers and then stays as it is.
    let held = -1;
    await until("the upstream is held back", async () => {
      const before = held;
      held = sent;
      await sleep(300);
      return before === held;
    });
    assert.ok(held < 32 << 20, `${held} bytes are on their way`);
    let got = 0;
    for await (const part of response) got += part.length;
    assert.equal(got, total);
    assert.ok(residentKib(patient.pid) - base < 4096, `${base} KiB grew to ${residentKib(patient.pid)} KiB`);
    await patient.stop();
  });
  await front.stop();
}

async function downAndBack() {
  let server = await startServer();
  const { state, host } = server;
  const front = await startFront(server.url);
  assert.equal((await get(front, "/readyz")).status, 200);
  await server.stop();

  await test("while the upstream is down the UI is served, the API is 503, and the front is alive but not ready", async () => {
    assert.equal((await get(front, "/")).status, 200);
    assert.equal((await get(front, "/healthz")).status, 200);
    const got = await get(front, DATASETS);
    assertProblem(got, 503, "sandbox_unavailable", { detail: /cannot be reached/, hint: /log/ });
    assert.ok(Number(got.headers["retry-after"]) >= 1);
    assert.ok(!got.text.includes(host), "where the upstream is, is nobody's business");
    const ready = assertContract(await get(front, "/readyz"), "/readyz");
    assert.equal(ready.status, 503);
    assert.match(ready.text, /^The agent server cannot be reached\.\n/);
  });

  await test("its log says so once, and once that it is over", async () => {
    server = await startServer({ state, listen: host });
    assert.equal((await get(front, DATASETS)).status, 200);
    assert.equal((await get(front, "/readyz")).status, 200);
    const lines = front.log.split("\n").filter((line) => line.includes("upstream http"));
    assert.equal(lines.length, 2, front.log);
    assert.match(lines[0], new RegExp(`warning.*${host}.*connect`));
    assert.match(lines[1], /answers again/);
  });

  await test("a turn goes on when its front dies, and is followed through another", async () => {
    const narrow = await startServer({ env: { MAX_CONCURRENT_RUNS: "1", RUN_TIMEOUT_MS: "60000" } });
    const fronts = [await startFront(narrow.url), await startFront(narrow.url)];
    const under = await occupy(narrow);
    const stream = await ask(fronts[0], "birdstrikes", question);
    await stream.until("run.queued");
    process.kill(fronts[0].pid, "SIGKILL");
    await stream.closed;
    const { id } = stream.find("turn.started").data.turn;
    const rest = await Stream.open(fronts[1], "GET", `/api/v1/turns/${id}/events`, { headers: { "Last-Event-ID": stream.events.at(-1).id } });
    await under.release();
    await rest.closed;
    assert.equal(rest.events[0].id, String(Number(stream.events.at(-1).id) + 1));
    assert.equal(rest.find("turn.ended").data.turn.status, "answered");
    await fronts[1].stop();
    await narrow.stop();
  });
  await front.stop();
  await server.stop();
}

async function trust() {
  const token = "the-agent-servers-token";
  const guarded = await startServer({ env: { ACCESS_TOKEN: token } });
  const open = await startServer();

  await test("a front has no token: the upstream asks for it, and gets it as it was sent", async () => {
    const front = await startFront(guarded.url, { env: { ACCESS_TOKEN: "another" } });
    const got = assertContract(await get(front, DATASETS), DATASETS);
    assertProblem(got, 401, "unauthorized");
    assert.equal(got.headers["www-authenticate"], "Bearer");
    assert.equal((await get(front, DATASETS, { Authorization: "Bearer another" })).status, 401);
    assert.equal((await get(front, DATASETS, { Authorization: `Bearer ${token}` })).status, 200);
    assert.equal((await get(front, "/readyz")).status, 200);
    assert.match(front.log, /a front asks for no access token itself/);
    await front.stop();
  });

  await test("a front that others can reach answers to any name, and leaves the rest to a server with a token", async () => {
    const front = await startFront(guarded.url, { listen: "0.0.0.0:0" });
    const at = { url: front.url.replace("0.0.0.0", "127.0.0.1") };
    for (const Host of ["sandglass.example", "10.0.0.7:8080"]) {
      assert.equal((await get(at, "/", { Host })).status, 200);
      assertProblem(await get(at, DATASETS, { Host }), 401, "unauthorized");
      assert.equal((await get(at, DATASETS, { Host, Authorization: `Bearer ${token}` })).status, 200);
    }
    await front.stop();
  });

  await test("it passes nothing on to a server without one, whatever is sent", async () => {
    const front = await startFront(open.url, { listen: "0.0.0.0:0" });
    const at = { url: front.url.replace("0.0.0.0", "127.0.0.1") };
    for (const headers of [{}, { Authorization: "Bearer x" }]) assertProblem(await get(at, DATASETS, headers), 403, "forbidden", { detail: /no access token/, hint: /ACCESS_TOKEN/ });
    assert.equal((await get(at, "/")).status, 200);
    const ready = await get(at, "/readyz");
    assert.equal(ready.status, 503);
    assert.match(ready.text, /no access token/);
    await front.stop();
  });

  await test("a front whose upstream is itself says so", async () => {
    const port = await new Promise((resolve) => {
      const server = net.createServer().listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
    });
    const front = await startFront(`http://127.0.0.1:${port}`, { listen: `127.0.0.1:${port}` });
    assertProblem(await get(front, DATASETS), 500, "internal_error", { detail: /its own upstream/ });
    await front.stop();
  });

  await test("an upstream over TLS is believed only with a certificate of an authority that is trusted", async () => {
    const folder = newFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=upstream", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: ["ignore", "ignore", "pipe"] });
    const upstream = await startFake((_, response) => reply(response, 200, { datasets: [] }), { tls: { key: readFileSync(key), cert: readFileSync(cert) } });
    const trusting = await startFront(upstream.url, { env: { SSL_CERT_FILE: cert } });
    assert.deepEqual((await get(trusting, DATASETS)).json, { datasets: [] });
    await trusting.stop();
    const empty = join(folder, "other.pem");
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=other", "-keyout", "/dev/null", "-out", empty], { stdio: ["ignore", "ignore", "pipe"] });
    const doubting = await startFront(upstream.url, { env: { SSL_CERT_FILE: empty } });
    assertProblem(await get(doubting, DATASETS), 503, "sandbox_unavailable");
    assert.equal(upstream.requests.length, 1);
    await doubting.stop();
  });

  await test("an upstream that is no address is refused at the start, by a sentence", async () => {
    for (const upstream of ["10.0.0.5:8080", "ftp://host", "http://", "http://user:secret@host", "http://host/?a=b"]) {
      const got = await run(["serve", "--listen", "127.0.0.1:0", "--upstream", upstream]);
      assert.equal(got.status, 2, got.err);
      assert.match(got.err, /^app serve: the upstream: .* is not an address like http:\/\/HOST:PORT\.\n$/);
    }
  });

  await test("a front keeps nothing and needs nothing: no state folder, no data set, no home", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "file"), "");
    const front = await startFront(guarded.url, { env: { HOME: "", STATE_PATH: join(folder, "file/nowhere"), DATASETS_PATH: join(folder, "none") } });
    assert.equal((await get(front, DATASETS, { Authorization: `Bearer ${token}` })).status, 200);
    await front.stop();
  });
  await guarded.stop();
  await open.stop();
}

export default async function () {
  await sameAnswers();
  await throughFront();
  await streaming();
  await headers();
  await mishaps();
  await downAndBack();
  await trust();
}
