// SPDX-License-Identifier: Apache-2.0
//
// Whatever is asked, the planner ends, stays within its memory, and what it is sure of can be run.
// Questions are made by shuffling, doubling, cutting and breaking real ones; schemas by breaking
// the names of columns.
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "plan/next.h"
#include "plan/openings.h"
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static uint32_t seed = 20240607;

static uint32_t next_random(uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static const char *const words[] = {
    "how",
    "many",
    "number of",
    "total",
    "average",
    "highest",
    "lowest",
    "most",
    "fewest",
    "top",
    "5",
    "2004",
    "in",
    "by",
    "per",
    "each",
    "year",
    "month",
    "weekday",
    "which",
    "who",
    "when",
    "what",
    "is",
    "the",
    "of",
    "not",
    "without",
    "or",
    "and",
    "over",
    "between",
    "100",
    "-7",
    "$1,000",
    "5k",
    "30%",
    "2020-01-01",
    "May 2013",
    "since",
    "before",
    "Q1 2021",
    "sorted by",
    "descending",
    "order",
    "orders",
    "customers",
    "revenue",
    "product",
    "category",
    "tea",
    "coffee",
    "Lyon",
    "rating",
    "price",
    "shipped",
    "ordered",
    "never",
    "Ana Blum",
    "\"",
    "'",
    "?",
    ",",
    "(",
    "é",
    "東京",
    "\xF0\x9F\x98\x80",
    "\xFF",
    "latest",
    "oldest",
    "expensive",
    "cheapest",
    "more than",
    "at least",
    "different",
    "share of",
    "city",
    "newsletter",
    "with",
    "no",
    "missing",
    "contains",
    "for each",
    "to",
    "last",
    "first",
    "best",
    "worst",
    "1/2/2020",
    "1990s",
    "march",
    "sundays",
    "O'Hare",
    "%",
    "_",
    "percentage of",
    "as a percentage",
    "difference between",
    "how many more",
    "than",
    "ratio of",
    "growth of",
    "running total of",
    "year over year",
    "average number of",
    "median",
    "is there",
    "last month",
    "the last 30 days",
    "neither",
    "nor",
    "but not",
    "twenty-five",
    "half a million",
    "week",
    "decade",
    "in each",
    "what about",
    "instead",
    "also",
};

static void make_question(char *out, size_t size) {
    *out = '\0';
    uint32_t count = 1 + next_random(14);
    for (uint32_t i = 0; i < count; i++)
        snprintf(out + strlen(out), size - strlen(out), "%s%s", i ? " " : "",
                 words[next_random(ARRAY_LENGTH(words))]);
    size_t length = strlen(out);
    for (uint32_t i = next_random(3); i > 0 && length; i--) // a byte is broken, or a piece cut out
        if (next_random(2))
            out[next_random((uint32_t)length)] = (char)(1 + next_random(255));
        else
            length -= 1, memmove(out + next_random((uint32_t)length + 1), out + length, 2);
}

static void check_planned(const struct dataset *dataset, struct plan_answer *answer) {
    CHECK(answer->arena.used_bytes <= answer->arena.limit_bytes);
    CHECK(answer->verdict != PLAN_SURE || answer->reading_count == 1);
    CHECK(answer->verdict != PLAN_AMBIGUOUS ||
          (answer->reading_count >= 2 && answer->reading_count <= 3));
    CHECK(answer->verdict != PLAN_NOT_UNDERSTOOD ||
          (answer->reading_count == 0 && *answer->message));
    for (size_t i = 0; i < answer->reading_count; i++) {
        json *result = plan_run(dataset, &answer->readings[i]), *plan;
        char *sentence = plan_sentence(dataset_schema(dataset), &answer->readings[i], result);
        plan = plan_write(dataset_schema(dataset), &answer->readings[i]);
        CHECK(*sentence && *answer->readings[i].understanding && *answer->readings[i].title);
        free(sentence);
        json_free(plan);
        json_free(result);
    }
    plan_answer_free(answer);
}

static void check_answer(const struct dataset *dataset, const char *question) {
    struct plan_answer *answer = plan_settled(dataset, question);
    CHECK(answer->arena.used_bytes <= LIMIT_PLAN_ARENA);
    CHECK(answer->confidence >= 0 && answer->confidence <= 1);
    check_planned(dataset, answer);
}

// That whatever is offered next, after READING of QUESTION, is sure where it is said, and can be
// run.
static void check_next(const struct dataset *dataset, const struct plan_said *said, size_t count,
                       const char *question, int reading) {
    const char *texts[PLAN_NEXT];
    struct plan_said all[PLAN_SAID];
    struct plan_answer *answer = plan_follow_up(dataset, said, count, question);
    size_t offered = plan_next(answer, reading, texts);
    CHECK(answer->verdict != PLAN_NOT_UNDERSTOOD || !offered);
    for (size_t i = 0; i < count; i++)
        all[i] = said[i];
    all[count] = (struct plan_said){question, reading};
    for (size_t i = 0; i < offered; i++) {
        struct plan_answer *next = plan_follow_up(dataset, all, count + 1, texts[i]);
        if (next->verdict != PLAN_SURE || !next->is_edit)
            check_fail(__FILE__, __LINE__, "%s => %s: %s", question, texts[i], next->message);
        json_free(plan_run(dataset, &next->readings[0]));
        plan_answer_free(next);
    }
    plan_answer_free(answer);
}

static void check_openings(const struct dataset *dataset) {
    const char *texts[PLAN_OPENINGS];
    size_t count = plan_openings(dataset, texts);
    for (size_t i = 0; i < count; i++) {
        struct plan_answer *answer = plan_settled(dataset, texts[i]);
        if (answer->verdict != PLAN_SURE)
            check_fail(__FILE__, __LINE__, "%s: %s", texts[i], answer->message);
        check_planned(dataset, answer);
        check_next(dataset, NULL, 0, texts[i], -1);
    }
}

TEST(any_question_ends_and_what_is_sure_can_be_run) {
    const struct dataset *dataset = plan_data("shopette");
    for (int i = 0; i < 4000; i++) {
        char question[1024];
        make_question(question, sizeof question);
        check_answer(dataset, question);
    }
}

TEST(any_question_about_one_table_ends_and_all_that_is_tried_can_be_run) {
    const struct dataset *dataset = plan_data("films");
    static const char *const more[] = {"starfall", "before",  "after", "or",       "than",
                                       "the same", "as",      "first", "last",     "most",
                                       "france",   "usa",     "not",   "director", "how many",
                                       "2004",     "besides", "genre", "rating",   "next"};
    for (int i = 0; i < 400; i++) {
        char question[1024], asked[1400];
        make_question(question, sizeof question);
        snprintf(asked, sizeof asked, "%s %s %s %s %s", more[next_random(20)],
                 more[next_random(20)], question, more[next_random(20)], more[next_random(20)]);
        check_answer(dataset, asked);
    }
}

TEST(any_question_ends_where_two_references_lead_to_one_table) {
    const struct dataset *dataset = plan_data("football");
    static const char *const more[] = {"matches", "home",   "away",       "team",
                                       "goals",   "Rovers", "United",     "City",
                                       "founded", "cup",    "attendance", "played"};
    for (int i = 0; i < 1500; i++) {
        char question[1024], asked[1200];
        make_question(question, sizeof question);
        snprintf(asked, sizeof asked, "%s %s %s", more[next_random(12)], question,
                 more[next_random(12)]);
        check_answer(dataset, asked);
    }
}

TEST(whatever_was_said_before_what_is_said_now_ends) {
    const struct dataset *dataset = plan_data("shopette");
    for (int i = 0; i < 700; i++) {
        char before[2][1024], question[1024];
        make_question(before[0], sizeof before[0]);
        make_question(before[1], sizeof before[1]);
        make_question(question, sizeof question);
        const struct plan_said said[] = {
            {i % 2 ? "revenue by category in 2024" : before[0], (int)next_random(4) - 1},
            {before[1], -1}};
        size_t count = 1 + next_random(2);
        check_planned(dataset, plan_follow_up(dataset, said, count, question));
        check_next(dataset, said, count, question, (int)next_random(3) - 1);
    }
}

TEST(the_longest_questions_end) {
    const struct dataset *dataset = plan_data("shopette");
    for (int i = 0; i < 40; i++) {
        char question[LIMIT_QUESTION + 1] = "";
        while (strlen(question) < sizeof question - 40)
            snprintf(question + strlen(question), sizeof question - strlen(question), "%s ",
                     words[next_random(ARRAY_LENGTH(words))]);
        check_answer(dataset, question);
        question[300 + next_random(300)] = '\0';
        check_answer(dataset, question);
    }
}

TEST(headers_of_any_kind_are_planned_with) {
    static const char *const bits[] = {"a", "Total", "order", "\"\"", "é",  "東",     " ",   "%",
                                       "$", "(",     ")",     "_",    "x1", "SELECT", "date"};
    for (int i = 0; i < 60; i++) {
        char csv[2048] = "", name[64];
        for (int column = 0; column < 5; column++) {
            *name = '\0';
            for (uint32_t j = 1 + next_random(4); j > 0; j--)
                strcat(name, bits[next_random(ARRAY_LENGTH(bits))]);
            snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s\"%s%d\"", column ? "," : "",
                     name, column);
        }
        for (int row = 0; row < 6; row++)
            snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "\n%s,%d,2020-01-0%d,%s,%d.5",
                     row % 2 ? "red" : "Big \"\"blue\"\"", row * 3, row + 1, row % 3 ? "x" : "",
                     row);
        strcat(csv, "\n");
        for (char *at = csv; (at = strstr(at, "Big \"\"blue\"\""));
             at += 12) // cells with quotes are quoted
            memcpy(at, "\"Big bl\"\"ue\"", 12);
        const struct dataset *dataset = plan_data_csv("things", csv);
        static const char *const asked[] = {"how many things",
                                            "total x1 by a",
                                            "average order by date",
                                            "red things",
                                            "which SELECT has the highest total",
                                            "things by date",
                                            "most a",
                                            "which a comes after red",
                                            "is x higher than big blue or not",
                                            "what date is the same as red besides x"};
        for (size_t j = 0; j < ARRAY_LENGTH(asked); j++) {
            check_answer(dataset, asked[j]);
            check_next(dataset, NULL, 0, asked[j], -1);
        }
        check_openings(dataset);
    }
}
