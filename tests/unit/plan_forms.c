// SPDX-License-Identifier: Apache-2.0
//
// The generous reader. Every form that a question allows is run twice, as its SQL and by
// form_memory.c, which shares no code with it: both must come to the same. Beside that, questions
// over made tables with the answers that were worked out by hand, through all of planning: trials
// are run and settle what is meant.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/form_rank.h"
#include "tests/unit/check.h"
#include "tests/unit/form_memory.h"
#include "tests/unit/plan_data.h"

static const char games[] = "Date,Opponent,Venue,Score,Result,Attendance,Scorers\n"
                            "\"September 4, 1998\",Rovers,Home,2-1,W 2-1,\"1,204\",Ames\n"
                            "\"September 12, 1998\",United,Away,0-3,L 0-3,\"3,411\",\n"
                            "\"October 1, 1998\",Albion,Home,1-1,D 1-1,\"1,950\",Boyd\n"
                            "\"October 9, 1998\",Rovers,Away,4-2,W 4-2,\"2,100\",Ames\n"
                            "\"November 30, 1998\",City,Away,0-1,L 0-1,\"5,820\",\n"
                            "\"January 2, 1999\",Albion,Away,3-0,W 3-0,\"1,480\",Cole\n";

static const char medals[] = "Rank,Nation,Gold,Silver,Bronze,Founded,Closed\n"
                             "1,Norland,9,4,2,1900,1931\n"
                             "2,East Bay,5,6,1,1922,1960\n"
                             "3,Sudia,5,1,7,1910,\n"
                             "4,Vesta,2,2,2,1955,1980\n"
                             "5,\"Kaps, The\",0,3,9,1931,1940\n"
                             "Total,Total,21,16,21,,\n";

static const char *const questions[] = {
    "which team was played after united?",
    "who was the opponent before city",
    "how many games were won?",
    "how many more people came to the game against city than to the one against united?",
    "what is the difference in attendance between albion and rovers?",
    "which opponent was played most often",
    "what was the first game in october?",
    "did they lose to city?",
    "which games had more than 2000 people in attendance?",
    "who scored in the same game as albion was played at home",
    "other than ames, who scored?",
    "which was later, the game against city or the one against albion?",
    "which nation has the most gold medals?",
    "how many nations have at least 2 bronze medals",
    "which nation won more silver than norland",
    "what nation has the same number of gold medals as sudia?",
    "total number of gold medals of norland and vesta combined",
    "which nations were founded between 1905 and 1930?",
    "how long did vesta exist?",
    "which nation has no closing year",
    "average number of silver medals",
    "is norland ranked above east bay?",
    "which nation is not kaps?",
    "what is the lowest rank of a nation with 5 gold medals?",
};

// ---- Two ways to the same answer ----------------------------------------------------------------

struct compared {
    const struct dataset *dataset;
    const struct form_memory_table *table;
    struct form_memory_run run;
    struct form_set set;
    size_t forms, wrong;
};

static bool is_listed(const struct form_memory_table *table,
                      const struct form_memory_answer *answer, const json *cell) {
    char number[40];
    snprintf(number, sizeof number, "%.15g", cJSON_IsNumber(cell) ? cell->valuedouble : 0);
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(table->values[answer->values[i]],
                   cJSON_IsString(cell) ? cell->valuestring : number) == 0)
            return true;
    return false;
}

static bool is_same(const struct form_memory_table *table, const struct form_memory_answer *answer,
                    const json *result) {
    const json *rows = cJSON_GetObjectItem(result, "rows"), *row;
    const json *first = cJSON_GetArrayItem(cJSON_GetArrayItem(rows, 0), 0);
    switch (answer->kind) {
    case FORM_MEMORY_NOTHING: return !first || cJSON_IsNull(first);
    case FORM_MEMORY_NUMBER:
        return cJSON_IsNumber(first) && fabs(first->valuedouble - answer->number) < 1e-6;
    case FORM_MEMORY_TRUTH:
        return cJSON_IsString(first) &&
               strcmp(first->valuestring, answer->number != 0 ? "yes" : "no") == 0;
    case FORM_MEMORY_CELLS: break;
    }
    cJSON_ArrayForEach (row, rows)
        if (!is_listed(table, answer, cJSON_GetArrayItem(row, 0)))
            return false;
    return (size_t)cJSON_GetArraySize(rows) == answer->count;
}

static void compare_form(struct compared *compared, const struct form *form, struct arena *arena) {
    struct plan_reading reading = {.trial = -1};
    struct form_memory_answer answer;
    if (!form_write_sql(&compared->set, form, arena, &reading))
        return;
    compared->forms++;
    form_memory_answer(&compared->run, form, &answer);
    json *result = plan_run(compared->dataset, &reading);
    if (!is_same(compared->table, &answer, result) && compared->wrong++ < 5) {
        char *rows = plan_rows_text(result);
        printf("# %s\n# %s\n#   SQL gives %s, memory kind %d, %zu cells, %g\n",
               compared->set.question->text, reading.sql, rows, (int)answer.kind, answer.count,
               answer.number);
        free(rows);
    }
    json_free(result);
}

