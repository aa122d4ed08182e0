// SPDX-License-Identifier: Apache-2.0
//
// See shape.h: conditions. Dates find their column, numbers are about rows or about groups, and
// tables that were named but are not joined become conditions of existence.
#include <string.h>

#include "plan/shape.h"
#include "plan/sql.h"

// ---- Filters ------------------------------------------------------------------------------------

bool shape_is_pinned(const struct draft *draft, const struct plan *plan, int table,
                     struct plan_column extra) {
    const struct dataset_table *at = &draft->schema->tables[table];
    bool has_key = false, is_covered = true;
    for (size_t i = 0; i < at->column_count; i++) {
        bool is_fixed = extra.table == table && extra.column == (int)i;
        for (size_t j = 0; j < plan->filter_count; j++) {
            const struct plan_filter *filter = &plan->filters[j];
            bool is_one_day = filter->comparison == PLAN_BETWEEN &&
                              filter->values[0].kind == PLAN_VALUE_TEXT &&
                              strncmp(filter->values[0].text, filter->values[1].text, 10) == 0;
            is_fixed |=
                filter->column.table == table && filter->column.column == (int)i &&
                filter->bucket == PLAN_AS_IS &&
                ((filter->comparison == PLAN_EQUAL && filter->value_count == 1) || is_one_day);
        }
        if (is_fixed && graph_is_unique(at, (int)i))
            return true;
        has_key |= at->columns[i].is_key;
        is_covered &= !at->columns[i].is_key || is_fixed;
    }
    return has_key && is_covered;
}

static struct plan_value number_value(double number, bool is_integer) {
    if (is_integer)
        return (struct plan_value){.kind = PLAN_VALUE_INTEGER, .integer = (int64_t)number};
    return (struct plan_value){.kind = PLAN_VALUE_REAL, .real = number};
}

static bool add_filter(struct plan *plan, const struct plan_filter *filter) {
    if (plan->filter_count == ARRAY_LENGTH(plan->filters))
        return false;
    plan->filters[plan->filter_count++] = *filter;
    return true;
}

static struct plan_filter number_filter(const struct draft_number *number) {
    struct plan_filter filter = {.column = number->column, .comparison = number->comparison};
    for (size_t i = 0; i < number->value_count; i++)
        filter.values[filter.value_count++] = number_value(number->values[i], number->is_integer);
    draft_mark(&filter, number->mark);
    return filter;
}

static int day_part(const char *day, size_t from, size_t count) {
    int value = 0;
    for (size_t i = from; i < from + count; i++)
        value = value * 10 + day[i] - '0';
    return value;
}

// A span compared with a column of years.
static bool year_filter(const struct date_span *span, struct plan_filter *filter) {
    int from = *span->from ? day_part(span->from, 0, 4) : 0,
        to = *span->to ? day_part(span->to, 0, 4) : 0;
    if (span->bucket != PLAN_AS_IS)
        return false;
    filter->comparison = from && to ? from == to ? PLAN_EQUAL : PLAN_BETWEEN
                         : from     ? PLAN_GREATER_EQUAL
                                    : PLAN_LESS_EQUAL;
    filter->values[filter->value_count++] = number_value(from ? from : to, true);
    if (filter->comparison == PLAN_BETWEEN)
        filter->values[filter->value_count++] = number_value(to, true);
    return span->is_whole_years;
}

static struct plan_value day_value(const struct draft *draft, const char *day, bool is_end) {
    const char *text = is_end ? arena_format(draft->question->arena, "%s 23:59:59", day)
                              : arena_text(draft->question->arena, day);
    return (struct plan_value){.kind = PLAN_VALUE_TEXT, .text = text};
}

static void date_filter(const struct draft *draft, const struct date_span *span,
                        struct plan_filter *filter) {
    bool has_time = question_column(draft->schema, filter->column)->type == DATASET_TIMESTAMP;
    filter->bucket = span->bucket;
    if (span->bucket != PLAN_AS_IS) {
        filter->comparison = PLAN_EQUAL;
        for (size_t i = 0; i < span->value_count; i++)
            filter->values[filter->value_count++] = number_value((double)span->values[i], true);
        return;
    }
    bool is_one_day = strcmp(span->from, span->to) == 0 && !has_time;
    filter->comparison = is_one_day                 ? PLAN_EQUAL
                         : *span->from && *span->to ? PLAN_BETWEEN
                         : *span->from              ? PLAN_GREATER_EQUAL
                                                    : PLAN_LESS_EQUAL;
    if (*span->from)
        filter->values[filter->value_count++] = day_value(draft, span->from, false);
    if (*span->to && !is_one_day)
        filter->values[filter->value_count++] = day_value(draft, span->to, has_time);
}

