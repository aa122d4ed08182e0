// SPDX-License-Identifier: Apache-2.0
//
// The rows of a table's file, whatever it is written in. The first row is the header, unless
// survey.h finds otherwise.
#pragma once

#include "dataset/csv.h"
#include "dataset/import.h"

struct rows;

// Starts at the first row. What is read goes into HASH, where it is not NULL. Errors as csv_open().
int rows_open(const struct dataset_source *source, struct hash *hash, struct rows **ret_rows,
              struct err *err);
void rows_close(struct rows *rows);
MEM_CLEANUP(struct rows *, rows_close);
// 1 with the next row, which lives until the one after, or 0 at the end; errors as csv_next().
int rows_next(struct rows *rows, struct csv_row *ret_row, struct err *err);
// Whether its commas are decimal ones, as the cells are parted otherwise.
bool rows_has_decimal_comma(const struct rows *rows);
// Whether the file is of a kind that says itself what is a header: then there is no doubt about it.
bool rows_has_sure_header(const struct rows *rows);
struct csv_mended rows_mended(const struct rows *rows, enum csv_mending which);

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
