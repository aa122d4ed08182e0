// SPDX-License-Identifier: Apache-2.0
//
// See compose.h: the passes that find what is asked for. A noun is what rows are grouped by, shown
// with or asked for
// ("which airline"); a measure is what is counted or computed; a superlative picks among nouns by a
// measure.
#include <string.h>

#include "plan/compose.h"

static bool is_cue_item(const struct item *item, enum cue cue) {
    return item && item->kind == ITEM_CUE && item->cue == cue;
}

static bool has_cue(const struct draft *draft, enum cue cue) {
    for (size_t i = 0; i < draft->count; i++)
        if (is_cue_item(draft->items[i], cue))
            return true;
    return false;
}

void compose_add_measure(struct draft *draft, enum plan_aggregate aggregate,
                         struct plan_column column) {
    for (size_t i = 0; i < draft->measure_count; i++)
        if (draft->measures[i].aggregate == aggregate &&
            question_is_same(draft->measures[i].column, column))
            return;
    if (draft->measure_count < ARRAY_LENGTH(draft->measures))
        draft->measures[draft->measure_count++] = (struct draft_measure){aggregate, column};
    else
        draft->has_failed = true;
}

static bool add_group(struct draft *draft, struct noun noun) {
    if (draft->group_count == ARRAY_LENGTH(draft->groups))
        return false;
    draft->groups[draft->group_count++] = noun;
    return true;
}

void compose_add_shown(struct draft *draft, struct noun noun) {
    if (draft->shown_count < ARRAY_LENGTH(draft->shown))
        draft->shown[draft->shown_count++] = noun;
}

// ---- Groups -------------------------------------------------------------------------------------

// "month of the shipping date": the bucket's own column follows.
static size_t read_bucket_column(struct draft *draft, size_t at, struct noun *noun) {
    const struct item *next =
        compose_is_near(draft, at, at + 1) ? compose_item(draft, at + 1) : NULL;
    bool is_date = next && next->kind == ITEM_COLUMN &&
                   question_is_date(question_column(draft->schema, next->column)) &&
                   compose_preposition(draft, at + 1) == 'f';
    if (noun->kind != NOUN_BUCKET || !is_date)
        return at + 1;
    noun->column = next->column;
    compose_use(draft, at + 1);
    return at + 2;
}

static bool is_groupable(const struct draft *draft, const struct item *item, bool is_ranking) {
    struct noun noun = compose_noun(item);
    if (noun.kind == NOUN_NONE)
        return false;
    // "Top 5 airports by strikes" and "by cost" rank.
    return !is_ranking || !(noun.kind == NOUN_ROWS || draft_is_measure(draft, item));
}

// "Per" and "each" rather than "by".
static bool is_each_cue(const struct draft *draft, size_t at) {
    return draft->items[at]->kind == ITEM_CUE &&
           (draft->items[at]->cue == CUE_EACH ||
            question_is(draft->question, draft->items[at]->first, "per"));
}

static void read_groups(struct draft *draft, size_t at, bool is_ranking) {
    size_t next = at + 1;
    bool is_first = true;
    while (next < draft->count && !draft->is_used[next] && compose_is_near(draft, next - 1, next) &&
           is_groupable(draft, draft->items[next], is_ranking)) {
        const struct item *item = draft->items[next];
        if (!is_first && draft_is_measure(draft, item))
            break;
        struct noun noun = compose_noun(item);
        if (draft_is_measure(draft, item))
            draft_assume(draft, question_column(draft->schema, item->column)->type == DATASET_REAL
                                    ? 0.3
                                    : 0.05);
        compose_use(draft, next);
        if (noun.kind == NOUN_ROWS)
            compose_name_table(draft, item);
        noun.is_each = is_each_cue(draft, at);
        next = read_bucket_column(draft, next, &noun);
        if (!add_group(draft, noun))
            draft->has_failed = true;
        is_first = false;
        // "by state and year": another group, unless it begins something else.
        const struct item *further = compose_item(draft, next + 1);
        if (!compose_is_cue(draft, next, CUE_AND) || !further)
            break;
        if (compose_is_cue(draft, next + 1, CUE_BY) && next + 2 < draft->count)
            further = draft->items[next + 2];
        if (!is_groupable(draft, further, is_ranking) || draft_is_measure(draft, further) ||
            !compose_is_near(draft, next, next + 1))
            break;
        compose_use(draft, next++);
        if (compose_is_cue(draft, next, CUE_BY))
            compose_use(draft, next++);
    }
    if (!is_first)
        compose_use(draft, at);
}

