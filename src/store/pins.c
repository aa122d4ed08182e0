// SPDX-License-Identifier: Apache-2.0
//
// See pins.h. Positions are made anew after each change. To make room between two of them they are
// spread first: what stood at n stands at 2n + 1, so that 2n is before it and 2n + 2 behind it.
#include "store/pins.h"

#include "base/clock.h"
#include "base/limits.h"
#include "store/statement.h"

#define PIN_COLUMNS "body, position, run"
#define SPREAD "UPDATE pin SET position = 2 * position + 1 WHERE deleted_ms IS NULL"
#define RENUMBER                                                                                   \
    "UPDATE pin SET position = o.place FROM (SELECT id, row_number() OVER (ORDER BY position, id)" \
    " - 1 AS place FROM pin WHERE deleted_ms IS NULL) AS o WHERE pin.id = o.id"

static json *pin_of(sqlite3_stmt *statement) {
    json *pin = statement_json(statement, 0);
    if (!pin)
        return NULL;
    json_add_integer(pin, "position", sqlite3_column_int64(statement, 1));
    json_add(pin, "run", statement_json(statement, 2));
    return pin;
}

// The first pin that SQL finds; NULL where it finds none.
static int find(struct store *store, const char *sql, const char *value, json **ret_pin,
                struct err *err) {
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err, sql, "t", value);
    if (status)
        return status;
    int code = sqlite3_step(statement);
    json *pin = code == SQLITE_ROW ? pin_of(statement) : NULL;
    sqlite3_finalize(statement);
    if (code == SQLITE_ROW && !pin)
        return err_set(err, ERR_CORRUPT, "a pin cannot be read from %s", store->path);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return statement_fail(store, err);
    *ret_pin = pin;
    return 0;
}

static int fail_unknown(const char *id, struct err *err) {
    return err_set(err, ERR_NOT_FOUND, "There is no pin %.40s.", id);
}

static int get(struct store *store, const char *id, json **ret_pin, struct err *err) {
    json *pin = NULL;
    int status = find(store, "SELECT " PIN_COLUMNS " FROM pin WHERE id = ?1 AND deleted_ms IS NULL",
                      id, &pin, err);
    if (status == 0 && !pin)
        return fail_unknown(id, err);
    if (status == 0)
        *ret_pin = pin;
    return status;
}

int store_pin_get(struct store *store, const char *id, json **ret_pin, struct err *err) {
    LOCKED(store);
    return get(store, id, ret_pin, err);
}

int store_pin_list(struct store *store, json **ret_array, struct err *err) {
    LOCKED(store);
    sqlite3_stmt *statement;
    int code, status = statement_prepare(
                  store, &statement, err,
                  "SELECT " PIN_COLUMNS " FROM pin WHERE deleted_ms IS NULL ORDER BY position", "");
    if (status)
        return status;
    cleanup_json json *array = cJSON_CreateArray();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        cJSON_AddItemToArray(array, pin_of(statement));
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return statement_fail(store, err);
    *ret_array = mem_take(array);
    return 0;
}

// ---- Changes ------------------------------------------------------------------------------------

// One statement with up to two texts and a number; whether it changed a row is in RET_CHANGED,
// which may be NULL.
static int change(struct store *store, bool *ret_changed, struct err *err, const char *sql,
                  const char *id, const char *text, int64_t number) {
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err, sql, "tti", id, text, number);
    if (status == 0)
        status = statement_finish(store, statement, err);
    if (status == 0 && ret_changed)
        *ret_changed = sqlite3_changes(store->connection) > 0;
    return status;
}

static char *body_of(const json *pin) {
    cleanup_json json *copy = cJSON_CreateObject();
    const json *member;
    cJSON_ArrayForEach (member, pin) {
        if (strcmp(member->string, "run") != 0 && strcmp(member->string, "position") != 0)
            cJSON_AddItemReferenceToObject(copy, member->string, (json *)member);
    }
    return json_write(copy);
}

static char *run_of(const json *pin) {
    return json_write(cJSON_GetObjectItemCaseSensitive(pin, "run"));
}

static int check_room(struct store *store, struct err *err) {
    sqlite3_stmt *statement;
    int status = statement_prepare(store, &statement, err,
                                   "SELECT count(*) FROM pin WHERE deleted_ms IS NULL", "");
    if (status)
        return status;
    bool has_room =
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int64(statement, 0) < LIMIT_PINS;
    if (sqlite3_finalize(statement) != SQLITE_OK)
        return statement_fail(store, err);
    if (has_room)
        return 0;
    err_set(err, ERR_CONFLICT, "There are %d pins, as many as may be.", LIMIT_PINS);
    return err_hint(err, "Unpin one that is no longer looked at.");
}

