// SPDX-License-Identifier: Apache-2.0
//
// A plan in words: the titles of result columns, how a question was understood, what makes one
// reading differ from another; and values as people read them.
#pragma once

#include "base/buf.h"
#include "plan/question.h"

// ---- Values (format.c) --------------------------------------------------------------------------

// A number with its unit, every digit of it: "$1,000,000", "25 mm", "20%".
void format_exact(struct buf *buf, double number, const char *unit);
// A number with its unit as one would say it: "$41.2 million", "12.5 °C".
void format_rounded(struct buf *buf, double number, const char *unit);
// "1 May 2013" for an ISO day, "May 2013" for a month; other texts as they are.
void format_date(struct buf *buf, const char *iso);
// "in 2013", "in May 2013", "on 1 May 2013", "between … and …"; FROM or TO may be NULL for an open
// end.
void format_span(struct buf *buf, const char *from, const char *to);

// ---- Names (wording.c) --------------------------------------------------------------------------

// "Monday", "March" for a recurring part of dates.
const char *wording_bucket_value(enum plan_bucket bucket, int64_t value);
const char *wording_unit(const struct dataset_schema *schema, struct plan_column column);
// What the rows of a table are called, in lower case: "strikes", or "strike" with IS_ONE.
const char *wording_rows(const struct dataset_schema *schema, struct arena *arena, int table,
                         bool is_one);
// A column's or metric's title inside a sentence: "total cost".
const char *wording_column(const struct dataset_schema *schema, struct arena *arena,
                           struct plan_column column);
// Many of what a column holds: "phases of flight".
const char *wording_values(const struct dataset_schema *schema, struct arena *arena,
                           struct plan_column column);
// Headers.
const char *wording_group_title(const struct dataset_schema *schema, struct arena *arena,
                                const struct plan *plan, size_t group);
const char *wording_measure_title(const struct dataset_schema *schema, struct arena *arena,
                                  const struct plan *plan, size_t measure);
const char *wording_shown_title(const struct dataset_schema *schema, struct arena *arena,
                                const struct plan *plan, size_t shown);
// A measure and a group inside a sentence: "number of strikes", "phase of flight".
const char *wording_measure(const struct dataset_schema *schema, struct arena *arena,
                            const struct plan_measure *measure);
const char *wording_group(const struct dataset_schema *schema, struct arena *arena,
                          const struct plan *plan, size_t group);
// " where state is Texas and …", "" without filters.
const char *wording_filters(const struct dataset_schema *schema, struct arena *arena,
                            const struct plan *plan);
// The conditions of one side of a comparison, LEAD (or nothing) before the first.
const char *wording_side(const struct dataset_schema *schema, struct arena *arena,
                         const struct plan *plan, int side, const char *lead);
const char *wording_understanding(const struct dataset_schema *schema, struct arena *arena,
                                  const struct plan *plan);
// Sets title and detail of READINGS so that they tell them apart.
void wording_differences(const struct dataset_schema *schema, struct arena *arena,
                         struct plan_reading *readings, size_t count);

// ---- Derivations (wording_derived.c) ------------------------------------------------------------

// The result column that a derivation is about, 0 for none, and its unit.
size_t wording_derived_column(const struct plan *plan);
const char *wording_derived_unit(const struct dataset_schema *schema, const struct plan *plan);
// The title of a column that only a derivation has: the sides and what is made of them (0 to 2), or
// the one behind the measures.
const char *wording_derived_title(const struct dataset_schema *schema, struct arena *arena,
                                  const struct plan *plan, size_t at);
// What is derived, with its conditions: "Percentage of orders for which status is returned".
void wording_add_derived(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                         const struct plan *plan);
// "strikes", "total cost of strikes": what a percentage is of.
const char *wording_whole(const struct dataset_schema *schema, struct arena *arena,
                          const struct plan *plan);
// "customers": the values that an average runs over.
const char *wording_inner_values(const struct dataset_schema *schema, struct arena *arena,
                                 const struct plan *plan);

// ---- What wording_plan.c needs of wording.c

const char *wording_lowered(struct arena *arena, const char *title);
const char *wording_raised(struct arena *arena, const char *title);
bool wording_is_label(const struct dataset_schema *schema, struct plan_column column);
void wording_add_comparison(const struct dataset_schema *schema, struct buf *buf,
                            const struct plan_filter *filter, bool is_flipped);
void wording_add_filter(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                        const struct plan_filter *filter, bool is_flipped);
void wording_add_vias(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                      const struct plan *plan);

// ---- What wording_derived.c needs of wording_plan.c

const char *wording_group_values(const struct dataset_schema *schema, struct arena *arena,
                                 const struct plan *plan, size_t group);
