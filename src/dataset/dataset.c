// SPDX-License-Identifier: Apache-2.0
//
// One data set's SQLite file, opened (dataset.h). The file may be a stranger's, and this is outside
// any sandbox: of it only the tables with the prefix sandglass_ are read, each must be a plain
// table, what they say is checked against the schema, and a lookup that takes too many
// steps is given up (lookup.c). One connection and one mutex serve all threads: a lookup takes
// microseconds.
#include "dataset/handle.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/label.h"

#define STEPS_PER_TICK 10000
#define TICKS_MAX 2000 // of one lookup: 20 million steps, which is about half a second

// ---- Opening ------------------------------------------------------------------------------------

// The URI of the file at PATH (RFC 3986): what is not plain is percent-encoded.
static char *uri_of(const char *path) {
    struct buf uri cleanup_buf = BUF(3 * strlen(path) + 64);
    buf_add_text(&uri, "file://");
    for (const unsigned char *at = (const unsigned char *)path; *at; at++) {
        bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                        (*at >= '0' && *at <= '9') || strchr("/-._~", *at);
        if (is_plain)
            buf_add_char(&uri, (char)*at);
        else
            buf_add_format(&uri, "%%%02X", *at);
    }
    buf_add_text(&uri, "?immutable=1");
    return buf_take(&uri);
}

static int corrupt(const struct dataset *dataset, const char *why, struct err *err) {
    err_set(err, ERR_CORRUPT, "%s/%s cannot be used: %.200s", dataset->folder, DATASET_FILE, why);
    return err_hint(err, "Build it again from its tables.");
}

static int count_ticks(void *context) {
    struct dataset *dataset = context;
    return ++dataset->ticks > TICKS_MAX;
}

