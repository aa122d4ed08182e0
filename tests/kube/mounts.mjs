// SPDX-License-Identifier: Apache-2.0
// What a container is given: the folders behind its mounts and the values of its variables.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resources } from "./resources.mjs";

/** Something that the Pod names is not there (yet); the kubelet tries again. */
export class Missing extends Error {}

/** TEXT with $(NAME) replaced where NAME is in ENV; $$ stands for $. */
export const expand = (text, env) => text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name) => (whole === "$$" ? "$" : (env[name] ?? whole)));

function find(store, namespace, name, isOptional) {
  const found = store.find(resources.configmaps, namespace, name);
  if (!found && !isOptional) throw new Missing(`configmap "${name}" not found`);
  return found;
}

function writeConfigMap(store, namespace, { name, items, optional }, folder) {
  const { data = {}, binaryData = {} } = find(store, namespace, name, optional) ?? {};
  const all = { ...Object.fromEntries(Object.entries(binaryData).map(([key, text]) => [key, Buffer.from(text, "base64")])), ...data };
  for (const { key, path } of items ?? Object.keys(all).map((one) => ({ key: one, path: one }))) {
    if (!(key in all)) throw new Missing(`references non-existent config key: ${key}`);
    const file = join(folder, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, all[key]);
    chmodSync(file, 0o644);
  }
}

/** Makes the folders of POD's volumes below FOLDER: { mountPath: folder }. */
export function makeMounts({ store, options }, pod, folder) {
  const { volumes = [], containers } = pod.spec;
  const places = {};
  for (const volume of volumes) {
    const place = join(folder, "volumes", volume.name);
    mkdirSync(place, { recursive: true });
    if (volume.emptyDir) chmodSync(place, 0o777);
    if (volume.configMap) writeConfigMap(store, pod.metadata.namespace, volume.configMap, place);
    places[volume.name] = volume.persistentVolumeClaim ? options.data : place;
  }
  const image = options.data ? { "/data": options.data } : {};
  const mounted = (containers[0].volumeMounts ?? []).map(({ name, mountPath, subPath }) => [mountPath.replace(/(.)\/$/, "$1"), subPath ? join(places[name], subPath) : places[name]]);
  return { ...image, ...Object.fromEntries(mounted.filter(([, place]) => place)) };
}

function fieldOf(pod, path) {
  const [, map, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path) ?? [];
  if (map) return pod.metadata[map]?.[key] ?? "";
  return String(path.split(".").reduce((part, word) => part?.[word], pod) ?? "");
}

function valueFrom({ store }, pod, { fieldRef, configMapKeyRef, secretKeyRef }) {
  if (fieldRef) return fieldOf(pod, fieldRef.fieldPath);
  if (secretKeyRef && !secretKeyRef.optional) throw new Missing(`secret "${secretKeyRef.name}" not found`); // there are none here
  if (!configMapKeyRef) return undefined;
  const { name, key, optional } = configMapKeyRef;
  const value = find(store, pod.metadata.namespace, name, optional)?.data?.[key];
  if (value === undefined && !optional) throw new Missing(`couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}`);
  return value;
}

/** The variables of POD's container: the image's, those of the service kubernetes, and its own. */
export function makeEnv(cluster, pod) {
  const { hostname, port } = cluster.address;
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOSTNAME: pod.metadata.name, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const { env: own = [], envFrom = [] } = pod.spec.containers[0];
  for (const { configMapRef, prefix = "" } of envFrom) {
    const { data = {} } = configMapRef ? (find(cluster.store, pod.metadata.namespace, configMapRef.name, configMapRef.optional) ?? {}) : {};
    for (const [key, value] of Object.entries(data)) env[prefix + key] = value;
  }
  for (const { name, value, valueFrom: source } of own) {
    const text = source ? valueFrom(cluster, pod, source) : (value ?? "");
    if (text !== undefined) env[name] = source ? text : expand(text, env);
  }
  return env;
}
