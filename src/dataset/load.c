// SPDX-License-Identifier: Apache-2.0
//
// See load.h. Both passes must leave out the same rows, or types would be found from what is not
// stored: survey.h decides for both.
#include "dataset/load.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/str.h"
#include "dataset/companion.h"
#include "dataset/names.h"
#include "dataset/rows.h"
#include "dataset/survey.h"
#include "dataset/unit.h"

void load_done(struct load_table *load) {
    for (size_t i = 0; i < load->column_count; i++) {
        free(load->columns[i].header);
        free(load->columns[i].label);
    }
    free(load->columns);
    dataset_texts_done(&load->origin.keys);
}

// ---- SQLite -------------------------------------------------------------------------------------

int load_failure(sqlite3 *db, struct err *err) {
    int code = sqlite3_errcode(db);
    if (code == SQLITE_FULL || code == SQLITE_TOOBIG)
        return err_set(err, ERR_TOO_LARGE, "the tables take more than %lld MiB",
                       LIMIT_IMPORTED >> 20);
    if (code == SQLITE_NOMEM)
        return err_set(err, ERR_TOO_LARGE, "not enough memory to import the tables");
    return err_set(err, ERR_INTERNAL, "importing failed: %s", sqlite3_errmsg(db));
}

int load_run(sqlite3 *db, const char *sql, struct err *err) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : load_failure(db, err);
}

void load_finalize(sqlite3_stmt *statement) { sqlite3_finalize(statement); }

int load_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement, struct err *err) {
    return sqlite3_prepare_v2(db, sql, -1, ret_statement, NULL) == SQLITE_OK
               ? 0
               : load_failure(db, err);
}

void load_problem(struct buf *problems, const char *format, ...) {
    if (!problems)
        return;
    char line[640]; // quotes in it are cut by names_quote(); a longer line loses its end
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buf_add_format(problems, "%s\n", line);
}

// ---- Names --------------------------------------------------------------------------------------

static bool has_taken(char *const *taken, size_t count, const char *name) {
    cleanup_free char *unique = names_make_unique(name, taken, count);
    return strcmp(unique, name) != 0;
}

// Names for all columns: first those that dataset.json gives, then the others around them.
static int name_columns(struct load_table *load, char **names, struct buf *problems,
                        struct err *err) {
    const char *file = load->origin.source->file;
    for (size_t i = 0; i < load->column_count; i++) {
        const struct description_column *described = load->columns[i].described;
        if (!described || !described->name)
            continue;
        if (has_taken(names, load->column_count, described->name))
            return err_set(err, ERR_BAD_REQUEST,
                           DESCRIPTION_FILE ": two columns of %s are named \"%s\"", file,
                           described->name);
        names[i] = mem_text(described->name);
    }
    for (size_t i = 0; i < load->column_count; i++) {
        const char *header = load->columns[i].header;
        if (names[i])
            continue;
        cleanup_free char *made = names_make(load->columns[i].label, "c_"),
                          *quoted = names_quote(header);
        cleanup_free char *name = made ? mem_text(made) : mem_format("column_%zu", i + 1);
        char *unique = names_make_unique(name, names, load->column_count);
        if (!*header && load->columns[i].column >= 0)
            load_problem(problems, "%s: column %zu has no header; it is called %s", file, i + 1,
                         unique);
        else if (strcmp(unique, name) != 0)
            load_problem(problems,
                         "%s: the header %s gives a name that is taken; column %zu is called %s",
                         file, quoted, i + 1, unique);
        names[i] = unique;
    }
    return 0;
}

static char *text_or(const char *text, const char *otherwise) {
    return mem_text(text && *text ? text : otherwise);
}

static void copy_texts(struct dataset_texts *to, const struct dataset_texts *from) {
    to->at = mem_zero(from->count, sizeof *to->at);
    to->count = from->count;
    for (size_t i = 0; i < from->count; i++)
        to->at[i] = mem_text(from->at[i]);
}

// What the numbers of COLUMN are counted in, by its cells or else by its header.
static const char *unit_of(const struct load_column *column, char unit[NUMBER_UNIT]) {
    bool is_number = column->format.type == DATASET_INTEGER || column->format.type == DATASET_REAL;
    const char *found = infer_unit(&column->inferred, &column->format);
    if (!is_number || *found)
        return found;
    unit_of_header(column->label, unit);
    return unit;
}

