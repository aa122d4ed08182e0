#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The files of a release, in build/dist: for each processor an archive with the
# program, the data sets and the licences of what is inside; the list of what is
# inside (an SBOM, SPDX 2.3); the release's notes, which are its section of
# CHANGELOG.md; and the checksums of all that. The same commit gives the same
# bytes.
#
# Usage: dist.sh VERSION
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

fail() { echo "dist.sh: $*" >&2 && exit 1; }

version=${1:-}
version=${version#v}
[[ $version =~ ^[0-9A-Za-z.-]+$ ]] || fail "a version is expected, as in 0.2.0"
dist=build/dist
made_at=$(git log -1 --format=%ct)
rm -rf "$dist"
mkdir -p "$dist"

archive() { # ARCHITECTURE PROGRAM
    local name=sandglass-$version-linux-$1 work
    work=$(mktemp -d)
    make -s install DESTDIR="$work/$name" PREFIX= >/dev/null
    install -m 755 "$2" "$work/$name/bin/app"
    cp README.md LICENSE CHANGELOG.md "$work/$name/"
    tar -C "$work" --sort=name --mtime="@$made_at" --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" |
        gzip -9 -n >"$dist/$name.tar.gz"
    rm -rf "$work"
}

# The libraries in the program, from the list that they are built from, and what is in the page (assets/licences.mjs).
write_sbom() {
    jq -n --arg version "$version" --arg made "$(date -u -d "@$made_at" +%Y-%m-%dT%H:%M:%SZ)" \
        --arg commit "$(git rev-parse HEAD)" --slurpfile deps src/deps/deps.json \
        --slurpfile lock assets/package-lock.json --argjson bundled "$(printf '%s\n' build/licences/* | jq -R 'split("/") | last' | jq -s .)" '
        def id: gsub("[^A-Za-z0-9.-]"; "-");
        def package($name; $version; $licence; $place; $purl): {
            SPDXID: "SPDXRef-\($name | id)", name: $name, versionInfo: $version, downloadLocation: $place,
            licenseConcluded: "NOASSERTION", licenseDeclared: $licence, copyrightText: "NOASSERTION", filesAnalyzed: false,
            externalRefs: [{referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: $purl}]};
        [$deps[0].libraries[] | (.sources | map(select(.url)) | first) as $from |
            package(.name; .version; .licence; $from.url; "pkg:generic/\(.name)@\(.version)")
            + {checksums: [{algorithm: "SHA256", checksumValue: $from.sha256}]}] as $libraries |
        [$lock[0].packages | to_entries[] | (.key | sub(".*node_modules/"; "")) as $name |
            select($name | sub("@"; "") | sub("/"; "-") | IN($bundled[])) | .value |
            package($name; .version; .license; "NOASSERTION"; "pkg:npm/\($name)@\(.version)")] as $scripts |
        ($libraries + $scripts) as $parts |
        {spdxVersion: "SPDX-2.3", dataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", name: "sandglass-\($version)",
         documentNamespace: "https://spdx.org/spdxdocs/sandglass-\($version)-\($commit)",
         creationInfo: {created: $made, creators: ["Organization: Sandglass", "Tool: dist.sh"]},
         packages: ([package("sandglass"; $version; "Apache-2.0"; "NOASSERTION"; "pkg:generic/sandglass@\($version)")
             + {sourceInfo: "commit \($commit)"}] + $parts),
         relationships: ([{spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "SPDXRef-sandglass"}]
             + [$parts[] | {spdxElementId: "SPDXRef-sandglass", relationshipType: "STATIC_LINK", relatedSpdxElement: .SPDXID}])}' \
        >"$dist/sbom.spdx.json"
}

write_notes() {
    awk -v head="## [$version]" 'index($0, head) == 1 { is_in = 1; next } /^## \[/ { is_in = 0 } is_in' CHANGELOG.md |
        sed -e '/./,$!d' >"$dist/notes.md"
    [[ -s $dist/notes.md ]] || fail "CHANGELOG.md has no section ## [$version]; write it before the release."
}

native=amd64 foreign=arm64
[[ $(uname -m) == x86_64 ]] || native=arm64 foreign=amd64
write_notes
make -s all data
make -s ARCH=$foreign build/$foreign/app
archive $native build/app
archive $foreign build/$foreign/app
write_sbom
(cd "$dist" && sha256sum -- *.tar.gz sbom.spdx.json >SHA256SUMS)
ls -l "$dist" >&2
