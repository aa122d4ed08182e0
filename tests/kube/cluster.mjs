// SPDX-License-Identifier: Apache-2.0
// All parts of the cluster in one object, which each of them holds: they find one another here.
import { randomBytes } from "node:crypto";
import { Access } from "./access.mjs";
import { Admission } from "./admission.mjs";
import { Api } from "./api.mjs";
import { fillDefaults } from "./defaults.mjs";
import { Deletion } from "./deletion.mjs";
import { Faults } from "./faults.mjs";
import { JobController } from "./jobs.mjs";
import { Kubelet } from "./kubelet.mjs";
import { NODE } from "./podstatus.mjs";
import { resources } from "./resources.mjs";
import { now, Store } from "./store.mjs";
import { Streams } from "./streams.mjs";
import { Watches } from "./watch.mjs";

const NODE_SIZE = { cpu: "64", memory: "256Gi", "ephemeral-storage": "1Ti", pods: "110" };

export class Cluster {
  connections = { open: 0, opened: 0 };

  /** OPTIONS as server.mjs reads them; SCHEMA may be undefined. */
  constructor(options, { schema, certificates, tokenFile }) {
    Object.assign(this, { options, schema, certificates });
    this.faults = new Faults();
    this.store = new Store();
    this.access = new Access({ tokenFile, namespace: options.namespace });
    this.admission = new Admission(this);
    this.deletion = new Deletion(this);
    this.kubelet = new Kubelet(this);
    this.jobs = new JobController(this);
    this.watches = new Watches(this);
    this.streams = new Streams(this);
    this.api = new Api(this);
    this.store.on("change", ({ type, resource, object }) => resource === resources.namespaces && type === "ADDED" && this.#furnish(object.metadata.name));
    this.#begin();
  }

  #add(resource, namespace, object) {
    return this.store.add(resource, fillDefaults(resource, this.store.prepare(resource, namespace, object)));
  }

  #begin() {
    const labels = { "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": NODE };
    this.#add(resources.nodes, undefined, { metadata: { name: NODE, labels }, spec: {}, status: { capacity: NODE_SIZE, allocatable: NODE_SIZE, conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }] } });
    const restricted = { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest" };
    for (const name of ["default", "kube-system"]) this.#add(resources.namespaces, undefined, { metadata: { name } });
    this.#add(resources.namespaces, undefined, { metadata: { name: this.options.namespace, labels: restricted } });
    this.#add(resources.serviceaccounts, this.options.namespace, { metadata: { name: "sandglass" } });
  }

  // What every namespace has.
  #furnish(namespace) {
    this.#add(resources.serviceaccounts, namespace, { metadata: { name: "default" } });
    this.#add(resources.configmaps, namespace, { metadata: { name: "kube-root-ca.crt" }, data: { "ca.crt": this.certificates.ca } });
  }

  /** Writes an Event about OBJECT. */
  record(resource, object, { type, reason, message, component }) {
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const place = this.store.find(resources.namespaces, undefined, namespace);
    if (!place || place.metadata.deletionTimestamp) return;
    const time = now();
    this.#add(resources.events, namespace, {
      metadata: { name: `${name}.${randomBytes(8).toString("hex")}` },
      involvedObject: { kind: resource.kind, namespace, name, uid, apiVersion: resource.apiVersion, resourceVersion },
      ...{ reason, message, type, source: { component }, firstTimestamp: time, lastTimestamp: time, count: 1, eventTime: null, reportingComponent: component, reportingInstance: "" },
    });
  }

  async stop() {
    this.jobs.stop();
    this.deletion.stop();
    this.watches.closeAll();
    this.streams.closeAll();
    await this.kubelet.stop();
  }
}
