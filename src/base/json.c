// SPDX-License-Identifier: Apache-2.0
//
// See json.h.
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

#define SAFE_INTEGER 9007199254740992LL // 2^53: above it a double skips integers

void json_free(json *value) { cJSON_Delete(value); }

static void find_position(const char *text, size_t offset, size_t *ret_line, size_t *ret_column) {
    *ret_line = *ret_column = 1;
    for (size_t i = 0; i < offset; i++) {
        (*ret_column)++;
        if (text[i] == '\n') {
            (*ret_line)++;
            *ret_column = 1;
        }
    }
}

// cJSON's own limit is 1,000 levels of recursion; ours is checked beforehand, together with the one
// escape that it would cut a text at.
static int check_shape(const char *text, size_t length, struct err *err) {
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < length; i++) {
        char at = text[i];
        if (at == '\0')
            return err_set(err, ERR_BAD_REQUEST, "the JSON holds a NUL character at byte %zu", i);
        if (in_text && at == '\\') {
            if (length - i > 5 && memcmp(text + i, "\\u0000", 6) == 0)
                return err_set(err, ERR_BAD_REQUEST, "the JSON holds a NUL character at byte %zu",
                               i);
            i++;
        } else if (at == '"') {
            in_text = !in_text;
        } else if (!in_text && (at == '[' || at == '{')) {
            if (++depth > LIMIT_JSON_DEPTH)
                return err_set(err, ERR_BAD_REQUEST, "the JSON is nested deeper than %d levels",
                               LIMIT_JSON_DEPTH);
        } else if (!in_text && (at == ']' || at == '}') && depth > 0) {
            depth--;
        }
    }
    return 0;
}

int json_parse(const char *text, size_t length, json **ret_value, struct err *err) {
    size_t offset;
    if (!str_is_utf8(text, length, &offset))
        return err_set(err, ERR_BAD_REQUEST, "the JSON is not valid UTF-8 at byte %zu", offset);
    int status = check_shape(text, length, err);
    if (status)
        return status;
    const char *end = text;
    cleanup_json json *value = cJSON_ParseWithLengthOpts(text, length, &end, false);
    size_t stopped = (size_t)(end - text), line, column;
    while (value && stopped < length && strchr(" \t\r\n", text[stopped]) && text[stopped])
        stopped++;
    if (!value || stopped < length) {
        find_position(text, stopped < length ? stopped : length, &line, &column);
        return err_set(err, ERR_BAD_REQUEST,
                       length ? "not valid JSON at line %zu, column %zu" : "no JSON: it is empty",
                       line, column);
    }
    *ret_value = mem_take(value);
    return 0;
}

