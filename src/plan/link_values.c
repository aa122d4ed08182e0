// SPDX-License-Identifier: Apache-2.0
//
// See link.h: values, found in the data set's value index. Every phrase is looked for as a whole
// value, the longest first; words that then still mean nothing are looked for as parts of values.
// The number of look-ups is bounded.
#include "plan/link.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "plan/graph.h"

#define EXACT_LOOKUPS 160
#define PART_LOOKUPS 32
#define EXACT_VALUES 12 // of one phrase, over all columns
#define PART_VALUES 40

struct lookups {
    size_t exact, part;
};

// What words_key() makes of the words, which are split and stemmed already.
static const char *key_of(const struct question *question, size_t first, size_t count) {
    struct buf key = BUF(QUESTION_SPAN * WORDS_TEXT);
    for (size_t i = first; i < first + count; i++) {
        buf_add_text(&key, i > first ? " " : "");
        buf_add_text(&key, question->tokens[i].word.stem);
    }
    const char *text = arena_text_n(question->arena, buf_text(&key), key.length);
    buf_done(&key);
    return text;
}

static bool is_hidden(const struct question *question, const struct dataset_value *value) {
    return value->table < 0 || value->column < 0 ||
           (size_t)value->table >= question->schema->table_count ||
           (size_t)value->column >= question->schema->tables[value->table].column_count ||
           question->schema->tables[value->table].columns[value->column].hidden;
}

// A value whose column is the name of rows of a table that is referred to belongs to that table,
// wherever it stands.
static struct item *value_item(struct question *question, size_t first, size_t count,
                               const struct dataset_value *value, bool contains) {
    for (int i = question->first_item[first]; i >= 0; i = question->items[i].next) {
        struct item *item = &question->items[i];
        if (item->kind == ITEM_VALUE && item->count == count && item->contains == contains &&
            item->column.table == value->table && item->column.column == value->column)
            return item;
    }
    struct item *item = question_add(question, ITEM_VALUE, first, count, 1);
    if (item)
        item->column = (struct plan_column){value->table, value->column, -1};
    if (item)
        item->contains = contains;
    return item;
}

static bool is_function_cue(enum cue cue) {
    return cue != CUE_BUCKET && cue != CUE_PERIODIC && cue != CUE_EXTREME && cue != CUE_ROWS &&
           cue != CUE_AGGREGATE && cue != CUE_MISSING && cue != CUE_UNSUPPORTED &&
           cue != CUE_DISTINCT && cue != CUE_SHOW;
}

// Whether the token can only serve grammar: no value is looked for by such words alone.
static bool is_grammar(const struct question *question, size_t at) {
    if (question->tokens[at].word.is_quoted)
        return false;
    for (int i = question->first_item[at]; i >= 0; i = question->items[i].next)
        if (question->items[i].kind == ITEM_CUE && question->items[i].count == 1 &&
            is_function_cue(question->items[i].cue))
            return true;
    return question->tokens[at].is_harmless || question->tokens[at].preposition;
}

static bool is_all_grammar(const struct question *question, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++)
        if (!is_grammar(question, i))
            return false;
    return true;
}

// A phrase does not run across a comma or into a quotation.
static bool is_phrase(const struct question *question, size_t first, size_t count) {
    for (size_t i = first + 1; i < first + count; i++)
        if (question->tokens[i].word.is_quoted != question->tokens[first].word.is_quoted)
            return false;
    return true;
}

static bool is_number_alone(const struct question *question, size_t first, size_t count) {
    return count == 1 && question->tokens[first].word.is_number;
}

// Whether the column itself is named before FIRST, with at most a form of "be" between.
static bool is_led_by(const struct question *question, size_t first, struct plan_column column) {
    size_t end = first;
    while (end > 0 && question_is(question, end - 1, "be"))
        end--;
    for (size_t i = 0; i < question->item_count; i++) {
        const struct item *item = &question->items[i];
        if (item->kind == ITEM_COLUMN && item->first + item->count == end &&
            question_is_same(item->column, column) && item->strength > 0.7)
            return true;
    }
    return false;
}

