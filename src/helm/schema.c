// SPDX-License-Identifier: Apache-2.0
//
// See schema.h. The keywords of draft-07 that charts use, with $ref inside the document. A schema
// that uses another is refused, since ignoring it would let bad values pass.
#include "helm/schema.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "helm/regex.h"

struct checker {
    const json *root;
    int depth;
    struct err *err;
};

// Where a value stands: "image.tag", "ingress.hosts[0]".
struct place {
    const struct place *outer;
    const char *name; // NULL: an item
    size_t index;
};

static int check(struct checker *checker, const json *schema, struct value value,
                 const struct place *place);

static void write_place(struct buf *out, const struct place *place) {
    if (!place || (!place->name && !place->outer))
        return;
    write_place(out, place->outer);
    if (place->name)
        buf_add_format(out, "%s%s", out->length ? "." : "", place->name);
    else
        buf_add_format(out, "[%zu]", place->index);
}

static int complain(struct checker *checker, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int complain(struct checker *checker, const struct place *place, const char *format, ...) {
    char message[300];
    cleanup_buf struct buf path = BUF(150);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    write_place(&path, place);
    return err_set(checker->err, ERR_BAD_REQUEST, "values: %s %s",
                   path.length ? buf_text(&path) : "the values", message);
}

// ---- Types

static bool is_whole(struct value value) {
    return value.kind == VALUE_INTEGER ||
           (value.kind == VALUE_REAL && value.real == trunc(value.real));
}

static double number_of(struct value value) {
    return value.kind == VALUE_INTEGER ? (double)value.integer : value.real;
}

static bool is_number(struct value value) {
    return value.kind == VALUE_INTEGER || value.kind == VALUE_REAL;
}

static bool is_of_type(struct value value, const char *type) {
    switch (*type) {
    case 'o': return value.kind == VALUE_MAP;
    case 'a': return value.kind == VALUE_LIST;
    case 's': return value.kind == VALUE_TEXT;
    case 'b': return value.kind == VALUE_BOOL;
    case 'i': return is_whole(value);
    default: return strcmp(type, "null") == 0 ? value_is_nothing(value) : is_number(value);
    }
}

static const char *type_words(struct value value) {
    switch (value.kind) {
    case VALUE_MAP: return "a mapping";
    case VALUE_LIST: return "a list";
    case VALUE_TEXT: return "a text";
    case VALUE_BOOL: return "true or false";
    case VALUE_NONE:
    case VALUE_NIL: return "null";
    default: return "a number";
    }
}

static int check_type(struct checker *checker, const json *keyword, struct value value,
                      const struct place *place) {
    static const struct {
        const char *type, *words;
    } types[] = {{"object", "a mapping"},
                 {"array", "a list"},
                 {"string", "a text"},
                 {"boolean", "true or false"},
                 {"integer", "a whole number"},
                 {"number", "a number"},
                 {"null", "null"}};
    cleanup_buf struct buf wanted = BUF(200);
    const json *only = cJSON_IsString(keyword) ? keyword : keyword->child;
    for (const json *type = only; type; type = cJSON_IsString(keyword) ? NULL : type->next) {
        size_t i = 0;
        while (i < ARRAY_LENGTH(types) && !str_is_equal(types[i].type, type->valuestring))
            i++;
        if (i == ARRAY_LENGTH(types))
            return complain(checker, place, "have a schema with an unknown type");
        if (is_of_type(value, types[i].type))
            return 0;
        buf_add_format(&wanted, "%s%s", wanted.length ? " or " : "", types[i].words);
    }
    return complain(checker, place, "must be %s, not %s", buf_text(&wanted), type_words(value));
}

static bool is_same(struct value value, const json *other) {
    if (cJSON_IsNumber(other))
        return is_number(value) && number_of(value) == other->valuedouble;
    if (cJSON_IsString(other))
        return value.kind == VALUE_TEXT && text_is(value.text, other->valuestring);
    if (cJSON_IsBool(other))
        return value.kind == VALUE_BOOL && value.truth == (bool)cJSON_IsTrue(other);
    if (cJSON_IsNull(other))
        return value_is_nothing(value);
    struct pool pool = {.arena = ARENA(LIMIT_CHART_FILE)};
    bool is_equal = value_is_equal(value, value_of_json(&pool, other), 0);
    arena_done(&pool.arena);
    return is_equal;
}

static int check_enum(struct checker *checker, const json *keyword, struct value value,
                      const struct place *place) {
    cleanup_buf struct buf words = BUF(200);
    const json *item;
    cJSON_ArrayForEach (item, keyword) {
        cleanup_free char *text = json_write(item);
        if (is_same(value, item))
            return 0;
        buf_add_format(&words, "%s%s", words.length ? ", " : "", text);
    }
    return complain(checker, place, "must be one of %s", buf_text(&words));
}

static int check_const(struct checker *checker, const json *keyword, struct value value,
                       const struct place *place) {
    cleanup_free char *text = json_write(keyword);
    return is_same(value, keyword) ? 0 : complain(checker, place, "must be %.100s", text);
}

// ---- Bounds

static size_t characters(struct text text) {
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}

static int check_bound(struct checker *checker, const json *keyword, struct value value,
                       const struct place *place) {
    static const struct {
        const char *keyword, *words;
        int relation; // of what is measured to the bound: 1 at least, 2 more, -1 at most, -2 less
        enum value_kind measured;
    } bounds[] = {{"minimum", "must be at least %g", 1, VALUE_REAL},
                  {"maximum", "must be at most %g", -1, VALUE_REAL},
                  {"exclusiveMinimum", "must be more than %g", 2, VALUE_REAL},
                  {"exclusiveMaximum", "must be less than %g", -2, VALUE_REAL},
                  {"minLength", "must have at least %g characters", 1, VALUE_TEXT},
                  {"maxLength", "must have at most %g characters", -1, VALUE_TEXT},
                  {"minItems", "must have at least %g items", 1, VALUE_LIST},
                  {"maxItems", "must have at most %g items", -1, VALUE_LIST},
                  {"minProperties", "must have at least %g names", 1, VALUE_MAP},
                  {"maxProperties", "must have at most %g names", -1, VALUE_MAP}};
    size_t i = 0;
    while (strcmp(bounds[i].keyword, keyword->string) != 0)
        i++;
    double measure, bound = keyword->valuedouble;
    if (bounds[i].measured == VALUE_REAL && is_number(value))
        measure = number_of(value);
    else if (bounds[i].measured != value.kind)
        return 0;
    else
        measure = (double)(value.kind == VALUE_TEXT   ? characters(value.text)
                           : value.kind == VALUE_LIST ? value.list->count
                                                      : value.map->count);
    bool holds = bounds[i].relation == 1    ? measure >= bound
                 : bounds[i].relation == -1 ? measure <= bound
                 : bounds[i].relation == 2  ? measure > bound
                                            : measure < bound;
    if (holds)
        return 0;
    char words[100];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(words, sizeof words, bounds[i].words, bound);
#pragma GCC diagnostic pop
    return complain(checker, place, "%s", words);
}

static int check_multiple(struct checker *checker, const json *keyword, struct value value,
                          const struct place *place) {
    double ratio = is_number(value) ? number_of(value) / keyword->valuedouble : 0;
    return ratio == trunc(ratio)
               ? 0
               : complain(checker, place, "must be a multiple of %g", keyword->valuedouble);
}

// ---- Texts

static int matches(struct checker *checker, const char *pattern, struct text text,
                   const struct place *place, bool *ret_matches) {
    struct regex *regex cleanup(regex_freep) = NULL;
    size_t groups[REGEX_GROUP_NUMBERS], budget = LIMIT_REGEX_WORK;
    struct err err;
    if (regex_new(text_of(pattern), &regex, &err))
        return complain(checker, place, "have a schema in which %s", err.message);
    *ret_matches = regex_find(regex, text, 0, groups, &budget);
    return budget ? 0 : complain(checker, place, "takes too long to match with %.100s", pattern);
}

static int check_pattern(struct checker *checker, const json *keyword, struct value value,
                         const struct place *place) {
    bool is_match = true;
    const char *pattern = cJSON_IsString(keyword) ? keyword->valuestring : "";
    int status =
        value.kind == VALUE_TEXT ? matches(checker, pattern, value.text, place, &is_match) : 0;
    if (status || is_match)
        return status;
    return complain(checker, place, "is \"%.60s\", which does not match %.120s", value.text.data,
                    pattern);
}

// ---- Lists

static int check_items(struct checker *checker, const json *keyword, struct value value,
                       const struct place *place) {
    int status = 0;
    const json *each = cJSON_IsArray(keyword) ? keyword->child : keyword;
    for (size_t i = 0; value.kind == VALUE_LIST && i < value.list->count && each && status == 0;
         i++) {
        status = check(checker, each, value.list->items[i], &(struct place){place, NULL, i});
        if (cJSON_IsArray(keyword))
            each = each->next;
    }
    return status;
}

static int check_unique(struct checker *checker, const json *keyword, struct value value,
                        const struct place *place) {
    if (!cJSON_IsTrue(keyword) || value.kind != VALUE_LIST)
        return 0;
    for (size_t i = 0; i < value.list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (value_is_equal(value.list->items[i], value.list->items[j], 0))
                return complain(checker, place, "has the same item twice");
    return 0;
}

static int check_contains(struct checker *checker, const json *keyword, struct value value,
                          const struct place *place) {
    struct err ignored;
    struct checker trial = {checker->root, checker->depth, &ignored};
    for (size_t i = 0; value.kind == VALUE_LIST && i < value.list->count; i++)
        if (check(&trial, keyword, value.list->items[i], place) == 0)
            return 0;
    return value.kind == VALUE_LIST ? complain(checker, place, "lacks an item that it must have")
                                    : 0;
}

// ---- Mappings

static int check_required(struct checker *checker, const json *keyword, struct value value,
                          const struct place *place) {
    const json *item;
    if (value.kind != VALUE_MAP)
        return 0;
    cJSON_ArrayForEach (item, keyword)
        if (cJSON_IsString(item) && !map_get(value.map, text_of(item->valuestring)))
            return complain(checker, &(struct place){place, item->valuestring, 0}, "must be set");
    return 0;
}

static int check_properties(struct checker *checker, const json *keyword, struct value value,
                            const struct place *place) {
    const json *item;
    int status = 0;
    if (value.kind != VALUE_MAP)
        return 0;
    cJSON_ArrayForEach (item, keyword) {
        const struct value *found = map_get(value.map, text_of(item->string));
        if (found && status == 0)
            status = check(checker, item, *found, &(struct place){place, item->string, 0});
    }
    return status;
}

static int check_patterns(struct checker *checker, const json *keyword, struct value value,
                          const struct place *place) {
    const json *item;
    int status = 0;
    cJSON_ArrayForEach (item, keyword) {
        for (size_t i = 0; value.kind == VALUE_MAP && i < value.map->count && status == 0; i++) {
            struct text key = value.map->entries[i].key;
            bool is_match = false;
            status = matches(checker, item->string, key, place, &is_match);
            if (status == 0 && is_match)
                status = check(checker, item, value.map->entries[i].value,
                               &(struct place){place, key.data, 0});
        }
    }
    return status;
}

static int check_names(struct checker *checker, const json *keyword, struct value value,
                       const struct place *place) {
    int status = 0;
    for (size_t i = 0; value.kind == VALUE_MAP && i < value.map->count && status == 0; i++)
        status = check(checker, keyword, value_text(value.map->entries[i].key),
                       &(struct place){place, value.map->entries[i].key.data, 0});
    return status;
}

static int unknown_name(struct checker *checker, const json *properties, const char *name,
                        const struct place *place) {
    const char *names[256];
    size_t count = 0;
    const json *item;
    cJSON_ArrayForEach (item, properties)
        if (count < ARRAY_LENGTH(names))
            names[count++] = item->string;
    int status = complain(checker, &(struct place){place, name, 0}, "is no value of this chart");
    const char *closest = str_closest(name, names, count);
    return closest ? err_hint(checker->err, "Did you mean \"%s\"?", closest) : status;
}

// What neither `properties` nor `patternProperties` beside it is about.
static int check_additional(struct checker *checker, const json *schema, const json *keyword,
                            struct value value, const struct place *place) {
    const json *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties"),
               *patterns = cJSON_GetObjectItemCaseSensitive(schema, "patternProperties"), *item;
    int status = 0;
    for (size_t i = 0; value.kind == VALUE_MAP && i < value.map->count && status == 0; i++) {
        const char *name = value.map->entries[i].key.data;
        bool is_known = cJSON_GetObjectItemCaseSensitive(properties, name) != NULL;
        cJSON_ArrayForEach (item, patterns) {
            bool is_match = false;
            if (!is_known && status == 0)
                status =
                    matches(checker, item->string, value.map->entries[i].key, place, &is_match);
            is_known = is_known || is_match;
        }
        if (is_known || status)
            continue;
        status = cJSON_IsFalse(keyword) ? unknown_name(checker, properties, name, place)
                                        : check(checker, keyword, value.map->entries[i].value,
                                                &(struct place){place, name, 0});
    }
    return status;
}

// ---- Combinations

static size_t count_fits(struct checker *checker, const json *schemas, struct value value,
                         const struct place *place, struct err *ret_first) {
    const json *item;
    size_t count = 0;
    struct err err = {0};
    struct checker trial = {checker->root, checker->depth, &err};
    *ret_first = (struct err){0};
    cJSON_ArrayForEach (item, schemas) {
        if (check(&trial, item, value, place) == 0)
            count++;
        else if (!*ret_first->message)
            *ret_first = err;
    }
    return count;
}

static int check_any(struct checker *checker, const json *keyword, struct value value,
                     const struct place *place) {
    struct err first;
    size_t fits = count_fits(checker, keyword, value, place, &first);
    bool is_one = strcmp(keyword->string, "oneOf") == 0;
    if (fits == 1 || (fits && !is_one))
        return 0;
    if (fits == 0 && *first.message) {
        *checker->err = first;
        return first.code;
    }
    return complain(checker, place, "fits more than one of the shapes of which it must fit one");
}

static int check_all(struct checker *checker, const json *keyword, struct value value,
                     const struct place *place) {
    const json *item;
    int status = 0;
    cJSON_ArrayForEach (item, keyword)
        if (status == 0)
            status = check(checker, item, value, place);
    return status;
}

static bool fits(struct checker *checker, const json *schema, struct value value,
                 const struct place *place) {
    struct err ignored;
    struct checker trial = {checker->root, checker->depth, &ignored};
    return check(&trial, schema, value, place) == 0;
}

static int check_not(struct checker *checker, const json *keyword, struct value value,
                     const struct place *place) {
    return fits(checker, keyword, value, place)
               ? complain(checker, place, "has a shape that it must not have")
               : 0;
}

static int check_if(struct checker *checker, const json *schema, const json *keyword,
                    struct value value, const struct place *place) {
    const json *branch = cJSON_GetObjectItemCaseSensitive(
        schema, fits(checker, keyword, value, place) ? "then" : "else");
    return branch ? check(checker, branch, value, place) : 0;
}

// "#/definitions/port"
static int check_reference(struct checker *checker, const json *keyword, struct value value,
                           const struct place *place) {
    const char *at = cJSON_IsString(keyword) ? keyword->valuestring : "";
    const json *target = *at == '#' ? checker->root : NULL;
    at += *at == '#';
    while (target && *at == '/') {
        size_t length = strcspn(++at, "/");
        cleanup_free char *name = mem_text_n(at, length);
        target = cJSON_GetObjectItemCaseSensitive(target, name);
        at += length;
    }
    if (!target || *at)
        return complain(checker, place, "have a schema whose $ref leads nowhere: %.100s",
                        cJSON_IsString(keyword) ? keyword->valuestring : "");
    return check(checker, target, value, place);
}

// ---- Keywords

typedef int (*check_function)(struct checker *checker, const json *keyword, struct value value,
                              const struct place *place);

static const struct {
    const char *name;
    check_function check; // NULL: it says nothing about a value, or belongs to another keyword
} keywords[] = {
    {"$comment", NULL},
    {"$defs", NULL},
    {"$id", NULL},
    {"$ref", check_reference},
    {"$schema", NULL},
    {"allOf", check_all},
    {"anyOf", check_any},
    {"const", check_const},
    {"contains", check_contains},
    {"default", NULL},
    {"definitions", NULL},
    {"deprecated", NULL},
    {"description", NULL},
    {"else", NULL},
    {"enum", check_enum},
    {"examples", NULL},
    {"exclusiveMaximum", check_bound},
    {"exclusiveMinimum", check_bound},
    {"format", NULL},
    {"items", check_items},
    {"maxItems", check_bound},
    {"maxLength", check_bound},
    {"maxProperties", check_bound},
    {"maximum", check_bound},
    {"minItems", check_bound},
    {"minLength", check_bound},
    {"minProperties", check_bound},
    {"minimum", check_bound},
    {"multipleOf", check_multiple},
    {"not", check_not},
    {"oneOf", check_any},
    {"pattern", check_pattern},
    {"patternProperties", check_patterns},
    {"properties", check_properties},
    {"propertyNames", check_names},
    {"readOnly", NULL},
    {"required", check_required},
    {"then", NULL},
    {"title", NULL},
    {"type", check_type},
    {"uniqueItems", check_unique},
    {"writeOnly", NULL},
};

static int check_keyword(struct checker *checker, const json *schema, const json *keyword,
                         struct value value, const struct place *place) {
    if (strcmp(keyword->string, "additionalProperties") == 0)
        return check_additional(checker, schema, keyword, value, place);
    if (strcmp(keyword->string, "if") == 0)
        return check_if(checker, schema, keyword, value, place);
    for (size_t i = 0; i < ARRAY_LENGTH(keywords); i++)
        if (strcmp(keywords[i].name, keyword->string) == 0)
            return keywords[i].check ? keywords[i].check(checker, keyword, value, place) : 0;
    return err_set(checker->err, ERR_BAD_REQUEST,
                   "values.schema.json: the keyword \"%.60s\" is not supported by render-helm",
                   keyword->string);
}

static int check(struct checker *checker, const json *schema, struct value value,
                 const struct place *place) {
    const json *keyword;
    int status = 0;
    if (cJSON_IsBool(schema))
        return cJSON_IsTrue(schema) ? 0 : complain(checker, place, "must not be set");
    if (!cJSON_IsObject(schema))
        return complain(checker, place, "have a schema that is no mapping");
    if (++checker->depth > LIMIT_SCHEMA_DEPTH)
        return complain(checker, place, "have a schema that is nested too deeply");
    cJSON_ArrayForEach (keyword, schema)
        if (status == 0)
            status = check_keyword(checker, schema, keyword, value, place);
    checker->depth--;
    return status;
}

int schema_check(const json *schema, struct value values, struct err *err) {
    struct checker checker = {.root = schema, .err = err};
    return check(&checker, schema, values, &(struct place){0});
}
