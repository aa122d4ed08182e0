# SPDX-License-Identifier: Apache-2.0
#
# What tests/nix/run asks of our Nix files: the flake's outputs over the stub of nixpkgs, and the
# NixOS module over as much of NixOS as it touches. LIB is the stub's, or nixpkgs' own where somebody
# has it.
{
  lib ? import ./stub/lib.nix,
}:
let
  nixpkgs = (import ./stub/flake.nix).outputs { } // { inherit lib; };
  self = (import ../../flake.nix).outputs { inherit self nixpkgs; } // {
    outPath = toString ../..;
    rev = "0123456789abcdef0123456789abcdef01234567";
    shortRev = "0123456";
  };
  system = "x86_64-linux";
  pkgs = nixpkgs.legacyPackages.${system};

  # The options of NixOS that our files set or read.
  nixos = {
    options =
      let
        option =
          type: default:
          lib.mkOption {
            inherit type default;
            description = "One of NixOS.";
          };
        inherit (lib.types)
          anything
          attrsOf
          bool
          int
          listOf
          str
          ;
      in
      {
        assertions = option (listOf anything) [ ];
        environment.systemPackages = option (listOf lib.types.package) [ ];
        networking.firewall.allowedTCPPorts = option (listOf lib.types.port) [ ];
        security.allowUserNamespaces = option bool true;
        services.k3s = {
          enable = option bool false;
          role = option (lib.types.enum [ "server" "agent" ]) "server";
          images = option (listOf lib.types.package) [ ];
          extraFlags = option (listOf str) [ ];
        };
        systemd.services = option (attrsOf anything) { };
        systemd.tmpfiles.rules = option (listOf str) [ ];
        virtualisation.docker.enable = option bool false;
        virtualisation.cores = option int 1;
        virtualisation.diskSize = option int 1024;
        virtualisation.memorySize = option int 1024;
      };
  };

  evaluate =
    modules:
    lib.evalModules {
      modules = [ nixos ] ++ modules;
      specialArgs = { inherit pkgs; };
    };

  # A unit file, as NixOS writes it.
  lineOf =
    name: value:
    if builtins.isList value then
      lib.concatStrings (map (lineOf name) value)
    else if builtins.isBool value then
      "${name}=${if value then "true" else "false"}\n"
    else
      "${name}=${toString value}\n";
  section = name: set: "[${name}]\n" + lib.concatStrings (lib.mapAttrsToList lineOf set);
  unitOf =
    service:
    section "Unit" {
      Description = service.description;
      After = builtins.concatStringsSep " " service.after;
      Wants = builtins.concatStringsSep " " service.wants;
    }
    + section "Service" (
      service.serviceConfig
      // {
        Environment = lib.mapAttrsToList (name: value: builtins.toJSON "${name}=${value}") service.environment;
      }
    );

  summary =
    config:
    let
      service = config.systemd.services.sandglass or null;
    in
    {
      failed = map (one: one.message) (lib.filter (one: !one.assertion) config.assertions);
      ports = config.networking.firewall.allowedTCPPorts;
      unit = if service == null then null else unitOf service;
      environment = service.environment or null;
    };

  # The module as it is configured by VALUES, with a package at the path APP.
  configured =
    values:
    summary
      (evaluate [
        self.nixosModules.default
        { services.sandglass = values // { enable = true; }; }
      ]).config;

  nodesOf = test: lib.mapAttrs (_: node: (evaluate [ node ]).config) test.nodes;
  tests = {
    nixos = self.checks.${system}.nixos.test;
    k3s = self.checks.${system}.k3s.test;
  };

  # Every option below PATH: its name, type, default and description, as docs/nix.md has them.
  describe =
    path: options:
    builtins.concatLists (
      lib.mapAttrsToList (
        name: option:
        let
          here = "${path}.${name}";
        in
        if lib.isOption option then
          [
            {
              name = here;
              type = option.type.description or option.type.name;
              default = option.defaultText.text or (builtins.toJSON option.default);
              inherit (option) description;
            }
          ]
        else
          describe here option
      ) options
    );
in
{
  inherit configured;
  disabled = summary (evaluate [ self.nixosModules.default ]).config;
  options =
    describe "services.sandglass"
      (evaluate [ self.nixosModules.default ]).options.services.sandglass;
  tools = lib.attrNames (import ../../nixos/tools.nix pkgs);
  image = builtins.fromJSON self.packages.${system}.image.config;
  machines = lib.mapAttrs (_: test: lib.mapAttrs (_: summary) (nodesOf test)) tests;
  k3s = (nodesOf tests.k3s).machine.services.k3s // { images = map (image: "${image}") (nodesOf tests.k3s).machine.services.k3s.images; };
  testScripts = lib.mapAttrs (_: test: test.testScript) tests;
  apps = lib.mapAttrs (_: app: assert app.type == "app"; app.program) self.apps.${system};
}
