// SPDX-License-Identifier: Apache-2.0
//
// What a model is told before it begins: its rules, the schema where that is small, what was asked
// before, what the built-in planner made of the question, and the question.
#pragma once

#include "agent/loop.h"
#include "agent/model.h"

// The caller frees both.
char *prompt_rules(const struct loop *loop);
char *prompt_question(const struct loop *loop, const struct plan_answer *hint,
                      const struct model_choice *choice);
