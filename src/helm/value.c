// SPDX-License-Identifier: Apache-2.0
//
// See value.h. Maps are sorted arrays: templates walk them in the order of their keys, and they are
// small.
#include "helm/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define POOL_SPARE (1024 * 1024)

void *pool_take(struct pool *pool, size_t count, size_t size) {
    void *memory = arena_take(&pool->arena, count, size);
    while (!memory) {
        size_t bytes = count * size;
        pool->is_full = true;
        pool->arena.limit_bytes += bytes + POOL_SPARE;
        memory = arena_take(&pool->arena, count, size);
    }
    return memory;
}

struct text text_of(const char *text) {
    return (struct text){text, strlen(text)};
}

struct text text_copy(struct pool *pool, const char *data, size_t length) {
    char *copy = pool_take(pool, length + 1, 1);
    if (length)
        memcpy(copy, data, length);
    return (struct text){copy, length};
}

struct text text_take(struct pool *pool, struct buf *buf) {
    struct text text = text_copy(pool, buf_text(buf), buf->length);
    pool->is_full = pool->is_full || buf->overflowed;
    buf_clear(buf);
    return text;
}

int text_compare(struct text left, struct text right) {
    size_t length = left.length < right.length ? left.length : right.length;
    int order = length ? memcmp(left.data, right.data, length) : 0;
    return order ? order : (left.length > right.length) - (left.length < right.length);
}

bool text_is(struct text text, const char *other) {
    return text.length == strlen(other) && memcmp(text.data, other, text.length) == 0;
}

// ---- Making values

struct value value_nil(void) {
    return (struct value){.kind = VALUE_NIL};
}

struct value value_bool(bool truth) {
    return (struct value){.kind = VALUE_BOOL, .truth = truth};
}

struct value value_int(int64_t integer) {
    return (struct value){.kind = VALUE_INTEGER, .type = TYPE_INT, .integer = integer};
}

struct value value_int64(int64_t integer) {
    return (struct value){.kind = VALUE_INTEGER, .type = TYPE_INT64, .integer = integer};
}

struct value value_real(double real) {
    return (struct value){.kind = VALUE_REAL, .real = real};
}

struct value value_text(struct text text) {
    return (struct value){.kind = VALUE_TEXT, .text = text};
}

struct value value_list(struct pool *pool, enum value_type item_type, size_t count) {
    struct value_list *list = pool_take(pool, 1, sizeof *list);
    list->item_type = item_type;
    list->count = count;
    list->items = pool_take(pool, count ? count : 1, sizeof *list->items);
    for (size_t i = 0; i < count; i++)
        list->items[i] = value_nil();
    return (struct value){.kind = VALUE_LIST, .list = list};
}

struct value value_map(struct pool *pool, enum value_type value_type) {
    struct value_map *map = pool_take(pool, 1, sizeof *map);
    map->value_type = value_type;
    return (struct value){.kind = VALUE_MAP, .map = map};
}

struct value value_object(struct pool *pool, const struct value_class *class) {
    struct value_object *object = pool_take(pool, 1, sizeof *object);
    object->class = class;
    object->fields = value_map(pool, TYPE_ANY).map;
    return (struct value){.kind = VALUE_OBJECT, .object = object};
}

static int compare_entries(const void *left, const void *right) {
    return text_compare(((const struct value_entry *)left)->key,
                        ((const struct value_entry *)right)->key);
}

