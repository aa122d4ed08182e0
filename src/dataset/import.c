// SPDX-License-Identifier: Apache-2.0
//
// Builds a data set's SQLite file (import.h, dataset.h). It may run where nothing can be opened any
// more: the database is in memory (SQLite's memdb, which gives its bytes without a copy), temporary
// tables too, and no clock, locale or time zone is asked. The same files give the same bytes.
//
// In order: types of all tables, so that references can be resolved; the tables and their rows;
// profile and value index; keys and references that nobody declared; indexes; metrics; the schema
// as JSON; then the bytes are written.
#include "dataset/import.h"

#include <strings.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"
#include "dataset/dataset.h"
#include "dataset/link.h"
#include "dataset/load.h"
#include "dataset/metric.h"
#include "dataset/names.h"
#include "dataset/profile.h"
#include "dataset/synonyms.h"
#include "dataset/trigram.h"

struct import {
    sqlite3 *db;
    const struct dataset_sources *sources;
    struct description *description; // NULL where there is none
    struct dataset_schema *schema;
    struct foreign **foreign; // for each source that is an SQLite file, else NULL
    struct load_table *loads; // for each table of the schema
    size_t load_count;
    struct buf *problems;
};

static void import_done(struct import *import) {
    for (size_t i = 0; i < import->load_count; i++)
        load_done(&import->loads[i]);
    free(import->loads);
    for (size_t i = 0; import->foreign && i < import->sources->count; i++)
        foreign_close(import->foreign[i]);
    free(import->foreign);
    description_free(import->description);
    dataset_schema_free(import->schema);
    sqlite3_close(import->db);
}

static bool has_described_tables(const struct import *import) {
    return import->description && import->description->table_count > 0;
}

// ---- The database -------------------------------------------------------------------------------

