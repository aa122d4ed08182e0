// SPDX-License-Identifier: Apache-2.0
//
// What only local sandboxes promise: their namespaces, the weaker wall where there are none,
// control groups, those that are started ahead, and that a server's death leaves nothing running.
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/path.h"
#include "runner/protocol.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

static const json *confinement_of(const struct sandbox_result *result) {
    return cJSON_GetObjectItem(result->result, "confinement");
}

TEST(every_namespace_is_a_fresh_one) {
    if (!fixture_may_make_namespaces())
        check_skip("this kernel gives no namespaces to this user");
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    const json *names = cJSON_GetObjectItem(confinement_of(&result), "namespaces");
    CHECK_TEXT(json_write(names),
               "[\"user\",\"pid\",\"net\",\"mount\",\"ipc\",\"uts\",\"cgroup\"]");
    CHECK(strncmp(result.where, "local process ", 14) == 0);
}

// In namespaces a sandbox is two processes, the guard and the inmate; behind the weaker wall one.
static int processes_each(void) { return fixture_may_make_namespaces() ? 2 : 1; }

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

// A user namespace of our own may be forbidden to have others in it. Where the kernel gives none,
// nothing is left to forbid.
static void forbid_namespaces(void) {
    char map[48];
    snprintf(map, sizeof map, "0 %u 1\n", geteuid());
    if (!fixture_may_make_namespaces())
        return;
    CHECK_INT(unshare(CLONE_NEWUSER), 0);
    write_file("/proc/self/uid_map", map);
    write_file("/proc/sys/user/max_user_namespaces", "0");
}

TEST(where_the_kernel_gives_no_namespaces_the_weaker_wall_holds_and_is_shown) {
    const char *folder = fixture_data();
    struct sandbox_health health;
    forbid_namespaces();
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 1000);
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    const json *confinement = cJSON_GetObjectItem(result.result, "confinement");
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(confinement, "namespaces")), 0);
    CHECK(json_bool(confinement, "seccomp", false));
    CHECK(json_bool(confinement, "no_new_privs", false));
    CHECK_INT(json_integer(confinement, "capabilities", -1), 0);
    sandbox_check(fixture_open(64, 1, 0), "demo", folder, &health, NULL);
    CHECK(health.is_healthy && health.is_weak);
    CHECK(strstr(health.summary, "behind a weaker wall") != NULL);
    CHECK(strstr(health.hint, "sysctl") != NULL);
}

TEST(strictness_refuses_to_run_behind_the_weaker_wall) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    settings.strict = true;
    forbid_namespaces();
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(outcome_name(result.outcome), "sandbox_unavailable");
    CHECK(strstr(fixture_message(&result), "the kernel refuses new namespaces") != NULL);
}

TEST(nothing_outlives_a_server_that_is_killed) {
    struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 60000);
    pid_t server = fork();
    if (server == 0) {
        fixture_run(fixture_open(64, 1, 0), &request);
        _exit(0);
    }
    int each = processes_each();
    for (int i = 0; i < 500 && fixture_count_processes(request.data_folder) < each; i++)
        usleep(10000);
    CHECK_INT(fixture_count_processes(request.data_folder), each);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    CHECK(fixture_is_gone(request.data_folder));
}

TEST(a_data_set_that_is_not_there_is_named) {
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    request.data_folder = "/nowhere/at/all";
    struct sandbox_result result = fixture_run(fixture_open(64, 1, 0), &request);
    CHECK_TEXT(outcome_name(result.outcome), "internal_error");
    CHECK_TEXT(fixture_message(&result),
               "cannot open the data folder /nowhere/at/all: No such file or directory");
}

TEST(nothing_outlives_a_server_that_is_killed_behind_the_weaker_wall) {
    struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 60000);
    forbid_namespaces();
    pid_t server = fork();
    if (server == 0) {
        fixture_run(fixture_open(64, 1, 0), &request);
        _exit(0);
    }
    for (int i = 0; i < 500 && fixture_count_processes(request.data_folder) < 1; i++)
        usleep(10000);
    usleep(100000);
    CHECK_INT(fixture_count_processes(request.data_folder), 1);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    CHECK(fixture_is_gone(request.data_folder));
}

