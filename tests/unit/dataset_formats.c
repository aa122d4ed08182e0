// SPDX-License-Identifier: Apache-2.0
//
// Tables that are written in something else than plain CSV: compressed, in UTF-16, as JSON lines,
// in an SQLite file; and what is refused of each.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "dataset/names.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

// The rows of table t after importing, or the message.
static const char *imported(void) {
    return fixture_import() ? fixture_message() : fixture_rows("SELECT * FROM t");
}

static void remove_file(const char *name) {
    cleanup_free char *path = path_join(check_folder(), name);
    unlink(path);
}

// ---- Names --------------------------------------------------------------------------------------

TEST(table_files_are_known_by_their_names) {
    static const char *const tables[] = {"a.csv",       "A.CSV",    "a.tsv.gz", "a.jsonl",
                                         "a.ndjson.gz", "a.sqlite", "a.db",     "a.sqlite3"};
    static const char *const others[] = {".csv",       "csv",  "a.json", "a.sqlite.gz",
                                         "a.csv.gz.x", "a.gz", ".a.csv", "data.sqlite"};
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        if (!names_is_table_file(tables[i]))
            check_fail(__FILE__, __LINE__, "%s", tables[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        if (names_is_table_file(others[i]))
            check_fail(__FILE__, __LINE__, "%s", others[i]);
    cleanup_free char *stem = names_of_file("my.orders.csv.gz");
    CHECK_TEXT(stem, "my.orders");
}

// ---- Compressed ---------------------------------------------------------------------------------

// Appends TEXT as gzip writes it.
static void compress_text(const char *text, size_t length, struct buf *ret_bytes) {
    z_stream stream = {0};
    CHECK_INT(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&stream, length);
    unsigned char *out = (unsigned char *)buf_reserve(ret_bytes, bound);
    CHECK(out);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (unsigned)length;
    stream.next_out = out;
    stream.avail_out = (unsigned)bound;
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buf_grew(ret_bytes, bound - stream.avail_out);
    deflateEnd(&stream);
}

TEST(compressed_tables_are_read) {
    struct buf bytes cleanup_buf = BUF(1 << 20);
    compress_text("a,b\nx,1\n", 8, &bytes);
    compress_text("y,2\n", 4, &bytes);
    fixture_bytes("t.csv.gz", bytes.data, bytes.length);
    CHECK_TEXT(imported(), "x|1\ny|2");
}

TEST(a_damaged_or_cut_off_compressed_table_is_refused) {
    struct buf bytes cleanup_buf = BUF(1 << 20);
    static const char message[] = "t.csv.gz cannot be decompressed: it is damaged or cut off";
    compress_text("a,b\nx,1\n", 8, &bytes);
    fixture_bytes("t.csv.gz", bytes.data, bytes.length - 4);
    CHECK_TEXT(imported(), message);
    bytes.data[12] ^= 0x55;
    fixture_bytes("t.csv.gz", bytes.data, bytes.length);
    CHECK_TEXT(imported(), message);
    fixture_bytes("t.csv.gz", "\x1F\x8B", 2);
    CHECK_TEXT(imported(), message);
}

TEST(what_swells_beyond_measure_is_refused) {
    struct buf bytes cleanup_buf = BUF(16 << 20);
    size_t length = 8 << 20;
    cleanup_free char *text = mem_zero(length, 1);
    memset(text, 'a', length);
    text[1] = '\n';
    compress_text(text, length, &bytes);
    fixture_bytes("t.csv.gz", bytes.data, bytes.length);
    CHECK_TEXT(imported(), "t.csv.gz swells to more than 300 times its size");
}

// ---- UTF-16 -------------------------------------------------------------------------------------

TEST(utf_16_is_read_by_its_mark_or_by_evidence) {
#define LITTLE "a\0,\0b\0\n\0\xE9\0,\0001\0\n\0"
#define BIG "\0a\0,\0b\0\n\0\xE9\0,\0001\0\n"
    fixture_bytes("t.csv", "\xFF\xFE" LITTLE, 2 + sizeof LITTLE - 1);
    CHECK_TEXT(imported(), "é|1");
    fixture_bytes("t.csv", "\xFE\xFF" BIG, 2 + sizeof BIG - 1);
    CHECK_TEXT(imported(), "é|1");
    fixture_bytes("t.csv", LITTLE, sizeof LITTLE - 1);
    CHECK_TEXT(imported(), "é|1");
    fixture_bytes("t.csv", BIG, sizeof BIG - 1);
    CHECK_TEXT(imported(), "é|1");
}

TEST(halves_of_utf_16_pairs_are_replaced) {
    static const char bytes[] = "\xFF\xFE"
                                "a\0,\0b\0\n\0"
                                "\x3D\xD8\x00\xDE,\0" // U+1F600
                                "\x3D\xD8x\0\x00\xDE\n\0"
                                "\x3D\xD8";
    fixture_bytes("t.csv", bytes, sizeof bytes - 1);
    CHECK_TEXT(imported(), "\xF0\x9F\x98\x80|\xEF\xBF\xBDx\xEF\xBF\xBD\n\xEF\xBF\xBD|NULL");
}

// ---- JSON lines ---------------------------------------------------------------------------------

TEST(json_lines_are_rows) {
    fixture_file("t.jsonl",
                 "{\"name\":\"Ann\",\"age\":30,\"home\":{\"city\":\"Oslo\",\"at\":[1,2]}}\n"
                 "\n"
                 "{\"age\":31.5,\"name\":\"Bob\",\"tags\":[\"a\",\"b\"],\"ok\":true}\r\n"
                 "{\"name\":null,\"home\":{},\"tags\":[{\"x\":1}],\"id\":1234567890123}");
    CHECK_TEXT(imported(), "Ann|30.0|Oslo|1, 2|NULL|NULL|NULL|NULL\n"
                           "Bob|31.5|NULL|NULL|a, b|1|NULL|NULL\n"
                           "NULL|NULL|NULL|NULL|[{\"x\":1}]|NULL|NULL|1234567890123");
    CHECK_TEXT(fixture_table(0)->columns[2].name, "home_city");
    CHECK_TEXT(fixture_table(0)->columns[2].title, "Home city");
    CHECK_TEXT(fixture_problems(), "");
}

TEST(json_lines_that_are_none_are_refused_with_their_line) {
    static const struct {
        const char *text, *message;
    } lines[] = {
        {"{\"a\":1}\n[1]\n", "t.jsonl, line 2: it is no JSON object"},
        {"{\"a\":1}\n{\"a\":\n", "t.jsonl, line 2: not valid JSON at line 1, column 5"},
        {"", "t.jsonl is empty: it has not even a header line"},
        {"\n \n", "t.jsonl is empty: it has not even a header line"},
        {"{}\n", "t.jsonl is empty: it has not even a header line"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        fixture_file("t.jsonl", lines[i].text);
        CHECK_TEXT(imported(), lines[i].message);
    }
}

TEST(numbers_that_json_cannot_hold_are_told) {
    fixture_file("t.jsonl", "{\"id\":9007199254740991}\n{\"id\":12345678901234567}\n");
    CHECK_TEXT(imported(), "9007199254740991\n12345678901234568");
    CHECK_TEXT(
        fixture_problems(),
        "t.jsonl, line 2: the number has more digits than are kept of it; in quotes it would "
        "be text\n");
}

TEST(objects_with_too_many_keys_are_refused) {
    struct buf text cleanup_buf = BUF(1 << 20);
    for (int i = 0; i <= LIMIT_COLUMNS; i++)
        buf_add_format(&text, "{\"k%d\":1}\n", i);
    fixture_file("t.jsonl", buf_text(&text));
    CHECK_TEXT(imported(), "t.jsonl, line 1001: the objects have more than 1000 keys");
}

// ---- SQLite -------------------------------------------------------------------------------------

static void make_sqlite(const char *name, const char *sql) {
    cleanup_free char *path = path_join(check_folder(), name);
    sqlite3 *db = NULL;
    unlink(path);
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        check_fail(__FILE__, __LINE__, "%s", message);
    sqlite3_close(db);
}

TEST(the_tables_of_an_sqlite_file_are_tables) {
    make_sqlite("s.sqlite", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, size REAL, x BLOB);"
                            "CREATE TABLE \"My Orders\" (t_id, day, price);"
                            "CREATE VIEW v AS SELECT 1 AS one;"
                            "INSERT INTO t VALUES (7, 'a', 1.5, x'0102'), (8, NULL, 0.1, 'text');"
                            "INSERT INTO \"My Orders\" VALUES (7, '2020-01-02', '$5'), "
                            "(8, '2020-01-03', '$6'), (7, '2020-01-04', '$7')");
    CHECK_TEXT(imported(), "7|a|1.5|NULL\n8|NULL|0.1|text");
    CHECK_INT((int)dataset_schema(fixture_dataset())->table_count, 2);
    CHECK_TEXT(fixture_table(1)->name, "my_orders");
    CHECK_TEXT(fixture_rows("SELECT * FROM my_orders LIMIT 1"), "7|2020-01-02|5|$5");
    CHECK_INT(fixture_table(1)->columns[1].type, DATASET_DATE);
    CHECK_TEXT(fixture_table(1)->columns[2].unit, "USD");
    CHECK_TEXT(fixture_problems(),
               "s.sqlite, line 1: the cell has bytes that are no text and is empty\n");
}

TEST(a_file_in_wal_mode_is_read) {
    make_sqlite("s.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (5)");
    CHECK_TEXT(imported(), "5");
}

TEST(an_author_says_which_table_of_an_sqlite_file_is_meant) {
    make_sqlite("s.db", "CREATE TABLE one (a); CREATE TABLE two (a); INSERT INTO one VALUES (1);"
                        "INSERT INTO two VALUES (2)");
    fixture_file("dataset.json",
                 "{\"tables\":[{\"file\":\"s.db\",\"table\":\"two\",\"name\":\"t\"},"
                 "{\"file\":\"s.db\",\"table\":\"one\",\"name\":\"u\"}]}");
    CHECK_TEXT(imported(), "2");
    CHECK_TEXT(fixture_rows("SELECT * FROM u"), "1");
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"s.db\",\"table\":\"tow\"}]}");
    CHECK_TEXT(imported(), "dataset.json: s.db has no table \"tow\"");
    CHECK_TEXT(fixture_hint(), "Did you mean \"two\"?");
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"s.db\"}]}");
    CHECK_TEXT(imported(), "dataset.json: s.db has 2 tables, and \"table\" does not say which");
    fixture_file("t.csv", "a\n1\n");
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"t.csv\",\"table\":\"x\"}]}");
    CHECK_TEXT(imported(), "dataset.json: \"table\" is for SQLite files, and t.csv is none");
}

