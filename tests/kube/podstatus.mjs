// SPDX-License-Identifier: Apache-2.0
// The status of a Pod as the scheduler and the kubelet write it, step by step. Each function alters
// the copy of a Pod that Store.mutate() gives.
import { createHash } from "node:crypto";
import { now } from "./store.mjs";

export const NODE = "node-1";

/** Sets a condition; its time changes only with its status. */
export function setCondition(object, type, status, reason, message) {
  const conditions = (object.status.conditions ??= []);
  const before = conditions.find((one) => one.type === type);
  const isSame = before?.status === status;
  const next = { type, status, lastProbeTime: null, lastTransitionTime: isSame ? before.lastTransitionTime : now(), ...(reason && { reason }), ...(message && { message }) };
  if (before) Object.assign(before, { reason: undefined, message: undefined }, next);
  else conditions.push(next);
  for (const key of ["reason", "message"]) if (before && before[key] === undefined) delete before[key];
}

const idOf = (pod) => `containerd://${createHash("sha256").update(pod.metadata.uid).digest("hex")}`;

const imageOf = (image) => {
  const name = image.includes("/") ? image : `docker.io/library/${image}`;
  return /:[^/]+$/.test(name) ? name : `${name}:latest`;
};

function setContainer(pod, state, more = {}) {
  const [{ name, image }] = pod.spec.containers;
  const before = pod.status.containerStatuses?.[0] ?? { name, state: {}, lastState: {}, ready: false, restartCount: 0, image, imageID: "", started: false };
  pod.status.containerStatuses = [{ ...before, ...more, state }];
}

function setReady(pod, status, reason) {
  const [{ name }] = pod.spec.containers;
  for (const type of ["Ready", "ContainersReady"]) {
    if (reason === "ContainersNotReady") setCondition(pod, type, status, reason, `containers with unready status: [${name}]`);
    else setCondition(pod, type, status, reason);
  }
}

export function schedule(pod) {
  pod.spec.nodeName = NODE;
  delete pod.status.nominatedNodeName;
  setCondition(pod, "PodScheduled", "True");
}

export function refuseSchedule(message) {
  return (pod) => setCondition(pod, "PodScheduled", "False", "Unschedulable", message);
}

export function begin(pod) {
  setCondition(pod, "PodReadyToStartContainers", "False");
  setCondition(pod, "Initialized", "True");
  setReady(pod, "False", "ContainersNotReady");
  Object.assign(pod.status, { hostIP: "192.0.2.1", hostIPs: [{ ip: "192.0.2.1" }], startTime: pod.status.startTime ?? now() });
  setContainer(pod, { waiting: { reason: "ContainerCreating" } });
}

export function wait(reason, message) {
  return (pod) => setContainer(pod, { waiting: { reason, ...(message && { message }) } });
}

export function run(pod) {
  const { image } = pod.spec.containers[0];
  pod.status.phase = "Running";
  Object.assign(pod.status, { podIP: "192.0.2.10", podIPs: [{ ip: "192.0.2.10" }] });
  setCondition(pod, "PodReadyToStartContainers", "True");
  setReady(pod, "True");
  const digest = createHash("sha256").update(image).digest("hex");
  setContainer(pod, { running: { startedAt: now() } }, { ready: true, started: true, containerID: idOf(pod), image: imageOf(image), imageID: `${imageOf(image).replace(/:[^:/]+$/, "")}@sha256:${digest}` });
}

/** The container ended as { exitCode, reason, message }. */
export function end({ exitCode, reason, message }) {
  return (pod) => {
    const startedAt = pod.status.containerStatuses?.[0]?.state.running?.startedAt ?? now();
    const terminated = { exitCode, reason, ...(message && { message }), startedAt, finishedAt: now(), containerID: idOf(pod) };
    setContainer(pod, { terminated }, { ready: false, started: false });
    pod.status.phase = exitCode === 0 ? "Succeeded" : "Failed";
    setCondition(pod, "PodReadyToStartContainers", "False");
    setReady(pod, "False", exitCode === 0 ? "PodCompleted" : "PodFailed");
  };
}

/** The whole Pod failed; REASON is Evicted, DeadlineExceeded, …; its container may never have been. */
export function fail(reason, message) {
  return (pod) => {
    Object.assign(pod.status, { phase: "Failed", reason, message, startTime: pod.status.startTime ?? now() });
    if (pod.status.containerStatuses) setReady(pod, "False", "PodFailed");
  };
}

export const disrupt = (reason, message) => (pod) => setCondition(pod, "DisruptionTarget", "True", reason, message);
