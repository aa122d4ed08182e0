// SPDX-License-Identifier: Apache-2.0
//
// Readings that are tried before one is chosen: all of them in one run, in one sandbox.
#pragma once

#include "agent/turn.h"
#include "plan/plan.h"

// Runs ANSWER's trials and lets their results settle it. Where the run does not complete the answer
// stays as it is, and the run that failed is told as the turn's own only where nothing else is.
void trials_run(struct turn *turn, struct plan_answer *answer);
// The run of READING, which was one of the trials: as if it alone had been asked for. NULL where
// none was run. The caller frees it.
json *trials_take(const struct turn *turn, const struct plan_reading *reading);
// What READING comes to, in a few words, for somebody who has to choose; NULL where that is not
// known. The caller frees it.
char *trials_preview(const struct turn *turn, const struct plan_reading *reading);
