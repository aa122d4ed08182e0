// SPDX-License-Identifier: Apache-2.0
//
// See objects.h.
#include "helm/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/str.h"
#include "helm/glob.h"
#include "helm/write.h"

const struct value_class object_chart = {"chart.Metadata", "struct", false},
                         object_capabilities = {"*chartutil.Capabilities", "ptr", false},
                         object_kube_version = {"chartutil.KubeVersion", "struct", false},
                         object_helm_version = {"version.BuildInfo", "struct", false},
                         object_version_set = {"chartutil.VersionSet", "slice", false},
                         object_files = {"engine.files", "map", true},
                         object_version = {"*semver.Version", "ptr", false},
                         object_time = {"time.Time", "struct", false};

static void set(struct pool *pool, struct value object, const char *name, struct value value) {
    map_set(pool, object.object->fields, text_of(name), value);
}

struct value object_new_version(struct pool *pool, const struct semver *version,
                                struct text original) {
    struct value object = value_object(pool, &object_version);
    const struct {
        const char *name;
        uint64_t number;
    } numbers[] = {{"Major", version->major}, {"Minor", version->minor}, {"Patch", version->patch}};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        struct value number = value_int64((int64_t)numbers[i].number);
        number.type = TYPE_UINT64;
        set(pool, object, numbers[i].name, number);
    }
    set(pool, object, "Prerelease",
        value_text(text_copy(pool, version->prerelease, strlen(version->prerelease))));
    set(pool, object, "Metadata",
        value_text(text_copy(pool, version->metadata, strlen(version->metadata))));
    set(pool, object, "Original", value_text(original));
    cleanup_buf struct buf text = BUF(1024);
    buf_add_format(&text, "%llu.%llu.%llu%s%s%s%s", (unsigned long long)version->major,
                   (unsigned long long)version->minor, (unsigned long long)version->patch,
                   *version->prerelease ? "-" : "", version->prerelease,
                   *version->metadata ? "+" : "", version->metadata);
    object.object->as_value = value_text(text_take(pool, &text));
    set(pool, object, "String", object.object->as_value);
    return object;
}

struct value object_new_time(struct pool *pool, int64_t unix_s) {
    struct value object = value_object(pool, &object_time);
    char text[64];
    time_t seconds = (time_t)unix_s;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t length = strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S +0000 UTC", &parts);
    object.object->as_value = value_text(text_copy(pool, text, length));
    set(pool, object, "Unix", value_int64(unix_s));
    return object;
}

int64_t object_unix_s(const struct value_object *time) {
    const struct value *unix_s = map_get(time->fields, TEXT("Unix"));
    return unix_s ? unix_s->integer : 0;
}

// ---- Files

static struct value bytes_as_text(struct value bytes) { return value_text(bytes.text); }

static struct value file_lines(struct call *call, struct text text) {
    size_t count = 0, at = 0;
    if (text.length && text.data[text.length - 1] == '\n')
        text.length--;
    else if (text.length == 0)
        return value_list(call_pool(call), TYPE_STRING, 0);
    for (size_t i = 0; i <= text.length; i++)
        count += i == text.length || text.data[i] == '\n';
    struct value list = value_list(call_pool(call), TYPE_STRING, count);
    for (size_t i = 0, from = 0; i <= text.length; i++) {
        if (i < text.length && text.data[i] != '\n')
            continue;
        list.list->items[at++] = value_text(text_copy(call_pool(call), text.data + from, i - from));
        from = i + 1;
    }
    return list;
}

static struct value files_glob(struct call *call, const struct value_map *files,
                               struct text pattern) {
    struct value found = value_object(call_pool(call), &object_files);
    for (size_t i = 0; i < files->count; i++)
        if (glob_matches(pattern.data, files->entries[i].key.data, GLOB_FILES))
            map_set(call_pool(call), found.object->fields, files->entries[i].key,
                    files->entries[i].value);
    return found;
}

