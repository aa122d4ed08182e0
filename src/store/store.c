// SPDX-License-Identifier: Apache-2.0
//
// See store.h. One connection behind a mutex: writes are short, and SQLite would serialise them
// anyway. WAL with synchronous=NORMAL: a commit survives the death of the process, not always the
// loss of power.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "store/migrations.h"
#include "store/statement.h"

#define TITLE_BYTES 80

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
    // For our own user alone, also in a folder that others may look into; SQLite makes the files
    // beside it like it. Where it cannot be made, SQLite says why.
    int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    fd_close(&fd);
    if (sqlite3_open_v2(store->path, &store->connection, flags, NULL) != SQLITE_OK)
        return statement_fail(store, err);
    sqlite3_busy_timeout(store->connection, 2000);
    int status = statement_execute(
        store,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        "PRAGMA secure_delete=ON;"
        "PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY",
        err);
    if (status == 0 && (status = migrations_run(store->connection, err)) != 0)
        return err_prefix(err, "%s", store->path);
    return status == 0 ? statement_execute(store, interrupt_all, err) : status;
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

// ---- Turns --------------------------------------------------------------------------------------

#define TURN_COLUMNS                                                                               \
    "t.body, r.body, r.result, t.feedback, (SELECT p.id FROM pin p WHERE p.turn_id = t.id AND "    \
    "p.deleted_ms IS NULL)"

// The turn with its run, and the run with its result, put together again.
static json *turn_of(sqlite3_stmt *statement) {
    json *turn = statement_json(statement, 0), *run = statement_json(statement, 1);
    if (run)
        json_add(run, "result", statement_json(statement, 2));
    if (turn)
        json_add(turn, "run", run);
    else
        json_free(run);
    cJSON_DeleteItemFromObjectCaseSensitive(turn, "feedback");
    cJSON_DeleteItemFromObjectCaseSensitive(turn, "pin_id");
    if (turn) {
        json_add(turn, "feedback", statement_json(statement, 3));
        json_add_text(turn, "pin_id", (const char *)sqlite3_column_text(statement, 4));
    }
    return turn;
}

int statement_turns(struct store *store, const char *conversation, json *turns, struct err *err) {
    sqlite3_stmt *statement;
    int code, status = statement_prepare(store, &statement, err,
                                         "SELECT " TURN_COLUMNS
                                         " FROM turn t LEFT JOIN run r ON r.id = t.run_id"
                                         " WHERE t.conversation_id = ?1 ORDER BY t.ordinal",
                                         "t", conversation);
    if (status)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        cJSON_AddItemToArray(turns, turn_of(statement));
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? 0 : statement_fail(store, err);
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
    int code,
        status = statement_prepare(store, &statement, err,
                                   "SELECT body FROM (SELECT body, ordinal FROM turn"
                                   " WHERE conversation_id = ?1 AND ordinal < ?2 AND status = "
                                   "'answered' AND json_extract(body, '$.planner') IS NOT 'sql'"
                                   " ORDER BY ordinal DESC LIMIT ?3) ORDER BY ordinal",
                                   "tii", conversation, ordinal, max);
    if (status)
        return status;
    json *turns = cJSON_CreateArray();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        cleanup_json json *body = statement_json(statement, 0);
        add_question(turns, body);
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) {
        json_free(turns);
        return statement_fail(store, err);
    }
    *ret_turns = turns;
    return 0;
}

int store_turn_choices(struct store *store, const char *conversation, int64_t ordinal,
                       json **ret_choices, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int code,
        status = statement_prepare(
            store, &statement, err,
            "SELECT json_object('turn_id', id, 'question', json_extract(body, '$.question'), "
            "'sql', "
            "json_extract(body, '$.sql'), 'params', json_extract(body, '$.params')) FROM turn "
            "WHERE "
            "conversation_id = ?1 AND ordinal < ?2 AND status = 'answered' AND json_extract(body, "
            "'$.reading') IS NOT NULL AND json_extract(body, '$.planner') = 'builtin' ORDER BY "
            "ordinal DESC",
            "ti", conversation, ordinal);
    if (status)
        return status;
    cleanup_json json *choices = cJSON_CreateArray();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        cJSON_AddItemToArray(choices, statement_json(statement, 0));
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return statement_fail(store, err);
    *ret_choices = mem_take(choices);
    return 0;
}

