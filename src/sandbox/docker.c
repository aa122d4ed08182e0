// SPDX-License-Identifier: Apache-2.0
//
// A sandbox that is a Docker container: made anew for every run, or started ahead for one.
//
// Theory of operation. The thread that runs makes a container, attaches to its standard streams,
// starts it, and from then on only moves bytes: the request in, the result and the log out, with
// one poll() over the streams, the container's process, the cancelling and the deadline. Four
// things can end a run: the output's end, the process's end behind a whole result, the deadline,
// cancelling. A container that is known to be dead is removed in the background
// (docker_keeper.c); any other is killed and removed before the run counts as ended.
//
// With a container that was started ahead (docker_keeper.c) the run begins at sending the request.
// Such a container may have died unnoticed while it waited; one that ends without a byte of a
// result is not held against the query, which is run once more in a new container.
//
// A daemon that goes away in mid-run ends the stream too. Then no question about the container is
// answered, and the run ends as `sandbox_unavailable`; what is left of it is removed when the
// daemon is back.
#include "sandbox/docker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"

#define GRACE_MS 250 // for the runner to end a run at its deadline itself, and say so properly

enum ending { ENDED_ITSELF, ENDED_LATE, ENDED_CANCELLED, ENDED_OVERFLOWING };

struct run {
    struct docker *docker;
    const struct sandbox_request *request;
    sandbox_event_function *on_event;
    void *context;
    int cancel_fd;
    struct docker_box *box;
    char *request_text;
    size_t request_length, request_sent;
    bool was_waiting; // the container was started ahead
    bool is_ready;    // this container was
    bool is_running;  // the caller was told so
    int64_t start_us, ready_us, deadline_us;
};

static void fail(const struct run *run, struct sandbox_result *result, enum outcome outcome,
                 const char *message, const char *hint) {
    backend_fail(run->request, result, outcome, message, hint);
}

// A container that could not be started, or is not to be reached any more.
static void fail_with(const struct run *run, struct sandbox_result *result, const struct err *err) {
    enum outcome outcome = OUTCOME_SANDBOX_UNAVAILABLE;
    if (err->code == ERR_CANCELLED) {
        fail(run, result, OUTCOME_CANCELLED, NULL, NULL);
        return;
    }
    if (err->code == ERR_NOT_FOUND && strstr(err->message, " has no image "))
        outcome = OUTCOME_IMAGE_PULL_FAILED;
    fail(run, result, outcome, err->message, *err->hint ? err->hint : NULL);
}

static void look_for_ready(struct run *run) {
    if (run->is_ready || !run->box->is_ready)
        return;
    run->is_ready = true;
    run->ready_us = clock_monotonic_us();
    run->deadline_us = run->ready_us + (run->request->timeout_ms + GRACE_MS) * 1000;
    if (!run->is_running)
        run->on_event(SANDBOX_RUNNING, run->context);
    run->is_running = true;
}

// Sends what can be sent now; the input's end is the request's end. An input that broke shows as
// the end of the output.
static void send_request(struct run *run) {
    struct err err;
    size_t written = 0;
    int status = net_stream_write(run->box->input, run->request_text + run->request_sent,
                                  run->request_length - run->request_sent, &written, &err);
    run->request_sent += status == 0 ? written : 0;
    if ((status && status != ERR_BUSY) || run->request_sent == run->request_length)
        net_stream_free(mem_take(run->box->input));
}

// Whether nothing more is to be waited for: the output has ended, or the process has and its result
// is whole.
static bool is_over(const struct docker_box *box) {
    return box->is_ended ||
           (box->is_dead && box->out.length && box->out.data[box->out.length - 1] == '\n');
}

