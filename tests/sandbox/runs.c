// SPDX-License-Identifier: Apache-2.0
//
// What every backend of src/sandbox promises, held against the local one: how runs end, that they
// can be cancelled in every phase, and that nothing is left of them.
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

#define ENDLESS                                                                                    \
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"

static struct sandbox *open_sandbox(int64_t memory_mb, int64_t max_concurrent, int64_t max_queued) {
    struct sandbox_settings settings = {.mode = "local",
                                        .memory_mb = memory_mb,
                                        .max_concurrent = max_concurrent,
                                        .max_queued = max_queued};
    struct sandbox *sandbox;
    struct err err;
    signal(SIGPIPE, SIG_IGN);
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    return sandbox;
}

static struct sandbox_request request_of(const char *sql, int64_t timeout_ms) {
    return (struct sandbox_request){.run_id = "RUN",
                                    .dataset = "demo",
                                    .data_folder = fixture_data(),
                                    .sql = sql,
                                    .max_rows = 200,
                                    .timeout_ms = timeout_ms,
                                    .max_result_bytes = 1048576};
}

static struct sandbox_result run_in(struct sandbox *sandbox,
                                    const struct sandbox_request *request) {
    struct sandbox_result result;
    sandbox_run(sandbox, request, NULL, NULL, NULL, &result);
    return result;
}

static struct sandbox_result run_sql(const char *sql) {
    struct sandbox_request request = request_of(sql, 2000);
    return run_in(open_sandbox(64, 2, 8), &request);
}

static const char *rows_of(const struct sandbox_result *result) {
    return json_write(cJSON_GetObjectItem(result->result, "rows"));
}

static const char *message_of(const struct sandbox_result *result) {
    return json_text(cJSON_GetObjectItem(result->result, "error"), "message");
}

TEST(a_query_is_answered_with_its_rows_and_types) {
    struct sandbox_result result = run_sql("SELECT a, b, d, a * 0.5 AS half FROM t ORDER BY a");
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    CHECK_TEXT(rows_of(&result),
               "[[1,\"one\",\"2024-01-01\",0.5],[2,\"two\",null,1],[3,null,\"2024-03-01\",1.5]]");
    CHECK_TEXT(json_write(cJSON_GetObjectItem(result.result, "columns")),
               "[{\"name\":\"a\",\"type\":\"integer\"},{\"name\":\"b\",\"type\":\"text\"},"
               "{\"name\":\"d\",\"type\":\"date\"},{\"name\":\"half\",\"type\":\"real\"}]");
    CHECK_TEXT(json_text(result.result, "data_sha256"), "c0ffee");
    CHECK(strncmp(result.where, "local process ", 14) == 0);
}

TEST(values_that_json_cannot_hold_travel_in_their_own_way) {
    struct sandbox_result result = run_sql("SELECT 9223372036854775807, -9007199254740992, "
                                           "x'00ff10', 1e999, 'a' || char(0) || 'b', ''");
    CHECK_TEXT(rows_of(&result), "[[\"9223372036854775807\",-9007199254740992,{\"base64\":\"AP8Q\"}"
                                 ",null,{\"base64\":\"YQBi\"},\"\"]]");
}

TEST(parameters_are_bound_and_never_read_as_sql) {
    struct sandbox_request request = request_of("SELECT ?1, ?2, typeof(?3), ?4", 1000);
    request.params = cJSON_Parse("[\"'); DROP TABLE t; --\", 2.5, 7, null]");
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(rows_of(&result), "[[\"'); DROP TABLE t; --\",2.5,\"integer\",null]]");
}

TEST(a_missing_parameter_is_refused_with_the_count) {
    struct sandbox_result result = run_sql("SELECT ?1, ?2");
    CHECK_TEXT(outcome_name(result.outcome), "request_refused");
    CHECK_TEXT(message_of(&result), "The SQL has 2 parameters, but 0 values were given for them.");
}

TEST(what_held_is_read_back_from_the_kernel) {
    struct sandbox_result result = run_sql("SELECT 1");
    const json *confinement = cJSON_GetObjectItem(result.result, "confinement");
    if (cJSON_GetArraySize(cJSON_GetObjectItem(confinement, "namespaces")) == 0)
        check_skip("this kernel gives no namespaces to this user");
    CHECK_TEXT(json_write(cJSON_GetObjectItem(confinement, "namespaces")),
               "[\"user\",\"pid\",\"net\",\"mount\",\"ipc\",\"uts\",\"cgroup\"]");
    CHECK(json_bool(confinement, "seccomp", false));
    CHECK(json_bool(confinement, "no_new_privs", false));
    CHECK_INT(json_integer(confinement, "capabilities", -1), 0);
    CHECK_TEXT(json_text(confinement, "network"), "none");
    CHECK_INT(json_integer(confinement, "uid", -1), 65534);
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
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct sandbox_result result = run_sql(cases[i][0]);
        if (result.outcome != OUTCOME_REQUEST_REFUSED && result.outcome != OUTCOME_QUERY_FAILED)
            check_fail(__FILE__, __LINE__, "%s ended as %s", cases[i][0],
                       outcome_name(result.outcome));
        CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(result.result, "rows")), 0);
        if (cases[i][1])
            CHECK_TEXT(message_of(&result), cases[i][1]);
    }
}

