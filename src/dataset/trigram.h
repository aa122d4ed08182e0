// SPDX-License-Identifier: Apache-2.0
//
// Words by the three-byte pieces that they are made of, so that a mistyped word finds those it is
// near to: a typo changes few of a word's pieces.
#pragma once

#include <sqlite3.h>
#include <stddef.h>

#include "base/err.h"
#include "dataset/words.h"

#define TRIGRAM_WORD_MIN 4 // bytes; shorter words are near to too many
#define TRIGRAMS_MAX (WORDS_TEXT + 1)

// The pieces of WORD with marks for its start and end, each as a number; how many there are. None
// for words that are too short, too long, or start with a digit: numbers are never corrected.
size_t trigram_split(const char *word, int ret_trigrams[TRIGRAMS_MAX]);
// How many letters of a word of so many may be wrong.
unsigned trigram_typos(size_t length);
// Makes sandglass_trigram from the words of the value index.
int trigram_index(sqlite3 *db, struct err *err);
