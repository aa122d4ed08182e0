// SPDX-License-Identifier: Apache-2.0
//
// See pick.h.
#include "plan/pick.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/draft.h"

#define GROUPS_MAX 60  // different values that a report can have
#define GROUPS_EASY 16 // that can be looked over
#define TITLE_BYTES 32 // of a column; a longer one is no short words
#define VALUE_BYTES 24 // of a value
#define STEPS_MAX 2    // references that are followed
#define HALF_EMPTY 2   // a column with more gaps than rows by this is left out
#define YEARS_MIN 3    // different years of a column that are worth a report
#define DENSE 1.5      // times the rows: different whole numbers within that are mere numbers
#define DENSE_FROM 10  // rows

// ---- Columns ------------------------------------------------------------------------------------

static bool has_short_title(const struct dataset_column *column) {
    size_t length = strlen(column->title);
    return length >= 2 && length <= TITLE_BYTES && !strpbrk(column->title, "\n\r\"“”?;/\\");
}

static bool has_word_of(const char *title, const char *list) {
    struct word words[10];
    size_t count = words_split(title, words, ARRAY_LENGTH(words));
    for (size_t i = 0; i < count; i++)
        if (lexicon_is_listed(list, words[i].stem) || lexicon_is_listed(list, words[i].text))
            return true;
    return false;
}

static bool is_well_filled(const struct dataset_table *table, const struct dataset_column *column) {
    return column->null_count * HALF_EMPTY <= table->row_count;
}

static bool is_group(const struct dataset_schema *schema, struct plan_column column) {
    const struct dataset_table *table = &schema->tables[column.table];
    const struct dataset_column *at = question_column(schema, column);
    return !at->hidden && at->type == DATASET_TEXT && at->references_table < 0 &&
           !*at->list_separator && at->distinct_count >= 2 && at->distinct_count <= GROUPS_MAX &&
           at->distinct_count * 4 <= table->row_count * 3 && is_well_filled(table, at) &&
           has_short_title(at) &&
           !has_word_of(at->title, "note notes comment remark reference ref score record time "
                                   "date description");
}

#define GROUP_RANKS 4

// Fewer values are looked over more easily; two alone say little, and those that mostly stand in
// one row each say least.
static int group_rank(const struct dataset_table *table, const struct dataset_column *column) {
    return column->distinct_count * 2 > table->row_count ? 3
           : column->distinct_count > GROUPS_EASY        ? 2
                                                         : column->distinct_count < 3;
}

size_t pick_groups(const struct dataset_schema *schema, int table,
                   struct plan_column ret_columns[PICK_COLUMNS]) {
    uint8_t steps[LIMIT_TABLES];
    size_t count = 0;
    graph_reach(schema, NULL, table, steps);
    for (int far = 0; far <= STEPS_MAX; far++)
        for (int rank = 0; rank < GROUP_RANKS; rank++)
            for (size_t i = 0; i < schema->table_count; i++)
                for (size_t j = 0; steps[i] == far && j < schema->tables[i].column_count; j++) {
                    struct plan_column column = {(int)i, (int)j, -1};
                    if (count < PICK_COLUMNS && is_group(schema, column) &&
                        group_rank(&schema->tables[i], question_column(schema, column)) == rank)
                        ret_columns[count++] = column;
                }
    return count;
}

// Whether its numbers only tell the rows apart: 1, 2, 3 …, with few left out.
static bool counts_up(const struct dataset_table *table, const struct dataset_column *column) {
    double rows = (double)table->row_count, span = column->max_number - column->min_number + 1;
    return column->type == DATASET_INTEGER && column->distinct_count == table->row_count &&
           span <= (table->row_count >= DENSE_FROM ? DENSE * rows : rows);
}

static bool looks_like_years(const struct dataset_column *column) {
    return column->type == DATASET_INTEGER && !*column->unit && column->min_number >= 1000 &&
           column->max_number <= 2100 &&
           (column->min_number >= 1700 || has_word_of(column->title, "year season"));
}

// Numbers that stand for something else than an amount.
static bool is_label(const struct dataset_column *column) {
    return has_word_of(column->title,
                       "id ids identifier no nr num number code zip zipcode postcode "
                       "postal phone fax tel telephone latitude longitude lat lon lng rank "
                       "ranking position pos place seed jersey round rd rnd heat lane "
                       "stage week wk day month year yr season episode ep draft pick line "
                       "row index key order series channel frequency squad bib isbn issn "
                       "ref version page chapter volume district grid class time date note "
                       "notes remark comment result record last first opened closed "
                       "founded established built born died since start tier league "
                       "division constituency car peak term created retired finish");
}