// Two periods of the same column are alternatives ("in 2012 and 2014"), as no day lies in both.
static bool join_dates(struct draft *draft, struct plan *plan, const struct plan_filter *filter,
                       const struct date_span *span) {
    for (size_t i = 0; i < plan->filter_count; i++) {
        struct plan_filter *other = &plan->filters[i];
        if (!question_is_same(other->column, filter->column) || other->side != filter->side ||
            other->alternative != filter->alternative || other->row != filter->row)
            continue;
        bool is_part = other->bucket != PLAN_AS_IS && other->bucket == filter->bucket &&
                       other->comparison == PLAN_EQUAL && filter->comparison == PLAN_EQUAL;
        bool is_year = other->bucket == PLAN_AS_IS && other->comparison == PLAN_EQUAL &&
                       other->values[0].kind == PLAN_VALUE_INTEGER &&
                       filter->comparison == PLAN_EQUAL;
        if ((is_part || is_year) &&
            other->value_count + filter->value_count <= ARRAY_LENGTH(other->values)) {
            for (size_t j = 0; j < filter->value_count; j++)
                other->values[other->value_count++] = filter->values[j];
            other->is_each |= filter->is_each;
            return true;
        }
        bool is_span = other->bucket == PLAN_AS_IS && filter->bucket == PLAN_AS_IS &&
                       other->value_count && other->values[0].kind == PLAN_VALUE_TEXT &&
                       filter->values[0].kind == PLAN_VALUE_TEXT;
        if (!is_span || *span->from == '\0' || *span->to == '\0')
            continue;
        // Whole years become years of the date; anything else has no plan yet.
        bool was_year = other->comparison == PLAN_BETWEEN && strlen(other->values[0].text) >= 10 &&
                        strncmp(other->values[0].text, other->values[1].text, 4) == 0 &&
                        strncmp(other->values[0].text + 4, "-01-01", 6) == 0 &&
                        strncmp(other->values[1].text + 4, "-12-31", 6) == 0;
        if (!was_year || !span->is_whole_years || strncmp(span->from, span->to, 4) != 0) {
            draft->has_failed = true;
            return true;
        }
        int year = day_part(other->values[0].text, 0, 4);
        *other = (struct plan_filter){.column = other->column,
                                      .bucket = PLAN_YEAR,
                                      .comparison = PLAN_EQUAL,
                                      .side = other->side,
                                      .alternative = other->alternative,
                                      .row = other->row,
                                      .is_each = filter->is_each};
        other->values[other->value_count++] = number_value(year, true);
        other->values[other->value_count++] = number_value(day_part(span->from, 0, 4), true);
        return true;
    }
    return false;
}

// A relative date, as seen from the newest of its column.
static bool resolve(const struct draft *draft, const struct dataset_column *column,
                    struct date_span *span, struct plan_filter *filter) {
    struct arena *arena = draft->question->arena;
    bool is_year = draft_is_year(column);
    const char *year = is_year ? arena_format(arena, "%04.0f", column->max_number) : "";
    const char *newest = is_year ? arena_format(arena, "%s-12-31", year)
                                 : arena_text(arena, column->max ? column->max : "");
    filter->seen_from = is_year ? year : newest;
    return (is_year || question_is_date(column)) && question_resolve_date(span, newest);
}

static bool deny(struct plan_filter *filter) {
    static const enum plan_comparison opposites[] = {
        [PLAN_EQUAL] = PLAN_NOT_EQUAL,
        [PLAN_BETWEEN] = PLAN_NOT_BETWEEN,
        [PLAN_LESS_EQUAL] = PLAN_GREATER,
        [PLAN_GREATER_EQUAL] = PLAN_LESS,
    };
    if ((size_t)filter->comparison >= ARRAY_LENGTH(opposites) ||
        opposites[filter->comparison] == PLAN_EQUAL)
        return false;
    filter->comparison = opposites[filter->comparison];
    return true;
}

