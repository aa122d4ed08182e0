// SPDX-License-Identifier: Apache-2.0
// Rules of every file: sizes, licence lines, words, and papers that must agree with the code.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Skip } from "./tree.mjs";

const source = /\.(c|ts|tsx|css|mjs|sh)$|^tests\/(run|[a-z]+\/run)$|^\.ci\/run$/;
const header = /\.h$/;
const code = /\.(c|h|ts|tsx|mjs|sh)$|^tests\/(run|[a-z]+\/run)$|^\.ci\/run$/;

const LINES_MAX = { source: 800, header: 150, function: 100, main: 40, makefile: 150 };

const lineCount = (text) => (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n").length;

function checkLength(tree, pattern, max) {
  return tree
    .matching(pattern)
    .map((path) => ({ path, lines: lineCount(tree.text(path)) }))
    .filter(({ lines }) => lines > max)
    .map(({ path, lines }) => `${path}:${max + 1}: ${lines} lines; at most ${max} are allowed`);
}

// What begins at column 0 with a "(" and ends, lines later, with a "}" at column 0.
function* functions(tree) {
  for (const path of tree.matching(code)) {
    let start = -1;
    let head = "";
    for (const [index, line] of tree.lines(path).entries()) {
      if (line.startsWith("}")) {
        if (start >= 0) yield { path, line: start + 1, head, length: index - start + 1 };
        start = -1;
      } else if (/^[A-Za-z_]/.test(line) && !/[;}]\s*$/.test(line)) {
        start = line.includes("(") ? index : -1;
        head = line;
      }
    }
  }
}

