// SPDX-License-Identifier: Apache-2.0
//
// A number as people write it in a table's cell: with separators of thousands, a currency, a
// percent sign, a unit, "million", or as an ordinal.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_UNIT 24 // bytes of a unit with its NUL; a longer one makes the cell no number

// How digits are parted: 1024.5; 1,024.5; 1.024,5. Spaces and apostrophes part thousands in the
// last two.
enum number_style { NUMBER_PLAIN, NUMBER_GROUPED, NUMBER_COMMA, NUMBER_STYLES };

struct number {
    bool is_integer;
    bool keeps_text; // it loses something as a number: 00123, more digits than an integer has
    bool says_more;  // the written form says more than the value: a unit, "1st", "5 million"
    int64_t integer; // of one that is_integer
    double real;
    char unit[NUMBER_UNIT]; // a currency's ISO code, "%", "km", …; "" for none
};

// The whole of TEXT as a number; 0 or -1.
int number_read(const char *text, size_t length, enum number_style style,
                struct number *ret_number);
// What "million" and its like multiply by, as a power of ten; 0 where TEXT starts with none of
// them. RET_LENGTH is of the word.
int number_scale(const char *text, size_t length, size_t *ret_length);
// The ISO code of a currency by its sign or code, NULL for none.
const char *number_currency(const char *text);
// Whether UNIT is a currency's or "%", which needs no second cell to be believed.
bool number_is_sure_unit(const char *unit);
