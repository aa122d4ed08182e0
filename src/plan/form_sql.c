// SPDX-License-Identifier: Apache-2.0
//
// See form.h: a logical form as one SELECT. Sets of rows are conditions on the table; what picks
// one row out of many, or one beside it, asks for it in a SELECT inside of these. A row's place is
// its rowid, which the import numbers in the order of the file.
#include <math.h>
#include <string.h>

#include "plan/form_write.h"
#include "plan/sql_writer.h"

struct form_writer {
    const struct form_set *set;
    const struct dataset_table *table;
    struct arena *arena;
    struct plan_reading *reading;
    bool has_failed;
};

// ---- Terms --------------------------------------------------------------------------------------

static const char *quoted(struct form_writer *writer, const char *name) {
    struct buf buf = BUF(4 * LIMIT_NAME);
    sql_add_name(&buf, name);
    const char *text = arena_text(writer->arena, buf_text(&buf));
    buf_done(&buf);
    return text;
}

static const char *column_name(struct form_writer *writer, int column, int read) {
    int own = writer->set->columns[column].reads[read];
    return quoted(writer, writer->table->columns[own].name);
}

// What people are shown of the column.
static const char *shown_name(struct form_writer *writer, int column) {
    bool has_text = writer->set->columns[column].reads[FORM_AS_TEXT] >= 0;
    return column_name(writer, column, has_text ? FORM_AS_TEXT : FORM_AS_IS);
}

static bool is_same_value(const struct plan_value *left, const struct plan_value *right) {
    return left->kind == right->kind &&
           (left->kind == PLAN_VALUE_TEXT      ? strcmp(left->text, right->text) == 0
            : left->kind == PLAN_VALUE_INTEGER ? left->integer == right->integer
                                               : left->real == right->real);
}

// A condition may stand in several places: its parameter is the same one.
static const char *param(struct form_writer *writer, struct plan_value value) {
    struct plan_reading *reading = writer->reading;
    size_t at = 0;
    while (at < reading->param_count && !is_same_value(&reading->params[at], &value))
        at++;
    if (at == ARRAY_LENGTH(reading->params)) {
        writer->has_failed = true;
        return "";
    }
    reading->params[at] = value;
    reading->param_count = at < reading->param_count ? reading->param_count : at + 1;
    return arena_format(writer->arena, "?%zu", at + 1);
}

static const char *text_param(struct form_writer *writer, const char *text) {
    return param(writer, (struct plan_value){.kind = PLAN_VALUE_TEXT, .text = text});
}

static const char *number_param(struct form_writer *writer, double number) {
    bool is_integer = number == floor(number) && fabs(number) < 9e15;
    return is_integer ? param(writer, (struct plan_value){.kind = PLAN_VALUE_INTEGER,
                                                          .integer = (int64_t)number})
                      : param(writer, (struct plan_value){.kind = PLAN_VALUE_REAL, .real = number});
}

// ---- Conditions ---------------------------------------------------------------------------------

static const char *like(struct form_writer *writer, const char *column, const char *part) {
    struct buf pattern = BUF(4 * LIMIT_QUESTION);
    buf_add_char(&pattern, '%');
    for (const char *at = part; *at; at++) {
        if (*at == '%' || *at == '_' || *at == '\\')
            buf_add_char(&pattern, '\\');
        buf_add_char(&pattern, *at);
    }
    buf_add_char(&pattern, '%');
    const char *text = arena_text(writer->arena, buf_text(&pattern));
    buf_done(&pattern);
    return arena_format(writer->arena, "%s LIKE %s ESCAPE '\\'", column, text_param(writer, text));
}

