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
// The filters that are about rows of other tables that refer to this one: bit i for filter i.
// RET_ROOT is the table whose rows are asked about, RET_NEGATED whether there shall be none.
unsigned sql_existence(const struct dataset_schema *schema, const struct plan *plan, int *ret_root,
                       bool *ret_negated);
