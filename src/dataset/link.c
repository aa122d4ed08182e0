// SPDX-License-Identifier: Apache-2.0
//
// See link.h.
#include "dataset/link.h"

#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "dataset/names.h"

#define CONTAINED_PERCENT 99 // of a column's distinct values, for a reference that nobody declared

// ---- Declared references ------------------------------------------------------------------------

static int find_table(const struct dataset_schema *schema, const char *name, size_t length,
                      const char **ret_closest) {
    const char *names[LIMIT_TABLES];
    cleanup_free char *wanted = mem_text_n(name, length);
    for (size_t i = 0; i < schema->table_count; i++) {
        names[i] = schema->tables[i].name;
        if (strcasecmp(names[i], wanted) == 0)
            return (int)i;
    }
    *ret_closest = str_closest(wanted, names, schema->table_count);
    return -1;
}

static int find_column(const struct dataset_table *table, const char *name,
                       const char **ret_closest) {
    const char *names[LIMIT_COLUMNS];
    for (size_t i = 0; i < table->column_count; i++) {
        names[i] = table->columns[i].name;
        if (strcasecmp(names[i], name) == 0)
            return (int)i;
    }
    *ret_closest = str_closest(name, names, table->column_count);
    return -1;
}

static int bad_reference(const struct dataset_table *table, const struct dataset_column *column,
                         const char *references, const char *why, const char *closest,
                         struct err *err) {
    cleanup_free char *quoted = names_quote(references);
    err_set(err, ERR_BAD_REQUEST, DESCRIPTION_FILE ": the column %s of %s references %s, %s",
            column->name, table->name, quoted, why);
    return closest ? err_hint(err, "Did you mean \"%s\"?", closest) : ERR_BAD_REQUEST;
}

static int link_column(struct dataset_schema *schema, const struct dataset_table *table,
                       struct dataset_column *column, const char *references, struct err *err) {
    const char *dot = strchr(references, '.'), *closest = NULL;
    int to_table = find_table(schema, references, (size_t)(dot - references), &closest);
    if (to_table < 0)
        return bad_reference(table, column, references, "but there is no such table", closest, err);
    const struct dataset_table *other = &schema->tables[to_table];
    int to_column = find_column(other, dot + 1, &closest);
    if (to_column < 0)
        return bad_reference(table, column, references, "but there is no such column", closest,
                             err);
    if (other->columns[to_column].type != column->type)
        return bad_reference(table, column, references, "which is of another type", NULL, err);
    column->references_table = to_table;
    column->references_column = to_column;
    return 0;
}

int link_declared(const struct load_table *loads, struct dataset_schema *schema, struct err *err) {
    for (size_t i = 0; i < schema->table_count; i++) {
        const struct load_table *load = &loads[i];
        for (size_t j = 0; j < load->column_count; j++) {
            const struct description_column *described = load->columns[j].described;
            if (!described || !described->references)
                continue;
            struct dataset_column *column = &load->table->columns[load->columns[j].column];
            int status = link_column(schema, load->table, column, described->references, err);
            if (status)
                return status;
        }
    }
    return 0;
}

// ---- References that nobody declared ------------------------------------------------------------

static bool is_unique(const struct dataset_table *table, const struct dataset_column *column) {
    return table->row_count > 0 && column->null_count == 0 &&
           column->distinct_count == table->row_count;
}

static bool can_identify(const struct dataset_column *column) {
    return column->type == DATASET_INTEGER || column->type == DATASET_TEXT;
}

// Whether NAME is what a column that refers to TABLE by its "id" is called: "customer_id" for
// customers.
static bool is_id_of(const char *name, const struct dataset_table *table) {
    cleanup_free char *row = names_row(table->name);
    cleanup_free char *of_row = names_make(row, "t_"), *of_table = names_make(table->name, "t_");
    cleanup_free char *singular = mem_format("%s_id", of_row ? of_row : ""),
                      *plural = mem_format("%s_id", of_table ? of_table : "");
    return strcasecmp(name, singular) == 0 || strcasecmp(name, plural) == 0;
}

