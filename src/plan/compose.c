// SPDX-License-Identifier: Apache-2.0
//
// See draft.h: the passes that read the items of a way. Each pass looks for one construct anywhere
// in the sequence and marks the items that it used; the order of the passes settles who gets an
// item that two could use. Words between items that carry nothing do not part them, others do.
#include "plan/compose.h"

#include <string.h>

// ---- Choices ------------------------------------------------------------------------------------

bool choices_next(struct choices *choices) {
    while (choices->count > 0) {
        size_t last = choices->count - 1;
        if (++choices->taken[last] < choices->of[last])
            return true;
        choices->count--;
    }
    return false;
}

unsigned draft_choose(struct draft *draft, unsigned count) {
    struct choices *choices = draft->choices;
    if (count < 2 || choices->at == DRAFT_CHOICES)
        return 0;
    size_t at = choices->at++;
    if (at == choices->count) {
        choices->taken[at] = 0;
        choices->of[at] = (uint8_t)(count > 8 ? 8 : count);
        choices->count++;
    }
    return choices->taken[at] < count ? choices->taken[at] : 0;
}

void draft_assume(struct draft *draft, double cost) { draft->cost += cost; }

// ---- Neighbours ---------------------------------------------------------------------------------

const struct item *compose_item(const struct draft *draft, size_t at) {
    return at < draft->count ? draft->items[at] : NULL;
}

bool compose_is_cue(const struct draft *draft, size_t at, enum cue cue) {
    return at < draft->count && !draft->is_used[at] && draft->items[at]->kind == ITEM_CUE &&
           draft->items[at]->cue == cue;
}

bool compose_is_kind(const struct draft *draft, size_t at, enum item_kind kind) {
    return at < draft->count && !draft->is_used[at] && draft->items[at]->kind == kind;
}

bool compose_is_near(const struct draft *draft, size_t left, size_t right) {
    if (right >= draft->count || left >= right)
        return false;
    const struct question *question = draft->question;
    size_t end = draft->items[left]->first + draft->items[left]->count,
           begin = draft->items[right]->first;
    if (right != left + 1 || question->tokens[begin].follows_comma)
        return false;
    for (size_t i = end; i < begin; i++)
        if (!question->tokens[i].is_harmless || question->tokens[i].follows_comma)
            return false;
    return true;
}

char compose_preposition(const struct draft *draft, size_t at) {
    const struct question *question = draft->question;
    for (size_t i = draft->items[at]->first; i > 0; i--) {
        const struct token *token = &question->tokens[i - 1];
        if (token->preposition)
            return token->preposition;
        if (!token->is_harmless || question->tokens[i].follows_comma)
            return 0;
    }
    return 0;
}

void compose_use(struct draft *draft, size_t at) { draft->is_used[at] = true; }

bool compose_is_numeric(const struct draft *draft, const struct item *item) {
    if (item->kind == ITEM_METRIC)
        return true;
    const struct dataset_column *column = question_column(draft->schema, item->column);
    return item->kind == ITEM_COLUMN && question_is_number(column);
}

bool draft_is_measure(const struct draft *draft, const struct item *item) {
    if (!compose_is_numeric(draft, item))
        return false;
    const struct dataset_column *column = question_column(draft->schema, item->column);
    return item->kind == ITEM_METRIC || (!column->is_key && column->references_table < 0);
}

static bool is_kind_of_column(const struct draft *draft, const struct item *item,
                              enum dataset_type type) {
    return item->kind == ITEM_COLUMN && question_column(draft->schema, item->column)->type == type;
}

static bool is_date_column(const struct draft *draft, const struct item *item) {
    return item->kind == ITEM_COLUMN &&
           question_is_date(question_column(draft->schema, item->column));
}

bool draft_add_filter(struct draft *draft, struct plan_filter filter) {
    if (draft->filter_count == ARRAY_LENGTH(draft->filters)) {
        draft->has_failed = true;
        return false;
    }
    draft->filters[draft->filter_count++] = filter;
    return true;
}

void draft_mark(struct plan_filter *filter, struct draft_mark mark) {
    filter->side = (__typeof__(filter->side))mark.side;
    filter->alternative = mark.alternative;
    filter->row = mark.row;
    filter->is_only = mark.is_only;
}

bool compose_add_filter(struct draft *draft, size_t at, struct plan_filter filter) {
    draft_mark(&filter, draft->marks[at]);
    return draft_add_filter(draft, filter);
}