// NAME moves into the column.
static void describe_column(const struct load_column *from, char *name,
                            struct dataset_column *column) {
    static const struct description_column nothing = {.type = -1};
    const struct description_column *described = from->described ? from->described : &nothing;
    // The second of two equal headers is told from the first by its name only.
    cleanup_free char *of_header = names_make(from->label, "c_");
    bool is_second = of_header && !described->name && strcmp(of_header, name) != 0;
    char unit[NUMBER_UNIT];
    cleanup_free char *title = names_title(*from->label && !is_second ? from->label : name);
    column->name = name;
    column->title = text_or(described->title, *title ? title : name);
    column->description = text_or(described->description, "");
    column->unit = text_or(described->unit, unit_of(from, unit));
    column->type = from->format.type;
    column->hidden = described->hidden;
    column->references_table = column->references_column = column->derived_from = -1;
    column->list_separator = mem_text((char[2]){from->inside.separator});
    copy_texts(&column->synonyms, &described->synonyms);
}

// The own column that dataset.json names as WHAT; -1 and an error where there is none.
static int find_named(const struct dataset_table *table, const char *what, const char *name,
                      struct err *err) {
    const char *names[LIMIT_COLUMNS];
    for (size_t at = 0; at < table->column_count; at++) {
        names[at] = table->columns[at].name;
        if (strcmp(names[at], name) == 0)
            return (int)at;
    }
    const char *closest = str_closest(name, names, table->column_count);
    cleanup_free char *quoted = names_quote(name);
    err_set(err, ERR_BAD_REQUEST, DESCRIPTION_FILE ": the %s of %s names no column: %s", what,
            table->name, quoted);
    if (closest)
        err_hint(err, "Did you mean \"%s\"?", closest);
    return -1;
}

static int mark_key(struct load_table *load, struct err *err) {
    const struct dataset_texts nothing = {0},
                               *key = load->described ? &load->described->key : &nothing;
    for (size_t i = 0; i < key->count; i++) {
        int column = find_named(load->table, "key", key->at[i], err);
        if (column < 0)
            return ERR_BAD_REQUEST;
        load->table->columns[column].is_key = true;
    }
    return 0;
}

static bool is_time(const struct dataset_column *column) {
    return column->type == DATASET_DATE || column->type == DATASET_TIMESTAMP;
}

// The declared one, or the first of dates or times.
static int choose_time_column(struct load_table *load, struct err *err) {
    struct dataset_table *table = load->table;
    const char *declared = load->described ? load->described->time_column : NULL;
    table->time_column = -1;
    for (size_t i = 0; i < table->column_count && !declared && table->time_column < 0; i++)
        if (is_time(&table->columns[i]) && !table->columns[i].hidden)
            table->time_column = (int)i;
    if (!declared)
        return 0;
    int column = find_named(table, "time_column", declared, err);
    if (column < 0)
        return ERR_BAD_REQUEST;
    const struct dataset_column *found = &table->columns[column];
    if (!is_time(found) && found->type != DATASET_INTEGER)
        return err_set(err, ERR_BAD_REQUEST,
                       DESCRIPTION_FILE ": the time_column of %s is %s, which is %s and not a "
                                        "date, a timestamp or an integer for years",
                       table->name, found->name, dataset_type_name(found->type));
    table->time_column = column;
    return 0;
}

// Columns without header and without any value are only delimiters too many.
static void choose_columns(struct load_table *load, bool has_decimal_comma, struct buf *problems) {
    int count = 0;
    for (size_t i = 0; i < load->column_count; i++) {
        struct load_column *column = &load->columns[i];
        bool is_empty = !*column->header && !column->described && column->inferred.value_count == 0;
        column->format = infer_format(
            &column->inferred, column->described ? column->described->type : -1, has_decimal_comma);
        column->column = is_empty ? -1 : count++;
        if (column->format.type == DATASET_TEXT)
            column->inside = infer_inside(&column->inferred);
        if (is_empty)
            load_problem(problems, "%s: column %zu has neither header nor values and is left out",
                         load->origin.source->file, i + 1);
    }
    load->table->columns = mem_zero((size_t)count, sizeof *load->table->columns);
    load->table->column_count = load->table->stored_count = (size_t)count;
}

