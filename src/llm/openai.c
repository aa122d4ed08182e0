// SPDX-License-Identifier: Apache-2.0
//
// Chat completions, as OpenAI has defined them and vLLM, llama.cpp, LM Studio, OpenRouter, Mistral,
// DeepSeek, Gemini and many others serve them, each with small liberties:
// - what the model thinks comes as `reasoning_content`, `reasoning` or parts of `content`; some
// want
//   it back with the calls that followed from it, and answer 400 without (DeepSeek, Kimi);
// - Gemini wants back what it adds to a call as `extra_content`, OpenRouter its
// `reasoning_details`;
// - arguments come as a text in pieces, as a text at once, or as an object.
#include <stdio.h>

#include "base/limits.h"
#include "base/str.h"
#include "llm/stream.h"

// ---- The request --------------------------------------------------------------------------------

static json *add_message(json *messages, const char *role) {
    json *message = cJSON_CreateObject();
    cJSON_AddItemToArray(messages, message);
    json_add_text(message, "role", role);
    return message;
}

static void add_calls(json *object, const struct llm_message *message, const json *carry) {
    const json *extras = cJSON_GetObjectItemCaseSensitive(carry, "extras"), *field;
    json *calls = json_add_array(object, "tool_calls");
    for (size_t i = 0; i < message->call_count; i++) {
        const struct llm_call *from = &message->calls[i];
        const json *extra = cJSON_GetObjectItemCaseSensitive(extras, from->id);
        cleanup_json json *arguments = llm_arguments_of(from);
        cleanup_free char *text = json_write(arguments), *name = llm_name_of(from->name);
        json *call = cJSON_CreateObject(), *function;
        cJSON_AddItemToArray(calls, call);
        json_add_text(call, "id", from->id);
        json_add_text(call, "type", "function");
        function = json_add_object(call, "function");
        json_add_text(function, "name", name);
        json_add_text(function, "arguments", text);
        if (extra)
            json_add(call, "extra_content", cJSON_Duplicate(extra, true));
    }
    cJSON_ArrayForEach (field, cJSON_GetObjectItemCaseSensitive(carry, "fields"))
        json_add(object, field->string, cJSON_Duplicate(field, true));
}

static void write_message(const struct llm_asking *asking, const struct llm_message *message,
                          json *messages) {
    cleanup_free char *result = NULL;
    json *object;
    switch (message->role) {
    case LLM_SYSTEM:
    case LLM_USER:
        object = add_message(messages, message->role == LLM_SYSTEM ? "system" : "user");
        json_add_text(object, "content", message->text);
        break;
    case LLM_ASSISTANT:
        object = add_message(messages, "assistant");
        json_add_text(object, "content",
                      str_is_empty(message->text) && message->call_count ? NULL
                      : message->text                                    ? message->text
                                                                         : "");
        if (message->call_count)
            add_calls(object, message, llm_carry_of(asking, LLM_OPENAI, message));
        break;
    case LLM_TOOL:
        object = add_message(messages, "tool");
        result = llm_result_of(message);
        json_add_text(object, "tool_call_id", message->call_id);
        json_add_text(object, "content", result);
        break;
    }
}

static void add_schema(json *request, const json *schema) {
    json *format = json_add_object(request, "response_format"), *described;
    json_add_text(format, "type", "json_schema");
    described = json_add_object(format, "json_schema");
    json_add_text(described, "name", "answer");
    json_add_bool(described, "strict", true);
    json_add(described, "schema", cJSON_Duplicate(schema, true));
}

// OpenAI's newer models refuse `max_tokens`; of the other servers some know nothing else, and pass
// over what they do not know without a word.
static const char *name_of_max_tokens(const struct llm_asking *asking) {
    bool is_other = asking->avoid & LLM_AVOID_MAX_TOKENS;
    return asking->is_openai_itself != is_other ? "max_completion_tokens" : "max_tokens";
}

