#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The image that the escape matrix is tried with under Docker: the prober as the one program in it,
# in the place that the runner has in ours. DOCKER_HOST names the engine.
#
#   image.sh make TAG PROGRAM
#   image.sh remove TAG
set -euo pipefail

verb=$1 tag=$2
case $verb in
make)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cp "$3" "$folder/app"
    chmod 755 "$folder/app"
    tar -C "$folder" --owner=0 --group=0 -c app |
        docker import --change 'ENTRYPOINT ["/app"]' --change 'USER 65534:65534' - "$tag" >/dev/null
    ;;
remove) docker image rm --force "$tag" >/dev/null ;;
*)
    echo "image.sh: make or remove, not $verb" >&2
    exit 2
    ;;
esac
