// SPDX-License-Identifier: Apache-2.0
//
// JSON is read and written by cJSON. Around it: parsing with limits and an error that says where,
// and reading an object into a struct by a table of its fields, so that the wire shape stands
// beside the struct and unknown or wrong-typed keys are refused with their path.
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

typedef cJSON json;

void json_free(json *value);
MEM_CLEANUP(json *, json_free);
#define cleanup_json cleanup(json_freep)

// Parses all LENGTH bytes. ERR_BAD_REQUEST where they are no UTF-8, no JSON (the message has line
// and column), nested deeper than LIMIT_JSON_DEPTH, or hold a NUL character.
int json_parse(const char *text, size_t length, json **ret_value, struct err *err);
// On one line without spaces, every number exactly as it is (cJSON's own writer rounds to 15
// digits); the caller frees it.
char *json_write(const json *value);

enum json_kind {
    JSON_TEXT,    // const char *, borrowed from the object; NULL while absent
    JSON_INTEGER, // int64_t
    JSON_REAL,    // double
    JSON_BOOL,    // bool
    JSON_OBJECT,  // const json *, borrowed
    JSON_ARRAY,   // const json *, borrowed
    JSON_ANY,     // const json *, borrowed
};

struct json_field {
    const char *key;
    enum json_kind kind;
    bool required;
    size_t offset;    // where it goes in the struct
    int64_t min, max; // for JSON_INTEGER: the range; for JSON_TEXT: bytes, where max is not 0
};

// Reads OBJECT into TARGET. PATH is what stands before the key in messages ("" at the top). A key
// with the value null counts as absent. Absent fields leave TARGET as it is. ERR_BAD_REQUEST.
int json_read(const json *object, const char *path, const struct json_field *fields, size_t count,
              void *target, struct err *err);

// Borrowed members without a table, for JSON that this program wrote itself.
const char *json_text(const json *object, const char *key); // NULL where it is no text
int64_t json_integer(const json *object, const char *key, int64_t otherwise);
double json_real(const json *object, const char *key, double otherwise);
bool json_bool(const json *object, const char *key, bool otherwise);

// Adding; NULL texts are added as null. Names are copied.
void json_add_text(json *object, const char *key, const char *text);
void json_add_integer(json *object, const char *key, int64_t value);
void json_add_real(json *object, const char *key, double value);
void json_add_bool(json *object, const char *key, bool value);
void json_add_null(json *object, const char *key);
// VALUE moves into the object; NULL is added as null.
void json_add(json *object, const char *key, json *value);
json *json_add_object(json *object, const char *key);
json *json_add_array(json *object, const char *key);
// An integer as it travels: outside ±2^53 as a text.
json *json_new_integer(int64_t value);
