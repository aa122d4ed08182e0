// SPDX-License-Identifier: Apache-2.0
//
// See sql_writer.h: what is made of measures. Shares, differences and ratios of two sides measure
// both in one pass over the rows (CASE inside the aggregate), so that they can be grouped like any
// other measure; what goes from group to group is a window over the groups. Averages over groups
// and medians need an inner SELECT.
#include "plan/sql_writer.h"
#include "plan/wording.h"

bool sql_has_sides(const struct plan *plan) {
    for (size_t i = 0; i < plan->filter_count; i++)
        if (plan->filters[i].side != PLAN_OF_ALL)
            return true;
    return false;
}

// ---- Two sides ----------------------------------------------------------------------------------

static void add_first(struct sql_writer *writer) {
    if (sql_has_sides(writer->plan))
        sql_add_measure_of(writer, &writer->plan->measures[0], PLAN_OF_FIRST);
    else
        sql_add_measure(writer, &writer->plan->measures[0]);
}

static void add_second(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    if (plan->derivation == PLAN_SHARE_OF_ROWS)
        sql_add_measure(writer, &plan->measures[0]);
    else if (sql_has_sides(plan))
        sql_add_measure_of(writer, &plan->measures[0], PLAN_OF_SECOND);
    else
        sql_add_measure(writer, &plan->measures[1]);
}

static void add_derived_title(struct sql_writer *writer, size_t at) {
    sql_add_title(writer, wording_derived_title(writer->schema, writer->arena, writer->plan, at));
}

static void add_sides(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    buf_add_text(&writer->text, plan->group_count ? ", " : "");
    add_first(writer);
    add_derived_title(writer, 0);
    buf_add_text(&writer->text, ", ");
    add_second(writer);
    add_derived_title(writer, 1);
    buf_add_text(&writer->text, plan->derivation == PLAN_SHARE_OF_ROWS ? ", 100.0 * "
                                : plan->derivation == PLAN_RATIO       ? ", 1.0 * "
                                                                       : ", ");
    add_first(writer);
    buf_add_text(&writer->text, plan->derivation == PLAN_DIFFERENCE ? " - " : " / NULLIF(");
    add_second(writer);
    buf_add_text(&writer->text, plan->derivation == PLAN_DIFFERENCE ? "" : ", 0)");
    add_derived_title(writer, 2);
}

// ---- From group to group ------------------------------------------------------------------------

// The window runs along the group of time, or the last one, within all others.
static size_t running_group(const struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct dataset_column *column =
            question_column(writer->schema, plan->groups[i].column);
        if (column && question_is_date(column))
            return i;
    }
    return plan->group_count - 1;
}

static void add_group_terms(struct sql_writer *writer, size_t at) {
    const struct plan_group *group = &writer->plan->groups[at];
    sql_add_bucket(writer, sql_group_column(writer, group), group->bucket);
}

static void add_window(struct sql_writer *writer, const char *frame) {
    const struct plan *plan = writer->plan;
    size_t running = running_group(writer);
    const char *lead = "PARTITION BY ";
    buf_add_text(&writer->text, " OVER (");
    for (size_t i = 0; i < plan->group_count; i++) {
        if (i == running)
            continue;
        buf_add_text(&writer->text, lead);
        add_group_terms(writer, i);
        lead = ", ";
    }
    buf_add_text(&writer->text, *lead == ',' ? " ORDER BY " : "ORDER BY ");
    add_group_terms(writer, running);
    buf_add_format(&writer->text, "%s)", frame);
}

static void add_group_before(struct sql_writer *writer) {
    buf_add_text(&writer->text, "LAG(");
    sql_add_measure(writer, &writer->plan->measures[0]);
    buf_add_char(&writer->text, ')');
    add_window(writer, "");
}

static void add_running(struct sql_writer *writer) {
    const struct plan_measure *measure = &writer->plan->measures[0];
    buf_add_text(&writer->text, ", ");
    switch (writer->plan->derivation) {
    case PLAN_SHARE_OF_TOTAL:
        buf_add_text(&writer->text, "100.0 * ");
        sql_add_measure(writer, measure);
        buf_add_text(&writer->text, " / NULLIF(SUM(");
        sql_add_measure(writer, measure);
        buf_add_text(&writer->text, ") OVER (), 0)");
        break;
    case PLAN_RUNNING_TOTAL:
        buf_add_text(&writer->text, "SUM(");
        sql_add_measure(writer, measure);
        buf_add_char(&writer->text, ')');
        add_window(writer, " ROWS UNBOUNDED PRECEDING");
        break;
    case PLAN_CHANGE:
        sql_add_measure(writer, measure);
        buf_add_text(&writer->text, " - ");
        add_group_before(writer);
        break;
    default:
        buf_add_text(&writer->text, "100.0 * (");
        sql_add_measure(writer, measure);
        buf_add_text(&writer->text, " - ");
        add_group_before(writer);
        buf_add_text(&writer->text, ") / NULLIF(");
        add_group_before(writer);
        buf_add_text(&writer->text, ", 0)");
        break;
    }
    add_derived_title(writer, writer->plan->measure_count);
}

