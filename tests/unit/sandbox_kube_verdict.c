// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "sandbox/kube_verdict.h"
#include "tests/unit/check.h"

static struct kube_verdict judge(const char *status, int64_t unscheduled_ms) {
    cleanup_free char *text = mem_format("{\"metadata\":{\"name\":\"p\"},\"status\":{%s}}", status);
    json *object = cJSON_Parse(text);
    struct kube_pod pod;
    struct kube_verdict verdict;
    CHECK(object != NULL);
    kube_pod_read(object, &pod);
    json_free(object);
    kube_verdict_of(&pod, unscheduled_ms, &verdict);
    return verdict;
}

#define WAITING(reason)                                                                            \
    "\"phase\":\"Pending\",\"containerStatuses\":[{\"state\":{\"waiting\":{\"reason\":\"" reason   \
    "\",\"message\":\"m\"}}}]"
#define ENDED(reason, code)                                                                        \
    "\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":{\"reason\":\"" reason \
    "\",\"exitCode\":" code "}}}]"
#define RUNNING "\"phase\":\"Running\",\"containerStatuses\":[{\"state\":{\"running\":{}}}]"
#define DISRUPTED(reason)                                                                          \
    "\"conditions\":[{\"type\":\"DisruptionTarget\",\"status\":\"True\",\"reason\":\"" reason "\"" \
    "}]"
#define UNSCHEDULABLE                                                                              \
    "\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"False\","       \
    "\"reason\":\"Unschedulable\",\"message\":\"0/3 nodes\"}]"

TEST(every_state_of_a_pod_has_its_name_in_the_closed_list) {
    static const struct {
        const char *status, *outcome; // NULL: not over yet
        enum kube_stage stage;
        bool may_retry;
    } cases[] = {
        {"\"phase\":\"Pending\"", NULL, KUBE_WAITING, false},
        {WAITING("ContainerCreating"), NULL, KUBE_WAITING, false},
        {RUNNING, NULL, KUBE_BEGUN, false},
        {WAITING("ErrImagePull"), "image_pull_failed", KUBE_FAILED, false},
        {WAITING("ImagePullBackOff"), "image_pull_failed", KUBE_FAILED, false},
        {WAITING("InvalidImageName"), "image_pull_failed", KUBE_FAILED, false},
        {WAITING("ErrImageNeverPull"), "image_pull_failed", KUBE_FAILED, false},
        {WAITING("CreateContainerConfigError"), "sandbox_unavailable", KUBE_FAILED, false},
        {WAITING("RunContainerError"), "sandbox_unavailable", KUBE_FAILED, false},
        {ENDED("StartError", "128"), "sandbox_unavailable", KUBE_FAILED, false},
        {ENDED("OOMKilled", "137"), "out_of_memory", KUBE_BEGUN, false},
        {ENDED("Error", "71"), "out_of_memory", KUBE_BEGUN, false},
        {ENDED("Error", "152"), "timed_out", KUBE_BEGUN, false},
        {ENDED("Error", "137"), "killed", KUBE_BEGUN, false},
        {ENDED("Error", "159"), "killed", KUBE_BEGUN, false},
        {ENDED("Error", "4"), "internal_error", KUBE_BEGUN, false},
        {ENDED("Completed", "0"), "internal_error", KUBE_BEGUN, false},
        {"\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"low\"", "evicted", KUBE_FAILED,
         true},
        {"\"reason\":\"Evicted\"," ENDED("Error", "137"), "evicted", KUBE_BEGUN, false},
        {"\"reason\":\"NodeLost\"," RUNNING, "node_lost", KUBE_BEGUN, false},
        {"\"phase\":\"Failed\",\"reason\":\"NodeLost\"", "node_lost", KUBE_FAILED, true},
        {"\"phase\":\"Failed\",\"reason\":\"DeadlineExceeded\"", "timed_out", KUBE_FAILED, false},
        {"\"phase\":\"Failed\",\"reason\":\"OutOfcpu\"", "unschedulable", KUBE_FAILED, true},
        {"\"phase\":\"Failed\",\"reason\":\"Sideways\"", "sandbox_unavailable", KUBE_FAILED, false},
        {DISRUPTED("PreemptionByScheduler"), "evicted", KUBE_FAILED, true},
        {DISRUPTED("EvictionByEvictionAPI"), "evicted", KUBE_FAILED, true},
        {DISRUPTED("DeletionByTaintManager"), "node_lost", KUBE_FAILED, true},
        {DISRUPTED("DeletionByPodGC") "," RUNNING, "node_lost", KUBE_BEGUN, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct kube_verdict verdict = judge(cases[i].status, 0);
        const char *outcome = verdict.is_final ? outcome_name(verdict.outcome) : "none";
        if (strcmp(outcome, cases[i].outcome ? cases[i].outcome : "none") != 0 ||
            verdict.stage != cases[i].stage || verdict.may_retry != cases[i].may_retry)
            check_fail(__FILE__, __LINE__, "%s: %s, stage %d, %s", cases[i].status, outcome,
                       (int)verdict.stage, verdict.may_retry ? "tried again" : "not tried again");
    }
}

TEST(a_pod_that_no_node_takes_fails_after_a_while_with_the_schedulers_words) {
    CHECK(!judge(UNSCHEDULABLE, KUBE_UNSCHEDULABLE_LIMIT_MS - 1).is_final);
    struct kube_verdict verdict = judge(UNSCHEDULABLE, KUBE_UNSCHEDULABLE_LIMIT_MS);
    CHECK_INT(verdict.outcome, OUTCOME_UNSCHEDULABLE);
    CHECK_TEXT(verdict.message,
               "No node has room for the sandbox. The Pod p: Unschedulable: 0/3 nodes.");
}

TEST(what_the_api_server_refuses_is_told_apart_by_its_words) {
    static const struct {
        long status;
        const char *message;
        enum outcome outcome;
    } cases[] = {
        {403, "jobs.batch \"x\" is forbidden: exceeded quota: q, requested: count/jobs.batch=1",
         OUTCOME_QUOTA_EXCEEDED},
        {403, "pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": …",
         OUTCOME_ADMISSION_DENIED},
        {400, "admission webhook \"p.example.com\" denied the request: no",
         OUTCOME_ADMISSION_DENIED},
        {422, "Job.batch \"x\" is invalid: spec.template.spec.containers[0].image: Required value",
         OUTCOME_ADMISSION_DENIED},
        {403, "pods \"x\" is forbidden: maximum cpu usage per Container is 250m, but limit is 500m",
         OUTCOME_ADMISSION_DENIED},
        {403, "jobs.batch is forbidden: User \"u\" cannot create resource \"jobs\" in API group",
         OUTCOME_SANDBOX_UNAVAILABLE},
        {401, "Unauthorized", OUTCOME_SANDBOX_UNAVAILABLE},
        {404, "namespaces \"x\" not found", OUTCOME_SANDBOX_UNAVAILABLE},
        {0, "https://k: Connection refused", OUTCOME_SANDBOX_UNAVAILABLE},
        {503, "the server is currently unable to handle the request", OUTCOME_SANDBOX_UNAVAILABLE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *hint;
        CHECK_TEXT(outcome_name(kube_verdict_of_refusal(cases[i].status, cases[i].message, &hint)),
                   outcome_name(cases[i].outcome));
    }
}

static void check_hint_of_unscheduled(const char *message, const char *words) {
    cleanup_free char *status =
        mem_format("\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"False\","
                   "\"reason\":\"Unschedulable\",\"message\":\"%s\"}]",
                   message);
    struct kube_verdict verdict = judge(status, KUBE_UNSCHEDULABLE_LIMIT_MS);
    CHECK_TEXT(outcome_name(verdict.outcome), "unschedulable");
    if (words ? !verdict.hint || !strstr(verdict.hint, words) : verdict.hint != NULL)
        check_fail(__FILE__, __LINE__, "%s: %s", message, verdict.hint);
}

TEST(what_no_node_fits_by_tells_which_setting_to_look_at) {
    check_hint_of_unscheduled("0/1 nodes are available: 1 Insufficient cpu.", NULL);
    check_hint_of_unscheduled("1 node(s) didn't match Pod's node affinity/selector.",
                              "KUBE_NODE_SELECTOR");
    check_hint_of_unscheduled("1 node(s) had untolerated taint {a: b}.", "KUBE_TOLERATIONS");
    check_hint_of_unscheduled("persistentvolumeclaim 'data' not found", "KUBE_DATA_CLAIM");
    check_hint_of_unscheduled("1 node(s) didn't match PersistentVolume's node affinity",
                              "KUBE_DATA_CLAIM");
}

TEST(last_words_lose_their_line_end) {
    struct kube_verdict verdict =
        judge("\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":{"
              "\"reason\":\"Error\",\"exitCode\":2,\"message\":\"no such option\\n\"}}}]",
              0);
    CHECK_TEXT(verdict.message, "The Pod p ended without a result (exit status 2): no such option");
}
