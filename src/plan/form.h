// SPDX-License-Identifier: Apache-2.0
//
// The generous reader. Where the strict one (compose.c, shape.c) answers only when every word has
// its place, this one takes from a question about one table what it may name (mentions), makes
// every small logical form that these allow (form_make.c), and lets learned weights say which of
// them the question's words speak for (form_features.c, form_weights.c). A form is compact, as
// thousands are made for one question; the few best become SQL (form_sql.c).
//
// A form is a tree of three storeys:
//   filters  rows whose cell is, contains, exceeds … what the question mentions
//   rows     all rows that up to three filters pass, or those before or after them; of these all,
//            or the first, the last, the greatest or the least in a column
//   form     what is asked of the rows: their cells, how many there are, a sum, the commonest
//            cell, a difference between two sets of rows
#pragma once

#include "plan/question.h"

#define FORM_TOKENS 64 // words of a question that are looked at: masks have one bit for each
#define FORM_COLUMNS 48
#define FORM_MENTIONS 48
#define FORM_VALUES 12 // of one mention
#define FORM_FILTERS 40
#define FORM_ROWS 1500
#define FORM_FORMS 8000

// How a cell is read: as it stands, or by one of the companion columns that the import made.
enum form_read { FORM_AS_IS, FORM_AS_NUMBER, FORM_AS_SECOND, FORM_AS_DATE, FORM_AS_TEXT };
#define FORM_READS 5

struct form_column {
    int reads[FORM_READS]; // columns of the schema's table, -1: cannot be read so
    bool is_year, is_number, is_date, is_unique;
    float match;     // 0 to 1: how much of its title the question says
    uint64_t covers; // by these tokens
    int first_match; // the first of them, -1 for none
    size_t words;    // of its title
    struct word *title;
};

// A stretch of the question that stands for values of a column.
struct form_mention {
    size_t first, count;
    uint64_t covers;
    int column;          // of the view
    enum form_read read; // AS_IS or AS_TEXT
    bool is_whole;       // the values say nothing else
    float share;         // of the words of the best value that were said
    const char *values[FORM_VALUES];
    size_t value_count;
    bool has_more;        // than are listed; CONTAINS says what all of them have in them
    const char *contains; // NULL: no such text
    bool is_start;        // CONTAINS is how the values begin
    int64_t row_count;
};

struct form_filter {
    enum { FORM_VALUE, FORM_NUMBER, FORM_DATE, FORM_SAME, FORM_THAN, FORM_EMPTY } kind;
    int column;
    enum form_read read;
    // EQUAL, CONTAINS; of THAN: LESS, GREATER; of EMPTY: IS_NULL
    enum plan_comparison comparison;
    bool is_negated;
    int mention;             // VALUE; of SAME and THAN the one that names the row compared with
    const struct item *item; // NUMBER, DATE
    double number;
    uint64_t covers;
};

enum form_pick { FORM_PICK_ALL, FORM_PICK_MOST, FORM_PICK_LEAST, FORM_PICK_FIRST, FORM_PICK_LAST };
enum form_shift {
    FORM_SHIFT_NONE,
    FORM_SHIFT_PREVIOUS,
    FORM_SHIFT_NEXT,
    FORM_SHIFT_BEFORE,
    FORM_SHIFT_AFTER
};

struct form_rows {
    int8_t filters[3];
    uint8_t filter_count;
    bool is_either; // one of the filters is enough
    uint8_t shift, pick, pick_read;
    int8_t pick_column;
    uint64_t covers;
};

enum form_kind {
    FORM_SHOW,             // cells of COLUMN
    FORM_COUNT,            // how many rows
    FORM_DISTINCT,         // how many different cells
    FORM_AGGREGATE,        // of COLUMN by READ
    FORM_COMMON,           // the commonest cell of COLUMN, with RARE the rarest
    FORM_BEST_GROUP,       // the cell of COLUMN whose rows have the greatest sum of OTHER_COLUMN
    FORM_DIFFERENCE,       // COLUMN of ROWS less COLUMN of OTHER_ROWS
    FORM_COUNT_DIFFERENCE, // how many more rows
    FORM_RANGE,            // greatest less least
    FORM_BETWEEN,          // OTHER_COLUMN less COLUMN, of each row, added up
    FORM_WITHIN,           // second number less first, added up over the rows
    FORM_EXISTS,           // yes or no
    FORM_TRUTH,            // whether ROWS' cell exceeds OTHER_ROWS'
};

struct form {
    uint8_t kind, aggregate, read;
    bool is_rare;
    int8_t column, other_column;
    uint16_t rows, other_rows;
};

struct form_set {
    struct question *question;
    const struct dataset_schema *schema;
    int table;
    struct form_column columns[FORM_COLUMNS];
    size_t column_count;
    struct form_mention mentions[FORM_MENTIONS];
    size_t mention_count;
    struct form_filter filters[FORM_FILTERS];
    size_t filter_count;
    struct form_rows *rows;
    size_t row_count;
    struct form *forms;
    size_t form_count;
    uint64_t content; // tokens that mean something
};

// Finds what the question mentions of TABLE, and makes the forms. False where the arena has no
// room.
bool form_make(struct question *question, int table, struct form_set *ret_set);
// form_mentions.c
void form_read_columns(struct form_set *set);
void form_find_mentions(struct form_set *set);
bool form_is_cued(const struct form_set *set, const char *words);

// Whether a last row that sums up the others is left out of ROWS: where no value that it has was
// asked for.
static inline bool form_leaves_total(const struct form_set *set, const struct form_rows *rows) {
    bool is_named = false;
    for (size_t i = 0; i < rows->filter_count; i++) {
        const struct form_filter *filter = &set->filters[rows->filters[i]];
        is_named |= filter->kind == FORM_VALUE && !filter->is_negated;
    }
    return set->schema->tables[set->table].total_row > 0 && !is_named;
}

static inline uint64_t form_mask(size_t first, size_t count) {
    uint64_t ones = count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
    return first >= 64 ? 0 : ones << first;
}
