// SPDX-License-Identifier: Apache-2.0
//
// A sandbox that is a process of this machine: `app runner --unshare`, one for every run, taken
// from the pool where one waits there, or spawned now.
//
// Theory of operation. The thread that runs only moves bytes: the request in, the result and the
// log out, with one poll() over the pipes, the cancelling and the deadline. Three things can end a
// run: the runner's answer, its death, or this thread at the deadline or on cancelling. It asks the
// guard, which ends what is inside and waits for it (runner/wall.c); a guard that does not is
// killed, and the kernel ends the rest. The sandbox is gone before the run counts as ended.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"
#include "sandbox/backend.h"
#include "sandbox/local_pool.h"

#define START_LIMIT_MS 10000 // until the walls stand
#define GRACE_MS 250 // for the runner to end a run at its deadline itself, and say so properly

enum ending { ENDED_ITSELF, ENDED_LATE, ENDED_CANCELLED, ENDED_OVERFLOWING };

struct local {
    const struct sandbox_settings *settings;
    struct groups *groups;
    struct local_pool *pool;
};

struct run {
    const struct sandbox_request *request;
    sandbox_event_function *on_event;
    void *context;
    struct sandbox_cancel *cancel;
    struct local_process process;
    char *request_text;
    size_t request_length, request_sent;
    int64_t running_us, deadline_us;
    bool had_waited, is_ready; // of the present process: started ahead; its walls stand
};

static void send_request(struct run *run) {
    struct local_process *process = &run->process;
    ssize_t sent = write(process->in_fd, run->request_text + run->request_sent,
                         run->request_length - run->request_sent);
    if (sent > 0)
        run->request_sent += (size_t)sent;
    bool is_broken = sent < 0 && errno != EAGAIN && errno != EINTR;
    if (is_broken || run->request_sent == run->request_length)
        fd_close(&process->in_fd); // its end is the request's end
}

static void look_for_ready(struct run *run) {
    if (run->is_ready || !local_process_is_ready(&run->process))
        return;
    int64_t now_us = clock_monotonic_us();
    run->is_ready = true;
    run->deadline_us = now_us + (run->request->timeout_ms + GRACE_MS) * 1000;
    if (run->running_us)
        return; // said before, of a sandbox that was lost
    run->running_us = now_us;
    run->on_event(SANDBOX_RUNNING, run->context);
}

// A result is one line.
static bool has_result(const struct buf *out) {
    return out->length && out->data[out->length - 1] == '\n';
}

// Moves bytes until the runner has closed its output, or has to be ended; where somebody else waits
// for its end (IS_BURIED), until its result is here.
static enum ending follow(struct run *run, bool is_buried) {
    struct local_process *process = &run->process;
    send_request(run);
    look_for_ready(run);
    while (process->out_fd >= 0) {
        struct pollfd fds[] = {
            {.fd = process->out_fd, .events = POLLIN},
            {.fd = process->log_fd, .events = POLLIN},
            {.fd = process->in_fd, .events = POLLOUT},
            {.fd = run->cancel ? sandbox_cancel_fd(run->cancel) : -1, .events = POLLIN},
        };
        int64_t left_us = run->deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return ENDED_LATE;
        if (poll(fds, ARRAY_LENGTH(fds), (int)((left_us + 999) / 1000)) <= 0)
            continue;
        if (fds[3].revents)
            return ENDED_CANCELLED;
        if (fds[1].revents)
            local_process_take(&process->log_fd, &process->log); // a log too long is cut
        look_for_ready(run);
        if (fds[2].revents)
            send_request(run);
        if (fds[0].revents && !local_process_take(&process->out_fd, &process->out))
            return ENDED_OVERFLOWING;
        if (is_buried && has_result(&process->out))
            break;
    }
    return ENDED_ITSELF;
}

static void fail(const struct run *run, struct sandbox_result *result, enum outcome outcome,
                 const char *message) {
    backend_fail(run->request, result, outcome, message, NULL);
}

// No result came: what the exit status and the log say of why.
static void explain_death(const struct run *run, int status, const struct err *err,
                          struct sandbox_result *result) {
    char message[256];
    int signal_number = status > 128 ? status - 128 : 0;
    if (status == MEM_EXHAUSTED_STATUS) {
        fail(run, result, OUTCOME_OUT_OF_MEMORY, NULL);
    } else if (signal_number == SIGXCPU) {
        fail(run, result, OUTCOME_TIMED_OUT, NULL);
    } else if (signal_number) {
        snprintf(message, sizeof message, "The sandbox was ended by signal %d (%s).", signal_number,
                 strsignal(signal_number));
        fail(run, result, OUTCOME_KILLED, message);
    } else {
        snprintf(message, sizeof message,
                 "The sandbox ended without a result (exit status %d): %.160s.", status,
                 err->message);
        fail(run, result, OUTCOME_INTERNAL_ERROR, message);
    }
}

// The output, as RESULT's where it is a whole result. ERR_CORRUPT.
static int take_result(const struct run *run, struct sandbox_result *result, struct err *err) {
    return run_result_parse(buf_text(&run->process.out), run->process.out.length,
                            run->request->run_id, &result->result, &result->outcome, err);
}

