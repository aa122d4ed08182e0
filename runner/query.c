// SPDX-License-Identifier: Apache-2.0
//
// See query.h. Three limits end a query from within: the deadline (a handler that SQLite calls
// every thousand instructions), SQLite's heap ceiling, and the bytes of the result, counted as rows
// are added. What they cannot reach, a single call that takes long, the server's kill does.
#include "runner/query.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"
#include "runner/authorizer.h"
#include "runner/vfs.h"

#define STEPS_BETWEEN_CHECKS 1000
#define CELL_OVERHEAD 4 // quotes, comma, bracket: bytes of JSON beside a cell's own text

struct query_data {
    sqlite3 *connection;
    int code;       // SQLITE_OK, or what opening it ended with
    char hash[130]; // of the tables it was made from
};

struct query {
    const struct run_request *request;
    const char *sql; // the request's own, or an alternative's
    const json *params;
    sqlite3 *connection;
    sqlite3_stmt *statement;
    struct authorizer authorizer;
    int64_t deadline_us, result_bytes;
    bool is_late;
    json *columns, *rows;
    unsigned char *seen; // per column, a bit for each of SQLite's types among its values
    int64_t row_count;
    bool is_truncated;
};

int query_prepare(int64_t heap_bytes, struct err *err) {
    // The runner has one thread, so SQLite needs no mutex.
    if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1) != SQLITE_OK ||
        sqlite3_initialize() != SQLITE_OK)
        return err_set(err, ERR_INTERNAL, "SQLite does not start");
    sqlite3_hard_heap_limit64(heap_bytes);
    return 0;
}

const char *query_library(void) { return "SQLite " SQLITE_VERSION; }

static int check_deadline(void *context) {
    struct query *query = context;
    query->is_late = clock_monotonic_us() > query->deadline_us;
    return query->is_late;
}

static enum outcome fail(const struct query *query, int code, struct err *err) {
    // SQLite reports a refused function as a plain error; the authorizer knows better.
    switch (*query->authorizer.refusal ? SQLITE_AUTH : code & 0xFF) {
    case SQLITE_INTERRUPT:
        err_set(err, ERR_CANCELLED, "The query was still running after %lld ms, so it was ended.",
                (long long)query->request->timeout_ms);
        return OUTCOME_TIMED_OUT;
    case SQLITE_NOMEM:
        err_set(err, ERR_TOO_LARGE, "%s", outcome_sentence(OUTCOME_OUT_OF_MEMORY));
        return OUTCOME_OUT_OF_MEMORY;
    case SQLITE_AUTH:
        err_set(err, ERR_REFUSED, "This statement would %s, which is not allowed here.",
                *query->authorizer.refusal ? query->authorizer.refusal : "do more than read");
        err_hint(err, "Write one SELECT that reads the tables of the data set.");
        return OUTCOME_REQUEST_REFUSED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        err_set(err, ERR_CORRUPT, "The data set's file is damaged (%s).",
                sqlite3_errmsg(query->connection));
        err_hint(err, "Build it again: app dataset build.");
        return OUTCOME_INTERNAL_ERROR;
    default: break;
    }
    int offset = sqlite3_error_offset(query->connection);
    const char *message = sqlite3_errmsg(query->connection);
    err_set(err, ERR_BAD_REQUEST,
            offset < 0 ? "SQLite: %s." : "SQLite: %s (at character %d of the SQL).", message,
            offset);
    return OUTCOME_QUERY_FAILED;
}

