// SPDX-License-Identifier: Apache-2.0
//
// What the Docker backend promises beyond runs.c, held against a real daemon: how a container is
// made, how a data set gets into it, that containers wait and are replaced, and that none is left,
// also of a server that was killed. tests/docker/run starts the daemon.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sandbox/docker_fixture.h"
#include "tests/unit/check.h"

static struct sandbox *open_with_pool(int64_t pool) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.docker.pool = pool;
    settings.max_concurrent = 4;
    settings.max_queued = 64;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    return sandbox;
}

static const char *server(void) { return fixture_settings().server_id; }

static void check_completed(const struct sandbox_result *result) {
    if (result->outcome != OUTCOME_COMPLETED)
        check_fail(__FILE__, __LINE__, "%s: %s", outcome_name(result->outcome),
                   fixture_message(result));
}

static void check_member(const json *object, const char *key, const char *expected) {
    char *text = json_write(cJSON_GetObjectItemCaseSensitive(object, key));
    if (strcmp(text, expected) != 0)
        check_fail(__FILE__, __LINE__, "%s is %s, not %s", key, text, expected);
    free(text);
}

TEST(a_container_has_no_more_than_a_sandbox_may_have) {
    struct docker_fixture_run run;
    docker_fixture_begin(&run, fixture_open(64, 1, 0), FIXTURE_ENDLESS);
    json *facts = docker_fixture_inspect(server());
    const json *host = cJSON_GetObjectItem(facts, "HostConfig");
    const json *config = cJSON_GetObjectItem(facts, "Config");
    check_member(host, "NetworkMode", "\"none\"");
    check_member(host, "IpcMode", "\"none\"");
    check_member(host, "CgroupnsMode", "\"private\"");
    check_member(host, "ReadonlyRootfs", "true");
    check_member(host, "Privileged", "false");
    check_member(host, "CapDrop", "[\"ALL\"]");
    check_member(host, "CapAdd", "null");
    check_member(host, "SecurityOpt", "[\"no-new-privileges:true\"]");
    check_member(host, "Memory", "67108864");
    check_member(host, "MemorySwap", "67108864");
    check_member(host, "NanoCpus", "1000000000");
    check_member(host, "PidsLimit", "64");
    check_member(host, "Tmpfs", "{\"/tmp\":\"rw,noexec,nosuid,size=64m\"}");
    check_member(host, "Binds", "null");
    check_member(host, "Devices", "null");
    check_member(cJSON_GetObjectItem(host, "LogConfig"), "Type", "\"none\"");
    check_member(config, "NetworkDisabled", "true");
    check_member(config, "User", "\"65534:65534\"");
    check_member(config, "Hostname", "\"sandbox\"");
    check_member(cJSON_GetObjectItem(config, "Labels"), "sandglass.run", "\"RUN\"");
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(facts, "Mounts")), 1);
    sandbox_cancel_request(run.cancel);
    docker_fixture_join(&run);
    CHECK_TEXT(outcome_name(run.result.outcome), "cancelled");
    CHECK(docker_fixture_becomes(server(), 0));
}

TEST(the_walls_and_limits_of_a_container_are_read_back_from_the_kernel) {
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    check_completed(&result);
    const json *confinement = cJSON_GetObjectItem(result.result, "confinement");
    check_member(confinement, "namespaces",
                 "[\"pid\",\"net\",\"mount\",\"ipc\",\"uts\",\"cgroup\"]");
    char *limits = json_write(cJSON_GetObjectItem(confinement, "limits"));
    CHECK(strstr(limits, "{\"what\":\"memory_bytes\",\"value\":67108864,") != NULL);
    CHECK(strstr(limits, "{\"what\":\"processes\",\"value\":64,") != NULL);
    CHECK(strstr(limits, "{\"what\":\"cpu_millis\",\"value\":1000,") != NULL);
}

// How a data set with these modes gets into its container, and that it can be read there.
static void check_way(mode_t folder_mode, mode_t file_mode, const char *kind, const char *source) {
    struct docker_fixture_run run;
    struct sandbox *sandbox = fixture_open(64, 1, 0);
    cleanup_free char *file = mem_format("%s/data.sqlite", fixture_data());
    CHECK_INT(chmod(fixture_data(), folder_mode), 0);
    CHECK_INT(chmod(file, file_mode), 0);
    docker_fixture_begin(&run, sandbox, FIXTURE_ENDLESS);
    json *facts = docker_fixture_inspect(server());
    const json *mount = cJSON_GetArrayItem(cJSON_GetObjectItem(facts, "Mounts"), 0);
    CHECK_TEXT(json_text(mount, "Destination"), "/data");
    CHECK_TEXT(json_text(mount, "Type"), kind);
    if (source)
        CHECK_TEXT(json_text(mount, "Source"), source);
    CHECK_INT(json_bool(mount, "RW", true), source == NULL);
    sandbox_cancel_request(run.cancel);
    docker_fixture_join(&run);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 2000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    check_completed(&result);
    CHECK_TEXT(fixture_rows(&result), "[[3]]");
    CHECK(docker_fixture_becomes(server(), 0));
    CHECK_INT(docker_fixture_count_volumes(), 0);
}

