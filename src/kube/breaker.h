// SPDX-License-Identifier: Apache-2.0
//
// A circuit breaker: after several failures in a row nothing is tried for a while, then one at a
// time, until one succeeds. It knows no clock and no lock; its user has both.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct kube_breaker {
    int failures;     // in a row
    int64_t delay_ms; // how long nothing is tried; doubles with every failed try
    int64_t until_us; // when the next may try
    bool is_trying;   // one tries, while nobody else may
};

// Whether one may be tried at NOW_US. Where the breaker is open, that one is the only one until the
// delay has passed again, or it succeeded.
bool kube_breaker_admits(struct kube_breaker *breaker, int64_t now_us);
void kube_breaker_succeeded(struct kube_breaker *breaker);
void kube_breaker_failed(struct kube_breaker *breaker, int64_t now_us);
