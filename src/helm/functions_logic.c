// SPDX-License-Identifier: Apache-2.0
//
// Functions of comparison, truth, kinds and defaults, those of text/template itself among them.
#include <string.h>

#include "base/limits.h"
#include "helm/functions.h"
#include "helm/print.h"

// ---- Comparison

enum basic { BASIC_NONE, BASIC_OTHER, BASIC_BOOL, BASIC_INTEGER, BASIC_REAL, BASIC_TEXT };

static enum basic basic_of(struct value value) {
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_NIL: return BASIC_NONE;
    case VALUE_BOOL: return BASIC_BOOL;
    case VALUE_INTEGER: return BASIC_INTEGER;
    case VALUE_REAL: return BASIC_REAL;
    case VALUE_TEXT: return BASIC_TEXT;
    default: return BASIC_OTHER;
    }
}

static struct value incompatible(struct call *call, struct value left, struct value right) {
    return call_fail(call,
                     "incompatible types for comparison: %s and %s; `int`, `float64` or "
                     "`toString` makes them alike",
                     value_type_name(left), value_type_name(right));
}

static bool is_same(struct value left, struct value right) {
    return left.kind == VALUE_BOOL      ? left.truth == right.truth
           : left.kind == VALUE_INTEGER ? left.integer == right.integer
           : left.kind == VALUE_REAL    ? left.real == right.real
                                        : text_compare(left.text, right.text) == 0;
}

static struct value run_eq(struct call *call) {
    struct value left = call->arguments[0];
    enum basic kind = basic_of(left);
    if (call->count < 2)
        return call_fail(call, "there is nothing to compare with");
    for (size_t i = 1; i < call->count; i++) {
        struct value right = call->arguments[i];
        enum basic other = basic_of(right);
        if (kind == BASIC_NONE && other == BASIC_NONE)
            return value_bool(true);
        if (kind == BASIC_NONE || other == BASIC_NONE)
            continue;
        if (kind != other)
            return incompatible(call, left, right);
        if (kind == BASIC_OTHER)
            return call_fail(call, "a %s cannot be compared; `deepEqual` can",
                             value_type_name(left));
        if (is_same(left, right))
            return value_bool(true);
    }
    return value_bool(false);
}

static struct value run_ne(struct call *call) {
    struct value value = run_eq(call);
    return value.kind == VALUE_BOOL ? value_bool(!value.truth) : value;
}

// -1, 0 or 1 in *RET_ORDER.
static bool compare(struct call *call, int *ret_order) {
    struct value left = call->arguments[0], right = call->arguments[1];
    enum basic kind = basic_of(left), other = basic_of(right);
    if (kind < BASIC_INTEGER || other < BASIC_INTEGER || kind != other) {
        incompatible(call, left, right);
        return false;
    }
    if (kind == BASIC_TEXT)
        *ret_order = text_compare(left.text, right.text);
    else if (kind == BASIC_REAL)
        *ret_order = (left.real > right.real) - (left.real < right.real);
    else
        *ret_order = (left.integer > right.integer) - (left.integer < right.integer);
    return true;
}

static struct value run_lt(struct call *call) {
    int order;
    return compare(call, &order) ? value_bool(order < 0) : VALUE_OF_NOTHING;
}

static struct value run_le(struct call *call) {
    int order;
    return compare(call, &order) ? value_bool(order <= 0) : VALUE_OF_NOTHING;
}

static struct value run_gt(struct call *call) {
    int order;
    return compare(call, &order) ? value_bool(order > 0) : VALUE_OF_NOTHING;
}

static struct value run_ge(struct call *call) {
    int order;
    return compare(call, &order) ? value_bool(order >= 0) : VALUE_OF_NOTHING;
}

static struct value run_deep_equal(struct call *call) {
    return value_bool(value_is_equal(call->arguments[0], call->arguments[1], 0));
}

static struct value run_not(struct call *call) {
    return value_bool(!value_is_true(call->arguments[0]));
}

// ---- Looking into values

static bool index_of(struct call *call, struct value index, size_t length, size_t *ret_index) {
    if (index.kind != VALUE_INTEGER) {
        call_fail(call, "cannot index a list with a %s; `int` makes an index of it",
                  value_type_name(index));
        return false;
    }
    if (index.integer < 0 || (uint64_t)index.integer > length) {
        call_fail(call, "index out of range: %lld", (long long)index.integer);
        return false;
    }
    *ret_index = (size_t)index.integer;
    return true;
}

