// SPDX-License-Identifier: Apache-2.0
// Mishaps that a test orders: the table of them with their parameters and defaults, and which one
// strikes now. The head of server.mjs describes each.
const POINTS = ["start", "running"];

// stage: where it strikes. parameters: name to default; undefined is "none", a list is a choice whose first is the default.
export const table = {
  too_many_requests: { stage: "request", parameters: { retry_after_s: 1 } },
  internal_error: { stage: "request", parameters: { message: "etcdserver: leader changed" } },
  unavailable: { stage: "request", parameters: { retry_after_s: undefined } },
  unauthorized: { stage: "request", parameters: {} },
  forbidden: { stage: "request", parameters: {} },
  gone: { stage: "request", parameters: {} },
  reset: { stage: "request", parameters: {} },
  slow: { stage: "request", parameters: { ms: 1000 } },

  quota: { stage: "admission", verb: "create", resource: "jobs", parameters: { quota: "sandglass", requested: "count/jobs.batch=1", used: "count/jobs.batch=10", limited: "count/jobs.batch=10" } },
  admission: { stage: "admission", verb: "create", resource: "jobs", parameters: { webhook: "policy.example.com", text: "this image is not on the list", code: 400 } },
  pod_security: { stage: "admission", verb: "create", resource: "pods", parameters: { container: "runner" } },
  invalid: { stage: "admission", verb: "create", resource: "jobs", parameters: { field: "spec.template.spec.containers[0].image", value: "", detail: "must not be empty" } },

  watch_reset: { stage: "watch", parameters: { after_events: 0 } },
  watch_end: { stage: "watch", parameters: { after_events: 0 } },
  watch_gone: { stage: "watch", parameters: { after_events: 0 } },
  watch_stall: { stage: "watch", parameters: { after_events: 0 } },
  watch_list_off: { stage: "watch-list", parameters: {} },

  unschedulable: { stage: "pod", parameters: { then_ms: undefined, message: "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod." } },
  slow_pull: { stage: "pod", parameters: { ms: 2000 } },
  image_pull: { stage: "pod", parameters: { attempts: undefined, back_off_ms: 300, message: undefined } },
  invalid_image_name: { stage: "pod", parameters: {} },
  config_error: { stage: "pod", parameters: { message: 'secret "credentials" not found' } },
  mount_failed: { stage: "pod", parameters: { ms: undefined } },
  start_error: { stage: "pod", parameters: { message: 'exec: "/app": stat /app: no such file or directory' } },
  unseen_run: { stage: "pod", parameters: {} },
  evicted: { stage: "pod", parameters: { at: POINTS, after_ms: 0, message: undefined } },
  preempted: { stage: "pod", parameters: { at: POINTS, after_ms: 0 } },
  node_lost: { stage: "pod", parameters: { at: POINTS, after_ms: 0, gone_ms: 1000 } },
  node_silent: { stage: "pod", parameters: { at: POINTS, after_ms: 0 } },
  pod_deleted: { stage: "pod", parameters: { at: POINTS, after_ms: 0 } },
  oom: { stage: "pod", parameters: { after_ms: 0 } },

  log_truncated: { stage: "log", parameters: { bytes: 100 } },
  log_cut: { stage: "log", parameters: { bytes: 0 } },
  log_reset: { stage: "log", parameters: { bytes: 0 } },
  log_gone: { stage: "log", parameters: {} },

  stream_refused: { stage: "stream", parameters: { code: 500, message: "unable to upgrade connection: container not found" } },
  stream_reset: { stage: "stream", parameters: { after_ms: 0 } },
  no_status: { stage: "stream", parameters: {} },
  v4_only: { stage: "stream", parameters: {} },

  down: { stage: "server", parameters: { ms: 1000 } },
  rotate_token: { stage: "server", parameters: {} },
  compact: { stage: "server", parameters: {} },
};

const MATCHES = ["verb", "resource", "subresource", "name", "namespace", "user"];

const defaultOf = (value) => (Array.isArray(value) ? value[0] : value);

function readMatch(match, { verb, resource }) {
  for (const key of Object.keys(match)) if (!MATCHES.includes(key)) throw new Error(`match has no key "${key}", only ${MATCHES.join(", ")}`);
  const all = { ...(verb && { verb }), ...(resource && { resource }), ...match };
  return Object.fromEntries(Object.entries(all).map(([key, text]) => [key, key === "name" ? new RegExp(text) : text]));
}

/** What a test sent, checked; throws an Error that says what is wrong. */
function readFault({ fault: name, count = 1, match = {}, ...given }) {
  if (!Object.hasOwn(table, name ?? "")) throw new Error(`there is no fault "${name}", only ${Object.keys(table).join(", ")}`);
  const { parameters, ...entry } = table[name];
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(parameters, key)) throw new Error(`the fault ${name} has no "${key}", only ${["count", "match", ...Object.keys(parameters)].join(", ")}`);
    const expected = parameters[key];
    if (Array.isArray(expected) && !expected.includes(value)) throw new Error(`${key} of ${name} is one of ${expected.join(", ")}`);
    if (typeof expected === "number" && typeof value !== "number") throw new Error(`${key} of ${name} is a number`);
  }
  if (!Number.isInteger(count) || count < -1 || count === 0) throw new Error("count is how often it strikes; -1 is always");
  const values = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, given[key] ?? defaultOf(value)]));
  return { fault: name, stage: entry.stage, count, match: readMatch(match, entry), struck: 0, ...values };
}

const matches = ({ match }, subject) => Object.entries(match).every(([key, wanted]) => (wanted instanceof RegExp ? wanted.test(subject[key] ?? "") : wanted === subject[key]));

export class Faults {
  all = [];
  #next = 1;

  add(body) {
    const fault = { id: this.#next++, ...readFault(body) };
    this.all.push(fault);
    return fault;
  }

  remove(fault) {
    this.all = this.all.filter((one) => one !== fault);
  }

  clear() {
    this.all = [];
  }

  /** The first fault of NAMES (a list, or a stage) that is meant for SUBJECT; it is not used up. */
  find(names, subject) {
    const isWanted = (fault) => (Array.isArray(names) ? names.includes(fault.fault) : fault.stage === names);
    return this.all.find((fault) => fault.count !== 0 && isWanted(fault) && matches(fault, subject));
  }

  use(fault) {
    fault.struck += 1;
    if (fault.count > 0) fault.count -= 1;
    return fault;
  }

  take(names, subject) {
    const fault = this.find(names, subject);
    return fault && this.use(fault);
  }

  /** For a test to read. */
  get list() {
    return this.all.map(({ match, ...fault }) => ({ ...fault, match: Object.fromEntries(Object.entries(match).map(([key, value]) => [key, value instanceof RegExp ? value.source : value])) }));
  }
}
