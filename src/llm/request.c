// SPDX-License-Identifier: Apache-2.0
//
// What the requests of several providers have in common; see dialect.h.
#include "base/limits.h"
#include "base/str.h"
#include "llm/dialect.h"

const json *llm_carry_of(const struct llm_asking *asking, enum llm_provider provider,
                         const struct llm_message *message) {
    bool is_ours =
        message->carry && !(asking->avoid & LLM_AVOID_CARRY) &&
        str_is_equal(json_text(message->carry, "provider"), llm_provider_name(provider)) &&
        str_is_equal(json_text(message->carry, "model"), asking->model);
    return is_ours ? message->carry : NULL;
}

json *llm_arguments_of(const struct llm_call *call) {
    json *value = call->input ? cJSON_Duplicate(call->input, true) : NULL;
    if (value)
        return value;
    const char *text = call->arguments ? call->arguments : "";
    if (json_parse(text, strlen(text), &value, NULL) == 0 && cJSON_IsObject(value))
        return value;
    json_free(value);
    value = cJSON_CreateObject();
    if (*text)
        json_add_text(value, "unreadable_arguments", text);
    return value;
}

static char *with_plain_characters(const char *text, size_t length_max) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char *copy =
        str_is_empty(text) ? mem_text("unknown") : mem_text_n(text, strnlen(text, length_max));
    for (char *at = copy; *at; at++)
        if (!strchr(plain, *at))
            *at = '_';
    return copy;
}

char *llm_name_of(const char *name) { return with_plain_characters(name, 64); }
char *llm_id_of(const char *id) { return with_plain_characters(id, LIMIT_NAME); }

char *llm_result_of(const struct llm_message *message) {
    return mem_format("%s%s", message->is_error ? "Error: " : "",
                      message->text ? message->text : "");
}

json *llm_functions_of(const struct llm_step *step) {
    json *tools = cJSON_CreateArray();
    for (size_t i = 0; i < step->tool_count; i++) {
        json *tool = cJSON_CreateObject(), *function;
        cJSON_AddItemToArray(tools, tool);
        json_add_text(tool, "type", "function");
        function = json_add_object(tool, "function");
        json_add_text(function, "name", step->tools[i].name);
        json_add_text(function, "description", step->tools[i].description);
        json_add(function, "parameters", cJSON_Duplicate(step->tools[i].parameters, true));
    }
    return tools;
}