struct noun compose_noun(const struct item *item) {
    struct noun noun = {.kind = NOUN_NONE, .column = {-1, -1, -1}, .item = item};
    if (item->kind == ITEM_COLUMN) {
        noun.kind = NOUN_COLUMN;
        noun.column = item->column;
    } else if (item->kind == ITEM_TABLE) {
        noun.kind = NOUN_ROWS;
        noun.column = item->column;
    } else if (item->kind == ITEM_CUE && (item->cue == CUE_BUCKET || item->cue == CUE_PERIODIC)) {
        noun.kind = NOUN_BUCKET;
        noun.bucket = (enum plan_bucket)item->argument;
    }
    return noun;
}

void compose_name_table(struct draft *draft, const struct item *item) {
    if (item->via_table >= 0 && draft->via_count < ARRAY_LENGTH(draft->via) &&
        graph_references(draft->schema, item->via_table, item->column.table, 0, NULL) > 1)
        draft->via[draft->via_count++] =
            (struct plan_column){item->via_table, item->via_column, -1};
    for (size_t i = 0; i < draft->table_count; i++)
        if (draft->tables[i] == item->column.table)
            return;
    if (draft->table_count < ARRAY_LENGTH(draft->tables))
        draft->tables[draft->table_count++] = item->column.table;
}

// ---- Top n --------------------------------------------------------------------------------------

static bool is_small_count(const struct item *item) {
    return item->kind == ITEM_NUMBER && item->is_integer && !*item->unit && item->number >= 1 &&
           item->number <= 1000;
}

static bool is_singular_noun(const struct draft *draft, size_t at) {
    if (at >= draft->count || compose_noun(draft->items[at]).kind == NOUN_NONE)
        return false;
    const struct item *item = draft->items[at];
    const struct word *last = &draft->question->tokens[item->first + item->count - 1].word;
    return strcmp(last->text, last->stem) == 0;
}

// "top 5", "5 largest", "which 3 customers … the most".
static void pass_top(struct draft *draft) {
    bool has_extreme = false;
    for (size_t i = 0; i < draft->count; i++)
        has_extreme |= compose_is_cue(draft, i, CUE_EXTREME);
    for (size_t i = 0; i < draft->count && has_extreme && !draft->top; i++) {
        if (draft->items[i]->kind != ITEM_NUMBER || !is_small_count(draft->items[i]))
            continue;
        bool is_before = i > 0 && compose_is_cue(draft, i - 1, CUE_EXTREME) &&
                         compose_is_near(draft, i - 1, i) &&
                         draft->items[i - 1]->argument != EXTREME_QUANTITY;
        bool is_behind =
            compose_is_cue(draft, i + 1, CUE_EXTREME) && compose_is_near(draft, i, i + 1);
        if (is_before && is_behind) // "top 3 most expensive"
            compose_use(draft, i - 1);
        const struct item *next = compose_item(draft, i + 1),
                          *previous = i ? draft->items[i - 1] : NULL;
        bool is_asked = previous && previous->kind == ITEM_CUE &&
                        (previous->cue == CUE_WHICH || previous->cue == CUE_SHOW) && next &&
                        compose_is_near(draft, i, i + 1) && compose_noun(next).kind != NOUN_NONE;
        if (!is_before && !is_behind && !is_asked)
            continue;
        draft->top = (int64_t)draft->items[i]->number;
        compose_use(draft, i);
    }
    for (size_t i = 0; i < draft->count && !draft->top; i++)
        if (compose_is_cue(draft, i, CUE_EXTREME) &&
            (question_is(draft->question, draft->items[i]->first, "top") ||
             question_is(draft->question, draft->items[i]->first, "bottom"))) {
            bool is_one = is_singular_noun(draft, i + 1);
            draft->top = is_one ? 0 : 10; // "the top customer", "the top customers"
            draft_assume(draft, is_one ? 0 : 0.05);
            return;
        }
}

// ---- Dates --------------------------------------------------------------------------------------

// The "by" of "directed by Lang".
static bool is_agent(const struct draft *draft, size_t at) {
    return compose_is_cue(draft, at, CUE_BY) &&
           question_is(draft->question, draft->items[at]->first, "by");
}

