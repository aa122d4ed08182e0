// SPDX-License-Identifier: Apache-2.0
//
// Pods that are started ahead. Each waits for one request on its standard input, serves it, and is
// gone; which data set it will be asked about is open, so it has opened all of them.
//
// Theory of operation. One thread keeps SIZE of them: it makes Jobs, follows their Pods, and
// throws away those that failed, were deleted, or are so old that their activeDeadlineSeconds come
// near. When making fails it pauses, longer each time: a cluster that has no room for waiting Pods
// has it rather for those that work. A Pod that is taken leaves the list under the lock, and
// belongs to its run from then on.
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/path.h"
#include "sandbox/kube_backend.h"

#define MAX_SIZE 64
#define DEADLINE_S 3600
#define OLD_US (3000 * 1000000LL)
#define FIRST_PAUSE_MS 2000
#define LAST_PAUSE_MS 60000
#define LOOK_MS 30000 // between two looks, where nothing happens

struct waiting {
    struct kube_follow *follow;
    int64_t made_us, made_ms; // by the clock that never jumps, and by the wall's
    bool is_ready;
};

struct kube_pool {
    struct kube *kube;
    size_t size;
    pthread_t thread;
    pthread_mutex_t mutex;
    int wake_fd, stop_fd;
    struct waiting pods[MAX_SIZE];
    size_t count;
    int64_t pause_ms, retry_us;
};

static void drop(struct kube_pool *pool, size_t index) {
    struct kube_follow *follow = pool->pods[index].follow;
    kube_reaper_remove(pool->kube->reaper, kube_follow_job(follow));
    kube_pods_forget(pool->kube->pods, follow);
    pool->pods[index] = pool->pods[--pool->count];
}

static void failed(struct kube_pool *pool) {
    pool->pause_ms = pool->pause_ms == 0 ? FIRST_PAUSE_MS : pool->pause_ms * 2;
    if (pool->pause_ms > LAST_PAUSE_MS)
        pool->pause_ms = LAST_PAUSE_MS;
    pool->retry_us = clock_monotonic_us() + pool->pause_ms * 1000;
}

// Looks at each Pod anew. The mutex is held.
static void look(struct kube_pool *pool) {
    for (size_t i = pool->count; i-- > 0;) {
        struct waiting *waiting = &pool->pods[i];
        struct kube_pod pod;
        struct kube_verdict verdict = {.stage = KUBE_WAITING};
        int64_t age_us = clock_monotonic_us() - waiting->made_us;
        if (kube_follow_take(waiting->follow, &pod))
            kube_verdict_of(&pod, age_us / 1000, &verdict);
        waiting->is_ready = verdict.stage == KUBE_BEGUN && !verdict.is_final;
        bool is_stuck = !waiting->is_ready && age_us > KUBE_START_LIMIT_S * 1000000LL;
        if (verdict.is_final || is_stuck)
            failed(pool);
        else if (waiting->is_ready)
            pool->pause_ms = 0;
        if (verdict.is_final || is_stuck || age_us > OLD_US)
            drop(pool, i);
    }
}

static struct kube_follow *make(struct kube_pool *pool) {
    const struct sandbox_settings *settings = pool->kube->settings;
    struct kube_job job = {
        .data_path = "/data", .timeout_ms = settings->timeout_ms, .deadline_s = DEADLINE_S};
    struct kube_refusal refusal;
    struct err err;
    char id[ID_SIZE], name[KUBE_JOB_NAME_SIZE];
    id_make(id);
    kube_job_name("sandglass-pool-", id, "", name);
    job.name = name;
    if (kube_client_admit(pool->kube->client, &err))
        return NULL;
    struct kube_follow *follow = kube_pods_follow(pool->kube->pods, name);
    // To its end even at closing: one that is cut off may be served after it was said to be
    // removed.
    if (kube_make(pool->kube, &job, follow, -1, &refusal, &err) == 0)
        return follow;
    kube_reaper_remove(pool->kube->reaper, name);
    kube_pods_forget(pool->kube->pods, follow);
    return NULL;
}