// Moves bytes until the container has ended, or has to be.
static enum ending follow(struct run *run, struct err *err) {
    struct docker_box *box = run->box;
    for (;;) {
        int status = docker_box_take(box, err);
        look_for_ready(run);
        if (status == ERR_TOO_LARGE)
            return ENDED_OVERFLOWING;
        if (status || is_over(box))
            return ENDED_ITSELF;
        if (box->input)
            send_request(run);
        struct pollfd fds[] = {
            {.fd = net_stream_fd(box->output), .events = POLLIN},
            {.fd = box->input ? net_stream_fd(box->input) : -1, .events = POLLOUT},
            {.fd = box->process_fd, .events = POLLIN},
            {.fd = run->cancel_fd, .events = POLLIN},
        };
        int64_t left_us = run->deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return ENDED_LATE;
        int wait_ms = box->has_more ? 0 : (int)((left_us + 999) / 1000);
        if (poll(fds, ARRAY_LENGTH(fds), wait_ms) > 0 && fds[3].revents)
            return ENDED_CANCELLED;
    }
}

// No result came: what the daemon says of how the container ended. STATUS and ERR are of asking it.
static void explain_death(const struct run *run, const struct docker_ending *ending, int status,
                          const struct err *err, const struct err *parse_err,
                          struct sandbox_result *result) {
    char message[640];
    int signal_number =
        ending->exit_code > 128 && ending->exit_code < 192 ? (int)ending->exit_code - 128 : 0;
    if (status == ERR_NOT_FOUND) {
        fail(run, result, OUTCOME_KILLED, "Somebody removed the container while the query ran.",
             NULL);
    } else if (status) {
        snprintf(message, sizeof message, "Docker went away while the query ran: %s", err->message);
        fail(run, result, OUTCOME_SANDBOX_UNAVAILABLE, message, *err->hint ? err->hint : NULL);
    } else if (ending->was_out_of_memory || ending->exit_code == MEM_EXHAUSTED_STATUS) {
        fail(run, result, OUTCOME_OUT_OF_MEMORY, NULL, NULL);
    } else if (signal_number == SIGXCPU) {
        fail(run, result, OUTCOME_TIMED_OUT, NULL, NULL);
    } else if (signal_number) {
        snprintf(message, sizeof message, "The container was ended by signal %d (%s).",
                 signal_number, strsignal(signal_number));
        fail(run, result, OUTCOME_KILLED, message, NULL);
    } else {
        snprintf(message, sizeof message,
                 "The container ended without a result (exit status %lld): %.160s.",
                 (long long)ending->exit_code, parse_err->message);
        fail(run, result, OUTCOME_INTERNAL_ERROR, message, NULL);
    }
}

// What a container that ended by itself has to say; false where that is nothing, and not the
// query's fault, because it may have been dead before the query came.
static bool conclude_ended(const struct run *run, struct sandbox_result *result) {
    struct docker_limit limit = {DOCKER_END_LIMIT_MS, -1};
    struct docker_ending ending = {0};
    struct err parse_err = {0}, err = {0};
    const struct docker_box *box = run->box;
    if (run_result_parse(buf_text(&box->out), box->out.length, run->request->run_id,
                         &result->result, &result->outcome, &parse_err) == 0)
        return true;
    int status = docker_container_wait(run->docker->engine, box->name, limit, &ending, &err);
    if (run->was_waiting && box->out.length == 0 && status != ERR_UNAVAILABLE &&
        !ending.was_out_of_memory && ending.exit_code != MEM_EXHAUSTED_STATUS)
        return false;
    explain_death(run, &ending, status, &err, &parse_err, result);
    return true;
}

static bool conclude(const struct run *run, enum ending ending, struct sandbox_result *result) {
    char message[128];
    switch (ending) {
    case ENDED_ITSELF: return conclude_ended(run, result);
    case ENDED_CANCELLED: fail(run, result, OUTCOME_CANCELLED, NULL, NULL); break;
    case ENDED_OVERFLOWING: fail(run, result, OUTCOME_RESULT_TOO_LARGE, NULL, NULL); break;
    case ENDED_LATE:
        snprintf(message, sizeof message,
                 "The query was still running after %lld ms, so its sandbox was ended.",
                 (long long)run->request->timeout_ms);
        if (run->is_ready)
            fail(run, result, OUTCOME_TIMED_OUT, message, NULL);
        else
            fail(run, result, OUTCOME_SANDBOX_UNAVAILABLE,
                 "The container's runner was not ready within 20 s.", NULL);
    }
    return true;
}

