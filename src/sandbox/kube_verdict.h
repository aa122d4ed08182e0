// SPDX-License-Identifier: Apache-2.0
//
// What a Pod's state, or the API server's refusal of a Job, means for a run, in the names of the
// closed list and in words.
#pragma once

#include "base/outcome.h"
#include "kube/pod.h"

// How long a Pod may be unschedulable before its run fails: long enough for one that just waits for
// another to end, or for the quota of another to be given back; an autoscaler that must start a
// machine takes longer than anybody waits for an answer.
#define KUBE_UNSCHEDULABLE_LIMIT_MS 10000

enum kube_stage {
    KUBE_WAITING, // not begun yet, and it may still
    KUBE_BEGUN,   // the runner runs or has run: there may be a log
    KUBE_FAILED,  // it never began, and will not
};

struct kube_verdict {
    enum kube_stage stage;
    bool is_final;        // nothing more will happen in the Pod
    bool may_retry;       // the machinery failed before the runner began: another Pod may do
    enum outcome outcome; // where it is final: what it ended with if no result came
    char message[640];
    const char *hint; // NULL: the outcome's own
};

// UNSCHEDULED_MS is for how long no node has taken it; 0 where one has.
void kube_verdict_of(const struct kube_pod *pod, int64_t unscheduled_ms,
                     struct kube_verdict *ret_verdict);
// HTTP_STATUS and MESSAGE are the API server's. RET_HINT as above.
enum outcome kube_verdict_of_refusal(long http_status, const char *message, const char **ret_hint);
