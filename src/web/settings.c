// SPDX-License-Identifier: Apache-2.0
//
// The settings that people may change while the server runs: the language model. Its key comes in
// and never goes out again.
#include <string.h>

#include "agent/provider.h"
#include "base/limits.h"
#include "base/str.h"
#include "web/routes.h"

#define ADDRESS_BYTES 2000
#define MODEL_BYTES 200 // of its name

static int read_wish(const json *body, bool is_whole, struct provider_wish *ret_wish,
                     struct err *err) {
    const struct json_field fields[] = {
        {"provider", JSON_TEXT, is_whole, offsetof(struct provider_wish, provider), 1, 40},
        {"base_url", JSON_TEXT, false, offsetof(struct provider_wish, base_url), 0, ADDRESS_BYTES},
        {"name", JSON_TEXT, is_whole, offsetof(struct provider_wish, name), is_whole, MODEL_BYTES},
        {"key", JSON_TEXT, false, offsetof(struct provider_wish, key), 0, LIMIT_API_KEY},
        {"share", JSON_TEXT, false, offsetof(struct provider_wish, share), 1, 20},
    };
    return json_read(body, "", fields, ARRAY_LENGTH(fields), ret_wish, err);
}

static json *settings_of(struct agent *agent) {
    json *body = cJSON_CreateObject();
    json_add_text(body, "planner", agent_planner_name(agent_settings(agent)->planner));
    json_add(body, "model", provider_describe(agent));
    return body;
}

enum MHD_Result web_get_settings(struct web_request *request) {
    return web_reply_json(request, MHD_HTTP_OK, settings_of(request->server->house.agent));
}

enum MHD_Result web_set_model(struct web_request *request) {
    struct agent *agent = request->server->house.agent;
    struct provider_wish wish = {.provider = NULL};
    struct err err = {0};
    if (read_wish(request->json, true, &wish, &err) || provider_set(agent, &wish, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, settings_of(agent));
}

enum MHD_Result web_clear_model(struct web_request *request) {
    struct agent *agent = request->server->house.agent;
    struct err err = {0};
    if (provider_clear(agent, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, settings_of(agent));
}

// An empty object is about the model that is set; else about the one that it describes.
enum MHD_Result web_check_model(struct web_request *request) {
    struct provider_wish wish = {.provider = NULL};
    struct err err = {0};
    json *report;
    int status = read_wish(request->json, false, &wish, &err);
    bool is_about_set = cJSON_GetArraySize(request->json) == 0;
    if (status == 0 && !is_about_set && !wish.provider)
        status = err_set(&err, ERR_BAD_REQUEST, "\"provider\" is missing");
    if (status == 0)
        status =
            provider_try(request->server->house.agent, is_about_set ? NULL : &wish, &report, &err);
    return status ? web_reply_error(request, &err) : web_reply_json(request, MHD_HTTP_OK, report);
}
