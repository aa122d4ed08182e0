// SPDX-License-Identifier: Apache-2.0
//
// See sql.h. Tables are joined along the paths of graph.h; filters on tables that refer to this one
// become one EXISTS, so that they hold for one and the same row and never multiply rows.
// Superlatives rank in an inner SELECT, so that equals are all shown. Columns are named by the
// titles that people see.
#include "plan/sql.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "plan/graph.h"
#include "plan/wording.h"

#define TABLES 24

struct writer {
    const struct dataset_schema *schema;
    struct arena *arena;
    struct plan_reading *reading;
    const struct plan *plan;
    struct buf text;
    int joined[TABLES]; // tables in scope, in order; the first is where rows come from
    struct graph_step steps[TABLES];
    size_t joined_count;
    bool is_inner; // another table is in scope around this one
    bool has_failed;
    const char *titles[20];
    size_t title_count;
};

// ---- Names and values ---------------------------------------------------------------------------

static const char keywords[] = "abort action add after all alter always analyze and as asc attach "
                               "autoincrement before begin between by cascade case "
                               "cast check collate column commit conflict constraint create cross "
                               "current current_date current_time "
                               "current_timestamp database default deferrable deferred delete desc "
                               "detach distinct do drop each else end escape "
                               "except exclude exclusive exists explain fail filter first "
                               "following for foreign from full generated glob group "
                               "groups having if ignore immediate in index indexed initially inner "
                               "insert instead intersect into is isnull join key "
                               "last left like limit match materialized natural no not nothing "
                               "notnull null nulls of offset on or order others outer "
                               "over partition plan pragma preceding primary query raise range "
                               "recursive references regexp reindex release rename "
                               "replace restrict returning right rollback row rows savepoint "
                               "select set table temp temporary then ties to "
                               "transaction trigger unbounded union unique update using vacuum "
                               "values view virtual when where window with without";

static bool is_plain_name(const char *name) {
    char small[LIMIT_NAME + 1];
    if (!*name || (*name >= '0' && *name <= '9') || strlen(name) > LIMIT_NAME)
        return false;
    for (const char *at = name; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
              (*at >= '0' && *at <= '9') || *at == '_'))
            return false;
    size_t length = strlen(name);
    for (size_t i = 0; i <= length; i++)
        small[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    return !lexicon_is_listed(keywords, small);
}

static void add_quoted(struct buf *buf, const char *name) {
    buf_add_char(buf, '"');
    for (; *name; name++) {
        if (*name == '"')
            buf_add_char(buf, '"');
        buf_add_char(buf, *name);
    }
    buf_add_char(buf, '"');
}

static void add_name(struct buf *buf, const char *name) {
    if (is_plain_name(name))
        buf_add_text(buf, name);
    else
        add_quoted(buf, name);
}

static void add_param(struct writer *writer, struct plan_value value) {
    struct plan_reading *reading = writer->reading;
    if (reading->param_count == ARRAY_LENGTH(reading->params)) {
        writer->has_failed = true;
        return;
    }
    reading->params[reading->param_count++] = value;
    buf_add_format(&writer->text, "?%zu", reading->param_count);
}

static void add_qualifier(struct writer *writer, int table) {
    if (writer->joined_count < 2 && !writer->is_inner)
        return;
    add_name(&writer->text, writer->schema->tables[table].name);
    buf_add_char(&writer->text, '.');
}

static void add_column(struct writer *writer, int table, int column) {
    add_qualifier(writer, table);
    add_name(&writer->text, writer->schema->tables[table].columns[column].name);
}

// ---- Expressions --------------------------------------------------------------------------------

