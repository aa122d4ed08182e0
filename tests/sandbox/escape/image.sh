#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The image that the escape matrix is tried with under Docker and Kubernetes: the prober as the one
# program in it, in the place that the runner has in ours, and its data set. DOCKER_HOST names the
# engine. For a cluster make it by hand and push it, or load it into the node:
#
#   image.sh make TAG build/tests/escape
#   image.sh remove TAG
#
#   PROBE_IMAGE=TAG KUBECONFIG=… KUBE_NAMESPACE=… make security-matrix
set -euo pipefail

verb=$1 tag=$2
case $verb in
make)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cp "$3" "$folder/app"
    chmod 755 "$folder/app"
    # MATRIX_DATA of matrix.h; what runs in the container may change it, so that only walls hold it.
    mkdir -m 755 "$folder/data"
    sed -n 's/^#define MATRIX_DATA "\(.*\)\\n"$/\1/p' "$(dirname "$0")/matrix.h" >"$folder/data/data.sqlite"
    chmod 666 "$folder/data/data.sqlite"
    tar -C "$folder" --owner=0 --group=0 -c app data |
        docker import --change 'ENTRYPOINT ["/app"]' --change 'USER 65534:65534' - "$tag" >/dev/null
    ;;
remove) docker image rm --force "$tag" >/dev/null ;;
*)
    echo "image.sh: make or remove, not $verb" >&2
    exit 2
    ;;
esac
