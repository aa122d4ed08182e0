// SPDX-License-Identifier: Apache-2.0
//
// Whether the last row of a table is no row like the others but their sum.
#pragma once

#include <sqlite3.h>

#include "dataset/schema.h"

// Sets TABLE's total_row. The table is filled.
int total_find(sqlite3 *db, struct dataset_table *table, struct err *err);
