// SPDX-License-Identifier: Apache-2.0
//
// Conversations that are kept, over HTTP: listed and searched, renamed, deleted, restored; and what
// people think of the answers.
#include <string.h>

#include "agent/kept.h"
#include "base/limits.h"
#include "base/str.h"
#include "web/routes.h"

static int read_list(const struct web_request *request, struct store_list *ret_list,
                     struct err *err) {
    const char *limit = web_query(request, "limit");
    *ret_list = (struct store_list){
        .search = web_query(request, "q"), .before = web_query(request, "before"), .limit = 100};
    if (limit && str_to_integer(limit, 1, 500, &ret_list->limit) < 0)
        return err_set(err, ERR_BAD_REQUEST, "\"limit\" must be a whole number from 1 to 500");
    if (ret_list->search && strlen(ret_list->search) > LIMIT_SEARCH)
        return err_set(err, ERR_BAD_REQUEST, "\"q\" has %zu bytes; at most %d are allowed",
                       strlen(ret_list->search), LIMIT_SEARCH);
    if (ret_list->before && !id_is_valid(ret_list->before))
        return err_set(err, ERR_BAD_REQUEST, "\"before\" must be the id of a conversation");
    return 0;
}

enum MHD_Result web_list_conversations(struct web_request *request) {
    struct store_list wanted;
    struct err err = {0};
    json *list;
    if (read_list(request, &wanted, &err) ||
        store_conversation_list(request->server->house.store, &wanted, &list, &err))
        return web_reply_error(request, &err);
    json *body = cJSON_CreateObject();
    json_add(body, "conversations", list);
    return web_reply_json(request, MHD_HTTP_OK, body);
}

// On one line, without blanks around it; the caller frees it.
static char *line_of(const char *text) {
    char *line = mem_text(text + strspn(text, " \t\r\n"));
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            *at = ' ';
    for (size_t length = strlen(line); length > 0 && line[length - 1] == ' '; length--)
        line[length - 1] = '\0';
    return line;
}

static enum MHD_Result reply_conversation(struct web_request *request) {
    struct err err = {0};
    json *conversation;
    if (store_conversation_get(request->server->house.store, request->argument, false,
                               &conversation, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, conversation);
}

enum MHD_Result web_rename_conversation(struct web_request *request) {
    struct {
        const char *title;
    } body = {.title = NULL};
    static const struct json_field fields[] = {
        {"title", JSON_TEXT, true, 0, 1, LIMIT_TITLE_TEXT},
    };
    struct err err = {0};
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &body, &err))
        return web_reply_error(request, &err);
    cleanup_free char *title = line_of(body.title);
    if (!*title)
        err_set(&err, ERR_BAD_REQUEST, "\"title\" is blank");
    if (err.code ||
        store_conversation_rename(request->server->house.store, request->argument, title, &err))
        return web_reply_error(request, &err);
    return reply_conversation(request);
}

enum MHD_Result web_delete_conversation(struct web_request *request) {
    struct err err = {0};
    if (agent_conversation_delete(request->server->house.agent, request->argument, &err))
        return web_reply_error(request, &err);
    return web_reply_empty(request);
}

enum MHD_Result web_restore_conversation(struct web_request *request) {
    struct err err = {0};
    if (agent_conversation_restore(request->server->house.agent, request->argument, &err))
        return web_reply_error(request, &err);
    return reply_conversation(request);
}

enum MHD_Result web_give_feedback(struct web_request *request) {
    struct agent_feedback given = {.value = NULL};
    static const struct json_field fields[] = {
        {"value", JSON_TEXT, true, offsetof(struct agent_feedback, value), 0, 0},
        {"reason", JSON_TEXT, false, offsetof(struct agent_feedback, reason), 0, 0},
        {"comment", JSON_TEXT, false, offsetof(struct agent_feedback, comment), 0, LIMIT_COMMENT},
    };
    struct err err = {0};
    json *turn;
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &given, &err) ||
        agent_feedback_give(request->server->house.agent, request->argument, &given, &turn, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, turn);
}

enum MHD_Result web_remove_feedback(struct web_request *request) {
    struct err err = {0};
    json *turn;
    if (agent_feedback_remove(request->server->house.agent, request->argument, &turn, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, turn);
}