// Whether COLUMN of TABLE may refer to TARGET of OTHER, by names, types and uniqueness. A column of
// the same name that is unique on both sides ("id", or a name) says nothing, unless it is named
// after the other table.
static bool may_refer(const struct dataset_table *table, const struct dataset_column *column,
                      const struct dataset_table *other, const struct dataset_column *target) {
    if (table == other || column->type != target->type || !can_identify(target) ||
        !is_unique(other, target) || column->distinct_count == 0)
        return false;
    bool is_named_after = is_id_of(column->name, other);
    if (strcasecmp(column->name, target->name) == 0)
        return is_named_after || !is_unique(table, column);
    return is_named_after && strcasecmp(target->name, "id") == 0;
}

static int count_rows(sqlite3 *db, const char *sql, int64_t *ret_count, struct err *err) {
    sqlite3_stmt *statement cleanup(load_finalizep) = NULL;
    int status = load_prepare(db, sql, &statement, err);
    if (status)
        return status;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return load_failure(db, err);
    *ret_count = sqlite3_column_int64(statement, 0);
    return 0;
}

// Whether nearly all values of COLUMN are in TARGET: 1, 0, or an error.
static int is_contained(sqlite3 *db, const struct dataset_table *table,
                        const struct dataset_column *column, const struct dataset_table *other,
                        const struct dataset_column *target, struct err *err) {
    int64_t count = 0;
    cleanup_free char *sql = mem_format(
        "SELECT count(*) FROM (SELECT \"%s\" FROM \"%s\" INTERSECT SELECT \"%s\" FROM \"%s\")",
        column->name, table->name, target->name, other->name);
    int status = count_rows(db, sql, &count, err);
    return status ? status : count * 100 >= column->distinct_count * CONTAINED_PERCENT;
}

static int find_reference(sqlite3 *db, struct dataset_schema *schema, size_t table,
                          struct dataset_column *column, struct err *err) {
    for (size_t i = 0; i < schema->table_count && column->references_table < 0; i++) {
        const struct dataset_table *other = &schema->tables[i];
        for (size_t j = 0; j < other->column_count && column->references_table < 0; j++) {
            if (!may_refer(&schema->tables[table], column, other, &other->columns[j]))
                continue;
            int contained =
                is_contained(db, &schema->tables[table], column, other, &other->columns[j], err);
            if (contained < 0)
                return contained;
            if (contained) {
                column->references_table = (int)i;
                column->references_column = (int)j;
            }
        }
    }
    return 0;
}

// The column that identifies the rows: one that others refer to, or one that is named so.
static void find_key(struct dataset_schema *schema, size_t table) {
    struct dataset_table *of = &schema->tables[table];
    bool is_referred[LIMIT_COLUMNS] = {0};
    for (size_t i = 0; i < schema->table_count; i++)
        for (size_t j = 0; j < schema->tables[i].column_count; j++) {
            const struct dataset_column *column = &schema->tables[i].columns[j];
            if (column->references_table == (int)table)
                is_referred[column->references_column] = true;
        }
    for (size_t j = 0; j < of->column_count; j++) {
        struct dataset_column *column = &of->columns[j];
        bool is_named = strcasecmp(column->name, "id") == 0 || is_id_of(column->name, of);
        if ((is_referred[j] || is_named) && can_identify(column) && is_unique(of, column)) {
            column->is_key = true;
            return;
        }
    }
}

int link_found(sqlite3 *db, struct dataset_schema *schema, struct err *err) {
    for (size_t i = 0; i < schema->table_count; i++)
        for (size_t j = 0; j < schema->tables[i].column_count; j++) {
            int status = find_reference(db, schema, i, &schema->tables[i].columns[j], err);
            if (status)
                return status;
        }
    for (size_t i = 0; i < schema->table_count; i++)
        find_key(schema, i);
    return 0;
}

// ---- Indexes ------------------------------------------------------------------------------------

static size_t count_keys(const struct dataset_table *table) {
    size_t keys = 0;
    for (size_t i = 0; i < table->column_count; i++)
        keys += table->columns[i].is_key;
    return keys;
}

