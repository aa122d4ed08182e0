// SPDX-License-Identifier: Apache-2.0
//
// A sandbox that is a process of this machine: `app runner --unshare`, spawned anew for every run.
//
// Theory of operation. The server has threads, so it never forks: posix_spawn() starts its own
// executable again with an empty environment and three pipes. The thread that runs then only moves
// bytes: the request in, the result and the log out, with one poll() over the pipes, the cancelling
// and the deadline. Three things can end a run: the runner's answer, its death, or this thread at
// the deadline or on cancelling. It asks the guard, which ends what is inside and waits for it
// (runner/wall.c); a guard that does not is killed, and the kernel ends the rest. The guard is
// always waited for, so none is left.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"
#include "sandbox/backend.h"

#define START_LIMIT_MS 10000 // until the walls stand
#define STOP_LIMIT_MS 1000   // for a runner to end after it was asked to
#define GRACE_MS 250 // for the runner to end a run at its deadline itself, and say so properly

enum ending { ENDED_ITSELF, ENDED_LATE, ENDED_CANCELLED, ENDED_OVERFLOWING };

struct local {
    const struct sandbox_request *request;
    sandbox_event_function *on_event;
    void *context;
    struct sandbox_cancel *cancel;
    pid_t pid;
    int in_fd, out_fd, log_fd;
    char *request_text;
    size_t request_length, request_sent;
    struct buf out, log;
    bool is_ready;
    int64_t start_us, ready_us, deadline_us;
};

static int make_pipe(int ret_fds[2], struct err *err) {
    return pipe2(ret_fds, O_CLOEXEC) < 0 ? err_set_errno(err, errno, "cannot make a pipe") : 0;
}

static int spawn(struct local *local, char *const arguments[], int in, int out, int log,
                 struct err *err) {
    static char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int status =
        posix_spawn(&local->pid, "/proc/self/exe", &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return status ? err_set_errno(err, status, "cannot start a process") : 0;
}

static int start(struct local *local, const struct sandbox_settings *settings, struct err *err) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, log[2] = {-1, -1};
    char memory[24], cpu[24];
    snprintf(memory, sizeof memory, "%lld", (long long)settings->memory_mb);
    snprintf(cpu, sizeof cpu, "%lld", (long long)(local->request->timeout_ms / 1000 + 2));
    char *arguments[16] = {"app",
                           "runner",
                           "--unshare",
                           "--data",
                           (char *)local->request->data_folder,
                           "--dataset",
                           (char *)local->request->dataset,
                           "--memory-mb",
                           memory,
                           "--cpu-s",
                           cpu};
    if (settings->strict)
        arguments[11] = "--strict";
    int status = make_pipe(in, err);
    if (status == 0)
        status = make_pipe(out, err);
    if (status == 0)
        status = make_pipe(log, err);
    if (status == 0)
        status = spawn(local, arguments, in[0], out[1], log[1], err);
    if (status == 0) {
        local->in_fd = fd_take(&in[1]);
        local->out_fd = fd_take(&out[0]);
        local->log_fd = fd_take(&log[0]);
        fcntl(local->in_fd, F_SETFL, O_NONBLOCK);
    }
    for (int i = 0; i < 2; i++) {
        fd_close(&in[i]);
        fd_close(&out[i]);
        fd_close(&log[i]);
    }
    return status;
}

// Reads what is there; closes FD at its end. False when BUF's ceiling was reached.
static bool take_bytes(int *fd, struct buf *buf, bool may_drop) {
    char chunk[16384];
    ssize_t got = read(*fd, chunk, sizeof chunk);
    if (got == 0 || (got < 0 && errno != EINTR))
        fd_close(fd);
    return got <= 0 || buf_add(buf, chunk, (size_t)got) == 0 || may_drop;
}

static void send_request(struct local *local) {
    ssize_t sent = write(local->in_fd, local->request_text + local->request_sent,
                         local->request_length - local->request_sent);
    if (sent > 0)
        local->request_sent += (size_t)sent;
    bool is_broken = sent < 0 && errno != EAGAIN && errno != EINTR;
    if (is_broken || local->request_sent == local->request_length)
        fd_close(&local->in_fd); // its end is the request's end
}

static void look_for_ready(struct local *local) {
    const char *found = local->is_ready ? NULL : strstr(buf_text(&local->log), RUN_READY "\n");
    if (!found)
        return;
    local->is_ready = true;
    local->ready_us = clock_monotonic_us();
    local->deadline_us = local->ready_us + (local->request->timeout_ms + GRACE_MS) * 1000;
    local->on_event(SANDBOX_RUNNING, local->context);
}

// Moves bytes until the runner has closed its output, or has to be ended.
static enum ending follow(struct local *local) {
    while (local->out_fd >= 0) {
        struct pollfd fds[] = {
            {.fd = local->out_fd, .events = POLLIN},
            {.fd = local->log_fd, .events = POLLIN},
            {.fd = local->in_fd, .events = POLLOUT},
            {.fd = local->cancel ? sandbox_cancel_fd(local->cancel) : -1, .events = POLLIN},
        };
        int64_t left_us = local->deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return ENDED_LATE;
        if (poll(fds, ARRAY_LENGTH(fds), (int)((left_us + 999) / 1000)) <= 0)
            continue;
        if (fds[3].revents)
            return ENDED_CANCELLED;
        if (fds[1].revents)
            take_bytes(&local->log_fd, &local->log, true);
        look_for_ready(local);
        if (fds[2].revents)
            send_request(local);
        if (fds[0].revents && !take_bytes(&local->out_fd, &local->out, false))
            return ENDED_OVERFLOWING;
    }
    return ENDED_ITSELF;
}

