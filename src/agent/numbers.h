// SPDX-License-Identifier: Apache-2.0
//
// Whether the numbers of a sentence are proven: each occurs in a result or follows from one.
#pragma once

#include "base/json.h"

struct numbers_source {
    const char *question;       // its numbers are the person's own
    const json *const *results; // of runs that completed
    size_t result_count;
};

// The numbers of SENTENCE that do not follow, as [{"start", "end", "text"}, …] with places counted
// in Unicode characters; NULL where all do. The caller frees it.
json *numbers_unproven(const char *sentence, const struct numbers_source *source);
