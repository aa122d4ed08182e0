// SPDX-License-Identifier: Apache-2.0
//
// The answer in one sentence, from the plan and the runner's result. It rounds as one would say it;
// the table beside it keeps every digit. Nothing is said that the result does not hold.
#include <string.h>

#include "base/str.h"
#include "plan/form_rank.h"
#include "plan/form_write.h"
#include "plan/wording.h"

#define NAMES 3 // groups or values that a sentence lists

struct teller {
    const struct dataset_schema *schema;
    struct arena arena;
    const struct plan *plan;
    const json *rows;
    size_t row_count;
    bool is_truncated;
    struct buf text;
};

static const json *cell(const struct teller *teller, size_t row, size_t column) {
    const json *at = cJSON_GetArrayItem(teller->rows, (int)row);
    return cJSON_IsArray(at) ? cJSON_GetArrayItem(at, (int)column) : NULL;
}

static bool is_empty(const json *value) { return !value || cJSON_IsNull(value); }

// A number, also one that travels as a text because it is large.
static bool read_number(const json *value, double *ret_number) {
    if (cJSON_IsNumber(value)) {
        *ret_number = value->valuedouble;
        return true;
    }
    return cJSON_IsString(value) && str_to_real(value->valuestring, ret_number) == 0;
}

static void add_text(struct teller *teller, const json *value, bool is_date) {
    double number;
    if (is_empty(value))
        buf_add_text(&teller->text, "(none)");
    else if (cJSON_IsString(value) && is_date)
        format_date(&teller->text, value->valuestring);
    else if (cJSON_IsString(value))
        buf_add_text(&teller->text, value->valuestring);
    else if (read_number(value, &number))
        format_exact(&teller->text, number, "");
    else
        buf_add_text(&teller->text, "(data)");
}

static void add_amount(struct teller *teller, const json *value, struct plan_column column,
                       bool is_count) {
    const struct dataset_column *at = is_count ? NULL : question_column(teller->schema, column);
    double number;
    bool is_year = at && at->type == DATASET_INTEGER && !*at->unit && at->min_number >= 1000 &&
                   at->max_number <= 2999;
    is_year |= at && (at->is_key || at->references_table >= 0); // numbers that are names
    if (is_year && cJSON_IsNumber(value))
        buf_add_format(&teller->text, "%.15g", value->valuedouble);
    else if (at && at->type == DATASET_BOOLEAN && cJSON_IsNumber(value))
        buf_add_text(&teller->text, value->valuedouble != 0 ? "yes" : "no");
    else if ((!at || question_is_number(at) || at->type == DATASET_BOOLEAN) &&
             read_number(value, &number))
        format_rounded(&teller->text, number, is_count ? "" : wording_unit(teller->schema, column));
    else
        add_text(teller, value, at && question_is_date(at));
}

static void add_measure(struct teller *teller, size_t row, size_t measure) {
    const struct plan_measure *at = &teller->plan->measures[measure];
    bool is_count = at->aggregate == PLAN_COUNT || at->aggregate == PLAN_COUNT_DISTINCT;
    add_amount(teller, cell(teller, row, teller->plan->group_count + measure), at->column,
               is_count);
}

static void add_number(struct teller *teller, const json *value, const char *unit) {
    double number;
    if (read_number(value, &number))
        format_rounded(&teller->text, number, unit);
    else
        add_text(teller, value, false);
}

// The column that groups are told by: what was derived, else the first measure.
static size_t told_column(const struct teller *teller) {
    size_t derived = wording_derived_column(teller->plan);
    return derived                                              ? derived
           : teller->plan->derivation == PLAN_AVERAGE_OF_GROUPS ? teller->plan->per
                                                                : teller->plan->group_count;
}

static void add_told(struct teller *teller, size_t row) {
    if (teller->plan->derivation == PLAN_PLAIN)
        add_measure(teller, row, 0);
    else
        add_number(teller, cell(teller, row, told_column(teller)),
                   wording_derived_unit(teller->schema, teller->plan));
}

