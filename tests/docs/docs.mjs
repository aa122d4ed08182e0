// SPDX-License-Identifier: Apache-2.0
// See tests/docs/run. Prints `ok` and `not ok` lines.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "../../assets/node_modules/yaml/dist/index.js";
import { coverage } from "./commands.mjs";
import { brokenLinks, codeWords, commandsOf, pagePaths, read, readPage, root } from "./pages.mjs";
import { unknownMessages, unknownSettings } from "./words.mjs";
import { workflowFaults } from "./workflows.mjs";

const app = join(root, "build/app");
const pages = pagePaths.map(readPage);
const suites = new Set(run("tests/run", ["-l"]).stdout.trim().split("\n").map((name) => name.split("/")[0]));
const targets = new Set([...run("make", ["-s", "help"]).stdout.matchAll(/^ {2}([a-z0-9-]+) /gm)].map(([, name]) => name));
let failures = 0;

function run(program, words, options = {}) {
  return spawnSync(program, words, { cwd: root, encoding: "utf8", timeout: 60000, ...options });
}

function report(sentence, findings) {
  const isGood = findings.length === 0;
  failures += isGood ? 0 : 1;
  console.log(`${isGood ? "ok" : "not ok"} - ${sentence}`);
  for (const finding of findings) console.log(`# ${String(finding).replaceAll("\n", "\n# ")}`);
}


// ---- Words that must exist, whoever runs the command

const helpPages = new Map();

function helpOf(command) {
  if (!helpPages.has(command)) helpPages.set(command, run(app, [...command.split(" "), "--help"]));
  return helpPages.get(command);
}

// `app COMMAND --flag`: the command has a page, and the page has the flag.
function wrongFlags(text) {
  const found = /(?:^|[\s(/])app ([a-z][a-z-]*)(?=\s|$)([^|>]*)/.exec(text);
  if (!found) return [];
  const [, command, rest] = found;
  if (command === "help" || command === "version") return [];
  const help = helpOf(command);
  if (help.status !== 0) return [`there is no command app ${command}`];
  return [...rest.matchAll(/(?<=\s)--([a-z][a-z0-9-]*)/g)].map(([flag]) => flag).filter((flag) => !new RegExp(`${flag}(?![a-z0-9-])`).test(help.stdout)).map((flag) => `app ${command} has no ${flag}`);
}

function wrongTargets(text) {
  const names = [...text.matchAll(/(?:^|[\s(&])make((?: [a-z0-9-]+(?![=\w.]))+)/g)].flatMap(([, list]) => list.trim().split(" "));
  return names.filter((name) => !name.startsWith("-") && !targets.has(name)).map((name) => `make has no target ${name}`);
}

function wrongFiles(text) {
  return [...text.matchAll(/(?<![\w./-])((?:\.ci|tests|src|compose|chart|docs|nixos|datasets|runner|assets)\/[\w./-]*\w)/g)].map(([, path]) => path).filter((path) => !existsSync(join(root, path))).map((path) => `there is no ${path}`);
}

// A release has the program's own version, so a page that shows one has to follow it.
function wrongVersions(text) {
  const version = run(app, ["version"]).stdout.split(/[ \n]/)[1];
  return [...text.matchAll(/(?:TAG=|image\.tag=|agent-server:)v?(\d+\.\d+\.\d+)/g)].filter(([, one]) => one !== version).map(([whole]) => `${whole}, but the program is version ${version}`);
}

const wrongWords = (text) => [...wrongVersions(text), ...wrongFlags(text), ...wrongTargets(text), ...wrongFiles(text)];

// ---- Running one

// A home of its own, where `app` is a command, with the files that commands of the pages speak of.
function makeHome() {
  const home = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), "sandglass-docs-"));
  mkdirSync(join(home, "tables/sales"), { recursive: true });
  writeFileSync(join(home, "tables/sales/sales.csv"), "day,amount\n2024-01-01,10\n2024-01-02,20\n");
  mkdirSync(join(home, "bin"));
  symlinkSync(app, join(home, "bin/app"));
  for (const folder of ["build", "chart"]) symlinkSync(join(root, folder), join(home, folder));
  return home;
}

const environment = (home) => ({ ...process.env, HOME: home, PATH: `${home}/bin:${process.env.PATH}`, STATE_PATH: join(home, "state"), DATASETS_PATH: join(root, "build/data"), LISTEN: "127.0.0.1:0", EXECUTION_MODE: "local", SANDGLASS_CACHE: process.env.SANDGLASS_CACHE ?? `${process.env.XDG_CACHE_HOME ?? `${process.env.HOME}/.cache`}/sandglass` });

