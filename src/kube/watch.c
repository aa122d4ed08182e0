// SPDX-License-Identifier: Apache-2.0
//
// See watch.h.
//
// Theory of operation. Two states, in one loop:
//   list    every object is told, between LISTING and LISTED; its version is where the watch begins
//   watch   events are told as they come, until the server ends the stream, which it does after the
//           5 to 10 minutes that we ask for; then it is resumed at the last version, also that of a
//           bookmark
// A version that is too old (410, as a status or as an event in a good stream) and every other
// ERROR event lead back to list. A stream that ends without having told anything, and every failed
// call, is followed by a pause: 800 ms, doubling to 30 s, and some more by chance, so that many
// servers do not come back in step. Whoever needs the Pods now ends the pause.
#include "kube/watch.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"

#define FIRST_PAUSE_MS 800
#define LAST_PAUSE_MS 30000
#define HURRIED_PAUSE_US 1000000 // where somebody waits for what the watch will tell
#define LIST_LIMIT_MS 30000
#define SHORTEST_WATCH_S 300
#define QUIET_WATCH_US 10000000 // a stream that ends sooner and has told nothing is a failure
#define STREAM_MARGIN_MS 30000  // the server ends the stream; one that does not is given up

struct kube_watch {
    struct kube_client *client;
    char *path;
    kube_watch_function *on_event;
    void *context;
    pthread_t thread;
    int stop_fd, wake_fd;
    char version[64]; // "" where a list is needed
    bool has_told;    // the present stream has told something
    pthread_mutex_t mutex;
    int64_t pause_us;   // since when it pauses after a failure; 0 while it does not
    struct err trouble; // of the last call; code 0 where it went well
};

void kube_watch_event_done(struct kube_watch_event *event) { json_free(event->object); }

static void read_version(const json *object, char version[64]) {
    const json *metadata = cJSON_GetObjectItemCaseSensitive(object, "metadata");
    const char *text = json_text(metadata, "resourceVersion");
    if (text && strlen(text) < 64)
        snprintf(version, 64, "%s", text);
}

static int read_failure(const json *object, struct kube_watch_event *event, struct err *err) {
    const char *message = json_text(object, "message"), *reason = json_text(object, "reason");
    bool is_gone = json_integer(object, "code", 0) == 410 || str_is_equal(reason, "Expired") ||
                   str_is_equal(reason, "Gone");
    event->kind = is_gone ? KUBE_GONE : KUBE_FAILED;
    err_set(err, is_gone ? ERR_NOT_FOUND : ERR_UNAVAILABLE, "the watch ended: %.300s",
            message ? message : "the server does not say why");
    return 0;
}

int kube_watch_event_parse(const char *line, size_t length, struct kube_watch_event *ret_event,
                           struct err *err) {
    static const struct {
        const char *name;
        enum kube_watch_kind kind;
    } kinds[] = {{"ADDED", KUBE_SEEN},
                 {"MODIFIED", KUBE_SEEN},
                 {"DELETED", KUBE_DELETED},
                 {"BOOKMARK", KUBE_BOOKMARK}};
    struct kube_watch_event event = {.kind = KUBE_FAILED};
    cleanup_json json *whole = NULL;
    int status = json_parse(line, length, &whole, err);
    if (status)
        return err_set(err, ERR_CORRUPT, "an event of the watch: %.300s", err->message);
    const char *type = json_text(whole, "type");
    json *object = cJSON_GetObjectItemCaseSensitive(whole, "object");
    if (!type || !cJSON_IsObject(object))
        return err_set(err, ERR_CORRUPT, "an event of the watch has no type or no object");
    if (strcmp(type, "ERROR") == 0) {
        status = read_failure(object, &event, err);
        *ret_event = event;
        return status;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (strcmp(kinds[i].name, type) == 0) {
            event.kind = kinds[i].kind;
            event.object = cJSON_DetachItemViaPointer(whole, object);
            read_version(event.object, event.version);
            *ret_event = event;
            return 0;
        }
    return err_set(err, ERR_CORRUPT, "an event of the watch has the unknown type \"%.40s\"", type);
}

static bool take_line(const char *line, size_t length, void *context) {
    struct kube_watch *watch = context;
    struct kube_watch_event event cleanup(kube_watch_event_done) = {0};
    struct err err;
    if (length == 0)
        return true;
    if (kube_watch_event_parse(line, length, &event, &err) || event.kind == KUBE_GONE ||
        event.kind == KUBE_FAILED) {
        watch->version[0] = '\0';
        return false;
    }
    watch->has_told = true;
    if (*event.version)
        snprintf(watch->version, sizeof watch->version, "%s", event.version);
    if (event.kind != KUBE_BOOKMARK)
        watch->on_event(event.kind, event.object, watch->context);
    return true;
}

static int list(struct kube_watch *watch, struct err *err) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    struct kube_call call = {.method = "GET",
                             .path = watch->path,
                             .timeout_ms = LIST_LIMIT_MS,
                             .is_once = true,
                             .stop_fds = &watch->stop_fd,
                             .stop_count = 1};
    int status = kube_send(watch->client, &call, &answer, err);
    if (status)
        return status;
    const json *one;
    watch->on_event(KUBE_LISTING, NULL, watch->context);
    cJSON_ArrayForEach (one, cJSON_GetObjectItemCaseSensitive(answer.object, "items"))
        watch->on_event(KUBE_SEEN, one, watch->context);
    watch->on_event(KUBE_LISTED, NULL, watch->context);
    read_version(answer.object, watch->version);
    return *watch->version ? 0 : err_set(err, ERR_UNAVAILABLE, "the list has no version");
}

