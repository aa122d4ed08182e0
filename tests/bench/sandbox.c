// SPDX-License-Identifier: Apache-2.0
//
// Times sandbox_run() itself, from SQL in to result out, as the server calls it; the backend is the
// one that tests/sandbox/fixture.h takes from the environment.
//
//   sandbox POOL COUNT WORKERS PAUSE_MS DATASET FOLDER SQL
//       COUNT runs by WORKERS at a time, with PAUSE_MS of thinking between two runs of a worker, so
//       that POOL sandboxes can be started ahead
//   sandbox waiting POOL DATASET FOLDER
//       how much memory one waiting sandbox takes: the private pages of both its processes
//
// Prints one JSON object.
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

struct plan {
    struct sandbox *sandbox;
    struct sandbox_request request;
    int count, pause_ms;
    atomic_int next, failed;
    int64_t *times_us, *starting_us;
};

static void *work(void *context) {
    struct plan *plan = context;
    for (int at; (at = atomic_fetch_add(&plan->next, 1)) < plan->count;) {
        struct sandbox_result result;
        usleep((useconds_t)plan->pause_ms * 1000);
        int64_t start_us = clock_monotonic_us();
        sandbox_run(plan->sandbox, &plan->request, NULL, NULL, NULL, &result);
        plan->times_us[at] = clock_monotonic_us() - start_us;
        plan->starting_us[at] = result.starting_us;
        if (result.outcome != OUTCOME_COMPLETED && atomic_fetch_add(&plan->failed, 1) == 0)
            fprintf(stderr, "sandbox: %s: %s\n", outcome_name(result.outcome),
                    fixture_message(&result));
        sandbox_result_done(&result);
    }
    return NULL;
}

static int compare(const void *left, const void *right) {
    int64_t difference = *(const int64_t *)left - *(const int64_t *)right;
    return difference < 0 ? -1 : difference > 0;
}

static struct sandbox *open_with(int64_t pool, int64_t workers) {
    struct sandbox_settings settings = fixture_settings();
    struct sandbox *sandbox;
    struct err err;
    settings.memory_mb = 512;
    settings.cpu_millis = settings.cpu_millis > 0 ? 500 : 0;
    settings.max_concurrent = workers;
    settings.max_queued = 1000;
    settings.local_pool = settings.docker.pool = settings.kube.pool = pool;
    if (sandbox_open(&settings, &sandbox, &err)) {
        fprintf(stderr, "sandbox: %s\n", err.message);
        exit(1);
    }
    return sandbox;
}

static int measure(char **arguments) {
    int workers = atoi(arguments[3]);
    struct plan plan = {.sandbox = open_with(atoi(arguments[1]), workers),
                        .count = atoi(arguments[2]),
                        .pause_ms = atoi(arguments[4]),
                        .request = {.run_id = "BENCH",
                                    .dataset = arguments[5],
                                    .data_folder = arguments[6],
                                    .sql = arguments[7],
                                    .max_rows = 200,
                                    .timeout_ms = 30000,
                                    .max_result_bytes = 1 << 20}};
    pthread_t threads[64];
    workers = workers < 1 ? 1 : workers > 64 ? 64 : workers;
    plan.times_us = mem_zero((size_t)plan.count, sizeof *plan.times_us);
    plan.starting_us = mem_zero((size_t)plan.count, sizeof *plan.starting_us);
    int64_t start_us = clock_monotonic_us();
    for (int i = 0; i < workers; i++)
        pthread_create(&threads[i], NULL, work, &plan);
    for (int i = 0; i < workers; i++)
        pthread_join(threads[i], NULL);
    int64_t total_us = clock_monotonic_us() - start_us;
    sandbox_close(plan.sandbox);
    qsort(plan.times_us, (size_t)plan.count, sizeof *plan.times_us, compare);
    qsort(plan.starting_us, (size_t)plan.count, sizeof *plan.starting_us, compare);
    printf("{\"count\":%d,\"failed\":%d,\"p50_us\":%lld,\"p99_us\":%lld,\"min_us\":%lld,"
           "\"starting_p50_us\":%lld,\"per_second\":%.1f}\n",
           plan.count, plan.failed, (long long)plan.times_us[plan.count / 2],
           (long long)plan.times_us[plan.count * 99 / 100], (long long)plan.times_us[0],
           (long long)plan.starting_us[plan.count / 2], plan.count * 1e6 / (double)total_us);
    return plan.failed > 0;
}

// smaps_rollup: pages that only this process has, in KiB. proc_pid_smaps(5).
static long private_kib(const char *process) {
    char path[64], line[256];
    long total = 0, value;
    snprintf(path, sizeof path, "/proc/%.20s/smaps_rollup", process);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Private_Clean: %ld", &value) == 1 ||
            sscanf(line, "Private_Dirty: %ld", &value) == 1)
            total += value;
    if (file)
        fclose(file);
    return total;
}

static long all_private_kib(const char *folder) {
    char path[64], line[1024];
    long total = 0;
    DIR *list = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(list));) {
        snprintf(path, sizeof path, "/proc/%.20s/cmdline", entry->d_name);
        FILE *file = *entry->d_name >= '1' && *entry->d_name <= '9' ? fopen(path, "re") : NULL;
        size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
        if (file)
            fclose(file);
        line[length] = '\0';
        if (length > strlen("app") + 7 && strcmp(line, "app") == 0 &&
            strcmp(line + 4, "runner") == 0 && memmem(line, length, folder, strlen(folder)))
            total += private_kib(entry->d_name);
    }
    closedir(list);
    return total;
}

static int measure_waiting(char **arguments) {
    int pool = atoi(arguments[2]);
    struct sandbox *sandbox = open_with(pool, 1);
    struct sandbox_request request = {.run_id = "BENCH",
                                      .dataset = arguments[3],
                                      .data_folder = arguments[4],
                                      .sql = "SELECT 1",
                                      .max_rows = 1,
                                      .timeout_ms = 5000,
                                      .max_result_bytes = 4096};
    struct sandbox_result result;
    sandbox_run(sandbox, &request, NULL, NULL, NULL, &result);
    usleep(300000);
    printf("{\"waiting_kib\":%ld}\n", all_private_kib(arguments[4]) / pool);
    sandbox_close(sandbox);
    return result.outcome != OUTCOME_COMPLETED;
}

static void remove_folder(void) { rmdir(check_folder()); }

int fixture_other_main(int argument_count, char **arguments) {
    atexit(remove_folder); // the fixture's own, which nothing was put into
    if (argument_count == 8)
        return measure(arguments);
    if (argument_count == 5 && strcmp(arguments[1], "waiting") == 0)
        return measure_waiting(arguments);
    fprintf(stderr, "usage: sandbox POOL COUNT WORKERS PAUSE_MS DATASET FOLDER SQL\n"
                    "       sandbox waiting POOL DATASET FOLDER\n");
    return 2;
}
