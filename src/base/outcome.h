// SPDX-License-Identifier: Apache-2.0
//
// How a run ends: one closed list for the runner, the sandbox layer, the HTTP API, the UI and the
// metrics.
#pragma once

enum outcome {
    OUTCOME_COMPLETED,
    OUTCOME_QUERY_FAILED,
    OUTCOME_REQUEST_REFUSED,
    OUTCOME_TIMED_OUT,
    OUTCOME_OUT_OF_MEMORY,
    OUTCOME_RESULT_TOO_LARGE,
    OUTCOME_CANCELLED,
    OUTCOME_KILLED,
    OUTCOME_SANDBOX_UNAVAILABLE,
    OUTCOME_IMAGE_PULL_FAILED,
    OUTCOME_UNSCHEDULABLE,
    OUTCOME_QUOTA_EXCEEDED,
    OUTCOME_ADMISSION_DENIED,
    OUTCOME_EVICTED,
    OUTCOME_NODE_LOST,
    OUTCOME_QUEUE_FULL,
    OUTCOME_INTERRUPTED,
    OUTCOME_INTERNAL_ERROR,
    OUTCOME_COUNT,
};

// "timed_out"
const char *outcome_name(enum outcome outcome);
// The outcome of that name, or -1.
int outcome_from_name(const char *name);
// One sentence for the user.
const char *outcome_sentence(enum outcome outcome);
// What the operator or the user can do about it; "" where nothing need be done.
const char *outcome_hint(enum outcome outcome);
// The runner's exit status: 0 completed, 1 the query failed, 2 refused, 3 a limit ended it, 4 the
// runner failed.
int outcome_exit_status(enum outcome outcome);
