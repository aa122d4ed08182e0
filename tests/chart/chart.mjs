#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The chart: what it renders in every scenario of chart/ci, by the reference and by the program, held
// to Kubernetes' own definitions, to the restricted Pod Security Standard, to the Role of
// docs/kubernetes.md, and to itself: names that refer to each other, values and what uses them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Skip, app, endAll, root, tap, test } from "../http/harness.mjs";
import { Schema } from "../kube/schema.mjs";
import { violations } from "./podsecurity.mjs";
import { Ajv, NAMESPACE, RELEASE, chart, defaults, documents, manifests, merged, objects, ofKind, parse, pods, read, render, renderHelm, scenarios, templates, valuesOf } from "./scenarios.mjs";
import { readmeAnew, rows } from "./values.mjs";

const definitions = process.env.KUBE_SCHEMA ?? join(root, "../shared/kubernetes/openapi-definitions.json");
const inTemplates = templates.filter((path) => path.endsWith(".yaml"));

const eachScenario = (look) => scenarios.forEach((scenario) => look(scenario, `in the scenario ${scenario.name}`));
const one = (scenario, kind) => ofKind(scenario, kind)[0];
const scenario = (name) => scenarios.find((each) => each.name === name);
const isSeparate = (each) => valuesOf(each).ui.separate;
const matches = (labels, selector) => Object.entries(selector).every(([key, value]) => labels?.[key] === value);
const environment = (each) => one(each, "ConfigMap").data;

// ---- Two engines, one result

// The token is another in each rendering, where it is made there.
function sorted(list) {
  const known = structuredClone(list);
  for (const object of known) if (object.kind === "Secret" && object.data.token) object.data.token = `of ${object.data.token.length} characters`;
  return known.sort((a, b) => `${a.kind} ${a.metadata.name}`.localeCompare(`${b.kind} ${b.metadata.name}`));
}

for (const each of scenarios) {
  await test(`app render-helm renders the scenario ${each.name} as the reference does`, () => {
    const answer = renderHelm([each.file]);
    assert.equal(answer.error, undefined);
    assert.deepEqual(sorted(documents(answer.text)), sorted(objects(each)));
  });
}

// ---- Templates

await test("at most 20 templates make a resource each; helpers are for names and labels", () => {
  assert.ok(inTemplates.length <= 20, `${inTemplates.length} templates`);
  assert.deepEqual(templates.filter((path) => !path.endsWith(".yaml")), ["templates/NOTES.txt", "templates/_helpers.tpl"]);
  eachScenario((each, where) => {
    const paths = manifests(each).map(({ path }) => path);
    assert.equal(new Set(paths).size, paths.length, `two resources of one template ${where}`);
  });
  const known = /(Name|name|Namespace|image|Labels|labels)"/;
  for (const [define] of read("templates/_helpers.tpl").matchAll(/define "[^"]*"/g)) assert.match(define, known);
});

await test("every template makes its resource in one of the scenarios, under a name of its own", () => {
  const made = new Set(scenarios.flatMap((each) => manifests(each).map(({ path }) => path)));
  assert.deepEqual(inTemplates.filter((path) => !made.has(path)), []);
  eachScenario((each, where) => {
    const names = objects(each).map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
    assert.equal(new Set(names).size, names.length, where);
  });
});

await test("every manifest holds against Kubernetes' definitions, unknown fields being errors", () => {
  if (!existsSync(definitions)) throw new Skip(`there is no ${definitions}`);
  const schema = new Schema(definitions);
  let checked = 0;
  eachScenario((each, where) => {
    for (const object of objects(each)) {
      if (object.kind === "ServiceMonitor") continue; // a custom resource, which has no definition there
      const [version, group = ""] = object.apiVersion.split("/").reverse();
      const missing = schema.check(object, group, version, object.kind);
      assert.deepEqual(missing, [], `${object.kind} ${object.metadata.name} ${where}`);
      checked += 1;
    }
  });
  assert.ok(checked > 10 * scenarios.length, `only ${checked} were checked`);
});

await test("every object has the labels that Kubernetes recommends, and none in a selector that an upgrade changes", () => {
  eachScenario((each, where) => {
    for (const { kind, metadata, spec } of objects(each)) {
      for (const key of ["name", "instance", "version", "part-of", "managed-by"]) assert.ok(metadata.labels[`app.kubernetes.io/${key}`], `${kind} ${where}: ${key}`);
      for (const key of Object.keys(spec?.selector?.matchLabels ?? {})) assert.doesNotMatch(key, /version|chart/, `${kind} ${where}`);
    }
  });
});

// ---- Safety

await test("every Pod satisfies the restricted Pod Security Standard", () => {
  eachScenario((each, where) => {
    assert.ok(pods(each).length >= 2);
    for (const pod of pods(each)) assert.deepEqual(violations(pod), [], `${pod.owner.kind} ${pod.owner.metadata.name} ${where}`);
  });
});

await test("a Pod that breaks the standard is found out, whatever it breaks", () => {
  const container = { name: "c", securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } } };
  const found = (spec, own) => violations({ spec: { containers: [{ ...container, ...own }], ...spec } });
  const secured = (over) => ({ securityContext: { ...container.securityContext, ...over } });
  assert.deepEqual(found({}, {}), []);
  assert.deepEqual(found({ hostPID: true }, {}), ["hostPID is set"]);
  assert.deepEqual(found({ volumes: [{ name: "v", hostPath: { path: "/" } }] }, {}), ["the volume v is a hostPath"]);
  for (const over of [{ privileged: true }, { allowPrivilegeEscalation: undefined }, { capabilities: {} }, { capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } }, { runAsNonRoot: undefined }, { runAsUser: 0 }, { seccompProfile: undefined }, { procMount: "Unmasked" }])
    assert.equal(found({}, secured(over)).length, 1, JSON.stringify(over));
  assert.equal(found({}, { ports: [{ containerPort: 1, hostPort: 1 }] }).length, 1);
});

