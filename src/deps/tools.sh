#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs the programs that building or testing needs, where they are missing,
# on Debian and Ubuntu. It says first what it will install and why; where nothing
# is missing it says nothing and takes a few milliseconds. Elsewhere it names the
# missing commands, for the system's own way of installing them.
#
# Usage: tools.sh build|test|cross...
set -euo pipefail

# What is looked for: a command, several of which one is enough (a|b), or a file;
# then the Debian package that brings it, and what it is for.
build="
gcc                           gcc              the C compiler
/usr/include/stdio.h          libc6-dev        headers
/usr/include/linux/version.h  linux-libc-dev   the kernel's headers
ld                            binutils         the linker
make                          make             the build
jq                            jq               the list of the libraries
xz                            xz-utils         sources
bzip2                         bzip2            sources
tclsh                         tcl              SQLite's amalgamation
curl|wget                     curl             downloads
/etc/ssl/certs/ca-certificates.crt ca-certificates downloads
flock                         util-linux       one build of the libraries at a time
node                          nodejs           the web UI
npm                           npm              the web UI
"
test="
curl                          curl             HTTP tests
jq                            jq               HTTP tests
sqlite3                       sqlite3          expected values
clang                         clang            a second compiler, fuzzing
clang-format                  clang-format     the format of the code
shellcheck                    shellcheck       checking the scripts
bwrap                         bubblewrap       the figure to compare a sandbox with
openssl                       openssl          the certificates of test servers
nix                           nix-bin          evaluating the Nix files
qemu-system-x86_64            qemu-system-x86  the sandbox under another kernel
cpio                          cpio             the sandbox under another kernel
qemu-system-aarch64           qemu-system-arm  the sandbox on arm64
ps                            procps           looking for left-over processes
dockerd                       docker.io        the Docker tests' own daemon
openssl                       openssl          the Docker tests' certificates
docker-compose                docker-compose   the compose tests
ip                            iproute2         the compose tests' network
go                            golang-go        the reference of render-helm
/usr/share/gocode/src/github.com/Masterminds/sprig golang-github-masterminds-sprig-dev the reference of render-helm
/usr/share/gocode/src/github.com/BurntSushi/toml golang-github-burntsushi-toml-dev the reference of render-helm
/usr/share/gocode/src/github.com/gobwas/glob golang-github-gobwas-glob-dev the reference of render-helm
/usr/share/gocode/src/gopkg.in/yaml.v3 golang-gopkg-yaml.v3-dev the reference of render-helm
/usr/share/gocode/src/sigs.k8s.io/yaml golang-k8s-sigs-yaml-dev the reference of render-helm
chromium|chromium-browser|google-chrome|chromium-headless-shell chromium the browser tests
"
cross="
aarch64-linux-gnu-gcc         gcc-aarch64-linux-gnu the program for arm64
/usr/aarch64-linux-gnu/include/linux linux-libc-dev-arm64-cross the program for arm64
"
node_version_min=18

is_there() { # WANTED
    local one
    [[ $1 != /* ]] || { [[ -e $1 ]] && return || return; }
    for one in ${1//|/ }; do
        command -v "$one" >/dev/null && return
    done
    return 1
}

# Fills wanted, packages and reasons with what is missing of the given tables.
look() { # TABLE
    local want package reason
    wanted=() packages=() reasons=
    while read -r want package reason; do
        [[ -n $want ]] || continue
        is_there "$want" && continue
        wanted+=("$want") packages+=("$package")
        [[ ", $reasons, " == *", $reason, "* ]] || reasons+="${reasons:+, }$reason"
    done <<<"$1"
}

table=
for list in "$@"; do
    case $list in
    build) table+=$build ;;
    test) table+=$test$cross ;;
    cross) table+=$cross ;;
    *) echo "tools.sh: '$list' is no list of tools: build, test or cross is expected." >&2 && exit 2 ;;
    esac
done

look "$table"
if ((${#wanted[@]})); then
    as_root=()
    ((EUID == 0)) || as_root=(sudo)
    if ! command -v apt-get >/dev/null || ! command -v "${as_root[0]:-true}" >/dev/null; then
        echo "tools.sh: missing here, and only apt-get as root can be used to install it: ${wanted[*]}" >&2
        exit 1
    fi
    echo "Installing ${packages[*]}, needed for: $reasons." >&2
    "${as_root[@]}" apt-get -qq update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 install "${packages[@]}" >/dev/null
    look "$table"
    ((${#wanted[@]} == 0)) || { echo "tools.sh: still missing: ${wanted[*]}" >&2 && exit 1; }
fi
if [[ " $* " == *" build "* ]]; then
    version=$(node --version)
    version=${version#v}
    ((${version%%.*} >= node_version_min)) || {
        echo "tools.sh: node is version $version here; the web UI's tools need $node_version_min or newer." >&2
        exit 1
    }
fi