static int open_database(struct import *import, struct err *err) {
    // A name without a slash is this connection's alone.
    int code = sqlite3_open_v2(
        "file:sandglass-import?vfs=memdb", &import->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return err_set(err, ERR_INTERNAL, "cannot open a database in memory: %s",
                       sqlite3_errstr(code));
    sqlite3_int64 limit = LIMIT_IMPORTED;
    sqlite3_file_control(import->db, "main", SQLITE_FCNTL_SIZE_LIMIT, &limit);
    cleanup_free char *format = mem_format("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                           DATASET_APPLICATION_ID, DATASET_FORMAT);
    int status = load_run(
        import->db,
        "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = OFF; PRAGMA "
        "synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF",
        err);
    if (!status)
        status = load_run(import->db, format, err);
    return status ? status : load_run(import->db, "BEGIN", err);
}

// ---- Tables -------------------------------------------------------------------------------------

// Names of tables that nobody described: what they or their files are called.
static void name_tables(struct import *import) {
    char *names[LIMIT_TABLES];
    for (size_t i = 0; i < import->load_count; i++) {
        const struct rows_origin *origin = &import->loads[i].origin;
        cleanup_free char *stem = origin->foreign ? mem_text(origin->table)
                                                  : names_of_file(origin->source->file),
                          *made = names_make(stem, "t_");
        cleanup_free char *name = made ? mem_text(made) : mem_format("table_%zu", i + 1);
        names[i] = names_make_unique(name, names, i);
        import->schema->tables[i].name = names[i];
    }
}

static int open_foreign(struct import *import, struct err *err) {
    size_t count = import->sources->count;
    import->foreign = mem_zero(count, sizeof *import->foreign);
    int status = 0;
    for (size_t i = 0; i < count && !status; i++)
        if (foreign_is_sqlite(&import->sources->files[i]))
            status = foreign_open(&import->sources->files[i], &import->foreign[i], err);
    return status;
}

// The table of an SQLite file that dataset.json means.
static int find_foreign_table(const struct foreign *foreign,
                              const struct description_table *described, const char **ret_table,
                              struct err *err) {
    const struct dataset_texts *tables = foreign_tables(foreign);
    const char *wanted = described->table;
    if (!wanted && tables->count == 1) {
        *ret_table = tables->at[0];
        return 0;
    }
    for (size_t i = 0; i < tables->count && wanted; i++)
        if (strcasecmp(tables->at[i], wanted) == 0) {
            *ret_table = tables->at[i];
            return 0;
        }
    cleanup_free char *quoted = names_quote(wanted ? wanted : "");
    if (!wanted)
        return err_set(err, ERR_BAD_REQUEST,
                       DESCRIPTION_FILE ": %s has %zu tables, and \"table\" does not say which",
                       described->file, tables->count);
    err_set(err, ERR_BAD_REQUEST, DESCRIPTION_FILE ": %s has no table %s", described->file, quoted);
    const char *closest = str_closest(wanted, (const char *const *)tables->at, tables->count);
    return closest ? err_hint(err, "Did you mean \"%.80s\"?", closest) : ERR_BAD_REQUEST;
}

// One table for each description.
static int describe_origins(struct import *import, struct err *err) {
    for (size_t i = 0; i < import->load_count; i++) {
        struct load_table *load = &import->loads[i];
        load->described = &import->description->tables[i];
        load->origin = (struct rows_origin){.source = &import->sources->files[i],
                                            .foreign = import->foreign[i]};
        int status = load->origin.foreign
                         ? find_foreign_table(load->origin.foreign, load->described,
                                              &load->origin.table, err)
                         : 0;
        if (!status && !load->origin.foreign && load->described->table)
            status = err_set(err, ERR_BAD_REQUEST,
                             DESCRIPTION_FILE ": \"table\" is for SQLite files, and %s is none",
                             load->described->file);
        if (status)
            return status;
        load->table->name = mem_text(load->described->name);
    }
    return 0;
}

// One table for each file, and for each table of an SQLite file.
static void find_origins(struct import *import) {
    size_t at = 0;
    for (size_t i = 0; i < import->sources->count; i++) {
        struct rows_origin origin = {.source = &import->sources->files[i],
                                     .foreign = import->foreign[i]};
        const struct dataset_texts *tables = origin.foreign ? foreign_tables(origin.foreign) : NULL;
        for (size_t j = 0; j < (tables ? tables->count : 1); j++) {
            origin.table = tables ? tables->at[j] : NULL;
            import->loads[at++].origin = origin;
        }
    }
    name_tables(import);
}

static size_t count_tables(const struct import *import) {
    size_t count = 0;
    for (size_t i = 0; i < import->sources->count; i++)
        count += import->foreign[i] ? foreign_tables(import->foreign[i])->count : 1;
    return has_described_tables(import) ? import->sources->count : count;
}

static int prepare_tables(struct import *import, struct err *err) {
    int status = open_foreign(import, err);
    if (status)
        return status;
    size_t count = count_tables(import);
    if (count == 0 || count > LIMIT_TABLES ||
        (has_described_tables(import) && count != import->description->table_count))
        return err_set(err, ERR_BAD_REQUEST,
                       "%zu tables were given, which is not what the data set can have", count);
    import->schema->tables = mem_zero(count, sizeof *import->schema->tables);
    import->schema->table_count = count;
    import->loads = mem_zero(count, sizeof *import->loads);
    import->load_count = count;
    for (size_t i = 0; i < count; i++)
        import->loads[i].table = &import->schema->tables[i];
    if (has_described_tables(import))
        return describe_origins(import, err);
    find_origins(import);
    return 0;
}

static int load_tables(struct import *import, struct err *err) {
    int status = prepare_tables(import, err);
    for (size_t i = 0; i < import->schema->table_count && !status; i++)
        status = load_infer(&import->loads[i], import->problems, err);
    if (!status && has_described_tables(import))
        status = link_declared(import->loads, import->schema, err);
    for (size_t i = 0; i < import->schema->table_count && !status; i++)
        status = load_create(import->db, import->schema, &import->loads[i], err);
    for (size_t i = 0; i < import->schema->table_count && !status; i++)
        status = load_fill(import->db, &import->loads[i], import->problems, err);
    return status;
}

// ---- Metrics and prompts ------------------------------------------------------------------------

static void copy_texts(struct dataset_texts *to, const struct dataset_texts *from) {
    to->at = mem_zero(from->count, sizeof *to->at);
    for (; to->count < from->count; to->count++)
        to->at[to->count] = mem_text(from->at[to->count]);
}

static int take_metrics(struct import *import, struct err *err) {
    const struct description *description = import->description;
    size_t count = description ? description->metric_count : 0;
    struct dataset_schema *schema = import->schema;
    schema->metrics = mem_zero(count, sizeof *schema->metrics);
    for (size_t i = 0; i < count; i++) {
        const struct description_metric *from = &description->metrics[i];
        struct dataset_metric *to = &schema->metrics[schema->metric_count];
        int status = metric_check(import->db, from, &schema->tables[from->table], err);
        if (status)
            return status;
        schema->metric_count++;
        cleanup_free char *title = names_title(from->name);
        to->name = mem_text(from->name);
        to->title = mem_text(str_is_empty(from->title) ? title : from->title);
        to->expression = mem_text(from->expression);
        to->unit = mem_text(from->unit ? from->unit : "");
        to->table = from->table;
        copy_texts(&to->synonyms, &from->synonyms);
    }
    return 0;
}

static void take_prompts(struct import *import) {
    const struct description *description = import->description;
    struct dataset_schema *schema = import->schema;
    size_t count = description ? description->prompt_count : 0;
    if (count == 0)
        return;
    schema->prompts = mem_zero(count, sizeof *schema->prompts);
    for (; schema->prompt_count < count; schema->prompt_count++) {
        const struct description_prompt *from = &description->prompts[schema->prompt_count];
        schema->prompts[schema->prompt_count] = (struct dataset_prompt){
            .question = mem_text(from->question),
            .expect = from->expect ? cJSON_Duplicate(from->expect, true) : NULL};
    }
}

// ---- The whole ----------------------------------------------------------------------------------

// What `sha256sum dataset.json TABLES…` would print, hashed.
static void hash_data(struct import *import) {
    struct hash *hash cleanup(hash_freep) = hash_new();
    char hex[HASH_HEX_SIZE];
    const char *description = import->sources->description;
    if (description) {
        hash_hex_of(description, strlen(description), hex);
        cleanup_free char *line = mem_format("%s  %s\n", hex, DESCRIPTION_FILE);
        hash_add(hash, line, strlen(line));
    }
    for (size_t i = 0; i < import->load_count; i++) {
        // The tables of one SQLite file come one behind the other.
        const struct rows_origin *origin = &import->loads[i].origin;
        if (i && origin->source == import->loads[i - 1].origin.source)
            continue;
        cleanup_free char *line =
            mem_format("%s  %s\n", import->loads[i].hash, origin->source->file);
        hash_add(hash, line, strlen(line));
    }
    hash_hex(hash, hex);
    import->schema->data_sha256 = mem_text(hex);
}

static void describe(struct import *import) {
    static const struct description nothing;
    const struct description *description = import->description ? import->description : &nothing;
    struct dataset_schema *schema = import->schema;
    cleanup_free char *title = names_title(import->sources->name);
    schema->name = mem_text(import->sources->name);
    schema->title = mem_text(str_is_empty(description->title) ? title : description->title);
    schema->description = mem_text(description->description ? description->description : "");
    schema->license = mem_text(description->license ? description->license : "");
    schema->source_name = mem_text(description->source_name ? description->source_name : "");
    schema->source_url = mem_text(description->source_url ? description->source_url : "");
}

static int add_meta(sqlite3_stmt *insert, const char *key, const char *value, struct err *err) {
    sqlite3_bind_text(insert, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, value, -1, SQLITE_STATIC);
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    return code == SQLITE_DONE ? 0 : load_failure(sqlite3_db_handle(insert), err);
}

static int write_meta(struct import *import, struct err *err) {
    json *value cleanup_json = dataset_schema_write(import->schema);
    cleanup_free char *schema = json_write(value), *format = mem_format("%d", DATASET_FORMAT);
    sqlite3_stmt *insert cleanup(load_finalizep) = NULL;
    if (strlen(schema) > LIMIT_SCHEMA)
        return err_set(err, ERR_TOO_LARGE, "what is known of the columns takes more than %d MiB",
                       LIMIT_SCHEMA >> 20);
    int status = load_run(
        import->db,
        "CREATE TABLE sandglass_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        err);
    if (!status)
        status = load_prepare(import->db, "INSERT INTO sandglass_meta VALUES (?, ?)", &insert, err);
    const char *const meta[][2] = {{"data_sha256", import->schema->data_sha256},
                                   {"format", format},
                                   {"name", import->schema->name},
                                   {"schema", schema}};
    for (size_t i = 0; i < ARRAY_LENGTH(meta) && !status; i++)
        status = add_meta(insert, meta[i][0], meta[i][1], err);
    return status;
}

static int write_file(struct import *import, int output_fd, struct err *err) {
    int status = load_run(import->db, "ANALYZE; COMMIT", err);
    if (status)
        return status;
    sqlite3_int64 size = 0;
    unsigned char *bytes = sqlite3_serialize(import->db, "main", &size, SQLITE_SERIALIZE_NOCOPY);
    if (!bytes)
        return err_set(err, ERR_INTERNAL, "SQLite gives no bytes of its database in memory");
    status = fd_write_all(output_fd, bytes, (size_t)size, err);
    return status ? err_prefix(err, DATASET_FILE) : 0;
}

static int run(struct import *import, struct err *err) {
    int status = load_tables(import, err);
    if (!status)
        status = profile_make(import->db, import->schema, err);
    for (size_t i = 0; i < import->schema->table_count && !status; i++)
        status = synonyms_index(import->db, &import->loads[i], i, import->problems, err);
    if (!status)
        status = trigram_index(import->db, err);
    if (!status && !has_described_tables(import))
        status = link_found(import->db, import->schema, err);
    if (!status)
        status = link_index(import->db, import->schema, import->problems, err);
    if (!status)
        status = take_metrics(import, err);
    if (status)
        return status;
    take_prompts(import);
    describe(import);
    hash_data(import);
    return write_meta(import, err);
}

int dataset_import(const struct dataset_sources *sources, int output_fd, struct buf *problems,
                   struct err *err) {
    struct import import cleanup(import_done) = {.sources = sources, .problems = problems};
    import.schema = mem_zero(1, sizeof *import.schema);
    int status = 0;
    if (sources->description)
        status = description_parse(sources->description, strlen(sources->description),
                                   &import.description, err);
    if (!status)
        status = open_database(&import, err);
    if (!status)
        status = run(&import, err);
    return status ? status : write_file(&import, output_fd, err);
}
