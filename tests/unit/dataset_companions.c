// SPDX-License-Identifier: Apache-2.0
//
// What an import makes of messy columns: their types and units, the companions that keep or find
// what the typed value does not show, the things that texts list, and the row that sums up.
#include <stdio.h>

#include "base/buf.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

// The column with these cells, one a line, and its companions: "integer USD: 5|$5, 6|$6".
static const char *column_of(const char *cells) {
    static char result[2048];
    struct buf sql cleanup_buf = BUF(4096), names cleanup_buf = BUF(4096);
    cleanup_free char *text = mem_format("c\n%s\n", cells);
    fixture_file("t.csv", text);
    if (fixture_import())
        return fixture_message();
    const struct dataset_table *table = fixture_table(0);
    const struct dataset_column *column = &table->columns[0];
    CHECK_INT(table->column_count, 1);
    for (size_t i = 0; i < table->stored_count; i++) {
        buf_add_format(&sql, "%scoalesce(\"%s\", 'NULL')", i ? " || '|' || " : "",
                       table->columns[i].name);
        if (i)
            buf_add_format(&names, " %s", table->columns[i].name);
    }
    cleanup_free char *rows = mem_format(
        "SELECT group_concat(x, ', ') FROM (SELECT %s AS x FROM t ORDER BY rowid)", buf_text(&sql));
    snprintf(result, sizeof result, "%s%s%s%s: %s", dataset_type_name(column->type),
             *column->unit ? " " : "", column->unit, buf_text(&names), fixture_rows(rows));
    return result;
}

TEST(numbers_with_a_unit_keep_their_text_in_a_companion) {
    CHECK_TEXT(column_of("\"$1,234\"\n$5"), "integer USD c_text: 1234|$1,234, 5|$5");
    CHECK_TEXT(column_of("12.5%\n7%"), "real % c_text: 12.5|12.5%, 7.0|7%");
    CHECK_TEXT(column_of("\"1,024 km\"\n5 km"), "integer km c_text: 1024|1,024 km, 5|5 km");
    CHECK_TEXT(column_of("USD 5 million\n\"$300,000\""),
               "integer USD c_text: 5000000|USD 5 million, 300000|$300,000");
    CHECK_TEXT(column_of("1st\n2nd\n22nd"), "integer c_text: 1|1st, 2|2nd, 22|22nd");
    CHECK_TEXT(column_of("1.\n2."), "integer c_text: 1|1., 2|2.");
}

TEST(numbers_that_show_all_there_is_have_no_companion) {
    CHECK_TEXT(column_of("1\n-2"), "integer: 1, -2");
    CHECK_TEXT(column_of("\"1,234\"\n5"), "integer: 1234, 5");
    CHECK_TEXT(column_of("12[1]\n13*"), "integer: 12, 13");
}

TEST(units_that_differ_keep_a_column_text_with_its_numbers_beside_it) {
    CHECK_TEXT(column_of("5 km\n6 mi"), "text c_number: 5 km|5.0, 6 mi|6.0");
    CHECK_TEXT(column_of("$5\n€6"), "text c_number: $5|5.0, €6|6.0");
    CHECK_TEXT(column_of("4 July\n11 July"), "text c_date: 4 July|--07-04, 11 July|--07-11");
    CHECK_TEXT(column_of("2008 Winter Games\n2012 Winter Games"),
               "text c_number: 2008 Winter Games|2008.0, 2012 Winter Games|2012.0");
}

TEST(a_unit_that_stands_once_is_not_believed) {
    CHECK_TEXT(column_of("7 samurai"), "text: 7 samurai");
    CHECK_TEXT(column_of("7%"), "integer % c_text: 7|7%");
}

TEST(durations_are_seconds) {
    CHECK_TEXT(column_of("3:25.1\n1:02:03"), "real s c_text: 205.1|3:25.1, 3723.0|1:02:03");
    CHECK_TEXT(column_of("59.8\n1:02.5"), "real s c_text: 59.8|59.8, 62.5|1:02.5");
    CHECK_TEXT(column_of("3h 20m\n45 min"), "real s c_text: 12000.0|3h 20m, 2700.0|45 min");
    CHECK_TEXT(column_of("90 min\n95 min"), "real s c_text: 5400.0|90 min, 5700.0|95 min");
}

