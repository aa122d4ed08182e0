// SPDX-License-Identifier: Apache-2.0
// The command line: help, misuse, `app ask` in a pipe, `app smoke`, `app dataset`, `app runner`.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { prompts } from "./api.mjs";
import { assertSchema } from "./contract.mjs";
import { newDataset } from "./fixtures.mjs";
import { app, bundled, hasNamespaces, newFolder, run, Skip, startServer, test, until } from "./harness.mjs";

const commands = ["serve", "ask", "dataset", "smoke", "sandbox", "token", "health", "docker-proxy", "render-helm", "runner", "version", "help"];
const ask = (question, ...words) => run(["ask", question, "--datasets", bundled, ...words]);

async function help() {
  await test("help lists every command, and each has a page of its own, in two ways", async () => {
    const whole = await run(["help"]);
    assert.equal(whole.status, 0);
    for (const words of [[], ["--help"], ["-h"]]) assert.deepEqual(await run(words), whole, String(words));
    for (const name of commands) {
      assert.match(whole.out, new RegExp(`^  ${name} +\\S`, "m"));
      const page = await run([name, "--help"]);
      assert.equal(page.status, 0);
      assert.deepEqual([(await run(["help", name])).out, (await run([name, "-h"])).out], [page.out, page.out]);
      for (const part of ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS"]) assert.ok(page.out.includes(`\n${part}\n`), `${name} lacks ${part}`);
    }
  });

  await test("help is at most 80 columns wide where it is no terminal", async () => {
    for (const name of commands) {
      const long = (await run([name, "--help"])).out.split("\n").filter((line) => [...line].length > 80 && !/^ {2}(--|[A-Z_]+=|app |echo |ACCESS)/.test(line));
      assert.deepEqual(long, [], name);
    }
  });

  await test("every option that help names is one, and every variable of `serve` is in the table for the README", async () => {
    const table = (await run(["help", "--markdown"])).out;
    const page = (await run(["serve", "--help"])).out;
    for (const [, variable] of page.matchAll(/\(or \$(\w+)\)/g)) assert.ok(table.includes(`\`${variable}\``), variable);
    assert.equal(table.split("\n").filter((line) => line.startsWith("|")).length, [...page.matchAll(/^ {2}(--(?!help)|[A-Z_]{4,}(=\S+)?$)/gm)].length + 2);
  });

  await test("the version is one line, and names the libraries below it", async () => {
    const { status, out } = await run(["version"]);
    assert.equal(status, 0);
    assert.match(out, /^Sandglass \d+\.\d+\.\d+\n.*SQLite.*curl.*libmicrohttpd/);
    assert.equal((await run(["--version"])).out, out);
  });
}

async function misuse() {
  const refused = async (words, why, options) => {
    const got = await run(words, options);
    assert.equal(got.status, 2, `app ${words.join(" ")}: status ${got.status} ${got.err}`);
    assert.equal(got.out, "", `app ${words.join(" ")}`);
    assert.equal(got.err.trimEnd().split("\n").length, 1, got.err);
    assert.match(got.err, /^app(?: [\w-]+)?: .*[.?"]$/m);
    assert.match(got.err, why);
  };

  await test("a command that does not exist is refused with the nearest, status 2", async () => {
    await refused(["serv"], /"serv".*"serve"/);
    await refused(["dateset", "list"], /"dataset"/);
    await refused(["frobnicate"], /app help/);
    await refused(["help", "serv"], /"serv"/);
    await refused([""], /""/);
  });

  await test("an option that does not exist is refused with the nearest, status 2, whatever the command", async () => {
    for (const name of commands) await refused([name, "--hlep"], /--hlep is not an option of app [\w-]+\. Did you mean --help\?/);
    await refused(["serve", "--lisen", "x"], /--listen/);
    await refused(["ask", "--jsn", "x"], /--json/);
    await refused(["smoke", "--fromat", "tap"], /--format/);
  });

  await test("a value that does not fit is refused by name, from a flag and from the environment", async () => {
    await refused(["serve", "--max-rows", "many"], /--max-rows is "many".*1 to 10000/);
    await refused(["serve"], /RUN_TIMEOUT_MS is "soon".*whole number/, { env: { RUN_TIMEOUT_MS: "soon" } });
    await refused(["smoke", "--format", "xml"], /text\|tap\|json/);
    await refused(["serve", "--mode", "dokcer"], /--mode is "dokcer"/);
    await refused(["serve", "--listen"], /--listen needs a value/);
    await refused(["ask", "--reading", "10", "x"], /--reading/);
  });

  await test("arguments that nobody asked for are refused", async () => {
    await refused(["serve", "now"], /"now"/);
    await refused(["ask"], /no question/);
    await refused(["ask", "how", "many"], /one question/);
    await refused(["dataset"], /build, list, show/);
    await refused(["dataset", "bild", "x"], /"build"/);
    await refused(["dataset", "build"], /app dataset build DIR/);
    await refused(["dataset", "list", "x"], /app dataset list/);
    await refused(["smoke", "x"], /"x"/);
    await refused(["version", "x"], /"x"/);
    await refused(["runner", "x"], /"x"/);
    await refused(["help", "serve", "ask"], /"ask"/);
  });
}

async function asking() {
  await test("`app ask` in a pipe prints the turn as the API would, with status 0", async () => {
    for (const words of [[], ["--json"]]) {
      const got = await ask(prompts.weather[0].question, "--dataset", "weather", ...words);
      assert.equal(got.status, 0, got.err);
      const turn = JSON.parse(got.out);
      assertSchema(turn, "Turn");
      assert.equal(turn.status, "answered");
      assert.deepEqual(turn.run.result.rows, prompts.weather[0].expect.rows);
      assert.equal(got.out.trimEnd().split("\n").length, 1);
    }
  });

  await test("`app ask` ends with 3 where the question is not understood or ambiguous, and --reading picks one", async () => {
    const lost = await ask("qwertz uiop asdfgh", "--dataset", "weather");
    assert.deepEqual([lost.status, JSON.parse(lost.out).status], [3, "not_understood"]);
    const torn = await ask("What is the average price?", "--dataset", "shop");
    assert.deepEqual([torn.status, JSON.parse(torn.out).status], [3, "ambiguous"]);
    const picked = await ask("What is the average price?", "--dataset", "shop", "--reading", "1");
    assert.deepEqual([picked.status, JSON.parse(picked.out).status], [0, "answered"]);
  });

  await test("`app ask` ends with 2 where the data set is not there, or is not named", async () => {
    const wrong = await ask("how many?", "--dataset", "wether");
    assert.deepEqual([wrong.status, wrong.out], [2, ""]);
    assert.match(wrong.err, /wether.*weather/);
    const unnamed = await ask("how many?");
    assert.deepEqual([unnamed.status, unnamed.out], [2, ""]);
    assert.match(unnamed.err, /--dataset.*birdstrikes, shop, weather/);
    const none = await run(["ask", "how many?", "--datasets", newFolder()]);
    assert.deepEqual([none.status, none.out], [2, ""]);
    assert.match(none.err, /no data set/);
  });

  await test("`app ask` ends with 1 where the run fails", async () => {
    const got = await ask(prompts.shop[2].question, "--dataset", "shop", "--timeout-ms", "1");
    assert.equal(got.status, 1, got.out);
    assert.equal(JSON.parse(got.out).run.outcome, "timed_out");
  });

  await test("`app ask` needs no name where there is one data set, and keeps nothing", async () => {
    const temporary = newFolder();
    const got = await run(["ask", "How many rows are there?", "--datasets", newDataset("sales", { "sales.csv": "day,amount\n2024-01-05,10\n" })], { env: { TMPDIR: temporary } });
    assert.equal(got.status, 0, got.out + got.err);
    assert.deepEqual(JSON.parse(got.out).run.result.rows, [[1]]);
    assert.deepEqual(readdirSync(temporary), []);
  });

  await test("a question of 4,001 bytes, an empty one, and one that is no UTF-8 are refused", async () => {
    for (const [question, why] of [["x".repeat(4001), /4001 bytes/], ["", /empty/], [" ", /empty/]]) {
      const got = await ask(question, "--dataset", "weather");
      assert.ok(got.status === 1 || got.status === 2, `status ${got.status}`);
      assert.equal(got.out, "");
      assert.match(got.err, why);
    }
    const got = await run(["-c", `exec "$0" ask "$(printf 'how many \\377 days')" --dataset weather --datasets "$1"`, app, bundled], { program: "/bin/sh" });
    assert.equal(got.status, 2);
    assert.equal(got.out, "");
    assert.match(got.err, /no UTF-8 at byte 9/);
  });
}

async function smoking() {
  const total = Object.values(prompts).flat().length;

  await test("`app smoke` in TAP has a line for each prompt of each data set, and a plan", async () => {
    const got = await run(["smoke", "--datasets", bundled, "--format", "tap"]);
    assert.equal(got.status, 0, got.out + got.err);
    const lines = got.out.trimEnd().split("\n");
    assert.equal(lines[0], "TAP version 14");
    assert.equal(lines.at(-1), `1..${total}`);
    assert.equal(lines.at(-2), "# skipped: the language model, as none is set");
    assert.deepEqual(lines.slice(1, -2).map((line) => line.replace(/^(ok \d+ - \w+: ).*/, "$1")), Object.entries(prompts).flatMap(([name, list]) => list.map(() => name)).map((name, index) => `ok ${index + 1} - ${name}: `));
  });

  await test("`app smoke` in JSON has the same in one object, each with its time", async () => {
    const got = await run(["smoke", "--datasets", bundled, "--format", "json"]);
    assert.equal(got.status, 0, got.err);
    const report = JSON.parse(got.out);
    assert.deepEqual([report.passed, report.failed, report.results.length], [total, 0, total]);
    for (const result of report.results) assert.ok(result.passed && result.elapsed_ms > 0 && result.question && result.dataset);
  });

  await test("`app smoke --prompts` asks so many of each data set", async () => {
    const got = await run(["smoke", "--datasets", bundled, "--prompts", "1", "--format", "tap"]);
    assert.equal(got.status, 0, got.out);
    assert.deepEqual([...got.out.matchAll(/^ok \d+ - (\w+): /gm)].map(([, name]) => name).sort(), Object.keys(prompts).sort());
  });

  await test("`app health` is content with a server that is ready, wherever it listens, and with no other", async () => {
    for (const listen of ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"]) {
      const server = await startServer({ listen });
      const address = server.url.replace("http://", "");
      const good = await run(["health"], { env: { LISTEN: address } });
      assert.deepEqual([good.status, good.out], [0, "ready\n"], listen);
      await server.stop();
      const gone = await run(["health", "--listen", address]);
      assert.equal(gone.status, 1);
      assert.match(gone.err, /^app health: .*\.$/m);
    }
    const empty = await startServer({ datasets: newFolder() });
    const got = await run(["health", "--listen", empty.url.replace("http://", "")]);
    assert.equal(got.status, 1);
    assert.match(got.out, /No data set can be used/);
    await empty.stop();
  });

  await test("`app smoke --url` tests a server that is there already, with or without a slash, and with its token", async () => {
    const server = await startServer({ env: { ACCESS_TOKEN: "secret" } });
    for (const url of [server.url, `${server.url}/`]) assert.equal((await run(["smoke", "--url", url], { env: { ACCESS_TOKEN: "secret" } })).status, 0);
    const refused = await run(["smoke", "--url", server.url]);
    assert.equal(refused.status, 1);
    assert.match(refused.err, /401.*token/);
    await server.stop();
    const gone = await run(["smoke", "--url", server.url]);
    assert.equal(gone.status, 1);
    assert.ok(gone.err.includes(server.url));
  });

  await test("`app smoke --wait-s` gives a server that is not there yet the time that it says, and no more", async () => {
    const before = await startServer();
    const { host } = before;
    await before.stop();
    const late = await run(["smoke", "--url", `http://${host}`, "--wait-s", "1"]);
    assert.equal(late.status, 1);
    assert.ok(late.err.includes(host));
    const waiting = run(["smoke", "--url", `http://${host}`, "--wait-s", "15"]);
    await sleep(500);
    await startServer({ listen: host });
    assert.equal((await waiting).status, 0);
  });

  await test("`app smoke` fails where an answer is not the one that is vouched for, and says where", async () => {
    const description = {
      title: "Sales", description: "D", license: "L", source: { name: "S" },
      tables: [{ name: "sales", file: "sales.csv", title: "Sales", description: "D", row: "sale", columns: [{ header: "city", title: "City", type: "text" }, { header: "amount", title: "Amount", type: "integer" }] }],
      prompts: [{ question: "How many sales are there?", expect: { columns: 1, rows: [[3]] }, note: "n" }, { question: "What is the total amount?", expect: { columns: 1, rows: [[999]] }, note: "n" }],
    };
    const folder = newDataset("sales", { "sales.csv": "city,amount\nOslo,1\nOslo,2\nBergen,3\n", "dataset.json": JSON.stringify(description) });
    const got = await run(["smoke", "--datasets", folder, "--format", "tap"]);
    assert.equal(got.status, 1);
    assert.match(got.out, /^ok 1 - sales: How many/m);
    assert.match(got.out, /^not ok 2 - sales: What is the total.*\n# row 1, column 1 is 6 instead of 999/m);
  });

  await test("`app smoke` without a data set to check is no success", async () => {
    assert.equal((await run(["smoke", "--datasets", newFolder()])).status, 1);
    assert.equal((await run(["smoke", "--datasets", newDataset("sales", { "sales.csv": "a\n1\n" })])).status, 1);
  });

  await test("neither leaves a temporary folder", async () => {
    const temporary = newFolder();
    await run(["smoke", "--datasets", bundled], { env: { TMPDIR: temporary } });
    assert.deepEqual(readdirSync(temporary), []);
    assert.ok(tmpdir());
  });
}

async function looking() {
  await test("`app dataset list` and `show` print JSON in a pipe", async () => {
    const list = await run(["dataset", "list", "--datasets", bundled]);
    assert.deepEqual(JSON.parse(list.out).map((one) => [one.name, one.problem]), [["birdstrikes", null], ["shop", null], ["weather", null]]);
    const show = await run(["dataset", "show", "weather", "--datasets", bundled]);
    assert.equal(JSON.parse(show.out).tables[0].name, "days");
    const missing = await run(["dataset", "show", "wether", "--datasets", bundled]);
    assert.deepEqual([missing.status, missing.out], [1, ""]);
    assert.match(missing.err, /weather/);
  });

  await test("a full or closed output is no success", async () => {
    for (const words of [["dataset", "list", "--datasets", bundled], ["ask", prompts.weather[0].question, "--dataset", "weather", "--datasets", bundled], ["help"]]) {
      const got = await run(["-c", 'exec "$@" >/dev/full', "sh", app, ...words], { program: "/bin/sh" });
      assert.notEqual(got.status, 0, words.join(" "));
      assert.equal(got.signal, null);
    }
  });
}

async function running() {
  const request = { version: 1, run_id: "R1", dataset: "weather", sql: "SELECT count(*) AS n FROM days" };
  const runner = (input, words = ["--unshare", "--data", bundled], env) => run(["runner", ...words], { input, env });

  await test("`app runner` answers a request from standard input, the environment or a file by one line", async () => {
    const text = JSON.stringify(request);
    const file = join(newFolder(), "request.json");
    writeFileSync(file, text);
    for (const got of [await runner(text), await runner("", undefined, { RUN_REQUEST: text }), await runner("", ["--unshare", "--data", bundled, "--request", file])]) {
      assert.equal(got.status, 0, got.err);
      assert.equal(got.out.split("\n").length, 2);
      const result = JSON.parse(got.out);
      assertSchema(result, "Result");
      assert.deepEqual([result.run_id, result.rows], ["R1", [[2922]]]);
    }
    assert.equal(readFileSync(file, "utf8"), text);
  });

  await test("`app runner` tells by its status how the run ended", async () => {
    const cases = [
      [{ ...request, sql: "SELECT nonsense" }, 1, "query_failed"],
      [{ ...request, sql: "DROP TABLE days" }, 2, "request_refused"],
      [{ ...request, version: 2 }, 2, "request_refused"],
      [{ ...request, sqll: "x" }, 2, "request_refused"],
      ["{", 2, "request_refused"],
      ["", 2, "request_refused"],
      [{ ...request, dataset: "nowhere" }, 2, "request_refused"],
      [{ ...request, timeout_ms: 100, sql: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c" }, 3, "timed_out"],
      [{ ...request, max_result_bytes: 100, sql: "SELECT * FROM days" }, 3, "result_too_large"],
    ];
    for (const [input, status, outcome] of cases) {
      const got = await runner(typeof input === "string" ? input : JSON.stringify(input));
      const result = JSON.parse(got.out);
      assert.deepEqual([got.status, result.outcome], [status, outcome], JSON.stringify(input).slice(0, 100));
      assert.match(result.error.message, /\S/);
    }
  });
}

async function checks() {
  await test("`sandbox check` makes a run and says what held it; its status can be trusted", async () => {
    const { status, out } = await run(["sandbox", "check", "--datasets", bundled]);
    assert.equal(status, 0, out);
    assert.match(out, /^Local sandboxes\n\n/);
    for (const what of ["namespaces", "Landlock", "system calls", "privileges", "network", "processor time"]) assert.match(out, new RegExp(`^  (holds|weaker) +${what} `, "m"));
    assert.match(out, /\nA run was made: its sandbox stood after [\d.]+ ms, SELECT 1 took [\d.]+ ms\.\n$/);
  });

  await test("`sandbox check --json` has the same findings, and names what cannot run", async () => {
    const { status, out } = await run(["sandbox", "check", "--json", "--datasets", bundled]);
    const { healthy, backend, findings } = JSON.parse(out);
    assert.deepEqual([status, healthy, backend], [0, true, "local"]);
    for (const one of findings) assert.ok(["holds", "weaker", "missing"].includes(one.state) && one.detail && (one.state === "holds") === (one.hint === null), JSON.stringify(one));
    const nothing = await run(["sandbox", "check", "--datasets", newFolder()]);
    assert.equal(nothing.status, 1);
    assert.match(nothing.out, /No run was made: there is no data set/);
    assert.equal((await run(["sandbox", "chek"])).status, 2);
  });

  await test("mode auto is local where there are namespaces, and Docker where there are none but its socket is there", async () => {
    const socket = join(newFolder(), "docker.sock");
    const listener = net.createServer((connection) => connection.end("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    await new Promise((resolve) => listener.listen(socket, resolve));
    const check = ["sandbox", "check", "--json", "--datasets", bundled];
    const confined = ["-U", "-r", "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"', "-", app, ...check];
    const backend = async (words, more) => {
      const { status, out, err } = await run(words, more);
      assert.ok(out, `it ended with ${status}: ${err}`);
      return JSON.parse(out).backend;
    };
    const env = { DOCKER_HOST: `unix://${socket}` };
    if ((await run([...confined.slice(0, -check.length - 1), "true"], { program: "unshare" })).status !== 0) throw new Skip("no user namespace can be made here");
    assert.equal(await backend(check, { env }), "local");
    assert.equal(await backend(confined, { env, program: "unshare" }), "docker");
    assert.equal(await backend(confined, { env: { DOCKER_HOST: "unix:///nowhere" }, program: "unshare" }), "local");
    listener.close();
  });

  await test("`runner --check` makes a run over no data behind its own walls", async () => {
    for (const more of [[], ["--unshare"]]) {
      const { status, out, err } = await run(["runner", "--check", ...more]);
      assert.equal(status, 0);
      assert.match(err, more.length && !hasNamespaces ? /^weaker wall: .*\n$/ : /^$/);
      assert.match(out, /^ {2}holds +system calls +an allow-list/m);
      assert.match(out, /\nA run was made behind these walls: SELECT 1 in [\d.]+ ms\.\n$/);
    }
  });
}

export default async function () {
  for (const part of [help, misuse, asking, smoking, looking, running, checks]) await part();
}
