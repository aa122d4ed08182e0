// SPDX-License-Identifier: Apache-2.0
//
// Looking up values in a data set's index (dataset.h). What the file says is checked against the
// schema, as it may be a stranger's.
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "dataset/handle.h"
#include "dataset/trigram.h"

#define CANDIDATES 4       // words that a mistyped one may be meant as
#define CANDIDATES_SEEN 64 // words that share its trigrams, of which the nearest are taken
#define MIXTURES 32        // of candidates for several words
#define SIMILAR_WORDS 8    // of a key; longer ones are not corrected

// Whether WORD, of LENGTH bytes, is one of the words of KEY.
static bool has_word(const char *key, const char *word, size_t length) {
    for (const char *at = key; *at;) {
        size_t here = strcspn(at, " ");
        if (here == length && memcmp(at, word, length) == 0)
            return true;
        at += here + (at[here] == ' ');
    }
    return false;
}

static bool has_all_words(const char *key, const char *words) {
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ");
        if (length && !has_word(key, at, length))
            return false;
        at += length + (at[length] == ' ');
    }
    return true;
}

// The longest word is looked up, as it is likely to be in the fewest values.
static const char *longest_word(const char *key, size_t *ret_length) {
    const char *longest = key;
    *ret_length = 0;
    for (const char *at = key; *at;) {
        size_t length = strcspn(at, " ");
        if (length > *ret_length) {
            longest = at;
            *ret_length = length;
        }
        at += length + (at[length] == ' ');
    }
    return longest;
}

static bool is_sound(const struct dataset_schema *schema, sqlite3_stmt *statement) {
    int64_t table = sqlite3_column_int64(statement, 0), column = sqlite3_column_int64(statement, 1);
    return table >= 0 && (size_t)table < schema->table_count && column >= 0 &&
           (size_t)column < schema->tables[table].column_count &&
           sqlite3_column_type(statement, 2) == SQLITE_TEXT &&
           sqlite3_column_type(statement, 4) == SQLITE_TEXT;
}

static size_t take_values(const struct dataset *dataset, sqlite3_stmt *statement, const char *words,
                          struct dataset_value *ret_values, size_t max) {
    size_t count = 0;
    while (count < max && sqlite3_step(statement) == SQLITE_ROW) {
        if (!is_sound(dataset->schema, statement) ||
            !has_all_words((const char *)sqlite3_column_text(statement, 4), words))
            continue;
        ret_values[count++] = (struct dataset_value){
            .table = sqlite3_column_int(statement, 0),
            .column = sqlite3_column_int(statement, 1),
            .value = mem_text((const char *)sqlite3_column_text(statement, 2)),
            .part = mem_text((const char *)sqlite3_column_text(statement, 5)),
            .key = mem_text((const char *)sqlite3_column_text(statement, 4)),
            .row_count = sqlite3_column_int64(statement, 3),
        };
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return count;
}

// What LOOKUP finds for WANTED of LENGTH bytes, of which has all of WORDS.
static size_t look_up(const struct dataset *dataset, enum dataset_lookup lookup, const char *wanted,
                      size_t length, const char *words, struct dataset_value *ret_values,
                      size_t max) {
    // The mutex and what is behind it are the only things that change.
    struct dataset *own = (struct dataset *)dataset;
    if (length == 0 || length > LIMIT_QUESTION)
        return 0;
    pthread_mutex_lock(&own->mutex);
    own->ticks = 0;
    sqlite3_bind_text(own->lookups[lookup], 1, wanted, (int)length, SQLITE_STATIC);
    size_t count = take_values(dataset, own->lookups[lookup], words, ret_values, max);
    pthread_mutex_unlock(&own->mutex);
    return count;
}

size_t dataset_find_values(const struct dataset *dataset, const char *key, bool containing,
                           struct dataset_value *ret_values, size_t max) {
    size_t length = strlen(key);
    if (!containing)
        return look_up(dataset, LOOKUP_EQUAL, key, length, "", ret_values, max);
    const char *wanted = longest_word(key, &length);
    return look_up(dataset, LOOKUP_CONTAINING, wanted, length, key, ret_values, max);
}

size_t dataset_find_parts(const struct dataset *dataset, const char *key,
                          struct dataset_value *ret_values, size_t max) {
    return look_up(dataset, LOOKUP_PART, key, strlen(key), "", ret_values, max);
}

void dataset_values_done(struct dataset_value *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(values[i].value);
        free(values[i].part);
        free(values[i].key);
    }
}

