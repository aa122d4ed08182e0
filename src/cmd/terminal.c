// SPDX-License-Identifier: Apache-2.0
//
// See terminal.h.
#include "cmd/terminal.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

#define LINE_BYTES 8192
#define ARGUMENT_BYTES 300

char *terminal_clean(const char *text) {
    size_t length = strlen(text), bytes;
    struct buf clean = BUF(LIMIT_RUN_RESULT);
    for (size_t at = 0; at < length; at += bytes) {
        uint32_t code = str_character(text + at, length - at, &bytes);
        bool drives = (code < 0x20 && code != '\n') || (code >= 0x7F && code < 0xA0) ||
                      (code >= 0x200E && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
                      code == 0xFFFD;
        if (drives)
            buf_add_char(&clean, '?');
        else
            buf_add(&clean, text + at, bytes);
    }
    return buf_take(&clean);
}

// ---- Steps --------------------------------------------------------------------------------------

static void say(const char *lead, const char *text) {
    cleanup_free char *clean = terminal_clean(text);
    for (char *at = clean; *at; at++)
        if (*at == '\n')
            *at = ' ';
    bool is_long = strlen(clean) > ARGUMENT_BYTES;
    size_t shown = is_long ? ARGUMENT_BYTES : strlen(clean);
    while (is_long && shown > 0 && ((unsigned char)clean[shown] & 0xC0) == 0x80)
        shown--;
    fprintf(stderr, "%s%.*s%s\n", lead, (int)shown, clean, is_long ? "…" : "");
}

static void tell_call(const json *data) {
    const json *arguments = cJSON_GetObjectItemCaseSensitive(data, "arguments");
    const char *sql = json_text(arguments, "sql");
    cleanup_free char *written = sql ? mem_text(sql) : json_write(arguments);
    cleanup_free char *text = mem_format("%s %s", json_text(data, "tool"), written);
    say("· ", text);
}

static void tell_result(const json *data) {
    cleanup_free char *text =
        mem_format("%s (%.1f ms)", json_text(data, "summary") ? json_text(data, "summary") : "",
                   (double)json_integer(data, "elapsed_us", 0) / 1000);
    say(json_bool(data, "ok", true) ? "  → " : "  ✗ ", text);
}

void terminal_tell(const struct agent_event *event) {
    cleanup_json json *data = NULL;
    struct err ignored;
    if (json_parse(event->data, strlen(event->data), &data, &ignored))
        return;
    if (strcmp(event->name, "step.started") == 0)
        fprintf(stderr, "· asking the model, step %lld\n",
                (long long)json_integer(data, "step", 0));
    else if (strcmp(event->name, "tool.called") == 0)
        tell_call(data);
    else if (strcmp(event->name, "tool.ended") == 0)
        tell_result(data);
    else if (strcmp(event->name, "model.waiting") == 0)
        say("  waiting: ", json_text(data, "message"));
}

// ---- Asking -------------------------------------------------------------------------------------

// A line of standard input without its end; false, and an empty line, at the end of the input.
static bool read_line(char line[LINE_BYTES]) {
    *line = '\0';
    if (!fgets(line, LINE_BYTES, stdin))
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static char *read_sql(void) {
    char line[LINE_BYTES];
    struct buf sql = BUF(LIMIT_SQL);
    fprintf(stderr, "The SQL to run instead, ended by an empty line:\n");
    while (read_line(line) && *line)
        buf_add_format(&sql, "%s%s", sql.length ? "\n" : "", line);
    return buf_take(&sql);
}

static void show_proposal(const json *data) {
    cleanup_free char *params = json_write(cJSON_GetObjectItemCaseSensitive(data, "params")),
                      *sql = terminal_clean(json_text(data, "sql")),
                      *shown = terminal_clean(params);
    fprintf(stderr, "\n%s\n", sql);
    if (strcmp(shown, "[]") != 0)
        fprintf(stderr, "with ?1, ?2 … as %s\n", shown);
}

void terminal_approve(struct agent *agent, const char *turn, const json *data) {
    char line[LINE_BYTES];
    struct err err = {0};
    cleanup_free char *sql = NULL;
    cleanup_json json *none = NULL;
    struct agent_decision decision = {.run = json_text(data, "run_id")};
    show_proposal(data);
    do {
        fprintf(stderr, "Run this? [y]es, [e]dit, [n]o: ");
    } while (read_line(line) && (!*line || !strchr("yen", *line)));
    decision.approves = *line == 'y' || *line == 'e';
    if (*line == 'e') {
        sql = read_sql();
        decision.sql = sql;
        none = cJSON_CreateArray();
        // Values that the new SQL has no place for are not bound to it.
        decision.params = strchr(sql, '?') ? NULL : none;
    }
    if (agent_turn_decide(agent, turn, &decision, &err))
        fprintf(stderr, "%s\n", err.message);
}

int64_t terminal_choose(const char *message, const json *readings) {
    char line[LINE_BYTES];
    const json *reading;
    int64_t count = cJSON_GetArraySize(readings), picked, index = 0;
    cleanup_free char *clean = terminal_clean(message);
    fprintf(stderr, "\n%s\n", clean);
    cJSON_ArrayForEach (reading, readings) {
        const char *detail = json_text(reading, "detail");
        cleanup_free char *text =
            mem_format("%s%s%s", json_text(reading, "title"), str_is_empty(detail) ? "" : ": ",
                       detail ? detail : "");
        fprintf(stderr, "  %lld  ", (long long)++index);
        say("", text);
    }
    do {
        fprintf(stderr, "Which one? 1 to %lld: ", (long long)count);
        if (!read_line(line))
            return -1;
    } while (str_to_integer(line, 1, count, &picked));
    return picked - 1;
}
