// SPDX-License-Identifier: Apache-2.0
//
// See kube_reaper.h.
//
// Theory of operation. One thread. Its queue holds the names of Jobs that are done; a name stays
// followed in kube_pods until its Job is removed here, or is forgotten before: both are safe, since
// removing twice is. The sweep lists the Jobs first and asks then whether each is followed: a Job
// that was in the list and is followed by nobody is nobody's, because following comes before
// making.
#include "sandbox/kube_reaper.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define SWEEP_US 60000000
#define CALL_LIMIT_MS 10000
#define FAREWELL_US 5000000 // at the end
#define LAST_CALL_LIMIT_MS 1500

struct name {
    char job[64];
    struct name *next;
};

struct kube_reaper {
    struct kube_client *client;
    struct kube_pods *pods;
    char *jobs;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct name *first, **last;
    bool is_ending;
    int stop_fd; // ends a sweep
    int64_t farewell_us;
};

int kube_remove_job(struct kube_client *client, const char *job, int64_t timeout_ms,
                    struct err *err) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    cleanup_json json *options = cJSON_CreateObject();
    json_add_text(options, "apiVersion", "v1");
    json_add_text(options, "kind", "DeleteOptions");
    json_add_text(options, "propagationPolicy", "Background");
    cleanup_free char *path = kube_path(client, "/apis/batch/v1", "jobs", job, NULL);
    struct kube_call call = {
        .method = "DELETE", .path = path, .body = options, .timeout_ms = timeout_ms};
    int status = kube_send(client, &call, &answer, err);
    return status == ERR_NOT_FOUND ? 0 : status;
}

static void sweep(struct kube_reaper *reaper) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    struct kube_call call = {.method = "GET",
                             .path = reaper->jobs,
                             .timeout_ms = CALL_LIMIT_MS,
                             .stop_fds = &reaper->stop_fd,
                             .stop_count = 1};
    struct err err;
    const json *job;
    if (kube_send(reaper->client, &call, &answer, &err))
        return;
    cJSON_ArrayForEach (job, cJSON_GetObjectItemCaseSensitive(answer.object, "items")) {
        const json *metadata = cJSON_GetObjectItemCaseSensitive(job, "metadata");
        const char *name = json_text(metadata, "name");
        bool is_going = json_text(metadata, "deletionTimestamp") != NULL;
        if (name && !is_going && !kube_pods_is_followed(reaper->pods, name))
            kube_remove_job(reaper->client, name, CALL_LIMIT_MS, &err);
    }
}

// The next name, or NULL when it is time for a sweep, or to end. The mutex is held.
static struct name *take_name(struct kube_reaper *reaper, int64_t sweep_us) {
    while (!reaper->first && !reaper->is_ending && clock_monotonic_us() < sweep_us) {
        struct timespec until = {.tv_sec = sweep_us / 1000000,
                                 .tv_nsec = sweep_us % 1000000 * 1000};
        pthread_cond_timedwait(&reaper->changed, &reaper->mutex, &until);
    }
    struct name *name = reaper->first;
    if (name)
        reaper->first = name->next;
    if (!reaper->first)
        reaper->last = &reaper->first;
    return name;
}

static void *run(void *context) {
    struct kube_reaper *reaper = context;
    int64_t sweep_us = 0;
    for (;;) {
        struct err err;
        pthread_mutex_lock(&reaper->mutex);
        struct name *name = take_name(reaper, sweep_us);
        bool is_ending = reaper->is_ending, is_done = is_ending && !name;
        bool is_late = is_ending && clock_monotonic_us() > reaper->farewell_us;
        pthread_mutex_unlock(&reaper->mutex);
        if (is_done)
            return NULL;
        if (name && !is_late)
            kube_remove_job(reaper->client, name->job,
                            is_ending ? LAST_CALL_LIMIT_MS : CALL_LIMIT_MS, &err);
        if (!name)
            sweep(reaper);
        if (!name)
            sweep_us = clock_monotonic_us() + SWEEP_US;
        free(name);
    }
}

struct kube_reaper *kube_reaper_new(struct kube_client *client, struct kube_pods *pods,
                                    const char *jobs) {
    struct kube_reaper *reaper = mem_zero(1, sizeof *reaper);
    pthread_condattr_t attributes;
    reaper->client = client;
    reaper->pods = pods;
    reaper->jobs = mem_text(jobs);
    reaper->last = &reaper->first;
    reaper->stop_fd = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&reaper->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&reaper->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&reaper->thread, NULL, run, reaper))
        abort(); // at the start, and only where the system has nothing left to give
    return reaper;
}

void kube_reaper_free(struct kube_reaper *reaper) {
    if (!reaper)
        return;
    pthread_mutex_lock(&reaper->mutex);
    reaper->is_ending = true;
    reaper->farewell_us = clock_monotonic_us() + FAREWELL_US;
    eventfd_write(reaper->stop_fd, 1);
    pthread_cond_signal(&reaper->changed);
    pthread_mutex_unlock(&reaper->mutex);
    pthread_join(reaper->thread, NULL);
    pthread_mutex_destroy(&reaper->mutex);
    pthread_cond_destroy(&reaper->changed);
    close(reaper->stop_fd);
    free(reaper->jobs);
    free(reaper);
}

void kube_reaper_remove(struct kube_reaper *reaper, const char *job) {
    struct name *name = mem_zero(1, sizeof *name);
    snprintf(name->job, sizeof name->job, "%s", job);
    pthread_mutex_lock(&reaper->mutex);
    *reaper->last = name;
    reaper->last = &name->next;
    pthread_cond_signal(&reaper->changed);
    pthread_mutex_unlock(&reaper->mutex);
}