TEST(a_data_set_that_everyone_may_read_is_mounted_read_only) {
    check_way(0755, 0644, "bind", fixture_data());
}

TEST(a_data_set_in_a_private_folder_is_copied_into_a_volume_that_goes_with_the_container) {
    check_way(0700, 0644, "volume", NULL);
}

TEST(a_private_data_set_is_copied_too) { check_way(0755, 0600, "volume", NULL); }

// The id of the container that waits for a run.
static char *waiting_id(void) {
    for (int i = 0; i < 200; i++) {
        json *list = docker_fixture_list(server());
        const json *container;
        cJSON_ArrayForEach (container, list) {
            const char *role =
                json_text(cJSON_GetObjectItem(container, "Labels"), "sandglass.role");
            if (strcmp(role, "pool") == 0 && strcmp(json_text(container, "State"), "running") == 0)
                return mem_text(json_text(container, "Id"));
        }
        json_free(list);
        usleep(50000);
    }
    check_fail(__FILE__, __LINE__, "no container waits");
}

// Once the pool is told of a container's readiness nothing outside shows it: a few tries.
static struct sandbox_result run_in_waiting(struct sandbox *sandbox,
                                            const struct sandbox_request *request) {
    for (int i = 0; i < 20; i++) {
        usleep(400000); // for the one before to be gone, and the next to be ready
        cleanup_free char *id = waiting_id(), *where = mem_format("container %.12s", id);
        struct sandbox_result result = fixture_run(sandbox, request);
        check_completed(&result);
        if (strcmp(result.where, where) == 0)
            return result;
    }
    check_fail(__FILE__, __LINE__, "the containers that wait are not used");
}

TEST(a_container_that_waits_serves_one_run_and_is_replaced) {
    struct sandbox *sandbox = open_with_pool(1);
    struct sandbox_request request = fixture_request("SELECT a FROM t ORDER BY a", 2000);
    struct sandbox_result first = fixture_run(sandbox, &request);
    check_completed(&first);
    struct sandbox_result second = run_in_waiting(sandbox, &request);
    struct sandbox_result third = run_in_waiting(sandbox, &request);
    CHECK_TEXT(fixture_rows(&third), "[[1],[2],[3]]");
    CHECK(strcmp(second.where, third.where) != 0);
    sandbox_close(sandbox);
    CHECK_INT(cJSON_GetArraySize(docker_fixture_list(server())), 0);
}

TEST(a_container_that_died_while_it_waited_is_replaced_and_no_run_fails) {
    struct sandbox *sandbox = open_with_pool(1);
    struct sandbox_request request = fixture_request("SELECT 1", 2000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    for (int i = 0; i < 5; i++) {
        cleanup_free char *id = waiting_id();
        if (i % 2)
            usleep(300000); // long enough to be taken into the pool; otherwise perhaps not
        docker_fixture_kill(id);
        result = fixture_run(sandbox, &request);
        check_completed(&result);
        if (strncmp(result.where + strlen("container "), id, 12) == 0)
            check_fail(__FILE__, __LINE__, "the dead container %s answered", id);
    }
    sandbox_close(sandbox);
    CHECK_INT(cJSON_GetArraySize(docker_fixture_list(server())), 0);
}

TEST(a_container_that_was_started_over_older_data_is_not_used) {
    struct sandbox *sandbox = open_with_pool(1);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 2000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    for (int i = 0; i < 3; i++) {
        free(waiting_id());
        usleep(200000);
        cleanup_free char *path = mem_format("%s/data.sqlite", request.data_folder);
        fixture_execute(path, "INSERT INTO t VALUES (9, 'nine', NULL)");
        result = fixture_run(sandbox, &request);
        check_completed(&result);
        CHECK_INT(
            cJSON_GetArrayItem(cJSON_GetArrayItem(cJSON_GetObjectItem(result.result, "rows"), 0), 0)
                ->valueint,
            4 + i);
    }
    sandbox_close(sandbox);
}

TEST(many_runs_at_a_time_all_end_and_leave_nothing) {
    static struct docker_fixture_run runs[4];
    struct sandbox *sandbox = open_with_pool(2);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_LENGTH(runs); i++)
            docker_fixture_begin(&runs[i], sandbox, i % 2 ? FIXTURE_ENDLESS : "SELECT 1");
        for (size_t i = 0; i < ARRAY_LENGTH(runs); i++) {
            sandbox_cancel_request(runs[i].cancel);
            docker_fixture_join(&runs[i]);
            if (i % 2)
                CHECK_TEXT(outcome_name(runs[i].result.outcome), "cancelled");
        }
    }
    sandbox_close(sandbox);
    CHECK_INT(cJSON_GetArraySize(docker_fixture_list(server())), 0);
}

