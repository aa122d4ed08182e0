// SPDX-License-Identifier: Apache-2.0
//
// Questions as the learner sees them: the forms of each, their predicates, and which forms come to
// the right answer.
#pragma once

#include "plan/form_features.h"
#include "tests/unit/form_memory.h"
#include "wtq.h"

struct example {
    const struct wtq_question *question;
    uint32_t *grams;
    struct feature_predicate *predicates;
    uint16_t *form_predicates; // of all forms, one after the other
    uint32_t *form_begins;     // one more than forms
    bool *is_right;
    size_t gram_count, predicate_count, form_count, right_count;
    bool is_held_out;
};

struct examples {
    struct wtq *wtq;
    struct example *examples;
    size_t count;
};

// All questions of FILE.
struct examples *examples_read(const char *folder, const char *cache, const char *file);
void examples_free(struct examples *examples);
// The table of that name as a data set, imported into CACHE where it is not yet there; NULL where
// it cannot be.
struct dataset *examples_open(const char *folder, const char *cache, const char *name);
// Tables are parted, not questions: a fifth of them is held out.
bool examples_is_held_out(const char *table);
