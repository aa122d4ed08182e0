// SPDX-License-Identifier: Apache-2.0
//
// See kube_pods.h. All Pods that the watch has told of are kept, until they are deleted: a Pod may
// be seen before its Job's uid is known here. A list that no longer has a Pod which was there tells
// that it is gone: its DELETED event may have been missed while the watch was down.
#include "sandbox/kube_pods.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kube/watch.h"

struct known {
    struct kube_pod pod;
    bool is_listed;
    struct known *next;
};

struct kube_follow {
    char job[64], job_uid[40];
    int fd;
    struct kube_pods *pods;
    struct kube_pod pod;
    bool has_pod;
    struct kube_follow *next;
};

struct kube_pods {
    pthread_mutex_t mutex;
    struct kube_follow *first;
    struct known *known;
    struct kube_watch *watch;
};

// A Job that makes a second Pod beside the first does not change which one is followed.
static void tell_one(struct kube_follow *follow, const struct kube_pod *pod) {
    if (!*follow->job_uid || strcmp(follow->job_uid, pod->job_uid) != 0 ||
        (follow->has_pod && strcmp(follow->pod.uid, pod->uid) != 0))
        return;
    follow->pod = *pod;
    follow->has_pod = true;
    eventfd_write(follow->fd, 1);
}

static void tell(struct kube_pods *pods, const struct kube_pod *pod) {
    for (struct kube_follow *follow = pods->first; follow; follow = follow->next)
        tell_one(follow, pod);
}

static struct known **find(struct kube_pods *pods, const char *uid) {
    struct known **at = &pods->known;
    while (*at && strcmp((*at)->pod.uid, uid) != 0)
        at = &(*at)->next;
    return at;
}

static void forget(struct known **at) {
    struct known *known = *at;
    *at = known->next;
    free(known);
}

static void see(struct kube_pods *pods, const json *object, bool is_deleted) {
    struct kube_pod pod;
    kube_pod_read(object, &pod);
    pod.is_gone = is_deleted;
    struct known **at = find(pods, pod.uid);
    if (is_deleted && *at)
        forget(at);
    if (!is_deleted && !*at)
        *at = mem_zero(1, sizeof **at);
    if (!is_deleted) {
        (*at)->pod = pod;
        (*at)->is_listed = true;
    }
    tell(pods, &pod);
}

static void begin_list(struct kube_pods *pods) {
    for (struct known *known = pods->known; known; known = known->next)
        known->is_listed = false;
}

static void end_list(struct kube_pods *pods) {
    for (struct known **at = &pods->known; *at;) {
        if ((*at)->is_listed) {
            at = &(*at)->next;
            continue;
        }
        (*at)->pod.is_gone = true;
        tell(pods, &(*at)->pod);
        forget(at);
    }
}

static void on_event(enum kube_watch_kind kind, const json *object, void *context) {
    struct kube_pods *pods = context;
    pthread_mutex_lock(&pods->mutex);
    switch (kind) {
    case KUBE_SEEN: see(pods, object, false); break;
    case KUBE_DELETED: see(pods, object, true); break;
    case KUBE_LISTING: begin_list(pods); break;
    case KUBE_LISTED: end_list(pods); break;
    case KUBE_BOOKMARK:
    case KUBE_GONE:
    case KUBE_FAILED: break; // the watch's own
    }
    pthread_mutex_unlock(&pods->mutex);
}

struct kube_pods *kube_pods_new(struct kube_client *client, const char *path) {
    struct kube_pods *pods = mem_zero(1, sizeof *pods);
    pthread_mutex_init(&pods->mutex, NULL);
    pods->watch = kube_watch_new(client, path, on_event, pods);
    return pods;
}

void kube_pods_free(struct kube_pods *pods) {
    if (!pods)
        return;
    kube_watch_free(pods->watch);
    while (pods->known)
        forget(&pods->known);
    pthread_mutex_destroy(&pods->mutex);
    free(pods);
}

struct kube_follow *kube_pods_follow(struct kube_pods *pods, const char *job) {
    struct kube_follow *follow = mem_zero(1, sizeof *follow);
    snprintf(follow->job, sizeof follow->job, "%s", job);
    follow->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    follow->pods = pods;
    pthread_mutex_lock(&pods->mutex);
    follow->next = pods->first;
    pods->first = follow;
    pthread_mutex_unlock(&pods->mutex);
    kube_watch_wake(pods->watch);
    return follow;
}

void kube_follow_begin(struct kube_follow *follow, const char *job_uid) {
    struct kube_pods *pods = follow->pods;
    pthread_mutex_lock(&pods->mutex);
    snprintf(follow->job_uid, sizeof follow->job_uid, "%s", job_uid);
    for (struct known *known = pods->known; known; known = known->next)
        tell_one(follow, &known->pod);
    pthread_mutex_unlock(&pods->mutex);
    kube_watch_wake(pods->watch); // the API server answers: a watch that pauses need not
}

void kube_pods_forget(struct kube_pods *pods, struct kube_follow *follow) {
    if (!follow)
        return;
    pthread_mutex_lock(&pods->mutex);
    struct kube_follow **at = &pods->first;
    while (*at != follow)
        at = &(*at)->next;
    *at = follow->next;
    pthread_mutex_unlock(&pods->mutex);
    close(follow->fd);
    free(follow);
}

bool kube_pods_is_followed(struct kube_pods *pods, const char *job) {
    pthread_mutex_lock(&pods->mutex);
    bool is_followed = false;
    for (struct kube_follow *follow = pods->first; follow; follow = follow->next)
        is_followed = is_followed || strcmp(follow->job, job) == 0;
    pthread_mutex_unlock(&pods->mutex);
    return is_followed;
}

const char *kube_follow_job(const struct kube_follow *follow) { return follow->job; }
const char *kube_follow_job_uid(const struct kube_follow *follow) { return follow->job_uid; }
int kube_follow_fd(const struct kube_follow *follow) { return follow->fd; }

bool kube_follow_take(struct kube_follow *follow, struct kube_pod *ret_pod) {
    eventfd_t count;
    pthread_mutex_lock(&follow->pods->mutex);
    eventfd_read(follow->fd, &count);
    bool has_pod = follow->has_pod;
    if (has_pod)
        *ret_pod = follow->pod;
    pthread_mutex_unlock(&follow->pods->mutex);
    return has_pod;
}

int kube_pods_trouble(struct kube_pods *pods, struct err *err) {
    return kube_watch_trouble(pods->watch, err);
}

void kube_pods_hurry(struct kube_pods *pods) { kube_watch_hurry(pods->watch); }
