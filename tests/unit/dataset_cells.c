// SPDX-License-Identifier: Apache-2.0
//
// Cells as people write them, a line each: what they are read as alone, and what is found inside
// them.
#include <stdio.h>

#include "base/buf.h"
#include "dataset/duration.h"
#include "dataset/inside.h"
#include "dataset/mark.h"
#include "dataset/number.h"
#include "tests/unit/check.h"

struct line {
    const char *cell, *expected;
};

// Compares what READ makes of each cell; the message names the cell.
static void check_lines(const struct line *lines, size_t count,
                        void (*read)(const char *cell, struct buf *result)) {
    for (size_t i = 0; i < count; i++) {
        struct buf result cleanup_buf = BUF(4096);
        buf_add_format(&result, "%s: ", lines[i].cell);
        read(lines[i].cell, &result);
        cleanup_free char *expected = mem_format("%s: %s", lines[i].cell, lines[i].expected);
        CHECK_TEXT(buf_text(&result), expected);
    }
}

static void read_mark(const char *cell, struct buf *result) {
    buf_add(result, cell, mark_trim(cell, strlen(cell)));
}

TEST(footnote_marks_end_a_cell_and_are_no_part_of_it) {
    static const struct line lines[] = {
        {"12[1]", "12"},
        {"12 [a][12]", "12"},
        {"Paris [note 2]", "Paris"},
        {"Paris[citation needed]", "Paris"},
        {"Paris (note 1)", "Paris"},
        {"1,024*", "1,024"},
        {"1,024 †‡", "1,024"},
        {"1,024§¶", "1,024"},
        {"1,024¹", "1,024"},
        {"1,024²³", "1,024"},
        {"12 km²", "12 km²"},
        {"Paris (Texas)", "Paris (Texas)"},
        {"Paris [sic]", "Paris [sic]"},
        {"[1]", "[1]"},
        {"***", "***"},
        {"a]", "a]"},
        {"]", "]"},
        {"12[1234]", "12[1234]"},
        {"12[]", "12[]"},
        {"", ""},
    };
    check_lines(lines, ARRAY_LENGTH(lines), read_mark);
}

static void read_number(const char *cell, struct buf *result) {
    struct number number;
    if (number_read(cell, strlen(cell), NUMBER_GROUPED, &number))
        buf_add_text(result, "none");
    else
        buf_add_format(result, "%s%.15g%s%s", number.is_integer ? "integer " : "", number.real,
                       *number.unit ? " " : "", number.unit);
}

TEST(numbers_are_read_with_what_people_write_around_them) {
    static const struct line lines[] = {
        {"1,234", "integer 1234"},
        {"1,234.50", "1234.5"},
        {"12 345", "integer 12345"},
        {"12\xC2\xA0"
         "345",
         "integer 12345"},
        {"12'345'678", "integer 12345678"},
        {"12,345 678", "none"},
        {"$1,234", "integer 1234 USD"},
        {"-$5", "integer -5 USD"},
        {"$-5", "integer -5 USD"},
        {"-$-5", "none"},
        {"€ 5", "integer 5 EUR"},
        {"5 €", "integer 5 EUR"},
        {"US$5", "integer 5 USD"},
        {"USD 5 million", "integer 5000000 USD"},
        {"$1.1 million", "integer 1100000 USD"},
        {"$5.2M", "integer 5200000 USD"},
        {"£3k", "integer 3000 GBP"},
        {"$1.2bn", "integer 1200000000 USD"},
        {"5.2 million", "integer 5200000"},
        {"2 million people", "integer 2000000 people"},
        {"10K", "integer 10000"},
        {"100m", "integer 100 m"},
        {"$5 €", "none"},
        {"$5 USD", "integer 5 USD"},
        {"USDA 5", "none"},
        {"12.5%", "12.5 %"},
        {"12.5 %", "12.5 %"},
        {"1,024 km", "integer 1024 km"},
        {"5 km²", "integer 5 km²"},
        {"5 km2", "integer 5 km2"},
        {"30 km/h", "integer 30 km/h"},
        {"6 sq mi", "integer 6 sq mi"},
        {"20 °C", "integer 20 °C"},
        {"7\"", "integer 7 \""},
        {"1st", "integer 1"},
        {"22ND", "integer 22"},
        {"3.", "integer 3"},
        {"-3.", "none"},
        {"2.5th", "none"},
        {"12th Street", "none"},
        {"3 Doors Down", "none"},
        {"1980s", "none"},
        {"9.8s", "9.8 s"},
        {"2-1", "none"},
        {"1999–2003", "none"},
        {"5/8", "none"},
        {"1.2.3", "none"},
        {"5 (6)", "none"},
        {"A5", "none"},
        {"$", "none"},
        {"-", "none"},
        {"%", "none"},
        {"5 a very long unit of measure", "none"},
        {"1e3", "1000"},
        {"1e999", "none"},
        {"5 eggs", "integer 5 eggs"},
        {"99999999999999999999999999999999999999999999999999999999999999", "none"},
    };
    check_lines(lines, ARRAY_LENGTH(lines), read_number);
}

