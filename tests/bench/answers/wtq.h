// SPDX-License-Identifier: Apache-2.0
//
// WikiTableQuestions as files: the questions of a TSV, each with its table and the values that
// answer it, and when two values are the same: as numbers, as dates, else as texts without regard
// to case, diacritics, quotation marks, citations and punctuation at the end.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WTQ_VALUES 64

struct wtq_question {
    char *id, *text, *table; // "204-csv/772"
    char *targets[WTQ_VALUES];
    size_t target_count;
};

struct wtq {
    struct wtq_question *questions;
    size_t count;
};

// Ends the program where the file cannot be read.
struct wtq *wtq_read(const char *path);
void wtq_free(struct wtq *wtq);

#define WTQ_CANONICAL 512
// TEXT in its one spelling, into OUT: "n 1024", "d 2013-05-01", "t some text".
void wtq_canonical(const char *text, char out[WTQ_CANONICAL]);
void wtq_canonical_number(double number, char out[WTQ_CANONICAL]);
