// SPDX-License-Identifier: Apache-2.0
//
// One table file into one table, in two passes over the file so that memory stays that of a row:
// load_infer() finds names and types, load_create() makes the table, load_fill() reads the file
// again and inserts its rows.
#pragma once

#include <sqlite3.h>

#include "base/buf.h"
#include "base/hash.h"
#include "dataset/description.h"
#include "dataset/infer.h"
#include "dataset/rows.h"

struct load_column {                            // of the file
    char *header;                               // as it stands
    char *label;                                // without footnote marks
    const struct description_column *described; // or NULL
    struct infer_column inferred;
    struct cell_format format;
    struct infer_inside inside;          // of a column of texts
    bool has_total_text;                 // the label of a total stands in a column of other types
    int column;                          // in the table, or -1: left out
    int companions[DATASET_DERIVATIONS]; // in the table, or -1
};

struct load_table {
    struct rows_origin origin;
    const struct description_table *described; // or NULL
    struct dataset_table *table;               // its place in the schema, which owns it
    struct load_column *columns;
    size_t column_count, header_count; // more columns than headers: some rows are longer
    size_t preamble_rows;              // before the header, or before the first row without one
    bool has_header;
    int64_t row_count;        // of the file, without those that are left out
    int64_t total_row;        // the last row where it is labelled as a sum, else 0
    char hash[HASH_HEX_SIZE]; // of the file
};

// Fills LOAD's columns and its table in the schema. PROBLEMS takes a line for each thing that was
// mended, or is NULL.
int load_infer(struct load_table *load, struct buf *problems, struct err *err);
// Makes the table, with key and references to other tables of SCHEMA.
int load_create(sqlite3 *db, const struct dataset_schema *schema, const struct load_table *load,
                struct err *err);
int load_fill(sqlite3 *db, struct load_table *load, struct buf *problems, struct err *err);
void load_done(struct load_table *load);

// What SQLite says went wrong while an import builds its file, as an error.
int load_failure(sqlite3 *db, struct err *err);
// Runs SQL that has no result.
int load_run(sqlite3 *db, const char *sql, struct err *err);
void load_finalize(sqlite3_stmt *statement);
MEM_CLEANUP(sqlite3_stmt *, load_finalize);
int load_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement, struct err *err);
// Adds a line to PROBLEMS, which may be NULL.
void load_problem(struct buf *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
