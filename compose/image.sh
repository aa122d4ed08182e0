#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the container image from what is built already (build/app, build/data).
# Nothing is pulled, and nothing but the program, the data sets, licences and
# certificates goes in. Without a data set it is only good for a runner whose
# data sets are mounted.
#
# Usage: image.sh [NAME[:TAG]]
#
#   NAME               sandglass:latest; where IMAGE_REPOSITORY is set, three names of
#                      one image: IMAGE_REPOSITORY/{ui,agent-server,runner}:TAG
#   APP                the program, build/app
#   ARCH               whose program that is: amd64, arm64; this machine's
#   TAG                the version, where IMAGE_REPOSITORY is set
#   SOURCE_URL         where the sources are, for the label
#   SOURCE_DATE_EPOCH  the label `created`; there is none without
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "image.sh: $1" >&2
    exit 1
}

app=${APP:-build/app}
version=$(sed -n 's/^#define VERSION "\(.*\)"$/\1/p' src/cmd/house.h)
revision=$(git rev-parse HEAD 2>/dev/null || true)
names=("${1:-sandglass:latest}")
if [[ ${IMAGE_REPOSITORY:-} ]]; then
    names=("${@}")
    for part in ui agent-server runner; do names+=("$IMAGE_REPOSITORY/$part:${TAG:-$version}"); done
fi
[[ -x $app ]] || fail "there is no $app; run make first."
command -v docker >/dev/null || fail "the command docker is not there; on Debian and Ubuntu: apt-get install docker.io"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/rootfs
mkdir -p "$root"/{data,etc/ssl/certs,state,tmp}
install -m 755 "$app" "$root/app"
for folder in build/data/*/; do
    [[ -d $folder ]] || continue
    mkdir "$root/data/$(basename "$folder")"
    install -m 644 -t "$root/data/$(basename "$folder")" "$folder"*
done
for authorities in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    [[ -f $authorities ]] || continue
    install -m 644 "$authorities" "$root/etc/ssl/certs/ca-certificates.crt"
    break
done
# What the licences of the libraries inside, and of those in the page, ask for.
mkdir "$root/licences"
cp LICENSE "$root/licences/sandglass"
cp -R "$(src/deps/build.sh --prefix musl)"/share/licences/. "$root/licences/"
cp -R build/licences/. "$root/licences/"
echo "nobody:x:65534:65534:nobody:/:/sbin/nologin" >"$root/etc/passwd"
echo "nobody:x:65534:" >"$root/etc/group"
chmod -R u=rwX,go=rX "$root"
chmod 1777 "$root/tmp"

# The same files give the same archive.
archive=(tar --sort=name --mtime=@0 --numeric-owner --format=ustar -C "$root")
"${archive[@]}" --owner=0 --group=0 --exclude=./state -cf "$work/rootfs.tar" .
"${archive[@]}" --owner=65534 --group=65534 -rf "$work/rootfs.tar" ./state
rm -rf "$root"
cp compose/Dockerfile "$work/"

# ---- The labels (opencontainers/image-spec, annotations.md), and the build

options=()
label() { # NAME VALUE: nothing where there is no value
    [[ -z $2 ]] || options+=(--label "org.opencontainers.image.$1=$2")
}
label title Sandglass
label description "Ask your data in plain words; every answer is computed in its own throw-away sandbox"
label licenses Apache-2.0
label version "$version"
label revision "$revision"
label source "${SOURCE_URL:-}"
[[ -z ${SOURCE_DATE_EPOCH:-} ]] || label created "$(date --utc --date "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"
for name in "${names[@]}"; do options+=(--tag "$name"); done
# The classic builder takes a layer of another platform from its cache.
[[ -z ${ARCH:-} ]] || options+=(--platform "linux/$ARCH" --no-cache)
if ! tar -C "$work" -cf - Dockerfile rootfs.tar | docker build --quiet "${options[@]}" - >"$work/id" 2>"$work/log"; then
    cat "$work/log" >&2
    fail "the image could not be built; what Docker says is above."
fi
size=$(docker save "${names[0]}" | gzip | wc -c)
printf '%s (%d.%d MiB compressed)\n' "${names[*]}" $((size / 1048576)) $((size * 10 / 1048576 % 10))
