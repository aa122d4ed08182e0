// SPDX-License-Identifier: Apache-2.0
//
// What the Kubernetes backend makes of a cluster that does not work as it should. The cluster is
// that of tests/kube/server.mjs, whose faults are ordered at KUBE_ADMIN; tests/kube/run.mjs starts
// it.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/client.h"
#include "net/http.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

// ---- The cluster --------------------------------------------------------------------------------

static json *ask(const char *method, const char *what, const char *body) {
    const char *admin = getenv("KUBE_ADMIN");
    if (str_is_empty(admin))
        check_skip("no test API server: node tests/kube/run.mjs starts one");
    cleanup_free char *url = mem_format("%s/%s", admin, what);
    struct net_request request = {.method = method, .url = url, .body = body, .timeout_ms = 5000};
    struct net_response response;
    struct err err;
    CHECK_OK(net_send(&request, &response, &err), err);
    if (response.status >= 300)
        check_fail(__FILE__, __LINE__, "%s %s: %s", method, what, buf_text(&response.body));
    json *answer = cJSON_Parse(buf_text(&response.body));
    net_response_done(&response);
    return answer;
}

static void order(const char *fault) { json_free(ask("POST", "faults", fault)); }

// A cluster without faults, that has seen nothing yet.
static void begin(void) {
    json_free(ask("DELETE", "faults", NULL));
    json_free(ask("POST", "rules", "{\"rules\":null}"));
    json_free(ask("DELETE", "state", NULL));
}

// How many requests of that kind have been made; SUBRESOURCE may be NULL.
static int count_requests(const char *verb, const char *resource, const char *subresource) {
    int count = 0;
    json *state = ask("GET", "state", NULL);
    const json *request;
    cJSON_ArrayForEach (request, cJSON_GetObjectItem(state, "requests"))
        count += str_is_equal(json_text(request, "verb"), verb) &&
                 str_is_equal(json_text(request, "resource"), resource) &&
                 str_is_equal(json_text(request, "subresource"), subresource);
    json_free(state);
    return count;
}

static int count_processes(void) {
    json *state = ask("GET", "state", NULL);
    int count = cJSON_GetArraySize(cJSON_GetObjectItem(state, "pids"));
    json_free(state);
    return count;
}

// A Pod whose Job was deleted while it was made may begin for a moment, so that none is seen must
// last.
static void check_nothing_runs(void) {
    int running = 0;
    for (int i = 0, steady = 0; i < 300 && steady < 15; i++) {
        running = count_processes();
        steady = running == 0 ? steady + 1 : 0;
        usleep(10000);
    }
    CHECK_INT(running, 0);
}

// ---- Runs ---------------------------------------------------------------------------------------

// Each has a name of its own: the Job of the one before may still be on its way out.
static struct sandbox_result run_sql(const char *sql, int64_t timeout_ms) {
    static char run_id[16];
    static int count;
    struct sandbox_request request = fixture_request(sql, timeout_ms);
    snprintf(run_id, sizeof run_id, "SQL%d", ++count);
    request.run_id = run_id;
    return fixture_run(fixture_open(64, 2, 8), &request);
}

static void check_completes(void) {
    struct sandbox_result result = run_sql("SELECT count(*) FROM t", 2000);
    if (result.outcome != OUTCOME_COMPLETED)
        check_fail(__FILE__, __LINE__, "%s: %s", outcome_name(result.outcome),
                   fixture_message(&result));
    CHECK_TEXT(fixture_rows(&result), "[[3]]");
    sandbox_result_done(&result);
}

static void check_completes_despite(const char *fault) {
    begin();
    order(fault);
    check_completes();
}

// Runs with FAULT and expects OUTCOME and WORDS in the message.
static void check_fails(const char *fault, const char *outcome, const char *words) {
    begin();
    order(fault);
    struct sandbox_result result = run_sql("SELECT 1", 2000);
    const char *message = fixture_message(&result);
    if (strcmp(outcome_name(result.outcome), outcome) != 0 || !message || !strstr(message, words))
        check_fail(__FILE__, __LINE__, "%s: %s", outcome_name(result.outcome), message);
    check_nothing_runs();
    sandbox_result_done(&result);
}