static void read_duration(const char *cell, struct buf *result) {
    struct duration duration;
    if (duration_read(cell, strlen(cell), &duration))
        buf_add_text(result, "none");
    else
        buf_add_format(result, "%.15g%s", duration.seconds,
                       duration.may_be_clock ? " or a time of day" : "");
}

TEST(durations_are_read_as_seconds) {
    static const struct line lines[] = {
        {"3:25", "205"},
        {"3:25.1", "205.1"},
        {"1:02:03", "3723"},
        {"100:00", "6000"},
        {"09:30", "570 or a time of day"},
        {"09:30.5", "570.5"},
        {"23:59:59", "86399 or a time of day"},
        {"24:00", "1440"},
        {"3h 20m", "12000"},
        {"3 h 20 min", "12000"},
        {"2 hours and 5 minutes", "7500"},
        {"1 hr, 30 mins", "5400"},
        {"90 min", "5400"},
        {"1.5 h", "5400"},
        {"10 s", "10"},
        {"1d 3h", "97200"},
        {"2 weeks, 1 day", "1296000"},
        {"10 years, 11 months, 15 days", "345799800"},
        {"5 m", "none"},
        {"5 days", "none"},
        {"20m 3h", "none"},
        {"3h 3h", "none"},
        {"1980s", "none"},
        {"2:1", "none"},
        {"2:60", "none"},
        {"1:2:03", "none"},
        {"1:02:03:04", "none"},
        {"3:25pm", "none"},
        {"h", "none"},
        {"3", "none"},
        {"1234567890 h", "none"},
    };
    check_lines(lines, ARRAY_LENGTH(lines), read_duration);
}

static void read_inside(const char *cell, struct buf *result) {
    static const struct inside_style plain;
    struct inside inside;
    char date[DATE_SIZE];
    inside_read(&plain, cell, strlen(cell), &inside);
    const char *between = "";
    if (inside.has_number)
        buf_add_format(result, "%.15g", inside.number), between = " ";
    if (inside.has_second)
        buf_add_format(result, " and %.15g", inside.second);
    if (inside.date.extent)
        buf_add_format(result, "%s%s", between, date_write_found(&inside.date, date));
}

