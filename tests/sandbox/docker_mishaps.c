// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong between the Docker backend and its daemon, each with its own outcome and a
// sentence that says what to do: a daemon that is not there, silent, forbidden, too old, full or
// something else, played by a fake at a socket; and a real one without the image, behind TLS, and
// killed in mid-run. tests/docker/run starts the real one.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "tests/sandbox/docker_fixture.h"
#include "tests/unit/check.h"

// ---- A fake daemon: the first row whose words are in the request's first line answers it.

struct answer {
    const char *words;
    int status;
    const char *body; // NULL: it hangs up without an answer
};

static const struct answer *answers;

static bool read_head(int fd) {
    char byte, last[4] = "";
    while (read(fd, &byte, 1) == 1) {
        memmove(last, last + 1, 3);
        last[3] = byte;
        if (memcmp(last, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

static void *serve_one(void *context) {
    int fd = (int)(intptr_t)context;
    char line[2048];
    for (;;) {
        ssize_t length = recv(fd, line, sizeof line - 1, MSG_PEEK);
        if (length <= 0 || !read_head(fd))
            break;
        line[length] = '\0';
        line[strcspn(line, "\r")] = '\0';
        const struct answer *answer = answers;
        while (*answer->words && !strstr(line, answer->words))
            answer++;
        if (!answer->body)
            break;
        dprintf(fd, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                answer->status, strlen(answer->body), answer->body);
        break;
    }
    shutdown(fd, SHUT_RDWR);
    close(fd);
    return NULL;
}

static int listen_fd = -1;

static void *serve(void *context) {
    (void)context;
    for (int fd; (fd = accept(listen_fd, NULL, NULL)) >= 0;) {
        pthread_t thread;
        pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd);
        pthread_detach(thread);
    }
    return NULL;
}

// A socket that listens; its URL.
static const char *make_socket(void) {
    static char url[160];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/docker.sock", check_folder());
    listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(bind(listen_fd, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(listen(listen_fd, 16), 0);
    snprintf(url, sizeof url, "unix://%s", address.sun_path);
    return url;
}

static const char *play(const struct answer *rows) {
    pthread_t thread;
    const char *url = make_socket();
    answers = rows;
    pthread_create(&thread, NULL, serve, NULL);
    return url;
}

// ---- Runs against it

static struct sandbox_settings settings_for(const char *host) {
    struct sandbox_settings settings = fixture_settings();
    settings.docker.host = host;
    settings.docker.pool = 0;
    return settings;
}

static struct sandbox_result run_with(const struct sandbox_settings *settings) {
    struct sandbox *sandbox;
    struct err err;
    CHECK_OK(sandbox_open(settings, &sandbox, &err), err);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 2000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    sandbox_close(sandbox);
    return result;
}

static void check_says(const char *text, const char *part) {
    if (!text || !strstr(text, part))
        check_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", text ? text : "", part);
}

static void check_mishap(const struct sandbox_result *result, const char *outcome,
                         const char *message, const char *hint) {
    CHECK_TEXT(outcome_name(result->outcome), outcome);
    check_says(fixture_message(result), message);
    check_says(json_text(cJSON_GetObjectItem(result->result, "error"), "hint"), hint);
}

static void check_fake(const struct answer *rows, const char *outcome, const char *message,
                       const char *hint) {
    struct sandbox_settings settings = settings_for(play(rows));
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, outcome, message, hint);
}

#define VERSION                                                                                    \
    { "/version", 200, "{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\"}" }
#define INFO                                                                                       \
    { "/info", 200, "{}" }
#define LIST                                                                                       \
    { "/containers/json", 200, "[]" }
#define REMOVE                                                                                     \
    { "DELETE", 204, "" }

TEST(a_socket_that_is_not_there_is_said_not_to_be) {
    struct sandbox_settings settings = settings_for("unix:///nowhere/docker.sock");
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, "sandbox_unavailable", "is not there: no such socket",
                 "systemctl start docker");
}

TEST(a_socket_that_nobody_listens_at_is_a_daemon_that_does_not_run) {
    const char *url = make_socket();
    close(listen_fd);
    struct sandbox_settings settings = settings_for(url);
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, "sandbox_unavailable", "nobody listens", "journalctl -u docker");
}

TEST(a_socket_that_is_forbidden_names_the_group_that_may_use_it) {
    const struct answer rows[] = {VERSION, INFO, LIST, REMOVE, {"", 500, "{}"}};
    const char *url = play(rows);
    CHECK_INT(chmod(url + strlen("unix://"), 0600), 0);
    struct sandbox_settings settings = settings_for(url);
    fixture_data();
    CHECK_INT(chmod(check_folder(), 0755), 0);
    CHECK_INT(seteuid(65534), 0);
    struct sandbox *sandbox;
    struct err err;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    struct sandbox_request request = {.run_id = "RUN",
                                      .dataset = "demo",
                                      .data_folder = check_folder(),
                                      .sql = "SELECT 1",
                                      .max_rows = 1,
                                      .timeout_ms = 1000,
                                      .max_result_bytes = 1000};
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_INT(seteuid(0), 0);
    check_mishap(&result, "sandbox_unavailable", "permission denied", "group docker");
}

TEST(a_daemon_that_never_answers_is_given_up_in_time) {
    struct sandbox_settings settings = settings_for(make_socket());
    int64_t start_us = clock_monotonic_us();
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, "sandbox_unavailable", "did not answer within 5000 ms",
                 "journalctl -u docker");
    CHECK(clock_monotonic_us() - start_us < 20000000);
}

TEST(a_run_on_a_daemon_that_never_answers_can_be_cancelled) {
    struct sandbox_settings settings = settings_for(make_socket());
    struct sandbox *sandbox;
    struct err err;
    struct sandbox_result result;
    struct sandbox_cancel *cancel = sandbox_cancel_new();
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    int64_t start_us = clock_monotonic_us();
    sandbox_cancel_request(cancel);
    settings.max_concurrent = 1;
    sandbox_run(sandbox, &request, NULL, NULL, cancel, &result);
    CHECK_TEXT(outcome_name(result.outcome), "cancelled");
    CHECK(clock_monotonic_us() - start_us < 4000000);
}

TEST(a_daemon_that_is_too_old_is_refused_with_both_versions) {
    const struct answer rows[] = {{"/version", 200, "{\"ApiVersion\":\"1.39\"}"}, {"", 404, "{}"}};
    check_fake(rows, "sandbox_unavailable",
               "speaks version 1.39 of Docker's API; 1.40 to 1.51 is needed", "Docker 19.03");
}

TEST(a_daemon_that_is_too_new_is_refused_with_both_versions) {
    const struct answer rows[] = {
        {"/version", 200, "{\"ApiVersion\":\"1.99\",\"MinAPIVersion\":\"1.80\"}"}, {"", 404, "{}"}};
    check_fake(rows, "sandbox_unavailable", "speaks version 1.80", "newer Sandglass");
}

TEST(something_that_is_no_daemon_is_said_to_be_none) {
    const struct answer rows[] = {{"", 404, "<html>"}};
    check_fake(rows, "sandbox_unavailable", "does not answer as a Docker daemon does (HTTP 404)",
               "DOCKER_HOST");
}

TEST(a_daemon_whose_disk_is_full_says_so) {
    const struct answer rows[] = {
        VERSION,
        INFO,
        LIST,
        REMOVE,
        {"/containers/create", 500, "{\"message\":\"mkdir /x: no space left on device\"}"},
        {"", 500, "{}"}};
    check_fake(rows, "sandbox_unavailable", "no space left on device", "docker system prune");
}

TEST(a_refusal_is_told_in_the_daemons_own_words) {
    const struct answer rows[] = {
        VERSION,
        INFO,
        LIST,
        REMOVE,
        {"/containers/create", 403, "{\"message\":\"authorization denied by plugin opa\"}"},
        {"", 500, "{}"}};
    check_fake(rows, "sandbox_unavailable", "authorization denied by plugin opa", "");
}

TEST(a_daemon_that_hangs_up_in_mid_call_is_unavailable) {
    const struct answer rows[] = {
        VERSION, INFO, LIST, REMOVE, {"/containers/create", 0, NULL}, {"", 500, "{}"}};
    check_fake(rows, "sandbox_unavailable", "Docker at unix://", "docker info");
}

TEST(strictness_takes_no_daemon_that_cannot_hold_a_limit) {
    const struct answer rows[] = {
        VERSION,
        INFO,
        LIST,
        REMOVE,
        {"/containers/create", 201,
         "{\"Id\":\"c0ffee\",\"Warnings\":[\"Your kernel does not support swap limit\"]}"},
        {"/attach", 500, "{\"message\":\"attached all the same\"}"},
        {"/archive", 200, ""},
        {"", 500, "{}"}};
    struct sandbox_settings settings = settings_for(play(rows));
    settings.strict = true;
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, "sandbox_unavailable",
                 "cannot hold every limit: Your kernel does not support swap limit",
                 "SANDBOX_STRICT");
}

