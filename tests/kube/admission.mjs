// SPDX-License-Identifier: Apache-2.0
// Whether an object may come into being: Pod Security, the things that a Pod names, and scripted
// refusals. As in a real cluster the Pod is judged, not the Job: a Job whose Pod is refused is
// created with a Warning header, has no Pod, and gets FailedCreate events that say why.
import { checkPodSpec } from "./rules.mjs";
import { resources } from "./resources.mjs";
import { ApiError, cause, forbidden, invalid } from "./status.mjs";

const ENFORCE = "pod-security.kubernetes.io/enforce";
const quoted = (names) => names.map((name) => `"${name}"`).join(", ");
const plural = (word, names) => (names.length === 1 ? word : `${word}s`);

// What the standard "restricted" finds wrong, in the words of k8s.io/pod-security-admission.
function breaches(spec) {
  const pod = spec.securityContext ?? {};
  const failing = (test) => spec.containers.filter((container) => test(container.securityContext ?? {})).map(({ name }) => name);
  const found = [];
  const say = (what, names, how) => names.length > 0 && found.push(`${what} (${how(`${plural("container", names)} ${quoted(names)}`)})`);
  say("privileged", failing(({ privileged }) => privileged), (who) => `${who} must not set securityContext.privileged=true`);
  if (spec.hostNetwork || spec.hostPID || spec.hostIPC) found.push(`host namespaces (${["hostNetwork", "hostPID", "hostIPC"].filter((key) => spec[key]).map((key) => `${key}=true`).join(", ")})`);
  say("allowPrivilegeEscalation != false", failing(({ allowPrivilegeEscalation }) => allowPrivilegeEscalation !== false), (who) => `${who} must set securityContext.allowPrivilegeEscalation=false`);
  say("unrestricted capabilities", failing(({ capabilities: { drop = [], add = [] } = {} }) => !drop.includes("ALL") || add.some((one) => one !== "NET_BIND_SERVICE")), (who) => `${who} must set securityContext.capabilities.drop=["ALL"]`);
  say("runAsNonRoot != true", failing(({ runAsNonRoot = pod.runAsNonRoot }) => runAsNonRoot !== true), (who) => `pod or ${who} must set securityContext.runAsNonRoot=true`);
  say("runAsUser=0", failing(({ runAsUser = pod.runAsUser }) => runAsUser === 0), (who) => `${who} must not set runAsUser=0`);
  say("seccompProfile", failing(({ seccompProfile = pod.seccompProfile }) => !["RuntimeDefault", "Localhost"].includes(seccompProfile?.type)), (who) => `pod or ${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`);
  return found;
}

export const podSecurityText = (found) => `violates PodSecurity "restricted:latest": ${found.join(", ")}`;

export class Admission {
  constructor(cluster) {
    this.cluster = cluster;
  }

  #isRestricted(namespace) {
    return this.cluster.store.find(resources.namespaces, undefined, namespace)?.metadata.labels?.[ENFORCE] === "restricted";
  }

  /** The Warning header of a new OBJECT, or undefined. */
  warning(resource, object) {
    const spec = resource.plural === "jobs" ? object.spec.template.spec : undefined;
    const found = spec && this.#isRestricted(object.metadata.namespace) ? breaches(spec) : [];
    return found.length > 0 ? `would ${podSecurityText(found).replace("violates", "violate")}` : undefined;
  }

  /** Throws where OBJECT, made by USER, is refused. */
  admit(resource, object, user) {
    this.#refuseAsScripted(resource, object, user);
    if (resource.plural === "pods") this.#admitPod(object);
  }

  #refuseAsScripted(resource, object, user) {
    const { name, namespace } = object.metadata;
    const subject = { verb: "create", resource: resource.plural, name, namespace, user: user.name };
    const fault = this.cluster.faults.take(["quota", "admission", "pod_security", "invalid"], subject);
    if (fault?.fault === "quota") throw forbidden(resource, name, `exceeded quota: ${fault.quota}, requested: ${fault.requested}, used: ${fault.used}, limited: ${fault.limited}`);
    if (fault?.fault === "pod_security") throw forbidden(resource, name, podSecurityText(breaches({ containers: [{ name: fault.container }] })));
    if (fault?.fault === "invalid") throw invalid(resource, name, [cause.invalid(fault.field, fault.value, fault.detail)]);
    if (fault?.fault === "admission") throw new ApiError(fault.code, fault.code === 403 ? "Forbidden" : undefined, `admission webhook "${fault.webhook}" denied the request: ${fault.text}`);
  }

  #admitPod({ metadata: { name, namespace }, spec }) {
    const { store } = this.cluster;
    const deny = (why) => {
      throw forbidden(resources.pods, name, why);
    };
    if (!store.find(resources.serviceaccounts, namespace, spec.serviceAccountName)) {
      deny(`error looking up service account ${namespace}/${spec.serviceAccountName}: serviceaccount "${spec.serviceAccountName}" not found`);
    }
    if (spec.runtimeClassName && !store.find(resources.runtimeclasses, undefined, spec.runtimeClassName)) deny(`pod rejected: RuntimeClass "${spec.runtimeClassName}" not found`);
    if (spec.priorityClassName && !store.find(resources.priorityclasses, undefined, spec.priorityClassName)) deny(`no PriorityClass with name ${spec.priorityClassName} was found`);
    const found = this.#isRestricted(namespace) ? breaches(spec) : [];
    if (found.length > 0) deny(podSecurityText(found));
    const causes = checkPodSpec(spec);
    if (causes.length > 0) throw invalid(resources.pods, name, causes);
  }
}
