// SPDX-License-Identifier: Apache-2.0
//
// What survives: conversations, turns and runs in the state folder (store.h).
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/str.h"
#include "store/store.h"
#include "tests/unit/check.h"
#include "tests/unit/store_fixture.h"

static void add_conversation(struct store *store, const char *id, const char *title) {
    struct err err = {0};
    CHECK_OK(store_conversation_add(store, id, "weather", title, &err), err);
}

static json *new_turn(const char *id, const char *conversation, const char *question) {
    json *turn = cJSON_CreateObject();
    json_add_text(turn, "id", id);
    json_add_text(turn, "conversation_id", conversation);
    json_add_text(turn, "question", question);
    json_add_text(turn, "status", "running");
    json_add_null(turn, "run");
    return turn;
}

static void add_turn(struct store *store, const char *id, const char *conversation,
                     const char *question) {
    struct err err = {0};
    cleanup_json json *turn = new_turn(id, conversation, question);
    CHECK_OK(store_turn_add(store, turn, &err), err);
}

static json *get_turn(struct store *store, const char *id) {
    struct err err = {0};
    json *turn = NULL;
    CHECK_OK(store_turn_get(store, id, &turn, &err), err);
    return turn;
}

static json *get_conversation(struct store *store, const char *id) {
    struct err err = {0};
    json *conversation = NULL;
    CHECK_OK(store_conversation_get(store, id, true, &conversation, &err), err);
    return conversation;
}

static json *new_run(const char *id, const char *outcome) {
    json *run = cJSON_CreateObject(), *result;
    json_add_text(run, "id", id);
    json_add_text(run, "turn_id", NULL);
    json_add_text(run, "outcome", outcome);
    result = json_add_object(run, "result");
    json_add_text(result, "cell", "\xC3\xA9 \"quoted\"");
    return run;
}

// ---- What goes in comes out ---------------------------------------------------------------------

static int mode_of(const char *path) {
    struct stat status;
    CHECK_INT(stat(path, &status), 0);
    return (int)(status.st_mode & 0777);
}

TEST(a_new_store_is_empty_and_its_folder_is_private) {
    struct store *store = NULL;
    struct err err = {0};
    cleanup_free char *folder = path_join(check_folder(), "new/state");
    cleanup_json json *list = NULL;
    CHECK_OK(store_open(folder, &store, &err), err);
    CHECK_OK(store_conversation_list(store, &(struct store_list){.limit = 10}, &list, &err), err);
    CHECK_INT(cJSON_GetArraySize(list), 0);
    CHECK_INT(mode_of(folder), 0700);
    cleanup_free char *file = path_join(folder, STORE_FILE), *log = mem_format("%s-wal", file);
    CHECK_INT(mode_of(file), 0600);
    CHECK_INT(mode_of(log), 0600);
    store_close(store);
}

TEST(conversations_are_listed_by_last_use_and_as_many_as_are_asked_for) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    cleanup_json json *list = NULL, *short_list = NULL;
    for (int i = 0; i < 5; i++) {
        char id[16];
        snprintf(id, sizeof id, "C%d", i);
        add_conversation(store, id, "");
    }
    store_fixture_execute("UPDATE conversation SET updated_ms = 4102444800000 WHERE id = 'C1'");
    CHECK_OK(store_conversation_list(store, &(struct store_list){.limit = 100}, &list, &err), err);
    CHECK_INT(cJSON_GetArraySize(list), 5);
    CHECK_TEXT(json_text(cJSON_GetArrayItem(list, 0), "id"), "C1");
    CHECK_TEXT(json_text(cJSON_GetArrayItem(list, 0), "updated_at"), "2100-01-01T00:00:00.000Z");
    CHECK_OK(store_conversation_list(store, &(struct store_list){.limit = 2}, &short_list, &err),
             err);
    CHECK_INT(cJSON_GetArraySize(short_list), 2);
}

TEST(turns_are_numbered_in_the_order_in_which_they_were_asked) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    add_conversation(store, "C", "");
    add_conversation(store, "D", "");
    add_turn(store, "T1", "C", "first?");
    add_turn(store, "U1", "D", "elsewhere?");
    add_turn(store, "T2", "C", "second?");
    cleanup_json json *conversation = get_conversation(store, "C");
    const json *turns = cJSON_GetObjectItem(conversation, "turns");
    CHECK_INT(json_integer(conversation, "turn_count", 0), 2);
    CHECK_INT(cJSON_GetArraySize(turns), 2);
    CHECK_TEXT(json_text(cJSON_GetArrayItem(turns, 1), "question"), "second?");
    CHECK_INT(json_integer(cJSON_GetArrayItem(turns, 1), "ordinal", 0), 2);
}

