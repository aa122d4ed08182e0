// SPDX-License-Identifier: Apache-2.0
//
// One turn. Theory of operation: the turn is one JSON object that grows; every change of it is told
// as an event; at its end turn, run and events are written in one transaction, and only then does
// `turn.ended` go out: who has seen it finds the turn again after any crash. Until then the store
// has the turn as running, which a restart turns into interrupted.
//
//   planned  -> ambiguous | not_understood | running
//   running  -> answered | failed | cancelled
#include <string.h>

#include "agent/agent_internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "plan/plan.h"

struct turn {
    struct agent *agent;
    struct live *live;
    const struct dataset *dataset;
    int64_t reading, start_us;
    enum agent_status status;
    json *run; // until it is part of the turn
};

static void set(struct turn *turn, const char *key, json *value) {
    pthread_mutex_lock(&turn->live->mutex);
    cJSON_DeleteItemFromObjectCaseSensitive(turn->live->turn, key);
    json_add(turn->live->turn, key, value);
    pthread_mutex_unlock(&turn->live->mutex);
}

static void set_text(struct turn *turn, const char *key, const char *text) {
    set(turn, key, text ? cJSON_CreateString(text) : NULL);
}

static json *texts(const char *const *at, size_t count) {
    return cJSON_CreateStringArray(at, (int)count);
}

static json *chart_of(const struct plan_chart *chart) {
    if (chart->kind == PLAN_NO_CHART)
        return NULL;
    json *object = cJSON_CreateObject();
    json_add_text(object, "kind", chart->kind == PLAN_LINE ? "line" : "bar");
    json_add_integer(object, "x", chart->x);
    json_add_integer(object, "y", chart->y);
    if (chart->unit && *chart->unit)
        json_add_text(object, "unit", chart->unit);
    return object;
}

static json *readings_of(const struct plan_answer *answer) {
    json *array = cJSON_CreateArray();
    for (size_t i = 0; i < answer->reading_count && i < 3; i++) {
        json *reading = cJSON_CreateObject();
        json_add_integer(reading, "index", (int64_t)i);
        json_add_text(reading, "title", answer->readings[i].title);
        json_add_text(reading, "detail", answer->readings[i].detail);
        cJSON_AddItemToArray(array, reading);
    }
    return array;
}

static void fail(struct turn *turn, enum agent_status status, const char *code, const char *message,
                 const char *hint, json *suggestions) {
    json *error = cJSON_CreateObject(), *event;
    json_add_text(error, "code", code);
    json_add_text(error, "message", message);
    if (hint && *hint)
        json_add_text(error, "hint", hint);
    event = cJSON_Duplicate(error, true);
    json_add(event, "suggestions", suggestions ? suggestions : cJSON_CreateArray());
    set(turn, "error", error);
    live_emit(turn->live, "turn.failed", event);
    turn->status = status;
}

static void tell_ambiguous(struct turn *turn, const struct plan_answer *answer) {
    json *event = cJSON_CreateObject(), *readings = readings_of(answer);
    json_add_text(event, "message", answer->message);
    json_add(event, "readings", cJSON_Duplicate(readings, true));
    set_text(turn, "understanding", answer->message);
    set(turn, "readings", readings);
    live_emit(turn->live, "plan.ambiguous", event);
    turn->status = STATUS_AMBIGUOUS;
}

static void tell_not_understood(struct turn *turn, const struct plan_answer *answer) {
    set(turn, "suggestions", texts(answer->suggestions, answer->suggestion_count));
    fail(turn, STATUS_NOT_UNDERSTOOD, "not_understood", answer->message,
         answer->suggestion_count ? "Try one of these."
                                  : "Ask about the tables and columns of this data set.",
         texts(answer->suggestions, answer->suggestion_count));
}

static void tell_plan(struct turn *turn, const struct plan_reading *reading, json *params,
                      int64_t plan_us) {
    json *event = cJSON_CreateObject();
    json_add_text(event, "understanding", reading->understanding);
    json_add_text(event, "sql", reading->sql);
    json_add(event, "params", cJSON_Duplicate(params, true));
    json_add(event, "chart", chart_of(&reading->chart));
    json_add_integer(event, "elapsed_us", plan_us);
    set_text(turn, "understanding", reading->understanding);
    set_text(turn, "sql", reading->sql);
    set(turn, "params", cJSON_Duplicate(params, true));
    set(turn, "chart", chart_of(&reading->chart));
    set(turn, "plan", plan_write(dataset_schema(turn->dataset), &reading->plan));
    live_emit(turn->live, "plan.proposed", event);
}