static json *write(const struct llm_asking *asking) {
    static const char *const choices[] = {"auto", "none", "required"};
    const struct llm_step *step = asking->step;
    json *request = cJSON_CreateObject(), *messages;
    json_add_text(request, "model", asking->model);
    messages = json_add_array(request, "messages");
    for (size_t i = 0; i < step->message_count; i++)
        write_message(asking, &step->messages[i], messages);
    if (step->tool_count) {
        json_add(request, "tools", llm_functions_of(step));
        if (!(asking->avoid & LLM_AVOID_TOOL_CHOICE))
            json_add_text(request, "tool_choice", choices[step->choice]);
    }
    if (step->schema && !(asking->avoid & LLM_AVOID_SCHEMA))
        add_schema(request, step->schema);
    if (!(asking->avoid & LLM_AVOID_TEMPERATURE))
        json_add_integer(request, "temperature", 0);
    json_add_integer(request, name_of_max_tokens(asking), asking->max_tokens);
    json_add_bool(request, "stream", true);
    if (!(asking->avoid & LLM_AVOID_STREAM_OPTIONS))
        json_add_bool(json_add_object(request, "stream_options"), "include_usage", true);
    return request;
}

// ---- The answer ---------------------------------------------------------------------------------

static const json *member(const json *object, const char *key) {
    const json *found = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(found) ? NULL : found;
}

// A text, or the parts of one: [{"type": "text", "text": …}, {"type": "thinking", "thinking":
// […]}].
static void read_content(struct llm_stream *stream, const json *content, bool is_thinking) {
    const json *part;
    if (cJSON_IsString(content)) {
        if (is_thinking)
            llm_stream_reason(stream, content->valuestring);
        else
            llm_stream_text(stream, content->valuestring);
        return;
    }
    if (!cJSON_IsArray(content))
        return;
    cJSON_ArrayForEach (part, content) {
        const json *thinking = member(part, "thinking");
        read_content(stream, thinking ? thinking : member(part, "text"), is_thinking || thinking);
    }
}

// ---- `reasoning_details`: the pieces of one follow each other, and each adds to its text --------

// The field of a detail that comes in pieces.
static const char *text_field_of(const json *detail) {
    const char *type = json_text(detail, "type");
    return str_is_equal(type, "reasoning.summary")     ? "summary"
           : str_is_equal(type, "reasoning.encrypted") ? "data"
                                                       : "text";
}

static void replace_text(json *object, const char *key, struct buf *text) {
    if (text->length) {
        cJSON_DeleteItemFromObjectCaseSensitive(object, key);
        json_add_text(object, key, buf_text(text));
    }
    buf_clear(text);
}

static json *last_kept(const struct llm_stream *stream) {
    return stream->kept && stream->kept->child ? stream->kept->child->prev : NULL;
}

static void finish_detail(struct llm_stream *stream) {
    json *last = last_kept(stream);
    if (last) {
        replace_text(last, text_field_of(last), &stream->piece);
        replace_text(last, "signature", &stream->signature);
    }
}

static void keep_detail(struct llm_stream *stream, const json *detail) {
    const json *last = last_kept(stream);
    bool is_more = last && str_is_equal(json_text(last, "type"), json_text(detail, "type")) &&
                   json_integer(last, "index", -1) == json_integer(detail, "index", -1);
    if (!is_more) {
        finish_detail(stream);
        if (!llm_stream_keep(stream, detail))
            return;
    }
    llm_stream_keep_text(stream, &stream->piece, json_text(detail, text_field_of(detail)));
    llm_stream_keep_text(stream, &stream->signature, json_text(detail, "signature"));
}

static void read_reasoning(struct llm_stream *stream, const json *delta) {
    static const char *const names[] = {"reasoning_content", "reasoning"};
    const json *detail;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const char *text = json_text(delta, names[i]);
        if (str_is_empty(text))
            continue;
        if (!stream->reasoning_name)
            stream->reasoning_name = names[i];
        llm_stream_reason(stream, text);
        break; // some servers send the same twice
    }
    cJSON_ArrayForEach (detail, member(delta, "reasoning_details"))
        keep_detail(stream, detail);
}

