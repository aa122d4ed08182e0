// SPDX-License-Identifier: Apache-2.0
//
// See kube_verdict.h: tables from the reasons that the kubelet, the scheduler and the controllers
// write to the names of the closed list.
#include "sandbox/kube_verdict.h"

#include <signal.h>
#include <stdio.h>

#include "base/str.h"

struct row {
    const char *reason;
    enum outcome outcome;
    bool may_retry;
    const char *hint; // NULL: the outcome's own
};

#define CONFIGURATION_HINT "`kubectl describe pod` shows the same; mend the setting that it names."

// Why a container waits and will go on waiting (kubelet: images/types.go,
// container/sync_result.go).
static const struct row waiting_rows[] = {
    {"ErrImagePull", OUTCOME_IMAGE_PULL_FAILED, false, NULL},
    {"ImagePullBackOff", OUTCOME_IMAGE_PULL_FAILED, false, NULL},
    {"InvalidImageName", OUTCOME_IMAGE_PULL_FAILED, false, NULL},
    {"ErrImageNeverPull", OUTCOME_IMAGE_PULL_FAILED, false,
     "The node has no such image, and KUBE_PULL_POLICY is Never."},
    {"ImageInspectError", OUTCOME_IMAGE_PULL_FAILED, false, NULL},
    {"RegistryUnavailable", OUTCOME_IMAGE_PULL_FAILED, false, NULL},
    {"SignatureValidationFailed", OUTCOME_IMAGE_PULL_FAILED, false, NULL},
    {"CreateContainerConfigError", OUTCOME_SANDBOX_UNAVAILABLE, false, CONFIGURATION_HINT},
    {"CreateContainerError", OUTCOME_SANDBOX_UNAVAILABLE, false, CONFIGURATION_HINT},
    {"RunContainerError", OUTCOME_SANDBOX_UNAVAILABLE, false, CONFIGURATION_HINT},
};

// Why a Pod as a whole was ended or turned away.
static const struct row pod_rows[] = {
    {"Evicted", OUTCOME_EVICTED, true, NULL},
    {"Preempting", OUTCOME_EVICTED, true, NULL},
    {"Shutdown", OUTCOME_EVICTED, true, NULL},
    {"NodeShutdown", OUTCOME_EVICTED, true, NULL},
    {"Terminated", OUTCOME_EVICTED, true, NULL}, // by a node's orderly shutdown
    {"NodeLost", OUTCOME_NODE_LOST, true, NULL},
    {"DeadlineExceeded", OUTCOME_TIMED_OUT, false, NULL},
    {"UnexpectedAdmissionError", OUTCOME_UNSCHEDULABLE, true, NULL},
    {"NodeAffinity", OUTCOME_UNSCHEDULABLE, true, NULL},
    {"OutOfcpu", OUTCOME_UNSCHEDULABLE, true, NULL},
    {"OutOfmemory", OUTCOME_UNSCHEDULABLE, true, NULL},
    {"OutOfephemeral-storage", OUTCOME_UNSCHEDULABLE, true, NULL},
    {"OutOfpods", OUTCOME_UNSCHEDULABLE, true, NULL},
};

// The reasons of the condition DisruptionTarget.
static const struct row disruption_rows[] = {
    {"PreemptionByScheduler", OUTCOME_EVICTED, true, "A Pod of higher priority needed the room."},
    {"EvictionByEvictionAPI", OUTCOME_EVICTED, true, NULL},
    {"TerminationByKubelet", OUTCOME_EVICTED, true, NULL},
    {"DeletionByTaintManager", OUTCOME_NODE_LOST, true, NULL},
    {"DeletionByPodGC", OUTCOME_NODE_LOST, true, NULL},
};

static const struct row *find(const struct row *rows, size_t count, const char *reason) {
    for (size_t i = 0; *reason && i < count; i++)
        if (strcmp(rows[i].reason, reason) == 0)
            return &rows[i];
    return NULL;
}
#define FIND(rows, reason) find(rows, ARRAY_LENGTH(rows), reason)

// "evicted: Evicted: The node was low on memory."
static void say(struct kube_verdict *verdict, const struct row *row, const char *pod,
                const char *reason, const char *message) {
    verdict->is_final = true;
    verdict->outcome = row->outcome;
    verdict->may_retry = row->may_retry && verdict->stage != KUBE_BEGUN;
    verdict->hint = row->hint;
    size_t length = strlen(message);
    bool has_stop = length && message[length - 1] == '.';
    snprintf(verdict->message, sizeof verdict->message, "%s The Pod %s: %s%s%s%s",
             outcome_sentence(row->outcome), pod, reason, length ? ": " : "", message,
             has_stop ? "" : ".");
    if (verdict->stage == KUBE_WAITING)
        verdict->stage = KUBE_FAILED;
}

// What the scheduler found (plugins' reasons), where it is not that there is no room.
static const char *hint_of_unscheduled(const char *message) {
    static const char *const hints[][2] = {
        {"node affinity/selector", "No node has the labels that KUBE_NODE_SELECTOR asks for."},
        {"persistentvolume", "Look at the volume of KUBE_DATA_CLAIM: it must be bound, and to be "
                             "had on a node with room."},
        {"untolerated taint", "Look at the nodes' taints: KUBE_TOLERATIONS may tolerate them, and "
                              "a node that is not ready has one too."},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(hints); i++)
        if (strcasestr(message, hints[i][0]))
            return hints[i][1];
    return NULL;
}

