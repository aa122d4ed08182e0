// SPDX-License-Identifier: Apache-2.0
//
// What type a column has, and what becomes of its cells.
#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

// The type of a column with these cells, and its values: "integer: 1, 2".
static const char *column_of(const char *cells) {
    static char result[2048];
    cleanup_free char *text = mem_format("c\n%s\n", cells);
    fixture_file("t.csv", text);
    if (fixture_import())
        return fixture_message();
    snprintf(result, sizeof result, "%s: %s", dataset_type_name(fixture_column("c")->type),
             fixture_rows("SELECT group_concat(coalesce(c, 'NULL'), ', ') FROM (SELECT c FROM t "
                          "ORDER BY rowid)"));
    return result;
}

TEST(whole_numbers_are_integers) {
    CHECK_TEXT(column_of("1\n-2\n+3\n0"), "integer: 1, -2, 3, 0");
    CHECK_TEXT(column_of("9223372036854775807\n-9223372036854775808"),
               "integer: 9223372036854775807, -9223372036854775808");
}

TEST(numbers_with_a_fraction_are_real) {
    CHECK_TEXT(column_of("1\n2.5\n.5\n1e3\n-1.5E-3"), "real: 1.0, 2.5, 0.5, 1000.0, -0.0015");
    CHECK_TEXT(column_of("0.1\n0.2\n123456.789012345678901"), "real: 0.1, 0.2, 123456.789012346");
}

TEST(integers_that_do_not_fit_64_bits_stay_text) {
    CHECK_TEXT(column_of("1\n9223372036854775808"), "text: 1, 9223372036854775808");
}

TEST(leading_zeros_keep_a_column_text) {
    CHECK_TEXT(column_of("00123\n456"), "text: 00123, 456");
    CHECK_TEXT(column_of("0\n0.5\n0.75"), "real: 0.0, 0.5, 0.75");
}

TEST(one_value_that_is_no_number_keeps_a_column_text) {
    CHECK_TEXT(column_of("1\n2\nthree"), "text: 1, 2, three");
    CHECK_TEXT(column_of("0x10\n12"), "text: 0x10, 12");
    CHECK_TEXT(column_of("1e999\n1"), "text: 1e999, 1");
    CHECK_TEXT(column_of("inf\n1"), "text: inf, 1");
}

TEST(separators_of_thousands_are_taken_where_they_part_threes) {
    CHECK_TEXT(column_of("\"1,024\"\n\"12,345,678\"\n7"), "integer: 1024, 12345678, 7");
    CHECK_TEXT(column_of("\"1,024.5\"\n7"), "real: 1024.5, 7.0");
    CHECK_TEXT(column_of("\"1,02\"\n7"), "text: 1,02, 7");
    CHECK_TEXT(column_of("\"1,2345\"\n7"), "text: 1,2345, 7");
    CHECK_TEXT(column_of("\",123\"\n7"), "text: ,123, 7");
}

TEST(where_cells_are_parted_by_semicolons_a_comma_is_decimal) {
    CHECK_TEXT(fixture_csv("a;b\n1.234,5;1,25\n2;3\n"), "1234.5|1.25\n2.0|3.0");
}

TEST(a_sign_that_all_numbers_carry_becomes_the_unit) {
    CHECK_TEXT(column_of("\"$1,200.50\"\n-$3\n$ 4"), "real: 1200.5, -3.0, 4.0");
    CHECK_TEXT(fixture_column("c")->unit, "USD");
    CHECK_TEXT(column_of("12%\n7.5 %"), "real: 12.0, 7.5");
    CHECK_TEXT(fixture_column("c")->unit, "%");
    CHECK_TEXT(column_of("€5\n6 €"), "integer: 5, 6");
    CHECK_TEXT(fixture_column("c")->unit, "EUR");
    CHECK_TEXT(column_of("$5\n€6"), "text: $5, €6");
}

TEST(a_typographical_minus_is_a_minus) { CHECK_TEXT(column_of("−5\n3"), "integer: -5, 3"); }

TEST(booleans_are_words_of_one_pair) {
    CHECK_TEXT(column_of("true\nFALSE\nTrue"), "boolean: 1, 0, 1");
    CHECK_TEXT(column_of("Yes\nno"), "boolean: 1, 0");
    CHECK_TEXT(column_of("t\nF"), "boolean: 1, 0");
    CHECK_TEXT(column_of("F\nF"), "text: F, F");
    CHECK_TEXT(column_of("yes\ntrue"), "text: yes, true");
    CHECK_TEXT(column_of("0\n1"), "integer: 0, 1");
}

TEST(dates_are_kept_as_iso) {
    CHECK_TEXT(column_of("2025-12-31\n2024/2/29"), "date: 2025-12-31, 2024-02-29");
    CHECK_TEXT(column_of("31.12.2025\n1.2.99"), "date: 2025-12-31, 1999-02-01");
    CHECK_TEXT(column_of("\"Dec 31, 2025\"\n\"January 1, 2026\"\nSept. 3 2025"),
               "date: 2025-12-31, 2026-01-01, 2025-09-03");
    CHECK_TEXT(column_of("31 Dec 2025\n1st January 2026\n8-Jan-90"),
               "date: 2025-12-31, 2026-01-01, 1990-01-08");
}

