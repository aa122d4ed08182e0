// SPDX-License-Identifier: Apache-2.0
//
// A sandbox that is a Pod of a Kubernetes cluster, made by a Job of its own for every run.
//
// Theory of operation. The thread that runs makes the Job and then follows its Pod, of which the
// watch that all runs share tells it every change (kube_pods.h). It goes through these states; in
// each it waits for three things at once: news of the Pod, the cancelling, and a deadline.
//
//   making    the Job is posted                         deadline: that of the calls
//   waiting   no container runs yet: the Pod is being   deadline: KUBE_START_LIMIT_S
//             scheduled, its image pulled
//   running   the container runs, or has run: its log   deadline: the run's own, and a grace
//             is read until the result has come         for the runner to say so itself
//   over      the result is here, or it is known why not
//
// The Pod's state alone says whether a run failed before the runner began; then, and only then, and
// where the machinery is to blame, it is tried once more with another Job. Once the container runs,
// the log is what counts: a whole result wins over whatever the Pod says later. Where none came,
// the termination message tells how it ended, else the Pod's state.
//
// A Pod that was started ahead (kube_pool.c) is joined at `running`: the request goes to its
// standard input, the result comes over the same connection, and if that breaks, from the log like
// any other.
//
// Whichever way it ends, the Job is removed: by the reaper soon after a result, and here at once
// where something still runs. What is left even so ends at activeDeadlineSeconds, and is removed by
// ttlSecondsAfterFinished or by the reaper of a later server of the same name.
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/attach.h"
#include "sandbox/kube_backend.h"

#define GRACE_MS 1000     // for the runner to end a run at its deadline itself, and say so properly
#define NO_POD_ASK_MS 700 // after so long without a Pod, and then each time, the events are asked
#define REMOVE_LIMIT_MS 5000
#define LOG_TRIES 3         // of a container that has ended
#define LOG_PAUSE_MS 200    // between them
#define LOG_LIMIT_MS 2000LL // of one
#define LONGEST_WAIT_MS 500 // between two looks, whatever happens
#define ATTACH_LIMIT_MS 5000
#define AHEAD_TRIES 2          // so many waiting Pods may be no good
#define ARRIVAL_LIMIT_MS 1000L // for a request whose stream has ended to reach the runner
#define NAME_TRIES 3

enum next { GO_ON, OVER, RETRY };

struct run {
    struct kube *kube;
    const struct sandbox_request *request;
    sandbox_event_function *on_event;
    void *context;
    struct sandbox_cancel *cancel;
    struct sandbox_result *result;
    char *data_path, *request_text;
    struct kube_follow *follow;
    struct kube_pod pod;
    bool has_pod, has_begun, is_told, is_last_try;
    int log_tries;
    int64_t start_us, begun_us, deadline_us, ask_us;
    int64_t unscheduled_us; // since when no node takes it; 0 while one may
    struct kube_output output;
};

static int64_t left_ms(const struct run *run) {
    int64_t left_us = run->deadline_us - clock_monotonic_us();
    return left_us <= 0 ? 0 : (left_us + 999) / 1000;
}

static int cancel_fd(const struct run *run) {
    return run->cancel ? sandbox_cancel_fd(run->cancel) : -1;
}

static bool is_cancelled(const struct run *run) {
    return run->cancel && sandbox_cancel_is_requested(run->cancel);
}

static enum next fail(struct run *run, enum outcome outcome, const char *message,
                      const char *hint) {
    backend_fail(run->request, run->result, outcome, message, hint);
    return OVER;
}

// Until there is news, a stop, or MS are over.
static void wait_for_news(const struct run *run, int64_t ms) {
    struct pollfd fds[] = {{.fd = kube_follow_fd(run->follow), .events = POLLIN},
                           {.fd = cancel_fd(run), .events = POLLIN}};
    poll(fds, ARRAY_LENGTH(fds), (int)ms);
}

