// SPDX-License-Identifier: Apache-2.0
//
// Whether the last row of a table is no row like the others but their sum.
#pragma once

#include <sqlite3.h>

#include "dataset/schema.h"

#define TOTAL_LABEL_COLUMNS 5 // the label stands in one of the first columns
#define TOTAL_ROWS_MIN 3      // two rows and their sum

// Whether a cell that says TEXT labels a sum.
bool total_is_label(const char *text);
// Sets TABLE's total_row. The table is filled.
int total_find(sqlite3 *db, struct dataset_table *table, struct err *err);