static void add_group(struct teller *teller, size_t row) {
    const struct plan *plan = teller->plan;
    size_t count = plan->derivation == PLAN_AVERAGE_OF_GROUPS ? plan->per : plan->group_count;
    for (size_t i = 0; i < count; i++) {
        const struct dataset_column *column =
            question_column(teller->schema, plan->groups[i].column);
        const json *value = cell(teller, row, i);
        buf_add_text(&teller->text, i ? ", " : "");
        if (column && column->type == DATASET_BOOLEAN && cJSON_IsNumber(value))
            buf_add_format(&teller->text, "%s: %s",
                           wording_group(teller->schema, &teller->arena, plan, i),
                           value->valuedouble != 0 ? "yes" : "no");
        else if (cJSON_IsNumber(value))
            buf_add_format(&teller->text, "%.15g", value->valuedouble);
        else
            add_text(teller, value, column && question_is_date(column));
    }
}

static const char *rows_word(struct teller *teller, bool is_one) {
    return wording_rows(teller->schema, &teller->arena, teller->plan->table, is_one);
}

static const char *filters(struct teller *teller) {
    return wording_filters(teller->schema, &teller->arena, teller->plan);
}

static const char *measure_word(struct teller *teller, size_t measure) {
    return wording_measure(teller->schema, &teller->arena, &teller->plan->measures[measure]);
}

static const char *degree(const struct teller *teller, struct plan_column column) {
    const struct dataset_column *at = question_column(teller->schema, column);
    bool is_date = at && question_is_date(at) && !teller->plan->measure_count;
    return teller->plan->order.descending ? is_date ? "latest" : "highest"
           : is_date                      ? "earliest"
                                          : "lowest";
}

// "A", "A and B", "A, B and C"; past NAMES only how many more.
static void add_names(struct teller *teller, void (*add)(struct teller *, size_t)) {
    size_t count = teller->row_count > NAMES ? NAMES : teller->row_count;
    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count && count == teller->row_count;
        buf_add_text(&teller->text, i == 0 ? "" : is_last ? " and " : ", ");
        add(teller, i);
    }
    if (teller->row_count > count)
        buf_add_format(&teller->text, " and %s%zu more", teller->is_truncated ? "at least " : "",
                       teller->row_count - count);
}

// ---- Shapes of answers --------------------------------------------------------------------------

static void tell_nothing(struct teller *teller) {
    buf_add_format(&teller->text, "No %s matches%s.", rows_word(teller, true), filters(teller));
}

// "There are 1,495 strikes where …", "There are 46 different operators."
static void tell_count(struct teller *teller, double number) {
    const struct plan_measure *measure = &teller->plan->measures[0];
    bool is_rows = measure->aggregate == PLAN_COUNT,
         is_key = !is_rows && question_column(teller->schema, measure->column)->is_key;
    if (teller->plan->asks_whether)
        buf_add_text(&teller->text, number > 0 ? "Yes. " : "No. ");
    buf_add_text(&teller->text, number == 1 ? "There is " : "There are ");
    if (number == 0)
        buf_add_text(&teller->text, "no");
    else
        format_rounded(&teller->text, number, "");
    if (is_rows || is_key)
        buf_add_format(
            &teller->text, " %s",
            wording_rows(teller->schema, &teller->arena, measure->column.table, number == 1));
    else if (number == 1)
        buf_add_format(&teller->text, " %s",
                       wording_column(teller->schema, &teller->arena, measure->column));
    else
        buf_add_format(&teller->text, " different %s",
                       wording_values(teller->schema, &teller->arena, measure->column));
    if (!is_rows && teller->plan->filter_count)
        buf_add_format(&teller->text, " of %s", rows_word(teller, false));
    buf_add_format(&teller->text, "%s.", filters(teller));
}

static bool is_plural(const char *text) {
    return str_has_suffix(text, "s") && !str_has_suffix(text, "ss");
}

