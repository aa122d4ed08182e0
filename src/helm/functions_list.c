// SPDX-License-Identifier: Apache-2.0
//
// Functions of lists. A function whose name begins with `must` is the same as the one without: both
// end the rendering where a list is expected and something else comes.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "helm/functions.h"
#include "helm/print.h"

struct items {
    const struct value *at;
    size_t count;
};

static bool items_of(struct call *call, struct value value, struct items *ret_items) {
    if (functions_items(value, &ret_items->at, &ret_items->count))
        return true;
    call_fail(call, "a list is expected, not a %s",
              value_is_nothing(value) ? "nil" : value_type_name(value));
    return false;
}

static struct value list_of(struct call *call, const struct value *items, size_t count) {
    struct value list = value_list(call_pool(call), TYPE_ANY, count);
    for (size_t i = 0; i < count; i++)
        list.list->items[i] = items[i].kind == VALUE_NONE ? value_nil() : items[i];
    return list;
}

// What Go gives for `rest` and `initial` of an empty list: a list that is nil.
static struct value nil_list(struct call *call) {
    struct value list = value_list(call_pool(call), TYPE_ANY, 0);
    list.list->is_nil = true;
    return list;
}

static struct value run_list(struct call *call) {
    return list_of(call, call->arguments, call->count);
}

static struct value run_append(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    struct value list = value_list(call_pool(call), TYPE_ANY, items.count + 1);
    for (size_t i = 0; i < items.count; i++)
        list.list->items[i] = items.at[i];
    list.list->items[items.count] = call->arguments[1];
    return list;
}

static struct value run_prepend(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    struct value list = value_list(call_pool(call), TYPE_ANY, items.count + 1);
    list.list->items[0] = call->arguments[1];
    for (size_t i = 0; i < items.count; i++)
        list.list->items[i + 1] = items.at[i];
    return list;
}

static struct value run_concat(struct call *call) {
    struct items items;
    size_t count = 0, at = 0;
    for (size_t i = 0; i < call->count; i++) {
        if (!items_of(call, call->arguments[i], &items))
            return VALUE_OF_NOTHING;
        count += items.count;
    }
    struct value list = value_list(call_pool(call), TYPE_ANY, count);
    for (size_t i = 0; i < call->count; i++) {
        functions_items(call->arguments[i], &items.at, &items.count);
        for (size_t j = 0; j < items.count; j++)
            list.list->items[at++] = items.at[j];
    }
    list.list->is_nil = count == 0;
    return list;
}

static struct value run_first(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    return items.count ? items.at[0] : value_nil();
}

static struct value run_last(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    return items.count ? items.at[items.count - 1] : value_nil();
}

static struct value run_rest(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    return items.count ? list_of(call, items.at + 1, items.count - 1) : nil_list(call);
}

static struct value run_initial(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    return items.count ? list_of(call, items.at, items.count - 1) : nil_list(call);
}

static struct value run_reverse(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    struct value list = value_list(call_pool(call), TYPE_ANY, items.count);
    for (size_t i = 0; i < items.count; i++)
        list.list->items[items.count - 1 - i] = items.at[i];
    return list;
}

static bool has(const struct value *items, size_t count, struct value needle) {
    for (size_t i = 0; i < count; i++)
        if (value_is_equal(needle, items[i], 0))
            return true;
    return false;
}

// The items of the first argument that KEEPS keeps, where KEPT is what it has kept so far.
static struct value filtered(struct call *call,
                             bool keeps(struct call *, const struct value_list *kept,
                                        struct value)) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    struct value list = value_list(call_pool(call), TYPE_ANY, items.count);
    list.list->count = 0;
    for (size_t i = 0; i < items.count && !engine_is_over(call->engine, call->node); i++)
        if (keeps(call, list.list, items.at[i]))
            list.list->items[list.list->count++] = items.at[i];
    return list;
}

static bool is_something(struct call *call, const struct value_list *kept, struct value item) {
    (void)call, (void)kept;
    return !value_is_empty(item);
}

