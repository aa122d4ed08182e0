// SPDX-License-Identifier: Apache-2.0
//
// What the passes of compose.c (filters) and asked.c (what is asked for) share.
#pragma once

#include "plan/draft.h"

const struct item *compose_item(const struct draft *draft, size_t at); // NULL past the end
// Whether the item is there, not used yet, and of that kind.
bool compose_is_cue(const struct draft *draft, size_t at, enum cue cue);
bool compose_is_kind(const struct draft *draft, size_t at, enum item_kind kind);
// Whether RIGHT follows LEFT with nothing but empty words between.
bool compose_is_near(const struct draft *draft, size_t left, size_t right);
// The preposition before an item, 0 for none.
char compose_preposition(const struct draft *draft, size_t at);
void compose_use(struct draft *draft, size_t at);
// Adds a filter that the item at AT made.
bool compose_add_filter(struct draft *draft, size_t at, struct plan_filter filter);
struct noun compose_noun(const struct item *item);
void compose_name_table(struct draft *draft, const struct item *item);

// Whether the item is a metric or a column of numbers.
bool compose_is_numeric(const struct draft *draft, const struct item *item);

void compose_add_measure(struct draft *draft, enum plan_aggregate aggregate,
                         struct plan_column column);
void compose_add_shown(struct draft *draft, struct noun noun);
// Makes the item what is asked for; false where something is already, or it is no noun.
bool compose_use_target(struct draft *draft, size_t at);
// Whether an item only describes the noun behind it: a value, a number, a truth.
bool compose_is_description(const struct draft *draft, size_t at);
// Past the table in "order rating", whose rating it is.
size_t compose_skip_owner(struct draft *draft, size_t at);

// compose_sides.c
// What sides, alternatives and rows the conditions are of; takes the words that say so.
void compose_sides(struct draft *draft);
// compose_numbers.c
void compose_numbers(struct draft *draft); // comparisons
// asked_extreme.c
void compose_extreme(struct draft *draft); // superlatives
// asked.c
void compose_mark_groups(
    struct draft *draft); // "by state", "each month": before filters take the columns
void compose_asked(struct draft *draft);     // measures, superlatives, targets, order
void compose_leftovers(struct draft *draft); // columns and tables that no construct took
