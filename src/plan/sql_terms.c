// SPDX-License-Identifier: Apache-2.0
//
// See sql_writer.h: names, values, expressions and conditions. A name is quoted where SQL would
// misread it; every value of the question becomes a parameter.
#include <string.h>
#include <strings.h>

#include "plan/sql_writer.h"
#include "plan/wording.h"

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

void sql_add_quoted(struct buf *buf, const char *name) {
    buf_add_char(buf, '"');
    for (; *name; name++) {
        if (*name == '"')
            buf_add_char(buf, '"');
        buf_add_char(buf, *name);
    }
    buf_add_char(buf, '"');
}

void sql_add_name(struct buf *buf, const char *name) {
    if (is_plain_name(name))
        buf_add_text(buf, name);
    else
        sql_add_quoted(buf, name);
}

void sql_add_param(struct sql_writer *writer, struct plan_value value) {
    struct plan_reading *reading = writer->reading;
    if (reading->param_count == ARRAY_LENGTH(reading->params)) {
        writer->has_failed = true;
        return;
    }
    reading->params[reading->param_count++] = value;
    buf_add_format(&writer->text, "?%zu", reading->param_count);
}

static void add_qualifier(struct sql_writer *writer, int table) {
    if (writer->joined_count < 2 && !writer->is_inner)
        return;
    sql_add_name(&writer->text, writer->schema->tables[table].name);
    buf_add_char(&writer->text, '.');
}

void sql_add_column(struct sql_writer *writer, int table, int column) {
    add_qualifier(writer, table);
    sql_add_name(&writer->text, writer->schema->tables[table].columns[column].name);
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
static void add_metric(struct sql_writer *writer, const struct dataset_metric *metric) {
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

void sql_add_bare(struct sql_writer *writer, struct plan_column column) {
    if (column.metric >= 0)
        add_metric(writer, &writer->schema->metrics[column.metric]);
    else
        sql_add_column(writer, column.table, column.column);
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
    [PLAN_WEEK] = {"strftime('%G-W%V', ", ")"},
    [PLAN_DECADE] = {"substr(", ", 1, 3) || '0s'"},
};

void sql_add_bucket(struct sql_writer *writer, struct plan_column column, enum plan_bucket bucket) {
    const struct dataset_column *at = question_column(writer->schema, column);
    if (bucket == PLAN_DECADE && at && question_is_number(at)) {
        buf_add_text(&writer->text, "(");
        sql_add_bare(writer, column);
        buf_add_text(&writer->text, " / 10 * 10) || 's'");
        return;
    }
    buf_add_text(&writer->text, buckets[bucket].before);
    sql_add_bare(writer, column);
    buf_add_text(&writer->text, buckets[bucket].behind);
    if (bucket != PLAN_QUARTER)
        return;
    sql_add_bare(writer, column);
    buf_add_text(&writer->text, ", 6, 2) AS INTEGER) + 2) / 3)");
}

// A recurring part of dates is shown by its name.
void sql_add_named_bucket(struct sql_writer *writer, struct plan_column column,
                          enum plan_bucket bucket) {
    if (bucket != PLAN_WEEKDAY && bucket != PLAN_MONTH_OF_YEAR) {
        sql_add_bucket(writer, column, bucket);
        return;
    }
    buf_add_text(&writer->text, "CASE ");
    sql_add_bucket(writer, column, bucket);
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

void sql_add_measure(struct sql_writer *writer, const struct plan_measure *measure) {
    bool is_rows = measure->column.column < 0 && measure->column.metric < 0;
    buf_add_text(&writer->text, functions[measure->aggregate]);
    if (is_rows)
        buf_add_char(&writer->text, '*');
    else
        sql_add_bare(writer, measure->column);
    buf_add_char(&writer->text, ')');
}

void sql_add_measure_of(struct sql_writer *writer, const struct plan_measure *measure, int side) {
    bool is_rows = measure->column.column < 0 && measure->column.metric < 0;
    buf_add_format(&writer->text, "%sCASE WHEN ", functions[measure->aggregate]);
    sql_add_side(writer, side, "", " AND ");
    buf_add_text(&writer->text, " THEN ");
    if (is_rows)
        buf_add_char(&writer->text, '1');
    else
        sql_add_bare(writer, measure->column);
    buf_add_text(&writer->text, " END)");
}

// The label of a group of rows, else the group's own expression.
struct plan_column sql_group_column(const struct sql_writer *writer,
                                    const struct plan_group *group) {
    struct plan_column column = group->column;
    if (column.column < 0)
        column.column = graph_label(&writer->schema->tables[column.table]);
    return column;
}

// ---- Conditions ---------------------------------------------------------------------------------

static const char *const comparisons[] = {
    [PLAN_EQUAL] = " = ",
    [PLAN_NOT_EQUAL] = " <> ",
    [PLAN_LESS] = " < ",
    [PLAN_LESS_EQUAL] = " <= ",
    [PLAN_GREATER] = " > ",
    [PLAN_GREATER_EQUAL] = " >= ",
    [PLAN_BETWEEN] = " BETWEEN ",
    [PLAN_IS_NULL] = " IS NULL",
    [PLAN_IS_NOT_NULL] = " IS NOT NULL",
    [PLAN_CONTAINS] = " LIKE ",
    [PLAN_NOT_BETWEEN] = " NOT BETWEEN ",
    [PLAN_NOT_CONTAINS] = " NOT LIKE ",
};

// What follows the compared expression.
void sql_add_comparison(struct sql_writer *writer, const struct plan_filter *filter,
                        enum plan_comparison comparison) {
    bool is_list =
        filter->value_count > 1 && (comparison == PLAN_EQUAL || comparison == PLAN_NOT_EQUAL);
    if (is_list) {
        buf_add_text(&writer->text, comparison == PLAN_EQUAL ? " IN (" : " NOT IN (");
        for (size_t i = 0; i < filter->value_count; i++) {
            buf_add_text(&writer->text, i ? ", " : "");
            sql_add_param(writer, filter->values[i]);
        }
        buf_add_char(&writer->text, ')');
        return;
    }
    buf_add_text(&writer->text, comparisons[comparison]);
    if (comparison == PLAN_IS_NULL || comparison == PLAN_IS_NOT_NULL)
        return;
    struct plan_value value = filter->values[0];
    bool is_part = comparison == PLAN_CONTAINS || comparison == PLAN_NOT_CONTAINS;
    if (is_part) {
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
    sql_add_param(writer, value);
    if (is_part)
        buf_add_text(&writer->text, " ESCAPE '\\'");
    if (comparison == PLAN_BETWEEN || comparison == PLAN_NOT_BETWEEN) {
        buf_add_text(&writer->text, " AND ");
        sql_add_param(writer, filter->values[1]);
    }
}

void sql_add_filter(struct sql_writer *writer, const struct plan_filter *filter,
                    enum plan_comparison comparison) {
    // "Not in Texas" is about rows of another state; a row that has none is of none of them.
    sql_add_bucket(writer, filter->column, filter->bucket);
    sql_add_comparison(writer, filter, comparison);
}
