// SPDX-License-Identifier: Apache-2.0
// What the real server checks of an object beyond its shape, and the defaults that it fills in: the
// rules that a sender of Jobs, Pods and ConfigMaps can break (k8s.io/kubernetes/pkg/apis/*/validation).
//
// This server's kubelet runs one container that is never restarted; what it cannot run it refuses
// here, in words of its own.
import { quantity } from "./quantity.mjs";
import { cause } from "./status.mjs";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const ENV = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

const CONFIG_MAP_BYTES_MAX = 1048576;
const ANNOTATIONS_BYTES_MAX = 262144;

const subdomainText = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const entries = (object) => Object.entries(object ?? {});
const oneOf = (value, allowed, field) => (value === undefined || allowed.includes(value) ? [] : [cause.unsupported(field, value, allowed)]);
const atLeast = (value, least, field) => (value === undefined || value >= least ? [] : [cause.invalid(field, value, least === 0 ? "must be greater than or equal to 0" : "must be greater than 0")]);

function checkLabel(value, field) {
  if (value.length > 63) return [cause.invalid(field, value, "must be no more than 63 characters")];
  return LABEL.test(value) ? [] : [cause.invalid(field, value, labelText)];
}

function checkKeys(map, field) {
  return entries(map).flatMap(([key]) => {
    const [name, prefix, ...more] = key.split("/").reverse();
    const isRight = more.length === 0 && name.length <= 63 && NAME.test(name) && (prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix)));
    return isRight ? [] : [cause.invalid(field, key, "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")];
  });
}

function checkLabels(labels, field) {
  const wrong = entries(labels).flatMap(([, value]) => {
    if (value.length > 63) return [cause.invalid(field, value, "must be no more than 63 characters")];
    return VALUE.test(value) ? [] : [cause.invalid(field, value, "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")];
  });
  return [...checkKeys(labels, field), ...wrong];
}

function checkAnnotations(annotations, field) {
  const bytes = entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [...checkKeys(annotations, field), ...(bytes > ANNOTATIONS_BYTES_MAX ? [cause.tooLong(field, `may not be more than ${ANNOTATIONS_BYTES_MAX} bytes`)] : [])];
}

function checkName(name, generateName, resource) {
  if (!name) return generateName ? [] : [cause.required("metadata.name", "name or generateName is required")];
  if (resource.plural === "namespaces") return checkLabel(name, "metadata.name");
  if (name.length > 253) return [cause.invalid("metadata.name", name, "must be no more than 253 characters")];
  return SUBDOMAIN.test(name) ? [] : [cause.invalid("metadata.name", name, subdomainText)];
}

export function checkMetadata({ name, generateName, labels, annotations, ownerReferences = [] } = {}, resource) {
  const owners = ownerReferences.flatMap((owner, index) =>
    ["apiVersion", "kind", "name", "uid"].filter((key) => !owner[key]).map((key) => cause.invalid(`metadata.ownerReferences[${index}].${key}`, "", `${key} must not be empty`)),
  );
  return [...checkName(name, generateName, resource), ...checkLabels(labels, "metadata.labels"), ...checkAnnotations(annotations, "metadata.annotations"), ...owners];
}

// ---- Pods

function checkResources({ requests = {}, limits = {} } = {}, field) {
  const names = [["requests", requests], ["limits", limits]].flatMap(([part, map]) =>
    entries(map).flatMap(([name]) =>
      /^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name) || name.includes("/") ? [] : [cause.invalid(`${field}.${part}`, name, "must be a standard resource type or fully qualified")],
    ),
  );
  const above = entries(requests).flatMap(([name, value]) =>
    name in limits && quantity(value) > quantity(limits[name]) ? [cause.invalid(`${field}.requests`, String(value), `must be less than or equal to ${name} limit of ${limits[name]}`)] : [],
  );
  return [...names, ...above];
}

function checkMounts(mounts, volumes, field) {
  const seen = new Set();
  return mounts.flatMap(({ name, mountPath }, index) => {
    const wrong = volumes.some((volume) => volume.name === name) ? [] : [cause.notFound(`${field}[${index}].name`, name)];
    if (!mountPath) wrong.push(cause.required(`${field}[${index}].mountPath`));
    else if (seen.has(mountPath)) wrong.push(cause.invalid(`${field}[${index}].mountPath`, mountPath, "must be unique"));
    seen.add(mountPath);
    return wrong;
  });
}

function checkEnv(env, field) {
  return env.flatMap(({ name, value, valueFrom }, index) => {
    if (!name) return [cause.required(`${field}[${index}].name`)];
    if (!ENV.test(name)) return [cause.invalid(`${field}[${index}].name`, name, "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit")];
    return value && valueFrom ? [cause.invalid(`${field}[${index}].valueFrom`, "", "may not be specified when `value` is not empty")] : [];
  });
}

