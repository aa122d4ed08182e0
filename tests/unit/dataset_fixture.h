// SPDX-License-Identifier: Apache-2.0
//
// For the tests of src/dataset: a folder of table files, imported, and asked with SQL.
#pragma once

#include <sqlite3.h>

#include "dataset/dataset.h"

// Writes LENGTH bytes to NAME in check_folder().
void fixture_bytes(const char *name, const void *bytes, size_t length);
void fixture_file(const char *name, const char *text);
// Imports check_folder() into check_folder()/built/data.sqlite. PROBLEMS, and the error's message
// and hint, are kept.
int fixture_import(void);
const char *fixture_problems(void);
const char *fixture_message(void);
const char *fixture_hint(void);
// What was imported, opened; the same until the test ends.
const struct dataset *fixture_dataset(void);
const struct dataset_table *fixture_table(size_t table);
// The column of that name in the first table.
const struct dataset_column *fixture_column(const char *name);
// The rows that SQL gives: cells parted by "|", rows by a line break, NULL as "NULL". Lives until
// the next call.
const char *fixture_rows(const char *sql);
// Imports TEXT as t.csv; its rows, or the message of why not.
const char *fixture_csv(const char *text);
