// SPDX-License-Identifier: Apache-2.0
//
// See compose.h: comparisons with numbers. The column that is compared stands beside the number, or
// is told by a comparative, by the number's unit, or by the range in which the number lies.
#include <string.h>

#include "plan/compose.h"

// ---- Numbers ------------------------------------------------------------------------------------

struct comparison {
    size_t first, last; // items
    enum plan_comparison comparison;
    const struct item *values[2];
    size_t value_count;
    struct plan_column column; // of a comparative: "older than"
};

static bool is_pair(const struct draft *draft, size_t at, enum cue link) {
    return compose_is_kind(draft, at, ITEM_NUMBER) && compose_is_cue(draft, at + 1, link) &&
           compose_is_kind(draft, at + 2, ITEM_NUMBER) && compose_is_near(draft, at, at + 1) &&
           compose_is_near(draft, at + 1, at + 2);
}

static void set_between(const struct draft *draft, size_t first, size_t left, size_t right,
                        struct comparison *comparison) {
    *comparison = (struct comparison){.first = first,
                                      .last = right,
                                      .comparison = PLAN_BETWEEN,
                                      .value_count = 2,
                                      .column = {-1, -1, -1}};
    comparison->values[0] = draft->items[left];
    comparison->values[1] = draft->items[right];
}

// The comparison that the number at AT is part of.
static bool read_comparison(const struct draft *draft, size_t at, struct comparison *comparison) {
    if (at > 0 && compose_is_cue(draft, at - 1, CUE_BETWEEN) && is_pair(draft, at, CUE_AND)) {
        set_between(draft, at - 1, at, at + 2, comparison);
        return true;
    }
    if (is_pair(draft, at, CUE_TO)) {
        set_between(draft, at, at, at + 2, comparison);
        return true;
    }
    if (compose_is_kind(draft, at + 1, ITEM_NUMBER) && draft->items[at + 1]->argument == '-') {
        set_between(draft, at, at, at + 1, comparison);
        return true;
    }
    *comparison = (struct comparison){.first = at,
                                      .last = at,
                                      .comparison = PLAN_EQUAL,
                                      .value_count = 1,
                                      .column = {-1, -1, -1}};
    comparison->values[0] = draft->items[at];
    if (at > 0 && compose_is_cue(draft, at - 1, CUE_COMPARE) &&
        compose_is_near(draft, at - 1, at)) {
        comparison->first = at - 1;
        comparison->comparison = (enum plan_comparison)draft->items[at - 1]->argument;
        comparison->column = draft->items[at - 1]->column;
    } else if (compose_is_cue(draft, at + 1, CUE_COMPARE_AFTER) &&
               compose_is_near(draft, at, at + 1)) {
        comparison->last = at + 1;
        comparison->comparison = (enum plan_comparison)draft->items[at + 1]->argument;
    } else {
        return false;
    }
    return true;
}

// Whether a number with UNIT may be compared with the column: no unit is ever converted.
static bool is_unit_right(const struct draft *draft, struct plan_column column, const char *unit) {
    const char *own = question_unit(draft->schema, column);
    if (!*unit || strcmp(own, unit) == 0)
        return true;
    if (strcmp(unit, "°") == 0)
        return strcmp(lexicon_unit_kind(own), "temperature") == 0 ||
               strcmp(lexicon_unit_kind(own), "angle") == 0;
    return !*own && strcmp(lexicon_unit_kind(unit), "duration") != 0;
}

struct unit_search {
    struct plan_column found[8];
    unsigned count;
};

static bool is_near_table(const struct draft *draft, int table) {
    for (size_t i = 0; i < draft->count; i++) {
        const struct item *item = draft->items[i];
        if (item->column.table == table)
            return true;
    }
    return draft->schema->table_count == 1;
}

