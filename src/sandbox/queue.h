// SPDX-License-Identifier: Apache-2.0
//
// How many sandboxes there may be at a time, and who is next: first come, first served.
#pragma once

#include <stdint.h>

#include "sandbox/sandbox.h"

struct queue;

struct queue *queue_new(int64_t max_running, int64_t max_waiting);
void queue_free(struct queue *queue);

// Takes a place, waiting for one if need be. 0; ERR_BUSY where too many wait already;
// ERR_CANCELLED.
int queue_enter(struct queue *queue, struct sandbox_cancel *cancel, struct err *err);
void queue_leave(struct queue *queue);
struct sandbox_load queue_load(struct queue *queue);
