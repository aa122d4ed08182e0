// SPDX-License-Identifier: Apache-2.0
//
// One turn. Theory of operation: the turn is one JSON object that grows; every change of it is told
// as an event; at its end turn, run and events are written in one transaction, and only then does
// `turn.ended` go out: who has seen it finds the turn again after any crash. Until then the store
// has the turn as running, which a restart turns into interrupted.
//
//   planned  -> trying                               readings are run first (trials.c); then:
//   planned  -> ambiguous | not_understood | proposed | running | model
//   proposed -> running | cancelled                  a person sees the SQL first
//   running  -> answered | failed | cancelled
//   model    -> all of these, some of them many times (model.c)
//
// A turn that was given its SQL (given.c) begins as proposed or running.
//
// Who answers: a reading that was picked is the planner's own, or the answer to what a model asked
// back; without one the planner answers where it is sure, or where a reading was picked when the
// same was asked before (remembered.c), and the model, where one is set, all else. A model that
// cannot be asked leaves the planner's own answer as it is.
#include "agent/turn.h"

#include <stdio.h>
#include <string.h>

#include "agent/given.h"
#include "agent/model.h"
#include "agent/remembered.h"
#include "agent/trials.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "plan/next.h"
#include "plan/units.h"

const char *turn_question(const struct turn *turn) {
    return json_text(turn->order.live->turn, "question");
}

void turn_set(struct turn *turn, const char *key, json *value) {
    struct live *live = turn->order.live;
    pthread_mutex_lock(&live->mutex);
    cJSON_DeleteItemFromObjectCaseSensitive(live->turn, key);
    json_add(live->turn, key, value);
    pthread_mutex_unlock(&live->mutex);
}

void turn_set_text(struct turn *turn, const char *key, const char *text) {
    turn_set(turn, key, text ? cJSON_CreateString(text) : NULL);
}

bool turn_is_cancelled(const struct turn *turn) {
    return sandbox_cancel_is_requested(turn->order.live->cancel);
}

// ---- A run that a person has to approve of ------------------------------------------------------

static void tell_proposed(struct turn *turn, const char *sql, const json *params,
                          const char *understanding) {
    char until[CLOCK_ISO_SIZE];
    struct live *live = turn->order.live;
    json *event = cJSON_CreateObject();
    json_add_text(event, "run_id", live->run_id);
    json_add_text(event, "sql", sql);
    json_add(event, "params", params ? cJSON_Duplicate(params, true) : cJSON_CreateArray());
    json_add_text(event, "understanding", understanding);
    json_add_text(
        event, "expires_at",
        clock_iso(clock_wall_ms() + turn->order.agent->settings.approve_timeout_ms, until));
    turn_set(turn, "approval", cJSON_Duplicate(event, true));
    live_emit(live, "run.proposed", event);
}

static void tell_decided(struct turn *turn, const struct live_approval *decision) {
    json *event = cJSON_CreateObject();
    bool is_granted = decision->state == APPROVAL_GRANTED;
    json_add_text(event, "run_id", turn->order.live->run_id);
    if (is_granted)
        json_add_bool(event, "edited", decision->sql || decision->params);
    else
        json_add_text(event, "reason", decision->reason);
    live_emit(turn->order.live, is_granted ? "run.approved" : "run.refused", event);
}

static int await_approval(struct turn *turn, const char *sql, const json *params,
                          const char *understanding, struct live_approval *ret_decision,
                          struct err *err) {
    live_propose(turn->order.live);
    tell_proposed(turn, sql, params, understanding);
    int status = live_await_approval(
        turn->order.live, turn->order.agent->settings.approve_timeout_ms, ret_decision, err);
    turn_set(turn, "approval", NULL);
    if (status)
        return status;
    tell_decided(turn, ret_decision);
    if (ret_decision->state == APPROVAL_GRANTED)
        return 0;
    return str_is_empty(ret_decision->reason)
               ? err_set(err, ERR_REFUSED, "The run was refused, so it was not made.")
               : err_set(err, ERR_REFUSED, "The run was refused, so it was not made: %.300s",
                         ret_decision->reason);
}

