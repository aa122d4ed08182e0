// SPDX-License-Identifier: Apache-2.0
// Deleting, and what follows from it: propagation policies, finalizers, and the collector that
// takes what has no owner any more.
import { resourceOfKind, resources } from "./resources.mjs";
import { badRequest, cause, conflict, invalid, success } from "./status.mjs";
import { now } from "./store.mjs";

const COLLECT_MS = 20;
const POLICIES = ["Orphan", "Background", "Foreground"];
const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

const addFinalizer = (object, finalizer) => (object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), finalizer])]);

export function removeFinalizer(object, finalizer) {
  const left = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  if (left.length > 0) object.metadata.finalizers = left;
  else delete object.metadata.finalizers;
}

function isOver(resource, object) {
  return resource.plural !== "pods" || !object.spec.nodeName || ["Succeeded", "Failed"].includes(object.status.phase);
}

export class Deletion {
  #timer;

  constructor(cluster) {
    this.cluster = cluster;
    cluster.store.on("change", ({ type, object }) => (type === "DELETED" || object.metadata.ownerReferences || object.metadata.finalizers) && this.#collectSoon());
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** DeleteOptions from the body and from the query, which wins. */
  static options(body = {}, query = new URLSearchParams()) {
    const policy = query.get("propagationPolicy") ?? body.propagationPolicy;
    const grace = query.has("gracePeriodSeconds") ? Number(query.get("gracePeriodSeconds")) : body.gracePeriodSeconds;
    if (policy && !POLICIES.includes(policy)) {
      const causes = [cause.unsupported("propagationPolicy", policy, [...POLICIES, ""])];
      throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", causes);
    }
    if (grace !== undefined && !Number.isInteger(grace)) throw badRequest(`strconv.ParseInt: parsing "${query.get("gracePeriodSeconds")}": invalid syntax`);
    return { policy, grace, preconditions: body.preconditions, isDry: [query.get("dryRun"), ...(body.dryRun ?? [])].includes("All") };
  }

  /** What the server answers to the one who deletes: the object as it lingers, or a Status. */
  remove(resource, object, { policy, grace, preconditions, isDry } = {}) {
    const { store } = this.cluster;
    const { name, uid, resourceVersion } = object.metadata;
    if (preconditions?.uid && preconditions.uid !== uid) throw conflict(resource, name, `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`);
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
      throw conflict(resource, name, `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`);
    }
    const answer = success({ name, ...(resource.group && { group: resource.group }), kind: resource.plural, uid });
    if (isDry) return answer;
    if (resource.plural === "namespaces") this.#empty(name);
    // Jobs keep their Pods unless the one who deletes says otherwise.
    const how = policy ?? (resource.plural === "jobs" ? "Orphan" : "Background");
    const grace_s = isOver(resource, object) ? 0 : (grace ?? object.spec.terminationGracePeriodSeconds);
    const left = store.mutate(resource, object, (next) => {
      const { metadata } = next;
      const before = metadata.deletionGracePeriodSeconds ?? Infinity;
      if (resource.plural === "pods") metadata.deletionGracePeriodSeconds = Math.min(before, grace_s);
      metadata.deletionTimestamp ??= now(Date.now() + (resource.plural === "pods" ? grace_s * 1000 : 0));
      if (how === "Foreground") addFinalizer(next, FOREGROUND);
      if (how === "Orphan" && this.#dependents(uid).length > 0) addFinalizer(next, ORPHAN);
    });
    return left ?? answer;
  }

  #empty(namespace) {
    for (const resource of Object.values(resources)) {
      if (resource.isNamespaced) for (const object of this.cluster.store.list(resource, namespace)) this.remove(resource, object, { policy: "Background", grace: 0 });
    }
  }

  #dependents(uid) {
    return Object.values(resources).flatMap((resource) =>
      this.cluster.store.list(resource, undefined, ({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid)).map((object) => ({ resource, object })),
    );
  }

  #collectSoon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const resource of Object.values(resources)) for (const object of this.cluster.store.list(resource)) this.#collect(resource, object);
    }, COLLECT_MS);
  }

  #collect(resource, object) {
    const { finalizers = [], uid, deletionTimestamp } = object.metadata;
    if (deletionTimestamp && finalizers.includes(ORPHAN)) this.#orphan(resource, object, uid);
    else if (deletionTimestamp && finalizers.includes(FOREGROUND)) this.#waitForDependents(resource, object, uid);
    else if (!deletionTimestamp && this.#isAbandoned(object)) this.remove(resource, object, { policy: "Background" });
  }

  #orphan(resource, object, uid) {
    for (const dependent of this.#dependents(uid)) {
      this.cluster.store.mutate(dependent.resource, dependent.object, ({ metadata }) => {
        metadata.ownerReferences = metadata.ownerReferences.filter((owner) => owner.uid !== uid);
        if (metadata.ownerReferences.length === 0) delete metadata.ownerReferences;
      });
    }
    this.cluster.store.mutate(resource, object, (next) => removeFinalizer(next, ORPHAN));
  }

  #waitForDependents(resource, object, uid) {
    const dependents = this.#dependents(uid);
    for (const one of dependents) if (!one.object.metadata.deletionTimestamp) this.remove(one.resource, one.object, { policy: "Background" });
    const isBlocked = this.#dependents(uid).some((one) => one.object.metadata.ownerReferences.some((owner) => owner.uid === uid && owner.blockOwnerDeletion));
    if (!isBlocked) this.cluster.store.mutate(resource, object, (next) => removeFinalizer(next, FOREGROUND));
  }

  // Of an owner whose kind is not known here it is believed that it is there.
  #isAbandoned({ metadata: { ownerReferences = [], namespace } }) {
    const isGone = ({ apiVersion, kind, uid }) => {
      const resource = resourceOfKind(apiVersion, kind);
      const owner = resource && this.cluster.store.findByUid(resource, uid);
      return resource && (!owner || (resource.isNamespaced && owner.metadata.namespace !== namespace));
    };
    return ownerReferences.length > 0 && ownerReferences.every(isGone);
  }
}