static void conclude(const struct run *run, enum ending ending, int status,
                     struct sandbox_result *result) {
    struct err err = {0};
    char message[128];
    switch (ending) {
    case ENDED_LATE:
        if (!run->is_ready) {
            fail(run, result, OUTCOME_SANDBOX_UNAVAILABLE,
                 "The sandbox did not stand within 10 s.");
            return;
        }
        snprintf(message, sizeof message,
                 "The query was still running after %lld ms, so its sandbox was ended.",
                 (long long)run->request->timeout_ms);
        fail(run, result, OUTCOME_TIMED_OUT, message);
        return;
    case ENDED_CANCELLED: fail(run, result, OUTCOME_CANCELLED, NULL); return;
    case ENDED_OVERFLOWING: fail(run, result, OUTCOME_RESULT_TOO_LARGE, NULL); return;
    case ENDED_ITSELF: break;
    }
    if (take_result(run, result, &err))
        explain_death(run, status, &err, result);
}

static int local_open(const struct sandbox_settings *settings, void **ret_state, struct err *err) {
    (void)err;
    struct local *local = mem_zero(1, sizeof *local);
    local->settings = settings;
    local->groups = groups_new(settings);
    local->pool = local_pool_new(settings, local->groups);
    *ret_state = local;
    return 0;
}

static void local_close(void *state) {
    struct local *local = state;
    local_pool_free(local->pool);
    groups_free(local->groups);
    free(local);
}

// One that waited may have been killed meanwhile, even between looking at it and giving it the
// request. Nothing can be lost by asking again, for a run changes nothing.
static bool was_lost(const struct run *run, enum ending ending, int status) {
    return run->had_waited && ending == ENDED_ITSELF && status == 128 + SIGKILL &&
           run->process.out.length == 0;
}

// Takes a sandbox, from the pool if MAY_HAVE_WAITED, and follows the run in it to its end. 1 where
// that sandbox was lost, and it has to be done again.
static int attempt(struct local *local, struct run *run, bool may_have_waited,
                   struct sandbox_result *result) {
    struct local_purpose purpose = {run->request->dataset, run->request->data_folder,
                                    run->request->timeout_ms / 1000 + 2};
    struct err err = {0};
    run->request_sent = 0;
    run->is_ready = false;
    run->deadline_us = clock_monotonic_us() + START_LIMIT_MS * 1000;
    run->had_waited = may_have_waited && local_pool_take(local->pool, &purpose, &run->process);
    if (!run->had_waited &&
        local_process_start(local->settings, local->groups, &purpose, &run->process, &err)) {
        fail(run, result, OUTCOME_SANDBOX_UNAVAILABLE, err.message);
        return 0;
    }
    free(result->where);
    result->where = mem_format("local process %ld", (long)run->process.pid);
    enum ending ending = follow(run, local->pool != NULL);
    if (ending == ENDED_ITSELF && local->pool && take_result(run, result, &err) == 0) {
        result->log = buf_take(&run->process.log);
        local_pool_bury(local->pool, &run->process);
        return 0;
    }
    int status = local_process_end(&run->process, ending == ENDED_ITSELF);
    bool is_lost = was_lost(run, ending, status);
    if (!is_lost) {
        conclude(run, ending, status, result);
        result->log = buf_take(&run->process.log);
    }
    local_process_done(&run->process);
    return is_lost;
}

static void local_run(void *state, const struct sandbox_request *request,
                      sandbox_event_function *on_event, void *context,
                      struct sandbox_cancel *cancel, struct sandbox_result *ret_result) {
    struct local *local = state;
    struct run run = {
        .request = request, .on_event = on_event, .context = context, .cancel = cancel};
    struct sandbox_result result = {0};
    run.request_text = backend_request_text(request);
    run.request_length = strlen(run.request_text);
    int64_t start_us = clock_monotonic_us();
    on_event(SANDBOX_STARTING, context);
    if (attempt(local, &run, true, &result))
        attempt(local, &run, false, &result);
    int64_t end_us = clock_monotonic_us();
    int64_t running_us = run.running_us ? run.running_us : end_us;
    result.starting_us = running_us - start_us;
    result.elapsed_us = end_us - running_us;
    free(run.request_text);
    local_pool_refill(local->pool);
    *ret_result = result;
}

static void local_look(void *state, struct sandbox_report *report) {
    const struct local *local = state;
    groups_look(local->groups, report);
    if (local->settings->local_pool)
        sandbox_report_add(report, SANDBOX_HOLDS, "started ahead", NULL, "%lld at a time",
                           (long long)local->settings->local_pool);
}

const struct backend backend_local = {
    .name = "local",
    .title = "Local",
    .open = local_open,
    .close = local_close,
    .run = local_run,
    .look = local_look,
    .check_lasts_s = 30,
    .weak_hint = "The kernel gives this user no namespaces, so runs are held by Landlock, seccomp "
                 "and rlimits alone. On Ubuntu: "
                 "sysctl kernel.apparmor_restrict_unprivileged_userns=0; elsewhere: sysctl "
                 "kernel.unprivileged_userns_clone=1 "
                 "and user.max_user_namespaces above 0; in a container: allow unshare in its "
                 "seccomp profile.",
};