static bool is_name_start(char at) {
    return (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z') || at == '_';
}

static bool is_name_part(char at) { return is_name_start(at) || (at >= '0' && at <= '9'); }

static int column_named(const struct dataset_table *table, const char *name, size_t length) {
    for (size_t i = 0; i < table->column_count; i++)
        if (strlen(table->columns[i].name) == length &&
            strncasecmp(table->columns[i].name, name, length) == 0)
            return (int)i;
    return -1;
}

// A metric's expression, with its columns qualified where another table is joined.
static void add_metric(struct writer *writer, const struct dataset_metric *metric) {
    const struct dataset_table *table = &writer->schema->tables[metric->table];
    const char *at = metric->expression;
    buf_add_char(&writer->text, '(');
    while (*at) {
        size_t length = 1;
        if (*at == '\'' || *at == '"') {
            const char *end = strchr(at + 1, *at);
            length = end ? (size_t)(end - at) + 1 : strlen(at);
            bool is_column = *at == '"' && end && column_named(table, at + 1, length - 2) >= 0;
            if (is_column)
                add_qualifier(writer, metric->table);
        } else if (is_name_part(*at)) {
            while (is_name_part(at[length]))
                length++;
            bool is_column = is_name_start(*at) && column_named(table, at, length) >= 0 &&
                             at[length] != '(' && (at == metric->expression || at[-1] != '.');
            if (is_column)
                add_qualifier(writer, metric->table);
        }
        buf_add(&writer->text, at, length);
        at += length;
    }
    buf_add_char(&writer->text, ')');
}

static void add_bare(struct writer *writer, struct plan_column column) {
    if (column.metric >= 0)
        add_metric(writer, &writer->schema->metrics[column.metric]);
    else
        add_column(writer, column.table, column.column);
}

// What comes before and behind a date for each bucket. A quarter needs the date twice.
static const struct {
    const char *before, *behind;
} buckets[] = {
    [PLAN_AS_IS] = {"", ""},
    [PLAN_YEAR] = {"CAST(substr(", ", 1, 4) AS INTEGER)"},
    [PLAN_QUARTER] = {"substr(", ", 1, 4) || '-Q' || ((CAST(substr("},
    [PLAN_MONTH] = {"substr(", ", 1, 7)"},
    [PLAN_WEEKDAY] = {"CAST(strftime('%w', ", ") AS INTEGER)"},
    [PLAN_DAY] = {"substr(", ", 1, 10)"},
    [PLAN_HOUR] = {"CAST(substr(", ", 12, 2) AS INTEGER)"},
    [PLAN_MONTH_OF_YEAR] = {"CAST(substr(", ", 6, 2) AS INTEGER)"},
};

static void add_bucket(struct writer *writer, struct plan_column column, enum plan_bucket bucket) {
    buf_add_text(&writer->text, buckets[bucket].before);
    add_bare(writer, column);
    buf_add_text(&writer->text, buckets[bucket].behind);
    if (bucket != PLAN_QUARTER)
        return;
    add_bare(writer, column);
    buf_add_text(&writer->text, ", 6, 2) AS INTEGER) + 2) / 3)");
}

// A recurring part of dates is shown by its name.
static void add_named_bucket(struct writer *writer, struct plan_column column,
                             enum plan_bucket bucket) {
    if (bucket != PLAN_WEEKDAY && bucket != PLAN_MONTH_OF_YEAR) {
        add_bucket(writer, column, bucket);
        return;
    }
    buf_add_text(&writer->text, "CASE ");
    add_bucket(writer, column, bucket);
    int first = bucket == PLAN_WEEKDAY ? 0 : 1, last = bucket == PLAN_WEEKDAY ? 6 : 12;
    for (int i = first; i <= last; i++)
        buf_add_format(&writer->text, " WHEN %d THEN '%s'", i, wording_bucket_value(bucket, i));
    buf_add_text(&writer->text, " END");
}

static const char *const functions[] = {
    [PLAN_COUNT] = "COUNT(", [PLAN_COUNT_DISTINCT] = "COUNT(DISTINCT ",
    [PLAN_SUM] = "SUM(",     [PLAN_AVERAGE] = "AVG(",
    [PLAN_MIN] = "MIN(",     [PLAN_MAX] = "MAX(",
};

static void add_measure(struct writer *writer, const struct plan_measure *measure) {
    bool is_rows = measure->column.column < 0 && measure->column.metric < 0;
    buf_add_text(&writer->text, functions[measure->aggregate]);
    if (is_rows)
        buf_add_char(&writer->text, '*');
    else
        add_bare(writer, measure->column);
    buf_add_char(&writer->text, ')');
}

// The label of a group of rows, else the group's own expression.
static struct plan_column group_column(const struct writer *writer,
                                       const struct plan_group *group) {
    struct plan_column column = group->column;
    if (column.column < 0)
        column.column = graph_label(&writer->schema->tables[column.table]);
    return column;
}

// ---- Conditions ---------------------------------------------------------------------------------

static const char *const comparisons[] = {
    [PLAN_EQUAL] = " = ",         [PLAN_NOT_EQUAL] = " <> ",   [PLAN_LESS] = " < ",
    [PLAN_LESS_EQUAL] = " <= ",   [PLAN_GREATER] = " > ",      [PLAN_GREATER_EQUAL] = " >= ",
    [PLAN_BETWEEN] = " BETWEEN ", [PLAN_IS_NULL] = " IS NULL", [PLAN_IS_NOT_NULL] = " IS NOT NULL",
    [PLAN_CONTAINS] = " LIKE ",
};

// What follows the compared expression.
static void add_comparison(struct writer *writer, const struct plan_filter *filter,
                           enum plan_comparison comparison) {
    bool is_list =
        filter->value_count > 1 && (comparison == PLAN_EQUAL || comparison == PLAN_NOT_EQUAL);
    if (is_list) {
        buf_add_text(&writer->text, comparison == PLAN_EQUAL ? " IN (" : " NOT IN (");
        for (size_t i = 0; i < filter->value_count; i++) {
            buf_add_text(&writer->text, i ? ", " : "");
            add_param(writer, filter->values[i]);
        }
        buf_add_char(&writer->text, ')');
        return;
    }
    buf_add_text(&writer->text, comparisons[comparison]);
    if (comparison == PLAN_IS_NULL || comparison == PLAN_IS_NOT_NULL)
        return;
    struct plan_value value = filter->values[0];
    if (comparison == PLAN_CONTAINS) {
        // The signs that LIKE would read as anything are meant as they are.
        struct buf pattern = BUF(4096);
        buf_add_char(&pattern, '%');
        for (const char *at = value.text; *at; at++) {
            if (*at == '%' || *at == '_' || *at == '\\')
                buf_add_char(&pattern, '\\');
            buf_add_char(&pattern, *at);
        }
        buf_add_char(&pattern, '%');
        value.text = arena_text(writer->arena, buf_text(&pattern));
        buf_done(&pattern);
    }
    add_param(writer, value);
    if (comparison == PLAN_CONTAINS)
        buf_add_text(&writer->text, " ESCAPE '\\'");
    if (comparison == PLAN_BETWEEN) {
        buf_add_text(&writer->text, " AND ");
        add_param(writer, filter->values[1]);
    }
}

static void add_filter(struct writer *writer, const struct plan_filter *filter,
                       enum plan_comparison comparison) {
    // "Not in Texas" is about rows of another state; a row that has none is of none of them.
    add_bucket(writer, filter->column, filter->bucket);
    add_comparison(writer, filter, comparison);
}

// ---- Tables -------------------------------------------------------------------------------------

static bool is_joined(const struct writer *writer, int table) {
    for (size_t i = 0; i < writer->joined_count; i++)
        if (writer->joined[i] == table)
            return true;
    return false;
}

static void join(struct writer *writer, int table, int avoided) {
    struct graph_path path;
    if (!graph_path(writer->schema, writer->plan, writer->joined[0], table, avoided, &path)) {
        writer->has_failed = true;
        return;
    }
    for (size_t i = 0; i < path.count; i++) {
        if (is_joined(writer, path.steps[i].to_table))
            continue;
        if (writer->joined_count == TABLES) {
            writer->has_failed = true;
            return;
        }
        writer->steps[writer->joined_count] = path.steps[i];
        writer->joined[writer->joined_count++] = path.steps[i].to_table;
    }
}

static void add_from(struct writer *writer, const char *line) {
    const struct dataset_schema *schema = writer->schema;
    buf_add_format(&writer->text, "%sFROM ", line);
    add_name(&writer->text, schema->tables[writer->joined[0]].name);
    for (size_t i = 1; i < writer->joined_count; i++) {
        const struct graph_step *step = &writer->steps[i];
        const struct dataset_column *column =
            &schema->tables[step->from_table].columns[step->from_column];
        // Rows whose reference is empty stay.
        buf_add_format(&writer->text, "%s%sJOIN ", line, column->null_count ? "LEFT " : "");
        add_name(&writer->text, schema->tables[step->to_table].name);
        buf_add_text(&writer->text, " ON ");
        add_column(writer, step->to_table, step->to_column);
        buf_add_text(&writer->text, " = ");
        add_column(writer, step->from_table, step->from_column);
    }
}

unsigned sql_existence(const struct dataset_schema *schema, const struct plan *plan, int *ret_root,
                       bool *ret_negated) {
    unsigned filters = 0;
    *ret_root = -1;
    *ret_negated = false;
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        struct graph_path path;
        bool is_rows = filter->column.column < 0 && filter->column.metric < 0;
        if (!is_rows && graph_path(schema, plan, plan->table, filter->column.table, -1, &path))
            continue;
        filters |= 1u << i;
        *ret_negated |=
            (is_rows && filter->comparison == PLAN_IS_NULL) || filter->comparison == PLAN_NOT_EQUAL;
        int root = graph_meeting(schema, plan, *ret_root < 0 ? plan->table : *ret_root,
                                 filter->column.table);
        if (root < 0)
            return 0;
        *ret_root = root;
    }
    return filters;
}

