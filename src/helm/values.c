// SPDX-License-Identifier: Apache-2.0
//
// See values.h. The grammar of --set is Helm's: names parted by dots, [index] for lists, a
// backslash before a character that would mean something, {a,b} for a list, commas between
// assignments. A value is true, false, null, a whole number without a leading zero, or a text.
#include "helm/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"
#include "helm/chart.h"

struct setter {
    struct pool *pool;
    enum helm_set_kind kind;
    const char *text, *at; // the whole argument, and what is left of it
    struct err *err;
};

static int complain(const struct setter *setter, const char *what) {
    static const char *const flags[] = {[HELM_SET] = "--set",
                                        [HELM_SET_TEXT] = "--set-string",
                                        [HELM_SET_FILE] = "--set-file",
                                        [HELM_SET_JSON] = "--set-json"};
    return err_set(setter->err, ERR_BAD_REQUEST, "%s %.200s: %s", flags[setter->kind], setter->text,
                   what);
}

// The text up to one of STOPS, which is passed; *RET_STOP is '\0' at the end.
static struct text read_until(struct setter *setter, const char *stops, char *ret_stop) {
    cleanup_buf struct buf out = BUF(LIMIT_CHART_FILE);
    *ret_stop = '\0';
    while (*setter->at) {
        char character = *setter->at++;
        if (strchr(stops, character)) {
            *ret_stop = character;
            break;
        }
        if (character == '\\' && !*setter->at)
            break;
        if (character == '\\')
            character = *setter->at++;
        buf_add_char(&out, character);
    }
    return text_take(setter->pool, &out);
}

static int read_file(struct setter *setter, struct text path, struct value *ret_value) {
    cleanup_buf struct buf data = BUF(LIMIT_CHART_FILE);
    int status = fd_read_file(path.data, &data, setter->err);
    if (status == 0)
        *ret_value = value_text(text_copy(setter->pool, buf_text(&data), data.length));
    return status;
}

static int typed(struct setter *setter, struct text text, struct value *ret_value) {
    int64_t integer;
    *ret_value = value_text(text);
    if (setter->kind == HELM_SET_FILE)
        return read_file(setter, text, ret_value);
    if (setter->kind == HELM_SET_TEXT)
        return 0;
    const char *digits = text.data + (*text.data == '-' || *text.data == '+');
    if (strcasecmp(text.data, "true") == 0 || strcasecmp(text.data, "false") == 0)
        *ret_value = value_bool((*text.data | 0x20) == 't');
    else if (strcasecmp(text.data, "null") == 0)
        *ret_value = value_nil();
    else if (strcmp(text.data, "0") == 0)
        *ret_value = value_int64(0);
    else if (*text.data != '0' && *digits && strspn(digits, "0123456789") == strlen(digits) &&
             str_to_integer(*text.data == '+' ? digits : text.data, INT64_MIN, INT64_MAX,
                            &integer) == 0)
        *ret_value = value_int64(integer);
    return 0;
}

// A comma and the blanks before it, or the end; false where there is something else.
static bool skip_comma(struct setter *setter) {
    const char *at = setter->at + strspn(setter->at, " \t\r\n");
    if (*at && *at != ',')
        return false;
    setter->at = at + (*at == ',');
    return true;
}

static int read_json(struct setter *setter, struct value *ret_value) {
    *ret_value = value_nil();
    if (skip_comma(setter))
        return 0;
    const char *end = NULL;
    cleanup_json json *source = cJSON_ParseWithOpts(setter->at, &end, false);
    if (!source)
        return complain(setter, "what stands behind = is no JSON");
    *ret_value = value_of_json(setter->pool, source);
    setter->at = end;
    if (!skip_comma(setter))
        return complain(setter, "a comma is expected behind a value");
    return 0;
}