size_t form_mentioned(const struct form_set *set, const struct form_filter *filter,
                      const char *ret_values[2 * FORM_VALUES]) {
    const struct form_mention *mention = &set->mentions[filter->mention];
    size_t count = 0;
    for (size_t i = 0; i < mention->value_count; i++)
        ret_values[count++] = mention->values[i];
    if (mention->is_whole)
        return count;
    // The whole values of the same stretch have it in them too.
    for (size_t i = 0; i < set->mention_count; i++) {
        const struct form_mention *other = &set->mentions[i];
        if (!other->is_whole || other->column != mention->column ||
            other->covers != mention->covers)
            continue;
        for (size_t j = 0; j < other->value_count && count < 2 * FORM_VALUES; j++)
            ret_values[count++] = other->values[j];
    }
    return count;
}

// Texts that begin so.
static const char *begins(struct form_writer *writer, const char *column, const char *start) {
    return arena_format(writer->arena, "%s LIKE %s", column,
                        text_param(writer, arena_format(writer->arena, "%s%%", start)));
}

static const char *value_condition(struct form_writer *writer, const struct form_filter *filter) {
    const struct form_mention *mention = &writer->set->mentions[filter->mention];
    const char *column = column_name(writer, mention->column, mention->read);
    const char *values[2 * FORM_VALUES], *text = "";
    if (mention->is_start)
        return begins(writer, column, mention->contains);
    if (!mention->is_whole && mention->contains)
        return like(writer, column, mention->contains);
    size_t count = form_mentioned(writer->set, filter, values);
    if (count == 1)
        return arena_format(writer->arena, "%s = %s", column, text_param(writer, values[0]));
    for (size_t i = 0; i < count; i++)
        text = arena_format(writer->arena, "%s%s%s", text, i ? ", " : "",
                            text_param(writer, values[i]));
    return arena_format(writer->arena, "%s IN (%s)", column, text);
}

static const char *const comparisons[] = {
    [PLAN_EQUAL] = "=",       [PLAN_NOT_EQUAL] = "<>", [PLAN_LESS] = "<",
    [PLAN_LESS_EQUAL] = "<=", [PLAN_GREATER] = ">",    [PLAN_GREATER_EQUAL] = ">=",
};

static const char *years_condition(struct form_writer *writer, const struct form_filter *filter,
                                   const char *column) {
    const struct date_span *span = &filter->item->date;
    double from = strtod(span->from, NULL), to = strtod(span->to, NULL);
    if (!*span->from)
        return arena_format(writer->arena, "%s <= %s", column, number_param(writer, to));
    if (!*span->to)
        return arena_format(writer->arena, "%s >= %s", column, number_param(writer, from));
    return arena_format(writer->arena, "%s BETWEEN %s AND %s", column, number_param(writer, from),
                        number_param(writer, to));
}

// Dates inside of texts may lack a day ("1998-09"), or the year ("--09-04"), which is in no span.
static const char *date_condition(struct form_writer *writer, const struct form_filter *filter) {
    const struct date_span *span = &filter->item->date;
    const char *column = column_name(writer, filter->column, filter->read);
    struct arena *arena = writer->arena;
    if (filter->read == FORM_AS_NUMBER)
        return years_condition(writer, filter, column);
    if (span->bucket == PLAN_MONTH_OF_YEAR) {
        const char *month = number_param(writer, (double)span->values[0]);
        if (writer->set->columns[filter->column].is_date)
            return arena_format(arena, "CAST(substr(%s, 6, 2) AS INTEGER) = %s", column, month);
        return arena_format(
            arena,
            "CAST(substr(%s, CASE WHEN %s LIKE '--%%' THEN 3 ELSE 6 END, 2) AS INTEGER) = %s",
            column, column, month);
    }
    if (span->bucket == PLAN_WEEKDAY)
        return arena_format(arena, "CAST(strftime('%%w', %s) AS INTEGER) = %s", column,
                            number_param(writer, (double)span->values[0]));
    const char *from = "", *to = "";
    if (*span->from) {
        const char *first = text_param(writer, span->from);
        from = arena_format(arena, "%s >= substr(%s, 1, length(%s))", column, first, column);
    } else {
        from = arena_format(arena, "%s >= '0'", column);
    }
    if (*span->to)
        to = arena_format(arena, " AND substr(%s, 1, 10) <= %s", column,
                          text_param(writer, span->to));
    return arena_format(arena, "%s%s", from, to);
}