// "Top 5 airports by strikes": by their number. "Products by revenue": the products are the groups.
static void read_ranking(struct draft *draft, size_t at, bool is_ranking) {
    const struct item *next =
        compose_is_near(draft, at, at + 1) ? compose_item(draft, at + 1) : NULL;
    if (draft->is_used[at] || !next || draft->is_used[at + 1])
        return;
    bool is_measure = draft_is_measure(draft, next) || is_cue_item(next, CUE_AGGREGATE) ||
                      is_cue_item(next, CUE_HOW_MANY);
    if (is_ranking && next->kind == ITEM_TABLE) {
        compose_add_measure(draft, PLAN_COUNT, next->column);
        compose_name_table(draft, next);
        compose_use(draft, at + 1);
    } else if (!is_measure) {
        return;
    }
    compose_use(draft, at);
    const struct item *noun =
        at > 0 && compose_is_near(draft, at - 1, at) ? draft->items[at - 1] : NULL;
    if (is_ranking || !noun || draft->is_used[at - 1] || compose_noun(noun).kind == NOUN_NONE ||
        draft_is_measure(draft, noun))
        return;
    if (!add_group(draft, compose_noun(noun)))
        draft->has_failed = true;
    if (noun->kind == ITEM_TABLE)
        compose_name_table(draft, noun);
    compose_use(draft, at - 1);
}

// "The trend of strikes over time" says it twice.
static bool is_grouped_by(const struct draft *draft, const struct noun *noun) {
    for (size_t i = 0; i < draft->group_count; i++)
        if (draft->groups[i].kind == noun->kind && draft->groups[i].bucket == noun->bucket)
            return true;
    return false;
}

void compose_mark_groups(struct draft *draft) {
    bool is_ranking = has_cue(draft, CUE_SORT);
    for (size_t i = 0; i < draft->count; i++) {
        const struct item *next = compose_item(draft, i + 1);
        is_ranking |= is_cue_item(draft->items[i], CUE_EXTREME) &&
                      (draft->top || (next && compose_noun(next).kind != NOUN_NONE &&
                                      !draft_is_measure(draft, next)));
    }
    for (size_t i = 0; i < draft->count; i++) {
        const struct item *item = draft->items[i];
        if (draft->is_used[i] || item->kind != ITEM_CUE)
            continue;
        if (item->cue == CUE_BY || item->cue == CUE_EACH) {
            read_groups(draft, i, is_ranking && item->cue == CUE_BY);
            read_ranking(draft, i, is_ranking);
        } else if (item->cue == CUE_PERIODIC || item->cue == CUE_OVER_TIME) {
            struct noun noun = compose_noun(item);
            noun.kind = NOUN_BUCKET;
            noun.bucket =
                item->cue == CUE_OVER_TIME ? PLAN_AS_IS : (enum plan_bucket)item->argument;
            if (!is_grouped_by(draft, &noun) && !add_group(draft, noun))
                draft->has_failed = true;
            compose_use(draft, i);
        }
    }
}

// ---- Order --------------------------------------------------------------------------------------

