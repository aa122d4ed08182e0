// SPDX-License-Identifier: Apache-2.0
//
// One SELECT over the data set that vfs_open() was given.
#pragma once

#include "runner/protocol.h"

struct query_stats {
    int64_t vm_steps; // instructions of SQLite's virtual machine
};

// Before lock_enter(): memory accounting on, HEAP_BYTES as SQLite's ceiling. ERR_INTERNAL.
int query_prepare(int64_t heap_bytes, struct err *err);

// Writes a database without tables into FD, for a run that is made to see whether runs can be made.
// ERR_IO.
int query_write_empty(int fd, struct err *err);

struct query_data; // an open database of which the schema is known

// Opens the database that vfs_open() was given and reads its schema, so that this need not be done
// while somebody waits. What goes wrong is kept for query_run() to tell.
struct query_data *query_open_data(void);

// Runs REQUEST over DATA, which is closed with it, and adds `columns`, `rows`, `row_count`,
// `truncated` and `data_sha256` to RESULT. How it ended is returned; for any end but
// OUTCOME_COMPLETED, ERR holds what to tell the user, and RESULT has no rows.
enum outcome query_run(struct query_data *data, const struct run_request *request, json *result,
                       struct query_stats *ret_stats, struct err *err);

// "SQLite 3.46.1"
const char *query_library(void);