static void begin(struct run *run) {
    if (run->has_begun)
        return;
    run->has_begun = true;
    run->begun_us = clock_monotonic_us();
    run->deadline_us = run->begun_us + (run->request->timeout_ms + GRACE_MS) * 1000;
    if (!run->is_told)
        run->on_event(SANDBOX_RUNNING, run->context);
    run->is_told = true;
}

// ---- How it ended -------------------------------------------------------------------------------

static enum next take_result(struct run *run) {
    run->result->result = mem_take(run->output.result);
    run->result->outcome = run->output.outcome;
    return OVER;
}

static enum next end_late(struct run *run) {
    char message[768];
    struct err err = {0};
    const struct kube_pod *pod = &run->pod;
    if (run->has_begun && pod->is_unheard) {
        snprintf(message, sizeof message,
                 "The node %s of the Pod %s does not answer, so what became of the query is not "
                 "known.",
                 pod->node, pod->name);
        return fail(run, OUTCOME_NODE_LOST, message, NULL);
    }
    if (run->has_begun) {
        snprintf(message, sizeof message,
                 "The query was still running after %lld ms, so its sandbox was ended.",
                 (long long)run->request->timeout_ms);
        return fail(run, OUTCOME_TIMED_OUT, message, NULL);
    }
    if (*pod->unscheduled && !pod->is_scheduled) {
        snprintf(message, sizeof message, "No node took the Pod %s within %d s: %s", pod->name,
                 KUBE_START_LIMIT_S, pod->unscheduled);
        return fail(run, OUTCOME_UNSCHEDULABLE, message, NULL);
    }
    cleanup_free char *warning =
        run->has_pod ? kube_ask_why_not_started(run->kube, pod, cancel_fd(run)) : NULL;
    kube_pods_trouble(run->kube->pods, &err);
    const char *why = err.code ? err.message : warning ? warning : pod->waiting;
    size_t length = strcspn(why, "\n");
    snprintf(message, sizeof message, "The Pod %s had not started after %d s%s%.*s%s",
             run->has_pod ? pod->name : "of the Job", KUBE_START_LIMIT_S, length ? ": " : "",
             (int)length, why, length && why[length - 1] == '.' ? "" : ".");
    return fail(run, OUTCOME_SANDBOX_UNAVAILABLE, message,
                "Look at the Pod's events: a slow image pull, a volume that is not there, or a "
                "node that does not answer.");
}

// The Pod is at its end, and no whole result has come.
static enum next explain_end(struct run *run, const struct kube_verdict *verdict) {
    char message[640];
    if (run->output.is_too_large)
        return fail(run, OUTCOME_RESULT_TOO_LARGE, NULL, NULL);
    if (kube_output_from_last_words(&run->pod, run->request, &run->output, run->result))
        return OVER;
    if (verdict->may_retry && !run->has_begun && !run->is_last_try)
        return RETRY;
    if (verdict->outcome == OUTCOME_INTERNAL_ERROR && run->output.defect.code) {
        snprintf(message, sizeof message, "The Pod %s: %s.", run->pod.name,
                 run->output.defect.message);
        return fail(run, OUTCOME_INTERNAL_ERROR, message, NULL);
    }
    return fail(run, verdict->outcome, *verdict->message ? verdict->message : NULL, verdict->hint);
}

// ---- Following a Pod ----------------------------------------------------------------------------

static int64_t unscheduled_ms(struct run *run) {
    bool is_unscheduled = *run->pod.unscheduled && !run->pod.is_scheduled;
    int64_t now_us = clock_monotonic_us();
    if (!is_unscheduled)
        run->unscheduled_us = 0;
    else if (!run->unscheduled_us)
        run->unscheduled_us = now_us;
    return is_unscheduled ? (now_us - run->unscheduled_us) / 1000 : 0;
}

