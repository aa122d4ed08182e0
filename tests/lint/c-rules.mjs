// SPDX-License-Identifier: Apache-2.0
// Rules of the C code: who includes whom, whose a library is, and that every limit is kept.

// DESIGN's table. A folder includes its own headers and those of the folders listed; a header by
// its name opens one door only. The order is that of the ranks: a folder may list only folders of
// lower rank, which is itself a rule below.
const table = [
  { folder: "src/base", rank: 0, may: [] },
  { folder: "src/net", rank: 1, may: ["src/base"] },
  { folder: "runner", rank: 1, may: ["src/base"] },
  { folder: "src/store", rank: 2, may: ["src/base"] },
  { folder: "src/dataset", rank: 2, may: ["src/base", "runner/protocol.h"] },
  { folder: "src/docker", rank: 2, may: ["src/base", "src/net"] },
  { folder: "src/kube", rank: 2, may: ["src/base", "src/net"] },
  { folder: "src/llm", rank: 2, may: ["src/base", "src/net"] },
  { folder: "src/sandbox", rank: 3, may: ["src/base", "src/net", "runner/protocol.h", "src/store", "src/dataset", "src/docker", "src/kube", "src/llm"] },
  { folder: "src/plan", rank: 3, may: ["src/base", "src/dataset"] },
  { folder: "src/helm", rank: 3, may: ["src/base"] },
  { folder: "src/agent", rank: 4, may: ["src/base", "src/net", "runner/protocol.h", "src/store", "src/dataset", "src/docker", "src/kube", "src/llm", "src/sandbox", "src/plan", "src/helm"] },
  { folder: "src/web", rank: 5, may: ["src/base", "src/net", "runner/protocol.h", "src/store", "src/dataset", "src/sandbox", "src/plan", "src/agent"] },
  { folder: "src/mcp", rank: 5, may: ["src/base", "src/net", "runner/protocol.h", "src/store", "src/dataset", "src/sandbox", "src/plan", "src/agent"] },
  { folder: "src/operator", rank: 5, may: ["src/base", "src/net", "runner/protocol.h", "src/store", "src/dataset", "src/kube", "src/sandbox", "src/agent"] },
  {
    folder: "src/cmd",
    rank: 6,
    may: ["src/base", "src/net", "runner/protocol.h", "runner/runner.h", "src/store", "src/dataset", "src/docker", "src/kube", "src/llm", "src/sandbox", "src/plan", "src/helm", "src/agent", "src/web", "src/mcp", "src/operator"],
  },
  { folder: "src", rank: 7, may: ["src/base", "src/cmd"] }, // main.c
];

