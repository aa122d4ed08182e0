// SPDX-License-Identifier: Apache-2.0
//
// Calls to a Kubernetes API server, from any thread. What passes by itself is tried again (a broken
// connection, 429, 5xx), a credential that has run out is renewed, and once the server fails again
// and again a breaker opens.
#pragma once

#include "base/json.h"
#include "kube/config.h"
#include "net/client.h"

struct kube_client;

// Takes over CONFIG. NAME_SPACE (may be empty) wins over the configuration's. No call is made yet.
int kube_client_new(struct kube_config *config, const char *name_space,
                    struct kube_client **ret_client, struct err *err);
void kube_client_free(struct kube_client *client);
MEM_CLEANUP(struct kube_client *, kube_client_free);

const char *kube_client_namespace(const struct kube_client *client);
const char *kube_client_server(const struct kube_client *client); // its URL
const char *kube_client_source(const struct kube_client *client); // "the context … of …"

struct kube_call {
    const char *method, *path;
    const json *body; // NULL is none
    int64_t timeout_ms;
    bool is_once;        // what fails is not tried again
    const int *stop_fds; // as in struct net_call
    size_t stop_count;
    net_line_function *on_line; // NULL: the answer is one JSON object
    void *context;
    size_t line_limit;
};

struct kube_answer {
    json *object;          // of a good answer without on_line; NULL otherwise
    long status;           // HTTP's; 0 where no answer came
    char reason[64];       // of a `Status` object: "AlreadyExists"; "" for none
    bool was_tried_before; // an earlier try may have done it already
    bool was_cut;          // the last line had no end
};

void kube_answer_done(struct kube_answer *answer);

// ERR_NOT_FOUND (404), ERR_CONFLICT (409), ERR_REFUSED (401, 403), ERR_BAD_REQUEST (400, 422 and
// others), ERR_BUSY (429), ERR_UNAVAILABLE (5xx, or no answer), ERR_CANCELLED; the message is the
// server's own. RET_ANSWER is filled in each case.
int kube_send(struct kube_client *client, const struct kube_call *call,
              struct kube_answer *ret_answer, struct err *err);

// 0, or ERR_UNAVAILABLE with the reason while the breaker is open: what begins now would fail too.
int kube_client_admit(struct kube_client *client, struct err *err);

// The path of an object (NAME NULL: of the collection) in the client's namespace: GROUP is
// "/api/v1" or "/apis/batch/v1", KIND "jobs". TAIL (may be NULL) goes behind: "/log?follow=true".
// The caller frees it.
char *kube_path(const struct kube_client *client, const char *group, const char *kind,
                const char *name, const char *tail);

// For what is no plain call (WebSockets): the connection, and who calls now.
struct kube_identity {
    char *authorization, *certificate, *key;
    int generation;
};
void kube_identity_done(struct kube_identity *identity);
int kube_client_identify(struct kube_client *client, struct kube_identity *ret_identity,
                         struct err *err);
struct net_client *kube_client_net(struct kube_client *client);
