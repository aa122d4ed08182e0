#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the pinned libraries (deps.json) as static archives into a prefix
# outside the tree, once: the prefix is named by a hash of everything that
# decides its content, so every checkout of the same pins shares it. It is built
# in a folder beside it and renamed when whole; a lock keeps two builds apart.
#
# Usage: build.sh musl|glibc            builds if need be, prints the prefix
#        build.sh --prefix musl|glibc   prints the prefix, builds nothing
#   musl   for build/app: musl, its compiler driver PREFIX/bin/musl-gcc, mimalloc
#   glibc  for sanitizers and fuzzers: the same sources, the host's C library
#
# SANDGLASS_CACHE  where prefixes and sources are kept (~/.cache/sandglass)
# SANDGLASS_JOBS   processes at once (the number of processors)
# SANDGLASS_CC     a compiler that makes static musl programs already (Alpine,
#                  Nix): musl is not built, PREFIX/bin/musl-gcc calls this one
# SANDGLASS_TARGET build for another architecture: its name in Debian's cross
#                  compilers, as aarch64-linux-gnu in gcc-aarch64-linux-gnu
set -euo pipefail

deps=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SANDGLASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sandglass}
jobs=${SANDGLASS_JOBS:-$(nproc)}
target=${SANDGLASS_TARGET:-}
cross=${target:+$target-}

fail() { echo "build.sh: $*" >&2 && exit 1; }

prefix_of() { # VARIANT
    local hash
    hash=$({ echo "$(uname -m) ${SANDGLASS_CC:-}" && cat "$deps"/{deps.json,build.sh}; } | sha256sum)
    echo "$cache/deps-$cross$1-${hash:0:16}"
}

version_of() { jq -r --arg name "$1" '.libraries[] | select(.name == $name) | .version' "$deps/deps.json"; }

# Each build_… runs in its own unpacked source folder, with CC, CFLAGS and
# `prefix` set, and leaves its archive in $prefix/lib.

build_musl() {
    CC=${cross}gcc CROSS_COMPILE=$cross CFLAGS="-O2 -fPIE $map" ./configure --target="$target" \
        --prefix="$prefix" --syslibdir="$prefix/lib" --disable-shared --disable-gcc-wrapper
    make -j"$jobs" install
    write_musl_gcc
}

# gcc's own specs, with the C library's place changed. Everything it links is a
# static-pie; the kernel's headers come last, through links, since musl has none.
write_musl_gcc() {
    local headers=/usr${target:+/$target}/include arch_headers
    arch_headers=$headers/$("${cross}gcc" -print-multiarch)/asm
    [[ -d $arch_headers ]] || arch_headers=$headers/asm
    [[ -d $headers/linux ]] || fail "no headers of the kernel in $headers: install linux-libc-dev${target:+-arm64-cross}."
    mkdir -p "$prefix/include-kernel"
    ln -sfn "$headers/linux" "$headers/asm-generic" "$prefix/include-kernel/"
    ln -sfn "$arch_headers" "$prefix/include-kernel/asm"
    local root='%:getenv(SANDGLASS_MUSL '
    local include="-nostdinc -isystem ${root}/include) -isystem include%s -idirafter ${root}/include-kernel)"
    cat >"$prefix/lib/musl-gcc.specs" <<SPECS
%rename cpp_options gcc_cpp_options

*cpp_options:
$include %(gcc_cpp_options)

*cc1:
%(cc1_cpu) $include

*link_libgcc:
-L${root}/lib) -L .%s

*libgcc:
libgcc.a%s %:if-exists(libgcc_eh.a%s)

*startfile:
%{!r:${root}/lib/rcrt1.o) ${root}/lib/crti.o) crtbeginS.o%s}

*endfile:
%{!r:crtendS.o%s ${root}/lib/crtn.o)}

*link:
%{!r:-static -pie --no-dynamic-linker -z text -z relro -z now} -nostdlib

*esp_link:


*esp_options:


*esp_cpp_options:


SPECS
    write_driver "SANDGLASS_MUSL=\${0%/*}/.. exec ${cross}gcc -specs \"\${0%/*}/../lib/musl-gcc.specs\" \"\$@\""
}

write_driver() { # COMMAND
    mkdir -p "$prefix/bin"
    printf '#!/bin/sh\n%s\n' "$1" >"$prefix/bin/musl-gcc"
    chmod +x "$prefix/bin/musl-gcc"
}

build_zlib() {
    ./configure --static --prefix="$prefix"
    make -j"$jobs" libz.a
    install -D -m 644 -t "$prefix/lib" libz.a
    install -D -m 644 -t "$prefix/include" zlib.h zconf.h
}