static const char *relative_condition(struct form_writer *writer,
                                      const struct form_filter *filter) {
    const char *named = value_condition(writer, filter);
    const char *table = quoted(writer, writer->table->name);
    const char *column = column_name(writer, filter->column, filter->read);
    if (filter->kind == FORM_SAME)
        return arena_format(writer->arena,
                            "%s IN (SELECT %s FROM %s WHERE %s) AND (%s) IS NOT TRUE", column,
                            column, table, named, named);
    bool is_greater = filter->comparison == PLAN_GREATER;
    return arena_format(writer->arena, "%s %s (SELECT %s(%s) FROM %s WHERE %s)", column,
                        is_greater ? ">" : "<", is_greater ? "max" : "min", column, table, named);
}

static const char *condition(struct form_writer *writer, const struct form_filter *filter) {
    if (filter->kind == FORM_EMPTY)
        return arena_format(writer->arena, "%s IS %sNULL",
                            column_name(writer, filter->column, FORM_AS_IS),
                            filter->is_negated ? "NOT " : "");
    const char *text =
        filter->kind == FORM_VALUE ? value_condition(writer, filter)
        : filter->kind == FORM_NUMBER
            ? arena_format(writer->arena, "%s %s %s",
                           column_name(writer, filter->column, filter->read),
                           comparisons[filter->comparison], number_param(writer, filter->number))
        : filter->kind == FORM_DATE ? date_condition(writer, filter)
                                    : relative_condition(writer, filter);
    return filter->is_negated ? arena_format(writer->arena, "NOT (%s)", text) : text;
}

// ---- Rows ---------------------------------------------------------------------------------------

static const char *filtered(struct form_writer *writer, const struct form_rows *rows) {
    const struct form_filter *filters = writer->set->filters;
    const char *text = "";
    for (size_t i = 0; i < rows->filter_count; i++) {
        const char *next = condition(writer, &filters[rows->filters[i]]);
        if (rows->is_either && i == 1)
            text = arena_format(writer->arena, "(%s OR %s)", text, next);
        else
            text = arena_format(writer->arena, "%s%s%s", text, i ? " AND " : "", next);
    }
    if (form_leaves_total(writer->set, rows))
        text = arena_format(writer->arena, "%s%srowid <> %s", text, *text ? " AND " : "",
                            number_param(writer, (double)writer->table->total_row));
    return text;
}

static const char *shifted(struct form_writer *writer, enum form_shift shift, const char *where) {
    static const char *const forms[] = {
        [FORM_SHIFT_PREVIOUS] = "rowid IN (SELECT rowid - 1 FROM %s WHERE %s)",
        [FORM_SHIFT_NEXT] = "rowid IN (SELECT rowid + 1 FROM %s WHERE %s)",
        [FORM_SHIFT_BEFORE] = "rowid < (SELECT min(rowid) FROM %s WHERE %s)",
        [FORM_SHIFT_AFTER] = "rowid > (SELECT max(rowid) FROM %s WHERE %s)",
    };
    const char *table = quoted(writer, writer->table->name), *form = forms[shift];
    struct buf buf = BUF(LIMIT_SQL);
    for (size_t used = 0; *form; form++) {
        if (*form == '%')
            buf_add_text(&buf, used++ ? where : table), form++;
        else
            buf_add_char(&buf, *form);
    }
    const char *text = arena_text(writer->arena, buf_text(&buf));
    buf_done(&buf);
    return text;
}

static const char *and_where(struct form_writer *writer, const char *lead, const char *where) {
    return *where ? arena_format(writer->arena, "%s%s", lead, where) : "";
}

