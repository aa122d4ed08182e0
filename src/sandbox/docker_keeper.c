// SPDX-License-Identifier: Apache-2.0
//
// Containers that wait for a run, and the end of all containers.
//
// Theory of operation. One thread does what no run should wait for, in this order: it removes the
// containers that have ended ("buried"), starts those that the pool lacks, and every minute, the
// first time when it begins, lists the containers with this server's label and buries those that
// nobody here knows: what a server that was killed left behind.
//
// `names` has every container that this process has made and not yet seen removed, from before its
// creation. So the reaper never takes one that is in use, nor one of another server, whose label it
// does not ask for. A removal that fails is tried again later; after some attempts the name is
// forgotten, and the reaper finds what is left of it.
//
// The pool follows the questions: the needs that were asked for last, at most as many as it has
// places, share the places. A container serves one run, and only the need it was started for. One
// that dies while it waits closes its stream, which this thread watches.
//
// The daemon may be away at any time. Nothing here fails then; removals and starts are tried again
// with growing pauses.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "sandbox/docker.h"

#define POOL_MAX 64
#define BURIED_MAX 32 // above it whoever ends a container removes it himself
#define ATTEMPTS_MAX 4
#define REAP_PAUSE_MS 60000
#define PAUSE_FIRST_MS 500
#define PAUSE_LAST_MS 30000

struct name {
    char text[DOCKER_NAME_SIZE];
    bool is_buried, is_uncertain;
    int attempts;
    int64_t due_us; // of the next attempt to remove it
};

struct docker_keeper {
    struct docker *docker;
    pthread_t thread;
    pthread_mutex_t lock; // over all below
    struct name *names;
    size_t name_count, buried_count;
    struct docker_box *pool[POOL_MAX];
    size_t pool_count;
    struct docker_need needs[POOL_MAX]; // the one asked for last comes first
    size_t need_count;
    int64_t reap_us, refill_us, pause_ms; // when next; the pause grows while the daemon is away
    int wake_fd, stop_fd;
};

static size_t places(const struct docker_keeper *keeper) {
    int64_t pool = keeper->docker->settings->docker.pool;
    return pool < 0 ? 0 : pool > POOL_MAX ? POOL_MAX : (size_t)pool;
}

