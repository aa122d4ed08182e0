// SPDX-License-Identifier: Apache-2.0
//
// Conformance: what every backend of src/sandbox promises, held against the one that the
// environment names (fixture.h): how runs end, that they can be cancelled in every phase, and that
// nothing is left of them. What only a local sandbox promises is in local.c.
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

static struct sandbox_result run_sql(const char *sql) {
    struct sandbox_request request = fixture_request(sql, 2000);
    return fixture_run(fixture_open(64, 2, 8), &request);
}

TEST(a_query_is_answered_with_its_rows_and_types) {
    struct sandbox_result result = run_sql("SELECT a, b, d, a * 0.5 AS half FROM t ORDER BY a");
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    CHECK_TEXT(fixture_rows(&result),
               "[[1,\"one\",\"2024-01-01\",0.5],[2,\"two\",null,1],[3,null,\"2024-03-01\",1.5]]");
    CHECK_TEXT(json_write(cJSON_GetObjectItem(result.result, "columns")),
               "[{\"name\":\"a\",\"type\":\"integer\"},{\"name\":\"b\",\"type\":\"text\"},"
               "{\"name\":\"d\",\"type\":\"date\"},{\"name\":\"half\",\"type\":\"real\"}]");
    CHECK_TEXT(json_text(result.result, "data_sha256"), "c0ffee");
    CHECK(result.where && *result.where);
}

TEST(values_that_json_cannot_hold_travel_in_their_own_way) {
    struct sandbox_result result = run_sql("SELECT 9223372036854775807, -9007199254740992, "
                                           "x'00ff10', 1e999, 'a' || char(0) || 'b', ''");
    CHECK_TEXT(fixture_rows(&result),
               "[[\"9223372036854775807\",-9007199254740992,{\"base64\":\"AP8Q\"}"
               ",null,{\"base64\":\"YQBi\"},\"\"]]");
}

TEST(parameters_are_bound_and_never_read_as_sql) {
    struct sandbox_request request = fixture_request("SELECT ?1, ?2, typeof(?3), ?4", 1000);
    request.params = cJSON_Parse("[\"'); DROP TABLE t; --\", 2.5, 7, null]");
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(fixture_rows(&result), "[[\"'); DROP TABLE t; --\",2.5,\"integer\",null]]");
}

TEST(other_queries_of_a_request_are_answered_beside_the_first_or_say_why_not) {
    struct sandbox_request request = fixture_request("SELECT a FROM t ORDER BY a LIMIT 1", 2000);
    request.alternatives =
        cJSON_Parse("[{\"sql\":\"SELECT b FROM t WHERE a = ?1\",\"params\":[2]},"
                    "{\"sql\":\"DELETE FROM t\"},{\"sql\":\"SELECT nothing FROM t\"},"
                    "{\"sql\":\"SELECT count(*) AS n FROM t\"}]");
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    const json *others = cJSON_GetObjectItem(result.result, "alternatives");
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    CHECK_TEXT(fixture_rows(&result), "[[1]]");
    CHECK_TEXT(json_write(cJSON_GetArrayItem(others, 0)),
               "{\"columns\":[{\"name\":\"b\",\"type\":\"text\"}],\"rows\":[[\"two\"]],"
               "\"row_count\":1,\"truncated\":false}");
    CHECK_TEXT(json_text(cJSON_GetObjectItem(cJSON_GetArrayItem(others, 1), "error"), "message"),
               "This statement would delete rows, which is not allowed here.");
    CHECK_TEXT(json_text(cJSON_GetObjectItem(cJSON_GetArrayItem(others, 2), "error"), "message"),
               "SQLite: near \"nothing\": syntax error (at character 7 of the SQL).");
    CHECK_TEXT(json_write(cJSON_GetObjectItem(cJSON_GetArrayItem(others, 3), "rows")), "[[3]]");
}

TEST(a_slow_query_beside_the_first_is_ended_and_the_rest_is_kept) {
    struct sandbox_request request = fixture_request("SELECT 1", 400);
    request.alternatives =
        cJSON_Parse("[{\"sql\":\"SELECT 2\"},{\"sql\":\"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL "
                    "SELECT x + 1 FROM c) SELECT max(x) FROM c\"}]");
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    const json *others = cJSON_GetObjectItem(result.result, "alternatives");
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    CHECK_TEXT(json_write(cJSON_GetObjectItem(cJSON_GetArrayItem(others, 0), "rows")), "[[2]]");
    CHECK_TEXT(json_text(cJSON_GetObjectItem(cJSON_GetArrayItem(others, 1), "error"), "message"),
               "The query was still running after 400 ms, so it was ended.");
}

