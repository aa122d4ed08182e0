// SPDX-License-Identifier: Apache-2.0
// What the tests of the test API server share: the official client on its kubeconfig, a raw HTTPS
// client for what that one would not send, and Jobs to create.
import * as k8s from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import https from "node:https";
import { PassThrough } from "node:stream";
import { until } from "../../http/harness.mjs";

export const NAMESPACE = "sandglass";

const isTerminal = (pod) => ["Succeeded", "Failed"].includes(pod.status.phase);

/** The official client, signed in as the kubeconfig's CONTEXT has it. */
export function clientOf(api, context = "certificate") {
  const config = new k8s.KubeConfig();
  config.loadFromFile(api.kubeconfig);
  config.setCurrentContext(context);
  const made = (kind) => config.makeApiClient(kind);
  return { config, core: made(k8s.CoreV1Api), batch: made(k8s.BatchV1Api), apps: made(k8s.AppsV1Api), version: made(k8s.VersionApi), apis: made(k8s.ApisApi), access: made(k8s.AuthorizationV1Api), scheduling: made(k8s.SchedulingV1Api) };
}

/** One request as the administrator, or with what HEADERS say: { status, headers, text, json }. */
export function raw(api, method, path, { body, headers = {}, isSigned = true, trust = true } = {}) {
  const folder = api.ca.replace(/[^/]+$/, "");
  const signed = isSigned && !headers.Authorization ? { cert: readFileSync(`${folder}client.crt`), key: readFileSync(`${folder}client.key`) } : {};
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  const typed = text === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const request = https.request(`${api.url}${path}`, { method, agent: false, headers: { ...typed, ...headers }, ...signed, ...(trust && { ca: readFileSync(api.ca) }) }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.once("error", reject);
      response.once("end", () => {
        const all = Buffer.concat(parts).toString("utf8");
        const isJson = response.headers["content-type"] === "application/json";
        resolve({ status: response.statusCode, headers: response.headers, text: all, json: isJson && !path.includes("watch=") ? JSON.parse(all) : undefined });
      });
    });
    request.once("error", reject);
    request.end(text);
  });
}

/** The lines of a watch that ends by itself. */
export async function watchRaw(api, path) {
  const answer = await raw(api, "GET", path);
  return { ...answer, events: answer.status === 200 ? answer.text.split("\n").filter(Boolean).map((line) => JSON.parse(line)) : [] };
}

/** That PROMISE is refused with CODE and REASON, as the official client reads it; gives the Status (but of a 401). */
export async function assertRefused(promise, code, reason, message) {
  const error = await promise.then(
    (value) => assert.fail(`it was not refused: ${JSON.stringify(value).slice(0, 300)}`),
    (thrown) => thrown,
  );
  assert.equal(error.code, code, error.message);
  if (code === 401) return undefined; // of which the client reads no more
  const status = typeof error.body === "string" ? JSON.parse(error.body) : error.body;
  assert.equal(status.kind, "Status");
  assert.equal(status.status, "Failure");
  assert.equal(status.code, code);
  assert.equal(status.reason, reason);
  if (message) assert.match(status.message, message);
  return status;
}

const secure = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } };

export const requestOf = (sql, more = {}) => JSON.stringify({ version: 1, run_id: "RUN", dataset: "weather", sql, ...more });

/** A Job that satisfies the namespace's rules. `container`, `pod`, `spec`, `metadata` are merged into it. */
export function jobOf(name, { sql = "SELECT 1 AS one", container = {}, pod = {}, spec = {}, metadata = {} } = {}) {
  const runner = { name: "runner", image: "example.com/sandglass:1", args: ["runner", "--data", "/data/weather"], env: [{ name: "RUN_REQUEST", value: requestOf(sql) }], securityContext: secure, ...container };
  const template = { metadata: { labels: { app: name } }, spec: { restartPolicy: "Never", automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, containers: [runner], ...pod } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name, ...metadata }, spec: { backoffLimit: 0, template, ...spec } };
}

/** A Job of this machine's shell, in the namespace default. */
export const shellJob = (name, script, { container = {}, ...more } = {}) => jobOf(name, { container: { image: "busybox", command: ["sh", "-c", script], args: [], env: [], securityContext: {}, ...container }, ...more });

export const create = (client, job, namespace = NAMESPACE) => client.batch.createNamespacedJob({ namespace, body: job });

export const podsOf = async (client, job, namespace = NAMESPACE) => (await client.core.listNamespacedPod({ namespace, labelSelector: `job-name=${job}` })).items;

/** The Job's only Pod once LOOK, given it, is content. */
export async function untilPod(client, job, look, namespace = NAMESPACE) {
  let last;
  try {
    return await until(`the Pod of ${job}`, async () => {
      [last] = await podsOf(client, job, namespace);
      return last && look(last) ? last : undefined;
    });
  } catch (error) {
    throw new Error(`${error.message}: ${JSON.stringify(last?.status)}`);
  }
}

export const untilEnded = (client, job, namespace) => untilPod(client, job, isTerminal, namespace);
export const untilRunning = (client, job, namespace) => untilPod(client, job, (pod) => pod.status.containerStatuses?.[0]?.state.running, namespace);

export const untilJob = (client, name, look, namespace = NAMESPACE) => until(`the Job ${name}`, async () => (((one) => look(one) && one))(await client.batch.readNamespacedJob({ name, namespace })));

export const conditionOf = (object, type) => object.status.conditions?.find((one) => one.type === type && one.status === "True");

export const remove = (client, name, namespace = NAMESPACE, propagationPolicy = "Background") => client.batch.deleteNamespacedJob({ name, namespace, propagationPolicy });

export const untilGone = (client, job, namespace) => until(`no Pod of ${job}`, async () => (await podsOf(client, job, namespace)).length === 0);

export const eventsOf = async (client, name, namespace = NAMESPACE) => (await client.core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${name}` })).items;

/** A stream that keeps what is written to it. */
export function sink() {
  const stream = new PassThrough();
  const parts = [];
  stream.on("data", (part) => parts.push(part));
  Object.defineProperty(stream, "text", { get: () => Buffer.concat(parts).toString("utf8") });
  return stream;
}
