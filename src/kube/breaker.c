// SPDX-License-Identifier: Apache-2.0
//
// See breaker.h.
#include "kube/breaker.h"

#define OPENS_AFTER 3
#define FIRST_DELAY_MS 2000
#define LAST_DELAY_MS 30000

static bool is_open(const struct kube_breaker *breaker) { return breaker->failures >= OPENS_AFTER; }

bool kube_breaker_admits(struct kube_breaker *breaker, int64_t now_us) {
    if (!is_open(breaker))
        return true;
    if (now_us < breaker->until_us)
        return false;
    breaker->until_us = now_us + breaker->delay_ms * 1000;
    breaker->is_trying = true;
    return true;
}

void kube_breaker_succeeded(struct kube_breaker *breaker) { *breaker = (struct kube_breaker){0}; }

// What was under way already when the breaker opened may fail too; only the one that tries counts.
void kube_breaker_failed(struct kube_breaker *breaker, int64_t now_us) {
    bool was_open = is_open(breaker);
    breaker->failures += !was_open;
    if (!is_open(breaker) || (was_open && !breaker->is_trying))
        return;
    breaker->is_trying = false;
    breaker->delay_ms = breaker->delay_ms == 0 ? FIRST_DELAY_MS : 2 * breaker->delay_ms;
    if (breaker->delay_ms > LAST_DELAY_MS)
        breaker->delay_ms = LAST_DELAY_MS;
    breaker->until_us = now_us + breaker->delay_ms * 1000;
}