static void compare_question(struct compared *compared, const char *text) {
    struct arena arena = ARENA(64 * 1024 * 1024);
    struct question *question = mem_zero(1, sizeof *question);
    CHECK(form_question(compared->dataset, text, &arena, question));
    CHECK(form_make(question, 0, &compared->set));
    form_memory_run_init(&compared->run, compared->table, &compared->set);
    // One in seven of many is enough, and over all questions each kind comes up often.
    size_t step = compared->set.form_count > 400 ? 7 : 1;
    for (size_t i = 0; i < compared->set.form_count; i += step)
        compare_form(compared, &compared->set.forms[i], &arena);
    form_memory_run_done(&compared->run);
    free(question);
    arena_done(&arena);
}

static void compare_set(const char *name, const char *csv) {
    struct compared *compared = mem_zero(1, sizeof *compared);
    compared->dataset = plan_data_csv(name, csv);
    struct form_memory_table *table = form_memory_read(compared->dataset);
    compared->table = table;
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++)
        compare_question(compared, questions[i]);
    printf("# %zu forms\n", compared->forms);
    CHECK(compared->forms > 500);
    CHECK_INT(compared->wrong, 0);
    form_memory_free(table);
    free(compared);
}

TEST(each_form_over_texts_with_numbers_and_dates_is_what_its_sql_says) {
    compare_set("games", games);
}
TEST(each_form_over_numbers_years_and_a_total_row_is_what_its_sql_says) {
    compare_set("medals", medals);
}

// What a question says of a table with ROWS different cells, each FORMAT with its number.
static void check_mentions(const char *format, int rows, const char *text, bool is_mentioned) {
    struct buf csv = BUF(1 << 20);
    struct arena arena = ARENA(64 * 1024 * 1024);
    struct question *question = mem_zero(1, sizeof *question);
    struct form_set *set = mem_zero(1, sizeof *set);
    buf_add_text(&csv, "Animal,Age\n");
    for (int i = 0; i < rows; i++) {
        buf_add_format(&csv, format, 'a' + i / 26, 'a' + i % 26);
        buf_add_format(&csv, ",%d\n", i);
    }
    const struct dataset *dataset = plan_data_csv("zoo", buf_text(&csv));
    CHECK(form_question(dataset, text, &arena, question));
    CHECK(form_make(question, 0, set));
    for (size_t i = 0; i < set->mention_count; i++)
        CHECK(!set->mentions[i].has_more || set->mentions[i].contains);
    CHECK(is_mentioned == (set->mention_count > 0));
    free(set);
    free(question);
    arena_done(&arena);
    buf_done(&csv);
}

// A filter by some of the values would count too few, and nobody would see it.
TEST(values_too_many_to_list_are_mentioned_only_by_what_all_of_them_share) {
    check_mentions("ponies %c%c", 5, "how many pony rows are there?", true);
    check_mentions("ponies %c%c", 40, "how many pony rows are there?", false);
    check_mentions("ponies %c%c", 40, "how many ponies are there?", true);
    check_mentions("ponies %c%c", 300, "how many pony rows are there?", false);
}

// ---- Answers ------------------------------------------------------------------------------------

static const struct {
    const char *set, *csv, *question, *values; // of the best reading
} cases[] = {
    {"games", games, "which team was played after united?", "Albion"},
    {"games", games, "who was the opponent before city?", "Rovers"},
    {"games", games, "what was the attendance against city?", "5820"},
    {"games", games, "which opponent had the highest attendance?", "City"},
    {"games", games, "what venue was the game against united played at?", "Away"},
    {"medals", medals, "which nation has the most gold medals?", "Norland"},
    {"medals", medals, "how many silver medals did east bay win?", "6"},
    {"medals", medals, "which nation came in after sudia?", "Vesta"},
    {"medals", medals, "how many nations won at least 3 silver medals?", "3"},
    {"medals", medals, "what nation has the same number of gold medals as sudia?", "East Bay"},
    {"medals", medals, "how many more gold medals did norland win than vesta?", "7"},
    {"medals", medals, "which nation won more bronze medals, sudia or vesta?", "Sudia"},
    {"medals", medals, "what is the total number of gold medals won by norland and vesta?", "11"},
};

static void check_case(size_t at) {
    const struct dataset *dataset = plan_data_csv(cases[at].set, cases[at].csv);
    struct plan_answer *answer = plan_settled(dataset, cases[at].question);
    CHECK(answer->reading_count > 0);
    json *result = plan_run(dataset, &answer->readings[0]);
    int column = plan_answer_column(&answer->readings[0]);
    struct buf buf = BUF(4096);
    const json *row;
    cJSON_ArrayForEach (row, cJSON_GetObjectItem(result, "rows")) {
        const json *cell = cJSON_GetArrayItem(row, column < 0 ? 0 : column);
        buf_add_text(&buf, buf.length ? ";" : "");
        if (cJSON_IsString(cell))
            buf_add_text(&buf, cell->valuestring);
        else
            buf_add_format(&buf, "%.15g", cell->valuedouble);
    }
    if (strcmp(buf_text(&buf), cases[at].values) != 0)
        check_fail(__FILE__, __LINE__, "%s\n#   is  %s\n#   not %s\n#   %s", cases[at].question,
                   buf_text(&buf), cases[at].values, answer->readings[0].understanding);
    buf_done(&buf);
    json_free(result);
    plan_answer_free(answer);
}

TEST(questions_about_games_are_answered_by_forms) {
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (strcmp(cases[i].set, "games") == 0)
            check_case(i);
}

TEST(questions_about_medals_are_answered_by_forms) {
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (strcmp(cases[i].set, "medals") == 0)
            check_case(i);
}
