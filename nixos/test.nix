# SPDX-License-Identifier: Apache-2.0
#
# Two machines: an agent server with a token, and a front before it. What is asked of both is what a
# user would ask; of the server also whether every wall that the unit must leave standing stands.
self:
{ pkgs, lib, ... }:
let
  token = "a-token-that-only-this-test-has";
  tokenFile = pkgs.writeText "token" token;
in
{
  name = "sandglass";

  nodes.server = {
    imports = [ self.nixosModules.default ];
    # A secret's manager would put it there.
    systemd.tmpfiles.rules = [ "C /run/secrets/sandglass-token 0400 root root - ${tokenFile}" ];
    services.sandglass = {
      enable = true;
      listenAddress = "0.0.0.0";
      openFirewall = true;
      accessTokenFile = "/run/secrets/sandglass-token";
      settings.SANDBOX_STRICT = true;
    };
    environment.systemPackages = [ pkgs.jq ];
  };

  nodes.front = {
    imports = [ self.nixosModules.default ];
    services.sandglass = {
      enable = true;
      listenAddress = "0.0.0.0";
      port = 80;
      openFirewall = true;
      settings.UPSTREAM_URL = "http://server:8080";
    };
  };

  testScript = ''
    import json

    ask = "curl -fsS -H 'Authorization: Bearer ${token}' "
    api = "http://127.0.0.1:8080/api/v1/"

    start_all()
    server.wait_for_unit("sandglass.service")
    server.wait_for_open_port(8080)

    with subtest("every wall stands, with limits by control group version 2"):
        health = json.loads(server.succeed(ask + api + "health"))
        findings = {one["what"]: one for one in health["sandbox"]["findings"]}
        print(json.dumps(health["sandbox"], indent=1))
        assert health["status"] == "ok", health
        assert health["sandbox"]["backend"] == "local"
        assert [one for one in findings.values() if one["state"] != "holds"] == []
        for name in ["user", "pid", "net", "mount", "ipc", "uts", "cgroup"]:
            assert name in findings["namespaces"]["detail"], name
        for limit in ["memory limit", "process limit", "processor limit"]:
            assert "cgroup v2" in findings[limit]["detail"], limit

    with subtest("the token is asked for, and is nowhere to be read"):
        assert server.succeed("curl -s -o /dev/null -w '%{http_code}' " + api + "datasets") == "401"
        server.fail("systemctl show sandglass.service | grep -F ${token}")
        server.fail("tr '\\0' '\\n' </proc/$(systemctl show -P MainPID sandglass.service)/environ | grep -F ${token}")

    with subtest("the service has few rights"):
        server.succeed("systemd-analyze security --no-pager --threshold=40 sandglass.service")

    with subtest("the smoke test passes, on the machine and through the front"):
        smoke = "${lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.default} smoke"
        server.succeed(f"{smoke} --url http://127.0.0.1:8080 --access-token-file /run/secrets/sandglass-token")
        front.wait_for_unit("sandglass.service")
        front.wait_until_succeeds("curl -fsS http://127.0.0.1/readyz")
        server.succeed(f"{smoke} --url http://front --access-token-file /run/secrets/sandglass-token")
        front.succeed("test ! -e /var/lib/private/sandglass/server-id")

    conversation = json.loads(server.succeed(
        ask + "-H 'Content-Type: application/json' -d '{\"dataset\":\"weather\",\"title\":\"kept\"}' " + api + "conversations"
    ))["id"]

    with subtest("a restart keeps what was asked, and so does being killed"):
        server.succeed("systemctl restart sandglass.service")
        server.wait_for_open_port(8080)
        server.succeed(ask + api + "conversations/" + conversation)
        server.succeed("systemctl kill --signal=SIGKILL sandglass.service")
        server.wait_until_succeeds(ask + api + "conversations/" + conversation)

    with subtest("it stops in time and leaves no process and no control group"):
        server.succeed("systemctl stop sandglass.service")
        assert "Result=success" in server.succeed("systemctl show -p Result sandglass.service")
        server.fail("pgrep -f 'app (serve|runner)'")
        server.fail("find /sys/fs/cgroup -name 'sandglass-*' | grep .")
  '';
}
