// SPDX-License-Identifier: Apache-2.0
// All objects, one revision for all of them, and the history that watches read.
//
// An object in here is never changed: a change makes a new one with the next resourceVersion and is
// told to the listeners of "change" as { type, resource, object, previous, revision }. An object
// with a deletionTimestamp goes as soon as it has no finalizer (a Pod: and no grace period) left.
import { randomBytes, randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { alreadyExists, notFound } from "./status.mjs";

const FIRST_REVISION = 1000;
const HISTORY_MAX = 5000;
const LETTERS = "bcdfghjklmnpqrstvwxz2456789"; // what the real server makes names of

export const now = (ms = Date.now()) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

export const suffix = () => [...randomBytes(5)].map((byte) => LETTERS[byte % LETTERS.length]).join("");

const keyOf = (namespace, name) => `${namespace ?? ""}/${name}`;

export class Store extends EventEmitter {
  revision = FIRST_REVISION;
  oldest = FIRST_REVISION; // a watch can begin here or later
  history = [];
  #kinds = new Map();

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  #of(resource) {
    if (!this.#kinds.has(resource.plural)) this.#kinds.set(resource.plural, new Map());
    return this.#kinds.get(resource.plural);
  }

  #tell(type, resource, object, previous) {
    const change = { type, resource, object, previous, revision: this.revision };
    this.history.push(change);
    if (this.history.length > HISTORY_MAX) this.oldest = this.history.shift().revision;
    this.emit("change", change);
  }

  /** Forgets the history: a watch from before now is told 410. */
  compact() {
    this.history = [];
    this.oldest = this.revision;
  }

  find(resource, namespace, name) {
    return this.#of(resource).get(keyOf(namespace, name));
  }

  get(resource, namespace, name) {
    const found = this.find(resource, namespace, name);
    if (!found) throw notFound(resource, name);
    return found;
  }

  /** In the order of their names, as etcd has them. NAMESPACE undefined: of all. */
  list(resource, namespace, isWanted = () => true) {
    const inside = [...this.#of(resource).entries()].filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace);
    return inside.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, object]) => (isWanted(object) ? [object] : []));
  }

  findByUid(resource, uid) {
    return [...this.#of(resource).values()].find((object) => object.metadata.uid === uid);
  }

  /** Gives OBJECT what the server gives to a new one; it is not stored yet. */
  prepare(resource, namespace, object) {
    const { name, generateName, ...rest } = object.metadata ?? {};
    const ours = { name: name || `${generateName}${suffix()}`, ...(generateName && { generateName }), ...(resource.isNamespaced && { namespace }) };
    delete rest.deletionTimestamp;
    const metadata = { ...rest, ...ours, uid: randomUUID(), creationTimestamp: now() };
    return { ...object, apiVersion: resource.apiVersion, kind: resource.kind, metadata };
  }

  add(resource, prepared) {
    const { namespace, name } = prepared.metadata;
    if (this.find(resource, namespace, name)) throw alreadyExists(resource, name);
    const object = { ...prepared, metadata: { ...prepared.metadata, resourceVersion: String(++this.revision) } };
    this.#of(resource).set(keyOf(namespace, name), object);
    this.#tell("ADDED", resource, object);
    return object;
  }

  /** CHANGE gets a copy to alter. Gives what is there afterwards; undefined where OBJECT has gone or is another now. */
  mutate(resource, object, change) {
    const { namespace, name, uid } = object.metadata;
    const previous = this.find(resource, namespace, name);
    if (!previous || previous.metadata.uid !== uid) return undefined;
    const next = structuredClone(previous);
    change(next);
    if (isDeepStrictEqual(next, previous)) return previous;
    const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = next.metadata;
    if (deletionTimestamp && !(finalizers?.length > 0) && !(deletionGracePeriodSeconds > 0)) {
      this.drop(resource, next);
      return undefined;
    }
    next.metadata.resourceVersion = String(++this.revision);
    this.#of(resource).set(keyOf(namespace, name), next);
    this.#tell("MODIFIED", resource, next, previous);
    return next;
  }

  /** Takes it away at once, whatever holds it; OBJECT is how it last was. */
  drop(resource, object) {
    const { namespace, name, uid } = object.metadata;
    const previous = this.find(resource, namespace, name);
    if (!previous || previous.metadata.uid !== uid) return;
    this.#of(resource).delete(keyOf(namespace, name));
    const gone = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.revision) } };
    this.#tell("DELETED", resource, gone, previous);
  }
}
