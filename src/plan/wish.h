// SPDX-License-Identifier: Apache-2.0
//
// What a question that is offered is to mean. A question may be sure and yet be read as something
// else than its maker thought; so each is planned, and its plan held against the wish.
#pragma once

#include "plan/plan.h"

struct wish {
    // Table -1 is no wish, here and below; column and metric -1 are the table's rows, counted.
    struct plan_column measured;
    enum plan_aggregate aggregate; // PLAN_NONE: any
    struct plan_column grouped;
    bool is_bucketed; // grouped by BUCKET of any date instead
    enum plan_bucket bucket;
    struct plan_column filtered;
    const char *value;             // that it is filtered for
    int derivation;                // enum plan_derivation, -1: any
    int64_t limit;                 // 0: any
    bool is_descending, is_ranked; // with IS_RANKED it is ranked in this direction
    bool lists_rows, counts_rows;
};

#define NO_WISH                                                                                    \
    ((struct wish){                                                                                \
        .measured = NO_COLUMN, .grouped = NO_COLUMN, .filtered = NO_COLUMN, .derivation = -1})

bool wish_is_granted(const struct wish *wish, const struct plan *plan);
