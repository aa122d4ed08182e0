// SPDX-License-Identifier: Apache-2.0
//
// See tools.h. Here are the table of the tools, and those that act: run_sql, ask_user and answer.
#include "agent/tools.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/numbers.h"
#include "agent/share.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/str.h"

#define CHOICES_LEAST 2
#define CHOICES_MOST 5
#define CHOICE_BYTES 200
#define PURPOSE_BYTES 500

static tool_function tool_run_sql, tool_ask_user, tool_answer;

enum when { ALWAYS, WHILE_CELLS_ARE_SHOWN, WHILE_CELLS_ARE_KEPT };

static const struct tool {
    const char *name, *description;
    const char *parameters; // the JSON schema's properties
    const char *required;   // a JSON array
    tool_function *call;
    enum when when;
} tools[] = {
    {"list_tables",
     "Lists the tables, a page at a time. With a search, only those whose name, title, description "
     "or columns have one of its words, best first.",
     "{\"search\":{\"type\":\"string\"},\"page\":{\"type\":\"integer\",\"minimum\":1}}", "[]",
     tool_list_tables, ALWAYS},
    {"describe_table",
     "The columns of one table, a page at a time: types, units, references, and what is known of "
     "their values.",
     "{\"table\":{\"type\":\"string\"},\"page\":{\"type\":\"integer\",\"minimum\":1}}",
     "[\"table\"]", tool_describe_table, ALWAYS},
    {"find_values",
     "Looks up how a name in the question is spelt in the data: the texts of indexed columns that "
     "have these words.",
     "{\"text\":{\"type\":\"string\"},\"table\":{\"type\":\"string\"},"
     "\"column\":{\"type\":\"string\"}}",
     "[\"text\"]", tool_find_values, WHILE_CELLS_ARE_SHOWN},
    {"find_values",
     "Looks up a name of the question in the data: the columns that have a text with these words. "
     "The text itself is kept back; bind it by its name (v1, v2 …) with the `values` of run_sql.",
     "{\"text\":{\"type\":\"string\"},\"table\":{\"type\":\"string\"},"
     "\"column\":{\"type\":\"string\"}}",
     "[\"text\"]", tool_find_values, WHILE_CELLS_ARE_KEPT},
    {"run_sql",
     "Runs one SELECT of SQLite's dialect in a sandbox and gives its result, with the number that "
     "`answer` cites it by.",
     "{\"sql\":{\"type\":\"string\"},\"purpose\":{\"type\":\"string\",\"description\":\"what it "
     "computes, in a few words of the question's language\"}}",
     "[\"sql\"]", tool_run_sql, WHILE_CELLS_ARE_SHOWN},
    {"run_sql",
     "Runs one SELECT of SQLite's dialect in a sandbox; tells its columns and how many rows there "
     "are, and the number that `answer` cites it by.",
     "{\"sql\":{\"type\":\"string\"},\"values\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}"
     ",\"description\":\"names that find_values gave, bound to ?1, ?2 …\"},\"purpose\":{\"type\":"
     "\"string\",\"description\":\"what it computes, in a few words of the question's language\"}}",
     "[\"sql\"]", tool_run_sql, WHILE_CELLS_ARE_KEPT},
    {"ask_user",
     "Asks the person which of several readings is meant, where they would give different answers. "
     "Ends the turn; the person's choice begins another.",
     "{\"question\":{\"type\":\"string\"},\"choices\":{\"type\":\"array\",\"minItems\":2,"
     "\"maxItems\":5,\"items\":{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"}"
     ",\"detail\":{\"type\":\"string\"}},\"required\":[\"title\"],\"additionalProperties\":false}}"
     "}",
     "[\"question\",\"choices\"]", tool_ask_user, ALWAYS},
    {"answer",
     "States the answer in one sentence and ends the turn. `run` is the number of the run that "
     "proves it; 0 where the data cannot answer, and the sentence then says why. {{ROW.COLUMN}} in "
     "the sentence stands for a cell of that run, as in {{1.total}}.",
     "{\"sentence\":{\"type\":\"string\"},\"run\":{\"type\":\"integer\",\"minimum\":0},"
     "\"understanding\":{\"type\":\"string\",\"description\":\"how the question was understood\"},"
     "\"chart\":{\"type\":\"object\",\"description\":\"where a picture of the run helps\","
     "\"properties\":{\"kind\":{\"type\":\"string\",\"enum\":[\"bar\",\"line\"]},"
     "\"x\":{\"type\":\"string\",\"description\":\"a column's name\"},"
     "\"y\":{\"type\":\"string\",\"description\":\"a column of numbers\"}},"
     "\"required\":[\"kind\",\"x\",\"y\"],\"additionalProperties\":false}}",
     "[\"sentence\",\"run\"]", tool_answer, ALWAYS},
};

