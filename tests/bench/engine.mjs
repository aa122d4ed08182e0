// SPDX-License-Identifier: Apache-2.0
// The floor under a run in a fresh container: the Engine API's create, start, wait and delete, one after another on one
// connection that is kept, with the options that the Docker backend sets and a program that ends at once.
//
//   node engine.mjs SOCKET IMAGE COUNT     prints one JSON object: count, p50_us, p99_us
import http from "node:http";

const [socketPath, image, count] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
    const request = http.request({ socketPath, agent, method, path, headers }, (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (answer += chunk));
      response.on("end", () => (response.statusCode < 300 ? resolve(answer && JSON.parse(answer)) : reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`))));
    });
    request.on("error", reject);
    request.end(text);
  });
}

const container = {
  Image: image,
  Cmd: ["version"],
  User: "65534:65534",
  NetworkDisabled: true,
  HostConfig: {
    NetworkMode: "none",
    ReadonlyRootfs: true,
    PidsLimit: 64,
    Memory: 512 << 20,
    MemorySwap: 512 << 20,
    NanoCpus: 500_000_000,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true"],
    Tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
    LogConfig: { Type: "none" },
    IpcMode: "none",
  },
};

const times = [];
for (let i = 0; i < Number(count); i++) {
  const start = process.hrtime.bigint();
  const { Id } = await call("POST", "/containers/create", container);
  await call("POST", `/containers/${Id}/start`);
  const { StatusCode } = await call("POST", `/containers/${Id}/wait`);
  await call("DELETE", `/containers/${Id}`);
  if (StatusCode !== 0) throw new Error(`the container ended with ${StatusCode}`);
  times.push(Number(process.hrtime.bigint() - start) / 1000);
}
times.sort((a, b) => a - b);
const at = (share) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]);
console.log(JSON.stringify({ count: times.length, p50_us: at(0.5), p99_us: at(0.99) }));
agent.destroy();