static int read_list(struct setter *setter, struct value *ret_value) {
    struct value items[256];
    size_t count = 0;
    char stop;
    do {
        struct text text = read_until(setter, ",}", &stop);
        if (!stop)
            return complain(setter, "a list that begins with { must end with }");
        if (count == ARRAY_LENGTH(items))
            return complain(setter, "the list is too long for the command line");
        int status = typed(setter, text, &items[count++]);
        if (status)
            return status;
    } while (stop == ',');
    setter->at += *setter->at == ',';
    *ret_value = value_list(setter->pool, TYPE_ANY, count);
    memcpy(ret_value->list->items, items, count * sizeof *items);
    return 0;
}

static int read_value(struct setter *setter, struct value *ret_value) {
    char stop;
    if (setter->kind == HELM_SET_JSON)
        return read_json(setter, ret_value);
    if (*setter->at == '{') {
        setter->at++;
        return read_list(setter, ret_value);
    }
    if (!*setter->at) {
        *ret_value = value_text(TEXT(""));
        return 0;
    }
    return typed(setter, read_until(setter, ",", &stop), ret_value);
}

static int read_key(struct setter *setter, struct value_map *target, int depth);

// Behind the [ of an index. OLD is the list so far, or nothing.
static int read_item(struct setter *setter, struct value old, int depth, struct value *ret_list) {
    char stop;
    int64_t index;
    struct text number = read_until(setter, "]", &stop);
    if (!stop || str_to_integer(number.data, 0, LIMIT_SET_INDEX, &index) < 0)
        return complain(setter, "an index is a whole number up to 65536 in []");
    if (++depth > LIMIT_SET_DEPTH)
        return complain(setter, "it is nested too deeply");
    size_t old_count = old.kind == VALUE_LIST ? old.list->count : 0, at = (size_t)index;
    struct value item = at < old_count ? old.list->items[at] : value_nil();
    if (read_until(setter, "[.=", &stop).length)
        return complain(setter, "behind an index comes a dot, a [ or a =");
    int status;
    if (stop == '=') {
        status = read_value(setter, &item);
    } else if (stop == '[') {
        if (item.kind != VALUE_LIST && item.kind != VALUE_NIL)
            return complain(setter, "a second index needs a list to look into");
        status = read_item(setter, item, depth, &item);
    } else if (stop == '.') {
        item = item.kind == VALUE_MAP ? value_copy(setter->pool, item, 0)
                                      : value_map(setter->pool, TYPE_ANY);
        status = read_key(setter, item.map, depth);
    } else {
        return complain(setter, "an index needs a = and a value");
    }
    if (status)
        return status;
    *ret_list = value_list(setter->pool, TYPE_ANY, at < old_count ? old_count : at + 1);
    if (old_count)
        memcpy(ret_list->list->items, old.list->items, old_count * sizeof item);
    ret_list->list->items[at] = item;
    return 0;
}

static int read_key(struct setter *setter, struct value_map *target, int depth) {
    char stop;
    struct value value = value_nil();
    struct text name = read_until(setter, "=[,.", &stop);
    const struct value *old = map_get(target, name);
    int status = 0;
    if (stop == '=') {
        status = read_value(setter, &value);
    } else if (stop == '[') {
        if (old && old->kind != VALUE_LIST)
            return complain(setter, "an index needs a list to look into");
        status = read_item(setter, old ? *old : value, depth, &value);
    } else if (stop == '.') {
        if (depth == LIMIT_SET_DEPTH)
            return complain(setter, "it is nested too deeply");
        if (old && old->kind != VALUE_MAP)
            return complain(setter, "what stands before a dot holds no names");
        if (!*setter->at)
            return 0;
        value = old ? *old : value_map(setter->pool, TYPE_ANY);
        status = read_key(setter, value.map, depth + 1);
        if (status == 0 && value.map->count == 0)
            return complain(setter, "a name without a value");
    } else if (stop == ',' || name.length) {
        return complain(setter, "a name needs a = and a value");
    }
    if (status == 0 && name.length && stop)
        map_set(setter->pool, target, name, value);
    return status;
}