static bool is_offered(const struct tool *tool, bool keeps_cells) {
    return tool->when == ALWAYS || (tool->when == WHILE_CELLS_ARE_KEPT) == keeps_cells;
}

void tools_prepare(struct loop *loop) {
    loop->tool_parameters = cJSON_CreateArray();
    loop->tools = mem_zero(ARRAY_LENGTH(tools), sizeof *loop->tools);
    for (size_t i = 0; i < ARRAY_LENGTH(tools); i++) {
        if (!is_offered(&tools[i], loop->keeps_cells))
            continue;
        json *schema = cJSON_CreateObject();
        json_add_text(schema, "type", "object");
        json_add(schema, "properties", cJSON_Parse(tools[i].parameters));
        json_add(schema, "required", cJSON_Parse(tools[i].required));
        json_add_bool(schema, "additionalProperties", false);
        cJSON_AddItemToArray(loop->tool_parameters, schema);
        loop->tools[loop->tool_count++] =
            (struct llm_tool){tools[i].name, tools[i].description, schema};
    }
}

// ---- Running ------------------------------------------------------------------------------------

static int take_values(const struct loop *loop, const json *names, json **ret_params,
                       struct err *err) {
    cleanup_json json *params = cJSON_CreateArray();
    const json *name;
    cJSON_ArrayForEach (name, names) {
        size_t number = 0;
        while (number < loop->value_count) {
            cleanup_free char *known = mem_format("v%zu", number + 1);
            if (str_is_equal(cJSON_GetStringValue(name), known))
                break;
            number++;
        }
        if (number == loop->value_count)
            return err_set(err, ERR_BAD_REQUEST,
                           "\"values\" takes names that find_values gave, as in [\"v1\"].");
        cJSON_AddItemToArray(params, cJSON_CreateString(loop->values[number]));
    }
    *ret_params = mem_take(params);
    return 0;
}

// Each run is kept as it ends; the one that is cited is written again with the turn.
static void keep_run(struct loop *loop, const struct turn_run *ran) {
    struct err err;
    loop->runs[loop->run_count++] = (struct loop_run){ran->run, ran->was_edited};
    if (store_run_save(loop->turn->order.agent->store, ran->run, &err))
        log_error("run=%s could not be stored: %s", json_text(ran->run, "id"), err.message);
}

static char *summary_of(const json *run) {
    const json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    int64_t count = json_integer(result, "row_count", 0);
    const char *message = agent_run_message(run);
    return message ? mem_text(message)
                   : mem_format("%lld row%s", (long long)count, count == 1 ? "" : "s");
}

static void end_by_run(struct loop *loop, const struct turn_run *ran) {
    struct turn *turn = loop->turn;
    loop->has_ended = true;
    if (ran->outcome == OUTCOME_CANCELLED)
        turn_fail_stopped(turn);
    else
        turn_fail(turn, STATUS_FAILED, outcome_name(ran->outcome), agent_run_message(ran->run),
                  json_text(ran->run, "hint"), NULL);
}

