// SPDX-License-Identifier: Apache-2.0
// The restricted level of Kubernetes' Pod Security Standards, checked on a Pod's template
// (kubernetes.io/docs/concepts/security/pod-security-standards). Each finding is a sentence.
const VOLUMES = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];
const ADDABLE = ["NET_BIND_SERVICE"];

function ofPod({ metadata, spec }) {
  const context = spec.securityContext ?? {};
  return [
    ...["hostNetwork", "hostPID", "hostIPC"].filter((key) => spec[key]).map((key) => `${key} is set`),
    ...(spec.volumes ?? []).flatMap(({ name, ...source }) => Object.keys(source).filter((kind) => !VOLUMES.includes(kind)).map((kind) => `the volume ${name} is a ${kind}`)),
    ...Object.keys(metadata?.annotations ?? {}).filter((key) => key.startsWith("container.apparmor.security.beta.kubernetes.io/")).map((key) => `it has ${key}`),
    ...(context.sysctls ?? []).map(({ name }) => `it sets ${name}`),
    ...(context.runAsUser === 0 ? ["it runs as root"] : []),
    ...(context.seLinuxOptions || context.windowsOptions ? ["it sets SELinux or Windows options"] : []),
  ];
}

function ofContainer(container, pod) {
  const own = container.securityContext ?? {};
  const either = (key) => own[key] ?? pod.securityContext?.[key];
  const profile = either("seccompProfile")?.type;
  return [
    ...(own.privileged ? ["it is privileged"] : []),
    ...(own.allowPrivilegeEscalation === false ? [] : ["it may gain privileges"]),
    ...(own.capabilities?.drop?.includes("ALL") ? [] : ["it keeps capabilities"]),
    ...(own.capabilities?.add ?? []).filter((name) => !ADDABLE.includes(name)).map((name) => `it adds ${name}`),
    ...(either("runAsNonRoot") === true ? [] : ["it may run as root"]),
    ...(own.runAsUser === 0 ? ["it runs as root"] : []),
    ...(["RuntimeDefault", "Localhost"].includes(profile) ? [] : ["it has no seccomp profile"]),
    ...(own.procMount && own.procMount !== "Default" ? ["it unmasks /proc"] : []),
    ...(container.ports ?? []).filter(({ hostPort }) => hostPort).map(({ hostPort }) => `it takes the node's port ${hostPort}`),
  ].map((what) => `${container.name}: ${what}`);
}

/** What keeps a Pod's template, {metadata, spec}, from the restricted level; empty where nothing does. */
export function violations(pod) {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [...ofPod(pod), ...[...initContainers, ...containers, ...ephemeralContainers].flatMap((one) => ofContainer(one, pod.spec))];
}
