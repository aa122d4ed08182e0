// SPDX-License-Identifier: Apache-2.0
// Pods: that the real program runs in them with what the Pod says, how they end, and that every
// mishap looks as it does in a cluster.
import assert from "node:assert/strict";
import { test, until } from "../../http/harness.mjs";
import { clientOf, conditionOf, create, eventsOf, jobOf, NAMESPACE, podsOf, remove, requestOf, shellJob, untilEnded, untilGone, untilJob, untilPod, untilRunning, watchRaw } from "./fixture.mjs";

const container = (pod) => pod.status.containerStatuses?.[0];
const ended = (pod) => container(pod)?.state.terminated;
const logOf = (client, pod, more = {}) => client.core.readNamespacedPodLog({ name: pod.metadata.name, namespace: pod.metadata.namespace, ...more });
// Standard error is in the log too, before the result or after it: nothing orders the two.
const resultOf = async (client, pod) => JSON.parse((await logOf(client, pod)).split("\n").find((line) => line.startsWith("{")));

async function running(api, client) {
  await test("the real program answers in its log, and the Pod says Succeeded", async () => {
    await create(client, jobOf("answer", { sql: "SELECT 6 * 7 AS answer" }));
    const pod = await untilEnded(client, "answer");
    assert.deepEqual([pod.status.phase, ended(pod).exitCode, ended(pod).reason], ["Succeeded", 0, "Completed"]);
    const result = await resultOf(client, pod);
    assert.deepEqual([result.outcome, result.rows], ["completed", [[42]]]);
    assert.equal(result.confinement.seccomp, true);
    const isRoot = process.getuid() === 0 && !api.log.includes("cannot reach");
    assert.equal(result.confinement.uid, isRoot ? 65534 : process.getuid());
    for (const type of ["PodScheduled", "Initialized"]) assert.ok(conditionOf(pod, type), type);
    assert.equal(pod.status.conditions.find(({ type }) => type === "Ready").reason, "PodCompleted");
    await untilJob(client, "answer", (job) => conditionOf(job, "Complete"));
  });

  await test("a program that fails makes the Pod and the Job fail", async () => {
    await create(client, jobOf("fails", { sql: "SELECT nothing" }));
    const pod = await untilEnded(client, "fails");
    assert.deepEqual([pod.status.phase, ended(pod).exitCode, ended(pod).reason], ["Failed", 1, "Error"]);
    const job = await untilJob(client, "fails", (one) => conditionOf(one, "Failed"));
    assert.deepEqual([conditionOf(job, "Failed").reason, job.status.failed], ["BackoffLimitExceeded", 1]);
  });

  await test("a ConfigMap is a folder of files; until it is there the Pod waits and says so", async () => {
    const volume = { name: "request", configMap: { name: "request" } };
    const mount = { name: "request", mountPath: "/request" };
    await create(client, jobOf("mapped", { container: { args: ["runner", "--data", "/data/weather", "--request", "/request/request.json"], env: [], volumeMounts: [mount] }, pod: { volumes: [volume] } }));
    const waiting = await untilPod(client, "mapped", (pod) => container(pod)?.state.waiting?.reason === "ContainerCreating");
    await until("an event", async () => (await eventsOf(client, waiting.metadata.name)).some(({ reason, message }) => reason === "FailedMount" && /configmap "request" not found/.test(message)));
    await client.core.createNamespacedConfigMap({ namespace: NAMESPACE, body: { metadata: { name: "request" }, data: { "request.json": requestOf("SELECT 'from a file'") } } });
    assert.deepEqual((await resultOf(client, await untilEnded(client, "mapped"))).rows, [["from a file"]]);
  });

  await test("a claim is at its mount; without it no node takes the Pod", async () => {
    const pod = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data", readOnly: true } }] };
    await create(client, jobOf("claimed", { container: { args: ["runner", "--data", "/mnt/data/shop"], env: [{ name: "RUN_REQUEST", value: requestOf("SELECT 1", { dataset: "shop" }) }], volumeMounts: [{ name: "data", mountPath: "/mnt/data" }] }, pod }));
    const refused = await untilPod(client, "claimed", (one) => one.status.conditions?.some(({ reason }) => reason === "Unschedulable"));
    assert.match(refused.status.conditions[0].message, /persistentvolumeclaim "data" not found/);
    await client.core.createNamespacedPersistentVolumeClaim({ namespace: NAMESPACE, body: { metadata: { name: "data" }, spec: { accessModes: ["ReadOnlyMany"], resources: { requests: { storage: "1Gi" } } } } });
    assert.equal((await untilEnded(client, "claimed")).status.phase, "Succeeded");
  });

  await test("variables are those of the Pod, with references; nothing of the server's comes through", async () => {
    const env = [{ name: "A", value: "1" }, { name: "B", value: "$(A)2 $$(A) $(NONE)" }, { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }];
    await create(client, shellJob("variables", "env | sort; echo \"$1\"", { container: { args: ["sh", "$(B)"], env } }), "default");
    const pod = await untilEnded(client, "variables", "default");
    const lines = (await logOf(client, pod)).split("\n");
    for (const line of ["A=1", "B=12 $(A) $(NONE)", `POD=${pod.metadata.name}`, `HOSTNAME=${pod.metadata.name}`, "12 $(A) $(NONE)"]) assert.ok(lines.includes(line), `${line} in ${lines}`);
    assert.ok(!lines.some((line) => /^(HOME|npm_|KUBE_SCHEMA|NODE)/.test(line)), lines.join());
  });

  await test("an emptyDir can be written; the termination message is read from its file, or the log's end", async () => {
    const volumes = [{ name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } }];
    const volumeMounts = [{ name: "tmp", mountPath: "/tmp" }];
    await create(client, shellJob("words", 'echo x >"$1/file" && cat "$1/file" && printf done >"$2"', { container: { args: ["sh", "/tmp", "/dev/termination-log"], volumeMounts }, pod: { volumes } }), "default");
    const pod = await untilEnded(client, "words", "default");
    assert.deepEqual([await logOf(client, pod), ended(pod).message], ["x\n", "done"]);
    await create(client, shellJob("last-words", "echo broken >&2; exit 3", { container: { terminationMessagePolicy: "FallbackToLogsOnError" } }), "default");
    assert.deepEqual({ ...ended(await untilEnded(client, "last-words", "default")) }.message, "broken\n");
  });
}

