// SPDX-License-Identifier: Apache-2.0
//
// The distinct values of a column in order, each with its number of rows: what GROUP BY with ORDER
// BY gives, faster, as long as they fit into memory.
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "dataset/schema.h"

struct tally_value {
    enum { TALLY_NULL, TALLY_INTEGER, TALLY_REAL, TALLY_TEXT } kind;
    int64_t integer;
    double real;
    const char *text; // with a NUL behind it; until the visit ends
    size_t length;
    int64_t row_count;
};

typedef void tally_visit(const struct tally_value *value, void *context);

// Visits NULL first where there is one, then the values in SQLite's order. What takes more than
// MAX_BYTES is sorted by SQLite.
int tally_column(sqlite3 *db, const struct dataset_table *table,
                 const struct dataset_column *column, size_t max_bytes, tally_visit *visit,
                 void *context, struct err *err);