TEST(a_container_that_somebody_kills_ends_its_run_as_killed) {
    struct docker_fixture_run run;
    docker_fixture_begin(&run, fixture_open(64, 1, 0), FIXTURE_ENDLESS);
    json *facts = docker_fixture_inspect(server());
    docker_fixture_kill(json_text(facts, "Id"));
    docker_fixture_join(&run);
    CHECK_TEXT(outcome_name(run.result.outcome), "killed");
    CHECK_TEXT(fixture_message(&run.result), "The container was ended by signal 9 (Killed).");
}

TEST(a_container_that_somebody_removes_ends_its_run_as_killed) {
    struct docker_fixture_run run;
    docker_fixture_begin(&run, fixture_open(64, 1, 0), FIXTURE_ENDLESS);
    json *facts = docker_fixture_inspect(server());
    docker_fixture_remove(json_text(facts, "Id"));
    docker_fixture_join(&run);
    CHECK_TEXT(outcome_name(run.result.outcome), "killed");
}

// What the kernel kills for its memory is out of memory, also where the runner could not say so:
// here the container is given less than the runner believes, before the query asks for it.
TEST(a_container_that_the_kernel_kills_for_its_memory_is_out_of_memory) {
    struct docker_fixture_run run;
    struct sandbox *sandbox = fixture_open(256, 1, 0);
    docker_fixture_begin(
        &run, sandbox,
        "WITH RECURSIVE slow(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM slow LIMIT 4000000),"
        " c(x) AS (SELECT (SELECT max(x) FROM slow) UNION ALL SELECT x + 1 FROM c LIMIT 200)"
        " SELECT printf('%1000000d', x) AS y FROM c ORDER BY y DESC");
    json *facts = docker_fixture_inspect(server());
    cleanup_free char *path = mem_format("/containers/%s/update", json_text(facts, "Id"));
    json *body = cJSON_Parse("{\"Memory\":33554432,\"MemorySwap\":33554432}");
    struct docker_call call = {
        .method = "POST", .path = path, .body = body, .timeout_ms = 10000, .cancel_fd = -1};
    struct err err;
    CHECK_OK(docker_call(docker_fixture_engine(), &call, NULL, &err), err);
    docker_fixture_join(&run);
    CHECK_TEXT(outcome_name(run.result.outcome), "out_of_memory");
}

TEST(what_a_killed_server_left_is_removed_by_the_next_one_of_its_name) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.server_id = "KILLED";
    settings.docker.pool = 1;
    pid_t child = fork();
    if (child == 0) {
        struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 60000);
        if (sandbox_open(&settings, &sandbox, &err) == 0)
            fixture_run(sandbox, &request);
        _exit(1);
    }
    CHECK(docker_fixture_becomes("KILLED", 2)); // one that runs, one that waits
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    CHECK(docker_fixture_becomes("KILLED", 0));
    sandbox_close(sandbox);
}

TEST(the_reaper_leaves_the_containers_of_other_servers_alone) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.server_id = "OURS";
    docker_fixture_create("sandglass-theirs", "OURSELVES");
    docker_fixture_create("sandglass-ours", "OURS");
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    CHECK(docker_fixture_becomes("OURS", 0));
    sandbox_close(sandbox);
    CHECK_INT(cJSON_GetArraySize(docker_fixture_list("OURSELVES")), 1);
    docker_fixture_remove("sandglass-theirs");
}

TEST(the_report_says_what_the_daemon_holds) {
    struct sandbox_report report = {0};
    sandbox_look(fixture_open(64, 1, 0), &report);
    CHECK(report.count >= 10);
    CHECK_TEXT(report.findings[0].what, "Docker daemon");
    for (size_t i = 0; i < report.count; i++)
        if (report.findings[i].state != SANDBOX_HOLDS && !*report.findings[i].hint)
            check_fail(__FILE__, __LINE__, "%s has no hint", report.findings[i].what);
        else if (report.findings[i].state == SANDBOX_MISSING)
            check_fail(__FILE__, __LINE__, "%s: %s", report.findings[i].what,
                       report.findings[i].detail);
}
