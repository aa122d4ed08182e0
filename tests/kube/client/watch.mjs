// SPDX-License-Identifier: Apache-2.0
// Watches: what they tell, in which order, how they end, and that the official Informer gets over
// all of it.
import * as k8s from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Skip, test, until } from "../../http/harness.mjs";
import { clientOf, create, jobOf, NAMESPACE, raw, remove, untilEnded, watchRaw } from "./fixture.mjs";

const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

const put = (client, name, labels = {}, data = {}) => client.core.createNamespacedConfigMap({ namespace: NAMESPACE, body: { metadata: { name, labels }, data } });
const change = (api, name, body) => raw(api, "PATCH", `${MAPS}/${name}`, { body, headers: { "Content-Type": "application/merge-patch+json" } });
const drop = (client, name) => client.core.deleteNamespacedConfigMap({ name, namespace: NAMESPACE });
const revision = async (client) => (await client.core.listNamespacedConfigMap({ namespace: NAMESPACE })).metadata.resourceVersion;
const said = (events) => events.filter(({ type }) => type !== "BOOKMARK").map(({ type, object }) => `${type} ${object.metadata?.name ?? object.code}`);
const increases = (events) => events.every(({ object }, index) => index === 0 || Number(object.metadata.resourceVersion) >= Number(events[index - 1].object.metadata.resourceVersion));

/** An Informer of the ConfigMaps with LABELS; `log` has what it heard, `names()` what it holds. */
async function informerOf(client, labels) {
  const list = () => client.core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector: labels });
  const informer = k8s.makeInformer(client.config, MAPS, list, labels);
  const log = [];
  for (const verb of ["add", "update", "delete"]) informer.on(verb, ({ metadata }) => log.push(`${verb} ${metadata.name}`));
  let connects = 0;
  informer.on("connect", () => (connects += 1));
  let isStopped = false;
  informer.on("error", (error) => {
    if (isStopped) return; // it tells its own stop, too
    log.push(`error ${error.code ?? error.message}`);
    setTimeout(() => isStopped || void informer.start(), 20);
  });
  await informer.start();
  return { log, stop: () => ((isStopped = true), informer.stop()), names: () => informer.list().map(({ metadata }) => metadata.name).sort(), connects: () => connects };
}

async function telling(api, client) {
  await test("an Informer sees a Pod from Pending through Running to Succeeded", async () => {
    const list = () => client.core.listNamespacedPod({ namespace: NAMESPACE, labelSelector: "app=life" });
    const informer = k8s.makeInformer(client.config, PODS, list, "app=life");
    const seen = [];
    const note = ({ status }) => seen.push([status.phase, ...Object.keys(status.containerStatuses?.[0]?.state ?? {}).filter((key) => status.containerStatuses[0].state[key])].join(" "));
    for (const verb of ["add", "update"]) informer.on(verb, note);
    let isDeleted = false;
    informer.on("delete", () => (isDeleted = true));
    await informer.start();
    await create(client, jobOf("life"));
    await until("it has succeeded", () => seen.includes("Succeeded terminated"));
    assert.deepEqual(seen.filter((one, index) => one !== seen[index - 1]), ["Pending", "Pending waiting", "Running running", "Succeeded terminated"]);
    await remove(client, "life");
    await until("it is deleted", () => isDeleted);
    await informer.stop();
  });

  await test("a watch tells what came after its revision, and no more", async () => {
    await put(client, "w1");
    const since = await revision(client);
    await put(client, "w2");
    await change(api, "w2", { data: { a: "b" } });
    await drop(client, "w1");
    const { events } = await watchRaw(api, `${MAPS}?watch=1&resourceVersion=${since}&timeoutSeconds=1`);
    assert.deepEqual(said(events), ["ADDED w2", "MODIFIED w2", "DELETED w1"]);
    assert.ok(increases(events));
    assert.deepEqual([events[0].object.kind, events[0].object.apiVersion], ["ConfigMap", "v1"]);
  });

  await test("a watch without a revision begins with what is there", async () => {
    const { events } = await watchRaw(api, `${MAPS}?watch=true&timeoutSeconds=1`);
    assert.deepEqual(said(events), ["ADDED kube-root-ca.crt", "ADDED w2"]);
  });

  await test("what comes into a selector's view is ADDED, what leaves it DELETED", async () => {
    const since = await revision(client);
    await put(client, "s1", { on: "no" });
    await change(api, "s1", { metadata: { labels: { on: "yes" } } });
    await change(api, "s1", { data: { a: "b" } });
    await change(api, "s1", { metadata: { labels: { on: "no" } } });
    await drop(client, "s1");
    const { events } = await watchRaw(api, `${MAPS}?watch=1&resourceVersion=${since}&timeoutSeconds=1&labelSelector=on%3Dyes`);
    assert.deepEqual(said(events), ["ADDED s1", "MODIFIED s1", "DELETED s1"]);
  });

  await test("one object is watched by its name", async () => {
    const { events } = await watchRaw(api, `${MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dw2`);
    assert.deepEqual(said(events), ["ADDED w2"]);
  });

  await test("bookmarks come only to who asks for them, with the kind and a revision", async () => {
    const since = await revision(client);
    assert.deepEqual((await watchRaw(api, `${MAPS}?watch=1&resourceVersion=${since}&timeoutSeconds=1`)).events, []);
    const { events } = await watchRaw(api, `${PODS}?watch=1&resourceVersion=${since}&timeoutSeconds=1&allowWatchBookmarks=true`);
    assert.ok(events.length >= 2 && events.every(({ type, object }) => type === "BOOKMARK" && object.kind === "Pod" && Number(object.metadata.resourceVersion) >= Number(since)));
  });

  await test("initial events end with an annotated bookmark", async () => {
    const query = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true&timeoutSeconds=1";
    const { events } = await watchRaw(api, `${MAPS}?${query}&resourceVersionMatch=NotOlderThan`);
    const end = events.findIndex(({ object }) => object.metadata.annotations?.["k8s.io/initial-events-end"] === "true");
    assert.deepEqual(said(events.slice(0, end)), ["ADDED kube-root-ca.crt", "ADDED w2"]);
    assert.equal(events[end].type, "BOOKMARK");
    const without = await watchRaw(api, `${MAPS}?${query}`);
    assert.deepEqual([without.status, /requires setting resourceVersionMatch/.test(without.text)], [422, true]);
    await api.order({ fault: "watch_list_off" });
    assert.match((await watchRaw(api, `${MAPS}?${query}&resourceVersionMatch=NotOlderThan`)).text, /WatchList feature gate/);
  });

  await test("a watch ends when its time is up, without an error", async () => {
    const start = performance.now();
    const { status, events } = await watchRaw(api, `${MAPS}?watch=1&resourceVersion=${await revision(client)}&timeoutSeconds=1`);
    assert.deepEqual([status, events], [200, []]);
    assert.ok(performance.now() - start >= 900);
  });
}

