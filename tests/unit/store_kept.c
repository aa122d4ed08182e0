// SPDX-License-Identifier: Apache-2.0
//
// Conversations that are kept: found by their words, renamed, deleted, brought back, and gone for
// good (store.h).
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "store/store.h"
#include "tests/unit/check.h"
#include "tests/unit/store_fixture.h"

// A conversation with one answered turn and its run, named C<number>, T<number> and R<number>.
static void add(struct store *store, int number, const char *title, const char *question,
                const char *sentence) {
    char conversation[16], turn[16], run[16];
    struct err err = {0};
    snprintf(conversation, sizeof conversation, "C%d", number);
    snprintf(turn, sizeof turn, "T%d", number);
    snprintf(run, sizeof run, "R%d", number);
    cleanup_json json *object = cJSON_CreateObject(), *ran = cJSON_CreateObject(),
                      *events = cJSON_Parse("[[\"answer\",{\"sentence\":\"kept\"}]]");
    json_add_text(object, "id", turn);
    json_add_text(object, "conversation_id", conversation);
    json_add_text(object, "question", question);
    json_add_text(object, "status", "running");
    CHECK_OK(store_conversation_add(store, conversation, "weather", title, &err), err);
    CHECK_OK(store_turn_add(store, object, &err), err);
    cJSON_ReplaceItemInObject(object, "status", cJSON_CreateString("answered"));
    json_add_text(object, "sentence", sentence);
    json_add_text(ran, "id", run);
    json_add_text(ran, "turn_id", turn);
    json_add_text(ran, "outcome", "completed");
    json_add_text(json_add_object(ran, "result"), "cell", sentence);
    CHECK_OK(store_turn_save(store, object, ran, events, &err), err);
}

// The ids that are listed for SEARCH behind BEFORE, "C2 C1".
static char *listed(struct store *store, const char *search, const char *before, int64_t limit) {
    struct err err = {0};
    cleanup_json json *list = NULL;
    const json *one;
    struct buf ids = BUF(10000);
    struct store_list wanted = {.search = search, .before = before, .limit = limit};
    CHECK_OK(store_conversation_list(store, &wanted, &list, &err), err);
    cJSON_ArrayForEach (one, list)
        buf_add_format(&ids, "%s%s", ids.length ? " " : "", json_text(one, "id"));
    return buf_take(&ids);
}

static void check_listed(struct store *store, const char *search, const char *expected) {
    cleanup_free char *ids = listed(store, search, NULL, 100);
    CHECK_TEXT(ids, expected);
}

static json *first_match(struct store *store, const char *search) {
    struct err err = {0};
    cleanup_json json *list = NULL;
    struct store_list wanted = {.search = search, .limit = 1};
    CHECK_OK(store_conversation_list(store, &wanted, &list, &err), err);
    return cJSON_DetachItemFromObject(cJSON_GetArrayItem(list, 0), "match");
}

// ---- Found by its words -------------------------------------------------------------------------

TEST(a_search_finds_words_in_titles_questions_and_sentences_in_any_case) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    add(store, 1, "Birds of Texas", "how many?", "There are 7.");
    add(store, 2, "", "Which city is the RAINIEST?", "Seattle is.");
    add(store, 3, "", "which product sells best?", "The Blue Kettle sells best.");
    check_listed(store, "texas", "C1");
    check_listed(store, "rainiest", "C2");
    check_listed(store, "blue kettle", "C3");
    check_listed(store, "WHICH", "C3 C2");
    check_listed(store, "nowhere", "");
}

TEST(every_word_of_a_search_has_to_be_found_wherever_in_the_conversation) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    add(store, 1, "Rain", "in which month?", "In March.");
    add(store, 2, "Rain", "in which year?", "In 2012.");
    check_listed(store, "rain march", "C1");
    check_listed(store, "march rain  in ", "C1");
    check_listed(store, "rain march 2012", "");
}