await test("every container has a read-only root, a memory limit, and no service links", () => {
  eachScenario((each, where) => {
    for (const { owner, spec } of pods(each)) {
      assert.equal(spec.enableServiceLinks, false, where);
      for (const container of spec.containers) {
        assert.equal(container.securityContext.readOnlyRootFilesystem, true, `${owner.metadata.name} ${where}`);
        assert.ok(container.resources.limits.memory, `${owner.metadata.name} ${where}`);
      }
    }
  });
});

await test("the quota that the chart makes lets its own Pods in, as it names nothing that they leave out", () => {
  const named = Object.keys(defaults.resourceQuota.hard).filter((key) => /^(requests|limits)\./.test(key));
  assert.ok(named.length > 0);
  eachScenario((each, where) => {
    for (const { owner, spec } of pods(each)) {
      for (const [kind, resource] of named.map((key) => key.split("."))) assert.ok(spec.containers[0].resources[kind][resource], `${owner.metadata.name} ${where}: ${kind}.${resource}`);
    }
  });
});

// The Role as docs/kubernetes.md gives it, without what the scenario does not need.
function documentedRules(each) {
  const page = readFileSync(join(root, "docs/kubernetes.md"), "utf8");
  const role = parse(/```yaml\n([^`]*kind: Role\n[^`]*)```/.exec(page)[1]);
  const values = valuesOf(each);
  const isOwner = (values.runner.namespace.name || NAMESPACE) === NAMESPACE;
  return role.rules.flatMap((rule) => {
    if (rule.resources[0] === "pods/attach" && values.runner.pool === 0) return [];
    if (rule.resources[0] === "deployments") return isOwner ? [{ ...rule, resourceNames: [environment(each).KUBE_OWNER] }] : [];
    if (rule.resources[0] === "roles") return isOwner ? [] : [{ ...rule, resourceNames: [environment(each).KUBE_OWNER.slice("role/".length)] }];
    return [rule];
  });
}

await test("the Role has exactly the rights that docs/kubernetes.md lists, and is only there with Pods as sandboxes", () => {
  eachScenario((each, where) => {
    const values = valuesOf(each);
    const isThere = values.executionMode === "k8s" && values.rbac.create;
    assert.equal(ofKind(each, "Role").length, isThere ? 1 : 0, where);
    assert.equal(ofKind(each, "RoleBinding").length, isThere ? 1 : 0, where);
    assert.equal(ofKind(each, "ClusterRole").length + ofKind(each, "ClusterRoleBinding").length, 0, where);
    if (!isThere) return;
    assert.deepEqual(one(each, "Role").rules, documentedRules(each), where);
    const { metadata, roleRef, subjects } = one(each, "RoleBinding");
    assert.equal(roleRef.name, one(each, "Role").metadata.name);
    assert.equal(metadata.namespace, environment(each).KUBE_NAMESPACE, where);
    assert.equal(metadata.namespace, one(each, "Role").metadata.namespace, where);
    const server = pods(each).find(({ spec }) => spec.containers[0].name === "server");
    assert.deepEqual(subjects, [{ kind: "ServiceAccount", name: server.spec.serviceAccountName, namespace: NAMESPACE }], where);
  });
});

