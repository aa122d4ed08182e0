// SPDX-License-Identifier: Apache-2.0
//
// What the parts of writing SQL share: sql_terms.c (names, values, expressions, conditions),
// sql_clauses.c (joins, existence, WHERE to LIMIT) and sql.c (whole statements).
#pragma once

#include "base/buf.h"
#include "plan/graph.h"
#include "plan/sql.h"

#define SQL_TABLES 24

struct sql_writer {
    const struct dataset_schema *schema;
    struct arena *arena;
    struct plan_reading *reading;
    const struct plan *plan;
    struct buf text;
    int joined[SQL_TABLES]; // tables in scope, in order; the first is where rows come from
    struct graph_step steps[SQL_TABLES];
    size_t joined_count;
    bool is_inner; // another table is in scope around this one
    bool has_failed;
    const char *titles[20];
    size_t title_count;
};

// sql_terms.c
void sql_add_quoted(struct buf *buf, const char *name);
void sql_add_name(struct buf *buf, const char *name);
void sql_add_param(struct sql_writer *writer, struct plan_value value);
void sql_add_column(struct sql_writer *writer, int table, int column);
void sql_add_bare(struct sql_writer *writer, struct plan_column column);
void sql_add_bucket(struct sql_writer *writer, struct plan_column column, enum plan_bucket bucket);
void sql_add_named_bucket(struct sql_writer *writer, struct plan_column column,
                          enum plan_bucket bucket);
void sql_add_measure(struct sql_writer *writer, const struct plan_measure *measure);
// The measure of the rows of one side only.
void sql_add_measure_of(struct sql_writer *writer, const struct plan_measure *measure, int side);
struct plan_column sql_group_column(const struct sql_writer *writer,
                                    const struct plan_group *group);
void sql_add_comparison(struct sql_writer *writer, const struct plan_filter *filter,
                        enum plan_comparison comparison);
void sql_add_filter(struct sql_writer *writer, const struct plan_filter *filter,
                    enum plan_comparison comparison);
// sql_clauses.c
void sql_join(struct sql_writer *writer, int table, int avoided);
void sql_add_from(struct sql_writer *writer, const char *line);
// The conditions of one side, LEAD before the first and LINK before others; how many there are.
size_t sql_add_side(struct sql_writer *writer, int side, const char *lead, const char *link);
void sql_add_title(struct sql_writer *writer, const char *title);
void sql_add_conditions(struct sql_writer *writer, const char *line, bool skips_null_groups);
void sql_add_grouping(struct sql_writer *writer, const char *line);
void sql_add_having(struct sql_writer *writer, const char *line, int ranked);
bool sql_is_sorted_by_part(enum plan_bucket bucket);
void sql_add_group_order(struct sql_writer *writer, size_t at, bool is_descending);
void sql_add_order(struct sql_writer *writer, const char *line);
void sql_add_limit(struct sql_writer *writer, const char *line);
// sql.c
void sql_add_group_columns(struct sql_writer *writer);
// sql_derived.c
// The columns that a derivation adds behind the groups and measures, or puts in their place.
void sql_add_derived_columns(struct sql_writer *writer);
bool sql_has_sides(const struct plan *plan);
// Whole statements for an average over groups and for a median.
void sql_write_average_of_groups(struct sql_writer *writer);
void sql_write_median(struct sql_writer *writer);
