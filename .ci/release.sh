#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `make release TAG=1.2.3 REGISTRY=registry.example.com/team` builds the program
# for both processors, pushes the image of each under its three names, joins each
# name's two images into one that fits any machine, tags the commit, and prints
# how to install just that. build/pushed has what was pushed, with its digests.
#
# Everything that can be refused is refused before anything is pushed: a TAG that
# is no version or not the program's, changes that are not committed, a tag that is
# there already, here or in the registry. The commit is tagged last, so a release
# that failed on its way is simply made again. Where the tag is what started a
# workflow (GITHUB_REF) it is there already, and is the one that is meant.
set -euo pipefail
cd "$(dirname "$0")/.."

names=(agent-server ui runner)
architectures=(amd64 arm64)

fail() { echo "make release: $*" >&2 && exit 1; }

# Semantic Versioning 2.0.0, without build metadata: a + may not stand in an image's tag.
is_version() {
    local number='(0|[1-9][0-9]*)' word='(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)'
    [[ $1 =~ ^$number\.$number\.$number(-$word(\.$word)*)?$ ]]
}

version_of_program() { sed -n 's/^#define VERSION "\(.*\)"$/\1/p' src/cmd/house.h; }
is_started_by_tag() { [[ ${GITHUB_REF:-} == "refs/tags/v$version" ]]; }

native_architecture() { case $(uname -m) in aarch64) echo arm64 ;; *) echo amd64 ;; esac }

# The manifest commands speak to the registry themselves, and https unless told otherwise.
manifest() { # COMMAND ARGUMENT…
    local command=$1 insecure=()
    shift
    case $command:$registry in
    annotate:*) ;;
    *:localhost:* | *:127.*) insecure=(--insecure) ;;
    esac
    DOCKER_CLI_EXPERIMENTAL=enabled docker manifest "$command" "${insecure[@]}" "$@"
}

refuse_what_is_wrong() {
    [[ ${TAG:-} ]] || fail "TAG is missing; say for instance make release TAG=$(version_of_program) REGISTRY=registry.example.com/team"
    is_version "$version" || fail "TAG=$TAG is no version: three numbers are expected, as in 0.2.0, 0.2.0-rc.1 or v0.2.0."
    [[ ${REGISTRY:-} ]] || fail "REGISTRY is missing: where the images go, as in REGISTRY=registry.example.com/team"
    [[ $REGISTRY =~ ^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$ ]] ||
        fail "REGISTRY=$REGISTRY is no place for images: a host and a path are expected, without https:// and in lower case."
    [[ $version == "$(version_of_program)" ]] ||
        fail "TAG=$TAG, but src/cmd/house.h says $(version_of_program); change it there (and in chart/Chart.yaml), and commit."
    [[ -z $(git status --porcelain) ]] ||
        fail "there are changes that are not committed; git status lists them. Commit them or put them aside."
    is_started_by_tag || ! git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null ||
        fail "the tag v$version exists already; a release is never made twice. Take the next version."
    command -v docker >/dev/null || fail "the command docker is not there; on Debian and Ubuntu: apt-get install docker.io"
    docker version >/dev/null 2>&1 || fail "the Docker daemon does not answer; start it, and see docker version."
    local name
    for name in "${names[@]}"; do
        ! manifest inspect "$registry/$name:$version" >/dev/null 2>&1 ||
            fail "$registry/$name:$version exists already; a release is never made twice. Take the next version."
    done
}

build_image() { # ARCHITECTURE
    local app=build/$1/app
    if [[ $1 == "$(native_architecture)" ]]; then
        make -s all data && app=build/app
    else
        make -s ARCH="$1" "build/$1/app"
    fi
    # An attestation would make each image a list of its own, which no list may hold.
    env -u IMAGE_REPOSITORY BUILDX_NO_DEFAULT_ATTESTATIONS=1 APP="$app" ARCH="$1" \
        SOURCE_URL="${GITHUB_REPOSITORY:+$GITHUB_SERVER_URL/$GITHUB_REPOSITORY}" SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" \
        compose/image.sh "$registry/${names[0]}:$version-$1" >/dev/null
}

push_name() { # NAME: its image of each architecture, and what joins them
    local name=$registry/$1:$version architecture
    for architecture in "${architectures[@]}"; do
        docker tag "$registry/${names[0]}:$version-$architecture" "$name-$architecture"
        docker push --quiet "$name-$architecture" >/dev/null
    done
    docker manifest rm "$name" >/dev/null 2>&1 || true # of a release that failed
    manifest create "$name" "${architectures[@]/#/$name-}" >/dev/null
    for architecture in "${architectures[@]}"; do
        manifest annotate "$name" "$name-$architecture" --os linux --arch "$architecture"
    done
    echo "$name@$(manifest push --purge "$name")"
}

registry=${REGISTRY:-}
registry=${registry%/}
version=${TAG:-}
version=${version#v}
refuse_what_is_wrong
for architecture in "${architectures[@]}"; do
    echo "Building the image for $architecture." >&2
    build_image "$architecture"
done
for name in "${names[@]}"; do
    push_name "$name"
done | tee build/pushed
if ! is_started_by_tag; then
    git tag --annotate --message "Sandglass $version" "v$version"
    echo "The commit is tagged v$version; git push origin v$version makes that known."
fi
cat <<TEXT

To install this release:

  helm upgrade --install sandglass ./chart --namespace sandglass --create-namespace \\
    --set image.repository=$registry/agent-server --set image.tag=$version

or, without Helm, with an access token of yours in the file token:

  kubectl create namespace sandglass
  app render-helm --namespace sandglass --skip-tests --set image.repository=$registry/agent-server \\
    --set image.tag=$version --set-file auth.token=token | kubectl apply -f -
TEXT