static bool is_stopping(const struct docker_keeper *keeper) {
    struct pollfd poll_fd = {.fd = keeper->stop_fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0;
}

// ---- Names

static struct name *find_name(struct docker_keeper *keeper, const char *text) {
    for (size_t i = 0; i < keeper->name_count; i++)
        if (strcmp(keeper->names[i].text, text) == 0)
            return &keeper->names[i];
    return NULL;
}

static void drop_name(struct docker_keeper *keeper, const char *text) {
    struct name *name = find_name(keeper, text);
    if (!name)
        return;
    keeper->buried_count -= name->is_buried;
    *name = keeper->names[--keeper->name_count];
}

static struct name *add_name(struct docker_keeper *keeper, const char *text) {
    keeper->names = mem_resize(keeper->names, keeper->name_count + 1, sizeof *keeper->names);
    struct name *name = &keeper->names[keeper->name_count++];
    *name = (struct name){0};
    snprintf(name->text, sizeof name->text, "%s", text);
    return name;
}

static void bury_name(struct docker_keeper *keeper, struct name *name, bool is_uncertain) {
    keeper->buried_count += !name->is_buried;
    name->is_buried = true;
    name->is_uncertain = is_uncertain;
    name->due_us = 0;
    eventfd_write(keeper->wake_fd, 1);
}

void docker_keeper_add(struct docker_keeper *keeper, const char *name) {
    pthread_mutex_lock(&keeper->lock);
    add_name(keeper, name);
    pthread_mutex_unlock(&keeper->lock);
}

bool docker_keeper_bury(struct docker_keeper *keeper, const char *name, bool is_uncertain) {
    pthread_mutex_lock(&keeper->lock);
    struct name *found = find_name(keeper, name);
    bool has_room = keeper->buried_count < BURIED_MAX;
    if (found && has_room)
        bury_name(keeper, found, is_uncertain);
    pthread_mutex_unlock(&keeper->lock);
    return has_room;
}

void docker_keeper_forget(struct docker_keeper *keeper, const char *name) {
    pthread_mutex_lock(&keeper->lock);
    drop_name(keeper, name);
    pthread_mutex_unlock(&keeper->lock);
}

// Removes one container that is due; false where none is. The lock is held, but not meanwhile.
static bool remove_one(struct docker_keeper *keeper) {
    struct docker_limit limit = {DOCKER_CALL_LIMIT_MS, keeper->stop_fd};
    char text[DOCKER_NAME_SIZE];
    struct err err;
    struct name *name = NULL;
    int64_t now_us = clock_monotonic_us();
    for (size_t i = 0; i < keeper->name_count && !name; i++)
        if (keeper->names[i].is_buried && keeper->names[i].due_us <= now_us)
            name = &keeper->names[i];
    if (!name)
        return false;
    snprintf(text, sizeof text, "%s", name->text);
    pthread_mutex_unlock(&keeper->lock);
    int status = docker_container_remove(keeper->docker->engine, text, limit, &err);
    pthread_mutex_lock(&keeper->lock);
    name = find_name(keeper, text);
    if (!name)
        return true;
    name->attempts++;
    // One whose creation was broken off may yet appear.
    bool may_appear = name->is_uncertain && status == 0 && name->attempts < ATTEMPTS_MAX;
    if ((status == 0 && !may_appear) || name->attempts >= ATTEMPTS_MAX)
        drop_name(keeper, text);
    else
        name->due_us = clock_monotonic_us() + ((int64_t)PAUSE_FIRST_MS * 1000 << name->attempts);
    return true;
}

// ---- The pool

static size_t count_for(const struct docker_keeper *keeper, const struct docker_need *need) {
    size_t count = 0;
    for (size_t i = 0; i < keeper->pool_count; i++)
        count += docker_need_is_equal(&keeper->pool[i]->need, need);
    return count;
}

// How many places the need asked for as number INDEX has; the last ones get what is left over.
static size_t share_of(const struct docker_keeper *keeper, size_t index) {
    size_t all = places(keeper), needs = keeper->need_count;
    return all / needs + (index < all % needs);
}

static void drop_box(struct docker_keeper *keeper, size_t index) {
    struct docker_box *box = keeper->pool[index];
    keeper->pool[index] = keeper->pool[--keeper->pool_count];
    pthread_mutex_unlock(&keeper->lock);
    docker_box_bury(box);
    pthread_mutex_lock(&keeper->lock);
}

// Buries the containers that died while they waited, and those that nobody will ask for.
static void thin_out(struct docker_keeper *keeper) {
    struct err err;
    for (size_t i = 0; i < keeper->pool_count; i++) {
        struct docker_box *box = keeper->pool[i];
        size_t share = 0;
        for (size_t j = 0; j < keeper->need_count; j++)
            if (docker_need_is_equal(&keeper->needs[j], &box->need))
                share = share_of(keeper, j);
        if (docker_box_take(box, &err) == 0 && !box->is_ended && !box->is_dead &&
            count_for(keeper, &box->need) <= share)
            continue;
        drop_box(keeper, i);
        i = (size_t)-1; // the lock was let go: look again from the start
    }
}

// Waits until the container's runner is ready. The lock is not held.
static int wait_until_ready(struct docker_keeper *keeper, struct docker_box *box, struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + DOCKER_START_LIMIT_MS * 1000;
    struct pollfd fds[] = {{.fd = net_stream_fd(box->output), .events = POLLIN},
                           {.fd = keeper->stop_fd, .events = POLLIN}};
    for (;;) {
        int status = docker_box_take(box, err);
        if (status || box->is_ready)
            return status;
        int64_t left_us = deadline_us - clock_monotonic_us();
        if (box->is_ended || left_us <= 0)
            return err_set(err, ERR_UNAVAILABLE, "a container did not become ready");
        poll(fds, ARRAY_LENGTH(fds), (int)(left_us / 1000 + 1));
        if (fds[1].revents)
            return err_set(err, ERR_CANCELLED, "the server stops");
    }
}

static int start_ahead(struct docker_keeper *keeper, const struct docker_need *need,
                       struct docker_box **ret_box, struct err *err) {
    struct docker_box *box;
    int status = docker_box_start(keeper->docker, need, NULL, keeper->stop_fd, &box, err);
    if (status == 0)
        status = wait_until_ready(keeper, box, err);
    if (status == 0)
        *ret_box = box;
    else
        docker_box_bury(box);
    return status;
}

// Starts one container that the pool lacks; false where it lacks none, or has to wait. The lock is
// held, but not meanwhile.
static bool refill_one(struct docker_keeper *keeper) {
    const struct docker_need *lacking = NULL;
    struct docker_box *box = NULL;
    struct err err;
    if (keeper->refill_us > clock_monotonic_us() || keeper->pool_count >= places(keeper))
        return false;
    for (size_t i = 0; i < keeper->need_count && !lacking; i++)
        if (count_for(keeper, &keeper->needs[i]) < share_of(keeper, i))
            lacking = &keeper->needs[i];
    if (!lacking)
        return false;
    struct docker_need need = docker_need_copy(lacking);
    pthread_mutex_unlock(&keeper->lock);
    int status = start_ahead(keeper, &need, &box, &err);
    docker_need_done(&need);
    pthread_mutex_lock(&keeper->lock);
    if (status == 0) {
        keeper->pool[keeper->pool_count++] = box;
        keeper->pause_ms = PAUSE_FIRST_MS;
        return true;
    }
    keeper->refill_us = clock_monotonic_us() + keeper->pause_ms * 1000;
    keeper->pause_ms = keeper->pause_ms * 2 < PAUSE_LAST_MS ? keeper->pause_ms * 2 : PAUSE_LAST_MS;
    return false;
}

// Puts NEED in front, in place of an older state of the same data set.
static void note_need(struct docker_keeper *keeper, const struct docker_need *need) {
    size_t count = 0;
    struct docker_need first = docker_need_copy(need);
    for (size_t i = 0; i < keeper->need_count; i++) {
        struct docker_need *old = &keeper->needs[i];
        bool is_same = old->cpu_s == need->cpu_s && str_is_equal(old->folder, need->folder) &&
                       str_is_equal(old->dataset, need->dataset);
        if (is_same || count + 1 >= places(keeper))
            docker_need_done(old);
        else
            keeper->needs[count++] = *old;
    }
    memmove(&keeper->needs[1], &keeper->needs[0], count * sizeof keeper->needs[0]);
    keeper->needs[0] = first;
    keeper->need_count = count + 1;
}

struct docker_box *docker_keeper_take(struct docker_keeper *keeper,
                                      const struct docker_need *need) {
    struct docker_box *box = NULL;
    struct err err;
    if (places(keeper) == 0)
        return NULL;
    pthread_mutex_lock(&keeper->lock);
    note_need(keeper, need);
    for (size_t i = 0; i < keeper->pool_count && !box; i++) {
        struct docker_box *waiting = keeper->pool[i];
        if (docker_need_is_equal(&waiting->need, need) && docker_box_take(waiting, &err) == 0 &&
            !waiting->is_ended && !waiting->is_dead) {
            box = waiting;
            keeper->pool[i] = keeper->pool[--keeper->pool_count];
        }
    }
    pthread_mutex_unlock(&keeper->lock);
    eventfd_write(keeper->wake_fd, 1);
    return box;
}

// ---- The reaper

// Buries what has our label and is not known here.
static void bury_strangers(struct docker_keeper *keeper, const json *list) {
    const json *container;
    cJSON_ArrayForEach (container, list) {
        const json *names = cJSON_GetObjectItemCaseSensitive(container, "Names");
        const json *first = cJSON_GetArrayItem(names, 0);
        const char *name = cJSON_IsString(first) ? first->valuestring : json_text(container, "Id");
        name = name && *name == '/' ? name + 1 : name;
        if (name && strlen(name) < DOCKER_NAME_SIZE && !find_name(keeper, name))
            bury_name(keeper, add_name(keeper, name), false);
    }
}

// The lock is held, but not while the daemon is asked.
static int reap(struct docker_keeper *keeper, int cancel_fd) {
    struct docker_limit limit = {DOCKER_CALL_LIMIT_MS, cancel_fd};
    struct docker *docker = keeper->docker;
    struct err err;
    cleanup_json json *list = NULL;
    pthread_mutex_unlock(&keeper->lock);
    int status = docker_container_list(docker->engine, docker->server_id, limit, &list, &err);
    pthread_mutex_lock(&keeper->lock);
    if (status == 0)
        bury_strangers(keeper, list);
    return status;
}

// ---- The thread

// Until when there is nothing to do unless something happens.
static int64_t next_due_us(const struct docker_keeper *keeper) {
    int64_t due_us = keeper->reap_us;
    if (keeper->refill_us > clock_monotonic_us() && keeper->refill_us < due_us)
        due_us = keeper->refill_us;
    for (size_t i = 0; i < keeper->name_count; i++)
        if (keeper->names[i].is_buried && keeper->names[i].due_us < due_us)
            due_us = keeper->names[i].due_us;
    return due_us;
}

// Sleeps until something is due, somebody wakes it, or a waiting container says something. The lock
// is not held while it sleeps: a stream that is freed meanwhile wakes it for nothing, no more.
static void sleep_until_due(struct docker_keeper *keeper) {
    struct pollfd fds[POOL_MAX + 2] = {{.fd = keeper->wake_fd, .events = POLLIN},
                                       {.fd = keeper->stop_fd, .events = POLLIN}};
    nfds_t count = 2;
    eventfd_t ignored;
    for (size_t i = 0; i < keeper->pool_count; i++)
        fds[count++] =
            (struct pollfd){.fd = net_stream_fd(keeper->pool[i]->output), .events = POLLIN};
    int64_t left_us = next_due_us(keeper) - clock_monotonic_us();
    pthread_mutex_unlock(&keeper->lock);
    if (left_us > 0 && poll(fds, count, (int)(left_us / 1000 + 1)) > 0 && fds[0].revents)
        eventfd_read(keeper->wake_fd, &ignored);
    pthread_mutex_lock(&keeper->lock);
}

static void *keep(void *context) {
    struct docker_keeper *keeper = context;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_mutex_lock(&keeper->lock);
    while (!is_stopping(keeper)) {
        thin_out(keeper);
        if (keeper->reap_us <= clock_monotonic_us()) {
            keeper->reap_us = clock_monotonic_us() + REAP_PAUSE_MS * 1000;
            reap(keeper, keeper->stop_fd);
        }
        if (!remove_one(keeper) && !refill_one(keeper))
            sleep_until_due(keeper);
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

struct docker_keeper *docker_keeper_new(struct docker *docker) {
    struct docker_keeper *keeper = mem_zero(1, sizeof *keeper);
    keeper->docker = docker;
    keeper->pause_ms = PAUSE_FIRST_MS;
    keeper->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    keeper->stop_fd = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_create(&keeper->thread, NULL, keep, keeper);
    return keeper;
}

// Removes all that was made here, and what else has our label; a daemon that is away ends it.
static void remove_all(struct docker_keeper *keeper) {
    struct docker_limit limit = {DOCKER_END_LIMIT_MS, -1};
    struct err err;
    int status = 0;
    pthread_mutex_lock(&keeper->lock);
    if (reap(keeper, -1) != ERR_UNAVAILABLE)
        for (size_t i = 0; i < keeper->name_count && status != ERR_UNAVAILABLE; i++)
            status =
                docker_container_remove(keeper->docker->engine, keeper->names[i].text, limit, &err);
    pthread_mutex_unlock(&keeper->lock);
}

void docker_keeper_free(struct docker_keeper *keeper) {
    if (!keeper)
        return;
    eventfd_write(keeper->stop_fd, 1);
    pthread_join(keeper->thread, NULL);
    for (size_t i = 0; i < keeper->pool_count; i++)
        docker_box_bury(keeper->pool[i]);
    remove_all(keeper);
    for (size_t i = 0; i < keeper->need_count; i++)
        docker_need_done(&keeper->needs[i]);
    free(keeper->names);
    fd_close(&keeper->wake_fd);
    fd_close(&keeper->stop_fd);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}
