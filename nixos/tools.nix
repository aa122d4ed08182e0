# SPDX-License-Identifier: Apache-2.0
#
# What the development shell has: for each Debian package that src/deps/tools.sh may install, what
# nixpkgs has for it. An empty list is what another one of them, the shell's compiler or Nix itself
# brings along, or what only a Debian machine has a use for. tests/nix/run holds this to tools.sh.
pkgs: {
  binutils = [ ];
  bubblewrap = [ pkgs.bubblewrap ];
  bzip2 = [ ];
  ca-certificates = [ pkgs.cacert ];
  chromium = [ pkgs.chromium ];
  clang = [ pkgs.clang ];
  clang-format = [ pkgs.clang-tools ];
  cpio = [ pkgs.cpio ];
  curl = [ pkgs.curl ];
  docker-compose = [ pkgs.docker-compose ];
  "docker.io" = [ pkgs.docker ];
  gcc = [ ];
  gcc-aarch64-linux-gnu = [ ];
  # Debian's packages of Go libraries in GOPATH's layout: the suites that need them are skipped.
  golang-github-burntsushi-toml-dev = [ ];
  golang-github-gobwas-glob-dev = [ ];
  golang-github-masterminds-sprig-dev = [ ];
  golang-go = [ pkgs.go ];
  "golang-gopkg-yaml.v3-dev" = [ ];
  golang-k8s-sigs-yaml-dev = [ ];
  iproute2 = [ pkgs.iproute2 ];
  jq = [ pkgs.jq ];
  libc6-dev = [ ];
  linux-libc-dev = [ ];
  linux-libc-dev-arm64-cross = [ ];
  make = [ ];
  nix-bin = [ pkgs.nix ];
  nodejs = [ pkgs.nodejs ];
  npm = [ ];
  openssl = [ pkgs.openssl ];
  procps = [ pkgs.procps ];
  qemu-system-arm = [ ];
  qemu-system-x86 = [ pkgs.qemu ];
  shellcheck = [ pkgs.shellcheck ];
  sqlite3 = [ pkgs.sqlite ];
  tcl = [ pkgs.tcl ];
  util-linux = [ pkgs.util-linux ];
  xz-utils = [ ];
}
