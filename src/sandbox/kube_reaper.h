// SPDX-License-Identifier: Apache-2.0
//
// Removes Jobs: those that are done, soon and on a thread of its own, and once a minute whatever
// this server has left behind. A Job takes its Pod and its ConfigMap with it.
#pragma once

#include "sandbox/kube_pods.h"

struct kube_reaper;

// JOBS is the path of the Jobs with their selector. Jobs that are followed in PODS are left alone.
struct kube_reaper *kube_reaper_new(struct kube_client *client, struct kube_pods *pods,
                                    const char *jobs);
// Removes what is still to be removed, for some seconds at most.
void kube_reaper_free(struct kube_reaper *reaper);
// Soon; what fails is left to the next minute.
void kube_reaper_remove(struct kube_reaper *reaper, const char *job);
// Now, with its Pod told to go at once. A Job that is not there is fine.
int kube_remove_job(struct kube_client *client, const char *job, int64_t timeout_ms,
                    struct err *err);
