// SPDX-License-Identifier: Apache-2.0
// Objects: discovery, creating, reading, changing and deleting them, and every way to be refused.
import assert from "node:assert/strict";
import { test, until } from "../../http/harness.mjs";
import { needSchema } from "../start.mjs";
import { assertRefused, clientOf, conditionOf, create, eventsOf, jobOf, NAMESPACE, podsOf, raw, remove, requestOf, shellJob, untilEnded, untilGone, untilRunning } from "./fixture.mjs";

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;

async function discovery(api, client) {
  await test("the client finds the version, the groups and the resources", async () => {
    assert.match((await client.version.getCode()).gitVersion, /^v1\.\d+\.\d+$/);
    assert.ok((await client.apis.getAPIVersions()).groups.some(({ name }) => name === "batch"));
    const jobs = (await client.batch.getAPIResources()).resources.find(({ name }) => name === "jobs");
    assert.deepEqual([jobs.kind, jobs.namespaced, jobs.verbs.includes("watch")], ["Job", true, true]);
    assert.ok((await client.core.getAPIResources()).resources.some(({ name }) => name === "pods/attach"));
  });

  await test("what is not there is a Status with 404, what cannot be done one with 405", async () => {
    for (const path of ["/api/v1/namespaces/x/nothing", "/apis/batch/v2/jobs", "/apis/nothing/v1/jobs", "/api/v1/namespaces/sandglass/jobs", "/nothing"]) assert.deepEqual([(await raw(api, "GET", path)).json.reason, path], ["NotFound", path]);
    assert.equal((await raw(api, "POST", "/api/v1/nodes", { body: {} })).json.reason, "MethodNotAllowed");
  });
}

async function creating(api, client) {
  await test("a Job comes back with its defaults, and its Pod with labels and an owner", async () => {
    const job = await create(client, jobOf("defaults", { spec: { backoffLimit: undefined } }));
    const { spec, metadata } = job;
    assert.deepEqual([spec.backoffLimit, spec.completions, spec.parallelism, spec.suspend, spec.completionMode], [6, 1, 1, false, "NonIndexed"]);
    assert.ok(metadata.creationTimestamp instanceof Date);
    const pod = await untilEnded(client, "defaults");
    assert.match(pod.metadata.name, /^defaults-[a-z0-9]{5}$/);
    assert.equal(pod.metadata.labels["batch.kubernetes.io/controller-uid"], metadata.uid);
    assert.deepEqual({ ...pod.metadata.ownerReferences[0] }, { apiVersion: "batch/v1", kind: "Job", name: "defaults", uid: metadata.uid, controller: true, blockOwnerDeletion: true });
    assert.ok(Number(pod.metadata.resourceVersion) > Number(metadata.resourceVersion));
    assert.equal(pod.spec.containers[0].terminationMessagePath, "/dev/termination-log");
  });

  await test("a second one of the name is 409, an unknown one 404", async () => {
    const status = await assertRefused(create(client, jobOf("defaults")), 409, "AlreadyExists", /^jobs\.batch "defaults" already exists$/);
    assert.deepEqual({ ...status.details }, { name: "defaults", group: "batch", kind: "jobs" });
    await assertRefused(client.core.readNamespacedPod({ name: "none", namespace: NAMESPACE }), 404, "NotFound", /^pods "none" not found$/);
    await assertRefused(create(client, jobOf("x"), "nowhere"), 404, "NotFound", /^namespaces "nowhere" not found$/);
  });

  await test("nothing is kept of a dry run", async () => {
    assert.equal((await client.batch.createNamespacedJob({ namespace: NAMESPACE, body: jobOf("dry"), dryRun: "All" })).metadata.name, "dry");
    await assertRefused(client.batch.readNamespacedJob({ name: "dry", namespace: NAMESPACE }), 404, "NotFound");
  });

  await test("generateName makes a name", async () => {
    const made = await client.core.createNamespacedConfigMap({ namespace: NAMESPACE, body: { metadata: { generateName: "made-" }, data: { a: "b" } } });
    assert.match(made.metadata.name, /^made-[a-z0-9]{5}$/);
  });
}