static const char *picked(struct form_writer *writer, const struct form_rows *rows,
                          const char *where) {
    const char *table = quoted(writer, writer->table->name);
    bool is_place = rows->pick == FORM_PICK_FIRST || rows->pick == FORM_PICK_LAST;
    bool is_least = rows->pick == FORM_PICK_FIRST || rows->pick == FORM_PICK_LEAST;
    const char *column =
        is_place ? "rowid" : column_name(writer, rows->pick_column, rows->pick_read);
    const char *best =
        arena_format(writer->arena, "%s = (SELECT %s(%s) FROM %s%s)", column,
                     is_least ? "min" : "max", column, table, and_where(writer, " WHERE ", where));
    return is_place ? best
                    : arena_format(writer->arena, "%s%s", best, and_where(writer, " AND ", where));
}

// The condition that the rows meet, "" for all.
static const char *where_of(struct form_writer *writer, size_t at) {
    const struct form_rows *rows = &writer->set->rows[at];
    const char *where = filtered(writer, rows);
    if (rows->shift)
        where = shifted(writer, rows->shift, where);
    return rows->pick ? picked(writer, rows, where) : where;
}

// " FROM … WHERE …", with MORE behind the condition.
static const char *from(struct form_writer *writer, const char *where, const char *more) {
    const char *table = quoted(writer, writer->table->name);
    const char *lead = *where && *more ? " AND " : "";
    return *where || *more
               ? arena_format(writer->arena, "\nFROM %s\nWHERE %s%s%s", table, where, lead, more)
               : arena_format(writer->arena, "\nFROM %s", table);
}

static const char *scalar(struct form_writer *writer, const char *what, const char *where) {
    return arena_format(writer->arena, "(SELECT %s FROM %s%s)", what,
                        quoted(writer, writer->table->name), and_where(writer, " WHERE ", where));
}

// ---- Forms --------------------------------------------------------------------------------------

static const char *titled(struct form_writer *writer, const char *title) {
    struct buf buf = BUF(4 * LIMIT_TITLE);
    buf_add_text(&buf, " AS ");
    sql_add_quoted(&buf, title);
    const char *text = arena_text(writer->arena, buf_text(&buf));
    buf_done(&buf);
    return text;
}

static const char *title_of(const struct form_writer *writer, int column) {
    return writer->table->columns[writer->set->columns[column].reads[FORM_AS_IS]].title;
}

static const char *shows(struct form_writer *writer, const struct form *form, const char *where) {
    const char *column = shown_name(writer, form->column);
    return arena_format(writer->arena, "SELECT DISTINCT %s%s%s\nORDER BY rowid", column,
                        titled(writer, title_of(writer, form->column)),
                        from(writer, where, arena_format(writer->arena, "%s IS NOT NULL", column)));
}

static const char *commonest(struct form_writer *writer, const struct form *form,
                             const char *where) {
    const char *column = shown_name(writer, form->column), *measure = "count(*)";
    const char *more = arena_format(writer->arena, "%s IS NOT NULL", column);
    if (form->kind == FORM_BEST_GROUP) {
        const char *other = column_name(writer, form->other_column, FORM_AS_NUMBER);
        measure = arena_format(writer->arena, "%s(%s)",
                               form->aggregate == PLAN_AVERAGE ? "avg" : "sum", other);
        more = arena_format(writer->arena, "%s AND %s IS NOT NULL", more, other);
    }
    const char *rows = from(writer, where, more);
    return arena_format(writer->arena,
                        "SELECT %s%s%s\nGROUP BY %s\nHAVING %s = (SELECT %s(n) FROM (SELECT %s AS "
                        "n%s\nGROUP BY %s))\nORDER BY min(rowid)",
                        column, titled(writer, title_of(writer, form->column)), rows, column,
                        measure, form->is_rare ? "min" : "max", measure, rows, column);
}

