// SPDX-License-Identifier: Apache-2.0
//
// See rank.h. A candidate's score is a linear model over what is uncertain about it: words that
// nothing accounts for, links weaker than the very words, assumptions, size. The weights stand in
// one table. Two readings within the margin compete, and then the user decides.
#include "plan/rank.h"

#include <string.h>

#include "plan/follow.h"
#include "plan/link.h"
#include "plan/sql.h"
#include "plan/wording.h"

#define CANDIDATES 32
#define ROUNDS 200 // compositions of one question

#define WEIGHT_UNCOVERED 1.0 // a content word that nothing accounts for
#define WEIGHT_LINK 1.0      // what a link lacks of full strength
#define WEIGHT_ASSUMED 1.0   // what was assumed, as the shapers price it
#define WEIGHT_JOIN 0.01     // a table
#define WEIGHT_FILTER 0.002  // a condition, so that the smaller of two equal plans wins

#define MARGIN 0.12     // less than this between two readings, and they compete
#define LEAST_SURE 0.75 // a reading that lacks more than this is none
#define LEAST_LINK 0.5  // and so is one that hangs on a link weaker than this

struct candidates {
    struct candidate *at[CANDIDATES]; // the best first
    size_t count;
};

static void cover(const struct draft *draft, struct candidate *candidate) {
    const struct question *question = draft->question;
    memcpy(candidate->is_covered, draft->is_covered, sizeof candidate->is_covered);
    for (size_t i = 0; i < draft->count; i++)
        for (size_t j = draft->items[i]->first; j < draft->items[i]->first + draft->items[i]->count;
             j++)
            candidate->is_covered[j] |= draft->is_used[i];
    candidate->uncovered = 0;
    for (size_t i = 0; i < question->token_count; i++) {
        candidate->is_covered[i] |= question->tokens[i].is_harmless;
        candidate->uncovered += !candidate->is_covered[i];
    }
}

static double link_loss(const struct draft *draft) {
    double loss = 0;
    for (size_t i = 0; i < draft->count; i++)
        if (draft->is_used[i])
            loss += 1 - draft->items[i]->strength +
                    (draft->items[i]->strength < LEAST_LINK ? LEAST_SURE : 0);
    return loss;
}

static size_t table_count(const struct plan *plan) {
    bool is_seen[LIMIT_TABLES] = {false};
    size_t count = 0;
    for (size_t i = 0; i < plan->group_count + plan->filter_count + plan->shown_count; i++) {
        size_t filters = plan->group_count + plan->filter_count;
        int table = i < plan->group_count ? plan->groups[i].column.table
                    : i < filters         ? plan->filters[i - plan->group_count].column.table
                                          : plan->shown[i - filters].table;
        if (table < 0 || table == plan->table || is_seen[table])
            continue;
        is_seen[table] = true;
        count++;
    }
    return count;
}

static void score(const struct draft *draft, struct candidate *candidate) {
    cover(draft, candidate);
    candidate->unsupported = draft->is_nested ? lexicon_nested() : -1;
    for (size_t i = 0; i < draft->count; i++)
        if (draft->items[i]->kind == ITEM_CUE && draft->items[i]->cue == CUE_UNSUPPORTED)
            candidate->unsupported = draft->items[i]->argument;
    candidate->cost = WEIGHT_LINK * link_loss(draft) + WEIGHT_ASSUMED * draft->cost +
                      WEIGHT_JOIN * (double)table_count(&candidate->plan) +
                      WEIGHT_FILTER * (double)candidate->plan.filter_count;
    candidate->score = -candidate->cost - WEIGHT_UNCOVERED * (double)candidate->uncovered;
}

static void keep(struct candidates *candidates, const struct candidate *candidate,
                 struct arena *arena) {
    struct candidate *slot = NULL;
    if (candidates->count < CANDIDATES)
        slot = arena_take(arena, 1, sizeof *slot);
    else if (candidates->at[CANDIDATES - 1]->score < candidate->score)
        slot = candidates->at[CANDIDATES - 1];
    if (!slot)
        return;
    *slot = *candidate;
    size_t at = candidates->count < CANDIDATES ? candidates->count++ : CANDIDATES - 1;
    for (; at > 0 && candidates->at[at - 1]->score < slot->score; at--)
        candidates->at[at] = candidates->at[at - 1];
    candidates->at[at] = slot;
}

