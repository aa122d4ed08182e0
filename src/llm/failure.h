// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong when a model is asked: one closed list, which says for each kind whether it
// passes by itself, and what its reader can do. Providers tell them apart by HTTP statuses, by
// types, by codes (which llama.cpp, vLLM and OpenRouter give as numbers) and in words.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"

enum llm_failure_kind {
    LLM_FAILURE_NONE,
    LLM_FAILURE_UNREACHABLE, // nobody answers at that address
    LLM_FAILURE_UNTRUSTED,   // somebody does, with a certificate of no authority that is trusted
    LLM_FAILURE_LATE,        // time is over
    LLM_FAILURE_BROKEN,      // the connection, or the answer, ends in the middle
    LLM_FAILURE_LOADING,     // the model is being loaded
    LLM_FAILURE_BUSY,        // asked too often, or too many ask
    LLM_FAILURE_PASSING,     // the provider's own trouble
    LLM_FAILURE_CREDIT,      // nothing more without payment
    LLM_FAILURE_KEY,         // the key is wrong
    LLM_FAILURE_FORBIDDEN,   // the key is right, but may not do this
    LLM_FAILURE_MISSING,     // no such model, or no such address
    LLM_FAILURE_CONTEXT,     // the messages do not fit
    LLM_FAILURE_FILTERED,    // the provider's filter refuses what was asked, or the answer
    LLM_FAILURE_REQUEST,     // the provider does not take what was sent
    LLM_FAILURE_GARBLED,     // the answer is none of this provider's
    LLM_FAILURE_LARGE,       // the answer is above a limit of ours
};

struct llm_failure {
    enum llm_failure_kind kind;
    long status;        // as HTTP has it, also where the error came in the middle of an answer
    bool is_mid_stream; // it came in an answer that began well
    char code[64];      // the provider's own name for it; "" for none
    char parameter[96]; // of the request, that is to blame; "" for none
    char message[400];  // in the provider's words, on one line
};

// TEXT on one line, with every SECRET (may be NULL) in it blotted out, cut to SIZE.
void llm_quote(const char *text, const char *secret, char *out, size_t size);

// Whether OBJECT, a part of an answer or all of it, tells of an error.
bool llm_is_failure(const json *object);
// Reads such an object; STATUS is the answer's own.
void llm_failure_read(const json *object, long status, const char *secret,
                      struct llm_failure *ret_failure);
// Reads the body of an answer with a bad STATUS, whatever it is.
void llm_failure_read_body(const char *body, size_t length, long status, const char *secret,
                           struct llm_failure *ret_failure);

// Whether asking again may help.
bool llm_failure_passes(const struct llm_failure *failure);
// Sets ERR, in a sentence that begins with TITLE, and returns its code.
int llm_failure_explain(const struct llm_failure *failure, const char *title, struct err *err);
