// SPDX-License-Identifier: Apache-2.0
//
// See wish.h.
#include "plan/wish.h"

#include <string.h>

#include "plan/question.h"

static bool is_measured(const struct wish *wish, const struct plan *plan) {
    for (size_t i = 0; i < plan->measure_count; i++) {
        const struct plan_measure *measure = &plan->measures[i];
        bool is_kind = wish->aggregate == PLAN_NONE || wish->aggregate == measure->aggregate;
        bool is_column =
            wish->measured.table < 0 || question_is_same(wish->measured, measure->column);
        if (is_kind && is_column)
            return true;
    }
    return wish->aggregate == PLAN_NONE && wish->measured.table < 0;
}

static bool is_grouped(const struct wish *wish, const struct plan *plan) {
    if (wish->grouped.table < 0 && !wish->is_bucketed)
        return true;
    const struct plan_group *group = &plan->groups[0];
    return plan->group_count == 1 &&
           (wish->is_bucketed
                ? group->bucket == wish->bucket
                : group->bucket == PLAN_AS_IS && question_is_same(group->column, wish->grouped));
}

static bool is_filtered(const struct wish *wish, const struct plan *plan) {
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        if (question_is_same(filter->column, wish->filtered) && filter->comparison == PLAN_EQUAL &&
            filter->value_count == 1 && filter->values[0].kind == PLAN_VALUE_TEXT &&
            strcmp(filter->values[0].text, wish->value) == 0)
            return true;
    }
    return wish->filtered.table < 0;
}

bool wish_is_granted(const struct wish *wish, const struct plan *plan) {
    bool counts = plan->measure_count == 1 && plan->measures[0].aggregate == PLAN_COUNT;
    return is_measured(wish, plan) && is_grouped(wish, plan) && is_filtered(wish, plan) &&
           (wish->derivation < 0 || (int)plan->derivation == wish->derivation) &&
           (!wish->limit || plan->limit == wish->limit) &&
           (!wish->is_ranked || plan->order.descending == wish->is_descending) &&
           (!wish->lists_rows || (!plan->measure_count && !plan->group_count)) &&
           (!wish->counts_rows || counts);
}
