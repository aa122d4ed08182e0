// SPDX-License-Identifier: Apache-2.0
//
// See local_process.h. The server has threads, so it never forks: posix_spawn() starts its own
// executable again with an empty environment and three pipes.
//
// The guard is always waited for. What is inside is the guard's child, and its to wait for; where
// something else killed the guard it becomes a child of process 1, which waits for everything (in a
// container that is src/cmd/init.c).
#include "sandbox/local_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/spawn.h"

#define STOP_LIMIT_MS 1000 // for a guard to end after it was asked to, or its inmate has

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static int make_pipe(int ret_fds[2], struct err *err) {
    return pipe2(ret_fds, O_CLOEXEC) < 0 ? err_set_errno(err, errno, "cannot make a pipe") : 0;
}

static int spawn_runner(const struct sandbox_settings *settings,
                        const struct local_purpose *purpose, struct local_process *process,
                        struct err *err) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, log[2] = {-1, -1};
    char memory[24], cpu[24], parent[24];
    snprintf(memory, sizeof memory, "%lld", (long long)settings->memory_mb);
    snprintf(cpu, sizeof cpu, "%lld", (long long)purpose->cpu_s);
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    char *arguments[20] = {"app",
                           "runner",
                           "--unshare",
                           "--data",
                           (char *)purpose->data_folder,
                           "--dataset",
                           (char *)purpose->dataset,
                           "--memory-mb",
                           memory,
                           "--cpu-s",
                           cpu,
                           "--parent",
                           parent};
    int count = 13;
    if (process->folders) {
        arguments[count++] = "--groups";
        arguments[count++] = process->folders;
    }
    if (settings->strict)
        arguments[count++] = "--strict";
    int status = make_pipe(in, err);
    if (status == 0)
        status = make_pipe(out, err);
    if (status == 0)
        status = make_pipe(log, err);
    if (status == 0)
        status = spawn_self(arguments, in[0], out[1], log[1], &process->pid, err);
    if (status == 0) {
        process->in_fd = fd_take(&in[1]);
        process->out_fd = fd_take(&out[0]);
        process->log_fd = fd_take(&log[0]);
        // None of them may hold up whoever has to see to the sandbox's end.
        fcntl(process->in_fd, F_SETFL, O_NONBLOCK);
        fcntl(process->out_fd, F_SETFL, O_NONBLOCK);
        fcntl(process->log_fd, F_SETFL, O_NONBLOCK);
    }
    for (int i = 0; i < 2; i++) {
        fd_close(&in[i]);
        fd_close(&out[i]);
        fd_close(&log[i]);
    }
    return status;
}

int local_process_start(const struct sandbox_settings *settings, struct groups *groups,
                        const struct local_purpose *purpose, struct local_process *ret_process,
                        struct err *err) {
    struct local_process process = {.in_fd = -1,
                                    .out_fd = -1,
                                    .log_fd = -1,
                                    .out = BUF(LIMIT_RUN_RESULT),
                                    .log = BUF(LIMIT_RUN_LOG),
                                    .start_us = clock_monotonic_us(),
                                    .groups = groups};
    int status = groups_make(groups, &process.folders, err);
    if (status == 0)
        status = spawn_runner(settings, purpose, &process, err);
    if (status == 0)
        *ret_process = process;
    else
        groups_remove(groups, process.folders);
    return status;
}

bool local_process_take(int *fd, struct buf *buf) {
    char chunk[16384];
    ssize_t got = read(*fd, chunk, sizeof chunk);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        fd_close(fd);
    return got <= 0 || buf_add(buf, chunk, (size_t)got) == 0;
}

bool local_process_is_ready(struct local_process *process) {
    if (!process->ready_us && strstr(buf_text(&process->log), RUN_READY "\n"))
        process->ready_us = clock_monotonic_us();
    return process->ready_us != 0;
}

// Waits for the guard's end. False when it did not come in time.
static bool wait_for(const struct local_process *process, int64_t timeout_ms, int *ret_status) {
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000;
    cleanup_fd int fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    while (waitpid(process->pid, ret_status, WNOHANG) != process->pid) {
        int64_t left_ms = (deadline_us - clock_monotonic_us() + 999) / 1000;
        struct pollfd end = {.fd = fd, .events = POLLIN};
        if (left_ms <= 0)
            return false;
        // A kernel before 5.3 has no such descriptors: it is asked every millisecond.
        poll(&end, 1, fd < 0 ? 1 : (int)left_ms);
    }
    return true;
}

// Asks the guard to end what is inside and itself; one that does not is killed.
static int stop(const struct local_process *process) {
    int status = 0;
    kill(process->pid, SIGTERM);
    if (wait_for(process, STOP_LIMIT_MS, &status))
        return status;
    kill(process->pid, SIGKILL);
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

int local_process_end(struct local_process *process, bool it_ends) {
    int status = 0;
    if (!it_ends || !wait_for(process, STOP_LIMIT_MS, &status))
        status = stop(process);
    if (process->log_fd >= 0)
        local_process_take(&process->log_fd, &process->log);
    fd_close(&process->in_fd);
    fd_close(&process->out_fd);
    fd_close(&process->log_fd);
    process->pid = 0;
    bool had_oom_kill = groups_remove(process->groups, mem_take(process->folders));
    if (had_oom_kill)
        return MEM_EXHAUSTED_STATUS;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void local_process_done(struct local_process *process) {
    buf_done(&process->out);
    buf_done(&process->log);
}

bool local_process_has_namespaces(void) {
    char *arguments[] = {"app", "runner", "--check", "--unshare", "--strict", NULL};
    pid_t pid;
    int status = -1;
    struct err ignored;
    if (spawn_self(arguments, -1, -1, -1, &pid, &ignored))
        return false;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status == 0;
}
