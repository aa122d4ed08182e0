// SPDX-License-Identifier: Apache-2.0
// How the API server says no: the Status object, its reasons, and the sentences of the real one
// (k8s.io/apimachinery/pkg/api/errors), because a client is to recognise them.

export class ApiError extends Error {
  constructor(code, reason, message, details, headers = {}) {
    super(message);
    Object.assign(this, { code, headers });
    this.status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, ...(reason && { reason }), ...(details && { details }), code };
  }
}

/** What the server writes when something was done and there is no object to show. */
export const success = (details) => ({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", ...(details && { details }) });

const qualified = (resource) => (resource.group ? `${resource.plural}.${resource.group}` : resource.plural);
const detailsOf = (resource, name) => ({ ...(name && { name }), ...(resource.group && { group: resource.group }), kind: resource.plural });

export const badRequest = (message) => new ApiError(400, "BadRequest", message);
export const unauthorized = () => new ApiError(401, "Unauthorized", "Unauthorized");
export const unknownPath = () => new ApiError(404, "NotFound", "the server could not find the requested resource", {});
export const notAllowed = () => new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
export const notFound = (resource, name) => new ApiError(404, "NotFound", `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));
export const alreadyExists = (resource, name) => new ApiError(409, "AlreadyExists", `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));
export const conflict = (resource, name, why) => new ApiError(409, "Conflict", `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`, detailsOf(resource, name));
export const forbidden = (resource, name, why) => new ApiError(403, "Forbidden", `${qualified(resource)}${name ? ` "${name}"` : ""} is forbidden: ${why}`, detailsOf(resource, name));
export const tooOld = (wanted, oldest) => new ApiError(410, "Expired", `too old resource version: ${wanted} (${oldest})`);
export const internal = (message) => new ApiError(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
export const unavailable = () => new ApiError(503, "ServiceUnavailable", "the server is currently unable to handle the request");

/** CAUSES are { reason, field, message }, as cause() makes them. */
export function invalid(resource, name, causes) {
  const list = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = list.length === 1 ? list[0] : `[${list.join(", ")}]`;
  const kind = resource.group ? `${resource.kind}.${resource.group}` : resource.kind;
  return new ApiError(422, "Invalid", `${kind} "${name}" is invalid: ${text}`, { name, ...(resource.group && { group: resource.group }), kind: resource.kind, causes });
}

const show = (value) => (typeof value === "string" ? JSON.stringify(value) : JSON.stringify(value) ?? "null");

export const cause = {
  required: (field, detail = "") => ({ reason: "FieldValueRequired", message: `Required value${detail && `: ${detail}`}`, field }),
  invalid: (field, value, detail) => ({ reason: "FieldValueInvalid", message: `Invalid value: ${show(value)}: ${detail}`, field }),
  unsupported: (field, value, allowed) => ({ reason: "FieldValueNotSupported", message: `Unsupported value: ${show(value)}: supported values: ${allowed.map(show).join(", ")}`, field }),
  duplicate: (field, value) => ({ reason: "FieldValueDuplicate", message: `Duplicate value: ${show(value)}`, field }),
  notFound: (field, value) => ({ reason: "FieldValueNotFound", message: `Not found: ${show(value)}`, field }),
  forbidden: (field, detail) => ({ reason: "FieldValueForbidden", message: `Forbidden: ${detail}`, field }),
  tooLong: (field, detail) => ({ reason: "FieldValueTooLong", message: `Too long: ${detail}`, field }),
};
