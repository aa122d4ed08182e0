// SPDX-License-Identifier: Apache-2.0
//
// See routes.h.
#include "web/routes.h"

#include <string.h>

static const struct web_route routes[] = {
    {"GET", "/api/v1/datasets", web_list_datasets, false, false},
    {"POST", "/api/v1/datasets", web_upload, false, WEB_FILE_BODY},
    {"GET", "/api/v1/datasets/{name}", web_get_dataset, false, false},
    {"PATCH", "/api/v1/datasets/{name}", web_change_dataset, false, true},
    {"DELETE", "/api/v1/datasets/{name}", web_remove_dataset, false, false},
    {"POST", "/api/v1/datasets/{name}/tables", web_upload, false, WEB_FILE_BODY},
    {"POST", "/api/v1/datasets/{name}/restore", web_restore_dataset, false, false},
    {"GET", "/api/v1/conversations", web_list_conversations, false, false},
    {"POST", "/api/v1/conversations", web_create_conversation, false, true},
    {"GET", "/api/v1/conversations/{id}", web_get_conversation, false, false},
    {"PATCH", "/api/v1/conversations/{id}", web_rename_conversation, false, true},
    {"DELETE", "/api/v1/conversations/{id}", web_delete_conversation, false, false},
    {"POST", "/api/v1/conversations/{id}/restore", web_restore_conversation, false, false},
    {"GET", "/api/v1/conversations/{id}/export.md", web_export_conversation, false, false},
    {"POST", "/api/v1/conversations/{id}/messages", web_ask, false, true},
    {"GET", "/api/v1/turns/{id}", web_get_turn, false, false},
    {"GET", "/api/v1/turns/{id}/events", web_follow_turn, false, false},
    {"POST", "/api/v1/turns/{id}/cancel", web_cancel_turn, false, false},
    {"POST", "/api/v1/turns/{id}/retry", web_retry_turn, false, false},
    {"POST", "/api/v1/turns/{id}/approval", web_decide, false, true},
    {"PUT", "/api/v1/turns/{id}/feedback", web_give_feedback, false, true},
    {"DELETE", "/api/v1/turns/{id}/feedback", web_remove_feedback, false, false},
    {"POST", "/api/v1/runs", web_create_run, false, true},
    {"GET", "/api/v1/runs/{id}", web_get_run, false, false},
    {"DELETE", "/api/v1/runs/{id}", web_cancel_run, false, false},
    {"POST", "/api/v1/runs/{id}/replay", web_replay_run, false, false},
    {"GET", "/api/v1/runs/{id}/result.csv", web_get_result_csv, false, false},
    {"GET", "/api/v1/runs/{id}/result.json", web_get_result_json, false, false},
    {"GET", "/api/v1/settings", web_get_settings, false, false},
    {"PUT", "/api/v1/settings/model", web_set_model, false, true},
    {"DELETE", "/api/v1/settings/model", web_clear_model, false, false},
    {"POST", "/api/v1/settings/model/check", web_check_model, false, true},
    {"GET", "/api/v1/pins", web_list_pins, false, false},
    {"POST", "/api/v1/pins", web_create_pin, false, true},
    {"PATCH", "/api/v1/pins/{id}", web_change_pin, false, true},
    {"DELETE", "/api/v1/pins/{id}", web_delete_pin, false, false},
    {"POST", "/api/v1/pins/{id}/restore", web_restore_pin, false, false},
    {"POST", "/api/v1/pins/{id}/refresh", web_refresh_pin, false, false},
    {"GET", "/api/v1/health", web_get_health, false, false},
    {"POST", "/api/v1/health/check", web_check_health, false, false},
    {"GET", "/healthz", web_is_alive, true, false},
    {"GET", "/readyz", web_is_ready, true, false},
    {"GET", "/metrics", web_get_metrics, false, false},
    {"GET", "/api/openapi.json", web_get_asset, true, false},
    {"GET", "/", web_get_page, true, false},
    {"GET", "/c/*", web_get_page, true, false},
    {"GET", "/a/*", web_get_page, true, false},
    {"GET", "/data", web_get_page, true, false},
    {"GET", "/data/*", web_get_page, true, false},
    {"GET", "/pins", web_get_page, true, false},
    {"GET", "/sql", web_get_page, true, false},
    {"GET", "/status", web_get_page, true, false},
    {"GET", "/settings", web_get_page, true, false},
    {"GET", "/assets/*", web_get_asset, true, false},
};

static bool matches(const char *pattern, const char *path, char ret_argument[WEB_ARGUMENT]) {
    while (*pattern) {
        if (*pattern == '*')
            return true;
        if (*pattern == '{') {
            size_t length = strcspn(path, "/");
            if (length == 0 || length >= WEB_ARGUMENT)
                return false;
            memcpy(ret_argument, path, length);
            ret_argument[length] = '\0';
            path += length;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

const struct web_route *web_route_find(const char *method, const char *path,
                                       char ret_argument[WEB_ARGUMENT], char ret_allow[64]) {
    // A HEAD is answered like a GET; libmicrohttpd leaves the body out.
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    *ret_allow = *ret_argument = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(routes); i++) {
        if (!matches(routes[i].pattern, path, ret_argument))
            continue;
        if (strcmp(routes[i].method, method) == 0)
            return &routes[i];
        if (*ret_allow)
            strcat(ret_allow, ", ");
        strcat(ret_allow, routes[i].method);
    }
    return NULL;
}
