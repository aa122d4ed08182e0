// SPDX-License-Identifier: Apache-2.0
//
// What the planner says of shares, comparisons, growth and yes-or-no questions: how it understood,
// the sentence that states the answer, and the chart.
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct {
    const char *set, *question, *understanding, *sentence;
    int chart, y;
    const char *unit;
} said[] = {
    {"films", "what percentage of films are from France",
     "Percentage of films for which country is France.",
     "25% of films: country is France in 3 of 12.", PLAN_NO_CHART, 0, ""},
    {"films", "share of films by genre",
     "Number of films, with the share of the total, by genre, highest first.",
     "Share of the total (%): Drama (33.3%), Action (16.7%), Comedy (16.7%) and 2 more.", PLAN_BAR,
     2, "%"},
    {"films", "what percentage of the total gross comes from Starfall",
     "Percentage of total gross of films for which title is Starfall.",
     "29.9% of total gross of films: title is Starfall in $720 million of $2.4 billion.",
     PLAN_NO_CHART, 0, ""},
    {"shopette", "what percentage of customers ordered tea",
     "Percentage of customers for which there is at least one order line where category is Tea.",
     "75% of customers: there is at least one order line where category is Tea in 3 of 4.",
     PLAN_NO_CHART, 0, ""},
    {"shopette", "what percentage of orders were cancelled by city",
     "Percentage of orders for which status is cancelled, by city, highest first.",
     "Share (%): Oslo (100%) and Lyon (0%).", PLAN_BAR, 3, "%"},
    {"films", "how many more films are from the United States than from France",
     "Number of films for which country is United States, less that for which country is France.",
     "The difference is 2: 5 where country is United States, 3 where country is France.",
     PLAN_NO_CHART, 0, ""},
    {"films", "ratio of dramas to comedies",
     "Number of films for which genre is Drama, divided by that for which genre is Comedy.",
     "The ratio is 2: 4 where genre is Drama, 2 where genre is Comedy.", PLAN_NO_CHART, 0, ""},
    {"football", "difference between home goals and away goals",
     "Total home goals of matches less total away goals.",
     "The total home goals less total away goals is 3: 13 less 10.", PLAN_NO_CHART, 0, ""},
    {"loans", "difference between car loans and house loans by branch",
     "Number of loans for which purpose is car, less that for which purpose is house, by branch, "
     "highest first.",
     "Difference: Aachen (1), Köln (1) and Bonn (−1).", PLAN_BAR, 3, ""},
    {"shopette", "revenue divided by quantity", "Revenue divided by total quantity.",
     "The revenue divided by total quantity is 7.9: €158 by 20.", PLAN_NO_CHART, 0, ""},
    {"shopette", "average revenue per order",
     "Average over orders of the revenue; orders without any are left out.",
     "The average over orders of the revenue is €31.60.", PLAN_NO_CHART, 0, ""},
    {"films", "average number of films per director by country",
     "Average over directors of the number of films, by country, highest first; directors without "
     "any are left out.",
     "Average number of films: United States (1.67), France (1.5), Germany (1) and 2 more.",
     PLAN_BAR, 1, ""},
    {"films", "median rating by genre", "Median rating of films, by genre, highest first.",
     "Median rating: Science Fiction (8.35), Drama (8.1), Thriller (7.55) and 2 more.", PLAN_BAR, 1,
     ""},
    {"loans", "growth of the total amount by year",
     "Total amount of loans, with the growth from the year listed before, by year, in order of "
     "time.",
     "Growth (%) from 2019 to 2022: the highest is 1,346% (2021).", PLAN_BAR, 2, "%"},
    {"loans", "change in the total amount by year",
     "Total amount of loans, with the change from the year listed before, by year, in order of "
     "time.",
     "Change from 2019 to 2022: the highest is €289,400 (2021).", PLAN_BAR, 2, "EUR"},
    {"loans", "running total of the amount by year",
     "Running total of the total amount of loans, by year, in order of time.",
     "The running total of total amount of loans reaches €654,400 (2022).", PLAN_LINE, 2, "EUR"},
    {"films", "is there a film from Japan", "Whether there are films where country is Japan.",
     "Yes. There is 1 film where country is Japan.", PLAN_NO_CHART, 0, ""},
    {"films", "did Paul Weber direct any comedies",
     "Whether there are films where director is Paul Weber and genre is Comedy.",
     "No. There are no films where director is Paul Weber and genre is Comedy.", PLAN_NO_CHART, 0,
     ""},
    {"staff", "are there any departments without employees",
     "Whether there are departments without any employee.",
     "Yes. There is 1 department without any employee.", PLAN_NO_CHART, 0, ""},
    {"films", "films from France or directed by Paul Weber",
     "Films where either country is France or director is Paul Weber, lowest release year first.",
     "6 films where either country is France or director is Paul Weber.", PLAN_NO_CHART, 0, ""},
    {"films", "how many films were not made between 2000 and 2010",
     "Number of films where release year is not between 2000 and 2010.",
     "There are 7 films where release year is not between 2000 and 2010.", PLAN_NO_CHART, 0, ""},
    {"shopette", "customers who ordered tea but not coffee",
     "Customers with at least one order line where category is Tea, and without any order line "
     "where category is Coffee.",
     "2 customers with at least one order line where category is Tea, and without any order line "
     "where category is Coffee.",
     PLAN_NO_CHART, 0, ""},
    {"films", "which directors made dramas and comedies",
     "The different directors of films where genre is each of Drama and Comedy.",
     "Director: Ana Duarte and Luc Moreau.", PLAN_NO_CHART, 0, ""},
    {"films", "highest rated film in each genre",
     "The film with the highest rating, for each genre.",
     "5 films with the highest rating for each genre.", PLAN_NO_CHART, 0, ""},
    {"shopette", "which product has the highest revenue in each category",
     "The product with the highest revenue, for each category.",
     "Revenue: Coffee, House Blend (€71) and Tea, Green Tea (€77).", PLAN_NO_CHART, 0, ""},
    {"loans", "how many loans were granted last year",
     "Number of loans where issue date is in 2021 (as seen from the newest, 10 October 2022).",
     "There are 2 loans where issue date is in 2021 (as seen from the newest, 10 October 2022).",
     PLAN_NO_CHART, 0, ""},
    {"films", "how many films in the latest year",
     "Number of films where release year is 2018 (as seen from the newest, 2018).",
     "There is 1 film where release year is 2018 (as seen from the newest, 2018).", PLAN_NO_CHART,
     0, ""},
    {"films", "how many flims are there", "Number of films (read “flims” as “films”).",
     "There are 12 films.", PLAN_NO_CHART, 0, ""},
    {"sensors", "number of readings by week",
     "Number of sensor readings, by week, in order of time.",
     "Number of sensor readings from 2023-W01 to 2024-W29: the highest is 4 (2023-W01).", PLAN_LINE,
     1, ""},
    {"loans", "growth of the total amount by year in 2021",
     "Total amount of loans where issue date is in 2021, with the growth from the year listed "
     "before, by year, in order of time.",
     "Growth (%): there is nothing before it to compare with.", PLAN_BAR, 2, "%"},
};