TEST(what_may_be_a_time_of_day_or_a_score_stays_text) {
    CHECK_TEXT(column_of("09:30\n17:45"), "text c_number: 09:30|570.0, 17:45|1065.0");
    CHECK_TEXT(column_of("2:1\n10:12"), "text c_number c_second: 2:1|2.0|1.0, 10:12|10.0|12.0");
}

TEST(dates_that_are_spelled_otherwise_keep_their_text) {
    CHECK_TEXT(column_of("2025-12-31\n2026-01-01"), "date: 2025-12-31, 2026-01-01");
    CHECK_TEXT(column_of("\"March 15, 1990[2]\"\n15 Mar 1991"),
               "date c_text: 1990-03-15|March 15, 1990, 1991-03-15|15 Mar 1991");
    CHECK_TEXT(column_of("15/03/1990\n1/4/1990"),
               "date c_text: 1990-03-15|15/03/1990, 1990-04-01|1/4/1990");
    CHECK_TEXT(column_of("yes\nno"), "boolean c_text: 1|yes, 0|no");
}

TEST(spellings_of_nothing_are_null_in_typed_columns) {
    CHECK_TEXT(column_of("1\n?\nTBD\nunknown\nn.a.\n–\nnone\nN/A\n2"),
               "integer: 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2");
    CHECK_TEXT(column_of("$1\n—\n$2"), "integer USD c_text: 1|$1, NULL|NULL, 2|$2");
    CHECK_TEXT(column_of("a\nunknown\n?"), "text: a, unknown, ?");
}

TEST(texts_with_numbers_have_them_in_companions) {
    CHECK_TEXT(column_of("W 21-14\nL 3–7\nbye"),
               "text c_number c_second: W 21-14|21.0|14.0, L 3–7|3.0|7.0, bye|NULL|NULL");
    CHECK_TEXT(
        column_of("1999–2003\n2005–06\n2007"),
        "text c_number c_second: 1999–2003|1999.0|2003.0, 2005–06|2005.0|2006.0, 2007|2007.0|NULL");
}

TEST(one_text_in_five_and_two_at_least_must_have_a_number) {
    CHECK_TEXT(column_of("T4\nDNF\nx"), "text: T4, DNF, x");
    CHECK_TEXT(column_of("T4\n12th\nDNF\nx\ny\nz\nu\nv\nw\na"),
               "text c_number: T4|4.0, 12th|12.0, DNF|NULL, x|NULL, y|NULL, z|NULL, u|NULL, "
               "v|NULL, w|NULL, a|NULL");
    CHECK_TEXT(column_of("T4\n12th\nDNF\nx\ny\nz\nu\nv\nw\na\nb"),
               "text: T4, 12th, DNF, x, y, z, u, v, w, a, b");
}

TEST(texts_with_dates_have_what_is_there_of_them_in_a_companion) {
    CHECK_TEXT(column_of("\"September 4, 1998 (Friday)\"\nSeptember 1998\nSeptember 4"),
               "text c_date: September 4, 1998 (Friday)|1998-09-04, September 1998|1998-09, "
               "September 4|--09-04");
    CHECK_TEXT(column_of("May 1998\nJune 1999\n2001"),
               "text c_date: May 1998|1998-05, June 1999|1999-06, 2001|2001");
    CHECK_TEXT(column_of("on 31/12/1999\non 12/31/1999"),
               "text c_date: on 31/12/1999|1999-12-31, on 12/31/1999|1999-12-31");
    CHECK_TEXT(column_of("opened 31/12/1999\nopened 1/2/2000"),
               "text c_date: opened 31/12/1999|1999-12-31, opened 1/2/2000|2000-02-01");
}

TEST(an_author_s_text_is_not_looked_into) {
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"t.csv\",\"columns\":[{\"header\":\"c\","
                                 "\"type\":\"text\"}]}]}");
    CHECK_TEXT(column_of("A1\nB2"), "text: A1, B2");
}

TEST(a_companion_s_name_gives_way_to_the_file_s_own) {
    CHECK_TEXT(fixture_csv("c,c_text\n$1,x\n$2,y\n"), "1|x|$1\n2|y|$2");
    const struct dataset_table *table = fixture_table(0);
    CHECK_INT(table->column_count, 2);
    CHECK_INT(table->stored_count, 3);
    CHECK_TEXT(table->columns[2].name, "c_text_2");
    CHECK_INT(table->columns[2].derived_from, 0);
    CHECK_INT(table->columns[0].derived_from, -1);
    CHECK_INT(dataset_companion(table, 0, DATASET_AS_TEXT), 2);
    CHECK_INT(dataset_companion(table, 1, DATASET_AS_TEXT), -1);
}