// Sorted once rather than at each member.
static struct value map_of_json(struct pool *pool, const json *source) {
    struct value map = value_map(pool, TYPE_ANY);
    const json *item;
    size_t count = (size_t)cJSON_GetArraySize(source);
    map.map->entries = pool_take(pool, count ? count : 1, sizeof *map.map->entries);
    map.map->room = count;
    cJSON_ArrayForEach (item, source)
        map.map->entries[map.map->count++] = (struct value_entry){
            text_copy(pool, item->string, strlen(item->string)), value_of_json(pool, item)};
    qsort(map.map->entries, count, sizeof *map.map->entries, compare_entries);
    map.map->count = 0;
    for (size_t i = 0; i < count; i++) { // of members of one name, one stays
        bool is_again = map.map->count && compare_entries(&map.map->entries[map.map->count - 1],
                                                          &map.map->entries[i]) == 0;
        map.map->entries[is_again ? map.map->count - 1 : map.map->count] = map.map->entries[i];
        map.map->count += !is_again;
    }
    return map;
}

struct value value_of_json(struct pool *pool, const json *source) {
    const json *item;
    size_t i = 0;
    if (cJSON_IsBool(source))
        return value_bool(cJSON_IsTrue(source));
    if (cJSON_IsNumber(source))
        return value_real(source->valuedouble);
    if (cJSON_IsString(source))
        return value_text(text_copy(pool, source->valuestring, strlen(source->valuestring)));
    if (cJSON_IsArray(source)) {
        struct value list = value_list(pool, TYPE_ANY, (size_t)cJSON_GetArraySize(source));
        cJSON_ArrayForEach (item, source)
            list.list->items[i++] = value_of_json(pool, item);
        return list;
    }
    return cJSON_IsObject(source) ? map_of_json(pool, source) : value_nil();
}

struct value value_copy(struct pool *pool, struct value value, int depth) {
    if (depth > LIMIT_VALUE_DEPTH) {
        pool->is_full = true;
        return value;
    }
    if (value.kind == VALUE_LIST) {
        struct value copy = value_list(pool, value.list->item_type, value.list->count);
        for (size_t i = 0; i < value.list->count; i++)
            copy.list->items[i] = value_copy(pool, value.list->items[i], depth + 1);
        copy.list->is_nil = value.list->is_nil;
        return copy;
    }
    if (value.kind == VALUE_MAP) {
        struct value copy = value_map(pool, value.map->value_type);
        for (size_t i = 0; i < value.map->count; i++)
            map_set(pool, copy.map, value.map->entries[i].key,
                    value_copy(pool, value.map->entries[i].value, depth + 1));
        return copy;
    }
    return value;
}

// ---- Asking about values

bool value_is_nothing(struct value value) {
    return value.kind == VALUE_NONE || value.kind == VALUE_NIL;
}

struct value value_inside(struct value value) {
    if (value.kind != VALUE_OBJECT)
        return value;
    if (value.object->as_value.kind != VALUE_NONE)
        return value.object->as_value;
    return (struct value){.kind = VALUE_MAP, .map = value.object->fields};
}

bool value_is_true(struct value value) {
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_NIL: return false;
    case VALUE_BOOL: return value.truth;
    case VALUE_INTEGER: return value.integer != 0;
    case VALUE_REAL: return value.real != 0;
    case VALUE_TEXT:
    case VALUE_BYTES: return value.text.length > 0;
    case VALUE_LIST: return value.list->count > 0;
    case VALUE_MAP: return value.map->count > 0;
    case VALUE_OBJECT: break;
    }
    const char *kind = value.object->class->kind_name;
    return strcmp(kind, "struct") == 0 || strcmp(kind, "ptr") == 0 ||
           value_is_true(value_inside(value));
}

bool value_is_empty(struct value value) { return !value_is_true(value); }

static bool is_equal_map(const struct value_map *left, const struct value_map *right, int depth) {
    if (left->count != right->count || left->value_type != right->value_type)
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (text_compare(left->entries[i].key, right->entries[i].key) != 0 ||
            !value_is_equal(left->entries[i].value, right->entries[i].value, depth))
            return false;
    return true;
}

