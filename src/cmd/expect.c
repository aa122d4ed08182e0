// SPDX-License-Identifier: Apache-2.0
//
// See expect.h.
#include "cmd/expect.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-6

static bool is_same_cell(const json *wanted, const json *found) {
    if (cJSON_IsNumber(wanted) && cJSON_IsNumber(found))
        return fabs(wanted->valuedouble - found->valuedouble) <=
               TOLERANCE * fmax(1, fmax(fabs(wanted->valuedouble), fabs(found->valuedouble)));
    return cJSON_Compare(wanted, found, true);
}

static int match_row(const json *wanted, const json *found, int row, struct err *err) {
    int count = cJSON_GetArraySize(wanted);
    if (cJSON_GetArraySize(found) != count)
        return err_set(err, ERR_CONFLICT, "row %d has %d cells instead of %d", row + 1,
                       cJSON_GetArraySize(found), count);
    for (int i = 0; i < count; i++) {
        const json *left = cJSON_GetArrayItem(wanted, i), *right = cJSON_GetArrayItem(found, i);
        if (is_same_cell(left, right))
            continue;
        cleanup_free char *is = json_write(right), *should = json_write(left);
        return err_set(err, ERR_CONFLICT, "row %d, column %d is %.120s instead of %.120s", row + 1,
                       i + 1, is, should);
    }
    return 0;
}

int expect_match(const json *expect, const json *result, struct err *err) {
    const json *wanted = cJSON_GetObjectItemCaseSensitive(expect, "rows");
    const json *rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
    int count = cJSON_GetArraySize(rows), wanted_count = cJSON_GetArraySize(wanted);
    int columns = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(result, "columns"));
    int64_t exact = json_integer(expect, "row_count", -1),
            wanted_columns = json_integer(expect, "columns", -1);
    if (count == 0)
        return err_set(err, ERR_CONFLICT, "the answer has no rows");
    if (wanted_columns >= 0 && columns != wanted_columns)
        return err_set(err, ERR_CONFLICT, "the answer has %d columns instead of %lld", columns,
                       (long long)wanted_columns);
    if ((exact >= 0 && count != exact) || count < wanted_count)
        return err_set(err, ERR_CONFLICT, "the answer has %d rows instead of %lld", count,
                       (long long)(exact >= 0 ? exact : wanted_count));
    for (int i = 0; i < wanted_count; i++) {
        int status = match_row(cJSON_GetArrayItem(wanted, i), cJSON_GetArrayItem(rows, i), i, err);
        if (status)
            return status;
    }
    return 0;
}
