// SPDX-License-Identifier: Apache-2.0
//
// What differs between the providers: addresses, how a request is written, how an answer is read.
// For files of src/llm alone.
#pragma once

#include <stdbool.h>

#include "llm/llm.h"

struct llm_stream;

// What is left out of a request because the server has refused it.
enum llm_avoid {
    LLM_AVOID_TEMPERATURE = 1 << 0,
    LLM_AVOID_STREAM_OPTIONS = 1 << 1,
    LLM_AVOID_TOOL_CHOICE = 1 << 2,
    LLM_AVOID_SCHEMA = 1 << 3,
    LLM_AVOID_CARRY = 1 << 4,
    LLM_AVOID_CACHE = 1 << 5,
    LLM_AVOID_MAX_TOKENS = 1 << 6, // the one name for it, so the other is taken
};

struct llm_asking {
    const char *model;
    int64_t max_tokens, context_tokens;
    const struct llm_step *step;
    bool is_openai_itself; // not one of those that do as it does
    unsigned avoid;        // of enum llm_avoid
};

struct llm_dialect {
    enum llm_provider provider;
    const char *name, *default_url;
    const char *ask_path, *list_path; // behind the base URL
    const char *end;                  // the data of the event that ends a stream; NULL for none
    bool is_lines;                    // NDJSON, not SSE
    json *(*write)(const struct llm_asking *asking);
    // Reads one event or line; OBJECT is an object and no failure.
    void (*read)(struct llm_stream *stream, const json *object);
    // What the message that repeats the answer has to carry; NULL for nothing. Calls are whole.
    json *(*carry)(struct llm_stream *stream, const struct llm_reply *reply);
};

extern const struct llm_dialect llm_openai, llm_anthropic, llm_ollama;

// For writing requests.

// The carry of MESSAGE where it is of this provider and model, else NULL.
const json *llm_carry_of(const struct llm_asking *asking, enum llm_provider provider,
                         const struct llm_message *message);
// The arguments of CALL as an object; those that are none, as an object with their text in it.
json *llm_arguments_of(const struct llm_call *call);
// The name and id of a call in the characters that every provider takes back: a model may have made
// up a tool's name, and ids come from other providers. The caller frees them.
char *llm_name_of(const char *name);
char *llm_id_of(const char *id);
// The text of a result, with the error in it where the provider has no other place for that.
char *llm_result_of(const struct llm_message *message);
// [{"type": "function", "function": {name, description, parameters}}], as two providers have it.
json *llm_functions_of(const struct llm_step *step);