TEST(a_missing_parameter_is_refused_with_the_count) {
    struct sandbox_result result = run_sql("SELECT ?1, ?2");
    CHECK_TEXT(outcome_name(result.outcome), "request_refused");
    CHECK_TEXT(fixture_message(&result),
               "The SQL has 2 parameters, but 0 values were given for them.");
}

// A local sandbox where the kernel gives no namespaces.
static bool is_weaker_wall(void) { return fixture_is_local() && !fixture_may_make_namespaces(); }

TEST(what_held_is_read_back_from_the_kernel) {
    struct sandbox_result result = run_sql("SELECT 1");
    const json *confinement = cJSON_GetObjectItem(result.result, "confinement");
    CHECK(json_bool(confinement, "seccomp", false));
    CHECK(json_bool(confinement, "no_new_privs", false));
    CHECK_INT(json_integer(confinement, "capabilities", -1), 0);
    // A Pod sees the cluster's network, the weaker wall the machine's; that no socket can be made
    // is the filter's doing.
    if (is_weaker_wall())
        CHECK_TEXT(json_text(confinement, "network"), "visible");
    else if (strcmp(fixture_mode(), "k8s") != 0)
        CHECK_TEXT(json_text(confinement, "network"), "none");
    CHECK_INT(json_integer(confinement, "uid", -1), is_weaker_wall() ? geteuid() : 65534);
}

TEST(sql_that_does_more_than_read_is_refused_and_says_why) {
    static const char *const cases[][2] = {
        {"INSERT INTO t VALUES (9, 'x', NULL)",
         "This statement would insert rows, which is not allowed here."},
        {"UPDATE t SET a = 0", "This statement would change rows, which is not allowed here."},
        {"DELETE FROM t", "This statement would delete rows, which is not allowed here."},
        {"DROP TABLE t", "This statement would delete rows, which is not allowed here."},
        {"CREATE TABLE u (a)", "This statement would insert rows, which is not allowed here."},
        {"CREATE TEMP TABLE u (a)", "This statement would insert rows, which is not allowed here."},
        {"ATTACH '/etc/passwd' AS p",
         "This statement would attach another database, which is not allowed here."},
        {"PRAGMA journal_mode = DELETE",
         "This statement would use a PRAGMA, which is not allowed here."},
        {"VACUUM", NULL},
        {"BEGIN", "This statement would control transactions, which is not allowed here."},
        {"SELECT * FROM sandglass_meta",
         "This statement would read the table sandglass_meta, which is not allowed here."},
        {"SELECT * FROM sqlite_schema", NULL},
        {"SELECT * FROM pragma_table_info('t')", NULL},
        {"SELECT random()",
         "This statement would call the function random, which is not allowed here."},
        {"SELECT load_extension('x')", NULL},
        {"SELECT 1; SELECT 2",
         "The SQL holds more than one statement; only one SELECT is allowed."},
        {"-- nothing", "The SQL holds no statement."},
    };
    struct sandbox *sandbox = fixture_open(64, 1, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct sandbox_request request = fixture_request(cases[i][0], 2000);
        struct sandbox_result result = fixture_run(sandbox, &request);
        if (result.outcome != OUTCOME_REQUEST_REFUSED && result.outcome != OUTCOME_QUERY_FAILED)
            check_fail(__FILE__, __LINE__, "%s ended as %s", cases[i][0],
                       outcome_name(result.outcome));
        CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(result.result, "rows")), 0);
        if (cases[i][1])
            CHECK_TEXT(fixture_message(&result), cases[i][1]);
    }
}

TEST(sql_that_is_wrong_fails_with_the_place) {
    struct sandbox_result result = run_sql("SELECT nope FROM t");
    CHECK_TEXT(outcome_name(result.outcome), "query_failed");
    CHECK_TEXT(fixture_message(&result),
               "SQLite: no such column: nope (at character 7 of the SQL).");
}

