// SPDX-License-Identifier: Apache-2.0
//
// What is under way: turns with their events and listeners, and runs with the means to cancel them.
// A live thing is shared between the thread that does the work and those that watch, and counted.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "agent/agent.h"
#include "base/limits.h"

// A run that waits until a person lets it go on.
struct live_approval {
    enum { APPROVAL_NONE, APPROVAL_WAITING, APPROVAL_GRANTED, APPROVAL_REFUSED } state;
    char *sql, *reason; // what the person wrote in its place, or why not; NULL
    json *params;       // NULL: those that were proposed
};

struct live {
    struct live *next; // in the registry
    char id[ID_SIZE], conversation[ID_SIZE];
    char run_id[ID_SIZE]; // the run under way, or the next; under the registry's mutex
    int references;       // under the registry's mutex
    bool is_hidden;       // its conversation was deleted; under the registry's mutex
    struct sandbox_cancel *cancel;

    pthread_mutex_t mutex; // of all below
    pthread_cond_t changed;
    json *turn; // NULL for a run that belongs to no turn
    struct agent_event *events;
    int64_t event_count, event_room;
    struct live_approval approval;
    bool has_ended;
};

#define LIVE_SPARE_EVENTS 512

struct registry {
    pthread_mutex_t mutex;
    pthread_cond_t emptied;
    struct live *first;
    int64_t count;
    bool is_closed;
};

// The time TIMEOUT_MS from now, as a condition variable of live_cond_init() wants it.
struct timespec live_until(int64_t timeout_ms);
void live_cond_init(pthread_cond_t *condition);

void registry_init(struct registry *registry);
void registry_done(struct registry *registry);
// A new live thing with one reference, in the registry; NULL where LIMIT_TURNS_AT_ONCE are under
// way, or it takes nothing new.
struct live *registry_add(struct registry *registry, const char *id, const char *conversation,
                          json *turn);
// The one whose id or run id is ID, with a reference more; NULL where there is none.
struct live *registry_find(struct registry *registry, const char *id);
// Asks every turn of CONVERSATION to stop and lets nobody find them any more; or lets them be found
// again.
void registry_hide(struct registry *registry, const char *conversation);
void registry_show(struct registry *registry, const char *conversation);
// The turn's next run: found by its id from now on.
void registry_set_run(struct registry *registry, struct live *live, const char *run_id);
// Takes it out: nobody finds it from now on. Its listeners keep it until they have let go.
void registry_remove(struct registry *registry, struct live *live);
// Whether the server stops: nothing new is taken.
bool registry_is_closed(struct registry *registry);
void registry_release(struct registry *registry, struct live *live);
// Takes nothing new, waits GRACE_MS for what is under way, asks the rest to stop, and waits until
// the registry is empty.
void registry_stop_all(struct registry *registry, int64_t grace_ms);

// Asks it to stop, and wakes whoever waits for an approval.
void live_cancel(struct live *live);
// Appends an event: NAME and what DATA becomes on one line. DATA is freed. Past LIMIT_TURN_EVENTS
// it is dropped; LIVE_SPARE_EVENTS before that, deltas of text are, so that the end is always told.
void live_emit(struct live *live, const char *name, json *data);
// A copy of the turn as it is now; the caller frees it.
json *live_turn(struct live *live);
// Whether events of that name end with the whole turn ("answer", "turn.ended").
bool live_event_has_turn(const char *name);
// Every event as [[name, data], …], without the whole turns in them, which are kept once; the
// caller frees it.
json *live_events(struct live *live);
void live_end(struct live *live);
// From now on the run can be decided on; its event is told after this.
void live_propose(struct live *live);
// Waits until the run that was proposed is decided on; what was decided moves to RET_APPROVAL.
// ERR_CANCELLED, or ERR_BUSY where nobody decided within TIMEOUT_MS.
int live_await_approval(struct live *live, int64_t timeout_ms, struct live_approval *ret_approval,
                        struct err *err);
// Decides on the run RUN_ID; DECISION moves in where it is taken. ERR_CONFLICT where that run does
// not wait.
int live_decide(struct live *live, const char *run_id, struct live_approval *decision,
                struct err *err);
void live_approval_done(struct live_approval *approval);
// As agent_follower_next(), for the event behind number AFTER.
int live_next(struct live *live, int64_t after, int64_t timeout_ms, struct agent_event *ret_event);