TEST(numbers_and_dates_are_found_inside_texts) {
    static const struct line lines[] = {
        {"1,234 (5th)", "1234"},
        {"W 21-14", "21 and 14"},
        {"W 21–14 (OT)", "21 and 14"},
        {"2-1", "2 and 1"},
        {"6–4, 6–3", "6 and 4"},
        {"3:2", "3 and 2"},
        {"c. 1890", "1890"},
        {"1999–2003", "1999 and 2003"},
        {"1999–03", "1999 and 2003"},
        {"1999/00", "1999 and 2000"},
        {"1990 to 1995", "1990 and 1995"},
        {"$5.2 million", "5200000"},
        {"about 5M", "5000000"},
        {"$5-$10", "5 and 10"},
        {"5%–10%", "5 and 10"},
        {"100 × 50", "100 and 50"},
        {"3:25.1", "205.1"},
        {"3:25.1 (NR)", "205.1"},
        {"12th", "12"},
        {"T4", "4"},
        {"DNF", ""},
        {"-3.5 (loss)", "-3.5"},
        {"x -3", "-3"},
        {"−3.2 (26.2)", "-3.2"},
        {"Chernobyl-1", "1"},
        {".287 batting", "0.287"},
        {"No.5", "5"},
        {"H2O", ""},
        {"B2B 7", "7"},
        {"U21", "21"},
        {"10-5-1", "10 and 5"},
        {"September 4, 1998 (Friday)", "1998-09-04"},
        {"Sept 4, 1998 (W 21-14)", "21 and 14 1998-09-04"},
        {"born 12/31/1999, Paris", "1999-12-31"},
        {"1998-09-04 to 1998-09-05", "1998-09-04"},
        {"on 31 December 2025", "2025-12-31"},
        {"on 31/12/2025", "2025-12-31"},
        {"29-07-1945", "1945-07-29"},
        {"CBS 2:00 pm MT", "50400"},
        {"12:30 a.m.", "1800"},
        {"12:00:30 PM", "43230"},
        {"2:00 performances", "120"},
        {"September 1998", "1998-09"},
        {"Sep., 1998", "1998-09"},
        {"September 4", "--09-04"},
        {"4th of September", "--09-04"},
        {"4 Sept (away)", "--09-04"},
        {"November 8–14, 2010", "2010-11-08"},
        {"September 26 to November 11, 1918", "1918-09-26"},
        {"February 29 to March 1, 1999", "29 1999-03-01"},
        {"February 30", "30"},
        {"Maybe 5", "5"},
        {"March", ""},
        {"1998", "1998"},
        {"1998-13-45", "1998"},
        {"", ""},
        {"99999999999999999999999999999999999999999999999999 x", "1e+40"},
    };
    check_lines(lines, ARRAY_LENGTH(lines), read_inside);
}

TEST(a_column_says_whether_colons_part_scores) {
    static const struct inside_style scores = {.colon_is_score = true},
                                     durations = {.has_durations = true};
    struct inside inside;
    inside_read(&scores, "24:21", 5, &inside);
    CHECK_INT((int)inside.number, 24);
    CHECK_INT((int)inside.second, 21);
    inside_read(&durations, "90 min", 6, &inside);
    CHECK_INT((int)inside.number, 5400);
}

static void read_list(const char *cell, struct buf *result) {
    static const char separators[] = {',', ';', '/', '\n'};
    for (size_t i = 0; i < ARRAY_LENGTH(separators); i++) {
        size_t length = strlen(cell);
        if (!inside_is_list(cell, length, separators[i]))
            continue;
        for (size_t at = 0, start, bytes; at <= length;) {
            at = inside_part(cell, length, separators[i], at, &start, &bytes);
            buf_add_format(result, "<%.*s>", (int)bytes, cell + start);
        }
    }
}

TEST(texts_that_list_things_are_parted) {
    static const struct line lines[] = {
        {"Alice, Bob", "<Alice><Bob>"},
        {"a; b ;c", "<a><b><c>"},
        {"red / blue", "<red><blue>"},
        {"A\nB", "<A><B>"},
        {"1,024", ""},
        {"1, 2", ""},
        {"Alice,", ""},
        {"Alice, , Bob", ""},
        {"Alice", ""},
        {"", ""},
        {"It was, as everybody in the whole town knew very well, late", ""},
    };
    check_lines(lines, ARRAY_LENGTH(lines), read_list);
}