static const char *aggregated(struct form_writer *writer, const struct form *form,
                              const char *where) {
    static const struct {
        const char *function, *title;
    } names[] = {[PLAN_SUM] = {"sum", "Total of"},
                 [PLAN_AVERAGE] = {"avg", "Average of"},
                 [PLAN_MIN] = {"min", "Least"},
                 [PLAN_MAX] = {"max", "Greatest"}};
    const char *title = arena_format(writer->arena, "%s %s", names[form->aggregate].title,
                                     title_of(writer, form->column));
    return arena_format(writer->arena, "SELECT %s(%s)%s%s", names[form->aggregate].function,
                        column_name(writer, form->column, form->read), titled(writer, title),
                        from(writer, where, ""));
}

static const char *difference(struct form_writer *writer, const struct form *form,
                              const char *where, const char *other) {
    bool is_date = form->read == FORM_AS_DATE;
    const char *what = form->kind == FORM_COUNT_DIFFERENCE
                           ? "count(*)"
                           : arena_format(writer->arena, "%s(%s)", is_date ? "max" : "sum",
                                          column_name(writer, form->column, form->read));
    const char *left = scalar(writer, what, where), *right = scalar(writer, what, other);
    if (form->kind == FORM_TRUTH)
        return arena_format(writer->arena,
                            "SELECT CASE %s > %s WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END%s", left,
                            right, titled(writer, "Answer"));
    return arena_format(writer->arena, "SELECT abs(%s - %s)%s", left, right,
                        titled(writer, "Difference"));
}

static const char *statement(struct form_writer *writer, const struct form *form) {
    struct arena *arena = writer->arena;
    const char *where = where_of(writer, form->rows), *column = "";
    switch ((enum form_kind)form->kind) {
    case FORM_SHOW: return shows(writer, form, where);
    case FORM_COUNT:
        return arena_format(arena, "SELECT count(*)%s%s", titled(writer, "Count"),
                            from(writer, where, ""));
    case FORM_DISTINCT:
        return arena_format(arena, "SELECT count(DISTINCT %s)%s%s",
                            shown_name(writer, form->column), titled(writer, "Count"),
                            from(writer, where, ""));
    case FORM_AGGREGATE: return aggregated(writer, form, where);
    case FORM_COMMON:
    case FORM_BEST_GROUP: return commonest(writer, form, where);
    case FORM_DIFFERENCE:
    case FORM_COUNT_DIFFERENCE:
    case FORM_TRUTH: return difference(writer, form, where, where_of(writer, form->other_rows));
    case FORM_RANGE:
        column = column_name(writer, form->column, form->read);
        return arena_format(arena, "SELECT max(%s) - min(%s)%s%s", column, column,
                            titled(writer, "Difference"), from(writer, where, ""));
    case FORM_BETWEEN:
        return arena_format(arena, "SELECT sum(abs(%s - %s))%s%s",
                            column_name(writer, form->other_column, FORM_AS_NUMBER),
                            column_name(writer, form->column, FORM_AS_NUMBER),
                            titled(writer, "Difference"), from(writer, where, ""));
    case FORM_WITHIN:
        return arena_format(arena, "SELECT sum(abs(%s - %s))%s%s",
                            column_name(writer, form->column, FORM_AS_SECOND),
                            column_name(writer, form->column, FORM_AS_NUMBER),
                            titled(writer, "Difference"), from(writer, where, ""));
    case FORM_EXISTS:
        return arena_format(
            arena, "SELECT CASE WHEN EXISTS (SELECT 1 FROM %s%s) THEN 'yes' ELSE 'no' END%s",
            quoted(writer, writer->table->name), and_where(writer, " WHERE ", where),
            titled(writer, "Answer"));
    }
    return "";
}

bool form_write_sql(const struct form_set *set, const struct form *form, struct arena *arena,
                    struct plan_reading *reading) {
    struct form_writer writer = {
        .set = set, .table = &set->schema->tables[set->table], .arena = arena, .reading = reading};
    reading->param_count = 0;
    reading->chart = (struct plan_chart){.kind = PLAN_NO_CHART, .unit = ""};
    reading->sql = statement(&writer, form);
    return !writer.has_failed && !arena->exhausted && strlen(reading->sql) < LIMIT_SQL;
}
