// SPDX-License-Identifier: Apache-2.0
// The chart, its scenarios (chart/ci/*-values.yaml), and their manifests as the two engines render
// them: the reference in tests/chart/render, built here with Debian's Go, and `app render-helm`.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Skip, app, root } from "../http/harness.mjs";

const require = createRequire(join(root, "assets/")); // where the tools of the UI are installed
export const { parse, parseAllDocuments, parseDocument } = require("yaml");
export const Ajv = require("ajv");

export const chart = join(root, "chart");
export const RELEASE = "rel";
export const NAMESPACE = "somewhere";


export const read = (path) => readFileSync(join(chart, path), "utf8");
export const defaults = parse(read("values.yaml"));

export const templates = readdirSync(join(chart, "templates"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(chart.length + 1))
  .sort();

export const scenarios = readdirSync(join(chart, "ci"))
  .filter((name) => name.endsWith("-values.yaml"))
  .map((name) => ({ name: name.slice(0, -"-values.yaml".length), file: join(chart, "ci", name), values: parse(read(`ci/${name}`)) ?? {} }));

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** As Helm lays a values file over the chart's own. */
export function merged(base, over) {
  if (!isMap(base) || !isMap(over)) return over ?? base;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, key in over ? merged(base[key], over[key]) : base[key]]));
}

// ---- The reference

let built;

/** The reference, built by reference.sh where that can be done. */
function reference() {
  built ??= spawnSync(join(root, "tests/chart/reference.sh"), { encoding: "utf8" });
  if (built.status === 3) throw new Skip(built.stdout.trim());
  if (built.status !== 0) throw new Error(`the reference cannot be built: ${built.stderr}`);
  return built.stdout.trim();
}

const options = (files, sets) => ["--namespace", NAMESPACE, ...files.flatMap((file) => ["-f", file]), ...sets.flatMap((set) => ["--set", set])];

/** The reference's answer: {templates: {path: text}} or {error}. */
export function render(files = [], sets = [], kubeVersion = "v1.34.0") {
  const answer = JSON.parse(execFileSync(reference(), ["chart", chart, "--release", RELEASE, "--kube-version", kubeVersion, ...options(files, sets)], { encoding: "utf8", maxBuffer: 1 << 26 }));
  if (answer.error) return answer;
  const prefix = /^[^/]*\//; // the chart's name
  return { templates: Object.fromEntries(Object.entries(answer.templates).map(([path, text]) => [path.replace(prefix, ""), text])) };
}

// ---- app render-helm

/** What the program says to the same question: {text} or {error}. */
export function renderHelm(files = [], sets = []) {
  const { status, stdout, stderr } = spawnSync(app, ["render-helm", "--chart", chart, "--release", RELEASE, ...options(files, sets)], { encoding: "utf8", maxBuffer: 1 << 26 });
  return status === 0 ? { text: stdout } : { error: stderr };
}

// ---- Manifests

/** The documents of a text that hold something, as data. */
export function documents(text) {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS();
    })
    .filter((object) => object !== null);
}

const rendered = new Map();

/** The manifests of a scenario, each with the template that it came from. */
export function manifests(scenario) {
  if (!rendered.has(scenario.name)) {
    const answer = render([scenario.file]);
    if (answer.error) throw new Error(`${scenario.name}: ${answer.error}`);
    const list = Object.entries(answer.templates)
      .filter(([path]) => path.endsWith(".yaml"))
      .flatMap(([path, text]) => documents(text).map((object) => ({ path, object })));
    rendered.set(scenario.name, list);
  }
  return rendered.get(scenario.name);
}

export const objects = (scenario) => manifests(scenario).map(({ object }) => object);
export const ofKind = (scenario, kind) => objects(scenario).filter((object) => object.kind === kind);
export const valuesOf = (scenario) => merged(defaults, scenario.values);

/** The Pods that come of a scenario: {owner, metadata, spec} of each template of one. */
export function pods(scenario) {
  return objects(scenario).flatMap((object) => {
    if (object.kind === "Pod") return [{ owner: object, ...object }];
    return object.spec?.template?.spec ? [{ owner: object, ...object.spec.template }] : [];
  });
}
