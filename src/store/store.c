// SPDX-License-Identifier: Apache-2.0
//
// See store.h. One connection behind a mutex: writes are short, and SQLite would serialise them
// anyway. WAL with synchronous=NORMAL: a commit survives the death of the process, not always the
// loss of power.
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "store/migrations.h"

#define TITLE_BYTES 80

struct store {
    sqlite3 *connection;
    char *path;
    int lock_fd;
    pthread_mutex_t mutex;
};

// ---- Statements ---------------------------------------------------------------------------------

static int fail(struct store *store, struct err *err) {
    int code = sqlite3_errcode(store->connection) & 0xFF;
    if (code == SQLITE_FULL) {
        err_set(err, ERR_IO, "nothing more can be stored: the disk with %s is full", store->path);
        return err_hint(err, "Free some room; nothing stored before is lost.");
    }
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return err_set(err, ERR_CORRUPT, "%s is damaged (%s)", store->path,
                       sqlite3_errmsg(store->connection));
    return err_set(err, ERR_IO, "cannot use %s (%s)", store->path,
                   sqlite3_errmsg(store->connection));
}

// Prepares SQL and binds what KINDS says of the arguments: t a text (NULL is null), i an int64_t.
static int prepare(struct store *store, sqlite3_stmt **ret_statement, struct err *err,
                   const char *sql, const char *kinds, ...) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(store->connection, sql, -1, &statement, NULL) != SQLITE_OK)
        return fail(store, err);
    va_list arguments;
    va_start(arguments, kinds);
    for (int i = 0; kinds[i]; i++) {
        if (kinds[i] == 't')
            sqlite3_bind_text(statement, i + 1, va_arg(arguments, const char *), -1,
                              SQLITE_TRANSIENT);
        else
            sqlite3_bind_int64(statement, i + 1, va_arg(arguments, int64_t));
    }
    va_end(arguments);
    *ret_statement = statement;
    return 0;
}

// Steps once and is done with the statement.
static int finish(struct store *store, sqlite3_stmt *statement, struct err *err) {
    int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : fail(store, err);
}

static int execute(struct store *store, const char *sql, struct err *err) {
    return sqlite3_exec(store->connection, sql, NULL, NULL, NULL) == SQLITE_OK ? 0
                                                                               : fail(store, err);
}

// Ends a transaction that STATUS tells how it went; a rollback cannot fail in a way that matters.
static int commit(struct store *store, int status, struct err *err) {
    if (status == 0)
        status = execute(store, "COMMIT", err);
    if (status)
        sqlite3_exec(store->connection, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static json *column_json(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    json *value = NULL;
    struct err ignored;
    if (text)
        json_parse(text, (size_t)sqlite3_column_bytes(statement, column), &value, &ignored);
    return value;
}

static void lock(struct store *store) { pthread_mutex_lock(&store->mutex); }
static void unlock(struct store **store) { pthread_mutex_unlock(&(*store)->mutex); }
#define LOCKED(store)                                                                              \
    struct store *locked_store cleanup(unlock) = (lock(store), store);                             \
    (void)locked_store

// ---- Opening ------------------------------------------------------------------------------------

static int lock_folder(struct store *store, const char *folder, struct err *err) {
    cleanup_free char *path = path_join(folder, "lock");
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock_fd < 0) {
        err_set_errno(err, errno, "cannot write to the state folder %s", folder);
        return err_hint(err, "Name another with --state or STATE_PATH.");
    }
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        err_set(err, ERR_CONFLICT, "another server uses the state folder %s", folder);
        return err_hint(err, "Stop it, or name another folder with --state or STATE_PATH.");
    }
    return 0;
}

static const char interrupt_all[] = "UPDATE turn SET status = 'interrupted', body = json_set(body, "
                                    "'$.status', 'interrupted', '$.error', json_object("
                                    "'code', 'interrupted', 'message', 'The server stopped while "
                                    "this was under way.', 'hint', 'Ask again.'))"
                                    " WHERE status = 'running';"
                                    "UPDATE run SET outcome = 'interrupted', body = json_set(body, "
                                    "'$.outcome', 'interrupted') WHERE outcome IS NULL;";

