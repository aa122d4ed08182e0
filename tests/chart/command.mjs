// SPDX-License-Identifier: Apache-2.0
// `app render-helm` as a command: its options, what it writes where, and how it says no.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endAll, newFolder, root, run, tap, test } from "../http/harness.mjs";

const chart = join(newFolder(), "snippets");
cpSync(join(root, "tests/chart/fixtures/snippets"), chart, { recursive: true });
const write = (path, text) => {
  mkdirSync(join(chart, path, ".."), { recursive: true });
  writeFileSync(join(chart, path), text);
};
const manifest = (kind, rest = "") => `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: "{{ .Release.Name }}"\n${rest}`;
write("templates/configmap.yaml", manifest("ConfigMap", "data:\n  text: {{ .Values.text | quote }}\n  one: {{ printf \"%T %v\" .Values.one .Values.one | quote }}\n"));
write("templates/secret.yaml", manifest("Secret", "stringData:\n  token: {{ default (randAlphaNum 20) .Values.token | quote }}\n"));
write("templates/pair.yaml", `${manifest("Service")}---\n${manifest("Role")}`);
write("templates/tests/pod.yaml", manifest("Pod").replace("metadata:", "metadata:\n  annotations: {helm.sh/hook: test}"));
write("templates/job.yaml", manifest("Job").replace("metadata:", "metadata:\n  annotations: {helm.sh/hook: pre-install}"));
write("templates/versions.yaml", manifest("Ape", "spec: {{ .Capabilities.APIVersions.Has \"a/v1\" }}-{{ .Capabilities.APIVersions.Has \"b/v1\" }}-{{ .Capabilities.KubeVersion }}-{{ .Release.Namespace }}\n"));
write("templates/NOTES.txt", "Hello, {{ .Release.Name }}.\n");
write("crds/ape.yaml", "apiVersion: v1\nkind: CustomResourceDefinition\nmetadata:\n  name: apes\n");

const render = (...words) => run(["render-helm", "--chart", chart, ...words]);
const kinds = (text) => [...text.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind);
const token = ["--set", "token=abc"];