static int open_connection(struct query_data *data) {
    int code = sqlite3_open_v2("data", &data->connection,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, VFS_NAME);
    if (code != SQLITE_OK)
        return code;
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024},
        {SQLITE_LIMIT_SQL_LENGTH, LIMIT_SQL},
        {SQLITE_LIMIT_EXPR_DEPTH, 200},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
        {SQLITE_LIMIT_VARIABLE_NUMBER, LIMIT_PARAMS},
        {SQLITE_LIMIT_COLUMN, LIMIT_RESULT_COLUMNS},
        {SQLITE_LIMIT_COMPOUND_SELECT, 100},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(limits); i++)
        sqlite3_limit(data->connection, limits[i].limit, limits[i].value);
    sqlite3_db_config(data->connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(data->connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_extended_result_codes(data->connection, 1);
    return sqlite3_exec(data->connection, "PRAGMA mmap_size=2147418112; PRAGMA temp_store=MEMORY",
                        NULL, NULL, NULL);
}

// The hash that was noted at import; read before the authorizer closes the table.
static int read_hash(struct query_data *data) {
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(data->connection,
                                  "SELECT value FROM sandglass_meta WHERE key='data_sha256'", -1,
                                  &statement, NULL);
    if (code != SQLITE_OK)
        return code == SQLITE_ERROR ? SQLITE_CORRUPT : code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        snprintf(data->hash, sizeof data->hash, "%s",
                 (const char *)sqlite3_column_text(statement, 0));
    return sqlite3_finalize(statement) != SQLITE_OK || code != SQLITE_ROW ? SQLITE_CORRUPT
                                                                          : SQLITE_OK;
}

struct query_data *query_open_data(void) {
    struct query_data *data = mem_zero(1, sizeof *data);
    data->code = open_connection(data);
    if (data->code == SQLITE_OK)
        data->code = read_hash(data);
    return data;
}

int query_write_empty(int fd, struct err *err) {
    static const char sql[] = "CREATE TABLE sandglass_meta (key TEXT PRIMARY KEY, value);"
                              "INSERT INTO sandglass_meta VALUES ('data_sha256', '')";
    sqlite3 *connection = NULL;
    sqlite3_int64 size = 0;
    unsigned char *image = NULL;
    if (sqlite3_open(":memory:", &connection) == SQLITE_OK &&
        sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK)
        image = sqlite3_serialize(connection, "main", &size, 0);
    int status = image ? fd_write_all(fd, image, (size_t)size, err)
                       : err_set(err, ERR_INTERNAL, "SQLite makes no database");
    sqlite3_free(image);
    sqlite3_close(connection);
    sqlite3_shutdown(); // query_prepare() configures it anew
    return status;
}

static int bind_params(struct query *query, struct err *err) {
    int wanted = sqlite3_bind_parameter_count(query->statement),
        given = cJSON_GetArraySize(query->params);
    if (wanted != given)
        return err_set(err, ERR_BAD_REQUEST,
                       "The SQL has %d parameters, but %d values were given for them.", wanted,
                       given);
    const json *value;
    int index = 0;
    cJSON_ArrayForEach (value, query->params) {
        index++;
        double number = value->valuedouble;
        if (cJSON_IsString(value))
            sqlite3_bind_text(query->statement, index, value->valuestring, -1, SQLITE_STATIC);
        else if (cJSON_IsBool(value))
            sqlite3_bind_int(query->statement, index, cJSON_IsTrue(value));
        else if (cJSON_IsNumber(value) && number == floor(number) && fabs(number) < 9.2e18)
            sqlite3_bind_int64(query->statement, index, (sqlite3_int64)number);
        else if (cJSON_IsNumber(value))
            sqlite3_bind_double(query->statement, index, number);
    }
    return 0;
}

// What SQLite makes no statement of is white space and comments.
static bool has_statement(sqlite3 *connection, const char *sql) {
    while (*sql) {
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(connection, sql, -1, &statement, &sql);
        sqlite3_finalize(statement);
        if (code != SQLITE_OK || statement)
            return true;
    }
    return false;
}

static enum outcome compile(struct query *query, struct err *err) {
    const char *tail = "";
    int code = sqlite3_prepare_v2(query->connection, query->sql, -1, &query->statement, &tail);
    if (code != SQLITE_OK)
        return fail(query, code, err);
    if (!query->statement)
        err_set(err, ERR_BAD_REQUEST, "The SQL holds no statement.");
    else if (has_statement(query->connection, tail))
        err_set(err, ERR_BAD_REQUEST,
                "The SQL holds more than one statement; only one SELECT is allowed.");
    else if (!sqlite3_stmt_readonly(query->statement) ||
             sqlite3_column_count(query->statement) == 0)
        err_set(err, ERR_REFUSED, "This statement does not read; only one SELECT is allowed.");
    else if (bind_params(query, err) == 0)
        return OUTCOME_COMPLETED;
    return OUTCOME_REQUEST_REFUSED;
}

static json *blob_cell(const unsigned char *bytes, int length) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    cleanup_buf struct buf text = BUF((size_t)length * 2 + 8);
    for (int i = 0; i < length; i += 3) {
        unsigned group = (unsigned)bytes[i] << 16 |
                         (i + 1 < length ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (i + 2 < length ? bytes[i + 2] : 0);
        char out[4] = {alphabet[group >> 18], alphabet[group >> 12 & 63],
                       i + 1 < length ? alphabet[group >> 6 & 63] : '=',
                       i + 2 < length ? alphabet[group & 63] : '='};
        buf_add(&text, out, sizeof out);
    }
    json *cell = cJSON_CreateObject();
    json_add_text(cell, "base64", buf_text(&text));
    return cell;
}

// The letters of VALUE as it is written.
static int digits_of(int64_t value) {
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int digits = value < 0 ? 2 : 1;
    for (; rest > 9; rest /= 10)
        digits++;
    return digits;
}

static json *cell_of(struct query *query, int column) {
    sqlite3_stmt *statement = query->statement;
    int length, type = sqlite3_column_type(statement, column);
    query->seen[column] = (unsigned char)(query->seen[column] | 1u << type);
    switch (type) {
    case SQLITE_INTEGER:
        query->result_bytes += digits_of(sqlite3_column_int64(statement, column));
        return json_new_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
        query->result_bytes += 24;
        return isfinite(sqlite3_column_double(statement, column))
                   ? cJSON_CreateNumber(sqlite3_column_double(statement, column))
                   : cJSON_CreateNull();
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(statement, column);
        length = sqlite3_column_bytes(statement, column);
        query->result_bytes += length;
        // A text with bytes that are no UTF-8 or a NUL in it has no JSON; it travels as the bytes
        // that it is.
        bool is_text =
            text && strlen(text) == (size_t)length && str_is_utf8(text, (size_t)length, NULL);
        return is_text ? cJSON_CreateString(text)
                       : blob_cell((const unsigned char *)text, text ? length : 0);
    }
    case SQLITE_BLOB:
        length = sqlite3_column_bytes(statement, column);
        query->result_bytes += length + length / 3;
        return blob_cell(sqlite3_column_blob(statement, column), length);
    default: query->result_bytes += 4; return cJSON_CreateNull();
    }
}

