// SPDX-License-Identifier: Apache-2.0
//
// What every kind of sandbox provides to sandbox.c. A backend gets one request when its turn has
// come and fills in how it ended; queueing, checking and the caller's events are not its business.
#pragma once

#include "sandbox/sandbox.h"

struct backend {
    const char *name;
    // Fills outcome, result, where, log, starting_us and elapsed_us; calls ON_EVENT for STARTING
    // and RUNNING.
    void (*run)(const struct sandbox_settings *settings, const struct sandbox_request *request,
                sandbox_event_function *on_event, void *context, struct sandbox_cancel *cancel,
                struct sandbox_result *ret_result);
    // How a wall that is weaker than it could be is made strong, in words.
    const char *weak_hint;
};

extern const struct backend backend_local;
