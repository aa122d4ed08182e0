// SPDX-License-Identifier: Apache-2.0
// The workflows cannot be run here. What can be known of them without that: their form, that
// each action is pinned, that each job says which rights it needs, and that what they call exists.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "../../assets/node_modules/yaml/dist/index.js";
import { read, root } from "./pages.mjs";

const folder = ".github/workflows";
const files = existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [];
const workflows = files.map((path) => ({ path, text: read(path), content: parse(read(path)) }));
const jobs = () => workflows.flatMap(({ path, content }) => Object.entries(content.jobs).map(([name, job]) => ({ path, name, job })));
const steps = () => jobs().flatMap(({ path, name, job }) => job.steps.map((step) => ({ where: `${path}: ${name}`, step })));

const unpinned = () =>
  workflows.flatMap(({ path, text }) => text.split("\n").flatMap((line, index) => (/\buses:/.test(line) && !/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d/.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])));

const careless = () => [
  ...workflows.filter(({ content }) => Object.keys(content.permissions ?? { all: 1 }).length > 0).map(({ path }) => `${path}: rights are for all jobs; give each its own`),
  ...jobs().filter(({ job }) => !job.permissions || !job["timeout-minutes"]).map(({ path, name }) => `${path}: ${name} has no permissions or no timeout-minutes`),
  ...steps().filter(({ step }) => step.uses?.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false).map(({ where }) => `${where}: checkout leaves its token behind`),
  ...steps().filter(({ step }) => /\$\{\{/.test(step.run ?? "")).map(({ where, step }) => `${where}: an expression in a script can be any text; pass it by env: ${step.run.split("\n")[0]}`),
];

const missing = (targets) =>
  steps().flatMap(({ where, step }) => [
    ...[...(step.run ?? "").matchAll(/(?:^|[\s=])((?:\.ci|src|compose|chart|tests)\/[\w./-]*\w)/gm)].map(([, path]) => path).filter((path) => !existsSync(join(root, path))).map((path) => `${where}: there is no ${path}`),
    ...[...(step.run ?? "").matchAll(/(?:^|\s)make ([a-z0-9-]+)/gm)].map(([, name]) => name).filter((name) => !targets.has(name)).map((name) => `${where}: make has no target ${name}`),
    ...[...(step.with?.key ?? "").matchAll(/'([^']+)'/g)].map(([, path]) => path).filter((path) => !existsSync(join(root, path))).map((path) => `${where}: there is no ${path}`),
  ]);

const misplaced = () =>
  jobs().flatMap(({ path, name, job }) => [job.needs ?? []].flat().filter((other) => !workflows.find((one) => one.path === path).content.jobs[other]).map((other) => `${path}: ${name} waits for ${other}, which is no job`));

export function workflowFaults(targets) {
  return [
    ["there are workflows for each push and for a release", files.length === 2 ? [] : [`there are ${files.length} files in ${folder}`]],
    ["every action is pinned by a commit, with its version beside it", unpinned()],
    ["every job has its own rights and a time limit, and no text of others in a script", careless()],
    ["every target, script and file that a workflow names exists", [...missing(targets), ...misplaced()]],
  ];
}
