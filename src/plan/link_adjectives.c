// SPDX-License-Identifier: Apache-2.0
//
// See link.h: adjectives. "Most expensive", "hottest", "older than" and "how heavy" each measure
// something; which column that is follows from the nouns that the adjective stands for, or from the
// column's unit. Each column that fits is an item of its own.
#include "plan/link.h"

#include <string.h>

#define CANDIDATES 6

struct candidate {
    struct plan_column column;
    double strength;
    bool is_flipped;
};

struct search {
    const struct lexicon_adjective *adjective; // NULL: by `base` alone
    const char *base;
    bool is_descending;
    struct candidate best[CANDIDATES];
    size_t count;
};

static void keep(struct search *search, struct candidate candidate) {
    for (size_t i = 0; i < search->count; i++)
        if (question_is_same(search->best[i].column, candidate.column)) {
            if (candidate.strength > search->best[i].strength)
                search->best[i] = candidate;
            return;
        }
    if (search->count < CANDIDATES) {
        search->best[search->count++] = candidate;
        return;
    }
    size_t weakest = 0;
    for (size_t i = 1; i < CANDIDATES; i++)
        if (search->best[i].strength < search->best[weakest].strength)
            weakest = i;
    if (candidate.strength > search->best[weakest].strength)
        search->best[weakest] = candidate;
}

// How well ALIAS is one of NOUNS: the very noun, its head, or a word of it; earlier nouns count
// more.
static double noun_strength(const struct alias *alias, const char *nouns) {
    double best = 0, rank = 0;
    for (const char *at = nouns; *at; rank += 0.02) {
        size_t length = strcspn(at, " ");
        for (size_t i = 0; i < alias->count; i++) {
            if (strncmp(alias->words[i].stem, at, length) != 0 || alias->words[i].stem[length])
                continue;
            bool is_birth = strncmp(at, "birth", length) == 0 ||
                            strncmp(at, "born", length) == 0; // whatever else it says
            double strength = (alias->content == 1 || is_birth ? 0.95
                               : i == alias->head              ? 0.78
                                                               : 0.7) -
                              rank;
            best = strength > best ? strength : best;
        }
        at += length + (at[length] == ' ');
    }
    return best;
}

// "Maximum temperature" rather than "minimum temperature" for the hottest.
static double leaning(const struct alias *alias, bool is_descending) {
    static const char *const high[] = {"max", "maximum", "high", "highest", "peak", "top"};
    static const char *const low[] = {"min", "minimum", "low", "lowest"};
    for (size_t i = 0; i < alias->count; i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(high); j++)
            if (strcmp(alias->words[i].text, high[j]) == 0)
                return is_descending ? 0.15 : 0;
        for (size_t j = 0; j < ARRAY_LENGTH(low); j++)
            if (strcmp(alias->words[i].text, low[j]) == 0)
                return is_descending ? 0 : 0.15;
    }
    return 0;
}

// Money that comes in makes nothing expensive.
static bool is_income(const struct alias *alias) {
    for (size_t i = 0; i < alias->count; i++)
        if (lexicon_is_listed(
                "gross revenue income profit sale turnover earning salary wage budget tax",
                alias->words[i].stem))
            return true;
    return false;
}

static void consider(struct question *question, struct plan_column column,
                     const struct alias *alias, void *context) {
    struct search *search = context;
    const struct dataset_column *at = question_column(question->schema, column);
    bool is_measure = column.metric >= 0 ||
                      (at && question_is_number(at) && at->references_table < 0 && !at->is_key);
    bool is_date = at && question_is_date(at);
    if (!is_measure && !is_date)
        return;
    double strength = 0, flipped = 0;
    const struct lexicon_adjective *adjective = search->adjective;
    if (adjective && is_measure) {
        const char *kind = lexicon_unit_kind(question_unit(question->schema, column));
        strength = noun_strength(alias, adjective->nouns);
        if (*adjective->unit_kind && strcmp(kind, adjective->unit_kind) == 0 && strength < 0.68 &&
            !is_income(alias))
            strength = 0.68;
    }
    if (adjective)
        flipped = noun_strength(alias, adjective->opposites);
    if (adjective && is_date && strcmp(adjective->unit_kind, "date") == 0 && flipped < 0.7)
        flipped = 0; // a plain date is the date class's affair
    for (size_t i = 0; is_measure && i < alias->count; i++) {
        bool is_same = strcmp(alias->words[i].stem, search->base) == 0;
        if (is_same || lexicon_is_family(alias->words[i].stem, search->base))
            strength = strength < (is_same ? 0.9 : 0.78) ? (is_same ? 0.9 : 0.78) : strength;
    }
    bool is_flipped = flipped > strength;
    strength = is_flipped ? flipped : strength;
    if (strength > 0)
        strength += leaning(alias, search->is_descending != is_flipped);
    if (strength > 0)
        keep(search, (struct candidate){column, strength > 1 ? 1 : strength, is_flipped});
}

