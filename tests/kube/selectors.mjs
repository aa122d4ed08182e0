// SPDX-License-Identifier: Apache-2.0
// labelSelector and fieldSelector: their grammar, and which fields each kind has.
import { badRequest } from "./status.mjs";

const KEY = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^()]*)\)$`);
const EQUAL = new RegExp(String.raw`^(${KEY})\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)$`);
const EXISTS = new RegExp(String.raw`^(!?)\s*(${KEY})$`);

function labelTerm(term) {
  const [, setKey, setOperator, list] = SET.exec(term) ?? [];
  if (setKey) {
    const values = list.split(",").map((value) => value.trim());
    return (labels) => (setKey in labels && values.includes(labels[setKey])) === (setOperator === "in");
  }
  const [, key, operator, value] = EQUAL.exec(term) ?? [];
  if (key) return (labels) => (labels[key] === value) === (operator !== "!=");
  const [, not, name] = EXISTS.exec(term) ?? [];
  if (name) return (labels) => name in labels === (not === "");
  throw badRequest(`unable to parse requirement: found '${term}', expected: identifier`);
}

/** A predicate of objects. */
export function labelSelector(text) {
  const terms = (text ?? "").split(/,(?![^(]*\))/).map((term) => term.trim()).filter(Boolean).map(labelTerm);
  return (object) => terms.every((holds) => holds(object.metadata.labels ?? {}));
}

const common = ["metadata.name", "metadata.namespace"];
const fields = {
  pods: [...common, "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"],
  jobs: [...common, "status.successful"],
  events: [...common, "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"],
  namespaces: [...common, "status.phase"],
};

function valueAt(object, path) {
  const key = path === "status.successful" ? "status.succeeded" : path;
  const value = key.split(".").reduce((part, word) => part?.[word], object);
  return value === undefined ? (path === "status.successful" ? "0" : "") : String(value);
}

export function fieldSelector(text, resource) {
  const terms = (text ?? "").split(",").filter(Boolean).map((term) => {
    const [, path, operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (!path) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
    if (!(fields[resource.plural] ?? common).includes(path)) {
      throw badRequest(`Unable to find "${resource.apiVersion}, Resource=${resource.plural}" that match label selector "", field selector "${text}": field label not supported: ${path}`);
    }
    return (object) => (valueAt(object, path) === value) === (operator !== "!=");
  });
  return (object) => terms.every((holds) => holds(object));
}
