// SPDX-License-Identifier: Apache-2.0
//
// A result as a table on a terminal.
#pragma once

#include "base/json.h"

// Prints the runner's RESULT ({"columns", "rows", …}) to standard output: numbers to the right, a
// rule under the heads, long cells cut.
void table_print(const json *result);