static enum next ask_why_no_pod(struct run *run) {
    struct kube_refusal refusal = {0};
    struct err err;
    if (clock_monotonic_us() < run->ask_us)
        return GO_ON;
    run->ask_us = clock_monotonic_us() + NO_POD_ASK_MS * 1000;
    if (kube_pods_trouble(run->kube->pods, &err) == ERR_REFUSED)
        return fail(run, OUTCOME_SANDBOX_UNAVAILABLE, err.message,
                    "The server's Role needs the verbs list and watch on pods.");
    if (kube_ask_why_no_pod(run->kube, run->follow, cancel_fd(run), &refusal, &err) == 0)
        return GO_ON;
    return fail(run, refusal.outcome, err.message, refusal.hint);
}

// Reads the log of a container that runs or has run.
static enum next read_log(struct run *run, const struct kube_verdict *verdict) {
    const int stops[] = {cancel_fd(run), kube_follow_fd(run->follow)};
    bool is_live = !verdict->is_final, is_lost = verdict->outcome == OUTCOME_NODE_LOST;
    int64_t live_ms = left_ms(run) ? left_ms(run) : 1;
    struct err err;
    int status = kube_log_read(run->kube, run->pod.name, is_live, stops, is_live ? 2 : 1,
                               is_live ? live_ms : LOG_LIMIT_MS, &run->output, &err);
    if (run->output.result)
        return take_result(run);
    if (status == ERR_REFUSED)
        return fail(run, OUTCOME_SANDBOX_UNAVAILABLE, err.message,
                    "The server's Role needs the verb get on pods/log.");
    bool was_last = !is_live && (++run->log_tries == LOG_TRIES || is_lost);
    if (was_last || run->output.is_too_large || (!is_live && status == ERR_NOT_FOUND))
        return explain_end(run, verdict);
    if (status != ERR_CANCELLED)
        wait_for_news(run, LOG_PAUSE_MS);
    return GO_ON;
}

static void name_place(struct run *run) {
    free(run->result->where);
    run->result->where = mem_format("Pod %s", run->pod.name);
}

static enum next look(struct run *run) {
    struct kube_verdict verdict = {.stage = KUBE_WAITING};
    if (is_cancelled(run))
        return fail(run, OUTCOME_CANCELLED, NULL, NULL);
    bool was_there = run->has_pod;
    run->has_pod = kube_follow_take(run->follow, &run->pod);
    if (run->has_pod && !was_there)
        name_place(run);
    if (run->has_pod)
        kube_verdict_of(&run->pod, unscheduled_ms(run), &verdict);
    if (!verdict.is_final && left_ms(run) == 0)
        return end_late(run);
    if (!run->has_pod)
        return ask_why_no_pod(run);
    if (verdict.stage == KUBE_FAILED)
        return explain_end(run, &verdict);
    if (verdict.stage == KUBE_WAITING)
        return GO_ON;
    begin(run);
    return read_log(run, &verdict);
}

static enum next follow(struct run *run) {
    for (;;) {
        enum next next = look(run);
        if (next != GO_ON)
            return next;
        if (run->has_begun)
            continue;
        kube_pods_hurry(run->kube->pods);
        wait_for_news(run, left_ms(run) < LONGEST_WAIT_MS ? left_ms(run) : LONGEST_WAIT_MS);
    }
}

// ---- A Job of its own ---------------------------------------------------------------------------