// A name is rather that of a row than one that another of its columns mentions.
static void prefer_labels(struct question *question, size_t first, size_t count) {
    for (int i = question->first_item[first]; i >= 0; i = question->items[i].next) {
        const struct item *named = &question->items[i];
        if (named->kind != ITEM_VALUE || named->count != count ||
            named->column.column != graph_label(&question->schema->tables[named->column.table]))
            continue;
        for (int j = question->first_item[first]; j >= 0; j = question->items[j].next) {
            struct item *other = &question->items[j];
            bool is_other = other->kind == ITEM_VALUE && other->count == count &&
                            other->column.table == named->column.table &&
                            other->column.column != named->column.column;
            if (is_other && is_led_by(question, first, other->column))
                question->items[i].strength -= 0.15; // "whose manager is Eve Lang"
            else if (is_other)
                other->strength -= 0.15;
        }
    }
}

static bool is_voice(const char *word, const char *ending) {
    return strlen(word) > strlen(ending) + 2 && str_has_suffix(word, ending);
}

// Who returns is not what was returned: a word in "-ing" and one in "-ed" of the same stem are not
// the same, as one does and to the other it is done.
static bool is_other_voice(const struct question *question, size_t first, size_t count,
                           const char *value) {
    struct word words[QUESTION_SPAN];
    if (words_split_prose(value, words, ARRAY_LENGTH(words)) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *asked = question->tokens[first + i].word.text, *held = words[i].text;
        if ((is_voice(asked, "ing") && is_voice(held, "ed")) ||
            (is_voice(asked, "ed") && is_voice(held, "ing")))
            return true;
    }
    return false;
}

static bool link_exact(struct question *question, size_t first, size_t count,
                       struct lookups *lookups) {
    const char *key = key_of(question, first, count);
    if (!*key || lookups->exact++ >= EXACT_LOOKUPS)
        return false;
    struct dataset_value values[EXACT_VALUES];
    size_t found = dataset_find_values(question->dataset, key, false, values, EXACT_VALUES);
    for (size_t i = 0; i < found; i++) {
        if (is_hidden(question, &values[i]) ||
            is_other_voice(question, first, count, values[i].value))
            continue;
        struct item *item = value_item(question, first, count, &values[i], false);
        if (!item)
            break;
        if (item->value_count < ARRAY_LENGTH(item->values))
            item->values[item->value_count++] = arena_text(question->arena, values[i].value);
        item->strength = is_number_alone(question, first, count) ? 0.8 : 1;
        item->is_exact = true;
    }
    dataset_values_done(values, found);
    prefer_labels(question, first, count);
    return found > 0;
}

// ---- Parts of values ----------------------------------------------------------------------------

static bool is_linked(const struct question *question, size_t at) {
    for (int i = question->first_item[at]; i >= 0; i = question->items[i].next)
        if (question->items[i].kind != ITEM_DATE && question->items[i].strength > 0.7)
            return true;
    // Or it stands inside of one that begins before it.
    for (size_t i = 0; i < question->item_count; i++) {
        const struct item *item = &question->items[i];
        if (item->first < at && item->first + item->count > at && item->strength > 0.9)
            return true;
    }
    return false;
}

// Whether every value has TEXT in it as it stands, so that it can be searched for.
static bool is_in_all(const struct item *item, const char *text) {
    for (size_t i = 0; i < item->value_count; i++)
        if (!strcasestr(item->values[i], text))
            return false;
    return item->value_count > 0;
}

// More values than can be listed are meant by the part that they share, where they share it.
static void shorten(struct question *question, struct item *item, bool has_more, size_t key_words) {
    const char *text = question_words(question, item->first, item->count);
    const char *stem = item->count == 1 ? question->tokens[item->first].word.stem : text;
    item->contains = false;
    struct alias longest = {.count = 0};
    for (size_t i = 0; i < item->value_count; i++) {
        struct alias alias;
        alias_read(item->values[i], &alias);
        longest.count = alias.count > longest.count ? alias.count : longest.count;
    }
    // One word of a long text says little about what that text is for.
    item->strength = 0.45 + 0.4 * (double)key_words /
                                (double)(longest.count > key_words ? longest.count : key_words);
    // A word that few values share may well name them.
    item->strength += item->value_count == 1 ? 0.1 : item->value_count < 4 ? 0.05 : 0;
    if (!has_more)
        return;
    const char *shared = is_in_all(item, text) ? text : is_in_all(item, stem) ? stem : NULL;
    item->strength = shared ? (item->strength < 0.5 ? item->strength : 0.5) : 0.3;
    if (shared) {
        item->contains = true;
        item->values[0] = arena_text(question->arena, shared);
        item->value_count = 1;
    }
}