static int open_database(struct store *store, struct err *err) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(store->path, &store->connection, flags, NULL) != SQLITE_OK)
        return fail(store, err);
    sqlite3_busy_timeout(store->connection, 2000);
    int status =
        execute(store,
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY",
                err);
    if (status == 0 && (status = migrations_run(store->connection, err)) != 0)
        return err_prefix(err, "%s", store->path);
    return status == 0 ? execute(store, interrupt_all, err) : status;
}

int store_open(const char *folder, struct store **ret_store, struct err *err) {
    struct store *store cleanup(store_closep) = mem_zero(1, sizeof *store);
    pthread_mutex_init(&store->mutex, NULL);
    store->lock_fd = -1;
    store->path = path_join(folder, STORE_FILE);
    int status = path_make_folder(folder, 0700, err);
    if (status == 0)
        status = lock_folder(store, folder, err);
    if (status == 0)
        status = open_database(store, err);
    if (status == 0)
        *ret_store = mem_take(store);
    return status;
}

void store_close(struct store *store) {
    if (!store)
        return;
    sqlite3_close_v2(store->connection);
    fd_close(&store->lock_fd);
    pthread_mutex_destroy(&store->mutex);
    free(store->path);
    free(store);
}

// ---- Conversations ------------------------------------------------------------------------------

#define CONVERSATION_COLUMNS                                                                       \
    "c.id, c.title, c.dataset, c.created_ms, c.updated_ms, (SELECT count(*) FROM turn t WHERE "    \
    "t.conversation_id = c.id)"

static json *conversation_of(sqlite3_stmt *statement) {
    char time[CLOCK_ISO_SIZE];
    json *object = cJSON_CreateObject();
    json_add_text(object, "id", (const char *)sqlite3_column_text(statement, 0));
    json_add_text(object, "title", (const char *)sqlite3_column_text(statement, 1));
    json_add_text(object, "dataset", (const char *)sqlite3_column_text(statement, 2));
    json_add_text(object, "created_at", clock_iso(sqlite3_column_int64(statement, 3), time));
    json_add_text(object, "updated_at", clock_iso(sqlite3_column_int64(statement, 4), time));
    json_add_integer(object, "turn_count", sqlite3_column_int64(statement, 5));
    return object;
}

int store_conversation_add(struct store *store, const char *id, const char *dataset,
                           const char *title, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int64_t now_ms = clock_wall_ms();
    int status =
        prepare(store, &statement, err, "INSERT INTO conversation VALUES (?1, ?2, ?3, ?4, ?4)",
                "ttti", id, dataset, title, now_ms);
    return status ? status : finish(store, statement, err);
}

int store_conversation_list(struct store *store, int64_t limit, json **ret_array, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status = prepare(store, &statement, err,
                         "SELECT " CONVERSATION_COLUMNS
                         " FROM conversation c ORDER BY c.updated_ms DESC, c.id DESC LIMIT ?1",
                         "i", limit);
    if (status)
        return status;
    cleanup_json json *array = cJSON_CreateArray();
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        cJSON_AddItemToArray(array, conversation_of(statement));
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return fail(store, err);
    *ret_array = mem_take(array);
    return 0;
}

// ---- Turns --------------------------------------------------------------------------------------

#define TURN_COLUMNS "t.body, r.body, r.result"

// The turn with its run, and the run with its result, put together again.
static json *turn_of(sqlite3_stmt *statement) {
    json *turn = column_json(statement, 0), *run = column_json(statement, 1);
    if (run)
        json_add(run, "result", column_json(statement, 2));
    if (turn)
        json_add(turn, "run", run);
    else
        json_free(run);
    return turn;
}

static int add_turns(struct store *store, const char *id, json *turns, struct err *err) {
    sqlite3_stmt *statement;
    int code,
        status = prepare(store, &statement, err,
                         "SELECT " TURN_COLUMNS " FROM turn t LEFT JOIN run r ON r.id = t.run_id"
                         " WHERE t.conversation_id = ?1 ORDER BY t.ordinal",
                         "t", id);
    if (status)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        cJSON_AddItemToArray(turns, turn_of(statement));
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? 0 : fail(store, err);
}

