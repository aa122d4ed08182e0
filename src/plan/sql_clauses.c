// SPDX-License-Identifier: Apache-2.0
//
// See sql_writer.h: joins and clauses. Tables are joined along the paths of graph.h; filters on
// tables that refer to this one become EXISTS, so that they never multiply rows.
#include <string.h>

#include "plan/sql_writer.h"
#include "plan/wording.h"

// ---- Tables -------------------------------------------------------------------------------------

static bool is_joined(const struct sql_writer *writer, int table) {
    for (size_t i = 0; i < writer->joined_count; i++)
        if (writer->joined[i] == table)
            return true;
    return false;
}

void sql_join(struct sql_writer *writer, int table, int avoided) {
    struct graph_path path;
    if (!graph_path(writer->schema, writer->plan, writer->joined[0], table, avoided, &path)) {
        writer->has_failed = true;
        return;
    }
    for (size_t i = 0; i < path.count; i++) {
        if (is_joined(writer, path.steps[i].to_table))
            continue;
        if (writer->joined_count == SQL_TABLES) {
            writer->has_failed = true;
            return;
        }
        writer->steps[writer->joined_count] = path.steps[i];
        writer->joined[writer->joined_count++] = path.steps[i].to_table;
    }
}

void sql_add_from(struct sql_writer *writer, const char *line) {
    const struct dataset_schema *schema = writer->schema;
    buf_add_format(&writer->text, "%sFROM ", line);
    sql_add_name(&writer->text, schema->tables[writer->joined[0]].name);
    for (size_t i = 1; i < writer->joined_count; i++) {
        const struct graph_step *step = &writer->steps[i];
        const struct dataset_column *column =
            &schema->tables[step->from_table].columns[step->from_column];
        // Rows whose reference is empty stay.
        buf_add_format(&writer->text, "%s%sJOIN ", line, column->null_count ? "LEFT " : "");
        sql_add_name(&writer->text, schema->tables[step->to_table].name);
        buf_add_text(&writer->text, " ON ");
        sql_add_column(writer, step->to_table, step->to_column);
        buf_add_text(&writer->text, " = ");
        sql_add_column(writer, step->from_table, step->from_column);
    }
}

// ---- Conditions ---------------------------------------------------------------------------------

bool sql_is_denial(enum plan_comparison comparison, enum plan_comparison *ret_denied) {
    *ret_denied = comparison == PLAN_NOT_EQUAL      ? PLAN_EQUAL
                  : comparison == PLAN_NOT_BETWEEN  ? PLAN_BETWEEN
                  : comparison == PLAN_NOT_CONTAINS ? PLAN_CONTAINS
                                                    : comparison;
    return *ret_denied != comparison;
}

static bool is_rows(const struct plan_filter *filter) {
    return filter->column.column < 0 && filter->column.metric < 0;
}

static bool is_about_many(const struct dataset_schema *schema, const struct plan *plan,
                          const struct plan_filter *filter) {
    struct graph_path path;
    return is_rows(filter) ||
           !graph_path(schema, plan, plan->table, filter->column.table, -1, &path);
}

bool sql_unit(const struct dataset_schema *schema, const struct plan *plan, size_t first,
              struct sql_unit *ret_unit) {
    const struct plan_filter *begin = &plan->filters[first];
    struct sql_unit unit = {.filters = 1u << first, .root = -1};
    unit.is_existence = is_about_many(schema, plan, begin);
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        enum plan_comparison denied;
        bool is_alike =
            filter->side == begin->side && filter->alternative == begin->alternative &&
            (unit.is_existence ? filter->row == begin->row && is_about_many(schema, plan, filter)
                               : begin->alternative != 0 || i == first);
        if (!is_alike)
            continue;
        if (i < first)
            return false;
        unit.filters |= 1u << i;
        if (!unit.is_existence)
            continue;
        unit.is_negated |= (is_rows(filter) && filter->comparison == PLAN_IS_NULL) ||
                           sql_is_denial(filter->comparison, &denied);
        unit.root = graph_meeting(schema, plan, unit.root < 0 ? plan->table : unit.root,
                                  filter->column.table);
        if (unit.root < 0) { // nothing joins them, which the join will find out
            unit.is_existence = false;
            break;
        }
    }
    *ret_unit = unit;
    return true;
}