void sql_add_derived_columns(struct sql_writer *writer) {
    switch (writer->plan->derivation) {
    case PLAN_SHARE_OF_ROWS:
    case PLAN_DIFFERENCE:
    case PLAN_RATIO: add_sides(writer); break;
    case PLAN_SHARE_OF_TOTAL:
    case PLAN_RUNNING_TOTAL:
    case PLAN_CHANGE:
    case PLAN_GROWTH: add_running(writer); break;
    case PLAN_PLAIN:
    case PLAN_AVERAGE_OF_GROUPS: break;
    }
}

// ---- Inner selects ------------------------------------------------------------------------------

// Inside each group has a column to be grouped and sorted by (g1, g2 …) and one to be shown.
static void add_inner_groups(struct sql_writer *writer, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct plan_group *group = &writer->plan->groups[i];
        add_group_terms(writer, i);
        buf_add_format(&writer->text, " AS g%zu, ", i + 1);
        sql_add_named_bucket(writer, sql_group_column(writer, group), group->bucket);
        sql_add_title(writer, wording_group_title(writer->schema, writer->arena, writer->plan, i));
        buf_add_text(&writer->text, ", ");
    }
}

static void add_outer_order(struct sql_writer *writer, size_t count) {
    const struct plan *plan = writer->plan;
    if (!count)
        return;
    buf_add_text(&writer->text, "\nGROUP BY ");
    for (size_t i = 0; i < count; i++)
        buf_add_format(&writer->text, "%sg%zu", i ? ", " : "", i + 1);
    buf_add_text(&writer->text, "\nORDER BY ");
    if (plan->order.by_measure) {
        sql_add_quoted(&writer->text, writer->titles[count]);
        buf_add_text(&writer->text, plan->order.descending ? " DESC, " : ", ");
    }
    for (size_t i = 0; i < count; i++) {
        bool is_weekday = plan->groups[i].bucket == PLAN_WEEKDAY; // Monday first
        buf_add_format(&writer->text, is_weekday ? "%s(g%zu + 6) %% 7%s" : "%sg%zu%s",
                       i ? ", " : "", i + 1,
                       !plan->order.by_measure && plan->order.descending ? " DESC" : "");
    }
}

// SELECT titles, AVG(value) FROM (INNER) …: what the inner SELECT is made of stands in INNER.
static void wrap(struct sql_writer *writer, struct buf *inner, size_t count, const char *tail) {
    buf_add_text(&writer->text, "SELECT ");
    for (size_t i = 0; i < count; i++) {
        sql_add_quoted(&writer->text, writer->titles[i]);
        buf_add_text(&writer->text, ", ");
    }
    buf_add_text(&writer->text, "AVG(value)");
    add_derived_title(writer, 0);
    buf_add_format(&writer->text, "\nFROM (\n  %s\n)%s", buf_text(inner), tail);
    add_outer_order(writer, count);
    sql_add_limit(writer, "\n");
    writer->has_failed |= inner->overflowed;
    buf_done(inner);
}

void sql_write_average_of_groups(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    buf_add_text(&writer->text, "SELECT ");
    add_inner_groups(writer, plan->per);
    sql_add_measure(writer, &plan->measures[0]);
    buf_add_text(&writer->text, " AS value");
    sql_add_from(writer, "\n  ");
    sql_add_conditions(writer, "\n  ", true);
    sql_add_grouping(writer, "\n  ");
    sql_add_having(writer, "\n  ", -1);
    struct buf inner = writer->text;
    writer->text = kept;
    wrap(writer, &inner, plan->per, "");
}

// The one or two values in the middle of each group, by their places in it.
void sql_write_median(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    struct plan_column column = plan->measures[0].column;
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    buf_add_text(&writer->text, "SELECT ");
    add_inner_groups(writer, plan->group_count);
    sql_add_bare(writer, column);
    buf_add_text(&writer->text, " AS value,\n         ROW_NUMBER() OVER (");
    for (int is_count = 0; is_count < 2; is_count++) {
        const char *lead = "PARTITION BY ";
        for (size_t i = 0; i < plan->group_count; i++) {
            buf_add_text(&writer->text, i ? ", " : lead);
            add_group_terms(writer, i);
        }
        if (is_count)
            break;
        buf_add_text(&writer->text, plan->group_count ? " ORDER BY " : "ORDER BY ");
        sql_add_bare(writer, column);
        buf_add_text(&writer->text, ") AS place, COUNT(");
        sql_add_bare(writer, column);
        buf_add_text(&writer->text, ") OVER (");
    }
    buf_add_text(&writer->text, ") AS places");
    sql_add_from(writer, "\n  ");
    size_t before = writer->text.length;
    sql_add_conditions(writer, "\n  ", false);
    buf_add_text(&writer->text, writer->text.length > before ? "\n    AND " : "\n  WHERE ");
    sql_add_bare(writer, column);
    buf_add_text(&writer->text, " IS NOT NULL");
    struct buf inner = writer->text;
    writer->text = kept;
    wrap(writer, &inner, plan->group_count, "\nWHERE place * 2 BETWEEN places AND places + 2");
}