static void pass_order(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        bool is_ascending = compose_is_cue(draft, i, CUE_ASCENDING);
        if (is_ascending || compose_is_cue(draft, i, CUE_DESCENDING)) {
            draft->has_direction = true;
            draft->order_descending = !is_ascending;
            compose_use(draft, i);
        }
        if (!compose_is_cue(draft, i, CUE_SORT))
            continue;
        size_t next = i + 1;
        enum plan_aggregate aggregate = PLAN_NONE;
        if (compose_is_cue(draft, next, CUE_AGGREGATE))
            aggregate = (enum plan_aggregate)draft->items[next++]->argument;
        else if (compose_is_cue(draft, next, CUE_HOW_MANY))
            aggregate = PLAN_COUNT, next++;
        const struct item *item = compose_item(draft, next);
        if (!item || draft->is_used[next] ||
            (item->kind != ITEM_METRIC && compose_noun(item).kind == NOUN_NONE))
            continue;
        draft->has_order = true;
        draft->order_noun = compose_noun(item);
        if (draft_is_measure(draft, item) || aggregate == PLAN_COUNT)
            draft->order_measure = (struct draft_measure){aggregate, item->column};
        for (size_t j = i; j <= next; j++)
            compose_use(draft, j);
    }
}

// ---- What is asked for --------------------------------------------------------------------------

// Whether a form of "be" stands between two items: "what is the price" asks for a price, "which
// price" among prices.
static bool has_verb_between(const struct draft *draft, size_t left, size_t right) {
    const struct question *question = draft->question;
    for (size_t i = draft->items[left]->first + draft->items[left]->count;
         i < draft->items[right]->first; i++)
        if (question_is(question, i, "be") || question_is(question, i, "do"))
            return true;
    return false;
}

// Items that may stand between "which" or "how many" and its noun: what only describes it.
bool compose_is_description(const struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    bool is_boolean = item->kind == ITEM_COLUMN &&
                      question_column(draft->schema, item->column)->type == DATASET_BOOLEAN;
    return item->kind == ITEM_VALUE || item->kind == ITEM_NUMBER ||
           is_cue_item(item, CUE_DISTINCT) || is_boolean || is_cue_item(item, CUE_NOT);
}

static size_t described_noun(const struct draft *draft, size_t at) {
    size_t next = at + 1;
    while (next < draft->count && compose_is_near(draft, next - 1, next) &&
           compose_is_description(draft, next))
        next++;
    return next < draft->count && compose_is_near(draft, next - 1, next) && !draft->is_used[next]
               ? next
               : 0;
}

bool compose_use_target(struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    struct noun noun = compose_noun(item);
    if (noun.kind == NOUN_NONE || draft->target.kind != NOUN_NONE)
        return false;
    draft->target = noun;
    compose_use(draft, at);
    if (item->kind == ITEM_TABLE)
        compose_name_table(draft, item);
    return true;
}

// "Who", "when" and "where" ask for a column that is found later, unless a noun follows.
static void read_asker(struct draft *draft, size_t at, __typeof__(draft->target.kind) kind) {
    const struct item *next =
        compose_is_near(draft, at, at + 1) && !draft->is_used[at + 1] ? draft->items[at + 1] : NULL;
    bool is_named = kind == NOUN_WHO && next && next->kind == ITEM_COLUMN &&
                    question_column(draft->schema, next->column)->type == DATASET_TEXT;
    if (is_named) // "who directed …"
        compose_use_target(draft, at + 1);
    bool is_of_table = next && next->kind == ITEM_TABLE;
    bool leads = at == 0 || (draft->items[at]->first < 2 && draft->items[at - 1]->kind == ITEM_CUE);
    if (draft->target.kind == NOUN_NONE && leads && !is_of_table)
        draft->target =
            (struct noun){.kind = kind, .column = {-1, -1, -1}, .item = draft->items[at]};
    compose_use(draft, at);
}