async function ending(api, client) {
  await test("a deleted Job's process is gone, and its Pod", async () => {
    await create(client, shellJob("killed", "sleep 60 & sleep 60"), "default");
    await untilRunning(client, "killed", "default");
    assert.equal((await api.state()).pids.length, 1);
    await remove(client, "killed", "default");
    await untilGone(client, "killed", "default");
    assert.deepEqual((await api.state()).pids, []);
  });

  await test("SIGTERM reaches only a program that catches it, as process 1", async () => {
    const loop = "while :; do sleep 0.05; done";
    // One would have half a minute, and does not take it; the other takes all of its second.
    for (const [name, script, grace_s, least_ms] of [["catches", `trap 'exit 0' TERM; ${loop}`, 30, 0], ["ignores", loop, 1, 900]]) {
      await create(client, shellJob(name, script, { pod: { terminationGracePeriodSeconds: grace_s } }), "default");
      const pod = await untilRunning(client, name, "default");
      const start = performance.now();
      await client.core.deleteNamespacedPod({ name: pod.metadata.name, namespace: "default" });
      await until("it has ended", async () => (await api.state()).pids.length === 0);
      assert.ok(performance.now() - start >= least_ms, name);
      await remove(client, name, "default");
    }
  });

  await test("a Job past its deadline loses its Pod and says DeadlineExceeded", async () => {
    await create(client, shellJob("late", "sleep 60", { spec: { activeDeadlineSeconds: 1 } }), "default");
    const job = await untilJob(client, "late", (one) => conditionOf(one, "Failed"), "default");
    assert.equal(conditionOf(job, "Failed").reason, "DeadlineExceeded");
    await untilGone(client, "late", "default");
    assert.deepEqual((await api.state()).pids, []);
  });

  await test("a Pod past its own deadline fails, and stays to be read", async () => {
    await create(client, shellJob("late-pod", "echo so far; sleep 60", { pod: { activeDeadlineSeconds: 1 } }), "default");
    const pod = await untilEnded(client, "late-pod", "default");
    assert.deepEqual([pod.status.phase, pod.status.reason, ended(pod).exitCode], ["Failed", "DeadlineExceeded", 137]);
    assert.equal(await logOf(client, pod), "so far\n");
  });

  await test("a finished Job goes when its time to live is over", async () => {
    await create(client, jobOf("short", { spec: { ttlSecondsAfterFinished: 1 } }));
    await untilEnded(client, "short");
    await untilGone(client, "short");
    await until("the Job is gone", async () => (await client.batch.listNamespacedJob({ namespace: NAMESPACE })).items.every(({ metadata }) => metadata.name !== "short"));
  });

  await test("a program above its memory limit is OOMKilled", async () => {
    await create(client, shellJob("hungry", "exec tail /dev/zero", { container: { resources: { limits: { memory: "32Mi", cpu: "1" } } } }), "default");
    const pod = await untilEnded(client, "hungry", "default");
    assert.deepEqual([pod.status.phase, ended(pod).exitCode, ended(pod).reason, pod.status.qosClass], ["Failed", 137, "OOMKilled", "Guaranteed"]);
  });

  await test("a Pod that no node can take waits, and says why", async () => {
    for (const [name, more, message] of [["selector", { pod: { nodeSelector: { pool: "none" } } }, /didn't match Pod's node affinity\/selector/], ["greedy", { container: { resources: { requests: { cpu: "1000" } } } }, /1 Insufficient cpu/]]) {
      await create(client, jobOf(name, more));
      const pod = await untilPod(client, name, (one) => one.status.conditions?.some(({ reason }) => reason === "Unschedulable"));
      assert.deepEqual([pod.status.phase, pod.status.containerStatuses], ["Pending", undefined]);
      assert.match(pod.status.conditions[0].message, message);
      await remove(client, name);
      await untilGone(client, name);
    }
  });
}

