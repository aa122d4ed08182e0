// SPDX-License-Identifier: Apache-2.0
//
// See yaml.h: libyaml's events drive a stack of open containers.
#include "base/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/str.h"

struct reader {
    yaml_parser_t parser;
    json *open[LIMIT_JSON_DEPTH]; // from the outermost to the innermost container
    char *keys[LIMIT_JSON_DEPTH]; // of each: the key that waits for its value
    size_t depth;
    json *root;
};

static void reader_done(struct reader *reader) {
    for (size_t i = 0; i < ARRAY_LENGTH(reader->keys); i++)
        free(reader->keys[i]);
    json_free(reader->root);
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
        bool is_twice = cJSON_HasObjectItem(parent, *key);
        json_add(parent, *key, value);
        free(mem_take(*key));
        if (is_twice)
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

static int take(struct reader *reader, const yaml_event_t *event, bool *ret_is_end,
                struct err *err) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return place(reader, event, scalar_of(event), err);
    case YAML_SEQUENCE_START_EVENT: return open_container(reader, event, cJSON_CreateArray(), err);
    case YAML_MAPPING_START_EVENT: return open_container(reader, event, cJSON_CreateObject(), err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: reader->depth--; return 0;
    case YAML_ALIAS_EVENT: return complain(&event->start_mark, "aliases are not read here", err);
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT: *ret_is_end = true; return 0;
    default: return 0;
    }
}

int yaml_parse(const char *text, size_t length, json **ret_value, struct err *err) {
    struct reader reader cleanup(reader_done) = {0};
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
