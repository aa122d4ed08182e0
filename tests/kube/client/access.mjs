// SPDX-License-Identifier: Apache-2.0
// Who may come in: every context of the kubeconfig, tokens and their rotation, certificates, rights.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "../../http/harness.mjs";
import { assertRefused, clientOf, create, jobOf, NAMESPACE, raw } from "./fixture.mjs";

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:sandglass`;
const bearer = (token) => ({ headers: { Authorization: `Bearer ${token}` } });

async function signingIn(api) {
  await test("the client gets in by every context of the kubeconfig", async () => {
    await api.forget();
    for (const context of ["certificate", "certificate-files", "token", "exec", "server-name"]) await clientOf(api, context).batch.listNamespacedJob({ namespace: NAMESPACE });
    const { requests } = await api.state();
    assert.deepEqual(requests.map(({ auth }) => auth), ["certificate", "certificate", "token", "token", "certificate"]);
    assert.deepEqual([requests[0].user, requests[2].user], ["kubernetes-admin", ACCOUNT]);
    assert.equal(readFileSync(join(api.dir, "credential-plugin.log"), "utf8").split("\n").length, 2); // it was asked once
  });

  await test("the account's folder has what a Pod would find", async () => {
    assert.equal(readFileSync(join(api.account, "namespace"), "utf8"), NAMESPACE);
    assert.equal(readFileSync(join(api.account, "ca.crt"), "utf8"), readFileSync(api.ca, "utf8"));
    assert.equal((await raw(api, "GET", JOBS, bearer(readFileSync(join(api.account, "token"), "utf8")))).status, 200);
  });

  await test("a client that does not know the authority does not trust the server", async () => {
    await assert.rejects(raw(api, "GET", "/version", { trust: false }), /certificate/);
  });

  await test("nobody is 403, a wrong token 401; the version is for everyone", async () => {
    const nobody = await raw(api, "GET", JOBS, { isSigned: false });
    assert.deepEqual([nobody.status, nobody.json.message], [403, `jobs.batch is forbidden: User "system:anonymous" cannot list resource "jobs" in API group "batch" in the namespace "${NAMESPACE}"`]);
    const wrong = await raw(api, "GET", JOBS, bearer("wrong"));
    assert.deepEqual([wrong.status, wrong.json.reason, wrong.json.message], [401, "Unauthorized", "Unauthorized"]);
    assert.equal((await raw(api, "GET", "/version", { isSigned: false })).status, 200);
    assert.equal((await raw(api, "GET", "/apis", { isSigned: false })).status, 403);
  });

  await test("after a rotation the old token is 401, and the new one is in its file", async () => {
    const old = readFileSync(api.token, "utf8");
    await api.order({ fault: "rotate_token" });
    assert.equal((await raw(api, "GET", JOBS, bearer(old))).status, 401);
    const fresh = readFileSync(api.token, "utf8");
    assert.notEqual(fresh, old);
    assert.equal((await raw(api, "GET", JOBS, bearer(fresh))).status, 200);
    const client = clientOf(api, "token");
    await assertRefused(client.batch.listNamespacedJob({ namespace: NAMESPACE }), 401, "Unauthorized");
  });
}

async function rights(api) {
  const token = readFileSync(api.token, "utf8");
  const review = async (resourceAttributes) => {
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes: { namespace: NAMESPACE, ...resourceAttributes } } };
    const answer = await raw(api, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { body, ...bearer(token) });
    assert.equal(answer.status, 201, answer.text);
    return answer.json.status.allowed;
  };
  const rules = [
    { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get"] },
    { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list", "watch"] },
  ];

  await test("the account may do what its rules say, and a review says the same", async () => {
    await api.rules(rules);
    assert.deepEqual(await Promise.all([review({ verb: "create", group: "batch", resource: "jobs" }), review({ verb: "delete", group: "batch", resource: "jobs" }), review({ verb: "get", resource: "pods", subresource: "log" }), review({ verb: "create", resource: "pods", subresource: "attach" })]), [true, false, true, false]);
    assert.equal((await raw(api, "POST", JOBS, { body: jobOf("allowed"), ...bearer(token) })).status, 201);
    const denied = await raw(api, "DELETE", `${JOBS}/allowed`, bearer(token));
    assert.deepEqual([denied.status, denied.json.reason], [403, "Forbidden"]);
    assert.equal(denied.json.message, `jobs.batch "allowed" is forbidden: User "${ACCOUNT}" cannot delete resource "jobs" in API group "batch" in the namespace "${NAMESPACE}"`);
    assert.equal((await raw(api, "GET", `/api/v1/namespaces/${NAMESPACE}/pods?watch=1&timeoutSeconds=1`, bearer(token))).status, 200);
    assert.match((await raw(api, "GET", `/api/v1/namespaces/${NAMESPACE}`, bearer(token))).json.message, /cannot get resource "namespaces"/);
  });

  await test("the administrator may do everything meanwhile", async () => {
    const client = clientOf(api);
    const made = await client.access.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { verb: "delete", group: "batch", resource: "jobs" } } } });
    assert.equal(made.status.allowed, true);
    await create(client, jobOf("by-administrator"));
  });

  await test("null gives all rights back; what is no rule is refused", async () => {
    await api.rules(null);
    assert.equal((await raw(api, "DELETE", `${JOBS}/allowed?propagationPolicy=Background`, bearer(token))).status, 200);
    await assert.rejects(api.rules([{ verbs: ["get"] }]), /apiGroups, resources and verbs/);
  });
}

export default async function access(api) {
  await signingIn(api);
  await rights(api);
}