TEST(a_day_that_is_not_in_the_calendar_keeps_a_column_text) {
    CHECK_TEXT(column_of("2025-02-29\n2025-01-01"), "text: 2025-02-29, 2025-01-01");
    CHECK_TEXT(column_of("2025-13-01"), "text: 2025-13-01");
    CHECK_TEXT(column_of("2025-00-01"), "text: 2025-00-01");
}

TEST(the_month_is_first_unless_some_value_proves_otherwise) {
    CHECK_TEXT(column_of("1/8/90\n12/31/1999"), "date: 1990-01-08, 1999-12-31");
    CHECK_TEXT(fixture_problems(), "");
    CHECK_TEXT(column_of("1/8/90\n31/12/1999"), "date: 1990-08-01, 1999-12-31");
    CHECK_TEXT(fixture_problems(), "");
    CHECK_TEXT(column_of("1/8/90\n3/4/91"), "date: 1990-01-08, 1991-03-04");
    CHECK_TEXT(fixture_problems(),
               "t.csv: the dates in c are read with the month first; none tells otherwise\n");
    CHECK_TEXT(column_of("13/1/2000\n1/13/2000"), "text: 13/1/2000, 1/13/2000");
}

TEST(times_of_day_make_timestamps_and_midnights_alone_do_not) {
    CHECK_TEXT(column_of("2025-12-31T23:59:58Z\n2025-12-31 08:30"),
               "timestamp: 2025-12-31 23:59:58, 2025-12-31 08:30:00");
    CHECK_TEXT(column_of("1/8/90 0:00\n1/9/90 0:00:00"), "date: 1990-01-08, 1990-01-09");
    CHECK_TEXT(column_of("1/8/90 12:30 AM\n1/9/90 1:05 pm"),
               "timestamp: 1990-01-08 00:30:00, 1990-01-09 13:05:00");
    CHECK_TEXT(column_of("2025-12-31 23:59:59.123+00:00"), "timestamp: 2025-12-31 23:59:59");
    CHECK_TEXT(column_of("2025-12-31 23:59:59+02:00"), "text: 2025-12-31 23:59:59+02:00");
    CHECK_TEXT(column_of("2025-12-31 24:00"), "text: 2025-12-31 24:00");
}

TEST(spellings_of_nothing_are_null_among_numbers_and_dates) {
    CHECK_TEXT(column_of("1\nNA\n-\n—\nn/a\nnull\nNULL\nNaN\n2"),
               "integer: 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2");
    CHECK_TEXT(column_of("2025-01-01\nN/A\n-"), "date: 2025-01-01, NULL, NULL");
}

TEST(among_texts_only_null_and_n_a_are_null) {
    CHECK_TEXT(column_of("None\n-\nNA\nNULL\nN/A\nx"), "text: None, -, NA, NULL, NULL, x");
}

TEST(a_column_without_values_is_text) {
    CHECK_TEXT(fixture_csv("a,b\nx,\ny,NA\n"), "x|NULL\ny|NA");
    CHECK_INT(fixture_column("b")->type, DATASET_TEXT);
}

// ---- Types that dataset.json declares

static const char *declared(const char *type, const char *cells) {
    cleanup_free char *text = mem_format(
        "{\"tables\":[{\"file\":\"t.csv\",\"columns\":[{\"header\":\"c\",\"type\":\"%s\"}]}]}",
        type);
    fixture_file("dataset.json", text);
    return column_of(cells);
}

TEST(a_declared_type_wins) {
    CHECK_TEXT(declared("text", "1\n2"), "text: 1, 2");
    CHECK_TEXT(declared("real", "1\n2"), "real: 1.0, 2.0");
    CHECK_TEXT(declared("integer", "007\n12.0"), "integer: 7, 12");
    CHECK_TEXT(declared("boolean", "0\n1"), "boolean: 0, 1");
    CHECK_TEXT(declared("timestamp", "2025-01-02"), "timestamp: 2025-01-02 00:00:00");
    CHECK_TEXT(declared("date", "31/1/2025\n1/2/2025"), "date: 2025-01-31, 2025-02-01");
    CHECK_TEXT(declared("integer", ""), "integer: NULL");
}

TEST(a_value_that_does_not_fit_a_declared_type_is_named_with_its_line) {
    CHECK_TEXT(declared("integer", "1\n\n2\nthree"),
               "t.csv, line 5: the column \"c\" is declared as integer, but holds \"three\"");
    CHECK_TEXT(declared("integer", "1.5"),
               "t.csv, line 2: the column \"c\" is declared as integer, but holds \"1.5\"");
    CHECK_TEXT(
        declared("date", "2025-01-01 10:00"),
        "t.csv, line 2: the column \"c\" is declared as date, but holds \"2025-01-01 10:00\"");
    CHECK_TEXT(declared("boolean", "maybe"),
               "t.csv, line 2: the column \"c\" is declared as boolean, but holds \"maybe\"");
}