// EXISTS over the tables that refer to this one, with everything that is asked of them.
static void add_existence(struct writer *outer, unsigned filters, int root, bool is_negated) {
    const struct plan *plan = outer->plan;
    struct writer inner = {.schema = outer->schema,
                           .arena = outer->arena,
                           .reading = outer->reading,
                           .plan = plan,
                           .text = outer->text,
                           .joined = {root},
                           .joined_count = 1,
                           .is_inner = true};
    struct graph_path path;
    if (!graph_path(inner.schema, plan, root, plan->table, -1, &path) || !path.count) {
        outer->has_failed = true;
        return;
    }
    for (size_t i = 0; i + 1 < path.count; i++)
        join(&inner, path.steps[i].to_table, plan->table);
    for (size_t i = 0; i < plan->filter_count; i++)
        if (filters & 1u << i)
            join(&inner, plan->filters[i].column.table, plan->table);
    const struct graph_step *last = &path.steps[path.count - 1];
    buf_add_text(&inner.text, is_negated ? "NOT EXISTS (SELECT 1" : "EXISTS (SELECT 1");
    add_from(&inner, " ");
    buf_add_text(&inner.text, " WHERE ");
    add_column(&inner, last->from_table, last->from_column);
    buf_add_text(&inner.text, " = ");
    add_column(&inner, last->to_table, last->to_column);
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        if (!(filters & 1u << i) || (filter->column.column < 0 && filter->column.metric < 0))
            continue;
        buf_add_text(&inner.text, " AND ");
        // "None that is not X" would be too much: having no X is what is meant.
        bool is_flipped = is_negated && filter->comparison == PLAN_NOT_EQUAL;
        add_filter(&inner, filter, is_flipped ? PLAN_EQUAL : filter->comparison);
    }
    buf_add_char(&inner.text, ')');
    outer->text = inner.text;
    outer->has_failed |= inner.has_failed;
}

