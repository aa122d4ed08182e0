// SPDX-License-Identifier: Apache-2.0
//
// See protocol.h.
#include "runner/protocol.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/str.h"

static const struct json_field request_fields[] = {
    {"version", JSON_INTEGER, true, offsetof(struct run_request, version), 0, 0},
    {"run_id", JSON_TEXT, true, offsetof(struct run_request, run_id), 1, LIMIT_NAME},
    {"dataset", JSON_TEXT, true, offsetof(struct run_request, dataset), 1, LIMIT_NAME},
    {"sql", JSON_TEXT, true, offsetof(struct run_request, sql), 1, LIMIT_SQL},
    {"params", JSON_ARRAY, false, offsetof(struct run_request, params), 0, 0},
    {"alternatives", JSON_ARRAY, false, offsetof(struct run_request, alternatives), 0, 0},
    {"max_rows", JSON_INTEGER, false, offsetof(struct run_request, max_rows), 1, LIMIT_ROWS},
    {"timeout_ms", JSON_INTEGER, false, offsetof(struct run_request, timeout_ms), 1, 3600000},
    {"max_result_bytes", JSON_INTEGER, false, offsetof(struct run_request, max_result_bytes), 1,
     LIMIT_RUN_RESULT},
};

int run_params_check(const json *params, struct err *err) {
    int index = 0;
    const json *value;
    cJSON_ArrayForEach (value, params) {
        if (cJSON_IsObject(value) || cJSON_IsArray(value))
            return err_set(err, ERR_BAD_REQUEST,
                           "\"params[%d]\" must be a text, a number, true, false or null", index);
        if (cJSON_IsString(value) && strlen(value->valuestring) > LIMIT_PARAM_TEXT)
            return err_set(err, ERR_TOO_LARGE, "\"params[%d]\" has more than %d bytes", index,
                           LIMIT_PARAM_TEXT);
        if (++index > LIMIT_PARAMS)
            return err_set(err, ERR_TOO_LARGE, "\"params\" has more than %d values", LIMIT_PARAMS);
    }
    return 0;
}

struct alternative {
    const char *sql;
    const json *params;
};

static const struct json_field alternative_fields[] = {
    {"sql", JSON_TEXT, true, offsetof(struct alternative, sql), 1, LIMIT_SQL},
    {"params", JSON_ARRAY, false, offsetof(struct alternative, params), 0, 0},
};

static int check_alternatives(const json *alternatives, struct err *err) {
    int index = 0;
    const json *at;
    cJSON_ArrayForEach (at, alternatives) {
        struct alternative alternative = {.sql = NULL};
        char path[32];
        snprintf(path, sizeof path, "alternatives[%d].", index);
        if (index++ == RUN_ALTERNATIVES)
            return err_set(err, ERR_TOO_LARGE, "\"alternatives\" has more than %d queries",
                           RUN_ALTERNATIVES);
        int status = json_read(at, path, alternative_fields, ARRAY_LENGTH(alternative_fields),
                               &alternative, err);
        if (status == 0 && run_params_check(alternative.params, err))
            status = err_prefix(err, "alternatives[%d]", index - 1);
        if (status)
            return status;
    }
    return 0;
}

int run_request_read(const json *object, struct run_request *ret_request, struct err *err) {
    struct run_request request = {.max_rows = 200, .timeout_ms = 5000, .max_result_bytes = 1048576};
    int status = json_read(object, "", request_fields, ARRAY_LENGTH(request_fields), &request, err);
    if (status == 0 && request.version != RUN_VERSION)
        status = err_set(err, ERR_BAD_REQUEST, "\"version\" is %lld; this runner speaks version %d",
                         (long long)request.version, RUN_VERSION);
    if (status == 0)
        status = run_params_check(request.params, err);
    if (status == 0)
        status = check_alternatives(request.alternatives, err);
    if (status == 0)
        *ret_request = request;
    return status;
}

char *run_request_write(const struct run_request *request) {
    cleanup_json json *object = cJSON_CreateObject();
    json_add_integer(object, "version", RUN_VERSION);
    json_add_text(object, "run_id", request->run_id);
    json_add_text(object, "dataset", request->dataset);
    json_add_text(object, "sql", request->sql);
    if (request->params)
        cJSON_AddItemReferenceToObject(object, "params", (json *)request->params);
    if (request->alternatives)
        cJSON_AddItemReferenceToObject(object, "alternatives", (json *)request->alternatives);
    json_add_integer(object, "max_rows", request->max_rows);
    json_add_integer(object, "timeout_ms", request->timeout_ms);
    json_add_integer(object, "max_result_bytes", request->max_result_bytes);
    return json_write(object);
}

