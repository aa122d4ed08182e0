// SPDX-License-Identifier: Apache-2.0
//
// The one interface to all that a sandbox can be. A run is one shot: a fresh sandbox, one request,
// one result, and nothing left. It can be cancelled from any thread, in any of its phases.
#pragma once

#include <stdbool.h>

#include "runner/protocol.h"

struct sandbox_settings {
    const char *mode;                              // "auto" or "local"
    int64_t memory_mb, max_concurrent, max_queued; // max_concurrent 0: as many as there are cores
    bool strict;                                   // no run behind a weaker wall
};

struct sandbox_request {
    const char *run_id, *dataset, *data_folder; // data_folder: the one data set's own, absolute
    const char *sql;
    const json *params; // NULL is none
    int64_t max_rows, timeout_ms, max_result_bytes;
};

enum sandbox_phase { SANDBOX_QUEUED, SANDBOX_STARTING, SANDBOX_RUNNING, SANDBOX_ENDED };

// Called on the thread that runs, when a phase begins.
typedef void sandbox_event_function(enum sandbox_phase phase, void *context);

struct sandbox_result {
    enum outcome outcome;
    json *result; // the runner's, or one made here where none came; never NULL
    char *where;  // "local process 4711"; NULL where none was started
    int64_t queued_us, starting_us, elapsed_us; // how long each phase took
    char *log; // what the runner wrote to standard error; for the server's log
};

void sandbox_result_done(struct sandbox_result *result);

struct sandbox;
struct sandbox_cancel; // asks a run to stop

// ERR_BAD_REQUEST for a mode that does not exist.
int sandbox_open(const struct sandbox_settings *settings, struct sandbox **ret_sandbox,
                 struct err *err);
void sandbox_close(struct sandbox *sandbox);
MEM_CLEANUP(struct sandbox *, sandbox_close);
const char *sandbox_backend(const struct sandbox *sandbox); // "local"
const struct sandbox_settings *sandbox_settings(const struct sandbox *sandbox);

// Runs REQUEST and fills RET_RESULT, however it ends: every mishap is an outcome. ON_EVENT and
// CANCEL may be NULL.
void sandbox_run(struct sandbox *sandbox, const struct sandbox_request *request,
                 sandbox_event_function *on_event, void *context, struct sandbox_cancel *cancel,
                 struct sandbox_result *ret_result);

struct sandbox_cancel *sandbox_cancel_new(void);
void sandbox_cancel_free(struct sandbox_cancel *cancel);
MEM_CLEANUP(struct sandbox_cancel *, sandbox_cancel_free);
void sandbox_cancel_request(
    struct sandbox_cancel *cancel); // from any thread, also before the run begins
bool sandbox_cancel_is_requested(const struct sandbox_cancel *cancel);
int sandbox_cancel_fd(const struct sandbox_cancel *cancel); // readable once it was requested

struct sandbox_health {
    bool is_healthy, is_weak; // is_weak: it runs, but behind fewer walls than it could
    char summary[256];        // "Local sandbox ready: 7 namespaces, Landlock 7, seccomp"
    char hint[512];           // what to do about it, "" where nothing need be done
    int64_t starting_us;      // of the run that was made to find out
};

// Makes one real run over the data set in DATA_FOLDER and says in words what it found.
void sandbox_check(struct sandbox *sandbox, const char *dataset, const char *data_folder,
                   struct sandbox_health *ret_health);

struct sandbox_load {
    int64_t running, queued;
};
struct sandbox_load sandbox_load(const struct sandbox *sandbox);