static char *tool_run_sql(struct loop *loop, const json *input, struct tool_result *result,
                          struct err *err) {
    struct {
        const char *sql, *purpose;
        const json *values;
    } asked = {.sql = NULL};
    static const struct json_field fields[] = {
        {"sql", JSON_TEXT, true, 0, 1, LIMIT_SQL},
        {"purpose", JSON_TEXT, false, sizeof(char *), 0, PURPOSE_BYTES},
        {"values", JSON_ARRAY, false, 2 * sizeof(char *), 0, 0},
    };
    cleanup_json json *params = NULL;
    struct turn_run ran;
    if (json_read(input, "", fields, ARRAY_LENGTH(fields), &asked, err) ||
        take_values(loop, asked.values, &params, err))
        return NULL;
    if (loop->run_count == LIMIT_AGENT_RUNS) {
        err_set(err, ERR_TOO_LARGE, "%d runs were made, as many as may be; answer now.",
                LIMIT_AGENT_RUNS);
        return NULL;
    }
    int status = turn_make_run(loop->turn, asked.sql, params, asked.purpose, &ran, err);
    if (status) {
        if (status != ERR_REFUSED) {
            loop->has_ended = true;
            turn_fail_unrun(loop->turn, err);
        }
        return NULL;
    }
    keep_run(loop, &ran);
    if (asked.purpose)
        turn_set_text(loop->turn, "understanding", asked.purpose);
    snprintf(result->run_id, sizeof result->run_id, "%s", json_text(ran.run, "id"));
    result->summary = summary_of(ran.run);
    result->is_error = ran.outcome != OUTCOME_COMPLETED;
    // What is no fault of the statement the model cannot mend.
    if (ran.outcome == OUTCOME_CANCELLED || outcome_exit_status(ran.outcome) > 3)
        end_by_run(loop, &ran);
    return share_run(loop, loop->run_count);
}

// ---- Asking back --------------------------------------------------------------------------------

static int read_choice(const json *choice, int index, json *readings, struct err *err) {
    struct {
        const char *title, *detail;
    } asked = {.detail = ""};
    static const struct json_field fields[] = {
        {"title", JSON_TEXT, true, 0, 1, CHOICE_BYTES},
        {"detail", JSON_TEXT, false, sizeof(char *), 0, CHOICE_BYTES},
    };
    if (json_read(choice, "choices.", fields, ARRAY_LENGTH(fields), &asked, err))
        return err->code;
    json *reading = cJSON_CreateObject();
    json_add_integer(reading, "index", index);
    json_add_text(reading, "title", asked.title);
    json_add_text(reading, "detail", asked.detail);
    cJSON_AddItemToArray(readings, reading);
    return 0;
}

static char *tool_ask_user(struct loop *loop, const json *input, struct tool_result *result,
                           struct err *err) {
    struct {
        const char *question;
        const json *choices;
    } asked = {.question = NULL};
    static const struct json_field fields[] = {
        {"question", JSON_TEXT, true, 0, 1, PURPOSE_BYTES},
        {"choices", JSON_ARRAY, true, sizeof(char *), 0, 0},
    };
    cleanup_json json *readings = cJSON_CreateArray();
    const json *choice;
    int index = 0;
    if (json_read(input, "", fields, ARRAY_LENGTH(fields), &asked, err))
        return NULL;
    int count = cJSON_GetArraySize(asked.choices);
    if (count < CHOICES_LEAST || count > CHOICES_MOST) {
        err_set(err, ERR_BAD_REQUEST, "\"choices\" must have from %d to %d of them.", CHOICES_LEAST,
                CHOICES_MOST);
        return NULL;
    }
    cJSON_ArrayForEach (choice, asked.choices)
        if (read_choice(choice, index++, readings, err))
            return NULL;
    loop->has_ended = true;
    result->summary = mem_format("%d choices", count);
    turn_ask_back(loop->turn, asked.question, mem_take(readings));
    return mem_text("{}");
}

// ---- Answering ----------------------------------------------------------------------------------

static int column_of(const json *result, const char *name, size_t length) {
    const json *column;
    int index = 0;
    cJSON_ArrayForEach (column, cJSON_GetObjectItemCaseSensitive(result, "columns")) {
        const char *here = json_text(column, "name");
        if (strlen(here) == length && strncasecmp(here, name, length) == 0)
            return index;
        index++;
    }
    return -1;
}

