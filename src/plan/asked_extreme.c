// SPDX-License-Identifier: Apache-2.0
//
// See compose.h: superlatives. What stands behind one decides what it asks for: a measure ("highest
// cost"), a count ("most strikes"), a noun whose measure is told by the adjective ("oldest
// engineer"); each is tried in turn.
#include <string.h>

#include "plan/compose.h"

// "The most airlines" counts airlines; "the most damage" counts nothing that a column of words
// could tell.
static bool is_plural(const struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    const struct word *last = &draft->question->tokens[item->first + item->count - 1].word;
    const struct word *first = &draft->question->tokens[item->first].word;
    return strcmp(last->text, last->stem) != 0 || strcmp(first->text, first->stem) != 0;
}

static bool is_bound_extreme(const struct draft *draft, size_t at) {
    return compose_is_cue(draft, at, CUE_EXTREME) && draft->items[at]->argument == EXTREME_DEGREE;
}

// "minimum and maximum price", "lowest price and highest price": two measures, no superlative.
static bool read_bounds(struct draft *draft) {
    size_t bounds[3], columns[3], count = 0;
    for (size_t i = 0; i < draft->count; i++)
        if (is_bound_extreme(draft, i) && count < ARRAY_LENGTH(bounds))
            bounds[count++] = i;
    if (count < 2 || draft->target.kind != NOUN_NONE || draft->top)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t at = bounds[i] + 1;
        while (compose_is_cue(draft, at, CUE_AND) || is_bound_extreme(draft, at))
            at++;
        if (at >= draft->count || !draft_is_measure(draft, draft->items[at]))
            return false;
        columns[i] = at;
    }
    for (size_t i = 0; i < count; i++) {
        compose_add_measure(draft, draft->items[bounds[i]]->is_descending ? PLAN_MAX : PLAN_MIN,
                            draft->items[columns[i]]->column);
        compose_use(draft, bounds[i]);
        compose_use(draft, columns[i]);
    }
    return true;
}

// What stands behind a superlative, past what only describes it ("the most *returned* orders").
struct object {
    size_t at, next;         // the superlative, and the item behind
    const struct item *item; // NULL where nothing stands there
    bool has_target, is_quantity;
    int described; // the table whose rows were described on the way, -1 for none
};

// The table whose rows a value or a truth describes.
static int described_table(const struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    return item->kind == ITEM_VALUE || item->kind == ITEM_COLUMN ? item->column.table : -1;
}

static struct object find_object(struct draft *draft, size_t at) {
    struct object object = {.at = at, .next = at + 1, .described = -1};
    while (object.next < draft->count && compose_is_near(draft, object.next - 1, object.next) &&
           compose_is_description(draft, object.next))
        object.next++;
    if (object.next > at + 1)
        object.described = described_table(draft, object.next - 1);
    object.next = compose_skip_owner(draft, object.next);
    if (object.next < draft->count && compose_is_near(draft, object.next - 1, object.next) &&
        !draft->is_used[object.next])
        object.item = draft->items[object.next];
    object.is_quantity = draft->extreme == EXTREME_QUANTITY;
    // "The top 2 products in each category": the groups part what is asked for.
    bool is_each = draft->group_count > 0 && draft->groups[0].is_each && !object.is_quantity;
    object.has_target = draft->target.kind != NOUN_NONE || (draft->group_count > 0 && !is_each);
    return object;
}

static struct plan_column rows_of(int table) { return (struct plan_column){table, -1, -1}; }

// "The first hired employee", "the oldest engineer".
static bool read_described_row(struct draft *draft, const struct object *object) {
    const struct item *item = object->item;
    if (object->has_target)
        return false;
    bool is_date = item && draft->extreme == EXTREME_TIME && item->kind == ITEM_COLUMN &&
                   question_is_date(question_column(draft->schema, item->column));
    if (is_date && compose_is_near(draft, object->next, object->next + 1) &&
        compose_is_kind(draft, object->next + 1, ITEM_TABLE)) {
        compose_add_shown(draft, compose_noun(item));
        compose_use(draft, object->next);
        return compose_use_target(draft, object->next + 1);
    }
    bool asks_row = draft->extreme == EXTREME_ADJECTIVE || draft->extreme == EXTREME_TIME;
    if (item || object->described < 0 || !asks_row)
        return false;
    draft->target = (struct noun){.kind = NOUN_ROWS,
                                  .column = rows_of(object->described),
                                  .item = draft->items[object->next - 1]};
    return true;
}

