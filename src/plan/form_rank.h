// SPDX-License-Identifier: Apache-2.0
//
// From forms to readings: all forms of a question are weighed, the few best become SQL, and once
// these were run their answers are weighed too.
#pragma once

#include "plan/form_features.h"

#define FORM_TRIALS (PLAN_TRIALS - 1) // forms of different SQL that are run at most

struct form_trial {
    struct form form;
    double score;       // log-odds, as learned
    double probability; // of its answer among those of all trials, once they were run
    uint64_t unread;    // words of the question that it does not account for
};

struct form_ranking {
    struct question question;
    struct form_set set;
    struct feature_set features;
    struct form_trial trials[FORM_TRIALS]; // the best first
    size_t trial_count;
};

// Reads TEXT as far as forms need it; false where ARENA has no room.
bool form_question(const struct dataset *dataset, const char *text, struct arena *arena,
                   struct question *ret_question);
// Ranks the forms of the question TEXT on TABLE, and writes RET_READINGS (room for FORM_TRIALS), in
// the order of the trials. Everything lives in ARENA. NULL where there is none, or no room.
struct form_ranking *form_rank(const struct dataset *dataset, const char *text, int table,
                               struct arena *arena, struct plan_reading *ret_readings);
// Weighs the answers: RESULTS[i] is the runner's result of trial i, NULL where it failed. Sorts the
// trials and READINGS by the probability of their answers; of those with the same answer the best
// comes first and the others come last. Returns how many different answers there are; the best is
// in RET_BEST.
size_t form_settle(struct form_ranking *ranking, const json *const *results,
                   struct plan_reading *readings);
