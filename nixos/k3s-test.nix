# SPDX-License-Identifier: Apache-2.0
#
# A cluster of one node, without a registry and without Helm: the image is loaded from a file, the
# chart is rendered by the program itself, and the smoke test asks through the Service. Each of its
# runs is a Job, whose Pod the cluster makes.
self:
{ pkgs, ... }:
let
  inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) default image;
  # Nothing can be pulled, so what holds a Pod's namespaces is of our making too.
  pause = pkgs.dockerTools.buildLayeredImage {
    name = "test.local/pause";
    tag = "local";
    config.Entrypoint = [ "${pkgs.pkgsStatic.busybox}/bin/sleep" "infinity" ];
  };
in
{
  name = "sandglass-k3s";

  nodes.machine = {
    virtualisation = {
      memorySize = 3072;
      diskSize = 6144;
      cores = 2;
    };
    environment.systemPackages = [
      default
      pkgs.k3s
    ];
    services.k3s = {
      enable = true;
      role = "server";
      images = [
        image
        pause
      ];
      extraFlags = [
        "--disable=coredns,local-storage,metrics-server,servicelb,traefik"
        "--pause-image=test.local/pause:local"
      ];
    };
  };

  testScript = ''
    kubectl = "k3s kubectl --namespace sandglass "
    machine.wait_for_unit("k3s.service")
    machine.wait_until_succeeds("k3s kubectl get serviceaccount default")
    machine.wait_until_succeeds("k3s ctr images list -q | grep -F sandglass:${image.imageTag}")

    with subtest("the rendered chart is taken, and becomes ready"):
        machine.succeed("k3s kubectl create namespace sandglass")
        machine.succeed(
            "app render-helm --release sandglass --namespace sandglass"
            " --set persistence.enabled=false --set image.repository=docker.io/library/sandglass"
            " --set-string image.tag=${image.imageTag} --set image.pullPolicy=Never"
            " >/tmp/manifests.yaml"
        )
        machine.succeed(kubectl + "apply -f /tmp/manifests.yaml")
        machine.succeed(kubectl + "rollout status --timeout=300s deployment/sandglass")

    with subtest("the smoke test passes through the Service, each run being a Job"):
        machine.succeed(kubectl + "get secret sandglass -o jsonpath='{.data.token}' | base64 -d >/tmp/token")
        address = machine.succeed(kubectl + "get service sandglass -o jsonpath='{.spec.clusterIP}:{.spec.ports[0].port}'")
        machine.succeed(f"app smoke --url http://{address} --access-token-file /tmp/token")
        health = machine.succeed(f"curl -fsS -H \"Authorization: Bearer $(cat /tmp/token)\" http://{address}/api/v1/health")
        assert '"backend":"k8s"' in health, health

    with subtest("uninstalling leaves no Job and no Pod"):
        machine.succeed(kubectl + "delete -f /tmp/manifests.yaml --timeout=120s")
        machine.wait_until_succeeds("test -z \"$(" + kubectl + "get jobs,pods -o name)\"")
  '';
}
