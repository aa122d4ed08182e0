# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# `make release` for real; read by tests/release/run, whose check, work, started
# and status it uses. It works in a copy of the tree with a history of its own.
# shellcheck disable=SC2154,SC2317

copy=$work/copy
version=7.8.9-rc.1

copy_tree() {
    mkdir -p "$copy/build"
    tar --exclude=./.git --exclude=./build --exclude=./tests/kube/node_modules -cf - . | tar -xf - -C "$copy"
    cp -a build/{app,app.debug,obj,gen,data,assets,licences,arm64} "$copy/build/"
    sed -i "s/^#define VERSION .*/#define VERSION \"$version\"/" "$copy/src/cmd/house.h"
    git -C "$copy" init --quiet
    git -C "$copy" add --all
    git -C "$copy" -c user.name=Test -c user.email=test@example.com commit --quiet --message "all of it"
    git -C "$copy" config user.name Test
    git -C "$copy" config user.email test@example.com
}

# Debian's registry, unpacked and not installed: its package would start a server for the whole machine.
find_registry() {
    local unpacked=$tree/build/registry/usr/bin/docker-registry
    if ! type -P docker-registry && [[ ! -x $unpacked ]]; then
        (cd "$work" && apt-get -o APT::Sandbox::User=root download docker-registry) >/dev/null 2>&1 || return 1
        mkdir -p "$tree/build/registry"
        dpkg-deb -x "$work"/docker-registry_*.deb "$tree/build/registry"
    fi
    type -P docker-registry || echo "$unpacked"
}

# Sets registry: HOST:PORT/team of a registry of the test's own.
start_registry() {
    cat >"$work/registry.yml" <<YAML
version: 0.1
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: 127.0.0.1:0}
YAML
    "$registry_program" serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
    started+=($!)
    for _ in {1..100}; do
        grep -qE 'listening on 127' "$work/registry.log" && break
        sleep 0.1
    done
    registry=$(grep -oE 'listening on 127\.0\.0\.1:[0-9]+' "$work/registry.log" | grep -oE '127.*')/team
}

release() { # VARIABLE=VALUE…
    make -s -C "$copy" release "$@" >"$work/output" 2>&1
}

release_refuses() { # SENTENCE VARIABLE=VALUE…
    local sentence=$1
    shift
    ! release "$@" || { echo "it did not refuse" && return 1; }
    says "$sentence"
}

tags_of() { curl --silent "http://${registry%%/*}/v2/team/$1/tags/list"; }
is_empty_registry() { [[ $(curl --silent "http://${registry%%/*}/v2/_catalog") == '{"repositories":[]}' ]]; }

# What joins the images of a name: its digest, and the platforms that it lists.
index_of() { # NAME
    curl --silent --fail --include "http://${registry%%/*}/v2/team/$1/manifests/$version" \
        -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' | tr -d '\r'
}

digest_of() { index_of "$1" | sed -n 's/^Docker-Content-Digest: //Ip'; }

lists_both() { [[ $(index_of "$1" | grep -oE '"architecture": *"[a-z0-9]+"' | grep -oE '(amd|arm)64' | sort | xargs) == "amd64 arm64" ]]; }

test_refusals() {
    check "release refuses without TAG" release_refuses "TAG is missing" REGISTRY="$registry"
    local wrong
    for wrong in 1.2 latest 01.2.3 1.2.3+build v1.2.3- '1.2.3;id'; do
        check "release refuses TAG=$wrong, which is no version" release_refuses "is no version" TAG="$wrong" REGISTRY="$registry"
    done
    check "release refuses without REGISTRY" release_refuses "REGISTRY is missing" TAG=$version
    check "release refuses a REGISTRY that is an address" release_refuses "without https://" TAG=$version REGISTRY=https://example.com
    check "release refuses a version that is not the program's" release_refuses "src/cmd/house.h says $version" TAG=1.2.3 REGISTRY="$registry"
    echo "a line" >>"$copy/README.md"
    check "release refuses changes that are not committed" release_refuses "changes that are not committed" TAG=$version REGISTRY="$registry"
    git -C "$copy" checkout --quiet README.md
    touch "$copy/new-file"
    check "release refuses files that are not committed" release_refuses "changes that are not committed" TAG=$version REGISTRY="$registry"
    rm "$copy/new-file"
    DOCKER_HOST=unix:///nowhere check "release says that the Docker daemon does not answer" \
        release_refuses "the Docker daemon does not answer" TAG=$version REGISTRY="$registry"
    check "nothing was pushed by what was refused" is_empty_registry
}

# The program of an image, as the daemon has it after a pull by digest.
program_of() { # PLATFORM FILE
    local container reference=$registry/agent-server@$digest
    docker pull --quiet --platform "linux/$1" "$reference" && docker image inspect "$reference" >"$2.json" && container=$(docker create --platform "linux/$1" "$reference" version) &&
        docker cp "$container:/app" "$2" && docker rm "$container" && docker image rm "$reference"
}

says_architecture() { [[ $(jq -r '.[0].Architecture' "$work"/app-{amd64,arm64}.json | xargs) == "amd64 arm64" ]]; }

