// SPDX-License-Identifier: Apache-2.0
//
// See synonyms.h.
#include "dataset/synonyms.h"

#include "dataset/names.h"
#include "dataset/profile.h"

// How many rows of COLUMN have VALUE.
static int count_rows(sqlite3 *db, const struct dataset_table *table,
                      const struct dataset_column *column, const char *value, int64_t *ret_count,
                      struct err *err) {
    sqlite3_stmt *statement cleanup(load_finalizep) = NULL;
    cleanup_free char *sql =
        mem_format("SELECT count(*) FROM \"%s\" WHERE \"%s\" = ?", table->name, column->name);
    int status = load_prepare(db, sql, &statement, err);
    if (status)
        return status;
    sqlite3_bind_text(statement, 1, value, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_ROW)
        return load_failure(db, err);
    *ret_count = sqlite3_column_int64(statement, 0);
    return 0;
}

static int index_value(sqlite3 *db, const struct load_table *load, size_t table, size_t at,
                       const struct description_value *value, struct buf *problems,
                       struct err *err) {
    const struct dataset_column *column = &load->table->columns[at];
    int64_t rows = 0;
    int status = count_rows(db, load->table, column, value->value, &rows, err);
    if (!status && rows == 0) {
        cleanup_free char *quoted = names_quote(value->value);
        load_problem(problems, DESCRIPTION_FILE ": %s.%s has no value %s that could have synonyms",
                     load->table->name, column->name, quoted);
    }
    for (size_t i = 0; i < value->synonyms.count && rows && !status; i++)
        status = profile_add_name(db, table, at, value->value, rows, value->synonyms.at[i], err);
    return status;
}

int synonyms_index(sqlite3 *db, const struct load_table *load, size_t table, struct buf *problems,
                   struct err *err) {
    int status = 0;
    for (size_t i = 0; i < load->column_count && !status; i++) {
        const struct load_column *column = &load->columns[i];
        size_t count =
            column->described && column->column >= 0 ? column->described->value_count : 0;
        if (count && !load->table->columns[column->column].is_indexed)
            return err_set(err, ERR_BAD_REQUEST,
                           DESCRIPTION_FILE
                           ": the values of %s.%s cannot have synonyms: only those "
                           "of a column of few texts that is not hidden can",
                           load->table->name, load->table->columns[column->column].name);
        for (size_t j = 0; j < count && !status; j++)
            status = index_value(db, load, table, (size_t)column->column,
                                 &column->described->values[j], problems, err);
    }
    return status;
}
