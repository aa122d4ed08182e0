// SPDX-License-Identifier: Apache-2.0
//
// See follow.h. What an edit has, the merged draft takes: a measure for the measure, groups for the
// groups, a condition for those of the same column. What it does not mention stays.
#include "plan/follow.h"

#include <string.h>

#include "plan/compose.h"

// ---- The words of an edit -----------------------------------------------------------------------

static size_t phrase_length(const struct word *words, size_t count, size_t at, const char *phrase) {
    size_t used = 0;
    for (; *phrase; used++) {
        size_t length = strcspn(phrase, " ");
        if (at + used >= count || strncmp(words[at + used].text, phrase, length) != 0 ||
            words[at + used].text[length])
            return 0;
        phrase += length + (phrase[length] == ' ');
    }
    return used;
}

static void blank(char *text, const struct word *words, size_t from, size_t count) {
    for (size_t i = from; i < from + count; i++)
        memset(text + words[i].start, ' ', words[i].length);
}

const char *follow_strip(const char *text, struct arena *arena, bool *ret_is_edit,
                         bool *ret_is_more) {
    static const char *const leads[] = {"and what about",
                                        "what about",
                                        "how about",
                                        "and how about",
                                        "and if",
                                        "what if",
                                        "same for",
                                        "the same for",
                                        "same but",
                                        "the same but",
                                        "same",
                                        "the same",
                                        "now",
                                        "and now",
                                        "ok now",
                                        "and",
                                        "but",
                                        "then",
                                        "and then",
                                        "only",
                                        "just",
                                        "or",
                                        "make it",
                                        "make that",
                                        "change it to",
                                        "switch to",
                                        "show it",
                                        "show that",
                                        "show them",
                                        "do it",
                                        "and only",
                                        "but only",
                                        "now only",
                                        "narrow it to",
                                        "filter to",
                                        "limit to"};
    static const char *const more[] = {"also", "and also", "additionally", "as well", "too"};
    static const char *const tails[] = {"instead", "as well", "too", "now", "please", "then"};
    struct word *words = arena_take(arena, LIMIT_PLAN_TOKENS, sizeof *words);
    char *stripped = arena_take(arena, strlen(text) + 1, 1);
    *ret_is_edit = *ret_is_more = false;
    if (!words || !stripped)
        return text;
    strcpy(stripped, text);
    size_t count = words_split_prose(text, words, LIMIT_PLAN_TOKENS), at = 0, best;
    do {
        best = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(leads); i++) {
            size_t length = phrase_length(words, count, at, leads[i]);
            best = length > best ? length : best;
        }
        for (size_t i = 0; i < ARRAY_LENGTH(more); i++) {
            size_t length = phrase_length(words, count, at, more[i]);
            *ret_is_more |= length > best;
            best = length > best ? length : best;
        }
        blank(stripped, words, at, best);
        at += best;
    } while (best);
    *ret_is_edit = at > 0;
    for (size_t i = 0; i < ARRAY_LENGTH(tails) && count > at; i++) {
        size_t length =
            phrase_length(tails[i][2] == ' ' ? words : words, count,
                          count > 1 && strchr(tails[i], ' ') ? count - 2 : count - 1, tails[i]);
        if (!length)
            continue;
        blank(stripped, words, count - length, length);
        *ret_is_more |= strcmp(tails[i], "too") == 0 || strcmp(tails[i], "as well") == 0;
        *ret_is_edit = true;
        count -= length;
    }
    return stripped;
}

// "How many?", "the top 2 by rating" of nothing that was named; "for films after 2005" leads on.
static bool names_nothing(const struct draft *draft) {
    const struct question *question = draft->question;
    bool is_bare_count = draft->measure_count == 1 && draft->is_count && !draft->group_count &&
                         draft->measures[0].column.table < 0;
    bool is_bare_top = draft->has_extreme && draft->top;
    bool is_bare = !draft->table_count && !draft->shown_count && !draft->is_list &&
                   draft->target.kind == NOUN_NONE;
    bool leads_on = question->token_count && question->tokens[0].preposition &&
                    !draft->measure_count && !draft->group_count && !draft->has_extreme &&
                    !draft->shown_count && !draft->is_list && draft->target.kind == NOUN_NONE;
    return (is_bare && (is_bare_count || is_bare_top)) || leads_on;
}

