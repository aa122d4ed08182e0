// SPDX-License-Identifier: Apache-2.0
//
// What the files of this folder share.
#pragma once

#include "agent/live.h"
#include "agent/provider.h"
#include "plan/plan.h"

enum agent_status {
    STATUS_RUNNING,
    STATUS_ANSWERED,
    STATUS_AMBIGUOUS,
    STATUS_NOT_UNDERSTOOD,
    STATUS_FAILED,
    STATUS_CANCELLED,
    STATUS_INTERRUPTED,
    STATUS_COUNT,
};

struct agent {
    struct store *store;
    struct sandbox *sandbox;
    const struct dataset_catalogue *catalogue;
    struct agent_settings settings;
    struct registry registry;
    _Atomic int64_t turns[STATUS_COUNT], runs[OUTCOME_COUNT];
    _Atomic int64_t praise, blame[AGENT_FEEDBACK_REASONS + 1]; // the first without a reason
    _Atomic int64_t input_tokens, output_tokens;
    pthread_mutex_t provider_mutex; // of the one below
    struct provider *provider;      // NULL: no model is asked
    pthread_mutex_t storing_mutex;  // one at a time sets it or tries another
    pthread_mutex_t looking_mutex;  // of the two below
    struct provider_state provider_state;
    int64_t provider_looked_us; // 0: never
};

struct agent_run_request {
    const struct dataset *dataset;
    const char *sql;
    const json *params;       // NULL is none
    const json *alternatives; // [{"sql", "params"}], run beside it; NULL is none
    int64_t max_rows;         // 0 takes the setting
    int64_t timeout_ms;       // 0 takes the setting, which it is no more than
    const char *proposed_sql; // what a person edited into SQL; NULL
    const char *replay_of;    // the run that this one repeats; NULL
};

// Runs SQL in a sandbox. The run as the API shows it is in RET_RUN; LIVE gets the events and lends
// its cancelling.
enum outcome agent_run_sandboxed(struct agent *agent, struct live *live,
                                 const struct agent_run_request *request, json **ret_run);
// The run's message and hint where it did not complete; NULL where it did.
const char *agent_run_message(const json *run);

// As agent_run_replay(), of a run that is at hand; the new one is not stored.
int agent_replay(struct agent *agent, const json *before, json **ret_replay, struct err *err);

// The question of TURN, planned as what it is in its conversation (said.c); the caller frees it.
struct plan_answer *agent_plan(struct store *store, const struct dataset *dataset,
                               const json *turn);