static void add_items(struct question *question, struct search *search, size_t first, size_t count,
                      const struct item *model) {
    for (size_t i = 0; i < search->count; i++) {
        const struct candidate *candidate = &search->best[i];
        struct item *item = question_add(question, model->kind, first, count, candidate->strength);
        if (!item)
            return;
        item->cue = model->cue;
        item->argument = model->argument;
        item->column = candidate->column;
        if (item->kind == ITEM_COLUMN && candidate->column.metric >= 0)
            item->kind = ITEM_METRIC;
        item->is_descending = search->is_descending != candidate->is_flipped;
        if (item->cue == CUE_COMPARE)
            item->argument = item->is_descending ? PLAN_GREATER : PLAN_LESS;
    }
    bool has_date = search->adjective && strcmp(search->adjective->unit_kind, "date") == 0;
    double best = 0;
    for (size_t i = 0; i < search->count; i++)
        best = search->best[i].strength > best ? search->best[i].strength : best;
    // Who is oldest is told by an age, where there is one, rather than by the date of some event.
    struct item *item =
        has_date && model->cue == CUE_EXTREME
            ? question_add(question, ITEM_CUE, first, count, best > 0.85 ? 0.6 : 0.85)
            : NULL;
    if (item) {
        item->cue = CUE_EXTREME;
        item->argument = EXTREME_TIME;
        item->is_descending =
            search->adjective->nouns[0] == 'd' ? search->is_descending : !search->is_descending;
    }
}

// Whether a column with a unit may be meant without a word of its name.
static bool has_unit_kind(const struct lexicon_adjective *adjective) {
    return adjective && *adjective->unit_kind && strcmp(adjective->unit_kind, "date") != 0;
}

static void find_columns(struct question *question, struct search *search) {
    struct alias_prefixes prefixes = {
        .unit_kind = has_unit_kind(search->adjective) ? search->adjective->unit_kind : NULL};
    alias_prefixes_add(&prefixes, search->base);
    if (search->adjective) {
        alias_prefixes_add(&prefixes, search->adjective->nouns);
        alias_prefixes_add(&prefixes, search->adjective->opposites);
    }
    alias_visit(question, &prefixes, consider, search);
}

static void link_form(struct question *question, size_t at, enum adjective_form form,
                      bool is_reversed, size_t first, size_t count, const struct item *model) {
    char base[WORDS_TEXT];
    struct search search = {.base = base};
    search.adjective = lexicon_adjective(question->tokens[at].word.text, form, base, sizeof base);
    if (!*base)
        return;
    search.is_descending =
        (search.adjective ? search.adjective->is_descending : true) != is_reversed;
    find_columns(question, &search);
    add_items(question, &search, first, count, model);
}

static void link_superlative(struct question *question, size_t at) {
    const struct item extreme = {
        .kind = ITEM_CUE, .cue = CUE_EXTREME, .argument = EXTREME_ADJECTIVE};
    const char *text = question->tokens[at].word.text;
    size_t length = strlen(text);
    if (length > 5 && strcmp(text + length - 3, "est") == 0)
        link_form(question, at, ADJECTIVE_SUPERLATIVE, false, at, 1, &extreme);
    bool is_most = strcmp(text, "most") == 0, is_least = strcmp(text, "least") == 0;
    size_t before = question->item_count;
    if ((is_most || is_least) && at + 1 < question->token_count)
        link_form(question, at + 1, ADJECTIVE_PLAIN, is_least, at, 2, &extreme);
    // "Most popular" is a count only where no column says how popular.
    for (int i = question->first_item[at]; question->item_count > before && i >= 0;
         i = question->items[i].next)
        if (question->items[i].cue == CUE_EXTREME &&
            question->items[i].argument == EXTREME_QUANTITY && question->items[i].count == 2)
            question->items[i].strength = 0.6;
}

// "older than", "more expensive than": the number follows.
static void link_comparative(struct question *question, size_t at) {
    const struct item compare = {.kind = ITEM_CUE, .cue = CUE_COMPARE};
    const char *text = question->tokens[at].word.text;
    size_t length = strlen(text);
    bool is_comparative = length > 4 && strcmp(text + length - 2, "er") == 0;
    if (is_comparative && question_is(question, at + 1, "than"))
        link_form(question, at, ADJECTIVE_COMPARATIVE, false, at, 2, &compare);
    char base[WORDS_TEXT];
    const struct item extreme = {
        .kind = ITEM_CUE, .cue = CUE_EXTREME, .argument = EXTREME_ADJECTIVE};
    if (is_comparative &&
        lexicon_adjective(text, ADJECTIVE_COMPARATIVE, base, sizeof base)) // "which city is warmer"
        link_form(question, at, ADJECTIVE_COMPARATIVE, false, at, 1, &extreme);
    bool is_more = strcmp(text, "more") == 0, is_less = strcmp(text, "less") == 0;
    if ((is_more || is_less) && question_is(question, at + 2, "than"))
        link_form(question, at + 1, ADJECTIVE_PLAIN, is_less, at, 3, &compare);
}

// "How heavy", "how old" ask for the column itself.
static void link_degree(struct question *question, size_t at) {
    const struct item column = {.kind = ITEM_COLUMN};
    char base[WORDS_TEXT];
    if (question_is(question, at, "how") && at + 1 < question->token_count &&
        lexicon_adjective(question->tokens[at + 1].word.text, ADJECTIVE_PLAIN, base, sizeof base))
        link_form(question, at + 1, ADJECTIVE_PLAIN, false, at, 2, &column);
}

// "Who earns the most": verbs that measure.
static void link_verb(struct question *question, size_t at) {
    const struct item column = {.kind = ITEM_COLUMN};
    struct search search = {.base = "",
                            .adjective = lexicon_verb(question->tokens[at].word.stem),
                            .is_descending = true};
    if (!search.adjective)
        return;
    find_columns(question, &search);
    for (size_t i = 0; i < search.count; i++)
        search.best[i].strength -= 0.05;
    add_items(question, &search, at, 1, &column);
}

void link_adjectives(struct question *question) {
    for (size_t at = 0; at < question->token_count; at++) {
        if (question->tokens[at].word.is_quoted)
            continue;
        link_superlative(question, at);
        link_comparative(question, at);
        link_degree(question, at);
        link_verb(question, at);
    }
}