static void read_which(struct draft *draft, size_t at) {
    size_t noun = described_noun(draft, at);
    // "Which diocese has …", where that is a value: the rows that have it.
    bool is_kind =
        !noun && compose_is_near(draft, at, at + 1) && draft->items[at + 1]->kind == ITEM_VALUE;
    if (is_kind && has_cue(draft, CUE_EXTREME) && draft->target.kind == NOUN_NONE) {
        draft->target = (struct noun){.kind = NOUN_ROWS,
                                      .column = {draft->items[at + 1]->column.table, -1, -1},
                                      .item = draft->items[at + 1]};
        compose_use(draft, at);
    }
    if (!noun || has_verb_between(draft, at, noun))
        return;
    // "Which rating has the most orders": a number can be a group when something else is measured.
    const struct item *item = draft->items[noun];
    const struct dataset_column *column = question_column(draft->schema, item->column);
    bool is_measure = draft_is_measure(draft, item) &&
                      (!has_cue(draft, CUE_EXTREME) || !column || column->type == DATASET_REAL);
    if (!is_measure && compose_use_target(draft, noun))
        compose_use(draft, at);
}

static void pass_target(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        if (compose_is_cue(draft, i, CUE_WHO))
            read_asker(draft, i, NOUN_WHO);
        else if (compose_is_cue(draft, i, CUE_WHEN))
            read_asker(draft, i, NOUN_WHEN);
        else if (compose_is_cue(draft, i, CUE_WHERE))
            read_asker(draft, i, NOUN_WHERE);
        else if (compose_is_cue(draft, i, CUE_WHICH))
            read_which(draft, i);
    }
}

// "Order rating": the table before one of its own columns only says whose it is.
size_t compose_skip_owner(struct draft *draft, size_t at) {
    bool is_owner = compose_is_kind(draft, at, ITEM_TABLE) && compose_is_near(draft, at - 1, at) &&
                    compose_is_near(draft, at, at + 1) && !draft->is_used[at + 1] &&
                    draft_is_measure(draft, draft->items[at + 1]) &&
                    draft->items[at + 1]->column.table == draft->items[at]->column.table;
    if (!is_owner)
        return at;
    compose_name_table(draft, draft->items[at]);
    compose_use(draft, at);
    return at + 1;
}

// ---- Counting -----------------------------------------------------------------------------------

static bool is_filtered(const struct draft *draft, struct plan_column column) {
    for (size_t i = 0; i < draft->filter_count; i++)
        if (question_is_same(draft->filters[i].column, column))
            return true;
    return false;
}

static void count_noun(struct draft *draft, size_t at, bool is_distinct) {
    const struct item *item = draft->items[at];
    if (item->kind == ITEM_TABLE) {
        compose_name_table(draft, item);
        compose_add_measure(draft, PLAN_COUNT, item->column);
    } else if (item->kind == ITEM_METRIC || (draft_is_measure(draft, item) && !is_distinct &&
                                             draft_is_additive(draft->schema, item->column))) {
        compose_add_measure(draft, PLAN_SUM, item->column);
    } else if (is_filtered(draft, item->column)) { // "how many friendly competitions": of one kind,
                                                   // so rows are meant
        compose_add_measure(draft, PLAN_COUNT, (struct plan_column){item->column.table, -1, -1});
    } else {
        compose_add_measure(draft, PLAN_COUNT_DISTINCT, item->column);
        const struct dataset_column *column = question_column(draft->schema, item->column);
        if (!is_distinct && (question_is_number(column) || question_is_date(column)))
            draft_assume(draft, 0.1);
    }
    compose_use(draft, at);
}

