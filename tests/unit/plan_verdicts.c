// SPDX-License-Identifier: Apache-2.0
//
// When the planner answers, when it asks back, and when it says that it did not understand. It
// never guesses in silence.
#include <string.h>

#include "base/limits.h"
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static enum plan_verdict verdict(const char *set, const char *question) {
    struct plan_answer *answer = plan_question(plan_data(set), question);
    enum plan_verdict verdict = answer->verdict;
    plan_answer_free(answer);
    return verdict;
}

#define CHECK_TITLES(set, question, expected)                                                      \
    do {                                                                                           \
        char *text = plan_answer_text(plan_data(set), question);                                   \
        CHECK_TEXT(text, expected);                                                                \
        free(text);                                                                                \
    } while (0)

TEST(a_team_that_may_be_home_or_away_is_asked_back) {
    CHECK_TITLES("football", "matches of Rovers", "?Home team/Away team");
    CHECK_TITLES("football", "which team scored the most home goals", "?Home team/Away team");
}

TEST(a_superlative_that_may_be_total_or_single_is_asked_back) {
    CHECK_TITLES("loans", "which branch has the highest amount",
                 "?Total amount/Highest amount of one loan");
    CHECK_TITLES("sensors", "hottest sensor",
                 "?Average temperature/Highest temperature of one sensor reading");
    CHECK_TITLES("loans", "who borrowed the most", "?Number of loans/Total amount");
}

TEST(a_word_that_says_it_settles_what_was_ambiguous) {
    CHECK_INT(verdict("loans", "which branch has the highest total amount"), PLAN_SURE);
    CHECK_INT(verdict("sensors", "which sensor has the highest average temperature"), PLAN_SURE);
    CHECK_INT(verdict("football", "which home team scored the most home goals"), PLAN_SURE);
}

TEST(a_date_that_reads_two_ways_is_asked_back) {
    CHECK_INT(verdict("loans", "how many loans were issued on 6/1/2020"), PLAN_AMBIGUOUS);
    CHECK_INT(verdict("loans", "how many loans were issued on 15/9/2020"), PLAN_SURE);
    CHECK_INT(verdict("loans", "how many loans were issued on 2020-06-01"), PLAN_SURE);
}

TEST(readings_that_compete_are_told_apart_and_all_can_be_run) {
    static const char *const questions[] = {"matches of Rovers",
                                            "which team scored the most home goals"};
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++) {
        struct plan_answer *answer = plan_question(plan_data("football"), questions[i]);
        CHECK_INT(answer->verdict, PLAN_AMBIGUOUS);
        CHECK(answer->reading_count >= 2 && answer->reading_count <= 3);
        CHECK(*answer->message);
        for (size_t j = 0; j < answer->reading_count; j++) {
            CHECK(*answer->readings[j].title && *answer->readings[j].detail);
            CHECK(j == 0 || strcmp(answer->readings[j].title, answer->readings[0].title) != 0);
            CHECK(j == 0 || answer->readings[j].score <= answer->readings[j - 1].score);
            json_free(plan_run(plan_data("football"), &answer->readings[j]));
        }
        plan_answer_free(answer);
    }
}

static const struct {
    const char *set, *question, *message;
} refused[] = {
    {"films", "how many films are there in narnia", "I did not understand “narnia”."},
    {"films", "how many purple films", "I did not understand “purple”."},
    {"staff", "qwert asdfg", "I did not understand “qwert”, “asdfg”."},
    {"staff", "aba bcb cdc ded efe fgf",
     "I did not understand “aba”, “bcb”, “cdc”, “ded” and 2 more words."},
    {"films", "do the majority of films have a rating",
     "I cannot work with halves and majorities (ask for a percentage) yet."},
    {"films", "percentile of the rating of films",
     "I cannot work with statistics beyond average, median, smallest and largest yet."},
    {"loans", "how many loans were issued two weeks ago",
     "I cannot work with dates relative to today (“this year” and “the last 30 days” go by the "
     "newest date) yet."},
    {"staff", "average number of employees",
     "I cannot work with an average of counts or totals unless it is per something (“per "
     "customer”) yet."},
    {"films", "", "Ask a question about Films."},
    {"films", "?!", "Ask a question about Films."},
    {"films", "please, could you do that?", "Ask a question about Films."},
};

TEST(what_was_not_understood_is_named) {
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        struct plan_answer *answer = plan_question(plan_data(refused[i].set), refused[i].question);
        CHECK_INT(answer->verdict, PLAN_NOT_UNDERSTOOD);
        CHECK_INT(answer->reading_count, 0);
        CHECK_TEXT(answer->message, refused[i].message);
        plan_answer_free(answer);
    }
}

