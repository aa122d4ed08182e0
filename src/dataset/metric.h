// SPDX-License-Identifier: Apache-2.0
//
// The metrics of dataset.json: named expressions over the columns of one table, which become part
// of SQL later.
#pragma once

#include <sqlite3.h>

#include "dataset/description.h"

// Whether METRIC is one expression that gives a number for every row of TABLE, and nothing more: no
// subquery, no other table, no aggregate, no parameter, no second statement. The table is filled.
// ERR_BAD_REQUEST with the metric's name.
int metric_check(sqlite3 *db, const struct description_metric *metric,
                 const struct dataset_table *table, struct err *err);
