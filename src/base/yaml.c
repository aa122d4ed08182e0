// SPDX-License-Identifier: Apache-2.0
//
// See yaml.h: libyaml's events drive a stack of open containers.
#include "base/yaml.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/str.h"

#define ANCHORS_MAX 256

struct anchor {
    char *name;
    const json *value;
};

struct reader {
    yaml_parser_t parser;
    bool is_helm, is_strict;
    json *dropped; // values that another of the same key has replaced
    size_t nodes;
    struct anchor anchors[ANCHORS_MAX];
    size_t anchor_count;
    json *open[LIMIT_JSON_DEPTH]; // from the outermost to the innermost container
    char *keys[LIMIT_JSON_DEPTH]; // of each: the key that waits for its value
    size_t depth;
    json *root;
};

static void reader_done(struct reader *reader) {
    for (size_t i = 0; i < ARRAY_LENGTH(reader->keys); i++)
        free(reader->keys[i]);
    for (size_t i = 0; i < reader->anchor_count; i++)
        free(reader->anchors[i].name);
    json_free(reader->root);
    json_free(reader->dropped);
    yaml_parser_delete(&reader->parser);
}

static int complain(const yaml_mark_t *mark, const char *what, struct err *err) {
    return err_set(err, ERR_BAD_REQUEST, "not valid YAML at line %zu, column %zu: %s",
                   mark->line + 1, mark->column + 1, what);
}

static bool is_one_of(const char *text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is_integer(const char *text, double *ret_number) {
    const char *digits = text + (*text == '+' || *text == '-');
    int base = 10, skipped = 0;
    char *end;
    if (digits[0] == '0' && digits[1]) {
        char letter = (char)(digits[1] | 0x20);
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        skipped = letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1;
    }
    if (!digits[skipped] || strchr("+-", digits[skipped]))
        return false;
    errno = 0;
    unsigned long long magnitude = strtoull(digits + skipped, &end, base);
    *ret_number = *text == '-' ? -(double)magnitude : (double)magnitude;
    return !*end && !errno && (*text != '-' || magnitude <= 1ULL << 63);
}

static bool is_real(const char *text, double *ret_number) {
    const char *at = text + (*text == '+' || *text == '-');
    size_t whole = strspn(at, "0123456789");
    at += whole;
    if (*at == '.') {
        size_t fraction = strspn(++at, "0123456789");
        whole += fraction;
        at += fraction;
    }
    if (whole && (*at == 'e' || *at == 'E')) {
        at++;
        at += *at == '+' || *at == '-';
        if (!strspn(at, "0123456789"))
            return false;
        at += strspn(at, "0123456789");
    }
    if (!whole || *at)
        return false;
    *ret_number = strtod(text, NULL);
    return isfinite(*ret_number);
}

// 2026-11-21, with a time of day behind it or without.
static bool is_time(const char *text) {
    int month, day, hour, minute, second, length = 0;
    if (strspn(text, "0123456789") != 4 || text[4] != '-' ||
        sscanf(text + 4, "-%2d-%2d%n", &month, &day, &length) < 2 || month < 1 || month > 12 ||
        day < 1 || day > 31 || strchr("+-", text[5]))
        return false;
    const char *at = text + 4 + length;
    if (!*at)
        return true;
    char separator = *at++;
    if (!strchr("Tt ", separator) ||
        sscanf(at, "%2d:%2d:%2d%n", &hour, &minute, &second, &length) < 3 || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    at += length;
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789");
    if (separator == ' ')
        return !*at;
    if (*at == 'Z')
        return !at[1];
    return (*at == '+' || *at == '-') && strlen(at) == 6 && at[3] == ':';
}

enum yaml_kind yaml_resolve(const char *text, double *ret_number) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"},
                             *const truths[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                "True", "TRUE", "on",  "On",  "ON"},
                             *const lies[] = {"n",     "N",     "no",  "No",  "NO", "false",
                                              "False", "FALSE", "off", "Off", "OFF"},
                             *const rest[] = {".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
                                              "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"};
    char plain[128];
    size_t length = 0;
    if (is_one_of(text, nulls, ARRAY_LENGTH(nulls)))
        return YAML_NULL;
    if (is_one_of(text, truths, ARRAY_LENGTH(truths)))
        return YAML_TRUE;
    if (is_one_of(text, lies, ARRAY_LENGTH(lies)))
        return YAML_FALSE;
    if (is_one_of(text, rest, ARRAY_LENGTH(rest))) {
        *ret_number = strchr(text, 'n') == text + 1 && strlen(text) == 4 && strchr(text, 'a')
                          ? NAN
                          : (*text == '-' ? -INFINITY : INFINITY);
        return YAML_NUMBER;
    }
    if (!strchr("+-.0123456789", *text))
        return YAML_TEXT;
    if (*text == '.')
        return is_real(text, ret_number) ? YAML_NUMBER : YAML_TEXT;
    if (is_time(text))
        return YAML_TIME;
    for (const char *at = text; *at; at++) { // 1_000 is a thousand
        if (length + 1 == sizeof plain)
            return YAML_TEXT;
        if (*at != '_')
            plain[length++] = *at;
    }
    plain[length] = '\0';
    return is_integer(plain, ret_number) || is_real(plain, ret_number) ? YAML_NUMBER : YAML_TEXT;
}

static json *helm_scalar_of(const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value, *tag;
    double number;
    tag = (const char *)event->data.scalar.tag;
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || tag)
        return cJSON_CreateString(text);
    switch (yaml_resolve(text, &number)) {
    case YAML_NULL: return cJSON_CreateNull();
    case YAML_TRUE: return cJSON_CreateTrue();
    case YAML_FALSE: return cJSON_CreateFalse();
    case YAML_NUMBER:
        return isfinite(number) ? cJSON_CreateNumber(number) : cJSON_CreateString(text);
    default: return cJSON_CreateString(text);
    }
}

