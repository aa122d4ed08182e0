#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the container image from what is built already (build/app, build/data).
# Nothing is pulled, and nothing but the program, the data sets, licences and
# certificates goes in. Without a data set it is only good for a runner whose
# data sets are mounted.
#
# Usage: image.sh [NAME[:TAG]]
set -euo pipefail
cd "$(dirname "$0")/.."

image=${1:-sandglass:latest}
app=${APP:-build/app}
[[ -x $app ]] || { echo "image.sh: there is no $app; run make first." >&2 && exit 1; }
command -v docker >/dev/null || { echo "image.sh: the command docker is not there; on Debian and Ubuntu: apt-get install docker.io" >&2 && exit 1; }

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
# What the licences of the libraries inside ask for.
mkdir "$root/licences"
cp LICENSE "$root/licences/sandglass"
cp -R "$(src/deps/build.sh --prefix musl)"/share/licences/. "$root/licences/"
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
tar -C "$work" -cf - Dockerfile rootfs.tar | docker build --quiet --tag "$image" -