static int follow(struct kube_watch *watch, struct err *err) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    unsigned char chance[2];
    id_random(chance, sizeof chance);
    int duration_s = SHORTEST_WATCH_S + (chance[0] << 8 | chance[1]) % SHORTEST_WATCH_S;
    cleanup_free char *path =
        mem_format("%s&watch=true&allowWatchBookmarks=true&resourceVersion=%s&timeoutSeconds=%d",
                   watch->path, watch->version, duration_s);
    struct kube_call call = {.method = "GET",
                             .path = path,
                             .timeout_ms = duration_s * 1000LL + STREAM_MARGIN_MS,
                             .is_once = true,
                             .stop_fds = &watch->stop_fd,
                             .stop_count = 1,
                             .on_line = take_line,
                             .context = watch,
                             .line_limit = LIMIT_KUBE_EVENT};
    watch->has_told = false;
    int status = kube_send(watch->client, &call, &answer, err);
    if (answer.status == 410)
        watch->version[0] = '\0';
    return status;
}

static void note_pause(struct kube_watch *watch, bool is_pausing) {
    pthread_mutex_lock(&watch->mutex);
    watch->pause_us = is_pausing ? clock_monotonic_us() : 0;
    pthread_mutex_unlock(&watch->mutex);
}

// Whether the watch goes on after WAIT_MS (negative: after somebody wakes it). Who wakes it has
// reason to think that it will go well, so the pauses begin anew.
static bool pause_for(struct kube_watch *watch, int64_t wait_ms, int64_t *pause_ms) {
    unsigned char chance;
    eventfd_t count;
    id_random(&chance, 1);
    struct pollfd fds[] = {{.fd = watch->stop_fd, .events = POLLIN},
                           {.fd = watch->wake_fd, .events = POLLIN}};
    note_pause(watch, wait_ms > 0);
    poll(fds, ARRAY_LENGTH(fds), wait_ms < 0 ? -1 : (int)(wait_ms + wait_ms * chance / 1024));
    note_pause(watch, false);
    if (fds[1].revents && eventfd_read(watch->wake_fd, &count) == 0)
        *pause_ms = FIRST_PAUSE_MS;
    return !fds[0].revents;
}

// How long to wait before the next call, given how the last went; PAUSE_MS is what the next failure
// costs. A version that was too old costs nothing the first time.
static int64_t wait_after(bool went_well, bool is_too_old, int64_t *pause_ms) {
    int64_t wait_ms = is_too_old && *pause_ms == FIRST_PAUSE_MS ? 0 : *pause_ms;
    *pause_ms = went_well ? FIRST_PAUSE_MS : *pause_ms * 2;
    if (*pause_ms > LAST_PAUSE_MS)
        *pause_ms = LAST_PAUSE_MS;
    return went_well ? 0 : wait_ms;
}

static int note(struct kube_watch *watch, int status, const struct err *err) {
    pthread_mutex_lock(&watch->mutex);
    watch->trouble = status ? *err : (struct err){0};
    pthread_mutex_unlock(&watch->mutex);
    return status;
}

int kube_watch_trouble(struct kube_watch *watch, struct err *err) {
    pthread_mutex_lock(&watch->mutex);
    *err = watch->trouble;
    pthread_mutex_unlock(&watch->mutex);
    return err->code;
}

static void *run(void *context) {
    struct kube_watch *watch = context;
    struct err err = {0};
    int64_t wait_ms = -1, pause_ms = FIRST_PAUSE_MS;
    while (pause_for(watch, wait_ms, &pause_ms)) {
        int64_t start_us = clock_monotonic_us();
        if (!*watch->version) {
            // A good list alone is no recovery: the watch behind it may fail again and again.
            wait_ms =
                note(watch, list(watch, &err), &err) == 0 ? 0 : wait_after(false, false, &pause_ms);
            continue;
        }
        bool went_well = follow(watch, &err) == 0 &&
                         (watch->has_told || clock_monotonic_us() - start_us > QUIET_WATCH_US);
        wait_ms = wait_after(went_well && *watch->version, !*watch->version, &pause_ms);
    }
    return NULL;
}

struct kube_watch *kube_watch_new(struct kube_client *client, const char *path,
                                  kube_watch_function *on_event, void *context) {
    struct kube_watch *watch = mem_zero(1, sizeof *watch);
    watch->client = client;
    watch->path = mem_text(path);
    watch->on_event = on_event;
    pthread_mutex_init(&watch->mutex, NULL);
    watch->context = context;
    watch->stop_fd = eventfd(0, EFD_CLOEXEC);
    watch->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->stop_fd < 0 || watch->wake_fd < 0 ||
        pthread_create(&watch->thread, NULL, run, watch))
        abort(); // at the start, and only where the system has nothing left to give
    return watch;
}

void kube_watch_free(struct kube_watch *watch) {
    if (!watch)
        return;
    eventfd_write(watch->stop_fd, 1);
    pthread_join(watch->thread, NULL);
    pthread_mutex_destroy(&watch->mutex);
    close(watch->stop_fd);
    close(watch->wake_fd);
    free(watch->path);
    free(watch);
}

void kube_watch_hurry(struct kube_watch *watch) {
    pthread_mutex_lock(&watch->mutex);
    bool is_long = watch->pause_us && clock_monotonic_us() > watch->pause_us + HURRIED_PAUSE_US;
    pthread_mutex_unlock(&watch->mutex);
    if (is_long)
        kube_watch_wake(watch);
}

void kube_watch_wake(struct kube_watch *watch) { eventfd_write(watch->wake_fd, 1); }
