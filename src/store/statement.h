// SPDX-License-Identifier: Apache-2.0
//
// What the files of this folder share: the one connection, and statements on it. All of it is
// called with the store locked.
#pragma once

#include <pthread.h>
#include <sqlite3.h>

#include "store/store.h"

struct store {
    sqlite3 *connection;
    char *path;
    int lock_fd;
    pthread_mutex_t mutex;
};

void statement_lock(struct store *store);
void statement_unlock(struct store **store);
// Locks the store until the end of the scope.
#define LOCKED(store)                                                                              \
    struct store *locked_store cleanup(statement_unlock) = (statement_lock(store), store);         \
    (void)locked_store

// What SQLite complains of, in words. ERR_IO, ERR_CORRUPT.
int statement_fail(struct store *store, struct err *err);
// Prepares SQL and binds what KINDS says of the arguments: t a text (NULL is null), i an int64_t.
int statement_prepare(struct store *store, sqlite3_stmt **ret_statement, struct err *err,
                      const char *sql, const char *kinds, ...);
// Steps once and is done with the statement.
int statement_finish(struct store *store, sqlite3_stmt *statement, struct err *err);
int statement_execute(struct store *store, const char *sql, struct err *err);
// Ends a transaction that STATUS tells how it went; a rollback cannot fail in a way that matters.
int statement_commit(struct store *store, int status, struct err *err);
// The JSON in COLUMN, NULL where there is none; the caller frees it.
json *statement_json(sqlite3_stmt *statement, int column);

// Takes pins away that can no longer be restored; whether there were any is in RET_SWEPT.
int statement_sweep_pins(struct store *store, bool *ret_swept, struct err *err);
// Appends the turns of CONVERSATION, the oldest first, to TURNS.
int statement_turns(struct store *store, const char *conversation, json *turns, struct err *err);
