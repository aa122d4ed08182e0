// SPDX-License-Identifier: Apache-2.0
// Whether the test API server is what a client of Kubernetes expects: the official JavaScript client
// drives it, so that it cannot be wrong in the same way as our own.
//
//   APP=build/app DATA=build/data [KUBE_SCHEMA=FILE] node tests/kube/client.mjs [TOPIC…]
import { existsSync } from "node:fs";
import { app, bundled, endAll, tap } from "../http/harness.mjs";
import { startApi } from "./start.mjs";

const topics = ["objects", "watch", "pods", "logs", "streams", "access", "faults", "life"];
const wanted = process.argv.slice(2);
for (const path of [app, bundled]) {
  if (existsSync(path)) continue;
  console.error(`tests/kube: there is no ${path}; make all data`);
  process.exit(1);
}
for (const word of wanted.filter((word) => !topics.includes(word))) {
  console.error(`tests/kube: there is no topic "${word}", only ${topics.join(", ")}`);
  process.exit(1);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void endAll().then(() => process.exit(1)));

for (const topic of topics.filter((topic) => wanted.length === 0 || wanted.includes(topic))) {
  const start = performance.now();
  try {
    const run = (await import(`./client/${topic}.mjs`)).default;
    await run(await startApi({ words: ["--job-sync-ms", "100", "--bookmark-ms", "200", "--ping-ms", "150"] }));
  } catch (error) {
    tap.failed += 1;
    console.log(`not ok - the tests of ${topic} can be run\n#   ${String(error.stack).split("\n").join("\n#   ")}`);
  }
  await endAll();
  console.log(`# ${topic}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(`# pass ${tap.passed}\n# fail ${tap.failed}\n# skip ${tap.skipped}`);
process.exit(tap.failed > 0 || tap.passed === 0 ? 1 : 0);
