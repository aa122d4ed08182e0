// SPDX-License-Identifier: Apache-2.0
//
// The type of a column from all of its cells. A type is only found where every cell that has a
// value fits it: one exception makes the column text, so that nothing is lost. What an author says
// of the type wins over what is found; it then only remains to be found how numbers and dates are
// written.
#pragma once

#include "dataset/cell.h"

struct infer_column {
    int64_t value_count;
    int64_t fits[CELL_FITS]; // how many values have each bit of cell_fits()
    bool is_text;            // some value is nothing but text
    char symbol;             // what stands beside the numbers, and whether not always the same does
    bool has_mixed_symbols;
};

void infer_cell(struct infer_column *column, const char *text, size_t length);
// DECLARED is a type or -1. HAS_DECIMAL_COMMA: a comma in a number is a decimal one, not one that
// groups digits.
struct cell_format infer_format(const struct infer_column *column, int declared,
                                bool has_decimal_comma);
// Whether the dates that FORMAT reads could as well be meant with day and month swapped.
bool infer_is_order_guessed(const struct infer_column *column, const struct cell_format *format);
// The unit that the cells of a column of numbers carry: "USD", "%", or "".
const char *infer_unit(const struct infer_column *column, const struct cell_format *format);
