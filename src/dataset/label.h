// SPDX-License-Identifier: Apache-2.0
//
// The column that the rows of a table are known by.
#pragma once

#include "dataset/schema.h"

// The column that alone is the table's primary key, -1 for none.
int dataset_only_key(const struct dataset_table *table);
// Sets each table's label: the best name-like column, else the key, else -1.
void dataset_find_labels(struct dataset_schema *schema);
