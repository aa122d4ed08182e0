// SPDX-License-Identifier: Apache-2.0
//
// See given.h.
#include "agent/given.h"

#include <string.h>

#include "base/str.h"
#include "runner/protocol.h"

#define TITLE_BYTES 200
#define VALUE_BYTES 80 // a longer text is left to the table

static const char blanks[] = " \t\r\n";

bool given_is(const json *turn) { return str_is_equal(json_text(turn, "planner"), GIVEN_PLANNER); }

// ---- What it is called --------------------------------------------------------------------------

static char *line_of(const char *text) {
    size_t length = strcspn(text, "\r\n");
    if (length <= TITLE_BYTES)
        return mem_text_n(text, length);
    length = TITLE_BYTES;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    return mem_format("%.*s…", (int)length, text);
}

char *given_title(const char *sql, bool is_edit) {
    sql += strspn(sql, blanks);
    if (str_has_prefix(sql, "--")) {
        const char *comment = sql + strspn(sql, "- \t");
        if (*comment && !strchr("\r\n", *comment))
            return line_of(comment);
        sql = comment + strspn(comment, blanks);
    }
    return is_edit || !*sql ? mem_text("Edited SQL") : line_of(sql);
}

int given_check(struct agent *agent, const char *conversation,
                const struct agent_question *question, struct err *err) {
    cleanup_json json *edited = NULL;
    if (question->sql[strspn(question->sql, " \t\r\n;")] == '\0')
        return err_set(err, ERR_BAD_REQUEST, "The SQL is empty.");
    int status = run_params_check(question->params, err);
    if (status || !question->edits)
        return status;
    if (agent_turn_get(agent, question->edits, &edited, err) ||
        !str_is_equal(json_text(edited, "conversation_id"), conversation))
        return err_set(err, ERR_NOT_FOUND, "There is no turn %.40s in this conversation to edit.",
                       question->edits);
    return 0;
}

// ---- What came of it ----------------------------------------------------------------------------

static const json *part(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

// A cell as it stands in a sentence; NULL where it is better left to the table.
static char *cell_words(const json *cell) {
    if (cJSON_IsNull(cell))
        return mem_text("which is empty (NULL)");
    if (cJSON_IsNumber(cell))
        return json_write(cell);
    if (!cJSON_IsString(cell) || strlen(cell->valuestring) > VALUE_BYTES)
        return NULL;
    for (const char *at = cell->valuestring; *at; at++)
        if ((unsigned char)*at < ' ')
            return NULL;
    return mem_format("“%s”", cell->valuestring);
}

char *given_sentence(const json *result) {
    const json *rows = part(result, "rows");
    long long count = json_integer(result, "row_count", 0);
    int columns = cJSON_GetArraySize(part(result, "columns"));
    const char *width = columns == 1 ? "" : "s";
    if (count == 0)
        return mem_text("Your SQL gives no rows.");
    if (json_bool(result, "truncated", false))
        return mem_format("Your SQL gives more rows than may be returned; these are the first "
                          "%lld, of %d column%s.",
                          count, columns, width);
    cleanup_free char *value = count == 1 && columns == 1
                                   ? cell_words(cJSON_GetArrayItem(cJSON_GetArrayItem(rows, 0), 0))
                                   : NULL;
    if (value)
        return mem_format("Your SQL gives one value, %s.", value);
    return mem_format("Your SQL gives %lld row%s of %d column%s.", count, count == 1 ? "" : "s",
                      columns, width);
}

static bool is_same_column(const json *left, const json *right, int64_t index) {
    const char *one =
        json_text(cJSON_GetArrayItem(part(part(left, "result"), "columns"), (int)index), "name");
    const char *other =
        json_text(cJSON_GetArrayItem(part(part(right, "result"), "columns"), (int)index), "name");
    return one && str_is_equal(one, other);
}

// The chart of the turn whose SQL was edited still fits where both of its columns are left.
static json *kept_chart(const struct turn *turn) {
    cleanup_json json *edited = NULL;
    const char *id = json_text(turn->order.live->turn, "edits");
    struct err ignored;
    if (!id || store_turn_get(turn->order.agent->store, id, &edited, &ignored))
        return NULL;
    const json *chart = part(edited, "chart"), *run = part(edited, "run");
    bool fits = cJSON_IsObject(chart) &&
                is_same_column(run, turn->run, json_integer(chart, "x", -1)) &&
                is_same_column(run, turn->run, json_integer(chart, "y", -1));
    return fits ? cJSON_Duplicate(chart, true) : NULL;
}

static void tell_sql(struct turn *turn) {
    const json *own = turn->order.live->turn;
    json *event = cJSON_CreateObject();
    json_add_null(event, "understanding");
    json_add_text(event, "sql", json_text(own, "sql"));
    json_add(event, "params", cJSON_Duplicate(part(own, "params"), true));
    json_add_null(event, "chart");
    json_add_integer(event, "elapsed_us", 0);
    live_emit(turn->order.live, "plan.proposed", event);
}

void given_answer(struct turn *turn) {
    const json *own = turn->order.live->turn;
    struct turn_run ran;
    struct err err = {0};
    turn_set(turn, "plan_us", json_new_integer(0));
    tell_sql(turn);
    if (turn_make_run(turn, json_text(own, "sql"), part(own, "params"), NULL, &ran, &err)) {
        turn_fail_unrun(turn, &err);
        return;
    }
    bool is_completed = turn_take_run(turn, &ran);
    turn_set_text(turn, "sql", json_text(turn->run, "sql"));
    turn_set(turn, "params", cJSON_Duplicate(part(turn->run, "params"), true));
    if (!is_completed)
        return;
    cleanup_free char *sentence = given_sentence(part(turn->run, "result"));
    turn_set(turn, "chart", kept_chart(turn));
    turn_answer(turn, sentence);
}
