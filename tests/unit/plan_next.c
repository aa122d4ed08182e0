// SPDX-License-Identifier: Apache-2.0
//
// What is offered after an answer, and to begin with: whoever takes it gets an answer.
#include <stdio.h>
#include <string.h>

#include "plan/next.h"
#include "plan/openings.h"
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

#define LEVELS 2 // of what is said next, after a prompt

// ---- Every offer is answered --------------------------------------------------------------------

struct walk {
    const struct dataset *dataset;
    struct plan_said said[PLAN_SAID];
    char *sql[PLAN_SAID]; // of each, with its parameters
    int offered, empty, wrong;
};

static char *text_of_query(const struct plan_reading *reading) {
    json *params = plan_write_params(reading);
    char *text = json_write(params), *query = mem_format("%s %s", reading->sql, text);
    free(text);
    json_free(params);
    return query;
}

static void complain(struct walk *walk, size_t count, const char *what) {
    printf("# %s:", what);
    for (size_t i = 0; i <= count; i++)
        printf("%s %s", i ? " =>" : "", walk->said[i].question);
    printf("\n");
    walk->wrong++;
}

// Says TEXT after COUNT others, and goes on with all that is offered then.
static void say(struct walk *walk, size_t count, const char *text) {
    const char *texts[PLAN_NEXT];
    walk->said[count] = (struct plan_said){text, -1};
    struct plan_answer *answer = plan_follow_up(walk->dataset, walk->said, count, text);
    if (answer->verdict != PLAN_SURE || answer->trial_count || (count && !answer->is_edit)) {
        complain(walk, count, answer->message ? answer->message : "it is no edit");
        plan_answer_free(answer);
        return;
    }
    json *result = plan_run(walk->dataset, &answer->readings[0]);
    walk->empty += cJSON_GetArraySize(cJSON_GetObjectItem(result, "rows")) == 0;
    json_free(result);
    walk->sql[count] = text_of_query(&answer->readings[0]);
    for (size_t i = 0; i < count; i++)
        if (strcmp(walk->sql[i], walk->sql[count]) == 0)
            complain(walk, count, "asked before");
    size_t offered = count < LEVELS ? plan_next(answer, -1, texts) : 0;
    walk->offered += (int)offered;
    for (size_t i = 0; i < offered; i++)
        say(walk, count + 1, texts[i]);
    free(walk->sql[count]);
    plan_answer_free(answer);
}

static void walk_folder(const char *folder, int least) {
    struct walk walk = {.dataset = plan_data_folder(folder)};
    const struct dataset_schema *schema = dataset_schema(walk.dataset);
    const char *openings[PLAN_OPENINGS];
    size_t count = plan_openings(walk.dataset, openings);
    for (size_t i = 0; i < schema->prompt_count; i++)
        say(&walk, 0, schema->prompts[i].question);
    for (size_t i = 0; i < count; i++)
        say(&walk, 0, openings[i]);
    printf("# %s: %d offers, %d of them without rows\n", folder, walk.offered, walk.empty);
    CHECK_INT(walk.wrong, 0);
    CHECK(walk.offered >= least);
    CHECK(walk.empty * 40 <= walk.offered); // a value may be one that the others shut out
}

TEST(whatever_is_offered_about_bird_strikes_is_answered_two_levels_deep) {
    walk_folder("datasets/birdstrikes", 200);
}
TEST(whatever_is_offered_about_weather_is_answered_two_levels_deep) {
    walk_folder("datasets/weather", 200);
}
TEST(whatever_is_offered_about_the_shop_is_answered_two_levels_deep) {
    walk_folder("datasets/shop", 200);
}

// ---- What is offered ----------------------------------------------------------------------------

static char *joined(const char *const *texts, size_t count) {
    char *text = mem_text("");
    for (size_t i = 0; i < count; i++) {
        char *longer = mem_format("%s%s%s", text, i ? " | " : "", texts[i]);
        free(text);
        text = longer;
    }
    return text;
}

// The offers after CHAIN, whose parts " => " parts.
static char *next_of(const struct dataset *dataset, const char *chain) {
    struct plan_said said[32];
    const char *texts[PLAN_NEXT];
    char *copy = mem_text(chain), *last = copy;
    size_t count = 0;
    for (char *end; (end = strstr(last, " => ")); last = end + 4) {
        *end = '\0';
        said[count++] = (struct plan_said){last, -1};
    }
    struct plan_answer *answer = plan_follow_up(dataset, said, count, last);
    char *text = joined(texts, plan_next(answer, -1, texts));
    plan_answer_free(answer);
    free(copy);
    return text;
}

#define CHECK_NEXT(set, chain, expected)                                                           \
    do {                                                                                           \
        char *next = next_of(plan_data(set), chain);                                               \
        CHECK_TEXT(next, expected);                                                                \
        free(next);                                                                                \
    } while (0)

TEST(a_report_is_cut_another_way) {
    CHECK_NEXT("staff", "average salary by department",
               "by year instead | only Engineer | by manager instead | and the highest?");
}

TEST(a_number_is_broken_down) {
    CHECK_NEXT("staff", "how many employees work in Sales",
               "what about Engineering? | by manager | as a percentage | list them");
}

