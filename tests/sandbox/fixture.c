// SPDX-License-Identifier: Apache-2.0
//
// See fixture.h. sandbox_run() spawns /proc/self/exe, so this program is a runner too.
#include "tests/sandbox/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/mem.h"
#include "base/str.h"
#include "runner/runner.h"
#include "tests/unit/check.h"

// The arguments are those of src/sandbox/local.c, and of kube_job.c for a Pod.
int check_other_main(int argument_count, char **arguments) {
    struct runner_options options = {.memory_mb = 64, .request_text = getenv("RUN_REQUEST")};
    if (argument_count < 2 || strcmp(arguments[1], "runner") != 0)
        return fixture_other_main ? fixture_other_main(argument_count, arguments) : -1;
    for (int i = 2; i < argument_count; i++) {
        const char *value = i + 1 < argument_count ? arguments[i + 1] : "";
        if (strcmp(arguments[i], "--unshare") == 0)
            options.unshare = true;
        else if (strcmp(arguments[i], "--strict") == 0)
            options.strict = true;
        else if (strcmp(arguments[i], "--framed") == 0)
            options.framed = true;
        else if (strcmp(arguments[i], "--data") == 0)
            options.data_folder = value;
        else if (strcmp(arguments[i], "--dataset") == 0)
            options.dataset = value;
        else if (strcmp(arguments[i], "--memory-mb") == 0)
            options.memory_mb = atoi(value);
        else if (strcmp(arguments[i], "--cpu-s") == 0)
            options.cpu_s = atoi(value);
        else if (strcmp(arguments[i], "--parent") == 0)
            options.parent_pid = atoi(value);
        else if (strcmp(arguments[i], "--groups") == 0)
            options.groups = value;
    }
    return fixture_runner ? fixture_runner(&options) : runner_serve(&options);
}

const char *fixture_mode(void) {
    const char *mode = getenv("SANDBOX_MODE");
    return str_is_empty(mode) ? "local" : mode;
}

bool fixture_is_local(void) { return strcmp(fixture_mode(), "local") == 0; }

// ---- What the machine gives ---------------------------------------------------------------------

static bool write_text(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool is_done = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return is_done;
}

static bool has_succeeded(pid_t child) {
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

bool fixture_may_make_namespaces(void) {
    char map[48];
    snprintf(map, sizeof map, "0 %u 1\n", geteuid());
    pid_t child = fork();
    if (child != 0)
        return has_succeeded(child);
    if (unshare(CLONE_NEWUSER) < 0 || !write_text("/proc/self/uid_map", map) ||
        unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
                CLONE_NEWCGROUP) < 0)
        _exit(1);
    pid_t first = fork();
    if (first == 0)
        _exit(mount("proc", "/proc", "proc", 0, NULL) < 0);
    _exit(!has_succeeded(first));
}

bool fixture_may_make_groups(void) {
    for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
        cleanup_cgroup_place struct cgroup_place place = cgroup_locate((enum cgroup_controller)i);
        // With version 2 a group that holds this process can have none; root has the top.
        bool is_top = place.version == 2 && geteuid() == 0;
        if (place.version == 0 || (place.version == 2 && !is_top))
            return false;
        cleanup_free char *folder = mem_format("%s%s/sandglass-try-%ld", place.mount,
                                               is_top ? "" : place.path, (long)getpid());
        if (mkdir(folder, 0755) < 0 || rmdir(folder) < 0)
            return false;
    }
    return true;
}

// One for the whole program: each test sweeps away what the one before it left by being killed.
static char server_id[32];

__attribute__((constructor)) static void make_server_id(void) {
    snprintf(server_id, sizeof server_id, "TEST%ld", (long)getpid());
}

struct sandbox_settings fixture_settings(void) {
    const char *pool_text = getenv("SANDBOX_POOL"), *datasets = getenv("SANDBOX_DATASETS");
    int64_t pool = pool_text ? atoi(pool_text) : 0;
    signal(SIGPIPE, SIG_IGN);
    return (struct sandbox_settings){
        .mode = fixture_mode(),
        .memory_mb = 64,
        .cpu_millis = 1000,
        .pids = 64,
        .max_concurrent = 1,
        .timeout_ms = 2000,
        .local_pool = pool,
        .server_id = server_id,
        .datasets_path = str_is_empty(datasets) ? check_folder() : datasets,
        .image = getenv("RUNNER_IMAGE"),
        .docker = {.host = getenv("DOCKER_HOST"), .pool = pool},
        .kube = {.config_path = getenv("KUBECONFIG"),
                 .name_space = getenv("KUBE_NAMESPACE"),
                 .data_claim = getenv("KUBE_DATA_CLAIM"),
                 .pull_policy = "IfNotPresent",
                 .pool = pool},
    };
}

// Where the data set is. A Pod sees one folder of data sets, not each test's own; what it runs as
// may read it.
static const char *place_of_data(void) {
    static char path[256];
    const char *all = getenv("SANDBOX_DATASETS");
    if (str_is_empty(all))
        return check_folder();
    if (*path)
        return path;
    snprintf(path, sizeof path, "%s/demo", all);
    mkdir(path, 0755);
    chmod(path, 0755);
    return path;
}

