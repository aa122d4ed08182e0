// SPDX-License-Identifier: Apache-2.0
//
// The planner from the question to the answer's values, as the program has it: the plan's SQL is
// run by SQLite on the imported table.
#pragma once

#include "wtq.h"

enum measure_part { MEASURE_ALL, MEASURE_HELD_OUT };

// Asks the questions of FILE and prints how many were answered right: over all, by class, by
// verdict and by how sure the planner was. VERBOSE prints each question.
void measure(const char *folder, const char *cache, const char *file, enum measure_part part,
             bool verbose);
