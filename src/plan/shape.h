// SPDX-License-Identifier: Apache-2.0
//
// What the parts of shaping share: shape.c (where rows come from, filters, groups), shape_rank.c
// (superlatives) and shape_rows.c (the rows themselves).
#pragma once

#include "plan/draft.h"

#define SHAPE_OWN_ROW 100 // from this number on a condition is about a row of its own

// The table that most of the draft is about: the one to count or list where none is named.
int shape_main_table(const struct draft *draft);
bool shape_reaches(const struct draft *draft, const struct plan *plan, int from, int to);
// Sets the plan's table and measures so that every noun can be joined; false where that cannot be.
bool shape_bind(struct draft *draft, struct plan *plan, const struct noun *nouns,
                size_t noun_count);
// One more measure for a plan whose table is set.
bool shape_bind_measure(struct draft *draft, struct plan *plan,
                        const struct draft_measure *measure);
// The column that a noun stands for: itself, a table's label where that is unique, or the column of
// a bucket.
bool shape_group(struct draft *draft, const struct plan *plan, const struct noun *noun,
                 struct plan_group *ret_group);
// Adds what the draft has of filters, dates, numbers and named tables.
bool shape_filters(struct draft *draft, struct plan *plan);
bool shape_date(struct draft *draft, struct plan *plan, const struct draft_date *date);
// shape_derived.c
// What follows from the draft's words for what is made of its measures: averages of totals, groups
// in their order.
void shape_settle_derivation(struct draft *draft);
// Sets the plan's derivation, once it has its measures, groups and filters; false where they do not
// fit it.
bool shape_derivation(struct draft *draft, struct plan *plan);
// Whether the plan has what the draft's words ask to be made of its measures, and nothing else.
bool shape_is_derived(const struct draft *draft, const struct plan *plan);
void shape_group_order(const struct draft *draft, struct plan *plan);
bool shape_is_pinned(const struct draft *draft, const struct plan *plan, int table,
                     struct plan_column extra);

bool shape_rank(struct draft *draft, struct plan *plan);
bool shape_rows(struct draft *draft, struct plan *plan);
// The columns that rows of TABLE are shown with.
void shape_default_columns(const struct draft *draft, struct plan *plan, int table);
void shape_show(struct plan *plan, struct plan_column column);
