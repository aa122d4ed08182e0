// SPDX-License-Identifier: Apache-2.0
//
// What agent.c and turn.c share.
#pragma once

#include "agent/live.h"

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
};

// Runs SQL in a sandbox. The run as the API shows it is in RET_RUN; LIVE gets the events and lends
// its cancelling.
enum outcome agent_run_sandboxed(struct agent *agent, struct live *live,
                                 const struct dataset *dataset, const char *sql, const json *params,
                                 int64_t max_rows, json **ret_run);
// The run's message and hint where it did not complete; NULL where it did.
const char *agent_run_message(const json *run);

// What a turn's thread does. Frees nothing of the agent's; releases LIVE at its end.
void agent_turn_work(struct agent *agent, struct live *live, const struct dataset *dataset,
                     int64_t reading);