async function refusals(api, client) {
  const refused = async (body, status, message) => {
    const answer = await raw(api, "POST", JOBS, { body });
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.json.message, message);
  };

  await test("an unknown field and a wrong type are 400, by their path", async () => {
    needSchema();
    const job = jobOf("unknown");
    await refused({ ...job, spec: { ...job.spec, backOffLimit: 1 } }, 400, /strict decoding error: unknown field "spec\.backOffLimit"$/);
    await refused(jobOf("unknown", { container: { enviroment: [] } }), 400, /unknown field "spec\.template\.spec\.containers\[0\]\.enviroment"/);
    await refused(jobOf("unknown", { spec: { backoffLimit: "0" } }), 400, /cannot unmarshal string into Go struct field \.spec\.backoffLimit of type int32/);
    await refused(jobOf("unknown", { container: { resources: { limits: { memory: "64 MB" } } } }), 400, /quantities must match/);
    await refused(jobOf("unknown", { container: { env: "A=1" } }), 400, /cannot unmarshal string/);
    assert.match((await raw(api, "DELETE", `${JOBS}/defaults`, { body: { kind: "DeleteOptions", apiVersion: "v1", propagation: "Orphan" } })).json.message, /unknown field "propagation"/);
  });

  await test("what the rules forbid is 422, with its field", async () => {
    const cases = [
      [jobOf("bad", { pod: { restartPolicy: "Always" } }), /spec\.template\.spec\.restartPolicy: Unsupported value: "Always": supported values: "OnFailure", "Never"/],
      [jobOf("bad", { pod: { restartPolicy: undefined } }), /spec\.template\.spec\.restartPolicy: Required value/],
      [jobOf("bad", { container: { resources: { requests: { cpu: "1" }, limits: { cpu: "500m" } } } }), /must be less than or equal to cpu limit of 500m/],
      [jobOf("bad", { container: { volumeMounts: [{ name: "none", mountPath: "/x" }] } }), /volumeMounts\[0\]\.name: Not found: "none"/],
      [jobOf("bad", { container: { image: "" } }), /containers\[0\]\.image: Required value/],
      [jobOf("bad", { container: { env: [{ name: "1A", value: "x" }] } }), /a valid environment variable name/],
      [jobOf("bad", { metadata: { labels: { run: "a b" } } }), /metadata\.labels: Invalid value: "a b": a valid label must be/],
      [jobOf("Bad_Name"), /metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/],
      [jobOf("a".repeat(64)), /must be no more than 63 characters/],
      [jobOf("bad", { spec: { activeDeadlineSeconds: -1 } }), /must be greater than or equal to 0/],
      [jobOf("bad", { spec: { podFailurePolicy: { rules: [{ action: "Skip", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }] } } }), /rules\[0\]\.action: Unsupported value: "Skip"/],
      [jobOf("bad", { pod: { tolerations: [{ operator: "Exists", value: "x", key: "a" }] } }), /value must be empty when `operator` is 'Exists'/],
    ];
    for (const [job, message] of cases) await refused(job, 422, message);
    const status = await assertRefused(create(client, cases[0][0]), 422, "Invalid", /^Job\.batch "bad" is invalid: /);
    assert.equal(status.details.causes[0].field, "spec.template.spec.restartPolicy");
  });

  await test("a body of another namespace, kind or language is refused", async () => {
    await refused(jobOf("x", { metadata: { namespace: "default" } }), 400, /does not match the namespace sent on the request/);
    await refused({ ...jobOf("x"), apiVersion: "batch/v1beta1" }, 400, /does not match the expected API version/);
    await refused("{", 400, /JSON/);
    assert.equal((await raw(api, "POST", JOBS, { body: "a: b", headers: { "Content-Type": "application/yaml" } })).status, 415);
    assert.equal((await raw(api, "POST", JOBS, { body: " ".repeat(3 * 1024 * 1024 + 1) })).status, 413);
  });

  await test("a Job whose Pod is not allowed is created with a warning, and Events say why there is no Pod", async () => {
    const answer = await raw(api, "POST", JOBS, { body: jobOf("lax", { container: { securityContext: {} } }) });
    assert.equal(answer.status, 201);
    assert.match(answer.headers.warning, /^299 - "would violate PodSecurity/);
    const [event] = await until("an event", async () => ((found) => found.length > 0 && found)((await eventsOf(client, "lax")).filter(({ reason }) => reason === "FailedCreate")));
    assert.match(event.message, /^Error creating: pods "lax-[a-z0-9]{5}" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "runner" must set/);
    assert.equal((await podsOf(client, "lax")).length, 0);
    await remove(client, "lax");
  });

  await test("a service account, a runtime class or a priority class that is not there forbids the Pod", async () => {
    for (const [pod, message] of [[{ serviceAccountName: "ghost" }, /serviceaccount "ghost" not found/], [{ runtimeClassName: "ghost" }, /RuntimeClass "ghost" not found/], [{ priorityClassName: "ghost" }, /no PriorityClass with name ghost was found/]]) {
      const name = `ghost-${Object.keys(pod)[0].toLowerCase()}`;
      await create(client, jobOf(name, { pod }));
      await until("an event", async () => (await eventsOf(client, name)).some((event) => event.reason === "FailedCreate" && message.test(event.message)));
      await remove(client, name);
    }
  });
}

