// SPDX-License-Identifier: Apache-2.0
//
// The words that are searched for, and which of them a text has: anywhere in it, in upper or lower
// case.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SEARCH_WORDS 32 // a bit each

struct search {
    char *words[SEARCH_WORDS]; // folded, none twice
    size_t count;
    struct buf text; // the folded text that is looked at
};

// The words of QUERY; none where it is blank. ERR_BAD_REQUEST for too many, or for bytes that are
// no UTF-8.
int search_parse(const char *query, struct search *ret_search, struct err *err);
void search_done(struct search *search);
// Which of the words WANTED, a bit each, TEXT has.
uint32_t search_words(struct search *search, uint32_t wanted, const char *text);
// The bits of all words.
uint32_t search_all(const struct search *search);
