// SPDX-License-Identifier: Apache-2.0
//
// See typos.h. One slip is allowed in words of four to seven letters, two in longer ones; a slip is
// a letter too many, too few, another, or two that changed places (Damerau's four). Where two words
// are equally near, neither is meant.
#include "plan/typos.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "plan/alias.h"

#define SHORTEST 4
#define SURE 6    // letters from which on one of them may be another: "rates" are no "dates"
#define LONG 8    // from here on two slips
#define VALUES 16 // that are looked at for one word

struct nearest {
    const struct word *asked;
    char best[WORDS_TEXT], stem[WORDS_TEXT]; // as it is written, and its stem
    size_t distance, length;
    bool is_tied;
};

// One letter for another: "lent" is no "Lena".
static bool is_substitution(const char *left, const char *right) {
    size_t others = 0, at = 0;
    for (; left[at] && right[at]; at++)
        others += left[at] != right[at];
    return others == 1 && !left[at] && !right[at];
}

// WORD in small letters, SHOWN as it is written where it comes from.
static void consider(struct nearest *nearest, const char *word, const char *shown,
                     size_t shown_length) {
    size_t length = strlen(word), max = nearest->length < LONG ? 1 : 2;
    size_t apart = length > nearest->length ? length - nearest->length : nearest->length - length;
    if (length < SHORTEST || length >= WORDS_TEXT || apart > max)
        return;
    size_t distance = str_distance(nearest->asked->text, word, (unsigned)max);
    if (distance > max || distance > nearest->distance || word[0] != nearest->asked->text[0] ||
        (length < SURE && is_substitution(nearest->asked->text, word)))
        return;
    char stem[WORDS_TEXT];
    words_stem(word, stem);
    bool is_same = strcmp(stem, nearest->stem) == 0;
    if (distance == nearest->distance && is_same)
        return;
    nearest->is_tied = distance == nearest->distance;
    nearest->distance = distance;
    bool fits = shown_length < sizeof nearest->best;
    memcpy(nearest->best, fits ? shown : word, fits ? shown_length : length);
    nearest->best[fits ? shown_length : length] = '\0';
    memcpy(nearest->stem, stem, sizeof stem);
}

static void consider_text(const char *text, void *context) {
    consider(context, text, text, strlen(text));
}

static void consider_words(struct nearest *nearest, const char *text) {
    struct word words[8];
    size_t count = words_split_prose(text, words, ARRAY_LENGTH(words));
    for (size_t i = 0; i < count; i++)
        consider(nearest, words[i].text, text + words[i].start, words[i].length);
}

static void consider_phrases(struct nearest *nearest, const struct lexicon_phrase *phrases,
                             size_t count) {
    for (size_t i = 0; i < count; i++)
        consider_words(nearest, phrases[i].words);
}

static void consider_samples(struct nearest *nearest, const struct dataset_schema *schema) {
    for (size_t i = 0; i < schema->table_count; i++)
        for (size_t j = 0; j < schema->tables[i].column_count; j++) {
            const struct dataset_column *column = &schema->tables[i].columns[j];
            for (size_t k = 0;
                 k < column->samples.count && !column->hidden && column->type == DATASET_TEXT; k++)
                consider_words(nearest, column->samples.at[k]);
        }
}

// Values of the index that have such a word but for typos.
static void consider_values(struct nearest *nearest, const struct question *question) {
    struct dataset_value values[VALUES];
    size_t count =
        dataset_find_similar(question->dataset, nearest->asked->stem, values, ARRAY_LENGTH(values));
    for (size_t i = 0; i < count; i++) {
        const struct dataset_value *value = &values[i];
        const struct dataset_table *table = &question->schema->tables[value->table];
        bool is_shown =
            (size_t)value->column < table->column_count && !table->columns[value->column].hidden;
        if (is_shown && value->typos)
            consider_words(nearest, value->value);
    }
    dataset_values_done(values, count);
}

static bool find_nearest(const struct question *question, size_t at, struct nearest *nearest) {
    const struct word *word = &question->tokens[at].word;
    *nearest = (struct nearest){.asked = word, .distance = SIZE_MAX, .length = strlen(word->text)};
    if (nearest->length < SHORTEST || word->is_number || word->is_quoted)
        return false;
    // What the data calls things comes before what grammar does.
    alias_visit_words(question->aliases, consider_text, nearest);
    consider_samples(nearest, question->schema);
    if (nearest->distance > 2)
        consider_values(nearest, question);
    if (nearest->distance > 2 && nearest->length > SHORTEST) {
        consider_phrases(nearest, lexicon_requests, lexicon_request_count);
        consider_phrases(nearest, lexicon_conditions, lexicon_condition_count);
    }
    if (nearest->distance > 2 && nearest->length > SHORTEST) { // "hapened", by its stem
        struct word stem = *word;
        memcpy(stem.text, word->stem, sizeof stem.text);
        nearest->asked = &stem;
        nearest->length = strlen(stem.text);
        consider_phrases(nearest, lexicon_requests, lexicon_request_count);
        nearest->asked = word;
    }
    return nearest->distance > 0 && nearest->distance <= 2 && !nearest->is_tied;
}

const char *typos_correct(const struct question *question, const struct ranking *ranking,
                          const char **ret_note) {
    struct buf text = BUF(4 * LIMIT_QUESTION), note = BUF(2048);
    size_t end = 0, count = 0;
    for (size_t i = 0; i < question->token_count && count < 4; i++) {
        const struct word *word = &question->tokens[i].word;
        struct nearest nearest;
        if (ranking->is_covered[i] || question->first_item[i] >= 0 ||
            !find_nearest(question, i, &nearest))
            continue;
        buf_add(&text, question->text + end, word->start - end);
        buf_add_text(&text, nearest.best);
        end = word->start + word->length;
        buf_add_format(&note, "%s“%s” as “%s”", count++ ? ", " : "read ",
                       question_words(question, i, 1), nearest.best);
    }
    buf_add_text(&text, question->text + end);
    const char *corrected = count ? arena_text(question->arena, buf_text(&text)) : NULL;
    *ret_note = count ? arena_text(question->arena, buf_text(&note)) : "";
    buf_done(&text);
    buf_done(&note);
    return corrected;
}