// "The highest cost", "the highest paid employee", "cost the most".
static bool read_measure(struct draft *draft, const struct object *object) {
    size_t next = object->next, at = object->at;
    if (object->item && draft_is_measure(draft, object->item)) {
        compose_add_measure(draft, PLAN_NONE, object->item->column);
        compose_use(draft, next);
        bool has_noun = !object->has_target && compose_is_near(draft, next, next + 1) &&
                        !draft->is_used[next + 1] &&
                        compose_noun(draft->items[next + 1]).kind != NOUN_NONE &&
                        !draft_is_measure(draft, draft->items[next + 1]);
        if (has_noun)
            compose_use_target(draft, next + 1);
        return true;
    }
    bool is_before = !object->item && at > 0 && compose_is_near(draft, at - 1, at) &&
                     !draft->is_used[at - 1] && draft_is_measure(draft, draft->items[at - 1]);
    if (is_before) {
        compose_add_measure(draft, PLAN_NONE, draft->items[at - 1]->column);
        compose_use(draft, at - 1);
    }
    return is_before;
}

// "The most strikes", "the most airlines", "returned the most".
static bool read_count(struct draft *draft, const struct object *object) {
    const struct item *item = object->item;
    size_t at = object->at;
    if (!object->is_quantity || !object->has_target)
        return false;
    if (!item && object->described >= 0) {
        compose_add_measure(draft, PLAN_COUNT, rows_of(object->described));
    } else if (item && item->kind == ITEM_TABLE) {
        compose_add_measure(draft, PLAN_COUNT, item->column);
        compose_name_table(draft, item);
        compose_use(draft, object->next);
    } else if (item && item->kind == ITEM_COLUMN && is_plural(draft, object->next)) {
        compose_add_measure(draft, PLAN_COUNT_DISTINCT, item->column);
        draft_assume(draft,
                     question_is_date(question_column(draft->schema, item->column)) ? 0.1 : 0);
        compose_use(draft, object->next);
    } else if (!item && at > 0 && compose_is_near(draft, at - 1, at) &&
               draft->items[at - 1]->kind == ITEM_VALUE) {
        compose_add_measure(draft, PLAN_COUNT, rows_of(draft->items[at - 1]->column.table));
    } else {
        return false;
    }
    return true;
}

// "The largest city", "the most returned product"; with a target the noun only says whose measure
// it is ("which airline had the most expensive strike").
static bool read_noun(struct draft *draft, const struct object *object) {
    const struct item *item = object->item;
    if (!item)
        return false;
    if (item->kind == ITEM_CUE && item->cue == CUE_ROWS) {
        compose_use(draft, object->next);
    } else if (item->kind == ITEM_TABLE && object->has_target) {
        compose_name_table(draft, item);
        compose_use(draft, object->next);
    } else if (compose_noun(item).kind != NOUN_NONE) {
        compose_use_target(draft, object->next);
        if (object->is_quantity && object->described >= 0)
            compose_add_measure(draft, PLAN_COUNT, rows_of(object->described));
    } else {
        return false;
    }
    return true;
}

static void read_extreme_object(struct draft *draft, size_t at) {
    typedef bool read_function(struct draft * draft, const struct object *object);
    static read_function *const readers[] = {read_described_row, read_measure, read_count,
                                             read_noun};
    struct object object = find_object(draft, at);
    for (size_t i = 0; i < ARRAY_LENGTH(readers); i++)
        if (readers[i](draft, &object))
            return;
}

// "Difference between the lowest and the highest rating": from the lowest to the highest.
static void read_range(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        if (!compose_is_cue(draft, i, CUE_DIFFERENCE) || draft->derivation != PLAN_PLAIN ||
            draft->measure_count != 2 || draft->items[i]->argument != DIFFERENCE_OF)
            continue;
        draft->derivation = PLAN_DIFFERENCE;
        compose_use(draft, i);
        if (draft->measures[0].aggregate == PLAN_MAX)
            continue;
        struct draft_measure least = draft->measures[0];
        draft->measures[0] = draft->measures[1];
        draft->measures[1] = least;
    }
}

void compose_extreme(struct draft *draft) {
    if (read_bounds(draft)) {
        read_range(draft);
        return;
    }
    for (size_t i = 0; i < draft->count; i++) {
        if (!compose_is_cue(draft, i, CUE_EXTREME) || draft->has_extreme)
            continue;
        const struct item *item = draft->items[i];
        draft->has_extreme = true;
        draft->extreme = (enum extreme)item->argument;
        draft->is_descending = item->is_descending;
        draft->extreme_column = item->column;
        compose_use(draft, i);
        // "The loan with the lowest rate": the loan is asked for.
        if (i > 1 && compose_is_cue(draft, i - 1, CUE_WITH) && compose_is_near(draft, i - 1, i) &&
            compose_is_near(draft, i - 2, i - 1) && !draft->is_used[i - 2] &&
            !draft_is_measure(draft, draft->items[i - 2]))
            compose_use_target(draft, i - 2);
        read_extreme_object(draft, i);
        draft->is_bare_extreme = item->count == 1 && !draft->measure_count &&
                                 draft->extreme == EXTREME_QUANTITY &&
                                 (question_is(draft->question, item->first, "most") ||
                                  question_is(draft->question, item->first, "least"));
    }
}