static void tell_value(struct teller *teller) {
    const struct plan *plan = teller->plan;
    const json *value = cell(teller, 0, 0);
    double number = 0;
    bool is_count = plan->measures[0].aggregate == PLAN_COUNT ||
                    plan->measures[0].aggregate == PLAN_COUNT_DISTINCT;
    if (plan->measure_count == 1 && is_count && read_number(value, &number)) {
        tell_count(teller, number);
        return;
    }
    if (plan->measure_count == 1 && is_empty(value)) {
        buf_add_format(&teller->text, "No %s with a value of %s matches%s.",
                       rows_word(teller, true),
                       wording_column(teller->schema, &teller->arena, plan->measures[0].column),
                       filters(teller));
        return;
    }
    for (size_t i = 0; i < plan->measure_count; i++) {
        buf_add_format(&teller->text, "%s %s",
                       i == 0                        ? "The"
                       : i + 1 < plan->measure_count ? ", the"
                                                     : " and the",
                       measure_word(teller, i));
        if (i == 0 && plan->measures[i].aggregate != PLAN_COUNT &&
            plan->measures[i].column.metric < 0)
            buf_add_format(&teller->text, " of %s", rows_word(teller, false));
        if (i == 0)
            buf_add_text(&teller->text, filters(teller));
        buf_add_text(&teller->text, is_plural(measure_word(teller, i)) ? " are " : " is ");
        add_measure(teller, 0, i);
    }
    buf_add_char(&teller->text, '.');
}

static void tell_best_group(struct teller *teller) {
    const struct plan *plan = teller->plan;
    size_t by = (size_t)plan->order.index;
    add_names(teller, add_group);
    buf_add_format(&teller->text, " %s the %s %s: ", teller->row_count == 1 ? "has" : "share",
                   degree(teller, plan->measures[by].column), measure_word(teller, by));
    add_measure(teller, 0, by);
    buf_add_char(&teller->text, '.');
}

static void add_group_with_measure(struct teller *teller, size_t row) {
    add_group(teller, row);
    buf_add_text(&teller->text, " (");
    add_told(teller, row);
    buf_add_char(&teller->text, ')');
}

// The row with the largest first measure.
static size_t highest_row(const struct teller *teller) {
    size_t best = 0, at = 0;
    double highest = 0, number;
    bool has_any = false;
    const json *row;
    cJSON_ArrayForEach (row, teller->rows) {
        if (read_number(cJSON_GetArrayItem(row, (int)told_column(teller)), &number) &&
            (!has_any || number > highest)) {
            has_any = true;
            highest = number;
            best = at;
        }
        at++;
    }
    return best;
}

static void tell_groups(struct teller *teller) {
    const struct plan *plan = teller->plan;
    const char *first =
        plan->derivation == PLAN_PLAIN
            ? measure_word(teller, 0)
            : wording_derived_title(teller->schema, &teller->arena, plan,
                                    plan->derivation == PLAN_AVERAGE_OF_GROUPS
                                        ? 0
                                        : wording_derived_column(plan) - plan->group_count);
    if (plan->derivation == PLAN_RUNNING_TOTAL) {
        buf_add_format(&teller->text, "The running total of %s reaches ",
                       wording_whole(teller->schema, &teller->arena, plan));
        add_told(teller, teller->row_count - 1);
        buf_add_text(&teller->text, " (");
        add_group(teller, teller->row_count - 1);
        buf_add_text(&teller->text, ").");
        return;
    }
    char initial[5] = {(char)(first[0] >= 'a' && first[0] <= 'z' ? first[0] - 32 : first[0])};
    buf_add_format(&teller->text, "%s%s", initial, first[0] ? first + 1 : "");
    bool is_step = plan->derivation == PLAN_CHANGE || plan->derivation == PLAN_GROWTH;
    if ((teller->row_count <= NAMES && !is_step) || plan->order.by_measure || plan->per) {
        buf_add_text(&teller->text, ": ");
        add_names(teller, add_group_with_measure);
        buf_add_char(&teller->text, '.');
        return;
    }
    size_t best = highest_row(teller);
    if (is_step && is_empty(cell(teller, best, told_column(teller)))) {
        buf_add_text(&teller->text, ": there is nothing before it to compare with.");
        return;
    }
    const struct dataset_column *column = question_column(teller->schema, plan->groups[0].column);
    if (column && !question_is_date(column) && !question_is_number(column)) {
        buf_add_format(&teller->text, " by %s",
                       wording_group(teller->schema, &teller->arena, plan, 0));
    } else {
        buf_add_text(&teller->text, " from ");
        add_group(teller, 0);
        buf_add_text(&teller->text, " to ");
        add_group(teller, teller->row_count - 1);
    }
    buf_add_text(&teller->text, ": the highest is ");
    add_told(teller, best);
    buf_add_text(&teller->text, " (");
    add_group(teller, best);
    buf_add_text(&teller->text, teller->is_truncated ? "); there are more than are shown." : ").");
}

