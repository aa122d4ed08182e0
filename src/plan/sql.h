// SPDX-License-Identifier: Apache-2.0
//
// A plan as one SELECT. Every value of the question is a parameter; the order of rows is settled to
// the last tie.
#pragma once

#include "plan/question.h"

// Fills the reading's sql, params and chart from its plan. False where the plan needs more
// parameters than there are, or the text is longer than LIMIT_SQL.
bool sql_write(const struct dataset_schema *schema, struct arena *arena,
               struct plan_reading *reading);
// Filters that make one condition: one alone, alternatives, or all that is asked of one row of
// another table that refers to this one.
struct sql_unit {
    unsigned filters; // bit i for filter i
    bool is_existence, is_negated;
    int root; // of an existence: the table whose row is asked about
};

// The condition that filter FIRST begins; false where it belongs to one that began before it.
bool sql_unit(const struct dataset_schema *schema, const struct plan *plan, size_t first,
              struct sql_unit *ret_unit);
// Whether a comparison denies, and the one that it denies.
bool sql_is_denial(enum plan_comparison comparison, enum plan_comparison *ret_denied);
