// SPDX-License-Identifier: Apache-2.0
//
// Random cells for every reader of cells, and damaged files of every format for the import. None
// may crash (the sanitizers look on in their build), each keeps its promises, and what was imported
// can be opened. The seeds are fixed.
#include <math.h>
#include <sqlite3.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/path.h"
#include "dataset/cell.h"
#include "dataset/duration.h"
#include "dataset/infer.h"
#include "dataset/inside.h"
#include "dataset/mark.h"
#include "dataset/unit.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

static unsigned seed = 1;

static size_t pick(size_t count) { return (size_t)rand_r(&seed) % count; }

// ---- Cells --------------------------------------------------------------------------------------

static const char *const pieces[] = {
    "1",    "12",    "1,024",    "1.5",        ".",    ",",        "-",
    "–",    "−",     "$",        "€",          "USD ", "%",        " ",
    "km",   "m",     "s",        "h",          "min",  ":",        "25",
    "03",   "st",    "th",       "e5",         "E",    "[1]",      "[a]",
    "†",    "*",     "¹",        "(",          ")",    "(note 1)", "/",
    "1998", "Sept ", "March",    "May",        "4",    "million",  "K",
    "bn",   "to ",   "×",        "\n",         "; ",   ", ",       "Alice",
    "Bob",  "W ",    "\xC2\xA0", "\xE2",       "\xFF", "\xF0\x9F", "999999999999999999999",
    "N/A",  "T",     "PM",       "2025-12-31", "c. ",  "'",        "\"",
    "[",    "]",     "x"};

// A cell of some pieces in memory of just its size, so that a step beyond is seen.
static char *random_cell(void) {
    struct buf cell cleanup_buf = BUF(4096);
    for (size_t i = 1 + pick(8); i > 0; i--)
        buf_add_text(&cell, pieces[pick(ARRAY_LENGTH(pieces))]);
    return mem_text_n(buf_text(&cell), cell.length);
}

static void check_readers(const char *cell, size_t length) {
    struct number number;
    struct duration duration;
    char unit[NUMBER_UNIT];
    for (int style = NUMBER_PLAIN; style < NUMBER_STYLES; style++)
        if (number_read(cell, length, (enum number_style)style, &number) == 0)
            CHECK(isfinite(number.real) && strlen(number.unit) < NUMBER_UNIT);
    if (duration_read(cell, length, &duration) == 0)
        CHECK(duration.seconds >= 0 && duration.length == length);
    unit_of_header(cell, unit);
    CHECK(mark_trim(cell, length) <= length);
}

static void check_inside(const char *cell, size_t length) {
    for (int i = 0; i < 8; i++) {
        struct inside_style style = {i & 1, i & 2, i & 4};
        struct inside inside;
        char date[DATE_SIZE];
        inside_read(&style, cell, length, &inside);
        CHECK(inside.has_number || !inside.has_second);
        CHECK(inside.date.start + inside.date.length <= length);
        if (inside.date.extent)
            CHECK(strlen(date_write_found(&inside.date, date)) < DATE_SIZE);
    }
    size_t parts = 0;
    for (size_t at = 0, start, bytes; at <= length; parts++) {
        at = inside_part(cell, length, ',', at, &start, &bytes);
        CHECK(start + bytes <= length && at > start);
    }
    CHECK(parts > 1 || !inside_is_list(cell, length, ','));
}

TEST(no_cell_is_too_strange_for_its_readers) {
    for (int i = 0; i < 40000; i++) {
        cleanup_free char *cell = random_cell();
        check_readers(cell, strlen(cell));
        check_inside(cell, strlen(cell));
    }
}

// What infers a column's type from cells is what reads them: no value of a typed column is refused.
TEST(every_value_of_a_column_fits_the_type_that_was_found_for_it) {
    for (int i = 0; i < 6000; i++) {
        char *cells[4];
        struct infer_column column = {0};
        size_t count = 1 + pick(ARRAY_LENGTH(cells));
        for (size_t j = 0; j < count; j++) {
            cells[j] = random_cell();
            infer_cell(&column, cells[j], strlen(cells[j]));
        }
        struct cell_format format = infer_format(&column, -1, pick(2));
        for (size_t j = 0; j < count; j++) {
            struct cell_value value;
            if (cell_read(&format, cells[j], strlen(cells[j]), &value))
                check_fail(__FILE__, __LINE__, "\"%s\" is no %s", cells[j],
                           dataset_type_name(format.type));
            free(cells[j]);
        }
    }
}

// ---- Files --------------------------------------------------------------------------------------

