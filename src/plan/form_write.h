// SPDX-License-Identifier: Apache-2.0
//
// A logical form as SQL, as people read it, and as data.
#pragma once

#include "plan/form.h"

// Fills the reading's sql and params. False where it needs more parameters than there are.
bool form_write_sql(const struct form_set *set, const struct form *form, struct arena *arena,
                    struct plan_reading *reading);
// The values that a filter by a mention lets through, besides those that have its CONTAINS in them;
// how many.
size_t form_mentioned(const struct form_set *set, const struct form_filter *filter,
                      const char *ret_values[2 * FORM_VALUES]);

// "Team, in the row after the one where Team is “Crettyard”."
const char *form_understanding(const struct form_set *set, const struct form *form,
                               struct arena *arena);
// The answer in one sentence, from the runner's result; the caller frees it.
char *form_sentence(const struct form_set *set, const struct form *form, const json *result);
// As data; the caller frees it.
json *form_write(const struct form_set *set, const struct form *form);
