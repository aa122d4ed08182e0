// SPDX-License-Identifier: Apache-2.0
//
// When to ask again. The server's own word counts: `retry-after-ms`, `Retry-After` (seconds or a
// date) and `x-should-retry`, as the clients of OpenAI and Anthropic have it. Without one the pause
// doubles from half a second to eight, less up to a quarter by chance, so that many who were turned
// away together do not come back together.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "llm/failure.h"

#define LLM_RETRY_TRIES 4
#define LLM_RETRY_LONGEST_MS 60000 // a server that wants us to wait longer is not waited for

// What the answer's headers say; texts may be NULL.
struct llm_retry_advice {
    const char *after_ms, *after, *should_retry;
    int64_t after_date_ms; // `Retry-After` where it is a date, as the time from now; 0 for none
};

// Whether to ask again after so many TRIES that ended in FAILURE. A model that is being loaded is
// waited for as long as there is time; credit that is used up never comes back.
bool llm_retry_is_due(const struct llm_failure *failure, const struct llm_retry_advice *advice,
                      int tries);
// For how long to wait before. CHANCE is anything from 0 to 255.
int64_t llm_retry_wait_ms(const struct llm_failure *failure, const struct llm_retry_advice *advice,
                          int tries, unsigned char chance);
