// SPDX-License-Identifier: Apache-2.0
// A hostile client of the Docker proxy, with a real daemon behind it. Every attempt is refused in a
// sentence, and at the end the daemon has nothing that it did not have before.
//
//   PROXY=socket ENGINE=socket IMAGE=name BINDS=folder node tests/docker/proxy.mjs
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { tap, test } from "../http/harness.mjs";
import { call, containerOf, newName, version } from "./client.mjs";

const { PROXY: proxy, ENGINE: engine, IMAGE: image, BINDS: binds } = process.env;
const good = () => containerOf(image);

// ---- Asking

/** Sends BYTES, a piece every PAUSE ms, and gives all that comes back until the other end closes. */
function raw(pieces, { pauseMs = 0, limitMs = 12_000 } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect(proxy);
    const parts = [];
    let closed = false;
    const done = (isClosed) => {
      if (closed) return;
      closed = true;
      clearTimeout(late);
      socket.destroy();
      resolve({ text: Buffer.concat(parts).toString("latin1"), isClosed, ms: performance.now() - start });
    };
    const start = performance.now();
    const late = setTimeout(() => done(false), limitMs);
    socket.on("data", (part) => parts.push(part));
    socket.once("error", () => done(true));
    socket.once("close", () => done(true));
    void (async () => {
      for (const piece of [pieces].flat()) {
        if (closed) return;
        socket.write(piece);
        if (pauseMs) await sleep(pauseMs);
      }
    })();
  });
}

const create = (body, name = newName()) => call(proxy, "POST", `${version}/containers/create?name=${name}`, { body });

/** The same with HostConfig's members replaced, and its own. */
const host = (more) => ({ ...good(), HostConfig: { ...good().HostConfig, ...more } });
const top = (more) => ({ ...good(), ...more });

function assertSentence(got, pattern) {
  assert.ok(got.json?.message, `no sentence: ${got.text}`);
  assert.match(got.json.message, pattern ?? /^[^\n]{10,}$/);
}

let attempts = 0;

/** That each of the attempts, [what, request] each, is refused with a sentence. */
async function refused(statuses, list, ask, pattern) {
  for (const [what, input] of list) {
    attempts += 1;
    await test(`refused: ${what}`, async () => {
      const got = await ask(input);
      assert.ok(statuses.includes(got.status), `${got.status} ${got.text}`);
      assertSentence(got, pattern);
    });
  }
}

// ---- What the executor does goes through

async function whatIsAllowed() {
  await test("a container as the executor describes it is made, looked at, attached to, started, waited for and removed", async () => {
    const name = newName();
    const made = await create(good(), name);
    assert.equal(made.status, 200, made.text);
    const facts = await call(proxy, "GET", `${version}/containers/${name}/json`);
    assert.deepEqual(Object.keys(facts.json).sort(), ["Id", "Image", "Mounts", "State"], "nothing more is told of it");
    assert.equal((await call(proxy, "GET", `${version}/containers/${made.json.Id}/json`)).json.Id, made.json.Id);
    const attached = await call(proxy, "POST", `${version}/containers/${name}/attach?stream=1&stdout=1&stderr=1`, { headers: { Connection: "Upgrade", Upgrade: "tcp", "Content-Length": 0 } });
    assert.equal(attached.status, 101);
    assert.equal((await call(proxy, "POST", `${version}/containers/${name}/start`, { headers: { "Content-Length": 0 } })).status, 204);
    const input = await call(proxy, "POST", `${version}/containers/${name}/attach?stream=1&stdin=1`, { headers: { Connection: "Upgrade", Upgrade: "tcp", "Content-Length": 0 } });
    assert.equal(input.status, 101);
    assert.equal(typeof (await call(proxy, "POST", `${version}/containers/${name}/wait`, { headers: { "Content-Length": 0 } })).json.StatusCode, "number");
    const filter = encodeURIComponent(JSON.stringify({ label: ["sandglass.server=01HOSTILE"] }));
    assert.deepEqual((await call(proxy, "GET", `${version}/containers/json?all=1&filters=${filter}`)).json.map(({ Names }) => Names), [[`/${name}`]]);
    assert.equal((await call(proxy, "DELETE", `${version}/containers/${name}?force=1&v=1`)).status, 204);
    assert.equal((await call(proxy, "DELETE", `${version}/containers/${name}?force=1&v=1`)).status, 404);
  });

  await test("of the daemon and of the image only what a sandbox needs is told", async () => {
    const info = (await call(proxy, "GET", `${version}/info`)).json;
    for (const key of ["Name", "ID", "DockerRootDir", "Labels", "RegistryConfig", "HttpProxy", "Swarm", "KernelVersion"]) assert.equal(info[key], undefined, key);
    assert.deepEqual(Object.keys((await call(proxy, "GET", `${version}/images/${image}/json`)).json).sort(), ["Id", "Size"]);
  });

  await test("several requests go over one connection, one after the other", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set();
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve, reject) => http.get({ socketPath: proxy, path: "/version", agent }, (response) => (ports.add(response.socket), response.resume().once("end", resolve))).once("error", reject));
    }
    assert.equal(ports.size, 1);
    agent.destroy();
  });
}