TEST(a_query_past_its_timeout_is_timed_out_and_leaves_no_process) {
    struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 200);
    int64_t start_us = clock_monotonic_us();
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "timed_out");
    CHECK_TEXT(fixture_message(&result),
               "The query was still running after 200 ms, so it was ended.");
    CHECK(clock_monotonic_us() - start_us < 5000000);
    CHECK(fixture_is_gone(request.data_folder));
}

// One call of replace() that takes for ever: SQLite asks nobody meanwhile, so only the kill from
// outside can end it.
TEST(a_call_that_never_returns_is_killed_at_the_timeout_with_its_whole_tree) {
    struct sandbox_request request = fixture_request(
        "SELECT replace(printf('%.*c', 8000000, 'a'), printf('%.*c', 1000000, 'a') || 'b', '')",
        200);
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "timed_out");
    CHECK_TEXT(fixture_message(&result),
               "The query was still running after 200 ms, so its sandbox was ended.");
    CHECK(fixture_is_gone(request.data_folder));
}

TEST(a_query_that_needs_too_much_memory_ends_as_out_of_memory) {
    struct sandbox_request request =
        fixture_request("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000)"
                        " SELECT printf('%1000000d', x) AS y FROM c ORDER BY y DESC",
                        10000);
    struct sandbox_result result = fixture_run(fixture_open(32, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "out_of_memory");
    CHECK(json_integer(cJSON_GetObjectItem(result.result, "stats"), "peak_kib", 0) < 96 * 1024);
    CHECK(fixture_is_gone(request.data_folder));
}

TEST(a_result_past_its_limit_ends_as_result_too_large) {
    struct sandbox_request request =
        fixture_request("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100)"
                        " SELECT printf('%100000d', x) FROM c",
                        5000);
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "result_too_large");
}

TEST(a_number_counts_by_its_digits) {
    struct sandbox_request request =
        fixture_request("WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c LIMIT 9)"
                        " SELECT x, -x, 1000 + x FROM c",
                        5000);
    request.max_rows = 100;
    // Nine rows of 1, 2 and 4 letters and what stands beside them; a head of three columns.
    request.max_result_bytes = 300;
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    request = fixture_request("WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c"
                              " LIMIT 9) SELECT -9223372036854775807 - 1, x, x FROM c",
                              5000);
    request.max_result_bytes = 300;
    result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "result_too_large");
}

TEST(rows_past_max_rows_are_left_out_and_said_to_be) {
    struct sandbox_request request = fixture_request("SELECT a FROM t ORDER BY a", 1000);
    request.max_rows = 2;
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(fixture_rows(&result), "[[1],[2]]");
    CHECK(json_bool(result.result, "truncated", false));
    request.max_rows = 3;
    result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK(!json_bool(result.result, "truncated", true));
}

struct cancelling {
    struct sandbox_cancel *cancel;
    enum sandbox_phase at;
};

static void cancel_at(enum sandbox_phase phase, void *context) {
    const struct cancelling *cancelling = context;
    if (phase == cancelling->at)
        sandbox_cancel_request(cancelling->cancel);
}

static void check_cancelled_at(enum sandbox_phase phase) {
    struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 20000);
    struct cancelling cancelling = {sandbox_cancel_new(), phase};
    struct sandbox_result result;
    int64_t start_us = clock_monotonic_us();
    sandbox_run(fixture_open(64, 1, 1), &request, cancel_at, &cancelling, cancelling.cancel,
                &result);
    CHECK_TEXT(outcome_name(result.outcome), "cancelled");
    CHECK(clock_monotonic_us() - start_us < 10000000);
    CHECK(fixture_is_gone(request.data_folder));
}

TEST(a_run_can_be_cancelled_before_it_starts) { check_cancelled_at(SANDBOX_QUEUED); }
TEST(a_run_can_be_cancelled_while_it_starts) { check_cancelled_at(SANDBOX_STARTING); }
TEST(a_run_can_be_cancelled_while_it_runs) { check_cancelled_at(SANDBOX_RUNNING); }

struct holder {
    struct sandbox *sandbox;
    struct sandbox_request request;
    struct sandbox_cancel *cancel;
    enum outcome outcome;
};

static void *hold(void *context) {
    struct holder *holder = context;
    struct sandbox_result result;
    sandbox_run(holder->sandbox, &holder->request, NULL, NULL, holder->cancel, &result);
    holder->outcome = result.outcome;
    return NULL;
}

