// SPDX-License-Identifier: Apache-2.0
//
// See outcome.h: the list as a table.
#include "base/outcome.h"

#include <string.h>

static const struct {
    const char *name;
    int exit_status;
    const char *sentence;
    const char *hint;
} outcomes[OUTCOME_COUNT] = {
    [OUTCOME_COMPLETED] = {"completed", 0, "The query completed.", ""},
    [OUTCOME_QUERY_FAILED] = {"query_failed", 1, "The query is not valid for this data.",
                              "Correct the SQL, or ask in other words."},
    [OUTCOME_REQUEST_REFUSED] = {"request_refused", 2,
                                 "The request was refused before anything ran.",
                                 "The message says what is not allowed."},
    [OUTCOME_TIMED_OUT] =
        {"timed_out", 3, "The query was still running at its time limit, so its sandbox was ended.",
         "Ask for less, or raise RUN_TIMEOUT_MS."},
    [OUTCOME_OUT_OF_MEMORY] = {"out_of_memory", 3,
                               "The query needed more memory than its sandbox has.",
                               "Ask for less, or raise RUN_MEMORY_MB."},
    [OUTCOME_RESULT_TOO_LARGE] = {"result_too_large", 3,
                                  "The result is larger than a result may be.",
                                  "Ask for fewer columns or rows."},
    [OUTCOME_CANCELLED] = {"cancelled", 3, "The run was cancelled, and its sandbox was ended.", ""},
    [OUTCOME_KILLED] = {"killed", 4, "The sandbox was killed from outside, or by its own filter.",
                        "Try again; if it happens again, the server's log names the signal."},
    [OUTCOME_SANDBOX_UNAVAILABLE] = {"sandbox_unavailable", 4, "No sandbox could be started.",
                                     "The status page says what is missing and how to get it."},
    [OUTCOME_IMAGE_PULL_FAILED] = {"image_pull_failed", 4,
                                   "The runner's image could not be pulled.",
                                   "Check RUNNER_IMAGE and the registry's credentials."},
    [OUTCOME_UNSCHEDULABLE] = {"unschedulable", 4, "No node has room for the sandbox.",
                               "Lower the runner's requests, or add a node."},
    [OUTCOME_QUOTA_EXCEEDED] = {"quota_exceeded", 4,
                                "The namespace's quota does not allow another sandbox.",
                                "Raise the ResourceQuota, or wait for other runs to end."},
    [OUTCOME_ADMISSION_DENIED] = {"admission_denied", 4,
                                  "The cluster's admission control refused the sandbox.",
                                  "The message names the policy that refused it."},
    [OUTCOME_EVICTED] = {"evicted", 4, "The sandbox was evicted from its node.", "Try again."},
    [OUTCOME_NODE_LOST] = {"node_lost", 4, "The node that the sandbox ran on was lost.",
                           "Try again."},
    [OUTCOME_QUEUE_FULL] = {"queue_full", 4, "Too many runs are waiting already.",
                            "Try again in a few seconds."},
    [OUTCOME_INTERRUPTED] = {"interrupted", 4, "The server stopped while this was under way.",
                             "Ask again."},
    [OUTCOME_INTERNAL_ERROR] = {"internal_error", 4, "Something went wrong on our side.",
                                "Try again; the server's log has the details under the run's id."},
};

const char *outcome_name(enum outcome outcome) { return outcomes[outcome].name; }
const char *outcome_sentence(enum outcome outcome) { return outcomes[outcome].sentence; }
const char *outcome_hint(enum outcome outcome) { return outcomes[outcome].hint; }
int outcome_exit_status(enum outcome outcome) { return outcomes[outcome].exit_status; }

int outcome_from_name(const char *name) {
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (strcmp(outcomes[i].name, name) == 0)
            return i;
    return -1;
}