static enum plan_comparison opposite(enum plan_comparison comparison) {
    static const enum plan_comparison opposites[] = {
        [PLAN_EQUAL] = PLAN_NOT_EQUAL,       [PLAN_LESS] = PLAN_GREATER_EQUAL,
        [PLAN_LESS_EQUAL] = PLAN_GREATER,    [PLAN_GREATER] = PLAN_LESS_EQUAL,
        [PLAN_GREATER_EQUAL] = PLAN_LESS,    [PLAN_BETWEEN] = PLAN_NOT_BETWEEN,
        [PLAN_CONTAINS] = PLAN_NOT_CONTAINS, [PLAN_NOT_EQUAL] = PLAN_EQUAL,
        [PLAN_NOT_BETWEEN] = PLAN_BETWEEN,   [PLAN_NOT_CONTAINS] = PLAN_CONTAINS,
        [PLAN_IS_NULL] = PLAN_IS_NOT_NULL,   [PLAN_IS_NOT_NULL] = PLAN_IS_NULL,
    };
    return opposites[comparison];
}

// EXISTS over the tables that refer to this one, with everything that is asked of them; with
// IS_OTHER that there is none for which it does not hold.
static void add_existence(struct sql_writer *outer, const struct sql_unit *unit, bool is_other) {
    const struct plan *plan = outer->plan;
    struct sql_writer inner = {.schema = outer->schema,
                               .arena = outer->arena,
                               .reading = outer->reading,
                               .plan = plan,
                               .text = outer->text,
                               .joined = {unit->root},
                               .joined_count = 1,
                               .is_inner = true};
    struct graph_path path;
    if (!graph_path(inner.schema, plan, unit->root, plan->table, -1, &path) || !path.count) {
        outer->has_failed = true;
        return;
    }
    for (size_t i = 0; i + 1 < path.count; i++)
        sql_join(&inner, path.steps[i].to_table, plan->table);
    for (size_t i = 0; i < plan->filter_count; i++)
        if (unit->filters & 1u << i)
            sql_join(&inner, plan->filters[i].column.table, plan->table);
    const struct graph_step *last = &path.steps[path.count - 1];
    buf_add_text(&inner.text,
                 unit->is_negated || is_other ? "NOT EXISTS (SELECT 1" : "EXISTS (SELECT 1");
    sql_add_from(&inner, " ");
    buf_add_text(&inner.text, " WHERE ");
    sql_add_column(&inner, last->from_table, last->from_column);
    buf_add_text(&inner.text, " = ");
    sql_add_column(&inner, last->to_table, last->to_column);
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        if (!(unit->filters & 1u << i) || is_rows(filter))
            continue;
        buf_add_text(&inner.text, " AND ");
        // "None that is not X" would be too much: having no X is what is meant.
        enum plan_comparison comparison = filter->comparison;
        sql_is_denial(filter->comparison, &comparison);
        sql_add_filter(&inner, filter, is_other ? opposite(comparison) : comparison);
    }
    buf_add_char(&inner.text, ')');
    outer->text = inner.text;
    outer->has_failed |= inner.has_failed;
}

static void add_unit(struct sql_writer *writer, const struct sql_unit *unit) {
    const struct plan *plan = writer->plan;
    bool is_list = unit->filters & (unit->filters - 1), is_first = true;
    if (unit->is_existence) {
        add_existence(writer, unit, false);
        bool is_only = false;
        for (size_t i = 0; i < plan->filter_count; i++)
            is_only |= unit->filters & 1u << i && plan->filters[i].is_only;
        if (is_only)
            buf_add_text(&writer->text, " AND ");
        if (is_only)
            add_existence(writer, unit, true);
        return;
    }
    buf_add_text(&writer->text, is_list ? "(" : "");
    for (size_t i = 0; i < plan->filter_count; i++) {
        if (!(unit->filters & 1u << i))
            continue;
        buf_add_text(&writer->text, is_first ? "" : " OR ");
        sql_add_filter(writer, &plan->filters[i], plan->filters[i].comparison);
        is_first = false;
    }
    buf_add_text(&writer->text, is_list ? ")" : "");
}