build_mbedtls() {
    sed -i -E 's|^//(#define MBEDTLS_THREADING_(C\|PTHREAD))$|\1|' include/mbedtls/mbedtls_config.h
    make -C library -j"$jobs" AR="$AR" static
    install -D -m 644 -t "$prefix/lib" library/libmbed{tls,x509,crypto}.a
    cp -R include/mbedtls include/psa "$prefix/include/"
}

# HTTP(S), Unix sockets and WebSocket; where the CA certificates are, the program says.
build_curl() {
    ./configure --host="$target" --prefix="$prefix" --disable-shared --disable-dependency-tracking \
        --with-mbedtls="$prefix" --with-zlib="$prefix" --without-ca-bundle --without-ca-path \
        --enable-websockets --enable-threaded-resolver --enable-unix-sockets \
        --without-{brotli,gssapi,libidn2,libpsl,librtmp,libssh,libssh2,nghttp2,zstd} \
        --disable-{alt-svc,aws,cookies,dict,docs,doh,file,ftp,gopher,hsts,imap,ipfs,ldap,ldaps,manual} \
        --disable-{mqtt,netrc,ntlm,pop3,rtsp,smb,smtp,telnet,tftp,tls-srp} \
        --disable-{digest-auth,kerberos-auth,negotiate-auth,libcurl-option,get-easy-options}
    make -j"$jobs" -C lib install
    make -C include install
    rm "$prefix/lib/libcurl.la"
}

build_cjson() {
    compile -c cJSON.c
    archive libcjson.a cJSON.o
    install -D -m 644 -t "$prefix/include/cjson" cJSON.h
}