// ---- Containers that are more than a sandbox

const more = [
  ["privileged", host({ Privileged: true })],
  ["privileged, said to be false", host({ Privileged: false })],
  ["privileged in small letters, which Go takes as the same", host({ privileged: true })],
  ["PRIVILEGED in capitals", host({ PRIVILEGED: true })],
  ["HostConfig in small letters", (() => { const body = good(); body.hostconfig = { Privileged: true }; return body; })()],
  ["HostConfig in small letters instead", (() => { const { HostConfig, ...body } = good(); return { ...body, hostConfig: HostConfig }; })()],
  ["the host's network", host({ NetworkMode: "host" })],
  ["a bridge", host({ NetworkMode: "bridge" })],
  ["another container's network", host({ NetworkMode: "container:abc" })],
  ["a network that is not switched off", top({ NetworkDisabled: false })],
  ["networks of its own", top({ NetworkingConfig: { EndpointsConfig: { bridge: {} } } })],
  ["the host's processes", host({ PidMode: "host" })],
  ["the host's IPC", host({ IpcMode: "host" })],
  ["shared IPC", host({ IpcMode: "shareable" })],
  ["the host's UTS name", host({ UTSMode: "host" })],
  ["the host's users", host({ UsernsMode: "host" })],
  ["the host's control groups", host({ CgroupnsMode: "host" })],
  ["a bind of the whole disk", host({ Binds: ["/:/host"] })],
  ["a bind of Docker's socket", host({ Binds: ["/var/run/docker.sock:/s"] })],
  ["a mount of the whole disk", host({ Mounts: [{ Target: "/data", Type: "bind", Source: "/", ReadOnly: true }] })],
  ["a mount beside what is allowed", host({ Mounts: [{ Target: "/data", Type: "bind", Source: `${binds}x`, ReadOnly: true }] })],
  ["a mount by way of ..", host({ Mounts: [{ Target: "/data", Type: "bind", Source: `${binds}/../..`, ReadOnly: true }] })],
  ["a mount by way of .. within", host({ Mounts: [{ Target: "/data", Type: "bind", Source: `${binds}/x/../../../etc`, ReadOnly: true }] })],
  ["an allowed mount that can be written", host({ Mounts: [{ Target: "/data", Type: "bind", Source: binds, ReadOnly: false }] })],
  ["an allowed mount elsewhere", host({ Mounts: [{ Target: "/etc", Type: "bind", Source: binds, ReadOnly: true }] })],
  ["an allowed mount that is passed on", host({ Mounts: [{ Target: "/data", Type: "bind", Source: binds, ReadOnly: true, BindOptions: { Propagation: "rshared" } }] })],
  ["a second mount", host({ Mounts: [{ Target: "/data", Type: "bind", Source: binds, ReadOnly: true }, { Target: "/h", Type: "bind", Source: "/", ReadOnly: true }] })],
  ["a volume with a name", host({ Mounts: [{ Target: "/data", Type: "volume", Source: "state", VolumeOptions: { NoCopy: true } }] })],
  ["a volume with a driver", host({ Mounts: [{ Target: "/data", Type: "volume", VolumeOptions: { NoCopy: true, DriverConfig: { Name: "local", Options: { type: "none", o: "bind", device: "/" } } } }] })],
  ["a tmpfs mount", host({ Mounts: [{ Target: "/data", Type: "tmpfs" }] })],
  ["volumes of another container", host({ VolumesFrom: ["abc"] })],
  ["anonymous volumes", top({ Volumes: { "/x": {} } })],
  ["devices", host({ Devices: [{ PathOnHost: "/dev/sda", PathInContainer: "/dev/sda", CgroupPermissions: "rwm" }] })],
  ["device rules", host({ DeviceCgroupRules: ["a *:* rwm"] })],
  ["graphics cards", host({ DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] })],
  ["added capabilities", host({ CapAdd: ["SYS_ADMIN"] })],
  ["capabilities that are not dropped", host({ CapDrop: [] })],
  ["only some that are dropped", host({ CapDrop: ["NET_RAW"] })],
  ["no seccomp", host({ SecurityOpt: ["no-new-privileges:true", "seccomp=unconfined"] })],
  ["new privileges", host({ SecurityOpt: [] })],
  ["no AppArmor", host({ SecurityOpt: ["apparmor=unconfined"] })],
  ["unmasked paths", host({ MaskedPaths: [] })],
  ["writable kernel paths", host({ ReadonlyPaths: [] })],
  ["a writable root", host({ ReadonlyRootfs: false })],
  ["a tmpfs to execute from", host({ Tmpfs: { "/tmp": "rw,exec,size=64m" } })],
  ["a second tmpfs", host({ Tmpfs: { ...good().HostConfig.Tmpfs, "/x": "rw" } })],
  ["a parent control group", host({ CgroupParent: "/" })],
  ["another runtime", host({ Runtime: "evil" })],
  ["kernel settings", host({ Sysctls: { "kernel.core_pattern": "|/x" } })],
  ["resource limits", host({ Ulimits: [{ Name: "nofile", Soft: 1, Hard: 1 }] })],
  ["published ports", host({ PortBindings: { "80/tcp": [{ HostPort: "80" }] } })],
  ["all ports published", host({ PublishAllPorts: true })],
  ["exposed ports", top({ ExposedPorts: { "80/tcp": {} } })],
  ["links", host({ Links: ["a:b"] })],
  ["names of hosts", host({ ExtraHosts: ["a:1.2.3.4"] })],
  ["name servers", host({ Dns: ["1.2.3.4"] })],
  ["a restart policy", host({ RestartPolicy: { Name: "always" } })],
  ["removal by itself", host({ AutoRemove: true })],
  ["a log driver that sends elsewhere", host({ LogConfig: { Type: "syslog", Config: { "syslog-address": "udp://1.2.3.4" } } })],
  ["logs with options", host({ LogConfig: { Type: "none", Config: {} } })],
  ["groups", host({ GroupAdd: ["0"] })],
  ["an out-of-memory score", host({ OomScoreAdj: -1000 })],
  ["no ending when out of memory", host({ OomKillDisable: true })],
  ["shared memory", host({ ShmSize: 1 << 30 })],
  ["a file for the id", host({ ContainerIDFile: "/etc/x" })],
  ["an init", host({ Init: true })],
  ["another image", top({ Image: "alpine" })],
  ["another tag", top({ Image: `${image}x` })],
  ["root", top({ User: "0" })],
  ["no user", (() => { const { User, ...body } = good(); return body; })()],
  ["an entry point", top({ Entrypoint: ["/bin/sh"] })],
  ["a shell as command", top({ Cmd: ["sh", "-c", "id"] })],
  ["the server as command", top({ Cmd: ["serve"] })],
  ["the proxy as command", top({ Cmd: ["docker-proxy"] })],
  ["another option of the runner", top({ Cmd: [...good().Cmd, "--request", "/etc/passwd"] })],
  ["an option in a value's place", top({ Cmd: ["runner", "--data", "/data", "--dataset", "--request", "--memory-mb", "64", "--cpu-s", "4"] })],
  ["a command that is a text", top({ Cmd: "runner" })],
  ["environment", top({ Env: ["LD_PRELOAD=/x"] })],
  ["a working folder", top({ WorkingDir: "/" })],
  ["a health check, which runs a program", top({ Healthcheck: { Test: ["CMD", "/app"] } })],
  ["a terminal", top({ Tty: true })],
  ["a name of its host", top({ Hostname: "x" })],
  ["more memory than allowed", host({ Memory: 1 << 30, MemorySwap: 1 << 30 })],
  ["memory without a limit", host({ Memory: 0, MemorySwap: 0 })],
  ["memory below nothing", host({ Memory: -1, MemorySwap: -1 })],
  ["swap beyond the memory", host({ MemorySwap: -1 })],
  ["memory and a half byte", host({ Memory: 1e6 + 0.5, MemorySwap: 1e6 + 0.5 })],
  ["memory as a text", host({ Memory: "67108864" })],
  ["no memory limit at all", (() => { const body = good(); delete body.HostConfig.Memory; return body; })()],
  ["more processors than allowed", host({ NanoCpus: 64e9 })],
  ["processors by other names", host({ CpuQuota: -1 })],
  ["certain processors", host({ CpusetCpus: "0" })],
  ["more processes than allowed", host({ PidsLimit: 100000 })],
  ["processes without a limit", host({ PidsLimit: -1 })],
  ["labels of somebody else's", top({ Labels: { ...good().Labels, "com.docker.compose.project": "x" } })],
  ["the label of the server itself", top({ Labels: { ...good().Labels, "sandglass.role": "server" } })],
  ["no labels", top({ Labels: {} })],
  ["a label that is no name", top({ Labels: { ...good().Labels, "sandglass.server": "a b" } })],
  ["an option that Docker does not know either", host({ Tomorrow: true })],
  ["an unknown member below a known one", host({ LogConfig: { Type: "none", x: {} } })],
  ["null in place of an option", host({ SecurityOpt: null })],
  ["a list in place of an object", top({ HostConfig: [] })],
  ["a text in place of it all", "\"x\""],
  ["a list in place of it all", []],
  ["nothing", {}],
];

