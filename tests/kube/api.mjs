// SPDX-License-Identifier: Apache-2.0
// The HTTP side: from a request to who asks, what for, the mishap that is due, and the answer.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fillDefaults } from "./defaults.mjs";
import { Deletion } from "./deletion.mjs";
import { serveLog } from "./podlog.mjs";
import { discovery, readPath, resources } from "./resources.mjs";
import { checkChange, checkObject } from "./rules.mjs";
import { ApiError, badRequest, conflict, forbidden, internal, invalid, notAllowed, tooOld, unauthorized, unavailable } from "./status.mjs";
import { list } from "./watch.mjs";

const BODY_BYTES_MAX = 3 * 1024 * 1024;
const SEEN_MAX = 20_000;
const JOBS_KEPT = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";
const PUBLIC = /^\/(version|healthz|livez|readyz)$/;

/** The connection is to be reset instead of an answer. */
class Reset extends Error {}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

async function readBody(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > BODY_BYTES_MAX) throw new ApiError(413, "RequestEntityTooLarge", `Request entity too large: limit is ${BODY_BYTES_MAX}`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The JSON of REQUEST; undefined where there is none. */
async function readJson(request, types = ["application/json"]) {
  const text = await readBody(request);
  if (text === "") return undefined;
  const type = (request.headers["content-type"] ?? "application/json").split(";")[0].trim();
  if (!types.includes(type)) throw new ApiError(415, "UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${types.join(", ")}`);
  let body;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding JSON: ${error.message}`);
  }
  if (!isObject(body)) throw badRequest("couldn't get version/kind; json parse error: cannot unmarshal into Go value of type struct");
  return body;
}

// RFC 7396.
function mergePatch(target, patch) {
  if (!isObject(patch)) return patch;
  const merged = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

const requestFaults = {
  too_many_requests: ({ retry_after_s }) => Object.assign(new ApiError(429, "TooManyRequests", "Too many requests, please try again later.", undefined, { "Retry-After": String(retry_after_s) }), { isPlain: true }),
  internal_error: ({ message }) => internal(message),
  unavailable: ({ retry_after_s }) => Object.assign(unavailable(), retry_after_s === undefined ? {} : { headers: { "Retry-After": String(retry_after_s) } }),
  unauthorized,
  forbidden: (_, { resource, name, refusal }) => forbidden(resources[resource] ?? { plural: resource }, name, refusal),
  gone: (_, { current }) => tooOld(1, current),
};

export class Api {
  seen = [];

  constructor(cluster) {
    this.cluster = cluster;
  }

  forget() {
    this.seen = [];
  }

  /** Answers REQUEST. */
  async handle(request, response) {
    const entry = this.#note(request);
    response.once("close", () => (entry.status ??= response.headersSent ? response.statusCode : 0));
    try {
      await this.#answer(request, response, entry);
    } catch (error) {
      this.#refuse(request, response, error, entry);
    }
  }

  /** Answers an upgrade: attach and exec. */
  async upgrade(request, socket, head) {
    const entry = this.#note(request);
    socket.on("error", () => {}); // it is closed then
    try {
      const { url, target, subject } = await this.#admitRequest(request, entry);
      if (!["attach", "exec"].includes(target.subresource)) throw badRequest("this is no place to upgrade");
      const pod = this.#podOf(target, url.searchParams);
      const upgraded = (status) => (entry.status = status);
      this.cluster.streams.serve({ pod, subresource: target.subresource, query: url.searchParams, subject, request, socket, head, upgraded });
    } catch (error) {
      if (error instanceof Reset) return this.cluster.reset(socket);
      const { code, body, headers } = this.#render(error);
      entry.status = code;
      const lines = Object.entries({ ...headers, "Content-Length": Buffer.byteLength(body), Connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${code} Refused\r\n${lines.join("")}\r\n${body}`);
    }
    return undefined;
  }

  #note(request) {
    const entry = { at: Date.now(), method: request.method, path: request.url, connection: `${request.socket.remotePort}` };
    this.seen.push(entry);
    if (this.seen.length > SEEN_MAX) this.seen.shift();
    return entry;
  }

  // Who asks, what for, whether something is to go wrong, and whether they may.
  async #admitRequest(request, entry) {
    const url = new URL(request.url, "https://kubernetes");
    const { access, faults, store } = this.cluster;
    const document = request.method === "GET" ? discovery(url.pathname, this.cluster.address.host) : undefined;
    const target = document === undefined ? readPath(request.method, url) : { verb: "get", resource: { plural: url.pathname } };
    const isUpgrade = ["attach", "exec"].includes(target.subresource);
    const verb = isUpgrade ? { GET: "get", POST: "create" }[request.method] : target.verb;
    const subject = { verb, resource: target.resource.plural, subresource: target.subresource, name: target.name, namespace: target.namespace };
    Object.assign(entry, subject);
    const slow = faults.take(["slow"], subject);
    if (slow) await sleep(slow.ms);
    const user = PUBLIC.test(url.pathname) && !request.headers.authorization ? { name: "system:anonymous", groups: [], method: "none" } : access.authenticate(request);
    Object.assign(entry, { user: user.name, auth: user.method });
    subject.user = user.name;
    const fault = faults.take(["reset", ...Object.keys(requestFaults)], subject);
    if (fault?.fault === "reset") throw new Reset();
    if (fault) throw requestFaults[fault.fault](fault, { ...subject, current: store.revision, refusal: access.refusal(user, { ...subject, group: target.resource.group ?? "" }) });
    if (document !== undefined && user.method === "none" && !PUBLIC.test(url.pathname)) throw new ApiError(403, "Forbidden", `forbidden: User "${user.name}" cannot get path "${url.pathname}"`, {});
    if (document === undefined) access.authorize(user, { ...target, verb });
    return { url, document, target, subject, user };
  }

  async #answer(request, response, entry) {
    const { url, document, target, subject, user } = await this.#admitRequest(request, entry);
    const { resource, verb, subresource } = target;
    const query = url.searchParams;
    if (document !== undefined) return this.#send(response, 200, document);
    if (["attach", "exec"].includes(subresource)) throw badRequest("Upgrade request required");
    if (!(subresource ? resource.subresources[subresource] : resource.verbs).includes(verb)) throw notAllowed();
    if (subresource === "log") return this.#log(target, query, subject, response);
    if (verb === "get") return this.#send(response, 200, this.#get(target));
    if (verb === "list") return this.#send(response, 200, list(this.cluster, target, query));
    if (verb === "watch") return this.cluster.watches.serve(target, query, subject, response);
    if (verb === "create") return this.#create(request, response, target, query, user);
    if (verb === "delete" || verb === "deletecollection") return this.#delete(request, response, target, query);
    if (!target.name) throw notAllowed();
    return this.#change(request, response, target, query);
  }

  #get({ resource, namespace, name }) {
    return this.cluster.store.get(resource, namespace, name);
  }

  #check(resource, body, kind = resource.kind) {
    const { schema } = this.cluster;
    const { apiVersion = resource.apiVersion, kind: own = kind } = body;
    if (kind === resource.kind && (own !== kind || apiVersion !== resource.apiVersion)) {
      throw badRequest(own === kind ? `the API version in the data (${apiVersion}) does not match the expected API version (${resource.apiVersion})` : `the object provided is unrecognized (must be of type ${kind}): no kind "${own}" is registered for version "${apiVersion}"`);
    }
    return schema ? schema.check(body, resource.group, resource.version, kind) : [];
  }

  #checkNamespace(resource, namespace, body) {
    if (!resource.isNamespaced) return;
    if (!namespace) throw notAllowed();
    const place = this.cluster.store.get(resources.namespaces, undefined, namespace);
    const own = body.metadata?.namespace;
    if (own && own !== namespace) throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
    if (place.metadata.deletionTimestamp) throw forbidden(resource, body.metadata?.name, `unable to create new content in namespace ${namespace} because it is being terminated`);
  }

  async #create(request, response, { resource, namespace, name }, query, user) {
    const { access, admission, store } = this.cluster;
    const body = await readJson(request);
    if (!body || name) throw name ? notAllowed() : badRequest(`unable to decode: the body of the request is empty`);
    const missing = this.#check(resource, body);
    if (resource.plural === "selfsubjectaccessreviews") return this.#send(response, 201, access.review(user, body));
    this.#checkNamespace(resource, namespace, body);
    if (resource.plural === "jobs") body.spec = { ...body.spec, template: { spec: {}, ...body.spec?.template } };
    delete body.status;
    const prepared = store.prepare(resource, namespace, body);
    const isNew = !store.find(resource, namespace, prepared.metadata.name);
    const causes = [...missing, ...checkObject(resource, { ...body, metadata: body.metadata ?? {} }).filter(({ field }) => !missing.some((one) => one.field === field))];
    if (causes.length > 0) throw invalid(resource, body.metadata?.name ?? "", causes);
    const object = fillDefaults(resource, prepared);
    if (isNew) admission.admit(resource, object, user);
    const warning = admission.warning(resource, object);
    const made = query.get("dryRun") === "All" && isNew ? object : store.add(resource, object);
    return this.#send(response, 201, made, warning);
  }

  async #delete(request, response, target, query) {
    const { deletion, store } = this.cluster;
    const { resource, namespace, name } = target;
    const body = await readJson(request);
    if (body) this.#check(resource, body, "DeleteOptions");
    const options = Deletion.options(body, query);
    const warning = resource.plural === "jobs" && !options.policy ? JOBS_KEPT : undefined;
    if (name) return this.#send(response, 200, deletion.remove(resource, store.get(resource, namespace, name), options), warning);
    const all = list(this.cluster, target, query);
    for (const { metadata } of all.items) deletion.remove(resource, store.get(resource, namespace, metadata.name), options);
    return this.#send(response, 200, all, warning);
  }

  async #change(request, response, target, query) {
    const { store } = this.cluster;
    const { resource, namespace, name, verb } = target;
    const previous = this.#get(target);
    const body = await readJson(request, verb === "patch" ? ["application/merge-patch+json"] : undefined);
    const next = verb === "patch" ? mergePatch(previous, body) : body;
    if (!next) throw badRequest("the body of the request is empty");
    const missing = this.#check(resource, next);
    if (next.metadata?.name !== name) throw badRequest(`the name of the object (${next.metadata?.name}) does not match the name on the URL (${name})`);
    this.#checkNamespace(resource, namespace, next);
    if (next.metadata.uid && next.metadata.uid !== previous.metadata.uid) throw conflict(resource, name, `Precondition failed: UID in precondition: ${next.metadata.uid}, UID in object meta: ${previous.metadata.uid}`);
    const { resourceVersion } = next.metadata;
    if (resourceVersion && resourceVersion !== previous.metadata.resourceVersion) throw conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");
    const causes = [...missing, ...checkChange(resource, previous, next)];
    if (causes.length > 0) throw invalid(resource, name, causes);
    if (query.get("dryRun") === "All") return this.#send(response, 200, next);
    const changed = store.mutate(resource, previous, (object) => {
      const { uid, namespace: place, creationTimestamp, deletionTimestamp, generation } = object.metadata;
      const isOther = JSON.stringify(next.spec) !== JSON.stringify(object.spec);
      const own = { uid, ...(place && { namespace: place }), creationTimestamp, ...(deletionTimestamp && { deletionTimestamp }), ...(generation && { generation: generation + (isOther ? 1 : 0) }) };
      const status = object.status === undefined ? {} : { status: object.status };
      for (const key of Object.keys(object)) delete object[key];
      Object.assign(object, structuredClone(next), { metadata: { ...next.metadata, resourceVersion: previous.metadata.resourceVersion, ...own } }, status);
    });
    return this.#send(response, 200, changed ?? next);
  }

  #podOf(target, query) {
    const pod = this.#get(target);
    const name = query.get("container");
    if (name && !pod.spec.containers.some((container) => container.name === name)) throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
    return pod;
  }

  #log(target, query, subject, response) {
    const { faults, kubelet } = this.cluster;
    const pod = this.#podOf(target, query);
    const { name } = pod.spec.containers[0];
    const { state = {}, containerID } = pod.status.containerStatuses?.[0] ?? {};
    if (query.get("previous") === "true") throw badRequest(`previous terminated container "${name}" in pod "${pod.metadata.name}" not found`);
    const { reason } = state.waiting ?? {};
    const waits = { ErrImagePull: "image can't be pulled", ImagePullBackOff: "trying and failing to pull image", InvalidImageName: "image name is not valid" };
    if (reason) throw badRequest(`container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${waits[reason] ?? reason}`);
    const names = query.get("follow") === "true" ? ["log_cut", "log_reset", "log_gone"] : ["log_truncated", "log_reset", "log_gone"];
    const fault = faults.take(names, subject);
    if (fault?.fault === "log_gone") {
      response.writeHead(200, { "Content-Type": "text/plain" });
      return response.end(`unable to retrieve container logs for ${containerID}`);
    }
    const worker = kubelet.find(pod);
    if (!worker || !state.running && !state.terminated) return response.writeHead(200, { "Content-Type": "text/plain" }).end();
    return serveLog(worker.log, query, fault, response, this.cluster.reset);
  }

  // ---- Answers

  #send(response, code, body, warning) {
    const isText = typeof body === "string";
    const headers = { "Audit-Id": randomUUID(), "Cache-Control": "no-cache, private", "Content-Type": isText ? "text/plain; charset=utf-8" : "application/json" };
    if (warning) headers.Warning = `299 - "${warning.replace(/["\\]/g, "\\$&")}"`;
    const bytes = isText ? body : `${JSON.stringify(body)}\n`;
    response.writeHead(code, { ...headers, "Content-Length": Buffer.byteLength(bytes) });
    response.end(bytes);
  }

  #render(error) {
    const known = error instanceof ApiError ? error : internal(String(error.stack));
    if (known !== error) console.error(`api: ${error.stack}`);
    const { code, status, message, isPlain, headers } = known;
    return { code, body: isPlain ? `${message}\n` : `${JSON.stringify(status)}\n`, headers: { "Content-Type": isPlain ? "text/plain; charset=utf-8" : "application/json", "Cache-Control": "no-cache, private", ...headers } };
  }

  #refuse(request, response, error, entry) {
    if (error instanceof Reset || response.headersSent) {
      entry.status = 0;
      this.cluster.reset(request.socket);
      return;
    }
    const { code, body, headers } = this.#render(error);
    response.writeHead(code, { ...headers, "Content-Length": Buffer.byteLength(body) });
    response.end(body);
    if (!request.complete) request.resume(); // so that the client may finish writing and read this
  }
}