static int describe_table(struct load_table *load, struct buf *problems, struct err *err) {
    static const struct description_table nothing;
    const struct description_table *described = load->described ? load->described : &nothing;
    struct dataset_table *table = load->table;
    cleanup_free char *title = names_title(described->name ? described->name : table->name);
    cleanup_free char *row = names_row(table->name);
    table->title = text_or(described->title, title);
    table->description = text_or(described->description, "");
    table->row = text_or(described->row, row);
    char **names = mem_zero(load->column_count, sizeof *names);
    int status = name_columns(load, names, problems, err);
    for (size_t i = 0; i < load->column_count; i++) {
        struct load_column *column = &load->columns[i];
        if (status || column->column < 0) {
            free(names[i]);
            continue;
        }
        struct dataset_column *target = &table->columns[column->column];
        describe_column(column, names[i], target);
        if (infer_is_order_guessed(&column->inferred, &column->format))
            load_problem(problems,
                         "%s: the dates in %s are read with the month first; none tells otherwise",
                         load->origin.source->file, target->name);
    }
    free(names);
    if (status)
        table->column_count = table->stored_count = 0;
    else
        companion_make(load);
    if (!status)
        status = mark_key(load, err);
    return status ? status : choose_time_column(load, err);
}

int load_infer(struct load_table *load, struct buf *problems, struct err *err) {
    struct rows *rows cleanup(rows_closep) = NULL;
    int status = survey_head(load, problems, err);
    if (!status)
        status = rows_open(&load->origin, NULL, &rows, err);
    if (!status)
        status = survey_rows(load, rows, err);
    if (status)
        return status;
    choose_columns(load, rows_has_decimal_comma(rows), problems);
    return describe_table(load, problems, err);
}

// ---- The table ----------------------------------------------------------------------------------

static void add_key(struct buf *sql, const struct dataset_table *table) {
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].is_key)
            buf_add_format(sql, "%s\"%s\"", count++ ? ", " : ",\n  PRIMARY KEY (",
                           table->columns[i].name);
    if (count)
        buf_add_text(sql, ")");
}

// The rowid is the row's place in the file. "INTEGER PRIMARY KEY" would make the key the rowid;
// "INT" has the same values and does not.
int load_create(sqlite3 *db, const struct dataset_schema *schema, const struct load_table *load,
                struct err *err) {
    static const char *const types[] = {"INTEGER",   "REAL",    "TEXT", "DATE",
                                        "TIMESTAMP", "BOOLEAN", "TIME"};
    const struct dataset_table *table = load->table;
    struct buf sql cleanup_buf = BUF(LIMIT_SCHEMA);
    buf_add_format(&sql, "CREATE TABLE \"%s\" (", table->name);
    for (size_t i = 0; i < table->stored_count; i++) {
        const struct dataset_column *column = &table->columns[i];
        buf_add_format(&sql, "%s\n  \"%s\" %s%s", i ? "," : "", column->name,
                       column->is_key && column->type == DATASET_INTEGER ? "INT"
                                                                         : types[column->type],
                       column->is_key ? " NOT NULL" : "");
    }
    add_key(&sql, table);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct dataset_column *column = &table->columns[i];
        if (column->references_table < 0)
            continue;
        const struct dataset_table *other = &schema->tables[column->references_table];
        buf_add_format(&sql, ",\n  FOREIGN KEY (\"%s\") REFERENCES \"%s\" (\"%s\")", column->name,
                       other->name, other->columns[column->references_column].name);
    }
    buf_add_text(&sql, "\n)");
    return load_run(db, buf_text(&sql), err);
}

// ---- The second pass ----------------------------------------------------------------------------

static int prepare_insert(sqlite3 *db, const struct dataset_table *table, sqlite3_stmt **ret_insert,
                          struct err *err) {
    struct buf sql cleanup_buf = BUF(LIMIT_SCHEMA);
    buf_add_format(&sql, "INSERT INTO \"%s\" VALUES (", table->name);
    for (size_t i = 0; i < table->stored_count; i++)
        buf_add_text(&sql, i ? ",?" : "?");
    buf_add_text(&sql, ")");
    return load_prepare(db, buf_text(&sql), ret_insert, err);
}