bool shape_date(struct draft *draft, struct plan *plan, const struct draft_date *date) {
    struct plan_filter filter = {.column = date->column};
    struct date_span resolved = date->item->date;
    const struct date_span *span = &resolved;
    if (filter.column.table < 0 && !shape_date_column(draft, plan, plan->table, date->near_table,
                                                      span->is_whole_years, &filter.column))
        return false;
    const struct dataset_column *column = question_column(draft->schema, filter.column);
    if (resolved.relative_unit != PLAN_AS_IS && !resolve(draft, column, &resolved, &filter))
        return false;
    if (question_is_date(column))
        date_filter(draft, span, &filter);
    else if (!question_is_number(column) || !year_filter(span, &filter))
        return false;
    draft_mark(&filter, date->mark);
    filter.is_each = date->mark.is_joined;
    // "In 2024 and in 2025" is one row's date where it can be both, and two rows' where it cannot.
    if (date->mark.is_joined && !shape_reaches(draft, plan, plan->table, filter.column.table))
        filter.row = SHAPE_OWN_ROW + (int)plan->filter_count;
    bool is_far = !shape_reaches(draft, plan, plan->table, filter.column.table);
    bool is_open_end =
        filter.comparison == PLAN_LESS_EQUAL || filter.comparison == PLAN_GREATER_EQUAL;
    if (date->is_negated && is_far &&
        is_open_end) { // "not ordered since June": there is no such row
        struct plan_filter none = {.column = {filter.column.table, -1, -1},
                                   .comparison = PLAN_IS_NULL};
        draft_mark(&none, date->mark);
        return add_filter(plan, &none) && add_filter(plan, &filter);
    }
    if (date->is_negated && !deny(&filter))
        return false;
    return join_dates(draft, plan, &filter, span) || add_filter(plan, &filter);
}

// "Customers with more than 5 orders", "states with total cost over …": a condition on groups.
static bool shape_having(struct draft *draft, struct plan *plan,
                         const struct draft_number *number) {
    bool is_rows = number->column.column < 0 && number->column.metric < 0;
    enum plan_aggregate aggregate = is_rows ? PLAN_COUNT : PLAN_SUM;
    if (plan->having_measure >= 0)
        return false;
    for (size_t i = 0; i < plan->measure_count; i++) {
        bool is_same = question_is_same(plan->measures[i].column, number->column);
        if (is_same && (!is_rows || plan->measures[i].aggregate == PLAN_COUNT)) {
            plan->having_measure = (int)i;
            plan->having = number_filter(number);
            return true;
        }
    }
    if (plan->measure_count == ARRAY_LENGTH(plan->measures))
        return false;
    struct draft_measure measure = {aggregate, number->column};
    if (!shape_bind_measure(draft, plan, &measure))
        return false;
    plan->having_measure = (int)plan->measure_count - 1;
    plan->having = number_filter(number);
    return true;
}

static bool is_about_groups(const struct draft *draft, const struct plan *plan,
                            const struct draft_number *number) {
    if (!plan->group_count)
        return false;
    if (number->column.column < 0 && number->column.metric < 0)
        return true;
    for (size_t i = 0; i < plan->measure_count; i++)
        if (question_is_same(plan->measures[i].column, number->column) && draft->measure_count == 0)
            return true;
    return false;
}

// A table that was named but is neither the start nor joined: rows of it must exist.
static bool shape_named_tables(struct draft *draft, struct plan *plan) {
    for (size_t i = 0; i < draft->table_count; i++) {
        int table = draft->tables[i];
        if (table == plan->table || shape_reaches(draft, plan, plan->table, table))
            continue;
        bool is_filtered = false;
        for (size_t j = 0; j < plan->filter_count; j++)
            is_filtered |= plan->filters[j].column.table != plan->table && !plan->filters[j].row &&
                           !shape_reaches(draft, plan, plan->table, plan->filters[j].column.table);
        draft_assume(draft, 0.02);
        struct plan_filter filter = {.column = {table, -1, -1}, .comparison = PLAN_IS_NOT_NULL};
        if (!is_filtered && !add_filter(plan, &filter))
            return false;
    }
    return true;
}

// A date or boolean of a table that refers to this one: "never ordered" is about the orders.
static void lift_absence(const struct draft *draft, const struct plan *plan,
                         struct plan_filter *filter) {
    if ((filter->comparison == PLAN_IS_NULL || filter->comparison == PLAN_IS_NOT_NULL) &&
        filter->column.column >= 0 &&
        !shape_reaches(draft, plan, plan->table, filter->column.table))
        filter->column.column = -1;
}

// "Customers who ordered tea and coffee": no row is both, so there is one for each.
static bool add_each_value(struct plan *plan, struct plan_filter filter) {
    struct plan_filter one = filter;
    for (size_t i = 0; i < filter.value_count; i++) {
        one.values[0] = filter.values[i];
        one.value_count = 1;
        one.row = i ? SHAPE_OWN_ROW + (int)plan->filter_count : filter.row;
        if (!add_filter(plan, &one))
            return false;
    }
    return true;
}