async function reading(api, client) {
  const name = async (query) => (await client.core.listNamespacedConfigMap({ namespace: "default", ...query })).items.map(({ metadata }) => metadata.name);
  for (const [one, labels] of [["m1", { tier: "a", run: "1" }], ["m2", { tier: "b" }], ["m3", { tier: "a" }]]) await client.core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name: one, labels }, data: { a: one } } });

  await test("labels and fields select", async () => {
    assert.deepEqual(await name({ labelSelector: "tier=a" }), ["m1", "m3"]);
    assert.deepEqual(await name({ labelSelector: "tier in (a,b),!run" }), ["m2", "m3"]);
    assert.deepEqual(await name({ labelSelector: "tier,tier notin (a)" }), ["m2"]);
    assert.deepEqual(await name({ labelSelector: "tier!=a,tier" }), ["m2"]);
    assert.deepEqual(await name({ fieldSelector: "metadata.name=m2" }), ["m2"]);
    await assertRefused(name({ fieldSelector: "data.a=m2" }), 400, "BadRequest", /field label not supported: data\.a/);
    await assertRefused(name({ labelSelector: "a b" }), 400, "BadRequest", /unable to parse requirement/);
  });

  await test("a list comes in pages", async () => {
    const first = await client.core.listNamespacedConfigMap({ namespace: "default", labelSelector: "tier", limit: 2 });
    assert.equal(first.metadata.remainingItemCount, 1);
    assert.deepEqual(await name({ labelSelector: "tier", limit: 2, _continue: first.metadata._continue }), ["m3"]);
    await api.order({ fault: "compact" });
    await client.core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name: "m4" } } });
    await api.order({ fault: "compact" });
    await assertRefused(name({ limit: 2, _continue: first.metadata._continue }), 410, "Expired", /continue parameter is too old/);
  });

  await test("a change meets the object as it is, or is 409", async () => {
    const body = await client.core.readNamespacedConfigMap({ name: "m1", namespace: "default" });
    const changed = await client.core.replaceNamespacedConfigMap({ name: "m1", namespace: "default", body: { ...body, data: { a: "new" } } });
    assert.ok(Number(changed.metadata.resourceVersion) > Number(body.metadata.resourceVersion));
    assert.equal(changed.metadata.uid, body.metadata.uid);
    await assertRefused(client.core.replaceNamespacedConfigMap({ name: "m1", namespace: "default", body }), 409, "Conflict", /the object has been modified/);
    const patched = await raw(api, "PATCH", "/api/v1/namespaces/default/configmaps/m1", { body: { data: { a: null, b: "c" } }, headers: { "Content-Type": "application/merge-patch+json" } });
    assert.deepEqual(patched.json.data, { b: "c" });
  });

  await test("a ConfigMap holds 1 MiB and no more; a Job's template does not change", async () => {
    const of = (bytes) => ({ metadata: { name: `big-${bytes}` }, data: { a: "x".repeat(bytes) } });
    await client.core.createNamespacedConfigMap({ namespace: "default", body: of(1048576) });
    await assertRefused(client.core.createNamespacedConfigMap({ namespace: "default", body: of(1048577) }), 422, "Invalid", /Too long/);
    const job = await client.batch.readNamespacedJob({ name: "defaults", namespace: NAMESPACE });
    job.spec.template.spec.containers[0].image = "other";
    await assertRefused(client.batch.replaceNamespacedJob({ name: "defaults", namespace: NAMESPACE, body: job }), 422, "Invalid", /field is immutable/);
  });
}

