// SPDX-License-Identifier: Apache-2.0
//
// How text is compared: by words, without regard to case, diacritics, punctuation and English
// inflection. The value index and the planner both go through here, so that what one stored the
// other finds.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define WORDS_TEXT 48 // bytes of one normalised word, with its NUL; longer ones are cut

struct word {
    char text[WORDS_TEXT]; // lower case, diacritics folded: "geese", "sao"
    char stem[WORDS_TEXT]; // of an English inflection: "goose", "strike" for "strikes", "cost" for
                           // "costs"
    size_t start, length;  // where it stands in the original, in bytes
    bool is_number;        // digits, with separators and a decimal point: "1,024", "12.5"
    double number;
    bool is_quoted; // stands inside quotation marks
};

// Splits TEXT (UTF-8) into at most MAX words; how many there are in RET_WORDS. Letters and digits
// part where a column name would: "FlightDate" and "flight_date" are two words, so are "12mm" and
// "sales2013"; "2nd", "737" and "A320" are one. This is for names.
size_t words_split(const char *text, struct word *ret_words, size_t max);
// As words_split(), but a capital inside a word does not part it ("McDonald" is one word), so that
// case never matters. This is for what people write: questions, and values (words_key() goes by
// it).
size_t words_split_prose(const char *text, struct word *ret_words, size_t max);
// The stem of one lower-case word.
void words_stem(const char *word, char ret_stem[WORDS_TEXT]);
// TEXT's stems joined by single spaces: what the value index is keyed by. "" for a text without
// words.
void words_key(const char *text, struct buf *buf);
