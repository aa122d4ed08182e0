// SPDX-License-Identifier: Apache-2.0
//
// See sql.h: whole statements. Superlatives rank in an inner SELECT, so that equals are all shown.
// Columns are named by the titles that people see.
#include "plan/sql_writer.h"
#include "plan/wording.h"

// ---- Whole statements ---------------------------------------------------------------------------

void sql_add_group_columns(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    bool has_sides = sql_has_sides(plan) || plan->derivation == PLAN_RATIO ||
                     plan->derivation == PLAN_DIFFERENCE;
    for (size_t i = 0; i < plan->group_count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        sql_add_named_bucket(writer, sql_group_column(writer, &plan->groups[i]),
                             plan->groups[i].bucket);
        sql_add_title(writer, wording_group_title(writer->schema, writer->arena, plan, i));
    }
    for (size_t i = 0; i < plan->measure_count && !has_sides; i++) {
        buf_add_text(&writer->text, i || plan->group_count ? ", " : "");
        sql_add_measure(writer, &plan->measures[i]);
        sql_add_title(writer, wording_measure_title(writer->schema, writer->arena, plan, i));
    }
    sql_add_derived_columns(writer);
}

// The filter that is about groups as a whole.
static const struct plan_filter *each_filter(const struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    for (size_t i = 0; i < plan->filter_count; i++) {
        struct sql_unit unit;
        bool is_only = plan->filters[i].is_only && sql_unit(writer->schema, plan, i, &unit) &&
                       !unit.is_existence;
        if (plan->filters[i].is_each || is_only)
            return &plan->filters[i];
    }
    return NULL;
}

// Of groups, those whose rows have each of the values, as many different ones as there are; or
// those of which all rows have one of them.
static void add_each(struct sql_writer *writer, const struct plan_filter *filter,
                     const char *line) {
    if (filter->is_only) {
        buf_add_format(&writer->text, "%sHAVING COUNT(*) = COUNT(CASE WHEN ", line);
        sql_add_filter(writer, filter, filter->comparison);
        buf_add_text(&writer->text, " THEN 1 END)");
        return;
    }
    buf_add_format(&writer->text, "%sHAVING COUNT(DISTINCT ", line);
    sql_add_bucket(writer, filter->column, filter->bucket);
    buf_add_text(&writer->text, ") = ");
    sql_add_param(writer, (struct plan_value){.kind = PLAN_VALUE_INTEGER,
                                              .integer = (int64_t)filter->value_count});
}

static void write_each_count(struct sql_writer *writer, const struct plan_filter *filter) {
    const struct plan *plan = writer->plan;
    buf_add_text(&writer->text, "SELECT COUNT(*)");
    sql_add_title(writer, wording_measure_title(writer->schema, writer->arena, plan, 0));
    buf_add_text(&writer->text, "\nFROM (\n  SELECT ");
    sql_add_bare(writer, plan->measures[0].column);
    sql_add_from(writer, "\n  ");
    sql_add_conditions(writer, "\n  ", false);
    buf_add_text(&writer->text, "\n  GROUP BY ");
    sql_add_bare(writer, plan->measures[0].column);
    add_each(writer, filter, "\n  ");
    buf_add_text(&writer->text, "\n)");
}

static void write_groups(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    const struct plan_filter *each = each_filter(writer);
    if (each && plan->measure_count) {
        write_each_count(writer, each);
        return;
    }
    bool is_ranked = plan->is_superlative || plan->limit, skips_null = is_ranked;
    for (size_t i = 0; i < plan->group_count; i++)
        skips_null |= plan->groups[i].bucket != PLAN_AS_IS || !plan->measure_count;
    buf_add_text(&writer->text, plan->measure_count || each ? "SELECT " : "SELECT DISTINCT ");
    sql_add_group_columns(writer);
    sql_add_from(writer, "\n");
    sql_add_conditions(writer, "\n", skips_null);
    if (plan->group_count && plan->measure_count) {
        sql_add_grouping(writer, "\n");
        sql_add_having(writer, "\n", is_ranked ? plan->order.index : -1);
    } else if (each) {
        sql_add_grouping(writer, "\n");
        add_each(writer, each, "\n");
    }
    if (plan->group_count)
        sql_add_order(writer, "\n");
    sql_add_limit(writer, "\n");
}

