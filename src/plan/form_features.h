// SPDX-License-Identifier: Apache-2.0
//
// What speaks for and against a form. A form has predicates: small facts such as "counts rows" or
// "shows a column whose whole title the question says". Each has a weight of its own, and many have
// one more for each word and each pair of words of the question ("counts rows", "how many"). What a
// predicate adds to a score is the sum of these, which is reckoned once for a question, however
// many forms share it.
#pragma once

#include "plan/form.h"

#define FEATURE_PREDICATES 4096 // different ones of one question
#define FEATURE_OF_FORM 160     // of one form
#define FEATURE_OF_ANSWER 16    // that its answer adds
#define FEATURE_GRAMS 256       // words and pairs of words of one question

struct feature_predicate {
    uint32_t hash;
    bool is_crossed; // with the words of the question
};

// What the question asks for, read off its words alone.
struct feature_asked {
    int wh;          // the word that it asks with: its place, -1 for none
    int noun;        // the first word behind that may be a noun, -1 for none
    uint32_t hash;   // of both
    uint32_t column; // what kind of column bears the noun's name
    int superlative, shift;
    uint64_t ors, ands; // where these words stand
};

// What is known of a column beside the question.
struct feature_column {
    uint32_t type, match, titles[4], adjective[2]; // for the least and the most of it
    size_t title_count;
};

struct feature_set {
    const struct form_set *forms;
    struct feature_asked asked;
    struct feature_column columns[FORM_COLUMNS];
    uint32_t tokens[FORM_TOKENS]; // hashes of the stems; numbers are alike
    // The predicates of the rows that were met last: most forms share theirs with their neighbours.
    int last_rows;
    uint16_t last[FEATURE_OF_FORM];
    size_t last_count;
    uint64_t last_used;
    uint32_t grams[FEATURE_GRAMS];
    size_t gram_count;
    struct feature_predicate predicates[FEATURE_PREDICATES];
    size_t predicate_count;
    uint16_t slots[2 * FEATURE_PREDICATES]; // a hash table over them
};

// What is known of a form's answer once it was run.
struct feature_answer {
    enum { ANSWER_NOTHING, ANSWER_CELLS, ANSWER_NUMBER, ANSWER_TRUTH } kind;
    size_t count; // different cells
    double number;
    bool is_in_question; // the question says every cell of it
};

// Whether the question mentions a value of that text.
bool features_is_said(const struct form_set *forms, const char *text);
void features_init(struct feature_set *features, const struct form_set *forms);
// The predicates of a form, as indexes into FEATURES; how many. RET_USED (may be NULL) are the
// words of the question that the form accounts for.
size_t features_of(struct feature_set *features, const struct form *form,
                   uint16_t ret_predicates[FEATURE_OF_FORM], uint64_t *ret_used);
// Those that its answer adds.
size_t features_of_answer(struct feature_set *features, const struct form *form,
                          const struct feature_answer *answer,
                          uint16_t ret_predicates[FEATURE_OF_ANSWER]);
// The feature of a predicate alone, and with one of the question's grams.
static inline uint32_t feature_hash(uint32_t predicate, uint32_t gram) {
    uint32_t hash = predicate * 0x9E3779B1u ^ (gram + 0x7F4A7C15u) * 0x85EBCA6Bu;
    hash ^= hash >> 15;
    hash *= 0x2C1B3C6Du;
    return hash ^ hash >> 13;
}