static struct sandbox *opened[8];

static void close_all(void) {
    for (size_t i = 0; i < ARRAY_LENGTH(opened); i++)
        sandbox_close(opened[i]);
}

static void close_at_end(struct sandbox *sandbox) {
    size_t at = 0;
    while (at < ARRAY_LENGTH(opened) && opened[at])
        at++;
    if (at == 0)
        atexit(close_all);
    if (at == ARRAY_LENGTH(opened))
        check_fail(__FILE__, __LINE__, "a test opens no more than %zu sandboxes", at);
    opened[at] = sandbox;
}

struct sandbox *fixture_open(int64_t memory_mb, int64_t max_concurrent, int64_t max_queued) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.memory_mb = memory_mb;
    settings.max_concurrent = max_concurrent;
    settings.max_queued = max_queued;
    CHECK_OK(sandbox_open(&settings, &sandbox, &err), err);
    close_at_end(sandbox);
    return sandbox;
}

struct sandbox_request fixture_request(const char *sql, int64_t timeout_ms) {
    return (struct sandbox_request){.run_id = "RUN",
                                    .dataset = "demo",
                                    .data_folder = fixture_data(),
                                    .sql = sql,
                                    .max_rows = 200,
                                    .timeout_ms = timeout_ms,
                                    .max_result_bytes = 1048576};
}

struct sandbox_result fixture_run(struct sandbox *sandbox, const struct sandbox_request *request) {
    struct sandbox_result result;
    sandbox_run(sandbox, request, NULL, NULL, NULL, &result);
    return result;
}

const char *fixture_rows(const struct sandbox_result *result) {
    return json_write(cJSON_GetObjectItem(result->result, "rows"));
}

const char *fixture_message(const struct sandbox_result *result) {
    return json_text(cJSON_GetObjectItem(result->result, "error"), "message");
}

void fixture_execute(const char *path, const char *sql) {
    sqlite3 *connection;
    if (sqlite3_open(path, &connection) != SQLITE_OK ||
        sqlite3_exec(connection, sql, NULL, NULL, NULL) != SQLITE_OK)
        check_fail(__FILE__, __LINE__, "cannot change %s: %s", path, sqlite3_errmsg(connection));
    sqlite3_close(connection);
}

const char *fixture_data(void) {
    static const char sql[] =
        "CREATE TABLE t (a INTEGER, b TEXT, d DATE);"
        "INSERT INTO t VALUES (1, 'one', '2024-01-01'), (2, 'two', NULL), (3, NULL, '2024-03-01');"
        "CREATE TABLE sandglass_meta (key TEXT PRIMARY KEY, value);"
        "INSERT INTO sandglass_meta VALUES ('format', 1), ('data_sha256', 'c0ffee');";
    static bool is_made; // by this test: what it does to the file stays
    char path[300], made[320];
    if (is_made)
        return place_of_data();
    snprintf(path, sizeof path, "%s/data.sqlite", place_of_data());
    snprintf(made, sizeof made, "%s.made", path);
    fixture_execute(made, sql);
    rename(made, path); // what waits for a request opens the whole file, or the one before it
    is_made = true;
    return place_of_data();
}

void fixture_damage_data(void) {
    char path[300], junk[4096];
    snprintf(path, sizeof path, "%s/data.sqlite", place_of_data());
    memset(junk, 'x', sizeof junk);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0 || write(fd, junk, sizeof junk) < 0)
        check_fail(__FILE__, __LINE__, "cannot write %s", path);
    close(fd);
}

static int has_text(const char *process, const char *text) {
    char path[300], line[4096];
    snprintf(path, sizeof path, "/proc/%s/cmdline", process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    if (fd >= 0)
        close(fd);
    for (ssize_t i = 0; i < length; i++)
        if (!line[i])
            line[i] = ' ';
    line[length > 0 ? length : 0] = '\0';
    return strstr(line, text) != NULL;
}

// Calls VISIT, where it is not NULL, with each process that has TEXT in its command line.
static int each_process(const char *text, void (*visit)(pid_t pid)) {
    int count = 0;
    DIR *list = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(list));)
        if (*entry->d_name >= '1' && *entry->d_name <= '9' && has_text(entry->d_name, text)) {
            count++;
            if (visit)
                visit(atoi(entry->d_name));
        }
    closedir(list);
    return count;
}

int fixture_count_processes(const char *text) { return each_process(text, NULL); }

static void kill_one(pid_t pid) { kill(pid, SIGKILL); }

void fixture_kill(const char *text) { each_process(text, kill_one); }

int fixture_is_gone(const char *text) {
    const char *pool = getenv("SANDBOX_POOL");
    int waiting = pool ? 2 * atoi(pool) : 0; // a guard and an inmate each
    if (!fixture_is_local())
        return 1;
    for (int i = 0; i < 200; i++) {
        if (fixture_count_processes(text) <= waiting)
            return 1;
        usleep(10000);
    }
    return 0;
}