int store_turns_before(struct store *store, const char *conversation, int64_t ordinal, int64_t max,
                       json **ret_turns, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int code, status = statement_prepare(store, &statement, err,
                                         "SELECT " TURN_COLUMNS
                                         " FROM turn t LEFT JOIN run r ON r.id = t.run_id"
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
        return statement_fail(store, err);
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
    int status = statement_prepare(
        store, &statement, err,
        "SELECT coalesce(max(ordinal), 0) + 1 FROM turn WHERE conversation_id = ?1", "t",
        conversation);
    if (status)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *ret_ordinal = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement) == SQLITE_OK ? 0 : statement_fail(store, err);
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

// The conversation was used just now; without a title it gets TITLE.
static int touch(struct store *store, const char *conversation, const char *title,
                 struct err *err) {
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err,
                                   "UPDATE conversation SET updated_ms = ?1, title = iif(title = "
                                   "'', ?2, title) WHERE id = ?3 AND deleted_ms IS NULL",
                                   "itt", clock_wall_ms(), title, conversation);
    if (status == 0)
        status = statement_finish(store, statement, err);
    if (status == 0 && sqlite3_changes(store->connection) == 0)
        return err_set(err, ERR_NOT_FOUND, "There is no conversation %.40s.", conversation);
    return status;
}

static int insert_turn(struct store *store, json *turn, struct err *err) {
    const char *conversation = json_text(turn, "conversation_id");
    int64_t ordinal = 0;
    int status = next_ordinal(store, conversation, &ordinal, err);
    if (status)
        return status;
    json_add_integer(turn, "ordinal", ordinal);
    cleanup_free char *body = body_without(turn, "run"),
                      *title = title_of(json_text(turn, "question"));
    sqlite3_stmt *statement;
    status = statement_prepare(
        store, &statement, err,
        "INSERT INTO turn (id, conversation_id, ordinal, status, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        "ttitt", json_text(turn, "id"), conversation, ordinal, json_text(turn, "status"), body);
    if (status == 0)
        status = statement_finish(store, statement, err);
    if (status == 0)
        status = statement_prepare(
            store, &statement, err,
            "INSERT INTO turn_text (conversation_id, ordinal, turn_id, question) VALUES (?1, ?2, "
            "?3, ?4)",
            "titt", conversation, ordinal, json_text(turn, "id"), json_text(turn, "question"));
    if (status == 0)
        status = statement_finish(store, statement, err);
    return status ? status : touch(store, conversation, title, err);
}

int store_turn_add(struct store *store, json *turn, struct err *err) {
    LOCKED(store);
    int status = statement_execute(store, "BEGIN IMMEDIATE", err);
    return status ? status : statement_commit(store, insert_turn(store, turn, err), err);
}

static int write_run(struct store *store, const json *run, struct err *err) {
    const json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    cleanup_free char *body = body_without(run, "result"),
                      *text = cJSON_IsObject(result) ? json_write(result) : NULL;
    sqlite3_stmt *statement;
    int status = statement_prepare(
        store, &statement, err,
        "INSERT OR REPLACE INTO run (id, turn_id, outcome, body, result, conversation_id) VALUES "
        "(?1, ?2, ?3, ?4, ?5, coalesce((SELECT t.conversation_id FROM turn t WHERE t.id = ?2), "
        "(SELECT o.conversation_id FROM run o WHERE o.id = ?6)))",
        "tttttt", json_text(run, "id"), json_text(run, "turn_id"), json_text(run, "outcome"), body,
        text, json_text(run, "replay_of"));
    return status ? status : statement_finish(store, statement, err);
}

static int write_turn(struct store *store, const json *turn, const json *run, const json *events,
                      struct err *err) {
    cleanup_free char *body = body_without(turn, "run"),
                      *event_text = events ? json_write(events) : NULL;
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err,
                                   "UPDATE turn SET status = ?2, run_id = ?3, body = ?4, events = "
                                   "coalesce(?5, events) WHERE id = ?1",
                                   "ttttt", json_text(turn, "id"), json_text(turn, "status"),
                                   run ? json_text(run, "id") : NULL, body, event_text);
    if (status == 0)
        status = statement_finish(store, statement, err);
    if (status == 0)
        status = statement_prepare(store, &statement, err,
                                   "UPDATE turn_text SET sentence = ?2 WHERE (conversation_id, "
                                   "ordinal) = (SELECT conversation_id, ordinal FROM turn WHERE id "
                                   "= ?1)",
                                   "tt", json_text(turn, "id"), json_text(turn, "sentence"));
    if (status == 0)
        status = statement_finish(store, statement, err);
    return status == 0 && run ? write_run(store, run, err) : status;
}

