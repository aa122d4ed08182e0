// SPDX-License-Identifier: Apache-2.0
//
// Conversations in the store. Theory of operation: one that is deleted is marked, which takes it
// out of every list and every read at once, with its turns and its runs; STORE_RESTORE_MS later
// store_sweep() takes the rows away. SQLite overwrites with zeros what it frees (secure_delete),
// and the write-ahead log is emptied after a sweep, so that no copy of the text stays in either
// file.
#include <string.h>

#include "base/clock.h"
#include "store/search.h"
#include "store/statement.h"

#define COLUMNS                                                                                    \
    "c.id, c.title, c.dataset, c.created_ms, c.updated_ms, (SELECT count(*) FROM turn t WHERE "    \
    "t.conversation_id = c.id), c.deleted_ms"
#define COLUMN_DELETED 6

static const char *text_at(sqlite3_stmt *statement, int column) {
    return (const char *)sqlite3_column_text(statement, column);
}

static json *conversation_of(sqlite3_stmt *statement) {
    char time[CLOCK_ISO_SIZE];
    json *object = cJSON_CreateObject();
    json_add_text(object, "id", text_at(statement, 0));
    json_add_text(object, "title", text_at(statement, 1));
    json_add_text(object, "dataset", text_at(statement, 2));
    json_add_text(object, "created_at", clock_iso(sqlite3_column_int64(statement, 3), time));
    json_add_text(object, "updated_at", clock_iso(sqlite3_column_int64(statement, 4), time));
    json_add_integer(object, "turn_count", sqlite3_column_int64(statement, 5));
    return object;
}

int store_conversation_add(struct store *store, const char *id, const char *dataset,
                           const char *title, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err,
                                   "INSERT INTO conversation (id, dataset, title, created_ms, "
                                   "updated_ms) VALUES (?1, ?2, ?3, ?4, ?4)",
                                   "ttti", id, dataset, title, clock_wall_ms());
    return status ? status : statement_finish(store, statement, err);
}

static int not_there(const char *id, int64_t deleted_ms, struct err *err) {
    char until[CLOCK_ISO_SIZE];
    if (!deleted_ms)
        return err_set(err, ERR_NOT_FOUND, "There is no conversation %.40s.", id);
    err_set(err, ERR_NOT_FOUND, "The conversation %.40s was deleted.", id);
    return err_hint(err, "It can be restored until %s.",
                    clock_iso(deleted_ms + STORE_RESTORE_MS, until));
}

// The conversation, NULL where there is none; when it was deleted, else 0.
static int read_one(struct store *store, const char *id, json **ret_object, int64_t *ret_deleted_ms,
                    struct err *err) {
    sqlite3_stmt *statement;
    int status = statement_prepare(
        store, &statement, err, "SELECT " COLUMNS " FROM conversation c WHERE c.id = ?1", "t", id);
    if (status)
        return status;
    int code = sqlite3_step(statement);
    *ret_object = code == SQLITE_ROW ? conversation_of(statement) : NULL;
    *ret_deleted_ms = *ret_object ? sqlite3_column_int64(statement, COLUMN_DELETED) : 0;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : statement_fail(store, err);
}

int store_conversation_get(struct store *store, const char *id, bool with_turns, json **ret_object,
                           struct err *err) {
    LOCKED(store);
    cleanup_json json *object = NULL;
    int64_t deleted_ms;
    int status = read_one(store, id, &object, &deleted_ms, err);
    if (status == 0 && (!object || deleted_ms))
        status = not_there(id, deleted_ms, err);
    if (status == 0 && with_turns)
        status = statement_turns(store, id, json_add_array(object, "turns"), err);
    if (status == 0)
        *ret_object = mem_take(object);
    return status;
}

// ---- Listing ------------------------------------------------------------------------------------

// Those behind the one named ?1 in the list's order; all, where it is null.
#define LISTED                                                                                     \
    " WHERE c.deleted_ms IS NULL AND (?1 IS NULL OR (c.updated_ms, c.id) < (SELECT b.updated_ms, " \
    "b.id FROM conversation b WHERE b.id = ?1)) ORDER BY c.updated_ms DESC, c.id DESC"

