// SPDX-License-Identifier: Apache-2.0
//
// The examples of docs/questions.md: each row of its tables is a data set, what is asked, and the
// sentence that answers it.
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

#define PAGE "docs/questions.md"

// The cells of "| a | b | c |", cut in place; false for any other line.
static bool read_row(char *line, char *ret_cells[3]) {
    if (!str_has_prefix(line, "| ") || str_has_prefix(line, "| Data set |"))
        return false;
    char *at = line + 2;
    for (int i = 0; i < 3; i++) {
        char *end = strstr(at, " |");
        if (!end)
            return false;
        *end = '\0';
        ret_cells[i] = at;
        at = end + strlen(" | ");
    }
    return true;
}

static void check_example(const struct dataset *dataset, char *asked, const char *answer) {
    struct plan_said said[PLAN_SAID];
    size_t count = 0;
    for (char *end; (end = strstr(asked, " => ")) && count < PLAN_SAID; asked = end + 4) {
        *end = '\0';
        said[count++] = (struct plan_said){asked, -1};
    }
    struct plan_answer *planned = plan_follow_up(dataset, said, count, asked);
    if (planned->verdict != PLAN_SURE)
        check_fail(__FILE__, __LINE__, "%s: %s", asked, planned->message);
    json *result = plan_run(dataset, &planned->readings[0]);
    char *sentence = plan_sentence(dataset_schema(dataset), &planned->readings[0], result);
    CHECK_TEXT(sentence, answer);
    free(sentence);
    json_free(result);
    plan_answer_free(planned);
}

static void check_examples(const char *set, int least) {
    char line[2048], *cells[3], folder[64];
    int count = 0;
    snprintf(folder, sizeof folder, "datasets/%s", set);
    const struct dataset *dataset = plan_data_folder(folder);
    FILE *page = fopen(PAGE, "r");
    if (!page)
        check_fail(__FILE__, __LINE__, "%s is not there", PAGE);
    while (fgets(line, sizeof line, page))
        if (read_row(line, cells) && strcmp(cells[0], set) == 0) {
            check_example(dataset, cells[1], cells[2]);
            count++;
        }
    fclose(page);
    CHECK(count >= least);
}

TEST(every_question_on_the_page_about_bird_strikes_is_answered_so) {
    check_examples("birdstrikes", 15);
}
TEST(every_question_on_the_page_about_weather_is_answered_so) { check_examples("weather", 3); }
TEST(every_question_on_the_page_about_the_shop_is_answered_so) { check_examples("shop", 20); }