int statement_sweep_pins(struct store *store, bool *ret_swept, struct err *err) {
    return change(store, ret_swept, err, "DELETE FROM pin WHERE deleted_ms < ?3", NULL, NULL,
                  clock_wall_ms() - STORE_RESTORE_MS);
}

static int insert(struct store *store, const json *pin, struct err *err) {
    cleanup_free char *body = body_of(pin), *run = run_of(pin);
    sqlite3_stmt *statement;
    // One of the same turn that was deleted would be there twice if it were restored.
    int status =
        change(store, NULL, err, "DELETE FROM pin WHERE turn_id = ?2 AND deleted_ms IS NOT NULL",
               NULL, json_text(pin, "turn_id"), 0);
    if (status == 0)
        status = statement_prepare(
            store, &statement, err,
            "INSERT INTO pin (id, turn_id, position, body, run) VALUES (?1, ?2, (SELECT "
            "coalesce(max(position), -1) + 1 FROM pin WHERE deleted_ms IS NULL), ?3, ?4)",
            "tttt", json_text(pin, "id"), json_text(pin, "turn_id"), body, run);
    return status ? status : statement_finish(store, statement, err);
}

int store_pin_add(struct store *store, const json *pin, json **ret_pin, bool *ret_is_new,
                  struct err *err) {
    LOCKED(store);
    json *known = NULL;
    int status =
        find(store, "SELECT " PIN_COLUMNS " FROM pin WHERE turn_id = ?1 AND deleted_ms IS NULL",
             json_text(pin, "turn_id"), &known, err);
    if (status == 0 && known) {
        *ret_pin = known;
        *ret_is_new = false;
        return 0;
    }
    if (status == 0)
        status = check_room(store, err);
    if (status == 0 && (status = statement_execute(store, "BEGIN IMMEDIATE", err)) == 0)
        status = statement_commit(store, insert(store, pin, err), err);
    if (status == 0)
        status = get(store, json_text(pin, "id"), ret_pin, err);
    if (status == 0)
        *ret_is_new = true;
    return status;
}

int store_pin_save(struct store *store, const json *pin, struct err *err) {
    LOCKED(store);
    const char *id = json_text(pin, "id");
    cleanup_free char *body = body_of(pin), *run = run_of(pin);
    sqlite3_stmt *statement;
    int status =
        statement_prepare(store, &statement, err,
                          "UPDATE pin SET body = ?2, run = ?3 WHERE id = ?1 AND deleted_ms IS NULL",
                          "ttt", id, body, run);
    if (status == 0)
        status = statement_finish(store, statement, err);
    if (status == 0 && sqlite3_changes(store->connection) == 0)
        return fail_unknown(id, err);
    return status;
}

// Does CHANGE_SQL, for which ?1 is ID and ?3 is NUMBER, among positions that are spread, and
// numbers them anew.
static int rearrange(struct store *store, const char *change_sql, const char *id, int64_t number,
                     struct err *err) {
    bool is_changed = false;
    int status = statement_execute(store, "BEGIN IMMEDIATE; " SPREAD, err);
    if (status == 0)
        status = change(store, &is_changed, err, change_sql, id, NULL, number);
    if (status == 0 && !is_changed)
        status = fail_unknown(id, err);
    if (status == 0)
        status = statement_execute(store, RENUMBER, err);
    return statement_commit(store, status, err);
}

int store_pin_move(struct store *store, const char *id, int64_t position, struct err *err) {
    LOCKED(store);
    return rearrange(store,
                     "UPDATE pin SET position = 2 * ?3 + iif(2 * ?3 + 1 > position, 2, 0)"
                     " WHERE id = ?1 AND deleted_ms IS NULL",
                     id, position, err);
}

// A deleted one keeps the place that it had.
int store_pin_delete(struct store *store, const char *id, struct err *err) {
    LOCKED(store);
    return rearrange(store,
                     "UPDATE pin SET position = (position - 1) / 2, deleted_ms = ?3"
                     " WHERE id = ?1 AND deleted_ms IS NULL",
                     id, clock_wall_ms(), err);
}

int store_pin_restore(struct store *store, const char *id, struct err *err) {
    LOCKED(store);
    int status = check_room(store, err);
    if (status)
        return status;
    return rearrange(store,
                     "UPDATE pin SET position = 2 * position, deleted_ms = NULL"
                     " WHERE id = ?1 AND deleted_ms >= ?3",
                     id, clock_wall_ms() - STORE_RESTORE_MS, err);
}
