// SPDX-License-Identifier: Apache-2.0
//
// See foreign.h.
#include "dataset/foreign.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/str.h"
#include "dataset/load.h"
#include "dataset/names.h"

static const char magic[] = "SQLite format 3"; // with its NUL

struct foreign {
    const char *file;
    sqlite3 *db;
    struct dataset_texts tables;
    char hash[HASH_HEX_SIZE];
};

struct foreign_reader {
    struct foreign *foreign;
    sqlite3_stmt *select;
    bool has_given_names;
    int64_t row;
    struct buf text;
    struct csv_cell *cells;
    size_t *starts;
    size_t column_count;
    struct csv_mended blobs;
};

// ---- The file -----------------------------------------------------------------------------------

bool foreign_is_sqlite(const struct dataset_source *source) {
    char head[sizeof magic];
    return pread(source->fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
           memcmp(head, magic, sizeof head) == 0;
}

static int refuse(const struct foreign *foreign, struct err *err) {
    err_set(err, ERR_BAD_REQUEST, "%s cannot be read as an SQLite file: %.200s", foreign->file,
            sqlite3_errmsg(foreign->db));
    return err_hint(err, "Check it with: sqlite3 FILE 'PRAGMA integrity_check'.");
}

// All of the file in memory that SQLite owns.
static int read_bytes(const struct dataset_source *source, unsigned char **ret_bytes,
                      int64_t *ret_size, struct foreign *foreign, struct err *err) {
    int64_t size = lseek(source->fd, 0, SEEK_END), filled = 0;
    if (size < 0 || lseek(source->fd, 0, SEEK_SET) < 0)
        return err_set_errno(err, errno, "%s: cannot go to its start", source->file);
    if (size > LIMIT_IMPORT)
        return err_set(err, ERR_TOO_LARGE, "%s has more than %lld MiB", source->file,
                       LIMIT_IMPORT >> 20);
    unsigned char *bytes = sqlite3_malloc64((sqlite3_uint64)size + 1);
    if (!bytes)
        return err_set(err, ERR_TOO_LARGE, "not enough memory to import %s", source->file);
    while (filled < size) {
        ssize_t got = read(source->fd, bytes + filled, (size_t)(size - filled));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            sqlite3_free(bytes);
            return got < 0
                       ? err_set_errno(err, errno, "%s: cannot read", source->file)
                       : err_set(err, ERR_CONFLICT, "%s changed while it was read", source->file);
        }
        filled += got;
    }
    hash_hex_of(bytes, (size_t)size, foreign->hash);
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
}

