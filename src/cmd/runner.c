// SPDX-License-Identifier: Apache-2.0
//
// `app runner`: what a sandbox runs.
#include "runner/runner.h"

#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/settings.h"
#include "sandbox/sandbox.h"

static bool is_unshared; // for tell(), which is given no context

// The run is behind its walls: nothing but writing is left to it.
static void tell(const json *result) {
    struct sandbox_report report = {0};
    const json *error = cJSON_GetObjectItemCaseSensitive(result, "error");
    const char *message = json_text(error, "message");
    cleanup_buf struct buf text = BUF(64 * 1024);
    sandbox_report_confinement(&report, cJSON_GetObjectItemCaseSensitive(result, "confinement"),
                               is_unshared ? sandbox_namespaces_hint() : NULL);
    sandbox_report_write(&report, 80, false, &text);
    const json *stats = cJSON_GetObjectItemCaseSensitive(result, "stats");
    printf("%s\n", buf_text(&text));
    if (message)
        printf("No run could be made: %s\n", message);
    else
        printf("A run was made behind these walls: SELECT 1 in %.2f ms.\n",
               (double)json_integer(stats, "elapsed_us", 0) / 1000);
    fflush(stdout);
}

static int run(const struct settings *settings) {
    struct runner_options options = {
        .data_folder = settings->data_folder,
        .dataset = settings->dataset,
        .request_file = settings->request_file,
        .request_text = settings->request_file ? NULL : settings->request_text,
        .outcome_file = settings->outcome_file,
        .framed = settings->framed,
        .unshare = settings->unshare,
        .strict = settings->strict,
        .memory_mb = settings->memory_mb,
        .cpu_s = settings->cpu_s,
        .parent_pid = settings->parent_pid,
        .groups = settings->groups,
    };
    is_unshared = settings->unshare;
    if (settings->check)
        return runner_check(&options, tell);
    // The kernel takes back the memory faster than the allocator would give it back.
    _exit(runner_serve(&options));
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
                   "four may be left out.\n\n"
                   "--check makes a run over no data at all and prints, in words, what held it.",
    .statuses = "0 completed; 1 the query failed; 2 the request was refused; 3 a limit ended it; 4 "
                "the runner itself failed. "
                "The result's `outcome` says it in more words.",
    .examples =
        "echo '{\"version\":1,\"run_id\":\"1\",\"dataset\":\"weather\",\"sql\":\"SELECT 1\"}' |\n"
        "    app runner --unshare --data build/data",
    .run = run,
};
