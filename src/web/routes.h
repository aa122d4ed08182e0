// SPDX-License-Identifier: Apache-2.0
//
// The table of routes: which handler answers what. docs/openapi.yaml describes each, and a test
// compares the two.
#pragma once

#include "web/request.h"

typedef enum MHD_Result web_handler(struct web_request *request);

// What a route takes: nothing, JSON (where a row says `true`), or a file, as it comes (upload.h).
enum web_body { WEB_NO_BODY, WEB_JSON_BODY, WEB_FILE_BODY };

struct web_route {
    const char *method;
    const char *pattern; // "/api/v1/runs/{id}": one {…} at most, matching one segment; "/c/*"
                         // matches what follows
    web_handler *handler;
    bool is_open; // needs no token: it tells nothing of data or users
    enum web_body body;
};

// The route of METHOD and PATH, its {…} in RET_ARGUMENT. NULL where there is none; RET_ALLOW then
// has the methods that the path knows ("GET, DELETE"), "" where it knows none.
const struct web_route *web_route_find(const char *method, const char *path,
                                       char ret_argument[WEB_ARGUMENT], char ret_allow[64]);

web_handler web_list_datasets, web_get_dataset, web_upload, web_change_dataset, web_remove_dataset,
    web_restore_dataset;
web_handler web_list_conversations, web_create_conversation, web_get_conversation,
    web_rename_conversation, web_delete_conversation, web_restore_conversation,
    web_export_conversation;
web_handler web_ask, web_get_turn, web_follow_turn, web_cancel_turn, web_retry_turn, web_decide,
    web_give_feedback, web_remove_feedback;
web_handler web_create_run, web_get_run, web_cancel_run, web_replay_run, web_get_result_csv,
    web_get_result_json;
web_handler web_get_settings, web_set_model, web_clear_model, web_check_model;
web_handler web_get_health, web_check_health, web_is_alive, web_is_ready, web_get_metrics;
web_handler web_list_pins, web_create_pin, web_change_pin, web_delete_pin, web_restore_pin,
    web_refresh_pin;
web_handler web_get_asset;
// The web UI is one file; what it shows it reads from its own address.
web_handler web_get_page;
// The same as a 404, for a person at an address that leads nowhere: the page says so, and leads on.
web_handler web_reply_lost;
