// SPDX-License-Identifier: Apache-2.0
//
// The tables as a graph: each column that refers to another table is a step toward the "one" side.
// Joining along steps never repeats a row, so sums stay right; what lies against the steps is only
// ever asked about by EXISTS.
#pragma once

#include "base/limits.h"
#include "plan/plan.h"

#define GRAPH_STEPS 4 // joins from one table to another

struct graph_step {
    int from_table, from_column; // the referring column …
    int to_table, to_column;     // … and the key it refers to
};

struct graph_path {
    struct graph_step steps[GRAPH_STEPS];
    size_t count;
};

// The shortest way along references from one table to another, not through AVOIDED (-1: none).
// PLAN's `via` decides where two columns of a table refer to the same other one; PLAN may be NULL.
// False where there is none.
bool graph_path(const struct dataset_schema *schema, const struct plan *plan, int from, int to,
                int avoided, struct graph_path *ret_path);
#define GRAPH_FAR 200
// How many steps it is from FROM to each table, GRAPH_FAR where there is no way.
void graph_reach(const struct dataset_schema *schema, const struct plan *plan, int from,
                 uint8_t ret_steps[LIMIT_TABLES]);
// The table from which both LEFT and RIGHT are reached in the fewest steps, -1 for none.
int graph_meeting(const struct dataset_schema *schema, const struct plan *plan, int left,
                  int right);
// How many columns of FROM refer to TO; the N-th of them in RET_COLUMN (may be NULL).
size_t graph_references(const struct dataset_schema *schema, int from, int to, size_t n,
                        int *ret_column);
// Whether no two rows of the table have the same value there.
bool graph_is_unique(const struct dataset_table *table, int column);
// The text that a row is known by: the best name-like column, else the key; -1 for none.
int graph_label(const struct dataset_table *table);