static bool is_measure(const struct dataset_schema *schema, struct plan_column column) {
    const struct dataset_table *table = &schema->tables[column.table];
    const struct dataset_column *at = question_column(schema, column);
    return !at->hidden && question_is_number(at) && !at->is_key && at->references_table < 0 &&
           at->derived_from < 0 && at->distinct_count >= 3 && is_well_filled(table, at) &&
           has_short_title(at) && !counts_up(table, at) && !looks_like_years(at) && !is_label(at);
}

bool pick_adds_up(const struct dataset_schema *schema, struct plan_column column) {
    const struct dataset_column *at = question_column(schema, column);
    return draft_is_additive(schema, column) &&
           !(at && has_word_of(at->title,
                               "diameter width height depth thickness radius size age ratio factor "
                               "grade level difference rating score stop max maximum min minimum "
                               "highest lowest peak limit capacity altitude elevation"));
}

// What is called a total comes before its parts, and what adds up before what does not.
static int measure_rank(const struct dataset_schema *schema, struct plan_column column) {
    if (!pick_adds_up(schema, column))
        return 2;
    return !has_word_of(question_column(schema, column)->title, "total");
}

size_t pick_measures(const struct dataset_schema *schema, int table,
                     struct plan_column ret_columns[PICK_COLUMNS]) {
    size_t count = 0;
    for (size_t i = 0; i < schema->metric_count && count < PICK_COLUMNS; i++)
        if (schema->metrics[i].table == table)
            ret_columns[count++] = (struct plan_column){table, -1, (int)i};
    for (int rank = 0; rank <= 2; rank++)
        for (size_t i = 0; i < schema->tables[table].column_count; i++) {
            struct plan_column column = {table, (int)i, -1};
            if (count < PICK_COLUMNS && is_measure(schema, column) &&
                measure_rank(schema, column) == rank)
                ret_columns[count++] = column;
        }
    return count;
}

// ---- Values -------------------------------------------------------------------------------------

// Words that stand where something is missing, and whole answers.
static bool is_gap(const char *value) {
    static const char *const gaps[] = {"none",  "n/a", "na",    "unknown", "other", "others",
                                       "null",  "nil", "total", "yes",     "no",    "true",
                                       "false", "all", "-",     "misc",    "undef", "various",
                                       "tbd",   "tba", "any"};
    for (size_t i = 0; i < ARRAY_LENGTH(gaps); i++)
        if (strcasecmp(value, gaps[i]) == 0)
            return true;
    return strncasecmp(value, "unknown", 7) == 0;
}

static bool is_word(const char *value) {
    bool has_letter = false;
    size_t length = strlen(value);
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        if (*at < ' ' || strchr("\"?;<>`|“”", *at))
            return false;
        has_letter |= *at >= 0x80 || ((*at | 32) >= 'a' && (*at | 32) <= 'z');
    }
    return has_letter && length >= 3 && length <= VALUE_BYTES && !is_gap(value);
}

const char *pick_value(const struct dataset_schema *schema, struct plan_column column,
                       const char *other_than) {
    const struct dataset_column *at = question_column(schema, column);
    for (size_t i = 0; i < at->samples.count; i++)
        if (is_word(at->samples.at[i]) &&
            !(other_than && strcasecmp(at->samples.at[i], other_than) == 0))
            return at->samples.at[i];
    return NULL;
}

// ---- Time ---------------------------------------------------------------------------------------

static int year_at(const char *iso) { return (int)strtol(iso, NULL, 10); }

static int month_of(const char *iso) {
    return (int)strtol(iso, NULL, 10) * 12 +
           (strlen(iso) >= 7 ? (int)strtol(iso + 5, NULL, 10) : 1);
}

static int months_of(const struct dataset_column *column, const struct plan *plan,
                     struct plan_column place) {
    int first = month_of(column->min), last = month_of(column->max);
    for (size_t i = 0; plan && i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        if (!question_is_same(filter->column, place) || !filter->value_count ||
            filter->values[0].kind != PLAN_VALUE_TEXT || filter->bucket != PLAN_AS_IS)
            continue;
        int from = month_of(filter->values[0].text);
        if (filter->comparison == PLAN_BETWEEN) {
            first = from > first ? from : first;
            int to = month_of(filter->values[1].text);
            last = to < last ? to : last;
        }
    }
    return last - first + 1;
}