int turn_make_run(struct turn *turn, const char *sql, const json *params, const char *understanding,
                  struct turn_run *ret_run, struct err *err) {
    struct agent *agent = turn->order.agent;
    struct live_approval decision cleanup(live_approval_done) = {.state = APPROVAL_NONE};
    if (turn->run_count++) {
        char id[ID_SIZE];
        id_make(id);
        registry_set_run(&agent->registry, turn->order.live, id);
    }
    if (agent->settings.approves_runs && !turn->order.approves) {
        int status = await_approval(turn, sql, params, understanding, &decision, err);
        if (status)
            return status;
    }
    bool is_edited = decision.sql && strcmp(decision.sql, sql) != 0;
    struct agent_run_request request = {.dataset = turn->order.dataset,
                                        .sql = is_edited ? decision.sql : sql,
                                        .params = decision.params ? decision.params : params,
                                        .proposed_sql = is_edited ? sql : NULL};
    ret_run->outcome = agent_run_sandboxed(agent, turn->order.live, &request, &ret_run->run);
    ret_run->was_edited = is_edited || decision.params;
    return 0;
}

// ---- How it ends --------------------------------------------------------------------------------

void turn_fail(struct turn *turn, enum agent_status status, const char *code, const char *message,
               const char *hint, json *suggestions) {
    json *error = cJSON_CreateObject(), *event;
    json_add_text(error, "code", code);
    json_add_text(error, "message", message);
    if (!str_is_empty(hint))
        json_add_text(error, "hint", hint);
    event = cJSON_Duplicate(error, true);
    json_add(event, "suggestions", suggestions ? suggestions : cJSON_CreateArray());
    turn_set(turn, "error", error);
    live_emit(turn->order.live, "turn.failed", event);
    turn->status = status;
}

void turn_fail_stopped(struct turn *turn) {
    bool is_server = registry_is_closed(&turn->order.agent->registry);
    enum outcome outcome = is_server ? OUTCOME_INTERRUPTED : OUTCOME_CANCELLED;
    turn_fail(turn, is_server ? STATUS_INTERRUPTED : STATUS_CANCELLED, outcome_name(outcome),
              outcome_sentence(outcome), outcome_hint(outcome), NULL);
}

void turn_fail_unrun(struct turn *turn, const struct err *err) {
    if (err->code == ERR_CANCELLED)
        turn_fail_stopped(turn);
    else
        turn_fail(turn, STATUS_CANCELLED,
                  err->code == ERR_REFUSED ? "approval_refused" : "approval_timed_out",
                  err->message, err->hint, NULL);
}

bool turn_take_run(struct turn *turn, const struct turn_run *ran) {
    turn->run = ran->run;
    turn_set(turn, "run", cJSON_Duplicate(turn->run, true));
    if (ran->outcome == OUTCOME_CANCELLED)
        turn_fail_stopped(turn);
    else if (ran->outcome != OUTCOME_COMPLETED)
        turn_fail(turn, STATUS_FAILED, outcome_name(ran->outcome), agent_run_message(turn->run),
                  json_text(turn->run, "hint"), NULL);
    return ran->outcome == OUTCOME_COMPLETED;
}

void turn_ask_back(struct turn *turn, const char *message, json *readings) {
    json *event = cJSON_CreateObject();
    json_add_text(event, "message", message);
    json_add(event, "readings", cJSON_Duplicate(readings, true));
    turn_set_text(turn, "understanding", message);
    turn_set(turn, "readings", readings);
    live_emit(turn->order.live, "plan.ambiguous", event);
    turn->status = STATUS_AMBIGUOUS;
}

void turn_answer(struct turn *turn, const char *sentence) {
    turn_set_text(turn, "sentence", sentence);
    turn->status = STATUS_ANSWERED;
    turn_set_text(turn, "status", agent_status_name(STATUS_ANSWERED));
    json *event = cJSON_CreateObject();
    json_add_text(event, "sentence", sentence);
    json_add(event, "turn", live_turn(turn->order.live));
    live_emit(turn->order.live, "answer", event);
}

// ---- The built-in planner -----------------------------------------------------------------------

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

// {"Total repair cost": "USD"}; NULL where no column has any.
static json *units_of(const struct turn *turn, const struct plan_reading *reading) {
    cleanup_arena struct arena arena = ARENA(LIMIT_SQL);
    struct plan_unit units[PLAN_UNITS];
    size_t count = plan_units(dataset_schema(turn->order.dataset), &arena, reading, units);
    json *object = count ? cJSON_CreateObject() : NULL;
    for (size_t i = 0; i < count; i++)
        json_add_text(object, units[i].title, units[i].unit);
    return object;
}

static json *readings_of(const struct turn *turn, const struct plan_answer *answer) {
    json *array = cJSON_CreateArray();
    for (size_t i = 0; i < answer->reading_count && i < 3; i++) {
        json *reading = cJSON_CreateObject();
        json_add_integer(reading, "index", (int64_t)i);
        json_add_text(reading, "title", answer->readings[i].title);
        json_add_text(reading, "detail", answer->readings[i].detail);
        cleanup_free char *preview = trials_preview(turn, &answer->readings[i]);
        json_add_text(reading, "preview", preview);
        cJSON_AddItemToArray(array, reading);
    }
    return array;
}