static json *scalar_of(const yaml_event_t *event) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"},
                             *const truths[] = {"true", "True", "TRUE"},
                             *const lies[] = {"false", "False", "FALSE"};
    const char *text = (const char *)event->data.scalar.value;
    double number;
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || event->data.scalar.tag)
        return cJSON_CreateString(text);
    if (is_one_of(text, nulls, ARRAY_LENGTH(nulls)))
        return cJSON_CreateNull();
    if (is_one_of(text, truths, ARRAY_LENGTH(truths)))
        return cJSON_CreateTrue();
    if (is_one_of(text, lies, ARRAY_LENGTH(lies)))
        return cJSON_CreateFalse();
    return str_to_real(text, &number) == 0 ? cJSON_CreateNumber(number) : cJSON_CreateString(text);
}

// Gives TARGET the members of SOURCE that it does not have, and says whether there is room for
// them.
static bool merge_members(struct reader *reader, json *target, const json *source) {
    const json *item;
    cJSON_ArrayForEach (item, source) {
        if (cJSON_GetObjectItemCaseSensitive(target, item->string))
            continue;
        if (++reader->nodes > LIMIT_YAML_NODES)
            return false;
        json_add(target, item->string, cJSON_Duplicate(item, true));
    }
    return true;
}

static bool is_tables(const json *value) {
    const json *item;
    cJSON_ArrayForEach (item, value)
        if (!cJSON_IsObject(item))
            return false;
    return cJSON_IsArray(value);
}

// At the end of a mapping: what stands below << is laid under the rest.
static int follow_merge(struct reader *reader, const yaml_event_t *event, json *mapping,
                        struct err *err) {
    cleanup_json json *source = cJSON_DetachItemFromObjectCaseSensitive(mapping, "<<");
    const json *item;
    bool fits = true;
    if (!source)
        return 0;
    for (size_t i = 0; i < reader->anchor_count; i++) // what is merged is gone
        if (reader->anchors[i].value == source)
            reader->anchors[i].value = NULL;
    if (cJSON_IsObject(source)) {
        fits = merge_members(reader, mapping, source);
    } else if (is_tables(source)) {
        cJSON_ArrayForEach (item, source)
            fits = fits && merge_members(reader, mapping, item);
    } else {
        return complain(&event->start_mark, "<< must be followed by a mapping", err);
    }
    return fits ? 0
                : err_set(err, ERR_TOO_LARGE, "the YAML has more than %d values", LIMIT_YAML_NODES);
}

static size_t count_values(const json *value) {
    size_t count = 1;
    const json *item;
    cJSON_ArrayForEach (item, value)
        count += count_values(item);
    return count;
}

// Hangs VALUE, which moves, into the innermost container; the first value of all is the root.
static int place(struct reader *reader, const yaml_event_t *event, json *value, struct err *err) {
    if (reader->depth == 0) {
        reader->root = value;
        return 0;
    }
    json *parent = reader->open[reader->depth - 1];
    char **key = &reader->keys[reader->depth - 1];
    if (cJSON_IsArray(parent)) {
        cJSON_AddItemToArray(parent, value);
    } else if (!*key) {
        // Of a scalar the written form is the key, whatever it would be as a value.
        bool is_scalar = event->type == YAML_SCALAR_EVENT;
        json_free(value);
        if (!is_scalar)
            return complain(&event->start_mark, "a key must be a text", err);
        *key = mem_text((const char *)event->data.scalar.value);
    } else {
        cleanup_free char *name = mem_take(*key);
        json *old = cJSON_DetachItemFromObjectCaseSensitive(parent, name);
        json_add(parent, name, value);
        if (!old)
            return 0;
        if (!reader->dropped)
            reader->dropped = cJSON_CreateArray();
        cJSON_AddItemToArray(reader->dropped, old); // an anchor may lead into it
        if (!reader->is_helm || reader->is_strict)
            return complain(&event->start_mark, "a key stands twice", err);
    }
    return 0;
}