static struct value run_index(struct call *call) {
    struct value item = value_inside(call->arguments[0]);
    if (value_is_nothing(item))
        return call_fail(call, "index of untyped nil: what is to be looked into has no value");
    for (size_t i = 1; i < call->count; i++) {
        struct value key = call->arguments[i];
        size_t at;
        if (value_is_nothing(item))
            return call_fail(call, "index of nil pointer");
        if (item.kind == VALUE_MAP) {
            if (key.kind != VALUE_TEXT)
                return call_fail(call, "value has type %s; should be string", value_type_name(key));
            const struct value *found = map_get(item.map, key.text);
            item = found                                 ? value_inside(*found)
                   : item.map->value_type == TYPE_STRING ? value_text(TEXT(""))
                                                         : value_nil();
        } else if (item.kind == VALUE_LIST) {
            if (!index_of(call, key, item.list->count, &at))
                return VALUE_OF_NOTHING;
            if (at == item.list->count)
                return call_fail(call, "index out of range: %zu", at);
            item = value_inside(item.list->items[at]);
        } else if (item.kind == VALUE_TEXT || item.kind == VALUE_BYTES) {
            if (!index_of(call, key, item.text.length, &at))
                return VALUE_OF_NOTHING;
            if (at == item.text.length)
                return call_fail(call, "index out of range: %zu", at);
            item = value_int((unsigned char)item.text.data[at]);
            item.type = TYPE_UINT8;
        } else {
            return call_fail(call, "can't index item of type %s", value_type_name(item));
        }
    }
    return item;
}

static struct value run_len(struct call *call) {
    struct value value = value_inside(call->arguments[0]);
    switch (value.kind) {
    case VALUE_TEXT:
    case VALUE_BYTES: return value_int((int64_t)value.text.length);
    case VALUE_LIST: return value_int((int64_t)value.list->count);
    case VALUE_MAP: return value_int((int64_t)value.map->count);
    default:
        return call_fail(call, "a %s has no length",
                         value_is_nothing(value) ? "nil" : value_type_name(value));
    }
}

// ---- Defaults

static struct value run_default(struct call *call) {
    return call->count < 2 || value_is_empty(call->arguments[1]) ? call->arguments[0]
                                                                 : call->arguments[1];
}

static struct value run_empty(struct call *call) {
    return value_bool(value_is_empty(call->arguments[0]));
}

static struct value run_coalesce(struct call *call) {
    for (size_t i = 0; i < call->count; i++)
        if (!value_is_empty(call->arguments[i]))
            return call->arguments[i];
    return value_nil();
}

static struct value run_all(struct call *call) {
    for (size_t i = 0; i < call->count; i++)
        if (value_is_empty(call->arguments[i]))
            return value_bool(false);
    return value_bool(true);
}

static struct value run_any(struct call *call) {
    for (size_t i = 0; i < call->count; i++)
        if (!value_is_empty(call->arguments[i]))
            return value_bool(true);
    return value_bool(false);
}

static struct value run_ternary(struct call *call) {
    return call->arguments[call->arguments[2].truth ? 0 : 1];
}

// ---- Kinds

static struct value run_kind_of(struct call *call) {
    return value_text(text_of(value_kind_name(call->arguments[0])));
}

static struct value run_kind_is(struct call *call) {
    return value_bool(text_is(call_text(call, 0), value_kind_name(call->arguments[1])));
}

static struct value run_type_of(struct call *call) {
    return value_text(text_of(value_type_name(call->arguments[0])));
}

static struct value run_type_is(struct call *call) {
    return value_bool(text_is(call_text(call, 0), value_type_name(call->arguments[1])));
}

static struct value run_type_is_like(struct call *call) {
    const char *name = value_type_name(call->arguments[1]);
    struct text wanted = call_text(call, 0);
    return value_bool(text_is(wanted, name) || (*name == '*' && text_is(wanted, name + 1)));
}

// ---- Printing

static struct value run_print(struct call *call) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    print_all(&out, call->arguments, call->count);
    return value_text(text_take(call_pool(call), &out));
}

static struct value run_println(struct call *call) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    print_line(&out, call->arguments, call->count);
    return value_text(text_take(call_pool(call), &out));
}

static struct value run_printf(struct call *call) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    print_formatted(&out, call_text(call, 0), call->arguments + 1, call->count - 1);
    return value_text(text_take(call_pool(call), &out));
}

const struct function functions_logic[] = {
    {"all", "a*", run_all},
    {"and", "vv*", NULL}, // exec.c evaluates and() and or() itself: they stop early
    {"any", "a*", run_any},
    {"coalesce", "a*", run_coalesce},
    {"deepEqual", "aa", run_deep_equal},
    {"default", "aa*", run_default},
    {"empty", "a", run_empty},
    {"eq", "vv*", run_eq},
    {"ge", "vv", run_ge},
    {"gt", "vv", run_gt},
    {"index", "vv*", run_index},
    {"kindIs", "ta", run_kind_is},
    {"kindOf", "a", run_kind_of},
    {"le", "vv", run_le},
    {"len", "v", run_len},
    {"lt", "vv", run_lt},
    {"ne", "vv", run_ne},
    {"not", "v", run_not},
    {"or", "vv*", NULL},
    {"print", "a*", run_print},
    {"printf", "ta*", run_printf},
    {"println", "a*", run_println},
    {"ternary", "aab", run_ternary},
    {"typeIs", "ta", run_type_is},
    {"typeIsLike", "ta", run_type_is_like},
    {"typeOf", "a", run_type_of},
    {NULL, NULL, NULL},
};
