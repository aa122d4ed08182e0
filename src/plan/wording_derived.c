// SPDX-License-Identifier: Apache-2.0
//
// See wording.h: shares, differences, ratios, what goes from group to group, and averages over
// groups, in words.
#include <string.h>

#include "plan/sql.h"
#include "plan/wording.h"

static bool is_count(const struct plan_measure *measure) {
    return measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_COUNT_DISTINCT;
}

static bool has_sides(const struct plan *plan) {
    for (size_t i = 0; i < plan->filter_count; i++)
        if (plan->filters[i].side != PLAN_OF_ALL)
            return true;
    return false;
}

size_t wording_derived_column(const struct plan *plan) {
    switch (plan->derivation) {
    case PLAN_SHARE_OF_ROWS:
    case PLAN_DIFFERENCE:
    case PLAN_RATIO: return plan->group_count + 2;
    case PLAN_SHARE_OF_TOTAL:
    case PLAN_RUNNING_TOTAL:
    case PLAN_CHANGE:
    case PLAN_GROWTH: return plan->group_count + plan->measure_count;
    case PLAN_PLAIN:
    case PLAN_AVERAGE_OF_GROUPS: break;
    }
    return 0;
}

const char *wording_derived_unit(const struct dataset_schema *schema, const struct plan *plan) {
    const struct plan_measure *measure = &plan->measures[0];
    if (plan->derivation == PLAN_SHARE_OF_TOTAL || plan->derivation == PLAN_SHARE_OF_ROWS ||
        plan->derivation == PLAN_GROWTH)
        return "%";
    if (plan->derivation == PLAN_RATIO && (has_sides(plan) || !is_count(&plan->measures[1])))
        return "";
    return is_count(measure) ? "" : wording_unit(schema, measure->column);
}

// A side that is one value of a column goes by that value: "Texas", "2013".
static const char *side_title(const struct dataset_schema *schema, struct arena *arena,
                              const struct plan *plan, int side) {
    const char *text = wording_side(schema, arena, plan, side, "");
    const char *is = strstr(text, " is ");
    bool is_plain = is && !strstr(text, " and ") && !strstr(text, " where ") &&
                    !strstr(text, " either ") && !strstr(is + 4, " is ");
    if (!is_plain || plan->derivation == PLAN_SHARE_OF_ROWS)
        return wording_raised(arena, text);
    is += strlen(" is ");
    is += strncmp(is, "in ", 3) == 0 || strncmp(is, "on ", 3) == 0 ? 3 : 0;
    return wording_raised(arena, is);
}

const char *wording_inner_values(const struct dataset_schema *schema, struct arena *arena,
                                 const struct plan *plan) {
    return wording_group_values(schema, arena, plan, plan->group_count - 1);
}

const char *wording_derived_title(const struct dataset_schema *schema, struct arena *arena,
                                  const struct plan *plan, size_t at) {
    const struct plan_measure *measure = &plan->measures[0];
    switch (plan->derivation) {
    case PLAN_SHARE_OF_ROWS:
        return at == 0   ? side_title(schema, arena, plan, PLAN_OF_FIRST)
               : at == 1 ? wording_measure_title(schema, arena, plan, 0)
                         : "Share (%)";
    case PLAN_DIFFERENCE:
    case PLAN_RATIO:
        if (at == 2)
            return plan->derivation == PLAN_RATIO ? "Ratio" : "Difference";
        return has_sides(plan)
                   ? side_title(schema, arena, plan, at ? PLAN_OF_SECOND : PLAN_OF_FIRST)
                   : wording_measure_title(schema, arena, plan, at);
    case PLAN_SHARE_OF_TOTAL: return "Share of the total (%)";
    case PLAN_RUNNING_TOTAL: return "Running total";
    case PLAN_CHANGE: return "Change";
    case PLAN_GROWTH: return "Growth (%)";
    case PLAN_AVERAGE_OF_GROUPS:
        return arena_format(arena, "Average %s", wording_measure(schema, arena, measure));
    case PLAN_PLAIN: break;
    }
    return wording_measure_title(schema, arena, plan, 0); // a median
}

const char *wording_whole(const struct dataset_schema *schema, struct arena *arena,
                          const struct plan *plan) {
    const struct plan_measure *measure = &plan->measures[0];
    const char *rows = wording_rows(schema, arena, measure->column.table, false);
    if (measure->aggregate == PLAN_COUNT)
        return rows;
    const char *word = wording_measure(schema, arena, measure);
    return measure->column.metric >= 0 || is_count(measure)
               ? word
               : arena_format(arena, "%s of %s", word, rows);
}

// "Number of orders", "Total cost of strikes": a measure that begins a sentence.
static void add_whole(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                      const struct plan *plan, bool is_first) {
    const char *text = plan->measures[0].aggregate == PLAN_COUNT
                           ? wording_measure(schema, arena, &plan->measures[0])
                           : wording_whole(schema, arena, plan);
    buf_add_text(buf, is_first ? wording_raised(arena, text) : text);
}

void wording_add_derived(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                         const struct plan *plan) {
    const char *filters = wording_filters(schema, arena, plan);
    const char *first = wording_side(schema, arena, plan, PLAN_OF_FIRST, ""),
               *second = wording_side(schema, arena, plan, PLAN_OF_SECOND, "");
    bool is_ratio = plan->derivation == PLAN_RATIO;
    switch (plan->derivation) {
    case PLAN_SHARE_OF_ROWS:
        buf_add_format(buf, "Percentage of %s%s for which %s", wording_whole(schema, arena, plan),
                       filters, first);
        return;
    case PLAN_RUNNING_TOTAL:
        buf_add_text(buf, "Running total of the ");
        add_whole(schema, arena, buf, plan, false);
        break;
    case PLAN_AVERAGE_OF_GROUPS:
        buf_add_format(buf, "Average over %s of the ", wording_inner_values(schema, arena, plan));
        add_whole(schema, arena, buf, plan, false);
        break;
    default: add_whole(schema, arena, buf, plan, true); break;
    }
    if ((is_ratio || plan->derivation == PLAN_DIFFERENCE) && !has_sides(plan))
        buf_add_format(buf, " %s %s", is_ratio ? "divided by" : "less",
                       wording_measure(schema, arena, &plan->measures[1]));
    buf_add_text(buf, filters);
    if (has_sides(plan))
        buf_add_format(buf, " for which %s, %s for which %s", first,
                       is_ratio ? "divided by that" : "less that", second);
    const char *before =
        plan->group_count ? wording_group(schema, arena, plan, plan->group_count - 1) : "";
    if (plan->derivation == PLAN_SHARE_OF_TOTAL)
        buf_add_text(buf, ", with the share of the total");
    else if (plan->derivation == PLAN_CHANGE)
        buf_add_format(buf, ", with the change from the %s listed before", before);
    else if (plan->derivation == PLAN_GROWTH)
        buf_add_format(buf, ", with the growth from the %s listed before", before);
}
