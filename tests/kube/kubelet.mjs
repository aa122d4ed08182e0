// SPDX-License-Identifier: Apache-2.0
// Scheduler and kubelet: takes each Pod from Pending to its end, one Worker a Pod.
//
// Theory of operation: a Worker's life() is the Pod's straight way (schedule, mount, pull, start,
// run). What goes wrong interrupts it through one AbortController: a deletion, or a `fate`, the
// reason why the whole Pod failed. conclude() then writes the end, whatever it was, and confirms a
// deletion by setting the grace period to 0, at which the store lets the Pod go unless the Job
// controller still holds it by its finalizer. A Worker whose Pod has gone writes nothing.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Container } from "./container.mjs";
import { makeEnv, makeMounts, Missing } from "./mounts.mjs";
import { PodLog } from "./podlog.mjs";
import * as status from "./podstatus.mjs";
import { quantity } from "./quantity.mjs";
import { resources } from "./resources.mjs";
import { now } from "./store.mjs";

const RETRY_MS = 50;
const POLL_MS = 200;
const SHELL = /(^|\/)busybox(:|$)/;
const IMAGE = /^([a-z0-9]+([.-][a-z0-9]+)*(:\d+)?\/)?([a-z0-9]+([._-]+[a-z0-9]+)*\/)*[a-z0-9]+([._-]+[a-z0-9]+)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;
const NOBODY = 65534;

export const isTerminal = (pod) => ["Succeeded", "Failed"].includes(pod.status.phase);

export class Kubelet {
  workers = new Map(); // a Pod's uid to its Worker

  constructor(cluster) {
    this.cluster = cluster;
    cluster.store.on("change", (change) => change.resource === resources.pods && this.#hear(change));
  }

  #hear({ type, object }) {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
    if (type === "ADDED") {
      const worker = new Worker(this.cluster, object);
      this.workers.set(uid, worker);
      worker.done = worker.life();
    } else if (type === "DELETED") {
      this.workers.get(uid)?.vanish();
      this.workers.delete(uid);
    } else if (deletionTimestamp) {
      this.workers.get(uid)?.stop(deletionGracePeriodSeconds * 1000);
    }
  }

  find(pod) {
    return this.workers.get(pod.metadata.uid);
  }

  get pids() {
    return [...this.workers.values()].flatMap(({ container }) => (container?.isRunning ? [container.pid] : []));
  }

  async stop() {
    const all = [...this.workers.values()];
    for (const worker of all) worker.vanish();
    await Promise.all(all.map(({ done }) => done));
  }
}

class Worker {
  log = new PodLog();
  #abort = new AbortController();
  #timers = [];
  #isGone = false; // the Pod is no more, or its node cannot be reached
  #isStopping = false;

  constructor(cluster, pod) {
    Object.assign(this, { cluster, pod, spec: pod.spec.containers[0], folder: join(cluster.options.dir, "pods", pod.metadata.uid) });
    // What is to go wrong is decided once, at the beginning.
    const { namespace, name } = pod.metadata;
    const fault = cluster.faults.take("pod", { resource: "pods", namespace, name });
    this.fault = fault && { ...fault };
  }

