// SPDX-License-Identifier: Apache-2.0
//
// Which columns and values of a schema are worth a question: what a person would break a table down
// by, look at over time, add up or pick out. All by the profile and by words; nothing is looked up.
#pragma once

#include "plan/plan.h"

#define PICK_COLUMNS 12

// The columns that make few enough groups, of TABLE and of those that it refers to, the best first.
size_t pick_groups(const struct dataset_schema *schema, int table,
                   struct plan_column ret_columns[PICK_COLUMNS]);
// The columns of TABLE, and its metrics, that are worth adding up or averaging, the best first:
// none that names, numbers or dates a row.
size_t pick_measures(const struct dataset_schema *schema, int table,
                     struct plan_column ret_columns[PICK_COLUMNS]);
// Whether a sum of it says something: of diameters only the average does.
bool pick_adds_up(const struct dataset_schema *schema, struct plan_column column);
// One of the commonest values of a column, but not OTHER_THAN (NULL: any): short, and a word rather
// than a gap in the data. NULL for none.
const char *pick_value(const struct dataset_schema *schema, struct plan_column column,
                       const char *other_than);

struct pick_time {
    struct plan_column column;
    bool is_year_column; // integers rather than dates
    int months;          // that it spans, of those that PLAN's conditions leave
    bool repeats_years;  // there are several rows a year
    int whole_year;      // the newest of several that is whole, 0 for none
};
// When the rows of TABLE were; PLAN may be NULL. False where nothing says so.
bool pick_time(const struct dataset_schema *schema, const struct plan *plan, int table,
               struct pick_time *ret_time);
// The year behind the one that FILTER asks for, or else the one before it; false where it asks for
// no year, or has no other.
bool pick_next_year(const struct dataset_schema *schema, const struct plan_filter *filter,
                    char ret_year[5]);
