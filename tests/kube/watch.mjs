// SPDX-License-Identifier: Apache-2.0
// Lists and watches: selectors, pages, resourceVersions, bookmarks, and the ways a watch ends.
//
// A watch hears of every change of the store. What a selector hides it does not send; an object
// that comes into view is ADDED, one that goes out of view is DELETED. A watch from a revision that
// is forgotten gets one ERROR event in a stream of status 200, as from the real watch cache; the
// fault "gone" gives the HTTP status 410 instead.
import { badRequest, cause, invalid, tooOld, ApiError } from "./status.mjs";
import { fieldSelector, labelSelector } from "./selectors.mjs";

const ENDS_S = 1800; // without timeoutSeconds
const LAST_BOOKMARK_MS = 2000;
const META = { group: "meta.k8s.io", kind: "ListOptions" };
const INITIAL_END = "k8s.io/initial-events-end";

const isTrue = (text) => ["1", "true"].includes(text ?? "");

/** { namespace, query, matches, revision } of a list or a watch. */
function readScope({ resource, namespace, name }, query) {
  const isLabelled = labelSelector(query.get("labelSelector"));
  const isChosen = fieldSelector(query.get("fieldSelector"), resource);
  const text = query.get("resourceVersion") ?? "";
  if (!/^\d*$/.test(text)) throw badRequest(`Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  const isInside = ({ metadata }) => (namespace === undefined || metadata.namespace === namespace) && (name === undefined || metadata.name === name);
  return { matches: (object) => isInside(object) && isLabelled(object) && isChosen(object), revision: text === "" ? undefined : Number(text) };
}

function checkOptions(query, isWatch, hasWatchList) {
  const match = query.get("resourceVersionMatch") ?? "";
  const isInitial = query.has("sendInitialEvents");
  const forbid = (field, detail) => [cause.forbidden(field, detail)];
  let causes = [];
  if (isWatch && isInitial && match !== "NotOlderThan") causes = forbid("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  else if (isWatch && isInitial && !hasWatchList) causes = forbid("sendInitialEvents", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
  else if (isWatch && !isInitial && match) causes = forbid("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  else if (!isWatch && isInitial) causes = forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  else if (!isWatch && match && !query.get("resourceVersion")) causes = forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
  else if (match && !["Exact", "NotOlderThan"].includes(match)) causes = [cause.unsupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""])];
  if (causes.length > 0) throw invalid(META, "", causes);
}

// ---- Lists

function readContinue(text, store) {
  let token;
  try {
    token = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    throw badRequest("continue key is not valid: invalid character");
  }
  if (token.revision < store.oldest) throw new ApiError(410, "Expired", "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.");
  return token;
}

export function list({ store }, target, query) {
  checkOptions(query, false, true);
  const { resource } = target;
  const { matches, revision } = readScope(target, query);
  if (revision > store.revision) throw new ApiError(504, "Timeout", `Too large resource version: ${revision}, current: ${store.revision}`, { retryAfterSeconds: 1, causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }] }, { "Retry-After": "1" });
  if (query.get("resourceVersionMatch") === "Exact" && revision < store.oldest) throw tooOld(revision, store.oldest);
  const limit = Number(query.get("limit") ?? 0);
  const from = query.get("continue") ? readContinue(query.get("continue"), store) : { revision: store.revision, after: "" };
  const keyOf = ({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`;
  const all = store.list(resource, target.namespace, matches).filter((object) => keyOf(object) > from.after);
  const page = limit > 0 ? all.slice(0, limit) : all;
  const metadata = { resourceVersion: String(from.revision) };
  if (page.length < all.length) {
    metadata.continue = Buffer.from(JSON.stringify({ revision: from.revision, after: keyOf(page.at(-1)) })).toString("base64url");
    metadata.remainingItemCount = all.length - page.length;
  }
  // A list says the kind once; its items do not.
  const items = page.map((object) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== "kind" && key !== "apiVersion")));
  return { kind: `${resource.kind}List`, apiVersion: resource.apiVersion, metadata, items };
}

// ---- Watches

export class Watches {
  open = new Set();
  opened = 0;

  constructor(cluster) {
    this.cluster = cluster;
  }

  /** Answers with a stream; throws an ApiError before it has begun. */
  serve(target, query, subject, response) {
    const hasWatchList = !this.cluster.faults.take("watch-list", subject);
    checkOptions(query, true, hasWatchList);
    const scope = readScope(target, query);
    response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-cache, private" });
    response.flushHeaders();
    const watch = new Watch(this.cluster, target, query, scope, subject, response);
    this.open.add(watch);
    this.opened += 1;
    response.once("close", () => {
      watch.close();
      this.open.delete(watch);
    });
    watch.begin();
  }