// What each mishap shows: a fault, and what the Pod says then.
const waits = (reason, message) => (pod) => container(pod)?.state.waiting?.reason === reason && message.test(container(pod).state.waiting.message);
const fails = (reason, type) => (pod) => pod.status.phase === "Failed" && pod.status.reason === reason && (!type || Boolean(conditionOf(pod, "DisruptionTarget")));
const mishaps = [
  [{ fault: "image_pull" }, waits("ErrImagePull", /failed to resolve reference/), true],
  [{ fault: "image_pull" }, waits("ImagePullBackOff", /^Back-off pulling image "example\.com\/sandglass:1": ErrImagePull: /), true],
  [{ fault: "invalid_image_name" }, waits("InvalidImageName", /invalid reference format/), true],
  [{ fault: "config_error" }, waits("CreateContainerConfigError", /^secret "credentials" not found$/), true],
  [{ fault: "unschedulable" }, (pod) => pod.status.conditions?.some(({ type, status, reason }) => type === "PodScheduled" && status === "False" && reason === "Unschedulable"), true],
  [{ fault: "slow_pull", ms: 5000 }, (pod) => container(pod)?.state.waiting?.reason === "ContainerCreating", true],
  [{ fault: "mount_failed" }, (pod) => container(pod)?.state.waiting?.reason === "ContainerCreating", true],
  [{ fault: "start_error" }, (pod) => ended(pod)?.reason === "StartError" && ended(pod).exitCode === 128 && pod.status.phase === "Failed"],
  [{ fault: "evicted" }, (pod) => fails("Evicted")(pod) && pod.status.containerStatuses === undefined && /The node had condition/.test(pod.status.message)],
  [{ fault: "evicted", at: "running" }, (pod) => fails("Evicted", "DisruptionTarget")(pod) && ended(pod).exitCode === 137, false, true],
  [{ fault: "oom" }, (pod) => ended(pod)?.reason === "OOMKilled" && pod.status.phase === "Failed", false, true],
];

