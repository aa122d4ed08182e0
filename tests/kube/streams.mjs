// SPDX-License-Identifier: Apache-2.0
// attach and exec over WebSocket, subprotocols v5.channel.k8s.io and v4.channel.k8s.io.
//
// The first byte of a message is the channel: 0 stdin, 1 stdout, 2 stderr, 3 status, 4 resize, and
// in v5 from the client 255, then the channel that it closes. As the real server this one first
// sends an empty message on the lowest channel that it writes (so on 3, where only stdin is asked
// for), then pings, and ends with the Status on channel 3 and close code 1000. In v4 what the
// kubelet refuses is an HTTP status; in v5 it comes after the upgrade, on channel 3.
import { WebSocketServer } from "ws";
import { ApiError, badRequest, internal } from "./status.mjs";

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 };
const V5 = "v5.channel.k8s.io";
const V4 = "v4.channel.k8s.io";
const STATUS_OK = { metadata: {}, status: "Success" };
const isTrue = (text) => ["1", "true"].includes(text ?? "");

const frame = (channel, bytes) => Buffer.concat([Buffer.from([channel]), bytes]);

function exitStatus(command, code) {
  if (code === 0) return STATUS_OK;
  const message = `command terminated with non-zero exit code: error executing command [${command.join(" ")}], exit code ${code}`;
  return { metadata: {}, status: "Failure", message, reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode", message: String(code) }] } };
}

/** One open connection to a container's streams. */
class Session {
  #isAnswered = true;

  constructor(socket, wants, { hasNoStatus, ping_ms }) {
    Object.assign(this, { socket, wants, hasNoStatus, isV5: socket.protocol === V5 });
    const first = wants.stdout ? "stdout" : wants.stderr ? "stderr" : "status";
    this.write(first, Buffer.alloc(0));
    socket.on("pong", () => (this.#isAnswered = true));
    socket.on("error", () => {}); // it is closed then, which is heard
    this.pinging = setInterval(() => this.#ping(), ping_ms);
    socket.once("close", () => clearInterval(this.pinging));
  }

  // Who does not answer a ping until the next one is gone.
  #ping() {
    if (!this.#isAnswered) return this.socket.terminate();
    this.#isAnswered = false;
    return this.socket.ping();
  }

  write(channel, bytes) {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(frame(CHANNEL[channel], bytes));
  }

  /** Bytes of stdout or stderr, where the client wants them. */
  pass(stream, bytes) {
    if (this.wants[stream]) this.write(stream, bytes);
  }

  end(status) {
    if (!this.hasNoStatus) this.write("status", Buffer.from(JSON.stringify(status)));
    this.socket.close(1000);
  }

  /** Calls TAKE with what comes on stdin, and END when no more will. */
  input(take, end) {
    let isOpen = this.wants.stdin;
    const close = () => {
      if (isOpen) end();
      isOpen = false;
    };
    this.socket.on("message", (data, isBinary) => {
      if (!isBinary || data.length === 0) return;
      if (data[0] === CHANNEL.stdin && isOpen) take(data.subarray(1));
      if (this.isV5 && data[0] === CHANNEL.close && data[1] === CHANNEL.stdin) close();
    });
    this.socket.once("close", close);
  }
}

export class Streams {
  #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: (offered, request) => request.protocol });

  constructor(cluster) {
    this.cluster = cluster;
  }

  get open() {
    return this.#sockets.clients.size;
  }

  closeAll() {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  /** Upgrades REQUEST; throws an ApiError where that is refused before. */
  serve({ pod, subresource, query, subject, request, socket, head, upgraded }) {
    const { faults, kubelet } = this.cluster;
    const wants = Object.fromEntries(["stdin", "stdout", "stderr"].map((name) => [name, isTrue(query.get(name))]));
    if (!Object.values(wants).includes(true)) throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
    if (isTrue(query.get("tty"))) throw badRequest("this test server has no terminals");
    if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
    if (subresource === "exec" && !query.has("command")) throw badRequest("you must specify at least one command for the container");
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
    const served = faults.take(["v4_only"], subject) ? [V4] : [V5, V4];
    request.protocol = served.find((one) => offered.includes(one));
    if (!request.protocol) throw badRequest(`unable to upgrade: none of the subprotocols [${offered.join(" ")}] is supported`);
    const refusal = this.#refusal(faults.take(["stream_refused"], subject), kubelet.find(pod)?.container, pod);
    if (refusal && (request.protocol === V4 || refusal.code !== 500)) throw refusal;
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      upgraded(101);
      const session = new Session(client, wants, { hasNoStatus: Boolean(faults.take(["no_status"], subject)), ping_ms: this.cluster.options.ping_ms });
      const reset = faults.take(["stream_reset"], subject);
      if (reset) setTimeout(() => client.terminate(), reset.after_ms);
      if (refusal) session.end(refusal.status);
      else if (subresource === "attach") attach(session, kubelet.find(pod).container);
      else exec(session, kubelet.find(pod).container, query.getAll("command"));
    });
  }

  #refusal(fault, container, pod) {
    if (fault) return fault.code === 500 ? internal(fault.message) : new ApiError(fault.code, { 403: "Forbidden", 404: "NotFound" }[fault.code], fault.message);
    return container?.isRunning ? undefined : internal(`unable to upgrade connection: container not found ("${pod.spec.containers[0].name}")`);
  }
}

// The output from now on; with stdinOnce the first client's end of input is the container's.
function attach(session, container) {
  const { stdin } = container.child;
  const pass = (stream, bytes) => session.pass(stream, bytes);
  const end = () => session.end(STATUS_OK);
  container.on("output", pass);
  container.once("end", end);
  session.socket.once("close", () => (container.off("output", pass), container.off("end", end)));
  session.input(
    (bytes) => stdin?.write(bytes),
    () => container.spec.stdinOnce && stdin?.end(),
  );
}

function exec(session, container, command) {
  const missing = () => session.end(internal(`error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0]}": executable file not found in $PATH: unknown`).status);
  const child = container.exec(command);
  if (!child) return missing();
  for (const stream of ["stdout", "stderr"]) child[stream].on("data", (bytes) => session.pass(stream, bytes));
  child.once("error", missing);
  child.once("close", (code, signal) => {
    if (child.pid !== undefined) session.end(exitStatus(command, signal ? 137 : code));
  });
  child.stdin.on("error", () => {}); // it ended without reading all
  if (!session.wants.stdin) return child.stdin.end();
  return session.input(
    (bytes) => child.stdin.write(bytes),
    () => child.stdin.end(),
  );
}
