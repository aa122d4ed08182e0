// SPDX-License-Identifier: Apache-2.0
//
// Memory that grows only as far as it may: buf.h, arena.h, mem.h.
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit/check.h"

TEST(an_empty_buffer_is_the_empty_text) {
    struct buf buf cleanup_buf = BUF(10);
    CHECK_TEXT(buf_text(&buf), "");
    cleanup_free char *taken = buf_take(&buf);
    CHECK_TEXT(taken, "");
}

TEST(a_buffer_takes_exactly_as_much_as_its_ceiling) {
    struct buf buf cleanup_buf = BUF(5);
    CHECK_INT(buf_add_text(&buf, "abcd"), 0);
    CHECK_INT(buf_add_char(&buf, 'e'), 0);
    CHECK_TEXT(buf_text(&buf), "abcde");
    CHECK(!buf.overflowed);
    CHECK_INT(buf_add_char(&buf, 'f'), -1);
    CHECK_TEXT(buf_text(&buf), "abcde");
}

TEST(a_buffer_that_overflowed_once_takes_nothing_more) {
    struct buf buf cleanup_buf = BUF(5);
    buf_add_text(&buf, "abc");
    CHECK_INT(buf_add_text(&buf, "def"), -1);
    CHECK_INT(buf_add_text(&buf, "d"), -1); // would fit: but then a piece would be missing
    CHECK_INT(buf_add_format(&buf, "%d", 1), -1);
    CHECK(buf.overflowed);
    CHECK_TEXT(buf_text(&buf), "abc");
    buf_clear(&buf);
    CHECK_INT(buf_add_text(&buf, "d"), 0);
    CHECK_TEXT(buf_text(&buf), "d");
}

TEST(a_buffer_never_wraps_around_at_the_largest_size) {
    struct buf buf cleanup_buf = BUF(SIZE_MAX - 1);
    CHECK_INT(buf_add_char(&buf, 'a'), 0);
    CHECK(buf_reserve(&buf, SIZE_MAX) == NULL);
    CHECK(buf.overflowed);
}

TEST(a_buffer_formats_what_is_longer_than_its_room) {
    struct buf buf cleanup_buf = BUF(1000);
    buf_add_text(&buf, "x");
    CHECK_INT(buf_add_format(&buf, "%0300d|%s", 7, "end"), 0);
    CHECK_INT(buf.length, 305);
    CHECK_TEXT(buf_text(&buf) + 300, "7|end");
}

TEST(bytes_dropped_off_the_front_leave_the_rest) {
    struct buf buf cleanup_buf = BUF(10);
    buf_drop(&buf, 0);
    buf_add_text(&buf, "abcdef");
    buf_drop(&buf, 2);
    CHECK_TEXT(buf_text(&buf), "cdef");
    buf_drop(&buf, 4);
    CHECK_TEXT(buf_text(&buf), "");
}

TEST(a_text_taken_out_of_a_buffer_is_the_takers) {
    struct buf buf cleanup_buf = BUF(10);
    buf_add_text(&buf, "abc");
    cleanup_free char *taken = buf_take(&buf);
    CHECK_TEXT(taken, "abc");
    CHECK_INT(buf.length, 0);
    CHECK_INT(buf.limit, 10);
    buf_add_text(&buf, "xyz");
    CHECK_TEXT(taken, "abc");
}

TEST(an_arena_gives_zeroed_memory_aligned_for_any_type) {
    struct arena arena cleanup_arena = ARENA(1024 * 1024);
    for (size_t size = 1; size < 100; size++) {
        unsigned char *memory = arena_take(&arena, 3, size);
        CHECK_INT((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < 3 * size; i++)
            CHECK_INT(memory[i], 0);
        memset(memory, 0xAA, 3 * size);
    }
}

TEST(an_arena_takes_pieces_larger_than_its_blocks) {
    struct arena arena cleanup_arena = ARENA(1024 * 1024);
    char *small = arena_take(&arena, 1, 16);
    char *large = arena_take(&arena, 200000, 1);
    CHECK(small && large);
    memset(large, 1, 200000);
    CHECK_INT(*small, 0);
}

TEST(an_arena_past_its_ceiling_says_so_and_stays_safe) {
    struct arena arena cleanup_arena = ARENA(100);
    CHECK_TEXT(arena_text(&arena, "fits"), "fits");
    CHECK(!arena.exhausted);
    CHECK(arena_take(&arena, 1, 200) == NULL);
    CHECK(arena.exhausted);
    CHECK_TEXT(arena_format(&arena, "%0200d", 1), "");
    CHECK_TEXT(arena_text_n(&arena,
                            "a long one, of which much would be left over by a hundred bytes, "
                            "were it not for what is there already",
                            100),
               "");
}

TEST(an_arena_is_not_fooled_by_a_size_that_wraps_around) {
    struct arena arena cleanup_arena = ARENA(SIZE_MAX / 2);
    CHECK(arena_take(&arena, SIZE_MAX / 2, 3) == NULL);
    CHECK(arena.exhausted);
}

TEST(a_pointer_that_is_taken_is_gone) {
    char *text = mem_text("abc");
    cleanup_free char *taken = mem_take(text);
    CHECK(text == NULL);
    CHECK_TEXT(taken, "abc");
    CHECK(mem_text(NULL) == NULL);
}
