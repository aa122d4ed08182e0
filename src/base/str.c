// SPDX-License-Identifier: Apache-2.0
//
// See str.h.
#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool str_is_equal(const char *left, const char *right) {
    return left == right || (left && right && strcmp(left, right) == 0);
}

bool str_has_prefix(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *text, const char *suffix) {
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

uint32_t str_character(const char *text, size_t length, size_t *ret_length) {
    const unsigned char *at = (const unsigned char *)text;
    *ret_length = 1;
    if (at[0] < 0x80)
        return at[0];
    size_t bytes = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    if (at[0] < 0xC2 || at[0] > 0xF4 || bytes > length)
        return 0xFFFD;
    uint32_t code = at[0] & (0x7Fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0xFFFD;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    bool is_overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
    if (is_overlong || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
        return 0xFFFD;
    *ret_length = bytes;
    return code;
}

size_t str_put_character(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = bytes - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[bytes] | code);
    return bytes;
}

bool str_is_utf8(const char *text, size_t length, size_t *ret_offset) {
    for (size_t at = 0, bytes; at < length; at += bytes) {
        // A replacement character that is really in the text takes three bytes; a bad byte takes
        // one.
        if (str_character(text + at, length - at, &bytes) == 0xFFFD && bytes == 1) {
            if (ret_offset)
                *ret_offset = at;
            return false;
        }
    }
    return true;
}

unsigned str_distance(const char *left, const char *right, unsigned ceiling) {
    enum { MAX = 63 };
    size_t rows = strnlen(left, MAX + 1), columns = strnlen(right, MAX + 1);
    size_t gap = rows > columns ? rows - columns : columns - rows;
    if (rows > MAX || columns > MAX || gap > ceiling)
        return ceiling + 1;
    // Three rows of the optimal string alignment matrix are enough for swaps of neighbours.
    unsigned matrix[3][MAX + 1];
    unsigned *before = matrix[0], *previous = matrix[1], *current = matrix[2];
    for (size_t j = 0; j <= columns; j++)
        previous[j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        current[0] = (unsigned)i;
        unsigned least = current[0];
        for (size_t j = 1; j <= columns; j++) {
            unsigned best = previous[j - 1] + (left[i - 1] != right[j - 1]);
            if (previous[j] + 1 < best)
                best = previous[j] + 1;
            if (current[j - 1] + 1 < best)
                best = current[j - 1] + 1;
            bool is_swap =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (is_swap && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            current[j] = best;
            if (best < least)
                least = best;
        }
        if (least > ceiling)
            return ceiling + 1;
        unsigned *spare = before;
        before = previous;
        previous = current;
        current = spare;
    }
    return previous[columns];
}

const char *str_closest(const char *word, const char *const *names, size_t count) {
    const char *closest = NULL;
    unsigned ceiling = strlen(word) <= 3 ? 1 : strlen(word) <= 7 ? 2 : 3, best = ceiling + 1;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = str_distance(word, names[i], ceiling);
        if (distance < best) {
            best = distance;
            closest = names[i];
        }
    }
    return closest;
}

int str_to_integer(const char *text, int64_t min, int64_t max, int64_t *ret_value) {
    char *end;
    errno = 0;
    if (!((*text >= '0' && *text <= '9') || *text == '-'))
        return -1;
    long long value = strtoll(text, &end, 10);
    if (errno || *end || end == text || value < min || value > max)
        return -1;
    *ret_value = value;
    return 0;
}

int str_to_real(const char *text, double *ret_value) {
    // strtod() also takes hexadecimal, "inf" and "nan", which are no decimal numbers.
    if (!*text || text[strspn(text, "0123456789+-.eE")])
        return -1;
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text || !isfinite(value))
        return -1;
    *ret_value = value;
    return 0;
}
