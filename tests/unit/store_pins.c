// SPDX-License-Identifier: Apache-2.0
//
// Pinned answers in the store: their order, what can be undone and for how long, and how many.
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/path.h"
#include "store/pins.h"
#include "tests/unit/check.h"
#include "tests/unit/store_fixture.h"

// The pin's id is its turn's with a P before it.
static json *new_pin(const char *turn) {
    json *pin = cJSON_CreateObject();
    cleanup_free char *id = mem_format("P%s", turn);
    json_add_text(pin, "id", id);
    json_add_text(pin, "turn_id", turn);
    json_add_text(pin, "title", "\xC3\xA9 \"quoted\"");
    json_add_text(json_add_object(pin, "run"), "id", "R");
    return pin;
}

static int add(struct store *store, const char *turn, bool *ret_is_new, struct err *err) {
    cleanup_json json *pin = new_pin(turn), *kept = NULL;
    return store_pin_add(store, pin, &kept, ret_is_new, err);
}

static void add_all(struct store *store, const char *turns) {
    for (; *turns; turns++) {
        struct err err = {0};
        bool is_new = false;
        CHECK_OK(add(store, (const char[]){*turns, '\0'}, &is_new, &err), err);
        CHECK(is_new);
    }
}

// The turns of all pins in their order; each has to stand where it says.
static char *order(struct store *store) {
    struct err err = {0};
    cleanup_json json *pins = NULL;
    cleanup_buf struct buf turns = BUF(1024);
    int64_t place = 0;
    const json *pin;
    CHECK_OK(store_pin_list(store, &pins, &err), err);
    cJSON_ArrayForEach (pin, pins) {
        buf_add_text(&turns, json_text(pin, "turn_id"));
        CHECK_INT(json_integer(pin, "position", -1), place++);
    }
    return turns.length ? buf_take(&turns) : mem_text("");
}

static void check_order(struct store *store, const char *expected) {
    cleanup_free char *turns = order(store);
    CHECK_TEXT(turns, expected);
}

static void move(struct store *store, const char *id, int64_t position) {
    struct err err = {0};
    CHECK_OK(store_pin_move(store, id, position, &err), err);
}

static void age(const char *id) {
    cleanup_free char *sql =
        mem_format("UPDATE pin SET deleted_ms = deleted_ms - 3600001 WHERE id = '%s'", id);
    CHECK_INT(store_fixture_execute(sql), 1);
}

TEST(a_pin_comes_back_as_it_was_added_behind_the_others) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    add_all(store, "ab");
    cleanup_json json *pin = NULL, *expected = new_pin("b");
    json_add_integer(expected, "position", 1);
    CHECK_OK(store_pin_get(store, "Pb", &pin, &err), err);
    CHECK(cJSON_Compare(pin, expected, true));
}

TEST(a_turn_is_pinned_once) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    bool is_new = true;
    add_all(store, "a");
    CHECK_OK(add(store, "a", &is_new, &err), err);
    CHECK(!is_new);
    check_order(store, "a");
}

TEST(a_pin_is_moved_to_every_place_from_every_place) {
    static const char *const expected[5][5] = {{"abcde", "bacde", "bcade", "bcdae", "bcdea"},
                                               {"bacde", "abcde", "acbde", "acdbe", "acdeb"},
                                               {"cabde", "acbde", "abcde", "abdce", "abdec"},
                                               {"dabce", "adbce", "abdce", "abcde", "abced"},
                                               {"eabcd", "aebcd", "abecd", "abced", "abcde"}};
    struct store *store cleanup(store_closep) = store_fixture_open();
    add_all(store, "abcde");
    for (int from = 0; from < 5; from++)
        for (int to = 0; to < 5; to++) {
            char id[] = {'P', (char)('a' + from), '\0'};
            move(store, id, to);
            check_order(store, expected[from][to]);
            move(store, id, from);
            check_order(store, "abcde");
        }
    move(store, "Pa", LIMIT_PINS);
    check_order(store, "bcdea");
}

