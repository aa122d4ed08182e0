// SPDX-License-Identifier: Apache-2.0
//
// Reads a CSV or TSV file (RFC 4180 and what people make of it) row by row from a descriptor, with
// memory for one row.
//
// Taken as they come: a byte order mark, CRLF, LF or CR, quoted cells over several lines, doubled
// quotes, or quotes escaped by a backslash where the file proves that it does so, one of `,` `;`
// tab `|` between cells, a last line without its end. Cells come without the white space around
// them. Rows without any text are skipped. Bytes that are no UTF-8 are read as Windows-1252, NUL
// bytes are dropped; both are counted.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

struct csv_cell {
    const char *text; // UTF-8, NUL behind it
    size_t length;
};

struct csv_row {
    struct csv_cell *cells; // the reader's, until the next row is asked for
    size_t count;           // at most LIMIT_COLUMNS
    bool has_more;          // text in a cell beyond LIMIT_COLUMNS
    int64_t line;           // where it starts, from 1
};

// Things that were mended, for one line of problems each.
struct csv_mended {
    int64_t count, first_line;
};

enum csv_mending {
    CSV_BYTES,      // cells with bytes that are no UTF-8, or NUL
    CSV_QUOTES,     // cells with text behind their closing quote
    CSV_BLANK_ROWS, // rows with delimiters only
    CSV_ROUNDED,    // numbers of JSON lines with more digits than were kept
    CSV_BLOBS,      // cells of an SQLite file with bytes instead of text
    CSV_MENDINGS,
};

struct csv_reader;

// Starts at the first row of the file behind FD; FILE names it in errors. What is read goes into
// HASH too, where it is not NULL. ERR_BAD_REQUEST where it is no text (UTF-16, a spreadsheet),
// ERR_IO.
int csv_open(int fd, const char *file, struct hash *hash, struct csv_reader **ret_reader,
             struct err *err);
void csv_close(struct csv_reader *reader);
MEM_CLEANUP(struct csv_reader *, csv_close);

// 1 with the next row, 0 at the end of the file. ERR_BAD_REQUEST (a quote that is never closed),
// ERR_TOO_LARGE (a cell, a row or the file), ERR_IO; the message has file and line.
int csv_next(struct csv_reader *reader, struct csv_row *ret_row, struct err *err);
// What stands between cells.
char csv_delimiter(const struct csv_reader *reader);
struct csv_mended csv_mended(const struct csv_reader *reader, enum csv_mending which);