#define CREATE_JOBS "\"match\":{\"verb\":\"create\",\"resource\":\"jobs\"}"

TEST(a_server_that_asks_for_patience_is_given_it) {
    check_completes_despite("{\"fault\":\"too_many_requests\",\"retry_after_s\":1," CREATE_JOBS
                            "}");
}

TEST(a_server_error_is_tried_again) {
    check_completes_despite("{\"fault\":\"internal_error\",\"count\":2," CREATE_JOBS "}");
    CHECK_INT(count_requests("create", "jobs", NULL), 3);
}

TEST(a_connection_that_breaks_is_made_anew) {
    check_completes_despite("{\"fault\":\"reset\"," CREATE_JOBS "}");
}

TEST(a_server_error_that_stays_is_named) {
    check_fails("{\"fault\":\"unavailable\",\"count\":-1," CREATE_JOBS "}", "sandbox_unavailable",
                "the API server answers 503");
}

// ---- The watch ----------------------------------------------------------------------------------

// While the Pod waits for its image the watch is struck; then the run goes on.
static void check_watch_survives(const char *fault) {
    begin();
    order("{\"fault\":\"slow_pull\",\"ms\":600}");
    order(fault);
    check_completes();
}

TEST(a_watch_that_is_reset_is_resumed) {
    check_watch_survives("{\"fault\":\"watch_reset\",\"after_events\":1}");
    CHECK_INT(count_requests("list", "pods", NULL), 1);
    CHECK_INT(count_requests("watch", "pods", NULL), 2);
}

TEST(a_watch_whose_version_is_too_old_begins_with_a_new_list) {
    check_watch_survives("{\"fault\":\"watch_gone\",\"after_events\":1}");
    CHECK_INT(count_requests("list", "pods", NULL), 2);
}

TEST(a_watch_that_is_refused_as_too_old_begins_with_a_new_list) {
    check_watch_survives("{\"fault\":\"gone\",\"match\":{\"verb\":\"watch\"}}");
    CHECK_INT(count_requests("list", "pods", NULL), 2);
}

TEST(a_watch_that_ends_is_resumed) {
    check_watch_survives("{\"fault\":\"watch_end\",\"after_events\":1}");
    CHECK_INT(count_requests("list", "pods", NULL), 1);
}

struct one_run {
    struct sandbox *sandbox;
    struct sandbox_request request;
    struct sandbox_cancel *cancel;
    struct sandbox_result result;
    pthread_t thread;
    char run_id[16];
};

static void *run_one(void *context) {
    struct one_run *run = context;
    sandbox_run(run->sandbox, &run->request, NULL, NULL, run->cancel, &run->result);
    return NULL;
}

// Of REQUEST, with SQL and a time limit that no test reaches.
static void start_one(struct one_run *run, struct sandbox *sandbox,
                      const struct sandbox_request *request, const char *sql, int number) {
    *run = (struct one_run){.sandbox = sandbox, .cancel = sandbox_cancel_new()};
    snprintf(run->run_id, sizeof run->run_id, "RUN%d", number);
    run->request = *request;
    run->request.sql = sql;
    run->request.timeout_ms = 20000;
    run->request.run_id = run->run_id;
    pthread_create(&run->thread, NULL, run_one, run);
}

TEST(many_runs_share_one_watch) {
    struct one_run runs[6];
    begin();
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    struct sandbox *sandbox = fixture_open(64, ARRAY_LENGTH(runs), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++)
        start_one(&runs[i], sandbox, &request, "SELECT count(*) FROM t", (int)i);
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++) {
        pthread_join(runs[i].thread, NULL);
        CHECK_TEXT(outcome_name(runs[i].result.outcome), "completed");
    }
    CHECK_INT(count_requests("watch", "pods", NULL), 1);
    CHECK_INT(count_requests("list", "pods", NULL), 1);
    check_nothing_runs();
}