TEST(what_is_derived_is_understood_told_and_drawn) {
    for (size_t i = 0; i < ARRAY_LENGTH(said); i++) {
        const struct dataset *dataset = plan_data(said[i].set);
        struct plan_answer *answer = plan_question(dataset, said[i].question);
        CHECK_INT(answer->verdict, PLAN_SURE);
        CHECK_TEXT(answer->readings[0].understanding, said[i].understanding);
        json *result = plan_run(dataset, &answer->readings[0]);
        char *sentence = plan_sentence(dataset_schema(dataset), &answer->readings[0], result);
        CHECK_TEXT(sentence, said[i].sentence);
        const struct plan_chart *chart = &answer->readings[0].chart;
        CHECK_INT(chart->kind, said[i].chart);
        CHECK_INT(chart->y, said[i].y);
        CHECK_TEXT(chart->unit, said[i].unit);
        free(sentence);
        json_free(result);
        plan_answer_free(answer);
    }
}

static char *plan_text(const char *set, const char *question) {
    struct plan_answer *answer = plan_question(plan_data(set), question);
    CHECK_INT(answer->verdict, PLAN_SURE);
    json *plan = plan_write(dataset_schema(plan_data(set)), &answer->readings[0]);
    char *text = json_write(plan);
    json_free(plan);
    plan_answer_free(answer);
    return text;
}

TEST(a_plan_is_written_with_what_is_derived_and_its_sides) {
    static const struct {
        const char *set, *question, *part;
    } written[] = {
        {"films", "what percentage of films are dramas", "\"derivation\":\"share_of_rows\""},
        {"films", "what percentage of films are dramas", "\"side\":1"},
        {"films", "how many more dramas than comedies are there", "\"side\":2"},
        {"films", "films from France or directed by Paul Weber", "\"alternative\":1"},
        {"films", "highest rated film in each genre", "\"per\":1"},
        {"films", "is there a film from Japan", "\"asks_whether\":true"},
        {"shopette", "customers who ordered tea but not coffee", "\"row\":1"},
        {"films", "number of films by decade", "\"bucket\":\"decade\""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(written); i++) {
        char *text = plan_text(written[i].set, written[i].question);
        if (!strstr(text, written[i].part))
            CHECK_TEXT(text, written[i].part);
        free(text);
    }
}

TEST(a_sentence_about_what_is_derived_stands_whatever_the_result_looks_like) {
    static const char *const results[] = {
        "{}",
        "{\"rows\":[[]]}",
        "{\"rows\":[[null,null,null,null]],\"truncated\":true}",
        "{\"rows\":[[{}],[[]],[true]]}",
        "{\"rows\":[[\"a\",\"9007199254740993\"],[1,2],[\"x\"]],\"row_count\":3}",
        "{\"rows\":[1,2,3]}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(said); i++)
        for (size_t j = 0; j < ARRAY_LENGTH(results); j++) {
            struct err err;
            json *result;
            const struct dataset *dataset = plan_data(said[i].set);
            struct plan_answer *answer = plan_question(dataset, said[i].question);
            CHECK_OK(json_parse(results[j], strlen(results[j]), &result, &err), err);
            char *sentence = plan_sentence(dataset_schema(dataset), &answer->readings[0], result);
            CHECK(*sentence && sentence[strlen(sentence) - 1] == '.');
            free(sentence);
            json_free(result);
            plan_answer_free(answer);
        }
}
