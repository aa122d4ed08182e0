# SPDX-License-Identifier: Apache-2.0
#
# The packages and builders of nixpkgs that our files use, as derivations that do nothing. Their
# arguments become a derivation's, so each must be one that a derivation can have.
system:
let
  make =
    args:
    let
      it = derivation (
        {
          inherit system;
          builder = "/bin/sh";
          name = args.name or "${args.pname}-${args.version}";
        }
        // removeAttrs args [ "meta" "passthru" ]
      );
    in
    it
    // {
      meta = args.meta or { };
      overrideAttrs = change: make (args // change args);
    }
    // args.passthru or { };

  tool = name: make { inherit name; };
  tools = names: builtins.listToAttrs (map (name: { inherit name; value = tool name; }) names);

  # That a function is given what it takes, and nothing else.
  checked =
    name: required: allowed: args:
    let
      missing = builtins.filter (key: !(args ? ${key})) required;
      unknown = builtins.filter (key: !(builtins.elem key (required ++ allowed))) (builtins.attrNames args);
    in
    if missing != [ ] then
      throw "${name} needs the argument ${builtins.head missing}"
    else if unknown != [ ] then
      throw "${name} has no argument ${builtins.head unknown}"
    else
      args;

  # An image's configuration, as the OCI image specification spells it.
  imageConfig = checked "the configuration of an image" [ "Entrypoint" ] [ "Env" "Labels" "User" ];

  # A test is a module of its own; its machines are checked by tests/nix/check.nix.
  testOf =
    test:
    let
      it = checked "a NixOS test" [ "name" "nodes" "testScript" ] [ ] (test {
        inherit pkgs;
        lib = import ./lib.nix;
      });
    in
    make {
      name = "vm-test-run-${it.name}";
      inherit (it) testScript;
      passthru.test = it;
    };

  pkgs =
    tools [
      "bubblewrap"
      "cacert"
      "chromium"
      "clang"
      "clang-tools"
      "cpio"
      "curl"
      "docker"
      "docker-compose"
      "go"
      "iproute2"
      "jq"
      "k3s"
      "nix"
      "nixfmt-rfc-style"
      "nodejs"
      "openssl"
      "procps"
      "qemu"
      "shellcheck"
      "sqlite"
      "tcl"
      "util-linux"
    ]
    // {
      pkgsStatic = {
        busybox = tool "busybox-static";
        stdenv = {
          cc = tool "gcc-static" // {
            targetPrefix = "${builtins.head (builtins.split "-" system)}-unknown-linux-musl-";
          };
          mkDerivation = make;
        };
      };
      stdenv = {
        cc = tool "gcc";
        hostPlatform = { inherit system; };
      };
      dockerTools.buildLayeredImage =
        args:
        let
          it =
            checked "buildLayeredImage" [ "name" "tag" "config" ] [ "created" "fakeRootCommands" "includeStorePaths" ]
              args;
        in
        make (
          it
          // {
            config = builtins.toJSON (imageConfig it.config);
            name = baseNameOf it.name;
            passthru.imageTag = it.tag;
          }
        );
      fetchurl =
        args:
        let
          it = checked "fetchurl" [ "url" "sha256" ] [ ] args;
        in
        make {
          name = baseNameOf it.url;
          inherit (it) url;
          outputHash = it.sha256;
          outputHashAlgo = "sha256";
        };
      linkFarm =
        name: entries:
        make {
          inherit name;
          links = map (entry: "${entry.name} ${entry.path}") entries;
        };
      mkShell = args: make (args // { name = "shell"; });
      runCommand =
        name: args: script:
        make (args // { inherit name script; });
      testers.runNixOSTest = testOf;
      writeShellScript = name: text: make { inherit name text; };
      writeText = name: text: make { inherit name text; };
    };
in
pkgs
