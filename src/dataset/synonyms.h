// SPDX-License-Identifier: Apache-2.0
//
// The other names that dataset.json gives to values, in the value index.
#pragma once

#include <sqlite3.h>

#include "base/buf.h"
#include "dataset/load.h"

// Adds them for the columns of LOAD's table, which is TABLE of the schema. A value that is not in
// the table is a line of PROBLEMS.
int synonyms_index(sqlite3 *db, const struct load_table *load, size_t table, struct buf *problems,
                   struct err *err);