// The columns of the tables in play that have the number's unit.
static void find_by_unit(const struct draft *draft, const char *unit, struct unit_search *search) {
    const struct dataset_schema *schema = draft->schema;
    for (size_t i = 0; i < schema->metric_count && *unit && search->count < 3; i++)
        for (size_t j = 0; j < draft->count; j++) {
            struct plan_column column = {schema->metrics[i].table, -1, (int)i};
            int table = draft->items[j]->kind == ITEM_TABLE ? draft->items[j]->column.table : -1;
            struct graph_path path;
            if (table < 0 || !is_unit_right(draft, column, unit) || !*schema->metrics[i].unit ||
                !graph_path(schema, NULL, column.table, table, -1, &path))
                continue;
            search->found[search->count++] = column;
            break;
        }
    for (size_t i = 0; i < schema->table_count && *unit; i++)
        for (size_t j = 0; j < schema->tables[i].column_count && is_near_table(draft, (int)i);
             j++) {
            struct plan_column column = {(int)i, (int)j, -1};
            const struct dataset_column *at = question_column(schema, column);
            if (!at->hidden && question_is_number(at) && *question_unit(schema, column) &&
                is_unit_right(draft, column, unit) && search->count < ARRAY_LENGTH(search->found))
                search->found[search->count++] = column;
        }
}

// "Loans over 100k", "employees under 30": a bare number is of a column in whose range it lies.
static void find_by_range(const struct draft *draft, int table, double number,
                          struct unit_search *search) {
    for (size_t i = 0; i < draft->schema->tables[table].column_count; i++) {
        struct plan_column column = {table, (int)i, -1};
        const struct dataset_column *at = question_column(draft->schema, column);
        bool is_measure = !at->hidden && question_is_number(at) && !at->is_key &&
                          at->references_table < 0 && !draft_is_year(at);
        if (is_measure && number >= at->min_number && number <= at->max_number &&
            search->count < ARRAY_LENGTH(search->found))
            search->found[search->count++] = column;
    }
}

// A column beside the comparison: "cost over 100", "more than 25 mm of precipitation".
static bool find_beside(struct draft *draft, const struct comparison *comparison,
                        struct plan_column *ret_column) {
    size_t first = comparison->first, next = comparison->last + 1;
    const struct item *value = comparison->values[0];
    if (first > 0 && compose_is_near(draft, first - 1, first) &&
        compose_is_numeric(draft, draft->items[first - 1]) &&
        is_unit_right(draft, draft->items[first - 1]->column, value->unit)) {
        *ret_column = draft->items[first - 1]->column;
        compose_use(draft, first - 1);
        return true;
    }
    if (next < draft->count && !draft->is_used[next] &&
        compose_is_near(draft, comparison->last, next) &&
        compose_is_numeric(draft, draft->items[next]) &&
        is_unit_right(draft, draft->items[next]->column, value->unit)) {
        *ret_column = draft->items[next]->column;
        compose_use(draft, next);
        return true;
    }
    bool is_plain = comparison->comparison != PLAN_EQUAL || comparison->first != comparison->last;
    if (is_plain && !*value->unit && compose_is_kind(draft, next, ITEM_TABLE) &&
        compose_is_near(draft, comparison->last,
                        next)) { // "more than 100 strikes": how many there are
        *ret_column = draft->items[next]->column;
        compose_use(draft, next);
        return true;
    }
    return false;
}

static bool choose_column(struct draft *draft, const struct unit_search *search,
                          struct plan_column *ret_column) {
    *ret_column = search->found[draft_choose(draft, search->count)];
    return true;
}