await test("what owns the Jobs is made in their namespace, so that they go with the release", () => {
  let owned = 0;
  eachScenario((each, where) => {
    const { KUBE_OWNER: owner, KUBE_NAMESPACE: namespace } = environment(each);
    if (!owner) return;
    const [kind, name] = owner.startsWith("role/") ? ["Role", owner.slice(5)] : ["Deployment", owner];
    assert.ok(ofKind(each, kind).some(({ metadata }) => metadata.name === name && metadata.namespace === namespace), where);
    owned += 1;
  });
  assert.ok(owned > 5);
});

await test("only a server whose sandboxes are Pods gets a token of the cluster", () => {
  eachScenario((each, where) => {
    for (const { owner, spec } of pods(each)) {
      const wants = spec.containers[0].name === "server" && valuesOf(each).executionMode === "k8s";
      assert.equal(spec.automountServiceAccountToken, wants, `${owner.metadata.name} ${where}`);
    }
    for (const account of ofKind(each, "ServiceAccount")) assert.equal(account.automountServiceAccountToken, false);
  });
});

await test("nothing comes into the runner's Pods and nothing goes out of them", () => {
  eachScenario((each, where) => {
    const values = valuesOf(each);
    const policies = ofKind(each, "NetworkPolicy").filter(({ spec }) => spec.podSelector.matchLabels["app.kubernetes.io/name"] === "sandglass-runner");
    assert.equal(policies.length, values.networkPolicy.enabled && values.executionMode === "k8s" ? 1 : 0, where);
    for (const { metadata, spec } of policies) {
      assert.equal(metadata.namespace, environment(each).KUBE_NAMESPACE, where);
      assert.deepEqual(spec, { podSelector: { matchLabels: { "app.kubernetes.io/name": "sandglass-runner" } }, policyTypes: ["Ingress", "Egress"] });
    }
  });
  const label = /APP_NAME "([^"]*)"/.exec(readFileSync(join(root, "src/sandbox/kube_job.c"), "utf8"));
  assert.equal(label?.[1], "sandglass-runner", "the label that the program gives its Pods");
});

await test("there is no default password: a token is random, given, or in a Secret of somebody else's", () => {
  const token = (sets) => documents(render([], sets).templates["templates/secret.yaml"])[0].data.token;
  const made = [token([]), token([])].map((text) => Buffer.from(text, "base64").toString());
  made.forEach((text) => assert.match(text, /^[A-Za-z0-9]{40}$/));
  assert.notEqual(made[0], made[1]);
  assert.equal(Buffer.from(token(["auth.token=chosen"]), "base64").toString(), "chosen");
  assert.equal(one(scenario("existing-secret"), "Secret"), undefined);
});

// ---- The parts know each other

await test("every Service leads to the Pods of exactly one Deployment, and the users' one to the UI where it is separate", () => {
  eachScenario((each, where) => {
    for (const { metadata, spec } of ofKind(each, "Service")) {
      const found = pods(each).filter((pod) => matches(pod.metadata.labels, spec.selector));
      assert.equal(found.length, 1, `${metadata.name} ${where}`);
      assert.ok(found[0].spec.containers[0].ports.some(({ name }) => name === spec.ports[0].targetPort), where);
    }
    const [{ spec: users }] = ofKind(each, "Service").filter(({ metadata }) => !metadata.name.endsWith("-server"));
    assert.equal(users.selector["app.kubernetes.io/component"], isSeparate(each) ? "ui" : "server", where);
    const backend = one(each, "Ingress")?.spec.rules[0].http.paths[0].backend.service;
    if (backend) assert.ok(ofKind(each, "Service").some(({ metadata, spec }) => metadata.name === backend.name && spec.ports[0].name === backend.port.name), where);
  });
});

