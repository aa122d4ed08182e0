// SPDX-License-Identifier: Apache-2.0
//
// One step of a conversation with a language model: messages and tools go out, the model's text and
// its calls of tools come in while they are written. OpenAI-compatible chat completions, Anthropic
// messages and Ollama look the same from here.
//
// A step may take several tries; what passes by itself (a busy server, a lost connection, a model
// that is being loaded) is waited out before anything was shown, never after. The API key is in no
// message of an error, whatever a server sends back.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "llm/message.h"

enum llm_provider { LLM_OPENAI, LLM_ANTHROPIC, LLM_OLLAMA };

// "openai", "anthropic", "ollama".
const char *llm_provider_name(enum llm_provider provider);
// ERR_BAD_REQUEST names those that there are.
int llm_provider_parse(const char *name, enum llm_provider *ret_provider, struct err *err);

// Texts are copied; each but the model may be NULL.
struct llm_settings {
    enum llm_provider provider;
    const char *base_url;     // with or without "/v1"; NULL: the provider's own server
    const char *model;        // as the provider calls it
    const char *api_key;      // NULL: none; the file wins
    const char *api_key_file; // read at the first step, and again when the server answers 401
    const char *proxy;        // NULL: as https_proxy, http_proxy and no_proxy have it
    const char *ca_file;      // PEM, whose signatures are trusted; NULL: the system's
    int64_t timeout_ms;       // of a step with all its tries and waits
    int64_t silence_ms;       // for which the server may send nothing; 0: timeout_ms
    int64_t max_tokens;       // of one reply
    int64_t context_tokens;   // what Ollama is to make room for (num_ctx); 0: as it is set there
};

struct llm; // may be used from several threads at once

// Reads the CA file, connects to nothing. ERR_BAD_REQUEST, ERR_NOT_FOUND, ERR_IO.
int llm_new(const struct llm_settings *settings, struct llm **ret_llm, struct err *err);
void llm_free(struct llm *llm); // once no step is under way
MEM_CLEANUP(struct llm *, llm_free);
// Borrowed as long as LLM lives: its name for people, "anthropic at https://api.anthropic.com".
const char *llm_title(const struct llm *llm);
const char *llm_model(const struct llm *llm);
const char *llm_url(const struct llm *llm); // of its server, as it is asked
enum llm_provider llm_provider_of(const struct llm *llm);
bool llm_has_key(const struct llm *llm); // or a file for it

enum llm_delta_kind {
    LLM_DELTA_TEXT,      // `text` is more of the answer
    LLM_DELTA_REASONING, // `text` is more of what the model thinks
    LLM_DELTA_CALL,      // `text` is more of the arguments of call `index`, of the tool `name`
    LLM_DELTA_WAIT,      // the next try is in `wait_ms`; `text` is the cause, a sentence
};

// Borrowed during the call. Text is cut between characters, never within one.
struct llm_delta {
    enum llm_delta_kind kind;
    const char *text; // "" for a call that begins
    const char *name;
    size_t index;
    int64_t wait_ms;
    int tries; // so far
};

typedef void llm_delta_function(const struct llm_delta *delta, void *context);

// Everything is borrowed.
struct llm_step {
    const struct llm_message *messages; // LLM_SYSTEM first, where there is one
    size_t message_count;
    const struct llm_tool *tools;
    size_t tool_count;
    enum llm_choice choice;
    const json *schema;           // the text is to be JSON of this kind, where that is offered
    int64_t max_tokens;           // 0, or more than is set: as set
    llm_delta_function *on_delta; // NULL: nobody looks; called in the thread of llm_ask()
    void *context;
    const int *stop_fds; // the step ends with ERR_CANCELLED when one becomes readable; -1 is none
    size_t stop_count;
};

enum llm_stop {
    LLM_STOP_NONE,    // it did not come so far
    LLM_STOP_END,     // the model has said what it wanted to
    LLM_STOP_TOOLS,   // it wants the results of its calls
    LLM_STOP_LENGTH,  // max_tokens, or the end of its context; a call may be incomplete
    LLM_STOP_REFUSED, // it, or a filter, refuses to answer; the text may say why
};

// "none", "end", "tools", "length", "refused".
const char *llm_stop_name(enum llm_stop stop);

struct llm_usage {
    int64_t input_tokens;  // all that was read, from a cache or not
    int64_t cached_tokens; // of these, out of a cache
    int64_t output_tokens; // with the reasoning
    bool is_known;         // whether the provider said so
};

struct llm_reply {
    char *text, *reasoning; // "" for none
    struct llm_call *calls;
    size_t call_count;
    enum llm_stop stop;
    struct llm_usage usage;
    char *model, *request_id; // as the provider reports them; "" where it does not
    json *carry;              // for the message that repeats this reply; NULL for none
    int64_t elapsed_ms;       // with waits
    int tries;
    long http_status; // of the last try; 0 where no answer came
};

void llm_reply_done(struct llm_reply *reply);
// The reply as a message of the next step, borrowed from it.
struct llm_message llm_reply_message(const struct llm_reply *reply);

// Asks the model. RET_REPLY is filled in each case, after an error with what came until then.
// ERR_UNAVAILABLE (cannot be reached, broke off, 5xx, no time left), ERR_BUSY (429), ERR_REFUSED
// (401, 402, 403, credit used up), ERR_NOT_FOUND (no such model or address), ERR_TOO_LARGE (the
// messages do not fit in the model's context, or the answer is above a limit), ERR_BAD_REQUEST (any
// other 4xx), ERR_CORRUPT (the answer is none of this provider's), ERR_CANCELLED. The message is
// the provider's own, with its name and status; the hint says what to do.
int llm_ask(struct llm *llm, const struct llm_step *step, struct llm_reply *ret_reply,
            struct err *err);

// Whether the server can be reached, takes the key and knows the model; costs no tokens. On success
// RET_SENTENCE, which the caller frees, says what was found. Errors as above.
int llm_check(struct llm *llm, int64_t timeout_ms, char **ret_sentence, struct err *err);
// The names of the models that the server lists, an array of at most LIMIT_LLM_NAMES, which the
// caller frees; empty where it lists none. Errors as above.
int llm_list(struct llm *llm, int64_t timeout_ms, json **ret_names, struct err *err);