// ---- Results ------------------------------------------------------------------------------------

TEST(a_log_that_ends_too_soon_is_read_again) {
    check_completes_despite("{\"fault\":\"log_cut\",\"bytes\":20}");
    check_completes_despite("{\"fault\":\"log_reset\",\"bytes\":20}");
    check_completes_despite("{\"fault\":\"log_truncated\",\"bytes\":100}");
}

static struct sandbox_result run_with_lost_log(const char *sql) {
    begin();
    order("{\"fault\":\"log_cut\",\"bytes\":200,\"count\":-1}");
    order("{\"fault\":\"log_truncated\",\"bytes\":200,\"count\":-1}");
    return run_sql(sql, 2000);
}

TEST(a_result_that_never_comes_whole_is_never_taken_for_one) {
    struct sandbox_result result = run_with_lost_log("SELECT 1");
    CHECK_TEXT(outcome_name(result.outcome), "internal_error");
    CHECK(strstr(fixture_message(&result), "its result did not come through the log") != NULL);
    CHECK(strstr(fixture_message(&result), "cut off") != NULL);
}

TEST(how_a_run_failed_is_told_by_the_termination_message_where_the_log_is_lost) {
    struct sandbox_result result = run_with_lost_log("SELECT nope FROM t");
    CHECK_TEXT(outcome_name(result.outcome), "query_failed");
    CHECK_TEXT(fixture_message(&result),
               "SQLite: no such column: nope (at character 7 of the SQL).");
}

TEST(a_request_that_is_too_large_for_the_environment_arrives_whole) {
    begin();
    cleanup_free char *text = mem_zero(60001, 1);
    memset(text, '$', 60000);
    struct sandbox_request request = fixture_request("SELECT length(?1) + length(?2), ?3", 2000);
    json *params = cJSON_CreateArray();
    cJSON_AddItemToArray(params, cJSON_CreateString(text));
    cJSON_AddItemToArray(params, cJSON_CreateString(text));
    cJSON_AddItemToArray(params, cJSON_CreateString("$(HOME) $$"));
    request.params = params;
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(fixture_rows(&result), "[[120000,\"$(HOME) $$\"]]");
    CHECK_INT(count_requests("create", "configmaps", NULL), 1);
}

TEST(what_looks_like_a_variable_in_a_request_stays_what_it_is) {
    begin();
    struct sandbox_result result =
        run_sql("SELECT '$(RUN_REQUEST) $(PATH) $$(PATH) $$ $' AS \"$(HOME)\"", 2000);
    CHECK_TEXT(fixture_rows(&result), "[[\"$(RUN_REQUEST) $(PATH) $$(PATH) $$ $\"]]");
}

// ---- Pods that do not start ---------------------------------------------------------------------

TEST(a_slow_pull_is_waited_for) {
    begin();
    order("{\"fault\":\"slow_pull\",\"ms\":1500}");
    struct sandbox_result result = run_sql("SELECT 1", 500);
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    CHECK(result.starting_us >= 1500000);
}

TEST(an_image_that_cannot_be_pulled_is_named) {
    check_fails("{\"fault\":\"image_pull\"}", "image_pull_failed", "ErrImagePull");
    check_fails("{\"fault\":\"invalid_image_name\"}", "image_pull_failed", "InvalidImageName");
}

TEST(a_container_that_cannot_be_made_is_named) {
    check_fails("{\"fault\":\"config_error\"}", "sandbox_unavailable",
                "CreateContainerConfigError: secret \"credentials\" not found.");
    check_fails("{\"fault\":\"start_error\"}", "sandbox_unavailable", "no such file or directory");
}

TEST(a_pod_that_no_node_takes_at_first_is_waited_for) {
    check_completes_despite("{\"fault\":\"unschedulable\",\"then_ms\":500}");
}

TEST(a_pod_that_no_node_takes_is_unschedulable) {
    check_fails("{\"fault\":\"unschedulable\"}", "unschedulable", "1 Insufficient cpu");
}

