// SPDX-License-Identifier: Apache-2.0
//
// A list that is kept up to date: one thread lists a collection, then watches it, for as many as
// want to know (kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of
// changes").
#pragma once

#include "kube/client.h"

enum kube_watch_kind {
    KUBE_SEEN,     // an object as it is now
    KUBE_DELETED,  // an object as it was last
    KUBE_LISTED,   // every object there is has been SEEN since the last LISTING; no object
    KUBE_LISTING,  // what was known is about to be told anew; no object
    KUBE_BOOKMARK, // only the version is new
    KUBE_GONE,     // the version is too old: list again
    KUBE_FAILED,   // the server gave up
};

struct kube_watch_event {
    enum kube_watch_kind kind;
    json *object;     // owned
    char version[64]; // the object's; "" for none
};

void kube_watch_event_done(struct kube_watch_event *event);
// Reads one line of a watch. ERR_CORRUPT for what is none; an ERROR event is GONE or FAILED, with
// the server's message in ERR.
int kube_watch_event_parse(const char *line, size_t length, struct kube_watch_event *ret_event,
                           struct err *err);

// Called on the watch's thread; OBJECT is NULL for LISTING and LISTED.
typedef void kube_watch_function(enum kube_watch_kind kind, const json *object, void *context);

struct kube_watch;

// PATH is the collection's, with a query (a selector). Nothing happens before kube_watch_wake().
struct kube_watch *kube_watch_new(struct kube_client *client, const char *path,
                                  kube_watch_function *on_event, void *context);
void kube_watch_free(struct kube_watch *watch);
// Somebody wants to know now: starts the watch, or ends a pause after a failure.
void kube_watch_wake(struct kube_watch *watch);
// Cuts a long pause after a failure short.
void kube_watch_hurry(struct kube_watch *watch);
// Why the watch does not stand at the moment: 0, or the error's code with the error in ERR.
int kube_watch_trouble(struct kube_watch *watch, struct err *err);
