// SPDX-License-Identifier: Apache-2.0
//
// Small data sets made for testing the planner, imported as any other, and answers as text. See
// plan_data.c.
#pragma once

#include "dataset/dataset.h"
#include "plan/plan.h"

// The data set of that name ("films", "staff", …), built once per test. Lives as long as the test.
const struct dataset *plan_data(const char *name);
// A data set of one CSV file that is called NAME.csv.
const struct dataset *plan_data_csv(const char *name, const char *csv);
// The folder DIR of the repository as a data set; skips the test where it is not there.
const struct dataset *plan_data_folder(const char *dir);
// Runs a reading: {"columns", "rows", "row_count", "truncated"} as the runner would. Fails the test
// on an SQL error.
json *plan_run(const struct dataset *dataset, const struct plan_reading *reading);
// The question planned and, where readings were to be tried, settled by their results.
struct plan_answer *plan_settled(const struct dataset *dataset, const char *question);
// Rows as text: cells joined by "|", rows by ";". Reals with at most four decimals, NULL as "-".
char *plan_rows_text(const json *result);
// The answer to QUESTION as text: rows; or "?" and the titles of readings that compete, joined by
// "/"; or "!" and the message. The caller frees it.
char *plan_answer_text(const struct dataset *dataset, const char *question);

// A question and the rows that answer it, as plan_answer_text() gives them. " => " parts what is
// said one after the other: each but the first may edit what was said before, and the last is
// answered. A set that begins with "datasets/" is a folder of the repository.
struct plan_case {
    const char *set, *question, *rows;
};
void plan_check_cases(const struct plan_case *cases, size_t count);
