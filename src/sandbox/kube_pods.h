// SPDX-License-Identifier: Apache-2.0
//
// One watch over all Pods of this server, shared by every run: each follows the Pod of its Job.
#pragma once

#include "kube/client.h"
#include "kube/pod.h"

struct kube_pods;
struct kube_follow; // one Job's Pod, as last seen

// PATH is that of the Pods, with their selector. The watch starts with the first who follows.
struct kube_pods *kube_pods_new(struct kube_client *client, const char *path);
void kube_pods_free(struct kube_pods *pods);

// Before the Job is made, so that nothing is missed and no reaper takes it.
struct kube_follow *kube_pods_follow(struct kube_pods *pods, const char *job);
void kube_pods_forget(struct kube_pods *pods, struct kube_follow *follow);
bool kube_pods_is_followed(struct kube_pods *pods, const char *job);
const char *kube_follow_job(const struct kube_follow *follow);
// Once the Job is made: its Pods are those that name UID as their owner, and no others of that
// name.
void kube_follow_begin(struct kube_follow *follow, const char *job_uid);
const char *kube_follow_job_uid(const struct kube_follow *follow); // "" before
// Readable when there is news; kube_follow_take() takes it.
int kube_follow_fd(const struct kube_follow *follow);
// The Pod as it is now; false where none has been seen yet.
bool kube_follow_take(struct kube_follow *follow, struct kube_pod *ret_pod);
// Why nothing is seen at the moment: 0, or the watch's error.
int kube_pods_trouble(struct kube_pods *pods, struct err *err);
// For who has waited for news: where the watch pauses after a failure, it does not for long.
void kube_pods_hurry(struct kube_pods *pods);