TEST(a_quota_that_is_used_up_is_named_whether_it_counts_jobs_or_pods) {
    check_fails("{\"fault\":\"quota\"}", "quota_exceeded", "exceeded quota: sandglass");
    check_fails("{\"fault\":\"quota\",\"match\":{\"resource\":\"pods\"},\"count\":-1}",
                "quota_exceeded", "The cluster makes no Pod: Error creating:");
}

TEST(an_admission_that_is_denied_names_who_denied_it) {
    check_fails("{\"fault\":\"admission\"}", "admission_denied", "this image is not on the list");
    check_fails("{\"fault\":\"pod_security\",\"count\":-1}", "admission_denied",
                "violates PodSecurity");
    check_fails("{\"fault\":\"invalid\"}", "admission_denied", "422");
}

// Runs as who has only the rights in RULES.
static void check_right_is_named(const char *rules, const char *words, const char *hint) {
    begin();
    json_free(ask("POST", "rules", rules));
    struct sandbox_settings settings = fixture_settings();
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    struct sandbox *sandbox;
    struct err err;
    settings.kube.config_context = "token-file";
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    int64_t start_us = clock_monotonic_us();
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(outcome_name(result.outcome), "sandbox_unavailable");
    if (!strstr(fixture_message(&result), words))
        check_fail(__FILE__, __LINE__, "%s", fixture_message(&result));
    CHECK(strstr(json_text(cJSON_GetObjectItem(result.result, "error"), "hint"), hint) != NULL);
    CHECK(clock_monotonic_us() - start_us < 20000000);
    sandbox_close(sandbox);
    check_nothing_runs();
}

#define JOBS "{\"apiGroups\":[\"batch\"],\"resources\":[\"jobs\"],\"verbs\":[\"*\"]}"
#define PODS "{\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"verbs\":[\"*\"]}"

TEST(a_right_that_is_missing_is_said_to_be) {
    check_right_is_named("{\"rules\":[]}", "cannot create resource", "Role");
    check_right_is_named("{\"rules\":[" JOBS "]}", "cannot list resource \"pods\"",
                         "list and watch on pods");
    check_right_is_named("{\"rules\":[" JOBS "," PODS "]}", "cannot get resource \"pods/log\"",
                         "get on pods/log");
}

// ---- Pods that are ended ------------------------------------------------------------------------

TEST(what_the_kernel_ended_for_its_memory_is_out_of_memory) {
    begin();
    order("{\"fault\":\"oom\",\"after_ms\":100}");
    struct sandbox_result result = run_sql(FIXTURE_ENDLESS, 5000);
    CHECK_TEXT(outcome_name(result.outcome), "out_of_memory");
}

TEST(a_pod_that_was_evicted_before_it_began_is_tried_again_once) {
    check_completes_despite("{\"fault\":\"evicted\",\"at\":\"start\"}");
    CHECK_INT(count_requests("create", "jobs", NULL), 2);
    check_completes_despite("{\"fault\":\"preempted\",\"at\":\"start\"}");
    check_completes_despite("{\"fault\":\"pod_deleted\",\"at\":\"start\"}");
    check_fails("{\"fault\":\"evicted\",\"at\":\"start\",\"count\":-1}", "evicted", "Evicted");
    CHECK_INT(count_requests("create", "jobs", NULL), 2);
}

static void check_ended_while_running(const char *fault, const char *outcome) {
    begin();
    order(fault);
    int64_t start_us = clock_monotonic_us();
    struct sandbox_result result = run_sql(FIXTURE_ENDLESS, 20000);
    CHECK_TEXT(outcome_name(result.outcome), outcome);
    CHECK(clock_monotonic_us() - start_us < 12000000);
    CHECK_INT(count_requests("create", "jobs", NULL), 1);
    check_nothing_runs();
}

TEST(a_run_on_a_node_that_falls_silent_ends_at_its_deadline_as_lost) {
    begin();
    order("{\"fault\":\"node_silent\",\"at\":\"running\",\"after_ms\":100}");
    struct sandbox_result result = run_sql(FIXTURE_ENDLESS, 2000);
    CHECK_TEXT(outcome_name(result.outcome), "node_lost");
    CHECK(strstr(fixture_message(&result), "does not answer"));
    check_nothing_runs();
    sandbox_result_done(&result);
}

