// SPDX-License-Identifier: Apache-2.0
//
// Reading CSV files: RFC 4180, and what is made of files that break it.

#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

static const char *csv_of_bytes(const char *bytes, size_t length) {
    fixture_bytes("t.csv", bytes, length);
    return fixture_import() ? fixture_message() : fixture_rows("SELECT * FROM t");
}

TEST(a_plain_csv_is_read_row_by_row) {
    CHECK_TEXT(fixture_csv("a,b\nx,y\nz,w\n"), "x|y\nz|w");
    CHECK_TEXT(fixture_problems(), "");
}

TEST(line_ends_may_be_crlf_or_cr_and_the_last_may_be_missing) {
    CHECK_TEXT(fixture_csv("a,b\r\nx,y\r\nz,w\r\n"), "x|y\nz|w");
    CHECK_TEXT(fixture_csv("a,b\rx,y\rz,w"), "x|y\nz|w");
    CHECK_TEXT(fixture_csv("a,b\nx,y\nz,w"), "x|y\nz|w");
    CHECK_TEXT(fixture_problems(), "");
}

TEST(a_byte_order_mark_is_no_part_of_the_first_header) {
    CHECK_TEXT(fixture_csv("\xEF\xBB\xBF\"a\",b\nx,y\n"), "x|y");
    CHECK_TEXT(fixture_table(0)->columns[0].name, "a");
    CHECK_TEXT(fixture_problems(), "");
}

TEST(a_quoted_cell_may_hold_delimiters_quotes_and_line_breaks) {
    CHECK_TEXT(fixture_csv("a,b\n\"x, \"\"y\"\"\",\"one\r\ntwo\"\n\"\"\"\",z\n"),
               "x, \"y\"|one\ntwo\n\"|z");
}

TEST(a_quote_inside_an_unquoted_cell_is_a_sign_like_others) {
    CHECK_TEXT(fixture_csv("a,b\n5\" pipe,y\n"), "5\" pipe|y");
}

TEST(quotes_escaped_by_a_backslash_are_read_where_the_file_does_so) {
    CHECK_TEXT(fixture_csv("a,b\n\"\\\"Likwit\\\"\",\"C:\\\\x\"\n\"say \\\"hi\\\", you\",y\n"),
               "\"Likwit\"|C:\\x\nsay \"hi\", you|y");
    CHECK_TEXT(fixture_problems(), "");
}

TEST(a_backslash_before_a_closing_quote_is_kept_where_the_file_is_rfc_4180) {
    CHECK_TEXT(fixture_csv("a,b\n\"C:\\\",y\n\"D:\\\",z\n"), "C:\\|y\nD:\\|z");
}

TEST(the_delimiter_is_found_in_the_header) {
    CHECK_TEXT(fixture_csv("a;b\nx;1,5\ny;2,25\n"), "x|1.5\ny|2.25");
    CHECK_TEXT(fixture_csv("a\tb\nx, y\tz\n"), "x, y|z");
    CHECK_TEXT(fixture_csv("a|b\nx|z\n"), "x|z");
    CHECK_TEXT(fixture_csv("\"a;b;c\",d\nx,z\n"), "x|z");
    CHECK_TEXT(fixture_csv("one, two, three\na;b;c\nx;y;z\nu;v;w\n"), "x|y|z\nu|v|w");
}

TEST(a_tsv_file_is_a_table_too) {
    fixture_file("t.tsv", "a\tb\nx\ty\n");
    CHECK_INT(fixture_import(), 0);
    CHECK_TEXT(fixture_rows("SELECT * FROM t"), "x|y");
}

TEST(white_space_around_cells_is_no_part_of_them) {
    CHECK_TEXT(fixture_csv("a , b\n  x\t, \" y \" \n\xC2\xA0z\xC2\xA0,w\n"), "x|y\nz|w");
    CHECK_TEXT(fixture_problems(), "");
}

TEST(empty_lines_are_skipped_and_rows_of_delimiters_are_left_out_with_a_line_about_them) {
    CHECK_TEXT(fixture_csv("a,b\n\nx,y\n,\n\n,\nz,w\n\n"), "x|y\nz|w");
    CHECK_TEXT(fixture_problems(),
               "t.csv, line 4: the row has no values and is left out, and so for 2 in all\n");
}

TEST(a_short_row_is_filled_up) {
    CHECK_TEXT(fixture_csv("a,b,c\nx,y\n1,2,3,\np,q,r\ns\n"),
               "x|y|NULL\n1|2|3\np|q|r\ns|NULL|NULL");
    CHECK_TEXT(fixture_problems(),
               "t.csv, line 2: the row has fewer cells than the header; the missing ones are "
               "empty, and so for 2 in all\n");
}

TEST(a_quote_that_is_never_closed_is_named_with_its_line) {
    CHECK_TEXT(fixture_csv("a,b\nx,y\nz,\"w\nv,u\n"),
               "t.csv, line 3: a quote opens here and is never closed");
}