// ---- Clauses ------------------------------------------------------------------------------------

static void add_title(struct writer *writer, const char *title) {
    // Two columns of the same title would be one to whoever reads the result.
    size_t twins = 0;
    for (size_t i = 0; i < writer->title_count; i++)
        twins += strcmp(writer->titles[i], title) == 0;
    const char *unique = twins ? arena_format(writer->arena, "%s (%zu)", title, twins + 1) : title;
    if (writer->title_count < ARRAY_LENGTH(writer->titles))
        writer->titles[writer->title_count++] = unique;
    buf_add_text(&writer->text, " AS ");
    add_quoted(&writer->text, unique);
}

static void add_conditions(struct writer *writer, const char *line, bool skips_null_groups) {
    const struct plan *plan = writer->plan;
    int root;
    bool is_negated;
    const char *lead = "WHERE";
    unsigned existence = sql_existence(writer->schema, plan, &root, &is_negated);
    for (size_t i = 0; skips_null_groups && i < plan->group_count; i++) {
        struct plan_column column = group_column(writer, &plan->groups[i]);
        if (!question_column(writer->schema, column)->null_count)
            continue;
        buf_add_format(&writer->text, "%s%s ", line, lead);
        add_bare(writer, column);
        buf_add_text(&writer->text, " IS NOT NULL");
        lead = "  AND";
    }
    for (size_t i = 0; i < plan->filter_count; i++) {
        if (existence & 1u << i)
            continue;
        buf_add_format(&writer->text, "%s%s ", line, lead);
        add_filter(writer, &plan->filters[i], plan->filters[i].comparison);
        lead = "  AND";
    }
    if (existence) {
        buf_add_format(&writer->text, "%s%s ", line, lead);
        add_existence(writer, existence, root, is_negated);
    }
}