static void add_question(json *turns, const json *body) {
    json *said = cJSON_CreateObject();
    const char *question = json_text(body, "question");
    json_add_text(said, "question", question ? question : "");
    // What was chosen where a model asked back is no reading of the planner's.
    bool is_ours = !str_is_equal(json_text(body, "planner"), "model");
    if (is_ours && json_integer(body, "reading", -1) >= 0)
        json_add_integer(said, "reading", json_integer(body, "reading", -1));
    cJSON_AddItemToArray(turns, said);
}

int store_turn_questions(struct store *store, const char *conversation, int64_t ordinal,
                         int64_t max, json **ret_turns, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int code, status = prepare(store, &statement, err,
                               "SELECT body FROM (SELECT body, ordinal FROM turn"
                               " WHERE conversation_id = ?1 AND ordinal < ?2 AND status = "
                               "'answered' ORDER BY ordinal DESC LIMIT ?3) ORDER BY ordinal",
                               "tii", conversation, ordinal, max);
    if (status)
        return status;
    json *turns = cJSON_CreateArray();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        cleanup_json json *body = column_json(statement, 0);
        add_question(turns, body);
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) {
        json_free(turns);
        return fail(store, err);
    }
    *ret_turns = turns;
    return 0;
}

int store_conversation_get(struct store *store, const char *id, bool with_turns, json **ret_object,
                           struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status =
        prepare(store, &statement, err,
                "SELECT " CONVERSATION_COLUMNS " FROM conversation c WHERE c.id = ?1", "t", id);
    if (status)
        return status;
    int code = sqlite3_step(statement);
    cleanup_json json *object = code == SQLITE_ROW ? conversation_of(statement) : NULL;
    sqlite3_finalize(statement);
    if (!object)
        return code == SQLITE_DONE
                   ? err_set(err, ERR_NOT_FOUND, "There is no conversation %.40s.", id)
                   : fail(store, err);
    if (with_turns)
        status = add_turns(store, id, json_add_array(object, "turns"), err);
    if (status == 0)
        *ret_object = mem_take(object);
    return status;
}

int store_turns_before(struct store *store, const char *conversation, int64_t ordinal, int64_t max,
                       json **ret_turns, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int code,
        status = prepare(store, &statement, err,
                         "SELECT " TURN_COLUMNS " FROM turn t LEFT JOIN run r ON r.id = t.run_id"
                         " WHERE t.conversation_id = ?1 AND t.ordinal < ?2"
                         " ORDER BY t.ordinal DESC LIMIT ?3",
                         "tii", conversation, ordinal, max);
    if (status)
        return status;
    cleanup_json json *turns = cJSON_CreateArray();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        cJSON_InsertItemInArray(turns, 0, turn_of(statement));
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return fail(store, err);
    *ret_turns = mem_take(turns);
    return 0;
}

static char *body_without(const json *object, const char *key) {
    cleanup_json json *copy = cJSON_CreateObject();
    const json *member;
    // References, not copies: a result may be large, and nothing is changed.
    cJSON_ArrayForEach (member, object) {
        if (strcmp(member->string, key) != 0)
            cJSON_AddItemReferenceToObject(copy, member->string, (json *)member);
    }
    return json_write(copy);
}

static int next_ordinal(struct store *store, const char *conversation, int64_t *ret_ordinal,
                        struct err *err) {
    sqlite3_stmt *statement;
    int status =
        prepare(store, &statement, err,
                "SELECT coalesce(max(ordinal), 0) + 1 FROM turn WHERE conversation_id = ?1", "t",
                conversation);
    if (status)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *ret_ordinal = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement) == SQLITE_OK ? 0 : fail(store, err);
}

static char *title_of(const char *question) {
    size_t length = strlen(question);
    if (length <= TITLE_BYTES)
        return mem_text(question);
    length = TITLE_BYTES;
    while (length > 0 && ((unsigned char)question[length] & 0xC0) == 0x80)
        length--;
    return mem_format("%.*s…", (int)length, question);
}

