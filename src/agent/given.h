// SPDX-License-Identifier: Apache-2.0
//
// Turns whose SQL a person wrote, instead of asking: nothing is understood, the SQL is run as it
// is, in the same sandbox and under the same approval as any other.
#pragma once

#include "agent/turn.h"

#define GIVEN_PLANNER "sql" // what such a turn has as its "planner"

bool given_is(const json *turn);
// What a turn of SQL is called where whoever wrote it did not say: its first line, if that is a
// comment; "Edited SQL"; else its first line. The caller frees it.
char *given_title(const char *sql, bool is_edit);
// ERR_BAD_REQUEST for SQL that is empty or parameters that are none, ERR_NOT_FOUND where it edits
// no turn of CONVERSATION.
int given_check(struct agent *agent, const char *conversation,
                const struct agent_question *question, struct err *err);
// Runs the turn's SQL and states what came of it.
void given_answer(struct turn *turn);
// States what is in the result of SQL of which nothing else is known; the caller frees it.
char *given_sentence(const json *result);