static void tell_values(struct teller *teller) {
    if (teller->row_count > NAMES)
        buf_add_format(
            &teller->text, "%s%zu %s: ", teller->is_truncated ? "More than " : "",
            teller->row_count,
            wording_values(teller->schema, &teller->arena, teller->plan->groups[0].column));
    else
        buf_add_format(&teller->text, "%s: ",
                       wording_group_title(teller->schema, &teller->arena, teller->plan, 0));
    add_names(teller, add_group);
    buf_add_char(&teller->text, '.');
}

static size_t shown_index(const struct plan *plan, struct plan_column column) {
    for (size_t i = 0; i < plan->shown_count; i++)
        if (question_is_same(plan->shown[i], column))
            return i;
    return plan->shown_count;
}

static void add_first_shown(struct teller *teller, size_t row) {
    add_amount(teller, cell(teller, row, 0), teller->plan->shown[0], false);
}

static void tell_best_rows(struct teller *teller) {
    const struct plan *plan = teller->plan;
    size_t by = shown_index(plan, plan->order_column);
    bool is_named = plan->shown_count == 2 && by == 1;
    if (is_named)
        add_names(teller, add_first_shown);
    else if (teller->row_count == 1)
        buf_add_format(&teller->text, "One %s", rows_word(teller, true));
    else
        buf_add_format(&teller->text, "%zu %s", teller->row_count, rows_word(teller, false));
    buf_add_format(&teller->text, " %s the %s %s: ", teller->row_count == 1 ? "has" : "share",
                   degree(teller, plan->order_column),
                   wording_column(teller->schema, &teller->arena, plan->order_column));
    add_amount(teller, by < plan->shown_count ? cell(teller, 0, by) : NULL, plan->order_column,
               false);
    buf_add_char(&teller->text, '.');
}

static void tell_rows(struct teller *teller) {
    const struct plan *plan = teller->plan;
    if (plan->shown_count == 1 && teller->row_count <= NAMES) {
        const char *title = wording_shown_title(teller->schema, &teller->arena, plan, 0);
        buf_add_format(&teller->text, "%s: ", title);
        add_names(teller, add_first_shown);
    } else if (plan->per) {
        buf_add_format(&teller->text, "%zu %s with the %s %s", teller->row_count,
                       rows_word(teller, teller->row_count == 1),
                       degree(teller, plan->order_column),
                       wording_column(teller->schema, &teller->arena, plan->order_column));
        for (size_t i = 0; i < plan->per; i++)
            buf_add_format(&teller->text, "%s%s", i ? " and " : " for each ",
                           wording_column(teller->schema, &teller->arena, plan->shown[i]));
    } else if (plan->limit) {
        buf_add_format(&teller->text, "The %zu %s with the %s %s", teller->row_count,
                       rows_word(teller, teller->row_count == 1),
                       degree(teller, plan->order_column),
                       wording_column(teller->schema, &teller->arena, plan->order_column));
    } else if (teller->is_truncated) {
        buf_add_format(&teller->text, "The first %zu %s%s; there are more", teller->row_count,
                       rows_word(teller, false), filters(teller));
    } else {
        buf_add_format(&teller->text, "%zu %s%s", teller->row_count,
                       rows_word(teller, teller->row_count == 1), filters(teller));
    }
    buf_add_char(&teller->text, '.');
}

// ---- Derived values -----------------------------------------------------------------------------

