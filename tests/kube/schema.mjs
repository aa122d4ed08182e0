// SPDX-License-Identifier: Apache-2.0
// Bodies against Kubernetes' published OpenAPI definitions. An unknown field and a wrong type are
// errors, as with fieldValidation=Strict; this server is as strict with every client.
import { readFileSync } from "node:fs";
import { badRequest, cause } from "./status.mjs";

const REFERENCE = "#/definitions/";
const INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
const QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const QUANTITY_FORM = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const TIME_FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const BASE64_FORM = /^[A-Za-z0-9+/]*={0,2}$/;

const typeOf = (value) => (Array.isArray(value) ? "array" : typeof value === "object" ? "object" : typeof value);

export class Schema {
  #definitions;
  #kinds = new Map();

  constructor(file) {
    this.#definitions = JSON.parse(readFileSync(file, "utf8")).definitions;
    for (const [name, { "x-kubernetes-group-version-kind": kinds = [] }] of Object.entries(this.#definitions)) {
      for (const { group, version, kind } of kinds) this.#kinds.set(`${group}/${version}/${kind}`, name);
    }
  }

  /** Throws 400 as the real decoder does. Gives what is required and lacks, as causes of a 422. */
  check(body, group, version, kind) {
    const name = this.#kinds.get(`${group}/${version}/${kind}`) ?? this.#kinds.get(`/${version}/${kind}`);
    if (!name) throw badRequest(`no kind "${kind}" is registered for version "${group ? `${group}/` : ""}${version}"`);
    const found = { unknown: [], wrong: [], missing: [] };
    this.#visit(body, { $ref: REFERENCE + name }, "", found);
    const cannot = `${kind} in version "${version}" cannot be handled as a ${kind}`;
    if (found.wrong.length > 0) throw badRequest(`${cannot}: ${found.wrong[0]}`);
    if (found.unknown.length > 0) throw badRequest(`${cannot}: strict decoding error: ${found.unknown.map((path) => `unknown field "${path}"`).join(", ")}`);
    return found.missing.map((path) => cause.required(path));
  }

  #visit(value, schema, path, found) {
    if (value === null || value === undefined) return; // the decoder takes null for nothing
    if (schema.$ref) {
      const name = schema.$ref.slice(REFERENCE.length);
      if (name === QUANTITY) return this.#quantity(value, found);
      if (name === INT_OR_STRING) return this.#expect(["string", "number"].includes(typeof value), value, path, "intstr.IntOrString", found);
      return this.#visit(value, this.#definitions[name], path, found);
    }
    if (schema.properties || (schema.type === "object" && schema.additionalProperties)) return this.#object(value, schema, path, found);
    if (schema.type === "array") {
      if (!this.#expect(Array.isArray(value), value, path, "array", found)) return undefined;
      return value.forEach((one, index) => this.#visit(one, schema.items, `${path}[${index}]`, found));
    }
    return this.#scalar(value, schema, path, found);
  }

  #object(value, schema, path, found) {
    if (!this.#expect(typeOf(value) === "object", value, path, "object", found)) return;
    const at = (key) => (path ? `${path}.${key}` : key);
    for (const [key, one] of Object.entries(value)) {
      const inner = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties[key] : schema.additionalProperties;
      if (inner) this.#visit(one, inner, at(key), found);
      else found.unknown.push(at(key));
    }
    for (const key of schema.required ?? []) if (value[key] === undefined || value[key] === null) found.missing.push(at(key));
  }

  #scalar(value, { type, format }, path, found) {
    if (type === "string") {
      if (!this.#expect(typeof value === "string", value, path, "string", found)) return;
      if (format === "date-time" && !TIME_FORM.test(value)) found.wrong.push(`parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}" as "2006"`);
      if (format === "byte" && !BASE64_FORM.test(value)) found.wrong.push(`illegal base64 data at ${path}`);
    } else if (type === "integer") {
      this.#expect(Number.isInteger(value) && (format !== "int32" || Math.abs(value) <= 2 ** 31), value, path, format ?? "int64", found);
    } else if (type === "number" || type === "boolean") {
      this.#expect(typeof value === type, value, path, type === "number" ? "float64" : "bool", found);
    }
  }

  #quantity(value, found) {
    if (!QUANTITY_FORM.test(String(value))) found.wrong.push(`quantities must match the regular expression '${QUANTITY_FORM.source}'`);
  }

  #expect(isRight, value, path, type, found) {
    if (!isRight) found.wrong.push(`json: cannot unmarshal ${typeOf(value)} into Go struct field .${path} of type ${type}`);
    return isRight;
  }
}