static const char *declared_type(const char *declared) {
    static const struct {
        const char *declared, *type;
    } types[] = {{"INTEGER", "integer"}, {"REAL", "real"},           {"TEXT", "text"},
                 {"DATE", "date"},       {"TIMESTAMP", "timestamp"}, {"BOOLEAN", "boolean"},
                 {"TIME", "time"}};
    for (size_t i = 0; declared && i < ARRAY_LENGTH(types); i++)
        if (strcmp(types[i].declared, declared) == 0)
            return types[i].type;
    return NULL;
}

// For an expression the values tell: integers and reals together are real, anything with a text is
// text.
static const char *observed_type(unsigned seen) {
    static const struct {
        int type;
        const char *name;
    } types[] = {{SQLITE_TEXT, "text"},
                 {SQLITE_BLOB, "blob"},
                 {SQLITE_FLOAT, "real"},
                 {SQLITE_INTEGER, "integer"}};
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
        if (seen & 1u << types[i].type)
            return types[i].name;
    return "null";
}

static void add_columns(struct query *query) {
    for (int i = 0; i < sqlite3_column_count(query->statement); i++) {
        const char *name = sqlite3_column_name(query->statement, i);
        json *column = cJSON_CreateObject();
        json_add_text(column, "name", name ? name : "");
        const char *type = declared_type(sqlite3_column_decltype(query->statement, i));
        json_add_text(column, "type", type ? type : observed_type(query->seen[i]));
        cJSON_AddItemToArray(query->columns, column);
    }
}