async function mishaps(api, client) {
  await api.clear();
  const countOpen = async (of) => (await api.state()).watches.open.filter(({ labelSelector }) => labelSelector === `of=${of}`).length;

  // An Informer that is stopped between two watches would open the second, and take a later test's mishap.
  const stop = async (informer, of) => {
    await until("the watch is open", async () => (await countOpen(of)) === 1);
    await informer.stop();
    await until("no watch is left", async () => (await countOpen(of)) === 0);
  };

  await test("a forgotten revision is 410, as an ERROR event in a stream of status 200", async () => {
    const since = await revision(client);
    await put(client, "g1");
    await api.order({ fault: "compact" });
    const { status, events } = await watchRaw(api, `${MAPS}?watch=1&resourceVersion=${since}&timeoutSeconds=5`);
    assert.equal(status, 200);
    assert.deepEqual(events.map(({ type, object }) => [type, object.kind, object.code, object.reason]), [["ERROR", "Status", 410, "Expired"]]);
    assert.match(events[0].object.message, /^too old resource version: \d+ \(\d+\)$/);
    await drop(client, "g1");
  });

  // Each is done to an Informer while things change; it must end up with the truth.
  const survive = (fault, sentence) =>
    test(sentence, async () => {
      const kind = `${fault.fault}-${fault.after_events ?? 0}`;
      const informer = await informerOf(client, `of=${kind}`);
      const labels = { of: kind };
      const name = (number) => `${kind.replaceAll("_", "-")}-${number}`;
      await put(client, name(1), labels);
      await until("it is heard of", () => informer.names().length === 1);
      await until("the watch is open", async () => (await countOpen(kind)) === 1);
      await api.order({ match: { resource: "configmaps" }, ...fault });
      await put(client, name(2), labels);
      await drop(client, name(1));
      await put(client, name(3), labels);
      await until(`it knows the truth: ${informer.log}`, () => informer.names().join() === [name(2), name(3)].join());
      assert.ok(informer.connects() > 1);
      assert.deepEqual((await api.faults()).map(({ count, struck }) => [count, struck]), [[0, 1]]);
      await api.clear();
      await stop(informer, kind);
    });
  await survive({ fault: "watch_reset" }, "an Informer gets over a connection reset in mid-watch");
  await survive({ fault: "watch_end" }, "an Informer gets over a watch that ends");
  await survive({ fault: "watch_gone" }, "an Informer gets over an ERROR event 410: it lists anew");
  await survive({ fault: "watch_gone", after_events: 2 }, "an Informer gets over a 410 after some events");

  await test("an Informer gets over the HTTP status 410", async () => {
    const informer = await informerOf(client, "of=status");
    await until("the watch is open", async () => (await countOpen("status")) === 1);
    await api.order({ fault: "gone", match: { verb: "watch" } });
    await api.order({ fault: "watch_end" });
    await put(client, "status-1", { of: "status" });
    await until("it knows the truth", () => informer.names().join() === "status-1");
    assert.equal((await api.state()).requests.filter(({ verb, status }) => verb === "watch" && status === 410).length, 1);
    await api.clear();
    await stop(informer, "status");
  });

  await test("a stalled watch stays open and says nothing", async () => {
    const since = await revision(client);
    await api.order({ fault: "watch_stall" });
    const watching = watchRaw(api, `${MAPS}?watch=1&resourceVersion=${since}&timeoutSeconds=1`);
    await sleep(200);
    await put(client, "stalled");
    const { status, events } = await watching;
    assert.deepEqual([status, events], [200, []]);
    await api.clear();
  });

  await test("the state says which watches are open and which were opened", async () => {
    await api.forget();
    const informer = await informerOf(client, "of=state");
    const { watches, requests } = await until("one is open", async () => ((state) => state.watches.open.length === 1 && state)(await api.state()));
    assert.deepEqual(watches, { open: [{ resource: "configmaps", namespace: NAMESPACE, labelSelector: "of=state", user: "kubernetes-admin" }], opened: 1 });
    assert.deepEqual(requests.map(({ verb, resource, auth }) => [verb, resource, auth]), [["list", "configmaps", "certificate"], ["watch", "configmaps", "certificate"]]);
    await stop(informer, "state");
  });
}

export default async function watch(api) {
  if (!AbortSignal.any) {
    await test("the client's watches can be tried", () => Promise.reject(new Skip("its version needs Node 20.3")));
    return;
  }
  const client = clientOf(api);
  await telling(api, client);
  await mishaps(api, client);
  await create(client, jobOf("last"));
  await untilEnded(client, "last");
}