static int list_all(struct store *store, const struct store_list *wanted, json *array,
                    struct err *err) {
    sqlite3_stmt *statement;
    int code,
        status = statement_prepare(store, &statement, err,
                                   "SELECT " COLUMNS " FROM conversation c" LISTED " LIMIT ?2",
                                   "ti", wanted->before, wanted->limit);
    if (status)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        cJSON_AddItemToArray(array, conversation_of(statement));
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? 0 : statement_fail(store, err);
}

// The text of the conversation that has the most of the words: {"turn_id", "text"}.
static int find_match(struct store *store, const char *id, struct search *search, json **ret_match,
                      struct err *err) {
    sqlite3_stmt *statement;
    cleanup_json json *match = cJSON_CreateObject();
    int code, most = 0,
              status = statement_prepare(store, &statement, err,
                                         "SELECT turn_id, question, sentence FROM turn_text WHERE "
                                         "conversation_id = ?1 ORDER BY ordinal",
                                         "t", id);
    if (status)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 1; column <= 2; column++) {
            const char *text = text_at(statement, column);
            int count =
                text ? __builtin_popcount(search_words(search, search_all(search), text)) : 0;
            if (count <= most)
                continue;
            most = count;
            json_free(match);
            match = cJSON_CreateObject();
            json_add_text(match, "turn_id", text_at(statement, 0));
            json_add_text(match, "text", text);
        }
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return statement_fail(store, err);
    *ret_match = mem_take(match);
    return 0;
}

// One conversation while its texts go by.
struct found {
    char *id;         // NULL before the first
    uint32_t missing; // the words that were not seen yet
    bool is_in_title; // all of them
};

static void found_done(struct found *found) { free(found->id); }

// Adds the conversation to ARRAY where no word is missing.
static int take_found(struct store *store, const struct found *found, struct search *search,
                      json *array, struct err *err) {
    cleanup_json json *object = NULL;
    json *match = NULL;
    int64_t deleted_ms;
    if (!found->id || found->missing)
        return 0;
    int status = read_one(store, found->id, &object, &deleted_ms, err);
    if (status == 0 && !found->is_in_title)
        status = find_match(store, found->id, search, &match, err);
    if (status)
        return status;
    json_add(object, "match", match);
    cJSON_AddItemToArray(array, mem_take(object));
    return 0;
}

static void look_at(struct found *found, struct search *search, const char *text) {
    if (text && found->missing)
        found->missing &= ~search_words(search, found->missing, text);
}

enum { FOUND_ID, FOUND_TITLE, FOUND_QUESTION, FOUND_SENTENCE };

// Goes through the titles and the texts, the conversation last used first, until there are enough.
static int find_in(struct store *store, sqlite3_stmt *statement, struct search *search,
                   int64_t limit, json *array, struct err *err) {
    struct found found cleanup(found_done) = {.id = NULL};
    int code, status = 0;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!found.id || strcmp(found.id, text_at(statement, FOUND_ID)) != 0) {
            status = take_found(store, &found, search, array, err);
            if (status || cJSON_GetArraySize(array) == limit)
                return status;
            found_done(&found);
            found =
                (struct found){mem_text(text_at(statement, FOUND_ID)), search_all(search), false};
            look_at(&found, search, text_at(statement, FOUND_TITLE));
            found.is_in_title = !found.missing;
        }
        look_at(&found, search, text_at(statement, FOUND_QUESTION));
        look_at(&found, search, text_at(statement, FOUND_SENTENCE));
    }
    return code == SQLITE_DONE ? take_found(store, &found, search, array, err)
                               : statement_fail(store, err);
}

static int list_found(struct store *store, const struct store_list *wanted, struct search *search,
                      json *array, struct err *err) {
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err,
                                   "SELECT c.id, c.title, x.question, x.sentence FROM conversation "
                                   "c LEFT JOIN turn_text x ON x.conversation_id = c.id" LISTED,
                                   "t", wanted->before);
    if (status)
        return status;
    status = find_in(store, statement, search, wanted->limit, array, err);
    sqlite3_finalize(statement);
    return status;
}

