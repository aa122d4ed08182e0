// SPDX-License-Identifier: Apache-2.0
//
// The steps that bring a store of any earlier version to the present one.
#pragma once

#include <sqlite3.h>

#include "base/err.h"

// ERR_CORRUPT for a store that a later version of this program made, or a step that fails.
int migrations_run(sqlite3 *connection, struct err *err);
