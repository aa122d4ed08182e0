// SPDX-License-Identifier: Apache-2.0
//
// What may be said next: short edits of what was answered, such as "by month instead" and "only
// Texas".
#pragma once

#include "plan/plan.h"

#define PLAN_NEXT 4

// Those for ANSWER once its reading READING (negative: nobody had to choose) was answered:
// different in kind, the likeliest first. Each was planned as it will be, after this answer, and is
// sure. The texts are the answer's. How many there are.
size_t plan_next(struct plan_answer *answer, int reading, const char *ret_texts[PLAN_NEXT]);
