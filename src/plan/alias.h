// SPDX-License-Identifier: Apache-2.0
//
// The names that tables, columns and metrics go by: each title, name and synonym is an alias, split
// into words once.
#pragma once

#include "plan/question.h"

struct alias {
    struct word words[10];
    size_t count;
    size_t content; // words that are no "of", "the", "in"
    size_t head;    // the word that says what it is: "cost" of "repair cost", "phase" of "phase of
                    // flight"
};

void alias_read(const char *text, struct alias *ret_alias);
bool alias_is_small_word(const char *text);

// First letters of words, so that most aliases of a large schema need not even be looked at.
struct alias_prefixes {
    uint8_t bits[4096 / 8];
    const char *unit_kind; // columns with such a unit are visited all the same; NULL for none
};

void alias_prefixes_of(const struct question *question, struct alias_prefixes *ret_prefixes);
// Adds the words of LIST, which are joined by single spaces.
void alias_prefixes_add(struct alias_prefixes *prefixes, const char *list);

// Calls VISIT for each alias of each column that may be planned with, of each metric, and of each
// table (COLUMN has then neither column nor metric), that has a word with one of PREFIXES. Of the
// alias's words, only text and stem are there.
typedef void alias_visitor(struct question *question, struct plan_column column,
                           const struct alias *alias, void *context);
void alias_visit(struct question *question, const struct alias_prefixes *prefixes,
                 alias_visitor *visit, void *context);

// Calls VISIT for each word of each alias; the same word may come more than once.
void alias_visit_words(const struct alias_index *index, void (*visit)(const char *, void *),
                       void *context);

// The aliases of a data set, which are made for the first question about it. Any thread may call.
const struct alias_index *alias_index_of(const struct dataset *dataset);