static const char *side(struct teller *teller, int which) {
    return wording_side(teller->schema, &teller->arena, teller->plan, which, "");
}

static void add_side_value(struct teller *teller, size_t column) {
    const struct plan *plan = teller->plan;
    bool is_second = column && plan->measure_count > 1;
    const struct plan_measure *measure = &plan->measures[is_second];
    bool is_count = measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_COUNT_DISTINCT;
    add_number(teller, cell(teller, 0, column),
               is_count ? "" : wording_unit(teller->schema, measure->column));
}

static void tell_derived(struct teller *teller) {
    const struct plan *plan = teller->plan;
    bool is_share = plan->derivation == PLAN_SHARE_OF_ROWS;
    bool is_average = plan->derivation == PLAN_AVERAGE_OF_GROUPS;
    bool has_measures = plan->measure_count > 1;
    bool is_ratio = plan->derivation == PLAN_RATIO;
    const char *whole = wording_whole(teller->schema, &teller->arena, plan);
    if (is_empty(cell(teller, 0, told_column(teller)))) {
        buf_add_format(&teller->text, "There is nothing to %s%s.",
                       is_share || is_ratio ? "divide by"
                       : is_average         ? "average"
                                            : "compare",
                       filters(teller));
        return;
    }
    if (is_average)
        buf_add_format(&teller->text, "The average over %s of the %s%s is ",
                       wording_inner_values(teller->schema, &teller->arena, plan),
                       measure_word(teller, 0), filters(teller));
    else if (has_measures)
        buf_add_format(&teller->text, "The %s %s %s%s is ", measure_word(teller, 0),
                       is_ratio ? "divided by" : "less", measure_word(teller, 1), filters(teller));
    else if (!is_share)
        buf_add_format(&teller->text, "The %s is ", is_ratio ? "ratio" : "difference");
    add_told(teller, 0);
    if (is_share)
        buf_add_format(&teller->text, " of %s%s: %s in ", whole, filters(teller),
                       side(teller, PLAN_OF_FIRST));
    else if (!is_average)
        buf_add_text(&teller->text, ": ");
    if (!is_average)
        add_side_value(teller, 0);
    if (is_share)
        buf_add_text(&teller->text, " of ");
    else if (has_measures)
        buf_add_text(&teller->text, is_ratio ? " by " : " less ");
    else if (!is_average)
        buf_add_format(&teller->text, " where %s, ", side(teller, PLAN_OF_FIRST));
    if (!is_average)
        add_side_value(teller, 1);
    if (!is_share && !has_measures && !is_average)
        buf_add_format(&teller->text, " where %s", side(teller, PLAN_OF_SECOND));
    buf_add_char(&teller->text, '.');
}

char *plan_sentence(const struct dataset_schema *schema, const struct plan_reading *reading,
                    const json *result) {
    if (reading->form)
        return form_sentence(&reading->forms->set, reading->form, result);
    struct teller teller = {
        .schema = schema, .arena = ARENA(1024 * 1024), .plan = &reading->plan, .text = BUF(16384)};
    const struct plan *plan = teller.plan;
    teller.rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
    teller.row_count = cJSON_IsArray(teller.rows) ? (size_t)cJSON_GetArraySize(teller.rows) : 0;
    teller.is_truncated = json_bool(result, "truncated", false);
    if (!teller.row_count)
        tell_nothing(&teller);
    else if (plan->group_count && !plan->measure_count)
        tell_values(&teller);
    else if (plan->derivation != PLAN_PLAIN &&
             !(plan->derivation == PLAN_AVERAGE_OF_GROUPS ? plan->per : plan->group_count))
        tell_derived(&teller);
    else if (plan->group_count && plan->is_superlative && !plan->per)
        tell_best_group(&teller);
    else if (plan->group_count)
        tell_groups(&teller);
    else if (plan->measure_count)
        tell_value(&teller);
    else if (plan->is_superlative && !plan->per)
        tell_best_rows(&teller);
    else
        tell_rows(&teller);
    arena_done(&teller.arena);
    return buf_take(&teller.text);
}