function checkFunctions(tree) {
  return [...functions(tree)].flatMap(({ path, line, head, length }) => {
    const max = /\bmain\(/.test(head) ? LINES_MAX.main : LINES_MAX.function;
    return length > max ? [`${path}:${line}: ${length} lines; at most ${max} are allowed: ${head}`] : [];
  });
}

function checkLicence(tree) {
  return tree.matching(/\.(c|h|ts|tsx|css|mjs|sh|nix|S)$|^tests\/(run|[a-z]+\/run)$|^\.ci\/run$|(^|\/)Makefile$/).flatMap((path) => {
    const lines = tree.lines(path);
    const first = lines[lines[0].startsWith("#!") ? 1 : 0] ?? "";
    return /^(\/\/|\/\*|#) SPDX-License-Identifier: Apache-2\.0( \*\/)?$/.test(first) ? [] : [`${path}:1: does not open with its SPDX line`];
  });
}

// Every line of files that people write, but for data.
function findLines(tree, pattern, what, files = /./) {
  return tree
    .matching(files)
    .filter((path) => !/\.(csv|tsv|png|svg|ico|lock)$|^LICENSE$/.test(path))
    .flatMap((path) => tree.lines(path).flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${what}: ${line.trim().slice(0, 100)}`] : [])));
}

function checkNames(tree) {
  return tree.matching(/(^|\/)utils?\.[a-z]+$/).map((path) => `${path}: a name that says nothing`);
}

function checkPragmaOnce(tree) {
  return tree.matching(header).filter((path) => !tree.lines(path).includes("#pragma once")).map((path) => `${path}:1: has no #pragma once`);
}

// ---- Papers that agree with the code

const methods = ["get", "post", "put", "patch", "delete"];

function routesOfCode(tree) {
  const text = tree.text("src/web/routes.c");
  return [...text.matchAll(/\{"([A-Z]+)", "([^"]+)", (\w+),/g)].filter(([, , , handler]) => !/^web_get_(asset|page)$/.test(handler)).map(([, method, path]) => `${method} ${path}`);
}

function routesOfContract(tree) {
  const routes = [];
  let path = "";
  for (const line of tree.lines("docs/openapi.yaml")) {
    path = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? (/^\S/.test(line) ? "" : path);
    const method = /^ {4}(\w+):/.exec(line)?.[1];
    if (path && methods.includes(method)) routes.push(`${method.toUpperCase()} ${path}`);
  }
  return routes;
}

function checkRoutes(tree) {
  const served = [...routesOfCode(tree), "GET /api/openapi.json"]; // that one is a file of the UI
  const described = routesOfContract(tree);
  return [
    ...served.filter((route) => !described.includes(route)).map((route) => `docs/openapi.yaml: lacks ${route}, which src/web/routes.c has`),
    ...described.filter((route) => !served.includes(route)).map((route) => `src/web/routes.c: lacks ${route}, which docs/openapi.yaml has`),
    ...(routesOfCode(tree).length < 5 ? ["src/web/routes.c: the table of routes cannot be read"] : []),
  ];
}

function checkSettings(tree) {
  const app = process.env.APP ?? join(tree.root, "build/app");
  if (!tree.has("README.md")) throw new Skip("there is no README.md");
  if (!existsSync(app)) throw new Skip(`there is no ${app}`);
  const table = execFileSync(app, ["help", "--markdown"], { encoding: "utf8" }).trim();
  return tree.text("README.md").includes(table) ? [] : ["README.md: its table of settings is not what `build/app help --markdown` prints"];
}

const long = (count) => "int x;\n".repeat(count);

export const rules = [
  { sentence: `a source file has at most ${LINES_MAX.source} lines`, check: (tree) => checkLength(tree, source, LINES_MAX.source), breaks: [{ "src/base/long.c": long(801), "assets/src/long.ts": long(801), "tests/run": long(801) }] },
  { sentence: `a header has at most ${LINES_MAX.header} lines`, check: (tree) => checkLength(tree, header, LINES_MAX.header), breaks: [{ "src/base/long.h": long(151) }] },
  { sentence: `the Makefile has at most ${LINES_MAX.makefile} lines`, check: (tree) => checkLength(tree, /^Makefile$/, LINES_MAX.makefile), breaks: [{ Makefile: long(151) }] },
  {
    sentence: `a function has at most ${LINES_MAX.function} lines, main() at most ${LINES_MAX.main}`,
    check: checkFunctions,
    breaks: [
      { "src/base/long.c": `static int long_one(int a,\n                   int b) {\n${"    a++;\n".repeat(98)}}\n` },
      { "src/main.c": `int main(int argument_count, char **arguments) {\n${"    f();\n".repeat(39)}}\n` },
      { "assets/src/long.ts": `export async function long(): Promise<void> {\n${"  await 1;\n".repeat(99)}}\n` },
    ],
  },
  {
    sentence: "every source, header and script opens with its SPDX line",
    check: checkLicence,
    breaks: [{ "src/base/bare.c": "// Bare.\n", "src/base/bare.h": "#pragma once\n", "tests/http/bare.mjs": "export {};\n", "assets/src/bare.css": "a {}\n", "tests/run": "#!/usr/bin/env bash\n# Runs.\n" }],
  },
  { sentence: "every header has #pragma once", check: checkPragmaOnce, breaks: [{ "src/base/twice.h": "#ifndef TWICE\n#define TWICE\n#endif\n" }] },
  { sentence: "no file is named utils", check: checkNames, breaks: [{ "src/base/utils.c": "", "assets/src/util.ts": "" }] },
  { sentence: "no code is switched off with #if 0", check: (tree) => findLines(tree, /^\s*#\s*if\s+0\b/, "dead code", /\.[ch]$/), breaks: [{ "src/base/dead.c": "#if 0\nint x;\n#endif\n" }] },
  {
    sentence: "nothing is left to be done in a comment",
    check: (tree) => findLines(tree, /\b(TO[D]O|FIX[M]E|X[X]X)\b/, "unfinished"),
    breaks: [{ "src/base/later.c": `// ${"TO"}DO: later\n`, "tests/http/later.mjs": `// ${"FIX"}ME\n`, "docs/later.md": `${"X"}XX\n` }],
  },
  {
    sentence: "the lock file names no address to download from",
    check: (tree) => findLines(tree, /"resolved"\s*:|https?:\/\/[^"]*\.tgz/, "an address", /(^|\/)package-lock\.json$/),
    breaks: [{ "assets/package-lock.json": '{ "resolved": "https://example.org/x-1.0.0.tgz" }\n' }],
  },
  {
    sentence: "no file names a folder of one machine or the host of a registry",
    check: (tree) => findLines(tree, /(^|[^\w.~$}/-])\/(work|root|home\/[a-z]\w*)\/|registry\.[n]pmjs|registry\.[y]arnpkg|pypi\.[o]rg|proxy\.[g]olang/, "this machine or a registry"),
    breaks: [{ "docs/here.md": `in /${"work"}/main\n`, "src/base/here.c": `"/${"root"}/x"\n`, ".npmrc": `registry=https://registry.${"n"}pmjs.org/\n` }],
  },
  {
    sentence: "docs/openapi.yaml describes the routes that the server has, and no others",
    check: checkRoutes,
    breaks: [
      { "docs/openapi.yaml": (text) => text.replace("  /api/v1/runs:\n", "  /api/v1/walks:\n"), "src/web/routes.c": (text) => text.replace('"/api/v1/health"', '"/api/v1/wealth"') },
      { "src/web/routes.c": (text) => text.replace('{"DELETE", ', '{"PUT", ') },
    ],
  },
  { sentence: "the README's table of settings is what the program prints", check: checkSettings, breaks: [{ "README.md": "# Sandglass\n" }] },
];