TEST(a_blank_search_is_none_and_signs_are_looked_for_as_they_are) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    add(store, 1, "100 % of it", "how_much?", "all");
    add(store, 2, "plain", "how much?", "all");
    check_listed(store, "  ", "C2 C1");
    check_listed(store, "%", "C1");
    check_listed(store, "w_m", "C1");
    check_listed(store, "' OR 1 --", "");
}

TEST(a_match_is_the_text_that_has_the_most_of_the_words_and_none_where_the_title_has_them) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    add(store, 1, "Weather", "how much rain in March?", "It rained 3 cm.");
    cleanup_json json *match = first_match(store, "weather march rain");
    CHECK_TEXT(json_text(match, "turn_id"), "T1");
    CHECK_TEXT(json_text(match, "text"), "how much rain in March?");
    cleanup_json json *sentence = first_match(store, "3 CM");
    CHECK_TEXT(json_text(sentence, "text"), "It rained 3 cm.");
    cleanup_json json *title = first_match(store, "weather");
    CHECK(cJSON_IsNull(title));
}

TEST(a_search_of_too_many_words_or_of_no_text_is_refused) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    json *list = NULL;
    struct store_list wanted = {.search = "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 "
                                          "2 3 4 5 6",
                                .limit = 10};
    CHECK_INT(store_conversation_list(store, &wanted, &list, &err), ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "32 words"));
    wanted.search = "caf\xE9";
    CHECK_INT(store_conversation_list(store, &wanted, &list, &err), ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "at byte 3"));
    CHECK(list == NULL);
}

TEST(a_list_goes_on_behind_a_conversation_and_ends) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    for (int i = 1; i <= 5; i++)
        add(store, i, "same words", "how many?", "many");
    store_fixture_execute(
        "UPDATE conversation SET updated_ms = 1000"); // then it is the id that orders them
    cleanup_free char *first = listed(store, NULL, NULL, 2);
    cleanup_free char *second = listed(store, NULL, "C4", 2);
    cleanup_free char *last = listed(store, NULL, "C2", 2);
    cleanup_free char *found = listed(store, "words", "C3", 1);
    CHECK_TEXT(first, "C5 C4");
    CHECK_TEXT(second, "C3 C2");
    CHECK_TEXT(last, "C1");
    CHECK_TEXT(found, "C2");
}

TEST(a_store_of_the_first_version_is_searched_like_any_other) {
    struct store *store = store_fixture_open();
    struct err err = {0};
    add(store, 1, "Old", "how much rain?", "It rained.");
    store_close(store);
    store_fixture_execute(
        "DROP TABLE pin; DROP TABLE turn_text; DROP INDEX conversation_deleted; DROP INDEX "
        "run_of_conversation;"
        "ALTER TABLE conversation DROP COLUMN deleted_ms; ALTER TABLE turn DROP COLUMN feedback;"
        "ALTER TABLE run DROP COLUMN conversation_id;"
        "INSERT INTO run VALUES ('S', NULL, 'completed', '{\"id\":\"S\",\"replay_of\":\"R1\"}', "
        "'{}'); PRAGMA user_version = 1");
    store = store_fixture_open();
    check_listed(store, "rained", "C1");
    json *run = NULL;
    CHECK_OK(store_conversation_delete(store, "C1", &err), err);
    CHECK_INT(store_run_get(store, "S", &run, &err), ERR_NOT_FOUND);
    store_close(store);
}

// ---- Renamed, deleted, restored -----------------------------------------------------------------

TEST(a_conversation_that_is_renamed_keeps_its_place_in_the_list) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    cleanup_json json *renamed = NULL;
    add(store, 1, "Old", "how many?", "7");
    add(store, 2, "Newer", "how many?", "7");
    CHECK_OK(store_conversation_rename(store, "C1", "New name", &err), err);
    CHECK_OK(store_conversation_get(store, "C1", false, &renamed, &err), err);
    CHECK_TEXT(json_text(renamed, "title"), "New name");
    check_listed(store, NULL, "C2 C1");
    CHECK_INT(store_conversation_rename(store, "C9", "x", &err), ERR_NOT_FOUND);
}