static void tell_not_understood(struct turn *turn, const struct plan_answer *answer) {
    const char *hint = answer->suggestion_count
                           ? "Try one of these."
                           : "Ask about the tables and columns of this data set.";
    turn_set(turn, "suggestions", texts(answer->suggestions, answer->suggestion_count));
    turn_fail(turn, STATUS_NOT_UNDERSTOOD, "not_understood", answer->message, hint,
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
    turn_set_text(turn, "understanding", reading->understanding);
    turn_set_text(turn, "sql", reading->sql);
    turn_set(turn, "params", cJSON_Duplicate(params, true));
    turn_set(turn, "chart", chart_of(&reading->chart));
    turn_set(turn, "units", units_of(turn, reading));
    turn_set(turn, "plan", plan_write(dataset_schema(turn->order.dataset), reading));
    live_emit(turn->order.live, "plan.proposed", event);
}

// What a person wrote is no plan: nothing is known of it but its SQL.
static char *sentence_of(struct turn *turn, const struct plan_reading *reading, bool was_edited) {
    const json *result = cJSON_GetObjectItemCaseSensitive(turn->run, "result");
    if (!was_edited)
        return plan_sentence(dataset_schema(turn->order.dataset), reading, result);
    turn_set(turn, "plan", NULL);
    turn_set(turn, "understanding", NULL);
    turn_set(turn, "chart", NULL);
    turn_set(turn, "units", NULL);
    turn_set_text(turn, "sql", json_text(turn->run, "sql"));
    turn_set(turn, "params",
             cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(turn->run, "params"), true));
    return given_sentence(result);
}

// The cells that answer the question; NULL for a report of groups, which is its own answer.
static json *answer_values(const struct plan_reading *reading, const json *result) {
    int column = plan_answer_column(reading);
    const json *row;
    if (column < 0)
        return NULL;
    json *values = cJSON_CreateArray();
    cJSON_ArrayForEach (row, cJSON_GetObjectItemCaseSensitive(result, "rows"))
        cJSON_AddItemToArray(values, cJSON_Duplicate(cJSON_GetArrayItem(row, column), true));
    return values;
}

static void add_follow_ups(struct turn *turn, struct plan_answer *answer) {
    const char *next[PLAN_NEXT];
    size_t count = plan_next(answer, (int)turn->order.reading, next);
    turn_set(turn, "follow_ups", texts(next, count));
}

static void answer_with(struct turn *turn, struct plan_answer *answer,
                        const struct plan_reading *reading) {
    cleanup_json json *params = plan_write_params(reading);
    struct turn_run ran;
    struct err err = {0};
    tell_plan(turn, reading, params, json_integer(turn->order.live->turn, "plan_us", 0));
    ran = (struct turn_run){.run = trials_take(turn, reading), .outcome = OUTCOME_COMPLETED};
    if (!ran.run && turn_make_run(turn, reading->sql, params, reading->understanding, &ran, &err)) {
        turn_fail_unrun(turn, &err);
        return;
    }
    if (!turn_take_run(turn, &ran))
        return;
    cleanup_free char *sentence = sentence_of(turn, reading, ran.was_edited);
    const json *result = cJSON_GetObjectItemCaseSensitive(turn->run, "result");
    turn_set(turn, "answer", ran.was_edited ? NULL : answer_values(reading, result));
    if (!ran.was_edited)
        add_follow_ups(turn, answer);
    turn_answer(turn, sentence);
}

static void answer_builtin(struct turn *turn, struct plan_answer *answer) {
    int64_t reading = turn->order.reading;
    bool is_chosen = reading >= 0 && (size_t)reading < answer->reading_count;
    turn_set_text(turn, "planner", agent_planner_name(AGENT_BUILTIN));
    if (reading >= 0 && !is_chosen)
        turn_fail(turn, STATUS_FAILED, "bad_request", "The question has no such reading.",
                  "Ask it again and choose.", NULL);
    else if (is_chosen || answer->verdict == PLAN_SURE)
        answer_with(turn, answer, &answer->readings[is_chosen ? reading : 0]);
    else if (answer->verdict == PLAN_AMBIGUOUS)
        turn_ask_back(turn, answer->message, readings_of(turn, answer));
    else
        tell_not_understood(turn, answer);
}

// ---- Who answers --------------------------------------------------------------------------------