TEST(sql_that_is_wrong_fails_with_the_place) {
    struct sandbox_result result = run_sql("SELECT nope FROM t");
    CHECK_TEXT(outcome_name(result.outcome), "query_failed");
    CHECK_TEXT(message_of(&result), "SQLite: no such column: nope (at character 7 of the SQL).");
}

TEST(a_query_past_its_timeout_is_timed_out_and_leaves_no_process) {
    struct sandbox_request request = request_of(ENDLESS, 200);
    int64_t start_us = clock_monotonic_us();
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "timed_out");
    CHECK_TEXT(message_of(&result), "The query was still running after 200 ms, so it was ended.");
    CHECK(clock_monotonic_us() - start_us < 5000000);
    CHECK(fixture_is_gone(request.data_folder));
}

// One call of replace() that takes for ever: SQLite asks nobody meanwhile, so only the kill from
// outside can end it.
TEST(a_call_that_never_returns_is_killed_at_the_timeout_with_its_whole_tree) {
    struct sandbox_request request = request_of(
        "SELECT replace(printf('%.*c', 8000000, 'a'), printf('%.*c', 1000000, 'a') || 'b', '')",
        200);
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "timed_out");
    CHECK_TEXT(message_of(&result),
               "The query was still running after 200 ms, so its sandbox was ended.");
    CHECK(fixture_is_gone(request.data_folder));
}

TEST(a_query_that_needs_too_much_memory_ends_as_out_of_memory) {
    struct sandbox_request request =
        request_of("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000)"
                   " SELECT printf('%1000000d', x) AS y FROM c ORDER BY y DESC",
                   10000);
    struct sandbox_result result = run_in(open_sandbox(32, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "out_of_memory");
    CHECK(json_integer(cJSON_GetObjectItem(result.result, "stats"), "peak_kib", 0) < 96 * 1024);
    CHECK(fixture_is_gone(request.data_folder));
}

TEST(a_result_past_its_limit_ends_as_result_too_large) {
    struct sandbox_request request =
        request_of("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100)"
                   " SELECT printf('%100000d', x) FROM c",
                   5000);
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "result_too_large");
}