await test("a separate UI asks the server's Service and holds no secret, no state and no rights", () => {
  const each = scenario("ui-separate");
  const ui = pods(each).find(({ spec }) => spec.containers[0].name === "ui").spec;
  const [{ metadata, spec }] = ofKind(each, "Service").filter((service) => service.metadata.name.endsWith("-server"));
  const upstream = ui.containers[0].env.find(({ name }) => name === "UPSTREAM_URL").value;
  assert.equal(upstream, `http://${metadata.name}:${spec.ports[0].port}`);
  assert.deepEqual(ui.volumes, [{ name: "tmp", emptyDir: {} }]);
  assert.equal(ui.serviceAccountName, undefined);
});

await test("a cluster that is older gets no field that it does not know", () => {
  const container = (version) => documents(render([], ["ui.separate=true"], version).templates["templates/ui-deployment.yaml"])[0].spec.template.spec.containers[0];
  assert.deepEqual(container("v1.30.0").lifecycle, { preStop: { sleep: { seconds: 3 } } });
  assert.equal(container("v1.29.9").lifecycle, undefined);
});

await test("one server runs at a time, whatever scales", () => {
  eachScenario((each, where) => {
    for (const { metadata, spec } of ofKind(each, "Deployment")) {
      if (metadata.labels["app.kubernetes.io/component"] !== "server") continue;
      assert.equal(spec.replicas, 1, where);
      assert.deepEqual(spec.strategy, { type: "Recreate" }, where);
    }
    const scaled = one(each, "HorizontalPodAutoscaler")?.spec.scaleTargetRef.name;
    if (scaled) assert.equal(ofKind(each, "Deployment").find(({ metadata }) => metadata.name === scaled).metadata.labels["app.kubernetes.io/component"], "ui");
  });
});

// What a Pod names, and whether it is made here or was to be there already.
function referred({ spec }) {
  const volumes = spec.volumes.flatMap(({ secret, configMap, persistentVolumeClaim: claim }) => [secret && `Secret ${secret.secretName}`, configMap && `ConfigMap ${configMap.name}`, claim && `PersistentVolumeClaim ${claim.claimName}`]);
  const variables = spec.containers.flatMap(({ env = [], envFrom = [] }) => [...env.map(({ valueFrom }) => valueFrom?.secretKeyRef && `Secret ${valueFrom.secretKeyRef.name}`), ...envFrom.map(({ configMapRef }) => `ConfigMap ${configMapRef.name}`)]);
  return [...volumes, ...variables, spec.serviceAccountName && `ServiceAccount ${spec.serviceAccountName}`].filter(Boolean);
}

await test("every Secret, ConfigMap, claim and account that a Pod names is made with it or was named in the values", () => {
  eachScenario((each, where) => {
    const made = new Set(objects(each).map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const given = JSON.stringify(each.values);
    for (const pod of pods(each)) {
      for (const name of referred(pod)) assert.ok(made.has(name) || given.includes(`"${name.split(" ")[1]}"`), `${name} ${where}`);
    }
  });
});

await test("a Pod that mounts a key of a made Secret finds it there", () => {
  eachScenario((each, where) => {
    const made = one(each, "Secret");
    if (!made) return;
    for (const { spec } of pods(each)) {
      const items = spec.volumes.filter(({ secret }) => secret?.secretName === made.metadata.name).flatMap(({ secret }) => secret.items.map(({ key }) => key));
      const keys = spec.containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef).filter((ref) => ref?.name === made.metadata.name).map(({ key }) => key));
      for (const key of [...items, ...keys]) assert.ok(made.data[key], `${key} ${where}`);
    }
  });
});

await test("a ServiceMonitor finds the server's Service alone and sends the token", () => {
  for (const name of ["metrics", "everything"]) {
    const { selector, endpoints } = one(scenario(name), "ServiceMonitor").spec;
    const found = ofKind(scenario(name), "Service").filter(({ metadata }) => matches(metadata.labels, selector.matchLabels));
    assert.equal(found.length, 1, name);
    assert.equal(found[0].spec.selector["app.kubernetes.io/component"], "server");
    assert.equal(endpoints[0].port, found[0].spec.ports[0].name);
    assert.equal(endpoints[0].authorization.credentials.name, one(scenario(name), "Secret").metadata.name);
  }
});