TEST(the_first_question_becomes_the_title_unless_there_is_one) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    add_conversation(store, "C", "");
    add_conversation(store, "D", "Mine");
    add_turn(store, "T1", "C", "first?");
    add_turn(store, "T2", "C", "second?");
    add_turn(store, "U1", "D", "first?");
    cleanup_json json *untitled = get_conversation(store, "C");
    cleanup_json json *titled = get_conversation(store, "D");
    CHECK_TEXT(json_text(untitled, "title"), "first?");
    CHECK_TEXT(json_text(titled, "title"), "Mine");
}

TEST(a_long_question_becomes_a_title_cut_between_characters) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    for (size_t shift = 0; shift < 3; shift++) {
        char id[32], turn[32], question[400] = "";
        snprintf(id, sizeof id, "C%zu", shift);
        snprintf(turn, sizeof turn, "T%zu", shift);
        memset(question, 'x', shift);
        for (int i = 0; i < 100; i++)
            strcat(question, "\xE2\x82\xAC");
        add_conversation(store, id, "");
        add_turn(store, turn, id, question);
        cleanup_json json *conversation = get_conversation(store, id);
        const char *title = json_text(conversation, "title");
        CHECK(str_is_utf8(title, strlen(title), NULL));
        CHECK(strlen(title) <= 83 && strlen(title) >= 80);
        CHECK(str_has_suffix(title, "\xE2\x80\xA6"));
    }
}

TEST(a_turn_is_read_with_its_run_and_the_run_with_its_result) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    add_conversation(store, "C", "");
    add_turn(store, "T", "C", "how many?");
    cleanup_json json *turn = new_turn("T", "C", "how many?"), *run = new_run("R", "completed"),
                      *events = cJSON_Parse("[[\"turn.started\",{\"a\":1}]]"), *read = NULL,
                      *alone = NULL;
    cJSON_ReplaceItemInObject(turn, "status", cJSON_CreateString("answered"));
    CHECK_OK(store_turn_save(store, turn, run, events, &err), err);
    cleanup_json json *again = get_turn(store, "T");
    CHECK_TEXT(json_text(again, "status"), "answered");
    CHECK(cJSON_Compare(cJSON_GetObjectItem(again, "run"), run, true));
    CHECK_OK(store_turn_events(store, "T", &read, &err), err);
    CHECK(cJSON_Compare(read, events, true));
    CHECK_OK(store_run_get(store, "R", &alone, &err), err);
    CHECK(cJSON_Compare(alone, run, true));
}

TEST(saving_a_turn_without_events_leaves_those_it_has) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    add_conversation(store, "C", "");
    add_turn(store, "T", "C", "how many?");
    cleanup_json json *turn = new_turn("T", "C", "how many?"),
                      *events = cJSON_Parse("[[\"turn.started\",{}]]"), *none = NULL, *read = NULL;
    CHECK_OK(store_turn_events(store, "T", &none, &err), err);
    CHECK_INT(cJSON_GetArraySize(none), 0);
    CHECK_OK(store_turn_save(store, turn, NULL, events, &err), err);
    CHECK_OK(store_turn_save(store, turn, NULL, NULL, &err), err);
    CHECK_OK(store_turn_events(store, "T", &read, &err), err);
    CHECK(cJSON_Compare(read, events, true));
}

TEST(quotes_and_semicolons_in_an_id_find_nothing_and_do_nothing) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    json *found = NULL;
    add_conversation(store, "C", "");
    CHECK_INT(store_conversation_get(store, "x' OR '1'='1", false, &found, &err), ERR_NOT_FOUND);
    CHECK_INT(store_run_get(store, "'; DROP TABLE conversation; --", &found, &err), ERR_NOT_FOUND);
    CHECK(found == NULL);
    cleanup_json json *still = get_conversation(store, "C");
    CHECK_TEXT(json_text(still, "id"), "C");
}

