// SPDX-License-Identifier: Apache-2.0
//
// What a template computes with: values with the types that they have in Go, as far as a template
// can see the difference. All of them live in a pool and are given back with it; a value copies by
// assignment, lists and maps are shared.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

// Memory of one rendering. It never gives NULL: past its ceiling `is_full` is set, which the
// engine looks at between any two steps, and a little more is given until it has stopped.
struct pool {
    struct arena arena;
    bool is_full;
};

void *pool_take(struct pool *pool, size_t count, size_t size) __attribute__((returns_nonnull));

struct text {
    const char *data; // a NUL follows, and may be inside too
    size_t length;
};

#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})

struct text text_of(const char *text); // borrowed
struct text text_copy(struct pool *pool, const char *data, size_t length);
struct text text_take(struct pool *pool, struct buf *buf); // empties BUF
int text_compare(struct text left, struct text right);     // as bytes
bool text_is(struct text text, const char *other);

enum value_kind {
    VALUE_NONE, // no value at all: what Go's reflection calls invalid
    VALUE_NIL,  // an empty interface that holds nothing: a field of it is an error
    VALUE_BOOL,
    VALUE_INTEGER,
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_BYTES,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_OBJECT,
};

// Which of Go's integer types it is, and the type of a list's items or a map's values.
enum value_type { TYPE_INT, TYPE_INT64, TYPE_UINT64, TYPE_UINT8, TYPE_ANY, TYPE_STRING, TYPE_LIST };

struct value;
struct value_list;
struct value_map;
struct value_object;

struct value {
    enum value_kind kind;
    enum value_type type; // of an integer
    union {
        bool truth;
        int64_t integer;
        double real;
        struct text text;
        struct value_list *list;
        struct value_map *map;
        struct value_object *object;
    };
};

struct value_list {
    enum value_type item_type; // TYPE_ANY, TYPE_STRING, TYPE_INT, TYPE_LIST
    bool is_nil;
    size_t count;
    struct value *items;
};

struct value_entry {
    struct text key;
    struct value value;
};

struct value_map {
    enum value_type value_type; // TYPE_ANY or TYPE_STRING
    bool is_nil;                // reads as an empty one, and cannot be set
    size_t count, room;
    struct value_entry *entries; // in the order of their keys
};

// What is a struct or has methods in Go. A class is a constant.
struct value_class {
    const char *type_name, *kind_name;
    bool is_open; // fields that are not there are empty rather than an error
};

struct value_object {
    const struct value_class *class;
    struct value_map *fields;
    struct value as_value; // what it is when printed, measured or searched; VALUE_NONE for `fields`
};

#define VALUE_OF_NOTHING ((struct value){.kind = VALUE_NONE})

struct value value_nil(void);
struct value value_bool(bool truth);
struct value value_int(int64_t integer);
struct value value_int64(int64_t integer);
struct value value_real(double real);
struct value value_text(struct text text);
struct value value_list(struct pool *pool, enum value_type item_type, size_t count); // of nils
struct value value_map(struct pool *pool, enum value_type value_type);
struct value value_object(struct pool *pool, const struct value_class *class);
// What JSON holds, every number a real, as Helm reads values.
struct value value_of_json(struct pool *pool, const json *source);

bool value_is_nothing(struct value value);                             // VALUE_NONE or VALUE_NIL
bool value_is_true(struct value value);                                // as `if` takes it
bool value_is_empty(struct value value);                               // as `default` takes it
bool value_is_equal(struct value left, struct value right, int depth); // as reflect.DeepEqual
const char *value_type_name(struct value value);                       // "map[string]interface {}"
const char *value_kind_name(struct value value);                       // "map"
// What stands for an object; anything else is itself.
struct value value_inside(struct value value);
// A copy that shares nothing, down to LIMIT_VALUE_DEPTH.
struct value value_copy(struct pool *pool, struct value value, int depth);

const struct value *map_get(const struct value_map *map, struct text key); // NULL where absent
void map_set(struct pool *pool, struct value_map *map, struct text key, struct value value);
void map_unset(struct value_map *map, struct text key);