static int insert_turn(struct store *store, json *turn, struct err *err) {
    const char *conversation = json_text(turn, "conversation_id");
    int64_t ordinal = 0, now_ms = clock_wall_ms();
    int status = next_ordinal(store, conversation, &ordinal, err);
    if (status)
        return status;
    json_add_integer(turn, "ordinal", ordinal);
    cleanup_free char *body = body_without(turn, "run"),
                      *title = title_of(json_text(turn, "question"));
    sqlite3_stmt *statement;
    status = prepare(
        store, &statement, err,
        "INSERT INTO turn (id, conversation_id, ordinal, status, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        "ttitt", json_text(turn, "id"), conversation, ordinal, json_text(turn, "status"), body);
    if (status == 0)
        status = finish(store, statement, err);
    if (status == 0)
        status = prepare(store, &statement, err,
                         "UPDATE conversation SET updated_ms = ?1, title = iif(title = '', ?2, "
                         "title) WHERE id = ?3",
                         "itt", now_ms, title, conversation);
    return status ? status : finish(store, statement, err);
}

int store_turn_add(struct store *store, json *turn, struct err *err) {
    LOCKED(store);
    int status = execute(store, "BEGIN IMMEDIATE", err);
    return status ? status : commit(store, insert_turn(store, turn, err), err);
}

static int write_run(struct store *store, const json *run, struct err *err) {
    const json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    cleanup_free char *body = body_without(run, "result"),
                      *text = cJSON_IsObject(result) ? json_write(result) : NULL;
    sqlite3_stmt *statement;
    int status = prepare(
        store, &statement, err, "INSERT OR REPLACE INTO run VALUES (?1, ?2, ?3, ?4, ?5)", "ttttt",
        json_text(run, "id"), json_text(run, "turn_id"), json_text(run, "outcome"), body, text);
    return status ? status : finish(store, statement, err);
}

static int write_turn(struct store *store, const json *turn, const json *run, const json *events,
                      struct err *err) {
    cleanup_free char *body = body_without(turn, "run"),
                      *event_text = events ? json_write(events) : NULL;
    sqlite3_stmt *statement;
    int status = prepare(store, &statement, err,
                         "UPDATE turn SET status = ?2, run_id = ?3, body = ?4, events = "
                         "coalesce(?5, events) WHERE id = ?1",
                         "ttttt", json_text(turn, "id"), json_text(turn, "status"),
                         run ? json_text(run, "id") : NULL, body, event_text);
    if (status == 0)
        status = finish(store, statement, err);
    return status == 0 && run ? write_run(store, run, err) : status;
}

int store_turn_save(struct store *store, const json *turn, const json *run, const json *events,
                    struct err *err) {
    LOCKED(store);
    int status = execute(store, "BEGIN IMMEDIATE", err);
    return status ? status : commit(store, write_turn(store, turn, run, events, err), err);
}

static int get(struct store *store, const char *sql, const char *id, const char *what,
               json *(*read)(sqlite3_stmt *), json **ret_object, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status = prepare(store, &statement, err, sql, "t", id);
    if (status)
        return status;
    int code = sqlite3_step(statement);
    json *object = code == SQLITE_ROW ? read(statement) : NULL;
    sqlite3_finalize(statement);
    if (code == SQLITE_DONE)
        return err_set(err, ERR_NOT_FOUND, "There is no %s %.40s.", what, id);
    if (!object)
        return code == SQLITE_ROW ? err_set(err, ERR_CORRUPT, "the %s %s cannot be read from %s",
                                            what, id, store->path)
                                  : fail(store, err);
    *ret_object = object;
    return 0;
}

int store_turn_get(struct store *store, const char *id, json **ret_turn, struct err *err) {
    return get(store,
               "SELECT " TURN_COLUMNS
               " FROM turn t LEFT JOIN run r ON r.id = t.run_id WHERE t.id = ?1",
               id, "turn", turn_of, ret_turn, err);
}

static json *events_of(sqlite3_stmt *statement) { return column_json(statement, 0); }

int store_turn_events(struct store *store, const char *id, json **ret_events, struct err *err) {
    return get(store, "SELECT coalesce(events, '[]') FROM turn WHERE id = ?1", id, "turn",
               events_of, ret_events, err);
}

int store_run_save(struct store *store, const json *run, struct err *err) {
    LOCKED(store);
    return write_run(store, run, err);
}

static json *run_of(sqlite3_stmt *statement) {
    json *run = column_json(statement, 0);
    if (run)
        json_add(run, "result", column_json(statement, 1));
    return run;
}

int store_run_get(struct store *store, const char *id, json **ret_run, struct err *err) {
    return get(store, "SELECT body, result FROM run WHERE id = ?1", id, "run", run_of, ret_run,
               err);
}
