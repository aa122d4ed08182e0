// SPDX-License-Identifier: Apache-2.0
//
// A plan in the making. compose.c reads a way through the question into a draft: what is asked for,
// what is measured, grouped, filtered and ordered, each still in the question's terms. shape.c
// turns a draft into a plan: where the rows come from, how tables join, what the question left
// unsaid.
//
// Where either could go on in several ways it calls draft_choose(). The whole composition is
// repeated until every combination of choices was taken, so each pass can be written as if there
// were only one way (see choices_next()). Everything that was assumed rather than said is paid for
// with draft_assume().
#pragma once

#include "plan/graph.h"
#include "plan/segment.h"

#define DRAFT_CHOICES 6
#define DRAFT_ROUNDS 24 // combinations tried for one way

struct choices {
    uint8_t taken[DRAFT_CHOICES], of[DRAFT_CHOICES];
    size_t at, count;
};

// Moves to the next combination; false when all were taken.
bool choices_next(struct choices *choices);

// How a condition counts among others, as it follows from where it stands in the question.
struct draft_mark {
    uint8_t side;        // of a comparison; as in plan_filter
    uint8_t alternative; // as in plan_filter
    uint8_t row;         // as in plan_filter
    bool is_joined;      // by "and" to one of the same kind before it
    bool is_only;        // "only tea": and nothing else
};

// Something that rows can be grouped by, shown with or asked for.
struct noun {
    enum { NOUN_NONE, NOUN_COLUMN, NOUN_ROWS, NOUN_BUCKET, NOUN_WHO, NOUN_WHEN, NOUN_WHERE } kind;
    struct plan_column column;
    enum plan_bucket bucket;
    const struct item *item; // NULL where it was not named
    bool is_each;            // "per customer", "in each category"
};

struct draft_measure {
    enum plan_aggregate aggregate; // PLAN_NONE: not said
    struct plan_column column;     // of rows for a count
};

// A comparison with a number. Whether it is about rows or about groups shows later.
struct draft_number {
    struct plan_column column; // rows of a table: how many there are
    enum plan_comparison comparison;
    double values[8];
    size_t value_count;
    bool is_integer;
    size_t item_end; // the item behind it
    struct draft_mark mark;
};

struct draft_date {
    const struct item *item;
    struct plan_column column; // table -1: not said
    int near_table;            // the table that was named just before, -1 for none
    bool is_negated;
    struct draft_mark mark;
};

struct draft {
    struct question *question;
    const struct dataset_schema *schema;
    struct item *items[QUESTION_SEQUENCE];
    size_t count;
    bool is_used[QUESTION_SEQUENCE];
    bool is_covered[LIMIT_PLAN_TOKENS];         // tokens that are accounted for without an item
    struct draft_mark marks[QUESTION_SEQUENCE]; // of each item, should it become a condition
    struct choices *choices;
    double cost;
    bool has_failed;

    bool is_count, is_how_much, is_list, is_distinct, is_nested, wants_names, asks_whether;
    enum plan_derivation derivation;
    bool is_reversed; // "how many fewer": the second side less the first
    struct noun target;
    struct noun groups[3], shown[8];
    size_t group_count, shown_count;
    struct draft_measure measures[3];
    size_t measure_count;
    struct draft_number numbers[4];
    size_t number_count;
    struct draft_date dates[3];
    size_t date_count;
    struct plan_filter filters[8];
    bool wants_all[8]; // of the values of filters[i], each in a row of its own
    size_t filter_count;

    bool has_extreme, is_descending, is_bare_extreme; // "the most", of nothing that was named
    enum extreme extreme;
    struct plan_column extreme_column; // of an adjective; table -1: none
    int64_t top;                       // 0: not said

    bool has_order, order_descending, has_direction;
    struct draft_measure order_measure; // table -1: not said
    struct noun order_noun;

    int tables[8]; // named, in order
    size_t table_count;
    struct plan_column via[4];
    size_t via_count;
};

struct candidate {
    struct plan plan;
    double cost; // assumptions, weak links, size
    double score;
    size_t uncovered; // content words that nothing accounts for
    bool is_covered[LIMIT_PLAN_TOKENS];
    int unsupported;    // the construct that stands in the way, -1 for none
    struct draft draft; // as composed, before it was shaped
};

// One of COUNT ways to go on.
unsigned draft_choose(struct draft *draft, unsigned count);
void draft_assume(struct draft *draft, double cost);
bool draft_add_filter(struct draft *draft, struct plan_filter filter);
void draft_mark(struct plan_filter *filter, struct draft_mark mark);
bool draft_is_additive(const struct dataset_schema *schema, struct plan_column column);
// Whether an integer column holds years.
bool draft_is_year(const struct dataset_column *column);
// How far the column is from being the one that an amount of its unit means: 0 for "cost" among
// amounts of money, more for "repair cost", most for a column of another name.
double draft_farness(const struct dataset_schema *schema, struct plan_column column);
bool draft_is_measure(const struct draft *draft, const struct item *item);

// Reads WAY into a draft with the choices as they stand.
void compose(struct question *question, const struct way *way, struct choices *choices,
             struct draft *ret_draft);
// The plan of a draft; false where there is none.
bool shape(struct draft *draft, struct plan *ret_plan);
// The column that WHO, WHEN, WHERE, a bucket or a pending date stands for, seen from table FROM;
// false for none.
bool shape_noun_column(struct draft *draft, const struct plan *plan, int from,
                       const struct noun *noun, struct plan_column *ret_column);
#define SHAPE_NO_MANY (-2) // for NEAR_TABLE: not a date of rows that belong to FROM's
bool shape_date_column(struct draft *draft, const struct plan *plan, int from, int near_table,
                       bool years, struct plan_column *ret_column);
