// SPDX-License-Identifier: Apache-2.0
//
// Which numbers of a sentence follow from results, and which do not (numbers.h).
#include <string.h>

#include "agent/numbers.h"
#include "base/buf.h"
#include "tests/unit/check.h"

static const char sales[] =
    "{\"columns\":[{\"name\":\"city\",\"type\":\"text\"},{\"name\":\"day\",\"type\":\"date\"},"
    "{\"name\":\"sold\",\"type\":\"integer\"},{\"name\":\"price\",\"type\":\"real\"}],"
    "\"rows\":[[\"Oslo\",\"2013-05-17\",1200,12.345],[\"Bergen\",\"2014-11-02\",900,7.5],"
    "[\"Type A320-B\",\"2014-11-03\",1234567,0.257]],\"row_count\":3,\"truncated\":false}";
static const char cut[] = "{\"columns\":[{\"name\":\"n\",\"type\":\"integer\"}],"
                          "\"rows\":[[1001],[1003],[1008]],\"row_count\":3,\"truncated\":true}";
static const char other[] = "{\"columns\":[{\"name\":\"all_sold\",\"type\":\"integer\"}],"
                            "\"rows\":[[4800]],\"row_count\":1,\"truncated\":false}";

// What is not proven of SENTENCE, joined by "|".
static const char *unproven(const char *sentence, const char *question, const char *first,
                            const char *second) {
    static struct buf text = BUF(16384);
    struct err err;
    cleanup_json json *left = NULL, *right = NULL, *found = NULL;
    buf_clear(&text);
    CHECK_OK(json_parse(first, strlen(first), &left, &err), err);
    if (second)
        CHECK_OK(json_parse(second, strlen(second), &right, &err), err);
    const json *const results[] = {left, right};
    struct numbers_source source = {
        .question = question, .results = results, .result_count = second ? 2 : 1};
    found = numbers_unproven(sentence, &source);
    const json *one;
    cJSON_ArrayForEach (one, found)
        buf_add_format(&text, "%s%s", text.length ? "|" : "", json_text(one, "text"));
    return buf_text(&text);
}

static const struct {
    const char *sentence, *unproven;
} cases[] = {
    {"Nothing to see.", ""},
    // Cells, as they stand, rounded, grouped, scaled.
    {"Oslo sold 1200.", ""},
    {"Oslo sold 1,200, Bergen 900.", ""},
    {"Oslo sold 1201.", "1201"},
    {"The price was 12.345, about 12.35, or 12.3, or 12.", ""},
    {"The price was 12.36 or 16.", "12.36|16"},
    {"It was 1,234,567, that is 1.2 million, 1.23M or 1235k.", ""},
    {"It was 1.3 million.", "1.3 million"},
    {"Es waren 1.234.567 oder 1.200.", ""},
    {"C'est 1\u202f234\u202f567.", ""},
    {"It was 1'234'567.", ""},
    {"A loss of −900 or -7.5.", ""},
    {"For $12.345 or 7,5 €.", ""},
    // Percentages of cells that are fractions.
    {"That is 25.7 %, some 26%.", ""},
    {"That is 38%.", "38%"},
    {"That is 31 percent.", "31 percent"},
    // Dates and numbers inside texts.
    {"In May 2013, on the 17th.", ""},
    {"On 2014-11-02, a 320.", "320"},
    {"The A320-B, in column x2.", ""},
    {"In 2015.", "2015"},
    // The number of rows, and places among them.
    {"All 3 of them; Bergen is the 2nd.", ""},
    {"All 4 of them; it is the 9th.", "4|9"},
    // Sum, average, difference, ratio, change, share: of a column or a row.
    {"Together 1,236,667.", ""},
    {"On average 412,222.33.", ""},
    {"Oslo sold 300 more than Bergen, 33% more, 1.33 times as many.", ""},
    {"Bergen sold 25% less.", ""},
    {"Oslo has 0.1% of it.", ""},
    {"Oslo sold 301 more, 44% more.", "301|44%"},
    {"Oslo took 14,814.", "14,814"},
    // Words, and what is none.
    {"Version 1.5.2 of it.", "5.2"},
    {"See section—77.", "77"},
    {"Größe5 and Ünit7_8 are names.", ""},
    {"10 of 60", "60"}, // the question says 10
};

TEST(a_number_is_proven_where_it_is_in_a_result_or_follows_from_one) {
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *found = unproven(cases[i].sentence, "the top 10?", sales, NULL);
        if (strcmp(found, cases[i].unproven) != 0)
            check_fail(__FILE__, __LINE__, "\"%s\": not proven is \"%s\", not \"%s\"",
                       cases[i].sentence, found, cases[i].unproven);
    }
}

TEST(the_rows_sum_and_average_of_a_result_that_was_cut_prove_nothing) {
    CHECK_TEXT(unproven("There are 3, 3012 in all, 1004 on average.", "", cut, NULL),
               "3|3012|1004");
    CHECK_TEXT(unproven("1001 and 1003.", "", cut, NULL), "");
}

TEST(two_small_results_may_be_compared) {
    CHECK_TEXT(unproven("Oslo sold 25% of all 4,800; 3,600 were not.", "", sales, other), "");
    CHECK_TEXT(unproven("Oslo sold 27% of all.", "", sales, other), "27%");
}

TEST(places_are_counted_in_characters) {
    struct err err;
    cleanup_json json *result = NULL;
    CHECK_OK(json_parse(other, strlen(other), &result, &err), err);
    const json *const results[] = {result};
    struct numbers_source source = {"", results, 1};
    cleanup_json json *found = numbers_unproven("Köln – 77 %!", &source);
    const json *place = cJSON_GetArrayItem(found, 0);
    CHECK_INT(json_integer(place, "start", -1), 7);
    CHECK_INT(json_integer(place, "end", -1), 11);
    CHECK_TEXT(json_text(place, "text"), "77 %");
}

TEST(a_sentence_of_nothing_but_numbers_costs_no_more_than_the_first_of_them) {
    struct buf sentence = BUF(100000);
    for (int i = 0; i < 1000; i++)
        buf_add_format(&sentence, "%d ", 1200);
    CHECK_INT(strlen(unproven(buf_text(&sentence), "", sales, NULL)), (1000 - 64) * 5 - 1);
    buf_done(&sentence);
}
