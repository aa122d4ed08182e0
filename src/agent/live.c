// SPDX-License-Identifier: Apache-2.0
//
// See live.h. Lock order: the registry's mutex before a live thing's own; neither is held while
// anything waits for a sandbox or the store.
#include "agent/live.h"

#include <string.h>

struct timespec live_until(int64_t timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

void live_cond_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void registry_init(struct registry *registry) {
    *registry = (struct registry){0};
    pthread_mutex_init(&registry->mutex, NULL);
    live_cond_init(&registry->emptied);
}

void registry_done(struct registry *registry) {
    pthread_cond_destroy(&registry->emptied);
    pthread_mutex_destroy(&registry->mutex);
}

static void live_free(struct live *live) {
    for (int64_t i = 0; i < live->event_count; i++)
        agent_event_done(&live->events[i]);
    free(live->events);
    live_approval_done(&live->approval);
    json_free(live->turn);
    sandbox_cancel_free(live->cancel);
    pthread_cond_destroy(&live->changed);
    pthread_mutex_destroy(&live->mutex);
    free(live);
}

struct live *registry_add(struct registry *registry, const char *id, const char *conversation,
                          json *turn) {
    struct live *live = mem_zero(1, sizeof *live);
    strncpy(live->id, id, ID_SIZE - 1);
    strncpy(live->conversation, conversation, ID_SIZE - 1);
    live->references = 1;
    live->cancel = sandbox_cancel_new();
    live->turn = turn;
    pthread_mutex_init(&live->mutex, NULL);
    live_cond_init(&live->changed);
    pthread_mutex_lock(&registry->mutex);
    bool has_room = registry->count < LIMIT_TURNS_AT_ONCE && !registry->is_closed;
    if (has_room) {
        live->next = registry->first;
        registry->first = live;
        registry->count++;
    }
    pthread_mutex_unlock(&registry->mutex);
    if (has_room)
        return live;
    live->turn = NULL;
    live_free(live);
    return NULL;
}

struct live *registry_find(struct registry *registry, const char *id) {
    pthread_mutex_lock(&registry->mutex);
    struct live *live = registry->first;
    while (live &&
           (live->is_hidden || (strcmp(live->id, id) != 0 && strcmp(live->run_id, id) != 0)))
        live = live->next;
    if (live)
        live->references++;
    pthread_mutex_unlock(&registry->mutex);
    return live;
}

void registry_hide(struct registry *registry, const char *conversation) {
    pthread_mutex_lock(&registry->mutex);
    for (struct live *live = registry->first; live; live = live->next) {
        if (strcmp(live->conversation, conversation) != 0)
            continue;
        live->is_hidden = true;
        live_cancel(live);
    }
    pthread_mutex_unlock(&registry->mutex);
}

void registry_show(struct registry *registry, const char *conversation) {
    pthread_mutex_lock(&registry->mutex);
    for (struct live *live = registry->first; live; live = live->next)
        live->is_hidden = live->is_hidden && strcmp(live->conversation, conversation) != 0;
    pthread_mutex_unlock(&registry->mutex);
}

void registry_set_run(struct registry *registry, struct live *live, const char *run_id) {
    pthread_mutex_lock(&registry->mutex);
    memcpy(live->run_id, run_id, ID_SIZE);
    pthread_mutex_unlock(&registry->mutex);
}

void registry_remove(struct registry *registry, struct live *live) {
    pthread_mutex_lock(&registry->mutex);
    for (struct live **at = &registry->first; *at; at = &(*at)->next) {
        if (*at == live) {
            *at = live->next;
            registry->count--;
            break;
        }
    }
    if (registry->count == 0)
        pthread_cond_broadcast(&registry->emptied);
    pthread_mutex_unlock(&registry->mutex);
}

void registry_release(struct registry *registry, struct live *live) {
    pthread_mutex_lock(&registry->mutex);
    bool is_last = --live->references == 0;
    pthread_mutex_unlock(&registry->mutex);
    if (is_last)
        live_free(live);
}

bool registry_is_closed(struct registry *registry) {
    pthread_mutex_lock(&registry->mutex);
    bool is_closed = registry->is_closed;
    pthread_mutex_unlock(&registry->mutex);
    return is_closed;
}

static bool live_waits(struct live *live) {
    pthread_mutex_lock(&live->mutex);
    bool waits = live->approval.state == APPROVAL_WAITING;
    pthread_mutex_unlock(&live->mutex);
    return waits;
}

void registry_stop_all(struct registry *registry, int64_t grace_ms) {
    struct timespec until = live_until(grace_ms);
    pthread_mutex_lock(&registry->mutex);
    registry->is_closed = true;
    // Nobody answers a server that stops.
    for (struct live *live = registry->first; live; live = live->next)
        if (live_waits(live))
            live_cancel(live);
    while (registry->count > 0 &&
           pthread_cond_timedwait(&registry->emptied, &registry->mutex, &until) == 0)
        continue;
    for (struct live *live = registry->first; live; live = live->next)
        live_cancel(live);
    while (registry->count > 0)
        pthread_cond_wait(&registry->emptied, &registry->mutex);
    pthread_mutex_unlock(&registry->mutex);
}

void live_cancel(struct live *live) {
    sandbox_cancel_request(live->cancel);
    pthread_mutex_lock(&live->mutex);
    pthread_cond_broadcast(&live->changed);
    pthread_mutex_unlock(&live->mutex);
}

void live_emit(struct live *live, const char *name, json *data) {
    bool is_delta = strcmp(name, "text.delta") == 0;
    int64_t most = LIMIT_TURN_EVENTS - (is_delta ? LIVE_SPARE_EVENTS : 0);
    pthread_mutex_lock(&live->mutex);
    if (live->event_count < most) {
        if (live->event_count == live->event_room) {
            live->event_room = live->event_room ? 2 * live->event_room : 32;
            live->events = mem_resize(live->events, (size_t)live->event_room, sizeof *live->events);
        }
        struct agent_event *event = &live->events[live->event_count++];
        *event = (struct agent_event){live->event_count, mem_text(name), json_write(data)};
        pthread_cond_broadcast(&live->changed);
    }
    pthread_mutex_unlock(&live->mutex);
    json_free(data);
}

json *live_turn(struct live *live) {
    pthread_mutex_lock(&live->mutex);
    json *copy = cJSON_Duplicate(live->turn, true);
    pthread_mutex_unlock(&live->mutex);
    return copy;
}

bool live_event_has_turn(const char *name) {
    return strcmp(name, "answer") == 0 || strcmp(name, "turn.ended") == 0;
}

static json *event_data(const struct agent_event *event) {
    json *data = NULL;
    struct err ignored;
    if (!live_event_has_turn(event->name))
        return cJSON_CreateRaw(event->data);
    json_parse(event->data, strlen(event->data), &data, &ignored);
    cJSON_DeleteItemFromObjectCaseSensitive(data, "turn");
    return data;
}

json *live_events(struct live *live) {
    json *events = cJSON_CreateArray();
    pthread_mutex_lock(&live->mutex);
    for (int64_t i = 0; i < live->event_count; i++) {
        json *pair = cJSON_CreateArray();
        cJSON_AddItemToArray(pair, cJSON_CreateString(live->events[i].name));
        cJSON_AddItemToArray(pair, event_data(&live->events[i]));
        cJSON_AddItemToArray(events, pair);
    }
    pthread_mutex_unlock(&live->mutex);
    return events;
}

void live_end(struct live *live) {
    pthread_mutex_lock(&live->mutex);
    live->has_ended = true;
    pthread_cond_broadcast(&live->changed);
    pthread_mutex_unlock(&live->mutex);
}

int live_next(struct live *live, int64_t after, int64_t timeout_ms, struct agent_event *ret_event) {
    struct timespec until = live_until(timeout_ms);
    int late = 0;
    pthread_mutex_lock(&live->mutex);
    while (live->event_count <= after && !live->has_ended && !late)
        late = pthread_cond_timedwait(&live->changed, &live->mutex, &until);
    bool has_event = live->event_count > after, has_ended = live->has_ended;
    if (has_event) {
        const struct agent_event *event = &live->events[after];
        *ret_event =
            (struct agent_event){event->number, mem_text(event->name), mem_text(event->data)};
    }
    pthread_mutex_unlock(&live->mutex);
    return has_event ? 1 : has_ended ? -1 : 0;
}

// ---- Approval -----------------------------------------------------------------------------------

void live_approval_done(struct live_approval *approval) {
    free(approval->sql);
    free(approval->reason);
    json_free(approval->params);
    *approval = (struct live_approval){.state = APPROVAL_NONE};
}

void live_propose(struct live *live) {
    pthread_mutex_lock(&live->mutex);
    live->approval.state = APPROVAL_WAITING;
    pthread_mutex_unlock(&live->mutex);
}

int live_await_approval(struct live *live, int64_t timeout_ms, struct live_approval *ret_approval,
                        struct err *err) {
    struct timespec until = live_until(timeout_ms);
    int late = 0;
    pthread_mutex_lock(&live->mutex);
    while (live->approval.state == APPROVAL_WAITING && !late &&
           !sandbox_cancel_is_requested(live->cancel))
        late = pthread_cond_timedwait(&live->changed, &live->mutex, &until);
    struct live_approval decision = live->approval;
    live->approval = (struct live_approval){.state = APPROVAL_NONE};
    pthread_mutex_unlock(&live->mutex);
    if (decision.state != APPROVAL_WAITING) {
        *ret_approval = decision;
        return 0;
    }
    if (sandbox_cancel_is_requested(live->cancel))
        return err_set(err, ERR_CANCELLED, "%s", outcome_sentence(OUTCOME_CANCELLED));
    err_set(err, ERR_BUSY, "Nobody approved of the run within %lld s, so it was not made.",
            (long long)(timeout_ms / 1000));
    return err_hint(err, "Ask again, and decide in time; APPROVE_TIMEOUT_MS is how long that is.");
}

int live_decide(struct live *live, const char *run_id, struct live_approval *decision,
                struct err *err) {
    pthread_mutex_lock(&live->mutex);
    bool waits = live->approval.state == APPROVAL_WAITING && strcmp(live->run_id, run_id) == 0;
    if (waits) {
        live->approval = *decision;
        *decision = (struct live_approval){.state = APPROVAL_NONE};
        pthread_cond_broadcast(&live->changed);
    }
    pthread_mutex_unlock(&live->mutex);
    return waits
               ? 0
               : err_set(err, ERR_CONFLICT, "The run %.40s does not wait for an approval.", run_id);
}