// SELECT titles FROM (SELECT …, RANK() …) WHERE place = 1
static void begin_ranking(struct sql_writer *writer, size_t count) {
    buf_add_text(&writer->text, "SELECT ");
    for (size_t i = 0; i < count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        sql_add_quoted(&writer->text, writer->titles[i]);
    }
    buf_add_text(&writer->text, "\nFROM (\n  ");
}

static void end_ranking(struct sql_writer *writer, size_t count) {
    const struct plan *plan = writer->plan;
    buf_add_text(&writer->text, "\n)\nWHERE place ");
    if (plan->per && plan->limit > 1) {
        buf_add_text(&writer->text, "<= ");
        sql_add_param(writer,
                      (struct plan_value){.kind = PLAN_VALUE_INTEGER, .integer = plan->limit});
    } else {
        buf_add_text(&writer->text, "= 1");
    }
    buf_add_text(&writer->text, "\nORDER BY ");
    for (size_t i = 0; i < count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        buf_add_text(&writer->text, i == plan->per && i ? "place, " : "");
        sql_add_quoted(&writer->text, writer->titles[i]);
    }
}

// RANK() among all, or among those that share what stands first.
static void begin_place(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    buf_add_text(&writer->text, ",\n         RANK() OVER (");
    for (size_t i = 0; i < plan->per; i++) {
        buf_add_text(&writer->text, i ? ", " : "PARTITION BY ");
        if (plan->group_count)
            sql_add_bucket(writer, sql_group_column(writer, &plan->groups[i]),
                           plan->groups[i].bucket);
        else
            sql_add_bare(writer, plan->shown[i]);
    }
    buf_add_text(&writer->text, plan->per ? " ORDER BY " : "ORDER BY ");
}

static void write_best_groups(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    size_t count = plan->group_count + plan->measure_count;
    // The titles are needed before the columns that bear them are written.
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    sql_add_group_columns(writer);
    struct buf columns = writer->text;
    writer->text = kept;
    begin_ranking(writer, count);
    buf_add_text(&writer->text, "SELECT ");
    buf_add_text(&writer->text, buf_text(&columns));
    buf_done(&columns);
    begin_place(writer);
    sql_add_measure(writer, &plan->measures[plan->order.index]);
    buf_add_format(&writer->text, "%s) AS place", plan->order.descending ? " DESC" : "");
    sql_add_from(writer, "\n  ");
    sql_add_conditions(writer, "\n  ", true);
    sql_add_grouping(writer, "\n  ");
    sql_add_having(writer, "\n  ", plan->order.index);
    end_ranking(writer, count);
}

static void add_shown_columns(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    for (size_t i = 0; i < plan->shown_count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        sql_add_bare(writer, plan->shown[i]);
        sql_add_title(writer, wording_shown_title(writer->schema, writer->arena, plan, i));
    }
}

// The order column may be empty in some rows: these are neither first nor best.
static void add_row_conditions(struct sql_writer *writer, const char *line) {
    const struct plan *plan = writer->plan;
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    sql_add_conditions(writer, line, false);
    struct buf conditions = writer->text;
    writer->text = kept;
    buf_add_text(&writer->text, buf_text(&conditions));
    bool is_ranked = (plan->is_superlative || plan->limit) && plan->order_column.table >= 0;
    const struct dataset_column *column =
        is_ranked ? question_column(writer->schema, plan->order_column) : NULL;
    if (is_ranked && (!column || column->null_count)) {
        buf_add_format(&writer->text, "%s%s ", line, conditions.length ? "  AND" : "WHERE");
        sql_add_bare(writer, plan->order_column);
        buf_add_text(&writer->text, " IS NOT NULL");
    }
    buf_done(&conditions);
}

static void write_rows(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    const char *lead = "\nORDER BY ";
    buf_add_text(&writer->text, "SELECT ");
    add_shown_columns(writer);
    sql_add_from(writer, "\n");
    add_row_conditions(writer, "\n");
    if (plan->order_column.table >= 0) {
        buf_add_text(&writer->text, lead);
        sql_add_bare(writer, plan->order_column);
        buf_add_text(&writer->text, plan->order.descending ? " DESC" : "");
        lead = ", ";
    }
    // Rows that are alike in all that is shown may stand in any order.
    for (size_t i = 0; i < plan->shown_count; i++) {
        if (question_is_same(plan->shown[i], plan->order_column))
            continue;
        buf_add_text(&writer->text, lead);
        sql_add_quoted(&writer->text, writer->titles[i]);
        lead = ", ";
    }
    sql_add_limit(writer, "\n");
}