int store_turn_save(struct store *store, const json *turn, const json *run, const json *events,
                    struct err *err) {
    LOCKED(store);
    int status = statement_execute(store, "BEGIN IMMEDIATE", err);
    return status ? status
                  : statement_commit(store, write_turn(store, turn, run, events, err), err);
}

// What SQL selects of the one named ID. Its last column is null unless that belongs to a
// conversation that was deleted.
static int get(struct store *store, const char *sql, const char *id, const char *what,
               json *(*read)(sqlite3_stmt *), json **ret_object, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err, sql, "t", id);
    if (status)
        return status;
    int code = sqlite3_step(statement), last = sqlite3_column_count(statement) - 1;
    bool is_deleted = code == SQLITE_ROW && sqlite3_column_type(statement, last) != SQLITE_NULL;
    json *object = code == SQLITE_ROW && !is_deleted ? read(statement) : NULL;
    sqlite3_finalize(statement);
    if (code == SQLITE_DONE)
        return err_set(err, ERR_NOT_FOUND, "There is no %s %.40s.", what, id);
    if (is_deleted)
        return err_set(err, ERR_NOT_FOUND, "The %s %.40s was deleted with its conversation.", what,
                       id);
    if (!object)
        return code == SQLITE_ROW ? err_set(err, ERR_CORRUPT, "the %s %s cannot be read from %s",
                                            what, id, store->path)
                                  : statement_fail(store, err);
    *ret_object = object;
    return 0;
}

int store_turn_get(struct store *store, const char *id, json **ret_turn, struct err *err) {
    return get(store,
               "SELECT " TURN_COLUMNS ", c.deleted_ms FROM turn t JOIN conversation c ON c.id = "
               "t.conversation_id LEFT JOIN run r ON r.id = t.run_id WHERE t.id = ?1",
               id, "turn", turn_of, ret_turn, err);
}

static json *events_of(sqlite3_stmt *statement) { return statement_json(statement, 0); }

int store_turn_events(struct store *store, const char *id, json **ret_events, struct err *err) {
    return get(store,
               "SELECT coalesce(t.events, '[]'), c.deleted_ms FROM turn t JOIN conversation c ON "
               "c.id = t.conversation_id WHERE t.id = ?1",
               id, "turn", events_of, ret_events, err);
}

int store_turn_feedback(struct store *store, const char *id, const json *feedback,
                        struct err *err) {
    LOCKED(store);
    cleanup_free char *text = feedback ? json_write(feedback) : NULL;
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err,
                                   "UPDATE turn SET feedback = ?2 WHERE id = ?1", "tt", id, text);
    if (status == 0)
        status = statement_finish(store, statement, err);
    if (status == 0 && sqlite3_changes(store->connection) == 0)
        return err_set(err, ERR_NOT_FOUND, "There is no turn %.40s.", id);
    return status;
}

int store_run_save(struct store *store, const json *run, struct err *err) {
    LOCKED(store);
    return write_run(store, run, err);
}

static json *run_of(sqlite3_stmt *statement) {
    json *run = statement_json(statement, 0);
    if (run)
        json_add(run, "result", statement_json(statement, 1));
    return run;
}

int store_run_get(struct store *store, const char *id, json **ret_run, struct err *err) {
    return get(store,
               "SELECT r.body, r.result, c.deleted_ms FROM run r LEFT JOIN conversation c ON c.id "
               "= r.conversation_id WHERE r.id = ?1",
               id, "run", run_of, ret_run, err);
}
