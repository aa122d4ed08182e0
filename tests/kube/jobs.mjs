// SPDX-License-Identifier: Apache-2.0
// The Job controller: makes Pods, counts how they end, and says so in the Job's status.
//
// As the real one it makes the first Pod at once but writes what it counted only once a second
// (job_sync_ms), which is why nobody should wait for a Job's status; a Pod that it has not counted
// is held by a finalizer. A Job fails when its Pods have: first the condition FailureTarget, then,
// when all are over, Failed.
import { removeFinalizer } from "./deletion.mjs";
import { isTerminal } from "./kubelet.mjs";
import { setCondition } from "./podstatus.mjs";
import { resources } from "./resources.mjs";
import { now } from "./store.mjs";
import { fillDefaults } from "./defaults.mjs";

const HELD = "batch.kubernetes.io/job-tracking";
const CREATE_BACK_OFF_MS = 1000;
const CREATE_BACK_OFF_MAX_MS = 60_000;
const POD_BACK_OFF_MS = 10_000;
const USER = { name: "system:serviceaccount:kube-system:job-controller", groups: ["system:serviceaccounts"] };
const { jobs, pods } = resources;

const hasCondition = (job, type) => job.status.conditions?.some((one) => one.type === type && one.status === "True");
const isFinished = (job) => hasCondition(job, "Complete") || hasCondition(job, "Failed");

/** What the Job's podFailurePolicy makes of a failed POD: its rule, or undefined. */
function ruleFor(job, pod) {
  const exit = pod.status.containerStatuses?.[0];
  const code = exit?.state.terminated?.exitCode;
  return (job.spec.podFailurePolicy?.rules ?? []).find(({ onExitCodes, onPodConditions }) => {
    if (onPodConditions) return onPodConditions.some(({ type, status = "True" }) => pod.status.conditions?.some((one) => one.type === type && one.status === status));
    if (!code || (onExitCodes.containerName && onExitCodes.containerName !== exit.name)) return false;
    return onExitCodes.values.includes(code) === (onExitCodes.operator === "In");
  });
}

export class JobController {
  #timers = new Map(); // "uid/what" to its timer
  #failures = new Map(); // a Job's uid to how often its Pod could not be made

  constructor(cluster) {
    this.cluster = cluster;
    cluster.store.on("change", (change) => this.#hear(change));
  }

  stop() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #hear({ type, resource, object }) {
    const { uid, ownerReferences } = object.metadata;
    if (resource === jobs && type === "DELETED") this.#letGo(uid);
    else if (resource === jobs) this.#later(uid, "sync", 0);
    else if (resource === pods) {
      const owner = ownerReferences?.find(({ controller, kind }) => controller && kind === "Job");
      if (owner) this.#later(owner.uid, "count", this.cluster.options.job_sync_ms);
      else if (object.metadata.finalizers?.includes(HELD)) this.cluster.store.mutate(pods, object, (next) => removeFinalizer(next, HELD));
    }
  }