says_labels() {
    [[ $(jq -r '.[0].Config.Labels["org.opencontainers.image.version", "org.opencontainers.image.revision"]' "$work/app-arm64.json" | xargs) == \
        "$version $(git -C "$copy" rev-parse HEAD)" ]]
}

says_version() { "$work/app-amd64" version | grep -x "Sandglass $version"; }

test_real_release() {
    local name digest
    check "release pushes both processors under three names" release TAG=v$version REGISTRY="$registry" || cat "$work/output"
    cat "$work/output" >"$work/release-said"
    check "it prints the install command for that tag" says "--set image.repository=$registry/agent-server --set image.tag=$version"
    check "and the one without Helm" says "--set image.tag=$version --set-file auth.token=token | kubectl apply -f -"
    check "the commit is tagged" git -C "$copy" rev-parse --verify "refs/tags/v$version"
    digest=$(digest_of agent-server)
    check "the digest that it prints is the registry's" grep -qF "$registry/agent-server:$version@$digest" "$work/release-said"
    for name in ui runner; do
        check "$name is the same image as agent-server" [ "$(digest_of $name)" = "$digest" ]
    done
    check "each lists amd64 and arm64" lists_both ui
    check "amd64 can be pulled by digest" program_of amd64 "$work/app-amd64"
    check "and is the program that was built" cmp "$work/app-amd64" "$copy/build/app"
    check "and it says its version" says_version
    check "arm64 can be pulled by digest" program_of arm64 "$work/app-arm64"
    check "and is the program that was built for it" cmp "$work/app-arm64" "$copy/build/arm64/app"
    check "each image says for which processor it is" says_architecture
    check "and which version and commit it is" says_labels
    check "a second release of the tag is refused" release_refuses "the tag v$version exists already" TAG=$version REGISTRY="$registry"
    git -C "$copy" tag --delete "v$version" >/dev/null
    check "also where only the registry has it" release_refuses "agent-server:$version exists already" TAG=$version REGISTRY="$registry"
}

# ---- The files beside the images

machine_of() { readelf -h "$1" | sed -n 's/^ *Machine: *//p'; }

files_of_release() {
    local name
    (cd "$copy" && .ci/dist.sh v$version) || return 1
    for name in amd64 arm64; do
        tar -xzf "$copy/build/dist/sandglass-$version-linux-$name.tar.gz" -C "$work" || return 1
    done
}

dist_refuses() { ! "$copy/.ci/dist.sh" "$1"; }
sums_hold() (cd "$copy/build/dist" && sha256sum --check --strict SHA256SUMS)
files_are_same() { files_of_release && cmp "$work/first-sums" "$copy/build/dist/SHA256SUMS"; }

test_files() {
    local dist=$copy/build/dist unpacked=$work/sandglass-$version-linux
    check "dist.sh refuses a version of which CHANGELOG.md says nothing" dist_refuses 9.9.9
    sed -i "s/^## \\[Unreleased\\]/&\\n\\n## [$version] - 2001-02-03\\nAll of it./" "$copy/CHANGELOG.md"
    git -C "$copy" commit --quiet --all --message "a version"
    check "dist.sh makes the files of a release" files_of_release
    check "the notes are that version's section" [ "$(head -n 1 "$dist/notes.md")" = "All of it." ]
    check "the checksums hold" sums_hold
    check "the program for amd64 is one" [ "$(machine_of "$unpacked-amd64/bin/app")" = "Advanced Micro Devices X86-64" ]
    check "the program for arm64 is one" [ "$(machine_of "$unpacked-arm64/bin/app")" = AArch64 ]
    check "what was unpacked answers every prompt" "$unpacked-amd64/bin/app" smoke --mode local
    check "the SBOM names each pinned library, and what is in the page" \
        [ "$(jq -r '.packages[].name | sub("@"; "") | sub("/"; "-")' "$dist/sbom.spdx.json" | sort | xargs)" = \
        "$({ jq -r '.libraries[].name' src/deps/deps.json && ls build/licences && echo sandglass; } | sort | xargs)" ]
    check "each with a version, a licence and a relation" jq -e \
        'all(.packages[]; .versionInfo and .licenseDeclared) and (.relationships | length) == (.packages | length)' "$dist/sbom.spdx.json"
    cp "$dist/SHA256SUMS" "$work/first-sums"
    check "and a second time gives the same bytes" files_are_same
}

why=
for tool in docker dockerd curl git; do
    command -v $tool >/dev/null || why="$tool is not installed"
done
registry_program=$(find_registry | head -n 1) && [[ $registry_program ]] || why="no docker-registry can be had here"
[[ -x build/arm64/app ]] || why="build/arm64/app is not built: make arm64"
((EUID == 0)) || why="a Docker daemon needs root"
if [[ $why ]]; then
    echo "ok - a real release to a registry # SKIP $why"
else
    DOCKER_HOST=$(tests/docker/engine.sh start "$work/engine")
    export DOCKER_HOST DOCKER_CONFIG=$work/docker-config
    copy_tree
    start_registry
    test_refusals
    test_real_release
    test_files
fi
