// SPDX-License-Identifier: Apache-2.0
//
// Questions to begin with, about a data set whose author vouches for none: made from the schema and
// the profile.
#pragma once

#include "plan/plan.h"

#define PLAN_OPENINGS 6

// Different in kind, the likeliest first. Each was planned; it is sure, and needs no trial. They
// are made once and live as long as DATASET. How many there are: none about a table without rows.
size_t plan_openings(const struct dataset *dataset, const char *ret_texts[PLAN_OPENINGS]);
