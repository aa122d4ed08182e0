// SPDX-License-Identifier: Apache-2.0
//
// See trials.h. The first trial is the run's own query, the others are its alternatives.
#include "agent/trials.h"

#include "base/buf.h"

#define TRIAL_MS 2000 // for all trials of a question; past it the strict reader's word holds
#define PREVIEW_VALUES 3
#define PREVIEW_BYTES 200

static json *alternatives_of(const struct plan_answer *answer) {
    json *array = cJSON_CreateArray();
    for (size_t i = 1; i < answer->trial_count; i++) {
        json *alternative = cJSON_CreateObject();
        cJSON_AddItemToArray(array, alternative);
        json_add_text(alternative, "sql", answer->trials[i].sql);
        json_add(alternative, "params", plan_write_params(&answer->trials[i]));
    }
    return array;
}

// The result of one trial in the run's, NULL where it has none.
static const json *result_of(const json *run, int trial) {
    const json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    if (trial == 0)
        return result;
    const json *own =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(result, "alternatives"), trial - 1);
    return cJSON_GetObjectItemCaseSensitive(own, "error") ? NULL : own;
}

static void tell_trying(struct turn *turn, const struct plan_answer *answer) {
    json *event = cJSON_CreateObject();
    json_add_integer(event, "count", (int64_t)answer->trial_count);
    live_emit(turn->order.live, "plan.trying", event);
}

void trials_run(struct turn *turn, struct plan_answer *answer) {
    const json *results[PLAN_TRIALS];
    cleanup_json json *params = plan_write_params(&answer->trials[0]),
                      *alternatives = alternatives_of(answer);
    struct agent_run_request request = {.dataset = turn->order.dataset,
                                        .sql = answer->trials[0].sql,
                                        .params = params,
                                        .timeout_ms = TRIAL_MS,
                                        .alternatives = alternatives};
    tell_trying(turn, answer);
    turn->run_count++;
    enum outcome outcome =
        agent_run_sandboxed(turn->order.agent, turn->order.live, &request, &turn->tried);
    if (outcome != OUTCOME_COMPLETED)
        return;
    for (size_t i = 0; i < answer->trial_count; i++)
        results[i] = result_of(turn->tried, (int)i);
    plan_settle(answer, results);
}

json *trials_take(const struct turn *turn, const struct plan_reading *reading) {
    static const char *const keys[] = {"columns", "rows", "row_count", "truncated"};
    if (!turn->tried || reading->trial < 0)
        return NULL;
    json *run = cJSON_Duplicate(turn->tried, true);
    json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    const json *own = result_of(turn->tried, reading->trial);
    for (size_t i = 0; own && i < ARRAY_LENGTH(keys); i++)
        cJSON_ReplaceItemInObjectCaseSensitive(
            result, keys[i], cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(own, keys[i]), true));
    int count = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(result, "alternatives")) + 1;
    cJSON_DeleteItemFromObjectCaseSensitive(result, "alternatives");
    cJSON_ReplaceItemInObjectCaseSensitive(run, "sql", cJSON_CreateString(reading->sql));
    cJSON_ReplaceItemInObjectCaseSensitive(run, "params", plan_write_params(reading));
    json_add_integer(run, "readings_tried", count);
    return run;
}

char *trials_preview(const struct turn *turn, const struct plan_reading *reading) {
    const json *result =
        turn->tried && reading->trial >= 0 ? result_of(turn->tried, reading->trial) : NULL;
    const json *rows = cJSON_GetObjectItemCaseSensitive(result, "rows"), *row;
    struct buf text cleanup_buf = BUF(PREVIEW_BYTES + 64);
    int column = plan_answer_column(reading), count = 0, all = cJSON_GetArraySize(rows);
    if (!rows)
        return NULL;
    cJSON_ArrayForEach (row, rows) {
        const json *cell = cJSON_GetArrayItem(row, column < 0 ? 0 : column);
        if (count == PREVIEW_VALUES || text.length > PREVIEW_BYTES / 2)
            break;
        buf_add_text(&text, count++ ? ", " : "");
        if (cJSON_IsString(cell))
            buf_add_format(&text, "%.*s", PREVIEW_BYTES / 4, cell->valuestring);
        else if (cJSON_IsNumber(cell))
            buf_add_format(&text, "%.15g", cell->valuedouble);
        else
            buf_add_text(&text, "(none)");
    }
    if (count < all)
        buf_add_format(&text, " and %d more", all - count);
    return mem_text(all ? buf_text(&text) : "nothing");
}
