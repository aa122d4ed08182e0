// SPDX-License-Identifier: Apache-2.0
//
// A provider's server and who asks it, for files of src/llm alone.
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "llm/dialect.h"
#include "llm/failure.h"
#include "net/client.h"

struct llm {
    const struct llm_dialect *dialect;
    struct net_client *net;
    char *model, *title, *key_file;
    int64_t timeout_ms, silence_ms, context_tokens;
    _Atomic int64_t max_tokens; // as set, or as the server has said that there are
    bool is_openai_itself;
    _Atomic unsigned avoid; // what the server has refused, so that it is not sent again
    pthread_mutex_t mutex;
    char *key; // NULL for none, or while the file was not read; under the mutex
};

// A copy of the key that counts now, NULL for none; the caller frees it.
int llm_key_get(struct llm *llm, char **ret_key, struct err *err);
// After a 401 with KEY: whether the file has another one now.
bool llm_key_renew(struct llm *llm, const char *key);

// The headers that every call has.
struct llm_headers {
    char *authorization; // NULL where there is none
    char *lines[2];
    size_t count;
};
void llm_headers_init(struct llm_headers *headers, const struct llm *llm, const char *key);
void llm_headers_done(struct llm_headers *headers);

// Why a call gave no answer that is any good: STATUS and ERR are net_client_call()'s.
void llm_failure_of_call(const struct llm *llm, const struct net_reply *reply, int status,
                         const struct err *err, const char *secret,
                         struct llm_failure *ret_failure);
