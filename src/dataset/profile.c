// SPDX-License-Identifier: Apache-2.0
//
// See profile.h. A column is read once, its values in order with their counts (tally.h): the first
// and the last are the least and the greatest, the commonest are kept in a short list on the way,
// and texts are gathered for the index as long as they are few.
#include "dataset/profile.h"

#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "dataset/inside.h"
#include "dataset/load.h"
#include "dataset/mark.h"
#include "dataset/tally.h"
#include "dataset/total.h"
#include "dataset/words.h"

#define CATEGORY_TEXTS 50 // at most, of a category
#define PARTS_MAX 32      // of one text's list that are in the index

struct value {
    char *text;
    int64_t row_count;
};

// A place among the values in order, between the two nearest of them.
struct quantile {
    double share, low, high;
};

// What is gathered of one column.
struct gathered {
    struct dataset_column *column;
    bool is_number;
    int64_t row_count, rows_left; // of the table, and without those whose values were read
    struct value common[DATASET_SAMPLES + 1]; // the commonest first
    size_t common_count;
    struct quantile quantiles[3];
    int64_t seen;        // rows whose values were read
    struct value *texts; // for the index
    size_t text_count, text_room;
    bool wants_texts;
};

static void gathered_done(struct gathered *gathered) {
    for (size_t i = 0; i < gathered->common_count; i++)
        free(gathered->common[i].text);
    for (size_t i = 0; i < gathered->text_count; i++)
        free(gathered->texts[i].text);
    free(gathered->texts);
}

// A text that is cut at the end of a character where it is longer than what the profile keeps.
static char *cut_text(const char *text) {
    size_t length = strlen(text), at = 0, bytes;
    while (at < length) {
        str_character(text + at, length - at, &bytes);
        if (at + bytes > LIMIT_INDEXED_VALUE)
            break;
        at += bytes;
    }
    return mem_text_n(text, at);
}

// The value as people write it: a whole real number without its ".0".
static char *value_text(const struct tally_value *value) {
    if (value->kind == TALLY_TEXT)
        return cut_text(value->text);
    if (value->kind == TALLY_INTEGER)
        return mem_format("%lld", (long long)value->integer);
    if (value->real == floor(value->real) && fabs(value->real) < 1e15)
        return mem_format("%.0f", value->real);
    return mem_format("%.15g", value->real);
}

static double value_number(const struct tally_value *value) {
    return value->kind == TALLY_INTEGER ? (double)value->integer : value->real;
}

// Puts the present value behind those that are at least as common: of equals the lesser comes
// first.
static void keep_common(struct gathered *gathered, const struct tally_value *value) {
    struct value *common = gathered->common;
    size_t at = gathered->common_count;
    while (at > 0 && common[at - 1].row_count < value->row_count)
        at--;
    if (at == DATASET_SAMPLES || value->length > LIMIT_INDEXED_VALUE)
        return;
    if (gathered->common_count == DATASET_SAMPLES)
        free(common[--gathered->common_count].text);
    memmove(common + at + 1, common + at, (gathered->common_count - at) * sizeof *common);
    common[at] = (struct value){value_text(value), value->row_count};
    gathered->common_count++;
}

static void keep_text(struct gathered *gathered, const struct tally_value *value) {
    if (!gathered->wants_texts || gathered->text_count == LIMIT_INDEXED_DISTINCT ||
        value->length > LIMIT_INDEXED_VALUE)
        return;
    if (gathered->text_count == gathered->text_room) {
        gathered->text_room = gathered->text_room ? 2 * gathered->text_room : 64;
        gathered->texts = mem_resize(gathered->texts, gathered->text_room, sizeof *gathered->texts);
    }
    gathered->texts[gathered->text_count++] =
        (struct value){mem_text_n(value->text, value->length), value->row_count};
}

// Values in order, ROW_COUNT rows of each, of COUNT in all: keeps those that quantiles are between.
static void keep_quantiles(struct gathered *gathered, double number, int64_t row_count,
                           int64_t count) {
    int64_t before = gathered->seen;
    gathered->seen += row_count;
    for (size_t i = 0; i < ARRAY_LENGTH(gathered->quantiles); i++) {
        struct quantile *quantile = &gathered->quantiles[i];
        int64_t low = (int64_t)(quantile->share * (double)(count - 1));
        if (low >= before && low < gathered->seen)
            quantile->low = quantile->high = number;
        else if (low + 1 == before)
            quantile->high = number;
    }
}

static double quantile_of(const struct quantile *quantile, int64_t count) {
    double place = quantile->share * (double)(count - 1);
    return quantile->low + (quantile->high - quantile->low) * (place - floor(place));
}

