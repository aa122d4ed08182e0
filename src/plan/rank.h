// SPDX-License-Identifier: Apache-2.0
//
// From a question to ranked readings: all ways are composed and shaped, scored, and the best that
// differ are kept.
#pragma once

#include "plan/draft.h"

#define RANK_READINGS 4

struct ranking {
    struct plan_reading
        readings[RANK_READINGS]; // the best first; those with uncovered words have no SQL
    size_t uncovered[RANK_READINGS];
    const struct draft *drafts[RANK_READINGS]; // as composed
    size_t count;
    bool is_covered[LIMIT_PLAN_TOKENS]; // by the best
    int unsupported;                    // of the best, -1 for none
};

// With BASE (NULL for none) the question's words edit that draft.
void rank_question(struct question *question, const struct draft *base,
                   struct ranking *ret_ranking);
// What the ranking amounts to.
enum plan_verdict rank_verdict(const struct question *question, const struct ranking *ranking,
                               size_t *ret_count);
// Whether two readings are computed by the same SQL with the same parameters.
bool rank_is_same(const struct plan_reading *left, const struct plan_reading *right);
// Reads and ranks in one; false where the arena has no room. RET_QUESTION's contents live in ARENA.
bool rank_text(const struct dataset *dataset, const char *text, struct arena *arena,
               struct question *ret_question, struct ranking *ret_ranking);
// The same for an edit of BASE.
bool rank_edit(const struct dataset *dataset, const char *text, const struct draft *base,
               struct arena *arena, struct question *ret_question, struct ranking *ret_ranking);