static int open_bytes(const struct dataset_source *source, struct foreign *foreign,
                      struct err *err) {
    unsigned char *bytes = NULL;
    int64_t size = 0;
    int status = read_bytes(source, &bytes, &size, foreign, err);
    if (status)
        return status;
    // A file whose last writer used a write-ahead log says so in its header, and could not be
    // opened without one. What the log alone has is not in the file.
    if (size > 19 && bytes[18] == 2 && bytes[19] == 2)
        bytes[18] = bytes[19] = 1;
    if (sqlite3_open_v2(":memory:", &foreign->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL)) {
        sqlite3_free(bytes);
        return refuse(foreign, err);
    }
    // It is SQLite that frees the bytes, whatever becomes of this.
    if (sqlite3_deserialize(foreign->db, "main", bytes, size, size,
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY))
        return refuse(foreign, err);
    sqlite3_db_config(foreign->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(foreign->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(foreign->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(foreign->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(foreign->db, SQLITE_LIMIT_LENGTH, LIMIT_CSV_ROW);
    return 0;
}

static int check_pages(struct foreign *foreign, struct err *err) {
    sqlite3_stmt *check cleanup(load_finalizep) = NULL;
    if (sqlite3_exec(foreign->db, "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY", NULL,
                     NULL, NULL) ||
        sqlite3_prepare_v2(foreign->db, "PRAGMA quick_check(1)", -1, &check, NULL) ||
        sqlite3_step(check) != SQLITE_ROW)
        return refuse(foreign, err);
    const char *found = (const char *)sqlite3_column_text(check, 0);
    if (found && strcmp(found, "ok") == 0)
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "%s is a damaged SQLite file: %.200s", foreign->file,
                   found ? found : "");
}

// Plain tables only: no views, no virtual tables and what belongs to them, none of SQLite's own.
static int list_tables(struct foreign *foreign, struct err *err) {
    static const char sql[] =
        "SELECT l.name FROM pragma_table_list AS l JOIN sqlite_schema AS s ON s.name = l.name "
        "WHERE "
        "l.schema = 'main' AND l.type = 'table' AND l.name NOT LIKE 'sqlite!_%' ESCAPE '!' "
        "ORDER BY s.rowid";
    sqlite3_stmt *list cleanup(load_finalizep) = NULL;
    if (sqlite3_prepare_v2(foreign->db, sql, -1, &list, NULL))
        return refuse(foreign, err);
    foreign->tables.at = mem_zero(LIMIT_TABLES, sizeof *foreign->tables.at);
    int code;
    while ((code = sqlite3_step(list)) == SQLITE_ROW) {
        if (foreign->tables.count == LIMIT_TABLES)
            return err_set(err, ERR_TOO_LARGE, "%s has more than %d tables", foreign->file,
                           LIMIT_TABLES);
        foreign->tables.at[foreign->tables.count++] =
            mem_text((const char *)sqlite3_column_text(list, 0));
    }
    if (code != SQLITE_DONE)
        return refuse(foreign, err);
    return foreign->tables.count ? 0
                                 : err_set(err, ERR_BAD_REQUEST, "%s has no table", foreign->file);
}

int foreign_open(const struct dataset_source *source, struct foreign **ret_foreign,
                 struct err *err) {
    struct foreign *foreign cleanup(foreign_closep) = mem_zero(1, sizeof *foreign);
    foreign->file = source->file;
    int status = open_bytes(source, foreign, err);
    if (!status)
        status = check_pages(foreign, err);
    if (!status)
        status = list_tables(foreign, err);
    if (status)
        return status;
    *ret_foreign = mem_take(foreign);
    return 0;
}

void foreign_close(struct foreign *foreign) {
    if (!foreign)
        return;
    sqlite3_close(foreign->db);
    dataset_texts_done(&foreign->tables);
    free(foreign);
}

const struct dataset_texts *foreign_tables(const struct foreign *foreign) {
    return &foreign->tables;
}

const char *foreign_hash(const struct foreign *foreign) { return foreign->hash; }

// ---- Rows ---------------------------------------------------------------------------------------

int foreign_read(struct foreign *foreign, const char *table, struct foreign_reader **ret_reader,
                 struct err *err) {
    struct foreign_reader *reader cleanup(foreign_reader_closep) = mem_zero(1, sizeof *reader);
    char *sql = sqlite3_mprintf("SELECT * FROM main.\"%w\"", table);
    int code = sqlite3_prepare_v2(foreign->db, sql, -1, &reader->select, NULL);
    sqlite3_free(sql);
    if (code)
        return refuse(foreign, err);
    reader->foreign = foreign;
    reader->text = BUF(LIMIT_CSV_ROW);
    reader->column_count = (size_t)sqlite3_column_count(reader->select);
    if (reader->column_count > LIMIT_COLUMNS)
        return err_set(err, ERR_TOO_LARGE, "%s: the table %.80s has more than %d columns",
                       foreign->file, table, LIMIT_COLUMNS);
    reader->cells = mem_zero(reader->column_count, sizeof *reader->cells);
    reader->starts = mem_zero(reader->column_count, sizeof *reader->starts);
    *ret_reader = mem_take(reader);
    return 0;
}

void foreign_reader_close(struct foreign_reader *reader) {
    if (!reader)
        return;
    sqlite3_finalize(reader->select);
    buf_done(&reader->text);
    free(reader->cells);
    free(reader->starts);
    free(reader);
}

// Text without NUL and of UTF-8 only; what is neither is left out.
static void add_text(struct buf *buf, const char *text, size_t length) {
    for (size_t at = 0, bytes; at < length; at += bytes) {
        uint32_t code = str_character(text + at, length - at, &bytes);
        if (code && !(code == 0xFFFD && bytes == 1))
            buf_add(buf, text + at, bytes);
    }
}

static void add_cell(struct foreign_reader *reader, int column) {
    switch (sqlite3_column_type(reader->select, column)) {
    case SQLITE_NULL: break;
    case SQLITE_FLOAT:
        buf_add_format(&reader->text, "%.17g", sqlite3_column_double(reader->select, column));
        break;
    case SQLITE_BLOB:
        if (reader->blobs.count++ == 0)
            reader->blobs.first_line = reader->row;
        break;
    default: {
        const char *text = (const char *)sqlite3_column_text(reader->select, column);
        add_text(&reader->text, text ? text : "",
                 (size_t)sqlite3_column_bytes(reader->select, column));
    }
    }
    buf_add_char(&reader->text, '\0');
}

static void finish_row(struct foreign_reader *reader, struct csv_row *ret_row) {
    for (size_t i = 0; i < reader->column_count; i++) {
        const char *text = reader->text.data + reader->starts[i];
        reader->cells[i] = (struct csv_cell){text, strlen(text)};
    }
    *ret_row = (struct csv_row){
        .cells = reader->cells, .count = reader->column_count, .line = reader->row};
}

int foreign_next(struct foreign_reader *reader, struct csv_row *ret_row, struct err *err) {
    int code = reader->has_given_names ? sqlite3_step(reader->select) : SQLITE_ROW;
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return refuse(reader->foreign, err);
    buf_clear(&reader->text);
    reader->row += reader->has_given_names;
    for (int i = 0; i < (int)reader->column_count; i++) {
        reader->starts[i] = reader->text.length;
        if (reader->has_given_names) {
            add_cell(reader, i);
            continue;
        }
        const char *name = sqlite3_column_name(reader->select, i);
        add_text(&reader->text, name, strlen(name));
        buf_add_char(&reader->text, '\0');
    }
    if (reader->text.overflowed)
        return err_set(err, ERR_TOO_LARGE, "%s, row %lld: the row has more than %d MiB",
                       reader->foreign->file, (long long)reader->row, LIMIT_CSV_ROW >> 20);
    reader->has_given_names = true;
    finish_row(reader, ret_row);
    return 1;
}

struct csv_mended foreign_blobs(const struct foreign_reader *reader) {
    return reader->blobs;
}
