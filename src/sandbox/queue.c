// SPDX-License-Identifier: Apache-2.0
//
// See queue.h. Every waiter has an eventfd; who leaves hands its place to the next waiter by
// writing to it, so a place is never free while somebody waits, and a waiter can wait for its turn
// and for its cancelling at once.
//
// Fairness by rounds (start-time fair queueing with runs of equal cost): a waiter is put into the
// round after those of its party that wait or run already, but never into one that is over. The
// lowest round is served first, and within it who came first. A party's tenth run therefore stands
// in a later round than another party's first, however late that one came.
#include "sandbox/queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct waiter {
    struct waiter *next;
    struct queue_place *place;
    int64_t round;
    int turn_fd;
    bool has_place;
};

struct queue {
    pthread_mutex_t mutex;
    struct waiter *first;       // in the order in which they will be served
    struct queue_place *places; // of those that run
    int64_t max_running, max_waiting, running, waiting, round;
};

struct queue *queue_new(int64_t max_running, int64_t max_waiting) {
    struct queue *queue = mem_zero(1, sizeof *queue);
    pthread_mutex_init(&queue->mutex, NULL);
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

static int64_t count_of(const struct queue *queue, const char *party) {
    int64_t count = 0;
    for (const struct queue_place *place = queue->places; place; place = place->next)
        count += strcmp(place->party, party) == 0;
    for (const struct waiter *waiter = queue->first; waiter; waiter = waiter->next)
        count += strcmp(waiter->place->party, party) == 0;
    return count;
}

static void add_waiter(struct queue *queue, struct waiter *waiter) {
    struct waiter **at = &queue->first;
    waiter->round = queue->round + count_of(queue, waiter->place->party);
    while (*at && (*at)->round <= waiter->round)
        at = &(*at)->next;
    waiter->next = *at;
    *at = waiter;
    queue->waiting++;
}

static void remove_waiter(struct queue *queue, const struct waiter *waiter) {
    struct waiter **at = &queue->first;
    while (*at != waiter)
        at = &(*at)->next;
    *at = waiter->next;
    queue->waiting--;
}

static void add_place(struct queue *queue, struct queue_place *place) {
    place->next = queue->places;
    queue->places = place;
    queue->running++;
}

static void remove_place(struct queue *queue, const struct queue_place *place) {
    struct queue_place **at = &queue->places;
    while (*at != place)
        at = &(*at)->next;
    *at = place->next;
    queue->running--;
}

// Called with the mutex held, after a place became free: gives it to the first waiter.
static void pass_place(struct queue *queue) {
    struct waiter *waiter = queue->first;
    if (!waiter)
        return;
    remove_waiter(queue, waiter);
    add_place(queue, waiter->place);
    queue->round = waiter->round;
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
    if (is_cancelled && waiter->has_place) {
        remove_place(queue, waiter->place);
        pass_place(queue);
    } else if (is_cancelled) {
        remove_waiter(queue, waiter);
    }
    pthread_mutex_unlock(&queue->mutex);
    return is_cancelled ? err_set(err, ERR_CANCELLED, "%s", outcome_sentence(OUTCOME_CANCELLED))
                        : 0;
}

int queue_enter(struct queue *queue, const char *party, struct sandbox_cancel *cancel,
                struct queue_place *ret_place, struct err *err) {
    struct waiter waiter = {.place = ret_place, .turn_fd = -1};
    ret_place->party = party ? party : "";
    pthread_mutex_lock(&queue->mutex);
    bool is_free = queue->running < queue->max_running,
         is_full = !is_free && queue->waiting >= queue->max_waiting;
    if (is_free)
        add_place(queue, ret_place);
    else if (!is_full && (waiter.turn_fd = eventfd(0, EFD_CLOEXEC)) >= 0)
        add_waiter(queue, &waiter);
    int eventfd_errno = errno;
    pthread_mutex_unlock(&queue->mutex);
    if (is_free)
        return 0;
    if (is_full)
        return err_set(err, ERR_BUSY, "%lld runs are waiting already, as many as may.",
                       (long long)queue->max_waiting);
    if (waiter.turn_fd < 0)
        return err_set_errno(err, eventfd_errno, "cannot wait for a place");
    int status = wait_for_place(queue, &waiter, cancel, err);
    close(waiter.turn_fd);
    return status;
}

void queue_leave(struct queue *queue, struct queue_place *place) {
    pthread_mutex_lock(&queue->mutex);
    remove_place(queue, place);
    pass_place(queue);
    pthread_mutex_unlock(&queue->mutex);
}

struct sandbox_load queue_load(struct queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    struct sandbox_load load = {.running = queue->running, .queued = queue->waiting};
    pthread_mutex_unlock(&queue->mutex);
    return load;
}