  /** A fault of this stage was added: those that are open already may be meant. */
  strike() {
    for (const watch of this.open) watch.suffer();
  }

  closeAll() {
    for (const { response } of this.open) response.socket?.destroy();
  }
}

class Watch {
  #isSilent = true; // until begin() has told what is there
  #timers = [];
  #counts = new Map(); // a fault to how many events it has seen

  constructor(cluster, target, query, scope, subject, response) {
    Object.assign(this, { cluster, target, query, ...scope, subject, response });
    this.isBookmarked = isTrue(query.get("allowWatchBookmarks"));
    this.sent = this.revision ?? cluster.store.revision;
    this.listener = (change) => this.#hear(change);
    cluster.store.on("change", this.listener);
  }

  close() {
    this.cluster.store.off("change", this.listener);
    this.#timers.forEach(clearTimeout);
  }

  begin() {
    const { store } = this.cluster;
    const { revision } = this;
    const hasInitial = isTrue(this.query.get("sendInitialEvents"));
    const isAny = revision === undefined || revision === 0;
    this.#isSilent = false;
    if (hasInitial || (isAny && !this.query.has("sendInitialEvents"))) {
      this.sent = store.revision;
      for (const object of store.list(this.target.resource, this.target.namespace, this.matches)) this.#send("ADDED", object);
      if (hasInitial && this.isBookmarked) this.#bookmark({ [INITIAL_END]: "true" });
    } else if (!isAny && revision < store.oldest) {
      this.#fail(tooOld(revision, store.oldest));
      return;
    } else if (!isAny) {
      for (const change of store.history) if (change.revision > revision) this.#hear(change);
    }
    this.#setTimers();
    this.suffer();
  }

  #setTimers() {
    const ends_ms = Number(this.query.get("timeoutSeconds") || ENDS_S) * 1000;
    this.#timers.push(setTimeout(() => this.response.end(), ends_ms));
    if (!this.isBookmarked) return;
    this.#timers.push(setInterval(() => this.#bookmark(), this.cluster.options.bookmark_ms));
    if (ends_ms > LAST_BOOKMARK_MS) this.#timers.push(setTimeout(() => this.#bookmark(), ends_ms - LAST_BOOKMARK_MS));
  }

  #hear({ type, resource, object, previous, revision }) {
    if (this.#isSilent || resource !== this.target.resource) return;
    this.sent = revision;
    const was = previous !== undefined && this.matches(previous);
    const is = type !== "DELETED" && this.matches(object);
    if (is) this.#send(was ? "MODIFIED" : "ADDED", object);
    else if (was) this.#send("DELETED", type === "DELETED" ? object : { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } });
  }

  #bookmark(annotations) {
    const { resource } = this.target;
    const empty = { pods: { spec: { containers: null }, status: {} }, jobs: { spec: { template: { metadata: {}, spec: { containers: null } } }, status: {} } };
    const metadata = { resourceVersion: String(Math.max(this.sent, this.cluster.store.revision)), creationTimestamp: null, ...(annotations && { annotations }) };
    this.#write({ type: "BOOKMARK", object: { kind: resource.kind, apiVersion: resource.apiVersion, metadata, ...empty[resource.plural] } });
  }

  #send(type, object) {
    if (this.response.destroyed || this.response.writableEnded) return;
    this.#write({ type, object });
    for (const fault of this.cluster.faults.all.filter((one) => one.stage === "watch")) this.#counts.set(fault.id, (this.#counts.get(fault.id) ?? 0) + 1);
    this.suffer();
  }

  #write(event) {
    if (!this.isStalled && !this.response.writableEnded) this.response.write(`${JSON.stringify(event)}\n`);
  }

  #fail(error) {
    this.#write({ type: "ERROR", object: error.status });
    this.response.end();
  }

  /** Takes the fault that is due, if there is one. */
  suffer() {
    const { faults, store } = this.cluster;
    const fault = faults.find("watch", this.subject);
    if (!fault || this.response.writableEnded || (this.#counts.get(fault.id) ?? 0) < fault.after_events) return;
    faults.use(fault);
    if (fault.fault === "watch_reset") this.cluster.reset(this.response.socket);
    else if (fault.fault === "watch_gone") this.#fail(tooOld(this.sent, store.revision));
    else if (fault.fault === "watch_stall") this.isStalled = true;
    else this.response.end();
  }
}