  #has(name) {
    return this.fault?.fault === name ? this.fault : undefined;
  }

  /** The Pod as it is now, or as it last was. */
  get current() {
    return this.cluster.store.findByUid(resources.pods, this.pod.metadata.uid) ?? this.pod;
  }

  #set(change) {
    if (this.#isGone) return;
    this.pod = this.cluster.store.mutate(resources.pods, this.pod, change) ?? this.pod;
  }

  #say(type, reason, message, component = "kubelet") {
    if (!this.#isGone) this.cluster.record(resources.pods, this.pod, { type, reason, message, component });
  }

  #pause(ms) {
    return sleep(ms, undefined, { signal: this.#abort.signal });
  }

  #forever() {
    return new Promise((_, reject) => {
      const { signal } = this.#abort;
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  async life() {
    try {
      await this.#schedule();
      await this.#suffer("start");
      await this.#prepare();
      await this.#run();
    } catch (error) {
      if (error.name !== "AbortError") console.error(`kubelet: ${this.pod.metadata.name}: ${error.stack}`);
    }
    await this.#conclude();
    this.#timers.forEach(clearTimeout);
    this.#abort.abort();
    if (this.#isGone) rmSync(this.folder, { recursive: true, force: true });
  }

  // ---- From outside

  /** Its deletion was asked for. */
  stop(grace_ms) {
    if (this.#isStopping || isTerminal(this.current)) return;
    this.#isStopping = true;
    if (this.container?.isRunning) {
      this.#say("Normal", "Killing", `Stopping container ${this.spec.name}`);
      this.container.stop(grace_ms);
    } else this.#abort.abort();
  }

  /** The Pod is no more. */
  vanish() {
    this.#isGone = true;
    this.container?.kill();
    this.#abort.abort();
    if (this.isOver) rmSync(this.folder, { recursive: true, force: true });
  }

  /** The whole Pod fails. */
  #condemn(reason, message) {
    this.fate ??= { reason, message };
    this.container?.kill();
    if (!this.container?.isRunning) this.#abort.abort();
  }

  // ---- The straight way

  // Why no node takes it; undefined where node-1 does.
  #obstacle() {
    const { store } = this.cluster;
    const { spec } = this.pod;
    const node = store.get(resources.nodes, undefined, status.NODE);
    const helpless = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    const claim = (spec.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName).find((name) => name && !store.find(resources.persistentvolumeclaims, this.pod.metadata.namespace, name));
    if (claim) return `0/1 nodes are available: persistentvolumeclaim "${claim}" not found. ${helpless}`;
    if (Object.entries(spec.nodeSelector ?? {}).some(([key, value]) => node.metadata.labels[key] !== value)) return `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${helpless}`;
    const requestOf = (pod, name) => quantity(pod.spec.containers[0].resources.requests?.[name] ?? 0);
    const others = store.list(resources.pods, undefined, (pod) => pod.spec.nodeName && !isTerminal(pod));
    const lacking = ["cpu", "memory", "ephemeral-storage"].find((name) => [...others, this.pod].reduce((sum, pod) => sum + requestOf(pod, name), 0) > quantity(node.status.allocatable[name]));
    return lacking && `0/1 nodes are available: 1 Insufficient ${lacking}. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.`;
  }

  async #schedule() {
    await this.#pause(this.cluster.options.schedule_ms);
    const fault = this.#has("unschedulable");
    const refuse = (message) => {
      this.#set(status.refuseSchedule(message));
      this.#say("Warning", "FailedScheduling", message, "default-scheduler");
    };
    if (fault) {
      refuse(fault.message);
      await (fault.then_ms === undefined ? this.#forever() : this.#pause(fault.then_ms));
    }
    for (let told; ; await this.#pause(POLL_MS)) {
      const obstacle = this.#obstacle();
      if (!obstacle) break;
      if (obstacle !== told) refuse(obstacle);
      told = obstacle;
    }
    this.#set(status.schedule);
    this.#say("Normal", "Scheduled", `Successfully assigned ${this.pod.metadata.namespace}/${this.pod.metadata.name} to ${status.NODE}`, "default-scheduler");
  }

  async #prepare() {
    this.#set(status.begin);
    const { activeDeadlineSeconds } = this.pod.spec;
    if (activeDeadlineSeconds) this.#timers.push(setTimeout(() => this.#condemn("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"), activeDeadlineSeconds * 1000));
    mkdirSync(this.folder, { recursive: true });
    await this.#mount();
    await this.#pull();
    this.env = await this.#insist("CreateContainerConfigError", () => makeEnv(this.cluster, this.pod));
  }

  async #mount() {
    const fault = this.#has("mount_failed");
    const complain = (message) => this.#say("Warning", "FailedMount", `MountVolume.SetUp failed for volume "${this.pod.spec.volumes?.[0]?.name ?? "data"}" : ${message}`);
    if (fault) {
      complain("rpc error: code = Internal desc = the volume is busy");
      await (fault.ms === undefined ? this.#forever() : this.#pause(fault.ms));
    }
    for (let told; ; await this.#pause(RETRY_MS)) {
      try {
        this.mounts = makeMounts(this.cluster, this.pod, this.folder);
        return;
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        if (error.message !== told) complain(error.message);
        told = error.message;
      }
    }
  }

  async #pull() {
    const { image } = this.spec;
    if (this.#has("invalid_image_name") || !IMAGE.test(image)) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      this.#set(status.wait("InvalidImageName", message));
      this.#say("Warning", "InspectFailed", message);
      await this.#forever();
    }
    const fault = this.#has("image_pull");
    if (fault) await this.#failToPull(image, fault);
    this.#say("Normal", "Pulling", `Pulling image "${image}"`);
    await this.#pause(this.#has("slow_pull")?.ms ?? this.cluster.options.pull_ms);
    this.#say("Normal", "Pulled", `Successfully pulled image "${image}" in ${this.cluster.options.pull_ms}ms. Image size: 2600000 bytes.`);
  }

  async #failToPull(image, { attempts = Infinity, back_off_ms, message }) {
    const text = message ?? `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      this.#set(status.wait("ErrImagePull", text));
      this.#say("Warning", "Failed", `Failed to pull image "${image}": ${text}`);
      await this.#pause(back_off_ms);
      this.#set(status.wait("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${text}`));
      this.#say("Normal", "BackOff", `Back-off pulling image "${image}"`);
      await this.#pause(back_off_ms);
    }
  }

  /** Tries MAKE until nothing is missing; says REASON meanwhile. */
  async #insist(reason, make) {
    const fault = this.#has("config_error");
    const refuse = (message) => {
      this.#set(status.wait(reason, message));
      this.#say("Warning", "Failed", `Error: ${message}`);
    };
    const breach = fault?.message ?? this.#rootBreach();
    if (breach) {
      refuse(breach);
      await this.#forever();
    }
    for (;; await this.#pause(RETRY_MS)) {
      try {
        return make();
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        refuse(error.message);
      }
    }
  }

  #rootBreach() {
    const { runAsNonRoot, runAsUser } = { ...this.pod.spec.securityContext, ...this.spec.securityContext };
    const who = `(pod: "${this.pod.metadata.name}_${this.pod.metadata.namespace}(${this.pod.metadata.uid})", container: ${this.spec.name})`;
    if (!runAsNonRoot) return undefined;
    if (runAsUser === 0) return `container's runAsUser breaks non-root policy ${who}`;
    return runAsUser === undefined && SHELL.test(this.spec.image) ? `container has runAsNonRoot and image will run as root ${who}` : undefined;
  }

  // The ids that the Pod asks for; the image of the program has USER 65534.
  #identity() {
    if (!this.cluster.options.canChangeUser) return {};
    const { runAsUser = SHELL.test(this.spec.image) ? 0 : NOBODY, runAsGroup } = { ...this.pod.spec.securityContext, ...this.spec.securityContext };
    return { uid: runAsUser, gid: runAsGroup ?? runAsUser };
  }

  async #run() {
    const { app } = this.cluster.options;
    const { pod, spec, mounts, folder, env, log } = this;
    const container = new Container({ spec, pod, mounts, folder, env, app, log, identity: this.#identity() });
    await this.#pause(this.cluster.options.start_ms);
    this.#say("Normal", "Created", `Created container: ${spec.name}`);
    try {
      if (this.#has("start_error")) throw new Error(this.fault.message);
      await container.start();
    } catch (error) {
      this.#failToStart(error.message);
      return;
    }
    this.container = container;
    if (this.#isGone || this.fate) container.kill();
    if (!this.#has("unseen_run")) this.#set(status.run);
    this.#say("Normal", "Started", `Started container ${spec.name}`);
    if (this.#isStopping) container.stop(0);
    if (this.#has("oom")) this.#timers.push(setTimeout(() => container.killForMemory(), this.fault.after_ms));
    await Promise.race([container.ended, this.#suffer("running")]);
    await container.ended;
  }

  #failToStart(text) {
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${text}: unknown`;
    this.log.close();
    this.#set(status.end({ exitCode: 128, reason: "StartError", message }));
    this.#say("Warning", "Failed", `Error: ${message}`);
  }

  // ---- Mishaps

  async #suffer(point) {
    const { fault } = this;
    if (fault?.at !== point) return;
    await this.#pause(fault.after_ms);
    if (isTerminal(this.current)) return;
    if (fault.fault === "evicted") this.#evict(point, fault);
    else if (fault.fault === "preempted") this.#preempt();
    else if (fault.fault === "node_lost") await this.#loseNode(fault);
    else if (fault.fault === "node_silent") this.#muteNode();
    else this.cluster.deletion.remove(resources.pods, this.current);
    if (point === "start") await this.#forever();
  }

  #evict(point, { message }) {
    const text = message ?? (point === "start" ? "Pod was rejected: The node had condition: [MemoryPressure]. " : "The node was low on resource: memory. Threshold quantity: 100Mi, available: 72Mi. ");
    this.#say("Warning", "Evicted", text);
    if (point === "running") this.#set(status.disrupt("TerminationByKubelet", text));
    this.#condemn("Evicted", text);
  }

  #preempt() {
    this.#say("Normal", "Preempted", `Preempted by pod 00000000-0000-0000-0000-000000000000 on node ${status.NODE}`, "default-scheduler");
    this.#set(status.disrupt("PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod"));
    this.cluster.deletion.remove(resources.pods, this.current);
  }

  // Nobody hears of the container any more; the taint manager deletes the Pod, and the garbage
  // collector of Pods takes it.
  async #loseNode({ gone_ms }) {
    this.#isStopping = true;
    this.isLost = true;
    this.#set((pod) => {
      status.setCondition(pod, "Ready", "False", "NodeNotReady");
      Object.assign(pod.status, { reason: "NodeLost", message: `Node ${status.NODE} which was running pod ${pod.metadata.name} is unresponsive` });
      status.disrupt("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint")(pod);
    });
    this.#say("Warning", "NodeNotReady", "Node is not ready", "node-controller");
    this.container?.kill();
    this.cluster.deletion.remove(resources.pods, this.current);
    await this.#pause(gone_ms);
    this.#set((pod) => {
      status.disrupt("DeletionByPodGC", "PodGC: node no longer exists")(pod);
      pod.status.phase = "Failed";
    });
    this.#confirm();
    this.#abort.abort();
  }

  // Nobody hears of the container any more, and the Pod is still there: what a cluster shows of a
  // node that does not answer for the first five minutes.
  #muteNode() {
    this.isLost = true;
    this.#set((pod) => status.setCondition(pod, "Ready", "False"));
    this.container?.kill();
  }

  // ---- The end

  async #conclude() {
    const ending = this.container && (await this.container.ended);
    if (this.isLost) await this.#forever().catch(() => {});
    if (!this.log.isClosed) this.log.close();
    if (!this.isLost && !isTerminal(this.current)) this.#writeEnd(ending);
    this.isOver = true;
    if (this.current.metadata.deletionTimestamp) this.#confirm();
  }

  #writeEnd(ending) {
    const reason = ending?.isOutOfMemory ? "OOMKilled" : ending?.exitCode === 0 ? "Completed" : "Error";
    const { fate } = this;
    this.#set((pod) => {
      if (ending) status.end({ ...ending, reason })(pod);
      else pod.status.phase = "Failed";
      if (fate) status.fail(fate.reason, fate.message)(pod);
    });
  }

  #confirm() {
    this.#set((pod) => {
      pod.metadata.deletionTimestamp ??= now();
      pod.metadata.deletionGracePeriodSeconds = 0;
    });
  }
}
