// SPDX-License-Identifier: Apache-2.0
//
// The prompts of the bundled data sets, each with the rows that its author expects.
#include <math.h>
#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static bool is_expected_cell(const json *expected, const json *actual) {
    if (!cJSON_IsNumber(expected) || !cJSON_IsNumber(actual))
        return cJSON_Compare(expected, actual, true);
    double size = fabs(expected->valuedouble) > 1 ? fabs(expected->valuedouble) : 1;
    return fabs(expected->valuedouble - actual->valuedouble) <= 1e-6 * size;
}

static bool is_expected(const json *expect, const json *result) {
    const json *rows = cJSON_GetObjectItem(expect, "rows"),
               *actual = cJSON_GetObjectItem(result, "rows");
    int64_t count = json_integer(expect, "row_count", cJSON_GetArraySize(actual));
    if (count != cJSON_GetArraySize(actual) ||
        json_integer(expect, "columns", -1) !=
            cJSON_GetArraySize(cJSON_GetObjectItem(result, "columns")))
        return false;
    for (int i = 0; i < cJSON_GetArraySize(rows); i++) {
        const json *left = cJSON_GetArrayItem(rows, i), *right = cJSON_GetArrayItem(actual, i);
        for (int j = 0; j < cJSON_GetArraySize(left); j++)
            if (!is_expected_cell(cJSON_GetArrayItem(left, j), cJSON_GetArrayItem(right, j)))
                return false;
    }
    return true;
}

static void check_prompts(const char *folder) {
    const struct dataset *dataset = plan_data_folder(folder);
    const struct dataset_schema *schema = dataset_schema(dataset);
    int wrong = 0;
    CHECK(schema->prompt_count > 0);
    for (size_t i = 0; i < schema->prompt_count; i++) {
        struct plan_answer *answer = plan_question(dataset, schema->prompts[i].question);
        json *result =
            answer->verdict == PLAN_SURE ? plan_run(dataset, &answer->readings[0]) : NULL;
        if (!result || !is_expected(schema->prompts[i].expect, result)) {
            printf("# %s\n#   %s\n", schema->prompts[i].question,
                   result ? answer->readings[0].sql : answer->message);
            wrong++;
        }
        json_free(result);
        plan_answer_free(answer);
    }
    CHECK_INT(wrong, 0);
}

TEST(every_prompt_about_bird_strikes_gives_its_rows) { check_prompts("datasets/birdstrikes"); }
TEST(every_prompt_about_weather_gives_its_rows) { check_prompts("datasets/weather"); }
TEST(every_prompt_about_the_shop_gives_its_rows) { check_prompts("datasets/shop"); }
