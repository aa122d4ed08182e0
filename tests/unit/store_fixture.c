// SPDX-License-Identifier: Apache-2.0
//
// See store_fixture.h.
#include "tests/unit/store_fixture.h"

#include <sqlite3.h>

#include "base/path.h"
#include "tests/unit/check.h"

struct store *store_fixture_open(void) {
    struct store *store = NULL;
    struct err err = {0};
    CHECK_OK(store_open(check_folder(), &store, &err), err);
    return store;
}

int store_fixture_execute(const char *sql) {
    sqlite3 *connection;
    cleanup_free char *path = path_join(check_folder(), STORE_FILE);
    CHECK_INT(sqlite3_open(path, &connection), SQLITE_OK);
    CHECK_INT(sqlite3_exec(connection, sql, NULL, NULL, NULL), SQLITE_OK);
    int changes = sqlite3_changes(connection);
    sqlite3_close(connection);
    return changes;
}