bool value_is_equal(struct value left, struct value right, int depth) {
    if (value_is_nothing(left) || value_is_nothing(right))
        return value_is_nothing(left) && value_is_nothing(right);
    if (left.kind != right.kind || depth > LIMIT_VALUE_DEPTH)
        return false;
    switch (left.kind) {
    case VALUE_NONE:
    case VALUE_NIL: return true;
    case VALUE_BOOL: return left.truth == right.truth;
    case VALUE_INTEGER: return left.type == right.type && left.integer == right.integer;
    case VALUE_REAL: return left.real == right.real;
    case VALUE_TEXT:
    case VALUE_BYTES: return text_compare(left.text, right.text) == 0;
    case VALUE_LIST:
        if (left.list->count != right.list->count || left.list->is_nil != right.list->is_nil ||
            left.list->item_type != right.list->item_type)
            return false;
        for (size_t i = 0; i < left.list->count; i++)
            if (!value_is_equal(left.list->items[i], right.list->items[i], depth + 1))
                return false;
        return true;
    case VALUE_MAP: return is_equal_map(left.map, right.map, depth + 1);
    case VALUE_OBJECT:
        return left.object->class == right.object->class &&
               is_equal_map(left.object->fields, right.object->fields, depth + 1);
    }
    return false;
}

static const char *const integer_names[] = {
    [TYPE_INT] = "int", [TYPE_INT64] = "int64", [TYPE_UINT64] = "uint64", [TYPE_UINT8] = "uint8"};

const char *value_type_name(struct value value) {
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_NIL: return "<nil>";
    case VALUE_BOOL: return "bool";
    case VALUE_INTEGER: return integer_names[value.type];
    case VALUE_REAL: return "float64";
    case VALUE_TEXT: return "string";
    case VALUE_BYTES: return "[]uint8";
    case VALUE_LIST:
        return value.list->item_type == TYPE_STRING ? "[]string"
               : value.list->item_type == TYPE_INT  ? "[]int"
               : value.list->item_type == TYPE_LIST ? "[][]interface {}"
                                                    : "[]interface {}";
    case VALUE_MAP:
        return value.map->value_type == TYPE_STRING ? "map[string]string"
                                                    : "map[string]interface {}";
    case VALUE_OBJECT: break;
    }
    return value.object->class->type_name;
}

const char *value_kind_name(struct value value) {
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_NIL: return "invalid";
    case VALUE_LIST:
    case VALUE_BYTES: return "slice";
    case VALUE_MAP: return "map";
    case VALUE_OBJECT: return value.object->class->kind_name;
    default: return value_type_name(value);
    }
}

// ---- Maps

// Where KEY is, or where it would be put.
static size_t find(const struct value_map *map, struct text key, bool *ret_is_there) {
    size_t low = 0, high = map->count;
    *ret_is_there = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = text_compare(map->entries[middle].key, key);
        if (order == 0) {
            *ret_is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct value *map_get(const struct value_map *map, struct text key) {
    bool is_there;
    size_t at = find(map, key, &is_there);
    return is_there ? &map->entries[at].value : NULL;
}

void map_set(struct pool *pool, struct value_map *map, struct text key, struct value value) {
    bool is_there;
    size_t at = find(map, key, &is_there);
    if (value.kind == VALUE_NONE)
        value = value_nil();
    if (is_there) {
        map->entries[at].value = value;
        return;
    }
    if (map->count == map->room) {
        size_t room = map->room ? map->room * 2 : 8;
        struct value_entry *entries = pool_take(pool, room, sizeof *entries);
        if (map->count)
            memcpy(entries, map->entries, map->count * sizeof *entries);
        map->entries = entries;
        map->room = room;
    }
    memmove(&map->entries[at + 1], &map->entries[at], (map->count - at) * sizeof *map->entries);
    map->entries[at] = (struct value_entry){key, value};
    map->count++;
}

void map_unset(struct value_map *map, struct text key) {
    bool is_there;
    size_t at = find(map, key, &is_there);
    if (!is_there)
        return;
    map->count--;
    memmove(&map->entries[at], &map->entries[at + 1], (map->count - at) * sizeof *map->entries);
}