TEST(a_pod_that_is_ended_while_it_runs_is_not_tried_again) {
    check_ended_while_running("{\"fault\":\"evicted\",\"at\":\"running\",\"after_ms\":100}",
                              "evicted");
    check_ended_while_running("{\"fault\":\"preempted\",\"at\":\"running\",\"after_ms\":100}",
                              "evicted");
    check_ended_while_running("{\"fault\":\"node_lost\",\"at\":\"running\",\"after_ms\":100}",
                              "node_lost");
    check_ended_while_running("{\"fault\":\"pod_deleted\",\"at\":\"running\",\"after_ms\":100}",
                              "killed");
}

// The third failure costs a pause of more than three seconds, in the middle of which the Job is
// made.
TEST(a_watch_that_pauses_goes_on_once_a_job_could_be_made) {
    begin();
    order("{\"fault\":\"internal_error\",\"count\":3,\"match\":{\"verb\":\"watch\"}}");
    order("{\"fault\":\"slow\",\"ms\":3300," CREATE_JOBS "}");
    struct one_run run;
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    start_one(&run, fixture_open(64, 1, 0), &request, FIXTURE_ENDLESS, 1);
    usleep(4600000);
    CHECK_INT(count_requests("watch", "pods", NULL), 4);
    sandbox_cancel_request(run.cancel);
    pthread_join(run.thread, NULL);
    CHECK_TEXT(outcome_name(run.result.outcome), "cancelled");
    check_nothing_runs();
}

// After the fourth failure the watch would pause for more than three seconds.
TEST(a_watch_that_somebody_waits_for_pauses_a_second_at_most) {
    begin();
    order("{\"fault\":\"internal_error\",\"count\":4,\"match\":{\"verb\":\"watch\"}}");
    order("{\"fault\":\"slow_pull\",\"ms\":20000}");
    struct one_run run;
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    start_one(&run, fixture_open(64, 1, 0), &request, FIXTURE_ENDLESS, 1);
    usleep(5000000);
    CHECK(count_requests("watch", "pods", NULL) >= 5);
    sandbox_cancel_request(run.cancel);
    pthread_join(run.thread, NULL);
    CHECK_TEXT(outcome_name(run.result.outcome), "cancelled");
    check_nothing_runs();
}

TEST(a_run_is_cancelled_while_the_api_server_takes_its_time) {
    begin();
    order("{\"fault\":\"slow\",\"ms\":3000," CREATE_JOBS "}");
    struct one_run run;
    int64_t start_us = clock_monotonic_us();
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    start_one(&run, fixture_open(64, 1, 0), &request, FIXTURE_ENDLESS, 1);
    usleep(200000);
    sandbox_cancel_request(run.cancel);
    pthread_join(run.thread, NULL);
    CHECK_TEXT(outcome_name(run.result.outcome), "cancelled");
    CHECK(clock_monotonic_us() - start_us < 2500000);
    check_nothing_runs();
}

// ---- The server as a whole ----------------------------------------------------------------------

TEST(while_the_server_is_down_runs_fail_at_once_and_it_recovers_by_itself) {
    begin();
    struct sandbox *sandbox = fixture_open(64, 1, 0);
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    order("{\"fault\":\"down\",\"ms\":4000}");
    for (int i = 0; i < 8 && !strstr(fixture_message(&result) ? fixture_message(&result) : "",
                                     "left alone for some seconds");
         i++) {
        result = fixture_run(sandbox, &request);
        CHECK_TEXT(outcome_name(result.outcome), "sandbox_unavailable");
    }
    CHECK(strstr(fixture_message(&result), "left alone for some seconds") != NULL);
    int64_t start_us = clock_monotonic_us();
    result = fixture_run(sandbox, &request);
    CHECK(clock_monotonic_us() - start_us < 100000);
    for (int i = 0; i < 200 && result.outcome != OUTCOME_COMPLETED; i++) {
        usleep(100000);
        result = fixture_run(sandbox, &request);
    }
    CHECK_TEXT(outcome_name(result.outcome), "completed");
}

