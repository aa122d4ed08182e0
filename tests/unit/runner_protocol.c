// SPDX-License-Identifier: Apache-2.0
//
// The runner's request and result: what is taken, and in which words the rest is refused.
#include "runner/protocol.h"

#include <string.h>

#include "tests/unit/check.h"

static int read_request(const char *text, struct run_request *ret_request, struct err *err) {
    static json *object; // the request borrows from it until the next is read
    json_free(object);
    CHECK_OK(json_parse(text, strlen(text), &object, err), *err);
    return run_request_read(object, ret_request, err);
}

static void check_refused(const char *text, const char *message) {
    struct run_request request;
    struct err err = {0};
    CHECK(read_request(text, &request, &err) < 0);
    CHECK_TEXT(err.message, message);
}

#define HEAD "{\"version\":1,\"run_id\":\"R\",\"dataset\":\"d\",\"sql\":\"SELECT 1\""

TEST(a_request_with_the_least_gets_the_defaults) {
    struct run_request request;
    struct err err = {0};
    CHECK_OK(read_request(HEAD "}", &request, &err), err);
    CHECK_TEXT(request.run_id, "R");
    CHECK_TEXT(request.sql, "SELECT 1");
    CHECK_INT(request.max_rows, 200);
    CHECK_INT(request.timeout_ms, 5000);
    CHECK_INT(request.max_result_bytes, 1048576);
    CHECK(request.params == NULL);
}

TEST(a_request_that_is_wrong_is_refused_with_the_key_and_the_reason) {
    check_refused(HEAD ",\"max_row\":5}", "\"max_row\" is not a known key");
    check_refused(HEAD ",\"max_rows\":\"5\"}", "\"max_rows\" must be an integer");
    check_refused(HEAD ",\"max_rows\":0}", "\"max_rows\" is 0, but must be from 1 to 10000");
    check_refused(HEAD ",\"max_rows\":2.5}", "\"max_rows\" must be an integer");
    check_refused(HEAD ",\"sql\":\"SELECT 2\"}", "\"sql\" stands twice");
    check_refused(HEAD ",\"params\":{}}", "\"params\" must be an array");
    check_refused(HEAD ",\"params\":[1,[2]]}",
                  "\"params[1]\" must be a text, a number, true, false or null");
    check_refused(HEAD ",\"alternatives\":[{\"sql\":\"x\"},{\"params\":[]}]}",
                  "\"alternatives[1].sql\" is missing");
    check_refused(HEAD ",\"alternatives\":[{\"sql\":\"x\",\"params\":[{}]}]}",
                  "alternatives[0]: \"params[0]\" must be a text, a number, true, false or null");
    check_refused("{\"version\":1,\"run_id\":\"R\",\"dataset\":\"d\"}", "\"sql\" is missing");
    check_refused("{\"version\":2,\"run_id\":\"R\",\"dataset\":\"d\",\"sql\":\"x\"}",
                  "\"version\" is 2; this runner speaks version 1");
    check_refused("{\"version\":1,\"run_id\":\"R\",\"dataset\":\"d\",\"sql\":\"\"}",
                  "\"sql\" is empty");
    check_refused("[]", "the JSON must be an object");
}

TEST(a_request_that_is_written_reads_back_the_same) {
    cleanup_json json *params = cJSON_Parse("[\"a\\\"b\",0.1,null]");
    struct run_request request = {.run_id = "R",
                                  .dataset = "d",
                                  .sql = "SELECT ?1 -- \"\xC3\xA9\"\n",
                                  .params = params,
                                  .max_rows = 7,
                                  .timeout_ms = 8,
                                  .max_result_bytes = 9},
                       again;
    struct err err = {0};
    cleanup_free char *text = run_request_write(&request);
    CHECK_OK(read_request(text, &again, &err), err);
    cleanup_free char *again_params = json_write(again.params);
    CHECK_TEXT(again.sql, request.sql);
    CHECK_TEXT(again_params, "[\"a\\\"b\",0.1,null]");
    CHECK_INT(again.max_rows, 7);
    CHECK_INT(again.max_result_bytes, 9);
}

static void check_result_refused(const char *line, const char *message) {
    json *result = NULL;
    enum outcome outcome;
    struct err err = {0};
    CHECK_INT(run_result_parse(line, strlen(line), "R", &result, &outcome, &err), ERR_CORRUPT);
    CHECK_TEXT(err.message, message);
}

