// SPDX-License-Identifier: Apache-2.0
// The HTTP tests: the real program, asked as any client would ask it, and as no client should.
//
//   APP=build/app DATA=build/data node tests/http/run.mjs [TOPIC…]
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { operations, seen } from "./contract.mjs";
import { app, bundled, endAll, tap, test } from "./harness.mjs";

const topics = ["api", "bad-input", "stream", "limits", "guard", "files", "life", "data", "uploads", "front", "commands", "models", "suggest", "history", "keep", "sql", "pins"];
const wanted = process.argv.slice(2);
for (const path of [app, bundled]) {
  if (existsSync(path)) continue;
  console.error(`tests/http: there is no ${path}; make all data`);
  process.exit(1);
}
for (const word of wanted.filter((word) => !topics.includes(word))) {
  console.error(`tests/http: there is no topic "${word}", only ${topics.join(", ")}`);
  process.exit(1);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void endAll().then(() => process.exit(1)));

for (const topic of topics.filter((topic) => wanted.length === 0 || wanted.includes(topic))) {
  const start = performance.now();
  try {
    await (await import(`./${topic}.mjs`)).default();
  } catch (error) {
    tap.failed += 1;
    console.log(`not ok - the tests of ${topic} can be run\n#   ${String(error.stack).split("\n").join("\n#   ")}`);
  }
  await endAll();
  console.log(`# ${topic}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
if (wanted.length === 0) {
  await test("every answer that the contract promises was seen", async () => {
    const promised = operations.flatMap(({ method, path, statuses }) => statuses.map((status) => `${method} ${path} ${status}`));
    assert.deepEqual(promised.filter((one) => !seen.has(one)), []);
  });
}
console.log(`# pass ${tap.passed}\n# fail ${tap.failed}\n# skip ${tap.skipped}`);
process.exitCode = tap.failed > 0 || tap.passed === 0 ? 1 : 0;
