#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The chart of a release as an OCI artifact: its version and the program's are the
# release's, and its image is the released one unless values say otherwise.
# build/chart-pushed then has its place with its digest.
#
# Usage: chart.sh VERSION REGISTRY
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "chart.sh: $*" >&2 && exit 1; }

(($# == 2)) || fail "a version and a registry are expected, as in chart.sh 0.2.0 registry.example.com/team"
version=${1#v} registry=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R chart "$work/sandglass"
sed -i "s|^  repository: sandglass$|  repository: $registry/agent-server|" "$work/sandglass/values.yaml"
grep -qxF "  repository: $registry/agent-server" "$work/sandglass/values.yaml" ||
    fail "chart/values.yaml has no image.repository sandglass; look at the line that sed changes."
helm package "$work/sandglass" --version "$version" --app-version "$version" --destination "$work" >/dev/null
mkdir -p build
helm push "$work/sandglass-$version.tgz" "oci://$registry/charts" 2>&1 | tee "$work/said"
digest=$(sed -n 's/^Digest: //p' "$work/said")
[[ $digest == sha256:* ]] || fail "helm push named no digest."
echo "$registry/charts/sandglass@$digest" >build/chart-pushed
