// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the store share: one store in the test's own folder, and a way past it.
#pragma once

#include "store/store.h"

struct store *store_fixture_open(void);
// Runs SQL on the store's file over a connection of its own. How many rows the last statement
// changed.
int store_fixture_execute(const char *sql);
