// SPDX-License-Identifier: Apache-2.0
//
// Values found although they were mistyped or go by another name, and what else the profile and
// dataset.json say of a column's values.
#include <stdio.h>

#include "dataset/trigram.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

static const char *texts_of(struct dataset_value *values, size_t count) {
    static char text[2048];
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        sprintf(text + strlen(text), "%s%s %u", i ? ", " : "", values[i].value, values[i].typos);
    dataset_values_done(values, count);
    return text;
}

static const char *similar(const char *key) {
    struct dataset_value values[8];
    return texts_of(values, dataset_find_similar(fixture_dataset(), key, values, 8));
}

static const char *equal(const char *key) {
    struct dataset_value values[8];
    return texts_of(values, dataset_find_values(fixture_dataset(), key, false, values, 8));
}

static void import(const char *text) {
    fixture_file("t.csv", text);
    if (fixture_import())
        check_fail(__FILE__, __LINE__, "%s", fixture_message());
}

TEST(mistyped_words_find_the_nearest_values) {
    import("car,n\nAlfa Romeo,1\nAlfa Centauri,2\nRover,3\nMercedes-Benz,4\nKia,5\n");
    CHECK_TEXT(similar("alfa romoe"), "Alfa Romeo 1");
    CHECK_TEXT(similar("alfa romeo"), "Alfa Romeo 0");
    CHECK_TEXT(similar("alva"), "Alfa Centauri 1, Alfa Romeo 1");
    CHECK_TEXT(similar("mercedez"), "Mercedes-Benz 1");
    CHECK_TEXT(similar("rovre"), "Rover 1");
    CHECK_TEXT(similar("wholly other"), "");
    CHECK_TEXT(similar("kai"), "");
    CHECK_TEXT(similar("alfa unknownword"), "");
    CHECK_TEXT(similar(""), "");
    CHECK_TEXT(similar("  alfa"), "");
    CHECK_TEXT(similar("a b c d e f g h i j k"), "");
}

TEST(numbers_are_never_corrected) {
    int trigrams[TRIGRAMS_MAX];
    CHECK_INT(trigram_split("12345", trigrams), 0);
    CHECK_INT(trigram_split("abc", trigrams), 0);
    CHECK_INT(trigram_split("abcd", trigrams), 4);
    import("code,x\nA 12345,a\nB 12346,b\n");
    CHECK_TEXT(similar("12347"), "");
}

#define DESCRIBED(more) "{\"tables\":[{\"file\":\"t.csv\"" more "}]}"
#define CITY(more) DESCRIBED(",\"columns\":[{\"header\":\"city\"" more "}]")

TEST(a_value_is_found_by_the_names_that_its_author_gives_it) {
    fixture_file(
        "dataset.json",
        CITY(",\"values\":{\"New York\":[\"NYC\",\"The Big Apple\"],\"Oslo\":[\"Kristiania\"]}"));
    import("city,n\nNew York,1\nParis,2\nNew York,3\n");
    CHECK_TEXT(equal("nyc"), "New York 0");
    CHECK_TEXT(equal("the big apple"), "New York 0");
    CHECK_TEXT(equal("kristiania"), "");
    CHECK_TEXT(similar("aple"), "New York 1");
    CHECK_TEXT(fixture_problems(),
               "dataset.json: t.city has no value \"Oslo\" that could have synonyms\n");
}

static const char *refused(const char *description) {
    fixture_file("dataset.json", description);
    fixture_file("t.csv", "city,n,day\nNew York,1,2020-01-02\n");
    CHECK(fixture_import());
    return fixture_message();
}

TEST(names_for_values_that_cannot_have_any_are_refused) {
    CHECK_TEXT(refused(CITY(",\"values\":{\"New York\":\"NYC\"}")),
               "dataset.json: \"tables[0].columns[0].values.New York\" must be a list of texts");
    CHECK_TEXT(refused(CITY(",\"values\":{\"New York\":[1]}")),
               "dataset.json: \"tables[0].columns[0].values.New York[0]\" must be a text");
    CHECK_TEXT(
        refused(DESCRIBED(",\"columns\":[{\"header\":\"n\",\"values\":{\"1\":[\"one\"]}}]")),
        "dataset.json: the values of t.n cannot have synonyms: only those of a column of few "
        "texts that is not hidden can");
}

TEST(a_table_s_time_column_is_the_declared_one_or_the_first_of_dates) {
    import("n,a,b\n1,2020-01-02,2020-01-03\n");
    CHECK_INT(fixture_table(0)->time_column, 1);
    import("n,a\n1,x\n");
    CHECK_INT(fixture_table(0)->time_column, -1);
    fixture_file("dataset.json", DESCRIBED(",\"time_column\":\"b\""));
    import("n,a,b\n1,2020-01-02,2020-01-03\n");
    CHECK_INT(fixture_table(0)->time_column, 2);
    CHECK_TEXT(refused(DESCRIBED(",\"time_column\":\"dya\"")),
               "dataset.json: the time_column of t names no column: \"dya\"");
    CHECK_TEXT(fixture_hint(), "Did you mean \"day\"?");
    CHECK_TEXT(refused(DESCRIBED(",\"time_column\":\"city\"")),
               "dataset.json: the time_column of t is city, which is text and not a date, a "
               "timestamp or an integer for years");
}

TEST(quartiles_are_between_the_nearest_values) {
    import("a,b,c,d\n4,1.5,x,7\n1,,x,7\n3,2.5,x,7\n2,,y,7\n");
    const struct dataset_column *a = fixture_column("a");
    CHECK(a->p25 == 1.75 && a->median == 2.5 && a->p75 == 3.25);
    const struct dataset_column *b = fixture_column("b");
    CHECK(b->p25 == 1.75 && b->median == 2 && b->p75 == 2.25);
    const struct dataset_column *d = fixture_column("d");
    CHECK(d->p25 == 7 && d->median == 7 && d->p75 == 7);
    import("a\n5\n");
    CHECK(fixture_column("a")->median == 5);
}

TEST(the_commonest_values_have_their_counts) {
    import("c\nx\ny\nx\nz\nx\ny\n");
    const struct dataset_column *column = fixture_column("c");
    CHECK_TEXT(column->samples.at[0], "x");
    CHECK_INT(column->sample_counts[0], 3);
    CHECK_INT(column->sample_counts[1], 2);
    CHECK_INT(column->sample_counts[2], 1);
}

TEST(few_texts_that_repeat_are_a_category) {
    import("c,d,e\nx,p,1\ny,q,1\nx,r,2\ny,p,2\n");
    CHECK(fixture_column("c")->is_category);
    CHECK(!fixture_column("d")->is_category);
    CHECK(!fixture_column("e")->is_category);
}
