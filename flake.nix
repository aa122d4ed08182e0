# SPDX-License-Identifier: Apache-2.0
#
# `nix run` starts the server, `nix build` makes the static program with its data
# sets, `nix build .#image` the container image, `nix flake check` builds all of it,
# runs its tests, and starts it in virtual machines (nixos/). The libraries are built
# by src/deps/build.sh from the archives that deps.json pins, as everywhere else;
# musl and the compiler are those of nixpkgs. docs/nix.md has more.
{
  description = "Ask your data in plain words; every answer is computed in its own throw-away sandbox";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEachSystem = make: lib.genAttrs systems (system: make system nixpkgs.legacyPackages.${system});

      # The archives of the libraries, under the names by which fetch.sh looks for them.
      sourcesFor =
        pkgs:
        let
          libraries = (lib.importJSON ./src/deps/deps.json).libraries;
          upstream = library: lib.findFirst (source: source ? url) null library.sources;
        in
        pkgs.linkFarm "sandglass-sources" (
          map (library: {
            name = (upstream library).file;
            path = pkgs.fetchurl { inherit (upstream library) url sha256; };
          }) (lib.filter (library: library.name != "musl") libraries)
        );

      # The lock file says what each package's archive must be but not where it is, so
      # npm looks it up; the folder is then put together as `npm ci` would, without its scripts.
      nodeModulesFor =
        system: pkgs:
        let
          cpu = if lib.hasPrefix "aarch64" system then "arm64" else "x64";
          fits = _: package: lib.elem "linux" (package.os or [ "linux" ]) && lib.elem cpu (package.cpu or [ cpu ]);
          packages = lib.filterAttrs fits (
            removeAttrs (lib.importJSON ./assets/package-lock.json).packages [ "" ]
          );
          archive =
            path: package:
            pkgs.runCommand "${baseNameOf path}-${package.version}.tgz"
              {
                outputHash = package.integrity;
                outputHashMode = "flat";
                nativeBuildInputs = [ pkgs.nodejs ];
                NODE_EXTRA_CA_CERTS = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
                impureEnvVars = lib.fetchers.proxyImpureEnvVars;
              }
              ''
                export HOME=$TMPDIR
                npm pack --silent ${lib.last (lib.splitString "node_modules/" path)}@${package.version}
                mv ./*.tgz $out
              '';
          unpack = path: package: ''
            mkdir -p $out/${path}
            tar -xzf ${archive path package} --strip-components=1 -C $out/${path}
          '';
        in
        pkgs.runCommand "sandglass-node-modules" { } ''
          ${lib.concatStrings (lib.mapAttrsToList unpack packages)}
          touch $out/node_modules/.package-lock.json
        '';

      # A compiler that makes static-pie programs with musl, for build.sh.
      muslCompiler = pkgs: "${pkgs.pkgsStatic.stdenv.cc}/bin/${pkgs.pkgsStatic.stdenv.cc.targetPrefix}cc -static-pie";

      version = self.shortRev or "dirty";

      packageFor =
        system: pkgs:
        pkgs.pkgsStatic.stdenv.mkDerivation {
          pname = "sandglass";
          inherit version;
          src = self;
          depsBuildBuild = [ pkgs.stdenv.cc ];
          nativeBuildInputs = [
            pkgs.jq
            pkgs.nodejs
            pkgs.util-linux
          ];
          SANDGLASS_CC = muslCompiler pkgs;
          makeFlags = [ "PREFIX=${placeholder "out"}" ];
          buildFlags = [
            "all"
            "data"
          ];
          enableParallelBuilding = true;
          dontConfigure = true;
          # The program is stripped already, and its own linking says -static-pie.
          dontStrip = true;
          preBuild = ''
            unset NIX_CFLAGS_LINK
            export HOME=$TMPDIR SANDGLASS_CACHE=$TMPDIR/cache SANDGLASS_JOBS=$NIX_BUILD_CORES
            mkdir -p $SANDGLASS_CACHE
            ln -s ${sourcesFor pkgs} $SANDGLASS_CACHE/sources
            patchShebangs src tests
            cp -R ${nodeModulesFor system pkgs}/node_modules assets/
            chmod -R u+w assets/node_modules
            touch assets/node_modules/.package-lock.json
          '';
          meta = {
            description = "Natural-language questions to your data, each answered in its own sandbox";
            license = lib.licenses.asl20;
            mainProgram = "app";
            platforms = systems;
          };
        };
    in
    {
      packages = forEachSystem (
        system: pkgs: {
          default = packageFor system pkgs;
          image = import ./nixos/image.nix {
            inherit pkgs version;
            package = self.packages.${system}.default;
            revision = self.rev or "dirty";
          };
        }
      );

      apps = forEachSystem (
        system: pkgs:
        let
          app = "${self.packages.${system}.default}/bin/app";
          command = name: {
            type = "app";
            program = "${pkgs.writeShellScript "sandglass-${name}" ''exec ${app} ${name} "$@"''}";
          };
        in
        {
          default = self.apps.${system}.serve;
          app = {
            type = "app";
            program = app;
          };
          serve = command "serve";
          smoke = command "smoke";
          render-helm = command "render-helm";
        }
      );

      nixosModules.default = import ./nixos/module.nix self;

      # The last two start virtual machines, which wants /dev/kvm.
      checks = forEachSystem (
        system: pkgs: {
          package = self.packages.${system}.default;
          image = self.packages.${system}.image;
          unit = self.packages.${system}.default.overrideAttrs (_: {
            pname = "sandglass-unit";
            buildFlags = [ "unit" ];
            installPhase = "build/unit | tee $out";
          });
          nixos = pkgs.testers.runNixOSTest (import ./nixos/test.nix self);
          k3s = pkgs.testers.runNixOSTest (import ./nixos/k3s-test.nix self);
        }
      );

      devShells = forEachSystem (
        _: pkgs: {
          default = pkgs.mkShell {
            SANDGLASS_CC = muslCompiler pkgs;
            packages = lib.concatLists (lib.attrValues (import ./nixos/tools.nix pkgs));
          };
        }
      );

      formatter = forEachSystem (_: pkgs: pkgs.nixfmt-rfc-style);
    };
}
