// SPDX-License-Identifier: Apache-2.0
//
// What must not change an answer: the case of the question, spaces and punctuation, the order of
// rows and columns, and what a column is called, as long as the question calls it the same.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const char *const questions[] = {
    "how many loans are there",
    "total amount by branch",
    "which branch has the most loans",
    "average rate of car loans",
    "top 2 borrowers by amount",
    "loans with amount over 10000",
    "which loan has the lowest rate",
    "how many loans in Bonn in 2021",
    "number of loans by year",
    "loans without repaid",
    "how many different borrowers",
    "total amount of loans not in Bonn",
    "share of loans by branch",
    "percentage of loans that are car loans",
    "how many more loans are in Aachen than in Trier",
    "running total of the amount by year",
    "average number of loans per branch",
    "loans in Trier or with rate under 2",
    "is there a loan in Bonn",
    "largest amount in each branch",
    "median amount by branch",
    "how many loans in the last two years",
    "how many loans are neither in Bonn nor in Trier",
};

static void check_same(const struct dataset *left, const char *left_question,
                       const struct dataset *right, const char *right_question) {
    char *expected = plan_answer_text(left, left_question),
         *actual = plan_answer_text(right, right_question);
    CHECK_TEXT(actual, expected);
    CHECK(actual[0] != '!' && actual[0] != '?');
    free(expected);
    free(actual);
}

static const char csv[] = "borrower,branch,amount,rate,issued,repaid,purpose\n"
                          "Kim Novak,Aachen,12000,4.5,2019-02-14,2022-02-14,car\n"
                          "Omar Said,Bonn,250000,2.1,2019-11-30,,house\n"
                          "Kim Novak,Aachen,3000,7.9,2020-06-01,2021-06-01,travel\n"
                          "Lena Vogt,Trier,18500,5.2,2020-09-15,,car\n"
                          "Piotr Zajac,Bonn,310000,1.9,2021-03-08,,house\n";
static const char shuffled[] = "borrower,branch,amount,rate,issued,repaid,purpose\n"
                               "Piotr Zajac,Bonn,310000,1.9,2021-03-08,,house\n"
                               "Kim Novak,Aachen,3000,7.9,2020-06-01,2021-06-01,travel\n"
                               "Lena Vogt,Trier,18500,5.2,2020-09-15,,car\n"
                               "Omar Said,Bonn,250000,2.1,2019-11-30,,house\n"
                               "Kim Novak,Aachen,12000,4.5,2019-02-14,2022-02-14,car\n";
static const char renamed[] = "debtor,office,principal,coupon,granted,settled,intent\n"
                              "Kim Novak,Aachen,12000,4.5,2019-02-14,2022-02-14,car\n"
                              "Omar Said,Bonn,250000,2.1,2019-11-30,,house\n"
                              "Kim Novak,Aachen,3000,7.9,2020-06-01,2021-06-01,travel\n"
                              "Lena Vogt,Trier,18500,5.2,2020-09-15,,car\n"
                              "Piotr Zajac,Bonn,310000,1.9,2021-03-08,,house\n";

TEST(case_does_not_matter) {
    const struct dataset *dataset = plan_data_csv("loans", csv);
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++) {
        char upper[256], title[256];
        for (size_t j = 0; j <= strlen(questions[i]); j++) {
            upper[j] = (char)toupper((unsigned char)questions[i][j]);
            title[j] = j == 0 || questions[i][j - 1] == ' ' ? upper[j] : questions[i][j];
        }
        check_same(dataset, questions[i], dataset, upper);
        check_same(dataset, questions[i], dataset, title);
    }
}

TEST(spaces_and_the_last_mark_do_not_matter) {
    const struct dataset *dataset = plan_data_csv("loans", csv);
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++) {
        char text[512] = "  ";
        for (const char *at = questions[i]; *at; at++)
            snprintf(text + strlen(text), sizeof text - strlen(text), *at == ' ' ? " \t " : "%c",
                     *at);
        strcat(text, " ?");
        check_same(dataset, questions[i], dataset, text);
    }
}

static const char turned[] = "purpose,repaid,issued,rate,amount,branch,borrower\n"
                             "car,2022-02-14,2019-02-14,4.5,12000,Aachen,Kim Novak\n"
                             "house,,2019-11-30,2.1,250000,Bonn,Omar Said\n"
                             "travel,2021-06-01,2020-06-01,7.9,3000,Aachen,Kim Novak\n"
                             "car,,2020-09-15,5.2,18500,Trier,Lena Vogt\n"
                             "house,,2021-03-08,1.9,310000,Bonn,Piotr Zajac\n";

