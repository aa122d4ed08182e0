// SPDX-License-Identifier: Apache-2.0
//
// Somebody else's SQLite file as a source of tables. It may be hostile: it is opened from memory,
// read-only, with nothing of its schema trusted but plain tables, and only inside the sandbox of an
// import.
#pragma once

#include "dataset/csv.h"
#include "dataset/import.h"

struct foreign;
struct foreign_reader;

// Whether the file behind SOURCE starts as SQLite files do.
bool foreign_is_sqlite(const struct dataset_source *source);
// Reads all of the file. ERR_BAD_REQUEST where it is damaged or has no table, ERR_TOO_LARGE,
// ERR_IO.
int foreign_open(const struct dataset_source *source, struct foreign **ret_foreign,
                 struct err *err);
void foreign_close(struct foreign *foreign);
MEM_CLEANUP(struct foreign *, foreign_close);
// The names of its tables, in the order of the file.
const struct dataset_texts *foreign_tables(const struct foreign *foreign);
// SHA-256 of the file.
const char *foreign_hash(const struct foreign *foreign);

// The rows of TABLE; first the names of its columns.
int foreign_read(struct foreign *foreign, const char *table, struct foreign_reader **ret_reader,
                 struct err *err);
void foreign_reader_close(struct foreign_reader *reader);
MEM_CLEANUP(struct foreign_reader *, foreign_reader_close);
int foreign_next(struct foreign_reader *reader, struct csv_row *ret_row, struct err *err);
// Cells of bytes that are no text, which are left empty.
struct csv_mended foreign_blobs(const struct foreign_reader *reader);
