// SPDX-License-Identifier: Apache-2.0
//
// What goes into a sandbox and what comes out: one JSON request, one JSON result on one line. Both
// ends use this file: the runner inside, the sandbox layer outside. docs/runner.md is the same in
// prose.
#pragma once

#include "base/json.h"
#include "base/outcome.h"

#define RUN_VERSION 1
#define RUN_SUMMARY_SIZE 4096 // as large as a Pod's termination message may be
#define RUN_ALTERNATIVES 16
#define RUN_READY                                                                                  \
    "ready" // a line of the runner's standard error: the walls stand, and it waits for the request
#define RUN_TAKEN                                                                                  \
    "taken" // another, of a framed run: the request is read, and what follows is its run

struct run_request {
    int64_t version;
    const char *run_id, *dataset, *sql; // borrowed
    const json *params; // an array of texts, numbers, booleans and nulls; NULL is none; borrowed
    // Other queries, [{"sql", "params"}], at most RUN_ALTERNATIVES, or NULL; borrowed. Where the
    // first completes they are run too, within the same limits together; the result has theirs as
    // `alternatives`, each with its columns and rows, or with `error`.
    const json *alternatives;
    int64_t max_rows, timeout_ms, max_result_bytes;
};

// Reads OBJECT, which owns the texts of RET_REQUEST. ERR_BAD_REQUEST or ERR_TOO_LARGE, naming the
// key.
int run_request_read(const json *object, struct run_request *ret_request, struct err *err);
// Whether PARAMS (NULL is none) are values that a statement can be given. ERR_BAD_REQUEST or
// ERR_TOO_LARGE, naming the place.
int run_params_check(const json *params, struct err *err);
// The request on one line; the caller frees it.
char *run_request_write(const struct run_request *request);

// A result that tells how a run ended without rows: what the runner sends for a refused request,
// and what the sandbox layer makes where no result came. MESSAGE NULL stands for the outcome's own
// sentence. The caller frees it.
json *run_result_failed(const char *run_id, enum outcome outcome, const char *message,
                        const char *hint);
// Parses and checks the line a runner sent: its version, run id, outcome, columns and rows.
// ERR_CORRUPT.
int run_result_parse(const char *line, size_t length, const char *run_id, json **ret_result,
                     enum outcome *ret_outcome, struct err *err);

// A result that travels through a log, where it may be cut off or stand between other lines, is
// framed: one line "result LENGTH SHA256 RESULT", both of RESULT, which ends before the line end.
// The caller frees it; it ends in a newline.
char *run_result_frame(const char *result);
// Whether LINE (without its end) is a framed result, whole or not.
bool run_result_is_framed(const char *line, size_t length);
// The result in LINE, borrowed. ERR_CORRUPT where it is not whole, or not what was written.
int run_result_unframe(const char *line, size_t length, const char **ret_result, size_t *ret_length,
                       struct err *err);
// What is left for the termination message of a Pod (at most 4,096 bytes): how the run ended, as a
// result without its rows. The caller frees it.
char *run_result_summary(const json *result);
