// SPDX-License-Identifier: Apache-2.0
//
// See shape.h: the rows themselves, or the distinct values of a column. Rows are shown with what
// was asked for and with what they are known by; where nothing was asked for, with all that fits.
// Their order is one that people expect: by the column that was compared, else by date, else by
// name.
#include <string.h>

#include "plan/shape.h"

#define DEFAULT_COLUMNS 14

void shape_show(struct plan *plan, struct plan_column column) {
    for (size_t i = 0; i < plan->shown_count; i++)
        if (question_is_same(plan->shown[i], column))
            return;
    if (plan->shown_count < ARRAY_LENGTH(plan->shown))
        plan->shown[plan->shown_count++] = column;
}

// A reference is shown by the label of what it refers to, where there is one.
static struct plan_column shown_column(const struct draft *draft, const struct plan *plan,
                                       int table, int column) {
    const struct dataset_column *at = &draft->schema->tables[table].columns[column];
    struct plan_column own = {table, column, -1};
    if (at->references_table < 0 || at->references_column < 0)
        return own;
    int label = graph_label(&draft->schema->tables[at->references_table]);
    bool is_twice = graph_references(draft->schema, table, at->references_table, 0, NULL) > 1;
    struct plan_column other = {at->references_table, label, -1};
    return label < 0 || is_twice || !shape_reaches(draft, plan, plan->table, other.table) ? own
                                                                                          : other;
}

void shape_default_columns(const struct draft *draft, struct plan *plan, int table) {
    const struct dataset_table *at = &draft->schema->tables[table];
    int label = graph_label(at);
    if (label >= 0)
        shape_show(plan, (struct plan_column){table, label, -1});
    for (size_t i = 0; i < at->column_count && plan->shown_count < DEFAULT_COLUMNS; i++) {
        const struct dataset_column *column = &at->columns[i];
        if (!column->hidden && !(column->is_key && label >= 0 && column->references_table < 0))
            shape_show(plan, shown_column(draft, plan, table, (int)i));
    }
}

// The first column that was compared with a number or, failing that, the table's date.
static void settle_row_order(struct draft *draft, struct plan *plan) {
    if (shape_is_pinned(draft, plan, plan->table, NO_COLUMN))
        return;
    if (draft->has_order) {
        struct plan_column column = draft->order_measure.column;
        if (column.table >= 0 ||
            (shape_noun_column(draft, plan, plan->table, &draft->order_noun, &column) &&
             column.column >= 0)) {
            plan->order_column = column;
            plan->order.index = 0;
            plan->order.descending = draft->has_direction ? draft->order_descending : false;
            return;
        }
    }
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        bool is_more =
            filter->comparison == PLAN_GREATER || filter->comparison == PLAN_GREATER_EQUAL;
        bool is_less = filter->comparison == PLAN_LESS || filter->comparison == PLAN_LESS_EQUAL;
        bool is_own = filter->column.table == plan->table && filter->bucket == PLAN_AS_IS &&
                      filter->column.column >= 0;
        if (is_own && (is_more || is_less) &&
            question_is_number(question_column(draft->schema, filter->column)) &&
            !draft_is_year(question_column(draft->schema, filter->column))) {
            plan->order_column = filter->column;
            plan->order.index = 0;
            plan->order.descending = is_more;
            return;
        }
    }
    const struct dataset_table *table = &draft->schema->tables[plan->table];
    for (size_t i = 0; i < table->column_count; i++)
        if (!table->columns[i].hidden &&
            (question_is_date(&table->columns[i]) || draft_is_year(&table->columns[i]))) {
            plan->order_column = (struct plan_column){plan->table, (int)i, -1};
            plan->order.index = 0;
            plan->order.descending = draft->has_direction && draft->order_descending;
            return;
        }
}

static bool has_group_number(const struct draft *draft) {
    for (size_t i = 0; i < draft->number_count; i++)
        if (draft->numbers[i].column.column < 0 && draft->numbers[i].column.metric < 0)
            return true;
    return false;
}