// Whether every table that was named is one that is grouped by.
static bool names_groups_only(const struct draft *draft) {
    for (size_t i = 0; i < draft->table_count; i++) {
        bool is_group = false;
        for (size_t j = 0; j < draft->group_count; j++)
            is_group |= draft->groups[j].kind == NOUN_ROWS &&
                        draft->groups[j].column.table == draft->tables[i];
        if (!is_group)
            return false;
    }
    return true;
}

bool follow_is_open(const struct draft *draft) {
    if (names_nothing(draft))
        return true;
    bool has_more = draft->filter_count || draft->date_count || draft->number_count ||
                    draft->group_count || draft->has_order || draft->has_direction ||
                    draft->derivation != PLAN_PLAIN;
    return has_more && !draft->measure_count && !draft->shown_count && names_groups_only(draft) &&
           !draft->has_extreme && !draft->is_list && draft->target.kind == NOUN_NONE;
}

// ---- Conditions ---------------------------------------------------------------------------------

static void drop_filter(struct draft *draft, size_t at) {
    draft->filter_count--;
    for (size_t i = at; i < draft->filter_count; i++) {
        draft->filters[i] = draft->filters[i + 1];
        draft->wants_all[i] = draft->wants_all[i + 1];
    }
}

// A condition replaces those of the same column and kind.
static void merge_filters(struct draft *merged, const struct draft *edit) {
    for (size_t i = 0; i < edit->filter_count; i++) {
        const struct plan_filter *filter = &edit->filters[i];
        for (size_t j = merged->filter_count; j > 0 && filter->side == PLAN_OF_ALL; j--) {
            const struct plan_filter *old = &merged->filters[j - 1];
            if (question_is_same(old->column, filter->column) && old->side == PLAN_OF_ALL &&
                old->comparison == filter->comparison)
                drop_filter(merged, j - 1);
        }
    }
    for (size_t i = 0; i < edit->filter_count; i++) {
        bool wants_all = edit->wants_all[i];
        if (!draft_add_filter(merged, edit->filters[i]))
            return;
        merged->wants_all[merged->filter_count - 1] = wants_all;
    }
}

static void merge_dates(struct draft *merged, const struct draft *edit) {
    bool replaces = false;
    for (size_t i = 0; i < edit->date_count; i++)
        replaces |= !edit->dates[i].is_negated;
    size_t kept = 0;
    for (size_t i = 0; i < merged->date_count; i++) {
        struct draft_date date = merged->dates[i];
        for (size_t j = 0; j < edit->date_count; j++) // of the same column, which stays known
            replaces &= edit->dates[j].column.table < 0 ||
                        question_is_same(edit->dates[j].column, date.column);
        if (!replaces || date.is_negated || edit->date_count == 0)
            merged->dates[kept++] = date;
    }
    struct plan_column column =
        merged->date_count ? merged->dates[0].column : (struct plan_column){-1, -1, -1};
    int near_table = merged->date_count ? merged->dates[0].near_table : -1;
    merged->date_count = kept;
    for (size_t i = 0; i < edit->date_count; i++) {
        if (merged->date_count == ARRAY_LENGTH(merged->dates)) {
            merged->has_failed = true;
            return;
        }
        struct draft_date date = edit->dates[i];
        if (date.column.table < 0) {
            date.column = column;
            date.near_table = near_table;
        }
        merged->dates[merged->date_count++] = date;
    }
}

static void merge_numbers(struct draft *merged, const struct draft *edit) {
    for (size_t i = 0; i < edit->number_count; i++) {
        size_t at = 0;
        while (at < merged->number_count &&
               !question_is_same(merged->numbers[at].column, edit->numbers[i].column))
            at++;
        if (at == ARRAY_LENGTH(merged->numbers)) {
            merged->has_failed = true;
            return;
        }
        merged->numbers[at] = edit->numbers[i];
        merged->number_count += at == merged->number_count;
    }
}