static void write_text(const char *text, struct buf *out) {
    buf_add_char(out, '"');
    for (const char *at = text; *at; at++) {
        static const char short_forms[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
        size_t plain = 0;
        while ((unsigned char)at[plain] >= ' ' && at[plain] != '"' && at[plain] != '\\')
            plain++;
        buf_add(out, at, plain);
        at += plain;
        if (!*at)
            break;
        const char *found = strchr(short_forms, *at);
        if (found)
            buf_add_format(out, "\\%c", letters[found - short_forms]);
        else
            buf_add_format(out, "\\u%04x", (unsigned char)*at);
    }
    buf_add_char(out, '"');
}

// The shortest decimal that reads back as the same double; 17 digits always do (C11, 5.2.4.2.2).
static void write_number(double number, struct buf *out) {
    char text[32];
    if (!isfinite(number)) {
        buf_add_text(out, "null");
        return;
    }
    if (number == floor(number) && fabs(number) <= (double)SAFE_INTEGER) {
        buf_add_format(out, "%lld", (long long)number);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buf_add_text(out, text);
}

static void write_value(const json *value, struct buf *out) {
    if (cJSON_IsNumber(value))
        write_number(value->valuedouble, out);
    else if (cJSON_IsString(value))
        write_text(value->valuestring, out);
    else if (cJSON_IsRaw(value))
        buf_add_text(out, value->valuestring);
    else if (cJSON_IsBool(value))
        buf_add_text(out, cJSON_IsTrue(value) ? "true" : "false");
    else if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
        buf_add_text(out, "null");
    else {
        bool is_object = cJSON_IsObject(value);
        const json *member;
        buf_add_char(out, is_object ? '{' : '[');
        cJSON_ArrayForEach (member, value) {
            if (member != value->child)
                buf_add_char(out, ',');
            if (is_object) {
                write_text(member->string, out);
                buf_add_char(out, ':');
            }
            write_value(member, out);
        }
        buf_add_char(out, is_object ? '}' : ']');
    }
}

char *json_write(const json *value) {
    struct buf out = BUF(SIZE_MAX / 2); // as large as the tree, which is bounded by whoever made it
    write_value(value, &out);
    return buf_take(&out);
}

static const char *kind_name(enum json_kind kind) {
    static const char *const names[] = {"a text",    "an integer", "a number", "true or false",
                                        "an object", "an array",   "a value"};
    return names[kind];
}

static int read_integer(const json *value, const struct json_field *field, const char *path,
                        char *at, struct err *err) {
    if (!cJSON_IsNumber(value) || value->valuedouble != floor(value->valuedouble) ||
        fabs(value->valuedouble) > (double)SAFE_INTEGER)
        return err_set(err, ERR_BAD_REQUEST, "\"%s%s\" must be an integer", path, field->key);
    int64_t integer = (int64_t)value->valuedouble;
    if ((field->min || field->max) && (integer < field->min || integer > field->max))
        return err_set(err, ERR_BAD_REQUEST, "\"%s%s\" is %lld, but must be from %lld to %lld",
                       path, field->key, (long long)integer, (long long)field->min,
                       (long long)field->max);
    memcpy(at, &integer, sizeof integer);
    return 0;
}

static int read_text(const json *value, const struct json_field *field, const char *path, char *at,
                     struct err *err) {
    if (!cJSON_IsString(value))
        return err_set(err, ERR_BAD_REQUEST, "\"%s%s\" must be a text", path, field->key);
    size_t length = strlen(value->valuestring);
    if (field->max && (int64_t)length > field->max)
        return err_set(err, ERR_TOO_LARGE, "\"%s%s\" has %zu bytes; at most %lld are allowed", path,
                       field->key, length, (long long)field->max);
    if ((int64_t)length < field->min)
        return err_set(err, ERR_BAD_REQUEST, "\"%s%s\" is empty", path, field->key);
    memcpy(at, &value->valuestring, sizeof value->valuestring);
    return 0;
}

static int read_field(const json *value, const struct json_field *field, const char *path, char *at,
                      struct err *err) {
    switch (field->kind) {
    case JSON_TEXT: return read_text(value, field, path, at, err);
    case JSON_INTEGER: return read_integer(value, field, path, at, err);
    case JSON_REAL:
        if (!cJSON_IsNumber(value))
            break;
        memcpy(at, &value->valuedouble, sizeof value->valuedouble);
        return 0;
    case JSON_BOOL:
        if (!cJSON_IsBool(value))
            break;
        *(bool *)at = cJSON_IsTrue(value);
        return 0;
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_ANY:
        if ((field->kind == JSON_OBJECT && !cJSON_IsObject(value)) ||
            (field->kind == JSON_ARRAY && !cJSON_IsArray(value)))
            break;
        memcpy(at, &value, sizeof value);
        return 0;
    }
    return err_set(err, ERR_BAD_REQUEST, "\"%s%s\" must be %s", path, field->key,
                   kind_name(field->kind));
}

static int unknown_key(const char *key, const char *path, const struct json_field *fields,
                       size_t count, struct err *err) {
    const char *names[64];
    size_t known = count < ARRAY_LENGTH(names) ? count : ARRAY_LENGTH(names);
    for (size_t i = 0; i < known; i++)
        names[i] = fields[i].key;
    err_set(err, ERR_BAD_REQUEST, "\"%s%.80s\" is not a known key", path, key);
    const char *closest = str_closest(key, names, known);
    return closest ? err_hint(err, "Did you mean \"%s\"?", closest) : ERR_BAD_REQUEST;
}

int json_read(const json *object, const char *path, const struct json_field *fields, size_t count,
              void *target, struct err *err) {
    if (!cJSON_IsObject(object))
        return err_set(err, ERR_BAD_REQUEST, "%s must be an object", *path ? path : "the JSON");
    uint64_t seen = 0;
    const json *value;
    cJSON_ArrayForEach (value, object) {
        size_t i = 0;
        while (i < count && strcmp(fields[i].key, value->string) != 0)
            i++;
        if (i == count)
            return unknown_key(value->string, path, fields, count, err);
        if (seen & (UINT64_C(1) << i))
            return err_set(err, ERR_BAD_REQUEST, "\"%s%s\" stands twice", path, fields[i].key);
        if (cJSON_IsNull(value))
            continue;
        seen |= UINT64_C(1) << i;
        int status = read_field(value, &fields[i], path, (char *)target + fields[i].offset, err);
        if (status)
            return status;
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !(seen & (UINT64_C(1) << i)))
            return err_set(err, ERR_BAD_REQUEST, "\"%s%s\" is missing", path, fields[i].key);
    return 0;
}

static const json *member(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *json_text(const json *object, const char *key) {
    const json *value = member(object, key);
    return cJSON_IsString(value) ? value->valuestring : NULL;
}

double json_real(const json *object, const char *key, double otherwise) {
    const json *value = member(object, key);
    return cJSON_IsNumber(value) ? value->valuedouble : otherwise;
}

int64_t json_integer(const json *object, const char *key, int64_t otherwise) {
    const json *value = member(object, key);
    bool is_integer = cJSON_IsNumber(value) && fabs(value->valuedouble) <= (double)SAFE_INTEGER;
    return is_integer ? (int64_t)value->valuedouble : otherwise;
}

bool json_bool(const json *object, const char *key, bool otherwise) {
    const json *value = member(object, key);
    return cJSON_IsBool(value) ? cJSON_IsTrue(value) : otherwise;
}

void json_add(json *object, const char *key, json *value) {
    cJSON_AddItemToObject(object, key, value ? value : cJSON_CreateNull());
}

void json_add_text(json *object, const char *key, const char *text) {
    json_add(object, key, text ? cJSON_CreateString(text) : NULL);
}

json *json_new_integer(int64_t value) {
    if (value >= -SAFE_INTEGER && value <= SAFE_INTEGER)
        return cJSON_CreateNumber((double)value);
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return cJSON_CreateString(text);
}

void json_add_integer(json *object, const char *key, int64_t value) {
    json_add(object, key, json_new_integer(value));
}
void json_add_real(json *object, const char *key, double value) {
    json_add(object, key, cJSON_CreateNumber(value));
}
void json_add_bool(json *object, const char *key, bool value) {
    json_add(object, key, cJSON_CreateBool(value));
}
void json_add_null(json *object, const char *key) { json_add(object, key, NULL); }

json *json_add_object(json *object, const char *key) {
    return cJSON_AddObjectToObject(object, key);
}
json *json_add_array(json *object, const char *key) { return cJSON_AddArrayToObject(object, key); }