// Keeps what the container said, and gives it up: dead or killed when this returns.
static void leave_box(struct run *run, struct sandbox_result *result) {
    free(result->log);
    result->log = buf_take(&run->box->log);
    if (docker_box_is_dead(run->box))
        docker_box_bury(run->box);
    else
        docker_box_end(run->box);
    run->box = NULL;
}

static bool start_new(struct run *run, const struct docker_need *need,
                      struct sandbox_result *result) {
    struct err err = {0};
    int status =
        docker_box_start(run->docker, need, run->request->run_id, run->cancel_fd, &run->box, &err);
    if (*run->box->id) {
        free(result->where);
        result->where = mem_format("container %.12s", run->box->id);
    }
    if (status == 0)
        return true;
    fail_with(run, result, &err);
    leave_box(run, result);
    return false;
}

// One container's part of the run; false where it has to be tried in another one.
static bool run_in_box(struct run *run, struct sandbox_result *result) {
    struct err err = {0};
    run->request_sent = 0;
    run->is_ready = false;
    run->deadline_us = clock_monotonic_us() + DOCKER_START_LIMIT_MS * 1000;
    bool is_concluded = conclude(run, follow(run, &err), result);
    leave_box(run, result);
    return is_concluded;
}

static void run_need(struct run *run, const struct docker_need *need,
                     struct sandbox_result *result) {
    run->box = docker_keeper_take(run->docker->keeper, need);
    if (run->box) {
        run->was_waiting = true;
        result->where = mem_format("container %.12s", run->box->id);
        if (run_in_box(run, result))
            return;
        run->was_waiting = false;
    }
    if (start_new(run, need, result))
        run_in_box(run, result);
}

static void docker_run(void *state, const struct sandbox_request *request,
                       sandbox_event_function *on_event, void *context,
                       struct sandbox_cancel *cancel, struct sandbox_result *ret_result) {
    struct run run = {.docker = state,
                      .request = request,
                      .on_event = on_event,
                      .context = context,
                      .cancel_fd = cancel ? sandbox_cancel_fd(cancel) : -1};
    struct err err = {0};
    struct sandbox_result result = {0};
    struct docker_need need = {0};
    run.request_text = backend_request_text(request);
    run.request_length = strlen(run.request_text);
    run.start_us = clock_monotonic_us();
    on_event(SANDBOX_STARTING, context);
    if (docker_need_of(request, &need, &err))
        fail(&run, &result, OUTCOME_INTERNAL_ERROR, err.message, NULL);
    else
        run_need(&run, &need, &result);
    int64_t end_us = clock_monotonic_us();
    int64_t ready_us = run.is_running ? run.ready_us : end_us;
    result.starting_us = ready_us - run.start_us;
    result.elapsed_us = end_us - ready_us;
    docker_need_done(&need);
    free(run.request_text);
    *ret_result = result;
}

static int docker_open(const struct sandbox_settings *settings, void **ret_state, struct err *err) {
    struct docker *docker = mem_zero(1, sizeof *docker);
    char id[ID_SIZE];
    docker->settings = settings;
    int status = docker_engine_open(settings->docker.host, settings->docker.cert_path,
                                    settings->docker.tls_verify, &docker->engine, err);
    if (status) {
        free(docker);
        return status;
    }
    id_make(id); // for a server without a name of its own: nothing of it can be known later
    docker->server_id = mem_text(str_is_empty(settings->server_id) ? id : settings->server_id);
    pthread_mutex_init(&docker->lock, NULL);
    docker->keeper = docker_keeper_new(docker);
    *ret_state = docker;
    return 0;
}

static void docker_close(void *state) {
    struct docker *docker = state;
    docker_keeper_free(docker->keeper);
    docker_engine_close(docker->engine);
    docker_surroundings_free(docker->known);
    pthread_mutex_destroy(&docker->lock);
    free(docker->server_id);
    free(docker);
}

const struct backend backend_docker = {
    .name = "docker",
    .title = "Docker",
    .open = docker_open,
    .close = docker_close,
    .run = docker_run,
    .look = docker_look,
    .check_lasts_s = 600,
};