// As close behind the spawn as it can be: the runner must not miss that nobody is there.
TEST(nothing_outlives_a_server_that_is_killed_while_a_sandbox_starts) {
    struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 60000);
    for (int i = 0; i < 10; i++) {
        pid_t server = fork();
        if (server == 0) {
            fixture_run(fixture_open(64, 1, 0), &request);
            _exit(0);
        }
        while (fixture_count_processes(request.data_folder) == 0)
            sched_yield();
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
        CHECK(fixture_is_gone(request.data_folder));
    }
}

// ---- Control groups -----------------------------------------------------------------------------

// What holds WHAT in RESULT by a control group; -1 where none does.
static int64_t group_limit(const struct sandbox_result *result, const char *what) {
    const json *limit;
    cJSON_ArrayForEach (limit, cJSON_GetObjectItem(confinement_of(result), "limits")) {
        if (strcmp(json_text(limit, "what"), what) == 0 &&
            strncmp(json_text(limit, "by"), "cgroup", 6) == 0)
            return json_integer(limit, "value", -1);
    }
    return -1;
}

static void skip_without_groups(void) {
    if (!fixture_may_make_groups())
        check_skip("this user can make no control groups here");
}

// The folders of control groups whose names hold TEXT, anywhere in the three hierarchies.
static int count_groups(const char *text) {
    int count = 0;
    for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
        struct cgroup_place place = cgroup_locate((enum cgroup_controller)i);
        if (!place.version)
            continue;
        char *folder = mem_format("%s%s", place.mount, place.path);
        DIR *list = opendir(folder);
        for (struct dirent *entry; list && (entry = readdir(list));)
            count += strstr(entry->d_name, text) != NULL;
        if (list)
            closedir(list);
    }
    return count;
}

TEST(control_groups_hold_a_run_to_its_limits_and_are_gone_after_it) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.cpu_millis = 250;
    settings.pids = 17;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    skip_without_groups();
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_INT(group_limit(&result, "memory_bytes"), 64 << 20);
    CHECK_INT(group_limit(&result, "processes"), 17);
    CHECK_INT(group_limit(&result, "cpu_millis"), 250);
    sandbox_close(sandbox);
    CHECK_INT(count_groups(settings.server_id), 0);
}

TEST(what_a_killed_server_left_of_its_groups_goes_when_it_starts_again) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.server_id = "TESTTWICE";
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    skip_without_groups();
    sandbox_close(sandbox);
    pid_t server = fork();
    if (server == 0) {
        struct sandbox_request request = fixture_request(FIXTURE_ENDLESS, 60000);
        CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
        fixture_run(sandbox, &request);
        _exit(0);
    }
    for (int i = 0; i < 100 && count_groups("TESTTWICE") == 0; i++)
        usleep(10000);
    bool had_groups = count_groups("TESTTWICE") > 0;
    usleep(50000);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    for (int i = 0; i < 100 && count_groups("TESTTWICE"); i++) {
        CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
        sandbox_close(sandbox);
        usleep(10000);
    }
    CHECK(had_groups);
    CHECK_INT(count_groups("TESTTWICE"), 0);
}

// ---- Started ahead ------------------------------------------------------------------------------

static struct sandbox *open_with_pool(int64_t size) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.local_pool = size;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    return sandbox;
}

// Guards and inmates: two processes for each that waits. One that has just given its result may
// still be seen, so the number has to stay for a while.
static int wait_for_waiting(const char *folder, int count) {
    int seen = 0, each = processes_each();
    for (int i = 0, steady = 0; i < 1500 && steady < 10; i++) {
        seen = fixture_count_processes(folder);
        steady = seen == each * count ? steady + 1 : 0;
        usleep(10000);
    }
    return seen / each;
}

TEST(after_a_run_as_many_wait_as_the_pool_holds_and_none_once_it_is_closed) {
    struct sandbox *sandbox = open_with_pool(3);
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    CHECK_INT(fixture_count_processes(request.data_folder), 0);
    CHECK_INT(fixture_run(sandbox, &request).outcome, OUTCOME_COMPLETED);
    CHECK_INT(wait_for_waiting(request.data_folder, 3), 3);
    sandbox_close(sandbox);
    CHECK_INT(fixture_count_processes(request.data_folder), 0);
}

TEST(each_that_waits_serves_one_run_and_is_gone) {
    struct sandbox *sandbox = open_with_pool(2);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 1000);
    char *places[5];
    for (int i = 0; i < 5; i++) {
        struct sandbox_result result = fixture_run(sandbox, &request);
        CHECK_TEXT(fixture_rows(&result), "[[3]]");
        places[i] = result.where;
        for (int j = 0; j < i; j++)
            CHECK(strcmp(places[i], places[j]) != 0);
        wait_for_waiting(request.data_folder, 2);
    }
    sandbox_close(sandbox);
}