// Whether SQLite itself already finds rows by COLUMN: the primary key of the table as it was
// created starts with it.
static bool leads_primary_key(sqlite3 *db, const struct dataset_table *table,
                              const struct dataset_column *column) {
    for (const struct dataset_column *before = table->columns; before < column; before++)
        if (before->is_key)
            return false;
    int is_primary = 0;
    sqlite3_table_column_metadata(db, NULL, table->name, column->name, NULL, NULL, NULL,
                                  &is_primary, NULL);
    return is_primary;
}

static int make_index(sqlite3 *db, bool is_unique_index, size_t table, size_t column,
                      const struct dataset_schema *schema, struct err *err) {
    const struct dataset_table *of = &schema->tables[table];
    cleanup_free char *sql = mem_format(
        "CREATE %sINDEX IF NOT EXISTS sandglass_index_%zu_%zu ON \"%s\" (\"%s\")",
        is_unique_index ? "UNIQUE " : "", table, column, of->name, of->columns[column].name);
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : load_failure(db, err);
}

// The unique index on what is referred to, or on a key that was found.
static int index_target(sqlite3 *db, const struct dataset_schema *schema, size_t table,
                        size_t column, struct err *err) {
    const struct dataset_table *of = &schema->tables[table];
    if (leads_primary_key(db, of, &of->columns[column]) && count_keys(of) == 1)
        return 0;
    return make_index(db, true, table, column, schema, err);
}

static int report_unmatched(sqlite3 *db, const struct dataset_table *table,
                            const struct dataset_column *column, const struct dataset_table *other,
                            const struct dataset_column *target, struct buf *problems,
                            struct err *err) {
    sqlite3_stmt *statement cleanup(load_finalizep) = NULL;
    cleanup_free char *sql = mem_format(
        "SELECT count(*), min(\"%s\") FROM \"%s\" AS t WHERE \"%s\" IS NOT NULL AND NOT "
        "EXISTS (SELECT 1 FROM \"%s\" AS o WHERE o.\"%s\" = t.\"%s\")",
        column->name, table->name, column->name, other->name, target->name, column->name);
    int status = load_prepare(db, sql, &statement, err);
    if (status)
        return status;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return load_failure(db, err);
    int64_t count = sqlite3_column_int64(statement, 0);
    if (count == 0)
        return 0;
    cleanup_free char *value = names_quote((const char *)sqlite3_column_text(statement, 1));
    load_problem(problems, "%s.%s: %lld %s no counterpart in %s.%s, such as %s", table->name,
                 column->name, (long long)count, count == 1 ? "value has" : "values have",
                 other->name, target->name, value);
    return 0;
}

static int index_reference(sqlite3 *db, const struct dataset_schema *schema, size_t i, size_t j,
                           struct buf *problems, struct err *err) {
    const struct dataset_table *table = &schema->tables[i];
    const struct dataset_column *column = &table->columns[j];
    size_t to_table = (size_t)column->references_table,
           to_column = (size_t)column->references_column;
    const struct dataset_table *other = &schema->tables[to_table];
    int status = index_target(db, schema, to_table, to_column, err);
    if (status && sqlite3_errcode(db) == SQLITE_CONSTRAINT)
        return err_set(err, ERR_BAD_REQUEST,
                       DESCRIPTION_FILE
                       ": the column %s of %s references %s.%s, whose values are not unique",
                       column->name, table->name, other->name, other->columns[to_column].name);
    if (!status && !leads_primary_key(db, table, column))
        status = make_index(db, false, i, j, schema, err);
    return status ? status
                  : report_unmatched(db, table, column, other, &other->columns[to_column], problems,
                                     err);
}

int link_index(sqlite3 *db, const struct dataset_schema *schema, struct buf *problems,
               struct err *err) {
    for (size_t i = 0; i < schema->table_count; i++) {
        size_t key = 0;
        while (key < schema->tables[i].column_count && !schema->tables[i].columns[key].is_key)
            key++;
        int status =
            count_keys(&schema->tables[i]) == 1 ? index_target(db, schema, i, key, err) : 0;
        if (status)
            return status;
    }
    for (size_t i = 0; i < schema->table_count; i++)
        for (size_t j = 0; j < schema->tables[i].column_count; j++) {
            if (schema->tables[i].columns[j].references_table < 0)
                continue;
            int status = index_reference(db, schema, i, j, problems, err);
            if (status)
                return status;
        }
    return 0;
}
