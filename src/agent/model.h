// SPDX-License-Identifier: Apache-2.0
//
// A turn that a language model answers: it looks at the schema and runs SQL with the tools of
// tools.h, step by step, until it answers, asks back or reaches a limit.
#pragma once

#include "agent/turn.h"
#include "plan/plan.h"

// What a person picked of what the model had asked back; texts are NULL where there is none.
struct model_choice {
    char *message, *title, *detail;
};

void model_choice_done(struct model_choice *choice);
// Looks for it in the conversation: the last turn with the same question.
void model_choice_find(struct turn *turn, struct model_choice *ret_choice);

// Lets the model answer; the turn has its end when this returns true. False where the model could
// not be asked at all: ERR says why, and the turn is as it was. HINT is what the built-in planner
// made of the question.
bool model_answer(struct turn *turn, const struct plan_answer *hint,
                  const struct model_choice *choice, struct err *err);