TEST(one_that_waits_and_is_killed_fails_no_run) {
    struct sandbox *sandbox = open_with_pool(1);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 1000);
    fixture_run(sandbox, &request);
    CHECK_INT(wait_for_waiting(request.data_folder, 1), 1);
    fixture_kill(request.data_folder);
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(outcome_name(result.outcome), "completed");
    CHECK_INT(wait_for_waiting(request.data_folder, 1), 1);
    sandbox_close(sandbox);
}

TEST(a_data_set_that_is_built_anew_is_never_answered_from_the_old_file) {
    struct sandbox *sandbox = open_with_pool(2);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 1000);
    fixture_run(sandbox, &request);
    CHECK_INT(wait_for_waiting(request.data_folder, 2), 2);
    char *fresh = mem_format("%s/fresh", request.data_folder),
         *path = path_join(request.data_folder, "data.sqlite");
    char *command = mem_format("cp %s %s", path, fresh);
    CHECK_INT(system(command), 0);
    fixture_execute(fresh, "DELETE FROM t WHERE a = 3");
    CHECK_INT(rename(fresh, path), 0);
    struct sandbox_result result = fixture_run(sandbox, &request);
    CHECK_TEXT(fixture_rows(&result), "[[2]]");
    sandbox_close(sandbox);
}

TEST(the_pool_follows_the_data_sets_that_are_asked) {
    struct sandbox *sandbox = open_with_pool(2);
    struct sandbox_request request = fixture_request("SELECT count(*) FROM t", 1000);
    struct sandbox_request other = request;
    other.data_folder = mem_format("%s/other", request.data_folder);
    char *command = mem_format("mkdir %s && cp %s/data.sqlite %s/", other.data_folder,
                               request.data_folder, other.data_folder);
    CHECK_INT(system(command), 0);
    fixture_run(sandbox, &request);
    CHECK_INT(wait_for_waiting(request.data_folder, 2), 2);
    fixture_run(sandbox, &other);
    CHECK_INT(wait_for_waiting(other.data_folder, 1), 1);
    CHECK_INT(wait_for_waiting(request.data_folder, 2), 2); // the other's folder lies in it
    sandbox_close(sandbox);
}

// The thread that starts them may be told to end while it is busy with a start that fails.
TEST(a_pool_that_can_start_nothing_is_closed_all_the_same) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox_request request = fixture_request("SELECT 1", 1000);
    struct rlimit many, none;
    struct err err;
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &many), 0);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = many.rlim_max};
    settings.local_pool = 2;
    alarm(60); // a close that waits for ever fails by this
    for (int i = 0; i < 600; i++) {
        struct sandbox *sandbox;
        CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
        CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
        struct sandbox_result result = fixture_run(sandbox, &request);
        CHECK(result.outcome != OUTCOME_COMPLETED);
        sandbox_close(sandbox);
        CHECK_INT(setrlimit(RLIMIT_NOFILE, &many), 0);
    }
}

// ---- As process 1 of a container ----------------------------------------------------------------

static pid_t start_as_process_1(const char *data_folder, const int in[2], const int err[2]) {
    if (unshare(geteuid() == 0 ? CLONE_NEWPID : CLONE_NEWPID | CLONE_NEWUSER) < 0)
        check_skip("this machine gives no process namespace");
    pid_t child = fork();
    if (child)
        return child;
    dup2(in[0], STDIN_FILENO);
    dup2(err[1], STDERR_FILENO);
    execl("/proc/self/exe", "app", "runner", "--data", data_folder, NULL);
    _exit(127);
}

TEST(the_runner_ends_at_once_when_its_container_is_told_to) {
    char text[256] = "";
    int in[2], err[2], status;
    const char *data_folder = fixture_data();
    CHECK(pipe(in) == 0 && pipe(err) == 0);
    pid_t child = start_as_process_1(data_folder, in, err);
    close(err[1]);
    for (size_t length = 0; !strstr(text, RUN_READY "\n");) {
        ssize_t got = read(err[0], text + length, sizeof text - 1 - length);
        CHECK(got > 0);
        length += (size_t)got;
    }
    kill(child, SIGTERM);
    close(in[0]);
    close(in[1]); // one that does not hear the signal ends by this
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 128 + SIGTERM);
}
