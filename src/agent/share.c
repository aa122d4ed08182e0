// SPDX-License-Identifier: Apache-2.0
//
// See share.h.
#include "agent/share.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define ROWS_MOST 50
#define RESULT_BYTES (12 * 1024)
#define EARLIER_ROWS 3
#define READINGS_MOST 3
#define COLUMNS_MOST 100

static const json *part(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

json *share_text(const char *text) { return share_cut(text, SHARE_CELL); }

json *share_cut(const char *text, size_t most) {
    size_t length = strlen(text), kept = most;
    if (length <= most)
        return cJSON_CreateString(text);
    while (kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80)
        kept--;
    cleanup_free char *cut = mem_format("%.*s… (%zu more bytes)", (int)kept, text, length - kept);
    return cJSON_CreateString(cut);
}

// ---- Results ------------------------------------------------------------------------------------

static json *share_cell(const json *cell) {
    if (cJSON_IsString(cell))
        return share_text(cell->valuestring);
    if (cJSON_IsObject(cell))
        return cJSON_CreateString("(bytes)");
    return cJSON_Duplicate(cell, true);
}

static void add_columns(json *object, const json *result) {
    const json *all = part(result, "columns"), *column;
    json *columns = json_add_array(object, "columns");
    int left = cJSON_GetArraySize(all) - COLUMNS_MOST;
    cJSON_ArrayForEach (column, all) {
        json *shown = cJSON_CreateObject();
        json_add(shown, "name", share_text(json_text(column, "name")));
        json_add_text(shown, "type", json_text(column, "type"));
        cJSON_AddItemToArray(columns, shown);
        if (cJSON_GetArraySize(columns) == COLUMNS_MOST)
            break;
    }
    if (left > 0)
        json_add_integer(object, "columns_not_shown", left);
}

static json *row_of(const json *row) {
    json *shown = cJSON_CreateArray();
    const json *cell;
    cJSON_ArrayForEach (cell, row) {
        cJSON_AddItemToArray(shown, share_cell(cell));
        if (cJSON_GetArraySize(shown) == COLUMNS_MOST)
            break;
    }
    return shown;
}

// As many rows as MOST and the bytes allow; how many there are beside them is said with them.
static void add_rows(json *object, const json *result, int most) {
    json *rows = json_add_array(object, "rows");
    const json *row;
    size_t bytes = 0;
    cJSON_ArrayForEach (row, part(result, "rows")) {
        json *shown = row_of(row);
        cleanup_free char *text = json_write(shown);
        bytes += strlen(text);
        if (cJSON_GetArraySize(rows) == most || bytes > RESULT_BYTES) {
            json_free(shown);
            break;
        }
        cJSON_AddItemToArray(rows, shown);
    }
    int64_t left = json_integer(result, "row_count", 0) - cJSON_GetArraySize(rows);
    if (left > 0)
        json_add_integer(object, "rows_not_shown", left);
}

const char *share_error(const char *message) {
    // What SQLite says of a statement before it reads any row; its words come from the statement.
    static const char *const safe[] = {
        "SQLite: no such ",   "SQLite: near ",           "SQLite: ambiguous ",
        "SQLite: misuse of ", "SQLite: wrong number of", "SQLite: incomplete input",
        "This statement ",    "The SQL holds ",          "The SQL has ",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(safe); i++)
        if (str_has_prefix(message, safe[i]))
            return message;
    return "The statement failed while it ran; why is kept back, as it may hold cells.";
}

static void add_failure(const struct loop *loop, json *object, const json *run) {
    const char *message = json_text(run, "message"), *hint = json_text(run, "hint");
    const char *outcome = json_text(run, "outcome");
    json_add_text(object, "outcome", outcome);
    if (message && loop->keeps_cells && str_is_equal(outcome, outcome_name(OUTCOME_QUERY_FAILED)))
        message = share_error(message);
    json_add(object, "error", message ? share_text(message) : NULL);
    if (!str_is_empty(hint))
        json_add(object, "hint", share_text(hint));
}

char *share_run(const struct loop *loop, size_t number) {
    const struct loop_run *made = &loop->runs[number - 1];
    const json *result = part(made->run, "result");
    cleanup_json json *object = cJSON_CreateObject();
    json_add_integer(object, "run", (int64_t)number);
    if (made->was_edited)
        json_add_text(object, "note", "A person edited the SQL before it ran.");
    if (made->was_edited && !loop->keeps_cells)
        json_add(object, "sql", share_text(json_text(made->run, "sql")));
    if (!str_is_equal(json_text(made->run, "outcome"), outcome_name(OUTCOME_COMPLETED))) {
        add_failure(loop, object, made->run);
        return json_write(object);
    }
    // The columns of SQL that a person wrote are in that person's words.
    if (!made->was_edited || !loop->keeps_cells)
        add_columns(object, result);
    json_add_integer(object, "row_count", json_integer(result, "row_count", 0));
    if (json_bool(result, "truncated", false))
        json_add_bool(object, "there_are_more_rows", true);
    if (!loop->keeps_cells)
        add_rows(object, result, ROWS_MOST);
    return json_write(object);
}

// ---- What was before ----------------------------------------------------------------------------

// What of a plan is the schema's or says how it is computed. All else, its values above all, may be
// a cell, and stays.
static bool is_free_of_cells(const char *key) {
    static const char *const keys[] = {
        "from",   "measures",   "aggregate", "table", "column",     "metric",
        "groups", "bucket",     "shown",     "via",   "order",      "filters",
        "having", "comparison", "measure",   "limit", "descending", "superlative"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        if (str_is_equal(key, keys[i]))
            return true;
    return false;
}

static json *plan_without_cells(const json *plan) {
    if (!cJSON_IsObject(plan) && !cJSON_IsArray(plan))
        return cJSON_Duplicate(plan, true);
    json *kept = cJSON_IsObject(plan) ? cJSON_CreateObject() : cJSON_CreateArray();
    const json *item;
    cJSON_ArrayForEach (item, plan) {
        if (cJSON_IsArray(plan))
            cJSON_AddItemToArray(kept, plan_without_cells(item));
        else if (is_free_of_cells(item->string))
            cJSON_AddItemToObject(kept, item->string, plan_without_cells(item));
    }
    return kept;
}

static json *reading_of(const struct loop *loop, const struct plan_reading *reading) {
    json *object = cJSON_CreateObject();
    if (loop->keeps_cells) {
        cleanup_json json *plan = plan_write(loop->schema, reading);
        json_add(object, "plan", plan_without_cells(plan));
        return object;
    }
    json_add_text(object, "understanding", reading->understanding);
    json_add_text(object, "sql", reading->sql);
    json_add(object, "params", plan_write_params(reading));
    return object;
}

json *share_hint(const struct loop *loop, const struct plan_answer *hint) {
    size_t count = hint->verdict == PLAN_AMBIGUOUS ? hint->reading_count : 1;
    if (hint->reading_count == 0)
        return NULL;
    json *readings = cJSON_CreateArray();
    for (size_t i = 0; i < count && i < READINGS_MOST; i++)
        cJSON_AddItemToArray(readings, reading_of(loop, &hint->readings[i]));
    return readings;
}

// A model's own words and SQL are free of cells where it had seen none, and no person edited them.
static bool is_in_blind_words(const json *turn) {
    return str_is_equal(json_text(turn, "planner"), "model") &&
           str_is_equal(json_text(turn, "share"), "schema") &&
           !json_text(part(turn, "run"), "proposed_sql");
}

static void add_told(json *object, const json *turn, const char *key) {
    if (json_text(turn, key))
        json_add_text(object, key, json_text(turn, key));
}

json *share_turn(const json *turn, bool keeps_cells) {
    const json *result = part(part(turn, "run"), "result"), *plan = part(turn, "plan");
    json *object = cJSON_CreateObject();
    add_told(object, turn, "question");
    add_told(object, turn, "status");
    if (!keeps_cells || is_in_blind_words(turn)) {
        add_told(object, turn, "understanding");
        add_told(object, turn, "sql");
    } else if (cJSON_IsObject(plan)) {
        json_add(object, "plan", plan_without_cells(plan));
    }
    if (!keeps_cells)
        add_told(object, turn, "sentence");
    if (!keeps_cells && cJSON_IsObject(result)) {
        json_add(object, "params", cJSON_Duplicate(part(turn, "params"), true));
        add_columns(object, result);
        add_rows(object, result, EARLIER_ROWS);
    }
    return object;
}