static int does_not_fit(const struct load_table *load, const struct load_column *column,
                        const struct csv_row *row, const char *text, struct err *err) {
    cleanup_free char *header = names_quote(column->header), *value = names_quote(text);
    if (!column->described || column->described->type < 0)
        return err_set(err, ERR_CONFLICT, "%s, line %lld: the file changed while it was read",
                       load->origin.source->file, (long long)row->line);
    return err_set(err, ERR_BAD_REQUEST,
                   "%s, line %lld: the column %s is declared as %s, but holds %s",
                   load->origin.source->file, (long long)row->line, header,
                   dataset_type_name(column->format.type), value);
}

static struct csv_cell cell_at(const struct load_table *load, const struct load_column *column,
                               const struct csv_row *row) {
    size_t at = (size_t)(column - load->columns);
    return at < row->count ? row->cells[at] : (struct csv_cell){"", 0};
}

// VALUE must stay until the row is inserted. COLUMN is its place in the table.
static int bind_value(sqlite3_stmt *insert, int column, const struct cell_value *value,
                      struct err *err) {
    int place = column + 1, code = SQLITE_OK;
    switch (value->kind) {
    case CELL_IS_NULL: code = sqlite3_bind_null(insert, place); break;
    case CELL_IS_INTEGER: code = sqlite3_bind_int64(insert, place, value->integer); break;
    case CELL_IS_REAL: code = sqlite3_bind_double(insert, place, value->real); break;
    case CELL_IS_TEXT:
        code = sqlite3_bind_text(insert, place, value->text, (int)value->length, SQLITE_STATIC);
        break;
    }
    return code == SQLITE_OK ? 0 : load_failure(sqlite3_db_handle(insert), err);
}

static int bind_cell(const struct load_table *load, const struct load_column *column,
                     const struct csv_row *row, sqlite3_stmt *insert, struct cell_value *value,
                     struct err *err) {
    struct csv_cell cell = cell_at(load, column, row);
    bool is_total = column->has_total_text && load->table->row_count + 1 == load->total_row;
    if (is_total)
        value->kind = CELL_IS_NULL;
    else if (cell_read(&column->format, cell.text, cell.length, value) < 0)
        return does_not_fit(load, column, row, cell.text, err);
    if (value->kind == CELL_IS_NULL && load->table->columns[column->column].is_key)
        return err_set(err, ERR_BAD_REQUEST, "%s, line %lld: %s is empty, but belongs to the key",
                       load->origin.source->file, (long long)row->line,
                       load->table->columns[column->column].name);
    return bind_value(insert, column->column, value, err);
}

// The companions' cells; VALUES are those of the whole table.
static int bind_companions(const struct load_table *load, const struct load_column *column,
                           const struct csv_row *row, sqlite3_stmt *insert,
                           struct cell_value *values, struct err *err) {
    struct csv_cell cell = cell_at(load, column, row);
    int status = 0;
    for (int as = DATASET_AS_TEXT; as < DATASET_DERIVATIONS && !status; as++) {
        int place = column->companions[as];
        if (place < 0)
            continue;
        companion_read(column, (enum dataset_derivation)as, cell.text, cell.length, &values[place]);
        status = bind_value(insert, place, &values[place], err);
    }
    return status;
}

static int insert_failure(sqlite3 *db, const struct load_table *load, const struct csv_row *row,
                          struct err *err) {
    if (sqlite3_errcode(db) != SQLITE_CONSTRAINT)
        return load_failure(db, err);
    struct buf key cleanup_buf = BUF(512);
    for (size_t i = 0; i < load->column_count; i++) {
        int column = load->columns[i].column;
        if (column < 0 || !load->table->columns[column].is_key)
            continue;
        cleanup_free char *value = names_quote(i < row->count ? row->cells[i].text : "");
        buf_add_format(&key, "%s%s %s", key.length ? ", " : "", load->table->columns[column].name,
                       value);
    }
    return err_set(err, ERR_BAD_REQUEST, "%s, line %lld: the key stands twice: %s",
                   load->origin.source->file, (long long)row->line, buf_text(&key));
}