// ---- The rest -----------------------------------------------------------------------------------

static void read_calls(struct llm_stream *stream, const json *calls) {
    const json *call;
    cJSON_ArrayForEach (call, calls) {
        const json *function = member(call, "function"), *extra = member(call, "extra_content");
        struct llm_slot *slot = llm_stream_slot(stream, json_integer(call, "index", -1),
                                                json_text(call, "id"), json_text(function, "name"));
        llm_stream_arguments(stream, slot, member(function, "arguments"));
        if (slot && extra && !slot->extra && llm_stream_may_keep(stream, stream->event_bytes))
            slot->extra = cJSON_Duplicate(extra, true);
    }
}

static void read_usage(struct llm_stream *stream, const json *usage) {
    if (!cJSON_IsObject(usage))
        return;
    stream->usage =
        (struct llm_usage){.input_tokens = json_integer(usage, "prompt_tokens", 0),
                           .cached_tokens = json_integer(
                               member(usage, "prompt_tokens_details"), "cached_tokens",
                               json_integer(usage, "prompt_cache_hit_tokens", 0)), // DeepSeek
                           .output_tokens = json_integer(usage, "completion_tokens", 0),
                           .is_known = true};
}

static void read_stop(struct llm_stream *stream, const char *reason) {
    static const struct {
        const char *reason;
        enum llm_stop stop;
    } stops[] = {{"stop", LLM_STOP_END},
                 {"length", LLM_STOP_LENGTH},
                 {"tool_calls", LLM_STOP_TOOLS},
                 {"function_call", LLM_STOP_TOOLS},
                 {"content_filter", LLM_STOP_REFUSED}};
    if (str_is_empty(reason))
        return;
    if (strcmp(reason, "error") == 0)
        llm_stream_fail(stream, LLM_FAILURE_PASSING, "the model has failed");
    stream->stop = LLM_STOP_END;
    for (size_t i = 0; i < ARRAY_LENGTH(stops); i++)
        if (strcmp(reason, stops[i].reason) == 0)
            stream->stop = stops[i].stop;
}

// Without `stream` the same stands in `message` in place of `delta`.
static void read(struct llm_stream *stream, const json *object) {
    const json *choice = cJSON_GetArrayItem(member(object, "choices"), 0);
    const json *delta = member(choice, "delta");
    llm_stream_name_model(stream, json_text(object, "model"));
    read_usage(stream, member(object, "usage"));
    if (!delta)
        delta = member(choice, "message");
    if (delta) {
        read_reasoning(stream, delta);
        read_content(stream, member(delta, "content"), false);
        if (!str_is_empty(json_text(delta, "refusal"))) {
            stream->was_refused = true;
            llm_stream_text(stream, json_text(delta, "refusal"));
        }
        read_calls(stream, member(delta, "tool_calls"));
    }
    read_stop(stream, json_text(choice, "finish_reason"));
}

// Only calls take their reasoning along: of older answers no model wants it back.
static json *carry(struct llm_stream *stream, const struct llm_reply *reply) {
    cleanup_json json *made = cJSON_CreateObject();
    json *fields = json_add_object(made, "fields"), *extras = json_add_object(made, "extras");
    if (!reply->call_count)
        return NULL;
    finish_detail(stream);
    if (stream->reasoning_name)
        json_add_text(fields, stream->reasoning_name, reply->reasoning);
    if (stream->kept)
        json_add(fields, "reasoning_details", mem_take(stream->kept));
    for (size_t i = 0; i < reply->call_count; i++)
        if (stream->slots[i].extra)
            json_add(extras, reply->calls[i].id, mem_take(stream->slots[i].extra));
    return fields->child || extras->child ? mem_take(made) : NULL;
}

const struct llm_dialect llm_openai = {.provider = LLM_OPENAI,
                                       .name = "openai",
                                       .default_url = "https://api.openai.com/v1",
                                       .ask_path = "/chat/completions",
                                       .list_path = "/models",
                                       .end = "[DONE]",
                                       .write = write,
                                       .read = read,
                                       .carry = carry};
