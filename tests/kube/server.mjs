// SPDX-License-Identifier: Apache-2.0
// A test double of the Kubernetes API server, with a Job controller, a scheduler and a kubelet that
// run the real program as the Pod. client.mjs holds it to what the official client expects.
//
//   node tests/kube/server.mjs --app build/app --dir DIR [--data DIR] [--port 0] [--schema FILE]
//       [--namespace sandglass] [--schedule-ms 2] [--pull-ms 5] [--start-ms 2] [--job-sync-ms 1000]
//       [--bookmark-ms 5000] [--ping-ms 5000]
//
// --data is what a Pod finds at /data (the image's, or of any PersistentVolumeClaim); --schema are
// Kubernetes' OpenAPI definitions, without which unknown fields pass. When it is ready it prints one
// line: {"url","kubeconfig","admin","ca","token","account","namespace"}. `ca`, `token` and
// `kubeconfig` are files; `account` is a folder like a Pod's serviceaccount. It ends on SIGTERM,
// SIGINT, or when its standard input, a pipe, is closed; then DIR holds nothing of it.
//
// The kubeconfig's contexts: certificate (the default), certificate-files, token (inline: lost when
// the token is rotated), token-file, exec (a plugin; what it was told is in DIR/credential-plugin.log),
// server-name (the certificate is not for the address, but for tls-server-name). Whoever has the
// certificate may do everything; the token's rights are those of POST admin/rules.
//
// The namespace enforces the Pod Security Standard "restricted"; "default" does not. Fields are
// validated strictly whatever the client asks for. A Pod has one container that is never restarted;
// images named busybox… have this machine's programs. See container.mjs for what is not real.
//
// admin: GET state {requests, watches, streams, connections, faults, pids}; DELETE state forgets
// what was seen; GET, POST and DELETE faults; POST rules {"rules":[{apiGroups,resources,verbs}]},
// null for everything. POST faults takes {"fault":NAME,"count":1,"match":{…},…}: count -1 is always;
// match has any of verb, resource, subresource, name (a regular expression), namespace, user.
//   request   too_many_requests{retry_after_s}, internal_error{message}, unavailable{retry_after_s},
//             unauthorized, forbidden, gone (410 as HTTP status), reset, slow{ms}
//   admission quota{quota,requested,used,limited}, admission{webhook,text,code}, invalid{field,value,
//             detail}: at the creation of a Job, or with match {"resource":"pods"} of its Pod, as a
//             quota of CPU and most policies do: then the Job is made, and Events say FailedCreate.
//             pod_security{container}: of the Pod
//   watch     watch_reset, watch_end, watch_gone (an ERROR event), watch_stall (open, but silent);
//             each {after_events}: 0 strikes one that is open now, else the next one
//   pod       unschedulable{then_ms,message}, slow_pull{ms}, image_pull{attempts,back_off_ms,message},
//             invalid_image_name, config_error{message}, mount_failed{ms}, start_error{message},
//             unseen_run (over so soon that nobody reads Running), oom{after_ms}, and with at "start"
//             or "running" and after_ms: evicted{message}, preempted, node_lost{gone_ms}, node_silent,
//             pod_deleted.
//             One a Pod, chosen when it is created
//   log       log_truncated{bytes}, of a followed one log_cut{bytes} (rotation); log_reset{bytes}, log_gone
//   stream    stream_refused{code,message}, stream_reset{after_ms}, no_status, v4_only
//   server    down{ms} (nobody listens, all connections are cut), rotate_token, compact (every watch
//             from before is 410)
import { spawnSync } from "node:child_process";
import { chmodSync, fstatSync, mkdirSync, rmSync } from "node:fs";
import https from "node:https";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createAdmin } from "./admin.mjs";
import { makeAccountFolder, makeCertificates, writeKubeconfig } from "./certificates.mjs";
import { Cluster } from "./cluster.mjs";
import { Schema } from "./schema.mjs";

const NOBODY = 65534;
const numbers = { port: 0, "schedule-ms": 2, "pull-ms": 5, "start-ms": 2, "job-sync-ms": 1000, "bookmark-ms": 5000, "ping-ms": 5000 };
const texts = { app: undefined, dir: undefined, data: undefined, schema: undefined, namespace: "sandglass" };

function fail(message) {
  console.error(`tests/kube/server.mjs: ${message}`);
  process.exit(2);
}

function readOptions() {
  const options = Object.fromEntries([...Object.keys(numbers), ...Object.keys(texts)].map((name) => [name, { type: "string" }]));
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    fail(error.message);
  }
  if (!values.app || !values.dir) fail("--app PROGRAM and --dir DIR are needed");
  const read = { ...texts, ...values };
  for (const name of ["app", "dir", "data", "schema"]) if (read[name]) read[name] = resolve(read[name]);
  for (const [name, value] of Object.entries(numbers)) {
    read[name.replaceAll("-", "_")] = Number(values[name] ?? value);
    if (!/^\d+$/.test(values[name] ?? "0")) fail(`--${name} is a whole number, not "${values[name]}"`);
  }
  return read;
}