TEST(what_was_deleted_is_gone_from_lists_and_reads_at_once_with_its_turns_and_runs) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    json *found = NULL;
    add(store, 1, "Mine", "how many?", "7");
    add(store, 2, "Other", "how many?", "8");
    CHECK_OK(store_conversation_delete(store, "C1", &err), err);
    check_listed(store, NULL, "C2");
    check_listed(store, "mine", "");
    CHECK_INT(store_conversation_get(store, "C1", true, &found, &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "The conversation C1 was deleted.");
    CHECK(strstr(err.hint, "It can be restored until 2"));
    CHECK_INT(store_turn_get(store, "T1", &found, &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "The turn T1 was deleted with its conversation.");
    CHECK_INT(store_turn_events(store, "T1", &found, &err), ERR_NOT_FOUND);
    CHECK_INT(store_run_get(store, "R1", &found, &err), ERR_NOT_FOUND);
    CHECK_INT(store_conversation_rename(store, "C1", "x", &err), ERR_NOT_FOUND);
    CHECK_INT(store_conversation_delete(store, "C1", &err), ERR_NOT_FOUND);
    CHECK(found == NULL);
}

TEST(nothing_more_is_asked_in_a_conversation_that_was_deleted) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    add(store, 1, "Mine", "how many?", "7");
    CHECK_OK(store_conversation_delete(store, "C1", &err), err);
    cleanup_json json *turn = cJSON_Parse("{\"id\":\"T9\",\"conversation_id\":\"C1\",\"question\":"
                                          "\"more?\",\"status\":\"running\"}"),
                      *after = NULL;
    CHECK_INT(store_turn_add(store, turn, &err), ERR_NOT_FOUND);
    CHECK_OK(store_conversation_restore(store, "C1", &err), err);
    CHECK_OK(store_conversation_get(store, "C1", true, &after, &err), err);
    CHECK_INT(json_integer(after, "turn_count", 0), 1);
}

TEST(what_was_deleted_comes_back_as_it_was_within_the_hour_and_not_after_it) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    cleanup_json json *before = NULL, *after = NULL;
    int64_t count = 0;
    add(store, 1, "Mine", "how many?", "7");
    CHECK_OK(store_conversation_get(store, "C1", true, &before, &err), err);
    CHECK_OK(store_conversation_delete(store, "C1", &err), err);
    CHECK_OK(store_sweep(store, &count, &err), err);
    CHECK_INT(count, 0);
    CHECK_OK(store_conversation_restore(store, "C1", &err), err);
    CHECK_OK(store_conversation_restore(store, "C1", &err), err);
    CHECK_OK(store_conversation_get(store, "C1", true, &after, &err), err);
    CHECK(cJSON_Compare(before, after, true));
    CHECK_OK(store_conversation_delete(store, "C1", &err), err);
    store_fixture_execute("UPDATE conversation SET deleted_ms = deleted_ms - 3600001");
    CHECK_INT(store_conversation_restore(store, "C1", &err), ERR_NOT_FOUND);
    CHECK_INT(store_conversation_restore(store, "C9", &err), ERR_NOT_FOUND);
}

// Whether any file of the store has TEXT in it.
static bool has_trace(const char *text) {
    static const char *const files[] = {STORE_FILE, STORE_FILE "-wal"};
    bool is_found = false;
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        cleanup_buf struct buf bytes = BUF(64 << 20);
        cleanup_free char *path = path_join(check_folder(), files[i]);
        struct err err;
        if (fd_read_file(path, &bytes, &err) == 0 && bytes.length)
            is_found |= memmem(bytes.data, bytes.length, text, strlen(text)) != NULL;
    }
    return is_found;
}

