// SPDX-License-Identifier: Apache-2.0
//
// Local sandboxes that are started ahead: their walls stand, the data set's schema is read, and
// they wait for one request. Nothing is ever used twice.
#pragma once

#include "sandbox/local_process.h"

struct local_pool;

// A pool of settings->local_pool sandboxes, NULL where that is 0. It is empty until the first take.
struct local_pool *local_pool_new(const struct sandbox_settings *settings, struct groups *groups);
// Ends those that wait.
void local_pool_free(struct local_pool *pool);

// Moves one that was made for PURPOSE out of the pool. False where none waits; the pool remembers
// what it was asked for either way.
bool local_pool_take(struct local_pool *pool, const struct local_purpose *purpose,
                     struct local_process *ret_process);
// Takes over PROCESS, which has given its result: the pool's thread waits for its end, and sees to
// it. Only where there is a pool.
void local_pool_bury(struct local_pool *pool, struct local_process *process);
// Starts what is missing, on the pool's own thread. Called when a run has ended, so that starting
// the next sandbox takes no time from the present one.
void local_pool_refill(struct local_pool *pool);
// How many wait, ready or not.
int64_t local_pool_count(struct local_pool *pool);