static bool is_time(const struct dataset_column *column) {
    return !column->hidden && question_is_date(column) && column->min && column->max;
}

// Of dates that end in the middle of a year, the year before.
static int whole_year_of(const struct dataset_column *column) {
    int first = year_at(column->min), last = year_at(column->max);
    bool is_whole = question_is_date(column) ? month_of(column->max) % 12 == 0 : true;
    int year = is_whole ? last : last - 1;
    return year > first && year >= 1000 && year <= 2999 ? year : 0;
}

static bool pick_date(const struct dataset_schema *schema, const struct plan *plan, int table,
                      struct pick_time *ret_time) {
    const struct dataset_table *at = &schema->tables[table];
    int column = at->time_column;
    for (size_t i = 0; column < 0 && i < at->column_count; i++)
        if (is_time(&at->columns[i]))
            column = (int)i;
    if (column < 0 || !is_time(&at->columns[column]))
        return false;
    ret_time->column = (struct plan_column){table, column, -1};
    ret_time->is_year_column = false;
    ret_time->whole_year = whole_year_of(&at->columns[column]);
    ret_time->months = months_of(&at->columns[column], plan, ret_time->column);
    ret_time->repeats_years =
        at->row_count * 6 >= months_of(&at->columns[column], NULL, ret_time->column);
    return true;
}

static bool pick_years(const struct dataset_schema *schema, int table, struct pick_time *ret_time) {
    const struct dataset_table *at = &schema->tables[table];
    for (size_t i = 0; i < at->column_count; i++)
        if (draft_is_year(&at->columns[i]) && at->columns[i].distinct_count >= YEARS_MIN) {
            *ret_time = (struct pick_time){.column = {table, (int)i, -1}, .is_year_column = true};
            ret_time->months = 12 * (int)at->columns[i].distinct_count;
            ret_time->whole_year = whole_year_of(&at->columns[i]);
            ret_time->repeats_years = at->columns[i].distinct_count * 2 <= at->row_count;
            return true;
        }
    return false;
}

bool pick_time(const struct dataset_schema *schema, const struct plan *plan, int table,
               struct pick_time *ret_time) {
    uint8_t steps[LIMIT_TABLES];
    graph_reach(schema, NULL, table, steps);
    for (int far = 0; far <= STEPS_MAX; far++)
        for (size_t i = 0; i < schema->table_count; i++)
            if (steps[i] == far && (pick_date(schema, plan, (int)i, ret_time) ||
                                    (!far && pick_years(schema, (int)i, ret_time))))
                return true;
    return false;
}

// The year that a condition on a date or on a column of years stands for, 0 for none.
static int year_of(const struct dataset_column *column, const struct plan_filter *filter) {
    const struct plan_value *value = &filter->values[0];
    bool is_one = filter->comparison == PLAN_EQUAL && filter->value_count == 1;
    if (is_one && value->kind == PLAN_VALUE_INTEGER &&
        (filter->bucket == PLAN_YEAR || (filter->bucket == PLAN_AS_IS && draft_is_year(column))))
        return (int)value->integer;
    if (filter->comparison == PLAN_BETWEEN && question_is_date(column) &&
        filter->bucket == PLAN_AS_IS && !filter->seen_from &&
        year_at(value->text) == year_at(filter->values[1].text) &&
        strncmp(value->text + 4, "-01-01", 6) == 0 &&
        strncmp(filter->values[1].text + 4, "-12-31", 6) == 0)
        return year_at(value->text);
    return 0;
}

bool pick_next_year(const struct dataset_schema *schema, const struct plan_filter *filter,
                    char ret_year[5]) {
    const struct dataset_column *column =
        filter->column.table < 0 ? NULL : question_column(schema, filter->column);
    int year = column && filter->value_count ? year_of(column, filter) : 0;
    if (!year || !column->min || !column->max)
        return false;
    int first = year_at(column->min), last = year_at(column->max);
    int other = year + 1 <= last ? year + 1 : year - 1;
    if (other < first || other < 1000 || other > 2999)
        return false;
    snprintf(ret_year, 5, "%04d", other);
    return true;
}