static void add_cell(struct buf *text, const json *cell) {
    double number = cell->valuedouble;
    if (cJSON_IsString(cell))
        buf_add_text(text, cell->valuestring);
    else if (cJSON_IsNumber(cell) && number != floor(number) && fabs(number) >= 1)
        buf_add_format(text, "%.2f", number);
    else if (cJSON_IsNumber(cell) && number != floor(number))
        buf_add_format(text, "%.4g", number);
    else if (cJSON_IsNumber(cell))
        buf_add_format(text, "%.0f", number);
    else
        buf_add_text(text, cJSON_IsNull(cell) ? "nothing" : "(bytes)");
}

// Puts the cells of RESULT in the places of SENTENCE that stand for them.
static int fill_in(const char *sentence, const json *result, struct buf *ret_text,
                   struct err *err) {
    for (const char *at = sentence, *open; *at; at = strstr(open, "}}") + 2) {
        open = strstr(at, "{{");
        const char *close = open ? strstr(open, "}}") : NULL;
        buf_add(ret_text, at, close ? (size_t)(open - at) : strlen(at));
        if (!close)
            break;
        char *dot = NULL;
        long row = strtol(open + 2, &dot, 10);
        int column = dot && *dot == '.' && dot < close
                         ? column_of(result, dot + 1, (size_t)(close - dot - 1))
                         : -1;
        const json *cell = cJSON_GetArrayItem(
            cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(result, "rows"), (int)row - 1),
            column);
        if (row < 1 || column < 0 || !cell)
            return err_set(err, ERR_BAD_REQUEST,
                           "%.*s names no cell of the run; it must be {{ROW.COLUMN}} with a row "
                           "from 1 on and a column's name.",
                           (int)(close + 2 - open), open);
        add_cell(ret_text, cell);
    }
    return 0;
}

static int read_chart(const json *chart, const json *result, json **ret_chart, struct err *err) {
    struct {
        const char *kind, *x, *y;
    } asked = {.kind = NULL};
    static const struct json_field fields[] = {
        {"kind", JSON_TEXT, true, 0, 0, 0},
        {"x", JSON_TEXT, true, sizeof(char *), 0, 0},
        {"y", JSON_TEXT, true, 2 * sizeof(char *), 0, 0},
    };
    if (json_read(chart, "chart.", fields, ARRAY_LENGTH(fields), &asked, err))
        return err->code;
    int x = column_of(result, asked.x, strlen(asked.x)),
        y = column_of(result, asked.y, strlen(asked.y));
    const json *type = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(result, "columns"), y);
    bool is_number = str_is_equal(json_text(type, "type"), "integer") ||
                     str_is_equal(json_text(type, "type"), "real");
    bool is_known = str_is_equal(asked.kind, "bar") || str_is_equal(asked.kind, "line");
    if (!is_known || x < 0 || y < 0 || !is_number)
        return err_set(err, ERR_BAD_REQUEST,
                       "\"chart\" must be a bar or a line of two of the run's columns, y one of "
                       "numbers.");
    *ret_chart = cJSON_CreateObject();
    json_add_text(*ret_chart, "kind", asked.kind);
    json_add_integer(*ret_chart, "x", x);
    json_add_integer(*ret_chart, "y", y);
    return 0;
}

static json *unproven_of(const struct loop *loop, const char *sentence) {
    const json *results[LIMIT_AGENT_RUNS];
    struct numbers_source source = {.question = turn_question(loop->turn), .results = results};
    for (size_t i = 0; i < loop->run_count; i++)
        if (str_is_equal(json_text(loop->runs[i].run, "outcome"), outcome_name(OUTCOME_COMPLETED)))
            results[source.result_count++] =
                cJSON_GetObjectItemCaseSensitive(loop->runs[i].run, "result");
    return numbers_unproven(sentence, &source);
}