async function suffering(api, client) {
  for (const [fault, look, isForever = false, isLong = false] of mishaps) {
    const words = Object.values(fault).join(" ");
    await test(`${words} looks as in a cluster${isForever ? ", and lasts until the Job is deleted" : ""}`, async () => {
      const name = `mishap-${words.replaceAll(/[^a-z]+/g, "-")}`.replace(/-$/, "");
      await api.order({ ...fault, match: { name: `^${name}-` } });
      const place = isLong ? "default" : NAMESPACE;
      await create(client, isLong ? shellJob(name, "sleep 60") : jobOf(name), place);
      await untilPod(client, name, look, place);
      await remove(client, name, place);
      await untilGone(client, name, place);
      assert.deepEqual((await api.state()).pids, []);
    });
  }

  await test("what was unschedulable, or could not be pulled, may come right", async () => {
    await api.order({ fault: "unschedulable", then_ms: 100, match: { name: "^recovers-a" } });
    await api.order({ fault: "image_pull", attempts: 2, back_off_ms: 50, match: { name: "^recovers-b" } });
    for (const name of ["recovers-a", "recovers-b"]) {
      await create(client, jobOf(name));
      assert.equal((await untilEnded(client, name)).status.phase, "Succeeded");
    }
  });

  await test("a preempted Pod is deleted with its reason; so is one on a lost node", async () => {
    for (const [fault, reason] of [["preempted", "PreemptionByScheduler"], ["node_lost", "DeletionByTaintManager"]]) {
      const name = fault.replace("_", "-");
      await api.order({ fault, at: "running", match: { name: `^${name}` } });
      await create(client, shellJob(name, "sleep 60"), "default");
      const pod = await untilPod(client, name, (one) => one.metadata.deletionTimestamp && conditionOf(one, "DisruptionTarget"), "default");
      assert.equal(conditionOf(pod, "DisruptionTarget").reason, reason);
      assert.equal(pod.status.reason, fault === "node_lost" ? "NodeLost" : undefined);
      await untilGone(client, name, "default");
      assert.deepEqual((await api.state()).pids, []);
      await remove(client, name, "default");
    }
  });

  await test("a Job whose policy ignores disruptions gets another Pod, which may succeed", async () => {
    await api.order({ fault: "evicted", at: "running", match: { name: "^again" } });
    const podFailurePolicy = { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }] };
    await create(client, shellJob("again", "sleep 0.3; echo done", { spec: { podFailurePolicy } }), "default");
    const job = await untilJob(client, "again", (one) => conditionOf(one, "Complete"), "default");
    assert.deepEqual([job.status.succeeded, job.status.failed], [1, undefined]);
    assert.deepEqual((await podsOf(client, "again", "default")).map(({ status }) => status.phase).sort(), ["Failed", "Succeeded"]);
    await remove(client, "again", "default");
  });

  await test("a Pod may be over before anybody reads that it runs", async () => {
    await api.order({ fault: "unseen_run", match: { name: "^quick" } });
    const since = (await client.core.listNamespacedPod({ namespace: NAMESPACE })).metadata.resourceVersion;
    await create(client, jobOf("quick"));
    await untilEnded(client, "quick");
    const { events } = await watchRaw(api, `/api/v1/namespaces/${NAMESPACE}/pods?watch=1&timeoutSeconds=1&labelSelector=app%3Dquick&resourceVersion=${since}`);
    const phases = events.map(({ object }) => object.status.phase);
    assert.deepEqual([...new Set(phases)], ["Pending", "Succeeded"]);
  });

  await test("somebody else may delete a Pod; its Job then fails", async () => {
    await api.order({ fault: "pod_deleted", at: "running", match: { name: "^taken" } });
    await create(client, shellJob("taken", "sleep 60"), "default");
    await untilGone(client, "taken", "default").catch(() => assert.fail("the Pod is still there"));
    await untilJob(client, "taken", (one) => conditionOf(one, "Failed"), "default");
  });
}

export default async function pods(api) {
  const client = clientOf(api);
  await running(api, client);
  await ending(api, client);
  await suffering(api, client);
}
