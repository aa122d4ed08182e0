// SPDX-License-Identifier: Apache-2.0
//
// The distinct values of a column, counted and sorted in memory, are those that SQLite gives.
#include "dataset/tally.h"

#include "base/buf.h"
#include "tests/unit/check.h"

static sqlite3 *db;
static struct buf seen = BUF(1 << 22);

__attribute__((destructor)) static void close_all(void) {
    buf_done(&seen);
    sqlite3_close(db);
}

static void see(const struct tally_value *value, void *context) {
    (void)context;
    switch (value->kind) {
    case TALLY_NULL: buf_add_text(&seen, "null"); break;
    case TALLY_INTEGER: buf_add_format(&seen, "%lld", (long long)value->integer); break;
    case TALLY_REAL: buf_add_format(&seen, "%.17g", value->real); break;
    case TALLY_TEXT: buf_add_format(&seen, "'%s'/%zu", value->text, value->length); break;
    }
    buf_add_format(&seen, " %lld\n", (long long)value->row_count);
}

static const char *tally(enum dataset_type type, size_t max_bytes) {
    struct dataset_table table = {.name = (char *)"t"};
    struct dataset_column column = {.name = (char *)"c", .type = type};
    struct err err = {0};
    buf_clear(&seen);
    CHECK_OK(tally_column(db, &table, &column, max_bytes, see, NULL, &err), err);
    return buf_text(&seen);
}

static void run(const char *sql) {
    if (!db)
        CHECK_INT(sqlite3_open(":memory:", &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL))
        check_fail(__FILE__, __LINE__, "%s", sqlite3_errmsg(db));
}

TEST(values_come_in_order_with_their_counts) {
    run("CREATE TABLE t (c INTEGER); INSERT INTO t VALUES (3), (NULL), (-1), (3), "
        "(9223372036854775807), (-9223372036854775808), (0)");
    CHECK_TEXT(tally(DATASET_INTEGER, 1 << 20),
               "null 1\n-9223372036854775808 1\n-1 1\n0 1\n3 2\n9223372036854775807 1\n");
    run("DROP TABLE t; CREATE TABLE t (c REAL); INSERT INTO t VALUES (0.0), (-0.0), (1.5), "
        "(-1e300), "
        "(1e-300), (-2), (1.5)");
    CHECK_TEXT(tally(DATASET_REAL, 1 << 20),
               "-1.0000000000000001e+300 1\n-2 1\n0 2\n1e-300 1\n1.5 2\n");
    run("DROP TABLE t; CREATE TABLE t (c TEXT); INSERT INTO t VALUES ('b'), ('a'), (''), ('ab'), "
        "('b'), ('é'), ('B')");
    CHECK_TEXT(tally(DATASET_TEXT, 1 << 20),
               "''/0 1\n'B'/1 1\n'a'/1 1\n'ab'/2 1\n'b'/1 2\n'é'/2 1\n");
    run("DELETE FROM t");
    CHECK_TEXT(tally(DATASET_TEXT, 1 << 20), "");
}

// The same with and without memory for it.
static void compare(const char *values, enum dataset_type type, const char *declared) {
    cleanup_free char *sql = mem_format(
        "DROP TABLE IF EXISTS t; CREATE TABLE t (c %s); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT %s FROM n",
        declared, values);
    run(sql);
    cleanup_free char *in_memory = mem_text(tally(type, 1 << 24));
    CHECK(*in_memory);
    CHECK_TEXT(tally(type, 100), in_memory);
}

TEST(sqlite_s_sorter_gives_the_same_where_memory_does_not_suffice) {
    compare("(i * 7919 % 5003 - 2000) * 1000003", DATASET_INTEGER, "INTEGER");
    compare("CASE WHEN i % 7 THEN i % 100 END", DATASET_INTEGER, "INTEGER");
    compare("(i * 7919 % 701 - 300) / 8.0", DATASET_REAL, "REAL");
    compare("CASE WHEN i % 5 THEN 'text ' || (i * 31 % 997) END", DATASET_TEXT, "TEXT");
    compare("substr('abcdefghij', i % 10 + 1, i % 4)", DATASET_TEXT, "TEXT");
}