TEST(a_deleted_pin_goes_back_to_its_place_within_the_hour) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    add_all(store, "abcd");
    CHECK_OK(store_pin_delete(store, "Pb", &err), err);
    check_order(store, "acd");
    CHECK_INT(store_pin_delete(store, "Pb", &err), ERR_NOT_FOUND);
    CHECK_OK(store_pin_restore(store, "Pb", &err), err);
    check_order(store, "abcd");
    CHECK_INT(store_pin_restore(store, "Pb", &err), ERR_NOT_FOUND);
    check_order(store, "abcd");
    CHECK_OK(store_pin_delete(store, "Pb", &err), err);
    age("Pb");
    CHECK_INT(store_pin_restore(store, "Pb", &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "There is no pin Pb.");
}

static int count_pins(void) {
    sqlite3 *connection;
    sqlite3_stmt *statement;
    cleanup_free char *path = path_join(check_folder(), STORE_FILE);
    CHECK_INT(sqlite3_open(path, &connection), SQLITE_OK);
    CHECK_INT(sqlite3_prepare_v2(connection, "SELECT count(*) FROM pin", -1, &statement, NULL),
              SQLITE_OK);
    CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return count;
}

TEST(what_nobody_can_restore_any_more_is_swept_away_and_the_rest_is_not) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    int64_t conversations = -1;
    add_all(store, "abc");
    CHECK_OK(store_pin_delete(store, "Pa", &err), err);
    CHECK_OK(store_pin_delete(store, "Pb", &err), err);
    age("Pa");
    CHECK_OK(store_sweep(store, &conversations, &err), err);
    CHECK_INT(conversations, 0);
    CHECK_INT(count_pins(), 2);
    CHECK_OK(store_pin_restore(store, "Pb", &err), err);
    check_order(store, "bc");
}

TEST(a_turn_knows_its_pin_while_it_has_one) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    cleanup_json json *turn = cJSON_CreateObject(), *pinned = NULL, *unpinned = NULL;
    CHECK_OK(store_conversation_add(store, "C", "weather", "", &err), err);
    json_add_text(turn, "id", "a");
    json_add_text(turn, "conversation_id", "C");
    json_add_text(turn, "question", "Why?");
    json_add_text(turn, "status", "running");
    json_add_null(turn, "pin_id");
    CHECK_OK(store_turn_add(store, turn, &err), err);
    add_all(store, "a");
    CHECK_OK(store_turn_get(store, "a", &pinned, &err), err);
    CHECK_TEXT(json_text(pinned, "pin_id"), "Pa");
    CHECK_OK(store_pin_delete(store, "Pa", &err), err);
    CHECK_OK(store_turn_get(store, "a", &unpinned, &err), err);
    CHECK(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(unpinned, "pin_id")));
}

TEST(a_pin_is_changed_where_it_is_and_only_where_it_is) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    add_all(store, "ab");
    cleanup_json json *pin = NULL, *changed = NULL;
    CHECK_OK(store_pin_get(store, "Pa", &pin, &err), err);
    cJSON_ReplaceItemInObjectCaseSensitive(pin, "title", cJSON_CreateString("Another"));
    CHECK_OK(store_pin_save(store, pin, &err), err);
    CHECK_OK(store_pin_get(store, "Pa", &changed, &err), err);
    CHECK(cJSON_Compare(pin, changed, true));
    CHECK_OK(store_pin_delete(store, "Pa", &err), err);
    CHECK_INT(store_pin_save(store, pin, &err), ERR_NOT_FOUND);
    CHECK_INT(store_pin_move(store, "Pa", 0, &err), ERR_NOT_FOUND);
    check_order(store, "b");
}

TEST(there_are_no_more_pins_than_the_limit_and_the_message_names_it) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    bool is_new;
    for (int i = 0; i < LIMIT_PINS; i++) {
        char turn[16];
        snprintf(turn, sizeof turn, "T%d", i);
        CHECK_OK(add(store, turn, &is_new, &err), err);
    }
    CHECK_INT(add(store, "more", &is_new, &err), ERR_CONFLICT);
    CHECK(strstr(err.message, "100 pins"));
    CHECK_OK(add(store, "T7", &is_new, &err), err);
    CHECK(!is_new);
    CHECK_OK(store_pin_delete(store, "PT7", &err), err);
    CHECK_OK(add(store, "more", &is_new, &err), err);
    CHECK_INT(store_pin_restore(store, "PT7", &err), ERR_CONFLICT);
}