// The item that a value is said by, where its column and "by" stand before it: "not directed by
// Lang".
static size_t named_start(const struct draft *draft, size_t at) {
    size_t before = at;
    if (before > 0 && is_agent(draft, before - 1))
        before--;
    bool is_named = before > 0 && draft->items[before - 1]->kind == ITEM_COLUMN &&
                    question_is_same(draft->items[before - 1]->column, draft->items[at]->column) &&
                    compose_is_near(draft, before - 1, before);
    return is_named ? before - 1 : at;
}

static bool is_negated(struct draft *draft, size_t at) {
    size_t before = named_start(draft, at);
    // "not in Texas or Ohio": the second is negated by the same word.
    while (before > 1 && (draft->items[before - 1]->kind == ITEM_CUE) &&
           (draft->items[before - 1]->cue == CUE_OR || draft->items[before - 1]->cue == CUE_AND) &&
           draft->items[before - 2]->kind == draft->items[at]->kind &&
           question_is_same(draft->items[before - 2]->column, draft->items[at]->column))
        before = named_start(draft, before - 2);
    if (before == 0 || draft->items[before - 1]->kind != ITEM_CUE ||
        draft->items[before - 1]->cue != CUE_NOT || !compose_is_near(draft, before - 1, before))
        return false;
    compose_use(draft, before - 1);
    return true;
}

static bool is_date_like(const struct draft *draft, const struct item *item) {
    return is_date_column(draft, item) ||
           (item->kind == ITEM_COLUMN &&
            draft_is_year(question_column(draft->schema, item->column)));
}

static void pass_date(struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    struct draft_date date = {
        .item = item, .column = {-1, -1, -1}, .near_table = -1, .mark = draft->marks[at]};
    // "Not hired in 2018" is about the date, not about having one.
    bool is_named = at > 1 && is_date_column(draft, draft->items[at - 1]) &&
                    compose_is_near(draft, at - 1, at) && !draft->is_used[at - 1];
    date.is_negated = is_negated(draft, at) || (is_named && is_negated(draft, at - 1));
    size_t before = at;
    if (before > 0 && draft->items[before - 1]->kind == ITEM_CUE &&
        draft->items[before - 1]->cue == CUE_NOT)
        before--;
    // "Ordered books in 2024": the values between only say what was.
    size_t verb = before;
    while (verb > 1 && draft->items[verb - 1]->kind == ITEM_VALUE &&
           compose_is_near(draft, verb - 1, verb) && compose_is_near(draft, verb - 2, verb - 1))
        verb--;
    if (verb > 0 && verb < before && !draft->is_used[verb - 1] &&
        is_date_column(draft, draft->items[verb - 1]))
        before = verb;
    bool has_before = before > 0 && compose_is_near(draft, before - 1, before);
    const struct item *previous = has_before ? draft->items[before - 1] : NULL;
    const struct item *next =
        compose_is_near(draft, at, at + 1) ? compose_item(draft, at + 1) : NULL;
    // A column that is grouped by is not what the date is of: "by city in 2014".
    if (previous && !draft->is_used[before - 1] && is_date_like(draft, previous)) {
        date.column = previous->column;
        compose_use(draft, before - 1);
    } else if (next && !draft->is_used[at + 1] && is_date_column(draft, next)) {
        date.column = next->column;
        compose_use(draft, at + 1);
    } else if (previous && previous->kind == ITEM_TABLE) {
        date.near_table = previous->column.table;
    }
    if (draft->date_count == ARRAY_LENGTH(draft->dates)) {
        draft->has_failed = true;
        return;
    }
    // "In 2024 but not in 2025": of the same column, unless it has its own.
    const struct draft_date *last = draft->date_count ? &draft->dates[draft->date_count - 1] : NULL;
    if (last && date.column.table < 0 && last->column.table >= 0)
        date.column = last->column;
    draft->dates[draft->date_count++] = date;
    compose_use(draft, at);
}

static void pass_dates(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++)
        if (compose_is_kind(draft, i, ITEM_DATE))
            pass_date(draft, i);
}

// ---- Values -------------------------------------------------------------------------------------

static struct plan_value text_value(const char *text) {
    return (struct plan_value){.kind = PLAN_VALUE_TEXT, .text = text};
}

