#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The tables of datasets/shop are what their generator makes: it is built anew, without and with
# optimization (which would show a result that hangs on undefined behaviour), run in an odd locale
# and time zone, and the SHA-256 of every file is compared with the one in the tree. CC names the
# compiler, cc where it is not set.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
shop=$root/datasets/shop
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

for level in -O0 -O2; do
  mkdir "$work/made$level"
  if ! "${CC:-cc}" -std=gnu11 "$level" -Wall -Wextra -Wshadow -Wconversion -Werror \
    -o "$work/generate$level" "$shop/generate.c" "$shop/words.c" ||
    ! LC_ALL=de_DE.UTF-8 TZ=Pacific/Kiritimati "$work/generate$level" "$work/made$level"; then
    failed=$((failed + 1)) && printf 'not ok - shop: the generator builds at %s and runs\n' "$level"
    continue
  fi
  (cd "$shop" && find . -name '*.csv' | sort) >"$work/in-tree"
  (cd "$work/made$level" && find . -type f | sort) >"$work/made"
  if cmp -s "$work/in-tree" "$work/made"; then
    passed=$((passed + 1)) && printf 'ok - shop: the generator at %s makes the files of the tree and no other\n' "$level"
  else
    failed=$((failed + 1)) && printf 'not ok - shop: the generator at %s makes other files\n' "$level"
    diff "$work/in-tree" "$work/made" | sed 's/^/# /' || true
  fi
  while read -r file; do
    expected=$(sha256sum <"$shop/$file") made=$(sha256sum <"$work/made$level/$file") || made=none
    if [ "$made" = "$expected" ]; then
      passed=$((passed + 1)) && printf 'ok - shop: %s is the same when made again at %s\n' "${file#./}" "$level"
    else
      failed=$((failed + 1)) && printf 'not ok - shop: %s differs when made again at %s\n' "${file#./}" "$level"
      printf '# in the tree %s\n# made        %s\n' "${expected%% *}" "${made%% *}"
    fi
  done <"$work/in-tree"
done
printf '1..%d\n%d passed, %d failed\n' $((passed + failed)) "$passed" "$failed"
[ "$failed" -eq 0 ]