// "States with more than 100 strikes": the groups that a condition holds for.
static bool shape_group_rows(struct draft *draft, struct plan *plan) {
    const struct draft_number *number = &draft->numbers[0];
    struct noun noun = draft->target;
    for (size_t i = 0; i < draft->number_count; i++)
        if (draft->numbers[i].column.column < 0 && draft->numbers[i].column.metric < 0)
            number = &draft->numbers[i];
    if (noun.kind == NOUN_NONE && draft->shown_count)
        noun = draft->shown[0];
    if (noun.kind == NOUN_NONE && draft->table_count)
        noun = (struct noun){.kind = NOUN_ROWS, .column = {draft->tables[0], -1, -1}};
    if (noun.kind == NOUN_NONE ||
        (noun.kind == NOUN_ROWS && question_is_same(noun.column, number->column)))
        return false;
    enum plan_aggregate aggregate =
        number->column.column < 0 && number->column.metric < 0 ? PLAN_COUNT : PLAN_SUM;
    draft->measures[draft->measure_count++] = (struct draft_measure){aggregate, number->column};
    if (!shape_bind(draft, plan, &noun, 1) ||
        !shape_group(draft, plan, &noun, &plan->groups[plan->group_count++]))
        return false;
    draft->measure_count = 0; // the condition is about what was just measured
    if (!shape_filters(draft, plan))
        return false;
    shape_group_order(draft, plan);
    return true;
}

// Whether a number is about what belongs to each row of the target rather than about the rows
// themselves.
static bool is_about_many(const struct draft *draft) {
    if (draft->target.kind != NOUN_ROWS && !(draft->target.kind == NOUN_NONE && draft->table_count))
        return false;
    int table = draft->target.kind == NOUN_ROWS ? draft->target.column.table : draft->tables[0];
    for (size_t i = 0; i < draft->number_count; i++) {
        int other = draft->numbers[i].column.table;
        if (other != table && !shape_reaches(draft, NULL, table, other) &&
            shape_reaches(draft, NULL, other, table))
            return true;
    }
    return false;
}

// ---- Distinct values ----------------------------------------------------------------------------

static bool shape_distinct(struct draft *draft, struct plan *plan, const struct noun *nouns,
                           size_t count) {
    draft->measure_count = 0;
    plan->table = nouns[0].column.table;
    if (nouns[0].kind == NOUN_BUCKET || plan->table < 0)
        plan->table = shape_main_table(draft);
    if (plan->table < 0)
        return false;
    // The values are those that stand in the rows that are meant.
    for (size_t i = 0; i < draft->table_count; i++)
        if (shape_reaches(draft, plan, draft->tables[i], plan->table))
            plan->table = draft->tables[i];
    for (size_t i = 0; i < count && plan->group_count < ARRAY_LENGTH(plan->groups); i++)
        if (!shape_group(draft, plan, &nouns[i], &plan->groups[plan->group_count++]))
            return false;
    if (!shape_filters(draft, plan))
        return false;
    if (draft->has_direction)
        plan->order.descending = draft->order_descending;
    return true;
}

// Whether the filters leave one row of the main table.
static bool is_one_row(struct draft *draft) {
    struct plan plan = {.table = shape_main_table(draft), .having_measure = -1};
    double cost = draft->cost;
    bool is_right = plan.table >= 0 && shape_filters(draft, &plan);
    draft->cost = cost;
    draft->has_failed = false;
    return is_right && shape_is_pinned(draft, &plan, plan.table, NO_COLUMN);
}

// Whether a table was named before the noun, which then only tells about its rows.
static bool is_table_first(const struct draft *draft, const struct noun *noun) {
    bool is_first = false;
    for (size_t i = 0; i < draft->count && noun->item && draft->items[i] != noun->item; i++) {
        bool is_owner =
            i + 1 < draft->count && draft->items[i + 1] == noun->item; // "employee names"
        is_first |= draft->items[i]->kind == ITEM_TABLE && !is_owner;
    }
    return is_first;
}

// Columns that repeat, asked for without the rows that they stand in: their distinct values are
// wanted.
static bool wants_distinct(struct draft *draft, const struct noun *nouns, size_t count) {
    if (is_one_row(draft))
        return false;
    if (!count || count > 2 || draft->target.kind == NOUN_ROWS || draft->measure_count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct dataset_column *column =
            nouns[i].kind == NOUN_COLUMN ? question_column(draft->schema, nouns[i].column) : NULL;
        if (nouns[i].kind != NOUN_BUCKET &&
            (!column || (question_is_number(column) && !draft->is_distinct)))
            return false;
        if (column &&
            graph_is_unique(&draft->schema->tables[nouns[i].column.table], nouns[i].column.column))
            return false;
    }
    if (draft->is_distinct)
        return true;
    if (is_table_first(draft, &nouns[0]))
        return false; // "strikes with large animals" are strikes
    if (count == 1)
        return true;
    return draft->table_count == 0;
}

