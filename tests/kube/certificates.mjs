// SPDX-License-Identifier: Apache-2.0
// The cluster's certificate authority, the certificates of the server and of an administrator, and
// the files by which clients find and trust it: a kubeconfig with every way of signing in, and the
// folder that a Pod would find its service account in.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const DAYS = "2";

// The certificate is not for "localhost": a client that goes there has to ask for SERVER_NAME.
const SERVER_NAME = "kubernetes.default.svc";

const extensions = `[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1,DNS:${SERVER_NAME}
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
`;

/** Makes the files in FOLDER; gives { ca, server: { key, cert }, client: { key, cert } }, all PEM. */
export function makeCertificates(folder) {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "openssl.cnf");
  writeFileSync(config, extensions);
  const make = (name, subject, issuer) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", DAYS, "-config", config, "-extensions", name, "-subj", subject, "-keyout", key, "-out", cert];
    execFileSync("openssl", issuer ? [...words, "-CA", issuer.cert, "-CAkey", issuer.key] : words, { stdio: ["ignore", "ignore", "pipe"] });
    return { key, cert };
  };
  const ca = make("ca", "/CN=sandglass-test-ca");
  const server = make("server", "/CN=kube-apiserver", ca);
  const client = make("client", "/O=system:masters/CN=kubernetes-admin", ca);
  const read = ({ key, cert }) => ({ key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8"), files: { key, cert } });
  return { caFile: ca.cert, ca: readFileSync(ca.cert, "utf8"), server: read(server), client: read(client) };
}

const base64 = (text) => Buffer.from(text).toString("base64");

/** An exec credential plugin: it notes what it was told, and prints the token that holds now. */
function writePlugin(dir, tokenFile) {
  const file = join(dir, "credential-plugin");
  const lines = [
    "#!/bin/sh",
    `printf '%s\\n' "$KUBERNETES_EXEC_INFO" >>'${join(dir, "credential-plugin.log")}'`,
    `printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat '${tokenFile}')"`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Writes the kubeconfig; its path. Its contexts are described at the head of server.mjs. */
export function writeKubeconfig({ dir, url, certificates, tokenFile, token, namespace }) {
  const plugin = writePlugin(dir, tokenFile);
  const { ca, caFile, client } = certificates;
  const users = ["certificate", "certificate-files", "token", "token-file", "exec"];
  const contexts = [...users.map((user) => ["test", user, user]), ["by-name", "certificate", "server-name"]];
  const text = `apiVersion: v1
kind: Config
preferences: {}
current-context: certificate
clusters:
- name: test
  cluster:
    certificate-authority-data: ${base64(ca)}
    server: ${url}
- name: by-name
  cluster:
    certificate-authority: ${caFile}
    server: ${url.replace("127.0.0.1", "localhost")}
    tls-server-name: ${SERVER_NAME}
contexts:
${contexts.map(([cluster, user, name]) => `- name: ${name}\n  context:\n    cluster: ${cluster}\n    namespace: ${namespace}\n    user: ${user}`).join("\n")}
users:
- name: certificate
  user:
    client-certificate-data: ${base64(client.cert)}
    client-key-data: ${base64(client.key)}
- name: certificate-files
  user:
    client-certificate: ${client.files.cert}
    client-key: ${client.files.key}
- name: token
  user:
    token: ${token}
- name: token-file
  user:
    tokenFile: ${tokenFile}
- name: exec
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ${plugin}
      interactiveMode: Never
      provideClusterInfo: false
`;
  const file = join(dir, "kubeconfig");
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** What a Pod has in /var/run/secrets/kubernetes.io/serviceaccount: { folder, tokenFile }. */
export function makeAccountFolder(dir, { ca, namespace }) {
  const folder = join(dir, "serviceaccount");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ca.crt"), ca);
  writeFileSync(join(folder, "namespace"), namespace);
  return { folder, tokenFile: join(folder, "token") };
}
