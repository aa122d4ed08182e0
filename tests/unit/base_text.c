// SPDX-License-Identifier: Apache-2.0
//
// Text and what is said in it: str.h, err.h, clock.h, id.h, hash.h, outcome.h.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/outcome.h"
#include "base/str.h"
#include "tests/unit/check.h"

// ---- UTF-8 --------------------------------------------------------------------------------------

static long long first_bad_byte(const char *text) {
    size_t offset = 0;
    return str_is_utf8(text, strlen(text), &offset) ? -1 : (long long)offset;
}

TEST(every_length_of_utf8_is_recognised) {
    CHECK_INT(first_bad_byte(""), -1);
    CHECK_INT(first_bad_byte("plain"), -1);
    CHECK_INT(first_bad_byte("\xC2\x80 \xDF\xBF"), -1);                 // U+0080, U+07FF
    CHECK_INT(first_bad_byte("\xE0\xA0\x80 \xEF\xBF\xBF"), -1);         // U+0800, U+FFFF
    CHECK_INT(first_bad_byte("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"), -1); // U+10000, U+10FFFF
}

TEST(a_replacement_character_that_is_really_there_is_no_error) {
    CHECK_INT(first_bad_byte("a\xEF\xBF\xBD z"), -1);
}

TEST(bytes_that_rfc_3629_forbids_are_found_where_they_stand) {
    static const char *const bad[] = {
        "ab\x80",             // a continuation byte alone
        "ab\xC3",             // cut off
        "ab\xE2\x82",         // cut off
        "ab\xF0\x9F\x98",     // cut off
        "ab\xC3(",            // no continuation byte
        "ab\xC0\xAF",         // an overlong '/'
        "ab\xE0\x80\xAF",     // an overlong '/'
        "ab\xF0\x80\x80\xAF", // an overlong '/'
        "ab\xED\xA0\x80",     // half of a surrogate pair
        "ab\xF4\x90\x80\x80", // above U+10FFFF
        "ab\xF8\x88\x80\x80", // five bytes were never allowed
        "ab\xFF",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        CHECK_INT(first_bad_byte(bad[i]), 2);
}

TEST(a_character_is_written_as_it_was_read) {
    static const uint32_t codes[] = {0x41, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFC, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        char text[4];
        size_t length = str_put_character(codes[i], text), read = 0;
        CHECK_INT(str_character(text, length, &read), codes[i]);
        CHECK_INT(read, length);
    }
}

TEST(reading_a_character_never_looks_past_the_end) {
    size_t length = 0;
    char *cut = mem_text_n("\xE2\x82\xAC", 3); // the sanitizer watches its end
    char *two = mem_zero(2, 1);
    memcpy(two, cut, 2);
    CHECK_INT(str_character(two, 2, &length), 0xFFFD);
    CHECK_INT(length, 1);
    free(cut);
    free(two);
}

// ---- Distances ----------------------------------------------------------------------------------

TEST(a_distance_counts_insertions_deletions_replacements_and_swaps_of_neighbours) {
    CHECK_INT(str_distance("weather", "weather", 3), 0);
    CHECK_INT(str_distance("weather", "weathr", 3), 1);
    CHECK_INT(str_distance("weather", "weaather", 3), 1);
    CHECK_INT(str_distance("weather", "wearher", 3), 1);
    CHECK_INT(str_distance("weather", "waether", 3), 1);
    CHECK_INT(str_distance("kitten", "sitting", 3), 3);
    CHECK_INT(str_distance("", "abc", 3), 3);
    CHECK_INT(str_distance("ca", "abc", 9), 3); // a swapped pair is not edited again
}

TEST(a_distance_above_the_ceiling_is_the_ceiling_and_one) {
    CHECK_INT(str_distance("kitten", "sitting", 2), 3);
    CHECK_INT(str_distance("a", "abcdefgh", 2), 3);
    CHECK_INT(str_distance("abcd", "wxyz", 0), 1);
}

TEST(a_distance_is_the_same_in_both_directions) {
    static const char *const words[] = {"", "a", "ab", "ba", "strikes", "strieks", "striek", "x"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        for (size_t j = 0; j < ARRAY_LENGTH(words); j++)
            CHECK_INT(str_distance(words[i], words[j], 9), str_distance(words[j], words[i], 9));
}

TEST(texts_of_more_than_63_bytes_are_never_near) {
    char longest[64], longer[65];
    memset(longest, 'x', sizeof longest - 1);
    memset(longer, 'x', sizeof longer - 1);
    longest[63] = longer[64] = '\0';
    CHECK_INT(str_distance(longest, longest, 2), 0);
    CHECK_INT(str_distance(longer, longer, 2), 3);
}

TEST(the_closest_name_is_the_one_that_was_mistyped) {
    static const char *const names[] = {"birdstrikes", "shop", "weather"};
    CHECK_TEXT(str_closest("wheather", names, 3), "weather");
    CHECK_TEXT(str_closest("sohp", names, 3), "shop");
    CHECK_TEXT(str_closest("birdstrike", names, 3), "birdstrikes");
}

TEST(no_name_is_closest_to_a_word_that_resembles_none) {
    static const char *const names[] = {"birdstrikes", "shop", "weather"};
    CHECK_TEXT(str_closest("orders", names, 3), NULL);
    CHECK_TEXT(str_closest("sh", names, 3), NULL);
    CHECK_TEXT(str_closest("weather", names, 0), NULL);
}

// ---- Numbers ------------------------------------------------------------------------------------

static bool is_integer(const char *text, int64_t min, int64_t max) {
    int64_t value = 4711;
    bool is_good = str_to_integer(text, min, max, &value) == 0;
    CHECK(is_good || value == 4711); // untouched on failure
    return is_good;
}

TEST(a_whole_number_is_read_whole_or_not_at_all) {
    int64_t value;
    CHECK_INT(str_to_integer("-9223372036854775808", INT64_MIN, INT64_MAX, &value), 0);
    CHECK_INT(value, INT64_MIN);
    CHECK_INT(str_to_integer("007", 0, 10, &value), 0);
    CHECK_INT(value, 7);
    static const char *const bad[] = {
        "", "-", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "one", "--1", "9223372036854775808"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        CHECK(!is_integer(bad[i], INT64_MIN, INT64_MAX));
}

TEST(a_whole_number_has_to_be_within_its_bounds) {
    CHECK(is_integer("1", 1, 500));
    CHECK(is_integer("500", 1, 500));
    CHECK(!is_integer("0", 1, 500));
    CHECK(!is_integer("501", 1, 500));
    CHECK(!is_integer("-1", 0, 500));
}

TEST(a_real_number_is_decimal_and_finite) {
    double value = 0;
    CHECK_INT(str_to_real("-12.5e1", &value), 0);
    CHECK(value == -125);
    static const char *const bad[] = {"", ".", "inf", "nan", "0x1p3", "1e999", "1,5", "1 ", "e5"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        CHECK_INT(str_to_real(bad[i], &value), -1);
}

TEST(nothing_equals_nothing_and_no_text) {
    CHECK(str_is_equal(NULL, NULL));
    CHECK(!str_is_equal(NULL, ""));
    CHECK(str_is_equal("a", "a"));
    CHECK(str_has_suffix("data.sqlite", ".sqlite") && !str_has_suffix("e", "lite"));
    CHECK(str_has_prefix("/c/x", "/c/") && !str_has_prefix("/", "/c/"));
}

// ---- Errors -------------------------------------------------------------------------------------

TEST(an_error_is_a_code_and_a_sentence_and_takes_a_hint) {
    struct err err = {.hint = "an old one"};
    CHECK_INT(err_set(&err, ERR_NOT_FOUND, "there is no %s", "moon"), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "there is no moon");
    CHECK_TEXT(err.hint, "");
    CHECK_INT(err_hint(&err, "Look at %s.", "night"), ERR_NOT_FOUND);
    CHECK_TEXT(err.hint, "Look at night.");
    CHECK_INT(err_prefix(&err, "%s", "the sky"), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "the sky: there is no moon");
    CHECK_TEXT(err.hint, "Look at night.");
}

TEST(an_error_can_be_made_from_itself) {
    struct err err;
    err_set(&err, ERR_IO, "inside");
    err_set(&err, ERR_CORRUPT, "outside: %s", err.message);
    CHECK_TEXT(err.message, "outside: inside");
}

TEST(an_errno_is_told_in_words) {
    struct err err;
    CHECK_INT(err_set_errno(&err, ENOENT, "cannot open %s", "x"), ERR_IO);
    cleanup_free char *expected = mem_format("cannot open x: %s", strerror(ENOENT));
    CHECK_TEXT(err.message, expected);
}

TEST(nobody_has_to_listen_to_an_error) {
    CHECK_INT(err_set(NULL, ERR_BUSY, "x"), ERR_BUSY);
    CHECK_INT(err_set_errno(NULL, ENOENT, "x"), ERR_IO);
}

// SHIFT moves the cut through every byte of the characters.
static char *euros(size_t shift, size_t count) {
    char *text = mem_zero(shift + 3 * count + 1, 1);
    memset(text, 'x', shift);
    for (size_t i = 0; i < count; i++)
        memcpy(text + shift + 3 * i, "\xE2\x82\xAC", 3);
    return text;
}

TEST(a_message_that_does_not_fit_is_cut_between_characters) {
    for (size_t shift = 0; shift < 3; shift++) {
        struct err err;
        cleanup_free char *text = euros(shift, 300);
        err_set(&err, ERR_IO, "%s", text);
        CHECK(strlen(err.message) > sizeof err.message - 5);
        CHECK_INT(first_bad_byte(err.message), -1);
        err_hint(&err, "%s", text);
        CHECK_INT(first_bad_byte(err.hint), -1);
    }
}

TEST(a_long_path_in_an_errno_message_is_cut_between_characters) {
    for (size_t shift = 0; shift < 3; shift++) {
        struct err err;
        cleanup_free char *text = euros(shift, 300);
        err_set_errno(&err, ENOENT, "%s", text);
        CHECK_INT(first_bad_byte(err.message), -1);
        CHECK(str_has_suffix(err.message, strerror(ENOENT)));
    }
}

TEST(a_long_prefix_and_a_long_message_are_cut_between_characters) {
    for (size_t shift = 0; shift < 3; shift++) {
        struct err err;
        cleanup_free char *text = euros(shift, 300);
        err_set(&err, ERR_IO, "%s", text);
        err_prefix(&err, "%s", text);
        CHECK_INT(first_bad_byte(err.message), -1);
    }
}

TEST(every_error_code_has_a_name) {
    for (int code = ERR_BAD_REQUEST; code >= ERR_CANCELLED; code--)
        CHECK(code == ERR_INTERNAL || strcmp(err_code_name(code), "internal_error") != 0);
}

// ---- Time, ids, hashes, outcomes ----------------------------------------------------------------

TEST(a_time_is_written_as_rfc_3339_has_it) {
    char text[CLOCK_ISO_SIZE];
    CHECK_TEXT(clock_iso(0, text), "1970-01-01T00:00:00.000Z");
    CHECK_TEXT(clock_iso(951826239007, text), "2000-02-29T12:10:39.007Z");
    CHECK_TEXT(clock_iso(253402300799999, text), "9999-12-31T23:59:59.999Z");
}

TEST(the_monotonic_clock_does_not_go_back) {
    int64_t last = clock_monotonic_us();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_us();
        CHECK(now >= last);
        last = now;
    }
}

TEST(an_id_has_the_shape_of_a_ulid) {
    char id[ID_SIZE];
    id_make(id);
    CHECK_INT(strlen(id), 26);
    CHECK(id_is_valid(id));
    CHECK(*id >= '0' && *id <= '7'); // 48 bits of time in ten digits of five bits
    static const char *const bad[] = {"",
                                      "01K5",
                                      "01K5Q3V9XQ7M4N8P2R6S0T1V2W3",
                                      "01k5q3v9xq7m4n8p2r6s0t1v2w",
                                      "01K5Q3V9XQ7M4N8P2R6S0T1V2U",
                                      "01K5Q3V9XQ7M4N8P2R6S0T1V2/"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        CHECK(!id_is_valid(bad[i]));
}

TEST(ids_sort_by_the_millisecond_they_were_made_in_and_never_repeat) {
    char earlier[ID_SIZE], later[ID_SIZE];
    id_make(earlier);
    for (int64_t start_ms = clock_wall_ms(); clock_wall_ms() <= start_ms + 1;)
        continue;
    id_make(later);
    CHECK(strcmp(earlier, later) < 0);
    CHECK(strncmp(earlier, later, 8) == 0); // made within the same half minute
    for (int i = 0; i < 1000; i++) {
        id_make(earlier);
        CHECK(strcmp(earlier, later) != 0);
        memcpy(later, earlier, ID_SIZE);
    }
}

TEST(sha_256_gives_the_digests_of_fips_180_4) {
    char hex[HASH_HEX_SIZE];
    hash_hex_of("abc", 3, hex);
    CHECK_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_hex_of("", 0, hex);
    CHECK_TEXT(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct hash *hash cleanup(hash_freep) = hash_new();
    hash_add(hash, "a", 1);
    hash_add(hash, "bc", 2);
    hash_hex(hash, hex);
    CHECK_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(secrets_are_equal_only_when_they_are) {
    CHECK(hash_is_equal_secret("token", "token"));
    CHECK(!hash_is_equal_secret("token", "Token"));
    CHECK(!hash_is_equal_secret("token", "token "));
    CHECK(!hash_is_equal_secret("", "token"));
}

TEST(every_outcome_has_a_name_of_its_own_a_sentence_and_an_exit_status) {
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome outcome = (enum outcome)i;
        CHECK_INT(outcome_from_name(outcome_name(outcome)), i);
        CHECK(str_has_suffix(outcome_sentence(outcome), "."));
        CHECK(!*outcome_hint(outcome) || str_has_suffix(outcome_hint(outcome), "."));
        CHECK(outcome_exit_status(outcome) >= 0 && outcome_exit_status(outcome) <= 4);
    }
    CHECK_INT(outcome_from_name("done"), -1);
    CHECK_INT(outcome_from_name(""), -1);
}