int values_set(struct pool *pool, enum helm_set_kind kind, const char *text,
               struct value_map *target, struct err *err) {
    struct setter setter = {pool, kind, text, text, err};
    int status = 0;
    if (!str_is_utf8(text, strlen(text), NULL))
        return complain(&setter, "it is no UTF-8");
    while (status == 0 && *setter.at) {
        status = read_key(&setter, target, 0);
        if (status == 0 && pool->is_full)
            return complain(&setter, "the lists in it take too much memory");
    }
    return status;
}

// ---- Merging

static void merge(struct pool *pool, struct value_map *base, const struct value_map *over,
                  int depth) {
    for (size_t i = 0; i < over->count; i++) {
        const struct value *old = map_get(base, over->entries[i].key);
        struct value value = over->entries[i].value;
        if (value.kind == VALUE_MAP && old && old->kind == VALUE_MAP && depth < LIMIT_VALUE_DEPTH)
            merge(pool, old->map, value.map, depth + 1);
        else
            map_set(pool, base, over->entries[i].key, value);
    }
}

void values_coalesce(struct pool *pool, struct value_map *given, const struct value_map *defaults) {
    for (size_t i = 0; i < defaults->count; i++) {
        struct text key = defaults->entries[i].key;
        struct value standard = defaults->entries[i].value;
        const struct value *old = map_get(given, key);
        if (!old && standard.kind == VALUE_MAP) {
            struct value copy = value_map(pool, TYPE_ANY);
            values_coalesce(pool, copy.map, standard.map);
            map_set(pool, given, key, copy);
        } else if (!old && standard.kind != VALUE_NIL) {
            map_set(pool, given, key, standard);
        } else if (old && old->kind == VALUE_NIL && standard.kind != VALUE_NIL) {
            map_unset(given, key);
        } else if (old && old->kind == VALUE_MAP && standard.kind == VALUE_MAP) {
            values_coalesce(pool, old->map, standard.map);
        }
    }
}

static int read_values_file(struct pool *pool, const char *path, struct value *values,
                            struct err *err) {
    cleanup_buf struct buf data = BUF(LIMIT_CHART_FILE);
    struct value read;
    int status =
        strcmp(path, "-") == 0 ? fd_read_all(0, &data, err) : fd_read_file(path, &data, err);
    if (status == 0)
        status =
            chart_read_yaml(pool, path, (struct text){buf_text(&data), data.length}, &read, err);
    if (status == 0)
        merge(pool, values->map, read.map, 0);
    return status;
}

static int apply(struct pool *pool, const struct helm_set *set, struct value *values,
                 struct err *err) {
    const char *text = set->text + strspn(set->text, " \t\n");
    if (set->kind == HELM_VALUES)
        return read_values_file(pool, set->text, values, err);
    if (set->kind != HELM_SET_JSON || *text != '{')
        return values_set(pool, set->kind, set->text, values->map, err);
    cleanup_json json *object = NULL;
    int status = json_parse(text, strlen(text), &object, err);
    if (status) {
        err_prefix(err, "--set-json");
        return status;
    }
    merge(pool, values->map, value_of_json(pool, object).map, 0);
    return 0;
}

int values_read(struct pool *pool, const struct helm_set *sets, size_t count,
                struct value *ret_values, struct err *err) {
    static const enum helm_set_kind order[] = {HELM_VALUES, HELM_SET_JSON, HELM_SET, HELM_SET_TEXT,
                                               HELM_SET_FILE};
    *ret_values = value_map(pool, TYPE_ANY);
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        for (size_t j = 0; j < count; j++) {
            int status = sets[j].kind == order[i] ? apply(pool, &sets[j], ret_values, err) : 0;
            if (status)
                return status;
        }
    }
    return 0;
}