size_t sql_add_side(struct sql_writer *writer, int side, const char *lead, const char *link) {
    const struct plan *plan = writer->plan;
    size_t count = 0;
    for (size_t i = 0; i < plan->filter_count; i++) {
        struct sql_unit unit;
        if ((int)plan->filters[i].side != side || !sql_unit(writer->schema, plan, i, &unit) ||
            (plan->filters[i].is_only && !unit.is_existence)) // HAVING says it
            continue;
        buf_add_text(&writer->text, count++ ? link : lead);
        add_unit(writer, &unit);
    }
    return count;
}

// ---- Clauses ------------------------------------------------------------------------------------

void sql_add_title(struct sql_writer *writer, const char *title) {
    // Two columns of the same title would be one to whoever reads the result.
    size_t twins = 0;
    for (size_t i = 0; i < writer->title_count; i++)
        twins += strcmp(writer->titles[i], title) == 0;
    const char *unique = twins ? arena_format(writer->arena, "%s (%zu)", title, twins + 1) : title;
    if (writer->title_count < ARRAY_LENGTH(writer->titles))
        writer->titles[writer->title_count++] = unique;
    buf_add_text(&writer->text, " AS ");
    sql_add_quoted(&writer->text, unique);
}

// The rows that neither side is about are not looked at.
static void add_either_side(struct sql_writer *writer, const char *line, const char *lead) {
    buf_add_format(&writer->text, "%s%s (", line, lead);
    sql_add_side(writer, PLAN_OF_FIRST, "(", " AND ");
    buf_add_text(&writer->text, ")");
    sql_add_side(writer, PLAN_OF_SECOND, " OR (", " AND ");
    buf_add_text(&writer->text, "))");
}

// A last row that sums up the others is no row like these, unless it was asked for by its name.
static bool leaves_total(const struct sql_writer *writer) {
    const struct plan *plan = writer->plan;
    bool is_named = false;
    for (size_t i = 0; i < plan->filter_count; i++)
        is_named |= plan->filters[i].column.table == plan->table &&
                    plan->filters[i].comparison == PLAN_EQUAL &&
                    plan->filters[i].values[0].kind == PLAN_VALUE_TEXT;
    return writer->schema->tables[plan->table].total_row > 0 && !is_named;
}

void sql_add_conditions(struct sql_writer *writer, const char *line, bool skips_null_groups) {
    const struct plan *plan = writer->plan;
    const char *lead = "WHERE";
    bool has_second = false;
    if (leaves_total(writer)) {
        buf_add_format(&writer->text, "%s%s ", line, lead);
        if (writer->joined_count > 1) {
            sql_add_name(&writer->text, writer->schema->tables[plan->table].name);
            buf_add_char(&writer->text, '.');
        }
        buf_add_format(&writer->text, "rowid <> %lld",
                       (long long)writer->schema->tables[plan->table].total_row);
        lead = "  AND";
    }
    for (size_t i = 0; skips_null_groups && i < plan->group_count; i++) {
        struct plan_column column = sql_group_column(writer, &plan->groups[i]);
        if (!question_column(writer->schema, column)->null_count)
            continue;
        buf_add_format(&writer->text, "%s%s ", line, lead);
        sql_add_bare(writer, column);
        buf_add_text(&writer->text, " IS NOT NULL");
        lead = "  AND";
    }
    const char *first = arena_format(writer->arena, "%s%s ", line, lead),
               *link = arena_format(writer->arena, "%s  AND ", line);
    if (sql_add_side(writer, PLAN_OF_ALL, first, link))
        lead = "  AND";
    for (size_t i = 0; i < plan->filter_count; i++)
        has_second |= plan->filters[i].side == PLAN_OF_SECOND;
    if (has_second)
        add_either_side(writer, line, lead);
}