static bool is_new(struct call *call, const struct value_list *kept, struct value item) {
    call->engine->steps += kept->count;
    return !has(kept->items, kept->count, item);
}

static bool is_not_named(struct call *call, const struct value_list *kept, struct value item) {
    (void)kept;
    return !has(call->arguments + 1, call->count - 1, item);
}

static struct value run_compact(struct call *call) { return filtered(call, is_something); }
static struct value run_uniq(struct call *call) { return filtered(call, is_new); }
static struct value run_without(struct call *call) { return filtered(call, is_not_named); }

static struct value run_has(struct call *call) {
    struct items items;
    if (value_is_nothing(call->arguments[1]))
        return value_bool(false);
    if (!items_of(call, call->arguments[1], &items))
        return VALUE_OF_NOTHING;
    return value_bool(has(items.at, items.count, call->arguments[0]));
}

static struct value run_slice(struct call *call) {
    struct items items;
    if (!items_of(call, call->arguments[0], &items))
        return VALUE_OF_NOTHING;
    if (items.count == 0)
        return value_nil();
    int64_t start = call->count > 1 ? functions_to_integer(call->arguments[1]) : 0;
    int64_t end = call->count > 2 ? functions_to_integer(call->arguments[2]) : (int64_t)items.count;
    if (start < 0 || end < start || end > (int64_t)items.count)
        return call_fail(call, "slice bounds out of range: %lld to %lld of %zu items",
                         (long long)start, (long long)end, items.count);
    struct value list = list_of(call, items.at + start, (size_t)(end - start));
    struct value source = value_inside(call->arguments[0]);
    list.list->item_type = source.list->item_type;
    return list;
}

static struct value run_chunk(struct call *call) {
    struct items items;
    int64_t size = call->arguments[0].integer;
    if (!items_of(call, call->arguments[1], &items))
        return VALUE_OF_NOTHING;
    if (size < 1)
        return call_fail(call, "a chunk needs at least one item");
    size_t each = (size_t)size;
    struct value list =
        value_list(call_pool(call), TYPE_LIST, items.count / each + (items.count % each != 0));
    for (size_t i = 0; i < list.list->count; i++) {
        size_t left = items.count - i * each;
        list.list->items[i] = list_of(call, items.at + i * each, left < each ? left : each);
    }
    return list;
}

// ---- Texts and lists

// The texts that `join` and its like work on; nil items are left out.
static struct value texts_of(struct call *call, struct value value) {
    const struct value *items = &value;
    size_t count = value_is_nothing(value) ? 0 : 1;
    functions_items(value, &items, &count);
    struct value list = value_list(call_pool(call), TYPE_STRING, count);
    list.list->count = 0;
    for (size_t i = 0; i < count; i++)
        if (!value_is_nothing(items[i]))
            list.list->items[list.list->count++] =
                value_text(print_text_of(call_pool(call), items[i]));
    return list;
}

static struct value run_to_strings(struct call *call) { return texts_of(call, call->arguments[0]); }

static struct value run_join(struct call *call) {
    struct value texts = texts_of(call, call->arguments[1]);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    for (size_t i = 0; i < texts.list->count; i++) {
        if (i)
            buf_add(&out, call_text(call, 0).data, call_text(call, 0).length);
        buf_add(&out, texts.list->items[i].text.data, texts.list->items[i].text.length);
    }
    return value_text(text_take(call_pool(call), &out));
}

static int compare_texts(const void *left, const void *right) {
    return text_compare(((const struct value *)left)->text, ((const struct value *)right)->text);
}

static struct value run_sort_alpha(struct call *call) {
    struct value texts = texts_of(call, call->arguments[0]);
    if (value_is_nothing(call->arguments[0])) {
        texts.list->count = 1;
        texts.list->items[0] = value_text(TEXT("<nil>"));
    }
    qsort(texts.list->items, texts.list->count, sizeof *texts.list->items, compare_texts);
    return texts;
}