static void add_grouping(struct writer *writer, const char *line) {
    const struct plan *plan = writer->plan;
    buf_add_format(&writer->text, "%sGROUP BY ", line);
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *group = &plan->groups[i];
        const struct dataset_table *table = &writer->schema->tables[group->column.table];
        buf_add_text(&writer->text, i ? ", " : "");
        for (size_t j = 0; group->column.column < 0 && j < table->column_count; j++)
            if (table->columns[j].is_key && (int)j != group_column(writer, group).column) {
                add_column(writer, group->column.table, (int)j);
                buf_add_text(&writer->text, ", ");
            }
        add_bucket(writer, group_column(writer, group), group->bucket);
    }
}

static void add_having(struct writer *writer, const char *line, int ranked) {
    const struct plan *plan = writer->plan;
    const char *lead = "HAVING";
    if (ranked >= 0 && plan->measures[ranked].aggregate != PLAN_COUNT &&
        plan->measures[ranked].aggregate != PLAN_COUNT_DISTINCT) { // nothing is no extreme
        buf_add_format(&writer->text, "%s%s ", line, lead);
        add_measure(writer, &plan->measures[ranked]);
        buf_add_text(&writer->text, " IS NOT NULL");
        lead = "   AND";
    }
    if (plan->having_measure >= 0) {
        buf_add_format(&writer->text, "%s%s ", line, lead);
        add_measure(writer, &plan->measures[plan->having_measure]);
        add_comparison(writer, &plan->having, plan->having.comparison);
    }
}

static bool is_sorted_by_part(enum plan_bucket bucket) {
    return bucket == PLAN_WEEKDAY || bucket == PLAN_MONTH_OF_YEAR;
}

static void add_group_order(struct writer *writer, size_t at, bool is_descending) {
    const struct plan_group *group = &writer->plan->groups[at];
    struct plan_column column = group_column(writer, group);
    if (is_sorted_by_part(group->bucket)) { // Monday first
        buf_add_text(&writer->text, group->bucket == PLAN_WEEKDAY ? "(" : "");
        add_bucket(writer, column, group->bucket);
        buf_add_text(&writer->text, group->bucket == PLAN_WEEKDAY ? " + 6) % 7" : "");
    } else {
        add_quoted(&writer->text, writer->titles[at]);
    }
    if (is_descending)
        buf_add_text(&writer->text, " DESC");
    else if (question_column(writer->schema, column)->null_count)
        buf_add_text(&writer->text, " NULLS LAST");
}

static void add_order(struct writer *writer, const char *line) {
    const struct plan *plan = writer->plan;
    const char *lead = "ORDER BY ";
    if (plan->order.by_measure) {
        buf_add_format(&writer->text, "%s%s", line, lead);
        add_quoted(&writer->text, writer->titles[plan->group_count + (size_t)plan->order.index]);
        buf_add_text(&writer->text, plan->order.descending ? " DESC" : "");
        lead = ", ";
    }
    for (size_t i = 0; i < plan->group_count; i++) {
        buf_add_format(&writer->text, "%s%s", *lead == 'O' ? line : "", lead);
        add_group_order(writer, i, !plan->order.by_measure && plan->order.descending);
        lead = ", ";
    }
}

static void add_limit(struct writer *writer, const char *line) {
    if (!writer->plan->limit)
        return;
    buf_add_format(&writer->text, "%sLIMIT ", line);
    add_param(writer,
              (struct plan_value){.kind = PLAN_VALUE_INTEGER, .integer = writer->plan->limit});
}

// ---- Whole statements ---------------------------------------------------------------------------