// An alternative is one only beside another, and as long as it is about the row itself.
static bool has_odd_alternative(const struct draft *draft, const struct plan *plan) {
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        size_t count = 0;
        for (size_t j = 0; j < plan->filter_count; j++)
            count += plan->filters[j].alternative == filter->alternative &&
                     plan->filters[j].side == filter->side;
        if (filter->alternative &&
            (count < 2 || !shape_reaches(draft, plan, plan->table, filter->column.table)))
            return true;
    }
    return false;
}

// "Ordered" says nothing beside "ordered tea": whoever has such a line has an order.
static bool is_implied(const struct draft *draft, const struct plan *plan,
                       const struct plan_filter *rows) {
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *other = &plan->filters[i];
        enum plan_comparison denied;
        bool is_positive = other != rows && other->side == rows->side && other->value_count &&
                           !sql_is_denial(other->comparison, &denied) &&
                           !shape_reaches(draft, plan, plan->table, other->column.table);
        int root =
            is_positive ? graph_meeting(draft->schema, plan, plan->table, other->column.table) : -1;
        if (root >= 0 && root != plan->table &&
            shape_reaches(draft, plan, root, rows->column.table))
            return true;
    }
    return false;
}

static void drop_implied(const struct draft *draft, struct plan *plan) {
    for (size_t i = plan->filter_count; i > 0; i--) {
        const struct plan_filter *filter = &plan->filters[i - 1];
        bool is_rows = filter->column.column < 0 && filter->column.metric < 0 &&
                       filter->comparison == PLAN_IS_NOT_NULL;
        if (!is_rows || !is_implied(draft, plan, filter))
            continue;
        plan->filter_count--;
        for (size_t j = i - 1; j < plan->filter_count; j++)
            plan->filters[j] = plan->filters[j + 1];
    }
}

// The rows themselves, and what no row lacks.
static bool is_always_there(const struct draft *draft, const struct plan *plan,
                            struct plan_column column) {
    const struct dataset_column *at = question_column(draft->schema, column);
    return at ? !at->null_count && shape_reaches(draft, plan, plan->table, column.table)
              : column.table == plan->table;
}

bool shape_filters(struct draft *draft, struct plan *plan) {
    for (size_t i = 0; i < draft->filter_count; i++) {
        struct plan_filter filter = draft->filters[i];
        lift_absence(draft, plan, &filter);
        if (filter.comparison == PLAN_IS_NOT_NULL && filter.side == PLAN_OF_ALL &&
            is_always_there(draft, plan, filter.column))
            continue;
        if (draft->wants_all[i] && filter.comparison == PLAN_EQUAL &&
            !shape_reaches(draft, plan, plan->table, filter.column.table)) {
            if (!add_each_value(plan, filter))
                return false;
        } else {
            filter.is_each = draft->wants_all[i] && filter.comparison == PLAN_EQUAL;
            if (!add_filter(plan, &filter))
                return false;
        }
    }
    struct plan_column last = NO_COLUMN;
    for (size_t i = 0; i < draft->date_count; i++) {
        struct draft_date date = draft->dates[i];
        size_t before = plan->filter_count;
        if (date.column.table < 0 && (date.mark.is_joined || date.mark.row))
            date.column = last; // "in 2024 and in 2025"
        if (!shape_date(draft, plan, &date))
            return false;
        if (plan->filter_count > before)
            last = plan->filters[plan->filter_count - 1].column;
    }
    for (size_t i = 0; i < draft->number_count; i++) {
        const struct draft_number *number = &draft->numbers[i];
        bool is_rows = number->column.column < 0 && number->column.metric < 0;
        struct plan_filter filter = number_filter(number);
        // What a row's other rows are like is seldom compared: "products that cost over 100" are
        // not those in such orders.
        if (!is_rows && !is_about_groups(draft, plan, number) &&
            !shape_reaches(draft, plan, plan->table, number->column.table))
            draft_assume(draft, 0.2);
        bool is_done = is_about_groups(draft, plan, number) ? shape_having(draft, plan, number)
                                                            : !is_rows && add_filter(plan, &filter);
        if (!is_done)
            return false;
    }
    if (!shape_named_tables(draft, plan))
        return false;
    for (size_t i = 0; i < plan->filter_count; i++) {
        int table = plan->filters[i].column.table;
        if (!shape_reaches(draft, plan, plan->table, table)) {
            draft_assume(draft, 0.02);
            if (graph_meeting(draft->schema, plan, plan->table, table) < 0)
                return false;
        }
    }
    drop_implied(draft, plan);
    return !draft->has_failed && !has_odd_alternative(draft, plan);
}
