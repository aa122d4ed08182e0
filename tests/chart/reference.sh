#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the reference renderer (render/) with Debian's Go and the libraries that Helm stands on,
# and prints where it is. Where one of them is not installed it says which, with status 3.
set -euo pipefail
cd "$(dirname "$0")/../.."

libraries=/usr/share/gocode
missing() {
    command -v go >/dev/null || echo golang-go
    local path package
    while read -r path package; do
        [[ -e $libraries/src/$path ]] || echo "$package"
    done <<'END'
github.com/Masterminds/sprig golang-github-masterminds-sprig-dev
github.com/BurntSushi/toml golang-github-burntsushi-toml-dev
github.com/gobwas/glob golang-github-gobwas-glob-dev
gopkg.in/yaml.v3 golang-gopkg-yaml.v3-dev
sigs.k8s.io/yaml golang-k8s-sigs-yaml-dev
END
}

mapfile -t packages < <(missing)
((${#packages[@]} == 0)) || { echo "not installed: ${packages[*]}" && exit 3; }
mkdir -p build/chart
(cd tests/chart/render && GO111MODULE=off GOPATH=$libraries GOFLAGS='' \
    GOCACHE=$OLDPWD/build/chart/cache go build -o "$OLDPWD/build/chart/render" .)
echo "$PWD/build/chart/render"