TEST(one_word_too_many_is_enough_not_to_be_sure) {
    CHECK_INT(verdict("staff", "how many employees work in Sales"), PLAN_SURE);
    CHECK_INT(verdict("staff", "how many happy employees work in Sales"), PLAN_NOT_UNDERSTOOD);
    CHECK_INT(verdict("films", "which film has the highest rating"), PLAN_SURE);
    CHECK_INT(verdict("films", "which film has the highest rating among teenagers"),
              PLAN_NOT_UNDERSTOOD);
}

TEST(a_number_in_another_unit_is_not_compared) {
    CHECK_INT(verdict("sensors", "how many readings with temperature above 30 celsius"), PLAN_SURE);
    CHECK_INT(verdict("sensors", "how many readings with temperature above 30 fahrenheit"),
              PLAN_NOT_UNDERSTOOD);
    CHECK_INT(verdict("loans", "how many loans over 1000 euros"), PLAN_SURE);
    CHECK_INT(verdict("loans", "how many loans over $1000"), PLAN_NOT_UNDERSTOOD);
}

TEST(every_suggestion_is_itself_answered) {
    static const char *const questions[] = {"qwert", "how many happy employees work in Sales",
                                            "salary percentile", "what does the fox say", ""};
    static const char *const sets[] = {"films",   "staff", "football",
                                       "sensors", "loans", "shopette"};
    for (size_t i = 0; i < ARRAY_LENGTH(sets); i++)
        for (size_t j = 0; j < ARRAY_LENGTH(questions); j++) {
            struct plan_answer *answer = plan_question(plan_data(sets[i]), questions[j]);
            CHECK_INT(answer->verdict, PLAN_NOT_UNDERSTOOD);
            CHECK(answer->suggestion_count > 0);
            for (size_t k = 0; k < answer->suggestion_count; k++)
                CHECK_INT(verdict(sets[i], answer->suggestions[k]), PLAN_SURE);
            plan_answer_free(answer);
        }
}

TEST(the_question_without_the_unknown_word_is_suggested_first) {
    struct plan_answer *answer =
        plan_question(plan_data("staff"), "How many happy employees work in Sales?");
    CHECK(answer->suggestion_count > 0);
    CHECK_TEXT(answer->suggestions[0], "How many employees work in Sales?");
    plan_answer_free(answer);
}

TEST(a_question_past_its_limits_is_refused) {
    char *text = mem_zero(LIMIT_QUESTION + 100, 1);
    memset(text, 'a', LIMIT_QUESTION + 1);
    struct plan_answer *answer = plan_question(plan_data("films"), text);
    CHECK_TEXT(answer->message, "The question is longer than 4000 bytes.");
    plan_answer_free(answer);
    text[0] = '\0';
    strcat(text, "how many films are there");
    for (int i = 0; i < LIMIT_PLAN_TOKENS; i++)
        strcat(text, " the");
    answer = plan_question(plan_data("films"), text);
    CHECK_INT(answer->verdict, PLAN_NOT_UNDERSTOOD);
    CHECK_TEXT(answer->message, "The question is longer than 120 words; ask a shorter one.");
    plan_answer_free(answer);
    free(text);
}

TEST(columns_that_are_called_like_constructs_are_columns) {
    const struct dataset *dataset =
        plan_data_csv("league", "Team,Difference,Share,Growth,Ratio,Week,Change\n"
                                "Rovers,12,40.5,3,1.5,1,5\nUnited,-4,30,7,0.5,2,-2\n"
                                "Albion,0,29.5,1,1,3,8\n");
    static const char *const asked[][2] = {
        {"which team has the highest difference", "Rovers|12"},
        {"which team has the lowest growth", "Albion|1"},
        {"what is the ratio of Rovers", "1.5"},
        {"team with the highest change", "Albion|8"},
        {"team of week 2", "United"},
        {"average difference", "2.6667"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(asked); i++) {
        char *text = plan_answer_text(dataset, asked[i][0]);
        CHECK_TEXT(text, asked[i][1]);
        free(text);
    }
}

TEST(a_yes_or_no_that_would_need_more_than_a_count_is_refused) {
    CHECK_INT(verdict("films", "is Starfall the longest film"), PLAN_NOT_UNDERSTOOD);
    CHECK_INT(verdict("films", "is the average rating of dramas above 8"), PLAN_NOT_UNDERSTOOD);
    CHECK_INT(verdict("films", "are dramas longer than comedies"), PLAN_NOT_UNDERSTOOD);
    CHECK_INT(verdict("films", "is Starfall from the United States"), PLAN_SURE);
}

TEST(words_that_are_others_by_one_letter_are_not_taken_for_them) {
    CHECK_INT(verdict("films", "how many films were shot in the east"), PLAN_NOT_UNDERSTOOD);
    CHECK_INT(verdict("loans", "how many loans were lent"), PLAN_NOT_UNDERSTOOD);
    CHECK_INT(verdict("films", "how many post films"), PLAN_NOT_UNDERSTOOD);
}
