// SPDX-License-Identifier: Apache-2.0
//
// See total.h. The last row sums up the others where one of its first texts says so ("Total",
// "Grand total:") and its numbers bear it out: one of them is the sum of those above it, or none is
// less than the greatest of them, as rows may be missing from a table that its author summed up.
#include "dataset/total.h"

#include <math.h>

#include "base/buf.h"
#include "base/limits.h"
#include "dataset/load.h"
#include "dataset/words.h"

#define LABEL_WORDS 5

// "Totals", "Grand total:", "Total of all towns"; "sum" and "overall" alone, as they may be part of
// a name.
bool total_is_label(const char *text) {
    static const char *const words[] = {"sum", "overall", "total", "totals", "subtotal"};
    struct word found[LABEL_WORDS + 1];
    size_t count = words_split_prose(text, found, LABEL_WORDS + 1);
    if (count == 0 || count > LABEL_WORDS)
        return false;
    for (size_t i = count == 1 ? 0 : 2; i < ARRAY_LENGTH(words); i++)
        if (strcmp(found[0].text, words[i]) == 0 || strcmp(found[count - 1].text, words[i]) == 0)
            return true;
    return false;
}

static bool is_number(const struct dataset_column *column) {
    return column->type == DATASET_INTEGER || column->type == DATASET_REAL;
}

// Whether a text of the row says that it is a total: 1, 0 or an error.
static int has_label(sqlite3 *db, const struct dataset_table *table, struct err *err) {
    for (size_t i = 0; i < table->column_count && i < TOTAL_LABEL_COLUMNS; i++) {
        sqlite3_stmt *statement cleanup(load_finalizep) = NULL;
        int companion = dataset_companion(table, (int)i, DATASET_AS_TEXT);
        const struct dataset_column *column = &table->columns[companion < 0 ? (int)i : companion];
        if (column->type != DATASET_TEXT)
            continue;
        cleanup_free char *sql = mem_format("SELECT \"%s\" FROM \"%s\" WHERE _rowid_ = %lld",
                                            column->name, table->name, (long long)table->row_count);
        int status = load_prepare(db, sql, &statement, err);
        if (status)
            return status;
        const char *text = sqlite3_step(statement) == SQLITE_ROW
                               ? (const char *)sqlite3_column_text(statement, 0)
                               : NULL;
        if (text && total_is_label(text))
            return 1;
    }
    return 0;
}

struct evidence {
    size_t sums, maxima, others;
};

static int weigh(sqlite3 *db, const struct dataset_table *table,
                 const struct dataset_column *column, struct evidence *evidence, struct err *err) {
    sqlite3_stmt *statement cleanup(load_finalizep) = NULL;
    cleanup_free char *sql =
        mem_format("SELECT (SELECT \"%s\" FROM \"%s\" WHERE _rowid_ = %lld), total(\"%s\"), "
                   "max(\"%s\") FROM \"%s\" WHERE _rowid_ < %lld",
                   column->name, table->name, (long long)table->row_count, column->name,
                   column->name, table->name, (long long)table->row_count);
    int status = load_prepare(db, sql, &statement, err);
    if (status)
        return status;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return load_failure(db, err);
    if (sqlite3_column_type(statement, 0) == SQLITE_NULL)
        return 0;
    double last = sqlite3_column_double(statement, 0), sum = sqlite3_column_double(statement, 1);
    if (last != 0 && fabs(last - sum) <= 1e-9 * fabs(sum))
        evidence->sums++;
    else if (last >= sqlite3_column_double(statement, 2))
        evidence->maxima++;
    else
        evidence->others++;
    return 0;
}

int total_find(sqlite3 *db, struct dataset_table *table, struct err *err) {
    struct evidence evidence = {0};
    table->total_row = 0;
    if (table->row_count < TOTAL_ROWS_MIN)
        return 0;
    int labelled = has_label(db, table, err);
    if (labelled <= 0)
        return labelled;
    for (size_t i = 0; i < table->stored_count; i++) {
        int status = is_number(&table->columns[i])
                         ? weigh(db, table, &table->columns[i], &evidence, err)
                         : 0;
        if (status)
            return status;
    }
    if (evidence.sums || evidence.maxima > evidence.others)
        table->total_row = table->row_count;
    return 0;
}
