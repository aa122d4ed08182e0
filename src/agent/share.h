// SPDX-License-Identifier: Apache-2.0
//
// What leaves for the model. Whatever comes from tables is JSON, so that it stands in quotes, and
// is capped; the model is told how much is left out. Where cells are kept, none leaves: not in a
// result, a profile, a list of values or the text of an error.
#pragma once

#include "agent/loop.h"
#include "plan/plan.h"

// Text of a table's author or of a cell, at most SHARE_CELL bytes of it.
#define SHARE_CELL 200
json *share_text(const char *text);
// At most MOST bytes of TEXT, and how many more there are.
json *share_cut(const char *text, size_t most);
// A run's result or error as the model sees it, as JSON; the caller frees it.
char *share_run(const struct loop *loop, size_t number);
// An error of SQLite where cells are kept: those that speak of the statement alone, else that there
// was one.
const char *share_error(const char *message);
// What the built-in planner made of the question, as a hint: its best reading, or those that
// compete; NULL where it has none.
json *share_hint(const struct loop *loop, const struct plan_answer *hint);
// A turn of before as the model sees it.
json *share_turn(const json *turn, bool keeps_cells);