static void try_way(struct question *question, const struct draft *base, const struct way *way,
                    size_t *rounds, struct candidates *candidates) {
    struct choices choices = {.count = 0};
    for (size_t i = 0; i < DRAFT_ROUNDS && *rounds < ROUNDS; i++, ++*rounds) {
        struct draft read, draft;
        struct candidate candidate = {.unsupported = -1};
        compose(question, way, &choices, &read);
        bool is_whole = !base || follow_merge(base, &read, &draft);
        if (!base)
            draft = read;
        candidate.draft = draft;
        if (is_whole && shape(&draft, &candidate.plan)) {
            read.cost = draft.cost;
            read.is_nested = draft.is_nested;
            score(&read, &candidate);
            keep(candidates, &candidate, question->arena);
        }
        if (!choices_next(&choices))
            return;
    }
}

static bool is_same_value(struct plan_value left, struct plan_value right) {
    return left.kind == right.kind &&
           (left.kind == PLAN_VALUE_TEXT      ? strcmp(left.text, right.text) == 0
            : left.kind == PLAN_VALUE_INTEGER ? left.integer == right.integer
                                              : left.real == right.real);
}

static bool is_same_filter(const struct plan_filter *left, const struct plan_filter *right) {
    if (!question_is_same(left->column, right->column) || left->bucket != right->bucket ||
        left->comparison != right->comparison || left->value_count != right->value_count ||
        left->side != right->side || left->alternative != right->alternative ||
        left->row != right->row)
        return false;
    for (size_t i = 0; i < left->value_count; i++)
        if (!is_same_value(left->values[i], right->values[i]))
            return false;
    return true;
}

// What a superlative about rows picks by; a first or last date alone counts as one.
static bool picks_by(const struct plan *plan, struct plan_column *ret_column,
                     bool *ret_descending) {
    bool is_rows = !plan->measure_count && !plan->group_count && plan->is_superlative;
    bool is_end =
        plan->measure_count == 1 && !plan->group_count && plan->measures[0].column.column >= 0 &&
        (plan->measures[0].aggregate == PLAN_MIN || plan->measures[0].aggregate == PLAN_MAX);
    *ret_column = is_rows ? plan->order_column : plan->measures[0].column;
    *ret_descending = is_rows ? plan->order.descending : plan->measures[0].aggregate == PLAN_MAX;
    return is_rows || is_end;
}

// Readings that pick the same rows and differ only in how much of them is shown do not compete.
static bool is_same_pick(const struct question *question, const struct plan *left,
                         const struct plan *right) {
    struct plan_column left_by, right_by;
    bool left_down, right_down;
    if (left->table != right->table || left->filter_count != right->filter_count ||
        left->limit != right->limit || !picks_by(left, &left_by, &left_down) ||
        !picks_by(right, &right_by, &right_down) || !question_is_same(left_by, right_by) ||
        left_down != right_down)
        return false;
    const struct dataset_column *column = question_column(question->schema, left_by);
    if (left->measure_count != right->measure_count && !(column && question_is_date(column)))
        return false;
    for (size_t i = 0; i < left->filter_count; i++)
        if (!is_same_filter(&left->filters[i], &right->filters[i]))
            return false;
    return true;
}

static bool is_shown(const struct plan *plan, struct plan_column column) {
    for (size_t i = 0; i < plan->shown_count; i++)
        if (question_is_same(plan->shown[i], column))
            return true;
    return false;
}

// The same rows, one with some of the columns that the other shows.
static bool is_same_rows(const struct plan *left, const struct plan *right) {
    const struct plan *fewer = left->shown_count < right->shown_count ? left : right;
    const struct plan *more = fewer == left ? right : left;
    bool is_plain = !left->measure_count && !left->group_count && !left->is_superlative &&
                    !right->measure_count && !right->group_count && !right->is_superlative;
    if (!is_plain || left->table != right->table || left->filter_count != right->filter_count ||
        left->limit != right->limit || left->via_count != right->via_count)
        return false;
    for (size_t i = 0; i < left->filter_count; i++)
        if (!is_same_filter(&left->filters[i], &right->filters[i]))
            return false;
    for (size_t i = 0; i < left->via_count; i++)
        if (!question_is_same(left->via[i], right->via[i]))
            return false;
    for (size_t i = 0; i < fewer->shown_count; i++)
        if (!is_shown(more, fewer->shown[i]))
            return false;
    return fewer->shown_count > 0;
}

bool rank_is_same(const struct plan_reading *left, const struct plan_reading *right) {
    if (strcmp(left->sql, right->sql) != 0 || left->param_count != right->param_count)
        return false;
    for (size_t i = 0; i < left->param_count; i++)
        if (!is_same_value(left->params[i], right->params[i]))
            return false;
    return true;
}

