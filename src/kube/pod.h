// SPDX-License-Identifier: Apache-2.0
//
// The few fields of a Pod that tell how its one container fares. A value: it owns nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

#define KUBE_NAME_SIZE 254 // a DNS subdomain, the longest name that Kubernetes gives
#define KUBE_TEXT_SIZE 400

struct kube_pod {
    char name[KUBE_NAME_SIZE], uid[40], node[KUBE_NAME_SIZE];
    char job_uid[40]; // of the Job that made it; "" for none
    char phase[16];   // "Pending"
    char reason[64];  // of the Pod: "Evicted", "DeadlineExceeded", "NodeLost"; "" for none
    char message[KUBE_TEXT_SIZE];
    bool is_going; // it has been told to go
    bool is_gone;  // it has been deleted
    bool is_scheduled;
    char unscheduled[KUBE_TEXT_SIZE]; // why no node takes it; "" while that is not known
    char disruption[64];              // the reason of the condition DisruptionTarget, "" for none
    char disruption_message[KUBE_TEXT_SIZE];
    // The container.
    char waiting[64]; // "ContainerCreating", "ImagePullBackOff"; "" while it does not wait
    char waiting_message[KUBE_TEXT_SIZE];
    bool is_running, is_terminated;
    bool is_unheard; // it ran when its node was last heard of
    char ended[64];  // "Completed", "Error", "OOMKilled"
    int exit_code;
    char last_words[4097]; // the termination message
};

// Reads POD. What is too long is cut, what is not there is empty.
void kube_pod_read(const json *pod, struct kube_pod *ret_pod);
