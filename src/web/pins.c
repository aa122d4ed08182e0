// SPDX-License-Identifier: Apache-2.0
//
// Pinned answers over HTTP.
#include "store/pins.h"
#include "agent/runs.h"
#include "base/limits.h"
#include "web/routes.h"

#define TITLE_BYTES 200

static enum MHD_Result reply_pin(struct web_request *request, unsigned status, const char *id) {
    struct err err = {0};
    json *pin;
    if (store_pin_get(request->server->house.store, id, &pin, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, status, pin);
}

enum MHD_Result web_list_pins(struct web_request *request) {
    struct err err = {0};
    json *list;
    if (store_pin_list(request->server->house.store, &list, &err))
        return web_reply_error(request, &err);
    json *body = cJSON_CreateObject();
    json_add(body, "pins", list);
    return web_reply_json(request, MHD_HTTP_OK, body);
}

enum MHD_Result web_create_pin(struct web_request *request) {
    struct {
        const char *turn, *title;
    } body = {.title = NULL};
    static const struct json_field fields[] = {
        {"turn_id", JSON_TEXT, true, 0, 1, 0},
        {"title", JSON_TEXT, false, sizeof(char *), 1, TITLE_BYTES},
    };
    struct err err = {0};
    bool is_new;
    json *pin;
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &body, &err) ||
        agent_pin_add(request->server->house.agent, body.turn, body.title, &pin, &is_new, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, is_new ? MHD_HTTP_CREATED : MHD_HTTP_OK, pin);
}

static int rename_pin(struct store *store, const char *id, const char *title, struct err *err) {
    cleanup_json json *pin = NULL;
    int status = store_pin_get(store, id, &pin, err);
    if (status)
        return status;
    cJSON_ReplaceItemInObjectCaseSensitive(pin, "title", cJSON_CreateString(title));
    return store_pin_save(store, pin, err);
}

enum MHD_Result web_change_pin(struct web_request *request) {
    struct {
        const char *title;
        int64_t position;
    } body = {.position = -1};
    static const struct json_field fields[] = {
        {"title", JSON_TEXT, false, 0, 1, TITLE_BYTES},
        {"position", JSON_INTEGER, false, sizeof(char *), 0, LIMIT_PINS},
    };
    struct store *store = request->server->house.store;
    struct err err = {0};
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &body, &err) ||
        (body.title && rename_pin(store, request->argument, body.title, &err)) ||
        (body.position >= 0 && store_pin_move(store, request->argument, body.position, &err)))
        return web_reply_error(request, &err);
    return reply_pin(request, MHD_HTTP_OK, request->argument);
}

enum MHD_Result web_delete_pin(struct web_request *request) {
    struct err err = {0};
    if (store_pin_delete(request->server->house.store, request->argument, &err))
        return web_reply_error(request, &err);
    return web_reply_empty(request);
}

enum MHD_Result web_restore_pin(struct web_request *request) {
    struct err err = {0};
    if (store_pin_restore(request->server->house.store, request->argument, &err))
        return web_reply_error(request, &err);
    return reply_pin(request, MHD_HTTP_OK, request->argument);
}

enum MHD_Result web_refresh_pin(struct web_request *request) {
    struct err err = {0};
    json *replay;
    if (agent_pin_refresh(request->server->house.agent, request->argument, &replay, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_CREATED, replay);
}