static enum outcome read_rows(struct query *query, struct err *err) {
    int code, width = sqlite3_column_count(query->statement);
    query->seen = mem_zero((size_t)width, 1);
    for (int i = 0; i < width; i++)
        query->result_bytes += 24 + (int64_t)strlen(sqlite3_column_name(query->statement, i));
    while ((code = sqlite3_step(query->statement)) == SQLITE_ROW) {
        if (query->row_count == query->request->max_rows) {
            query->is_truncated = true;
            return OUTCOME_COMPLETED;
        }
        json *row = cJSON_CreateArray();
        for (int i = 0; i < width; i++) {
            cJSON_AddItemToArray(row, cell_of(query, i));
            query->result_bytes += CELL_OVERHEAD;
        }
        cJSON_AddItemToArray(query->rows, row);
        query->row_count++;
        if (query->result_bytes > query->request->max_result_bytes) {
            err_set(err, ERR_TOO_LARGE,
                    "The result has more than %lld bytes, which is as large as a result may be.",
                    (long long)query->request->max_result_bytes);
            return OUTCOME_RESULT_TOO_LARGE;
        }
    }
    return code == SQLITE_DONE ? OUTCOME_COMPLETED : fail(query, code, err);
}

// Runs one statement of the request; columns and rows are RESULT's.
static enum outcome run_statement(struct query *query, json *result, struct err *err) {
    query->columns = json_add_array(result, "columns");
    query->rows = cJSON_CreateArray();
    query->statement = NULL;
    query->seen = NULL;
    query->row_count = 0;
    query->is_truncated = false;
    *query->authorizer.refusal = '\0';
    enum outcome outcome = compile(query, err);
    if (outcome == OUTCOME_COMPLETED)
        outcome = read_rows(query, err);
    if (outcome == OUTCOME_COMPLETED) {
        add_columns(query);
    } else {
        cJSON_Delete(query->rows);
        query->rows = cJSON_CreateArray();
        query->row_count = 0;
        query->is_truncated = false;
    }
    json_add(result, "rows", query->rows);
    json_add_integer(result, "row_count", query->row_count);
    json_add_bool(result, "truncated", query->is_truncated);
    free(query->seen);
    return outcome;
}

// The other queries of the request. One that fails says so in its own result; the time and the
// bytes that are left are those of all.
static void run_alternatives(struct query *query, json *result) {
    const json *alternative;
    if (!query->request->alternatives)
        return;
    json *results = json_add_array(result, "alternatives");
    cJSON_ArrayForEach (alternative, query->request->alternatives) {
        struct err err = {0};
        json *own = cJSON_CreateObject();
        cJSON_AddItemToArray(results, own);
        query->sql = json_text(alternative, "sql");
        query->params = cJSON_GetObjectItemCaseSensitive(alternative, "params");
        int64_t before_bytes = query->result_bytes;
        if (run_statement(query, own, &err) != OUTCOME_COMPLETED) {
            json_add_text(json_add_object(own, "error"), "message", err.message);
            query->result_bytes = before_bytes;
        }
        sqlite3_finalize(query->statement);
    }
}

enum outcome query_run(struct query_data *data, const struct run_request *request, json *result,
                       struct query_stats *ret_stats, struct err *err) {
    struct query query = {.request = request,
                          .sql = request->sql,
                          .params = request->params,
                          .connection = data->connection};
    query.deadline_us = clock_monotonic_us() + request->timeout_ms * 1000;
    enum outcome outcome;
    if (*data->hash)
        json_add_text(result, "data_sha256", data->hash);
    if (data->code == SQLITE_OK) {
        authorizer_install(&query.authorizer, query.connection);
        sqlite3_progress_handler(query.connection, STEPS_BETWEEN_CHECKS, check_deadline, &query);
        outcome = run_statement(&query, result, err);
    } else {
        outcome = fail(&query, data->code, err);
        json_add_array(result, "columns");
        json_add_array(result, "rows");
        json_add_integer(result, "row_count", 0);
        json_add_bool(result, "truncated", false);
    }
    if (outcome == OUTCOME_COMPLETED)
        ret_stats->vm_steps = sqlite3_stmt_status(query.statement, SQLITE_STMTSTATUS_VM_STEP, 0);
    sqlite3_finalize(query.statement);
    if (outcome == OUTCOME_COMPLETED)
        run_alternatives(&query, result);
    sqlite3_close_v2(data->connection);
    free(data);
    return outcome;
}
