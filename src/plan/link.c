// SPDX-License-Identifier: Apache-2.0
//
// See link.h: linking to tables, columns and metrics. Every name, title and synonym is an alias; a
// stretch of the question links to it by the words they share. All of an alias is the strongest
// link, its head ("cost" for "repair cost") a weaker one, another word of it weaker still, and so
// is a word of the same family ("rainy" for "rain").
#include "plan/link.h"

#include "plan/graph.h"

#include <string.h>

#include "base/str.h"

#define STRENGTH_REVERSED 0.98 // "date of flight" for "flight date"
#define STRENGTH_SHUFFLED 0.92
#define STRENGTH_GLUED 0.97 // "zip code" for "zipcode"
#define STRENGTH_FAMILY 0.75
#define STRENGTH_FAMILY_PART 0.6
#define LOSS_STEM 0.005 // where a word fits by its stem alone
#define LOSS_VERB 0.05  // where the question has the verb of a noun: "hired" for "hire date"
#define LOSS_NOUN 0.3   // where it has another noun than the verb has: "orders" for "ordered"

// ---- Comparing an alias -------------------------------------------------------------------------

struct match {
    size_t first, count; // tokens
    size_t matched;      // content words of the alias
    bool has_head, in_order, is_whole, skipped_of;
    bool is_content; // some word of it is neither harmless nor a cue
    bool is_doing;   // "returning" for "returns": who does it, rather than what it is
    double strength;
};

static bool is_verb_form(const char *text) {
    size_t length = strlen(text);
    return length > 4 &&
           (strcmp(text + length - 2, "ed") == 0 || strcmp(text + length - 3, "ing") == 0);
}

// What a word of the question loses by not being the very word of the name.
static double word_loss(const struct word *name, const struct word *asked) {
    if (strcmp(name->text, asked->text) == 0)
        return 0;
    bool is_verb = is_verb_form(asked->text);
    return is_verb_form(name->text) == is_verb ? LOSS_STEM : is_verb ? LOSS_VERB : LOSS_NOUN;
}

// The unused word of ALIAS that TOKEN is, at best the one behind the last; -1 for none.
static int find_word(const struct alias *alias, unsigned used, int last, const struct word *token) {
    int found = -1;
    for (int i = 0; i < (int)alias->count; i++) {
        if (used & 1u << i || (strcmp(alias->words[i].text, token->text) != 0 &&
                               strcmp(alias->words[i].stem, token->stem) != 0))
            continue;
        if (i == last + 1)
            return i;
        if (found < 0)
            found = i;
    }
    return found;
}

// Whether the token means something by itself in any question; the names of parts of dates do not
// count, as many columns are called by them.
static bool find_cue(const struct question *question, size_t at) {
    for (int i = question->first_item[at]; i >= 0; i = question->items[i].next) {
        const struct item *item = &question->items[i];
        bool is_word = item->kind == ITEM_CUE && item->count == 1 && item->cue != CUE_BUCKET &&
                       item->cue != CUE_ROWS;
        if (is_word || (item->kind == ITEM_NUMBER && item->count == 1))
            return true;
    }
    return question_is(question, at, "number");
}

static bool is_cue(const struct question *question, size_t at) {
    return question->tokens[at].is_cue;
}

static double score_match(const struct alias *alias, const struct match *match, double loss) {
    double strength;
    if (match->is_whole)
        strength = match->in_order ? 1 : match->skipped_of ? STRENGTH_REVERSED : STRENGTH_SHUFFLED;
    else
        strength = 0.55 + 0.35 * (double)match->matched / (double)alias->content +
                   (match->has_head ? 0.08 : -0.08) - (match->in_order ? 0 : 0.04);
    return strength - loss;
}

// The longest stretch from token AT on that is made of words of the alias.
static bool match_at(const struct question *question, const struct alias *alias, size_t at,
                     struct match *match) {
    unsigned used = 0;
    int last = -1;
    double loss = 0;
    *match = (struct match){.first = at, .in_order = true};
    for (size_t i = at; i < question->token_count && i < at + QUESTION_SPAN; i++) {
        const struct token *token = &question->tokens[i];
        if (i > at && token->follows_comma)
            break;
        int word = find_word(alias, used, last, &token->word);
        if (word < 0) {
            bool is_of = question_is(question, i, "of");
            if (i == at ||
                !(is_of || question_is(question, i, "the") || question_is(question, i, "a")))
                break;
            match->skipped_of |= is_of;
            continue;
        }
        used |= 1u << word;
        match->is_doing |= str_has_suffix(token->word.text, "ing") &&
                           strcmp(token->word.text, alias->words[word].text) != 0;
        match->in_order &= word > last;
        last = word;
        match->count = i - at + 1;
        loss += word_loss(&alias->words[word], &token->word);
        if (alias_is_small_word(alias->words[word].text))
            continue;
        match->matched++;
        match->has_head |= word == (int)alias->head;
        match->is_content |= !token->is_harmless && !is_cue(question, i);
    }
    match->is_whole = match->matched == alias->content;
    match->strength = score_match(alias, match, loss);
    return match->matched > 0 && !alias_is_small_word(question->tokens[at].word.text);
}

