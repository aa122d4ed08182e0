// SPDX-License-Identifier: Apache-2.0
//
// Where a file's header is, and what becomes of rows that are not like the others.
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

TEST(lines_before_the_header_are_left_out_and_told) {
    CHECK_TEXT(fixture_csv("Report of 2020\nby somebody\nname,size,rank\na,1,2\nb,2,1\nc,3,3\n"),
               "a|1|2\nb|2|1\nc|3|3");
    CHECK_TEXT(fixture_table(0)->columns[1].name, "size");
    CHECK_TEXT(fixture_problems(),
               "t.csv: 2 lines stand before the header and are left out: \"Report of 2020\"\n");
    CHECK_TEXT(fixture_csv("Report,,\nname,size,rank\na,1,2\nb,2,1\n"), "a|1|2\nb|2|1");
    CHECK_TEXT(fixture_problems(),
               "t.csv: 1 line stands before the header and is left out: \"Report\"\n");
}

TEST(a_header_of_few_words_is_still_one) {
    CHECK_TEXT(fixture_csv("name\na\nb\n"), "a\nb");
    CHECK_TEXT(fixture_csv("name,\na,1\nb,2\nc,3\n"), "a|1\nb|2\nc|3");
    CHECK_TEXT(fixture_csv("name,,\na,1,\nb,,\nc,,\n"), "a|1\nb|NULL\nc|NULL");
}

TEST(a_file_without_a_header_gets_made_up_names) {
    CHECK_TEXT(fixture_csv("Paris,2.5,2020-01-02\nRome,3.5,2021-01-02\nOslo,4.5,2022-01-02\n"),
               "Paris|2.5|2020-01-02\nRome|3.5|2021-01-02\nOslo|4.5|2022-01-02");
    const struct dataset_table *table = fixture_table(0);
    CHECK_TEXT(table->columns[0].name, "c1");
    CHECK_TEXT(table->columns[2].name, "c3");
    CHECK_TEXT(fixture_problems(),
               "t.csv has no header; its columns are called c1, c2 and so on\n");
}

TEST(numbers_in_a_header_are_no_proof_that_it_is_none) {
    CHECK_TEXT(fixture_csv("country,1990,2000\nFrance,1.5,2\nItaly,2.5,3\nSpain,4,5\n"),
               "France|1.5|2\nItaly|2.5|3\nSpain|4.0|5");
    CHECK_TEXT(fixture_csv("camp,9 Feb,12.5\nx,4,1.5\ny,5,2.5\n"), "x|4|1.5\ny|5|2.5");
    CHECK_TEXT(fixture_csv("1,2,3\n4,5,6\n7,8,9\n"), "4|5|6\n7|8|9");
    CHECK_TEXT(fixture_csv("a,12.5\nb,13.5\n"), "b|13.5");
    CHECK_TEXT(fixture_csv("12.5,size\n1.5,2\n2.5,3\n3.5,4\n"), "1.5|2\n2.5|3\n3.5|4");
}

TEST(an_author_s_headers_are_there) {
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"t.csv\",\"columns\":"
                                 "[{\"header\":\"12.5\",\"name\":\"x\"}]}]}");
    CHECK_TEXT(fixture_csv("12.5,3.5\n1.5,2.5\n2.5,3.5\n3.5,4.5\n"), "1.5|2.5\n2.5|3.5\n3.5|4.5");
}

TEST(cells_beyond_the_header_are_in_columns_of_their_own) {
    CHECK_TEXT(fixture_csv("a,b\n1,2\n3,4,five\n6,7,,\n"), "1|2|NULL\n3|4|five\n6|7|NULL");
    CHECK_TEXT(fixture_table(0)->columns[2].name, "column_3");
    CHECK_INT(fixture_column("a")->type, DATASET_INTEGER);
    CHECK_TEXT(fixture_problems(),
               "t.csv: column 3 has no header; it is called column_3\n"
               "t.csv, line 3: the row has more cells than the header; they are in columns of "
               "their own\n");
}

TEST(the_label_of_a_total_leaves_its_column_s_type) {
    CHECK_TEXT(fixture_csv("year,goals\n2001,3\n2002,4\n2003,5\nTotal,12\n"),
               "2001|3|2001\n2002|4|2002\n2003|5|2003\nNULL|12|Total");
    CHECK_INT(fixture_column("year")->type, DATASET_INTEGER);
    CHECK_INT(fixture_table(0)->total_row, 4);
    CHECK_TEXT(fixture_csv("year,goals\n2001,3\n2002,4\n2003,5\nLost,12\n"),
               "2001|3|2001.0\n2002|4|2002.0\n2003|5|2003.0\nLost|12|NULL");
}

TEST(a_unit_in_a_header_is_that_of_its_numbers) {
    fixture_csv("Area (km²),Win %,Price [USD],Cost ($),Name (km),Total (all),Depth in m (max)\n"
                "1,2,3,4,a,5,6\n2,3,4,5,b,6,7\n");
    static const char *const units[] = {"km²", "%", "USD", "USD", "", "", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
        CHECK_TEXT(fixture_table(0)->columns[i].unit, units[i]);
    fixture_csv("Length (min)\n3:25\n4:05\n");
    CHECK_TEXT(fixture_table(0)->columns[0].unit, "s");
}