// What runs until it is stopped: once it has said what it should, it is.
function runUntil(text, pattern, home) {
  return new Promise((resolve) => {
    const child = spawn("bash", ["-c", text], { cwd: root, env: environment(home), detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const result = { stdout: "", stderr: "", status: 0 };
    const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 120000);
    child.stdout.on("data", (data) => {
      result.stdout += data;
      if (pattern.test(result.stdout)) process.kill(-child.pid, "SIGTERM");
    });
    child.stderr.on("data", (data) => (result.stderr += data));
    child.on("close", () => {
      clearTimeout(timer);
      resolve(result);
    });
  });
}

async function runCommand(command, row, home) {
  if (row.values) writeFileSync(join(home, "values.yaml"), valuesOf(pages.find(({ path }) => path === row.values)));
  const result = row.stop
    ? await runUntil(command.text, row.stop, home)
    : run("bash", ["-o", "pipefail", "-c", command.text], { cwd: home, env: environment(home) });
  try {
    row.run(result, command, (name) => readFileSync(join(home, name), "utf8"));
    return [];
  } catch (error) {
    return [error.message];
  }
}

// ---- The commands of all pages

async function checkCommands() {
  const used = new Set();
  const away = new Map();
  const elsewhere = new Map();
  const home = makeHome();
  for (const page of pages) {
    for (const command of page.blocks.filter(page.isShell).flatMap(commandsOf)) {
      const where = `${page.path}:${command.line}`;
      const row = coverage.find(({ pattern }) => pattern.test(command.text));
      used.add(row);
      const findings = wrongWords(command.text);
      if (!row) findings.push("no test covers this command: give it a row in tests/docs/commands.mjs");
      if (row?.suite && row.suite !== "every" && !suites.has(row.suite)) findings.push(`there is no suite ${row.suite}`);
      if (row?.run) report(`${where}: ${command.text.split("\n")[0]}`, [...findings, ...(await runCommand(command, row, home))]);
      else if (findings.length) report(`${where}: ${command.text.split("\n")[0]}`, findings);
      else if (row.suite) elsewhere.set(row.suite, [...(elsewhere.get(row.suite) ?? []), `${where}: ${command.text.split("\n")[0]}`]);
      else away.set(row.away, [...(away.get(row.away) ?? []), `${where}: ${command.text.split("\n")[0]}`]);
    }
  }
  rmSync(home, { recursive: true, force: true });
  for (const [suite, list] of elsewhere) console.log(`ok - the suite ${suite} runs ${list.length} command${list.length > 1 ? "s" : ""} of the pages\n# ${list.join("\n# ")}`);
  for (const [reason, list] of away) console.log(`ok - ${list.length} command${list.length > 1 ? "s" : ""} of the pages, whose words are right # SKIP ${reason}\n# ${list.join("\n# ")}`);
  return coverage.filter((row) => row.run && !used.has(row)).map((row) => `no page has a command that matches ${row.pattern}`);
}

// ---- Values of the chart

// A page's blocks of values after one another: a later one with "below KEY" goes into that key.
function valuesOf(page) {
  return page.blocks.filter(({ before }) => /^<!-- values/.test(before)).map(({ before, lines }) => {
    const key = /below (\w+)/.exec(before)?.[1];
    return key ? null : lines.join("\n");
  }).filter(Boolean).join("\n") + "\n" + page.blocks.filter(({ before }) => /^<!-- values below/.test(before)).map(({ lines }) => lines.join("\n")).join("\n");
}

const hasPath = (tree, path) => path.split(".").reduce((at, key) => (at && typeof at === "object" && key in at ? at[key] : undefined), tree) !== undefined;

function wrongValues(page, values) {
  const tops = Object.keys(values).join("|");
  const named = new RegExp(`^(?:${tops})\\.[a-zA-Z.]+(?=$|[:=]|: )`);
  const wrong = [];
  for (const { text, line } of codeWords(page)) {
    const path = named.exec(text)?.[0];
    if (path && !/\.(md|yaml|c|h|mjs|sh|sock)$/.test(text) && !hasPath(values, path)) wrong.push(`${page.path}:${line}: chart/values.yaml has no ${path}`);
  }
  for (const block of page.blocks.filter(page.isShell)) {
    for (const [, path] of block.lines.join("\n").matchAll(/ chart (?:.|\n)*?--set(?:-string)? "?([a-zA-Z.]+)=/g)) {
      if (!hasPath(values, path)) wrong.push(`${page.path}:${block.line}: chart/values.yaml has no ${path}`);
    }
  }
  return wrong;
}

function checkValues() {
  const values = parse(read("chart/values.yaml"));
  // The options of the NixOS module have names like the chart's values, and are not those.
  report("every value that a page names is one of the chart's", pages.filter(({ path }) => path !== "docs/nix.md").flatMap((page) => wrongValues(page, values)));
  for (const page of pages.filter(({ blocks }) => blocks.some(({ before }) => /^<!-- values/.test(before)))) {
    const home = makeHome();
    writeFileSync(join(home, "values.yaml"), valuesOf(page));
    const result = run(app, ["render-helm", "--namespace", "sandglass", "--values", join(home, "values.yaml")]);
    rmSync(home, { recursive: true, force: true });
    report(`the chart takes the values of ${page.path}`, result.status === 0 && /kind: Ingress/.test(result.stdout) ? [] : [result.stderr || "there is no Ingress in what was rendered"]);
  }
}

// ---- All of it

function checkWords() {
  const wrong = [];
  for (const page of pages) {
    for (const { text, line } of codeWords(page)) {
      if (/^(build\/)?app [a-z]|^make |^\.ci\/|^tests\/|^compose\//.test(text)) wrong.push(...wrongWords(text.replace(/[*…{}].*$/, "")).map((what) => `${page.path}:${line}: \`${text}\`: ${what}`));
    }
  }
  return wrong;
}

const stale = await checkCommands();
report("every command that is run here stands in a page", stale);
report("every command, flag, target and file that a page names exists", checkWords());
report("every link of a page leads somewhere", pages.flatMap(brokenLinks));
report("every message in docs/troubleshooting.md is one that the program says", unknownMessages());
report("every setting that a page names is one", pages.flatMap((page) => unknownSettings(page, run(app, ["help", "--markdown"]).stdout)));
report("the README has at most 300 lines", read("README.md").split("\n").length > 301 ? ["it has more"] : []);
checkValues();
for (const [sentence, findings] of workflowFaults(targets)) report(sentence, findings);
process.exitCode = failures ? 1 : 0;