json *run_result_failed(const char *run_id, enum outcome outcome, const char *message,
                        const char *hint) {
    json *result = cJSON_CreateObject();
    json_add_integer(result, "version", RUN_VERSION);
    json_add_text(result, "run_id", run_id);
    json_add_text(result, "outcome", outcome_name(outcome));
    json_add_array(result, "columns");
    json_add_array(result, "rows");
    json_add_integer(result, "row_count", 0);
    json_add_bool(result, "truncated", false);
    json_add_null(result, "data_sha256");
    json_add_object(result, "stats");
    json_add_object(result, "confinement");
    json *error = json_add_object(result, "error");
    json_add_text(error, "message", message ? message : outcome_sentence(outcome));
    if (!str_is_empty(hint))
        json_add_text(error, "hint", hint);
    return result;
}

static int check_rows(const json *result, struct err *err) {
    const json *columns = cJSON_GetObjectItemCaseSensitive(result, "columns");
    const json *rows = cJSON_GetObjectItemCaseSensitive(result, "rows"), *row;
    if (!cJSON_IsArray(columns) || !cJSON_IsArray(rows))
        return err_set(err, ERR_CORRUPT, "the runner's result has no columns or no rows");
    int width = cJSON_GetArraySize(columns);
    cJSON_ArrayForEach (row, rows) {
        if (!cJSON_IsArray(row) || cJSON_GetArraySize(row) != width)
            return err_set(err, ERR_CORRUPT, "a row of the runner's result does not have %d cells",
                           width);
    }
    return 0;
}

static int check_result(const json *result, const char *run_id, enum outcome *ret_outcome,
                        struct err *err) {
    const char *name = json_text(result, "outcome"), *id = json_text(result, "run_id");
    int outcome = name ? outcome_from_name(name) : -1;
    if (json_integer(result, "version", 0) != RUN_VERSION)
        return err_set(err, ERR_CORRUPT, "the runner's result is not of version %d", RUN_VERSION);
    // A request that was refused before its id was read has none to give back.
    if (outcome < 0 || (id && run_id && *id && strcmp(id, run_id) != 0))
        return err_set(err, ERR_CORRUPT,
                       "the runner's result is of another run, or ended in no known way");
    const json *alternative;
    int status = check_rows(result, err);
    cJSON_ArrayForEach (alternative, cJSON_GetObjectItemCaseSensitive(result, "alternatives"))
        status = status ? status : check_rows(alternative, err);
    if (status)
        return status;
    *ret_outcome = (enum outcome)outcome;
    return 0;
}

int run_result_parse(const char *line, size_t length, const char *run_id, json **ret_result,
                     enum outcome *ret_outcome, struct err *err) {
    cleanup_json json *result = NULL;
    if (length == 0 || line[length - 1] != '\n')
        return err_set(err, ERR_CORRUPT, "the runner's result is cut off");
    int status = json_parse(line, length, &result, err);
    if (status)
        return err_set(err, ERR_CORRUPT, "the runner's result: %.300s", err->message);
    status = check_result(result, run_id, ret_outcome, err);
    if (status == 0)
        *ret_result = mem_take(result);
    return status;
}

#define FRAME "result "

char *run_result_frame(const char *result) {
    char hash[HASH_HEX_SIZE];
    size_t length = strlen(result);
    hash_hex_of(result, length, hash);
    return mem_format(FRAME "%zu %s %s\n", length, hash, result);
}

bool run_result_is_framed(const char *line, size_t length) {
    size_t mark = strlen(FRAME);
    return length > mark && memcmp(line, FRAME, mark) == 0 && line[mark] >= '0' &&
           line[mark] <= '9';
}

int run_result_unframe(const char *line, size_t length, const char **ret_result, size_t *ret_length,
                       struct err *err) {
    char said[HASH_HEX_SIZE], hash[HASH_HEX_SIZE];
    size_t expected = 0;
    int used = 0;
    cleanup_free char *head = mem_text_n(line, length < 128 ? length : 128);
    if (!run_result_is_framed(line, length) ||
        sscanf(head, FRAME "%zu %64[0-9a-f]%n", &expected, said, &used) != 2 ||
        (size_t)used >= length || line[used] != ' ')
        return err_set(err, ERR_CORRUPT, "the runner's result has no length and hash");
    size_t actual = length - (size_t)used - 1;
    if (actual != expected)
        return err_set(err, ERR_CORRUPT, "the runner's result is cut off: %zu of %zu bytes came",
                       actual, expected);
    hash_hex_of(line + used + 1, actual, hash);
    if (strcmp(hash, said) != 0)
        return err_set(err, ERR_CORRUPT, "the runner's result is not what was sent");
    *ret_result = line + used + 1;
    *ret_length = actual;
    return 0;
}

char *run_result_summary(const json *result) {
    cleanup_json json *summary = cJSON_CreateObject();
    json_add_integer(summary, "version", RUN_VERSION);
    json_add_text(summary, "run_id", json_text(result, "run_id"));
    json_add_text(summary, "outcome", json_text(result, "outcome"));
    json_add_array(summary, "columns");
    json_add_array(summary, "rows");
    json_add(summary, "error",
             cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(result, "error"), true));
    char *text = json_write(summary);
    if (strlen(text) < RUN_SUMMARY_SIZE)
        return text;
    free(text);
    cJSON_ReplaceItemInObjectCaseSensitive(summary, "error", cJSON_CreateNull());
    return json_write(summary);
}