// VALUES has room for the values of one row, whose dates are bound where they stand.
static int insert_row(const struct load_table *load, const struct csv_row *row,
                      sqlite3_stmt *insert, struct cell_value *values, struct err *err) {
    for (size_t i = 0; i < load->column_count; i++) {
        if (load->columns[i].column < 0)
            continue;
        const struct load_column *column = &load->columns[i];
        int status = bind_cell(load, column, row, insert, &values[column->column], err);
        if (!status)
            status = bind_companions(load, column, row, insert, values, err);
        if (status)
            return status;
    }
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    return code == SQLITE_DONE ? 0 : insert_failure(sqlite3_db_handle(insert), load, row, err);
}

static void count_row(struct csv_mended *mended, const struct csv_row *row) {
    if (mended->count++ == 0)
        mended->first_line = row->line;
}

static void report(const struct load_table *load, struct csv_mended mended, const char *what,
                   struct buf *problems) {
    if (mended.count == 1)
        load_problem(problems, "%s, line %lld: %s", load->origin.source->file,
                     (long long)mended.first_line, what);
    else if (mended.count > 1)
        load_problem(problems, "%s, line %lld: %s, and so for %lld in all",
                     load->origin.source->file, (long long)mended.first_line, what,
                     (long long)mended.count);
}

struct ragged {
    struct csv_mended short_rows, long_rows, left_out;
};

static void report_all(const struct load_table *load, const struct rows *rows,
                       const struct ragged *ragged, struct buf *problems) {
    report(load, ragged->short_rows,
           "the row has fewer cells than the header; the missing ones are empty", problems);
    report(load, ragged->long_rows,
           "the row has more cells than the header; they are in columns of their own", problems);
    report(load, ragged->left_out, "the row has more cells than a table can have and is left out",
           problems);
    report(load, rows_mended(rows, CSV_BLANK_ROWS), "the row has no values and is left out",
           problems);
    report(load, rows_mended(rows, CSV_BYTES), "the cell is not UTF-8 and is read as Windows-1252",
           problems);
    report(load, rows_mended(rows, CSV_QUOTES),
           "the cell goes on behind its closing quote; all of it is kept", problems);
    report(load, rows_mended(rows, CSV_ROUNDED),
           "the number has more digits than are kept of it; in quotes it would be text", problems);
    report(load, rows_mended(rows, CSV_BLOBS), "the cell has bytes that are no text and is empty",
           problems);
}

static void count_ragged(const struct load_table *load, const struct csv_row *row,
                         struct ragged *ragged) {
    if (!load->has_header)
        return;
    size_t width = row->count;
    while (width > load->header_count && row->cells[width - 1].length == 0)
        width--;
    if (width < load->header_count)
        count_row(&ragged->short_rows, row);
    else if (width > load->header_count)
        count_row(&ragged->long_rows, row);
}

static int fill_rows(sqlite3_stmt *insert, struct load_table *load, struct rows *rows,
                     struct buf *problems, struct err *err) {
    struct ragged ragged = {0};
    struct csv_row row;
    cleanup_free struct cell_value *values = mem_zero(load->table->stored_count, sizeof *values);
    int status = survey_skip_head(load, rows, &row, err);
    if (status)
        return status;
    while ((status = rows_next(rows, &row, err)) > 0) {
        if (survey_is_left_out(&row)) {
            count_row(&ragged.left_out, &row);
            continue;
        }
        count_ragged(load, &row, &ragged);
        status = insert_row(load, &row, insert, values, err);
        if (status)
            return status;
        load->table->row_count++;
    }
    if (!status)
        report_all(load, rows, &ragged, problems);
    return status;
}

int load_fill(sqlite3 *db, struct load_table *load, struct buf *problems, struct err *err) {
    struct hash *hash cleanup(hash_freep) = hash_new();
    struct rows *rows cleanup(rows_closep) = NULL;
    sqlite3_stmt *insert cleanup(load_finalizep) = NULL;
    int status = rows_open(&load->origin, hash, &rows, err);
    if (!status)
        status = prepare_insert(db, load->table, &insert, err);
    if (!status)
        status = fill_rows(insert, load, rows, problems, err);
    if (status)
        return status;
    if (load->origin.foreign)
        memcpy(load->hash, foreign_hash(load->origin.foreign), HASH_HEX_SIZE);
    else
        hash_hex(hash, load->hash);
    return 0;
}