static void answer_with(struct turn *turn, const struct plan_reading *reading) {
    cleanup_json json *params = plan_write_params(reading);
    tell_plan(turn, reading, params, json_integer(turn->live->turn, "plan_us", 0));
    enum outcome outcome = agent_run_sandboxed(turn->agent, turn->live, turn->dataset, reading->sql,
                                               params, turn->agent->settings.max_rows, &turn->run);
    set(turn, "run", cJSON_Duplicate(turn->run, true));
    if (outcome != OUTCOME_COMPLETED) {
        fail(turn, outcome == OUTCOME_CANCELLED ? STATUS_CANCELLED : STATUS_FAILED,
             outcome_name(outcome), agent_run_message(turn->run), json_text(turn->run, "hint"),
             NULL);
        return;
    }
    cleanup_free char *sentence =
        plan_sentence(dataset_schema(turn->dataset), reading,
                      cJSON_GetObjectItemCaseSensitive(turn->run, "result"));
    set_text(turn, "sentence", sentence);
    turn->status = STATUS_ANSWERED;
    set_text(turn, "status", agent_status_name(STATUS_ANSWERED));
    json *event = cJSON_CreateObject();
    json_add_text(event, "sentence", sentence);
    json_add(event, "turn", live_turn(turn->live));
    live_emit(turn->live, "answer", event);
}

static void understand(struct turn *turn) {
    const char *question = json_text(turn->live->turn, "question");
    struct plan_answer *answer cleanup(plan_answer_freep) = plan_question(turn->dataset, question);
    set(turn, "plan_us", json_new_integer(clock_monotonic_us() - turn->start_us));
    bool is_chosen = turn->reading >= 0 && (size_t)turn->reading < answer->reading_count;
    if (sandbox_cancel_is_requested(turn->live->cancel))
        fail(turn, STATUS_CANCELLED, outcome_name(OUTCOME_CANCELLED),
             outcome_sentence(OUTCOME_CANCELLED), NULL, NULL);
    else if (turn->reading >= 0 && !is_chosen)
        fail(turn, STATUS_FAILED, "bad_request", "The question has no such reading.",
             "Ask it again and choose.", NULL);
    else if (is_chosen || answer->verdict == PLAN_SURE)
        answer_with(turn, &answer->readings[is_chosen ? turn->reading : 0]);
    else if (answer->verdict == PLAN_AMBIGUOUS)
        tell_ambiguous(turn, answer);
    else
        tell_not_understood(turn, answer);
}

// Writes the end down, then tells it. If the store fails the turn is answered all the same, and
// says that it is not kept.
static void end(struct turn *turn) {
    char now[CLOCK_ISO_SIZE];
    struct err err = {0};
    int64_t elapsed_us = clock_monotonic_us() - turn->start_us;
    set_text(turn, "status", agent_status_name(turn->status));
    set_text(turn, "ended_at", clock_iso(clock_wall_ms(), now));
    set(turn, "elapsed_us", json_new_integer(elapsed_us));
    cleanup_json json *copy = live_turn(turn->live), *events = live_events(turn->live);
    json *event = cJSON_CreateObject(), *last = cJSON_CreateArray();
    json_add_text(event, "status", agent_status_name(turn->status));
    json_add_integer(event, "elapsed_us", elapsed_us);
    cJSON_AddItemToArray(last, cJSON_CreateString("turn.ended"));
    cJSON_AddItemToArray(last, cJSON_Duplicate(event, true));
    cJSON_AddItemToArray(events, last);
    json_add(event, "turn", cJSON_Duplicate(copy, true));
    if (store_turn_save(turn->agent->store, copy, turn->run, events, &err)) {
        log_error("turn=%s was answered but could not be stored: %s", turn->live->id, err.message);
        json_add_text(event, "warning", err.message);
    }
    atomic_fetch_add(&turn->agent->turns[turn->status], 1);
    live_emit(turn->live, "turn.ended", event);
    live_end(turn->live);
}

void agent_turn_work(struct agent *agent, struct live *live, const struct dataset *dataset,
                     int64_t reading) {
    struct turn turn = {.agent = agent,
                        .live = live,
                        .dataset = dataset,
                        .reading = reading,
                        .start_us = clock_monotonic_us(),
                        .status = STATUS_FAILED};
    json *event = cJSON_CreateObject();
    json_add(event, "turn", live_turn(live));
    live_emit(live, "turn.started", event);
    understand(&turn);
    end(&turn);
    json_free(turn.run);
    registry_remove(&agent->registry, live);
    registry_release(&agent->registry, live);
}