static void write_best_rows(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    add_shown_columns(writer);
    struct buf columns = writer->text;
    writer->text = kept;
    begin_ranking(writer, plan->shown_count);
    buf_add_format(&writer->text, "SELECT %s", buf_text(&columns));
    buf_done(&columns);
    begin_place(writer);
    sql_add_bare(writer, plan->order_column);
    buf_add_format(&writer->text, "%s) AS place", plan->order.descending ? " DESC" : "");
    sql_add_from(writer, "\n  ");
    add_row_conditions(writer, "\n  ");
    end_ranking(writer, plan->shown_count);
}

// ---- Charts -------------------------------------------------------------------------------------

static void choose_chart(const struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    struct plan_chart *chart = &writer->reading->chart;
    *chart = (struct plan_chart){.kind = PLAN_NO_CHART, .unit = ""};
    size_t groups = plan->derivation == PLAN_AVERAGE_OF_GROUPS ? plan->per : plan->group_count;
    if (groups != 1 || !plan->measure_count || plan->is_superlative ||
        (plan->per && plan->derivation != PLAN_AVERAGE_OF_GROUPS))
        return;
    const struct plan_group *group = &plan->groups[0];
    const struct dataset_column *column = question_column(writer->schema, group->column);
    bool is_time = (column && question_is_date(column)) && !sql_is_sorted_by_part(group->bucket) &&
                   group->bucket != PLAN_HOUR;
    chart->kind = is_time && !plan->order.by_measure ? PLAN_LINE : PLAN_BAR;
    chart->x = 0;
    chart->y = 1;
    const struct plan_measure *measure = &plan->measures[0];
    bool is_count = measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_COUNT_DISTINCT;
    chart->unit = is_count ? "" : wording_unit(writer->schema, measure->column);
    size_t derived = wording_derived_column(plan);
    if (!derived)
        return;
    chart->y = (int)derived;
    chart->unit = wording_derived_unit(writer->schema, plan);
    if (plan->derivation == PLAN_CHANGE || plan->derivation == PLAN_GROWTH)
        chart->kind = PLAN_BAR; // each is a step of its own
}

static void write_statement(struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    bool is_ranking = plan->is_superlative || plan->per;
    if (plan->derivation == PLAN_AVERAGE_OF_GROUPS)
        sql_write_average_of_groups(writer);
    else if (plan->measure_count && plan->measures[0].aggregate == PLAN_MEDIAN)
        sql_write_median(writer);
    else if (plan->group_count || plan->measure_count)
        is_ranking && plan->group_count ? write_best_groups(writer) : write_groups(writer);
    else
        is_ranking ? write_best_rows(writer) : write_rows(writer);
}

bool sql_write(const struct dataset_schema *schema, struct arena *arena,
               struct plan_reading *reading) {
    struct sql_writer writer = {.schema = schema,
                                .arena = arena,
                                .reading = reading,
                                .plan = &reading->plan,
                                .text = BUF(LIMIT_SQL),
                                .joined = {reading->plan.table},
                                .joined_count = 1};
    const struct plan *plan = writer.plan;
    reading->param_count = 0;
    for (size_t i = 0; i < plan->measure_count; i++)
        sql_join(&writer, plan->measures[i].column.table, -1);
    for (size_t i = 0; i < plan->group_count; i++)
        sql_join(&writer, plan->groups[i].column.table, -1);
    for (size_t i = 0; i < plan->shown_count && !plan->measure_count; i++)
        sql_join(&writer, plan->shown[i].table, -1);
    for (size_t i = 0; i < plan->filter_count; i++) {
        struct sql_unit unit;
        for (size_t j = 0; sql_unit(schema, plan, i, &unit) && j < plan->filter_count; j++)
            if (unit.filters & 1u << j && !unit.is_existence)
                sql_join(&writer, plan->filters[j].column.table, -1);
    }
    if (plan->order_column.table >= 0)
        sql_join(&writer, plan->order_column.table, -1);
    if (!writer.has_failed)
        write_statement(&writer);
    choose_chart(&writer);
    reading->sql = arena_text(arena, buf_text(&writer.text));
    bool is_whole = !writer.has_failed && !writer.text.overflowed && !arena->exhausted;
    buf_done(&writer.text);
    return is_whole;
}
