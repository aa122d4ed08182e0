// SPDX-License-Identifier: Apache-2.0
//
// Ollama's own API: lines of JSON. It has no choice of tools; arguments are objects; older servers
// give calls no ids and take a result by its tool's name. Messages that do not fit in the context
// are cut without a word unless the request says `truncate: false`.
#include "base/str.h"
#include "llm/stream.h"

// ---- The request --------------------------------------------------------------------------------

static void add_calls(json *object, const struct llm_message *message) {
    json *calls = json_add_array(object, "tool_calls");
    for (size_t i = 0; i < message->call_count; i++) {
        json *call = cJSON_CreateObject(), *function;
        cJSON_AddItemToArray(calls, call);
        json_add_text(call, "id", message->calls[i].id);
        function = json_add_object(call, "function");
        json_add_text(function, "name", message->calls[i].name);
        json_add(function, "arguments", llm_arguments_of(&message->calls[i]));
    }
}

static json *message_of(const struct llm_asking *asking, const struct llm_message *message) {
    static const char *const roles[] = {"system", "user", "assistant", "tool"};
    json *object = cJSON_CreateObject();
    cleanup_free char *text = llm_result_of(message);
    json_add_text(object, "role", roles[message->role]);
    json_add_text(object, "content", text);
    if (message->role == LLM_TOOL) {
        json_add_text(object, "tool_name", message->call_name);
        json_add_text(object, "tool_call_id", message->call_id);
    }
    if (message->role == LLM_ASSISTANT && message->call_count) {
        const char *thinking = json_text(llm_carry_of(asking, LLM_OLLAMA, message), "thinking");
        if (thinking)
            json_add_text(object, "thinking", thinking);
        add_calls(object, message);
    }
    return object;
}

static json *write(const struct llm_asking *asking) {
    const struct llm_step *step = asking->step;
    json *request = cJSON_CreateObject(), *messages, *options;
    json_add_text(request, "model", asking->model);
    messages = json_add_array(request, "messages");
    for (size_t i = 0; i < step->message_count; i++)
        cJSON_AddItemToArray(messages, message_of(asking, &step->messages[i]));
    if (step->tool_count && step->choice != LLM_CHOICE_NONE)
        json_add(request, "tools", llm_functions_of(step));
    if (step->schema && !(asking->avoid & LLM_AVOID_SCHEMA))
        json_add(request, "format", cJSON_Duplicate(step->schema, true));
    options = json_add_object(request, "options");
    json_add_integer(options, "temperature", 0);
    json_add_integer(options, "num_predict", asking->max_tokens);
    if (asking->context_tokens)
        json_add_integer(options, "num_ctx", asking->context_tokens);
    json_add_bool(request, "stream", true);
    json_add_bool(request, "truncate", false);
    json_add_bool(request, "shift", false);
    return request;
}

// ---- The answer ---------------------------------------------------------------------------------

// Each comes whole.
static void read_call(struct llm_stream *stream, const json *call) {
    const json *function = cJSON_GetObjectItemCaseSensitive(call, "function");
    struct llm_slot *slot = llm_stream_slot(stream, (int64_t)stream->slot_count,
                                            json_text(call, "id"), json_text(function, "name"));
    llm_stream_arguments(stream, slot, cJSON_GetObjectItemCaseSensitive(function, "arguments"));
}

static void read(struct llm_stream *stream, const json *object) {
    const json *message = cJSON_GetObjectItemCaseSensitive(object, "message"), *call;
    llm_stream_name_model(stream, json_text(object, "model"));
    llm_stream_reason(stream, json_text(message, "thinking"));
    llm_stream_text(stream, json_text(message, "content"));
    cJSON_ArrayForEach (call, cJSON_GetObjectItemCaseSensitive(message, "tool_calls"))
        read_call(stream, call);
    if (!json_bool(object, "done", false))
        return;
    stream->is_done = true;
    stream->stop =
        str_is_equal(json_text(object, "done_reason"), "length") ? LLM_STOP_LENGTH : LLM_STOP_END;
    stream->usage = (struct llm_usage){.input_tokens = json_integer(object, "prompt_eval_count", 0),
                                       .output_tokens = json_integer(object, "eval_count", 0),
                                       .is_known = cJSON_HasObjectItem(object, "eval_count")};
}

static json *carry(struct llm_stream *stream, const struct llm_reply *reply) {
    if (!reply->call_count || !stream->reasoning.length)
        return NULL;
    json *made = cJSON_CreateObject();
    json_add_text(made, "thinking", reply->reasoning);
    return made;
}

const struct llm_dialect llm_ollama = {.provider = LLM_OLLAMA,
                                       .name = "ollama",
                                       .default_url = "http://127.0.0.1:11434",
                                       .ask_path = "/api/chat",
                                       .list_path = "/api/tags",
                                       .is_lines = true,
                                       .write = write,
                                       .read = read,
                                       .carry = carry};