TEST(hostile_sqlite_files_are_refused_or_lose_what_is_hostile) {
    make_sqlite(
        "s.db",
        "CREATE TABLE t (a, b GENERATED ALWAYS AS (a || '!'));"
        "CREATE VIEW w AS SELECT load_extension('x');"
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', "
        "'r', 'r', 0, 'CREATE VIRTUAL TABLE r USING unheard(x)'); PRAGMA writable_schema = OFF;"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;"
        "INSERT INTO t VALUES ('x')");
    CHECK_TEXT(imported(), "x|x!");
    CHECK_INT((int)dataset_schema(fixture_dataset())->table_count, 1);
    make_sqlite("s.db", "CREATE VIEW t AS SELECT 1");
    CHECK_TEXT(imported(), "s.db has no table");
    fixture_bytes("s.db", "SQLite format 3\0 and no more of it", 34);
    CHECK(fixture_import());
    CHECK_TEXT(fixture_message(), "s.db cannot be read as an SQLite file: file is not a database");
}

TEST(an_sqlite_file_with_damaged_pages_is_refused) {
    make_sqlite("s.db",
                "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                "FROM n WHERE i < 3000) INSERT INTO t SELECT printf('%050d', i) FROM n");
    cleanup_free char *path = path_join(check_folder(), "s.db");
    cleanup_fd int fd = open(path, O_WRONLY);
    static const char nonsense[512] = "\x7F\x7F\x7F\x7F\x7F";
    CHECK_INT(pwrite(fd, nonsense, sizeof nonsense, 3 * 4096), sizeof nonsense);
    CHECK(fixture_import());
    CHECK(strstr(fixture_message(), "s.db is a damaged SQLite file: "));
    remove_file("s.db");
}
