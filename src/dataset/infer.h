// SPDX-License-Identifier: Apache-2.0
//
// The type of a column from all of its cells. A type is only found where every cell that has a
// value fits it: one exception makes the column text, so that nothing is lost. What an author says
// of the type wins over what is found; it then only remains to be found how numbers and dates are
// written. Of a column of texts it is found what can be reckoned with inside them (inside.h).
#pragma once

#include "dataset/cell.h"
#include "dataset/inside.h"

#define INFER_SEPARATORS 4

struct infer_column {
    int64_t value_count;     // that are no spelling of nothing
    int64_t text_count;      // all but the empty: what a column of texts has
    int64_t fits[CELL_FITS]; // how many values have each bit of cell_fits()
    bool is_text;            // some value is nothing but text
    char unit[NUMBER_UNIT];  // what the numbers are counted in, and whether not always the same
    bool has_mixed_units;
    // What is inside the texts; where a cell is a number or date as a whole, it counts as having
    // one inside.
    int64_t numbers, seconds, times, scores, durations;
    int64_t whole_dates, part_dates, day_first_dates, years;
    int64_t lists[INFER_SEPARATORS];
};

void infer_cell(struct infer_column *column, const char *text, size_t length);
// DECLARED is a type or -1. HAS_DECIMAL_COMMA: a comma in a number is a decimal one, not one that
// groups digits.
struct cell_format infer_format(const struct infer_column *column, int declared,
                                bool has_decimal_comma);
// Whether the dates that FORMAT reads could as well be meant with day and month swapped.
bool infer_is_order_guessed(const struct infer_column *column, const struct cell_format *format);
// The unit that the cells of a column of numbers carry: "USD", "%", "km", "s" for durations, or "".
const char *infer_unit(const struct infer_column *column, const struct cell_format *format);
// Whether the values of FORMAT show less than what stands in the cells.
bool infer_says_more(const struct infer_column *column, const struct cell_format *format);

// What the texts of a column have inside, where enough of them do.
struct infer_inside {
    bool has_numbers, has_seconds, has_dates;
    bool years_are_dates; // "1998" beside "September 1998"
    struct inside_style style;
    char separator; // of the things that they list, '\0' for none
};

struct infer_inside infer_inside(const struct infer_column *column);
