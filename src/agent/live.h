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

struct live {
    struct live *next; // in the registry
    char id[ID_SIZE], conversation[ID_SIZE], run_id[ID_SIZE];
    int references; // under the registry's mutex
    struct sandbox_cancel *cancel;

    pthread_mutex_t mutex; // of all below
    pthread_cond_t changed;
    json *turn; // NULL for a run that belongs to no turn
    struct agent_event events[LIMIT_TURN_EVENTS];
    int64_t event_count;
    bool has_ended;
};

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
// Takes it out: nobody finds it from now on. Its listeners keep it until they have let go.
void registry_remove(struct registry *registry, struct live *live);
void registry_release(struct registry *registry, struct live *live);
// Takes nothing new, waits GRACE_MS for what is under way, asks the rest to stop, and waits until
// the registry is empty.
void registry_stop_all(struct registry *registry, int64_t grace_ms);

// Appends an event: NAME and what DATA becomes on one line. DATA is freed.
void live_emit(struct live *live, const char *name, json *data);
// A copy of the turn as it is now; the caller frees it.
json *live_turn(struct live *live);
// Whether events of that name end with the whole turn ("answer", "turn.ended").
bool live_event_has_turn(const char *name);
// Every event as [[name, data], …], without the whole turns in them, which are kept once; the
// caller frees it.
json *live_events(struct live *live);
void live_end(struct live *live);
// As agent_follower_next(), for the event behind number AFTER.
int live_next(struct live *live, int64_t after, int64_t timeout_ms, struct agent_event *ret_event);
