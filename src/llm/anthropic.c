// SPDX-License-Identifier: Apache-2.0
//
// Anthropic's messages. The system's words stand beside the messages, results are blocks of a
// user's message, and blocks come one after the other, each begun, added to and ended by events.
// What the model thought before a call has to go back with it, signed, block by block as it came.
//
// Every step of a turn repeats the ones before; marks on the last block of the system's words and
// on the last of the messages let the provider keep what it has read (`cache_control`).
#include "base/str.h"
#include "llm/stream.h"

// ---- The request --------------------------------------------------------------------------------

static json *add_block(json *blocks, const char *type) {
    json *block = cJSON_CreateObject();
    cJSON_AddItemToArray(blocks, block);
    json_add_text(block, "type", type);
    return block;
}

// Blank blocks of text are refused.
static void add_text(json *blocks, const char *text) {
    if (text && text[strspn(text, " \t\r\n")])
        json_add_text(add_block(blocks, "text"), "text", text);
}

// Ids of other providers may have other characters than are taken here.
static void add_id(json *block, const char *key, const char *id) {
    cleanup_free char *plain = llm_id_of(id);
    json_add_text(block, key, plain);
}

static void add_answer(const struct llm_asking *asking, const struct llm_message *message,
                       json *blocks) {
    const json *carry = llm_carry_of(asking, LLM_ANTHROPIC, message), *block;
    if (carry) {
        cJSON_ArrayForEach (block, cJSON_GetObjectItemCaseSensitive(carry, "content"))
            cJSON_AddItemToArray(blocks, cJSON_Duplicate(block, true));
        return;
    }
    add_text(blocks, message->text);
    for (size_t i = 0; i < message->call_count; i++) {
        json *use = add_block(blocks, "tool_use");
        add_id(use, "id", message->calls[i].id);
        cleanup_free char *name = llm_name_of(message->calls[i].name);
        json_add_text(use, "name", name);
        json_add(use, "input", llm_arguments_of(&message->calls[i]));
    }
}

static void add_result(const struct llm_message *message, json *blocks) {
    json *result = add_block(blocks, "tool_result");
    add_id(result, "tool_use_id", message->call_id);
    if (!str_is_empty(message->text))
        json_add_text(result, "content", message->text);
    if (message->is_error)
        json_add_bool(result, "is_error", true);
}

static void mark(const struct llm_asking *asking, json *blocks) {
    if (blocks && blocks->child && !(asking->avoid & LLM_AVOID_CACHE))
        json_add_text(json_add_object(blocks->child->prev, "cache_control"), "type", "ephemeral");
}

// Messages of one role that follow each other become one: all results of an answer's calls belong
// into the message behind it.
static void add_messages(const struct llm_asking *asking, json *request) {
    const struct llm_step *step = asking->step;
    json *system = cJSON_CreateArray(), *messages = cJSON_CreateArray(), *blocks = NULL;
    const char *last_role = "";
    for (size_t i = 0; i < step->message_count; i++) {
        const struct llm_message *message = &step->messages[i];
        const char *role = message->role == LLM_ASSISTANT ? "assistant" : "user";
        if (message->role == LLM_SYSTEM) {
            add_text(system, message->text);
            continue;
        }
        if (strcmp(role, last_role) != 0) {
            json *added = cJSON_CreateObject();
            cJSON_AddItemToArray(messages, added);
            json_add_text(added, "role", role);
            blocks = json_add_array(added, "content");
            last_role = role;
        }
        if (message->role == LLM_ASSISTANT)
            add_answer(asking, message, blocks);
        else if (message->role == LLM_TOOL)
            add_result(message, blocks);
        else
            add_text(blocks, message->text);
    }
    mark(asking, system);
    mark(asking, blocks);
    if (system->child)
        json_add(request, "system", system);
    else
        json_free(system);
    json_add(request, "messages", messages);
}

