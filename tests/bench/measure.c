// SPDX-License-Identifier: Apache-2.0
//
// Times commands, so that ours and a peer's are measured by the same means in the same run.
//
//   measure run COUNT WORKERS INPUT COMMAND…   spawn it COUNT times, INPUT (a file) on its standard
//   input, from spawn to the
//                                              end of its output and its death; WORKERS at a time
//   measure start COUNT ADDRESS PORT COMMAND…  from spawn until GET /healthz is answered; the
//   command is killed then
//
// Prints one JSON object: count, failed, p50_us, p90_us, p99_us, min_us, per_second.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct plan {
    char **command;
    const char *input;
    int count, workers, failed, next;
    int64_t *times_us;
    pthread_mutex_t mutex;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static pid_t spawn(char **command, const char *input, int out) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int status = posix_spawn(&child, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (status) {
        fprintf(stderr, "measure: %s: %s\n", command[0], strerror(status));
        exit(1);
    }
    return child;
}

// One run; its time, negative where it failed or said nothing.
static int64_t run_once(const struct plan *plan) {
    char chunk[65536];
    int out[2], status;
    ssize_t got, total = 0;
    if (pipe2(out, O_CLOEXEC) < 0)
        exit(1);
    int64_t start_us = now_us();
    pid_t child = spawn(plan->command, plan->input, out[1]);
    close(out[1]);
    while ((got = read(out[0], chunk, sizeof chunk)) > 0)
        total += got;
    close(out[0]);
    waitpid(child, &status, 0);
    int64_t time_us = now_us() - start_us;
    return total > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? time_us : -time_us;
}

static void *work(void *context) {
    struct plan *plan = context;
    for (;;) {
        pthread_mutex_lock(&plan->mutex);
        int index = plan->next < plan->count ? plan->next++ : -1;
        pthread_mutex_unlock(&plan->mutex);
        if (index < 0)
            return NULL;
        plan->times_us[index] = run_once(plan);
    }
}

static int compare(const void *left, const void *right) {
    int64_t difference = *(const int64_t *)left - *(const int64_t *)right;
    return difference < 0 ? -1 : difference > 0;
}

static void print(struct plan *plan, int64_t total_us) {
    for (int i = 0; i < plan->count; i++) {
        plan->failed += plan->times_us[i] < 0;
        plan->times_us[i] = llabs(plan->times_us[i]);
    }
    qsort(plan->times_us, (size_t)plan->count, sizeof *plan->times_us, compare);
    const int64_t *times_us = plan->times_us;
    printf("{\"count\":%d,\"failed\":%d,\"p50_us\":%lld,\"p90_us\":%lld,\"p99_us\":%lld,\"min_us\":"
           "%lld,"
           "\"per_second\":%.1f}\n",
           plan->count, plan->failed, (long long)times_us[plan->count / 2],
           (long long)times_us[plan->count * 9 / 10], (long long)times_us[plan->count * 99 / 100],
           (long long)times_us[0], plan->count * 1e6 / (double)total_us);
}

static void measure_runs(struct plan *plan) {
    pthread_t threads[16];
    int64_t start_us = now_us();
    for (int i = 0; i < plan->workers; i++)
        pthread_create(&threads[i], NULL, work, plan);
    for (int i = 0; i < plan->workers; i++)
        pthread_join(threads[i], NULL);
    print(plan, now_us() - start_us);
}

static int is_answered(const struct sockaddr_in *address) {
    static const char request[] =
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    char answer[16] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int is_good = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
                  write(fd, request, sizeof request - 1) > 0 &&
                  read(fd, answer, sizeof answer - 1) > 0 && strstr(answer, " 200") != NULL;
    close(fd);
    return is_good;
}

static void measure_starts(struct plan *plan, const char *host, const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC), status;
    int64_t begin_us = now_us();
    inet_pton(AF_INET, host, &address.sin_addr);
    for (int i = 0; i < plan->count; i++) {
        int64_t start_us = now_us();
        pid_t child = spawn(plan->command, "/dev/null", null);
        while (!is_answered(&address) && now_us() - start_us < 5000000)
            usleep(100);
        plan->times_us[i] = now_us() - start_us;
        if (plan->times_us[i] >= 5000000)
            plan->times_us[i] = -plan->times_us[i];
        kill(child, SIGTERM);
        waitpid(child, &status, 0);
    }
    print(plan, now_us() - begin_us);
}

int main(int count, char **arguments) {
    if (count < 6) {
        fprintf(stderr, "usage: measure run COUNT WORKERS INPUT COMMAND…\n"
                        "       measure start COUNT ADDRESS PORT COMMAND…\n");
        return 2;
    }
    struct plan plan = {
        .command = arguments + 5, .count = atoi(arguments[2]), .mutex = PTHREAD_MUTEX_INITIALIZER};
    plan.times_us = calloc((size_t)plan.count, sizeof *plan.times_us);
    if (strcmp(arguments[1], "start") == 0) {
        measure_starts(&plan, arguments[3], arguments[4]);
    } else {
        plan.workers = atoi(arguments[3]) < 16 ? atoi(arguments[3]) : 16;
        plan.input = arguments[4];
        measure_runs(&plan);
    }
    return plan.failed > 0;
}
