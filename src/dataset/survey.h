// SPDX-License-Identifier: Apache-2.0
//
// The first pass over a table's file: where its header is, what its columns are called there, and
// what their cells can be read as.
#pragma once

#include "dataset/load.h"
#include "dataset/rows.h"

// Finds out where the header is. A line of PROBLEMS says what is unusual about it.
int survey_head(struct load_table *load, struct buf *problems, struct err *err);
// Reads on to the first row behind the header, in either pass. RET_HEADER is the header's row, with
// count 0 where there is none.
int survey_skip_head(const struct load_table *load, struct rows *rows, struct csv_row *ret_header,
                     struct err *err);
// Takes the headers and looks at every cell.
int survey_rows(struct load_table *load, struct rows *rows, struct err *err);
// Whether a row cannot be kept: it has text in more columns than a table can have. Both passes ask.
static inline bool survey_is_left_out(const struct csv_row *row) { return row->has_more; }