int store_conversation_list(struct store *store, const struct store_list *wanted, json **ret_array,
                            struct err *err) {
    struct search search cleanup(search_done) = {.count = 0};
    cleanup_json json *array = cJSON_CreateArray();
    int status = wanted->search ? search_parse(wanted->search, &search, err) : 0;
    LOCKED(store);
    if (status == 0)
        status = search.count ? list_found(store, wanted, &search, array, err)
                              : list_all(store, wanted, array, err);
    if (status == 0)
        *ret_array = mem_take(array);
    return status;
}

// ---- What people do with them -------------------------------------------------------------------

// Runs one UPDATE; ERR_NOT_FOUND where it changed nothing.
static int change(struct store *store, const char *id, sqlite3_stmt *statement, struct err *err) {
    int status = statement_finish(store, statement, err);
    return status || sqlite3_changes(store->connection) ? status : not_there(id, 0, err);
}

int store_conversation_rename(struct store *store, const char *id, const char *title,
                              struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status = statement_prepare(
        store, &statement, err,
        "UPDATE conversation SET title = ?2 WHERE id = ?1 AND deleted_ms IS NULL", "tt", id, title);
    return status ? status : change(store, id, statement, err);
}

int store_conversation_delete(struct store *store, const char *id, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status =
        statement_prepare(store, &statement, err,
                          "UPDATE conversation SET deleted_ms = ?2 WHERE id = ?1 AND deleted_ms IS "
                          "NULL",
                          "ti", id, clock_wall_ms());
    return status ? status : change(store, id, statement, err);
}

int store_conversation_restore(struct store *store, const char *id, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int status =
        statement_prepare(store, &statement, err,
                          "UPDATE conversation SET deleted_ms = NULL WHERE id = ?1 AND (deleted_ms "
                          "IS NULL OR deleted_ms > ?2)",
                          "ti", id, clock_wall_ms() - STORE_RESTORE_MS);
    return status ? status : change(store, id, statement, err);
}

// ---- For good -----------------------------------------------------------------------------------

// The conversation that was deleted longest ago, and before TIME_MS; NULL where there is none.
static int next_expired(struct store *store, int64_t time_ms, char **ret_id, struct err *err) {
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err,
                                   "SELECT id FROM conversation WHERE deleted_ms <= ?1 ORDER BY "
                                   "deleted_ms LIMIT 1",
                                   "i", time_ms);
    if (status)
        return status;
    int code = sqlite3_step(statement);
    *ret_id = code == SQLITE_ROW ? mem_text(text_at(statement, 0)) : NULL;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : statement_fail(store, err);
}

static int purge(struct store *store, const char *id, struct err *err) {
    static const char *const steps[] = {
        "DELETE FROM run WHERE conversation_id = ?1",
        "DELETE FROM turn_text WHERE conversation_id = ?1",
        "DELETE FROM turn WHERE conversation_id = ?1",
        "DELETE FROM conversation WHERE id = ?1",
    };
    sqlite3_stmt *statement;
    int status = statement_execute(store, "BEGIN IMMEDIATE", err);
    if (status)
        return status;
    for (size_t i = 0; i < ARRAY_LENGTH(steps) && status == 0; i++) {
        status = statement_prepare(store, &statement, err, steps[i], "t", id);
        if (status == 0)
            status = statement_finish(store, statement, err);
    }
    return statement_commit(store, status, err);
}

int store_sweep(struct store *store, int64_t *ret_count, struct err *err) {
    int64_t count = 0;
    bool has_swept = false;
    for (;; count++) {
        LOCKED(store); // for one at a time: others may wait for the store
        cleanup_free char *id = NULL;
        int status = has_swept ? 0 : statement_sweep_pins(store, &has_swept, err);
        if (status == 0)
            status = next_expired(store, clock_wall_ms() - STORE_RESTORE_MS, &id, err);
        if (status == 0 && id)
            status = purge(store, id, err);
        if (status == 0 && !id && (count || has_swept))
            status = statement_execute(store, "PRAGMA wal_checkpoint(TRUNCATE)", err);
        if (status == 0 && !id)
            *ret_count = count;
        if (status || !id)
            return status;
    }
}
