// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. A sandbox opens its data set before it locks itself in, so one that waits is
// for one data set. The pool holds what the last few asked for: with a size of 2, two for a data
// set that everybody asks about, or one each for the two that were asked about last. Which file the
// data set was at that time belongs to the purpose, so that a rebuilt one is never answered from
// the old file.
//
// One thread starts and ends what waits; a take only moves an entry out under the mutex. The thread
// has to live as long as the pool: the guards die with the thread that spawned them
// (PR_SET_PDEATHSIG). It also waits for the end of those that have given their result, so that
// nobody else waits while the kernel takes down their namespaces.
#include "sandbox/local_pool.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"

#define SIZE_MAX_ENTRIES 64
#define BURIALS_MAX 64 // that may wait for the thread

struct purpose {
    char *dataset, *data_folder;
    int64_t cpu_s;
    dev_t device; // of its data.sqlite when it was asked for
    ino_t inode;
    struct timespec changed;
};

struct entry {
    struct purpose purpose;
    struct local_process process;
};

struct local_pool {
    const struct sandbox_settings *settings;
    struct groups *groups;
    pthread_t thread;
    pthread_mutex_t mutex; // of all below
    pthread_cond_t changed;
    int64_t size, count, recent_count;
    struct entry entries[SIZE_MAX_ENTRIES];
    struct purpose recent[SIZE_MAX_ENTRIES]; // the latest first, each once
    struct local_process ended[BURIALS_MAX];
    int64_t ended_count;
    int64_t steps_left; // what the thread may still start or end; one that dies at once is not
                        // started again for ever
    bool is_closing;
};

static struct purpose purpose_of(const struct local_purpose *asked) {
    cleanup_free char *path = path_join(asked->data_folder, "data.sqlite");
    struct purpose purpose = {.dataset = mem_text(asked->dataset),
                              .data_folder = mem_text(asked->data_folder),
                              .cpu_s = asked->cpu_s};
    struct stat status;
    if (stat(path, &status) == 0) {
        purpose.device = status.st_dev;
        purpose.inode = status.st_ino;
        purpose.changed = status.st_mtim;
    }
    return purpose;
}

static struct purpose purpose_copy(const struct purpose *purpose) {
    struct purpose copy = *purpose;
    copy.dataset = mem_text(purpose->dataset);
    copy.data_folder = mem_text(purpose->data_folder);
    return copy;
}

static void purpose_done(struct purpose *purpose) {
    free(purpose->dataset);
    free(purpose->data_folder);
}

static bool is_same(const struct purpose *left, const struct purpose *right) {
    return left->inode == right->inode && left->device == right->device &&
           left->changed.tv_sec == right->changed.tv_sec &&
           left->changed.tv_nsec == right->changed.tv_nsec && left->cpu_s == right->cpu_s &&
           strcmp(left->data_folder, right->data_folder) == 0 &&
           strcmp(left->dataset, right->dataset) == 0;
}

// Puts PURPOSE, which it takes over, at the head of what was asked for.
static void remember(struct local_pool *pool, struct purpose purpose) {
    int64_t at = 0;
    while (at < pool->recent_count && !is_same(&pool->recent[at], &purpose))
        at++;
    if (at == pool->recent_count && pool->recent_count < pool->size)
        pool->recent_count++;
    if (at == pool->size)
        at--;
    purpose_done(&pool->recent[at]);
    memmove(pool->recent + 1, pool->recent, (size_t)at * sizeof *pool->recent);
    pool->recent[0] = purpose;
}

// A guard that is gone has closed its end of the log.
static bool is_dead(const struct entry *entry) {
    struct pollfd log = {.fd = entry->process.out_fd};
    return poll(&log, 1, 0) > 0 && (log.revents & (POLLHUP | POLLERR));
}

static struct entry remove_entry(struct local_pool *pool, int64_t at) {
    struct entry entry = pool->entries[at];
    pool->entries[at] = pool->entries[--pool->count];
    return entry;
}

static int64_t count_for(const struct local_pool *pool, const struct purpose *purpose) {
    int64_t count = 0;
    for (int64_t i = 0; i < pool->count; i++)
        count += is_same(&pool->entries[i].purpose, purpose);
    return count;
}

// How many should wait for the purpose at INDEX of the recent ones: they share the places, the
// latest has what is left over.
static int64_t share_of(const struct local_pool *pool, int64_t index) {
    int64_t each = pool->size / pool->recent_count, rest = pool->size % pool->recent_count;
    return each + (index < rest);
}

// The place of an entry that should not wait any longer, -1 for none.
static int64_t find_surplus(const struct local_pool *pool) {
    for (int64_t i = 0; i < pool->count; i++) {
        int64_t index = 0;
        while (index < pool->recent_count &&
               !is_same(&pool->recent[index], &pool->entries[i].purpose))
            index++;
        if (is_dead(&pool->entries[i]) || index == pool->recent_count ||
            count_for(pool, &pool->entries[i].purpose) > share_of(pool, index))
            return i;
    }
    return -1;
}

static const struct purpose *find_missing(const struct local_pool *pool) {
    for (int64_t i = 0; i < pool->recent_count; i++)
        if (count_for(pool, &pool->recent[i]) < share_of(pool, i))
            return &pool->recent[i];
    return NULL;
}