// The end of the part that begins at AT; *RET_NEXT is where the next one begins, NULL for the last.
// Without a separator each character is a part.
static const char *part_end(const char *at, const char *end, struct text separator,
                            const char **ret_next) {
    const char *found;
    if (separator.length) {
        found = memmem(at, (size_t)(end - at), separator.data, separator.length);
        *ret_next = found ? found + separator.length : NULL;
        return found ? found : end;
    }
    for (found = at + 1; found < end && ((unsigned char)*found & 0xC0) == 0x80; found++)
        ;
    *ret_next = found < end ? found : NULL;
    return found < end ? found : end;
}

// Parts of TEXT between separators, at most LIMIT of them where it is not negative.
static struct value split_text(struct call *call, struct text separator, struct text text,
                               int64_t limit) {
    const char *end = text.data + text.length;
    size_t count = 0, at = 0;
    if (limit == 0 || (text.length == 0 && separator.length == 0))
        return limit == 0 ? nil_list(call) : value_list(call_pool(call), TYPE_STRING, 0);
    for (const char *from = text.data; from && (limit < 0 || count < (size_t)limit); count++)
        part_end(from, end, separator, &from);
    struct value list = value_list(call_pool(call), TYPE_STRING, count);
    for (const char *from = text.data, *next; at < count; from = next, at++) {
        const char *stop = part_end(from, end, separator, &next);
        if (at + 1 == count)
            stop = end;
        list.list->items[at] = value_text(text_copy(call_pool(call), from, (size_t)(stop - from)));
    }
    return list;
}

static struct value run_split_list(struct call *call) {
    return split_text(call, call_text(call, 0), call_text(call, 1), -1);
}

// `split` and `splitn` give a map of _0, _1, …
static struct value numbered(struct call *call, struct value list) {
    struct value map = value_map(call_pool(call), TYPE_STRING);
    for (size_t i = 0; i < list.list->count; i++) {
        char key[24];
        int length = snprintf(key, sizeof key, "_%zu", i);
        map_set(call_pool(call), map.map, text_copy(call_pool(call), key, (size_t)length),
                list.list->items[i]);
    }
    return map;
}

static struct value run_split(struct call *call) {
    return numbered(call, split_text(call, call_text(call, 0), call_text(call, 1), -1));
}

static struct value run_splitn(struct call *call) {
    return numbered(
        call, split_text(call, call_text(call, 0), call_text(call, 2), call->arguments[1].integer));
}

const struct function functions_list[] = {
    {"append", "aa", run_append},      {"chunk", "ia", run_chunk},
    {"compact", "a", run_compact},     {"concat", "a*", run_concat},
    {"first", "a", run_first},         {"has", "aa", run_has},
    {"initial", "a", run_initial},     {"join", "ta", run_join},
    {"last", "a", run_last},           {"list", "a*", run_list},
    {"mustAppend", "aa", run_append},  {"mustChunk", "ia", run_chunk},
    {"mustCompact", "a", run_compact}, {"mustFirst", "a", run_first},
    {"mustHas", "aa", run_has},        {"mustInitial", "a", run_initial},
    {"mustLast", "a", run_last},       {"mustPrepend", "aa", run_prepend},
    {"mustPush", "aa", run_append},    {"mustRest", "a", run_rest},
    {"mustReverse", "a", run_reverse}, {"mustSlice", "aa*", run_slice},
    {"mustUniq", "a", run_uniq},       {"mustWithout", "aa*", run_without},
    {"prepend", "aa", run_prepend},    {"push", "aa", run_append},
    {"rest", "a", run_rest},           {"reverse", "a", run_reverse},
    {"slice", "aa*", run_slice},       {"sortAlpha", "a", run_sort_alpha},
    {"split", "tt", run_split},        {"splitList", "tt", run_split_list},
    {"splitn", "tit", run_splitn},     {"toStrings", "a", run_to_strings},
    {"tuple", "a*", run_list},         {"uniq", "a", run_uniq},
    {"without", "aa*", run_without},   {NULL, NULL, NULL},
};
