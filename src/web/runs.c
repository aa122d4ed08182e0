// SPDX-License-Identifier: Apache-2.0
//
// Runs over HTTP: SQL in, the run with its result out; results as CSV (RFC 4180) and JSON.
#include <string.h>

#include "agent/runs.h"
#include "base/limits.h"
#include "web/routes.h"

enum MHD_Result web_create_run(struct web_request *request) {
    struct {
        const char *dataset, *sql, *id;
        const json *params;
        int64_t max_rows;
    } body = {0};
    static const struct json_field fields[] = {
        {"dataset", JSON_TEXT, true, 0, 1, LIMIT_NAME},
        {"sql", JSON_TEXT, true, sizeof(char *), 1, LIMIT_SQL},
        {"id", JSON_TEXT, false, 2 * sizeof(char *), 0, 0},
        {"params", JSON_ARRAY, false, 3 * sizeof(char *), 0, 0},
        {"max_rows", JSON_INTEGER, false, 4 * sizeof(char *), 1, LIMIT_ROWS},
    };
    struct err err = {0};
    json *run;
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &body, &err) ||
        agent_run(request->server->house.agent, body.id, body.dataset, body.sql, body.params,
                  body.max_rows, &run, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_CREATED, run);
}

enum MHD_Result web_get_run(struct web_request *request) {
    struct err err = {0};
    json *run;
    if (agent_run_get(request->server->house.agent, request->argument, &run, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, run);
}

enum MHD_Result web_cancel_run(struct web_request *request) {
    struct err err = {0};
    if (agent_run_cancel(request->server->house.agent, request->argument, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_ACCEPTED, cJSON_CreateObject());
}

enum MHD_Result web_replay_run(struct web_request *request) {
    struct err err = {0};
    json *replay;
    if (agent_run_replay(request->server->house.agent, request->argument, &replay, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_CREATED, replay);
}

// The run's result, moved out of it. ERR_NOT_FOUND; ERR_CONFLICT for a run that gave none.
static int take_result(struct web_request *request, json **ret_result, struct err *err) {
    cleanup_json json *run = NULL;
    int status = agent_run_get(request->server->house.agent, request->argument, &run, err);
    if (status)
        return status;
    json *result = cJSON_DetachItemFromObjectCaseSensitive(run, "result");
    if (!cJSON_IsObject(result) ||
        cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(result, "columns")) == 0) {
        json_free(result);
        return err_set(err, ERR_CONFLICT, "The run %.40s ended without a result (%s).",
                       request->argument,
                       json_text(run, "outcome") ? json_text(run, "outcome") : "it is under way");
    }
    *ret_result = result;
    return 0;
}

enum MHD_Result web_get_result_json(struct web_request *request) {
    struct err err = {0};
    json *result;
    if (take_result(request, &result, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, result);
}

static void add_csv_text(struct buf *csv, const char *text) {
    if (!text[strcspn(text, ",\"\r\n")]) {
        buf_add_text(csv, text);
        return;
    }
    buf_add_char(csv, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_add_char(csv, '"');
        buf_add_char(csv, *text);
    }
    buf_add_char(csv, '"');
}

static void add_csv_cell(struct buf *csv, const json *cell) {
    if (cJSON_IsNull(cell))
        return;
    cleanup_free char *text = cJSON_IsString(cell) ? mem_text(cell->valuestring) : json_write(cell);
    add_csv_text(csv, text);
}

enum MHD_Result web_get_result_csv(struct web_request *request) {
    struct err err = {0};
    cleanup_json json *result = NULL;
    if (take_result(request, &result, &err))
        return web_reply_error(request, &err);
    cleanup_buf struct buf csv = BUF(2 * LIMIT_RUN_RESULT);
    const json *row, *cell;
    cJSON_ArrayForEach (cell, cJSON_GetObjectItemCaseSensitive(result, "columns")) {
        if (cell->prev->next) // the first item's `prev` is the last, which has no next
            buf_add_char(&csv, ',');
        add_csv_text(&csv, json_text(cell, "name"));
    }
    buf_add_text(&csv, "\r\n");
    cJSON_ArrayForEach (row, cJSON_GetObjectItemCaseSensitive(result, "rows")) {
        cJSON_ArrayForEach (cell, row) {
            if (cell->prev->next)
                buf_add_char(&csv, ',');
            add_csv_cell(&csv, cell);
        }
        buf_add_text(&csv, "\r\n");
    }
    if (csv.overflowed) {
        err_set(&err, ERR_TOO_LARGE, "The result is too large as CSV; take it as JSON.");
        return web_reply_error(request, &err);
    }
    return web_reply_text(request, MHD_HTTP_OK, "text/csv; charset=utf-8", buf_text(&csv));
}
