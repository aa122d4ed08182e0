// SPDX-License-Identifier: Apache-2.0
//
// The built-in planner: a question in plain words and a schema become ranked, typed plans, each
// with its SQL. It knows the schema, the profile and the value index, and nothing else: no network,
// no clock, no file, and no rule that names a table, a column or a prompt. The same question over
// the same data gives the same plans, byte for byte.
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "dataset/dataset.h"
#include "plan/kinds.h"

enum plan_verdict {
    PLAN_SURE,           // readings[0] is what was meant
    PLAN_AMBIGUOUS,      // two or three readings compete; the user picks one
    PLAN_NOT_UNDERSTOOD, // message says what; suggestions are questions that can be answered
};

// With neither column nor metric it is the table's rows themselves: counted by a measure, each a
// group of its own (shown by the table's label), or, in a filter, PLAN_IS_NOT_NULL for "has such a
// row" and PLAN_IS_NULL for "has none".
struct plan_column {
    int table, column; // indexes into the schema
    int metric;        // or, where not negative, one of its metrics; column is then -1
};
#define NO_COLUMN ((struct plan_column){-1, -1, -1})

struct plan_value {
    enum { PLAN_VALUE_TEXT, PLAN_VALUE_INTEGER, PLAN_VALUE_REAL } kind;
    const char *text;
    int64_t integer;
    double real;
};

struct plan_filter {
    struct plan_column column;
    enum plan_bucket bucket; // what of the column is compared: the month of a date, say
    enum plan_comparison comparison;
    struct plan_value values[8]; // for PLAN_EQUAL and PLAN_NOT_EQUAL: one of these
    size_t value_count;
    enum { PLAN_OF_ALL, PLAN_OF_FIRST, PLAN_OF_SECOND } side; // of a comparison; else PLAN_OF_ALL
    int alternative; // of filters with the same number, not 0, one has to hold
    int row; // of filters on tables that refer to this one: those with one number are about one row
    bool is_each;          // of groups without measures: each value stands in some row of the group
    bool is_only;          // of these, and of rows that refer to this one: and none is otherwise
    const char *seen_from; // the newest date, where the question's was relative to it; else NULL
};

struct plan_measure {
    enum plan_aggregate aggregate;
    struct plan_column column; // table alone (column -1) for PLAN_COUNT of its rows
};

struct plan_group {
    struct plan_column column;
    enum plan_bucket bucket;
};

struct plan {
    int table; // where the rows come from
    struct plan_measure measures[3];
    size_t measure_count; // 0: the rows themselves, or, where there are groups, the groups alone
    struct plan_group groups[3];
    size_t group_count;
    struct plan_column shown[16]; // for the rows themselves: their columns
    size_t shown_count;
    struct plan_filter filters[8];
    size_t filter_count;       // all hold
    struct plan_filter having; // on measures[having_measure]; its column is not looked at
    int having_measure;        // -1: none
    struct plan_column via[4]; // the referring columns that are meant, where two lead to one table
    size_t via_count;
    struct {
        bool by_measure;
        int index; // -1: the groups' own order
        bool descending;
    } order;
    struct plan_column order_column; // for the rows themselves; table -1: none
    int64_t limit;                   // 0: none
    bool is_superlative; // "which … the most": one is asked for, and equals of it are shown too
    enum plan_derivation derivation;
    size_t per;        // so many groups or shown columns come first, each ranked alone
    bool asks_whether; // there are any: yes or no, with the count as proof
};

struct plan_chart {
    enum { PLAN_NO_CHART, PLAN_BAR, PLAN_LINE } kind;
    int x, y; // result columns
    const char *unit;
};

struct plan_reading {
    struct plan plan;
    double score;
    const char *title;         // for a button: "Most expensive year"
    const char *detail;        // what makes it differ: "highest total repair cost"
    const char *understanding; // "Total cost of strikes, by phase of flight, highest first."
    const char *sql;           // one SELECT, with ?1, ?2 … for every value of the question
    struct plan_value params[32];
    size_t param_count;
    struct plan_chart chart;
    // Of the generous reader (form.h), else NULL; `plan` is not looked at then.
    struct form_ranking *forms;
    const struct form *form;
    int trial; // which of the answer's trials it was, -1: none
};

struct plan_answer {
    struct arena arena; // owns every text below
    enum plan_verdict verdict;
    bool is_edit;                  // of what was said before, rather than a question of its own
    struct plan_reading *readings; // the best first
    size_t reading_count;
    const char *message; // for PLAN_AMBIGUOUS and PLAN_NOT_UNDERSTOOD
    const char *suggestions[4];
    size_t suggestion_count;
    // Queries whose results would tell more: run them and call plan_settle(), or leave it.
    struct plan_reading *trials;
    size_t trial_count;
    double confidence;            // 0 to 1, in the best reading, where trials settled it; else 0
    struct plan_context *context; // what was said (said.h); NULL for none
};
#define PLAN_TRIALS 11
// Never fails: what cannot be understood is an answer too. The caller frees it.
struct plan_answer *plan_question(const struct dataset *dataset, const char *question);
// The same for what is said after other questions, the oldest first: each, and TEXT, may be whole
// or edit what was answered before it ("only 2013", "by state instead"). READING is the one that
// was chosen, negative where nobody had to. At most PLAN_SAID of the last are looked at.
#define PLAN_SAID 8
struct plan_said {
    const char *question;
    int reading;
};
struct plan_answer *plan_follow_up(const struct dataset *dataset, const struct plan_said *said,
                                   size_t count, const char *text);
// Lets the trials' results speak: RESULTS[i] is the runner's of trial i, NULL where it failed.
void plan_settle(struct plan_answer *answer, const json *const *results);
void plan_answer_free(struct plan_answer *answer);
MEM_CLEANUP(struct plan_answer *, plan_answer_free);

// The result's column that has the answer; -1 for a report, which is one as a whole.
int plan_answer_column(const struct plan_reading *reading);
// The plan as data, and the parameters as a JSON array; the caller frees them.
json *plan_write(const struct dataset_schema *schema, const struct plan_reading *reading);
json *plan_write_params(const struct plan_reading *reading);
// One sentence that states the answer, from the runner's result ({"columns", "rows", "row_count",
// "truncated"}); the caller frees it.
char *plan_sentence(const struct dataset_schema *schema, const struct plan_reading *reading,
                    const json *result);