async function deleting(api, client) {
  await test("a Job deleted without a policy leaves its Pod, and a warning", async () => {
    const answer = await raw(api, "DELETE", `${JOBS}/defaults`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.warning, /child pods are preserved by default/);
    await until("the Job is gone", async () => (await raw(api, "GET", `${JOBS}/defaults`)).status === 404);
    const [pod] = await podsOf(client, "defaults");
    assert.equal(pod.metadata.ownerReferences, undefined);
    await client.core.deleteNamespacedPod({ name: pod.metadata.name, namespace: NAMESPACE });
    await untilGone(client, "defaults");
  });

  await test("Background takes the Job at once, and what is its own soon", async () => {
    const job = await create(client, jobOf("background"));
    const owner = { apiVersion: "batch/v1", kind: "Job", name: "background", uid: job.metadata.uid };
    await client.core.createNamespacedConfigMap({ namespace: NAMESPACE, body: { metadata: { name: "background", ownerReferences: [owner] }, data: { request: requestOf("SELECT 1") } } });
    const status = await remove(client, "background");
    assert.deepEqual([status.kind, status.status, status.details.uid], ["Status", "Success", job.metadata.uid]);
    await assertRefused(client.batch.readNamespacedJob({ name: "background", namespace: NAMESPACE }), 404, "NotFound");
    await untilGone(client, "background");
    await until("the ConfigMap is gone", async () => (await raw(api, "GET", `/api/v1/namespaces/${NAMESPACE}/configmaps/background`)).status === 404);
  });

  await test("Foreground takes the Pods first; a running one has its grace", async () => {
    await create(client, shellJob("foreground", "sleep 60"), "default");
    await untilRunning(client, "foreground", "default");
    const answer = await raw(api, "DELETE", "/apis/batch/v1/namespaces/default/jobs/foreground?propagationPolicy=Foreground");
    assert.deepEqual([answer.json.kind, answer.json.metadata.finalizers], ["Job", ["foregroundDeletion"]]);
    assert.ok(answer.json.metadata.deletionTimestamp);
    const [pod] = await until("the Pod is ending", async () => ((found) => found[0]?.metadata.deletionTimestamp && found)(await podsOf(client, "foreground", "default")));
    assert.equal(pod.metadata.deletionGracePeriodSeconds, 1);
    assert.equal((await raw(api, "GET", "/apis/batch/v1/namespaces/default/jobs/foreground")).status, 200);
    await untilGone(client, "foreground", "default");
    await until("the Job is gone", async () => (await raw(api, "GET", "/apis/batch/v1/namespaces/default/jobs/foreground")).status === 404);
    assert.deepEqual((await api.state()).pids, []);
  });

  await test("with the Deployment that owns them Jobs and their Pods go", async () => {
    const container = { name: "server", image: "example.com/sandglass:1" };
    const body = { metadata: { name: "owner" }, spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [container] } } } };
    const { metadata } = await client.apps.createNamespacedDeployment({ namespace: NAMESPACE, body });
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "Deployment", name: "owner", uid: metadata.uid }];
    await create(client, jobOf("owned", { metadata: { ownerReferences } }));
    await untilEnded(client, "owned");
    await client.apps.deleteNamespacedDeployment({ name: "owner", namespace: NAMESPACE });
    await until("the Job is gone", async () => (await raw(api, "GET", `${JOBS}/owned`)).status === 404);
    await untilGone(client, "owned");
    // An owner that never was is as one that is gone.
    await create(client, jobOf("orphan", { metadata: { ownerReferences } }));
    await until("the Job is gone", async () => (await raw(api, "GET", `${JOBS}/orphan`)).status === 404);
  });

  await test("a collection is deleted by its labels", async () => {
    for (const [one, labels] of [["c1", { mine: "yes" }], ["c2", { mine: "yes" }], ["c3", { mine: "no" }]]) await create(client, jobOf(one, { metadata: { labels } }));
    await client.batch.deleteCollectionNamespacedJob({ namespace: NAMESPACE, labelSelector: "mine=yes", propagationPolicy: "Background" });
    assert.deepEqual((await client.batch.listNamespacedJob({ namespace: NAMESPACE, labelSelector: "mine" })).items.map(({ metadata }) => metadata.name), ["c3"]);
    await remove(client, "c3");
  });

  await test("a precondition that does not hold keeps the object; a wrong policy is refused", async () => {
    await create(client, jobOf("kept"));
    const body = { preconditions: { uid: "00000000-0000-0000-0000-000000000000" } };
    await assertRefused(client.batch.deleteNamespacedJob({ name: "kept", namespace: NAMESPACE, body, propagationPolicy: "Background" }), 409, "Conflict", /Precondition failed: UID/);
    await assertRefused(remove(client, "kept", NAMESPACE, "Now"), 422, "Invalid", /Unsupported value: "Now"/);
    await remove(client, "kept");
  });

  await test("a namespace takes everything in it along", async () => {
    await client.core.createNamespace({ body: { metadata: { name: "short-lived" } } });
    await create(client, shellJob("tenant", "sleep 60"), "short-lived");
    await untilRunning(client, "tenant", "short-lived");
    await client.core.deleteNamespace({ name: "short-lived" });
    await until("nothing is left", async () => (await client.core.listPodForAllNamespaces({ labelSelector: "job-name=tenant" })).items.length === 0 && (await api.state()).pids.length === 0);
    await assertRefused(client.core.readNamespace({ name: "short-lived" }), 404, "NotFound");
  });

  await test("a Job says how it ended in its conditions", async () => {
    await create(client, jobOf("said"));
    const job = await until("the Job is complete", async () => ((one) => conditionOf(one, "Complete") && one)(await client.batch.readNamespacedJob({ name: "said", namespace: NAMESPACE })));
    assert.equal(job.status.succeeded, 1);
    assert.ok(job.status.completionTime instanceof Date);
    assert.deepEqual([...job.status.conditions.map(({ type }) => type)], ["SuccessCriteriaMet", "Complete"]);
    await remove(client, "said");
  });
}

export default async function objects(api) {
  const client = clientOf(api);
  await discovery(api, client);
  await creating(api, client);
  await refusals(api, client);
  await reading(api, client);
  await deleting(api, client);
}
