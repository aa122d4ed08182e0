// SPDX-License-Identifier: Apache-2.0
//
// Questions that can really be answered, for one that cannot: each was planned before it is
// suggested.
#pragma once

#include "plan/rank.h"

// Fills the answer's suggestions.
void suggest(const struct question *question, const struct ranking *ranking,
             struct plan_answer *answer);