await test("every variable of the ConfigMap and of a container is a setting of the program", () => {
  const { stdout } = spawnSync(app, ["help", "--markdown"], { encoding: "utf8" });
  const known = new Set([...stdout.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name));
  assert.ok(known.size > 20);
  eachScenario((each, where) => {
    const ofContainers = pods(each).flatMap(({ spec }) => spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name)));
    const unknown = [...Object.keys(environment(each)), ...ofContainers].filter((name) => !known.has(name));
    assert.deepEqual(unknown, [], where);
    for (const [name, value] of Object.entries(environment(each))) assert.equal(typeof value, "string", `${name} ${where}`);
  });
});

await test("the program takes the settings that each scenario gives it", () => {
  eachScenario((each, where) => {
    // What a container is given by a Secret stands in no ConfigMap.
    const settings = { ...environment(each), LLM_API_KEY: "a-key", LISTEN: "127.0.0.1:0", EXECUTION_MODE: "local", STATE_PATH: "/proc/none" };
    const { stderr } = spawnSync(app, ["serve"], { encoding: "utf8", env: { PATH: process.env.PATH, ...settings }, timeout: 5000 });
    assert.match(stderr, /\/proc\/none/, `it read its settings, and stopped at the state folder ${where}`);
  });
});

await test("a changed setting or token restarts the server, and nothing else does", () => {
  const annotations = (sets) => documents(render([], sets).templates["templates/deployment.yaml"])[0].spec.template.metadata.annotations;
  const before = annotations([]);
  assert.deepEqual(annotations([]), before, "a rendering without a change");
  assert.deepEqual(annotations(["service.port=81"]), before);
  assert.notDeepEqual(annotations(["runner.maxRows=7"]), before);
  assert.notDeepEqual(annotations(["auth.token=another"]), before);
});

await test("the claim stays at uninstall", () => {
  assert.equal(one(scenario("default"), "PersistentVolumeClaim").metadata.annotations["helm.sh/resource-policy"], "keep");
  assert.equal(one(scenario("existing-claim"), "PersistentVolumeClaim"), undefined);
  assert.equal(one(scenario("ephemeral"), "PersistentVolumeClaim"), undefined);
});

// ---- Refusals

