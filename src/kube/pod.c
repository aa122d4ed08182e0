// SPDX-License-Identifier: Apache-2.0
//
// See pod.h.
#include "kube/pod.h"

#include <stdio.h>

#include "base/str.h"

static const json *member(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void copy(const json *object, const char *key, char *to, size_t size) {
    const char *text = json_text(object, key);
    size_t length = text ? strnlen(text, size - 1) : 0;
    while (text && length && text[length] && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--; // not in the middle of a character
    if (length)
        memcpy(to, text, length);
    to[length] = '\0';
}
#define COPY(object, key, to) copy(object, key, to, sizeof(to))

static void read_conditions(const json *status, struct kube_pod *pod) {
    const json *condition;
    cJSON_ArrayForEach (condition, member(status, "conditions")) {
        const char *type = json_text(condition, "type");
        bool is_true = str_is_equal(json_text(condition, "status"), "True");
        if (str_is_equal(type, "PodScheduled")) {
            pod->is_scheduled = is_true;
            if (!is_true && str_is_equal(json_text(condition, "reason"), "Unschedulable"))
                COPY(condition, "message", pod->unscheduled);
            if (!is_true && str_is_equal(json_text(condition, "reason"), "Unschedulable") &&
                !*pod->unscheduled)
                snprintf(pod->unscheduled, sizeof pod->unscheduled, "no reason is given");
        } else if (str_is_equal(type, "Ready")) {
            pod->is_unheard = !is_true;
        } else if (str_is_equal(type, "DisruptionTarget") && is_true) {
            COPY(condition, "reason", pod->disruption);
            COPY(condition, "message", pod->disruption_message);
        }
    }
}

static void read_container(const json *container, struct kube_pod *pod) {
    const json *state = member(container, "state"), *waiting = member(state, "waiting"),
               *terminated = member(state, "terminated");
    COPY(waiting, "reason", pod->waiting);
    COPY(waiting, "message", pod->waiting_message);
    pod->is_running = member(state, "running") != NULL;
    pod->is_terminated = terminated != NULL;
    COPY(terminated, "reason", pod->ended);
    COPY(terminated, "message", pod->last_words);
    for (size_t end = strlen(pod->last_words); end && pod->last_words[end - 1] == '\n';)
        pod->last_words[--end] = '\0';
    pod->exit_code = (int)json_integer(terminated, "exitCode", 0);
}

void kube_pod_read(const json *object, struct kube_pod *ret_pod) {
    const json *metadata = member(object, "metadata"), *status = member(object, "status"), *owner;
    struct kube_pod pod = {0};
    COPY(metadata, "name", pod.name);
    COPY(metadata, "uid", pod.uid);
    cJSON_ArrayForEach (owner, member(metadata, "ownerReferences")) {
        if (str_is_equal(json_text(owner, "kind"), "Job"))
            COPY(owner, "uid", pod.job_uid);
    }
    COPY(member(object, "spec"), "nodeName", pod.node);
    COPY(status, "phase", pod.phase);
    COPY(status, "reason", pod.reason);
    COPY(status, "message", pod.message);
    pod.is_going = json_text(metadata, "deletionTimestamp") != NULL;
    read_conditions(status, &pod);
    read_container(cJSON_GetArrayItem(member(status, "containerStatuses"), 0), &pod);
    pod.is_unheard &= pod.is_running; // nobody else takes readiness from one without a probe
    *ret_pod = pod;
}
