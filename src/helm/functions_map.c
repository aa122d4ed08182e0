// SPDX-License-Identifier: Apache-2.0
//
// Functions of dicts. They are shared, not copied: `set` changes the dict that it is given, also
// .Values.
#include <string.h>

#include "base/limits.h"
#include "helm/functions.h"
#include "helm/print.h"

static struct value as_map(struct value_map *map) {
    return (struct value){.kind = VALUE_MAP, .map = map};
}

static struct value run_dict(struct call *call) {
    struct value map = value_map(call_pool(call), TYPE_ANY);
    for (size_t i = 0; i < call->count; i += 2)
        map_set(call_pool(call), map.map, print_text_of(call_pool(call), call->arguments[i]),
                i + 1 < call->count ? call->arguments[i + 1] : value_text(TEXT("")));
    return map;
}

static struct value run_get(struct call *call) {
    const struct value *found = map_get(call->arguments[0].map, call_text(call, 1));
    return found ? *found : value_text(TEXT(""));
}

static struct value run_set(struct call *call) {
    struct value_map *map = call->arguments[0].map;
    if (map->is_nil)
        return call_fail(call,
                         "assignment to entry in nil map: there is no dict to set \"%.60s\" in",
                         call_text(call, 1).data);
    call->engine->steps += map->count / 64; // they are moved up to make room
    map_set(call_pool(call), map, call_text(call, 1), call->arguments[2]);
    return call->arguments[0];
}

static struct value run_unset(struct call *call) {
    map_unset(call->arguments[0].map, call_text(call, 1));
    return call->arguments[0];
}

static struct value run_has_key(struct call *call) {
    return value_bool(map_get(call->arguments[0].map, call_text(call, 1)) != NULL);
}

static struct value run_pluck(struct call *call) {
    struct value list = value_list(call_pool(call), TYPE_ANY, call->count);
    list.list->count = 0;
    for (size_t i = 1; i < call->count; i++) {
        const struct value *found = map_get(call->arguments[i].map, call_text(call, 0));
        if (found)
            list.list->items[list.list->count++] = *found;
    }
    return list;
}

static struct value run_keys(struct call *call) {
    size_t count = 0, at = 0;
    for (size_t i = 0; i < call->count; i++)
        count += call->arguments[i].map->count;
    struct value list = value_list(call_pool(call), TYPE_STRING, count);
    for (size_t i = 0; i < call->count; i++)
        for (size_t j = 0; j < call->arguments[i].map->count; j++)
            list.list->items[at++] = value_text(call->arguments[i].map->entries[j].key);
    return list;
}

static struct value run_values(struct call *call) {
    const struct value_map *map = call->arguments[0].map;
    struct value list = value_list(call_pool(call), TYPE_ANY, map->count);
    for (size_t i = 0; i < map->count; i++)
        list.list->items[i] = map->entries[i].value;
    return list;
}

static struct value run_pick(struct call *call) {
    struct value map = value_map(call_pool(call), TYPE_ANY);
    for (size_t i = 1; i < call->count; i++) {
        const struct value *found = map_get(call->arguments[0].map, call_text(call, i));
        if (found)
            map_set(call_pool(call), map.map, call_text(call, i), *found);
    }
    return map;
}

static struct value run_omit(struct call *call) {
    const struct value_map *source = call->arguments[0].map;
    struct value map = value_map(call_pool(call), TYPE_ANY);
    for (size_t i = 0; i < source->count; i++)
        map_set(call_pool(call), map.map, source->entries[i].key, source->entries[i].value);
    for (size_t i = 1; i < call->count; i++)
        map_unset(map.map, call_text(call, i));
    return map;
}

// ---- Merging

// An empty value never replaces one that is there, as in the library that sprig merges with; where
// OVERWRITES, what SOURCE has that is not empty does.
static void merge(struct call *call, struct value_map *target, const struct value_map *source,
                  bool overwrites, int depth) {
    if (depth > LIMIT_VALUE_DEPTH) {
        call_fail(call, "the dicts are nested deeper than %d levels", LIMIT_VALUE_DEPTH);
        return;
    }
    for (size_t i = 0; i < source->count && !call->engine->has_failed; i++) {
        const struct value_entry *entry = &source->entries[i];
        const struct value *old = map_get(target, entry->key);
        bool is_dict = entry->value.kind == VALUE_MAP, is_list = entry->value.kind == VALUE_LIST;
        if (entry->value.kind == VALUE_NIL) {
            if (overwrites)
                map_set(call_pool(call), target, entry->key, value_nil());
            continue;
        }
        if (is_dict && old && old->kind == VALUE_MAP && !old->map->is_nil) {
            merge(call, old->map, entry->value.map, overwrites, depth + 1);
            if (old->map->count)
                continue;
        } else if (is_list && overwrites && source->count) {
            map_set(call_pool(call), target, entry->key, entry->value);
            continue;
        } else if (old && value_is_true(*old) && (is_dict || is_list) && !overwrites) {
            continue;
        }
        if (overwrites || !old || value_is_empty(*old))
            map_set(call_pool(call), target, entry->key, entry->value);
    }
}

static struct value merge_all(struct call *call, bool overwrites) {
    struct value_map *target = call->arguments[0].map;
    if (target->is_nil) // merging into nothing gives a new dict
        target = value_map(call_pool(call), TYPE_ANY).map;
    for (size_t i = 1; i < call->count; i++)
        merge(call, target, call->arguments[i].map, overwrites, 0);
    return as_map(target);
}

static struct value run_merge(struct call *call) { return merge_all(call, false); }
static struct value run_merge_overwrite(struct call *call) { return merge_all(call, true); }

static struct value run_deep_copy(struct call *call) {
    if (value_is_nothing(call->arguments[0]))
        return call_fail(call, "there is nothing to copy");
    return value_copy(call_pool(call), call->arguments[0], 0);
}

// `dig "a" "b" default dict`
static struct value run_dig(struct call *call) {
    struct value value = call->arguments[call->count - 1];
    for (size_t i = 0; i + 2 < call->count; i++) {
        if (value.kind != VALUE_MAP || value.map->value_type != TYPE_ANY)
            return call_fail(call, "a dict is expected before \"%.60s\", not a %s",
                             call->arguments[i].kind == VALUE_TEXT ? call_text(call, i).data : "",
                             value_type_name(value));
        if (call->arguments[i].kind != VALUE_TEXT)
            return call_fail(call, "a key must be a text, not a %s",
                             value_type_name(call->arguments[i]));
        const struct value *found = map_get(value.map, call_text(call, i));
        if (!found)
            return call->arguments[call->count - 2];
        value = *found;
    }
    return value;
}

const struct function functions_map[] = {
    {"deepCopy", "a", run_deep_copy},
    {"dict", "a*", run_dict},
    {"dig", "aaaa*", run_dig},
    {"get", "mt", run_get},
    {"hasKey", "mt", run_has_key},
    {"keys", "m*", run_keys},
    {"merge", "mm*", run_merge},
    {"mergeOverwrite", "mm*", run_merge_overwrite},
    {"mustDeepCopy", "a", run_deep_copy},
    {"mustMerge", "mm*", run_merge},
    {"mustMergeOverwrite", "mm*", run_merge_overwrite},
    {"omit", "mt*", run_omit},
    {"pick", "mt*", run_pick},
    {"pluck", "tm*", run_pluck},
    {"set", "mta", run_set},
    {"unset", "mt", run_unset},
    {"values", "m", run_values},
    {NULL, NULL, NULL},
};
