// SPDX-License-Identifier: Apache-2.0
// Which test covers a command of the pages. The first row whose pattern matches has it:
//   run: CHECK        it is run here, with these words; CHECK(result, command) throws what is wrong
//   suite: NAME       that suite of tests/run runs it, or what it calls, for real
//   away: REASON      it cannot be run here; only its words are checked
// A command without a row fails, and so does a row that runs none.
import assert from "node:assert/strict";

const succeeds = (result) => assert.equal(result.status, 0, result.stderr || result.stdout);

export function says(...patterns) {
  return (result) => {
    succeeds(result);
    for (const pattern of patterns) assert.match(result.stdout, pattern);
  };
}

// What the page shows of the output: each line's first two columns are there, in that order.
function showsTheSame(result, command) {
  succeeds(result);
  let from = 0;
  for (const line of command.output.filter((one) => one.trim() && one.trim() !== "…")) {
    const words = /^\s*(\S+)(?:\s\s+(\S+(?: \S+)*))?/.exec(line);
    const wanted = words[2] ? new RegExp(`^\\s*\\S+\\s+${words[2]}\\s`) : new RegExp(line.trim());
    const at = result.stdout.split("\n").findIndex((one, index) => index >= from && wanted.test(one));
    assert.ok(at >= 0, `the page shows "${line.trim()}", the program says:\n${result.stdout}`);
    from = at + 1;
  }
}

const cloud = "needs an account in a cloud, and costs money";
const machine = "needs a machine on the Internet";
const cluster = "needs a cluster; tests/release and tests/chart check these calls with stand-ins and by schema";

export const coverage = [
  // ---- This project's own
  { pattern: /^make run$/, run: says(/http:\/\/127\.0\.0\.1:\d+\//), stop: /http:/ },
  { pattern: /^make test$/, suite: "every", why: "it runs this" },
  { pattern: /^make (dev|smoke|clean)\b/, suite: "compose" },
  { pattern: /^make image\b/, suite: "docker" },
  { pattern: /^make (k8s-up|helm-install|k8s-smoke|helm-uninstall|k8s-down)\b/, suite: "release" },
  { pattern: /^make release TAG=\S+ REGISTRY=\S+$/, suite: "release" },
  { pattern: /^(build\/)?app ask .*--json \| jq \.sentence$/, run: says(/^"[^"]*revenue/i) },
  { pattern: /^(build\/)?app ask /, run: says(/Approach|Climb|Takeoff/) },
  { pattern: /^(build\/)?app dataset build ~\/tables\/sales$/, run: says(/sales: 1 table, 2 rows/) },
  { pattern: /^(build\/)?app smoke$/, suite: "smoke" },
  { pattern: /^((ACCESS_TOKEN=\S+ |ACCESS_TOKEN=\$\(cat token\) )?(build\/)?)app smoke --url https:/, suite: "release", why: "k8s-smoke asks a server with a token" },
  { pattern: /^(build\/)?app sandbox check$/, run: showsTheSame },
  { pattern: /^app sandbox check --mode k8s/, suite: "kube" },
  { pattern: /^app serve --mode docker/, suite: "docker" },
  { pattern: /^app serve --mode k8s/, suite: "kube" },
  { pattern: /^(\w+=\S+ )?app serve .*--(listen|upstream)/, suite: "http" },
  { pattern: /^app token/, suite: "compose" },
  { pattern: /^app docker-proxy/, suite: "docker" },
  { pattern: /^app render-helm --namespace sandglass --values values\.yaml --skip-tests >sandglass\.yaml$/, run: succeeds, values: "docs/deploy-vm.md" },
  { pattern: /^(build\/)?app render-helm\b/, suite: "chart" },
  { pattern: /^curl -s http:\/\/127\.0\.0\.1:8080\/readyz$/, suite: "http" },
  { pattern: /^curl -X (PUT|POST|DELETE) http:\/\/127\.0\.0\.1:8080\/api\/v1\/settings\/model\b/, suite: "http" },
  { pattern: /^curl --data-binary @\S+ .*\/api\/v1\/datasets/, suite: "http" },
  { pattern: /^head -c 24 \/dev\/urandom .* >token$/, run: (result, command, read) => assert.match(read("token"), /^[0-9a-f]{48}$/) },
  { pattern: /^sha256sum --check SHA256SUMS$/, suite: "release" },
  { pattern: /^git (tag|push) /, suite: "release", why: "with a tag of the test's own" },

  // ---- What is elsewhere
  { pattern: /^(doctl|gcloud|eksctl|aws|az) /, away: cloud },
  { pattern: /^(ssh|scp|docker save .* \| ssh) /, away: machine },
  { pattern: /^curl -sfL https:\/\/get\.k3s\.io /, away: machine },
  { pattern: /^k3s kubectl /, away: machine },
  { pattern: /^(helm|kubectl|export ACCESS_TOKEN=\$\(kubectl) /, away: cluster },
  { pattern: /^(gh|cosign) /, away: "needs a published release" },
  { pattern: /^(docker compose|docker rm|docker exec)/, suite: "compose" },
  { pattern: /^nix /, suite: "nix" },
];
