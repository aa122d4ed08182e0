// SPDX-License-Identifier: Apache-2.0
//
// See retry.h.
#include "llm/retry.h"

#include "base/str.h"

#define FIRST_PAUSE_MS 500
#define LAST_PAUSE_MS 8000
#define FIRST_LOADING_PAUSE_MS 1000
#define LAST_LOADING_PAUSE_MS 5000

bool llm_retry_is_due(const struct llm_failure *failure, const struct llm_retry_advice *advice,
                      int tries) {
    if (failure->kind == LLM_FAILURE_CREDIT || str_is_equal(advice->should_retry, "false"))
        return false;
    if (failure->kind == LLM_FAILURE_LOADING)
        return true;
    bool is_asked_for = str_is_equal(advice->should_retry, "true");
    return (is_asked_for || llm_failure_passes(failure)) && tries < LLM_RETRY_TRIES;
}

// A number of UNIT_MS, with or without a fraction; 0 for anything else.
static int64_t duration_ms(const char *text, int unit_ms) {
    double number;
    if (!text || str_to_real(text, &number) || number < 0)
        return 0;
    return number * unit_ms < 1e12 ? (int64_t)(number * unit_ms) : (int64_t)1e12;
}

int64_t llm_retry_wait_ms(const struct llm_failure *failure, const struct llm_retry_advice *advice,
                          int tries, unsigned char chance) {
    int64_t asked_ms = duration_ms(advice->after_ms, 1);
    if (!asked_ms)
        asked_ms = duration_ms(advice->after, 1000);
    if (!asked_ms)
        asked_ms = advice->after_date_ms;
    if (asked_ms)
        return asked_ms;
    bool is_loading = failure->kind == LLM_FAILURE_LOADING;
    int64_t pause_ms = is_loading ? FIRST_LOADING_PAUSE_MS : FIRST_PAUSE_MS,
            last_ms = is_loading ? LAST_LOADING_PAUSE_MS : LAST_PAUSE_MS;
    for (int i = 1; i < tries && pause_ms < last_ms; i++)
        pause_ms *= 2;
    if (pause_ms > last_ms)
        pause_ms = last_ms;
    return pause_ms - pause_ms * chance / 1024;
}
