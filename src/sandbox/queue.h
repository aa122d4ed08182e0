// SPDX-License-Identifier: Apache-2.0
//
// How many sandboxes there may be at a time, and who is next: parties, which are conversations,
// take turns, so that one with many runs does not keep the others waiting; within a party it is
// first come, first served.
#pragma once

#include <stdint.h>

#include "sandbox/sandbox.h"

struct queue;

// A run's place, from queue_enter() to queue_leave(); it lives where the caller keeps it.
struct queue_place {
    struct queue_place *next;
    const char *party;
};

struct queue *queue_new(int64_t max_running, int64_t max_waiting);
void queue_free(struct queue *queue);

// Takes a place for PARTY (NULL and "" are one party), waiting for one if need be. 0; ERR_BUSY
// where too many wait already; ERR_CANCELLED.
int queue_enter(struct queue *queue, const char *party, struct sandbox_cancel *cancel,
                struct queue_place *ret_place, struct err *err);
void queue_leave(struct queue *queue, struct queue_place *place);
struct sandbox_load queue_load(struct queue *queue);
