// SPDX-License-Identifier: Apache-2.0
//
// See statement.h.
#include "store/statement.h"

#include <stdarg.h>

int statement_fail(struct store *store, struct err *err) {
    int code = sqlite3_errcode(store->connection) & 0xFF;
    if (code == SQLITE_FULL) {
        err_set(err, ERR_IO, "nothing more can be stored: the disk with %s is full", store->path);
        return err_hint(err, "Free some room; nothing stored before is lost.");
    }
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return err_set(err, ERR_CORRUPT, "%s is damaged (%s)", store->path,
                       sqlite3_errmsg(store->connection));
    return err_set(err, ERR_IO, "cannot use %s (%s)", store->path,
                   sqlite3_errmsg(store->connection));
}

// Prepares SQL and binds what KINDS says of the arguments: t a text (NULL is null), i an int64_t.
int statement_prepare(struct store *store, sqlite3_stmt **ret_statement, struct err *err,
                      const char *sql, const char *kinds, ...) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(store->connection, sql, -1, &statement, NULL) != SQLITE_OK)
        return statement_fail(store, err);
    va_list arguments;
    va_start(arguments, kinds);
    for (int i = 0; kinds[i]; i++) {
        if (kinds[i] == 't')
            sqlite3_bind_text(statement, i + 1, va_arg(arguments, const char *), -1,
                              SQLITE_TRANSIENT);
        else
            sqlite3_bind_int64(statement, i + 1, va_arg(arguments, int64_t));
    }
    va_end(arguments);
    *ret_statement = statement;
    return 0;
}

// Steps once and is done with the statement.
int statement_finish(struct store *store, sqlite3_stmt *statement, struct err *err) {
    int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : statement_fail(store, err);
}

int statement_execute(struct store *store, const char *sql, struct err *err) {
    return sqlite3_exec(store->connection, sql, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : statement_fail(store, err);
}

// Ends a transaction that STATUS tells how it went; a rollback cannot fail in a way that matters.
int statement_commit(struct store *store, int status, struct err *err) {
    if (status == 0)
        status = statement_execute(store, "COMMIT", err);
    if (status)
        sqlite3_exec(store->connection, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

json *statement_json(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    json *value = NULL;
    struct err ignored;
    if (text)
        json_parse(text, (size_t)sqlite3_column_bytes(statement, column), &value, &ignored);
    return value;
}

void statement_lock(struct store *store) { pthread_mutex_lock(&store->mutex); }
void statement_unlock(struct store **store) { pthread_mutex_unlock(&(*store)->mutex); }
