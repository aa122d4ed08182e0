// SPDX-License-Identifier: Apache-2.0
//
// What is said in a conversation with a language model, and what the model may do, in one form for
// all providers.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

// A tool that the model asks for. Owned by a reply; borrowed in a message, where `arguments` alone
// counts and `input` may be NULL.
struct llm_call {
    char *id; // made here where the provider gives none
    char *name;
    char *arguments; // as the model wrote them: the text of a JSON object, or of nothing good
    json *input;     // them as an object, {} for none; NULL where they are no object
    char *trouble;   // why they are none, to be told to the model; NULL where they are good
};

enum llm_role { LLM_SYSTEM, LLM_USER, LLM_ASSISTANT, LLM_TOOL };

// Everything is borrowed; what does not belong to the role is NULL.
struct llm_message {
    enum llm_role role;
    const char *text;             // for LLM_TOOL: the result, or what went wrong
    const struct llm_call *calls; // LLM_ASSISTANT: what it asked for
    size_t call_count;
    const json *carry;   // LLM_ASSISTANT: of the reply; without it a model forgets why it asked
    const char *call_id; // LLM_TOOL: of which call it is the result, and of which tool
    const char *call_name;
    bool is_error; // LLM_TOOL; "Error: " goes before the text where a provider has no field for it
};

struct llm_tool {
    const char *name, *description;
    const json *parameters; // the JSON schema of an object
};

// Only what a provider has is asked of it: Ollama takes every choice but LLM_CHOICE_NONE for
// LLM_CHOICE_AUTO.
enum llm_choice { LLM_CHOICE_AUTO, LLM_CHOICE_NONE, LLM_CHOICE_REQUIRED };
