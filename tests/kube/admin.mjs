// SPDX-License-Identifier: Apache-2.0
// The door for tests: plain HTTP on the loopback, where faults are ordered and where one reads what
// the clients did. The head of server.mjs describes it.
import http from "node:http";

const BODY_BYTES_MAX = 65536;

async function readJson(request) {
  let text = "";
  for await (const part of request) {
    text += part;
    if (text.length > BODY_BYTES_MAX) throw new Error("the body is too large");
  }
  const body = JSON.parse(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Error("an object is expected");
  return body;
}

function stateOf(cluster) {
  const { api, faults, kubelet, store, streams, watches, connections } = cluster;
  const open = [...watches.open].map(({ target, query, subject }) => ({ resource: target.resource.plural, namespace: target.namespace, labelSelector: query.get("labelSelector") ?? "", user: subject.user }));
  return { revision: store.revision, requests: api.seen, watches: { open, opened: watches.opened }, streams: streams.open, connections, faults: faults.list, pids: kubelet.pids };
}

function order(cluster, listener, body) {
  const fault = cluster.faults.add(body);
  if (fault.stage === "watch") cluster.watches.strike();
  if (fault.stage !== "server") return fault;
  cluster.faults.remove(fault); // it strikes now, and only now
  if (fault.fault === "down") listener.pause(fault.ms);
  else if (fault.fault === "rotate_token") cluster.access.rotate();
  else cluster.store.compact();
  return fault;
}

function setRules(cluster, { rules }) {
  if (rules !== null && !Array.isArray(rules)) throw new Error('"rules" is a list of RBAC rules, or null for everything');
  const isRule = (rule) => ["apiGroups", "resources", "verbs"].every((key) => Array.isArray(rule[key]));
  if (rules && !rules.every(isRule)) throw new Error("a rule has apiGroups, resources and verbs, each a list");
  cluster.access.rules = rules ?? [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  return { rules: cluster.access.rules };
}

/** The server; LISTENER is that of the API, which can be paused. */
export function createAdmin(cluster, listener) {
  const routes = {
    "GET /state": () => stateOf(cluster),
    "DELETE /state": () => {
      cluster.api.forget();
      cluster.watches.opened = 0;
      cluster.connections.opened = 0;
      return {};
    },
    "POST /faults": async (request) => order(cluster, listener, await readJson(request)),
    "GET /faults": () => cluster.faults.list,
    "DELETE /faults": () => (cluster.faults.clear(), {}),
    "POST /rules": async (request) => setRules(cluster, await readJson(request)),
  };
  return http.createServer(async (request, response) => {
    const path = request.url === "/" ? "/faults" : request.url;
    const route = routes[`${request.method} ${path}`];
    let answer = { error: `there is no ${request.method} ${path}, only ${Object.keys(routes).join(", ")}` };
    let code = route ? 200 : 404;
    try {
      if (route) answer = await route(request);
    } catch (error) {
      answer = { error: error.message };
      code = 400;
    }
    response.writeHead(code, { "Content-Type": "application/json" });
    response.end(`${JSON.stringify(answer)}\n`);
  });
}