// ---- JSON that two readers could take differently

const text = (before, after) => JSON.stringify(good()).replace(before, after);
const strange = [
  ["an option twice, the bad one last", text('"Init":false', '"Init":false,"CapDrop":[]')],
  ["an option twice, the bad one first", text('"NetworkMode":"none"', '"NetworkMode":"host","NetworkMode":"none"')],
  ["HostConfig twice", text('"HostConfig":', '"HostConfig":{"Privileged":true},"HostConfig":')],
  ["HostConfig twice, the good one first", `${JSON.stringify(good()).slice(0, -1)},"HostConfig":{"Privileged":true}}`],
  ["a label twice", text('"sandglass.role":"run"', '"sandglass.role":"run","sandglass.role":"server"')],
  ["a key with an escaped letter that says the same", text('"Init":false', '"Init":false,"\\u0050rivileged":true')],
  ["a letter that Go folds to the same (K as the Kelvin sign)", text('"NetworkMode":"none"', '"NetworkMode":"none","Networ\u212aMode":"host"')],
  ["a long s that Go folds to s", text('"Init":false', '"Init":false,"Device\u017f":[]')],
  ["bytes behind it", `${JSON.stringify(good())}{"HostConfig":{"Privileged":true}}`],
  ["a NUL in a value", text('"sandbox"', '"sandbox\\u0000"')],
  ["a comment", text('"Init":false', '/* */"Init":false')],
  ["a comma too many", text('"Init":false', '"Init":false,')],
  ["no JSON", "Privileged=true"],
  ["half of it", JSON.stringify(good()).slice(0, 200)],
  ["bytes that are no UTF-8", Buffer.concat([Buffer.from('{"Image":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
  ["a thousand levels", "[".repeat(1000) + "]".repeat(1000)],
  ["sixty levels within a known member", text('"Mounts":[]', `"Mounts":${"[".repeat(60)}${"]".repeat(60)}`)],
  ["a number too large to be one", text('"Memory":67108864', '"Memory":1e999')],
  ["more than 64 KiB", text('"sandbox"', `"${"x".repeat(70_000)}"`)],
];

// ---- Calls that no sandbox needs

const post = { headers: { "Content-Length": 0 } };
const name = newName();
const id = "a".repeat(64);
const calls = [
  ["another's container", "GET", `${version}/containers/others/json`],
  ["a part of an id", "GET", `${version}/containers/${id.slice(0, 12)}/json`],
  ["starting by id", "POST", `${version}/containers/${id}/start`, post],
  ["all containers", "GET", `${version}/containers/json?all=1`],
  ["all containers by another filter", "GET", `${version}/containers/json?all=1&filters=%7B%22status%22%3A%5B%22running%22%5D%7D`],
  ["containers with any server", "GET", `${version}/containers/json?all=1&filters=%7B%22label%22%3A%5B%22sandglass.server%22%5D%7D`],
  ["containers of a server or of no label", "GET", `${version}/containers/json?all=1&filters=%7B%22label%22%3A%5B%22sandglass.server%3Dx%22%2C%22y%22%5D%7D`],
  ["exec", "POST", `${version}/containers/${name}/exec`, { body: { Cmd: ["sh"] } }],
  ["starting an exec", "POST", `${version}/exec/${id}/start`, { body: {} }],
  ["building", "POST", `${version}/build`, { body: "x", headers: { "Content-Type": "application/x-tar" } }],
  ["pulling", "POST", `${version}/images/create?fromImage=alpine&tag=latest`, post],
  ["loading an image", "POST", `${version}/images/load`, { body: "x" }],
  ["tagging", "POST", `${version}/images/${image}/tag?repo=x`, post],
  ["removing an image", "DELETE", `${version}/images/${image}`],
  ["listing images", "GET", `${version}/images/json`],
  ["another image", "GET", `${version}/images/alpine/json`],
  ["saving an image", "GET", `${version}/images/${image}/get`],
  ["committing", "POST", `${version}/commit?container=${name}`, { body: {} }],
  ["exporting", "GET", `${version}/containers/${name}/export`],
  ["reading files", "GET", `${version}/containers/${name}/archive?path=/`],
  ["writing files elsewhere", "PUT", `${version}/containers/${name}/archive?path=/`, { body: "x" }],
  ["writing files elsewhere, by a second path", "PUT", `${version}/containers/${name}/archive?path=/data&path=/`, { body: "x" }],
  ["logs", "GET", `${version}/containers/${name}/logs?stdout=1`],
  ["processes", "GET", `${version}/containers/${name}/top`],
  ["figures", "GET", `${version}/containers/${name}/stats`],
  ["changes", "GET", `${version}/containers/${name}/changes`],
  ["changing limits", "POST", `${version}/containers/${name}/update`, { body: { Memory: 0 } }],
  ["renaming", "POST", `${version}/containers/${name}/rename?name=x`, post],
  ["killing", "POST", `${version}/containers/${name}/kill`, post],
  ["stopping", "POST", `${version}/containers/${name}/stop`, post],
  ["pausing", "POST", `${version}/containers/${name}/pause`, post],
  ["restarting", "POST", `${version}/containers/${name}/restart`, post],
  ["a start with keys of its own", "POST", `${version}/containers/${name}/start?detachKeys=a`, post],
  ["a start with a body", "POST", `${version}/containers/${name}/start`, { body: { Privileged: true } }],
  ["a removal that leaves the volume", "DELETE", `${version}/containers/${name}?force=1`],
  ["a removal of a link", "DELETE", `${version}/containers/${name}?force=1&v=1&link=1`],
  ["attaching without an upgrade", "POST", `${version}/containers/${name}/attach?stream=1&stdin=1`, post],
  ["attaching with logs", "POST", `${version}/containers/${name}/attach?logs=1&stream=1&stdout=1`, { headers: { Connection: "Upgrade", Upgrade: "tcp", "Content-Length": 0 } }],
  ["attaching by WebSocket", "GET", `${version}/containers/${name}/attach/ws?stream=1`],
  ["an upgrade of another call", "POST", `${version}/containers/${name}/start`, { headers: { Connection: "Upgrade", Upgrade: "tcp", "Content-Length": 0 } }],
  ["an upgrade to HTTP/2", "POST", `${version}/grpc`, { headers: { Connection: "Upgrade", Upgrade: "h2c", "Content-Length": 0 } }],
  ["a session", "POST", `${version}/session`, post],
  ["pruning containers", "POST", `${version}/containers/prune`, post],
  ["volumes", "GET", `${version}/volumes`],
  ["making a volume", "POST", `${version}/volumes/create`, { body: { Name: "x" } }],
  ["removing a volume", "DELETE", `${version}/volumes/x`],
  ["networks", "GET", `${version}/networks`],
  ["making a network", "POST", `${version}/networks/create`, { body: { Name: "x" } }],
  ["connecting to a network", "POST", `${version}/networks/bridge/connect`, { body: { Container: name } }],
  ["a swarm", "POST", `${version}/swarm/init`, { body: {} }],
  ["services", "POST", `${version}/services/create`, { body: {} }],
  ["secrets", "GET", `${version}/secrets`],
  ["plugins", "POST", `${version}/plugins/pull?remote=x`, { body: [] }],
  ["events", "GET", `${version}/events`],
  ["the disk", "GET", `${version}/system/df`],
  ["signing in", "POST", `${version}/auth`, { body: {} }],
  ["a ping", "GET", "/_ping"],
  ["a call without its version", "GET", "/info"],
  ["a version that we do not speak", "GET", "/v1.24/info"],
  ["a version with a tail", "GET", "/v1.41x/info"],
  ["metrics", "GET", "/metrics"],
  ["a name that is not a sandbox's", "POST", `${version}/containers/create?name=web`, { body: good() }],
  ["no name", "POST", `${version}/containers/create`, { body: good() }],
  ["a second name", "POST", `${version}/containers/create?name=${newName()}&name=web`, { body: good() }],
  ["a platform", "POST", `${version}/containers/create?name=${newName()}&platform=linux`, { body: good() }],
  ["a body that is not said to be JSON", "POST", `${version}/containers/create?name=${newName()}`, { body: good(), headers: { "Content-Type": "text/plain" } }],
];

// ---- HTTP that two readers could take differently

const line = (start, ...headers) => `${start}\r\n${["Host: docker", ...headers].join("\r\n")}\r\n\r\n`;
const json = JSON.stringify(good());
const start = `POST ${version}/containers/create?name=${newName()} HTTP/1.1`;
const type = "Content-Type: application/json";
const smuggled = `GET ${version}/containers/json HTTP/1.1\r\nHost: docker\r\n\r\n`;
const tricks = [
  ["chunks", line(start, type, "Transfer-Encoding: chunked") + `5\r\n{"a":\r\n0\r\n\r\n`],
  ["chunks beside a length", line(start, type, "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n"],
  ["chunks in other words", line(start, type, "Transfer-Encoding : chunked", "Content-Length: 2") + "{}"],
  ["two lengths", line(start, type, "Content-Length: 2", `Content-Length: ${json.length}`) + json],
  ["two lengths that are the same", line(start, type, "Content-Length: 2", "Content-Length: 2") + "{}"],
  ["a list of lengths", line(start, type, "Content-Length: 2, 2") + "{}"],
  ["a length with a sign", line(start, type, "Content-Length: +2") + "{}"],
  ["a length in another base", line(start, type, "Content-Length: 0x2") + "{}"],
  ["a length below nothing", line(start, type, "Content-Length: -1") + "{}"],
  ["a length without end", line(start, type, `Content-Length: ${"9".repeat(30)}`) + "{}"],
  ["a request behind the request", line("GET /version HTTP/1.1") + smuggled],
  ["a request behind the body", line(start, type, "Content-Length: 2") + "{}" + smuggled],
  ["a request within the body of a call that has none", line("GET /version HTTP/1.1", `Content-Length: ${smuggled.length}`) + smuggled],
  ["a request behind an upgrade", line(`POST ${version}/containers/${name}/attach?stream=1&stdin=1 HTTP/1.1`, "Connection: Upgrade", "Upgrade: tcp") + smuggled],
  ["an upgrade with a body", line(`POST ${version}/containers/${name}/attach?stream=1&stdin=1 HTTP/1.1`, "Connection: Upgrade", "Upgrade: tcp", "Content-Length: 5") + "hello"],
  ["half an upgrade", line(`POST ${version}/containers/${name}/attach?stream=1&stdin=1 HTTP/1.1`, "Upgrade: tcp")],
  ["a folded header", `GET /version HTTP/1.1\r\nHost: docker\r\n  folded\r\n\r\n`],
  ["a header without a colon", `GET /version HTTP/1.1\r\nHost: docker\r\nnothing\r\n\r\n`],
  ["a header with a space before its colon", `GET /version HTTP/1.1\r\nHost : docker\r\n\r\n`],
  ["two hosts", line("GET /version HTTP/1.1", "Host: other")],
  ["no host", "GET /version HTTP/1.1\r\n\r\n"],
  ["lines that end in LF alone", "GET /version HTTP/1.1\nHost: docker\n\n\r\n\r\n"],
  ["a CR within a header", "GET /version HTTP/1.1\r\nHost: doc\rker\r\n\r\n"],
  ["a NUL within a header", "GET /version HTTP/1.1\r\nHost: doc\0ker\r\n\r\n"],
  ["a tab", "GET /version HTTP/1.1\r\nHost:\tdocker\r\n\r\n"],
  ["bytes above ASCII", Buffer.from("GET /version HTTP/1.1\r\nHost: \xff\r\n\r\n", "latin1")],
  ["HTTP/1.0", line("GET /version HTTP/1.0")],
  ["HTTP/2 by foreknowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["no version at all", "GET /version\r\n\r\n"],
  ["an absolute address", line("GET http://docker/version HTTP/1.1")],
  ["an address of another host", line("GET http://evil.example/version HTTP/1.1")],
  ["a tunnel", line("CONNECT docker:80 HTTP/1.1")],
  ["a star", line("OPTIONS * HTTP/1.1")],
  ["a method in small letters", line("get /version HTTP/1.1")],
  ["an escaped slash", line(`GET ${version}/containers%2Fjson HTTP/1.1`)],
  ["an escaped letter", line(`GET ${version}/%69nfo HTTP/1.1`)],
  ["a path that goes up", line(`GET ${version}/info/../containers/json HTTP/1.1`)],
  ["a path that goes up, escaped", line(`GET ${version}/info/%2e%2e/containers/json HTTP/1.1`)],
  ["two slashes", line("GET //version HTTP/1.1")],
  ["a fragment", line("GET /version#x HTTP/1.1")],
  ["two spaces", line("GET  /version HTTP/1.1")],
  ["a header that expects something", line(start, type, "Content-Length: 2", "Expect: 100-continue") + "{}"],
  ["a head of 100 KB", line("GET /version HTTP/1.1", `X: ${"x".repeat(100_000)}`)],
  ["many headers", line("GET /version HTTP/1.1", ...Array.from({ length: 100 }, (_, i) => `X-${i}: x`))],
  ["a path of 4 KB", line(`GET /${"x".repeat(4000)} HTTP/1.1`)],
];

async function whatTheServerMayNotBe() {
  const answer = (input) => raw(input).then(({ text: got, isClosed }) => {
    assert.ok(isClosed, "the connection was left open");
    assert.equal(got.split("HTTP/1.1 ").length, 2, `not one answer: ${got}`);
    const [head, body] = got.split("\r\n\r\n");
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), text: got, json: JSON.parse(body) };
  });
  await refused([400, 403], tricks, answer);
}

// ---- Time and number

async function whatTakesLong() {
  attempts += 3;
  const head = test("a head that comes letter by letter is given up", async () => {
    const got = await raw([...line("GET /version HTTP/1.1", `X: ${"x".repeat(40)}`)].slice(0, -2), { pauseMs: 120 });
    assert.ok(got.isClosed && got.ms < 9_000, `${got.ms} ms`);
    assert.match(got.text, /^HTTP\/1\.1 400 /);
  });

  const body = test("a body that does not come is given up", async () => {
    const got = await raw(line(start, type, "Content-Length: 100") + "{", { limitMs: 15_000 });
    assert.ok(got.isClosed && got.ms < 14_000, `${got.ms} ms`);
    assert.match(got.text, /^HTTP\/1\.1 400 /);
  });

  await Promise.all([head, body]);
  await test("hundreds of connections that say nothing do not keep the next one out for long", async () => {
    const idle = Array.from({ length: 400 }, () => net.connect(proxy).on("error", () => {}));
    await sleep(300);
    for (const socket of idle) socket.destroy();
    await sleep(300);
    assert.equal((await call(proxy, "GET", "/version")).status, 200);
  });
}

// ---- Another's containers, and files

async function whatIsOthers() {
  attempts += 2;
  const foreign = newName();
  const made = await call(engine, "POST", `/containers/create?name=${foreign}`, { body: { ...good(), Labels: {} } });
  assert.equal(made.status, 201, made.text);
  await refused([403], [
    ["looking at a container that is no sandbox, though it has the name of one", ["GET", `/containers/${foreign}/json`]],
    ["looking at it by its id", ["GET", `/containers/${made.json.Id}/json`]],
    ["starting it", ["POST", `/containers/${foreign}/start`]],
    ["waiting for it", ["POST", `/containers/${foreign}/wait`]],
    ["removing it", ["DELETE", `/containers/${foreign}?force=1&v=1`]],
  ], ([method, path]) => call(proxy, method, version + path, method === "POST" ? post : {}), /is no sandbox/);
  await test("refused: attaching to it", async () => {
    const got = await call(proxy, "POST", `${version}/containers/${foreign}/attach?stream=1&stdout=1&stderr=1`, { headers: { Connection: "Upgrade", Upgrade: "tcp", "Content-Length": 0 } });
    assert.equal(got.status, 403, got.text);
  });
  await call(engine, "DELETE", `/containers/${foreign}?force=1&v=1`);

  await test("a sandbox that was made before the proxy was started can be removed", async () => {
    const left = newName();
    await call(engine, "POST", `/containers/create?name=${left}`, { body: good() });
    assert.equal((await call(proxy, "GET", `${version}/containers/${left}/json`)).status, 200);
    assert.equal((await call(proxy, "DELETE", `${version}/containers/${left}?force=1&v=1`)).status, 204);
  });

  await test("the server may look at its own container, at no variable of it, and do nothing else to it", async () => {
    const own = newName();
    const { json: { Id } } = await call(engine, "POST", `/containers/create?name=${own}`, { body: { ...good(), Env: ["ACCESS_TOKEN=secret"], Labels: { "sandglass.role": "server" } } });
    const facts = await call(proxy, "GET", `${version}/containers/${Id}/json`);
    assert.equal(facts.status, 200);
    assert.ok(!facts.text.includes("secret"));
    for (const [method, path] of [["POST", `/containers/${own}/start`], ["DELETE", `/containers/${own}?force=1&v=1`]]) assert.equal((await call(proxy, method, version + path, post)).status, 403);
    await call(engine, "DELETE", `/containers/${own}?force=1&v=1`);
  });
}

/** A tar header as the executor writes it, with some fields replaced: [offset, bytes] each. */
function tarHeader(size, ...changes) {
  const header = Buffer.alloc(512);
  for (const [at, value] of [[0, "data.sqlite"], [100, "0000444"], [108, "0000000"], [116, "0000000"], [124, size.toString(8).padStart(11, "0")], [136, "00000000000"], [148, "        "], [156, "0"], [257, "ustar"], [263, "00"], ...changes]) header.write(value, at, "latin1");
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

async function whatFilesMayBe() {
  const volume = host({ Mounts: [{ Target: "/data", Type: "volume", VolumeOptions: { NoCopy: true } }] });
  const tail = Buffer.alloc(512 - 5 + 1024);
  const put = (container, archive) => call(proxy, "PUT", `${version}/containers/${container}/archive?path=/data`, { body: archive, headers: { "Content-Type": "application/x-tar" } });
  const into = newName();
  const bare = newName();
  assert.equal((await create(volume, into)).status, 200);
  assert.equal((await create(good(), bare)).status, 200);
  const whole = (header) => Buffer.concat([header, Buffer.from("hello"), tail]);
  await refused([403], [
    ["a file for a container that has no place for one", [bare, whole(tarHeader(5))]],
    ["a file by another name", [into, whole(tarHeader(5, [0, "evil.sqlite"]))]],
    ["a file above its folder", [into, whole(tarHeader(5, [0, "../../etc/x"]))]],
    ["a link", [into, whole(tarHeader(5, [156, "2"], [157, "/etc/passwd"]))]],
    ["a device", [into, whole(tarHeader(5, [156, "4"]))]],
    ["a folder", [into, whole(tarHeader(5, [156, "5"]))]],
    ["a file with rights of its own", [into, whole(tarHeader(5, [100, "0004755"]))]],
    ["a second file behind the first", [into, Buffer.concat([tarHeader(5), Buffer.alloc(512, "x"), tarHeader(0, [0, "second"]), Buffer.alloc(1024)])]],
    ["a size that is not the body's", [into, whole(tarHeader(5000))]],
    ["no archive", [into, Buffer.alloc(2048, "x")]],
  ], ([container, archive]) => put(container, archive));
  await test("a data set's file is written as it is", async () => {
    assert.equal((await put(into, whole(tarHeader(5)))).status, 204);
    const answer = await new Promise((resolve, reject) => http.get({ socketPath: engine, path: `/containers/${into}/archive?path=/data/data.sqlite` }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part)).once("end", () => resolve(Buffer.concat(parts)));
    }).once("error", reject));
    assert.equal(answer.subarray(512, 517).toString(), "hello");
  });
  for (const container of [into, bare]) await call(proxy, "DELETE", `${version}/containers/${container}?force=1&v=1`);
}

// ---- All of it

async function whatThereIs() {
  const [containers, images, volumes, networks] = await Promise.all(["/containers/json?all=1", "/images/json", "/volumes", "/networks"].map((path) => call(engine, "GET", path)));
  return { containers: containers.json.map(({ Id }) => Id), images: images.json.map(({ Id }) => Id).sort(), volumes: (volumes.json.Volumes ?? []).map(({ Name }) => Name), networks: networks.json.map(({ Name }) => Name).sort() };
}

const before = await whatThereIs();
await test("only the proxy's own user can connect to its socket", () => {
  assert.equal(statSync(proxy).mode & 0o777, 0o600);
  return Promise.resolve();
});
await whatIsAllowed();
await refused([403], more.map(([what, body]) => [`a container with ${what}`, body]), create);
await refused([400, 403], strange.map(([what, body]) => [`JSON: ${what}`, body]), create);
await refused([403, 400], calls.map(([what, ...rest]) => [what, rest]), ([method, path, options]) => call(proxy, method, path, options));
await whatTheServerMayNotBe();
await whatIsOthers();
await whatFilesMayBe();
await whatTakesLong();
await test("after all of it the proxy still answers, and the daemon has what it had before", async () => {
  assert.equal((await create(good(), name)).status, 200);
  assert.equal((await call(proxy, "DELETE", `${version}/containers/${name}?force=1&v=1`)).status, 204);
  assert.deepEqual(await whatThereIs(), before);
});
console.log(`# ${attempts} hostile attempts\n# pass ${tap.passed}\n# fail ${tap.failed}\n# skip ${tap.skipped}`);
process.exitCode = tap.failed > 0 || tap.passed === 0 ? 1 : 0;
