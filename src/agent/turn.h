// SPDX-License-Identifier: Apache-2.0
//
// One turn while it is under way, for those who answer it: the built-in planner (turn.c) and the
// model (model.c).
#pragma once

#include "agent/agent_internal.h"
#include "agent/provider.h"

struct turn_order {
    struct agent *agent;
    struct live *live;
    struct dataset *dataset;   // the turn holds it
    struct provider *provider; // the turn's reference; NULL: no model is asked
    int64_t reading;
    bool approves;
    enum agent_planner planner;
};

struct turn {
    struct turn_order order;
    int64_t start_us;
    enum agent_status status;
    json *run; // what the answer rests on, until it is part of the turn
    size_t run_count;
    json *tried; // the run in which several readings were tried (trials.c), NULL for none
};

// What a turn's thread does. Frees nothing of the agent's; releases the live turn at its end.
void agent_turn_work(const struct turn_order *order);

const char *turn_question(const struct turn *turn);
// Sets KEY of the turn's object; VALUE moves in, NULL is null.
void turn_set(struct turn *turn, const char *key, json *value);
void turn_set_text(struct turn *turn, const char *key, const char *text);
bool turn_is_cancelled(const struct turn *turn);

struct turn_run {
    json *run; // the caller's
    enum outcome outcome;
    bool was_edited;
};
// Runs SQL, once a person has approved of it where that is asked for; UNDERSTANDING, which may be
// NULL, tells that person what it is for. ERR_REFUSED with the person's reason, ERR_BUSY where
// nobody decided in time, ERR_CANCELLED.
int turn_make_run(struct turn *turn, const char *sql, const json *params, const char *understanding,
                  struct turn_run *ret_run, struct err *err);

// Makes the run that turn_make_run() gave the turn's own. False where it did not complete: that is
// how the turn has ended then.
bool turn_take_run(struct turn *turn, const struct turn_run *ran);

// How a turn ends. SUGGESTIONS move in; NULL is none.
void turn_fail(struct turn *turn, enum agent_status status, const char *code, const char *message,
               const char *hint, json *suggestions);
// As cancelled, or as interrupted where it is the server that stops.
void turn_fail_stopped(struct turn *turn);
// As what turn_make_run() gave in place of a run.
void turn_fail_unrun(struct turn *turn, const struct err *err);
// READINGS, [{"index", "title", "detail"}, …], move in.
void turn_ask_back(struct turn *turn, const char *message, json *readings);
// Rests on the run that the turn has.
void turn_answer(struct turn *turn, const char *sentence);
