// SPDX-License-Identifier: Apache-2.0
//
// What is known of an uploaded data set besides its files: NAME/upload.json. It is replaced as a
// whole, so a crash leaves the one before or the one after.
#include <stdio.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/uploads_internal.h"

#define RECORD_VERSION 1

struct record {
    int64_t version, created_ms, removed_ms;
    const char *title, *description, *content;
    const json *problems;
};

static const struct json_field fields[] = {
    {"version", JSON_INTEGER, true, offsetof(struct record, version), RECORD_VERSION,
     RECORD_VERSION},
    {"title", JSON_TEXT, true, offsetof(struct record, title), 1, LIMIT_UPLOAD_TITLE},
    {"description", JSON_TEXT, true, offsetof(struct record, description), 0, LIMIT_DESCRIPTION},
    {"content", JSON_TEXT, true, offsetof(struct record, content), 1, ID_SIZE},
    {"created_ms", JSON_INTEGER, true, offsetof(struct record, created_ms), 0, INT64_MAX},
    {"removed_ms", JSON_INTEGER, true, offsetof(struct record, removed_ms), 0, INT64_MAX},
    {"problems", JSON_ARRAY, true, offsetof(struct record, problems), 0, 0},
};

int upload_record_read(const char *folder, struct upload_set *set, struct err *err) {
    cleanup_free char *path = path_join(folder, UPLOAD_RECORD);
    cleanup_buf struct buf text = BUF(LIMIT_UPLOAD_RECORD);
    cleanup_json json *value = NULL;
    struct record record = {0};
    int status = fd_read_file(path, &text, err);
    if (status)
        return status;
    status = json_parse(buf_text(&text), text.length, &value, err);
    if (!status)
        status = json_read(value, "", fields, ARRAY_LENGTH(fields), &record, err);
    if (!status)
        status = dataset_texts_read(record.problems, "problems", LIMIT_UPLOAD_PROBLEMS,
                                    &set->problems, err);
    if (!status && !id_is_valid(record.content))
        status = err_set(err, ERR_CORRUPT, "\"content\" is no id");
    if (status) {
        err_prefix(err, "%s", path);
        return err ? (err->code = ERR_CORRUPT) : ERR_CORRUPT;
    }
    snprintf(set->content, sizeof set->content, "%s", record.content);
    set->title = mem_text(record.title);
    set->description = mem_text(record.description);
    set->created_ms = record.created_ms;
    set->removed_ms = record.removed_ms;
    return 0;
}

int upload_record_write(const char *folder, const struct upload_set *set, unsigned mode,
                        struct err *err) {
    cleanup_free char *path = path_join(folder, UPLOAD_RECORD);
    cleanup_json json *value = cJSON_CreateObject();
    json_add_integer(value, "version", RECORD_VERSION);
    json_add_text(value, "title", set->title);
    json_add_text(value, "description", set->description);
    json_add_text(value, "content", set->content);
    json_add_integer(value, "created_ms", set->created_ms);
    json_add_integer(value, "removed_ms", set->removed_ms);
    json *problems = json_add_array(value, "problems");
    for (size_t i = 0; i < set->problems.count; i++)
        cJSON_AddItemToArray(problems, cJSON_CreateString(set->problems.at[i]));
    cleanup_free char *text = json_write(value);
    return fd_replace_file(path, text, strlen(text), mode, err);
}
