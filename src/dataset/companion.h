// SPDX-License-Identifier: Apache-2.0
//
// Companion columns: what a column's cells have that its own values do not show. A typed column
// whose cells say more than their value ("$1,234", "March 15, 1990") has one with the cells as
// written; a column of texts of which some hold numbers or dates has one for each kind. They stand
// behind the file's own columns in the SQLite table, and are never listed to people.
#pragma once

#include "dataset/load.h"

// Appends the companions of LOAD's columns to its table; the own columns are there.
void companion_make(struct load_table *load);
// The value of the companion that is DERIVED_AS of COLUMN, for the cell TEXT. RET_VALUE->text lives
// as long as TEXT and RET_VALUE.
void companion_read(const struct load_column *column, enum dataset_derivation derived_as,
                    const char *text, size_t length, struct cell_value *ret_value);