TEST(text_behind_a_closing_quote_is_kept) {
    CHECK_TEXT(fixture_csv("a,b\n\"x\"yz,w\n"), "xyz|w");
    CHECK_TEXT(fixture_problems(), "t.csv, line 2: the cell goes on behind its closing quote; all "
                                   "of it is kept\n");
}

TEST(bytes_that_are_no_utf8_are_read_as_windows_1252) {
    CHECK_TEXT(fixture_csv("a,b\nCaf\xE9,\x93x\x94\nna\xC3\xAFve,y\n"), "Café|“x”\nnaïve|y");
    CHECK_TEXT(fixture_problems(), "t.csv, line 2: the cell is not UTF-8 and is read as "
                                   "Windows-1252, and so for 2 in all\n");
}

TEST(nul_bytes_are_dropped) {
    CHECK_TEXT(csv_of_bytes("a,b\nx\0y,z\n", 10), "xy|z");
    CHECK(strstr(fixture_problems(), "t.csv, line 2"));
}

TEST(a_file_that_is_no_text_is_refused_by_what_it_is) {
    CHECK_TEXT(csv_of_bytes("PK\x03\x04xyz", 7),
               "t.csv is no CSV file: it is a spreadsheet or another zip archive");
    CHECK_TEXT(fixture_hint(), "Save or export it as CSV in UTF-8.");
}

TEST(an_empty_file_is_refused) {
    CHECK_TEXT(fixture_csv(""), "t.csv is empty: it has not even a header line");
    CHECK_TEXT(fixture_csv("\n\n \n"), "t.csv is empty: it has not even a header line");
}

TEST(a_file_with_a_header_only_is_a_table_without_rows) {
    CHECK_TEXT(fixture_csv("a,b\n"), "");
    CHECK_INT(fixture_table(0)->row_count, 0);
    CHECK_INT(fixture_table(0)->column_count, 2);
}

TEST(headers_that_are_empty_or_equal_get_names) {
    CHECK_TEXT(fixture_csv("name,Name,,value\na,b,c,d\n"), "a|b|c|d");
    CHECK_TEXT(fixture_table(0)->columns[0].name, "name");
    CHECK_TEXT(fixture_table(0)->columns[1].name, "name_2");
    CHECK_TEXT(fixture_table(0)->columns[2].name, "column_3");
    CHECK_TEXT(fixture_table(0)->columns[2].title, "Column 3");
    CHECK_TEXT(fixture_problems(),
               "t.csv: the header \"Name\" gives a name that is taken; column 2 is called name_2\n"
               "t.csv: column 3 has no header; it is called column_3\n");
}

TEST(a_column_without_header_and_values_is_left_out) {
    CHECK_TEXT(fixture_csv("a,b,\nx,y,\nz,w,\n"), "x|y\nz|w");
    CHECK_TEXT(fixture_problems(),
               "t.csv: column 3 has neither header nor values and is left out\n");
}

TEST(a_cell_over_the_limit_is_refused_with_its_line) {
    size_t length = LIMIT_CELL + 100;
    cleanup_free char *text = mem_zero(1, length + 1);
    memset(text, 'x', length);
    memcpy(text, "a,b\ny,", 6);
    CHECK_TEXT(fixture_csv(text), "t.csv, line 2: a cell has more than 1048576 bytes");
}

TEST(more_columns_than_the_limit_are_refused) {
    struct buf text cleanup_buf = BUF(1 << 20);
    for (int i = 0; i <= LIMIT_COLUMNS; i++)
        buf_add_format(&text, "%sc%d", i ? "," : "", i);
    buf_add_text(&text, "\n1\n");
    CHECK_TEXT(fixture_csv(buf_text(&text)), "t.csv has more than 1000 columns");
}

TEST(as_many_columns_as_the_limit_are_taken) {
    struct buf text cleanup_buf = BUF(1 << 20);
    for (int i = 0; i < LIMIT_COLUMNS; i++)
        buf_add_format(&text, "%sc%d", i ? "," : "", i);
    buf_add_text(&text, "\n1,2,3,,,\n");
    fixture_file("t.csv", buf_text(&text));
    CHECK_INT(fixture_import(), 0);
    CHECK_INT(fixture_table(0)->column_count, LIMIT_COLUMNS);
}

TEST(rows_that_cross_the_readers_buffer_are_whole) {
    // 64 KiB is read at a time; rows of 7 bytes and of quoted 13 never end together with it.
    struct buf text cleanup_buf = BUF(4 << 20);
    buf_add_text(&text, "n,t\n");
    for (int i = 0; i < 40000; i++)
        buf_add_format(&text, "%d,\"%s,\n\"\"%d\"\"\"\r\n", i, i % 2 ? "ä" : "é", i);
    fixture_file("t.csv", buf_text(&text));
    CHECK_INT(fixture_import(), 0);
    CHECK_TEXT(fixture_problems(), "");
    CHECK_TEXT(
        fixture_rows("SELECT count(*), sum(n), min(length(t)), sum(t = CASE n % 2 WHEN 1 THEN 'ä' "
                     "ELSE 'é' END || ',' || char(10) || '\"' || n || '\"') FROM t"),
        "40000|799980000|6|40000");
}
