// SPDX-License-Identifier: Apache-2.0
// A client of Docker's API on a Unix socket, and the description of a container as the executor sends it.
import { randomBytes } from "node:crypto";
import http from "node:http";

export const version = "/v1.41";
const MIB = 1024 * 1024;

/** One request on a connection of its own: { status, headers, text, json }. */
export function call(socketPath, method, path, { body, headers = {} } = {}) {
  const bytes = body === undefined || Buffer.isBuffer(body) ? body : typeof body === "string" ? body : JSON.stringify(body);
  const all = bytes === undefined ? headers : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(bytes), ...headers };
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, method, path, headers: all, agent: false });
    request.once("error", reject);
    request.once("upgrade", (response, socket) => (socket.destroy(), resolve({ status: response.statusCode, text: "" })));
    request.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.once("error", reject).once("end", () => resolve({ status: response.statusCode, headers: response.headers, text, json: text ? JSON.parse(text) : undefined }));
    });
    request.end(bytes);
  });
}

const ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** A name as a sandbox's container has it. */
export const newName = () => `sandglass-01${[...randomBytes(24)].map((byte) => ULID[byte % 32]).join("")}`;
/** The description of a container as the executor sends it. */
export const containerOf = (image) => ({
  Image: image,
  Cmd: ["runner", "--data", "/data/weather", "--dataset", "weather", "--memory-mb", "64", "--cpu-s", "4"],
  Hostname: "sandbox",
  User: "65534:65534",
  NetworkDisabled: true,
  Env: [],
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Labels: { "sandglass.server": "01HOSTILE", "sandglass.run": "RUN", "sandglass.role": "run" },
  HostConfig: {
    NetworkMode: "none",
    IpcMode: "none",
    CgroupnsMode: "private",
    ReadonlyRootfs: true,
    Tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
    Mounts: [],
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true"],
    Memory: 64 * MIB,
    MemorySwap: 64 * MIB,
    NanoCpus: 500_000_000,
    PidsLimit: 32,
    Init: false,
    LogConfig: { Type: "none" },
  },
});
