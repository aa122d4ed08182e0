// SPDX-License-Identifier: Apache-2.0
//
// Every option of every command: one table (settings.c) from which options and environment are
// read, `--help` is printed, and the README's table is made (`app help --markdown`). Flags win over
// the environment, the environment over the defaults.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum settings_command {
    FOR_SERVE = 1 << 0,
    FOR_ASK = 1 << 1,
    FOR_SMOKE = 1 << 2,
    FOR_DATASET = 1 << 3,
    FOR_RUNNER = 1 << 4,
    FOR_HELP = 1 << 5,
    FOR_SANDBOX = 1 << 6,
    FOR_HEALTH = 1 << 7,
    FOR_TOKEN = 1 << 8,
    FOR_PROXY = 1 << 9,
    FOR_RENDER = 1 << 10,
    FOR_ALL = (1 << 11) - 1,
};

#define SETTINGS_ARGUMENTS 16
#define SETTINGS_REPEATED 256

// An option that may be given many times.
struct settings_repeated {
    const char *flag, *text;
};

// Texts are borrowed from the command line or the environment.
struct settings {
    const char *listen, *datasets_path, *state_path, *mode, *access_token_file, *access_token,
        *assets_path, *upstream;
    const char *allowed_hosts, *log_level;
    const char *dataset, *url, *format, *output; // ask, smoke, dataset
    const char *data_folder, *request_file, *request_text, *outcome_file, *groups; // runner
    const char *image, *docker_host, *docker_cert_path;
    const char *run_as, *proxy_socket, *proxy_binds;
    const char *kube_config, *kube_context, *kube_namespace, *kube_service_account,
        *kube_node_selector, *kube_tolerations, *kube_pull_secrets, *kube_pull_policy,
        *kube_runtime_class, *kube_priority_class, *kube_data_claim, *kube_owner;
    int64_t max_rows, timeout_ms, memory_mb, max_concurrent_runs, max_queued_runs, reading, cpu_s,
        parent_pid, upstream_timeout_ms, prompts;
    int64_t cpu_millis, kube_request_cpu_millis; // 1000 are one processor; 0 is not set
    int64_t upload_max_mb, upload_total_mb;
    int64_t pids, local_pool, docker_pool, kube_pool, kube_request_memory_mb, wait_s;
    const char *planner, *llm_provider, *llm_base_url, *llm_model, *llm_api_key, *llm_api_key_file,
        *llm_share, *llm_ca_file;
    int64_t llm_timeout_ms, agent_max_steps, agent_max_tokens, approve_timeout_ms;
    bool approve_runs, approves;
    const char *chart, *release, *namespace, *kube_version, *output_folder; // render-helm
    bool include_crds, skip_tests, no_hooks, validate, notes;
    struct settings_repeated repeated[SETTINGS_REPEATED]; // in the order given
    int repeated_count;
    bool strict, docker_tls_verify, is_json, unshare, framed, check, is_markdown, wants_help;
    const char *arguments[SETTINGS_ARGUMENTS]; // what is no option
    int argument_count;
};

struct command {
    const char *name;
    enum settings_command mask; // which rows of the table are its own; 0 for none
    int max_arguments;          // what is no option may stand so many times
    const char *synopsis;       // behind the name: "[OPTION]… QUESTION"
    const char *summary;        // a line in `app help`
    const char *description;    // paragraphs parted by an empty line
    const char *statuses;       // EXIT STATUS, beyond 2 for misuse
    const char *examples;
    int (*run)(const struct settings *settings); // the exit status
};

// The commands in the order of `app help`, ended by NULL. They are listed in main.c.
extern const struct command *const commands[];

// Reads the environment and ARGUMENTS (without the command itself). ERR_BAD_REQUEST for a misspelt
// option, a value that does not fit, or a missing one; the message names it and the nearest that
// exists.
int settings_read(const struct command *command, int argument_count, char **arguments,
                  struct settings *ret_settings, struct err *err);
// The page of a command, or of the whole program with NULL.
void settings_help(const struct command *command);
// The table of `app serve` for the README.
void settings_markdown(void);
