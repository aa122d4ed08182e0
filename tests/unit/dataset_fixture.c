// SPDX-License-Identifier: Apache-2.0
//
// See dataset_fixture.h. A test runs in a process of its own, so what is kept here is that test's.
#include "tests/unit/dataset_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "dataset/import.h"
#include "tests/unit/check.h"

static struct buf problems = BUF(1 << 20), rows = BUF(8 << 20);
static struct err err;
static struct dataset *dataset;

__attribute__((destructor)) static void free_all(void) {
    buf_done(&problems);
    buf_done(&rows);
    dataset_close(dataset);
}

void fixture_bytes(const char *name, const void *bytes, size_t length) {
    cleanup_free char *path = path_join(check_folder(), name);
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(fd >= 0);
    CHECK_OK(fd_write_all(fd, bytes, length, &err), err);
}

void fixture_file(const char *name, const char *text) { fixture_bytes(name, text, strlen(text)); }

int fixture_import(void) {
    cleanup_free char *target = path_join(check_folder(), "built");
    cleanup_free char *path = path_join(target, DATASET_FILE);
    struct dataset_sources *sources cleanup(dataset_sources_closep) = NULL;
    err = (struct err){0};
    buf_clear(&problems);
    dataset_close(mem_take(dataset));
    CHECK_OK(path_make_folder(target, 0755, &err), err);
    int status = dataset_sources_open(check_folder(), &sources, &err);
    cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return status ? status : dataset_import(sources, fd, &problems, &err);
}

const char *fixture_problems(void) { return buf_text(&problems); }
const char *fixture_message(void) { return err.message; }
const char *fixture_hint(void) { return err.hint; }

const struct dataset *fixture_dataset(void) {
    cleanup_free char *target = path_join(check_folder(), "built");
    if (!dataset)
        CHECK_OK(dataset_open(target, &dataset, &err), err);
    return dataset;
}

const struct dataset_table *fixture_table(size_t table) {
    const struct dataset_schema *schema = dataset_schema(fixture_dataset());
    CHECK(table < schema->table_count);
    return &schema->tables[table];
}

const struct dataset_column *fixture_column(const char *name) {
    const struct dataset_table *table = fixture_table(0);
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    check_fail(__FILE__, __LINE__, "no column is named %s", name);
}

static void add_row(sqlite3_stmt *statement) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *text = (const char *)sqlite3_column_text(statement, i);
        buf_add_format(&rows, "%s%s", i ? "|" : "", text ? text : "NULL");
    }
}

const char *fixture_rows(const char *sql) {
    cleanup_free char *path = path_join(check_folder(), "built/" DATASET_FILE);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    buf_clear(&rows);
    CHECK_INT(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        check_fail(__FILE__, __LINE__, "%s: %s", sql, sqlite3_errmsg(db));
    for (size_t count = 0; sqlite3_step(statement) == SQLITE_ROW; count++) {
        if (count)
            buf_add_char(&rows, '\n');
        add_row(statement);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return buf_text(&rows);
}

const char *fixture_csv(const char *text) {
    fixture_file("t.csv", text);
    return fixture_import() ? fixture_message() : fixture_rows("SELECT * FROM t");
}
