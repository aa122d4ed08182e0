// SPDX-License-Identifier: Apache-2.0
//
// See shape.h: what is made of measures. A share needs a part, a difference two sides, a running
// total an order; a plan that lacks what its derivation needs is none.
#include <string.h>

#include "plan/shape.h"

// ---- Averages of totals -------------------------------------------------------------------------

static bool is_other_rows(const struct draft *draft, const struct noun *noun) {
    return noun->kind == NOUN_ROWS && noun->column.table != draft->measures[0].column.table;
}

// "Average revenue per order" is an average of totals; "average sales per month" may be one, and
// may be the averages by month.
static void settle_average(struct draft *draft) {
    bool is_average = draft->measure_count == 1 && draft->group_count > 0 &&
                      draft->measures[0].aggregate == PLAN_AVERAGE &&
                      draft_is_additive(draft->schema, draft->measures[0].column);
    if (!is_average || draft->derivation != PLAN_PLAIN)
        return;
    for (size_t i = 0; i < draft->group_count; i++) {
        const struct noun *noun = &draft->groups[i];
        if (!noun->is_each && !is_other_rows(draft, noun))
            continue;
        if (!is_other_rows(draft, noun)) {
            bool is_plain = draft_choose(draft, 2) == 1;
            draft_assume(draft, is_plain ? 0.05 : 0);
            if (is_plain)
                return;
        }
        draft->derivation = PLAN_AVERAGE_OF_GROUPS;
        draft->measures[0].aggregate = PLAN_SUM;
        return;
    }
}

// The group that the average runs over comes last: the one that "per" or "each" leads.
static void order_groups(struct draft *draft) {
    size_t inner = 0;
    for (size_t i = draft->group_count; i > 0; i--)
        if (draft->groups[i - 1].is_each)
            inner = i - 1;
    struct noun noun = draft->groups[inner];
    for (size_t i = inner; i + 1 < draft->group_count; i++)
        draft->groups[i] = draft->groups[i + 1];
    draft->groups[draft->group_count - 1] = noun;
}

// "Revenue per customer": for each of them, or one divided by the other.
static void settle_per(struct draft *draft) {
    bool is_per = draft->measure_count == 1 && draft->group_count == 1 &&
                  draft->groups[0].is_each && draft->groups[0].kind == NOUN_ROWS &&
                  draft->measures[0].aggregate == PLAN_NONE && !draft->is_list &&
                  is_other_rows(draft, &draft->groups[0]) &&
                  draft_is_additive(draft->schema, draft->measures[0].column);
    if (!is_per || draft->derivation != PLAN_PLAIN || draft_choose(draft, 2) == 0)
        return;
    draft_assume(draft, 0.05);
    draft->derivation = PLAN_RATIO;
    draft->measures[0].aggregate = PLAN_SUM;
    draft->measures[draft->measure_count++] =
        (struct draft_measure){PLAN_COUNT, draft->groups[0].column};
    draft->group_count = 0;
}

void shape_settle_derivation(struct draft *draft) {
    settle_average(draft);
    settle_per(draft);
    if (draft->derivation == PLAN_AVERAGE_OF_GROUPS && !draft->group_count) {
        draft->is_nested = true; // of what, is not said
        draft->derivation = PLAN_PLAIN;
    }
    if (draft->derivation == PLAN_AVERAGE_OF_GROUPS)
        order_groups(draft);
}

// ---- What each derivation needs -----------------------------------------------------------------

static bool has_side(const struct plan *plan, int side) {
    for (size_t i = 0; i < plan->filter_count; i++)
        if ((int)plan->filters[i].side == side)
            return true;
    return false;
}

static bool is_sum(const struct plan_measure *measure) {
    return measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_SUM;
}

// A part that is about rows which refer to this one takes what else is asked of that row with it:
// "customers who ordered tea in 2024".
static void gather_part(struct draft *draft, struct plan *plan) {
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *part = &plan->filters[i];
        bool is_about_many =
            part->column.column < 0 || !shape_reaches(draft, plan, plan->table, part->column.table);
        for (size_t j = 0; is_about_many && part->side && j < plan->filter_count; j++)
            if (plan->filters[j].row == part->row &&
                !shape_reaches(draft, plan, plan->table, plan->filters[j].column.table))
                plan->filters[j].side = part->side;
    }
}

static void swap_sides(struct plan *plan) {
    for (size_t i = 0; i < plan->filter_count; i++)
        if (plan->filters[i].side != PLAN_OF_ALL)
            plan->filters[i].side =
                plan->filters[i].side == PLAN_OF_FIRST ? PLAN_OF_SECOND : PLAN_OF_FIRST;
}

static bool is_median(const struct plan *plan) {
    for (size_t i = 0; i < plan->measure_count; i++)
        if (plan->measures[i].aggregate == PLAN_MEDIAN)
            return true;
    return false;
}

// What goes from group to group needs groups that follow each other.
static bool has_order(const struct draft *draft, const struct plan *plan) {
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct dataset_column *column =
            question_column(draft->schema, plan->groups[i].column);
        if (column && (question_is_date(column) || question_is_number(column)))
            return true;
    }
    return false;
}

bool shape_derivation(struct draft *draft, struct plan *plan) {
    const struct plan_measure *measure = &plan->measures[0];
    bool has_first = has_side(plan, PLAN_OF_FIRST), has_second = has_side(plan, PLAN_OF_SECOND);
    bool is_one = plan->measure_count == 1 && plan->having_measure < 0;
    plan->derivation = draft->derivation;
    switch (draft->derivation) {
    case PLAN_PLAIN: return !has_first && !has_second;
    case PLAN_SHARE_OF_ROWS:
        gather_part(draft, plan);
        return is_one && has_first &&
               (is_sum(measure) || measure->aggregate == PLAN_COUNT_DISTINCT);
    case PLAN_SHARE_OF_TOTAL: return is_one && plan->group_count && is_sum(measure) && !has_first;
    case PLAN_RUNNING_TOTAL: return is_one && has_order(draft, plan) && is_sum(measure);
    case PLAN_CHANGE:
    case PLAN_GROWTH: return is_one && has_order(draft, plan);
    case PLAN_AVERAGE_OF_GROUPS:
        plan->per = plan->group_count ? plan->group_count - 1 : 0;
        return plan->measure_count == 1 && plan->group_count;
    case PLAN_DIFFERENCE:
    case PLAN_RATIO:
        if (draft->is_reversed)
            swap_sides(plan);
        return has_first && has_second ? is_one
                                       : !has_first && !has_second && plan->measure_count == 2 &&
                                             plan->having_measure < 0;
    }
    return false;
}

bool shape_is_derived(const struct draft *draft, const struct plan *plan) {
    bool has_sides = has_side(plan, PLAN_OF_FIRST) || has_side(plan, PLAN_OF_SECOND);
    bool is_ranked = plan->is_superlative || plan->limit ||
                     (plan->per && plan->derivation != PLAN_AVERAGE_OF_GROUPS);
    if (is_median(plan) && (plan->measure_count > 1 || plan->having_measure >= 0 || is_ranked ||
                            has_sides || plan->derivation != PLAN_PLAIN))
        return false;
    if (plan->derivation == PLAN_PLAIN && has_sides)
        return false;
    bool is_in_order = plan->limit && !plan->is_superlative && !plan->per;
    return plan->derivation == draft->derivation &&
           (!is_ranked || plan->derivation == PLAN_PLAIN || is_in_order);
}