// A value joins the filter of the same column that stands before it: "Texas or Ohio".
static bool join_values(struct draft *draft, const struct item *item,
                        enum plan_comparison comparison, struct draft_mark mark) {
    for (size_t i = 0; i < draft->filter_count; i++) {
        struct plan_filter *filter = &draft->filters[i];
        if (!question_is_same(filter->column, item->column) || filter->comparison != comparison ||
            filter->value_count + item->value_count > ARRAY_LENGTH(filter->values) ||
            (int)filter->side != mark.side || filter->alternative != mark.alternative ||
            filter->row != mark.row)
            continue;
        draft->wants_all[i] |= mark.is_joined;
        filter->is_only |= mark.is_only;
        for (size_t j = 0; j < item->value_count; j++) {
            bool is_there = false;
            for (size_t k = 0; k < filter->value_count; k++)
                is_there |= strcmp(filter->values[k].text, item->values[j]) == 0;
            if (!is_there)
                filter->values[filter->value_count++] = text_value(item->values[j]);
        }
        return true;
    }
    return false;
}

// A column named beside one of its values says which column is meant, and nothing else: "state
// Texas". Not so where it is asked for ("which state …") or grouped by.
static void use_named_column(struct draft *draft, size_t value, size_t at) {
    const struct item *item = draft->items[at];
    if (draft->is_used[at] || item->kind != ITEM_COLUMN ||
        !question_is_same(item->column, draft->items[value]->column))
        return;
    bool is_asked = false;
    for (size_t before = at; before > 0 && compose_is_near(draft, before - 1, before); before--) {
        const struct item *cue = draft->items[before - 1];
        is_asked = cue->kind == ITEM_CUE && (cue->cue == CUE_BY || cue->cue == CUE_EACH ||
                                             cue->cue == CUE_WHICH || cue->cue == CUE_HOW_MANY);
        if (is_asked || cue->kind != ITEM_CUE)
            break;
    }
    if (!is_asked)
        compose_use(draft, at);
}

static void pass_value(struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    bool not = is_negated(draft, at);
    enum plan_comparison comparison = item->contains ? not ? PLAN_NOT_CONTAINS : PLAN_CONTAINS
                                      : not          ? PLAN_NOT_EQUAL
                                                     : PLAN_EQUAL;
    if (item->contains || !join_values(draft, item, comparison, draft->marks[at])) {
        struct plan_filter filter = {.column = item->column, .comparison = comparison};
        for (size_t i = 0; i < item->value_count; i++)
            filter.values[filter.value_count++] = text_value(item->values[i]);
        compose_add_filter(draft, at, filter);
    }
    compose_use(draft, at);
    size_t before = at;
    while (before > 0 && draft->items[before - 1]->kind == ITEM_CUE &&
           (draft->items[before - 1]->cue == CUE_NOT ||
            draft->items[before - 1]->cue == CUE_COMPARE || is_agent(draft, before - 1)))
        before--;
    if (before > 0 && compose_is_near(draft, before - 1, before))
        use_named_column(draft, at, before - 1);
    if (compose_is_near(draft, at, at + 1))
        use_named_column(draft, at, at + 1);
    // "exactly Texas", "cost = …" spelt as a comparison.
    if (at > 0 && compose_is_cue(draft, at - 1, CUE_COMPARE) &&
        draft->items[at - 1]->argument == PLAN_EQUAL)
        compose_use(draft, at - 1);
}

static void pass_values(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++)
        if (compose_is_kind(draft, i, ITEM_VALUE))
            pass_value(draft, i);
}

// ---- Presence and absence -----------------------------------------------------------------------

static bool is_word_for_none(const char *text) {
    static const char *const words[] = {"none", "no", "nothing", "nil", "n a", "never"};
    struct buf key = BUF(256);
    words_key(text, &key);
    bool is_none = false;
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        is_none |= strcmp(buf_text(&key), words[i]) == 0;
    buf_done(&key);
    return is_none;
}

// Where a column is never empty, a value of its own may say so ("None"), or zero.
static struct plan_filter absence(const struct draft *draft, struct plan_column column,
                                  bool is_absent) {
    struct plan_filter filter = {.column = column,
                                 .comparison = is_absent ? PLAN_IS_NULL : PLAN_IS_NOT_NULL};
    const struct dataset_column *at = question_column(draft->schema, column);
    if (!at || at->null_count > 0)
        return filter;
    for (size_t i = 0; i < at->samples.count && at->type == DATASET_TEXT; i++)
        if (is_word_for_none(at->samples.at[i])) {
            filter.comparison = is_absent ? PLAN_EQUAL : PLAN_NOT_EQUAL;
            filter.values[0] = text_value(arena_text(draft->question->arena, at->samples.at[i]));
            filter.value_count = 1;
        }
    if (question_is_number(at) && at->min_number == 0) {
        filter.comparison = is_absent ? PLAN_EQUAL : PLAN_GREATER;
        filter.values[0] = (struct plan_value){.kind = PLAN_VALUE_INTEGER};
        filter.value_count = 1;
    }
    return filter;
}

