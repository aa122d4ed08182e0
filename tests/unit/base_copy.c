// SPDX-License-Identifier: Apache-2.0
//
// memcpy(), memmove() and memcmp() against the plainest way to do the same, at every length and
// distance that takes another path. In the sanitized build these are the C library's.
#include <string.h>
#include <sys/types.h>

#include "tests/unit/check.h"

#define SPAN 700

static unsigned char bytes[3 * SPAN], wanted[3 * SPAN];

static void fill(void) {
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = wanted[i] = (unsigned char)(i * 7 + i / 251);
}

static void move_plainly(size_t to, size_t from, size_t length) {
    unsigned char copy[SPAN];
    for (size_t i = 0; i < length; i++)
        copy[i] = wanted[from + i];
    for (size_t i = 0; i < length; i++)
        wanted[to + i] = copy[i];
}

TEST(bytes_are_moved_right_however_the_two_overlap) {
    for (size_t length = 0; length <= 200; length++)
        for (size_t to = 0; to <= 140; to++) {
            fill();
            move_plainly(SPAN + to, SPAN + 70, length);
            CHECK(memmove(bytes + SPAN + to, bytes + SPAN + 70, length) == bytes + SPAN + to);
            for (size_t i = 0; i < sizeof bytes; i++)
                if (bytes[i] != wanted[i])
                    check_fail(__FILE__, __LINE__, "length %zu, distance %zd, byte %zu", length,
                               (ssize_t)to - 70, i);
        }
}

TEST(bytes_are_copied_right_at_every_length_and_nothing_beside_them) {
    static unsigned char from[20000], to[20002];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (unsigned char)(i * 13 + i / 256);
    for (size_t length = 0; length < 6000; length += length < 300 ? 1 : 97) {
        memset(to, 0xEE, sizeof to);
        CHECK(memcpy(to + 1, from + length % 17, length) == to + 1);
        CHECK_INT(to[0], 0xEE);
        CHECK_INT(to[length + 1], 0xEE);
        for (size_t i = 0; i < length; i++)
            if (to[i + 1] != from[length % 17 + i])
                check_fail(__FILE__, __LINE__, "length %zu, byte %zu", length, i);
    }
}

TEST(bytes_compare_by_the_first_that_differs_as_unsigned) {
    unsigned char left[100], right[100];
    for (size_t length = 1; length <= 100; length++)
        for (size_t at = 0; at < length; at++) {
            memset(left, 0x41, sizeof left);
            memset(right, 0x41, sizeof right);
            CHECK_INT(memcmp(left, right, length), 0);
            left[at] = 0xFF; // above 0x01 only when it is unsigned
            right[at] = 0x01;
            if (at + 1 < length)
                right[at + 1] = 0xFE; // a later difference that says the opposite
            CHECK(memcmp(left, right, length) > 0);
            CHECK(memcmp(right, left, length) < 0);
            CHECK_INT(memcmp(left, right, at), 0);
        }
}
