// SPDX-License-Identifier: Apache-2.0
//
// See queue.h. Every waiter has an eventfd; who leaves hands its place to the first waiter by
// writing to it, so a place is never free while somebody waits, and a waiter can wait for its turn
// and for its cancelling at once.
#include "sandbox/queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct waiter {
    struct waiter *next;
    int turn_fd;
    bool has_place;
};

struct queue {
    pthread_mutex_t mutex;
    struct waiter *first, **end;
    int64_t max_running, max_waiting, running, waiting;
};

struct queue *queue_new(int64_t max_running, int64_t max_waiting) {
    struct queue *queue = mem_zero(1, sizeof *queue);
    pthread_mutex_init(&queue->mutex, NULL);
    queue->end = &queue->first;
    queue->max_running = max_running;
    queue->max_waiting = max_waiting;
    return queue;
}

void queue_free(struct queue *queue) {
    if (!queue)
        return;
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

static void remove_waiter(struct queue *queue, struct waiter *waiter) {
    struct waiter **at = &queue->first;
    while (*at != waiter)
        at = &(*at)->next;
    *at = waiter->next;
    if (!*at)
        queue->end = at;
    queue->waiting--;
}

// Called with the mutex held: gives the place that is free to the first waiter, or notes that it is
// free.
static void pass_place(struct queue *queue) {
    struct waiter *waiter = queue->first;
    if (!waiter) {
        queue->running--;
        return;
    }
    remove_waiter(queue, waiter);
    waiter->has_place = true;
    eventfd_write(waiter->turn_fd, 1);
}

static int wait_for_place(struct queue *queue, struct waiter *waiter, struct sandbox_cancel *cancel,
                          struct err *err) {
    struct pollfd fds[] = {{.fd = waiter->turn_fd, .events = POLLIN},
                           {.fd = cancel ? sandbox_cancel_fd(cancel) : -1, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&queue->mutex);
    bool is_cancelled = cancel && sandbox_cancel_is_requested(cancel);
    if (is_cancelled && waiter->has_place)
        pass_place(queue);
    else if (is_cancelled)
        remove_waiter(queue, waiter);
    pthread_mutex_unlock(&queue->mutex);
    return is_cancelled ? err_set(err, ERR_CANCELLED, "%s", outcome_sentence(OUTCOME_CANCELLED))
                        : 0;
}

int queue_enter(struct queue *queue, struct sandbox_cancel *cancel, struct err *err) {
    struct waiter waiter = {.turn_fd = -1};
    pthread_mutex_lock(&queue->mutex);
    bool is_free = queue->running < queue->max_running,
         is_full = !is_free && queue->waiting >= queue->max_waiting;
    if (is_free) {
        queue->running++;
    } else if (!is_full && (waiter.turn_fd = eventfd(0, EFD_CLOEXEC)) >= 0) {
        *queue->end = &waiter;
        queue->end = &waiter.next;
        queue->waiting++;
    }
    pthread_mutex_unlock(&queue->mutex);
    if (is_free)
        return 0;
    if (is_full)
        return err_set(err, ERR_BUSY, "%lld runs are waiting already, as many as may.",
                       (long long)queue->max_waiting);
    if (waiter.turn_fd < 0)
        return err_set_errno(err, errno, "cannot wait for a place");
    int status = wait_for_place(queue, &waiter, cancel, err);
    close(waiter.turn_fd);
    return status;
}

void queue_leave(struct queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    pass_place(queue);
    pthread_mutex_unlock(&queue->mutex);
}

struct sandbox_load queue_load(struct queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    struct sandbox_load load = {.running = queue->running, .queued = queue->waiting};
    pthread_mutex_unlock(&queue->mutex);
    return load;
}
