// SPDX-License-Identifier: Apache-2.0
//
// See units.h. Columns are told by the titles that src/plan/sql.c gives them.
#include "plan/units.h"

#include "base/str.h"
#include "plan/wording.h"

struct list {
    struct plan_unit *at;
    size_t count;
};

static void add(struct list *list, const char *title, const char *unit) {
    if (!str_is_empty(title) && !str_is_empty(unit) && list->count < PLAN_UNITS)
        list->at[list->count++] = (struct plan_unit){title, unit};
}

static bool is_count(const struct plan_measure *measure) {
    return measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_COUNT_DISTINCT;
}

size_t plan_units(const struct dataset_schema *schema, struct arena *arena,
                  const struct plan_reading *reading, struct plan_unit ret_units[PLAN_UNITS]) {
    const struct plan *plan = &reading->plan;
    struct list list = {ret_units, 0};
    for (size_t i = 0; i < plan->group_count; i++)
        if (plan->groups[i].bucket == PLAN_AS_IS)
            add(&list, wording_group_title(schema, arena, plan, i),
                wording_unit(schema, plan->groups[i].column));
    for (size_t i = 0; i < plan->measure_count; i++)
        if (!is_count(&plan->measures[i]))
            add(&list, wording_measure_title(schema, arena, plan, i),
                wording_unit(schema, plan->measures[i].column));
    for (size_t i = 0; i < plan->shown_count && !plan->measure_count; i++)
        add(&list, wording_shown_title(schema, arena, plan, i),
            wording_unit(schema, plan->shown[i]));
    return list.count;
}
