// SPDX-License-Identifier: Apache-2.0
//
// JSON: what is refused, in which words, and that what is read is what was written (json.h).
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/check.h"

static const char *why_not(const char *text, size_t length) {
    static struct err err;
    cleanup_json json *value = NULL;
    err = (struct err){0};
    int status = json_parse(text, length, &value, &err);
    CHECK((status == 0) == (value != NULL)); // untouched on failure
    CHECK(status == 0 || status == ERR_BAD_REQUEST);
    return status ? err.message : NULL;
}

static const char *why_no_json(const char *text) { return why_not(text, strlen(text)); }

// ---- Parsing ------------------------------------------------------------------------------------

TEST(json_is_parsed_with_white_space_around_it) {
    CHECK_TEXT(why_no_json(" \r\n\t{\"a\":[1,2.5,\"x\",true,null]}\n "), NULL);
    CHECK_TEXT(why_no_json("\"\xF0\x9F\x90\xA6 \\ud83d\\udc26\""), NULL);
}

TEST(json_that_breaks_off_or_goes_on_is_refused_by_line_and_column) {
    CHECK_TEXT(why_no_json("{\"a\":1,}"), "not valid JSON at line 1, column 8");
    CHECK_TEXT(why_no_json("{\n  \"a\": tru\n}"), "not valid JSON at line 2, column 8");
    CHECK_TEXT(why_no_json("{} x"), "not valid JSON at line 1, column 4");
    CHECK_TEXT(why_no_json("{}{}"), "not valid JSON at line 1, column 3");
    CHECK(strstr(why_no_json("{\"a\":"), "not valid JSON at line 1"));
    CHECK(strstr(why_no_json("[1"), "not valid JSON at line 1"));
    CHECK(strstr(why_no_json("{'a':1}"), "not valid JSON at line 1"));
    CHECK(strstr(why_no_json("   "), "not valid JSON at line 1"));
}

TEST(no_json_at_all_is_called_empty) { CHECK_TEXT(why_no_json(""), "no JSON: it is empty"); }

TEST(json_that_is_no_utf8_is_refused_by_byte) {
    CHECK_TEXT(why_no_json("{\"a\":\"\xFF\"}"), "the JSON is not valid UTF-8 at byte 6");
}

static struct buf nested(size_t depth) {
    struct buf text = BUF(10000);
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&text, i % 2 ? "{\"a\":" : "[");
    buf_add_text(&text, "1");
    for (size_t i = depth; i-- > 0;)
        buf_add_text(&text, i % 2 ? "}" : "]");
    return text;
}

TEST(json_may_be_nested_as_deep_as_the_limit_and_no_deeper) {
    struct buf deep cleanup_buf = nested(LIMIT_JSON_DEPTH),
                    deeper cleanup_buf = nested(LIMIT_JSON_DEPTH + 1);
    CHECK_TEXT(why_no_json(buf_text(&deep)), NULL);
    CHECK_TEXT(why_no_json(buf_text(&deeper)), "the JSON is nested deeper than 64 levels");
}

TEST(brackets_inside_a_text_are_no_nesting) {
    struct buf text cleanup_buf = BUF(1000);
    buf_add_text(&text, "\"\\\"");
    for (int i = 0; i < 100; i++)
        buf_add_text(&text, "[{");
    buf_add_text(&text, "\"");
    CHECK_TEXT(why_no_json(buf_text(&text)), NULL);
}

TEST(a_nul_character_is_refused_however_it_is_written) {
    CHECK_TEXT(why_no_json("{\"a\":\"x\\u0000y\"}"), "the JSON holds a NUL character at byte 7");
    CHECK_TEXT(why_no_json("[\"\\\\u0000\"]"), NULL); // a backslash and then u0000
    CHECK(why_not("[\"x\0y\"]", 7) != NULL);
    CHECK(why_not("[1]\0", 4) != NULL);
}

// ---- Reading by a table -------------------------------------------------------------------------

struct trip {
    const char *title;
    int64_t days;
    double price;
    bool is_booked;
    const json *stops, *notes, *anything;
};

static const struct json_field fields[] = {
    {"title", JSON_TEXT, true, offsetof(struct trip, title), 1, 8},
    {"days", JSON_INTEGER, true, offsetof(struct trip, days), 1, 30},
    {"price", JSON_REAL, false, offsetof(struct trip, price), 0, 0},
    {"is_booked", JSON_BOOL, false, offsetof(struct trip, is_booked), 0, 0},
    {"stops", JSON_ARRAY, false, offsetof(struct trip, stops), 0, 0},
    {"notes", JSON_OBJECT, false, offsetof(struct trip, notes), 0, 0},
    {"anything", JSON_ANY, false, offsetof(struct trip, anything), 0, 0},
};

static int read_trip(const char *text, struct trip *trip, struct err *err) {
    static json *kept; // the trip borrows from it
    json_free(kept);
    kept = NULL;
    *err = (struct err){0};
    CHECK_OK(json_parse(text, strlen(text), &kept, err), *err);
    int status = json_read(kept, "trip.", fields, ARRAY_LENGTH(fields), trip, err);
    if (status) {
        json_free(kept);
        kept = NULL;
    }
    return status;
}

static const char *why_no_trip(const char *text) {
    static struct err err;
    struct trip trip = {0};
    return read_trip(text, &trip, &err) ? err.message : NULL;
}

