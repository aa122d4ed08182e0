// SPDX-License-Identifier: Apache-2.0
//
// Where the strict reader (rank.h) and the generous one (form_rank.h) meet: what is tried before
// the planner says what a question means.
#pragma once

#include "plan/question.h"

// Adds to ANSWER, which is the strict reader's about QUESTION, the readings that are worth trying;
// plan_settle() then decides.
void settle_find_trials(const struct dataset *dataset, const char *text,
                        const struct question *question, struct plan_answer *answer);