TEST(a_result_that_is_cut_off_of_another_run_or_misshapen_is_not_believed) {
    check_result_refused("", "the runner's result is cut off");
    check_result_refused("{\"version\":1,\"run_id\":\"R\"}", "the runner's result is cut off");
    check_result_refused("{\"version\":1,\n",
                         "the runner's result: not valid JSON at line 1, column 14");
    check_result_refused("{\"version\":1,\"run_id\":\"other\",\"outcome\":\"completed\","
                         "\"columns\":[],\"rows\":[]}\n",
                         "the runner's result is of another run, or ended in no known way");
    check_result_refused(
        "{\"version\":1,\"run_id\":\"R\",\"outcome\":\"fine\",\"columns\":[],\"rows\":[]}\n",
        "the runner's result is of another run, or ended in no known way");
    check_result_refused("{\"version\":1,\"run_id\":\"R\",\"outcome\":\"completed\",\"rows\":[]}\n",
                         "the runner's result has no columns or no rows");
    check_result_refused("{\"version\":1,\"run_id\":\"R\",\"outcome\":\"completed\",\"columns\":[{}"
                         "],\"rows\":[[1,2]]}\n",
                         "a row of the runner's result does not have 1 cells");
}

TEST(every_way_to_end_has_a_name_a_sentence_and_a_status) {
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome outcome = (enum outcome)i;
        CHECK_INT(outcome_from_name(outcome_name(outcome)), i);
        CHECK(strlen(outcome_sentence(outcome)) > 10);
        CHECK(outcome_hint(outcome) != NULL);
        CHECK(outcome_exit_status(outcome) >= 0 && outcome_exit_status(outcome) <= 4);
    }
    CHECK_INT(outcome_from_name("fine"), -1);
}

TEST(numbers_are_written_so_that_they_read_back_the_same) {
    static const char *const same[] = {
        "0.1",    "0.30000000000000004", "9007199254740991", "-9007199254740992",
        "1e-300", "123456.789",          "1e+100",           "-0.5",
        "0"};
    for (size_t i = 0; i < ARRAY_LENGTH(same); i++) {
        cleanup_json json *value = cJSON_Parse(same[i]);
        cleanup_free char *text = json_write(value);
        CHECK_TEXT(text, same[i]);
    }
}

TEST(a_framed_result_is_whole_or_refused) {
    const char *text;
    size_t length;
    struct err err;
    char *line = run_result_frame("{\"a\":1}");
    size_t size = strlen(line) - 1; // without the line's end
    CHECK_INT(line[size], '\n');
    CHECK_INT(run_result_unframe(line, size, &text, &length, &err), 0);
    CHECK_INT(length, 7);
    CHECK(memcmp(text, "{\"a\":1}", 7) == 0);
    for (size_t cut = 0; cut < size; cut++)
        CHECK_INT(run_result_unframe(line, cut, &text, &length, &err), ERR_CORRUPT);
    CHECK_TEXT(err.message, "the runner's result is cut off: 6 of 7 bytes came");
    for (size_t i = 0; i < size; i++) {
        char before = line[i];
        line[i] = before == '2' ? '3' : '2';
        CHECK_INT(run_result_unframe(line, size, &text, &length, &err), ERR_CORRUPT);
        line[i] = before;
    }
    free(line);
}

TEST(other_lines_of_a_log_are_no_framed_results) {
    static const char *const lines[] = {
        "", "ready", "result", "result ", "result of nothing", "{\"version\":1}"};
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
        CHECK(!run_result_is_framed(lines[i], strlen(lines[i])));
}

TEST(the_summary_of_a_result_fits_a_termination_message_and_reads_as_a_result) {
    char long_message[8000];
    memset(long_message, 'x', sizeof long_message);
    long_message[sizeof long_message - 1] = '\0';
    static const char *const small = "no such column";
    const char *const messages[] = {small, long_message};
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++) {
        json *result = run_result_failed("R", OUTCOME_QUERY_FAILED, messages[i], NULL), *read;
        char *summary = run_result_summary(result), *line = mem_format("%s\n", summary);
        enum outcome outcome;
        struct err err;
        CHECK(strlen(summary) <= RUN_SUMMARY_SIZE);
        CHECK_OK(run_result_parse(line, strlen(line), "R", &read, &outcome, &err), err);
        CHECK_INT(outcome, OUTCOME_QUERY_FAILED);
        json_free(result);
        json_free(read);
        free(summary);
        free(line);
    }
}
