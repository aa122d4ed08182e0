// SPDX-License-Identifier: Apache-2.0
// Turns the HTTP contract, docs/openapi.yaml, into the JSON that is served at /api/openapi.json.
// Usage: node openapi.mjs FROM.yaml TO.json
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseDocument } from "yaml";

const [from, to] = process.argv.slice(2);
const contract = parseDocument(await readFile(from, "utf8"), { uniqueKeys: true });
const problems = [...contract.errors, ...contract.warnings];
if (problems.length > 0) {
  for (const problem of problems) console.error(`${from}: ${problem.message}`);
  process.exit(1);
}
await mkdir(dirname(to), { recursive: true });
await writeFile(to, JSON.stringify(contract.toJS()));