static void end_entry(struct entry *entry) {
    local_process_end(&entry->process, false);
    local_process_done(&entry->process);
    purpose_done(&entry->purpose);
}

static void end_surplus(struct local_pool *pool, int64_t index) {
    struct entry entry = remove_entry(pool, index);
    pool->steps_left--;
    pthread_mutex_unlock(&pool->mutex);
    end_entry(&entry);
    pthread_mutex_lock(&pool->mutex);
}

// Where it cannot be started nothing more is, until a run asks for it.
static void start_missing(struct local_pool *pool, const struct purpose *missing) {
    struct err ignored; // a run that finds nothing waiting meets the same trouble, and tells it
    struct entry entry = {.purpose = purpose_copy(missing)};
    struct local_purpose purpose = {entry.purpose.dataset, entry.purpose.data_folder,
                                    entry.purpose.cpu_s};
    int64_t steps_left = pool->steps_left - 1;
    pool->steps_left = 0;
    pthread_mutex_unlock(&pool->mutex);
    int status =
        local_process_start(pool->settings, pool->groups, &purpose, &entry.process, &ignored);
    pthread_mutex_lock(&pool->mutex);
    if (status) {
        purpose_done(&entry.purpose);
        return;
    }
    pool->entries[pool->count++] = entry;
    if (pool->steps_left == 0)
        pool->steps_left = steps_left;
}

// One step towards what should wait, for which the mutex is let go; false when nothing is to do,
// and then it was held all the time: nothing that was signalled meanwhile is missed.
static bool adjust(struct local_pool *pool) {
    if (pool->steps_left <= 0)
        return false;
    int64_t surplus = find_surplus(pool);
    const struct purpose *missing = surplus < 0 ? find_missing(pool) : NULL;
    if (surplus >= 0)
        end_surplus(pool, surplus);
    else if (missing)
        start_missing(pool, missing);
    return surplus >= 0 || missing;
}

// With the mutex held, which is let go meanwhile.
static void bury_one(struct local_pool *pool) {
    struct local_process process = pool->ended[--pool->ended_count];
    pthread_mutex_unlock(&pool->mutex);
    local_process_end(&process, true);
    local_process_done(&process);
    pthread_mutex_lock(&pool->mutex);
}

static void *keep(void *context) {
    struct local_pool *pool = context;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->is_closing || pool->ended_count) {
        if (pool->ended_count)
            bury_one(pool);
        else if (!adjust(pool))
            pthread_cond_wait(&pool->changed, &pool->mutex);
    }
    while (pool->count) {
        struct entry entry = remove_entry(pool, pool->count - 1);
        end_entry(&entry);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

struct local_pool *local_pool_new(const struct sandbox_settings *settings, struct groups *groups) {
    if (settings->local_pool <= 0)
        return NULL;
    struct local_pool *pool = mem_zero(1, sizeof *pool);
    pool->settings = settings;
    pool->groups = groups;
    pool->size = settings->local_pool < SIZE_MAX_ENTRIES ? settings->local_pool : SIZE_MAX_ENTRIES;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    if (pthread_create(&pool->thread, NULL, keep, pool)) {
        free(pool);
        return NULL;
    }
    return pool;
}

void local_pool_free(struct local_pool *pool) {
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->is_closing = true;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    pthread_join(pool->thread, NULL);
    for (int64_t i = 0; i < pool->recent_count; i++)
        purpose_done(&pool->recent[i]);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

bool local_pool_take(struct local_pool *pool, const struct local_purpose *asked,
                     struct local_process *ret_process) {
    if (!pool)
        return false;
    struct purpose purpose = purpose_of(asked);
    struct entry taken = {0};
    pthread_mutex_lock(&pool->mutex);
    // The oldest that fits: it is the likeliest to stand already.
    for (int64_t i = 0; i < pool->count; i++) {
        struct entry *entry = &pool->entries[i];
        if (is_same(&entry->purpose, &purpose) && !is_dead(entry) &&
            (!taken.process.pid || entry->process.start_us < taken.process.start_us))
            taken = *entry;
    }
    for (int64_t i = 0; taken.process.pid && i < pool->count; i++)
        if (pool->entries[i].process.pid == taken.process.pid) {
            remove_entry(pool, i);
            break;
        }
    remember(pool, purpose);
    pthread_mutex_unlock(&pool->mutex);
    if (!taken.process.pid)
        return false;
    purpose_done(&taken.purpose);
    *ret_process = taken.process;
    return true;
}

void local_pool_bury(struct local_pool *pool, struct local_process *process) {
    pthread_mutex_lock(&pool->mutex);
    bool has_room = pool->ended_count < BURIALS_MAX;
    if (has_room)
        pool->ended[pool->ended_count++] = *process;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    if (!has_room) {
        local_process_end(process, true);
        local_process_done(process);
    }
}

void local_pool_refill(struct local_pool *pool) {
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->steps_left = 3 * pool->size;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

int64_t local_pool_count(struct local_pool *pool) {
    if (!pool)
        return 0;
    pthread_mutex_lock(&pool->mutex);
    int64_t count = pool->count;
    pthread_mutex_unlock(&pool->mutex);
    return count;
}