static int connect(struct dataset *dataset, struct err *err) {
    cleanup_free char *path = path_join(dataset->folder, DATASET_FILE), *uri = uri_of(path);
    if (!path_is_file(path))
        return err_set(err, ERR_NOT_FOUND, "%s is not there", path);
    int code = sqlite3_open_v2(uri, &dataset->db,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return err_set(err, ERR_IO, "cannot open %s: %s", path, sqlite3_errmsg(dataset->db));
    sqlite3_limit(dataset->db, SQLITE_LIMIT_LENGTH, LIMIT_SCHEMA);
    sqlite3_db_config(dataset->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(dataset->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_progress_handler(dataset->db, STEPS_PER_TICK, count_ticks, dataset);
    // No memory map: a file that somebody truncates must not end the server by a signal.
    code = sqlite3_exec(
        dataset->db, "PRAGMA mmap_size = 0; PRAGMA cache_size = -256; PRAGMA cell_size_check = ON",
        NULL, NULL, NULL);
    if (code == SQLITE_NOTADB)
        return corrupt(dataset, "it is no SQLite file", err);
    return code == SQLITE_OK ? 0 : corrupt(dataset, sqlite3_errmsg(dataset->db), err);
}

// The integer that SQL gives; -1 where it gives none.
static int64_t ask_integer(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

// Whether the file has all of its pages: SQLite itself does not notice that the last is short.
static bool is_whole(const struct dataset *dataset) {
    cleanup_free char *path = path_join(dataset->folder, DATASET_FILE);
    struct stat file;
    int64_t pages = ask_integer(dataset->db, "PRAGMA page_count");
    int64_t size = ask_integer(dataset->db, "PRAGMA page_size");
    return stat(path, &file) == 0 && pages > 0 && size > 0 && file.st_size == pages * size;
}

static int check_format(struct dataset *dataset, struct err *err) {
    int64_t application = ask_integer(dataset->db, "PRAGMA application_id");
    if (sqlite3_errcode(dataset->db) == SQLITE_NOTADB)
        return corrupt(dataset, "it is no SQLite file", err);
    if (application < 0)
        return corrupt(dataset, sqlite3_errmsg(dataset->db), err);
    if (application != DATASET_APPLICATION_ID)
        return corrupt(dataset, "it is an SQLite file, but not one that this program made", err);
    int64_t format = ask_integer(dataset->db, "PRAGMA user_version");
    if (format != DATASET_FORMAT) {
        cleanup_free char *why = mem_format("it has format %lld, and this program reads %d",
                                            (long long)format, DATASET_FORMAT);
        return corrupt(dataset, why, err);
    }
    if (!is_whole(dataset))
        return corrupt(dataset, "its end is missing", err);
    int64_t tables = ask_integer(
        dataset->db,
        "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
        "name IN ('sandglass_meta', 'sandglass_value', 'sandglass_word', 'sandglass_part', "
        "'sandglass_trigram')");
    return tables == 5 ? 0 : corrupt(dataset, "its own tables are not there", err);
}

static int parse_schema(struct dataset *dataset, sqlite3_stmt *statement, struct err *err) {
    struct err why = {0};
    json *value cleanup_json = NULL;
    if (sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_type(statement, 0) != SQLITE_TEXT)
        return corrupt(dataset, "its schema is not there", err);
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    int status = json_parse(text, (size_t)sqlite3_column_bytes(statement, 0), &value, &why);
    if (!status)
        status = dataset_schema_read(value, &dataset->schema, &why);
    if (!status) {
        dataset_find_labels(dataset->schema);
        return 0;
    }
    err_prefix(&why, "its schema");
    return corrupt(dataset, why.message, err);
}

static int read_schema(struct dataset *dataset, struct err *err) {
    sqlite3_stmt *statement = NULL;
    int status;
    if (sqlite3_prepare_v2(dataset->db, "SELECT value FROM sandglass_meta WHERE key = 'schema'", -1,
                           &statement, NULL))
        status = corrupt(dataset, sqlite3_errmsg(dataset->db), err);
    else
        status = parse_schema(dataset, statement, err);
    sqlite3_finalize(statement);
    return status;
}

// Whether the tables of the schema are those of the file.
static int check_tables(struct dataset *dataset, struct err *err) {
    for (size_t i = 0; i < dataset->schema->table_count; i++) {
        const struct dataset_table *table = &dataset->schema->tables[i];
        for (size_t j = 0; j < table->stored_count; j++)
            if (sqlite3_table_column_metadata(dataset->db, "main", table->name,
                                              table->columns[j].name, NULL, NULL, NULL, NULL,
                                              NULL) != SQLITE_OK) {
                cleanup_free char *why =
                    mem_format("%s.%s is not there", table->name, table->columns[j].name);
                return corrupt(dataset, why, err);
            }
    }
    return 0;
}

// A statement that is prepared once and run under the mutex.
static int prepare(struct dataset *dataset, const char *sql, sqlite3_stmt **ret_statement,
                   struct err *err) {
    if (sqlite3_prepare_v3(dataset->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL))
        return corrupt(dataset, sqlite3_errmsg(dataset->db), err);
    return 0;
}

static int prepare_lookups(struct dataset *dataset, struct err *err) {
    static const char *const sql[LOOKUPS] = {
        [LOOKUP_EQUAL] =
            "SELECT table_no, column_no, value, row_count, key, NULL FROM sandglass_value WHERE "
            "key = ?1 ORDER BY row_count DESC, table_no, column_no, value",
        [LOOKUP_CONTAINING] =
            "SELECT v.table_no, v.column_no, v.value, v.row_count, v.key, NULL FROM sandglass_word "
            "AS w CROSS JOIN sandglass_value AS v ON v.key = w.key WHERE w.word = ?1 "
            "ORDER BY v.row_count DESC, v.table_no, v.column_no, v.value",
        [LOOKUP_PART] =
            "SELECT table_no, column_no, value, row_count, key, part FROM sandglass_part WHERE "
            "key = ?1 ORDER BY row_count DESC, table_no, column_no, value",
        [LOOKUP_WORD] = "SELECT 1 FROM sandglass_word WHERE word = ?1",
        [LOOKUP_TRIGRAMS] =
            "SELECT word, count(*) AS shared FROM sandglass_trigram WHERE trigram IN (SELECT value "
            "FROM json_each(?1)) GROUP BY word HAVING shared >= ?2 ORDER BY shared DESC, word",
    };
    int status = 0;
    for (size_t i = 0; i < LOOKUPS && !status; i++)
        status = prepare(dataset, sql[i], &dataset->lookups[i], err);
    return status;
}

int dataset_open(const char *folder, struct dataset **ret_dataset, struct err *err) {
    cleanup_free char *absolute = realpath(folder, NULL);
    if (!absolute)
        return err_set(err, ERR_NOT_FOUND, "%s is not there", folder);
    struct dataset *dataset cleanup(dataset_closep) = mem_zero(1, sizeof *dataset);
    pthread_mutex_init(&dataset->mutex, NULL);
    atomic_init(&dataset->holders, 1);
    for (size_t i = 0; i < DATASET_MADE; i++)
        pthread_mutex_init(&dataset->made[i].mutex, NULL);
    dataset->folder = mem_take(absolute);
    int status = connect(dataset, err);
    if (!status)
        status = check_format(dataset, err);
    if (!status)
        status = read_schema(dataset, err);
    if (!status)
        status = check_tables(dataset, err);
    if (!status)
        status = prepare_lookups(dataset, err);
    if (status)
        return status;
    *ret_dataset = mem_take(dataset);
    return 0;
}

struct dataset *dataset_keep(struct dataset *dataset) {
    if (dataset)
        atomic_fetch_add(&dataset->holders, 1);
    return dataset;
}

void dataset_remove_when_closed(struct dataset *dataset) {
    atomic_store(&dataset->goes_when_closed, true);
}

void dataset_close(struct dataset *dataset) {
    if (!dataset || atomic_fetch_sub(&dataset->holders, 1) > 1)
        return;
    for (size_t i = 0; i < LOOKUPS; i++)
        sqlite3_finalize(dataset->lookups[i]);
    sqlite3_close(dataset->db);
    for (size_t i = DATASET_MADE; i > 0; i--) {
        if (dataset->made[i - 1].at)
            dataset->made[i - 1].free(dataset->made[i - 1].at);
        pthread_mutex_destroy(&dataset->made[i - 1].mutex);
    }
    dataset_schema_free(dataset->schema);
    pthread_mutex_destroy(&dataset->mutex);
    if (atomic_load(&dataset->goes_when_closed))
        path_remove_folder(dataset->folder);
    free(dataset->folder);
    free(dataset);
}

const struct dataset_schema *dataset_schema(const struct dataset *dataset) {
    return dataset->schema;
}

const void *dataset_make(const struct dataset *dataset, enum dataset_made what,
                         dataset_make_function *make, dataset_free_function *free_made) {
    struct dataset *own = (struct dataset *)dataset;
    pthread_mutex_lock(&own->made[what].mutex);
    if (!own->made[what].at) {
        own->made[what].at = make(own);
        own->made[what].free = free_made;
    }
    void *made = own->made[what].at;
    pthread_mutex_unlock(&own->made[what].mutex);
    return made;
}

static void replace_text(char **text, const char *with) {
    if (!with)
        return;
    free(*text);
    *text = mem_text(with);
}

void dataset_set_name(struct dataset *dataset, const char *name) {
    replace_text(&dataset->schema->name, name);
}

void dataset_set_words(struct dataset *dataset, const char *title, const char *description) {
    replace_text(&dataset->schema->title, title);
    replace_text(&dataset->schema->description, description);
}

const char *dataset_folder(const struct dataset *dataset) { return dataset->folder; }
const char *dataset_library(void) { return "SQLite " SQLITE_VERSION; }
