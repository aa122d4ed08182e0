// SPDX-License-Identifier: Apache-2.0
//
// `app runner`: what a sandbox runs.
#include "runner/runner.h"

#include "base/str.h"
#include "cmd/settings.h"

static int run(const struct settings *settings) {
    struct runner_options options = {
        .data_folder = settings->data_folder,
        .dataset = settings->dataset,
        .request_file = settings->request_file,
        .request_text = settings->request_file ? NULL : settings->request_text,
        .unshare = settings->unshare,
        .strict = settings->strict,
        .memory_mb = settings->memory_mb,
        .cpu_s = settings->cpu_s,
        .groups = settings->groups,
    };
    return runner_serve(&options);
}

const struct command command_runner = {
    .name = "runner",
    .mask = FOR_RUNNER,
    .synopsis = "[OPTION]…",
    .summary = "run one query: a JSON request in, a JSON result out",
    .description = "Opens the data, locks itself in (rlimits, no capability, no_new_privs, "
                   "Landlock, a system call allow-list), reads "
                   "one request from standard input, runs its SELECT, writes one line of JSON to "
                   "standard output, and ends.\n\n"
                   "A request is {\"version\":1, \"run_id\":\"…\", \"dataset\":\"…\", "
                   "\"sql\":\"SELECT …\", \"params\":[], "
                   "\"max_rows\":200, \"timeout_ms\":5000, \"max_result_bytes\":1048576}; the last "
                   "four may be left out.",
    .statuses = "0 completed; 1 the query failed; 2 the request was refused; 3 a limit ended it; 4 "
                "the runner itself failed. "
                "The result's `outcome` says it in more words.",
    .examples =
        "echo '{\"version\":1,\"run_id\":\"1\",\"dataset\":\"weather\",\"sql\":\"SELECT 1\"}' |\n"
        "    app runner --unshare --data build/data",
    .run = run,
};