static void set_quantiles(const struct gathered *gathered, struct dataset_column *column) {
    column->p25 = quantile_of(&gathered->quantiles[0], gathered->seen);
    column->median = quantile_of(&gathered->quantiles[1], gathered->seen);
    column->p75 = quantile_of(&gathered->quantiles[2], gathered->seen);
}

// The values come in order, so the last one that is seen is the greatest.
static void see_value(const struct tally_value *value, void *context) {
    struct gathered *gathered = context;
    struct dataset_column *column = gathered->column;
    if (value->kind == TALLY_NULL) {
        column->null_count = value->row_count;
        return;
    }
    gathered->rows_left -= value->row_count;
    double number = value->kind == TALLY_TEXT ? 0 : value_number(value);
    if (column->distinct_count++ == 0) {
        column->min = value_text(value);
        column->min_number = number;
    }
    if (gathered->rows_left == column->null_count) {
        column->max = value_text(value);
        column->max_number = number;
    }
    if (gathered->is_number)
        keep_quantiles(gathered, number, value->row_count,
                       gathered->row_count - column->null_count);
    keep_common(gathered, value);
    keep_text(gathered, value);
}

static int gather(sqlite3 *db, const struct dataset_table *table, struct dataset_column *column,
                  struct gathered *gathered, struct err *err) {
    gathered->column = column;
    gathered->row_count = gathered->rows_left = table->row_count;
    gathered->is_number = column->type == DATASET_INTEGER || column->type == DATASET_REAL;
    int status = tally_column(db, table, column, LIMIT_TALLY, see_value, gathered, err);
    if (status)
        return status;
    if (gathered->seen)
        set_quantiles(gathered, column);
    column->samples.at = mem_zero(gathered->common_count, sizeof *column->samples.at);
    for (size_t i = 0; i < gathered->common_count; i++) {
        column->sample_counts[column->samples.count] = gathered->common[i].row_count;
        column->samples.at[column->samples.count++] = mem_take(gathered->common[i].text);
    }
    column->is_category = column->type == DATASET_TEXT && column->distinct_count > 1 &&
                          column->distinct_count <= CATEGORY_TEXTS &&
                          2 * column->distinct_count <= table->row_count - column->null_count;
    return 0;
}

// ---- The value index ----------------------------------------------------------------------------

struct inserts {
    sqlite3_stmt *value, *word, *part;
    size_t table, column; // what is being indexed
};

static int insert_words(sqlite3 *db, sqlite3_stmt *insert, const char *key, struct err *err) {
    for (const char *word = key; *word;) {
        size_t length = strcspn(word, " ");
        sqlite3_bind_text(insert, 1, word, (int)length, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, key, -1, SQLITE_STATIC);
        int code = sqlite3_step(insert);
        sqlite3_reset(insert);
        if (code != SQLITE_DONE)
            return load_failure(db, err);
        word += length + (word[length] == ' ');
    }
    return 0;
}

// Footnote marks are no words of the value.
static void make_key(const char *text, size_t length, struct buf *key) {
    cleanup_free char *trimmed = mem_text_n(text, mark_trim(text, length));
    words_key(trimmed, key);
}

static int insert_value(sqlite3 *db, const struct inserts *inserts, sqlite3_stmt *insert,
                        const char *key, const struct value *value, struct err *err) {
    sqlite3_bind_text(insert, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, (int64_t)inserts->table);
    sqlite3_bind_int64(insert, 3, (int64_t)inserts->column);
    sqlite3_bind_text(insert, 4, value->text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 5, value->row_count);
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    return code == SQLITE_DONE ? 0 : load_failure(db, err);
}

static int index_value(sqlite3 *db, const struct inserts *inserts, const struct value *value,
                       struct err *err) {
    struct buf key cleanup_buf = BUF(16 * LIMIT_INDEXED_VALUE);
    make_key(value->text, strlen(value->text), &key);
    if (key.length == 0 || key.overflowed)
        return 0; // nothing that a question could name
    int status = insert_value(db, inserts, inserts->value, buf_text(&key), value, err);
    return status ? status : insert_words(db, inserts->word, buf_text(&key), err);
}

// The things that VALUE lists, each of which leads to it.
static int index_parts(sqlite3 *db, const struct inserts *inserts, const struct value *value,
                       char separator, struct err *err) {
    size_t length = strlen(value->text), at = 0, start, bytes;
    for (size_t i = 0; i < PARTS_MAX && at <= length; i++) {
        struct buf key cleanup_buf = BUF(16 * LIMIT_INDEXED_VALUE);
        at = inside_part(value->text, length, separator, at, &start, &bytes);
        make_key(value->text + start, bytes, &key);
        if ((start == 0 && bytes == length) || key.length == 0 || key.overflowed)
            continue;
        sqlite3_bind_text(inserts->part, 6, value->text + start, (int)bytes, SQLITE_STATIC);
        int status = insert_value(db, inserts, inserts->part, buf_text(&key), value, err);
        if (status)
            return status;
    }
    return 0;
}