TEST(rows_past_max_rows_are_left_out_and_said_to_be) {
    struct sandbox_request request = request_of("SELECT a FROM t ORDER BY a", 1000);
    request.max_rows = 2;
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(rows_of(&result), "[[1],[2]]");
    CHECK(json_bool(result.result, "truncated", false));
    request.max_rows = 3;
    result = run_in(open_sandbox(64, 1, 0), &request);
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
    struct sandbox_request request = request_of(ENDLESS, 20000);
    struct cancelling cancelling = {sandbox_cancel_new(), phase};
    struct sandbox_result result;
    int64_t start_us = clock_monotonic_us();
    sandbox_run(open_sandbox(64, 1, 1), &request, cancel_at, &cancelling, cancelling.cancel,
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
    struct sandbox *sandbox = open_sandbox(64, 1, 1);
    struct holder first = {sandbox, request_of(ENDLESS, 20000), sandbox_cancel_new(),
                           OUTCOME_COMPLETED};
    struct holder second = {sandbox, first.request, sandbox_cancel_new(), OUTCOME_COMPLETED};
    pthread_t threads[2];
    second.request.sql = "SELECT 1";
    pthread_create(&threads[0], NULL, hold, &first);
    wait_for_load(sandbox, 1, 0);
    pthread_create(&threads[1], NULL, hold, &second);
    wait_for_load(sandbox, 1, 1);
    struct sandbox_result third = run_in(sandbox, &second.request);
    CHECK_TEXT(outcome_name(third.outcome), "queue_full");
    sandbox_cancel_request(first.cancel);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    CHECK_TEXT(outcome_name(first.outcome), "cancelled");
    CHECK_TEXT(outcome_name(second.outcome), "completed");
    wait_for_load(sandbox, 0, 0);
}

TEST(a_run_can_be_cancelled_while_it_waits_and_gives_its_turn_to_the_next) {
    struct sandbox *sandbox = open_sandbox(64, 1, 2);
    struct holder first = {sandbox, request_of(ENDLESS, 20000), sandbox_cancel_new(),
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

// The kernel kills what is inside when the guard dies, and the guard when the server dies.
TEST(nothing_outlives_a_server_that_is_killed) {
    struct sandbox_request request = request_of(ENDLESS, 60000);
    pid_t server = fork();
    if (server == 0) {
        run_in(open_sandbox(64, 1, 0), &request);
        _exit(0);
    }
    for (int i = 0; i < 500 && fixture_count_processes(request.data_folder) < 2; i++)
        usleep(10000);
    CHECK(fixture_count_processes(request.data_folder) >= 2);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    CHECK(fixture_is_gone(request.data_folder));
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
    struct sandbox *sandbox = open_sandbox(64, 1, 0);
    struct sandbox_request request = request_of("SELECT 1", 1000);
    struct sandbox_result result = run_in(sandbox, &request);
    sandbox_result_done(&result);
    int before = count_descriptors();
    for (int i = 0; i < 20; i++) {
        request.sql = i % 4 == 3 ? ENDLESS : "SELECT 1";
        request.timeout_ms = i % 4 == 3 ? 20 : 1000;
        result = run_in(sandbox, &request);
        sandbox_result_done(&result);
    }
    CHECK_INT(count_descriptors(), before);
    CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(a_damaged_data_set_is_said_to_be_damaged) {
    struct sandbox_request request = request_of("SELECT * FROM t", 1000);
    char junk[4096];
    memset(junk, 'x', sizeof junk);
    junk[sizeof junk - 1] = '\0';
    check_file("data.sqlite", junk);
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "internal_error");
    CHECK_TEXT(message_of(&result), "The data set's file is damaged (file is not a database).");
}

TEST(a_data_set_that_is_not_there_is_named) {
    struct sandbox_request request = request_of("SELECT 1", 1000);
    request.data_folder = "/nowhere/at/all";
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "internal_error");
    CHECK_TEXT(message_of(&result),
               "cannot open the data folder /nowhere/at/all: No such file or directory");
}

TEST(the_check_makes_a_real_run_and_says_what_it_found) {
    struct sandbox_health health;
    sandbox_check(open_sandbox(64, 1, 0), "demo", fixture_data(), &health);
    CHECK(health.is_healthy);
    CHECK(strncmp(health.summary, "Local sandbox ready", 19) == 0);
    sandbox_check(open_sandbox(64, 1, 0), "demo", "/nowhere", &health);
    CHECK(!health.is_healthy);
    CHECK_TEXT(health.summary,
               "No sandbox: cannot open the data folder /nowhere: No such file or directory");
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        check_skip("this kernel gives no user namespace to try it in");
}

// A user namespace of our own may be forbidden to have others in it.
static void forbid_namespaces(void) {
    char map[48];
    snprintf(map, sizeof map, "0 %u 1\n", geteuid());
    if (unshare(CLONE_NEWUSER) < 0)
        check_skip("this kernel gives no user namespace to try it in");
    write_file("/proc/self/uid_map", map);
    write_file("/proc/sys/user/max_user_namespaces", "0");
}

TEST(where_the_kernel_gives_no_namespaces_the_weaker_wall_holds_and_is_shown) {
    const char *folder = fixture_data();
    struct sandbox_health health;
    forbid_namespaces();
    struct sandbox_request request = request_of("SELECT count(*) FROM t", 1000);
    struct sandbox_result result = run_in(open_sandbox(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    const json *confinement = cJSON_GetObjectItem(result.result, "confinement");
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(confinement, "namespaces")), 0);
    CHECK(json_bool(confinement, "seccomp", false));
    CHECK(json_bool(confinement, "no_new_privs", false));
    CHECK_INT(json_integer(confinement, "capabilities", -1), 0);
    sandbox_check(open_sandbox(64, 1, 0), "demo", folder, &health);
    CHECK(health.is_healthy && health.is_weak);
    CHECK(strstr(health.summary, "behind a weaker wall") != NULL);
    CHECK(strstr(health.hint, "sysctl") != NULL);
}

TEST(strictness_refuses_to_run_behind_the_weaker_wall) {
    struct sandbox_settings settings = {
        .mode = "local", .memory_mb = 64, .max_concurrent = 1, .strict = true};
    struct sandbox *sandbox;
    struct err err;
    struct sandbox_request request = request_of("SELECT 1", 1000);
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    forbid_namespaces();
    struct sandbox_result result = run_in(sandbox, &request);
    CHECK_TEXT(outcome_name(result.outcome), "sandbox_unavailable");
    CHECK(strstr(message_of(&result), "the kernel refuses new namespaces") != NULL);
}

TEST(a_mode_that_does_not_exist_is_refused) {
    struct sandbox_settings settings = {.mode = "magic"};
    struct sandbox *sandbox;
    struct err err;
    CHECK_INT(sandbox_open(&settings, &sandbox, &err), ERR_BAD_REQUEST);
}
