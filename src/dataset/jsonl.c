// SPDX-License-Identifier: Apache-2.0
//
// See jsonl.h.
#include "dataset/jsonl.h"

#include <math.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "dataset/input.h"

#define CHUNK (64 * 1024)
#define EXACT_MAX 9007199254740991.0 // greater whole numbers may have been rounded
#define NO_TEXT SIZE_MAX             // of a cell: its object has no such member

struct jsonl_reader {
    struct input *input;
    const char *file;
    struct dataset_texts *keys; // the caller's
    bool gathers_keys, has_given_keys;
    unsigned char *chunk;
    size_t at, filled;
    int64_t line;
    struct buf text; // the present line
    struct buf path; // of the present member
    struct buf row;  // the texts of the cells, each with its NUL
    size_t *starts;  // in `row`, of the cell of each key, or NO_TEXT
    struct csv_cell *cells;
    struct csv_mended rounded;
    size_t next_key; // where the next member's key is likely to be
};

// ---- Lines --------------------------------------------------------------------------------------

// The next line into `text`: 1, 0 at the end, or an error.
static int take_line(struct jsonl_reader *reader, struct err *err) {
    buf_clear(&reader->text);
    for (;;) {
        if (reader->at == reader->filled) {
            int64_t got = input_read(reader->input, reader->chunk, CHUNK, err);
            if (got < 0)
                return (int)got;
            reader->at = 0;
            reader->filled = (size_t)got;
            if (got == 0 && reader->text.length == 0)
                return 0;
        }
        const unsigned char *from = reader->chunk + reader->at;
        const unsigned char *end = memchr(from, '\n', reader->filled - reader->at);
        size_t length = end ? (size_t)(end - from) : reader->filled - reader->at;
        if (buf_add(&reader->text, from, length) < 0)
            return err_set(err, ERR_TOO_LARGE, "%s, line %lld: the line has more than %d MiB",
                           reader->file, (long long)reader->line + 1, LIMIT_CSV_ROW >> 20);
        reader->at += length + (end != NULL);
        if (end || reader->filled == 0) {
            reader->line++;
            return 1;
        }
    }
}

static bool is_blank(const struct buf *text) {
    for (size_t i = 0; i < text->length; i++)
        if (!strchr(" \t\r", text->data[i]) || !text->data[i])
            return false;
    return true;
}

// The next line that has something, as an object.
static int take_object(struct jsonl_reader *reader, json **ret_object, struct err *err) {
    struct err why = {0};
    int status;
    do
        status = take_line(reader, err);
    while (status > 0 && is_blank(&reader->text));
    if (status <= 0)
        return status;
    const char *text = buf_text(&reader->text);
    size_t mark = reader->line == 1 && str_has_prefix(text, "\xEF\xBB\xBF") ? 3 : 0;
    if (json_parse(text + mark, reader->text.length - mark, ret_object, &why))
        return err_set(err, ERR_BAD_REQUEST, "%s, line %lld: %.200s", reader->file,
                       (long long)reader->line, why.message);
    if (cJSON_IsObject(*ret_object))
        return 1;
    json_free(mem_take(*ret_object));
    err_set(err, ERR_BAD_REQUEST, "%s, line %lld: it is no JSON object", reader->file,
            (long long)reader->line);
    return err_hint(err, "JSON lines have one object on each line.");
}

// ---- Members ------------------------------------------------------------------------------------

// The place of the key in `path`; a new one where keys are gathered, -1 where it is none of them.
static int find_key(struct jsonl_reader *reader, size_t *ret_key, struct err *err) {
    struct dataset_texts *keys = reader->keys;
    const char *path = buf_text(&reader->path);
    for (size_t i = 0; i < keys->count; i++) {
        size_t key = (reader->next_key + i) % keys->count;
        if (strcmp(keys->at[key], path) == 0) {
            reader->next_key = *ret_key = key;
            return 0;
        }
    }
    if (!reader->gathers_keys)
        return err_set(err, ERR_CONFLICT, "%s, line %lld: the file changed while it was read",
                       reader->file, (long long)reader->line);
    if (keys->count == LIMIT_COLUMNS)
        return err_set(err, ERR_TOO_LARGE, "%s, line %lld: the objects have more than %d keys",
                       reader->file, (long long)reader->line, LIMIT_COLUMNS);
    keys->at = mem_resize(keys->at, keys->count + 1, sizeof *keys->at);
    keys->at[keys->count] = mem_text(path);
    reader->next_key = *ret_key = keys->count++;
    return 0;
}

static bool is_plain_list(const json *list) {
    const json *member;
    cJSON_ArrayForEach (member, list)
        if (cJSON_IsArray(member) || cJSON_IsObject(member))
            return false;
    return true;
}

static void add_value(struct buf *row, const json *value) {
    const json *member;
    if (cJSON_IsNull(value))
        return;
    if (cJSON_IsString(value)) {
        buf_add_text(row, value->valuestring);
    } else if (cJSON_IsArray(value) && is_plain_list(value)) {
        cJSON_ArrayForEach (member, value) {
            add_value(row, member);
            if (member->next)
                buf_add_text(row, ", ");
        }
    } else {
        cleanup_free char *text = json_write(value);
        buf_add_text(row, text);
    }
}