await test("manifests are printed with their source, in the order of installing, hooks last", async () => {
  const { status, out, err } = await render(...token);
  assert.equal(status, 0);
  assert.deepEqual(kinds(out), ["Secret", "ConfigMap", "Role", "Service", "Ape", "Pod", "Job"]);
  assert.match(out, /^---\n# Source: snippets\/templates\/secret\.yaml\napiVersion: v1\n/);
  assert.ok(out.endsWith("\n") && !out.endsWith("\n\n"));
  assert.match(out, /name: "sandglass"/);
  assert.match(err, /made by chance/);
});

await test("tests, hooks and definitions of resources are left out or put in as asked", async () => {
  assert.deepEqual(kinds((await render("--skip-tests")).out).slice(-2), ["Ape", "Job"]);
  assert.deepEqual(kinds((await render("--no-hooks")).out).slice(-2), ["Service", "Ape"]);
  assert.equal(kinds((await render("--include-crds")).out)[0], "CustomResourceDefinition");
});

await test("only what is asked for is shown, and a template that is not there is refused with the nearest", async () => {
  assert.deepEqual(kinds((await render("--show-only", "templates/pair.yaml", "--show-only=templates/tests/*")).out), ["Role", "Service", "Pod"]);
  const { status, out, err } = await render("--show-only", "templates/confgmap.yaml");
  assert.deepEqual([status, out], [1, ""]);
  assert.match(err, /Did you mean templates\/configmap\.yaml\?/);
});

await test("chance is spoken of only where it shows", async () => {
  assert.match((await render("--show-only", "templates/secret.yaml")).err, /a second rendering will differ/);
  for (const words of [["--show-only", "templates/pair.yaml"], ["--notes"]]) assert.equal((await render(...words)).err, "", String(words));
  write("templates/secret.yaml", manifest("Secret"));
  assert.equal((await render()).err, "");
});

await test("values come from files, standard input and the four kinds of --set, in Helm's order", async () => {
  const first = join(chart, "../first.yaml");
  const second = join(chart, "../second.yaml");
  writeFileSync(first, "text: one\none: 2\n");
  writeFileSync(second, "text: two\n");
  const text = async (...words) => /text: "(.*)"/.exec((await render(...words)).out)?.[1];
  assert.equal(await text("-f", first, "--values", second), "two");
  assert.equal(await text("--set", "text=three", "-f", first), "three");
  assert.equal(await text("--set-string", "text=4", "--set", "text=three"), "4");
  assert.equal(await text("--set-json", 'text="five"', "-f", first), "five");
  assert.match(await text("--set-file", `text=${second}`), /^text: two/);
  assert.match((await render("--set", "one=7")).out, /one: "int64 7"/);
  assert.match((await render("-f", first)).out, /one: "float64 2"/);
  assert.match((await render("--set-string", "one=7")).out, /one: "string 7"/);
});

await test("a release, a namespace, the cluster's version and its APIs are what they are said to be", async () => {
  const { out } = await render("--release", "web", "-n", "there", "--kube-version", "1.30", "--api-versions", "x/v1,a/v1");
  assert.match(out, /spec: true-false-v1\.30\.0-there/);
  assert.match(out, /name: "web"/);
  assert.match((await render("--api-versions", "a/v1", "--api-versions", "b/v1")).out, /spec: true-true-v1\.34\.0-default/);
});

await test("a file for each template is written below the folder that is named", async () => {
  const folder = newFolder();
  const { status, out } = await render("--output-dir", folder, "--skip-tests");
  assert.equal(status, 0);
  const files = readdirSync(join(folder, "snippets/templates")).sort();
  assert.deepEqual(files, ["configmap.yaml", "job.yaml", "pair.yaml", "secret.yaml", "versions.yaml"]);
  assert.equal(out.trim().split("\n").length, files.length);
  const rights = (name) => (statSync(join(folder, "snippets/templates", name)).mode & 0o777).toString(8);
  assert.deepEqual([rights("secret.yaml"), rights("pair.yaml")], ["600", "644"]);
  assert.deepEqual(kinds(readFileSync(join(folder, "snippets/templates/pair.yaml"), "utf8")), ["Role", "Service"]);
});

await test("the notes are printed instead of the manifests", async () => {
  assert.deepEqual(await render("--notes", "--release", "web"), { status: 0, signal: null, out: "Hello, web.\n", err: "" });
});

await test("validation finds a manifest that Kubernetes would not take", async () => {
  assert.equal((await render("--validate")).status, 0);
  write("templates/wrong.yaml", manifest("ConfigMap", "dta: {}\n"));
  const { status, err } = await render("--validate");
  assert.equal(status, 1);
  assert.match(err, /^app render-helm: templates\/wrong\.yaml: the ConfigMap "sandglass" has an unknown field: dta\.\n$/);
});

await test("a failure prints nothing but one message, with template, line and column", async () => {
  write("templates/wrong.yaml", manifest("ConfigMap", "data: {{ .Values.a.b }}\n"));
  assert.deepEqual(await render(), {
    status: 1,
    signal: null,
    out: "",
    err: "app render-helm: templates/wrong.yaml:5:10: nil pointer evaluating interface {}.b: what stands before .b has no value.\n",
  });
});

await test("a misspelt option is refused with the nearest, and what is missing is named", async () => {
  const misspelt = await render("--shw-only", "x");
  assert.equal(misspelt.status, 2);
  assert.match(misspelt.err, /--shw-only is not an option of app render-helm\. Did you mean --show-only\?/);
  assert.match((await run(["render-helm", "--chart", "/nonexistent"])).err, /there is no chart in \/nonexistent/);
  assert.match((await render("-f", "/nonexistent.yaml")).err, /\/nonexistent\.yaml/);
  assert.match((await render("argument")).err, /one argument too many/);
});

await endAll();
console.log(`# ${tap.passed} passed, ${tap.failed} failed`);
process.exitCode = tap.failed ? 1 : 0;
