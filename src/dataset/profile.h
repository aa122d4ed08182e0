// SPDX-License-Identifier: Apache-2.0
//
// What the values of each column are like (schema.h), and the value index by which the planner
// finds the words of a question among them (dataset.h).
#pragma once

#include <sqlite3.h>

#include "dataset/schema.h"

// Adds VALUE of a column to the index under the words of TEXT, once more where they are there.
int profile_add_name(sqlite3 *db, size_t table, size_t column, const char *value, int64_t row_count,
                     const char *text, struct err *err);
// Fills in counts, least and greatest value and samples of every column of every table, and makes
// sandglass_value and sandglass_word. A column of few enough texts is marked as being in them.
int profile_make(sqlite3 *db, struct dataset_schema *schema, struct err *err);