// "birdstrike" and "bird strike": the letters of COUNT words run together, compared with one word.
static bool is_glued(const struct word *words, size_t count, const char *whole) {
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i].text);
        bool is_last = i + 1 == count;
        if (strncmp(whole, words[i].text, length) != 0 &&
            !(is_last && strcmp(whole, words[i].stem) == 0))
            return false;
        if (is_last)
            return !whole[length] || strcmp(whole, words[i].stem) == 0;
        whole += length;
    }
    return false;
}

static bool match_glued(const struct question *question, const struct alias *alias, size_t at,
                        struct match *match) {
    const struct token *token = &question->tokens[at];
    *match = (struct match){.first = at,
                            .count = 1,
                            .is_whole = true,
                            .has_head = true,
                            .in_order = true,
                            .is_content = true,
                            .strength = STRENGTH_GLUED};
    if (alias->count > 1 && (is_glued(alias->words, alias->count, token->word.text) ||
                             is_glued(alias->words, alias->count, token->word.stem)))
        return true;
    if (alias->count != 1 || at + 1 >= question->token_count ||
        question->tokens[at + 1].follows_comma)
        return false;
    match->count = 2;
    const struct word pair[] = {token->word, question->tokens[at + 1].word};
    return is_glued(pair, 2, alias->words[0].text) || is_glued(pair, 2, alias->words[0].stem);
}

// "max" of "max and min temperature": the word that both share stands behind the second.
static bool match_shared(const struct question *question, const struct alias *alias, size_t at,
                         struct match *match) {
    if (alias->count != 2 || alias->head != 1 || at + 3 >= question->token_count ||
        !(question_is(question, at + 1, "and") || question_is(question, at + 1, "or")))
        return false;
    bool is_first = strcmp(question->tokens[at].word.stem, alias->words[0].stem) == 0;
    bool is_head = strcmp(question->tokens[at + 3].word.stem, alias->words[1].stem) == 0;
    bool is_too_early = strcmp(question->tokens[at + 2].word.stem, alias->words[1].stem) == 0;
    *match = (struct match){.first = at,
                            .count = 1,
                            .is_whole = true,
                            .has_head = true,
                            .in_order = true,
                            .is_content = true,
                            .strength = STRENGTH_GLUED};
    return is_first && is_head && !is_too_early;
}

static bool match_family(const struct question *question, const struct alias *alias, size_t at,
                         struct match *match) {
    const struct token *token = &question->tokens[at];
    if (token->is_harmless || is_cue(question, at) || !alias->content ||
        strcmp(token->word.stem, alias->words[alias->head].stem) == 0 || // match_at()'s affair
        !lexicon_is_family(token->word.stem, alias->words[alias->head].stem))
        return false;
    *match = (struct match){.first = at, .count = 1, .has_head = true, .is_content = true};
    match->strength = alias->content == 1 ? STRENGTH_FAMILY : STRENGTH_FAMILY_PART;
    return true;
}

// ---- Adding items -------------------------------------------------------------------------------