TEST(an_hour_after_it_was_deleted_no_trace_of_a_conversation_is_left_in_the_files) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    int64_t count = 0;
    cleanup_free char *large = mem_zero(40001, 1);
    memset(large, 'x', 40000);
    memcpy(large + 30000, "sentence-secret", 15);
    add(store, 1, "title-secret", "question-secret?", large);
    add(store, 2, "Kept", "kept-question?", "kept");
    cleanup_json json *replay =
        cJSON_Parse("{\"id\":\"S1\",\"turn_id\":null,\"outcome\":\"completed\","
                    "\"replay_of\":\"R1\",\"result\":{\"cell\":\"replay-secret\"}}");
    CHECK_OK(store_run_save(store, replay, &err), err);
    CHECK(has_trace("title-secret") && has_trace("sentence-secret") && has_trace("replay-secret"));
    CHECK_OK(store_conversation_delete(store, "C1", &err), err);
    store_fixture_execute(
        "UPDATE conversation SET deleted_ms = deleted_ms - 3600001 WHERE id = 'C1'");
    CHECK_OK(store_sweep(store, &count, &err), err);
    CHECK_INT(count, 1);
    CHECK(!has_trace("title-secret") && !has_trace("question-secret"));
    CHECK(!has_trace("sentence-secret") && !has_trace("replay-secret"));
    CHECK(has_trace("kept-question"));
    check_listed(store, "kept", "C2");
    CHECK_OK(store_sweep(store, &count, &err), err);
    CHECK_INT(count, 0);
}

// ---- Feedback and choices -----------------------------------------------------------------------

TEST(feedback_is_kept_with_its_turn_is_changed_and_is_taken_back) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    cleanup_json json *up = cJSON_Parse("{\"value\":\"up\"}"), *none = NULL, *some = NULL,
                      *gone = NULL;
    add(store, 1, "", "how many?", "7");
    CHECK_OK(store_turn_get(store, "T1", &none, &err), err);
    CHECK(cJSON_IsNull(cJSON_GetObjectItem(none, "feedback")));
    CHECK_OK(store_turn_feedback(store, "T1", up, &err), err);
    CHECK_OK(store_turn_save(store, none, NULL, NULL, &err), err); // what the turn is stays apart
    CHECK_OK(store_turn_get(store, "T1", &some, &err), err);
    CHECK(cJSON_Compare(cJSON_GetObjectItem(some, "feedback"), up, true));
    CHECK_OK(store_turn_feedback(store, "T1", NULL, &err), err);
    CHECK_OK(store_turn_get(store, "T1", &gone, &err), err);
    CHECK(cJSON_IsNull(cJSON_GetObjectItem(gone, "feedback")));
    CHECK_INT(store_turn_feedback(store, "T9", up, &err), ERR_NOT_FOUND);
}

TEST(what_was_chosen_in_a_conversation_is_listed_the_last_first) {
    struct store *store cleanup(store_closep) = store_fixture_open();
    struct err err = {0};
    cleanup_json json *choices = NULL;
    add(store, 1, "", "the worst?", "7");
    store_fixture_execute(
        "UPDATE turn SET body = json_set(body, '$.reading', 1, '$.planner', 'builtin', '$.sql', "
        "'SELECT ?1', '$.params', json('[1]'))");
    cleanup_json json *other =
        cJSON_Parse("{\"id\":\"T2\",\"conversation_id\":\"C1\",\"question\":\"how many?\","
                    "\"status\":\"running\"}");
    CHECK_OK(store_turn_add(store, other, &err), err);
    CHECK_OK(store_turn_choices(store, "C1", 3, &choices, &err), err);
    CHECK_INT(cJSON_GetArraySize(choices), 1);
    const json *choice = cJSON_GetArrayItem(choices, 0);
    CHECK_TEXT(json_text(choice, "turn_id"), "T1");
    CHECK_TEXT(json_text(choice, "question"), "the worst?");
    CHECK_TEXT(json_text(choice, "sql"), "SELECT ?1");
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(choice, "params")), 1);
}