static struct sandbox *open_with_context(const char *context) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.kube.config_context = context;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    return sandbox;
}

TEST(every_way_to_say_who_one_is_works) {
    static const char *const contexts[] = {
        "certificate", "certificate-files", "token", "token-file", "exec", "server-name"};
    begin();
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    for (size_t i = 0; i < ARRAY_LENGTH(contexts); i++) {
        struct sandbox *sandbox = open_with_context(contexts[i]);
        struct sandbox_result result = fixture_run(sandbox, &request);
        if (result.outcome != OUTCOME_COMPLETED)
            check_fail(__FILE__, __LINE__, "%s: %s", contexts[i], fixture_message(&result));
        sandbox_close(sandbox);
    }
}

TEST(a_token_that_was_renewed_is_read_again) {
    static const char *const contexts[] = {"token-file", "exec"};
    begin();
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    for (size_t i = 0; i < ARRAY_LENGTH(contexts); i++) {
        struct sandbox *sandbox = open_with_context(contexts[i]);
        struct sandbox_result result = fixture_run(sandbox, &request);
        CHECK_TEXT(outcome_name(result.outcome), "completed");
        order("{\"fault\":\"rotate_token\"}");
        result = fixture_run(sandbox, &request);
        CHECK_TEXT(outcome_name(result.outcome), "completed");
        sandbox_close(sandbox);
    }
}

TEST(a_certificate_of_another_authority_is_refused) {
    begin();
    struct kube_config config;
    struct kube_client *client;
    struct kube_answer answer;
    struct err err;
    CHECK_OK(kube_config_load(getenv("KUBECONFIG"), "", &config, &err), err);
    free(config.authorities);
    config.authorities = NULL; // the system's know nothing of the test's
    CHECK_OK(kube_client_new(&config, "", &client, &err), err);
    struct kube_call call = {
        .method = "GET", .path = "/version", .timeout_ms = 5000, .is_once = true};
    CHECK_INT(kube_send(client, &call, &answer, &err), ERR_UNAVAILABLE);
    CHECK(strstr(err.message, "cert") != NULL);
    kube_client_free(client);
}

TEST(a_pods_own_service_account_is_enough) {
    begin();
    struct kube_config config, whole;
    struct kube_client *client;
    struct kube_answer answer;
    struct err err;
    CHECK_OK(kube_config_load(getenv("KUBECONFIG"), "", &whole, &err), err);
    const char *colon = strrchr(whole.server, ':');
    CHECK_OK(
        kube_config_load_account(getenv("KUBE_ACCOUNT"), "127.0.0.1", colon + 1, &config, &err),
        err);
    CHECK_OK(kube_client_new(&config, "", &client, &err), err);
    CHECK_TEXT(kube_client_namespace(client), "sandglass");
    struct kube_call call = {.method = "GET", .path = "/version", .timeout_ms = 5000};
    CHECK_OK(kube_send(client, &call, &answer, &err), err);
    CHECK(json_text(answer.object, "gitVersion") != NULL);
    kube_answer_done(&answer);
    kube_client_free(client);
    kube_config_done(&whole);
}

// ---- What is left behind ------------------------------------------------------------------------

TEST(what_a_killed_server_left_is_removed_by_the_next_and_another_servers_is_not) {
    begin();
    struct sandbox_settings settings = fixture_settings();
    struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 60000);
    struct sandbox *sandbox;
    struct one_run other;
    struct err err;
    settings.server_id = "ANOTHER";
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    start_one(&other, sandbox, &request, FIXTURE_ENDLESS, 7);
    pid_t server = fork();
    if (server == 0) {
        fixture_run(fixture_open(64, 1, 0), &request);
        _exit(0);
    }
    for (int i = 0; i < 500 && count_processes() < 2; i++)
        usleep(10000);
    CHECK_INT(count_processes(), 2);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    fixture_open(64, 1, 0);
    for (int i = 0; i < 500 && count_processes() > 1; i++)
        usleep(10000);
    CHECK_INT(count_processes(), 1);
    sandbox_cancel_request(other.cancel);
    pthread_join(other.thread, NULL);
    CHECK_TEXT(outcome_name(other.result.outcome), "cancelled");
    check_nothing_runs();
    sandbox_close(sandbox);
}

