// SPDX-License-Identifier: Apache-2.0
//
// How the tables of a data set refer to each other: as dataset.json says, or, where it says nothing
// of tables, as their columns' names and values show.
#pragma once

#include <sqlite3.h>

#include "base/buf.h"
#include "dataset/load.h"

// Sets what the columns refer to, as declared. LOADS are those of SCHEMA's tables, after
// load_infer().
int link_declared(const struct load_table *loads, struct dataset_schema *schema, struct err *err);
// Finds keys and references that nobody declared; the tables are filled and profiled.
int link_found(sqlite3 *db, struct dataset_schema *schema, struct err *err);
// Makes the indexes that joins along the references need; a value without its counterpart is a line
// in PROBLEMS. A declared reference to a column whose values are not unique is ERR_BAD_REQUEST.
int link_index(sqlite3 *db, const struct dataset_schema *schema, struct buf *problems,
               struct err *err);