int tools_conclude(struct loop *loop, const char *sentence, size_t number, const json *chart,
                   struct err *err) {
    json *run = loop->runs[number - 1].run;
    const json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    cleanup_buf struct buf text = BUF(LIMIT_AGENT_TEXT);
    cleanup_json json *shown = NULL;
    int status = fill_in(sentence, result, &text, err);
    if (status == 0 && chart)
        status = read_chart(chart, result, &shown, err);
    if (status)
        return status;
    struct turn *turn = loop->turn;
    turn->run = cJSON_Duplicate(run, true);
    turn_set_text(turn, "sql", json_text(run, "sql"));
    turn_set(turn, "params",
             cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(run, "params"), true));
    turn_set(turn, "chart", mem_take(shown));
    turn_set(turn, "run", cJSON_Duplicate(run, true));
    turn_set(turn, "unproven_numbers", unproven_of(loop, buf_text(&text)));
    turn_answer(turn, buf_text(&text));
    loop->has_ended = true;
    return 0;
}

static char *tool_answer(struct loop *loop, const json *input, struct tool_result *result,
                         struct err *err) {
    struct {
        const char *sentence, *understanding;
        int64_t run;
        const json *chart;
    } asked = {.sentence = NULL};
    static const struct json_field fields[] = {
        {"sentence", JSON_TEXT, true, 0, 1, LIMIT_AGENT_SENTENCE},
        {"understanding", JSON_TEXT, false, sizeof(char *), 0, PURPOSE_BYTES},
        {"run", JSON_INTEGER, true, 2 * sizeof(char *), 0, LIMIT_AGENT_RUNS},
        {"chart", JSON_OBJECT, false, 2 * sizeof(char *) + sizeof(int64_t), 0, 0},
    };
    if (json_read(input, "", fields, ARRAY_LENGTH(fields), &asked, err))
        return NULL;
    const json *run =
        asked.run && (size_t)asked.run <= loop->run_count ? loop->runs[asked.run - 1].run : NULL;
    if (asked.run && !str_is_equal(json_text(run, "outcome"), outcome_name(OUTCOME_COMPLETED))) {
        err_set(err, ERR_BAD_REQUEST,
                "%lld is not the number of a run that completed; an answer rests on one.",
                (long long)asked.run);
        err_hint(err, "Make it with run_sql first; 0 says that the data cannot answer.");
        return NULL;
    }
    if (asked.understanding)
        turn_set_text(loop->turn, "understanding", asked.understanding);
    if (asked.run && tools_conclude(loop, asked.sentence, (size_t)asked.run, asked.chart, err))
        return NULL;
    if (!asked.run) {
        loop->has_ended = true;
        turn_fail(loop->turn, STATUS_NOT_UNDERSTOOD, "not_answerable", asked.sentence, NULL, NULL);
    }
    result->summary = mem_text(asked.run ? "answered" : "cannot be answered");
    return mem_text("{}");
}

// ---- Calling ------------------------------------------------------------------------------------

void tool_result_done(struct tool_result *result) {
    free(result->text);
    free(result->summary);
    *result = (struct tool_result){.text = NULL};
}

static void call_tool(struct loop *loop, const struct llm_call *call, struct tool_result *result,
                      struct err *err) {
    if (call->trouble || !call->input) {
        err_set(err, ERR_BAD_REQUEST, "The arguments are no JSON object: %s",
                call->trouble ? call->trouble : "there are none");
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(tools); i++)
        if (is_offered(&tools[i], loop->keeps_cells) && strcmp(tools[i].name, call->name) == 0) {
            result->text = tools[i].call(loop, call->input, result, err);
            return;
        }
    err_set(err, ERR_NOT_FOUND,
            "There is no tool \"%.60s\"; there are list_tables, describe_table, find_values, "
            "run_sql, ask_user and answer.",
            call->name);
}

void tools_call(struct loop *loop, const struct llm_call *call, struct tool_result *ret_result) {
    struct err err = {0};
    *ret_result = (struct tool_result){.text = NULL};
    call_tool(loop, call, ret_result, &err);
    if (ret_result->text)
        return;
    cleanup_json json *object = cJSON_CreateObject();
    json_add_text(object, "error", err.message);
    if (*err.hint)
        json_add_text(object, "hint", err.hint);
    ret_result->text = json_write(object);
    ret_result->is_error = true;
    ret_result->summary = mem_text(err.message);
}