static bool link_part(struct question *question, size_t first, size_t count,
                      struct lookups *lookups) {
    const char *key = key_of(question, first, count);
    if (!*key || lookups->part++ >= PART_LOOKUPS)
        return false;
    struct dataset_value values[PART_VALUES];
    bool has_more[EXACT_VALUES] = {false};
    struct item *items[EXACT_VALUES];
    size_t found = dataset_find_values(question->dataset, key, true, values, PART_VALUES),
           item_count = 0;
    for (size_t i = 0; i < found; i++) {
        struct item *item = is_hidden(question, &values[i])
                                ? NULL
                                : value_item(question, first, count, &values[i], true);
        size_t at = 0;
        while (item && at < item_count && items[at] != item)
            at++;
        if (!item || at == EXACT_VALUES)
            continue;
        item_count += at == item_count;
        items[at] = item;
        if (item->value_count < ARRAY_LENGTH(item->values))
            item->values[item->value_count++] = arena_text(question->arena, values[i].value);
        else
            has_more[at] = true;
    }
    size_t key_words = 1;
    for (const char *at = key; *at; at++)
        key_words += *at == ' ';
    for (size_t i = 0; i < item_count; i++)
        shorten(question, items[i], has_more[i] || found == PART_VALUES, key_words);
    dataset_values_done(values, found);
    return item_count > 0;
}

// A run of words that mean nothing so far, from AT on; small words may stand inside.
static size_t unlinked_run(const struct question *question, size_t at) {
    size_t count = 0;
    for (size_t i = at; i < question->token_count && i < at + QUESTION_SPAN; i++) {
        if (i > at && (question->tokens[i].follows_comma ||
                       question->tokens[i].word.is_quoted != question->tokens[at].word.is_quoted))
            break;
        if (!is_grammar(question, i) &&
            (question->tokens[i].word.is_quoted || !is_linked(question, i)))
            count = i - at + 1;
        else if (!is_grammar(question, i) || i == at)
            break;
    }
    return count;
}

// "Rainy", "sunny": days of rain, of sun.
static bool link_made_adjective(struct question *question, size_t at, struct lookups *lookups) {
    const char *text = question->tokens[at].word.text;
    size_t length = strlen(text);
    if (length < 5 || text[length - 1] != 'y')
        return false;
    size_t base = length - 1 - (text[length - 2] == text[length - 3]);
    struct dataset_value values[EXACT_VALUES];
    if (lookups->exact++ >= EXACT_LOOKUPS)
        return false;
    size_t found = dataset_find_values(question->dataset, arena_text_n(question->arena, text, base),
                                       false, values, EXACT_VALUES);
    for (size_t i = 0; i < found; i++) {
        struct item *item =
            is_hidden(question, &values[i]) ? NULL : value_item(question, at, 1, &values[i], false);
        if (!item || item->value_count == ARRAY_LENGTH(item->values))
            continue;
        item->values[item->value_count++] = arena_text(question->arena, values[i].value);
        item->strength = 0.85;
    }
    dataset_values_done(values, found);
    return found > 0;
}

void link_values(struct question *question) {
    struct lookups lookups = {0};
    bool is_value[LIMIT_PLAN_TOKENS] = {false};
    size_t longest = question->token_count < QUESTION_SPAN ? question->token_count : QUESTION_SPAN;
    for (size_t count = longest; count > 0; count--)
        for (size_t at = 0; at + count <= question->token_count; at++)
            if (is_phrase(question, at, count) && !is_all_grammar(question, at, count) &&
                link_exact(question, at, count, &lookups))
                memset(is_value + at, true, count);
    for (size_t at = 0; at < question->token_count;) {
        size_t run = is_value[at] ? 0 : unlinked_run(question, at), count = run;
        if (run && link_made_adjective(question, at, &lookups))
            count = run = 1;
        else
            while (count && !link_part(question, at, count, &lookups))
                count--;
        at += count ? count : 1;
    }
}