TEST(a_report_on_a_daemon_that_is_away_says_why) {
    struct sandbox_settings settings = settings_for("unix:///nowhere/docker.sock");
    struct sandbox *sandbox;
    struct sandbox_report report = {0};
    struct err err;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    sandbox_look(sandbox, &report);
    CHECK_INT(report.count, 1);
    CHECK_INT(report.findings[0].state, SANDBOX_MISSING);
    check_says(report.findings[0].detail, "no such socket");
    check_says(report.findings[0].hint, "systemctl start docker");
}

// ---- The real one

TEST(an_image_that_is_not_there_says_how_to_get_it) {
    struct sandbox_settings settings = settings_for(getenv("DOCKER_HOST"));
    settings.image = "sandglass-nobody-built:1";
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, "image_pull_failed", "has no image sandglass-nobody-built:1",
                 "docker pull sandglass-nobody-built:1");
    CHECK(docker_fixture_becomes(settings.server_id, 0));
}

TEST(an_image_without_the_program_is_refused_by_its_runtime) {
    struct sandbox_settings settings = settings_for(getenv("DOCKER_HOST"));
    settings.image = getenv("WRONG_IMAGE");
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, "sandbox_unavailable", "OCI runtime create failed", "make image");
    CHECK(docker_fixture_becomes(settings.server_id, 0));
}

