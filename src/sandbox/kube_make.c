// SPDX-License-Identifier: Apache-2.0
//
// Making the objects of a run: the Job, then its ConfigMap, which can name the Job as its owner
// only once that has a uid; the kubelet waits for it before it starts the container.
#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/client.h"
#include "sandbox/kube_backend.h"

#define CALL_LIMIT_MS 10000
#define OWNER_KNOWN_FOR_US 30000000

struct kube_owner {
    pthread_mutex_t mutex;
    char *uid; // NULL while it has not been asked for
    int64_t asked_us;
};

struct kube_owner *kube_owner_new(void) {
    struct kube_owner *owner = mem_zero(1, sizeof *owner);
    pthread_mutex_init(&owner->mutex, NULL);
    return owner;
}

void kube_owner_free(struct kube_owner *owner) {
    if (!owner)
        return;
    pthread_mutex_destroy(&owner->mutex);
    free(owner->uid);
    free(owner);
}

static const char *uid_of(const json *object) {
    return json_text(cJSON_GetObjectItemCaseSensitive(object, "metadata"), "uid");
}

static int send(struct kube *kube, const char *method, const char *path, const json *body,
                int stop_fd, struct kube_answer *answer, struct err *err) {
    struct kube_call call = {.method = method,
                             .path = path,
                             .body = body,
                             .timeout_ms = CALL_LIMIT_MS,
                             .stop_fds = &stop_fd,
                             .stop_count = stop_fd >= 0};
    return kube_send(kube->client, &call, answer, err);
}

// An owner that is made anew under its name is another, and the cluster deletes what belongs to the
// one before. So it is asked for again now and then.
static int find_owner(struct kube *kube, int stop_fd, char **ret_uid, struct kube_answer *answer,
                      struct err *err) {
    const char *name;
    if (str_is_empty(kube->settings->kube.owner))
        return 0;
    const struct kube_owner_kind *kind = kube_job_owner(kube->settings->kube.owner, &name);
    pthread_mutex_lock(&kube->owner->mutex);
    bool is_known =
        kube->owner->uid && clock_monotonic_us() - kube->owner->asked_us < OWNER_KNOWN_FOR_US;
    *ret_uid = is_known ? mem_text(kube->owner->uid) : NULL;
    pthread_mutex_unlock(&kube->owner->mutex);
    if (*ret_uid)
        return 0;
    cleanup_free char *group = mem_format("/apis/%s", kind->version);
    cleanup_free char *path = kube_path(kube->client, group, kind->resource, name, NULL);
    int status = send(kube, "GET", path, NULL, stop_fd, answer, err);
    if (status)
        return err_prefix(err, "KUBE_OWNER is %.100s", kube->settings->kube.owner);
    *ret_uid = mem_text(uid_of(answer->object));
    if (!*ret_uid)
        return err_set(err, ERR_UNAVAILABLE, "the %s %.100s has no uid", kind->kind, name);
    pthread_mutex_lock(&kube->owner->mutex);
    free(kube->owner->uid);
    kube->owner->uid = mem_text(*ret_uid);
    kube->owner->asked_us = clock_monotonic_us();
    pthread_mutex_unlock(&kube->owner->mutex);
    return 0;
}

// A Job of that name is there. It is ours if an earlier try made it: then it has what we sent.
static int adopt(struct kube *kube, const json *job, const char *name, int stop_fd,
                 struct kube_answer *answer, struct err *err) {
    cleanup_free char *path = kube_path(kube->client, "/apis/batch/v1", "jobs", name, NULL);
    int status = send(kube, "GET", path, NULL, stop_fd, answer, err);
    if (status)
        return status;
    const json *ours = cJSON_GetObjectItemCaseSensitive(job, "metadata"),
               *theirs = cJSON_GetObjectItemCaseSensitive(answer->object, "metadata");
    bool is_ours = cJSON_Compare(cJSON_GetObjectItemCaseSensitive(ours, "labels"),
                                 cJSON_GetObjectItemCaseSensitive(theirs, "labels"), true) &&
                   !json_text(theirs, "deletionTimestamp");
    return is_ours ? 0 : err_set(err, ERR_CONFLICT, "there is another Job %s", name);
}

