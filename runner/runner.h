// SPDX-License-Identifier: Apache-2.0
//
// The process that runs one query: it opens the data, goes behind its walls, and only then reads
// the request.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

struct runner_options {
    const char *data_folder;  // holds data.sqlite, or folders that do
    const char *dataset;      // the one data set in it that is asked about; NULL for any
    const char *request_file; // where the request is; NULL for standard input
    const char *request_text; // or the request itself; NULL
    const char *outcome_file; // where to write how the run ended, in short; NULL for nowhere
    bool framed;              // a request ends with its line, and the result carries its hash
    bool unshare;             // build the outer wall too (see wall.h)
    bool strict;              // end rather than run where the kernel refuses the outer wall
    int64_t memory_mb;
    int64_t cpu_s;      // processor time, a backstop behind the request's timeout
    int64_t parent_pid; // ends at once where this is no longer the parent; 0 for any
    const char *groups; // folders of the control groups to run in, parted by ':'; NULL for none
};

// Builds the walls as runner_serve() does, with or without the inner one, and then runs
// JOB(CONTEXT) in place of serving; the exit status is JOB's. For trying what the walls hold.
int runner_inside(const struct runner_options *options, bool with_inner_wall,
                  int (*job)(void *context), void *context);

// Makes a run over an empty data set of its own and hands the result to TELL, behind the walls.
// The exit status as of runner_serve().
int runner_check(const struct runner_options *options, void (*tell)(const json *result));

// Serves one request: the result line goes to standard output, the log to standard error. The exit
// status as in outcome.h.
int runner_serve(const struct runner_options *options);

// Runs JOB(CONTEXT) in a child process behind both walls, seeing no folder at all, and waits for
// it. What JOB returns (0 to 100) is in RET_STATUS; 128 + n means that signal n ended it. ERR_IO
// where the walls cannot be built.
int runner_confine(int64_t memory_mb, int64_t cpu_s, int (*job)(void *context), void *context,
                   int *ret_status, struct err *err);