void sql_add_grouping(struct sql_writer *writer, const char *line) {
    const struct plan *plan = writer->plan;
    buf_add_format(&writer->text, "%sGROUP BY ", line);
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *group = &plan->groups[i];
        const struct dataset_table *table = &writer->schema->tables[group->column.table];
        buf_add_text(&writer->text, i ? ", " : "");
        for (size_t j = 0; group->column.column < 0 && j < table->column_count; j++)
            if (table->columns[j].is_key && (int)j != sql_group_column(writer, group).column) {
                sql_add_column(writer, group->column.table, (int)j);
                buf_add_text(&writer->text, ", ");
            }
        sql_add_bucket(writer, sql_group_column(writer, group), group->bucket);
    }
}

void sql_add_having(struct sql_writer *writer, const char *line, int ranked) {
    const struct plan *plan = writer->plan;
    const char *lead = "HAVING";
    if (ranked >= 0 && plan->measures[ranked].aggregate != PLAN_COUNT &&
        plan->measures[ranked].aggregate != PLAN_COUNT_DISTINCT) { // nothing is no extreme
        buf_add_format(&writer->text, "%s%s ", line, lead);
        sql_add_measure(writer, &plan->measures[ranked]);
        buf_add_text(&writer->text, " IS NOT NULL");
        lead = "   AND";
    }
    if (plan->having_measure >= 0) {
        buf_add_format(&writer->text, "%s%s ", line, lead);
        sql_add_measure(writer, &plan->measures[plan->having_measure]);
        sql_add_comparison(writer, &plan->having, plan->having.comparison);
    }
}

bool sql_is_sorted_by_part(enum plan_bucket bucket) {
    return bucket == PLAN_WEEKDAY || bucket == PLAN_MONTH_OF_YEAR;
}

void sql_add_group_order(struct sql_writer *writer, size_t at, bool is_descending) {
    const struct plan_group *group = &writer->plan->groups[at];
    struct plan_column column = sql_group_column(writer, group);
    if (sql_is_sorted_by_part(group->bucket)) { // Monday first
        buf_add_text(&writer->text, group->bucket == PLAN_WEEKDAY ? "(" : "");
        sql_add_bucket(writer, column, group->bucket);
        buf_add_text(&writer->text, group->bucket == PLAN_WEEKDAY ? " + 6) % 7" : "");
    } else {
        sql_add_quoted(&writer->text, writer->titles[at]);
    }
    if (is_descending)
        buf_add_text(&writer->text, " DESC");
    else if (question_column(writer->schema, column)->null_count)
        buf_add_text(&writer->text, " NULLS LAST");
}

void sql_add_order(struct sql_writer *writer, const char *line) {
    const struct plan *plan = writer->plan;
    const char *lead = "ORDER BY ";
    if (plan->order.by_measure) {
        buf_add_format(&writer->text, "%s%s", line, lead);
        bool is_derived = sql_has_sides(plan) || plan->limit ||
                          plan->derivation == PLAN_DIFFERENCE || plan->derivation == PLAN_RATIO;
        size_t derived = is_derived ? wording_derived_column(plan) : 0;
        size_t by = derived ? derived : plan->group_count + (size_t)plan->order.index;
        sql_add_quoted(&writer->text, writer->titles[by]);
        buf_add_text(&writer->text, plan->order.descending ? " DESC"
                                    : derived              ? " NULLS LAST"
                                                           : "");
        lead = ", ";
    }
    for (size_t i = 0; i < plan->group_count; i++) {
        buf_add_format(&writer->text, "%s%s", *lead == 'O' ? line : "", lead);
        sql_add_group_order(writer, i, !plan->order.by_measure && plan->order.descending);
        lead = ", ";
    }
}

void sql_add_limit(struct sql_writer *writer, const char *line) {
    if (!writer->plan->limit)
        return;
    buf_add_format(&writer->text, "%sLIMIT ", line);
    sql_add_param(writer,
                  (struct plan_value){.kind = PLAN_VALUE_INTEGER, .integer = writer->plan->limit});
}
