// SPDX-License-Identifier: Apache-2.0
//
// What every kind of sandbox provides to sandbox.c. A backend gets one request when its turn has
// come and fills in how it ended; queueing, checking and the caller's events are not its business.
#pragma once

#include "sandbox/sandbox.h"

struct backend {
    const char *name, *title; // "docker", "Docker"
    // Opens what its runs share: connections, the pool, the reaper. It talks to no daemon and no
    // API server yet: one that is down is found by runs and checks, and may come up later. SETTINGS
    // outlive the state. ERR_BAD_REQUEST for a setting that can never work.
    int (*open)(const struct sandbox_settings *settings, void **ret_state, struct err *err);
    // Once no run is under way: ends and removes all that was started ahead.
    void (*close)(void *state);
    // Fills outcome, result, where, log, starting_us and elapsed_us; calls ON_EVENT for STARTING
    // and RUNNING, the latter when the walls stand and the request is taken. CANCEL may be NULL.
    void (*run)(void *state, const struct sandbox_request *request,
                sandbox_event_function *on_event, void *context, struct sandbox_cancel *cancel,
                struct sandbox_result *ret_result);
    // Adds what this machine or cluster can do for it, and what is missing.
    void (*look)(void *state, struct sandbox_report *report);
    int64_t check_lasts_s; // how long a check by a run is worth believing
    // How to get namespaces where the kernel refuses them; NULL where a container is the outer
    // wall.
    const char *weak_hint;
};

extern const struct backend backend_local, backend_docker, backend_kube;

// What a run that has no result of the runner's ends with: OUTCOME, a sentence (NULL for the
// outcome's own) and what to do (NULL likewise).
void backend_fail(const struct sandbox_request *request, struct sandbox_result *result,
                  enum outcome outcome, const char *message, const char *hint);
// The request as the runner reads it, on one line; the caller frees it.
char *backend_request_text(const struct sandbox_request *request);
