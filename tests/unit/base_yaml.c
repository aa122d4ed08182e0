// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/yaml.h"
#include "tests/unit/check.h"

static char *read_as_json(const char *text) {
    json *value = NULL;
    struct err err;
    CHECK_OK(yaml_parse(text, strlen(text), &value, &err), err);
    char *written = json_write(value);
    json_free(value);
    return written;
}

static struct err refuse(const char *text, int code) {
    json *value = NULL;
    struct err err = {0};
    CHECK_INT(yaml_parse(text, strlen(text), &value, &err), code);
    CHECK(value == NULL);
    return err;
}

TEST(yaml_reads_as_the_json_that_it_stands_for) {
    static const char *const cases[][2] = {
        {"a: 1\nb: [x, 'y', \"z\"]\n", "{\"a\":1,\"b\":[\"x\",\"y\",\"z\"]}"},
        {"- a: {b: c}\n  d:\n  - 1\n  - -2.5\n", "[{\"a\":{\"b\":\"c\"},\"d\":[1,-2.5]}]"},
        {"a: null\nb: ~\nc:\nd: ''\n", "{\"a\":null,\"b\":null,\"c\":null,\"d\":\"\"}"},
        {"a: true\nb: False\nc: 'true'\nd: yes\n",
         "{\"a\":true,\"b\":false,\"c\":\"true\",\"d\":\"yes\"}"},
        {"a: '12'\nb: 0x10\nc: .inf\n1: !!str 5\n",
         "{\"a\":\"12\",\"b\":\"0x10\",\"c\":\".inf\",\"1\":\"5\"}"},
        {"a: |\n  one\n  two\nb: >\n  one\n  two\n",
         "{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\\n\"}"},
        {"{\"json\": [\"is\", {\"yaml\": null}]}", "{\"json\":[\"is\",{\"yaml\":null}]}"},
        {"# nothing\n", "null"},
        {"a: 1\n---\nb: 2\n", "{\"a\":1}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cleanup_free char *read = read_as_json(cases[i][0]);
        CHECK_TEXT(read, cases[i][1]);
    }
}

TEST(yaml_that_is_none_is_refused_with_its_place) {
    struct err err = refuse("a: [1\nb: 2\n", ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "line 2") != NULL);
    err = refuse("a: 1\na: 2\n", ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "not valid YAML at line 2, column 4: a key stands twice");
    refuse("? [a, b]\n: 1\n", ERR_BAD_REQUEST);
    refuse("\t- x", ERR_BAD_REQUEST);
}

TEST(yaml_with_aliases_is_refused_however_small_it_is) {
    struct err err = refuse("a: &x [1, 2]\nb: [*x, *x]\n", ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "not valid YAML at line 2, column 5: aliases are not read here");
}

TEST(yaml_that_is_nested_too_deep_is_refused) {
    char text[400];
    memset(text, '[', 200);
    memset(text + 200, ']', 200);
    json *value = NULL;
    struct err err = {0};
    CHECK_INT(yaml_parse(text, sizeof text, &value, &err), ERR_TOO_LARGE);
}

TEST(base_64_is_decoded_and_what_is_none_is_refused) {
    char *bytes;
    size_t length;
    struct err err;
    CHECK_OK(base64_decode("aGVsbG8=", &bytes, &length, &err), err);
    CHECK_TEXT(bytes, "hello");
    CHECK_INT(length, 5);
    free(bytes);
    CHECK_OK(base64_decode("", &bytes, &length, &err), err);
    CHECK_TEXT(bytes, "");
    free(bytes);
    CHECK_INT(base64_decode("a*b=", &bytes, &length, &err), ERR_BAD_REQUEST);
    bytes = base64_encode("hi?");
    CHECK_TEXT(bytes, "aGk/");
    free(bytes);
}

static const char *read_as_helm(const char *text) {
    static char *kept;
    cleanup_json json *value = NULL;
    struct err err;
    free(kept);
    kept = yaml_parse_helm(text, strlen(text), &value, &err) ? mem_text(err.message)
                                                             : json_write(value);
    return kept;
}

TEST(yaml_for_helm_is_yaml_1_1) {
    CHECK_TEXT(read_as_helm("[y, No, on, 'on', 010, 0x1F, 0b11, 0o17, 1_000, +5, .5, 1e3, 1.2.3]"),
               "[true,false,true,\"on\",8,31,3,15,1000,5,0.5,1000,\"1.2.3\"]");
    CHECK_TEXT(read_as_helm("[2026-11-21, 12:30, ~, '', 0x, 08, 1e999, <<]"),
               "[\"2026-11-21\",\"12:30\",null,\"\",\"0x\",8,\"1e999\",\"<<\"]");
    CHECK_TEXT(read_as_helm("true: 1\n5: 2\n"), "{\"true\":1,\"5\":2}");
}

TEST(of_keys_that_stand_twice_the_last_counts_for_helm_where_it_is_not_strict) {
    cleanup_json json *value = NULL;
    struct err err;
    CHECK_TEXT(read_as_helm("a: &x 1\nb: *x\na: 2\nA: 3\nc: *x\n"),
               "{\"b\":1,\"a\":2,\"A\":3,\"c\":1}");
    CHECK_INT(yaml_parse_helm_strictly("a: 1\na: 2\n", 10, &value, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "not valid YAML at line 2, column 4: a key stands twice");
}

TEST(keys_that_differ_in_case_are_two) {
    cleanup_json json *value = NULL;
    struct err err;
    CHECK_OK(yaml_parse("a: 1\nA: 2\n", 10, &value, &err), err);
    CHECK_INT(cJSON_GetArraySize(value), 2);
}

TEST(yaml_for_helm_follows_aliases_and_merge_keys) {
    CHECK_TEXT(read_as_helm("a: &x {b: 1, c: [2]}\nd: *x\ne: {<<: *x, b: 5}\n"),
               "{\"a\":{\"b\":1,\"c\":[2]},\"d\":{\"b\":1,\"c\":[2]},\"e\":{\"b\":5,\"c\":[2]}}");
    CHECK_TEXT(read_as_helm("a: {<<: [{x: 1}, {x: 2, y: 3}], z: 4}\n"),
               "{\"a\":{\"z\":4,\"x\":1,\"y\":3}}");
    CHECK_TEXT(read_as_helm("a: &x 1\nb: &x 2\nc: *x\n"), "{\"a\":1,\"b\":2,\"c\":2}");
    CHECK_TEXT(read_as_helm("a: *x\n"),
               "not valid YAML at line 1, column 4: no value before it has "
               "the anchor of this alias");
    CHECK_TEXT(read_as_helm("a: &x {b: *x}\n"),
               "not valid YAML at line 1, column 11: no value before "
               "it has the anchor of this alias");
    CHECK_TEXT(read_as_helm("a: {<<: 5}\n"),
               "not valid YAML at line 1, column 10: << must be followed by a mapping");
    CHECK_TEXT(
        read_as_helm("a: {<<: &x {b: 1}}\nc: *x\n"),
        "not valid YAML at line 2, column 4: no value before it has the anchor of this alias");
}

TEST(aliases_in_aliases_do_not_grow_without_bound) {
    CHECK_TEXT(
        read_as_helm("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                     "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                     "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
                     "g: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"),
        "the YAML has more than 100000 values");
}