build_libyaml() {
    local version
    version=$(version_of libyaml)
    compile -Iinclude -DYAML_VERSION_STRING="\"$version\"" -DYAML_VERSION_MAJOR="${version%%.*}" \
        -DYAML_VERSION_MINOR="$(cut -d. -f2 <<<"$version")" -DYAML_VERSION_PATCH="${version##*.}" \
        -c src/*.c
    archive libyaml.a ./*.o
    install -D -m 644 -t "$prefix/include" include/yaml.h
}

# The upstream archive holds sqlite3.c; Debian's is the source it is made from.
# Memory statistics are off unless sqlite3_config() switches them on.
build_sqlite() {
    [[ -f sqlite3.c ]] || { CC=gcc CFLAGS=-O1 ./configure --disable-tcl && make -j"$jobs" sqlite3.c; }
    mend_sqlite
    local options=(
        THREADSAFE=2 DQS=0 ENABLE_MATH_FUNCTIONS OMIT_LOAD_EXTENSION OMIT_DEPRECATED
        OMIT_SHARED_CACHE LIKE_DOESNT_MATCH_BLOBS TRUSTED_SCHEMA=0 TEMP_STORE=2
        DEFAULT_MEMSTATUS=0 DEFAULT_WAL_SYNCHRONOUS=1
    )
    compile "${options[@]/#/-DSQLITE_}" -DHAVE_FDATASYNC -DHAVE_LOCALTIME_R -DHAVE_USLEEP \
        -DHAVE_MALLOC_USABLE_SIZE -DHAVE_STRCHRNUL -DUSE_PREAD -c sqlite3.c
    archive libsqlite3.a sqlite3.o
    install -D -m 644 -t "$prefix/include" sqlite3.h
}

# Three mistakes of 3.46.1 that SQL alone can reach, mended as later releases do: a
# value used although only its type was read (IS NULL), and two sums that overflow
# (CVE-2025-29087, CVE-2025-6965). To be dropped with the next version.
mend_sqlite() {
    # shellcheck disable=SC2016 # nothing is to be expanded
    local most='pParse->db->aLimit[SQLITE_LIMIT_COLUMN]' too_many
    too_many="sqlite3ErrorMsg(pParse, \"more than %d aggregate terms\", $most)"
    mend 2 's/^ +sqlite3VdbeTypeofColumn\(v, r1\);$/if( regFree1 ) &/'
    mend 1 's/^  n \+= \(argc-1\)\*nSep;$/  n += (i64)(argc-1)*nSep;/'
    mend 1 "s/^  k = addAggInfoColumn\\(.*\\);$/& if( k>$most ){ $too_many; k = $most; }/"
    mend 1 "s/^        if\\( i>=pAggInfo->nFunc \\)\\{$/if( i>$most ){ $too_many; i = $most; }else &/"
}

mend() { # COUNT SED-SUBSTITUTION: edits sqlite3.c, fails unless so many lines change
    cp sqlite3.c before.c
    sed -E -i "$2" sqlite3.c
    [[ $(diff before.c sqlite3.c | grep -c '^>') == "$1" ]] || fail "sqlite3.c is not as expected: $2"
}

build_libmicrohttpd() {
    ./configure --host="$target" --prefix="$prefix" --disable-shared --disable-dependency-tracking \
        --disable-{https,curl,doc,examples,tools,bauth,dauth,nls} --enable-experimental
    make -j"$jobs" -C src/include install
    make -j"$jobs" -C src/microhttpd libmicrohttpd.la
    make -j"$jobs" -C src/microhttpd_ws libmicrohttpd_ws.la
    install -D -m 644 -t "$prefix/lib" src/microhttpd{,_ws}/.libs/libmicrohttpd*.a
}

# It takes malloc's place in every program that names it when linking.
build_mimalloc() {
    compile -DNDEBUG -DMI_MALLOC_OVERRIDE -ftls-model=local-exec -Iinclude -c src/static.c
    archive libmimalloc.a static.o
}

compile() { # ARGUMENT...
    # shellcheck disable=SC2086 # CFLAGS is a list of words
    "$CC" $CFLAGS "$@"
}

archive() { # NAME OBJECT...
    mkdir -p "$prefix/lib"
    "$AR" rcD "$prefix/lib/$1" "${@:2}"
}

# SQLite's own archive has no file for it.
keep_licence() ( # LIBRARY
    shopt -s nullglob nocaseglob
    licence=(copying* copyright* license*)
    if ((${#licence[@]})); then
        cp "${licence[0]}" "$prefix/share/licences/$1"
    else
        jq -r --arg name "$1" '.libraries[] | select(.name == $name) | .licence' "$deps/deps.json" \
            >"$prefix/share/licences/$1"
    fi
)

# Unpacks one library, builds it and keeps its licence; its output goes to a log.
build() { # LIBRARY
    local name=$1 start=$SECONDS source log=$logs/$1
    source=$("$deps/fetch.sh" "$name") || exit 1
    mkdir -p "$work/$name" "$prefix"/{include,lib,share/licences}
    (
        cd "$work/$name"
        tar -xf "$source" --strip-components=1
        keep_licence "$name"
        "build_$name"
    ) >"$log" 2>&1 &
    wait $! || {
        tail -n 15 "$log" >&2
        fail "$name did not build; all that it printed is in $log"
    }
    printf '  %-14s %-7s %3d s\n' "$name" "$(version_of "$name")" $((SECONDS - start)) >&2
}

# zlib, mbedTLS and curl need each other; the rest is built beside them.
build_all() {
    local rest=(sqlite libmicrohttpd cjson libyaml) first second status=0
    case $variant in
    musl)
        CFLAGS="-O2 -fPIE -ffunction-sections -fdata-sections $map"
        if [[ -n ${SANDGLASS_CC:-} ]]; then
            write_driver "exec $SANDGLASS_CC \"\$@\""
        else
            build musl
        fi
        CC=$prefix/bin/musl-gcc
        rest+=(mimalloc)
        ;;
    glibc)
        CFLAGS="-O1 -g -fPIE -fno-omit-frame-pointer $map"
        CC=gcc
        ;;
    esac
    export CC CFLAGS AR=${cross}ar RANLIB=${cross}ranlib
    build_each zlib mbedtls curl &
    first=$!
    build_each "${rest[@]}" &
    second=$!
    wait $first || status=1
    wait $second || status=1
    return $status
}

build_each() { # LIBRARY...
    local library
    for library in "$@"; do
        build "$library"
    done
}

case "$*" in
"--prefix musl" | "--prefix glibc") prefix_of "$2" && exit ;;
musl | glibc) variant=$1 ;;
*) fail "one argument is expected: musl or glibc, maybe after --prefix." ;;
esac

[[ -z $target || ($variant == musl && -z ${SANDGLASS_CC:-}) ]] ||
    fail "SANDGLASS_TARGET is for the musl libraries alone, and not beside SANDGLASS_CC."
final=$(prefix_of "$variant")
[[ ! -d $final ]] || { echo "$final" && exit; }
mkdir -p "$cache"
exec 9>"$cache/lock-$cross$variant"
flock --nonblock 9 || { echo "Waiting for another build of the libraries." >&2 && flock 9; }
[[ ! -d $final ]] || { echo "$final" && exit; }

for tool in "${cross}gcc" make "${cross}ar" jq tar xz bzip2 gzip; do
    command -v "$tool" >/dev/null || fail "$tool is missing: run src/deps/tools.sh build, or install it."
done
unset LIBRARY_PATH CPATH C_INCLUDE_PATH CPPFLAGS LDFLAGS LIBS MAKEFLAGS MAKELEVEL
prefix=$final.building logs=$final.log work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
map="-ffile-prefix-map=$work=."
rm -rf "$cache/deps-$cross$variant-"*.{building,log}
mkdir -p "$prefix" "$logs"
echo "Building the $cross$variant libraries once, into $final" >&2
build_all
mv -T "$prefix" "$final"
rm -rf "$logs"
echo "$final"
