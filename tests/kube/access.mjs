// SPDX-License-Identifier: Apache-2.0
// Who is asking (client certificate, bearer token, nobody) and what they may do. Whoever came with
// the certificate is an administrator; the token is a service account's, whose rules a test may set.
import { randomBytes } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { forbidden, unauthorized } from "./status.mjs";

const ANONYMOUS = { name: "system:anonymous", groups: ["system:unauthenticated"], method: "none" };
const EVERYTHING = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];

export class Access {
  rules = EVERYTHING; // of the service account

  constructor({ tokenFile, namespace }) {
    this.tokenFile = tokenFile;
    this.account = `system:serviceaccount:${namespace}:sandglass`;
    this.rotate();
  }

  /** From now on only a new token will do; the file has it. */
  rotate() {
    this.token = `sgt.${randomBytes(24).toString("base64url")}`;
    // The kubelet, too, puts the new file in the place of the old one.
    writeFileSync(`${this.tokenFile}.new`, this.token, { mode: 0o600 });
    renameSync(`${this.tokenFile}.new`, this.tokenFile);
  }

  /** The user who sent REQUEST; throws 401. */
  authenticate(request) {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const [, token] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
      if (token !== this.token) throw unauthorized();
      return { name: this.account, groups: ["system:serviceaccounts", "system:authenticated"], method: "token" };
    }
    const { subject } = request.socket.getPeerCertificate();
    if (!subject) return ANONYMOUS;
    if (!request.socket.authorized) throw unauthorized();
    return { name: subject.CN, groups: [subject.O, "system:authenticated"], method: "certificate" };
  }

  may(user, { verb, resource, group, subresource, name }) {
    if (user.groups.includes("system:masters")) return true;
    if (user.name !== this.account) return false;
    const path = subresource ? `${resource}/${subresource}` : resource;
    const has = (list, wanted) => list.includes("*") || list.includes(wanted);
    return this.rules.some((rule) => has(rule.apiGroups, group) && has(rule.resources, path) && has(rule.verbs, verb) && (!rule.resourceNames || rule.resourceNames.includes(name)));
  }

  /** Throws 403 where USER may not. */
  authorize(user, { verb, resource, subresource, name, namespace }) {
    const wanted = { verb, resource: resource.plural, group: resource.group, subresource, name };
    if (resource.plural === "selfsubjectaccessreviews" && user !== ANONYMOUS) return;
    if (!this.may(user, wanted)) throw forbidden(resource, name, this.refusal(user, { ...wanted, namespace }));
  }

  refusal(user, { verb, resource, subresource, group, namespace }) {
    const where = namespace ? `in the namespace "${namespace}"` : "at the cluster scope";
    return `User "${user.name}" cannot ${verb} resource "${subresource ? `${resource}/${subresource}` : resource}" in API group "${group}" ${where}`;
  }

  /** Fills the status of a SelfSubjectAccessReview. */
  review(user, { spec = {}, ...rest }) {
    const { verb = "", resource = "", group = "", subresource, name } = spec.resourceAttributes ?? {};
    const isAllowed = spec.resourceAttributes !== undefined && this.may(user, { verb, resource, group, subresource, name });
    return { ...rest, kind: "SelfSubjectAccessReview", apiVersion: "authorization.k8s.io/v1", metadata: {}, spec, status: { allowed: isAllowed, ...(isAllowed && { reason: "RBAC: allowed by this test" }) } };
  }
}
