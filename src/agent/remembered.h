// SPDX-License-Identifier: Apache-2.0
//
// What was chosen before, where a question can mean several things: asked again in the same
// conversation it means the same, and the answer says so.
#pragma once

#include "agent/turn.h"

// Which reading of ANSWER was chosen when the turn's question was last asked, and in RET_REMEMBERED
// what the turn says of that: {"turn_id", "title"}, the caller's. -1 where none was.
int remembered_reading(const struct turn *turn, const struct plan_answer *answer,
                       json **ret_remembered);
