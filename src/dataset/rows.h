// SPDX-License-Identifier: Apache-2.0
//
// The rows of a table, whatever its file is written in: CSV and its like (csv.h), JSON lines
// (jsonl.h), or a table of an SQLite file (foreign.h). The first row is the header, unless survey.h
// finds otherwise.
#pragma once

#include "dataset/csv.h"
#include "dataset/foreign.h"
#include "dataset/import.h"

// Where a table comes from.
struct rows_origin {
    const struct dataset_source *source;
    struct foreign *foreign;   // of an SQLite file, with
    const char *table;         // the table in it
    struct dataset_texts keys; // of JSON lines, once they are known; whoever opens them frees it
};

struct rows;

// Starts at the first row. What is read goes into HASH, where it is not NULL and the origin is no
// SQLite file. Errors as csv_open().
int rows_open(struct rows_origin *origin, struct hash *hash, struct rows **ret_rows,
              struct err *err);
void rows_close(struct rows *rows);
MEM_CLEANUP(struct rows *, rows_close);
// 1 with the next row, which lives until the one after, or 0 at the end; errors as csv_next().
int rows_next(struct rows *rows, struct csv_row *ret_row, struct err *err);
// Whether its commas are decimal ones, as the cells are parted otherwise.
bool rows_has_decimal_comma(const struct rows *rows);
struct csv_mended rows_mended(const struct rows *rows, enum csv_mending which);
// Whether the file is of a kind that says itself what is a header: then there is no doubt about it.
bool rows_has_sure_header(const struct rows_origin *origin);

// A row that outlives its reader's next.
struct rows_held {
    char *text;
    size_t room;
    struct csv_cell *cells;
    size_t cell_room;
    struct csv_row row; // count 0: none is held
};

void rows_hold(struct rows_held *held, const struct csv_row *row);
void rows_held_done(struct rows_held *held);