function checkSecurity(security = {}, field) {
  const { seccompProfile: { type, localhostProfile } = {}, allowPrivilegeEscalation, privileged } = security;
  const ids = ["runAsUser", "runAsGroup"].flatMap((key) => (security[key] < 0 ? [cause.invalid(`${field}.${key}`, security[key], "must be between 0 and 2147483647, inclusive")] : []));
  const profile = security.seccompProfile === undefined ? [] : type ? oneOf(type, ["Localhost", "RuntimeDefault", "Unconfined"], `${field}.seccompProfile.type`) : [cause.required(`${field}.seccompProfile.type`)];
  if (type === "Localhost" && !localhostProfile) profile.push(cause.required(`${field}.seccompProfile.localhostProfile`, "must be set when seccomp type is Localhost"));
  return [...ids, ...profile, ...(privileged && allowPrivilegeEscalation === false ? [cause.invalid(field, "", "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")] : [])];
}

function checkContainer(container, volumes, field) {
  const { name, image, imagePullPolicy, terminationMessagePolicy, resources, volumeMounts = [], env = [], securityContext, tty } = container;
  return [
    ...(name ? checkLabel(name, `${field}.name`) : [cause.required(`${field}.name`)]),
    ...(image ? (image.trim() === image ? [] : [cause.invalid(`${field}.image`, image, "must not have leading or trailing whitespace")]) : [cause.required(`${field}.image`)]),
    ...oneOf(imagePullPolicy, ["Always", "IfNotPresent", "Never"], `${field}.imagePullPolicy`),
    ...oneOf(terminationMessagePolicy, ["FallbackToLogsOnError", "File"], `${field}.terminationMessagePolicy`),
    ...checkResources(resources, `${field}.resources`),
    ...checkMounts(volumeMounts, volumes, `${field}.volumeMounts`),
    ...checkEnv(env, `${field}.env`),
    ...checkSecurity(securityContext, `${field}.securityContext`),
    ...(tty ? [cause.forbidden(`${field}.tty`, "this test server has no terminals")] : []),
  ];
}

const VOLUMES = ["emptyDir", "configMap", "persistentVolumeClaim"];

function checkVolumes(volumes, field) {
  const seen = new Set();
  return volumes.flatMap(({ name, ...sources }, index) => {
    const at = `${field}[${index}]`;
    const wrong = name ? checkLabel(name, `${at}.name`) : [cause.required(`${at}.name`)];
    if (seen.has(name)) wrong.push(cause.duplicate(`${at}.name`, name));
    seen.add(name);
    const kinds = Object.keys(sources);
    if (kinds.length === 0) wrong.push(cause.required(at, "must specify a volume type"));
    if (kinds.length > 1) wrong.push(cause.forbidden(`${at}.${kinds[1]}`, "may not specify more than 1 volume type"));
    if (kinds.length === 1 && !VOLUMES.includes(kinds[0])) wrong.push(cause.forbidden(`${at}.${kinds[0]}`, `this test server has only ${VOLUMES.join(", ")}`));
    if (sources.persistentVolumeClaim && !sources.persistentVolumeClaim.claimName) wrong.push(cause.required(`${at}.persistentVolumeClaim.claimName`));
    return [...wrong, ...oneOf(sources.emptyDir?.medium, ["", "HugePages", "Memory"], `${at}.emptyDir.medium`)];
  });
}