// Imports BYTES as FILE with some of them changed, cut or doubled.
static void import_damaged(const char *file, const struct buf *bytes, int times) {
    for (int i = 0; i < times; i++) {
        struct buf damaged cleanup_buf = BUF(2 * bytes->length + 64);
        buf_add(&damaged, bytes->data, bytes->length);
        for (size_t j = pick(6); j > 0; j--)
            damaged.data[pick(damaged.length)] = (char)rand_r(&seed);
        if (pick(4) == 0)
            damaged.length = 1 + pick(damaged.length);
        else if (pick(4) == 0)
            buf_add(&damaged, bytes->data, pick(bytes->length));
        fixture_bytes(file, damaged.data, damaged.length);
        if (fixture_import()) // but never because the two passes differ
            CHECK(*fixture_message() && !strstr(fixture_message(), "changed while"));
        else
            CHECK(dataset_schema(fixture_dataset())->table_count > 0);
    }
}

static void import_damaged_text(const char *file, const char *text, int times) {
    struct buf bytes cleanup_buf = BUF(1 << 16);
    buf_add_text(&bytes, text);
    import_damaged(file, &bytes, times);
}

static const char table[] =
    "Report\nname,size,day,\"a \"\"b\"\"\"\nAnn,\"$1,024\",\"May 5, 1990\",x; y\n"
    "Bob,$5,\"June 6, 1991\",\"W 21-14\"\nTotal,\"$1,029\",,\"p\nq\"\n";

TEST(damaged_csv_files_are_imported_or_refused) {
    import_damaged_text("t.csv", table, 300);
    import_damaged_text("t.csv", "a;b\n\"x \\\"y\\\"\";1,5\n\"z\";2,5\n", 200);
}

TEST(damaged_utf_16_files_are_imported_or_refused) {
    struct buf bytes cleanup_buf = BUF(1 << 16);
    buf_add(&bytes, "\xFF\xFE", 2);
    for (const char *at = table; *at; at++)
        buf_add(&bytes, (char[2]){*at}, 2);
    import_damaged("t.csv", &bytes, 200);
}

TEST(damaged_json_lines_are_imported_or_refused) {
    import_damaged_text("t.jsonl",
                        "{\"name\":\"Ann\",\"home\":{\"city\":\"Oslo\"},\"tags\":[1,\"b\"]}\n"
                        "{\"name\":\"Bob\",\"size\":1.5e3,\"tags\":[{\"x\":null}]}\n",
                        300);
}

TEST(damaged_compressed_files_are_imported_or_refused) {
    struct buf bytes cleanup_buf = BUF(1 << 16);
    z_stream stream = {0};
    CHECK_INT(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    unsigned char out[1024];
    stream.next_in = (unsigned char *)(uintptr_t)table;
    stream.avail_in = sizeof table - 1;
    stream.next_out = out;
    stream.avail_out = sizeof out;
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buf_add(&bytes, out, sizeof out - stream.avail_out);
    deflateEnd(&stream);
    import_damaged("t.csv.gz", &bytes, 300);
}

TEST(damaged_sqlite_files_are_imported_or_refused) {
    struct buf bytes cleanup_buf = BUF(1 << 20);
    struct err err;
    sqlite3 *db = NULL;
    cleanup_free char *path = path_join(check_folder(), "s.db");
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db,
                           "PRAGMA page_size = 512; CREATE TABLE t (a INTEGER PRIMARY KEY, b, c);"
                           "CREATE INDEX i ON t (b); CREATE TABLE u (x TEXT) ;"
                           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
                           "< 60) INSERT INTO t SELECT i, 'text ' || i, i * 1.5 FROM n;"
                           "INSERT INTO u VALUES (x'0102'), ('y'), (NULL)",
                           NULL, NULL, NULL),
              SQLITE_OK);
    sqlite3_close(db);
    CHECK_OK(fd_read_file(path, &bytes, &err), err);
    import_damaged("s.db", &bytes, 300);
}

TEST(tables_of_random_cells_are_imported) {
    for (int i = 0; i < 150; i++) {
        struct buf text cleanup_buf = BUF(1 << 18);
        for (size_t row = 2 + pick(10); row > 0; row--)
            for (size_t column = 4; column > 0; column--) {
                cleanup_free char *cell = random_cell();
                buf_add_char(&text, '"');
                for (const char *at = pick(9) ? cell : "Total"; *at; at++)
                    buf_add_format(&text, "%s%c", *at == '"' ? "\"" : "", *at);
                buf_add_text(&text, column > 1 ? "\"," : "\"\n");
            }
        fixture_file("t.csv", buf_text(&text));
        if (fixture_import())
            check_fail(__FILE__, __LINE__, "%s\n%s", fixture_message(), buf_text(&text));
        CHECK(fixture_table(0)->column_count > 0);
    }
}
