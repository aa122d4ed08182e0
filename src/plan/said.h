// SPDX-License-Identifier: Apache-2.0
//
// What was said in a conversation, one text after the other: each is a question of its own, or
// edits the one before it.
#pragma once

#include "plan/rank.h"

struct said {
    const struct dataset *dataset;
    struct arena *arena;
    struct question *question;
    struct ranking *ranking;
    const struct draft *draft; // of the reading that was meant; NULL where there is none
    bool is_edit;
    size_t whole;     // which of what was said is the whole question that this edits, or is itself
    const char *note; // what was read as something else, "" for nothing
};

// Reads TEXT as a question of its own or, where it is none or asks for nothing, as an edit of
// BEFORE (NULL for none). RET_SAID comes with its dataset and arena. False where the arena has no
// room.
bool said_read(const struct said *before, const char *text, struct said *ret_said);
// Sets the draft: that of the reading, or, where it is negative, of the best.
void said_choose(struct said *said, int reading);

// A conversation up to an answer, which owns it, for what may be said next (next.c).
struct plan_context {
    struct said said[PLAN_SAID + 1]; // the last is what was answered
    size_t count;
    size_t place; // of the last among what was said, with what could not be read
};
