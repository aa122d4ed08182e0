// SPDX-License-Identifier: Apache-2.0
// The kinds of objects that this server knows, the verbs that it has for each, and the discovery
// documents made from that table.
import { unknownPath } from "./status.mjs";

const ALL = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const READ = ["get", "list", "watch"];

const table = [
  { group: "", plural: "namespaces", kind: "Namespace", isNamespaced: false, verbs: ["create", "delete", "get", "list", "patch", "update", "watch"] },
  { group: "", plural: "pods", kind: "Pod", verbs: ALL, subresources: { log: ["get"], attach: ["create", "get"], exec: ["create", "get"], status: ["get"] } },
  { group: "", plural: "configmaps", kind: "ConfigMap", verbs: ALL },
  { group: "", plural: "events", kind: "Event", verbs: ALL },
  { group: "", plural: "serviceaccounts", kind: "ServiceAccount", verbs: ALL },
  { group: "", plural: "resourcequotas", kind: "ResourceQuota", verbs: ALL },
  { group: "", plural: "limitranges", kind: "LimitRange", verbs: ALL },
  { group: "", plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim", verbs: ALL },
  { group: "", plural: "nodes", kind: "Node", isNamespaced: false, verbs: READ },
  { group: "apps", plural: "deployments", kind: "Deployment", verbs: ALL },
  { group: "batch", plural: "jobs", kind: "Job", verbs: ALL, subresources: { status: ["get"] } },
  { group: "rbac.authorization.k8s.io", plural: "roles", kind: "Role", verbs: ALL },
  { group: "node.k8s.io", plural: "runtimeclasses", kind: "RuntimeClass", isNamespaced: false, verbs: ALL },
  { group: "scheduling.k8s.io", plural: "priorityclasses", kind: "PriorityClass", isNamespaced: false, verbs: ALL },
  { group: "authorization.k8s.io", plural: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview", isNamespaced: false, verbs: ["create"] },
];

export const resources = Object.fromEntries(
  table.map((one) => [one.plural, { isNamespaced: true, subresources: {}, version: "v1", ...one, apiVersion: one.group ? `${one.group}/v1` : "v1" }]),
);

export const resourceOfKind = (apiVersion, kind) => Object.values(resources).find((one) => one.kind === kind && one.apiVersion === apiVersion);

const groups = [...new Set(table.map(({ group }) => group).filter(Boolean))];

function groupOf(name) {
  const version = { groupVersion: `${name}/v1`, version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

function listOf(group) {
  const members = Object.values(resources).filter((one) => one.group === group);
  const entries = members.flatMap(({ plural, kind, isNamespaced, verbs, subresources }) => [
    { name: plural, singularName: kind.toLowerCase(), namespaced: isNamespaced, kind, verbs },
    ...Object.entries(subresources).map(([name, subverbs]) => ({ name: `${plural}/${name}`, singularName: "", namespaced: isNamespaced, kind, verbs: subverbs })),
  ]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: group ? `${group}/v1` : "v1", resources: entries };
}

const MINOR = 34;

export const version = {
  major: "1",
  minor: String(MINOR),
  emulationMajor: "1",
  emulationMinor: String(MINOR),
  minCompatibilityMajor: "1",
  minCompatibilityMinor: String(MINOR - 1),
  gitVersion: `v1.${MINOR}.0`,
  gitCommit: "0".repeat(40),
  gitTreeState: "clean",
  buildDate: "2025-08-27T10:09:04Z",
  goVersion: "go1.24.6",
  compiler: "gc",
  platform: "linux/amd64",
};

/** The document at PATH: an object, a text, or undefined where PATH belongs to the objects. */
export function discovery(path, address) {
  if (path === "/version") return version;
  if (/^\/(healthz|livez|readyz)$/.test(path)) return "ok";
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }] };
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(groupOf) };
  const [, root, group, api, ...rest] = path.split("/");
  if (root === "api" && group === "v1" && api === undefined) return listOf("");
  if (root !== "apis" || rest.length > 0) return undefined;
  if (groups.includes(group) && api === undefined) return { kind: "APIGroup", apiVersion: "v1", ...groupOf(group) };
  return groups.includes(group) && api === "v1" ? listOf(group) : undefined;
}

const verbOf = { POST: "create", PUT: "update", PATCH: "patch" };

/** What a request is about: { resource, subresource, namespace, name, verb }; throws where nothing is there. */
export function readPath(method, url) {
  const words = url.pathname.split("/").slice(1).map(decodeURIComponent);
  const isCore = words[0] === "api" && words[1] === "v1";
  const isGroup = words[0] === "apis" && words[2] === "v1";
  if (!isCore && !isGroup) throw unknownPath();
  let rest = words.slice(isCore ? 2 : 3);
  const isInside = rest[0] === "namespaces" && rest.length > 2;
  const namespace = isInside ? rest[1] : undefined;
  if (isInside) rest = rest.slice(2);
  const [plural, name, subresource, ...more] = rest;
  const resource = Object.hasOwn(resources, plural ?? "") ? resources[plural] : undefined;
  const isThere = resource && resource.group === (isCore ? "" : words[1]) && more.length === 0 && (resource.isNamespaced || !isInside) && (!subresource || resource.subresources[subresource]);
  if (!isThere || (resource.isNamespaced && name && !namespace)) throw unknownPath();
  const isWatch = ["1", "true"].includes(url.searchParams.get("watch"));
  const reading = name ? "get" : isWatch ? "watch" : "list";
  const deleting = name ? "delete" : "deletecollection";
  const verb = method === "GET" ? reading : method === "DELETE" ? deleting : verbOf[method];
  return { resource, subresource, namespace, name, verb };
}
