// SPDX-License-Identifier: Apache-2.0
// render-helm's engine against the Go program in render/, which stands on the libraries that Helm
// stands on: every snippet of snippets.txt must give the same text, or fail in both.
//
//   node tests/chart/engine.mjs REFERENCE      the Go program; APP names ours
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const app = process.env.APP ?? join(here, "../../build/app");
const reference = process.argv[2];
const chart = join(here, "fixtures/snippets");
const file = join(here, "snippets.txt");

const snippets = readFileSync(file, "utf8").split("\n").filter((line) => line && !line.startsWith("# "));
const expected = execFileSync(reference, ["snippets", chart, file], { encoding: "utf8", maxBuffer: 1e8 })
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const folder = mkdtempSync(join(tmpdir(), "sandglass-snippets-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
cpSync(chart, folder, { recursive: true });

function render(template) {
  writeFileSync(join(folder, "templates/NOTES.txt"), template);
  const { status, stdout, stderr, signal } = spawnSync(app, ["render-helm", "--chart", folder, "--notes"], { encoding: "utf8" });
  if (signal) return { crash: signal };
  return status === 0 ? { text: stdout } : { error: stderr.trim() };
}

let failures = 0;
for (const [index, snippet] of snippets.entries()) {
  const wanted = expected[index];
  const got = render(snippet.replaceAll("⏎", "\n"));
  const same = wanted.error === undefined ? got.text === wanted.text : got.error !== undefined;
  if (same) continue;
  failures += 1;
  console.log(`not ok - ${snippet}`);
  console.log(`#   Go:   ${JSON.stringify(wanted)}`);
  console.log(`#   ours: ${JSON.stringify(got)}`);
}
if (failures === 0) console.log(`ok - ${snippets.length} snippets render as with Go, ${expected.filter((one) => one.error).length} of them to an error`);

// What a rendering of the whole chart takes, ours with the start of the process.
function median(command, words) {
  const times = Array.from({ length: 31 }, () => {
    const start = process.hrtime.bigint();
    spawnSync(command, words);
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  return times.sort((a, b) => a - b)[15].toFixed(1);
}
const whole = join(here, "../../chart");
if (existsSync(join(whole, "Chart.yaml")))
  console.log(`# measured: the whole chart takes ${median(app, ["render-helm", "--chart", whole])} ms, the reference ${median(reference, ["chart", whole])} ms, each with the start of its process`);
process.exitCode = failures ? 1 : 0;