static void wait_for_load(struct sandbox *sandbox, int64_t running, int64_t queued) {
    for (int i = 0; i < 500; i++) {
        struct sandbox_load load = sandbox_load(sandbox);
        if (load.running == running && load.queued == queued)
            return;
        usleep(10000);
    }
    check_fail(__FILE__, __LINE__, "it never came to %lld running and %lld queued",
               (long long)running, (long long)queued);
}

TEST(a_run_that_finds_no_place_waits_and_one_too_many_is_queue_full) {
    struct sandbox *sandbox = fixture_open(64, 1, 1);
    struct holder first = {sandbox, fixture_request(FIXTURE_ENDLESS, 20000), sandbox_cancel_new(),
                           OUTCOME_COMPLETED};
    struct holder second = {sandbox, first.request, sandbox_cancel_new(), OUTCOME_COMPLETED};
    pthread_t threads[2];
    second.request.sql = "SELECT 1";
    pthread_create(&threads[0], NULL, hold, &first);
    wait_for_load(sandbox, 1, 0);
    pthread_create(&threads[1], NULL, hold, &second);
    wait_for_load(sandbox, 1, 1);
    struct sandbox_result third = fixture_run(sandbox, &second.request);
    CHECK_TEXT(outcome_name(third.outcome), "queue_full");
    sandbox_cancel_request(first.cancel);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    CHECK_TEXT(outcome_name(first.outcome), "cancelled");
    CHECK_TEXT(outcome_name(second.outcome), "completed");
    wait_for_load(sandbox, 0, 0);
}

TEST(a_run_can_be_cancelled_while_it_waits_and_gives_its_turn_to_the_next) {
    struct sandbox *sandbox = fixture_open(64, 1, 2);
    struct holder first = {sandbox, fixture_request(FIXTURE_ENDLESS, 20000), sandbox_cancel_new(),
                           OUTCOME_COMPLETED};
    struct holder second = {sandbox, first.request, sandbox_cancel_new(), OUTCOME_COMPLETED};
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, hold, &first);
    wait_for_load(sandbox, 1, 0);
    pthread_create(&threads[1], NULL, hold, &second);
    wait_for_load(sandbox, 1, 1);
    sandbox_cancel_request(second.cancel);
    pthread_join(threads[1], NULL);
    CHECK_TEXT(outcome_name(second.outcome), "cancelled");
    wait_for_load(sandbox, 1, 0);
    sandbox_cancel_request(first.cancel);
    pthread_join(threads[0], NULL);
}

static int count_descriptors(void) {
    int count = 0;
    DIR *list = opendir("/proc/self/fd");
    while (readdir(list))
        count++;
    closedir(list);
    return count;
}

TEST(runs_leave_no_descriptor_and_no_zombie_behind) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    struct sandbox *sandbox;
    struct err err;
    int before = 0;
    for (int round = 0; round < 2; round++) { // the first opens what stays open for good
        before = count_descriptors();
        CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
        for (int i = 0; i < 8; i++) {
            request.sql = i % 4 == 3 ? FIXTURE_ENDLESS : "SELECT 1";
            request.timeout_ms = i % 4 == 3 ? 20 : 1000;
            struct sandbox_result result = fixture_run(sandbox, &request);
            sandbox_result_done(&result);
        }
        sandbox_close(sandbox);
    }
    CHECK_INT(count_descriptors(), before);
    CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(a_damaged_data_set_is_said_to_be_damaged) {
    struct sandbox_request request = fixture_request("SELECT * FROM t", 1000);
    fixture_damage_data();
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "internal_error");
    CHECK_TEXT(fixture_message(&result),
               "The data set's file is damaged (file is not a database).");
}

TEST(the_check_makes_a_real_run_and_says_what_it_found) {
    struct sandbox_health health;
    sandbox_check(fixture_open(64, 1, 0), "demo", fixture_data(), &health, NULL);
    CHECK(health.is_healthy);
    CHECK_INT(health.is_weak, is_weaker_wall());
    CHECK(strstr(health.summary, is_weaker_wall() ? " sandbox ready behind a weaker wall: "
                                                  : " sandbox ready: ") != NULL);
}

TEST(a_mode_that_does_not_exist_is_refused) {
    struct sandbox_settings settings = {.mode = "magic"};
    struct sandbox *sandbox;
    struct err err;
    CHECK_INT(sandbox_open(&settings, &sandbox, &err), ERR_BAD_REQUEST);
}