// Rows are shown with all their columns, so only what is computed can be compared.
TEST(the_order_of_columns_does_not_matter) {
    static const char *const computed[] = {"how many loans are there",
                                           "total amount by branch",
                                           "share of loans by branch",
                                           "percentage of loans that are car loans",
                                           "how many more loans are in Aachen than in Trier",
                                           "average number of loans per branch",
                                           "median amount by branch",
                                           "running total of the amount by year",
                                           "how many loans in the last two years",
                                           "which branch has the most loans"};
    const struct dataset *left = plan_data_csv("loans", csv),
                         *right = plan_data_csv("loans", turned);
    for (size_t i = 0; i < ARRAY_LENGTH(computed); i++)
        check_same(left, computed[i], right, computed[i]);
}

static void check_same_edit(const struct dataset *dataset, const char *first, const char *edit,
                            const char *whole) {
    const struct plan_said said = {first, -1};
    struct plan_answer *edited = plan_follow_up(dataset, &said, 1, edit),
                       *asked = plan_question(dataset, whole);
    CHECK_INT(edited->verdict, PLAN_SURE);
    CHECK(edited->is_edit && !asked->is_edit);
    CHECK_TEXT(edited->readings[0].sql, asked->readings[0].sql);
    CHECK_TEXT(edited->readings[0].understanding, asked->readings[0].understanding);
    plan_answer_free(edited);
    plan_answer_free(asked);
}

TEST(an_edit_means_what_the_whole_question_would) {
    const struct dataset *dataset = plan_data_csv("loans", csv);
    check_same_edit(dataset, "total amount by branch", "only car loans",
                    "total amount of car loans by branch");
    check_same_edit(dataset, "total amount by branch", "by year instead", "total amount by year");
    check_same_edit(dataset, "total amount by branch", "and the average?",
                    "average amount by branch");
    check_same_edit(dataset, "how many loans in Bonn", "and in Trier?", "how many loans in Trier");
    check_same_edit(dataset, "share of loans by branch", "in 2020",
                    "share of loans by branch in 2020");
    check_same_edit(dataset, "number of loans by branch", "as a percentage",
                    "number of loans by branch as a percentage");
}

TEST(what_is_whole_is_no_edit_of_what_was_said_before) {
    const struct dataset *dataset = plan_data_csv("loans", csv);
    const struct plan_said said = {"total amount by branch", -1};
    for (size_t i = 0; i < 8; i++) {
        struct plan_answer *after = plan_follow_up(dataset, &said, 1, questions[i]),
                           *alone = plan_question(dataset, questions[i]);
        CHECK(!after->is_edit);
        CHECK_TEXT(after->readings[0].sql, alone->readings[0].sql);
        plan_answer_free(after);
        plan_answer_free(alone);
    }
}

TEST(the_order_of_rows_does_not_matter) {
    const struct dataset *left = plan_data_csv("loans", csv),
                         *right = plan_data_csv("loans", shuffled);
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++)
        check_same(left, questions[i], right, questions[i]);
}

// QUESTION in the words of the renamed columns.
static void rename_words(const char *question, char *out, size_t size) {
    static const char *const names[][2] = {{"borrowers", "debtors"},
                                           {"branch", "office"},
                                           {"amount", "principal"},
                                           {"rate", "coupon"},
                                           {"repaid", "settled"}};
    *out = '\0';
    while (*question) {
        size_t length = strcspn(question, " ");
        const char *word = question;
        size_t word_length = length;
        for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
            if (strlen(names[i][0]) == length && strncmp(names[i][0], question, length) == 0) {
                word = names[i][1];
                word_length = strlen(word);
            }
        snprintf(out + strlen(out), size - strlen(out), "%.*s%s", (int)word_length, word,
                 question[length] ? " " : "");
        question += length + (question[length] == ' ');
    }
}

TEST(what_a_column_is_called_does_not_matter) {
    const struct dataset *left = plan_data_csv("loans", csv),
                         *right = plan_data_csv("loans", renamed);
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++) {
        char question[256];
        rename_words(questions[i], question, sizeof question);
        check_same(left, questions[i], right, question);
    }
}

TEST(the_same_question_gives_the_same_plan_every_time) {
    const struct dataset *dataset = plan_data("shopette");
    static const char *const asked[] = {"revenue by category in 2024", "who spent the most",
                                        "qwert", "biggest order"};
    for (size_t i = 0; i < ARRAY_LENGTH(asked); i++) {
        struct plan_answer *first = plan_question(dataset, asked[i]),
                           *second = plan_question(dataset, asked[i]);
        CHECK_INT(first->verdict, second->verdict);
        CHECK_INT(first->reading_count, second->reading_count);
        CHECK_INT(first->suggestion_count, second->suggestion_count);
        CHECK_TEXT(first->message, second->message);
        for (size_t j = 0; j < first->reading_count; j++) {
            CHECK_TEXT(first->readings[j].sql, second->readings[j].sql);
            CHECK_TEXT(first->readings[j].understanding, second->readings[j].understanding);
        }
        for (size_t j = 0; j < first->suggestion_count; j++)
            CHECK_TEXT(first->suggestions[j], second->suggestions[j]);
        plan_answer_free(first);
        plan_answer_free(second);
    }
}