static struct sandbox_settings tls_settings(const char *certificates) {
    struct sandbox_settings settings = settings_for(getenv("TLS_HOST"));
    cleanup_free char *ca = mem_format("%s/ca.pem", certificates);
    if (!settings.docker.host || access(ca, R_OK) != 0)
        check_fail(__FILE__, __LINE__, "TLS_HOST and %s are expected", ca);
    settings.docker.cert_path = certificates;
    settings.docker.tls_verify = true;
    return settings;
}

TEST(a_daemon_is_reached_through_tls_with_a_client_certificate) {
    struct sandbox_settings settings = tls_settings(getenv("TLS_CERTIFICATES"));
    struct sandbox_result result = run_with(&settings);
    if (result.outcome != OUTCOME_COMPLETED)
        check_fail(__FILE__, __LINE__, "%s", fixture_message(&result));
    CHECK_TEXT(fixture_rows(&result), "[[3]]");
    CHECK(docker_fixture_becomes(settings.server_id, 0));
    CHECK_INT(docker_fixture_count_volumes(), 0);
}

TEST(results_of_any_size_come_through_tls) {
    struct sandbox_settings settings = tls_settings(getenv("TLS_CERTIFICATES"));
    struct sandbox *sandbox;
    struct err err;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    cleanup_free char *comment = mem_zero(1, 60001);
    memset(comment, 'x', 60000);
    cleanup_free char *sql =
        mem_format("/* %s */ WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT "
                   "80) SELECT printf('%%10000d', x) FROM c",
                   comment);
    struct sandbox_request request = fixture_request(sql, 5000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(result.result, "rows")), 80);
    sandbox_close(sandbox);
}

TEST(a_daemon_with_a_certificate_of_another_authority_is_not_trusted) {
    struct sandbox_settings settings = tls_settings(getenv("OTHER_CERTIFICATES"));
    struct sandbox_result result = run_with(&settings);
    check_mishap(&result, "sandbox_unavailable", "certificate", "DOCKER_CERT_PATH");
}

TEST(a_daemon_that_freezes_in_mid_run_does_not_hold_the_run_for_ever) {
    const char *pid = getenv("DOCKERD_PID");
    struct sandbox_settings settings = settings_for(getenv("DOCKER_HOST"));
    struct sandbox *sandbox;
    struct docker_fixture_run run;
    struct err err;
    CHECK(pid && atoi(pid) > 1);
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    docker_fixture_begin(&run, sandbox, FIXTURE_ENDLESS);
    kill(atoi(pid), SIGSTOP);
    int64_t start_us = clock_monotonic_us();
    sandbox_cancel_request(run.cancel);
    docker_fixture_join(&run);
    int64_t elapsed_us = clock_monotonic_us() - start_us;
    kill(atoi(pid), SIGCONT);
    CHECK_TEXT(outcome_name(run.result.outcome), "cancelled");
    CHECK(elapsed_us < 9000000);
    sandbox_close(sandbox);
    CHECK_INT(cJSON_GetArraySize(docker_fixture_list(settings.server_id)), 0);
}

// The last one: it takes the daemon down. What it leaves is looked for by this id
// (tests/docker/run).
TEST(z_a_daemon_that_is_killed_in_mid_run_ends_the_run_as_unavailable) {
    const char *pid = getenv("DOCKERD_PID");
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct docker_fixture_run run;
    struct err err;
    CHECK(pid && atoi(pid) > 1);
    settings.server_id = "01DAEMQNTHATWASK111ED00000";
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    docker_fixture_begin(&run, sandbox, FIXTURE_ENDLESS);
    kill(atoi(pid), SIGKILL);
    docker_fixture_join(&run);
    check_mishap(&run.result, "sandbox_unavailable", "Docker went away while the query ran",
                 "Start it");
    sandbox_close(sandbox);
}
