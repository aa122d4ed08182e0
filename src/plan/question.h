// SPDX-License-Identifier: Apache-2.0
//
// A question on its way to a plan: its tokens, and the items that stretches of tokens may stand
// for. An item is a cue of the lexicon, a table, a column, a metric, a value of the data, a number
// or a date; items overlap, and segment.c picks ways through them. Everything lives in the answer's
// arena.
#pragma once

#include "base/limits.h"
#include "dataset/words.h"
#include "plan/lexicon.h"
#include "plan/plan.h"

#define QUESTION_ITEMS 768   // possible items of one question; weaker ones found later are dropped
#define QUESTION_SPAN 7      // words of one item
#define QUESTION_SEQUENCE 64 // items of one way through the question
#define QUESTION_WAYS 24     // ways through the question that are tried

struct token {
    struct word word;
    bool is_harmless;   // nothing is lost when no item covers it
    bool is_cue;        // means something by itself in any question; set before it is linked
    bool follows_comma; // or another mark that parts clauses
    bool follows_preposition;
    char preposition; // the lexicon's letter for the one before it, 0 for none
    char joined_by;   // the single character between it and the token before: '-', '/', '.', or 0
    const char *currency; // "USD" where a currency sign stands before it
};

enum item_kind {
    ITEM_CUE,
    ITEM_TABLE,
    ITEM_COLUMN,
    ITEM_METRIC,
    ITEM_VALUE,
    ITEM_NUMBER,
    ITEM_DATE
};

// A span of days, or of recurring parts of dates.
struct date_span {
    enum plan_bucket
        bucket; // PLAN_AS_IS: from … to; else the values are compared with this part of the date
    char from[11], to[11]; // ISO days, inclusive; "" where that end is open
    bool is_whole_years;   // so that it can be compared with a column of years
    int64_t values[8];
    size_t value_count;
    // Counted back from the newest date of the column, which is found later: whole units, the
    // newest's own being 0. FROM and TO are then empty. PLAN_AS_IS where it is not relative.
    enum plan_bucket relative_unit;
    int oldest_back, newest_back;
};

struct item {
    enum item_kind kind;
    size_t first, count; // tokens
    double strength;     // 1: the very words; less: a part of them, another form, a guess
    int next;            // in the list of items with the same first token, -1 at its end

    enum cue cue;
    int argument;
    bool is_descending;
    bool is_date_class; // EXTREME_ADJECTIVE that asks for a date rather than a column of its own

    struct plan_column column; // of links, and of an adjective that measures a column
    bool is_exact;             // all words of a name, title or synonym
    int via_table, via_column; // for a table that was named by a column that refers to it; else -1

    const char *values[8]; // as they stand in the data
    size_t value_count;
    bool contains; // the values are a part of what stands in the data

    double number;
    bool is_integer;
    const char *unit; // "" for none; in its one spelling
    struct date_span date;
};

struct alias_index;

struct question {
    const struct dataset *dataset;
    const struct dataset_schema *schema;
    const struct alias_index *aliases;
    struct arena *arena;
    const char *text; // with signs turned into words
    struct token tokens[LIMIT_PLAN_TOKENS];
    size_t token_count;
    bool is_cut;       // there were more tokens
    bool asks_whether; // "is there …", "did …"
    bool is_edit;      // of the question before
    bool is_more;      // it adds to the question before ("also by month")
    struct item *items;
    size_t item_count;
    int first_item[LIMIT_PLAN_TOKENS]; // head of the list for each token, -1 for none
};

// Reads TEXT into RET_QUESTION; false where the arena has no room.
bool question_read(const struct dataset *dataset, const char *text, struct arena *arena,
                   struct question *ret_question);
// Adds an item and returns it, to be filled further; NULL where there is no room.
struct item *question_add(struct question *question, enum item_kind kind, size_t first,
                          size_t count, double strength);
// Adds the cues of the lexicon, the numbers and the dates.
void question_add_cues(struct question *question);
void question_add_numbers(struct question *question);
void question_add_dates(struct question *question);
// "This year", "the last 30 days".
void question_add_relative_dates(struct question *question);
// Sets FROM and TO of a relative span, as seen from NEWEST (an ISO date); false where it is none.
bool question_resolve_date(struct date_span *span, const char *newest);
// The text of COUNT tokens from FIRST on, as it was written.
const char *question_words(const struct question *question, size_t first, size_t count);
// Whether the token at AT is WORD, by text or stem.
bool question_is(const struct question *question, size_t at, const char *word);

static inline const struct dataset_column *question_column(const struct dataset_schema *schema,
                                                           struct plan_column column) {
    return column.column < 0 ? NULL : &schema->tables[column.table].columns[column.column];
}
// The unit of a column or metric in its one spelling: its own, else one in parentheses behind its
// title ("Runtime (min)").
const char *question_unit(const struct dataset_schema *schema, struct plan_column column);
// How many bytes of a title come before such a unit.
size_t question_title_length(const char *title);

static inline bool question_is_number(const struct dataset_column *column) {
    return column->type == DATASET_INTEGER || column->type == DATASET_REAL;
}
static inline bool question_is_date(const struct dataset_column *column) {
    return column->type == DATASET_DATE || column->type == DATASET_TIMESTAMP;
}
static inline bool question_is_same(struct plan_column left, struct plan_column right) {
    return left.table == right.table && left.column == right.column && left.metric == right.metric;
}