const refusals = [
  ["scaling the server, with the reason", ["autoscaling.enabled=true"], /autoscaling\.enabled needs ui\.separate=true.*SQLite/],
  ["a Docker Engine without an address", ["executionMode=docker"], /docker\.host is needed/],
  ["a runner namespace without a name", ["runner.namespace.create=true"], /runner\.namespace\.create needs a namespace that is not the release's/],
  ["to make the release's own namespace, which would go with it", ["runner.namespace.create=true", `runner.namespace.name=${NAMESPACE}`], /runner\.namespace\.create needs a namespace that is not the release's/],
];
for (const [what, sets, reason] of refusals) {
  await test(`the chart refuses ${what}`, () => {
    assert.match(render([], sets).error ?? "", reason);
    assert.match(renderHelm([], sets).error ?? "", reason);
  });
}

// ---- Values

const schema = JSON.parse(read("values.schema.json"));
const validate = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function* keysOf(map, path = []) {
  for (const [key, value] of Object.entries(map)) {
    yield { map, key, path };
    if (isMap(value) && !rows().some((row) => row.path === [...path, key].join("."))) yield* keysOf(value, [...path, key]);
  }
}

await test("the schema takes values.yaml and every scenario", () => {
  eachScenario((each, where) => assert.ok(validate(valuesOf(each)), `${where}: ${JSON.stringify(validate.errors)}`));
});

await test("the schema refuses a misspelt key by name, wherever it stands", () => {
  let tried = 0;
  for (const { key, path } of keysOf(defaults)) {
    const values = structuredClone(defaults);
    const holder = path.reduce((map, part) => map[part], values);
    holder[`${key}s`] = holder[key];
    assert.equal(validate(values), false, [...path, key].join("."));
    assert.ok(validate.errors.some(({ keyword, params, instancePath }) => keyword === "additionalProperties" && params.additionalProperty === `${key}s` && instancePath === path.map((part) => `/${part}`).join("")), `${path} ${key}`);
    tried += 1;
  }
  assert.ok(tried > 100);
});

await test("the schema refuses values of the wrong kind", () => {
  const wrong = { executionMode: "docker-in-docker", logLevel: "loud", "image.pullPolicy": "Sometimes", "image.digest": "sha256:12", "runner.limits.memory": "512", "runner.limits.cpu": "half", "runner.timeoutMs": 0, "runner.pool": 65, "runner.namespace.name": "Not_a_name", "service.port": 70000, "persistence.size": "big", "ingress.enabled": "yes", "docker.host": "/var/run/docker.sock" };
  for (const [path, value] of Object.entries(wrong)) {
    const over = path.split(".").reduceRight((inner, part) => ({ [part]: inner }), value);
    assert.equal(validate(merged(defaults, over)), false, path);
  }
});

await test("app render-helm refuses a misspelt value by name, with the nearest that there is", () => {
  assert.match(renderHelm([], ["runner.timeoutMS=1"]).error ?? "", /timeoutMS[^]*timeoutMs/);
});

// A path is used where a template names it, or one that it is inside of.
function usedPaths() {
  const texts = templates.map(read).join("\n").replaceAll("$root.Values.image -}}", "").replaceAll("$image.", ".Values.image.");
  return new Set([...texts.matchAll(/\.Values\.([A-Za-z0-9.]+)/g)].map(([, path]) => path));
}

await test("every value is used by a template, and templates use no other", () => {
  const used = usedPaths();
  const paths = rows().map(({ path }) => path);
  assert.deepEqual(paths.filter((path) => !used.has(path) && !(path.startsWith("llm.") && used.has("llm"))), [], "values that nothing uses");
  const groups = new Set(["auth", "llm"]); // whole, in a checksum
  assert.deepEqual([...used].filter((path) => !paths.includes(path) && !groups.has(path)), [], "values that values.yaml does not have");
});

await test("every value has a comment, and the chart's README has them all", () => {
  assert.deepEqual(rows().filter(({ text }) => !text).map(({ path }) => path), []);
  const text = read("README.md");
  assert.equal(readmeAnew(text), text, "node tests/chart/values.mjs --write");
});

await test("the scenario with everything sets every value, to something else than its default", () => {
  const at = (map, path) => path.split(".").reduce((inner, part) => inner?.[part], map);
  // Set elsewhere: each excludes another that is set.
  const elsewhere = new Set(["executionMode", "docker.host", "docker.existingSecret", "auth.existingSecret", "auth.existingSecretKey", "llm.existingSecret", "llm.existingSecretKey", "persistence.enabled", "persistence.existingClaim", "serviceAccount.create", "rbac.create", "networkPolicy.enabled", "ingress.path", "ingress.certManager.clusterIssuer"]);
  const everything = scenario("everything").values;
  const same = rows().filter(({ path, initial }) => JSON.stringify(at(everything, path) ?? initial) === JSON.stringify(initial));
  assert.deepEqual(same.map(({ path }) => path).filter((path) => !elsewhere.has(path)), []);
});

// ---- Papers

await test("the notes say where it is, where the token is, and what uninstalling leaves", () => {
  const notes = (sets) => render([], sets).templates["templates/NOTES.txt"];
  assert.match(notes([]), /port-forward service\/rel-sandglass 8080:80/);
  assert.match(notes([]), /get secret rel-sandglass -o jsonpath='\{\.data\.token\}' \| base64 -d/);
  assert.match(notes([]), /`helm uninstall` leaves it, and nothing else/);
  assert.match(notes(["ingress.enabled=true", "ingress.host=ask.example.com", "ingress.tls.enabled=true"]), /https:\/\/ask\.example\.com\/\n/);
  assert.match(notes(["persistence.enabled=false"]), /NOT kept/);
  assert.match(notes(["auth.existingSecret=mine", "auth.existingSecretKey=a\\.b"]), /secret mine -o jsonpath='\{\.data\.a\\\.b\}'/);
});

await test("the chart's version is the program's", () => {
  const { version, appVersion } = parse(read("Chart.yaml"));
  const { stdout } = spawnSync(app, ["version"], { encoding: "utf8" });
  assert.equal(stdout.split("\n")[0], `Sandglass ${appVersion}`);
  assert.equal(version, appVersion);
});

await test("what is no part of the chart is not packaged", () => {
  const ignored = read(".helmignore").split("\n").filter((line) => line && !line.startsWith("#"));
  for (const pattern of ["*.mk", "*.sh", "ci/"]) assert.ok(ignored.includes(pattern), pattern);
  assert.ok(existsSync(join(chart, "chart.mk")), "the reason for *.mk");
});

await endAll();
console.log(`# ${scenarios.length} scenarios as ${RELEASE}: ${tap.passed} passed, ${tap.failed} failed, ${tap.skipped} skipped`);
process.exitCode = tap.failed > 0 ? 1 : 0;
