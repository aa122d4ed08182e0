// SPDX-License-Identifier: Apache-2.0
//
// Lets a test outside of C ask a language model by src/llm: reads one JSON object from standard
// input and prints a JSON object a line: {"delta": …} while an answer comes, {"reply": …} behind
// it, with "error" where the step failed, {"check": …} and {"refused": …}.
//
//   {"settings": {"provider", "base_url", "model", "api_key", "api_key_file", "proxy", "ca_file",
//    "timeout_ms", "silence_ms", "max_tokens", "context_tokens"}, "check": true,
//    "tools": [{"name", "description", "parameters"}], "choice": 0, "schema": {…},
//    "quiet": true, "threads": 8, "stop_at": "text", "stop_after_ms": 100, "results": {"TOOL":
//    "text"}, "steps": [[{"role": 0, "text", "calls", "call_id", "call_name", "is_error"}, …], …]}
//
// A step's messages go behind those of the ones before, their replies, and for each call of those
// the result of that name; `quiet` takes no deltas; `stop_at` and `stop_after_ms` make the stop's
// descriptor readable at the first delta that has that text, or after that time; with `threads` so
// many ask at the same time with the first step's messages, and their texts are printed as
// {"texts": […]}. The exit status is 0 if no step failed.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"
#include "llm/llm.h"

#define MAX_MESSAGES 200
#define MAX_TOOLS 16
#define MAX_REPLIES 16
#define MAX_THREADS 32

struct work {
    const json *order;
    struct llm *llm;
    int stop_fd;
    struct llm_message messages[MAX_MESSAGES];
    size_t message_count;
    struct llm_tool tools[MAX_TOOLS];
    size_t tool_count;
    struct llm_reply replies[MAX_REPLIES];
    size_t reply_count;
};