// Asks the guard to end what is inside and itself; one that does not is killed.
static int stop(const struct local *local) {
    int status = 0;
    kill(local->pid, SIGTERM);
    for (int waited_ms = 0; waited_ms < STOP_LIMIT_MS; waited_ms++) {
        if (waitpid(local->pid, &status, WNOHANG) == local->pid)
            return status;
        poll(NULL, 0, 1);
    }
    kill(local->pid, SIGKILL);
    while (waitpid(local->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

// The guard's exit status (see wall.h), or 128 + the signal that ended it.
static int end(struct local *local, enum ending ending) {
    int status = 0;
    if (ending != ENDED_ITSELF)
        status = stop(local);
    else
        while (waitpid(local->pid, &status, 0) < 0 && errno == EINTR)
            continue;
    if (local->log_fd >= 0)
        take_bytes(&local->log_fd, &local->log, true);
    fd_close(&local->in_fd);
    fd_close(&local->out_fd);
    fd_close(&local->log_fd);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void fail(const struct local *local, struct sandbox_result *result, enum outcome outcome,
                 const char *message) {
    backend_fail(local->request, result, outcome, message, NULL);
}

// No result came: what the exit status and the log say of why.
static void explain_death(struct local *local, int status, const struct err *err,
                          struct sandbox_result *result) {
    char message[256];
    int signal_number = status > 128 ? status - 128 : 0;
    if (status == MEM_EXHAUSTED_STATUS) {
        fail(local, result, OUTCOME_OUT_OF_MEMORY, NULL);
    } else if (signal_number == SIGXCPU) {
        fail(local, result, OUTCOME_TIMED_OUT, NULL);
    } else if (signal_number) {
        snprintf(message, sizeof message, "The sandbox was ended by signal %d (%s).", signal_number,
                 strsignal(signal_number));
        fail(local, result, OUTCOME_KILLED, message);
    } else {
        snprintf(message, sizeof message,
                 "The sandbox ended without a result (exit status %d): %.160s.", status,
                 err->message);
        fail(local, result, OUTCOME_INTERNAL_ERROR, message);
    }
}

static void conclude(struct local *local, enum ending ending, int status,
                     struct sandbox_result *result) {
    struct err err = {0};
    char message[128];
    switch (ending) {
    case ENDED_LATE:
        if (!local->is_ready) {
            fail(local, result, OUTCOME_SANDBOX_UNAVAILABLE,
                 "The sandbox did not stand within 10 s.");
            return;
        }
        snprintf(message, sizeof message,
                 "The query was still running after %lld ms, so its sandbox was ended.",
                 (long long)local->request->timeout_ms);
        fail(local, result, OUTCOME_TIMED_OUT, message);
        return;
    case ENDED_CANCELLED: fail(local, result, OUTCOME_CANCELLED, NULL); return;
    case ENDED_OVERFLOWING: fail(local, result, OUTCOME_RESULT_TOO_LARGE, NULL); return;
    case ENDED_ITSELF: break;
    }
    bool is_whole =
        run_result_parse(buf_text(&local->out), local->out.length, local->request->run_id,
                         &result->result, &result->outcome, &err) == 0;
    if (!is_whole)
        explain_death(local, status, &err, result);
}

static int local_open(const struct sandbox_settings *settings, void **ret_state, struct err *err) {
    (void)err;
    *ret_state = (void *)settings;
    return 0;
}

static void local_close(void *state) { (void)state; }

static void local_look(void *state, struct sandbox_report *report) { (void)state, (void)report; }

static void local_run(void *state, const struct sandbox_request *request,
                      sandbox_event_function *on_event, void *context,
                      struct sandbox_cancel *cancel, struct sandbox_result *ret_result) {
    const struct sandbox_settings *settings = state;
    struct local local = {.request = request,
                          .on_event = on_event,
                          .context = context,
                          .cancel = cancel,
                          .in_fd = -1,
                          .out_fd = -1,
                          .log_fd = -1,
                          .out = BUF(LIMIT_RUN_RESULT),
                          .log = BUF(LIMIT_RUN_LOG)};
    struct err err = {0};
    struct sandbox_result result = {0};
    local.request_text = backend_request_text(request);
    local.request_length = strlen(local.request_text);
    local.start_us = clock_monotonic_us();
    local.deadline_us = local.start_us + START_LIMIT_MS * 1000;
    on_event(SANDBOX_STARTING, context);
    if (start(&local, settings, &err)) {
        fail(&local, &result, OUTCOME_SANDBOX_UNAVAILABLE, err.message);
    } else {
        result.where = mem_format("local process %ld", (long)local.pid);
        enum ending ending = follow(&local);
        conclude(&local, ending, end(&local, ending), &result);
    }
    int64_t end_us = clock_monotonic_us();
    int64_t ready_us = local.is_ready ? local.ready_us : end_us;
    result.starting_us = ready_us - local.start_us;
    result.elapsed_us = end_us - ready_us;
    result.log = buf_take(&local.log);
    buf_done(&local.out);
    free(local.request_text);
    *ret_result = result;
}

const struct backend backend_local = {
    .name = "local",
    .title = "Local",
    .open = local_open,
    .close = local_close,
    .run = local_run,
    .look = local_look,
    .weak_hint = "The kernel gives this user no namespaces, so runs are held by Landlock, seccomp "
                 "and rlimits alone. On Ubuntu: "
                 "sysctl kernel.apparmor_restrict_unprivileged_userns=0; elsewhere: sysctl "
                 "kernel.unprivileged_userns_clone=1 "
                 "and user.max_user_namespaces above 0; in a container: allow unshare in its "
                 "seccomp profile.",
};