TEST(footnote_marks_are_no_part_of_names_and_titles) {
    fixture_csv("Population[1],Area (note 2),Year*\n1,2,3\n");
    const struct dataset_table *table = fixture_table(0);
    CHECK_TEXT(table->columns[0].name, "population");
    CHECK_TEXT(table->columns[0].title, "Population");
    CHECK_TEXT(table->columns[1].title, "Area");
    CHECK_TEXT(table->columns[2].title, "Year");
}

TEST(a_row_s_rowid_is_its_place_in_the_file) {
    CHECK_TEXT(fixture_csv("id,x\n30,a\n\n20,b\n10,c\n"), "30|a\n20|b\n10|c");
    CHECK_TEXT(fixture_rows("SELECT _rowid_, id FROM t ORDER BY _rowid_"), "1|30\n2|20\n3|10");
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"t.csv\",\"key\":[\"id\"],\"columns\":"
                                 "[{\"header\":\"id\"}]}]}");
    fixture_csv("id,x\n30,a\n20,b\n10,c\n");
    CHECK_TEXT(fixture_rows("SELECT _rowid_, id FROM t ORDER BY _rowid_"), "1|30\n2|20\n3|10");
}

TEST(a_last_row_that_sums_up_is_marked) {
    static const struct {
        const char *file;
        int64_t total_row;
    } lines[] = {
        {"n,x\na,1\nb,2\nTotal,3\n", 3},
        {"n,x\na,$1\nb,$2\nGrand totals:,$3\n", 3},
        {"n,x\na,1\nb,2\nTotal of all towns,9\n", 3},
        {"n,x\na,1 (x)\nb,2 (y)\nOverall,3 (z)\n", 3},
        {"n,x\na,1\nb,5\nTotal,3\n", 0},
        {"n,x\na,1\nb,2\nc,3\n", 0},
        {"n,x\na,1\nTotal,3\nb,2\n", 0},
        {"n,x\na,1\nb,2\nOverall winner,3\n", 0},
        {"n,x\na,1\nTotal,1\n", 0},
        {"n,x\na,p\nb,q\nTotal,r\n", 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        fixture_csv(lines[i].file);
        if (fixture_table(0)->total_row != lines[i].total_row)
            check_fail(__FILE__, __LINE__, "%zu: %lld", i, (long long)fixture_table(0)->total_row);
    }
}

static const char *parts(const char *key) {
    static char result[512];
    struct dataset_value values[8];
    size_t count = dataset_find_parts(fixture_dataset(), key, values, 8), length = 0;
    result[0] = '\0';
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(result + length, sizeof result - length, "%s%s of %s",
                                   i ? "; " : "", values[i].part, values[i].value);
    dataset_values_done(values, count);
    return result;
}

TEST(things_that_texts_list_are_found) {
    fixture_csv("names,place\n\"Alice, Bob[1]\",a/b\nCarol,c\n\"Bob, Dave\",d\n");
    CHECK_TEXT(fixture_column("names")->list_separator, ",");
    CHECK_TEXT(fixture_column("place")->list_separator, "");
    CHECK_TEXT(parts("bob"), "Bob[1] of Alice, Bob[1]; Bob of Bob, Dave");
    CHECK_TEXT(parts("carol"), "");
    struct dataset_value value;
    CHECK_INT((int)dataset_find_values(fixture_dataset(), "alice bob", false, &value, 1), 1);
    CHECK(!value.part);
    dataset_values_done(&value, 1);
}

TEST(times_of_day_are_of_a_type_of_their_own_where_they_can_be_nothing_else) {
    CHECK_TEXT(column_of("9:30 pm\n12:05 AM\n11:05:09 a.m."),
               "time c_text: 21:30:00|9:30 pm, 00:05:00|12:05 AM, 11:05:09|11:05:09 a.m.");
    CHECK_TEXT(column_of("13:30 pm\n9:30 pm"), "text c_number: 13:30 pm|48600.0, 9:30 pm|77400.0");
    CHECK_TEXT(column_of("9:30 pm\nnoon"), "text: 9:30 pm, noon");
}