// ---- Typos --------------------------------------------------------------------------------------

struct candidates {
    char words[CANDIDATES][WORDS_TEXT];
    size_t count;
    unsigned distance; // of each of them
};

static bool is_word_there(struct dataset *dataset, const char *word) {
    sqlite3_stmt *statement = dataset->lookups[LOOKUP_WORD];
    sqlite3_bind_text(statement, 1, word, -1, SQLITE_STATIC);
    bool is_there = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return is_there;
}

static void keep_candidate(struct candidates *candidates, const char *word, unsigned distance) {
    if (distance > candidates->distance)
        return;
    if (distance < candidates->distance)
        candidates->count = 0;
    candidates->distance = distance;
    if (candidates->count < CANDIDATES)
        snprintf(candidates->words[candidates->count++], WORDS_TEXT, "%s", word);
}

// The words of the index that are nearest to WORD, as far as a typo reaches.
static void find_near(struct dataset *dataset, const char *word, struct candidates *candidates) {
    int trigrams[TRIGRAMS_MAX];
    size_t count = trigram_split(word, trigrams);
    unsigned typos = trigram_typos(strlen(word));
    struct buf list cleanup_buf = BUF(16 * TRIGRAMS_MAX);
    candidates->distance = typos;
    for (size_t i = 0; i < count; i++)
        buf_add_format(&list, "%c%d", i ? ',' : '[', trigrams[i]);
    if (count == 0)
        return;
    buf_add_char(&list, ']');
    // A wrong letter spoils three trigrams at most.
    int shared = (int)count - 3 * (int)typos;
    sqlite3_stmt *statement = dataset->lookups[LOOKUP_TRIGRAMS];
    sqlite3_bind_text(statement, 1, buf_text(&list), -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, shared > 1 ? shared : 1);
    for (size_t seen = 0; seen < CANDIDATES_SEEN && sqlite3_step(statement) == SQLITE_ROW; seen++) {
        const char *found = (const char *)sqlite3_column_text(statement, 0);
        if (found && strlen(found) < WORDS_TEXT)
            keep_candidate(candidates, found, str_distance(word, found, typos));
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

// What each word of KEY may be meant as: itself where the index has it. How many words there are, 0
// where one of them is near to none.
static size_t find_candidates(struct dataset *dataset, const char *key,
                              struct candidates candidates[SIMILAR_WORDS]) {
    size_t count = 0;
    for (const char *at = key; *at;) {
        size_t length = strcspn(at, " ");
        if (count == SIMILAR_WORDS || length == 0 || length >= WORDS_TEXT)
            return 0;
        char word[WORDS_TEXT] = "";
        memcpy(word, at, length);
        struct candidates *of_word = &candidates[count++];
        *of_word = (struct candidates){.count = 0};
        if (is_word_there(dataset, word))
            keep_candidate(of_word, word, 0);
        else
            find_near(dataset, word, of_word);
        if (of_word->count == 0)
            return 0;
        at += length + (at[length] == ' ');
    }
    return count;
}

// The NUMBER-th way to choose a candidate for each word, as a key; false behind the last.
static bool mix(const struct candidates *candidates, size_t count, size_t number, struct buf *key) {
    buf_clear(key);
    for (size_t i = 0; i < count; i++) {
        buf_add_format(key, "%s%s", i ? " " : "",
                       candidates[i].words[number % candidates[i].count]);
        number /= candidates[i].count;
    }
    return number == 0;
}

size_t dataset_find_similar(const struct dataset *dataset, const char *key,
                            struct dataset_value *ret_values, size_t max) {
    struct dataset *own = (struct dataset *)dataset;
    struct candidates candidates[SIMILAR_WORDS];
    struct buf mixed cleanup_buf = BUF(SIMILAR_WORDS * WORDS_TEXT);
    size_t found = 0, typos = 0;
    pthread_mutex_lock(&own->mutex);
    own->ticks = 0;
    size_t count = find_candidates(own, key, candidates);
    pthread_mutex_unlock(&own->mutex);
    for (size_t i = 0; i < count; i++)
        typos += candidates[i].distance;
    for (size_t i = 0; count && i < MIXTURES && found < max && mix(candidates, count, i, &mixed);
         i++) {
        size_t more =
            dataset_find_values(dataset, buf_text(&mixed), true, ret_values + found, max - found);
        for (size_t j = 0; j < more; j++)
            ret_values[found++].typos = (unsigned)typos;
    }
    return found;
}
