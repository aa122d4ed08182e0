// SPDX-License-Identifier: Apache-2.0
//
// What the sandbox tests share: a small data set, and a look at which processes there are.
#pragma once

#include "sandbox/sandbox.h"

// A folder with a data set named "demo" of one table, t (a INTEGER, b TEXT, d DATE), with three
// rows.
const char *fixture_data(void);
// How many processes have TEXT in their command line; a data folder's path is in those of its
// runners only.
int fixture_count_processes(const char *text);
// Whether that becomes 0 within two seconds.
int fixture_is_gone(const char *text);