static int take_members(struct jsonl_reader *reader, const json *object, struct err *err);

static int take_member(struct jsonl_reader *reader, const json *value, struct err *err) {
    size_t key = 0;
    if (cJSON_IsObject(value) && value->child)
        return take_members(reader, value, err);
    int status = find_key(reader, &key, err);
    if (status || reader->gathers_keys)
        return status;
    reader->starts[key] = reader->row.length;
    if (cJSON_IsNumber(value) && fabs(value->valuedouble) > EXACT_MAX &&
        value->valuedouble == floor(value->valuedouble) && reader->rounded.count++ == 0)
        reader->rounded.first_line = reader->line;
    if (!cJSON_IsObject(value))
        add_value(&reader->row, value);
    buf_add_char(&reader->row, '\0');
    return reader->row.overflowed
               ? err_set(err, ERR_TOO_LARGE, "%s, line %lld: the row has more than %d MiB",
                         reader->file, (long long)reader->line, LIMIT_CSV_ROW >> 20)
               : 0;
}

// The depth of objects is bounded by LIMIT_JSON_DEPTH.
static int take_members(struct jsonl_reader *reader, const json *object, struct err *err) {
    const json *member;
    size_t before = reader->path.length;
    int status = 0;
    cJSON_ArrayForEach (member, object) {
        if (before)
            buf_add_char(&reader->path, '.');
        buf_add_text(&reader->path, member->string);
        if (reader->path.overflowed)
            return err_set(err, ERR_TOO_LARGE, "%s, line %lld: a key has more than %d bytes",
                           reader->file, (long long)reader->line, LIMIT_DESCRIPTION);
        status = take_member(reader, member, err);
        if (status)
            return status;
        reader->path.length = before;
    }
    return 0;
}

// ---- Rows ---------------------------------------------------------------------------------------

static int restart(struct jsonl_reader *reader, struct hash *hash, struct err *err) {
    reader->at = reader->filled = 0;
    reader->line = 0;
    return input_restart(reader->input, hash, err);
}

static int gather_keys(struct jsonl_reader *reader, struct err *err) {
    int status = restart(reader, NULL, err);
    reader->gathers_keys = true;
    while (!status) {
        json *object cleanup_json = NULL;
        int got = take_object(reader, &object, err);
        if (got <= 0) {
            status = got;
            break;
        }
        buf_clear(&reader->path);
        status = take_members(reader, object, err);
    }
    reader->gathers_keys = false;
    return status;
}

// The keys as the first row.
static void give_keys(struct jsonl_reader *reader, struct csv_row *ret_row) {
    for (size_t i = 0; i < reader->keys->count; i++)
        reader->cells[i] = (struct csv_cell){reader->keys->at[i], strlen(reader->keys->at[i])};
    reader->has_given_keys = true;
    *ret_row = (struct csv_row){.cells = reader->cells, .count = reader->keys->count, .line = 1};
}

int jsonl_next(struct jsonl_reader *reader, struct csv_row *ret_row, struct err *err) {
    size_t count = reader->keys->count;
    if (!reader->has_given_keys) {
        give_keys(reader, ret_row);
        return count > 0;
    }
    json *object cleanup_json = NULL;
    int status = take_object(reader, &object, err);
    if (status <= 0)
        return status;
    buf_clear(&reader->row);
    buf_clear(&reader->path);
    for (size_t i = 0; i < count; i++)
        reader->starts[i] = NO_TEXT;
    status = take_members(reader, object, err);
    if (status)
        return status;
    for (size_t i = 0; i < count; i++) {
        const char *text = reader->starts[i] == NO_TEXT ? "" : reader->row.data + reader->starts[i];
        reader->cells[i] = (struct csv_cell){text, strlen(text)};
    }
    *ret_row = (struct csv_row){.cells = reader->cells, .count = count, .line = reader->line};
    return 1;
}

int jsonl_open(int fd, const char *file, struct dataset_texts *keys, struct hash *hash,
               struct jsonl_reader **ret_reader, struct err *err) {
    struct jsonl_reader *reader cleanup(jsonl_closep) = mem_zero(1, sizeof *reader);
    reader->input = input_new(fd, file);
    reader->file = file;
    reader->keys = keys;
    reader->chunk = mem_zero(1, CHUNK);
    reader->text = reader->row = BUF(LIMIT_CSV_ROW);
    reader->path = BUF(LIMIT_DESCRIPTION);
    int status = keys->count ? 0 : gather_keys(reader, err);
    if (!status)
        status = restart(reader, hash, err);
    if (status)
        return status;
    reader->starts = mem_zero(keys->count, sizeof *reader->starts);
    reader->cells = mem_zero(keys->count, sizeof *reader->cells);
    *ret_reader = mem_take(reader);
    return 0;
}

struct csv_mended jsonl_rounded(const struct jsonl_reader *reader) {
    return reader->rounded;
}

void jsonl_close(struct jsonl_reader *reader) {
    if (!reader)
        return;
    input_free(reader->input);
    buf_done(&reader->text);
    buf_done(&reader->path);
    buf_done(&reader->row);
    free(reader->chunk);
    free(reader->starts);
    free(reader->cells);
    free(reader);
}
