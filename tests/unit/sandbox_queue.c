// SPDX-License-Identifier: Apache-2.0
//
// Who is next: the order in which waiting runs get their places.
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/queue.h"
#include "tests/unit/check.h"

struct visitor {
    struct queue *queue;
    const char *party;
    char name;
    pthread_t thread;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char order[32];

static void *visit(void *context) {
    struct visitor *visitor = context;
    struct queue_place place;
    struct err err;
    if (queue_enter(visitor->queue, visitor->party, NULL, &place, &err) == 0) {
        pthread_mutex_lock(&mutex);
        strncat(order, &visitor->name, 1);
        pthread_mutex_unlock(&mutex);
        queue_leave(visitor->queue, &place);
    }
    return NULL;
}

// Lets the visitors come one after another while the only place, first PARTY's, is taken; gives the
// order in which they were served afterwards.
static const char *serve(const char *party, struct visitor *visitors, int count) {
    struct queue *queue = queue_new(1, 64);
    struct queue_place place;
    struct err err;
    CHECK_OK(queue_enter(queue, party, NULL, &place, &err), err);
    for (int i = 0; i < count; i++) {
        visitors[i].queue = queue;
        visitors[i].name = (char)('a' + i);
        pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]);
        while (queue_load(queue).queued != i + 1)
            usleep(100);
    }
    queue_leave(queue, &place);
    for (int i = 0; i < count; i++)
        pthread_join(visitors[i].thread, NULL);
    queue_free(queue);
    return order;
}

TEST(within_one_conversation_it_is_first_come_first_served) {
    struct visitor visitors[] = {{.party = "x"}, {.party = "x"}, {.party = "x"}};
    CHECK_TEXT(serve("x", visitors, 3), "abc");
}

TEST(a_conversation_with_many_runs_does_not_keep_the_others_waiting) {
    struct visitor visitors[] = {{.party = "x"}, {.party = "x"}, {.party = "x"},
                                 {.party = "y"}, {.party = "z"}, {.party = "y"}};
    CHECK_TEXT(serve("x", visitors, 6), "deafbc");
}

TEST(who_comes_late_is_not_served_before_those_whose_turn_it_is) {
    struct visitor visitors[] = {{.party = "y"}, {.party = "x"}, {.party = "x"}, {.party = "y"}};
    CHECK_TEXT(serve("w", visitors, 4), "abcd");
}

TEST(runs_of_no_conversation_are_one_party) {
    struct visitor visitors[] = {{.party = NULL}, {.party = ""}, {.party = "x"}};
    CHECK_TEXT(serve("w", visitors, 3), "acb");
}
