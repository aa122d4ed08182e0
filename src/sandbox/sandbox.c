// SPDX-License-Identifier: Apache-2.0
//
// See sandbox.h: what is the same for every backend.
#include "sandbox/sandbox.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "sandbox/backend.h"
#include "sandbox/mode.h"
#include "sandbox/queue.h"

struct sandbox {
    struct sandbox_settings settings;
    const struct backend *backend;
    void *state; // the backend's
    struct queue *queue;
    _Atomic int64_t unmade; // runs that had no sandbox
};

struct sandbox_cancel {
    atomic_bool is_requested;
    int fd;
};

struct sandbox_cancel *sandbox_cancel_new(void) {
    struct sandbox_cancel *cancel = mem_zero(1, sizeof *cancel);
    cancel->fd = eventfd(0, EFD_CLOEXEC);
    return cancel;
}

void sandbox_cancel_free(struct sandbox_cancel *cancel) {
    if (!cancel)
        return;
    if (cancel->fd >= 0)
        close(cancel->fd);
    free(cancel);
}

void sandbox_cancel_request(struct sandbox_cancel *cancel) {
    atomic_store(&cancel->is_requested, true);
    if (cancel->fd >= 0)
        eventfd_write(cancel->fd, 1);
}

bool sandbox_cancel_is_requested(const struct sandbox_cancel *cancel) {
    return atomic_load(&cancel->is_requested);
}
int sandbox_cancel_fd(const struct sandbox_cancel *cancel) { return cancel->fd; }

void sandbox_result_done(struct sandbox_result *result) {
    json_free(result->result);
    free(result->where);
    free(result->log);
    *result = (struct sandbox_result){0};
}

void backend_fail(const struct sandbox_request *request, struct sandbox_result *result,
                  enum outcome outcome, const char *message, const char *hint) {
    json_free(result->result);
    result->outcome = outcome;
    result->result =
        run_result_failed(request->run_id, outcome, message, hint ? hint : outcome_hint(outcome));
}

char *backend_request_text(const struct sandbox_request *request) {
    struct run_request wire = {.run_id = request->run_id,
                               .dataset = request->dataset,
                               .sql = request->sql,
                               .params = request->params,
                               .alternatives = request->alternatives,
                               .max_rows = request->max_rows,
                               .timeout_ms = request->timeout_ms,
                               .max_result_bytes = request->max_result_bytes};
    return run_request_write(&wire);
}

int sandbox_open(const struct sandbox_settings *settings, struct sandbox **ret_sandbox,
                 struct err *err) {
    const struct backend *backend;
    int status = mode_choose(settings, &backend, err);
    if (status)
        return status;
    struct sandbox *sandbox = mem_zero(1, sizeof *sandbox);
    sandbox->settings = *settings;
    sandbox->backend = backend;
    if (sandbox->settings.max_concurrent <= 0)
        sandbox->settings.max_concurrent = sysconf(_SC_NPROCESSORS_ONLN);
    status = backend->open(&sandbox->settings, &sandbox->state, err);
    if (status) {
        free(sandbox);
        return status;
    }
    sandbox->queue = queue_new(sandbox->settings.max_concurrent, settings->max_queued);
    *ret_sandbox = sandbox;
    return 0;
}

void sandbox_close(struct sandbox *sandbox) {
    if (!sandbox)
        return;
    sandbox->backend->close(sandbox->state);
    queue_free(sandbox->queue);
    free(sandbox);
}

const char *sandbox_backend(const struct sandbox *sandbox) { return sandbox->backend->name; }

const struct sandbox_settings *sandbox_settings(const struct sandbox *sandbox) {
    return &sandbox->settings;
}

struct sandbox_load sandbox_load(const struct sandbox *sandbox) {
    return queue_load(sandbox->queue);
}

int64_t sandbox_unmade(const struct sandbox *sandbox) { return atomic_load(&sandbox->unmade); }

int64_t sandbox_check_lasts_us(const struct sandbox *sandbox) {
    return sandbox->backend->check_lasts_s * 1000000;
}

static bool had_no_sandbox(enum outcome outcome) {
    switch (outcome) {
    case OUTCOME_SANDBOX_UNAVAILABLE:
    case OUTCOME_IMAGE_PULL_FAILED:
    case OUTCOME_UNSCHEDULABLE:
    case OUTCOME_QUOTA_EXCEEDED:
    case OUTCOME_ADMISSION_DENIED:
    case OUTCOME_EVICTED:
    case OUTCOME_NODE_LOST: return true;
    default: return false;
    }
}