// Whose a library is: nobody else includes its headers.
const libraries = [
  { header: /^cjson\//, folders: ["src/base"] },
  { header: /^mbedtls\//, folders: ["src/base"] },
  { header: /^yaml\.h$/, folders: ["src/base"] },
  { header: /^curl\//, folders: ["src/net"] },
  { header: /^sqlite3\.h$/, folders: ["src/store", "src/dataset", "runner"] },
  { header: /^microhttpd(_ws)?\.h$/, folders: ["src/web"] },
  { header: /^zlib\.h$/, folders: ["src/dataset", "src/web"] },
];
const systemHeader =
  /^((sys|linux|netinet|net|arpa|asm)\/\w+|assert|ctype|dirent|endian|errno|fcntl|float|fnmatch|ftw|getopt|glob|grp|inttypes|iso646|limits|locale|math|netdb|poll|pthread|pwd|sched|semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|time|uchar|unistd|wchar|wctype)\.h$/;

const ours = /^(src|runner)\/.*\.[ch]$/;
const folderOf = (path) => path.replace(/\/[^/]*$/, "").replace(/^(src\/[^/]+|runner)\/.*$/, "$1");

function* includes(tree) {
  for (const path of tree.matching(ours)) {
    for (const [index, line] of tree.lines(path).entries()) {
      const found = /^\s*#\s*include\s*(["<])([^">]+)[">]/.exec(line);
      if (found) yield { path, at: `${path}:${index + 1}`, isOwn: found[1] === '"', header: found[2] };
    }
  }
}

function checkRanks(tree) {
  const findings = [];
  for (const { path, at, isOwn, header } of includes(tree)) {
    const from = table.find((row) => row.folder === folderOf(path));
    if (!from || !isOwn) continue;
    const target = header.startsWith("runner/") ? header : `src/${header}`;
    const folder = folderOf(target);
    if (!header.includes("/")) findings.push(`${at}: "${header}" must be spelt with its folder`);
    else if (!tree.has(target)) findings.push(`${at}: there is no ${target}`);
    else if (folder !== from.folder && !from.may.includes(folder) && !from.may.includes(target)) findings.push(`${at}: ${from.folder} (rank ${from.rank}) may not include "${header}"`);
  }
  return findings;
}

// The table against itself: every folder has a row, and none lists its own rank or a higher one.
function checkTable(tree) {
  const rowOf = (entry) => table.find((row) => row.folder === entry.replace(/\/[^/]+\.h$/, ""));
  const upward = table.flatMap((row) => row.may.filter((entry) => !(rowOf(entry)?.rank < row.rank)).map((entry) => `tests/lint/c-rules.mjs: ${row.folder} lists ${entry}, which is not of lower rank`));
  const strange = tree.matching(ours).filter((path) => !rowOf(folderOf(path)));
  return [...upward, ...strange.map((path) => `${path}: ${folderOf(path)} is in no row of the table`)];
}

function checkLibraries(tree) {
  const findings = [];
  for (const { path, at, isOwn, header } of includes(tree)) {
    if (isOwn) continue;
    const library = libraries.find((one) => one.header.test(header));
    if (library && !library.folders.includes(folderOf(path))) findings.push(`${at}: <${header}> belongs to ${library.folders.join(", ")}`);
    if (!library && !systemHeader.test(header)) findings.push(`${at}: <${header}> belongs to no folder; tests/lint/c-rules.mjs has the list`);
  }
  return findings;
}

function checkLimits(tree) {
  const used = tree.matching(/^(src|runner)\/.*\.[ch]$/).filter((path) => path !== "src/base/limits.h").map((path) => tree.text(path)).join("\n");
  const words = new Set(used.match(/\bLIMIT_\w+/g));
  return tree.lines("src/base/limits.h").flatMap((line, index) => {
    const name = /^#define (LIMIT_\w+)/.exec(line)?.[1];
    return name && !words.has(name) ? [`src/base/limits.h:${index + 1}: ${name} is used nowhere`] : [];
  });
}

export const rules = [
  {
    sentence: "a folder includes only what its rank may, and siblings never include each other",
    check: checkRanks,
    breaks: [
      { "src/base/upward.c": '#include "store/store.h"\n' },
      { "src/plan/sibling.c": '#include "sandbox/sandbox.h"\n' },
      { "src/store/sibling.c": '#include "dataset/dataset.h"\n' },
      { "src/plan/io.c": '#include "store/store.h"\n' },
      { "src/web/inside.c": '#include "runner/runner.h"\n' },
      { "src/sandbox/inside.c": '#include "runner/query.h"\n' },
      { "runner/outside.c": '#include "net/http.h"\n' },
      { "src/base/short.c": '#include "err.h"\n' },
      { "src/base/missing.c": '#include "base/missing.h"\n' },
    ],
  },
  { sentence: "the table of ranks has every folder, and lists only lower ranks", check: checkTable, breaks: [{ "src/nowhere/new.c": "" }] },
  {
    sentence: "the headers of a library are included in the folder that owns it alone",
    check: checkLibraries,
    breaks: [
      { "src/web/json.c": "#include <cjson/cJSON.h>\n" },
      { "src/net/hash.c": "#include <mbedtls/sha256.h>\n" },
      { "src/base/fetch.c": "#include <curl/curl.h>\n" },
      { "src/agent/data.c": "#include <sqlite3.h>\n" },
      { "src/cmd/serve2.c": "#include <microhttpd.h>\n" },
      { "src/plan/inflate.c": "#include <zlib.h>\n" },
      { "src/plan/read.c": "#include <yaml.h>\n" },
      { "src/base/other.c": "#include <openssl/ssl.h>\n" },
    ],
  },
  { sentence: "every LIMIT_ of limits.h is used", check: checkLimits, breaks: [{ "src/base/limits.h": (text) => `${text}#define LIMIT_OF_NOTHING 1\n` }] },
];
