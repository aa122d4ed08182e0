// SPDX-License-Identifier: Apache-2.0
// docs/openapi.yaml as a test: whether an answer is one that the contract promises. OpenAPI 3.1
// schemas are JSON Schema 2020-12, so ajv checks them. What was seen is noted, so that the last test
// can say which promises nobody looked at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "./harness.mjs";

const require = createRequire(join(root, "assets/package.json"));
const Ajv = require("ajv/dist/2020").default;
const { parse } = require("yaml");

export const contract = parse(readFileSync(join(root, "docs/openapi.yaml"), "utf8"));
const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true, strictTypes: false });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
ajv.addVocabulary(["components", "paths", "info", "openapi", "servers", "security", "tags"]);
ajv.addSchema({ $id: "contract", ...contract }, "contract");

// Every route may answer with these, whatever its own list says.
const anywhere = [401, 403, 500];

const resolveReference = (node) => (node?.$ref ? node.$ref.slice(2).split("/").reduce((at, key) => at[key], contract) : node);

/** { method, path, statuses } of each operation. */
export const operations = Object.entries(contract.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, statuses: Object.keys(operation.responses).map(Number) })));

export const seen = new Set();

const compiled = new Map();

// The reference inside the document, so that $ref in it finds its way.
function validatorOf(pointer) {
  if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: `contract#${pointer}` }));
  return compiled.get(pointer);
}

const escape = (key) => key.replace(/~/g, "~0").replace(/\//g, "~1");

/** That VALUE is what components/schemas/NAME says. */
export function assertSchema(value, name) {
  const validate = validatorOf(`/components/schemas/${name}`);
  assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 400)}`);
}

/** That ANSWER is what the contract says of the operation at PATH, as it is spelt there. */
export function assertContract(answer, path) {
  const method = answer.method.toLowerCase();
  const operation = contract.paths[path]?.[method];
  assert.ok(operation, `the contract has no ${method} ${path}`);
  const at = operation.responses[answer.status];
  const what = `${answer.method} ${path} answers ${answer.status}`;
  seen.add(`${answer.method} ${path} ${answer.status}`);
  assert.ok(at || anywhere.includes(answer.status), `${what}, which the contract does not name: ${answer.text.slice(0, 200)}`);
  assert.ok(answer.headers["x-request-id"], `${what} without X-Request-Id`);
  const content = resolveReference(at)?.content ?? (at ? {} : contract.components.responses.Problem.content);
  const type = (answer.headers["content-type"] ?? "").split(";")[0];
  if (Object.keys(content).length === 0) return answer;
  assert.ok(content[type], `${what} as ${type}, not as ${Object.keys(content)}`);
  if (answer.json === undefined) return answer;
  const base = at?.$ref ? at.$ref.slice(1) : at ? `/paths/${escape(path)}/${method}/responses/${answer.status}` : "/components/responses/Problem";
  const validate = validatorOf(`${base}/content/${escape(type)}/schema`);
  assert.ok(validate(answer.json), `${what}: ${ajv.errorsText(validate.errors)}\n${answer.text.slice(0, 600)}`);
  return answer;
}

const codes = new Set([...contract.components.schemas.Outcome.enum, ..."bad_request not_found method_not_allowed forbidden unauthorized conflict too_large unsupported_media_type no_space".split(" ")]);

/** That ANSWER is a problem document of STATUS and CODE; what it says has to match the patterns. */
export function assertProblem(answer, status, code, { detail, hint } = {}) {
  const what = `${answer.method} ${answer.path}: ${answer.status} ${answer.text.slice(0, 300)}`;
  assert.equal(answer.status, status, what);
  assert.match(answer.headers["content-type"] ?? "", /^application\/problem\+json$/, what);
  assertSchema(answer.json, "Problem");
  assert.equal(answer.json.status, status, what);
  assert.equal(answer.json.code, code, what);
  assert.ok(codes.has(answer.json.code), `"${answer.json.code}" is no code of the contract`);
  assert.equal(answer.json.request_id, answer.headers["x-request-id"]);
  assert.match(answer.json.detail, /^[^a-z].*[.!?]$/s, `a sentence: ${answer.json.detail}`);
  if (detail) assert.match(answer.json.detail, detail);
  if (hint) assert.match(answer.json.hint ?? "", hint);
  return answer.json;
}
