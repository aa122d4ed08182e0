// SPDX-License-Identifier: Apache-2.0
// The values that the real server fills into new objects, so that a client meets them here too.

const NOT_READY_S = 300;

function defaultContainer(container) {
  const { image = "", resources = {} } = container;
  const isLatest = /:latest$/.test(image) || !/[:@][^/]+$/.test(image);
  const filled = { ...resources };
  if (resources.limits) filled.requests = { ...resources.limits, ...resources.requests };
  return { terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File", imagePullPolicy: isLatest ? "Always" : "IfNotPresent", ...container, resources: filled };
}

function defaultVolume(volume) {
  if (volume.configMap) return { ...volume, configMap: { defaultMode: 0o644, ...volume.configMap } };
  return volume;
}

export function defaultPodSpec(spec) {
  const { containers = [], volumes, serviceAccountName = spec.serviceAccount } = spec;
  return {
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    terminationGracePeriodSeconds: 30,
    schedulerName: "default-scheduler",
    securityContext: {},
    ...spec,
    ...(serviceAccountName && { serviceAccountName, serviceAccount: serviceAccountName }),
    containers: containers.map(defaultContainer),
    ...(volumes && { volumes: volumes.map(defaultVolume) }),
  };
}

/** What admission adds to a Pod, though not to the template of a Job. */
export function admittedPodSpec(spec) {
  const filled = { enableServiceLinks: true, priority: 0, preemptionPolicy: "PreemptLowerPriority", serviceAccountName: "default", serviceAccount: "default", ...spec };
  const unready = ["not-ready", "unreachable"].map((word) => ({ key: `node.kubernetes.io/${word}`, operator: "Exists", effect: "NoExecute", tolerationSeconds: NOT_READY_S }));
  return { ...filled, tolerations: [...(spec.tolerations ?? []), ...unready] };
}

function qualityOf({ containers }) {
  const all = containers.map(({ resources }) => resources);
  const isFull = all.every(({ limits = {}, requests = {} }) => ["cpu", "memory"].every((name) => limits[name] !== undefined && String(limits[name]) === String(requests[name])));
  if (isFull) return "Guaranteed";
  return all.some(({ limits, requests }) => limits || requests) ? "Burstable" : "BestEffort";
}

/** Fills OBJECT, which has its metadata already. */
export function fillDefaults(resource, object) {
  if (resource.plural === "pods") {
    const spec = admittedPodSpec(defaultPodSpec(object.spec));
    return { ...object, metadata: { ...object.metadata, generation: 1 }, spec, status: { phase: "Pending", qosClass: qualityOf(spec) } };
  }
  if (resource.plural === "jobs") {
    const { uid, name } = object.metadata;
    const labels = { "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name, "controller-uid": uid, "job-name": name };
    const { template } = object.spec;
    const templateLabels = { ...template.metadata?.labels, ...labels };
    const ownLabels = Object.keys(object.metadata.labels ?? {}).length > 0 ? object.metadata.labels : templateLabels;
    const filled = {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: object.spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed",
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
      ...object.spec,
      template: { metadata: { ...template.metadata, labels: templateLabels }, spec: defaultPodSpec(template.spec) },
    };
    return { ...object, metadata: { ...object.metadata, generation: 1, labels: ownLabels }, spec: filled, status: {} };
  }
  if (resource.plural === "namespaces") {
    const labels = { "kubernetes.io/metadata.name": object.metadata.name, ...object.metadata.labels };
    return { ...object, metadata: { ...object.metadata, labels }, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } };
  }
  if (resource.plural === "persistentvolumeclaims") return { ...object, status: { phase: "Bound" } };
  return object;
}