TEST(an_object_is_read_into_a_struct_and_absent_keys_leave_it_as_it_is) {
    struct trip trip = {.price = 9, .is_booked = true};
    struct err err;
    CHECK_OK(read_trip("{\"title\":\"Oslo\",\"days\":3,\"is_booked\":null,\"stops\":[1],"
                       "\"anything\":\"x\"}",
                       &trip, &err),
             err);
    CHECK_TEXT(trip.title, "Oslo");
    CHECK_INT(trip.days, 3);
    CHECK(trip.price == 9 && trip.is_booked);
    CHECK_INT(cJSON_GetArraySize(trip.stops), 1);
    CHECK_TEXT(trip.anything->valuestring, "x");
}

TEST(a_key_that_is_not_known_is_named_with_its_path_and_the_nearest) {
    struct trip trip = {0};
    struct err err;
    CHECK_INT(read_trip("{\"titel\":\"Oslo\",\"days\":3}", &trip, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "\"trip.titel\" is not a known key");
    CHECK_TEXT(err.hint, "Did you mean \"title\"?");
    CHECK_INT(read_trip("{\"zzzzzzzz\":1}", &trip, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.hint, "");
}

TEST(a_key_that_is_missing_or_null_or_there_twice_is_named_with_its_path) {
    CHECK_TEXT(why_no_trip("{\"days\":3}"), "\"trip.title\" is missing");
    CHECK_TEXT(why_no_trip("{\"title\":null,\"days\":3}"), "\"trip.title\" is missing");
    CHECK_TEXT(why_no_trip("{\"title\":\"a\",\"days\":3,\"days\":4}"),
               "\"trip.days\" stands twice");
}

TEST(a_value_of_the_wrong_type_is_named_with_its_path) {
    CHECK_TEXT(why_no_trip("{\"title\":7}"), "\"trip.title\" must be a text");
    CHECK_TEXT(why_no_trip("{\"days\":\"3\"}"), "\"trip.days\" must be an integer");
    CHECK_TEXT(why_no_trip("{\"days\":3.5}"), "\"trip.days\" must be an integer");
    CHECK_TEXT(why_no_trip("{\"days\":1e300}"), "\"trip.days\" must be an integer");
    CHECK_TEXT(why_no_trip("{\"price\":\"dear\"}"), "\"trip.price\" must be a number");
    CHECK_TEXT(why_no_trip("{\"is_booked\":1}"), "\"trip.is_booked\" must be true or false");
    CHECK_TEXT(why_no_trip("{\"stops\":{}}"), "\"trip.stops\" must be an array");
    CHECK_TEXT(why_no_trip("{\"notes\":[]}"), "\"trip.notes\" must be an object");
}

TEST(what_is_no_object_is_called_by_its_path) {
    struct trip trip = {0};
    struct err err = {0};
    cleanup_json json *list = cJSON_CreateArray();
    CHECK_INT(json_read(list, "", fields, ARRAY_LENGTH(fields), &trip, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "the JSON must be an object");
    CHECK_INT(json_read(list, "trip", fields, ARRAY_LENGTH(fields), &trip, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "trip must be an object");
}

TEST(bounds_are_kept_and_told) {
    CHECK_TEXT(why_no_trip("{\"days\":0}"), "\"trip.days\" is 0, but must be from 1 to 30");
    CHECK_TEXT(why_no_trip("{\"days\":31}"), "\"trip.days\" is 31, but must be from 1 to 30");
    CHECK_TEXT(why_no_trip("{\"title\":\"\"}"), "\"trip.title\" is empty");
    CHECK_TEXT(why_no_trip("{\"title\":\"123456789\"}"),
               "\"trip.title\" has 9 bytes; at most 8 are allowed");
    CHECK_TEXT(why_no_trip("{\"title\":\"12345678\",\"days\":30}"), NULL);
}

// ---- Writing ------------------------------------------------------------------------------------

TEST(integers_that_a_double_would_skip_travel_as_texts) {
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-42, "-42"},
        {9007199254740992, "9007199254740992"},
        {9007199254740993, "\"9007199254740993\""},
        {-9007199254740993, "\"-9007199254740993\""},
        {INT64_MAX, "\"9223372036854775807\""},
        {INT64_MIN, "\"-9223372036854775808\""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cleanup_json json *value = json_new_integer(cases[i].value);
        cleanup_free char *text = json_write(value);
        CHECK_TEXT(text, cases[i].text);
    }
}

TEST(what_is_written_is_one_line_and_reads_the_same) {
    static const char text[] = "{\"a\":[1,2.5,-1e-07,\"\\\"\\\\\\n\xC3\xA9\",true,false,null,{}],"
                               "\"b\":{\"c\":\"\"}}";
    cleanup_json json *value = NULL, *again = NULL;
    struct err err = {0};
    CHECK_OK(json_parse(text, strlen(text), &value, &err), err);
    cleanup_free char *line = json_write(value);
    CHECK(!strchr(line, '\n'));
    CHECK_OK(json_parse(line, strlen(line), &again, &err), err);
    CHECK(cJSON_Compare(value, again, true));
}

TEST(members_are_read_with_a_value_for_when_they_are_not_there) {
    cleanup_json json *object = cJSON_CreateObject();
    json_add_text(object, "text", "x");
    json_add_text(object, "none", NULL);
    json_add_integer(object, "number", 7);
    json_add_bool(object, "yes", true);
    CHECK_TEXT(json_text(object, "text"), "x");
    CHECK_TEXT(json_text(object, "none"), NULL);
    CHECK_TEXT(json_text(object, "number"), NULL);
    CHECK_INT(json_integer(object, "number", -1), 7);
    CHECK_INT(json_integer(object, "text", -1), -1);
    CHECK_INT(json_integer(object, "nowhere", -1), -1);
    CHECK(json_bool(object, "yes", false) && !json_bool(object, "text", false));
    CHECK(json_real(object, "number", 0) == 7);
    CHECK(json_text(NULL, "text") == NULL);
}
