// SPDX-License-Identifier: Apache-2.0
//
// One turn, from the question to the answer. The only place that joins planner, language model,
// sandbox and store. A turn runs on a thread of its own and goes on when nobody listens; listeners
// follow its events from wherever they left.
#pragma once

#include "base/id.h"
#include "base/json.h"
#include "dataset/catalogue.h"
#include "llm/llm.h"
#include "sandbox/sandbox.h"
#include "store/store.h"

// Who answers: the built-in planner where it is sure, else the model; or one of them alone.
enum agent_planner { AGENT_AUTO, AGENT_BUILTIN, AGENT_MODEL, AGENT_PLANNERS };

const char *agent_planner_name(enum agent_planner planner); // "auto"
int agent_planner_from_name(const char *name);              // or -1

struct agent_settings {
    int64_t max_rows, timeout_ms, max_result_bytes;
    enum agent_planner planner;
    struct llm *llm;               // NULL: none, until people set one
    bool keeps_cells;              // no cell of a table is sent to that model
    struct llm_settings llm_base;  // of one that people set: times, tokens, authorities
    const char *model_path;        // the file that it is kept in; NULL: people cannot set one
    int64_t max_steps, max_tokens; // of one turn with the model
    bool approves_runs;            // a person sees each SQL of a turn before it runs
    int64_t approve_timeout_ms;
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

struct agent_question {
    const char *text;    // NULL where there is SQL that nobody gave a name
    int64_t reading;     // which of the readings offered before is meant; -1: none was picked
    int planner;         // enum agent_planner for this turn, -1: as it is set
    bool approves;       // whoever asks approves of every run beforehand
    const char *retries; // the turn that is asked again; NULL
    const char *sql;     // what a person wrote, to be run rather than understood; NULL
    const json *params;  // bound to it; NULL is none
    const char *edits;   // the turn whose SQL was changed into it; NULL
};

// Begins a turn in CONVERSATION. ERR_BAD_REQUEST (empty, too long), ERR_CONFLICT (the model is
// wanted and none is set), ERR_NOT_FOUND (also of the turn that is edited), ERR_BUSY (too many
// turns under way), or the store's.
int agent_ask(struct agent *agent, const char *conversation, const struct agent_question *question,
              char ret_turn[ID_SIZE], struct err *err);
// Asks the question of TURN again, or runs the SQL that it was given, in its conversation.
// ERR_NOT_FOUND, ERR_CONFLICT while it is under way, or agent_ask()'s.
int agent_retry(struct agent *agent, const char *turn, bool approves, char ret_turn[ID_SIZE],
                struct err *err);
// The turn as far as it has come. ERR_NOT_FOUND.
int agent_turn_get(struct agent *agent, const char *turn, json **ret_turn, struct err *err);
// The conversation with its turns, those under way as far as they have come. ERR_NOT_FOUND.
int agent_conversation_get(struct agent *agent, const char *conversation, json **ret_conversation,
                           struct err *err);
// Asks the turn to stop; one that has ended stays as it is. ERR_NOT_FOUND.
int agent_turn_cancel(struct agent *agent, const char *turn, struct err *err);

// What a person says to a run that was proposed.
struct agent_decision {
    const char *run;
    bool approves;
    const char *sql;    // to be run instead; NULL: as it was proposed
    const json *params; // NULL: as they were proposed
    const char *reason; // why not; NULL
};
// ERR_NOT_FOUND; ERR_CONFLICT where that run does not wait; ERR_BAD_REQUEST for parameters that are
// none.
int agent_turn_decide(struct agent *agent, const char *turn, const struct agent_decision *decision,
                      struct err *err);

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

const struct agent_settings *agent_settings(const struct agent *agent);

#define AGENT_FEEDBACK_REASONS 5 // kept.h

struct agent_counts {
    int64_t turns_by_status[7]; // in the order of agent_status_name()
    int64_t runs_by_outcome[OUTCOME_COUNT];
    int64_t turns_under_way;
    int64_t praise, blame[AGENT_FEEDBACK_REASONS + 1]; // without a reason, then by the reason
    int64_t input_tokens, output_tokens;               // of the model
};
struct agent_counts agent_counts(struct agent *agent);
// "running", "answered", "ambiguous", "not_understood", "failed", "cancelled", "interrupted"; NULL
// past the last.
const char *agent_status_name(int status);