static void refill(struct kube_pool *pool) {
    for (;;) {
        pthread_mutex_lock(&pool->mutex);
        look(pool);
        bool is_full = pool->count >= pool->size || clock_monotonic_us() < pool->retry_us;
        pthread_mutex_unlock(&pool->mutex);
        struct pollfd stop = {.fd = pool->stop_fd, .events = POLLIN};
        if (is_full || poll(&stop, 1, 0))
            return;
        struct waiting waiting = {.made_us = clock_monotonic_us(), .made_ms = clock_wall_ms()};
        waiting.follow = make(pool);
        pthread_mutex_lock(&pool->mutex);
        if (waiting.follow)
            pool->pods[pool->count++] = waiting;
        else
            failed(pool);
        pthread_mutex_unlock(&pool->mutex);
    }
}

// Until a Pod changes, one was taken, or it is time to try again; false at the end. Only this
// thread adds and drops Pods, and one that is taken meanwhile has its descriptor closed by its run
// at the end: what poll() says of it then is a look too many.
static bool wait_for_news(struct kube_pool *pool) {
    struct pollfd fds[MAX_SIZE + 2] = {{.fd = pool->stop_fd, .events = POLLIN},
                                       {.fd = pool->wake_fd, .events = POLLIN}};
    eventfd_t count;
    pthread_mutex_lock(&pool->mutex);
    size_t waiting = pool->count;
    int64_t pause_ms = (pool->retry_us - clock_monotonic_us()) / 1000 + 1;
    bool is_short = pool->count < pool->size && pause_ms > 0 && pause_ms < LOOK_MS;
    for (size_t i = 0; i < waiting; i++)
        fds[2 + i] = (struct pollfd){.fd = kube_follow_fd(pool->pods[i].follow), .events = POLLIN};
    pthread_mutex_unlock(&pool->mutex);
    poll(fds, 2 + waiting, is_short ? (int)pause_ms : LOOK_MS);
    eventfd_read(pool->wake_fd, &count);
    return !fds[0].revents;
}

static void *run(void *context) {
    struct kube_pool *pool = context;
    do
        refill(pool);
    while (wait_for_news(pool));
    return NULL;
}

struct kube_pool *kube_pool_new(struct kube *kube, int64_t size) {
    struct kube_pool *pool = mem_zero(1, sizeof *pool);
    pool->kube = kube;
    pool->size = size > MAX_SIZE ? MAX_SIZE : (size_t)size;
    pool->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pool->stop_fd = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&pool->mutex, NULL);
    if (pool->wake_fd < 0 || pool->stop_fd < 0 || pthread_create(&pool->thread, NULL, run, pool))
        abort(); // at the start, and only where the system has nothing left to give
    return pool;
}

void kube_pool_free(struct kube_pool *pool) {
    if (!pool)
        return;
    eventfd_write(pool->stop_fd, 1);
    pthread_join(pool->thread, NULL);
    while (pool->count)
        drop(pool, pool->count - 1);
    pthread_mutex_destroy(&pool->mutex);
    close(pool->wake_fd);
    close(pool->stop_fd);
    free(pool);
}

// When the data set in FOLDER last changed; its file is replaced by renaming, which sets the ctime.
static int64_t changed_ms(const char *folder) {
    cleanup_free char *path = path_join(folder, "data.sqlite");
    struct stat status;
    return stat(path, &status) == 0
               ? status.st_ctim.tv_sec * 1000LL + status.st_ctim.tv_nsec / 1000000
               : 0;
}

struct kube_follow *kube_pool_take(struct kube_pool *pool, const char *data_folder) {
    struct kube_follow *follow = NULL;
    int64_t data_ms = changed_ms(data_folder);
    pthread_mutex_lock(&pool->mutex);
    look(pool);
    for (size_t i = pool->count; !follow && i-- > 0;) {
        if (pool->pods[i].made_ms < data_ms) {
            drop(pool, i);
        } else if (pool->pods[i].is_ready) {
            follow = pool->pods[i].follow;
            pool->pods[i] = pool->pods[--pool->count];
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    eventfd_write(pool->wake_fd, 1);
    return follow;
}