int profile_add_name(sqlite3 *db, size_t table, size_t column, const char *value, int64_t row_count,
                     const char *text, struct err *err) {
    sqlite3_stmt *insert cleanup(load_finalizep) = NULL, *word cleanup(load_finalizep) = NULL;
    struct buf key cleanup_buf = BUF(16 * LIMIT_INDEXED_VALUE);
    make_key(text, strlen(text), &key);
    if (key.length == 0 || key.overflowed)
        return 0;
    int status = load_prepare(db, "INSERT OR IGNORE INTO sandglass_value VALUES (?, ?, ?, ?, ?)",
                              &insert, err);
    if (!status)
        status = load_prepare(db, "INSERT OR IGNORE INTO sandglass_word VALUES (?, ?)", &word, err);
    struct inserts inserts = {.table = table, .column = column};
    struct value named = {(char *)value, row_count};
    if (!status)
        status = insert_value(db, &inserts, insert, buf_text(&key), &named, err);
    return status ? status : insert_words(db, word, buf_text(&key), err);
}

static int profile_column(sqlite3 *db, const struct inserts *inserts, struct dataset_schema *schema,
                          struct err *err) {
    size_t table = inserts->table, at = inserts->column;
    struct dataset_column *column = &schema->tables[table].columns[at];
    struct gathered gathered cleanup(gathered_done) = {
        .quantiles = {{.share = 0.25}, {.share = 0.5}, {.share = 0.75}},
        .wants_texts = at < schema->tables[table].column_count && column->type == DATASET_TEXT &&
                       !column->hidden};
    int status = gather(db, &schema->tables[table], column, &gathered, err);
    column->is_indexed = gathered.wants_texts && column->distinct_count > 0 &&
                         column->distinct_count <= LIMIT_INDEXED_DISTINCT;
    for (size_t i = 0; i < gathered.text_count && column->is_indexed && !status; i++) {
        status = index_value(db, inserts, &gathered.texts[i], err);
        if (!status && *column->list_separator)
            status = index_parts(db, inserts, &gathered.texts[i], *column->list_separator, err);
    }
    return status;
}

static int make_tables(sqlite3 *db, struct err *err) {
    return load_run(db,
                    "CREATE TABLE sandglass_value (key TEXT NOT NULL, table_no INTEGER NOT NULL, "
                    "column_no INTEGER NOT NULL, value TEXT NOT NULL, row_count INTEGER NOT NULL, "
                    "PRIMARY KEY (key, table_no, column_no, value)) WITHOUT ROWID;"
                    "CREATE TABLE sandglass_part (key TEXT NOT NULL, table_no INTEGER NOT NULL, "
                    "column_no INTEGER NOT NULL, value TEXT NOT NULL, row_count INTEGER NOT NULL, "
                    "part TEXT NOT NULL, "
                    "PRIMARY KEY (key, table_no, column_no, value)) WITHOUT ROWID;"
                    "CREATE TABLE sandglass_word (word TEXT NOT NULL, key TEXT NOT NULL, "
                    "PRIMARY KEY (word, key)) WITHOUT ROWID",
                    err);
}

int profile_make(sqlite3 *db, struct dataset_schema *schema, struct err *err) {
    sqlite3_stmt *value cleanup(load_finalizep) = NULL, *word cleanup(load_finalizep) = NULL,
                        *part cleanup(load_finalizep) = NULL;
    int status = make_tables(db, err);
    if (!status)
        status =
            load_prepare(db, "INSERT INTO sandglass_value VALUES (?, ?, ?, ?, ?)", &value, err);
    if (!status)
        status = load_prepare(db, "INSERT OR IGNORE INTO sandglass_word VALUES (?, ?)", &word, err);
    if (!status)
        status = load_prepare(db, "INSERT OR IGNORE INTO sandglass_part VALUES (?, ?, ?, ?, ?, ?)",
                              &part, err);
    struct inserts inserts = {value, word, part, 0, 0};
    for (; inserts.table < schema->table_count && !status; inserts.table++) {
        struct dataset_table *table = &schema->tables[inserts.table];
        for (inserts.column = 0; inserts.column < table->stored_count && !status; inserts.column++)
            status = profile_column(db, &inserts, schema, err);
        if (!status)
            status = total_find(db, table, err);
    }
    return status;
}
