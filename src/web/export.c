// SPDX-License-Identifier: Apache-2.0
//
// A conversation as Markdown (CommonMark with GitHub's tables). What people, models and data say
// stands in it as text: every character that would mean something is escaped, none can end its
// line, and no address becomes a link. Characters that turn the direction of writing are replaced,
// so that what is read is what is there.
#include "web/export.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "web/routes.h"

#define REPLACEMENT "\xEF\xBF\xBD"

// ---- Text ---------------------------------------------------------------------------------------

static bool turns_direction(uint32_t code) {
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

// Whether the character at AT would make a link of an address: "http://", "www.", "a@b".
static bool makes_link(const char *text, const char *at) {
    return *at == '@' || (*at == ':' && at[1] == '/') ||
           (*at == '.' && at - text >= 3 && strncasecmp(at - 3, "www", 3) == 0);
}

static void add_character(struct buf *out, const char *at, size_t length) {
    uint32_t code = str_character(at, length, &length);
    if (turns_direction(code))
        buf_add_text(out, REPLACEMENT);
    else
        buf_add(out, at, length);
}

// TEXT on one line, meaning nothing but itself.
static void add_text(struct buf *out, const char *text) {
    size_t used;
    for (const char *at = text, *end = text + strlen(text); at < end; at += used) {
        used = 1;
        if ((unsigned char)*at >= 0x80) {
            str_character(at, (size_t)(end - at), &used);
            add_character(out, at, used);
        } else if ((unsigned char)*at < ' ' || *at == 0x7F) {
            buf_add_char(out, ' ');
        } else {
            if (strchr("\\`*_[]<>#|~&$", *at) || makes_link(text, at))
                buf_add_char(out, '\\');
            buf_add_char(out, *at);
        }
    }
}

// One more backquote than TEXT has in a row, LEAST at least.
static size_t fence_of(const char *text, size_t least) {
    size_t most = 0;
    for (const char *at = text; (at = strchr(at, '`'));) {
        size_t length = strspn(at, "`");
        most = length > most ? length : most;
        at += length;
    }
    return most + 1 > least ? most + 1 : least;
}

static void add_fence(struct buf *out, size_t length) {
    while (length--)
        buf_add_char(out, '`');
}

// TEXT as code, whose lines are kept where KEEPS_LINES.
static void add_raw(struct buf *out, const char *text, bool keeps_lines) {
    size_t used;
    for (const char *at = text, *end = text + strlen(text); at < end; at += used) {
        bool is_line = *at == '\n' && keeps_lines;
        str_character(at, (size_t)(end - at), &used);
        if (((unsigned char)*at < ' ' && !is_line) || *at == 0x7F)
            buf_add_char(out, ' ');
        else
            add_character(out, at, used);
    }
}

static void add_code(struct buf *out, const char *text) {
    size_t fence = fence_of(text, 1);
    bool has_edge = *text == '`' || str_has_suffix(text, "`");
    add_fence(out, fence);
    buf_add_text(out, has_edge ? " " : "");
    add_raw(out, text, false);
    buf_add_text(out, has_edge ? " " : "");
    add_fence(out, fence);
}

// ---- A turn -------------------------------------------------------------------------------------

// A paragraph of its own: LABEL, then TEXT; nothing where there is none.
static void add_paragraph(struct buf *out, const char *label, const char *text, const char *end) {
    if (str_is_empty(text))
        return;
    buf_add_text(out, label);
    add_text(out, text + strspn(text, " \t\r\n"));
    buf_add_text(out, end);
    buf_add_text(out, "\n\n");
}

static const json *part(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void add_cell(struct buf *out, const json *cell) {
    cleanup_free char *text = cJSON_IsNull(cell)     ? mem_text("")
                              : cJSON_IsString(cell) ? mem_text(cell->valuestring)
                                                     : json_write(cell);
    buf_add_text(out, " ");
    add_text(out, text);
    buf_add_text(out, " |");
}

static void add_table(struct buf *out, const json *result) {
    const json *columns = part(result, "columns"), *column, *row, *cell;
    if (cJSON_GetArraySize(columns) == 0)
        return;
    buf_add_text(out, "|");
    cJSON_ArrayForEach (column, columns)
        add_cell(out, part(column, "name"));
    buf_add_text(out, "\n|");
    cJSON_ArrayForEach (column, columns) {
        bool is_number = str_is_equal(json_text(column, "type"), "integer") ||
                         str_is_equal(json_text(column, "type"), "real");
        buf_add_text(out, is_number ? " ---: |" : " --- |");
    }
    cJSON_ArrayForEach (row, part(result, "rows")) {
        buf_add_text(out, "\n|");
        cJSON_ArrayForEach (cell, row)
            add_cell(out, cell);
    }
    buf_add_text(out, "\n\n");
    if (json_bool(result, "truncated", false))
        buf_add_format(out, "There are more rows than these %d.\n\n",
                       cJSON_GetArraySize(part(result, "rows")));
}

static void add_sql(struct buf *out, const json *turn) {
    const char *sql = json_text(turn, "sql");
    const json *params = part(turn, "params"), *param;
    int number = 0;
    if (str_is_empty(sql))
        return;
    size_t fence = fence_of(sql, 3);
    add_fence(out, fence);
    buf_add_text(out, "sql\n");
    add_raw(out, sql, true);
    buf_add_text(out, "\n");
    add_fence(out, fence);
    buf_add_text(out, "\n\n");
    cJSON_ArrayForEach (param, params) {
        cleanup_free char *value = json_write(param);
        buf_add_format(out, "%s`?%d` = ", number ? ", " : "Values: ", number + 1);
        add_code(out, value);
        number++;
    }
    buf_add_text(out, number ? ".\n\n" : "");
}

static void add_proof(struct buf *out, const json *run) {
    const char *hash = json_text(part(run, "result"), "data_sha256");
    if (!cJSON_IsObject(run))
        return;
    buf_add_text(out, "Proof: ");
    add_text(out, json_text(run, "where") ? json_text(run, "where") : "");
    buf_add_format(out, ", %.1f ms", (double)json_integer(run, "elapsed_us", 0) / 1000);
    if (json_text(run, "outcome"))
        buf_add_format(out, ", %s", json_text(run, "outcome"));
    if (hash) {
        buf_add_text(out, "; data SHA-256 ");
        add_code(out, hash);
    }
    buf_add_format(out, "; run `%s` at %s.\n\n", json_text(run, "id"),
                   json_text(run, "created_at"));
}

static void add_answer(struct buf *out, const json *turn) {
    const json *error = part(turn, "error"), *model = part(turn, "model"), *reading;
    bool is_answered = !str_is_empty(json_text(turn, "sentence"));
    add_paragraph(out, "**", json_text(turn, "sentence"), "**");
    if (cJSON_IsObject(error))
        add_paragraph(out, "It was not answered: ", json_text(error, "message"), "");
    else if (str_is_equal(json_text(turn, "status"), "running"))
        buf_add_text(out, "It is still being answered.\n\n");
    if (str_is_equal(json_text(turn, "status"), "ambiguous")) {
        add_paragraph(out, "Asked back: ", json_text(turn, "understanding"), "");
        cJSON_ArrayForEach (reading, part(turn, "readings")) {
            buf_add_text(out, "- ");
            add_text(out, json_text(reading, "title"));
            buf_add_text(out, ": ");
            add_text(out, json_text(reading, "detail"));
            buf_add_text(out, "\n");
        }
        buf_add_text(out, "\n");
    } else {
        add_paragraph(out, "Understood as: ", json_text(turn, "understanding"), "");
    }
    if (is_answered && cJSON_IsObject(model))
        add_paragraph(out, "Answered by the model ", json_text(model, "name"), ".");
}

static void add_turn(struct buf *out, const json *turn) {
    buf_add_format(out, "## %lld. ", (long long)json_integer(turn, "ordinal", 0));
    add_text(out, json_text(turn, "question"));
    buf_add_text(out, "\n\n");
    add_answer(out, turn);
    add_table(out, part(part(turn, "run"), "result"));
    add_sql(out, turn);
    add_proof(out, part(turn, "run"));
}

void export_write(const json *conversation, struct buf *out) {
    const char *title = json_text(conversation, "title");
    const json *turn;
    buf_add_text(out, "# ");
    add_text(out, str_is_empty(title) ? "Untitled" : title);
    buf_add_text(out, "\n\nAsked of the data set ");
    add_code(out, json_text(conversation, "dataset"));
    buf_add_format(out, ", from %s to %s.\n\n", json_text(conversation, "created_at"),
                   json_text(conversation, "updated_at"));
    cJSON_ArrayForEach (turn, part(conversation, "turns"))
        add_turn(out, turn);
}

// ---- Over HTTP ----------------------------------------------------------------------------------

#define NAME_LETTERS 60

// "costliest-strikes.md"; the caller frees it.
static char *name_of(const char *title) {
    cleanup_buf struct buf name = BUF(NAME_LETTERS + 3);
    for (const char *at = title ? title : ""; *at && name.length < NAME_LETTERS; at++) {
        char letter = *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at;
        bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
        if (is_plain)
            buf_add_char(&name, letter);
        else if (name.length && !str_has_suffix(buf_text(&name), "-"))
            buf_add_char(&name, '-');
    }
    while (str_has_suffix(buf_text(&name), "-"))
        name.data[--name.length] = '\0';
    buf_add_text(&name, name.length ? ".md" : "");
    return name.length ? buf_take(&name) : mem_text("conversation.md");
}

enum MHD_Result web_export_conversation(struct web_request *request) {
    struct err err = {0};
    cleanup_json json *conversation = NULL;
    cleanup_buf struct buf text = BUF(LIMIT_EXPORT);
    if (agent_conversation_get(request->server->house.agent, request->argument, &conversation,
                               &err))
        return web_reply_error(request, &err);
    export_write(conversation, &text);
    if (text.overflowed) {
        err_set(&err, ERR_TOO_LARGE, "The conversation has more than %d MiB as Markdown",
                LIMIT_EXPORT >> 20);
        err_hint(&err, "Take the results one by one, as CSV or JSON.");
        return web_reply_error(request, &err);
    }
    cleanup_free char *name = name_of(json_text(conversation, "title"));
    return web_reply_file(request, "text/markdown; charset=utf-8", name, buf_text(&text));
}