static bool is_boolean(const struct draft *draft, const struct item *item) {
    return is_kind_of_column(draft, item, DATASET_BOOLEAN);
}

static bool add_truth(struct draft *draft, size_t at, bool is_true) {
    return compose_add_filter(
        draft, at,
        (struct plan_filter){.column = draft->items[at]->column,
                             .comparison = PLAN_EQUAL,
                             .values[0] = {.kind = PLAN_VALUE_INTEGER, .integer = is_true},
                             .value_count = 1});
}

// "Not directed by Lang" is about Lang, not about having a director.
static bool has_value_behind(const struct draft *draft, size_t at) {
    size_t next = at + 1 + is_agent(draft, at + 1);
    return next < draft->count && draft->items[next]->kind == ITEM_VALUE &&
           question_is_same(draft->items[next]->column, draft->items[at]->column);
}

// "without a rating", "never ordered", "not damaged".
static void pass_not(struct draft *draft, size_t at) {
    size_t next = at + 1;
    if (compose_is_cue(draft, next, CUE_WITH))
        next++;
    bool is_missing = compose_is_cue(draft, next, CUE_MISSING);
    if (is_missing || !compose_is_near(draft, next - 1, next) || draft->is_used[next])
        return;
    const struct item *item = draft->items[next];
    if (item->kind == ITEM_COLUMN && has_value_behind(draft, next))
        return;
    if (item->kind == ITEM_COLUMN && is_boolean(draft, item))
        add_truth(draft, next, false);
    else if (item->kind == ITEM_COLUMN)
        compose_add_filter(draft, at, absence(draft, item->column, true));
    else if (item->kind == ITEM_TABLE)
        compose_add_filter(
            draft, at, (struct plan_filter){.column = item->column, .comparison = PLAN_IS_NULL});
    else
        return;
    for (size_t i = at; i <= next; i++)
        compose_use(draft, i);
}

// "with a rating", "rating is missing".
static void pass_presence(struct draft *draft, size_t at) {
    const struct item *next =
        compose_is_near(draft, at, at + 1) && !draft->is_used[at + 1] ? draft->items[at + 1] : NULL;
    if (compose_is_cue(draft, at, CUE_MISSING)) {
        bool is_before = at > 0 && compose_is_kind(draft, at - 1, ITEM_COLUMN) &&
                         compose_is_near(draft, at - 1, at);
        bool not = at > 0 && compose_is_cue(draft, at - 1, CUE_NOT);
        size_t column = not &&at > 1 && compose_is_kind(draft, at - 2, ITEM_COLUMN) ? at - 2
                        : is_before                                                 ? at - 1
                                                                                    : at + 1;
        if (!compose_is_kind(draft, column, ITEM_COLUMN))
            return;
        compose_add_filter(draft, at, absence(draft, draft->items[column]->column, !not ));
        compose_use(draft, column);
        compose_use(draft, at);
        if (not )
            compose_use(draft, at - 1);
        return;
    }
    if (!next || next->kind != ITEM_COLUMN || is_boolean(draft, next))
        return;
    struct plan_filter filter = absence(draft, next->column, false);
    const struct dataset_column *column = question_column(draft->schema, next->column);
    if (filter.comparison == PLAN_IS_NOT_NULL && column->null_count == 0)
        return; // it always has one: then it is to be shown
    compose_add_filter(draft, at, filter);
    compose_use(draft, at);
    compose_use(draft, at + 1);
}

static void pass_absence(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        if (compose_is_cue(draft, i, CUE_NOT))
            pass_not(draft, i);
        if (compose_is_cue(draft, i, CUE_WITH) || compose_is_cue(draft, i, CUE_MISSING))
            pass_presence(draft, i);
    }
}

