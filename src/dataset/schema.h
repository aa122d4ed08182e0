// SPDX-License-Identifier: Apache-2.0
//
// What is known of a data set: its tables and columns, what their values are like, how they refer
// to each other, and the questions that its author vouches for. It is made at import, kept as JSON
// inside the data set's SQLite file, and read back whole; nobody changes it afterwards, so any
// number of threads may read it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

#define DATASET_SAMPLES 8 // at most so many of a column's values are kept

enum dataset_type {
    DATASET_INTEGER,
    DATASET_REAL,
    DATASET_TEXT,
    DATASET_DATE,      // text "YYYY-MM-DD"
    DATASET_TIMESTAMP, // text "YYYY-MM-DD HH:MM:SS"
    DATASET_BOOLEAN,   // integer 0 or 1
    DATASET_TIME,      // of day, text "HH:MM:SS"
};

// What a companion column has of each cell of the column that it is derived from.
enum dataset_derivation {
    DATASET_NOT_DERIVED,
    DATASET_AS_TEXT,   // as it is written, where the typed value shows less
    DATASET_AS_NUMBER, // the first number inside, of durations their seconds
    DATASET_AS_SECOND, // the second number of a score or range
    DATASET_AS_DATE,   // text: "1998-09-04", or what is there of it: "1998-09", "--09-04"
};
#define DATASET_DERIVATIONS 5

struct dataset_texts {
    char **at;
    size_t count;
};

struct dataset_column {
    char *name;        // in SQL
    char *title;       // for people; never empty
    char *description; // "" where there is none, like unit
    char *unit;        // "USD", "°C", …
    struct dataset_texts synonyms;
    enum dataset_type type;
    bool hidden;                             // never planned with
    bool is_key;                             // part of the table's primary key
    bool is_indexed;                         // its texts are in the value index
    int references_table, references_column; // what it refers to, or -1
    int64_t null_count, distinct_count;
    char *min, *max;               // as text, NULL for a column without values
    double min_number, max_number; // for integer and real, as are these
    double p25, median, p75;
    struct dataset_texts samples;           // the commonest values, at most DATASET_SAMPLES
    int64_t sample_counts[DATASET_SAMPLES]; // in how many rows each of them is
    bool is_category;                       // few texts, each in several rows
    char *list_separator; // what parts the things that its texts list, "" for no lists
    int derived_from;     // of a companion: the column of the same table, else -1
    enum dataset_derivation derived_as;
};

struct dataset_table {
    char *name, *title, *description;
    char *row; // what one row is called, singular: "strike"
    int64_t row_count;
    // First the file's own columns, then the companions that were made of them. Companions are
    // never listed: whoever counts to column_count sees the file's columns only.
    struct dataset_column *columns;
    size_t column_count, stored_count;
    int time_column;   // by which a row's time is meant where a question says nothing, or -1
    int64_t total_row; // the rowid of a last row that sums up the others, 0 for none
    int label;         // the column that a row is known by, -1 for none; found when it is opened
};

// A named expression over the columns of one table, summed or averaged like a column.
struct dataset_metric {
    char *name, *title, *expression, *unit;
    int table;
    struct dataset_texts synonyms;
};

struct dataset_prompt {
    char *question;
    json *expect; // {"rows": [[…]], "row_count": n, "columns": n}, NULL where nothing is expected
};

struct dataset_schema {
    char *name, *title, *description, *license, *source_name, *source_url;
    char *data_sha256; // as `sha256sum dataset.json TABLES… | sha256sum` prints it
    struct dataset_table *tables;
    size_t table_count;
    struct dataset_metric *metrics;
    size_t metric_count;
    struct dataset_prompt *prompts;
    size_t prompt_count;
};

void dataset_schema_free(struct dataset_schema *schema);
MEM_CLEANUP(struct dataset_schema *, dataset_schema_free);

// "integer", "real", "text", "date", "timestamp", "boolean"
const char *dataset_type_name(enum dataset_type type);
// The type of that name, or -1.
int dataset_type_from_name(const char *name);

// The schema as JSON and back; reading checks every index and type, as the JSON may come from a
// file that was damaged.
json *dataset_schema_write(const struct dataset_schema *schema);
int dataset_schema_read(const json *value, struct dataset_schema **ret_schema, struct err *err);

// The companion of COLUMN with that derivation: its place among the table's columns, or -1.
int dataset_companion(const struct dataset_table *table, int column,
                      enum dataset_derivation derivation);
int64_t dataset_row_count(const struct dataset_schema *schema); // of all tables

// Lists of texts. Reading refuses more than MAX, and what is no text, naming PATH; RET_TEXTS is
// freed before it is set.
int dataset_texts_read(const json *array, const char *path, size_t max,
                       struct dataset_texts *ret_texts, struct err *err);
void dataset_texts_done(struct dataset_texts *texts);