static void add_group_columns(struct writer *writer) {
    const struct plan *plan = writer->plan;
    for (size_t i = 0; i < plan->group_count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        add_named_bucket(writer, group_column(writer, &plan->groups[i]), plan->groups[i].bucket);
        add_title(writer, wording_group_title(writer->schema, writer->arena, plan, i));
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        buf_add_text(&writer->text, i || plan->group_count ? ", " : "");
        add_measure(writer, &plan->measures[i]);
        add_title(writer, wording_measure_title(writer->schema, writer->arena, plan, i));
    }
}

static void write_groups(struct writer *writer) {
    const struct plan *plan = writer->plan;
    bool is_ranked = plan->is_superlative || plan->limit, skips_null = is_ranked;
    for (size_t i = 0; i < plan->group_count; i++)
        skips_null |= plan->groups[i].bucket != PLAN_AS_IS || !plan->measure_count;
    buf_add_text(&writer->text, plan->measure_count ? "SELECT " : "SELECT DISTINCT ");
    add_group_columns(writer);
    add_from(writer, "\n");
    add_conditions(writer, "\n", skips_null);
    if (plan->group_count && plan->measure_count) {
        add_grouping(writer, "\n");
        add_having(writer, "\n", is_ranked ? plan->order.index : -1);
    }
    if (plan->group_count)
        add_order(writer, "\n");
    add_limit(writer, "\n");
}

// SELECT titles FROM (SELECT …, RANK() …) WHERE place = 1
static void begin_ranking(struct writer *writer, size_t count) {
    buf_add_text(&writer->text, "SELECT ");
    for (size_t i = 0; i < count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        add_quoted(&writer->text, writer->titles[i]);
    }
    buf_add_text(&writer->text, "\nFROM (\n  ");
}

static void end_ranking(struct writer *writer, size_t count) {
    buf_add_text(&writer->text, "\n)\nWHERE place = 1\nORDER BY ");
    for (size_t i = 0; i < count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        add_quoted(&writer->text, writer->titles[i]);
    }
}

static void write_best_groups(struct writer *writer) {
    const struct plan *plan = writer->plan;
    size_t count = plan->group_count + plan->measure_count;
    // The titles are needed before the columns that bear them are written.
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    add_group_columns(writer);
    struct buf columns = writer->text;
    writer->text = kept;
    begin_ranking(writer, count);
    buf_add_text(&writer->text, "SELECT ");
    buf_add_text(&writer->text, buf_text(&columns));
    buf_done(&columns);
    buf_add_text(&writer->text, ",\n         RANK() OVER (ORDER BY ");
    add_measure(writer, &plan->measures[plan->order.index]);
    buf_add_format(&writer->text, "%s) AS place", plan->order.descending ? " DESC" : "");
    add_from(writer, "\n  ");
    add_conditions(writer, "\n  ", true);
    add_grouping(writer, "\n  ");
    add_having(writer, "\n  ", plan->order.index);
    end_ranking(writer, count);
}

static void add_shown_columns(struct writer *writer) {
    const struct plan *plan = writer->plan;
    for (size_t i = 0; i < plan->shown_count; i++) {
        buf_add_text(&writer->text, i ? ", " : "");
        add_bare(writer, plan->shown[i]);
        add_title(writer, wording_shown_title(writer->schema, writer->arena, plan, i));
    }
}

// The order column may be empty in some rows: these are neither first nor best.
static void add_row_conditions(struct writer *writer, const char *line) {
    const struct plan *plan = writer->plan;
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    add_conditions(writer, line, false);
    struct buf conditions = writer->text;
    writer->text = kept;
    buf_add_text(&writer->text, buf_text(&conditions));
    bool is_ranked = (plan->is_superlative || plan->limit) && plan->order_column.table >= 0;
    const struct dataset_column *column =
        is_ranked ? question_column(writer->schema, plan->order_column) : NULL;
    if (is_ranked && (!column || column->null_count)) {
        buf_add_format(&writer->text, "%s%s ", line, conditions.length ? "  AND" : "WHERE");
        add_bare(writer, plan->order_column);
        buf_add_text(&writer->text, " IS NOT NULL");
    }
    buf_done(&conditions);
}