// "Title contains war", with the words in quotation marks where they are no value.
static void pass_contains(struct draft *draft) {
    const struct question *question = draft->question;
    for (size_t i = 0; i < draft->count; i++) {
        if (!compose_is_cue(draft, i, CUE_CONTAINS))
            continue;
        size_t from = draft->items[i]->first + draft->items[i]->count, to = from;
        while (from < question->token_count && question->tokens[from].is_harmless &&
               !question->tokens[from].word.is_quoted)
            from++;
        for (to = from; to < question->token_count && question->tokens[to].word.is_quoted; to++)
            draft->is_covered[to] = true;
        size_t named = i;
        if (named > 0 && compose_is_cue(draft, named - 1, CUE_NOT))
            named--;
        bool has_column = named > 0 && compose_is_kind(draft, named - 1, ITEM_COLUMN) &&
                          compose_is_near(draft, named - 1, named);
        if (to == from) {
            if (compose_is_kind(draft, i + 1, ITEM_VALUE) && compose_is_near(draft, i, i + 1))
                compose_use(draft, i); // "orders containing mugs"
            continue;
        }
        struct plan_column column = {-1, -1, -1};
        if (has_column) {
            column = draft->items[named - 1]->column;
            compose_use(draft, named - 1);
        } else if (named > 0 && draft->items[named - 1]->kind == ITEM_TABLE) {
            int table = draft->items[named - 1]->column.table;
            column = (struct plan_column){table, graph_label(&draft->schema->tables[table]), -1};
        }
        if (column.column < 0 || question_column(draft->schema, column)->type != DATASET_TEXT)
            continue;
        bool is_denied = is_negated(draft, i);
        struct plan_filter filter = {.column = column,
                                     .comparison = is_denied ? PLAN_NOT_CONTAINS : PLAN_CONTAINS,
                                     .values[0] =
                                         text_value(question_words(question, from, to - from)),
                                     .value_count = 1};
        compose_add_filter(draft, i, filter);
        compose_use(draft, i);
        for (size_t j = i + 1; j < draft->count && draft->items[j]->first < to; j++)
            compose_use(draft, j); // what it means elsewhere does not matter
    }
}

// A boolean column that nothing else asks for is a filter: "discontinued products".
static void pass_booleans(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        if (!compose_is_kind(draft, i, ITEM_COLUMN) || !is_boolean(draft, draft->items[i]))
            continue;
        add_truth(draft, i, !is_negated(draft, i));
        compose_use(draft, i);
        if (i > 0 && compose_is_cue(draft, i - 1, CUE_WITH))
            compose_use(draft, i - 1);
    }
}

// The words that only hold the sentence together.
static void pass_connectives(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        if (draft->is_used[i] || draft->items[i]->kind != ITEM_CUE)
            continue;
        const struct item *next = compose_item(draft, i + 1);
        bool joins_filters = i > 0 && next && draft->items[i - 1]->kind == next->kind &&
                             question_is_same(draft->items[i - 1]->column, next->column);
        switch (draft->items[i]->cue) {
        case CUE_TO: // "from Berlin to Bonn"; between dates and numbers it would be a range that
                     // was not read
            if (next && next->kind != ITEM_DATE && next->kind != ITEM_NUMBER)
                compose_use(draft, i);
            break;
        case CUE_SHOW:
            draft->wants_names |= draft->items[i]->argument == 1;
            compose_use(draft, i);
            break;
        case CUE_AND:
        case CUE_WITH:
        case CUE_WHICH:
        case CUE_WHO: compose_use(draft, i); break;
        case CUE_OR:
            if (joins_filters)
                compose_use(draft, i);
            break;
        case CUE_BY: // "directed by Lang"
            if (next && next->kind == ITEM_VALUE &&
                question_is(draft->question, draft->items[i]->first, "by"))
                compose_use(draft, i);
            break;
        default: break;
        }
    }
}

void compose(struct question *question, const struct way *way, struct choices *choices,
             struct draft *ret_draft) {
    struct draft *draft = ret_draft;
    *draft = (struct draft){
        .question = question,
        .schema = question->schema,
        .count = way->count,
        .choices = choices,
        .extreme_column = {-1, -1, -1},
        .target = {.column = {-1, -1, -1}},
        .order_noun = {.column = {-1, -1, -1}},
        .order_measure = {.column = {-1, -1, -1}},
    };
    memcpy(draft->items, way->items, way->count * sizeof *way->items);
    choices->at = 0;
    compose_sides(draft);
    pass_contains(draft);
    pass_top(draft);
    compose_mark_groups(draft);
    compose_numbers(draft);
    pass_dates(draft);
    pass_absence(draft);
    pass_values(draft);
    compose_asked(draft);
    pass_booleans(draft);
    compose_leftovers(draft);
    pass_connectives(draft);
}