static void pass_count(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        if (!compose_is_cue(draft, i, CUE_HOW_MANY))
            continue;
        bool is_nested = i > 0 && compose_is_cue(draft, i - 1, CUE_AGGREGATE) &&
                         compose_is_near(draft, i - 1, i);
        if (is_nested && draft->items[i - 1]->argument == PLAN_AVERAGE)
            draft->derivation = PLAN_AVERAGE_OF_GROUPS; // "average number of orders per customer"
        else if (is_nested && draft->items[i - 1]->argument != PLAN_SUM)
            continue;
        if (is_nested)
            compose_use(draft, i - 1);
        size_t noun = draft->items[i]->argument ? 0 : described_noun(draft, i);
        bool is_distinct = false;
        for (size_t j = i + 1; noun && j < noun; j++) {
            is_distinct |= is_cue_item(draft->items[j], CUE_DISTINCT);
            if (is_cue_item(draft->items[j], CUE_DISTINCT))
                compose_use(draft, j);
        }
        if (noun &&
            (draft->items[noun]->kind == ITEM_TABLE || draft->items[noun]->kind == ITEM_COLUMN ||
             draft->items[noun]->kind == ITEM_METRIC))
            count_noun(draft, noun, is_distinct);
        else
            compose_add_measure(draft, PLAN_COUNT, (struct plan_column){-1, -1, -1});
        if (noun && is_cue_item(draft->items[noun], CUE_ROWS))
            compose_use(draft, noun);
        draft->is_count = true;
        compose_use(draft, i);
    }
}

// ---- Aggregates ---------------------------------------------------------------------------------

static void aggregate_further(struct draft *draft, size_t at, enum plan_aggregate aggregate) {
    // "average price and weight"
    while (compose_is_cue(draft, at + 1, CUE_AND) && at + 2 < draft->count &&
           !draft->is_used[at + 2] && draft_is_measure(draft, draft->items[at + 2]) &&
           compose_is_near(draft, at + 1, at + 2)) {
        compose_add_measure(draft, aggregate, draft->items[at + 2]->column);
        compose_use(draft, at + 1);
        compose_use(draft, at + 2);
        at += 2;
    }
}

static bool is_periodic(const struct item *item) { return is_cue_item(item, CUE_PERIODIC); }

static void pass_aggregate(struct draft *draft, size_t at) {
    enum plan_aggregate aggregate = (enum plan_aggregate)draft->items[at]->argument;
    size_t next = at + 1;
    while (next < draft->count && compose_is_near(draft, next - 1, next) &&
           (compose_is_description(draft, next) || is_periodic(draft->items[next])))
        next++;
    next = compose_skip_owner(draft, next);
    // "Average total salary per department": of totals.
    bool is_nested = aggregate == PLAN_AVERAGE && next == at + 1 &&
                     compose_is_near(draft, at, next) &&
                     compose_is_cue(draft, next, CUE_AGGREGATE) &&
                     draft->items[next]->argument == PLAN_SUM && draft->derivation == PLAN_PLAIN;
    if (is_nested) {
        draft->derivation = PLAN_AVERAGE_OF_GROUPS;
        compose_use(draft, at);
        return;
    }
    bool is_near =
        next < draft->count && compose_is_near(draft, next - 1, next) && !draft->is_used[next];
    const struct item *item = is_near ? draft->items[next] : NULL;
    if (item && draft_is_measure(draft, item)) {
        compose_add_measure(draft, aggregate, item->column);
        compose_use(draft, next);
        compose_use(draft, at);
        aggregate_further(draft, next, aggregate);
    } else if (item && aggregate == PLAN_SUM &&
               (item->kind == ITEM_TABLE || is_cue_item(item, CUE_ROWS)) &&
               question_is(draft->question, draft->items[at]->first, "total")) {
        compose_add_measure(draft, PLAN_COUNT, item->column);
        if (item->kind == ITEM_TABLE)
            compose_name_table(draft, item);
        compose_use(draft, next);
        compose_use(draft, at);
    } else if (item && aggregate == PLAN_SUM && next > at + 1 &&
               is_cue_item(draft->items[at + 1], CUE_DISTINCT) && item->kind != ITEM_CUE) {
        count_noun(draft, next, true);
        compose_use(draft, at);
    } else if (draft->measure_count && draft->measures[0].aggregate == PLAN_NONE &&
               draft->has_extreme) {
        draft->measures[0].aggregate = aggregate; // "the highest cost in total"
        compose_use(draft, at);
    } else if (draft->is_count && aggregate == PLAN_SUM) {
        compose_use(draft, at); // "how many … in total"
    } else {
        for (size_t i = at; i > 0; i--)
            if (!draft->is_used[i - 1] && draft_is_measure(draft, draft->items[i - 1])) {
                compose_add_measure(draft, aggregate, draft->items[i - 1]->column);
                compose_use(draft, i - 1);
                compose_use(draft, at);
                return;
            }
    }
}