// ---- Pods ahead ---------------------------------------------------------------------------------

static struct sandbox *open_with_pool(int64_t size) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.kube.pool = size;
    settings.timeout_ms = 30000;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    for (int i = 0; i < 500 && count_processes() < size; i++)
        usleep(10000);
    usleep(300000); // until it is known here, too
    return sandbox;
}

// WHERE is how the name of the Pod begins that answers.
static void check_pooled(const char *fault, const char *sql, const char *rows, const char *where) {
    begin();
    struct sandbox_request request = fixture_request(sql, 10000);
    struct sandbox *sandbox = open_with_pool(1);
    if (fault)
        order(fault);
    struct sandbox_result result = fixture_run(sandbox, &request);
    if (result.outcome != OUTCOME_COMPLETED)
        check_fail(__FILE__, __LINE__, "%s", fixture_message(&result));
    CHECK_TEXT(fixture_rows(&result), rows);
    if (!str_has_prefix(result.where, where))
        check_fail(__FILE__, __LINE__, "%s", result.where);
    sandbox_close(sandbox);
    check_nothing_runs();
}

#define COUNT "SELECT count(*) FROM t"
#define LONG_COUNT                                                                                 \
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 4000000)"                \
    " SELECT count(*) FROM c"

TEST(a_pod_that_waits_serves_one_run_over_either_protocol) {
    check_pooled(NULL, COUNT, "[[3]]", "Pod sandglass-pool-");
    check_pooled("{\"fault\":\"v4_only\",\"count\":-1}", COUNT, "[[3]]", "Pod sandglass-pool-");
}

TEST(where_a_waiting_pod_cannot_be_reached_the_run_gets_another) {
    check_pooled("{\"fault\":\"stream_refused\",\"count\":-1}", COUNT, "[[3]]",
                 "Pod sandglass-run-");
}

TEST(a_stream_that_breaks_off_after_the_request_leaves_the_log) {
    check_pooled("{\"fault\":\"stream_reset\",\"after_ms\":100}", LONG_COUNT, "[[4000000]]",
                 "Pod sandglass-pool-");
}

TEST(a_stream_that_breaks_off_before_the_request_loses_no_run) {
    check_pooled("{\"fault\":\"stream_reset\",\"after_ms\":0}", COUNT, "[[3]]", "Pod sandglass-");
}

TEST(a_waiting_pod_serves_no_second_run_and_is_replaced) {
    begin();
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    struct sandbox *sandbox = open_with_pool(1);
    struct sandbox_result first = fixture_run(sandbox, &request);
    for (int i = 0; i < 100 && count_requests("create", "jobs", NULL) < 2; i++)
        usleep(10000);
    usleep(300000);
    struct sandbox_result second = fixture_run(sandbox, &request);
    CHECK(str_has_prefix(first.where, "Pod sandglass-pool-"));
    CHECK(str_has_prefix(second.where, "Pod sandglass-pool-"));
    CHECK(strcmp(first.where, second.where) != 0);
    sandbox_close(sandbox);
    check_nothing_runs();
}

TEST(a_pod_that_waits_with_data_that_has_changed_serves_no_run) {
    begin();
    struct sandbox *sandbox = open_with_pool(1);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 2000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(fixture_rows(&result), "[[3]]");
    CHECK(str_has_prefix(result.where, "Pod sandglass-run-"));
    sandbox_close(sandbox);
    check_nothing_runs();
}