// Names without their folders, and contents, for a ConfigMap's or a Secret's data.
static struct value files_as(struct call *call, const struct value_map *files, bool is_secret) {
    struct value map = value_map(call_pool(call), TYPE_STRING);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    for (size_t i = 0; i < files->count; i++) {
        struct text path = files->entries[i].key, content = files->entries[i].value.text;
        const char *slash = memrchr(path.data, '/', path.length);
        struct text name = slash ? text_of(slash + 1) : path;
        if (is_secret) {
            cleanup_free char *encoded = base64_encode_n(content.data, content.length);
            content = text_copy(call_pool(call), encoded, strlen(encoded));
        }
        map_set(call_pool(call), map.map, name, value_text(content));
    }
    write_yaml(&out, map);
    return value_text(text_take(call_pool(call), &out));
}

static bool wants(struct call *call, size_t count, bool wants_text) {
    if (call->count != count) {
        engine_fail(call->engine, call->node,
                    "wrong number of arguments for %s: it takes %zu, not %zu", call->name, count,
                    call->count);
        return false;
    }
    if (wants_text && call->arguments[0].kind != VALUE_TEXT) {
        call_fail(call, "a text is expected, not a %s", value_type_name(call->arguments[0]));
        return false;
    }
    return true;
}

static struct value files_method(struct call *call, const struct value_map *files,
                                 bool *ret_is_method) {
    static const char *const names[] = {"Get",  "GetBytes", "Lines",
                                        "Glob", "AsConfig", "AsSecrets"};
    size_t which = 0;
    while (which < ARRAY_LENGTH(names) && strcmp(names[which], call->name) != 0)
        which++;
    *ret_is_method = which < ARRAY_LENGTH(names);
    if (!*ret_is_method || !wants(call, which < 4, which < 4))
        return VALUE_OF_NOTHING;
    if (which == 3)
        return files_glob(call, files, call_text(call, 0));
    if (which > 3)
        return files_as(call, files, which == 5);
    const struct value *found = map_get(files, call_text(call, 0));
    struct value bytes = {.kind = VALUE_BYTES, .text = found ? found->text : TEXT("")};
    return which == 0 ? bytes_as_text(bytes) : which == 1 ? bytes : file_lines(call, bytes.text);
}

// ---- The others

static struct value version_compare(struct call *call, const struct value_object *version) {
    struct semver left, right;
    struct err err;
    if (!wants(call, 1, false))
        return VALUE_OF_NOTHING;
    struct value other = call->arguments[0];
    if (other.kind != VALUE_OBJECT || other.object->class != &object_version)
        return call_fail(call, "a version is expected, which `semver` makes of a text");
    if (semver_parse(version->as_value.text.data, &left, &err) ||
        semver_parse(other.object->as_value.text.data, &right, &err))
        return call_fail(call, "%s", err.message);
    return value_int(semver_compare(&left, &right));
}

static struct value set_has(struct call *call, const struct value_object *set_of_versions) {
    const struct value_list *list = set_of_versions->as_value.list;
    if (!wants(call, 1, true))
        return VALUE_OF_NOTHING;
    for (size_t i = 0; i < list->count; i++)
        if (text_compare(list->items[i].text, call_text(call, 0)) == 0)
            return value_bool(true);
    return value_bool(false);
}

struct value object_get(struct call *call, struct value_object *object, bool *ret_is_method) {
    *ret_is_method = true;
    if (object->class == &object_files) {
        struct value value = files_method(call, object->fields, ret_is_method);
        if (*ret_is_method)
            return value;
    } else if (object->class == &object_version_set && strcmp(call->name, "Has") == 0) {
        return set_has(call, object);
    } else if (object->class == &object_version && strcmp(call->name, "Compare") == 0) {
        return version_compare(call, object);
    }
    *ret_is_method = false;
    const struct value *field = map_get(object->fields, text_of(call->name));
    if (field)
        return *field;
    if (object->class->is_open)
        return (struct value){.kind = VALUE_BYTES, .text = TEXT("")};
    return engine_fail(call->engine, call->node, "can't evaluate field %s in type %s", call->name,
                       object->class->type_name);
}