static void pass_aggregates(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++)
        if (compose_is_cue(draft, i, CUE_AGGREGATE))
            pass_aggregate(draft, i);
    // "Average monthly rainfall" would be an average of sums.
    if (!draft->group_count || !is_periodic(draft->groups[0].item))
        return;
    for (size_t i = 0; i < draft->measure_count; i++)
        if (draft->measures[i].aggregate == PLAN_AVERAGE &&
            draft_is_additive(draft->schema, draft->measures[i].column))
            draft_assume(draft, 0.1);
}

// "Is there a film from Japan", "did Texas have any": how many there are is the proof.
static void pass_whether(struct draft *draft) {
    bool is_open = !draft->measure_count && draft->target.kind == NOUN_NONE &&
                   !draft->group_count && !draft->has_extreme && !draft->is_list &&
                   draft->derivation == PLAN_PLAIN && !has_cue(draft, CUE_AGGREGATE) &&
                   !has_cue(draft, CUE_WHICH);
    if (!draft->question->asks_whether)
        return;
    bool has_asker = has_cue(draft, CUE_WHICH) || has_cue(draft, CUE_WHO) ||
                     has_cue(draft, CUE_WHEN) || has_cue(draft, CUE_WHERE) ||
                     has_cue(draft, CUE_HOW_MANY) || has_cue(draft, CUE_HOW_MUCH);
    // "Is Starfall the longest", "is the average above 8" compare what is not compared here.
    if (!is_open && !has_asker)
        draft->has_failed = true;
    if (!is_open)
        return;
    struct plan_column rows = {-1, -1, -1};
    for (size_t i = 0; i < draft->count && rows.table < 0; i++)
        if (compose_is_kind(draft, i, ITEM_TABLE))
            rows.table = draft->items[i]->column.table;
    compose_add_measure(draft, PLAN_COUNT, rows);
    draft->is_count = draft->asks_whether = true;
}

void compose_asked(struct draft *draft) {
    draft->is_list = has_cue(draft, CUE_SHOW);
    pass_order(draft);
    pass_target(draft);
    pass_count(draft);
    compose_extreme(draft);
    pass_aggregates(draft);
    for (size_t i = 0; i < draft->count; i++)
        if (compose_is_cue(draft, i, CUE_HOW_MUCH)) {
            draft->is_how_much = true;
            compose_use(draft, i);
        }
    pass_whether(draft);
}

// ---- Leftovers ----------------------------------------------------------------------------------

static bool is_measured(const struct draft *draft, struct plan_column column) {
    for (size_t i = 0; i < draft->measure_count; i++)
        if (question_is_same(draft->measures[i].column, column))
            return true;
    return false;
}

static bool is_compared(const struct draft *draft, struct plan_column column) {
    for (size_t i = 0; i < draft->number_count; i++)
        if (question_is_same(draft->numbers[i].column, column))
            return true;
    return false;
}