static void name_job(const struct run *run, bool is_first, char name[KUBE_JOB_NAME_SIZE]) {
    char id[ID_SIZE], suffix[8] = "";
    id_make(id);
    if (!is_first)
        snprintf(suffix, sizeof suffix, "-%.6s", id + ID_SIZE - 7);
    for (char *at = suffix; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    kube_job_name("sandglass-run-", run->request->run_id, suffix, name);
}

// Makes the Job and follows it. A name that is taken, by a Job that is still going, say, is left.
static int make(struct run *run, struct kube_refusal *ret_refusal, struct err *err) {
    struct kube_job job = {.run_id = run->request->run_id,
                           .dataset = run->request->dataset,
                           .data_path = run->data_path,
                           .request = run->request_text,
                           .timeout_ms = run->request->timeout_ms,
                           .deadline_s = KUBE_START_LIMIT_S + run->request->timeout_ms / 1000 + 30};
    int status = ERR_CONFLICT;
    for (int tries = 0; status == ERR_CONFLICT && tries < NAME_TRIES; tries++) {
        char name[KUBE_JOB_NAME_SIZE];
        name_job(run, tries == 0 && !run->is_last_try, name);
        job.name = name;
        run->follow = kube_pods_follow(run->kube->pods, name);
        status = kube_make(run->kube, &job, run->follow, cancel_fd(run), ret_refusal, err);
        if (status == ERR_CONFLICT) {
            kube_pods_forget(run->kube->pods, run->follow);
            run->follow = NULL;
        }
    }
    if (status == ERR_CONFLICT)
        ret_refusal->outcome = OUTCOME_INTERNAL_ERROR;
    return status;
}

// Where the runner has answered nothing runs any more, and nobody need wait for the Pod to go.
static void remove_job(struct run *run) {
    struct err err;
    enum outcome outcome = run->result->outcome;
    bool is_over = run->has_begun && run->result->result && outcome != OUTCOME_TIMED_OUT &&
                   outcome != OUTCOME_CANCELLED;
    if (!run->follow)
        return;
    const char *job = kube_follow_job(run->follow);
    if (is_over || kube_remove_job(run->kube->client, job, REMOVE_LIMIT_MS, &err))
        kube_reaper_remove(run->kube->reaper, job);
    kube_pods_forget(run->kube->pods, mem_take(run->follow));
}

static enum next run_job(struct run *run) {
    struct kube_refusal refusal = {0};
    struct err err = {0};
    run->has_pod = false;
    run->pod = (struct kube_pod){0};
    run->unscheduled_us = run->log_tries = 0;
    run->deadline_us = clock_monotonic_us() + KUBE_START_LIMIT_S * 1000000LL;
    run->ask_us = clock_monotonic_us() + NO_POD_ASK_MS * 1000;
    int status = make(run, &refusal, &err);
    enum next next = OVER;
    if (status == ERR_CANCELLED || (status && is_cancelled(run)))
        fail(run, OUTCOME_CANCELLED, NULL, NULL);
    else if (status)
        fail(run, refusal.outcome, err.message, *err.hint ? err.hint : refusal.hint);
    else
        next = follow(run);
    remove_job(run);
    return next;
}

// ---- A Pod that was started ahead ---------------------------------------------------------------

// Takes whole lines out of the stream, of which the first SEEN bytes hold no line end; true once
// the result has come.
static bool take_stream(struct run *run, struct buf *out, size_t *seen) {
    for (const char *end;
         out->length > *seen && (end = memchr(out->data + *seen, '\n', out->length - *seen));) {
        size_t length = (size_t)(end - out->data);
        if (kube_output_take(&run->output, out->data, length))
            return true;
        buf_drop(out, length + 1);
        *seen = 0;
    }
    *seen = out->length;
    return false;
}

// Moves bytes until the result is here, the connection is over, or somebody wants something else;
// then follow() goes on with the log and the Pod's state.
static enum next converse(struct run *run, struct kube_attach *attach) {
    cleanup_buf struct buf out = BUF(LIMIT_RUN_RESULT + 256);
    bool has_ended = false;
    size_t seen = 0;
    struct err err;
    while (!has_ended && !is_cancelled(run) && left_ms(run)) {
        struct pollfd fds[] = {{.fd = kube_attach_fd(attach), .events = POLLIN},
                               {.fd = cancel_fd(run), .events = POLLIN}};
        if (kube_attach_receive(attach, &out, &run->output.log, &has_ended, &err))
            run->output.is_too_large = has_ended = true;
        if (take_stream(run, &out, &seen))
            return take_result(run);
        if (!has_ended)
            poll(fds, ARRAY_LENGTH(fds), (int)left_ms(run));
    }
    return run->output.is_too_large ? fail(run, OUTCOME_RESULT_TOO_LARGE, NULL, NULL) : GO_ON;
}

// What the runner in the Pod has said so far, from its log where the stream has not told: whether
// it has read a request. One that it had only a part of it refuses, and knows no run id.
static bool was_taken(const struct run *run) {
    return strstr(buf_text(&run->output.log), RUN_TAKEN "\n") != NULL;
}

// The stream broke off without a result. If the request never arrived another Pod may have it; a
// request that is still under way is given a while.
static enum next find_out(struct run *run) {
    int64_t until_us = clock_monotonic_us() + ARRIVAL_LIMIT_MS * 1000;
    const int stop = cancel_fd(run);
    struct err err;
    while (!was_taken(run) && !is_cancelled(run) && clock_monotonic_us() < until_us) {
        kube_log_read(run->kube, run->pod.name, false, &stop, 1, LOG_LIMIT_MS, &run->output, &err);
        if (run->output.result)
            break;
        if (!was_taken(run))
            wait_for_news(run, LOG_PAUSE_MS);
    }
    if (run->output.result && was_taken(run))
        return take_result(run);
    if (is_cancelled(run) || was_taken(run))
        return follow(run);
    json_free(mem_take(run->output.result));
    run->has_begun = false;
    return RETRY;
}

// RETRY: the Pod was no good, and it runs nothing.
static enum next run_ahead(struct run *run) {
    struct kube_attach *attach cleanup(kube_attach_closep) = NULL;
    cleanup_free char *line = mem_format("%s\n", run->request_text);
    struct err err;
    buf_clear(&run->output.log);
    run->has_pod = kube_follow_take(run->follow, &run->pod);
    if (kube_attach_open(run->kube->client, run->pod.name, KUBE_CONTAINER, ATTACH_LIMIT_MS, &attach,
                         &err))
        return RETRY;
    if (is_cancelled(run))
        return fail(run, OUTCOME_CANCELLED, NULL, NULL);
    name_place(run);
    if (kube_attach_send(attach, line, strlen(line), ATTACH_LIMIT_MS, &err))
        return RETRY; // a request without its end is never run
    begin(run);
    enum next next = converse(run, attach);
    return next == GO_ON ? find_out(run) : next;
}

// Whether the data set is one that a waiting Pod has opened: a folder of its own in /data.
static bool is_for_pool(const struct run *run) {
    return run->kube->pool && run->request->timeout_ms <= run->kube->settings->timeout_ms &&
           str_has_prefix(run->data_path, "/data/") &&
           strcmp(run->data_path + 6, run->request->dataset) == 0;
}

static enum next try_ahead(struct run *run) {
    enum next next = RETRY;
    for (int tries = 0; next == RETRY && tries < AHEAD_TRIES && is_for_pool(run); tries++) {
        run->follow = kube_pool_take(run->kube->pool, run->request->data_folder);
        if (!run->follow)
            break;
        next = run_ahead(run);
        remove_job(run);
    }
    return next;
}

// ---- The backend --------------------------------------------------------------------------------

static void run_all(struct run *run) {
    struct err err = {0};
    if (kube_client_admit(run->kube->client, &err) ||
        kube_job_data_path(run->kube->settings, run->request->data_folder, &run->data_path, &err)) {
        fail(run, OUTCOME_SANDBOX_UNAVAILABLE, err.message, err.hint);
        return;
    }
    if (try_ahead(run) == OVER)
        return;
    if (run_job(run) == RETRY) {
        run->is_last_try = true;
        run_job(run);
    }
}

static void kube_run(void *state, const struct sandbox_request *request,
                     sandbox_event_function *on_event, void *context, struct sandbox_cancel *cancel,
                     struct sandbox_result *ret_result) {
    struct sandbox_result result = {0};
    struct run run = {.kube = state,
                      .request = request,
                      .on_event = on_event,
                      .context = context,
                      .cancel = cancel,
                      .result = &result,
                      .request_text = backend_request_text(request),
                      .start_us = clock_monotonic_us(),
                      .output = {.run_id = request->run_id, .log = BUF(LIMIT_RUN_LOG)}};
    on_event(SANDBOX_STARTING, context);
    run_all(&run);
    int64_t end_us = clock_monotonic_us();
    int64_t begun_us = run.has_begun ? run.begun_us : end_us;
    result.starting_us = begun_us - run.start_us;
    result.elapsed_us = end_us - begun_us;
    result.log = buf_take(&run.output.log);
    kube_output_done(&run.output);
    free(run.data_path);
    free(run.request_text);
    *ret_result = result;
}

static void kube_close(void *state) {
    struct kube *kube = state;
    if (!kube)
        return;
    kube_pool_free(kube->pool);
    kube_reaper_free(kube->reaper);
    kube_pods_free(kube->pods);
    kube_owner_free(kube->owner);
    kube_client_free(kube->client);
    free(kube);
}
MEM_CLEANUP(void *, kube_close);

static int make_client(struct kube *kube, struct err *err) {
    const struct sandbox_kube_settings *settings = &kube->settings->kube;
    struct kube_config config cleanup(kube_config_done) = {0};
    int status = kube_config_load(settings->config_path, settings->config_context, &config, err);
    return status ? status : kube_client_new(&config, settings->name_space, &kube->client, err);
}

// A Job is made once for the sake of its settings alone.
static int check_settings(const struct kube *kube, struct err *err) {
    cleanup_json json *object = NULL;
    struct kube_job job = {.name = "sandglass-check", .data_path = "/data"};
    if (str_is_empty(kube->settings->image))
        return err_set(err, ERR_BAD_REQUEST, "RUNNER_IMAGE is empty, but Pods need an image");
    const char *owner = kube->settings->kube.owner;
    if (!str_is_empty(owner) && !kube_job_owner(owner, &owner))
        return err_set(err, ERR_BAD_REQUEST,
                       "KUBE_OWNER is \"%.100s\", but must be the name of a Deployment, or "
                       "role/NAME",
                       owner);
    if (kube->settings->kube.request_cpu_millis > kube->settings->cpu_millis)
        return err_set(err, ERR_BAD_REQUEST,
                       "KUBE_REQUEST_CPUS is more than RUN_CPUS; a Pod cannot reserve more than it "
                       "may have");
    if (kube->settings->kube.request_memory_mb > kube->settings->memory_mb)
        return err_set(err, ERR_BAD_REQUEST,
                       "KUBE_REQUEST_MEMORY_MB is more than RUN_MEMORY_MB; a Pod cannot reserve "
                       "more than it may have");
    return kube_job_make(kube->settings, &job, &object, err);
}

static int kube_open(const struct sandbox_settings *settings, void **ret_state, struct err *err) {
    void *state cleanup(kube_closep) = mem_zero(1, sizeof(struct kube));
    struct kube *kube = state;
    kube->completed = *settings;
    kube->settings = &kube->completed;
    if (str_is_empty(settings->server_id)) {
        id_make(kube->server_id);
        kube->completed.server_id = kube->server_id;
    }
    int status = check_settings(kube, err);
    if (status == 0)
        status = make_client(kube, err);
    if (status)
        return status;
    cleanup_free char *selector = kube_job_selector(kube->settings);
    cleanup_free char *query = mem_format("?%s", selector);
    cleanup_free char *pods = kube_path(kube->client, "/api/v1", "pods", NULL, query),
                      *jobs = kube_path(kube->client, "/apis/batch/v1", "jobs", NULL, query);
    kube->owner = kube_owner_new();
    kube->pods = kube_pods_new(kube->client, pods);
    kube->reaper = kube_reaper_new(kube->client, kube->pods, jobs);
    if (settings->kube.pool > 0)
        kube->pool = kube_pool_new(kube, settings->kube.pool);
    *ret_state = mem_take(state);
    return 0;
}

static void kube_backend_look(void *state, struct sandbox_report *report) {
    kube_look(state, report);
}

const struct backend backend_kube = {
    .name = "k8s",
    .title = "Kubernetes",
    .open = kube_open,
    .close = kube_close,
    .run = kube_run,
    .look = kube_backend_look,
    .check_lasts_s = 600,
    .weak_hint = "Set KUBE_RUNTIME_CLASS to a runtime with a kernel of its own, such as gvisor.",
};
