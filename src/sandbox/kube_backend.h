// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the Kubernetes backend share: kube.c (a run), kube_make.c (making Jobs),
// kube_log.c (results), kube_pool.c (Pods ahead) and kube_look.c (what the cluster can do).
#pragma once

#include "base/buf.h"
#include "base/id.h"
#include "sandbox/backend.h"
#include "sandbox/kube_job.h"
#include "sandbox/kube_pods.h"
#include "sandbox/kube_reaper.h"
#include "sandbox/kube_verdict.h"

struct kube_owner; // the Deployment that owns what is made

struct kube {
    const struct sandbox_settings *settings; // those below
    struct sandbox_settings completed;       // the caller's, with a server id in any case
    char server_id[ID_SIZE];
    struct kube_client *client;
    struct kube_pods *pods;
    struct kube_reaper *reaper;
    struct kube_pool *pool; // NULL for none
    struct kube_owner *owner;
};

// ---- Making Jobs (kube_make.c)

struct kube_owner *kube_owner_new(void);
void kube_owner_free(struct kube_owner *owner);

// Why a Job was not made, or makes no Pod.
struct kube_refusal {
    enum outcome outcome;
    const char *hint; // NULL: the outcome's own
};

// Makes the Job, with its ConfigMap where it needs one, and begins to follow it. ERR_CONFLICT where
// another has its name; else RET_REFUSAL says what the error means. ERR_CANCELLED by STOP_FD
// (negative for none): then, as after every error but ERR_CONFLICT, the Job may be there all the
// same.
int kube_make(struct kube *kube, struct kube_job *job, struct kube_follow *follow, int stop_fd,
              struct kube_refusal *ret_refusal, struct err *err);
// Why the Job has no Pod, as its controller says it in an event: 0 where it says nothing.
int kube_ask_why_no_pod(struct kube *kube, const struct kube_follow *follow, int stop_fd,
                        struct kube_refusal *ret_refusal, struct err *err);
// What hinders a Pod that is there and does not start (a volume, its network), as the newest
// warning about it says; NULL where nothing does. The caller frees it.
char *kube_ask_why_not_started(struct kube *kube, const struct kube_pod *pod, int stop_fd);

// ---- Results (kube_log.c)

// What came out of a Pod so far.
struct kube_output {
    const char *run_id;
    json *result; // owned; NULL while none came whole
    enum outcome outcome;
    struct buf log;    // what is no result
    struct err defect; // why a result that came is none; code 0 where none came
    bool is_too_large;
};

void kube_output_done(struct kube_output *output);
// Takes one line of a log or a stream; true where it was the result.
bool kube_output_take(struct kube_output *output, const char *line, size_t length);
// Reads the Pod's log, from its beginning, into OUTPUT: with FOLLOWS until it ends, a result came,
// one of the STOP_FDS is readable, or TIMEOUT_MS are over. The result is in OUTPUT or it is not;
// the status is 0, or why the log could not be read to its end.
int kube_log_read(struct kube *kube, const char *pod, bool follows, const int *stop_fds,
                  size_t stop_count, int64_t timeout_ms, struct kube_output *output,
                  struct err *err);
// The outcome in the termination message, where no result came: fills RESULT, or returns false.
bool kube_output_from_last_words(const struct kube_pod *pod, const struct sandbox_request *request,
                                 const struct kube_output *output, struct sandbox_result *result);

// ---- Pods ahead (kube_pool.c)

struct kube_pool;

struct kube_pool *kube_pool_new(struct kube *kube, int64_t size);
void kube_pool_free(struct kube_pool *pool); // they are removed by the reaper
// A Pod whose runner waits for a request for one of the data sets in /data, and has opened that in
// DATA_FOLDER as it is now; NULL where none is ready. The caller forgets it and removes its Job.
struct kube_follow *kube_pool_take(struct kube_pool *pool, const char *data_folder);

// ---- The cluster (kube_look.c)

void kube_look(struct kube *kube, struct sandbox_report *report);