static void say_ended(struct kube_verdict *verdict, enum outcome outcome, const char *format,
                      const char *name, int number, const char *words) {
    verdict->is_final = true;
    verdict->outcome = outcome;
    snprintf(verdict->message, sizeof verdict->message, format, name, number, words);
}

// The container ended, and nothing about the Pod as a whole tells more than its exit code.
static void judge_end(const struct kube_pod *pod, struct kube_verdict *verdict) {
    int signal_number = pod->exit_code > 128 ? pod->exit_code - 128 : 0;
    verdict->is_final = true;
    if (strcmp(pod->ended, "OOMKilled") == 0 || pod->exit_code == MEM_EXHAUSTED_STATUS)
        verdict->outcome = OUTCOME_OUT_OF_MEMORY;
    else if (signal_number == SIGXCPU)
        verdict->outcome = OUTCOME_TIMED_OUT;
    else if (signal_number)
        say_ended(verdict, OUTCOME_KILLED, "The Pod %s was ended by signal %d (%s).", pod->name,
                  signal_number, strsignal(signal_number));
    else
        say_ended(verdict, OUTCOME_INTERNAL_ERROR,
                  "The Pod %s ended without a result (exit status %d): %.160s", pod->name,
                  pod->exit_code, *pod->last_words ? pod->last_words : pod->ended);
}

// A container that could not be started counts as terminated.
static bool never_started(const struct kube_pod *pod) {
    return strcmp(pod->ended, "ContainerCannotRun") == 0 || strcmp(pod->ended, "StartError") == 0;
}

static bool has_begun(const struct kube_pod *pod) {
    return pod->is_running || (pod->is_terminated && !never_started(pod));
}

static bool has_ended(const struct kube_pod *pod) {
    return strcmp(pod->phase, "Failed") == 0 || strcmp(pod->phase, "Succeeded") == 0;
}

void kube_verdict_of(const struct kube_pod *pod, int64_t unscheduled_ms,
                     struct kube_verdict *ret_verdict) {
    static const struct row cannot_run = {NULL, OUTCOME_SANDBOX_UNAVAILABLE, false,
                                          CONFIGURATION_HINT},
                            no_node = {NULL, OUTCOME_UNSCHEDULABLE, false, NULL},
                            deleted = {NULL, OUTCOME_KILLED, true, NULL},
                            failed = {NULL, OUTCOME_SANDBOX_UNAVAILABLE, false, NULL};
    struct kube_verdict verdict = {.stage = has_begun(pod) ? KUBE_BEGUN : KUBE_WAITING};
    const struct row *row;
    if ((row = FIND(disruption_rows, pod->disruption)))
        say(&verdict, row, pod->name, pod->disruption, pod->disruption_message);
    else if ((row = FIND(pod_rows, pod->reason)))
        say(&verdict, row, pod->name, pod->reason, pod->message);
    else if (pod->is_terminated && never_started(pod))
        say(&verdict, &cannot_run, pod->name, pod->ended, pod->last_words);
    else if (pod->is_terminated)
        judge_end(pod, &verdict);
    else if (pod->is_gone || pod->is_going)
        say(&verdict, &deleted, pod->name, "Deleted", "somebody else deleted it");
    else if ((row = FIND(waiting_rows, pod->waiting)))
        say(&verdict, row, pod->name, pod->waiting, pod->waiting_message);
    else if (has_ended(pod))
        say(&verdict, &failed, pod->name, *pod->reason ? pod->reason : pod->phase, pod->message);
    else if (*pod->unscheduled && unscheduled_ms >= KUBE_UNSCHEDULABLE_LIMIT_MS) {
        say(&verdict, &no_node, pod->name, "Unschedulable", pod->unscheduled);
        verdict.hint = hint_of_unscheduled(pod->unscheduled);
    }
    *ret_verdict = verdict;
}

enum outcome kube_verdict_of_refusal(long http_status, const char *message, const char **ret_hint) {
    static const char *const denials[] = {"admission webhook", "violates PodSecurity",
                                          "ValidatingAdmissionPolicy", "denied the request",
                                          "denied request"};
    *ret_hint = NULL;
    if (strstr(message, "exceeded quota"))
        return OUTCOME_QUOTA_EXCEEDED;
    for (size_t i = 0; i < ARRAY_LENGTH(denials); i++)
        if (strstr(message, denials[i]))
            return OUTCOME_ADMISSION_DENIED;
    if (http_status == 401)
        *ret_hint = "The API server does not know this server's credential; see KUBECONFIG, or the "
                    "Pod's service account.";
    else if (strstr(message, " cannot ") && strstr(message, " resource "))
        *ret_hint = "The server's Role lacks this right; docs/kubernetes.md has the whole Role.";
    else if (http_status == 404)
        *ret_hint = "Check KUBE_NAMESPACE, and what the message names.";
    else if (http_status == 403 || http_status == 422 || http_status == 400)
        return OUTCOME_ADMISSION_DENIED; // a LimitRange, or an object that this cluster finds
                                         // invalid
    return OUTCOME_SANDBOX_UNAVAILABLE;
}