// As root a Pod's process takes the ids that it asks for, if they can reach what it needs.
function canChangeUser({ app, data, dir }) {
  if (process.getuid() !== 0) return false;
  const script = 'test -x "$1" && cd "$2" && { test -z "$3" || { test -r "$3" && test -x "$3"; }; }';
  const { status } = spawnSync("/bin/sh", ["-c", script, "sh", app, dir, data ?? ""], { uid: NOBODY, gid: NOBODY, cwd: "/" });
  if (status !== 0) console.error(`tests/kube/server.mjs: user ${NOBODY} cannot reach ${app}, ${dir} or ${data}; Pods run as this user`);
  return status === 0;
}

/** The API's listener: can be paused, and knows the connections below TLS, to reset them. */
class Listener {
  #raw = new Map(); // remote port to the TCP connection

  constructor(cluster, { key, cert, ca }) {
    this.cluster = cluster;
    this.server = https.createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false, keepAliveTimeout: 60_000 });
    this.server.on("request", (request, response) => void cluster.api.handle(request, response));
    this.server.on("upgrade", (request, socket, head) => void cluster.api.upgrade(request, socket, head));
    this.server.on("tlsClientError", () => {}); // the client does not trust us, or went away
    this.server.on("connection", (socket) => {
      const { remotePort } = socket;
      this.#raw.set(remotePort, socket);
      cluster.connections.open += 1;
      cluster.connections.opened += 1;
      socket.once("close", () => {
        this.#raw.delete(remotePort);
        cluster.connections.open -= 1;
      });
    });
    cluster.reset = (socket) => this.#reset(socket);
  }

  listen(port) {
    return new Promise((done, refused) => {
      this.server.once("error", refused);
      this.server.listen(port, "127.0.0.1", () => {
        this.server.off("error", refused);
        done(this.server.address().port);
      });
    });
  }

  /** The client reads ECONNRESET. */
  #reset(socket) {
    this.#raw.get(socket?.remotePort)?.resetAndDestroy();
    socket?.destroy();
  }

  close() {
    this.server.close();
    for (const socket of this.#raw.values()) socket.destroy();
  }

  /** Nobody is here for MS. */
  pause(ms) {
    const { port } = this.server.address();
    this.close();
    this.returning = setTimeout(() => void this.listen(port).catch((error) => fail(`port ${port} was taken meanwhile: ${error.message}`)), ms);
  }

  stop() {
    clearTimeout(this.returning);
    this.close();
  }
}

async function main() {
  const options = readOptions();
  mkdirSync(options.dir, { recursive: true });
  chmodSync(options.dir, 0o711); // the users of Pods pass through it
  const certificates = makeCertificates(join(options.dir, "certificates"));
  const account = makeAccountFolder(options.dir, { ca: certificates.ca, namespace: options.namespace });
  if (!options.schema) console.error("tests/kube/server.mjs: no --schema: unknown fields are not noticed");
  const schema = options.schema && new Schema(options.schema);
  const cluster = new Cluster({ ...options, canChangeUser: canChangeUser(options) }, { schema, certificates, tokenFile: account.tokenFile });
  const listener = new Listener(cluster, { ...certificates.server, ca: certificates.ca });
  const port = await listener.listen(options.port).catch((error) => fail(error.message));
  const url = `https://127.0.0.1:${port}`;
  cluster.address = { hostname: "127.0.0.1", port: String(port), host: `127.0.0.1:${port}` };
  const kubeconfig = writeKubeconfig({ dir: options.dir, url, certificates, tokenFile: account.tokenFile, token: cluster.access.token, namespace: options.namespace });
  const admin = createAdmin(cluster, listener);
  await new Promise((done) => admin.listen(0, "127.0.0.1", done));
  untilStopped(cluster, listener, admin, options.dir);
  const line = { url, kubeconfig, admin: `http://127.0.0.1:${admin.address().port}`, ca: certificates.caFile, token: account.tokenFile, account: account.folder, namespace: options.namespace };
  console.log(JSON.stringify(line));
}

function untilStopped(cluster, listener, admin, dir) {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    listener.stop();
    admin.close();
    await cluster.stop();
    for (const name of ["certificates", "serviceaccount", "pods", "kubeconfig", "credential-plugin", "credential-plugin.log"]) rmSync(join(dir, name), { recursive: true, force: true });
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void stop());
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) process.stdin.on("close", () => void stop()).resume();
}

await main();