// A measure that nothing was said about is totalled or averaged, or shown row by row.
static void leave_measure(struct draft *draft, size_t at, size_t names) {
    const struct item *item = draft->items[at];
    bool is_joined = at > 1 && compose_is_cue(draft, at - 1, CUE_AND) && draft->measure_count > 0 &&
                     !draft->is_count && draft->items[at - 2]->kind == item->kind;
    bool is_rows = draft->is_list && !draft->group_count && (names || draft->shown_count);
    if (is_measured(draft, item->column) || is_compared(draft, item->column)) {
        draft_assume(draft, 0.02);
    } else if (is_rows && item->kind == ITEM_COLUMN && !draft->has_extreme) {
        compose_add_shown(draft, compose_noun(item));
    } else if (draft->measure_count == 0 || is_joined) {
        compose_add_measure(draft, draft->is_how_much ? PLAN_SUM : PLAN_NONE, item->column);
        if (compose_is_cue(draft, at + 1, CUE_AND) && draft->is_list)
            draft_assume(draft, 0.01);
    } else if (item->kind == ITEM_COLUMN && (draft->target.kind == NOUN_ROWS || draft->is_list) &&
               !draft->has_extreme && !draft->is_count) {
        compose_add_shown(draft, compose_noun(item));
    } else if (draft->is_count && item->column.table != draft->measures[0].column.table &&
               !draft->has_extreme) {
        // "how many products were sold": there are rows about it
        if (draft->table_count < ARRAY_LENGTH(draft->tables))
            draft->tables[draft->table_count++] = item->column.table;
        draft_assume(draft, 0.1);
    } else {
        return;
    }
    compose_use(draft, at);
}

static void leave_column(struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    if ((item->strength > 0.95 && is_filtered(draft, item->column)) ||
        (draft->target.kind == NOUN_COLUMN &&
         question_is_same(draft->target.column, item->column))) {
        compose_use(draft, at);
        return;
    }
    // "Shipped", "placed": it has such a date.
    const struct dataset_column *column = question_column(draft->schema, item->column);
    if (question_is_date(column) && item->is_exact && item->count == 1 && !draft->is_list &&
        draft->target.kind != NOUN_WHEN && (draft->is_count || draft->table_count)) {
        draft_assume(draft, 0.02);
        compose_add_filter(
            draft, at,
            (struct plan_filter){.column = item->column, .comparison = PLAN_IS_NOT_NULL});
        compose_use(draft, at);
        return;
    }
    // Beside a superlative it would say what is measured, and words cannot be; but they can be
    // asked for.
    bool is_asked = at > 0 &&
                    (is_cue_item(draft->items[at - 1], CUE_WHICH) ||
                     is_cue_item(draft->items[at - 1], CUE_WHO)) &&
                    compose_is_near(draft, at - 1, at);
    if (!is_asked && ((draft->measure_count && !draft->is_list) ||
                      (draft->has_extreme && draft->extreme != EXTREME_TIME)))
        return;
    compose_add_shown(draft, compose_noun(item));
    compose_use(draft, at);
}

void compose_leftovers(struct draft *draft) {
    size_t names = 0;
    for (size_t i = 0; i < draft->count; i++)
        names +=
            (compose_is_kind(draft, i, ITEM_COLUMN) && !draft_is_measure(draft, draft->items[i])) ||
            compose_is_kind(draft, i, ITEM_TABLE);
    for (size_t i = 0; i < draft->count; i++) {
        if (draft->is_used[i])
            continue;
        const struct item *item = draft->items[i];
        if (item->kind == ITEM_TABLE) {
            // "Who was the home team in …"
            bool is_asked =
                i > 0 && is_cue_item(draft->items[i - 1], CUE_WHO) && draft->has_extreme;
            if (is_asked)
                compose_add_shown(draft, compose_noun(item));
            compose_name_table(draft, item);
            compose_use(draft, i);
        } else if (item->kind == ITEM_METRIC || draft_is_measure(draft, item)) {
            leave_measure(draft, i, names);
        } else if (item->kind == ITEM_COLUMN) {
            leave_column(draft, i);
        } else if (is_cue_item(item, CUE_ROWS)) {
            compose_use(draft, i);
        } else if (is_cue_item(item, CUE_DISTINCT)) {
            draft->is_distinct = true;
            compose_use(draft, i);
        }
    }
}