static int open_container(struct reader *reader, const yaml_event_t *event, json *container,
                          struct err *err) {
    if (reader->depth == LIMIT_JSON_DEPTH) {
        json_free(container);
        return err_set(err, ERR_TOO_LARGE, "the YAML is nested deeper than %d levels",
                       LIMIT_JSON_DEPTH);
    }
    if (reader->depth && cJSON_IsObject(reader->open[reader->depth - 1]) &&
        !reader->keys[reader->depth - 1]) {
        json_free(container);
        return complain(&event->start_mark, "a key must be a text", err);
    }
    int status = place(reader, event, container, err);
    if (status == 0)
        reader->open[reader->depth++] = container;
    return status;
}

static int remember(struct reader *reader, const yaml_event_t *event, const yaml_char_t *name,
                    const json *value, struct err *err) {
    if (!name)
        return 0;
    if (reader->anchor_count == ANCHORS_MAX)
        return complain(&event->start_mark, "there are too many anchors", err);
    reader->anchors[reader->anchor_count++] = (struct anchor){mem_text((const char *)name), value};
    return 0;
}

static int take_alias(struct reader *reader, const yaml_event_t *event, struct err *err) {
    const char *name = (const char *)event->data.alias.anchor;
    const json *value = NULL;
    if (!reader->is_helm)
        return complain(&event->start_mark, "aliases are not read here", err);
    for (size_t i = reader->anchor_count; i && !value; i--)
        if (strcmp(reader->anchors[i - 1].name, name) == 0)
            value = reader->anchors[i - 1].value;
    for (size_t i = 0; i < reader->depth; i++)
        if (reader->open[i] == value)
            value = NULL;
    if (!value)
        return complain(&event->start_mark, "no value before it has the anchor of this alias", err);
    reader->nodes += count_values(value);
    if (reader->nodes > LIMIT_YAML_NODES)
        return err_set(err, ERR_TOO_LARGE, "the YAML has more than %d values", LIMIT_YAML_NODES);
    return place(reader, event, cJSON_Duplicate(value, true), err);
}

// A scalar that stands as a key has its anchor and value forgotten: place() frees it.
static int take_scalar(struct reader *reader, const yaml_event_t *event, struct err *err) {
    json *value = reader->is_helm ? helm_scalar_of(event) : scalar_of(event);
    bool is_key = reader->depth && cJSON_IsObject(reader->open[reader->depth - 1]) &&
                  !reader->keys[reader->depth - 1];
    int status = is_key ? 0 : remember(reader, event, event->data.scalar.anchor, value, err);
    if (status) {
        json_free(value);
        return status;
    }
    return place(reader, event, value, err);
}

static int take_container(struct reader *reader, const yaml_event_t *event, struct err *err) {
    bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
    json *container = is_mapping ? cJSON_CreateObject() : cJSON_CreateArray();
    int status = open_container(reader, event, container, err);
    return status ? status
                  : remember(reader, event,
                             is_mapping ? event->data.mapping_start.anchor
                                        : event->data.sequence_start.anchor,
                             container, err);
}

static int take(struct reader *reader, const yaml_event_t *event, bool *ret_is_end,
                struct err *err) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return take_scalar(reader, event, err);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT: return take_container(reader, event, err);
    case YAML_MAPPING_END_EVENT:
        reader->depth--;
        return reader->is_helm ? follow_merge(reader, event, reader->open[reader->depth], err) : 0;
    case YAML_SEQUENCE_END_EVENT: reader->depth--; return 0;
    case YAML_ALIAS_EVENT: return take_alias(reader, event, err);
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT: *ret_is_end = true; return 0;
    default: return 0;
    }
}

static int parse(const char *text, size_t length, bool is_helm, bool is_strict, json **ret_value,
                 struct err *err) {
    struct reader reader cleanup(reader_done) = {.is_helm = is_helm, .is_strict = is_strict};
    int status = 0;
    bool is_end = false;
    if (memchr(text, '\0', length))
        return err_set(err, ERR_BAD_REQUEST, "the YAML holds a NUL character");
    if (!yaml_parser_initialize(&reader.parser))
        return err_set(err, ERR_INTERNAL, "libyaml does not start");
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    while (status == 0 && !is_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader.parser, &event)) {
            const char *problem = reader.parser.problem;
            return complain(&reader.parser.problem_mark, problem ? problem : "unreadable", err);
        }
        status = take(&reader, &event, &is_end, err);
        yaml_event_delete(&event);
    }
    if (status)
        return status;
    *ret_value = reader.root ? mem_take(reader.root) : cJSON_CreateNull();
    return 0;
}

int yaml_parse(const char *text, size_t length, json **ret_value, struct err *err) {
    return parse(text, length, false, true, ret_value, err);
}

int yaml_parse_helm(const char *text, size_t length, json **ret_value, struct err *err) {
    return parse(text, length, true, false, ret_value, err);
}

int yaml_parse_helm_strictly(const char *text, size_t length, json **ret_value, struct err *err) {
    return parse(text, length, true, true, ret_value, err);
}
