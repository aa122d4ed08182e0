// SPDX-License-Identifier: Apache-2.0
// Scripted faults of requests and of admission, as the official client meets them.
import assert from "node:assert/strict";
import { test, until } from "../../http/harness.mjs";
import { assertRefused, clientOf, create, eventsOf, jobOf, NAMESPACE, podsOf, raw, remove, untilEnded } from "./fixture.mjs";

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;

async function requests(api, client) {
  const list = () => client.batch.listNamespacedJob({ namespace: NAMESPACE });

  await test("429 is plain text with Retry-After, as often as ordered", async () => {
    await api.order({ fault: "too_many_requests", retry_after_s: 7, count: 2 });
    for (let i = 0; i < 2; i += 1) {
      const { status, headers, text } = await raw(api, "GET", JOBS);
      assert.deepEqual([status, headers["retry-after"], headers["content-type"], text], [429, "7", "text/plain; charset=utf-8", "Too many requests, please try again later.\n"]);
    }
    assert.equal((await raw(api, "GET", JOBS)).status, 200);
  });

  await test("500, 503, 403, 401 and 410 are Status objects", async () => {
    for (const [fault, code, reason] of [["internal_error", 500, "InternalError"], ["unavailable", 503, "ServiceUnavailable"], ["forbidden", 403, "Forbidden"], ["unauthorized", 401, "Unauthorized"], ["gone", 410, "Expired"]]) {
      await api.order({ fault });
      await assertRefused(list(), code, reason);
    }
    assert.ok(await list());
  });

  await test("a reset connection is ECONNRESET, a slow answer slow", async () => {
    await api.order({ fault: "reset" });
    await assert.rejects(raw(api, "GET", JOBS), { code: "ECONNRESET" });
    await api.order({ fault: "slow", ms: 300 });
    const start = performance.now();
    assert.equal((await raw(api, "GET", JOBS)).status, 200);
    assert.ok(performance.now() - start >= 290);
  });

  await test("a fault strikes only what it is meant for", async () => {
    await api.order({ fault: "internal_error", count: -1, match: { verb: "get", resource: "jobs", name: "^only-" } });
    assert.ok(await list());
    await assertRefused(client.batch.readNamespacedJob({ name: "other", namespace: NAMESPACE }), 404, "NotFound");
    for (let i = 0; i < 3; i += 1) await assertRefused(client.batch.readNamespacedJob({ name: "only-this", namespace: NAMESPACE }), 500, "InternalError");
    assert.equal((await api.faults()).at(-1).struck, 3);
    await api.clear();
    assert.deepEqual(await api.faults(), []);
  });

  await test("a request that fails changes nothing, one whose answer is lost may have", async () => {
    await api.order({ fault: "internal_error", match: { verb: "create" } });
    await assertRefused(create(client, jobOf("never")), 500, "InternalError");
    await assertRefused(client.batch.readNamespacedJob({ name: "never", namespace: NAMESPACE }), 404, "NotFound");
  });

  await test("the server can be away, with every connection cut, and comes back on its port", async () => {
    await api.order({ fault: "down", ms: 400 });
    await assert.rejects(raw(api, "GET", JOBS), { code: "ECONNREFUSED" });
    await until("it is back", async () => (await raw(api, "GET", JOBS).catch(() => ({}))).status === 200);
  });

  await test("what nobody knows is refused by name", async () => {
    await assert.rejects(api.order({ fault: "earthquake" }), /there is no fault "earthquake", only too_many_requests/);
    await assert.rejects(api.order({ fault: "slow", minutes: 1 }), /the fault slow has no "minutes", only count, match, ms/);
    await assert.rejects(api.order({ fault: "slow", match: { pod: "x" } }), /match has no key "pod"/);
    await assert.rejects(api.order({ fault: "evicted", at: "noon" }), /at of evicted is one of start, running/);
    await assert.rejects(api.order({ fault: "slow", count: 0 }), /-1 is always/);
  });
}

async function admission(api, client) {
  await test("a quota of Jobs is 403 at once", async () => {
    await api.order({ fault: "quota" });
    await assertRefused(create(client, jobOf("quota")), 403, "Forbidden", /^jobs\.batch "quota" is forbidden: exceeded quota: sandglass, requested: count\/jobs\.batch=1, used: /);
    await create(client, jobOf("quota"));
    await untilEnded(client, "quota");
  });

  await test("a quota of Pods lets the Job be made, and Events tell; the Job's next try may do", async () => {
    await api.order({ fault: "quota", requested: "requests.cpu=500m", match: { resource: "pods", name: "^cpu-quota-" } });
    await create(client, jobOf("cpu-quota"));
    const event = await until("an event", async () => (await eventsOf(client, "cpu-quota")).find(({ reason }) => reason === "FailedCreate"));
    assert.match(event.message, /^Error creating: pods "cpu-quota-\w+" is forbidden: exceeded quota: sandglass, requested: requests\.cpu=500m/);
    assert.deepEqual(await podsOf(client, "cpu-quota"), []);
    await untilEnded(client, "cpu-quota");
  });

  await test("a webhook's denial is 400 or what it says, with its name and text", async () => {
    await api.order({ fault: "admission", text: "no" });
    const bare = await raw(api, "POST", JOBS, { body: jobOf("denied") });
    assert.deepEqual([bare.status, bare.json.message, bare.json.reason], [400, 'admission webhook "policy.example.com" denied the request: no', undefined]);
    await api.order({ fault: "admission", webhook: "x.y", code: 403 });
    await assertRefused(create(client, jobOf("denied")), 403, "Forbidden", /^admission webhook "x\.y" denied the request: this image is not on the list$/);
  });

  await test("Pod Security and validation can be made to refuse", async () => {
    await api.order({ fault: "pod_security" });
    await create(client, jobOf("insecure"));
    await until("an event", async () => (await eventsOf(client, "insecure")).some(({ message }) => /violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false/.test(message)));
    await remove(client, "insecure");
    await api.order({ fault: "invalid" });
    const status = await assertRefused(create(client, jobOf("invalid")), 422, "Invalid", /containers\[0\]\.image: Invalid value: "": must not be empty/);
    assert.equal(status.details.causes[0].reason, "FieldValueInvalid");
  });
}

export default async function faults(api) {
  const client = clientOf(api);
  await requests(api, client);
  await admission(api, client);
}
