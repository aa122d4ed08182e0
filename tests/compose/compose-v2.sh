#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Prints a folder for DOCKER_CONFIG with Docker's Compose 2 as a plugin, for a
# machine whose Debian is too old to have it: one program, from the package of
# Debian 13, kept in the cache, and taken only with the pinned SHA-256. Where the
# command docker has the plugin already, it is the folder that it is used with.
set -euo pipefail

package=docker-compose_2.26.1-4_amd64.deb
sha256=47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea
cache=${SANDGLASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sandglass}/compose-2.26.1
plugin=$cache/cli-plugins/docker-compose

fail() {
    echo "$1" >&2
    exit 1
}

is_pinned() { echo "$sha256  $1" | sha256sum --status --check - 2>/dev/null; }

# From whatever Debian archive apt is set up to use here.
download() { # FILE
    local archive
    # shellcheck disable=SC2016 # apt's own variable
    while read -r archive; do
        /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User="$(id -un)" download-file \
            "${archive%/}/pool/main/d/docker-compose/$package" "$1" >/dev/null 2>&1 && return
    done < <(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | sort -u)
    return 1
}

if docker compose version >/dev/null 2>&1; then
    echo "${DOCKER_CONFIG:-$HOME/.docker}"
    exit
fi
mkdir -p "$cache/cli-plugins"
if [[ ! -x $plugin ]]; then
    [[ $(uname -m) == x86_64 ]] || fail "no package of it is pinned for $(uname -m)"
    command -v dpkg-deb >/dev/null || fail "this is no Debian to take it from"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    download "$work/$package" || fail "Debian's $package is not to be reached"
    is_pinned "$work/$package" || fail "Debian's $package has not the pinned SHA-256"
    dpkg-deb --fsys-tarfile "$work/$package" | tar -xO ./usr/libexec/docker/cli-plugins/docker-compose >"$work/docker-compose"
    chmod 755 "$work/docker-compose"
    mv "$work/docker-compose" "$plugin"
fi
echo "$cache"
