// SPDX-License-Identifier: Apache-2.0
// The key: where it comes from, when it is read anew, and that nobody ever sees it; and whose
// certificates and which proxies are taken.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { join } from "node:path";
import { atEnd, newFolder, Skip, test } from "../../http/harness.mjs";
import { ask, providers, USER } from "../ask.mjs";

const secret = "sk-live-Geheim0123456789";
const keyOf = (request) => request.headers["x-api-key"] ?? request.headers.authorization?.replace(/^Bearer /, "");

async function files(model) {
  const file = join(newFolder(), "key");

  for (const provider of providers)
    await test(`${provider}: a key from a file is read without its white space, and again after a 401`, async () => {
      writeFileSync(file, `${secret}-1\n`);
      const renewed = (request) => {
        writeFileSync(file, ` ${secret}-2\r\n`);
        return { status: 401, error: { message: "expired", type: "authentication_error" } };
      };
      model.play({ text: "one" }, renewed, { text: "two" });
      const said = await ask(model, provider, { settings: { api_key_file: file }, steps: [[{ role: USER, text: "a" }], [{ role: USER, text: "b" }]] });
      assert.deepEqual(said.replies.map((reply) => reply.text), ["one", "two"]);
      assert.deepEqual(model.requests.slice(-3).map(keyOf), [`${secret}-1`, `${secret}-1`, `${secret}-2`]);
    });

  await test("many that ask at the same time learn of a new key together", async () => {
    writeFileSync(file, `${secret}-1`);
    const count = 16;
    const texts = new Map();
    const byKey = (request) => {
      const key = keyOf(request);
      texts.set(key, (texts.get(key) ?? 0) + 1);
      if (key === `${secret}-1` && texts.get(key) === 1) {
        writeFileSync(`${file}.new`, `${secret}-2`);
        renameSync(`${file}.new`, file);
      }
      return key === `${secret}-2` ? { text: "good" } : { delayMs: 20, status: 401, error: { message: "expired" } };
    };
    model.play(...Array(2 * count).fill(byKey));
    const said = await ask(model, "openai", { settings: { api_key_file: file }, threads: count, tools: [] });
    assert.deepEqual(said.texts, Array(count).fill("good"));
    assert.equal(texts.get(`${secret}-2`), count);
    model.script.length = 0;
  });

  await test("a 401 with the key that is still in the file is the answer, after one try", async () => {
    writeFileSync(file, secret);
    model.play({ status: 401, error: { message: "invalid" } });
    const said = await ask(model, "openai", { settings: { api_key_file: file } });
    assert.deepEqual([said.error.code, said.reply.tries], ["forbidden", 1]);
  });

  await test("a key file that is missing, empty, or holds more than a key is told by its name", async () => {
    const of = async (api_key_file) => (await ask(model, "openai", { settings: { api_key_file } })).error.message;
    assert.match(await of("/does/not/exist"), /^LLM_API_KEY_FILE: .*\/does\/not\/exist/);
    writeFileSync(file, "\n\n");
    assert.match(await of(file), /\(LLM_API_KEY_FILE\) is empty/);
    writeFileSync(file, `key = "${secret}"\n`);
    const message = await of(file);
    assert.match(message, /LLM_API_KEY_FILE holds a character that no API key has \(number 4\)/);
    assert.equal(message.includes("Geheim"), false);
    writeFileSync(file, "x".repeat(5000));
    assert.match(await of(file), /^LLM_API_KEY_FILE: .*4096/);
  });
}

async function secrecy(model) {
  const echo = `Incorrect API key provided: ${secret}. You sent ${secret}${secret}`;
  const shapes = {
    "in the message": { status: 401, error: { message: echo } },
    "in a text": { status: 400, body: echo, type: "text/plain" },
    "in other JSON": { status: 400, body: JSON.stringify({ sent: { key: secret } }) },
    "at the place where it is cut": { status: 400, error: { message: `${"x".repeat(385)}${secret}` } },
    "in the code": { status: 400, error: { message: "no", code: secret, type: "t" } },
    "in mid-stream": { text: "x", midError: { message: echo, type: "server_error" } },
    "in the request's id": { text: "x", headers: { "x-request-id": secret, "request-id": secret } },
    "before a pause": { status: 503, error: { message: echo }, headers: { "retry-after-ms": "10" } },
    "in a good answer that is none": { status: 200, body: `<p>${secret}</p>`, type: "text/html" },
  };
  for (const provider of providers)
    for (const [where, answer] of Object.entries(shapes))
      await test(`${provider}: a key that the server sends back ${where} is shown nowhere`, async () => {
        model.play(answer, { text: "42" });
        const said = await ask(model, provider, { settings: { api_key: secret } });
        assert.equal(keyOf(model.requests.at(-1)), secret);
        assert.equal(/Geheim|sk-live/.test(said.out), false, said.out);
        model.script.length = 0;
      });
}

// A server with a certificate of its own authority, in front of the model.
function startTls(model) {
  const folder = newFolder();
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", join(folder, "key.pem"), "-out", join(folder, "ca.pem")], { stdio: "ignore" });
  } catch (error) {
    throw error.code === "ENOENT" ? new Skip("openssl is not installed") : error;
  }
  const server = https.createServer({ key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "ca.pem")) }, (request, response) => {
    const onward = http.request(`${model.url("ollama")}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      atEnd(() => server.close());
      resolve({ url: `https://127.0.0.1:${server.address().port}`, ca: join(folder, "ca.pem") });
    }),
  );
}

async function ways(model) {
  await test("an authority of one's own is trusted when it is named, and its server not before", async () => {
    const tls = await startTls(model);
    model.play({ text: "42" });
    const good = await ask(model, "openai", { settings: { base_url: tls.url, ca_file: tls.ca, api_key: secret } });
    assert.deepEqual([good.error, good.reply.text], [undefined, "42"]);
    const bad = await ask(model, "openai", { settings: { base_url: tls.url, api_key: secret } });
    assert.deepEqual([bad.error.code, bad.reply.tries], ["unavailable", 1]);
    assert.match(bad.error.message, /is not trusted: /);
    assert.match(bad.error.hint, /LLM_CA_FILE/);
  });

  await test("a proxy is taken from the settings, or from the environment as curl has it", async () => {
    const seen = [];
    const proxy = http.createServer((request, response) => {
      seen.push(request.url);
      const onward = http.request(request.url, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    atEnd(() => proxy.close());
    const address = `http://127.0.0.1:${proxy.address().port}`;
    model.play({ text: "a" }, { text: "b" }, { text: "c" });
    assert.equal((await ask(model, "openai", { settings: { proxy: address } })).reply.text, "a");
    assert.equal((await ask(model, "openai", {}, { http_proxy: address })).reply.text, "b");
    assert.equal(seen.length, 2);
    assert.equal((await ask(model, "openai", {}, { http_proxy: address, no_proxy: "127.0.0.1" })).reply.text, "c");
    assert.equal(seen.length, 2);
  });

  await test("a server that takes the connection and says nothing is left when time is over", async () => {
    const silent = net.createServer(() => {});
    await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const said = await ask(model, "openai", { settings: { base_url: `http://127.0.0.1:${silent.address().port}`, timeout_ms: 5000, silence_ms: 200 } });
    silent.close();
    assert.match(said.error.message, /takes too long/);
    assert.equal(said.reply.tries, 1);
  });
}

export default async function (model) {
  await files(model);
  await secrecy(model);
  await ways(model);
}
