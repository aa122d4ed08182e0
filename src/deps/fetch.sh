#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Brings the pinned source archives (deps.json) into the cache and prints the
# path of each. A library's sources are tried in their order: upstream over
# https, then the orig archive of the Debian source package, through whatever
# Debian archive apt is already set up to use here. A file counts only when its
# SHA-256 is the pinned one, so it does not matter who served it.
#
# Usage: fetch.sh [LIBRARY]...      (all of them when none is named)
# A file put into the cache's folder `sources` by hand is used as it is.
set -euo pipefail

json=$(dirname "${BASH_SOURCE[0]}")/deps.json
sources=${SANDGLASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sandglass}/sources
tried=

fail() { echo "fetch.sh: $*" >&2 && exit 1; }

is_pinned() { # FILE SHA256
    [[ -f $1 ]] && echo "$2  $1" | sha256sum --status --check -
}

from_url() { # URL FILE
    if command -v curl >/dev/null; then
        curl -fsSL --proto '=https' --connect-timeout 10 -o "$2" "$1" 2>"$2.err"
    else
        wget -q --https-only --timeout=10 --tries=1 -O "$2" "$1" 2>"$2.err"
    fi
}

# The pool of a Debian archive names its files by package, so no index is needed.
from_debian() { # PACKAGE NAME FILE
    local package=$1 letter=${1:0:1} archive
    [[ $package == lib* ]] && letter=${package:0:4}
    command -v apt-get >/dev/null || return 1
    # shellcheck disable=SC2016 # apt's own variable
    while read -r archive; do
        /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User="$(id -un)" download-file \
            "${archive%/}/pool/main/$letter/$package/$2" "$3" >/dev/null 2>"$3.err" && return 0
    done < <(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep -E '/debian/?$' | sort -u)
    return 1
}

fetch_source() { # URL-OR-DASH PACKAGE-OR-DASH FILE SHA256 -> prints the path
    local path=$sources/$3 part=$sources/.$3.$$
    if [[ $1 != - ]]; then
        from_url "$1" "$part" || { tried+="; $1 (not reachable)" && return 1; }
    else
        from_debian "$2" "$3" "$part" || { tried+="; Debian's $3 (not reachable)" && return 1; }
    fi
    is_pinned "$part" "$4" || { tried+="; $3 (its SHA-256 is not the pinned one)" && return 1; }
    mv "$part" "$path" && echo "$path"
}

fetch_library() { # NAME
    local rows url package file sha256
    rows=$(jq -r --arg name "$1" '.libraries[] | select(.name == $name) | .sources[]
        | [.url // "-", .debian.package // "-", .file, .sha256] | @tsv' "$json")
    [[ -n $rows ]] || fail "$json has no library '$1'."
    while IFS=$'\t' read -r url package file sha256; do
        is_pinned "$sources/$file" "$sha256" && echo "$sources/$file" && return
    done <<<"$rows"
    tried=
    while IFS=$'\t' read -r url package file sha256; do
        fetch_source "$url" "$package" "$file" "$sha256" && return
    done <<<"$rows"
    fail "cannot get the source of $1${tried/;/:}. Go online, or put $(jq -r --arg name "$1" \
        'first(.libraries[] | select(.name == $name) | .sources[] | "\(.file) (SHA-256 \(.sha256))")' \
        "$json") into $sources; then run the same command again."
}

command -v jq >/dev/null || fail "jq is missing: run src/deps/tools.sh build, or install it."
mkdir -p "$sources"
trap 'rm -f "$sources"/.*."$$" "$sources"/.*."$$".err' EXIT
(($#)) || mapfile -t names < <(jq -r '.libraries[].name' "$json")
for name in "${@:-${names[@]}}"; do
    fetch_library "$name"
done