static const json *member(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

// Prints {NAME: VALUE}; takes VALUE over.
static void print(const char *name, json *value) {
    cleanup_json json *line = cJSON_CreateObject();
    json_add(line, name, value);
    cleanup_free char *text = json_write(line);
    puts(text);
    fflush(stdout);
}

static json *error_of(const struct err *err) {
    json *error = cJSON_CreateObject();
    json_add_text(error, "code", err_code_name(err->code));
    json_add_text(error, "message", err->message);
    json_add_text(error, "hint", err->hint);
    return error;
}

static void on_delta(const struct llm_delta *delta, void *context) {
    static const char *const kinds[] = {"text", "reasoning", "call", "wait"};
    struct work *work = context;
    const char *stop_at = json_text(work->order, "stop_at");
    json *value = cJSON_CreateObject();
    json_add_text(value, "kind", kinds[delta->kind]);
    json_add_text(value, "text", delta->text);
    if (delta->kind == LLM_DELTA_CALL) {
        json_add_text(value, "name", delta->name);
        json_add_integer(value, "index", (int64_t)delta->index);
    }
    if (delta->kind == LLM_DELTA_WAIT) {
        json_add_integer(value, "wait_ms", delta->wait_ms);
        json_add_integer(value, "tries", delta->tries);
    }
    print("delta", value);
    if (stop_at && strstr(delta->text, stop_at))
        eventfd_write(work->stop_fd, 1);
}

static void *stop_later(void *context) {
    const struct work *work = context;
    usleep((useconds_t)json_integer(work->order, "stop_after_ms", 0) * 1000);
    eventfd_write(work->stop_fd, 1);
    return NULL;
}

static json *reply_of(const struct llm_reply *reply) {
    json *value = cJSON_CreateObject(), *calls, *usage;
    json_add_text(value, "text", reply->text);
    json_add_text(value, "reasoning", reply->reasoning);
    json_add_text(value, "stop", llm_stop_name(reply->stop));
    json_add_text(value, "model", reply->model);
    json_add_text(value, "request_id", reply->request_id);
    json_add_integer(value, "tries", reply->tries);
    json_add_integer(value, "http_status", reply->http_status);
    json_add_integer(value, "elapsed_ms", reply->elapsed_ms);
    json_add(value, "carry", reply->carry ? cJSON_Duplicate(reply->carry, true) : NULL);
    usage = json_add_object(value, "usage");
    json_add_integer(usage, "input", reply->usage.input_tokens);
    json_add_integer(usage, "cached", reply->usage.cached_tokens);
    json_add_integer(usage, "output", reply->usage.output_tokens);
    json_add_bool(usage, "is_known", reply->usage.is_known);
    calls = json_add_array(value, "calls");
    for (size_t i = 0; i < reply->call_count; i++) {
        const struct llm_call *from = &reply->calls[i];
        json *call = cJSON_CreateObject();
        cJSON_AddItemToArray(calls, call);
        json_add_text(call, "id", from->id);
        json_add_text(call, "name", from->name);
        json_add_text(call, "arguments", from->arguments);
        json_add(call, "input", from->input ? cJSON_Duplicate(from->input, true) : NULL);
        json_add_text(call, "trouble", from->trouble);
    }
    return value;
}

// What is made here lives until the program ends.
static void add_message(struct work *work, const json *from) {
    const json *calls = member(from, "calls"), *call;
    struct llm_call *made = mem_zero((size_t)cJSON_GetArraySize(calls) + 1, sizeof *made);
    struct llm_message *message = &work->messages[work->message_count++];
    *message = (struct llm_message){.role = (enum llm_role)json_integer(from, "role", LLM_USER),
                                    .text = json_text(from, "text"),
                                    .calls = made,
                                    .carry = member(from, "carry"),
                                    .call_id = json_text(from, "call_id"),
                                    .call_name = json_text(from, "call_name"),
                                    .is_error = json_bool(from, "is_error", false)};
    cJSON_ArrayForEach (call, calls)
        made[message->call_count++] =
            (struct llm_call){.id = mem_text(json_text(call, "id")),
                              .name = mem_text(json_text(call, "name")),
                              .arguments = mem_text(json_text(call, "arguments"))};
}

static void add_reply(struct work *work, const struct llm_reply *reply) {
    work->messages[work->message_count++] = llm_reply_message(reply);
    for (size_t i = 0; i < reply->call_count; i++) {
        const struct llm_call *call = &reply->calls[i];
        const char *result = json_text(member(work->order, "results"), call->name);
        work->messages[work->message_count++] =
            (struct llm_message){.role = LLM_TOOL,
                                 .text = call->trouble ? call->trouble : result,
                                 .call_id = call->id,
                                 .call_name = call->name,
                                 .is_error = call->trouble != NULL};
    }
}

static int run_step(struct work *work, const json *messages) {
    const json *message;
    struct err err;
    struct llm_reply *reply = &work->replies[work->reply_count++];
    cJSON_ArrayForEach (message, messages)
        add_message(work, message);
    struct llm_step step = {
        .messages = work->messages,
        .message_count = work->message_count,
        .tools = work->tools,
        .tool_count = work->tool_count,
        .choice = (enum llm_choice)json_integer(work->order, "choice", LLM_CHOICE_AUTO),
        .schema = member(work->order, "schema"),
        .on_delta = json_bool(work->order, "quiet", false) ? NULL : on_delta,
        .context = work,
        .stop_fds = &work->stop_fd,
        .stop_count = 1};
    int status = llm_ask(work->llm, &step, reply, &err);
    json *printed = reply_of(reply);
    if (status)
        json_add(printed, "error", error_of(&err));
    print("reply", printed);
    add_reply(work, reply);
    return status;
}

static void *ask_in_thread(void *context) {
    const struct work *work = context;
    struct err err;
    struct llm_reply reply;
    struct llm_step step = {.messages = work->messages, .message_count = work->message_count};
    int status = llm_ask(work->llm, &step, &reply, &err);
    char *text = mem_text(status ? err.message : reply.text);
    llm_reply_done(&reply);
    return text;
}

static int run_threads(struct work *work, size_t count) {
    pthread_t threads[MAX_THREADS];
    size_t started = 0;
    const json *message;
    json *texts = cJSON_CreateArray();
    cJSON_ArrayForEach (message, cJSON_GetArrayItem(member(work->order, "steps"), 0))
        add_message(work, message);
    while (started < count && started < MAX_THREADS &&
           pthread_create(&threads[started], NULL, ask_in_thread, work) == 0)
        started++;
    for (size_t i = 0; i < started; i++) {
        void *text = NULL;
        pthread_join(threads[i], &text);
        cJSON_AddItemToArray(texts, cJSON_CreateString(text));
        free(text);
    }
    print("texts", texts);
    return started == count ? 0 : -1;
}

static int check(struct work *work) {
    struct err err;
    cleanup_free char *sentence = NULL;
    int status = llm_check(work->llm, 5000, &sentence, &err);
    json *value = status ? NULL : cJSON_CreateObject();
    if (value)
        json_add_text(value, "sentence", sentence);
    print("check", status ? error_of(&err) : value);
    return status;
}

static int open_llm(struct work *work, struct err *err) {
    const json *from = member(work->order, "settings");
    struct llm_settings settings = {.base_url = json_text(from, "base_url"),
                                    .model = json_text(from, "model"),
                                    .api_key = json_text(from, "api_key"),
                                    .api_key_file = json_text(from, "api_key_file"),
                                    .proxy = json_text(from, "proxy"),
                                    .ca_file = json_text(from, "ca_file"),
                                    .timeout_ms = json_integer(from, "timeout_ms", 15000),
                                    .silence_ms = json_integer(from, "silence_ms", 0),
                                    .max_tokens = json_integer(from, "max_tokens", 0),
                                    .context_tokens = json_integer(from, "context_tokens", 0)};
    int status = llm_provider_parse(json_text(from, "provider"), &settings.provider, err);
    return status ? status : llm_new(&settings, &work->llm, err);
}

static int work_through(struct work *work) {
    const json *tool, *messages;
    struct err err;
    pthread_t thread;
    int status = open_llm(work, &err);
    if (status) {
        print("refused", error_of(&err));
        return status;
    }
    cJSON_ArrayForEach (tool, member(work->order, "tools"))
        work->tools[work->tool_count++] = (struct llm_tool){
            json_text(tool, "name"), json_text(tool, "description"), member(tool, "parameters")};
    if (json_integer(work->order, "stop_after_ms", 0) &&
        pthread_create(&thread, NULL, stop_later, work) == 0)
        pthread_detach(thread);
    if (json_bool(work->order, "check", false))
        status = check(work);
    size_t threads = (size_t)json_integer(work->order, "threads", 0);
    if (threads)
        status = run_threads(work, threads);
    else
        cJSON_ArrayForEach (messages, member(work->order, "steps"))
            if (run_step(work, messages))
                status = -1;
    llm_free(work->llm);
    return status;
}

int main(void) {
    static struct work work;
    struct err err;
    cleanup_buf struct buf input = BUF(2 * LIMIT_LLM_REQUEST);
    cleanup_json json *order = NULL;
    if (fd_read_all(STDIN_FILENO, &input, &err) ||
        json_parse(buf_text(&input), input.length, &order, &err)) {
        fprintf(stderr, "llm-driver: %s\n", err.message);
        return 2;
    }
    work.order = order;
    work.stop_fd = eventfd(0, EFD_CLOEXEC);
    int status = work_through(&work);
    for (size_t i = 0; i < work.reply_count; i++)
        llm_reply_done(&work.replies[i]);
    fd_close(&work.stop_fd);
    return status ? 1 : 0;
}