  #later(uid, what, ms) {
    const key = `${uid}/${what}`;
    if (this.#timers.has(key)) return;
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        this.#sync(uid);
      }, ms),
    );
  }

  #podsOf(uid) {
    return this.cluster.store.list(pods, undefined, ({ metadata }) => metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid));
  }

  #letGo(uid) {
    for (const pod of this.#podsOf(uid)) this.#release(pod);
  }

  #release(pod) {
    this.cluster.store.mutate(pods, pod, (next) => removeFinalizer(next, HELD));
  }

  #sync(uid) {
    const { store } = this.cluster;
    const found = store.findByUid(jobs, uid);
    if (!found) return this.#letGo(uid);
    if (found.metadata.deletionTimestamp) return this.#podsOf(uid).filter(isTerminal).forEach((pod) => this.#release(pod));
    if (isFinished(found)) return this.#expire(found);
    const job = found.status.startTime || found.spec.suspend ? found : store.mutate(jobs, found, ({ status }) => (status.startTime = now()));
    const counted = this.#count(job);
    if (counted && !isFinished(counted)) this.#fill(counted);
    return undefined;
  }

  /** Counts the Pods that are over and not counted yet; gives the Job as it is then. */
  #count(job) {
    const all = this.#podsOf(job.metadata.uid);
    const mayReplace = job.spec.podReplacementPolicy === "TerminatingOrFailed";
    const isOver = (pod) => isTerminal(pod) || (mayReplace && pod.metadata.deletionTimestamp);
    const fresh = all.filter((pod) => pod.metadata.finalizers?.includes(HELD) && isOver(pod));
    const succeeded = fresh.filter((pod) => pod.status.phase === "Succeeded").length;
    const failures = fresh.filter((pod) => pod.status.phase !== "Succeeded").map((pod) => ({ pod, rule: ruleFor(job, pod) }));
    const counted = failures.filter(({ rule }) => rule?.action !== "Ignore").length;
    const fatal = failures.find(({ rule }) => rule?.action === "FailJob");
    const active = all.filter((pod) => !isOver(pod));
    const next = this.cluster.store.mutate(jobs, job, (one) => {
      const { status } = one;
      if (succeeded > 0) status.succeeded = (status.succeeded ?? 0) + succeeded;
      if (counted > 0) status.failed = (status.failed ?? 0) + counted;
      Object.assign(status, { active: active.length, ready: active.filter((pod) => pod.status.containerStatuses?.[0]?.ready).length, terminating: all.filter((pod) => pod.metadata.deletionTimestamp && !isTerminal(pod)).length, uncountedTerminatedPods: {} });
      for (const key of ["active", "terminating"]) if (status[key] === 0 && key === "active") delete status.active;
      this.#judge(one, fatal);
    });
    fresh.forEach((pod) => this.#release(pod));
    return next && this.#finish(next);
  }

  #judge(job, fatal) {
    const { status, spec } = job;
    const deadline = spec.activeDeadlineSeconds === undefined ? Infinity : Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000;
    const fail = (reason, message) => setCondition(job, "FailureTarget", "True", reason, message);
    if (hasCondition(job, "FailureTarget") || hasCondition(job, "SuccessCriteriaMet")) return;
    if (fatal) fail("PodFailurePolicy", `Container ${fatal.pod.spec.containers[0].name} for pod ${fatal.pod.metadata.namespace}/${fatal.pod.metadata.name} failed matching FailJob rule`);
    else if ((status.failed ?? 0) > spec.backoffLimit) fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    else if ((status.succeeded ?? 0) >= spec.completions) setCondition(job, "SuccessCriteriaMet", "True", "CompletionsReached", "Reached expected number of succeeded pods");
    else if (Date.now() >= deadline) fail("DeadlineExceeded", "Job was active longer than specified deadline");
    if (deadline !== Infinity) this.#later(job.metadata.uid, "deadline", Math.max(0, deadline - Date.now()) + 1);
  }

  // From "will end" to "has ended", once no Pod is left running.
  #finish(job) {
    const target = job.status.conditions?.find(({ type, status }) => status === "True" && ["FailureTarget", "SuccessCriteriaMet"].includes(type));
    if (!target || isFinished(job)) return job;
    const { deletion, store } = this.cluster;
    const running = this.#podsOf(job.metadata.uid).filter((pod) => !isTerminal(pod));
    for (const pod of running) if (!pod.metadata.deletionTimestamp) deletion.remove(pods, pod);
    if (running.length > 0) return job;
    const isGood = target.type === "SuccessCriteriaMet";
    const ended = store.mutate(jobs, job, (one) => {
      delete one.status.active;
      Object.assign(one.status, { ready: 0, terminating: 0 });
      setCondition(one, isGood ? "Complete" : "Failed", "True", target.reason, target.message);
      if (isGood) one.status.completionTime = now();
    });
    const event = isGood ? { type: "Normal", reason: "Completed", message: "Job completed" } : { type: "Warning", reason: target.reason, message: target.message };
    this.cluster.record(jobs, ended, { ...event, component: "job-controller" });
    return ended;
  }

  #expire(job) {
    this.#podsOf(job.metadata.uid).filter(isTerminal).forEach((pod) => this.#release(pod));
    const { ttlSecondsAfterFinished } = job.spec;
    if (ttlSecondsAfterFinished === undefined) return;
    const ended = job.status.conditions.find(({ type }) => ["Complete", "Failed"].includes(type)).lastTransitionTime;
    const left_ms = Date.parse(ended) + ttlSecondsAfterFinished * 1000 - Date.now();
    if (left_ms > 0) this.#later(job.metadata.uid, "ttl", left_ms);
    else this.cluster.deletion.remove(jobs, job, { policy: "Foreground" });
  }

  /** Makes the Pods that are wanted and not there. */
  #fill(job) {
    if (job.spec.suspend || hasCondition(job, "FailureTarget") || hasCondition(job, "SuccessCriteriaMet")) return;
    const mayReplace = job.spec.podReplacementPolicy === "TerminatingOrFailed";
    const alive = this.#podsOf(job.metadata.uid).filter((pod) => !isTerminal(pod) && !(mayReplace && pod.metadata.deletionTimestamp));
    const wanted = Math.min(job.spec.parallelism, job.spec.completions - (job.status.succeeded ?? 0)) - alive.length;
    const failed = job.status.failed ?? 0;
    const key = `${job.metadata.uid}/back-off`;
    if (wanted <= 0 || this.#timers.has(key)) return;
    if (failed > 0 && this.#failures.get(key) !== failed) {
      this.#failures.set(key, failed);
      this.#later(job.metadata.uid, "back-off", POD_BACK_OFF_MS * 2 ** (failed - 1));
      return;
    }
    for (let i = 0; i < wanted; i += 1) if (!this.#make(job)) return;
  }

  #make(job) {
    const { store, admission } = this.cluster;
    const { name, namespace, uid } = job.metadata;
    const owner = { apiVersion: "batch/v1", kind: "Job", name, uid, controller: true, blockOwnerDeletion: true };
    const metadata = { ...structuredClone(job.spec.template.metadata), generateName: `${name.slice(0, 57)}-`, finalizers: [HELD], ownerReferences: [owner] };
    const prepared = store.prepare(pods, namespace, { metadata, spec: structuredClone(job.spec.template.spec) });
    try {
      const pod = fillDefaults(pods, prepared);
      admission.admit(pods, pod, USER);
      store.add(pods, pod);
      this.cluster.record(jobs, job, { type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${pod.metadata.name}`, component: "job-controller" });
      return true;
    } catch (error) {
      if (!error.status) throw error;
      const failures = (this.#failures.get(uid) ?? 0) + 1;
      this.#failures.set(uid, failures);
      this.cluster.record(jobs, job, { type: "Warning", reason: "FailedCreate", message: `Error creating: ${error.message}`, component: "job-controller" });
      this.#later(uid, "back-off", Math.min(CREATE_BACK_OFF_MAX_MS, CREATE_BACK_OFF_MS * 2 ** (failures - 1)));
      return false;
    }
  }
}