static bool find_number_column(struct draft *draft, const struct comparison *comparison,
                               struct plan_column *ret_column) {
    if (find_beside(draft, comparison, ret_column))
        return true;
    if (comparison->column.table >= 0) {
        *ret_column = comparison->column;
        return is_unit_right(draft, comparison->column, comparison->values[0]->unit) ||
               strcmp(comparison->values[0]->unit, "years") == 0;
    }
    // "At least 100 but under 110": of the column that the number before is compared with.
    size_t link = comparison->first - 1;
    const struct draft_number *last =
        draft->number_count ? &draft->numbers[draft->number_count - 1] : NULL;
    bool is_joined = comparison->first > 1 && last && last->item_end == link &&
                     (compose_is_cue(draft, link, CUE_AND) ||
                      (last->mark.alternative && draft->items[link]->kind == ITEM_CUE &&
                       draft->items[link]->cue == CUE_OR)) &&
                     is_unit_right(draft, last->column, comparison->values[0]->unit);
    if (is_joined) {
        *ret_column = last->column;
        compose_use(draft, link);
        return true;
    }
    struct unit_search search = {.count = 0};
    const char *unit = comparison->values[comparison->value_count - 1]->unit;
    find_by_unit(draft, unit, &search);
    if (!*unit && comparison->first > 0 && draft->items[comparison->first - 1]->kind == ITEM_TABLE)
        find_by_range(draft, draft->items[comparison->first - 1]->column.table,
                      comparison->values[0]->number, &search);
    if (!search.count)
        return false;
    draft_assume(draft, *unit ? 0 : 0.1);
    if (!*unit)
        return choose_column(draft, &search, ret_column);
    *ret_column = search.found[draft_choose(draft, search.count)];
    draft_assume(draft, 0.05 + (search.count > 1 ? draft_farness(draft->schema, *ret_column) : 0));
    return true;
}

// "A rating of 1 or 2"
static void read_alternatives(struct draft *draft, size_t at, struct draft_number *number) {
    while ((compose_is_cue(draft, at + 1, CUE_OR) || compose_is_cue(draft, at + 1, CUE_AND)) &&
           compose_is_kind(draft, at + 2, ITEM_NUMBER) && compose_is_near(draft, at, at + 1) &&
           compose_is_near(draft, at + 1, at + 2) &&
           number->value_count < ARRAY_LENGTH(number->values)) {
        number->values[number->value_count++] = draft->items[at + 2]->number;
        number->is_integer &= draft->items[at + 2]->is_integer;
        compose_use(draft, at + 1);
        compose_use(draft, at + 2);
        at += 2;
    }
}

static void pass_number(struct draft *draft, size_t at) {
    struct comparison comparison;
    bool has_sign = read_comparison(draft, at, &comparison);
    if (comparison.comparison == PLAN_BETWEEN && comparison.first > 0 &&
        compose_is_cue(draft, comparison.first - 1, CUE_NOT) &&
        compose_is_near(draft, comparison.first - 1, comparison.first)) {
        comparison.comparison = PLAN_NOT_BETWEEN;
        comparison.first--;
    }
    struct draft_number number = {.comparison = comparison.comparison, .mark = draft->marks[at]};
    if (!has_sign) {
        // Equality needs the column right beside the number: "season 3", "rating of 5", "5 stars".
        char preposition = compose_preposition(draft, at);
        if ((preposition && preposition != 'f') ||
            !find_beside(draft, &comparison, &number.column) || number.column.column < 0)
            return;
        draft_assume(draft, 0.05);
    } else if (!find_number_column(draft, &comparison, &number.column)) {
        return;
    }
    for (size_t i = comparison.first; i <= comparison.last; i++)
        if (draft->marks[i].alternative || draft->marks[i].side)
            number.mark = draft->marks[i];
    number.is_integer = true;
    number.value_count = comparison.value_count;
    for (size_t i = 0; i < comparison.value_count; i++) {
        number.values[i] = comparison.values[i]->number;
        number.is_integer &= comparison.values[i]->is_integer;
    }
    if (comparison.value_count == 2 && number.values[0] > number.values[1]) {
        number.values[0] = comparison.values[1]->number;
        number.values[1] = comparison.values[0]->number;
    }
    if (draft->number_count == ARRAY_LENGTH(draft->numbers)) {
        draft->has_failed = true;
        return;
    }
    if (number.comparison == PLAN_EQUAL)
        read_alternatives(draft, comparison.last, &number);
    number.item_end = comparison.last + 1;
    draft->numbers[draft->number_count++] = number;
    for (size_t i = comparison.first; i <= comparison.last; i++)
        compose_use(draft, i);
}

void compose_numbers(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++)
        if (compose_is_kind(draft, i, ITEM_NUMBER))
            pass_number(draft, i);
}