// ---- Rows ---------------------------------------------------------------------------------------

static int rows_table(const struct draft *draft, const struct noun *nouns, size_t count) {
    if (draft->target.kind == NOUN_ROWS)
        return draft->target.column.table;
    if (draft->measure_count)
        return draft->measures[0].column.table;
    int table = draft->table_count ? draft->tables[0] : -1;
    for (size_t i = 0; i < count; i++) {
        int other = nouns[i].column.table;
        if (other >= 0 &&
            (table < 0 || (table != other && shape_reaches(draft, NULL, other, table))))
            table = other;
    }
    return table >= 0 ? table : shape_main_table(draft);
}

static bool shape_plain_rows(struct draft *draft, struct plan *plan, const struct noun *nouns,
                             size_t count) {
    plan->table = rows_table(draft, nouns, count);
    if (plan->table < 0 || !shape_filters(draft, plan))
        return false;
    // What is asked about something that has a name is rather its own than that of rows which refer
    // to it.
    for (size_t i = 0; i < plan->filter_count && count; i++) {
        struct plan_column named = plan->filters[i].column;
        if (named.table != plan->table && named.column >= 0 &&
            graph_is_unique(&draft->schema->tables[named.table], named.column))
            draft_assume(draft, 0.12);
    }
    bool has_label = false;
    struct plan_column columns[ARRAY_LENGTH(plan->shown)];
    size_t column_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct plan_column column;
        if (!shape_noun_column(draft, plan, plan->table, &nouns[i], &column) || column.column < 0 ||
            !shape_reaches(draft, plan, plan->table, column.table))
            return false;
        has_label |= column.table == plan->table &&
                     (column.column == graph_label(&draft->schema->tables[plan->table]) ||
                      question_column(draft->schema, column)->is_key);
        columns[column_count++] = column;
        bool is_near = column.table == plan->table;
        for (size_t j = 0; j < draft->table_count; j++)
            is_near |= column.table == draft->tables[j] && column.table != plan->table;
        draft_assume(draft, is_near ? 0 : 0.12);
    }
    int label = graph_label(&draft->schema->tables[plan->table]);
    bool is_pinned = shape_is_pinned(draft, plan, plan->table, NO_COLUMN);
    if (!column_count && draft->wants_names && label >= 0)
        shape_show(plan, (struct plan_column){plan->table, label, -1});
    else if (!column_count)
        shape_default_columns(draft, plan, plan->table);
    else if (label >= 0 && !has_label && !is_pinned)
        shape_show(plan, (struct plan_column){plan->table, label, -1});
    for (size_t i = 0; i < column_count; i++)
        shape_show(plan, columns[i]);
    settle_row_order(draft, plan);
    // Without a label the date tells rows apart.
    if (column_count && label < 0 && !is_pinned && plan->order_column.table >= 0)
        shape_show(plan, plan->order_column);
    return true;
}

bool shape_rows(struct draft *draft, struct plan *plan) {
    struct noun nouns[ARRAY_LENGTH(draft->shown) + 2];
    size_t count = 0;
    if (draft->group_count)
        return false;
    if (has_group_number(draft) || is_about_many(draft))
        return shape_group_rows(draft, plan);
    bool has_shown = draft->shown_count > 0 || draft->measure_count > 0;
    bool asks_vaguely = draft->target.kind == NOUN_WHO || draft->target.kind == NOUN_WHERE ||
                        draft->target.kind == NOUN_WHEN;
    // "Who directed …": the column that the verb names answers "who".
    if (draft->target.kind != NOUN_NONE && draft->target.kind != NOUN_ROWS &&
        !(asks_vaguely && has_shown))
        nouns[count++] = draft->target;
    for (size_t i = 0; i < draft->shown_count; i++)
        if (draft->is_list || !is_table_first(draft, &draft->shown[i]))
            nouns[count++] = draft->shown[i];
    if (draft->measure_count) {
        nouns[count] = (struct noun){.kind = NOUN_COLUMN, .column = draft->measures[0].column};
        count++;
    }
    bool is_nothing = !count && !draft->table_count && !draft->filter_count && !draft->date_count &&
                      !draft->number_count;
    if (is_nothing)
        return false;
    if (wants_distinct(draft, nouns, count))
        return shape_distinct(draft, plan, nouns, count);
    return shape_plain_rows(draft, plan, nouns, count);
}