static void ignore_event(enum sandbox_phase phase, void *context) { (void)phase, (void)context; }

void sandbox_run(struct sandbox *sandbox, const struct sandbox_request *request,
                 sandbox_event_function *on_event, void *context, struct sandbox_cancel *cancel,
                 struct sandbox_result *ret_result) {
    struct err err = {0};
    struct sandbox_result result = {0};
    int64_t start_us = clock_monotonic_us();
    on_event = on_event ? on_event : ignore_event;
    on_event(SANDBOX_QUEUED, context);
    struct queue_place place;
    int status = queue_enter(sandbox->queue, request->party, cancel, &place, &err);
    int64_t queued_us = clock_monotonic_us() - start_us;
    if (status == 0) {
        sandbox->backend->run(sandbox->state, request, on_event, context, cancel, &result);
        queue_leave(sandbox->queue, &place);
        if (had_no_sandbox(result.outcome))
            atomic_fetch_add(&sandbox->unmade, 1);
    } else {
        backend_fail(request, &result,
                     status == ERR_BUSY        ? OUTCOME_QUEUE_FULL
                     : status == ERR_CANCELLED ? OUTCOME_CANCELLED
                                               : OUTCOME_INTERNAL_ERROR,
                     err.message, NULL);
    }
    result.queued_us = queued_us;
    on_event(SANDBOX_ENDED, context);
    *ret_result = result;
}

void sandbox_look(struct sandbox *sandbox, struct sandbox_report *report) {
    sandbox->backend->look(sandbox->state, report);
}

const char *sandbox_namespaces_hint(void) { return backend_local.weak_hint; }

const char *sandbox_title(const struct sandbox *sandbox) { return sandbox->backend->title; }

static void describe(const struct backend *backend, const struct sandbox_result *result,
                     struct sandbox_health *health) {
    const json *confinement = cJSON_GetObjectItemCaseSensitive(result->result, "confinement");
    int namespaces =
        cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(confinement, "namespaces"));
    int64_t landlock = json_integer(confinement, "landlock", 0);
    char walls[160] = "", number[32];
    if (namespaces) {
        snprintf(number, sizeof number, "%d namespaces", namespaces);
        strcat(walls, number);
    }
    if (landlock) {
        snprintf(number, sizeof number, "%sLandlock %lld", *walls ? ", " : "", (long long)landlock);
        strcat(walls, number);
    }
    if (json_bool(confinement, "seccomp", false))
        strcat(walls, *walls ? ", seccomp" : "seccomp");
    health->is_healthy = true;
    health->is_weak = namespaces == 0 && backend->weak_hint;
    snprintf(health->summary, sizeof health->summary, "%s sandbox %s: %s", backend->title,
             health->is_weak ? "ready behind a weaker wall" : "ready", walls);
    if (health->is_weak)
        snprintf(health->hint, sizeof health->hint, "%s", backend->weak_hint);
}

void sandbox_check(struct sandbox *sandbox, const char *dataset, const char *data_folder,
                   struct sandbox_health *ret_health, struct sandbox_report *report) {
    char run_id[ID_SIZE];
    struct sandbox_result result;
    struct sandbox_health health = {0};
    id_make(run_id);
    struct sandbox_request request = {.run_id = run_id,
                                      .dataset = dataset,
                                      .data_folder = data_folder,
                                      .sql = "SELECT 1",
                                      .max_rows = 1,
                                      .timeout_ms = 5000,
                                      .max_result_bytes = 1024};
    // Past the queue: a server that is busy is not ill.
    sandbox->backend->run(sandbox->state, &request, ignore_event, NULL, NULL, &result);
    health.starting_us = result.starting_us;
    health.elapsed_us = result.elapsed_us;
    const json *confinement = cJSON_GetObjectItemCaseSensitive(result.result, "confinement");
    if (report && result.outcome == OUTCOME_COMPLETED)
        sandbox_report_confinement(report, confinement, sandbox->backend->weak_hint);
    if (result.outcome == OUTCOME_COMPLETED) {
        describe(sandbox->backend, &result, &health);
    } else {
        const json *error = cJSON_GetObjectItemCaseSensitive(result.result, "error");
        const char *message = json_text(error, "message"), *hint = json_text(error, "hint");
        snprintf(health.summary, sizeof health.summary, "No sandbox: %s",
                 message ? message : outcome_sentence(result.outcome));
        snprintf(health.hint, sizeof health.hint, "%s", hint ? hint : outcome_hint(result.outcome));
    }
    sandbox_result_done(&result);
    *ret_health = health;
}