static void answer_by_model(struct turn *turn, struct plan_answer *answer,
                            const struct model_choice *choice) {
    struct err err = {0};
    if (model_answer(turn, answer, choice, &err))
        return;
    if (turn->order.planner == AGENT_MODEL || choice->title) {
        turn_fail(turn, STATUS_FAILED, "model_unavailable", err.message, err.hint, NULL);
        return;
    }
    json *trouble = cJSON_CreateObject();
    json_add_text(trouble, "message", err.message);
    json_add_text(trouble, "hint", err.hint);
    turn_set(turn, "model_trouble", trouble);
    answer_builtin(turn, answer);
}

// Takes what was chosen before, and keeps the others to choose from.
static void recall(struct turn *turn, const struct plan_answer *answer) {
    json *remembered = NULL;
    int reading = remembered_reading(turn, answer, &remembered);
    if (reading < 0)
        return;
    turn->order.reading = reading;
    turn_set(turn, "reading", json_new_integer(reading));
    turn_set(turn, "readings", readings_of(turn, answer));
    turn_set(turn, "remembered", remembered);
}

static void understand(struct turn *turn) {
    struct plan_answer *answer cleanup(plan_answer_freep) =
        agent_plan(turn->order.agent->store, turn->order.dataset, turn->order.live->turn);
    struct model_choice choice cleanup(model_choice_done) = {.title = NULL};
    turn_set(turn, "plan_us", json_new_integer(clock_monotonic_us() - turn->start_us));
    bool has_model = turn->order.provider && turn->order.planner != AGENT_BUILTIN;
    if (has_model && turn->order.reading >= 0)
        model_choice_find(turn, &choice);
    if (answer->trial_count && !choice.title && !turn_is_cancelled(turn) &&
        !(has_model && turn->order.planner == AGENT_MODEL)) {
        if (turn->order.agent->settings.approves_runs && !turn->order.approves)
            plan_settle(answer, NULL); // nothing is run that nobody approved of
        else
            trials_run(turn, answer);
    }
    if (turn->order.reading < 0 && answer->verdict == PLAN_AMBIGUOUS &&
        !(has_model && turn->order.planner == AGENT_MODEL))
        recall(turn, answer);
    bool is_for_model = turn->order.reading >= 0
                            ? choice.title != NULL
                            : turn->order.planner == AGENT_MODEL || answer->verdict != PLAN_SURE;
    if (turn_is_cancelled(turn))
        turn_fail_stopped(turn);
    else if (has_model && is_for_model)
        answer_by_model(turn, answer, &choice);
    else
        answer_builtin(turn, answer);
}

// Writes the end down, then tells it. If the store fails the turn is answered all the same, and
// says that it is not kept.
static void end(struct turn *turn) {
    char now[CLOCK_ISO_SIZE];
    struct err err = {0};
    int64_t elapsed_us = clock_monotonic_us() - turn->start_us;
    turn_set_text(turn, "status", agent_status_name(turn->status));
    turn_set_text(turn, "ended_at", clock_iso(clock_wall_ms(), now));
    turn_set(turn, "elapsed_us", json_new_integer(elapsed_us));
    cleanup_json json *copy = live_turn(turn->order.live), *events = live_events(turn->order.live);
    json *event = cJSON_CreateObject(), *last = cJSON_CreateArray();
    json_add_text(event, "status", agent_status_name(turn->status));
    json_add_integer(event, "elapsed_us", elapsed_us);
    cJSON_AddItemToArray(last, cJSON_CreateString("turn.ended"));
    cJSON_AddItemToArray(last, cJSON_Duplicate(event, true));
    cJSON_AddItemToArray(events, last);
    json_add(event, "turn", cJSON_Duplicate(copy, true));
    if (store_turn_save(turn->order.agent->store, copy, turn->run, events, &err)) {
        log_error("turn=%s was answered but could not be stored: %s", turn->order.live->id,
                  err.message);
        json_add_text(event, "warning", err.message);
    }
    atomic_fetch_add(&turn->order.agent->turns[turn->status], 1);
    live_emit(turn->order.live, "turn.ended", event);
    live_end(turn->order.live);
}

void agent_turn_work(const struct turn_order *order) {
    struct turn turn = {.order = *order, .start_us = clock_monotonic_us(), .status = STATUS_FAILED};
    json *event = cJSON_CreateObject();
    json_add(event, "turn", live_turn(order->live));
    live_emit(order->live, "turn.started", event);
    if (given_is(order->live->turn))
        given_answer(&turn);
    else
        understand(&turn);
    end(&turn);
    json_free(turn.run);
    json_free(turn.tried);
    dataset_close(order->dataset);
    provider_release(turn.order.provider);
    registry_remove(&order->agent->registry, order->live);
    registry_release(&order->agent->registry, order->live);
}
