// SPDX-License-Identifier: Apache-2.0
//
// One turn, from the question to the answer, and runs of given SQL. The only place that joins
// planner, sandbox and store. A turn runs on a thread of its own and goes on when nobody listens;
// listeners follow its events from wherever they left.
#pragma once

#include "base/id.h"
#include "base/json.h"
#include "dataset/dataset.h"
#include "sandbox/sandbox.h"
#include "store/store.h"

struct agent_settings {
    int64_t max_rows, timeout_ms, max_result_bytes;
};

struct agent;

// Everything handed in outlives the agent.
struct agent *agent_new(struct store *store, struct sandbox *sandbox,
                        const struct dataset_catalogue *catalogue,
                        const struct agent_settings *settings);
// Begins nothing new, gives what is under way GRACE_MS to end, cancels the rest, and waits until
// all has ended.
void agent_stop(struct agent *agent, int64_t grace_ms);
// After agent_stop(), once nobody calls any more.
void agent_free(struct agent *agent);
MEM_CLEANUP(struct agent *, agent_free);

// Begins a turn in CONVERSATION. READING picks among the readings offered before, -1 lets the
// planner decide. ERR_BAD_REQUEST (empty, too long, not UTF-8), ERR_NOT_FOUND, ERR_BUSY (too many
// turns under way), or the store's.
int agent_ask(struct agent *agent, const char *conversation, const char *text, int64_t reading,
              char ret_turn[ID_SIZE], struct err *err);
// The turn as far as it has come. ERR_NOT_FOUND.
int agent_turn_get(struct agent *agent, const char *turn, json **ret_turn, struct err *err);
// The conversation with its turns, those under way as far as they have come. ERR_NOT_FOUND.
int agent_conversation_get(struct agent *agent, const char *conversation, json **ret_conversation,
                           struct err *err);
// Asks the turn to stop; one that has ended stays as it is. ERR_NOT_FOUND.
int agent_turn_cancel(struct agent *agent, const char *turn, struct err *err);

struct agent_event {
    int64_t number;    // from 1
    char *name, *data; // "run.started", one JSON object; owned by whoever got the event
};
void agent_event_done(struct agent_event *event);

struct agent_follower;

// Follows TURN from the event behind number AFTER. ERR_NOT_FOUND.
int agent_follow(struct agent *agent, const char *turn, int64_t after,
                 struct agent_follower **ret_follower, struct err *err);
void agent_follower_free(struct agent_follower *follower);
MEM_CLEANUP(struct agent_follower *, agent_follower_free);
// Waits for the next event: 1 and the event, 0 when none came within TIMEOUT_MS, -1 when there will
// be no more.
int agent_follower_next(struct agent_follower *follower, int64_t timeout_ms,
                        struct agent_event *ret_event);

// Runs SQL and returns the finished run, stored, however it ended. MAX_ROWS 0 takes the setting.
// ID, where it is not NULL, is the run's, so that another thread can cancel it meanwhile.
// ERR_BAD_REQUEST where ID is no ULID, ERR_CONFLICT where it is taken, ERR_NOT_FOUND, ERR_BUSY
// (queue_full), ERR_UNAVAILABLE (sandbox_unavailable), or the store's.
int agent_run(struct agent *agent, const char *id, const char *dataset, const char *sql,
              const json *params, int64_t max_rows, json **ret_run, struct err *err);
int agent_run_get(struct agent *agent, const char *run, json **ret_run, struct err *err);
// ERR_NOT_FOUND; ERR_CONFLICT where it has ended.
int agent_run_cancel(struct agent *agent, const char *run, struct err *err);

struct agent_counts {
    int64_t turns_by_status[7]; // in the order of agent_status_name()
    int64_t runs_by_outcome[OUTCOME_COUNT];
    int64_t turns_under_way;
};
struct agent_counts agent_counts(struct agent *agent);
// "running", "answered", "ambiguous", "not_understood", "failed", "cancelled", "interrupted"; NULL
// past the last.
const char *agent_status_name(int status);
