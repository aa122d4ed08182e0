// SPDX-License-Identifier: Apache-2.0
//
// Text that is asked about, never owned: predicates, UTF-8, and the nearest name to one that was
// mistyped.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool str_is_empty(const char *text) { return !text || !*text; }
bool str_is_equal(const char *left, const char *right); // NULL equals NULL only
bool str_has_prefix(const char *text, const char *prefix);
bool str_has_suffix(const char *text, const char *suffix);

// Whether LENGTH bytes are UTF-8 as RFC 3629 has it. RET_OFFSET (may be NULL) is where the first
// bad byte stands.
bool str_is_utf8(const char *text, size_t length, size_t *ret_offset);
// Reads the character at TEXT (which has at least one byte): its code point, its bytes in
// RET_LENGTH. A byte that is no UTF-8 reads as U+FFFD of one byte.
uint32_t str_character(const char *text, size_t length, size_t *ret_length);
// Writes CODE_POINT as UTF-8 to OUT (room for 4); how many bytes that took.
size_t str_put_character(uint32_t code_point, char *out);

// Edit distance (insertions, deletions, replacements, swaps of neighbours) of two texts of at most
// 63 bytes, or CEILING + 1 where it is greater than CEILING or a text is longer.
unsigned str_distance(const char *left, const char *right, unsigned ceiling);
// The one of COUNT names that is nearest to WORD, NULL where none is near enough to be meant.
const char *str_closest(const char *word, const char *const *names, size_t count);

// The whole of TEXT as a decimal integer within MIN and MAX; 0 or -1.
int str_to_integer(const char *text, int64_t min, int64_t max, int64_t *ret_value);
// The whole of TEXT as a finite decimal number; 0 or -1.
int str_to_real(const char *text, double *ret_value);