static void add_reading(struct question *question, const struct candidate *candidate,
                        struct ranking *ranking) {
    struct plan_reading *reading = &ranking->readings[ranking->count];
    *reading = (struct plan_reading){.plan = candidate->plan, .score = candidate->score};
    if (candidate->unsupported == lexicon_nested()) {
        ranking->unsupported = ranking->count ? ranking->unsupported : candidate->unsupported;
        return;
    }
    if (!sql_write(question->schema, question->arena, reading))
        return;
    for (size_t i = 0; i < ranking->count; i++)
        if (rank_is_same(&ranking->readings[i], reading) ||
            is_same_rows(&ranking->readings[i].plan, &reading->plan) ||
            is_same_pick(question, &ranking->readings[i].plan, &reading->plan))
            return;
    ranking->uncovered[ranking->count] = candidate->uncovered;
    ranking->drafts[ranking->count] = &candidate->draft;
    if (ranking->count++ > 0)
        return;
    memcpy(ranking->is_covered, candidate->is_covered, sizeof ranking->is_covered);
    if (ranking->unsupported < 0)
        ranking->unsupported = candidate->unsupported;
}

void rank_question(struct question *question, const struct draft *base,
                   struct ranking *ret_ranking) {
    struct ranking *ranking = ret_ranking;
    struct candidates candidates = {.count = 0};
    *ranking = (struct ranking){.unsupported = -1};
    struct way *ways = arena_take(question->arena, QUESTION_WAYS, sizeof *ways);
    size_t count = ways ? segment_ways(question, ways) : 0, rounds = 0;
    for (size_t i = 0; i < count; i++)
        try_way(question, base, &ways[i], &rounds, &candidates);
    for (size_t i = 0; i < candidates.count && ranking->count < RANK_READINGS; i++)
        if (!ranking->count || ranking->readings[0].score - candidates.at[i]->score < MARGIN)
            add_reading(question, candidates.at[i], ranking);
    for (size_t i = 0; i < question->token_count && !ranking->count; i++)
        ranking->is_covered[i] = question->tokens[i].is_harmless || question->first_item[i] >= 0;
    for (size_t i = 0; i < question->item_count && !ranking->count; i++) // the middles of phrases
        for (size_t j = 1; j < question->items[i].count; j++)
            ranking->is_covered[question->items[i].first + j] = true;
    // Where nothing covers the question, a construct that is not supported may be why.
    bool is_whole = ranking->count && !ranking->uncovered[0];
    for (size_t i = 0; count && !is_whole && i < ways[0].count && ranking->unsupported < 0; i++)
        if (ways[0].items[i]->kind == ITEM_CUE && ways[0].items[i]->cue == CUE_UNSUPPORTED)
            ranking->unsupported = ways[0].items[i]->argument;
}

enum plan_verdict rank_verdict(const struct question *question, const struct ranking *ranking,
                               size_t *ret_count) {
    *ret_count = 0;
    if (!ranking->count || ranking->unsupported >= 0 || ranking->uncovered[0] || question->is_cut ||
        question->arena->exhausted || ranking->readings[0].score < -LEAST_SURE)
        return PLAN_NOT_UNDERSTOOD;
    *ret_count = 1;
    while (*ret_count < ranking->count && *ret_count < 3 && !ranking->uncovered[*ret_count] &&
           ranking->readings[0].score - ranking->readings[*ret_count].score < MARGIN)
        ++*ret_count;
    return *ret_count > 1 ? PLAN_AMBIGUOUS : PLAN_SURE;
}

bool rank_edit(const struct dataset *dataset, const char *text, const struct draft *base,
               struct arena *arena, struct question *ret_question, struct ranking *ret_ranking) {
    struct question *question = ret_question;
    bool is_more = false, is_edit;
    if (base)
        text = follow_strip(text, arena, &is_edit, &is_more);
    if (!question_read(dataset, text, arena, question))
        return false;
    question->is_edit = base != NULL;
    question->is_more = is_more;
    question->aliases = alias_index_of(dataset);
    question_add_cues(question);
    question_add_numbers(question);
    question_add_dates(question);
    question_add_relative_dates(question);
    link_schema(question);
    link_adjectives(question);
    link_values(question);
    link_title(question);
    rank_question(question, base, ret_ranking);
    return true;
}

bool rank_text(const struct dataset *dataset, const char *text, struct arena *arena,
               struct question *ret_question, struct ranking *ret_ranking) {
    return rank_edit(dataset, text, NULL, arena, ret_question, ret_ranking);
}