TEST(what_is_not_there_is_named) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    json *found = NULL;
    CHECK_INT(store_conversation_get(store, "X", true, &found, &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "There is no conversation X.");
    CHECK_INT(store_turn_get(store, "X", &found, &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "There is no turn X.");
    CHECK_INT(store_turn_events(store, "X", &found, &err), ERR_NOT_FOUND);
    CHECK_INT(store_run_get(store, "X", &found, &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "There is no run X.");
}

TEST(a_turn_of_a_conversation_that_does_not_exist_is_not_kept) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    cleanup_json json *turn = new_turn("T", "nowhere", "how many?");
    json *found = NULL;
    CHECK(store_turn_add(store, turn, &err) != 0);
    CHECK_INT(store_turn_get(store, "T", &found, &err), ERR_NOT_FOUND);
}

// ---- Death and other people's files -------------------------------------------------------------

TEST(what_was_under_way_is_interrupted_after_reopening_and_the_rest_is_as_it_was) {
    struct store *store = store_fixture_open();
    struct err err = {0};
    add_conversation(store, "C", "");
    add_turn(store, "T1", "C", "answered?");
    add_turn(store, "T2", "C", "under way?");
    cleanup_json json *turn = new_turn("T1", "C", "answered?"), *run = new_run("R", "completed");
    cJSON_ReplaceItemInObject(turn, "status", cJSON_CreateString("answered"));
    CHECK_OK(store_turn_save(store, turn, run, NULL, &err), err);
    store_close(store);
    store = store_fixture_open();
    cleanup_json json *answered = get_turn(store, "T1");
    cleanup_json json *interrupted = get_turn(store, "T2");
    const json *error = cJSON_GetObjectItem(interrupted, "error");
    CHECK_TEXT(json_text(answered, "status"), "answered");
    CHECK(cJSON_Compare(cJSON_GetObjectItem(answered, "run"), run, true));
    CHECK_TEXT(json_text(interrupted, "status"), "interrupted");
    CHECK_TEXT(json_text(error, "code"), "interrupted");
    CHECK_TEXT(json_text(error, "hint"), "Ask again.");
    CHECK_TEXT(json_text(interrupted, "question"), "under way?");
    store_close(store);
}

TEST(a_second_opener_is_refused_and_the_first_goes_on) {
    struct store *store cleanup(store_closep) = store_fixture_open(), *second = NULL;
    struct err err = {0};
    CHECK_INT(store_open(check_folder(), &second, &err), ERR_CONFLICT);
    cleanup_free char *expected =
        mem_format("another server uses the state folder %s", check_folder());
    CHECK_TEXT(err.message, expected);
    CHECK(strstr(err.hint, "STATE_PATH"));
    CHECK(second == NULL);
    add_conversation(store, "C", "");
}

TEST(a_file_that_is_no_database_is_named_and_left_alone) {
    struct store *store = NULL;
    struct err err = {0};
    cleanup_free char *text = mem_zero(5000, 1);
    memset(text, 'x', 4999);
    const char *path = check_file(STORE_FILE, text);
    CHECK_INT(store_open(check_folder(), &store, &err), ERR_CORRUPT);
    CHECK(strstr(err.message, path));
    FILE *file = fopen(path, "r");
    CHECK_INT(fgetc(file), 'x');
    fclose(file);
}

TEST(a_damaged_store_is_called_damaged) {
    struct err err = {0};
    struct store *store = store_fixture_open();
    for (int i = 0; i < 200; i++) {
        char id[16];
        snprintf(id, sizeof id, "C%d", i);
        add_conversation(store, id, "a title that fills some pages");
    }
    store_close(store);
    cleanup_free char *path = path_join(check_folder(), STORE_FILE);
    FILE *file = fopen(path, "r+");
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fseek(file, 4096, SEEK_SET); // all pages but the first, where the schema is
    for (long i = 4096; i < size; i++)
        fputc(0x5A, file);
    fclose(file);
    store = NULL;
    cleanup_json json *list = NULL;
    int status = store_open(check_folder(), &store, &err);
    if (status == 0)
        status = store_conversation_list(store, &(struct store_list){.limit = 500}, &list, &err);
    CHECK_INT(status, ERR_CORRUPT);
    CHECK(strstr(err.message, path));
    store_close(store);
}

TEST(a_store_of_a_later_version_is_refused_by_its_number) {
    struct store *store = store_fixture_open(), *again = NULL;
    struct err err = {0};
    store_close(store);
    store_fixture_execute("PRAGMA user_version = 4711");
    CHECK_INT(store_open(check_folder(), &again, &err), ERR_CORRUPT);
    CHECK(strstr(err.message, STORE_FILE ": it is of version 4711; this program knows versions"));
    CHECK(again == NULL);
}

static int version(void) {
    sqlite3 *connection;
    sqlite3_stmt *statement;
    cleanup_free char *path = path_join(check_folder(), STORE_FILE);
    CHECK_INT(sqlite3_open(path, &connection), SQLITE_OK);
    CHECK_INT(sqlite3_prepare_v2(connection, "PRAGMA user_version", -1, &statement, NULL),
              SQLITE_OK);
    CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
    int found = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return found;
}

TEST(a_store_can_be_opened_again_after_it_was_refused) {
    struct store *store = store_fixture_open(), *again = NULL;
    struct err err = {0};
    store_close(store);
    cleanup_free char *back = mem_format("PRAGMA user_version = %d", version());
    store_fixture_execute("PRAGMA user_version = 4711");
    CHECK_INT(store_open(check_folder(), &again, &err), ERR_CORRUPT);
    store_fixture_execute(back);
    CHECK_OK(store_open(check_folder(), &again, &err), err);
    store_close(again);
}

TEST(a_file_in_the_way_of_the_state_folder_is_named) {
    struct store *store = NULL;
    struct err err = {0};
    const char *path = check_file("state", "x");
    CHECK_INT(store_open(path, &store, &err), ERR_IO);
    CHECK(strstr(err.message, path));
}