static void write_rows(struct writer *writer) {
    const struct plan *plan = writer->plan;
    const char *lead = "\nORDER BY ";
    buf_add_text(&writer->text, "SELECT ");
    add_shown_columns(writer);
    add_from(writer, "\n");
    add_row_conditions(writer, "\n");
    if (plan->order_column.table >= 0) {
        buf_add_text(&writer->text, lead);
        add_bare(writer, plan->order_column);
        buf_add_text(&writer->text, plan->order.descending ? " DESC" : "");
        lead = ", ";
    }
    // Rows that are alike in all that is shown may stand in any order.
    for (size_t i = 0; i < plan->shown_count; i++) {
        if (question_is_same(plan->shown[i], plan->order_column))
            continue;
        buf_add_text(&writer->text, lead);
        add_quoted(&writer->text, writer->titles[i]);
        lead = ", ";
    }
    add_limit(writer, "\n");
}

static void write_best_rows(struct writer *writer) {
    const struct plan *plan = writer->plan;
    struct buf kept = writer->text;
    writer->text = BUF(LIMIT_SQL);
    add_shown_columns(writer);
    struct buf columns = writer->text;
    writer->text = kept;
    begin_ranking(writer, plan->shown_count);
    buf_add_format(&writer->text, "SELECT %s,\n         RANK() OVER (ORDER BY ",
                   buf_text(&columns));
    buf_done(&columns);
    add_bare(writer, plan->order_column);
    buf_add_format(&writer->text, "%s) AS place", plan->order.descending ? " DESC" : "");
    add_from(writer, "\n  ");
    add_row_conditions(writer, "\n  ");
    end_ranking(writer, plan->shown_count);
}

// ---- Charts -------------------------------------------------------------------------------------

static void choose_chart(const struct writer *writer) {
    const struct plan *plan = writer->plan;
    struct plan_chart *chart = &writer->reading->chart;
    *chart = (struct plan_chart){.kind = PLAN_NO_CHART, .unit = ""};
    if (plan->group_count != 1 || !plan->measure_count || plan->is_superlative)
        return;
    const struct plan_group *group = &plan->groups[0];
    const struct dataset_column *column = question_column(writer->schema, group->column);
    bool is_time = (column && question_is_date(column)) && !is_sorted_by_part(group->bucket) &&
                   group->bucket != PLAN_HOUR;
    chart->kind = is_time && !plan->order.by_measure ? PLAN_LINE : PLAN_BAR;
    chart->x = 0;
    chart->y = 1;
    const struct plan_measure *measure = &plan->measures[0];
    bool is_count = measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_COUNT_DISTINCT;
    chart->unit = is_count ? "" : wording_unit(writer->schema, measure->column);
}

bool sql_write(const struct dataset_schema *schema, struct arena *arena,
               struct plan_reading *reading) {
    struct writer writer = {.schema = schema,
                            .arena = arena,
                            .reading = reading,
                            .plan = &reading->plan,
                            .text = BUF(LIMIT_SQL),
                            .joined = {reading->plan.table},
                            .joined_count = 1};
    const struct plan *plan = writer.plan;
    int root;
    bool is_negated;
    reading->param_count = 0;
    unsigned existence = sql_existence(schema, plan, &root, &is_negated);
    for (size_t i = 0; i < plan->measure_count; i++)
        join(&writer, plan->measures[i].column.table, -1);
    for (size_t i = 0; i < plan->group_count; i++)
        join(&writer, plan->groups[i].column.table, -1);
    for (size_t i = 0; i < plan->shown_count && !plan->measure_count; i++)
        join(&writer, plan->shown[i].table, -1);
    for (size_t i = 0; i < plan->filter_count; i++)
        if (!(existence & 1u << i))
            join(&writer, plan->filters[i].column.table, -1);
    if (plan->order_column.table >= 0)
        join(&writer, plan->order_column.table, -1);
    if (!writer.has_failed && (plan->group_count || plan->measure_count))
        plan->is_superlative && plan->group_count ? write_best_groups(&writer)
                                                  : write_groups(&writer);
    else if (!writer.has_failed)
        plan->is_superlative ? write_best_rows(&writer) : write_rows(&writer);
    choose_chart(&writer);
    reading->sql = arena_text(arena, buf_text(&writer.text));
    bool is_whole = !writer.has_failed && !writer.text.overflowed && !arena->exhausted;
    buf_done(&writer.text);
    return is_whole;
}
