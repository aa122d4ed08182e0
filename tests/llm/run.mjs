// SPDX-License-Identifier: Apache-2.0
// src/llm against a language model that says what the test wrote for it, and that model against the
// providers' own clients, so that it is not wrong in the same way.
//
//   node tests/llm/run.mjs [--seed N] [TOPIC…]
//
// Bytes are cut at random places; the seed is printed, and the same one cuts them the same way.
import { endAll, tap } from "../http/harness.mjs";
import { hasDriver } from "./ask.mjs";
import { startModel } from "./server.mjs";

const topics = ["clients", "answers", "requests", "faults", "retries", "keys", "check"];
const words = process.argv.slice(2);
const at = words.indexOf("--seed");
const seed = at >= 0 ? Number(words.splice(at, 2)[1]) : Math.floor(Math.random() * 1e9);
for (const word of words.filter((word) => !topics.includes(word))) {
  console.error(`tests/llm: there is no topic "${word}", only ${topics.join(", ")}`);
  process.exit(1);
}
if (!hasDriver()) process.exit(1);

console.log(`# seed ${seed}`);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void endAll().then(() => process.exit(1)));
for (const topic of topics.filter((topic) => words.length === 0 || words.includes(topic))) {
  const start = performance.now();
  const model = await startModel({ seed });
  try {
    await (await import(`./cases/${topic}.mjs`)).default(model);
  } catch (error) {
    tap.failed += 1;
    console.log(`not ok - the tests of ${topic} can be run\n#   ${String(error.stack).split("\n").join("\n#   ")}`);
  }
  await model.close();
  await endAll();
  console.log(`# ${topic}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(`# pass ${tap.passed}\n# fail ${tap.failed}\n# skip ${tap.skipped}`);
process.exit(tap.failed > 0 || tap.passed === 0 ? 1 : 0);
