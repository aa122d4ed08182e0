// SPDX-License-Identifier: Apache-2.0
//
// Comparing an answer with what a data set's author vouches for.
#pragma once

#include "base/json.h"

// Whether RESULT (the runner's) begins with EXPECT's rows and has its row_count and columns.
// Numbers may differ by one part in a million. ERR_CONFLICT: the message says what is different,
// and where.
int expect_match(const json *expect, const json *result, struct err *err);