TEST(a_run_in_a_waiting_pod_can_be_cancelled_and_times_out) {
    begin();
    struct sandbox_request request =
        fixture_request("SELECT replace(printf('%.*c', 8000000, 'a'), printf('%.*c', 1000000, 'a')"
                        " || 'b', '')",
                        300);
    struct sandbox *sandbox = open_with_pool(2);
    struct one_run run;
    start_one(&run, sandbox, &request, FIXTURE_ENDLESS, 1);
    usleep(300000);
    sandbox_cancel_request(run.cancel);
    pthread_join(run.thread, NULL);
    CHECK_TEXT(outcome_name(run.result.outcome), "cancelled");
    CHECK(str_has_prefix(run.result.where, "Pod sandglass-pool-"));
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(outcome_name(result.outcome), "timed_out");
    sandbox_close(sandbox);
    check_nothing_runs();
}

// ---- The look -----------------------------------------------------------------------------------

static const struct sandbox_finding *find(const struct sandbox_report *report, const char *what) {
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->findings[i].what, what) == 0)
            return &report->findings[i];
    check_fail(__FILE__, __LINE__, "there is no finding \"%s\"", what);
}

TEST(a_look_names_the_server_the_namespace_and_each_right) {
    begin();
    struct sandbox *sandbox = open_with_context("token-file");
    struct sandbox_report report = {0};
    sandbox_look(sandbox, &report);
    CHECK_INT(find(&report, "API server")->state, SANDBOX_HOLDS);
    CHECK_INT(find(&report, "namespace")->state, SANDBOX_HOLDS);
    CHECK_INT(find(&report, "Pod Security")->state, SANDBOX_HOLDS);
    CHECK_INT(find(&report, "logs")->state, SANDBOX_HOLDS);
    json_free(
        ask("POST", "rules",
            "{\"rules\":[{\"apiGroups\":[\"batch\"],\"resources\":[\"jobs\"],\"verbs\":[\"*\"]"
            "}]}"));
    report = (struct sandbox_report){0};
    sandbox_look(sandbox, &report);
    CHECK_INT(find(&report, "Jobs")->state, SANDBOX_HOLDS);
    const struct sandbox_finding *finding = find(&report, "logs");
    CHECK_INT(finding->state, SANDBOX_MISSING);
    CHECK_TEXT(finding->hint,
               "Add to the Role: apiGroups [\"\"], resources [\"pods/log\"], verbs [\"get\"].");
    sandbox_close(sandbox);
}

TEST(a_role_may_be_held_to_the_one_deployment_that_owns) {
    begin();
    struct sandbox_settings settings = fixture_settings();
    struct sandbox_report report = {0};
    struct sandbox *sandbox;
    struct err err;
    settings.kube.config_context = "token-file";
    settings.kube.owner = "sandglass";
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    json_free(ask("POST", "rules",
                  "{\"rules\":[{\"apiGroups\":[\"apps\"],\"resources\":[\"deployments\"],"
                  "\"resourceNames\":[\"sandglass\"],\"verbs\":[\"get\"]}]}"));
    sandbox_look(sandbox, &report);
    CHECK_INT(find(&report, "Deployments")->state, SANDBOX_HOLDS);
    CHECK_INT(find(&report, "Jobs")->state, SANDBOX_MISSING);
    sandbox_close(sandbox);
}

TEST(an_owner_that_is_neither_a_deployment_nor_a_role_is_refused) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.kube.owner = "configmap/runners";
    CHECK_INT(sandbox_open(&settings, &sandbox, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "KUBE_OWNER is \"configmap/runners\", but must be the name of a "
                            "Deployment, or role/NAME");
}

TEST(a_pod_cannot_reserve_more_than_it_may_have) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.kube.request_cpu_millis = settings.cpu_millis + 1;
    CHECK_INT(sandbox_open(&settings, &sandbox, &err), ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "KUBE_REQUEST_CPUS") != NULL);
    settings.kube.request_cpu_millis = settings.cpu_millis;
    settings.kube.request_memory_mb = settings.memory_mb + 1;
    CHECK_INT(sandbox_open(&settings, &sandbox, &err), ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "KUBE_REQUEST_MEMORY_MB") != NULL);
}