static int make_job(struct kube *kube, const struct kube_job *job, int stop_fd,
                    struct kube_answer *answer, struct err *err) {
    cleanup_json json *object = NULL;
    cleanup_free char *path = kube_path(kube->client, "/apis/batch/v1", "jobs", NULL, NULL);
    int status = kube_job_make(kube->settings, job, &object, err);
    if (status)
        return status;
    kube_answer_done(answer);
    status = send(kube, "POST", path, object, stop_fd, answer, err);
    if (status == ERR_CONFLICT && answer->was_tried_before)
        return adopt(kube, object, job->name, stop_fd, answer, err);
    return status;
}

static int make_map(struct kube *kube, const struct kube_job *job, const char *job_uid, int stop_fd,
                    struct kube_answer *answer, struct err *err) {
    cleanup_json json *object = kube_job_make_map(kube->settings, job, job_uid);
    cleanup_free char *path = kube_path(kube->client, "/api/v1", "configmaps", NULL, NULL);
    kube_answer_done(answer);
    int status = send(kube, "POST", path, object, stop_fd, answer, err);
    return status == ERR_CONFLICT && answer->was_tried_before ? 0 : status;
}

int kube_make(struct kube *kube, struct kube_job *job, struct kube_follow *follow, int stop_fd,
              struct kube_refusal *ret_refusal, struct err *err) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    cleanup_free char *owner = NULL, *uid = NULL;
    int status = find_owner(kube, stop_fd, &owner, &answer, err);
    job->owner_uid = owner;
    if (status == 0)
        status = make_job(kube, job, stop_fd, &answer, err);
    job->owner_uid = NULL;
    if (status == 0 && !(uid = mem_text(uid_of(answer.object))))
        status = err_set(err, ERR_UNAVAILABLE, "the API server made the Job %s without a uid",
                         job->name);
    if (status == 0)
        kube_follow_begin(follow, uid);
    if (status == 0 && kube_job_needs_map(job)) {
        status = make_map(kube, job, uid, stop_fd, &answer, err);
        status = status == ERR_CONFLICT ? ERR_UNAVAILABLE : status;
    }
    if (status && status != ERR_CONFLICT && status != ERR_CANCELLED)
        ret_refusal->outcome =
            kube_verdict_of_refusal(answer.status, err->message, &ret_refusal->hint);
    return status;
}

// What the newest of the events about UID says, of those that FIELD selects; NULL where there is
// none or this server may not see events. By uid: events outlive the object they are about, and
// another of its name may have had some. The caller frees it.
static char *ask_events(struct kube *kube, const char *uid, const char *field, int stop_fd) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    cleanup_free char *fields = mem_format("involvedObject.uid=%s,%s", uid, field);
    cleanup_free char *escaped = net_escape(fields);
    cleanup_free char *tail = mem_format("?fieldSelector=%s&limit=100", escaped);
    cleanup_free char *path = kube_path(kube->client, "/api/v1", "events", NULL, tail);
    const json *event;
    const char *newest = NULL;
    struct err err;
    if (send(kube, "GET", path, NULL, stop_fd, &answer, &err))
        return NULL;
    // Their names end in the time at which they were first made, and lists are in order of names.
    cJSON_ArrayForEach (event, cJSON_GetObjectItemCaseSensitive(answer.object, "items")) {
        const char *message = json_text(event, "message");
        newest = str_is_empty(message) ? newest : message;
    }
    return newest ? mem_text(newest) : NULL;
}

int kube_ask_why_no_pod(struct kube *kube, const struct kube_follow *follow, int stop_fd,
                        struct kube_refusal *ret_refusal, struct err *err) {
    cleanup_free char *message =
        ask_events(kube, kube_follow_job_uid(follow), "reason=FailedCreate", stop_fd);
    if (!message)
        return 0; // there is still the deadline
    err_set(err, ERR_REFUSED, "The cluster makes no Pod: %.400s", message);
    ret_refusal->outcome = kube_verdict_of_refusal(403, message, &ret_refusal->hint);
    return ERR_REFUSED;
}

char *kube_ask_why_not_started(struct kube *kube, const struct kube_pod *pod, int stop_fd) {
    return ask_events(kube, pod->uid, "type=Warning", stop_fd);
}