function checkTolerations(tolerations, field) {
  return tolerations.flatMap(({ key, operator, value, effect, tolerationSeconds }, index) => [
    ...oneOf(operator, ["Equal", "Exists"], `${field}[${index}].operator`),
    ...oneOf(effect, ["", "NoExecute", "NoSchedule", "PreferNoSchedule"], `${field}[${index}].effect`),
    ...(!key && operator !== "Exists" ? [cause.invalid(`${field}[${index}].operator`, operator ?? "", "operator must be Exists when `key` is empty, which means \"match all values and all keys\"")] : []),
    ...(operator === "Exists" && value ? [cause.invalid(`${field}[${index}].operator`, value, "value must be empty when `operator` is 'Exists'")] : []),
    ...(tolerationSeconds !== undefined && effect !== "NoExecute" ? [cause.invalid(`${field}[${index}].effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set")] : []),
  ]);
}

export function checkPodSpec(spec = {}, field = "spec") {
  const { containers = [], initContainers = [], volumes = [], tolerations = [], restartPolicy, activeDeadlineSeconds, terminationGracePeriodSeconds, securityContext } = spec;
  const only = [
    ...(containers.length > 1 || initContainers.length > 0 ? [cause.forbidden(`${field}.containers`, "this test server runs Pods of one container")] : []),
    ...(restartPolicy === "Never" ? [] : [cause.forbidden(`${field}.restartPolicy`, "this test server never restarts a container: say Never")]),
  ];
  return [
    ...(containers.length === 0 ? [cause.required(`${field}.containers`)] : []),
    ...oneOf(restartPolicy, ["Always", "OnFailure", "Never"], `${field}.restartPolicy`),
    ...atLeast(activeDeadlineSeconds, 1, `${field}.activeDeadlineSeconds`),
    ...atLeast(terminationGracePeriodSeconds, 0, `${field}.terminationGracePeriodSeconds`),
    ...checkLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...checkVolumes(volumes, `${field}.volumes`),
    ...checkTolerations(tolerations, `${field}.tolerations`),
    ...checkSecurity(securityContext, `${field}.securityContext`),
    ...containers.flatMap((container, index) => checkContainer(container, volumes, `${field}.containers[${index}]`)),
    ...only,
  ];
}

// ---- Jobs and ConfigMaps

function checkFailurePolicy({ rules = [] } = {}, template, field) {
  if (rules.length > 20) return [cause.tooLong(`${field}.rules`, "must have at most 20 items")];
  return rules.flatMap((rule, index) => {
    const at = `${field}.rules[${index}]`;
    const { action, onExitCodes, onPodConditions = [] } = rule;
    const wrong = action ? oneOf(action, ["Count", "FailIndex", "FailJob", "Ignore"], `${at}.action`) : [cause.required(`${at}.action`, 'valid values: ["Count" "FailIndex" "FailJob" "Ignore"]')];
    if (Boolean(onExitCodes) === onPodConditions.length > 0) wrong.push(cause.invalid(at, "", "specifying exactly one of OnExitCodes and OnPodConditions is required"));
    if (onExitCodes) {
      const { operator, values = [], containerName } = onExitCodes;
      wrong.push(...oneOf(operator, ["In", "NotIn"], `${at}.onExitCodes.operator`));
      if (operator === "In" && values.includes(0)) wrong.push(cause.invalid(`${at}.onExitCodes.values`, 0, "must not be 0 for the In operator"));
      if (values.some((value, place) => place > 0 && value <= values[place - 1])) wrong.push(cause.invalid(`${at}.onExitCodes.values`, values, "must be ordered"));
      if (containerName && !template.spec.containers.some(({ name }) => name === containerName)) wrong.push(cause.invalid(`${at}.onExitCodes.containerName`, containerName, "must be one of the container or initContainer names in the pod template"));
    }
    return [...wrong, ...onPodConditions.flatMap(({ status }, place) => oneOf(status, ["False", "True", "Unknown"], `${at}.onPodConditions[${place}].status`))];
  });
}

function checkJob({ metadata, spec }) {
  const { restartPolicy } = spec.template?.spec ?? {};
  const policies = ["OnFailure", "Never"];
  const restart = restartPolicy === undefined ? [cause.required("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')] : oneOf(restartPolicy, policies, "spec.template.spec.restartPolicy");
  const name = metadata.name?.length > 63 ? [cause.invalid("spec.template.labels", metadata.name, "must be no more than 63 characters")] : [];
  if (spec.podFailurePolicy && restartPolicy !== "Never") restart.push(cause.invalid("spec.podFailurePolicy", "", "only \"Never\" restart policy is supported when PodFailurePolicy is specified"));
  return [
    ...name,
    ...["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"].flatMap((key) => atLeast(spec[key], 0, `spec.${key}`)),
    ...(spec.selector && !spec.manualSelector ? [cause.invalid("spec.selector", spec.selector, "`selector` not auto-generated")] : []),
    ...restart,
    ...checkFailurePolicy(spec.podFailurePolicy, spec.template, "spec.podFailurePolicy"),
    ...checkLabels(spec.template?.metadata?.labels, "spec.template.labels"),
    ...(restart.length > 0 ? [] : checkPodSpec(spec.template?.spec, "spec.template.spec")),
  ];
}

function checkConfigMap({ data, binaryData }) {
  const keys = [...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})].flatMap((key) =>
    /^[-._a-zA-Z0-9]{1,253}$/.test(key) && !/^\.\.?$/.test(key) ? [] : [cause.invalid(`data[${key}]`, key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")],
  );
  const bytes = entries(data).reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0) + entries(binaryData).reduce((sum, [, text]) => sum + Buffer.from(text, "base64").length, 0);
  return [...keys, ...(bytes > CONFIG_MAP_BYTES_MAX ? [cause.tooLong("", `may not be more than ${CONFIG_MAP_BYTES_MAX} bytes`)] : [])];
}

const checks = { jobs: checkJob, pods: ({ spec }) => checkPodSpec(spec), configmaps: checkConfigMap };

/** What is wrong with a new OBJECT, as causes of a 422. */
export const checkObject = (resource, object) => [...checkMetadata(object.metadata, resource), ...(checks[resource.plural]?.(object) ?? [])];

const FIXED = { jobs: ["spec.template", "spec.selector", "spec.completions", "spec.podFailurePolicy", "spec.backoffLimit"], pods: ["spec"], configmaps: [] };

/** What of OBJECT may not be changed, and was. */
export function checkChange(resource, previous, object) {
  const at = (from, path) => JSON.stringify(path.split(".").reduce((part, word) => part?.[word], from));
  const fixed = (FIXED[resource.plural] ?? []).filter((path) => at(previous, path) !== at(object, path));
  const frozen = resource.plural === "configmaps" && previous.immutable && (at(previous, "data") !== at(object, "data") || !object.immutable);
  return [...fixed.map((path) => cause.invalid(path, "", "field is immutable")), ...(frozen ? [cause.forbidden("data", "field is immutable when `immutable` is set")] : []), ...checkMetadata(object.metadata, resource)];
}