static void add_tools(const struct llm_asking *asking, json *request) {
    static const char *const choices[] = {"auto", "none", "any"};
    const struct llm_step *step = asking->step;
    json *tools = json_add_array(request, "tools");
    for (size_t i = 0; i < step->tool_count; i++) {
        json *tool = cJSON_CreateObject();
        cJSON_AddItemToArray(tools, tool);
        json_add_text(tool, "name", step->tools[i].name);
        json_add_text(tool, "description", step->tools[i].description);
        json_add(tool, "input_schema", cJSON_Duplicate(step->tools[i].parameters, true));
    }
    if (!(asking->avoid & LLM_AVOID_TOOL_CHOICE))
        json_add_text(json_add_object(request, "tool_choice"), "type", choices[step->choice]);
}

static json *write(const struct llm_asking *asking) {
    const struct llm_step *step = asking->step;
    json *request = cJSON_CreateObject();
    json_add_text(request, "model", asking->model);
    json_add_integer(request, "max_tokens", asking->max_tokens);
    add_messages(asking, request);
    if (step->tool_count)
        add_tools(asking, request);
    if (step->schema && !(asking->avoid & LLM_AVOID_SCHEMA)) {
        json *format = json_add_object(json_add_object(request, "output_config"), "format");
        json_add_text(format, "type", "json_schema");
        json_add(format, "schema", cJSON_Duplicate(step->schema, true));
    }
    if (!(asking->avoid & LLM_AVOID_TEMPERATURE))
        json_add_integer(request, "temperature", 0);
    json_add_bool(request, "stream", true);
    return request;
}

// ---- The answer ---------------------------------------------------------------------------------

