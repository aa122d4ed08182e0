// SPDX-License-Identifier: Apache-2.0
//
// Which SQL may run: reading the data set's own tables with known functions, and nothing else.
// SQLite asks for each thing that a statement would do while it compiles it
// (sqlite.org/c3ref/set_authorizer.html).
#pragma once

#include <sqlite3.h>

struct authorizer {
    char refusal[200]; // what was refused first, "" while nothing was
};

// Puts CONNECTION under it; AUTHORIZER outlives the connection.
void authorizer_install(struct authorizer *authorizer, sqlite3 *connection);