// ---- What is asked for --------------------------------------------------------------------------

// "And the average?", "the highest instead": another aggregate of the same.
static bool merge_aggregate(struct draft *merged, struct draft *edit) {
    bool is_bound = edit->has_extreme && edit->extreme == EXTREME_DEGREE && !edit->top &&
                    !edit->measure_count && edit->target.kind == NOUN_NONE;
    enum plan_aggregate aggregate = !is_bound             ? PLAN_NONE
                                    : edit->is_descending ? PLAN_MAX
                                                          : PLAN_MIN;
    for (size_t i = 0; i < edit->count; i++)
        if (compose_is_cue(edit, i, CUE_AGGREGATE)) {
            aggregate = (enum plan_aggregate)edit->items[i]->argument;
            compose_use(edit, i);
        }
    if (aggregate == PLAN_NONE)
        return true;
    if (is_bound)
        edit->has_extreme = false;
    if (is_bound && merged->has_extreme) { // "and the lowest?"
        merged->is_descending = edit->is_descending;
        return true;
    }
    if (merged->measure_count != 1 || merged->measures[0].aggregate == PLAN_COUNT ||
        merged->measures[0].aggregate == PLAN_COUNT_DISTINCT)
        return false;
    merged->measures[0].aggregate = aggregate;
    return true;
}

// From the rows themselves to something measured about them.
static void stop_listing(struct draft *merged) {
    if (merged->target.kind == NOUN_ROWS)
        merged->target.kind = NOUN_NONE;
    merged->shown_count = 0;
    merged->is_list = merged->wants_names = false;
}

static void merge_measures(struct draft *merged, const struct draft *edit) {
    if (!edit->measure_count)
        return;
    memcpy(merged->measures, edit->measures, sizeof merged->measures);
    merged->measure_count = edit->measure_count;
    merged->is_count = edit->is_count;
    merged->is_how_much = edit->is_how_much;
    merged->extreme_column = (struct plan_column){-1, -1, -1};
    if (merged->has_extreme && merged->extreme == EXTREME_ADJECTIVE)
        merged->extreme = EXTREME_DEGREE;
    if (!merged->has_extreme)
        stop_listing(merged);
}

// Groups for groups; of a superlative, what it picks among.
static void merge_groups(struct draft *merged, const struct draft *edit, bool is_more) {
    struct noun nouns[3];
    size_t count = 0;
    for (size_t i = 0; i < edit->group_count; i++)
        nouns[count++] = edit->groups[i];
    bool has_groups = merged->group_count || merged->has_extreme;
    for (size_t i = 0; i < edit->shown_count && !count && has_groups; i++)
        if (count < ARRAY_LENGTH(nouns)) // "airport instead"
            nouns[count++] = edit->shown[i];
    if (!count && edit->target.kind != NOUN_NONE && has_groups)
        nouns[count++] = edit->target;
    if (!count)
        return;
    bool is_measure = nouns[0].item && draft_is_measure(edit, nouns[0].item);
    if (merged->has_extreme && is_measure && merged->target.kind != NOUN_NONE) { // "by quantity"
        merged->measures[0] = (struct draft_measure){PLAN_NONE, nouns[0].column};
        merged->measure_count = 1;
        return;
    }
    if (merged->has_extreme && merged->target.kind != NOUN_NONE && !is_more) {
        merged->target = nouns[0];
        return;
    }
    stop_listing(merged);
    size_t from = is_more ? merged->group_count : 0;
    merged->group_count = from;
    for (size_t i = 0; i < count && merged->group_count < ARRAY_LENGTH(merged->groups); i++)
        merged->groups[merged->group_count++] = nouns[i];
}