TEST(a_superlative_is_turned_round) {
    CHECK_NEXT("staff", "who has the highest salary",
               "and the lowest? | the top 5 | in 2021 | only Engineer");
}

TEST(what_was_asked_before_is_not_offered_again) {
    CHECK_NEXT("staff", "average salary by department => by year instead => by department instead",
               "by quarter instead | only Engineer | by manager instead | and the highest?");
}

TEST(nothing_is_offered_after_what_was_not_understood) {
    CHECK_NEXT("staff", "what does the fox say", "");
}

// The planner reads PLAN_SAID questions back; an edit of one that is further away would be lost.
TEST(nothing_is_offered_where_the_question_that_is_edited_goes_out_of_sight) {
    CHECK_NEXT("staff",
               "average salary by department => by city => by department => by city => by "
               "department => by city => by department => by city",
               "by year instead | only Engineer | by manager instead | and the highest?");
    CHECK_NEXT("staff",
               "average salary by department => by city => by department => by city => by "
               "department => by city => by department => by city => by department",
               "");
}

TEST(offers_follow_the_reading_that_was_chosen) {
    const char *texts[PLAN_NEXT];
    const struct dataset *dataset = plan_data("sensors");
    struct plan_answer *answer = plan_question(dataset, "hottest sensor");
    CHECK_INT(answer->verdict, PLAN_AMBIGUOUS);
    CHECK(answer->reading_count >= 2);
    struct plan_said said = {"hottest sensor", 1};
    size_t count = plan_next(answer, 1, texts);
    CHECK(count > 0);
    for (size_t i = 0; i < count; i++) {
        struct plan_answer *next = plan_follow_up(dataset, &said, 1, texts[i]);
        CHECK_INT(next->verdict, PLAN_SURE);
        CHECK(next->is_edit);
        plan_answer_free(next);
    }
    CHECK_INT(plan_next(answer, 9, texts), 0);
    plan_answer_free(answer);
}

// ---- To begin with ------------------------------------------------------------------------------

static char *openings_of(const char *name, const char *csv) {
    const char *texts[PLAN_OPENINGS];
    const struct dataset *dataset = plan_data_csv(name, csv);
    return joined(texts, plan_openings(dataset, texts));
}

#define CHECK_OPENINGS(name, csv, expected)                                                        \
    do {                                                                                           \
        char *openings = openings_of(name, csv);                                                   \
        CHECK_TEXT(openings, expected);                                                            \
        free(openings);                                                                            \
    } while (0)

TEST(a_table_is_asked_about_its_amounts_groups_and_times) {
    CHECK_OPENINGS(
        "loans",
        "loan_id,branch,amount,granted\n"
        "17,Bonn,100,2021-01-03\n23,Bonn,250,2021-02-04\n31,Aachen,90,2021-02-20\n"
        "45,Aachen,300,2021-03-07\n58,Bonn,120,2021-04-01\n63,Bonn,80,2021-05-09\n"
        "71,Aachen,75,2021-06-11\n84,Bonn,500,2021-07-30\n90,Aachen,410,2021-08-08\n"
        "99,Bonn,60,2021-09-09\n",
        "Total amount by branch | Number of loans by month | Number of loans by branch | "
        "Top 5 loans by amount | How many loans are there where branch is Bonn? | How "
        "many loans are there?");
}

TEST(what_numbers_or_dates_a_row_is_never_added_up) {
    char *openings = openings_of("riders", "Pos,No,Rider,Season,Zip code\n"
                                           "1,46,Rossi,2001,53111\n2,4,Barros,2001,52062\n"
                                           "3,15,Gibernau,2002,53111\n4,69,Hayden,2002,10115\n"
                                           "5,65,Capirossi,2003,10117\n6,3,Biaggi,2003,53113\n");
    CHECK(!strstr(openings, "Total") && !strstr(openings, "Average") && !strstr(openings, "Top"));
    CHECK(strstr(openings, "How many riders are there?"));
    free(openings);
}

TEST(a_table_of_names_alone_is_asked_for_what_is_in_it) {
    CHECK_OPENINGS("ships", "Ship,Captain\nArgo,Jason\nPequod,Ahab\nBounty,Bligh\n",
                   "How many ships are there? | List all ships");
}

TEST(a_table_without_rows_is_not_asked_about) { CHECK_OPENINGS("empty", "a,b\n", ""); }

TEST(openings_need_no_trial_and_are_the_same_each_time) {
    static const char *const sets[] = {"films",    "staff",   "loans",
                                       "shopette", "sensors", "football"};
    for (size_t i = 0; i < ARRAY_LENGTH(sets); i++) {
        const char *first[PLAN_OPENINGS], *second[PLAN_OPENINGS];
        const struct dataset *dataset = plan_data(sets[i]);
        size_t count = plan_openings(dataset, first);
        CHECK(count >= 3);
        CHECK_INT(plan_openings(dataset, second), count);
        for (size_t j = 0; j < count; j++) {
            struct plan_answer *answer = plan_settled(dataset, first[j]);
            CHECK(first[j] == second[j]);
            CHECK_INT(answer->verdict, PLAN_SURE);
            CHECK_INT(answer->trial_count, 0);
            json_free(plan_run(dataset, &answer->readings[0]));
            plan_answer_free(answer);
        }
    }
}