static const json *member(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static json *last_kept(const struct llm_stream *stream) {
    return stream->kept && stream->kept->child ? stream->kept->child->prev : NULL;
}

static void begin_block(struct llm_stream *stream, const json *object) {
    const json *block = member(object, "content_block");
    const char *type = json_text(block, "type");
    if (!type || !llm_stream_keep(stream, block))
        return;
    buf_clear(&stream->piece);
    buf_clear(&stream->signature);
    if (strcmp(type, "tool_use") == 0) {
        struct llm_slot *slot = llm_stream_slot(stream, json_integer(object, "index", -1),
                                                json_text(block, "id"), json_text(block, "name"));
        const json *input = member(block, "input");
        if (slot && !slot->given && input && input->child)
            slot->given = cJSON_Duplicate(input, true);
    }
    llm_stream_text(stream, json_text(block, "text"));
    llm_stream_reason(stream, json_text(block, "thinking"));
    llm_stream_keep_text(stream, &stream->piece, json_text(block, "text"));
    llm_stream_keep_text(stream, &stream->piece, json_text(block, "thinking"));
    llm_stream_keep_text(stream, &stream->signature, json_text(block, "signature"));
}

static void add_to_block(struct llm_stream *stream, const json *object) {
    const json *delta = member(object, "delta"), *arguments = member(delta, "partial_json");
    const char *text = json_text(delta, "text"), *thinking = json_text(delta, "thinking");
    if (arguments && str_is_equal(json_text(last_kept(stream), "type"), "tool_use"))
        llm_stream_arguments(stream,
                             llm_stream_slot(stream, json_integer(object, "index", -1), NULL, NULL),
                             arguments);
    llm_stream_text(stream, text);
    llm_stream_reason(stream, thinking);
    llm_stream_keep_text(stream, &stream->piece, text);
    llm_stream_keep_text(stream, &stream->piece, thinking);
    llm_stream_keep_text(stream, &stream->signature, json_text(delta, "signature"));
}

static void end_block(struct llm_stream *stream) {
    json *block = last_kept(stream);
    const char *type = json_text(block, "type");
    if (!type || (strcmp(type, "text") != 0 && strcmp(type, "thinking") != 0))
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(block, type); // the field is named like the type
    json_add_text(block, type, buf_text(&stream->piece));
    if (strcmp(type, "thinking") == 0) {
        cJSON_DeleteItemFromObjectCaseSensitive(block, "signature");
        json_add_text(block, "signature", buf_text(&stream->signature));
    }
}

// Counts come with the beginning and again, some of them, with the end.
static void read_usage(struct llm_stream *stream, const json *usage) {
    struct llm_usage *known = &stream->usage;
    if (!cJSON_IsObject(usage))
        return;
    int64_t fresh = json_integer(usage, "input_tokens", -1),
            cached = json_integer(usage, "cache_read_input_tokens", 0),
            written = json_integer(usage, "cache_creation_input_tokens", 0);
    if (fresh >= 0) {
        known->input_tokens = fresh + cached + written;
        known->cached_tokens = cached;
    }
    known->output_tokens = json_integer(usage, "output_tokens", known->output_tokens);
    known->is_known = true;
}

static void read_stop(struct llm_stream *stream, const json *delta) {
    static const struct {
        const char *reason;
        enum llm_stop stop;
    } stops[] = {{"max_tokens", LLM_STOP_LENGTH},
                 {"model_context_window_exceeded", LLM_STOP_LENGTH},
                 {"tool_use", LLM_STOP_TOOLS},
                 {"refusal", LLM_STOP_REFUSED}};
    const char *reason = json_text(delta, "stop_reason");
    if (!reason)
        return;
    stream->stop = LLM_STOP_END;
    for (size_t i = 0; i < ARRAY_LENGTH(stops); i++)
        if (strcmp(reason, stops[i].reason) == 0)
            stream->stop = stops[i].stop;
    if (stream->stop == LLM_STOP_REFUSED)
        llm_stream_text(stream, json_text(member(delta, "stop_details"), "explanation"));
}

// Types that are not known are passed over, as Anthropic asks for.
static void read(struct llm_stream *stream, const json *object) {
    const char *type = json_text(object, "type");
    if (str_is_equal(type, "message_start")) {
        llm_stream_name_model(stream, json_text(member(object, "message"), "model"));
        read_usage(stream, member(member(object, "message"), "usage"));
    } else if (str_is_equal(type, "content_block_start")) {
        begin_block(stream, object);
    } else if (str_is_equal(type, "content_block_delta")) {
        add_to_block(stream, object);
    } else if (str_is_equal(type, "content_block_stop")) {
        end_block(stream);
    } else if (str_is_equal(type, "message_delta")) {
        read_stop(stream, member(object, "delta"));
        read_usage(stream, member(object, "usage"));
    } else if (str_is_equal(type, "message_stop")) {
        stream->is_done = true;
    }
}

// Blank texts are refused, and so are thoughts without their signature, which other servers that
// speak this protocol send.
static bool goes_back(const json *block) {
    const char *type = json_text(block, "type"), *text = json_text(block, "text");
    if (strcmp(type, "text") == 0)
        return text && text[strspn(text, " \t\r\n")];
    return strcmp(type, "thinking") != 0 || !str_is_empty(json_text(block, "signature"));
}

// All blocks in their order, where one of them is a thought; else the text and calls will do.
static json *carry(struct llm_stream *stream, const struct llm_reply *reply) {
    bool has_thought = false;
    size_t uses = 0;
    cleanup_json json *made = cJSON_CreateObject();
    json *block, *content = json_add_array(made, "content");
    while (stream->kept && (block = cJSON_DetachItemFromArray(stream->kept, 0))) {
        if (!goes_back(block)) {
            json_free(block);
            continue;
        }
        has_thought |= strstr(json_text(block, "type"), "thinking") != NULL;
        if (str_is_equal(json_text(block, "type"), "tool_use") && uses < reply->call_count) {
            cJSON_DeleteItemFromObjectCaseSensitive(block, "input");
            json_add(block, "input", llm_arguments_of(&reply->calls[uses++]));
        }
        cJSON_AddItemToArray(content, block);
    }
    return has_thought ? mem_take(made) : NULL;
}

const struct llm_dialect llm_anthropic = {.provider = LLM_ANTHROPIC,
                                          .name = "anthropic",
                                          .default_url = "https://api.anthropic.com",
                                          .ask_path = "/v1/messages",
                                          .list_path = "/v1/models?limit=1000",
                                          .write = write,
                                          .read = read,
                                          .carry = carry};