static void merge_rows(struct draft *merged, const struct draft *edit) {
    bool has_groups = merged->group_count || merged->has_extreme || edit->group_count;
    for (size_t i = 0; i < edit->shown_count && !has_groups; i++)
        compose_add_shown(merged, edit->shown[i]);
    bool lists = edit->is_list && !edit->measure_count && !edit->group_count && !edit->has_order &&
                 edit->derivation == PLAN_PLAIN && !edit->has_extreme;
    if (!lists)
        return;
    merged->is_list = true; // "list them"
    merged->measure_count = merged->group_count = 0;
    merged->is_count = merged->has_extreme = merged->asks_whether = false;
    merged->derivation = PLAN_PLAIN;
}

// ---- Order and what is derived ------------------------------------------------------------------

static void merge_order(struct draft *merged, const struct draft *edit) {
    if (edit->has_order) {
        merged->has_order = true;
        merged->order_noun = edit->order_noun;
        merged->order_measure = edit->order_measure;
        merged->has_direction = edit->has_direction;
        merged->order_descending = edit->order_descending;
    } else if (edit->has_direction) {
        merged->has_direction = true;
        merged->order_descending = edit->order_descending;
    }
    if (!edit->has_extreme)
        return;
    if (!merged->has_extreme && merged->group_count && merged->target.kind == NOUN_NONE) {
        merged->target = merged->groups[--merged->group_count];
    }
    merged->has_extreme = true;
    merged->extreme = edit->extreme;
    merged->is_descending = edit->is_descending;
    merged->top = edit->top;
    if (edit->extreme_column.table >= 0)
        merged->extreme_column = edit->extreme_column;
}

// "As a percentage": of the groups, or, without any, of all rows.
static void merge_derivation(struct draft *merged, const struct draft *edit) {
    if (edit->derivation == PLAN_PLAIN)
        return;
    merged->derivation = edit->derivation;
    merged->is_reversed = edit->is_reversed;
    bool is_run = edit->derivation == PLAN_RUNNING_TOTAL || edit->derivation == PLAN_CHANGE ||
                  edit->derivation == PLAN_GROWTH;
    if (is_run && !merged->group_count)
        merged->groups[merged->group_count++] =
            (struct noun){.kind = NOUN_BUCKET, .column = {-1, -1, -1}};
    bool is_part = edit->derivation == PLAN_SHARE_OF_TOTAL && !merged->group_count;
    if (!is_part)
        return;
    merged->derivation = PLAN_SHARE_OF_ROWS;
    merged->asks_whether = false;
    for (size_t i = 0; i < merged->filter_count; i++)
        merged->filters[i].side = PLAN_OF_FIRST;
    for (size_t i = 0; i < merged->number_count; i++)
        merged->numbers[i].mark.side = PLAN_OF_FIRST;
    for (size_t i = 0; i < merged->date_count && !merged->filter_count && !merged->number_count;
         i++)
        merged->dates[i].mark.side = PLAN_OF_FIRST;
}

// A share keeps its shape: what is narrowed is the whole.
bool follow_merge(const struct draft *base, struct draft *edit, struct draft *ret_merged) {
    struct draft *merged = ret_merged;
    *merged = *base;
    merged->question = edit->question;
    merged->choices = edit->choices;
    merged->cost = edit->cost;
    merged->has_failed |= edit->has_failed;
    if (!merge_aggregate(merged, edit))
        return false;
    merge_filters(merged, edit);
    merge_dates(merged, edit);
    merge_numbers(merged, edit);
    merge_measures(merged, edit);
    merge_order(merged, edit);
    merge_groups(merged, edit, edit->question->is_more);
    merge_rows(merged, edit);
    merge_derivation(merged, edit);
    for (size_t i = 0; i < edit->table_count; i++) {
        bool is_named = false;
        for (size_t j = 0; j < merged->table_count; j++)
            is_named |= merged->tables[j] == edit->tables[i];
        if (!is_named && merged->table_count < ARRAY_LENGTH(merged->tables))
            merged->tables[merged->table_count++] = edit->tables[i];
    }
    if (edit->is_distinct)
        merged->is_distinct = true;
    for (size_t i = 0; i < edit->via_count && merged->via_count < ARRAY_LENGTH(merged->via); i++)
        merged->via[merged->via_count++] = edit->via[i];
    return !merged->has_failed;
}
