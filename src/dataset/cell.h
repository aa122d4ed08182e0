// SPDX-License-Identifier: Apache-2.0
//
// One cell's text: what it can be read as, and its value once its column's format is known. The
// footnote marks at its end are no part of either.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataset/date.h"
#include "dataset/number.h"
#include "dataset/schema.h"

// What a text can be read as, as bits. A whole number has the bit of the integer and of the real.
enum cell_fit {
    CELL_INTEGER = 1 << 0,         // -12
    CELL_REAL = 1 << 1,            // 12.5, 1e-3
    CELL_GROUPED_INTEGER = 1 << 2, // 1,024
    CELL_GROUPED_REAL = 1 << 3,    // 1,024.5
    CELL_COMMA_INTEGER = 1 << 4,   // 1.024
    CELL_COMMA_REAL = 1 << 5,      // 1.024,5
    CELL_TRUE_FALSE = 1 << 6,
    CELL_YES_NO = 1 << 7,
    CELL_T = 1 << 8,
    CELL_F = 1 << 9,
    CELL_MONTH_FIRST = 1 << 10, // a date, where 1/2 is in January
    CELL_DAY_FIRST = 1 << 11,   // a date, where 1/2 is in February
    CELL_DURATION = 1 << 12,    // 3:25, 3h 20m, 90 min
    // Notes on these, not readings of their own.
    CELL_KEEPS_TEXT =
        1 << 13, // a number that loses something as one: 00123, more digits than an integer has
    CELL_HAS_TIME = 1 << 14,         // a date with a time of day
    CELL_DEPENDS_ON_ORDER = 1 << 15, // with day and month swapped it is another day
    CELL_HAS_COLONS = 1 << 16,       // a duration written with colons
    CELL_MAY_BE_CLOCK = 1 << 17,     // a duration that could as well be a time of day
    CELL_SAYS_MORE = 1 << 18,        // its value alone does not show how it was written
    CELL_CLOCK = 1 << 19,            // 9:30 pm: a time of day, and nothing else
};
#define CELL_FITS 20

enum cell_null {
    CELL_VALUE,
    CELL_NULL_UNLESS_TEXT, // "-", "NA": nothing among numbers, but perhaps something among texts
    CELL_NULL,             // "", "NULL", "N/A"
};

// How the cells of a column are read.
struct cell_format {
    enum dataset_type type;
    enum number_style numbers;
    bool day_first;
    bool is_duration; // real numbers of seconds
};

struct cell_value {
    enum { CELL_IS_NULL, CELL_IS_INTEGER, CELL_IS_REAL, CELL_IS_TEXT } kind;
    int64_t integer;
    double real;
    const char *text; // the cell's own, or `date`
    size_t length;
    char date[DATE_SIZE];
};

enum cell_null cell_null(const char *text, size_t length);
// The bits of what TEXT can be read as. RET_UNIT is what a number is counted in ("USD", "%", "km"),
// or "".
unsigned cell_fits(const char *text, size_t length, char ret_unit[NUMBER_UNIT]);
// Reads TEXT by FORMAT. RET_VALUE->text lives as long as TEXT and RET_VALUE. -1 where it does not
// fit.
int cell_read(const struct cell_format *format, const char *text, size_t length,
              struct cell_value *ret_value);