static bool is_id_word(const char *text) {
    static const char *const words[] = {"id",  "ids",  "number", "no",  "nr",
                                        "key", "code", "fk",     "ref", "uuid"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

static void add_link(struct question *question, struct plan_column column,
                     const struct match *match) {
    bool is_table = column.column < 0 && column.metric < 0;
    enum item_kind kind = is_table ? ITEM_TABLE : column.metric >= 0 ? ITEM_METRIC : ITEM_COLUMN;
    for (int i = question->first_item[match->first]; i >= 0; i = question->items[i].next) {
        struct item *item = &question->items[i];
        if (item->kind != kind || item->count != match->count ||
            !question_is_same(item->column, column) || item->via_table >= 0)
            continue;
        if (match->strength > item->strength) {
            item->strength = match->strength;
            item->is_exact = match->is_whole;
        }
        return;
    }
    struct item *item = question_add(question, kind, match->first, match->count, match->strength);
    if (!item)
        return;
    item->column = column;
    item->is_exact = match->is_whole;
}

// A column that refers to another table names a row of that table: "home team" for home_team_id.
static void add_reference(struct question *question, struct plan_column column,
                          const struct match *match) {
    const struct dataset_column *at = question_column(question->schema, column);
    struct item *item =
        question_add(question, ITEM_TABLE, match->first, match->count, match->strength - 0.01);
    if (!item)
        return;
    item->column = (struct plan_column){at->references_table, -1, -1};
    item->is_exact = match->is_whole;
    item->via_table = column.table;
    item->via_column = column.column;
}

static bool is_acceptable(const struct question *question, struct plan_column column,
                          const struct alias *alias, const struct match *match) {
    bool is_table = column.column < 0 && column.metric < 0;
    if (!match->is_whole && (!match->is_content || match->is_doing))
        return false;
    if (is_table)
        return match->is_whole || (match->has_head && match->strength > STRENGTH_FAMILY);
    const struct dataset_column *at = question_column(question->schema, column);
    // A part of "no longer sold" is not that; "sold" alone may say the opposite.
    if (at && at->type == DATASET_BOOLEAN && !match->is_whole)
        return false;
    // "number of products" is no product number.
    if (at && (at->is_key || at->references_table >= 0 ||
               is_id_word(alias->words[alias->count - 1].text)))
        return match->is_whole && match->in_order;
    return true;
}

static void link_one(struct question *question, struct plan_column column,
                     const struct alias *alias, void *context) {
    (void)context;
    const struct dataset_column *at = question_column(question->schema, column);
    struct alias short_alias = *alias;
    while (short_alias.count > 1 && is_id_word(short_alias.words[short_alias.count - 1].text))
        short_alias.count--, short_alias.content--, short_alias.head = short_alias.count - 1;
    for (size_t i = 0; i < question->token_count; i++) {
        struct match match;
        if (question->tokens[i].word.is_quoted)
            continue;
        if (at && at->references_table >= 0 && match_at(question, &short_alias, i, &match) &&
            match.is_whole) {
            add_reference(question, column, &match);
            if (short_alias.count == alias->count)
                continue; // it names the row that is referred to, not its number
        }
        if ((match_at(question, alias, i, &match) &&
             is_acceptable(question, column, alias, &match)) ||
            match_shared(question, alias, i, &match) || match_glued(question, alias, i, &match) ||
            (match_family(question, alias, i, &match) &&
             is_acceptable(question, column, alias, &match)))
            add_link(question, column, &match);
    }
}

// A table and the column that its rows are known by often share a name ("customer"): then the rows
// are meant.
static void drop_labels(struct question *question, size_t at) {
    for (int *link = &question->first_item[at]; *link >= 0;) {
        const struct item *item = &question->items[*link];
        const struct dataset_table *table =
            item->kind == ITEM_COLUMN ? &question->schema->tables[item->column.table] : NULL;
        bool is_label = table && item->column.column == graph_label(table) &&
                        graph_is_unique(table, item->column.column);
        bool has_table = false;
        for (int i = question->first_item[at]; is_label && i >= 0; i = question->items[i].next)
            has_table |= question->items[i].kind == ITEM_TABLE &&
                         question->items[i].count == item->count &&
                         question->items[i].column.table == item->column.table &&
                         question->items[i].strength > item->strength - 0.05;
        if (has_table)
            *link = item->next;
        else
            link = &question->items[*link].next;
    }
}

// "People" are the rows of a table of employees, customers, players …
static void link_persons(struct question *question) {
    for (size_t at = 0; at < question->token_count; at++)
        for (size_t i = 0; i < question->schema->table_count && question_is(question, at, "person");
             i++) {
            char stem[WORDS_TEXT];
            words_stem(question->schema->tables[i].row, stem);
            struct match match = {.first = at, .count = 1, .strength = 0.85};
            if (lexicon_is_person(stem))
                add_link(question, (struct plan_column){(int)i, -1, -1}, &match);
        }
}

void link_schema(struct question *question) {
    struct alias_prefixes prefixes;
    for (size_t i = 0; i < question->token_count; i++)
        question->tokens[i].is_cue = find_cue(question, i);
    alias_prefixes_of(question, &prefixes);
    alias_visit(question, &prefixes, link_one, NULL);
    for (size_t i = 0; i < question->token_count; i++)
        drop_labels(question, i);
    link_persons(question);
}

static bool has_exact_link(const struct question *question, size_t at) {
    for (int i = question->first_item[at]; i >= 0; i = question->items[i].next)
        if (question->items[i].kind != ITEM_CUE && question->items[i].strength > 0.9)
            return true;
    return false;
}

void link_title(struct question *question) {
    const char *const texts[] = {question->schema->title, question->schema->name};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct alias alias;
        alias_read(texts[i] ? texts[i] : "", &alias);
        for (size_t at = 0; at < question->token_count; at++)
            for (size_t j = 0; j < alias.count && !has_exact_link(question, at); j++)
                if (strcmp(question->tokens[at].word.stem, alias.words[j].stem) == 0)
                    question->tokens[at].is_harmless = true;
    }
}
