// SPDX-License-Identifier: Apache-2.0
//
// Conversations and their turns over HTTP, while they are held; a turn's events as server-sent
// events (html.spec.whatwg.org, "Server-sent events"). An event's id is its number within the turn.
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "web/routes.h"

#define HEARTBEAT_MS 15000
#define SLICE_MS 250 // how soon a stopping server is noticed

enum MHD_Result web_create_conversation(struct web_request *request) {
    struct {
        const char *dataset, *title;
    } body = {.title = ""};
    static const struct json_field fields[] = {
        {"dataset", JSON_TEXT, true, 0, 1, LIMIT_NAME},
        {"title", JSON_TEXT, false, sizeof(char *), 0, LIMIT_TITLE_TEXT},
    };
    const struct web_house *house = &request->server->house;
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    struct err err = {0};
    char id[ID_SIZE];
    json *conversation;
    id_make(id);
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &body, &err) ||
        dataset_catalogue_get(house->catalogue, body.dataset, &dataset, &err) ||
        store_conversation_add(house->store, id, body.dataset, body.title, &err) ||
        store_conversation_get(house->store, id, false, &conversation, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_CREATED, conversation);
}

enum MHD_Result web_get_conversation(struct web_request *request) {
    struct err err = {0};
    json *conversation;
    if (agent_conversation_get(request->server->house.agent, request->argument, &conversation,
                               &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, conversation);
}

enum MHD_Result web_get_turn(struct web_request *request) {
    struct err err = {0};
    json *turn;
    if (agent_turn_get(request->server->house.agent, request->argument, &turn, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_OK, turn);
}

enum MHD_Result web_cancel_turn(struct web_request *request) {
    struct agent *agent = request->server->house.agent;
    struct err err = {0};
    json *turn;
    if (agent_turn_cancel(agent, request->argument, &err) ||
        agent_turn_get(agent, request->argument, &turn, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_ACCEPTED, turn);
}

// ---- Events -------------------------------------------------------------------------------------

struct stream {
    struct web_server *server;
    struct agent_follower *follower;
    struct buf pending;
    int64_t last_us; // when something was last sent
};

static void stream_free(void *context) {
    struct stream *stream = context;
    agent_follower_free(stream->follower);
    buf_done(&stream->pending);
    free(stream);
}

// Waits until something is pending; false at the end of the stream.
static bool fill(struct stream *stream) {
    while (stream->pending.length == 0) {
        struct agent_event event;
        int status = agent_follower_next(stream->follower, SLICE_MS, &event);
        if (status < 0 || (status == 0 && atomic_load(&stream->server->is_stopping)))
            return false;
        if (status > 0) {
            buf_add_format(&stream->pending, "id: %lld\nevent: %s\ndata: ", (long long)event.number,
                           event.name);
            buf_add_text(&stream->pending, event.data);
            buf_add_text(&stream->pending, "\n\n");
            agent_event_done(&event);
        } else if (clock_monotonic_us() - stream->last_us > HEARTBEAT_MS * 1000) {
            buf_add_text(&stream->pending, ": still here\n\n");
        }
    }
    stream->last_us = clock_monotonic_us();
    return true;
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t size) {
    (void)position;
    struct stream *stream = context;
    if (!fill(stream))
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t length = stream->pending.length < size ? stream->pending.length : size;
    memcpy(out, stream->pending.data, length);
    buf_drop(&stream->pending, length);
    return (ssize_t)length;
}

static enum MHD_Result reply_events(struct web_request *request, const char *turn, int64_t after) {
    struct agent_follower *follower;
    struct err err = {0};
    if (agent_follow(request->server->house.agent, turn, after, &follower, &err))
        return web_reply_error(request, &err);
    struct stream *stream = mem_zero(1, sizeof *stream);
    *stream =
        (struct stream){request->server, follower, BUF(LIMIT_SSE_EVENT), clock_monotonic_us()};
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, 64 * 1024, read_stream, stream, stream_free);
    MHD_add_response_header(response, "Content-Type", "text/event-stream");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Accel-Buffering",
                            "no"); // proxies on nginx would hold events back
    return web_reply(request, MHD_HTTP_OK, response);
}

struct message {
    const char *text, *planner, *sql, *edits;
    const json *params;
    int64_t reading;
    bool approve;
};

// A question is asked with words, SQL is given; what belongs to one is not taken with the other.
static int check_message(const struct message *message, int planner, struct err *err) {
    if (message->planner && planner < 0)
        return err_set(err, ERR_BAD_REQUEST,
                       "\"planner\" must be \"auto\", \"builtin\" or \"model\"");
    if (!message->sql && !message->text)
        return err_set(err, ERR_BAD_REQUEST, "\"text\" is missing: the question, or else \"sql\"");
    const char *astray = message->sql && message->planner        ? "planner"
                         : message->sql && message->reading >= 0 ? "reading"
                         : !message->sql && message->params      ? "params"
                         : !message->sql && message->edits       ? "edits"
                                                                 : NULL;
    return astray ? err_set(err, ERR_BAD_REQUEST, "\"%s\" is for %s", astray,
                            message->sql ? "questions, not for SQL" : "SQL, not for questions")
                  : 0;
}

static int read_question(const json *body, struct agent_question *ret_question, struct err *err) {
    struct message asked = {.reading = -1};
    static const struct json_field fields[] = {
        {"text", JSON_TEXT, false, offsetof(struct message, text), 0, LIMIT_QUESTION},
        {"planner", JSON_TEXT, false, offsetof(struct message, planner), 0, 0},
        {"reading", JSON_INTEGER, false, offsetof(struct message, reading), 0, 9},
        {"approve", JSON_BOOL, false, offsetof(struct message, approve), 0, 0},
        {"sql", JSON_TEXT, false, offsetof(struct message, sql), 1, LIMIT_SQL},
        {"params", JSON_ARRAY, false, offsetof(struct message, params), 0, 0},
        {"edits", JSON_TEXT, false, offsetof(struct message, edits), 1, 0},
    };
    int status = json_read(body, "", fields, ARRAY_LENGTH(fields), &asked, err);
    int planner = asked.planner ? agent_planner_from_name(asked.planner) : -1;
    if (status == 0)
        status = check_message(&asked, planner, err);
    *ret_question = (struct agent_question){.text = asked.text,
                                            .reading = asked.reading,
                                            .planner = planner,
                                            .approves = asked.approve,
                                            .sql = asked.sql,
                                            .params = asked.params,
                                            .edits = asked.edits};
    return status;
}

enum MHD_Result web_ask(struct web_request *request) {
    struct agent_question question;
    struct err err = {0};
    char turn[ID_SIZE];
    if (read_question(request->json, &question, &err) ||
        agent_ask(request->server->house.agent, request->argument, &question, turn, &err))
        return web_reply_error(request, &err);
    return reply_events(request, turn, 0);
}

enum MHD_Result web_retry_turn(struct web_request *request) {
    struct err err = {0};
    char turn[ID_SIZE];
    if (agent_retry(request->server->house.agent, request->argument, false, turn, &err))
        return web_reply_error(request, &err);
    return reply_events(request, turn, 0);
}

enum MHD_Result web_decide(struct web_request *request) {
    struct {
        const char *run, *decision, *sql, *reason;
        const json *params;
    } asked = {.run = NULL};
    static const struct json_field fields[] = {
        {"run_id", JSON_TEXT, true, 0, 1, 0},
        {"decision", JSON_TEXT, true, sizeof(char *), 0, 0},
        {"sql", JSON_TEXT, false, 2 * sizeof(char *), 1, LIMIT_SQL},
        {"reason", JSON_TEXT, false, 3 * sizeof(char *), 0, 300},
        {"params", JSON_ARRAY, false, 4 * sizeof(char *), 0, 0},
    };
    struct agent *agent = request->server->house.agent;
    struct err err = {0};
    json *turn;
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &asked, &err))
        return web_reply_error(request, &err);
    bool approves = str_is_equal(asked.decision, "approve");
    if (!approves && !str_is_equal(asked.decision, "refuse")) {
        err_set(&err, ERR_BAD_REQUEST, "\"decision\" must be \"approve\" or \"refuse\"");
        return web_reply_error(request, &err);
    }
    struct agent_decision decision = {asked.run, approves, asked.sql, asked.params, asked.reason};
    if (agent_turn_decide(agent, request->argument, &decision, &err) ||
        agent_turn_get(agent, request->argument, &turn, &err))
        return web_reply_error(request, &err);
    return web_reply_json(request, MHD_HTTP_ACCEPTED, turn);
}

enum MHD_Result web_follow_turn(struct web_request *request) {
    int64_t after = 0;
    const char *given = web_header(request, "Last-Event-ID");
    struct err err = {0};
    if (!str_is_empty(given) && str_to_integer(given, 0, INT32_MAX, &after) < 0) {
        err_set(&err, ERR_BAD_REQUEST, "Last-Event-ID must be the id of an event, a whole number");
        return web_reply_error(request, &err);
    }
    return reply_events(request, request->argument, after);
}
