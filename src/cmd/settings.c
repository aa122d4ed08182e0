// SPDX-License-Identifier: Apache-2.0
//
// See settings.h.
#include "cmd/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

enum kind { TEXT, CHOICE, INTEGER, PROCESSORS, FLAG, REPEATED };

struct option {
    const char *flag;     // NULL: only from the environment
    const char *variable; // NULL: only as a flag
    enum kind kind;
    size_t offset;
    unsigned mask;
    const char *value;   // what stands for it in help; for CHOICE the choices, parted by |
    const char *initial; // the default as it would be typed; "" is none
    int64_t min, max;
    const char *help;
    const char *initial_words; // how the default is shown where it is computed
};

#define AT(member) offsetof(struct settings, member)
#define DATA_USERS (FOR_SERVE | FOR_ASK | FOR_SMOKE | FOR_DATASET | FOR_SANDBOX)
#define MODEL_USERS (FOR_SERVE | FOR_ASK | FOR_SMOKE)
#define RUN_USERS (FOR_SERVE | FOR_ASK | FOR_SMOKE | FOR_SANDBOX)

static const struct option options[] = {
    {"--listen", "LISTEN", TEXT, AT(listen), FOR_SERVE | FOR_HEALTH, "HOST:PORT", "127.0.0.1:8080",
     0, 0,
     "Where to listen; port 0 takes a free one. On any host but a loopback one an access token is "
     "asked for: where none is set the server makes one, which `app token` prints.",
     NULL},
    {"--datasets", "DATASETS_PATH", TEXT, AT(datasets_path), DATA_USERS, "DIR", "", 0, 0,
     "Folder of data sets: each subfolder with a data.sqlite, a dataset.json or a table file is "
     "one.",
     "/data, else the bundled ones"},
    {"--state", "STATE_PATH", TEXT, AT(state_path),
     FOR_SERVE | FOR_ASK | FOR_DATASET | FOR_SANDBOX | FOR_TOKEN, "DIR", "", 0, 0,
     "Folder for conversations, runs and imported data sets.", "$XDG_STATE_HOME/sandglass"},
    {"--upload-max-mb", "UPLOAD_MAX_MB", INTEGER, AT(upload_max_mb), FOR_SERVE, "MB", "100", 0, 512,
     "How large a file may be that people upload; 0 takes none.", NULL},
    {"--upload-total-mb", "UPLOAD_TOTAL_MB", INTEGER, AT(upload_total_mb), FOR_SERVE, "MB", "2000",
     1, 1048576, "What all uploaded data sets together may take in the state folder.", NULL},
    {"--mode", "EXECUTION_MODE", CHOICE, AT(mode), RUN_USERS, "auto|local|docker|k8s", "auto", 0, 0,
     "What a sandbox is: `local` a locked-down process, `docker` a container, `k8s` a Kubernetes "
     "Job, one for every run. `auto`: `k8s` in a cluster, else `local` where the kernel allows it, "
     "else `docker`.",
     NULL},
    {"--max-rows", "MAX_ROWS", INTEGER, AT(max_rows), RUN_USERS, "N", "200", 1, LIMIT_ROWS,
     "Rows in a result.", NULL},
    {"--timeout-ms", "RUN_TIMEOUT_MS", INTEGER, AT(timeout_ms), RUN_USERS, "MS", "5000", 1, 3600000,
     "Wall time of one run; at its end the sandbox is killed with all that is in it.", NULL},
    {"--memory-mb", "RUN_MEMORY_MB", INTEGER, AT(memory_mb), RUN_USERS | FOR_RUNNER | FOR_PROXY,
     "MB", "512", 16, 1048576, "Memory of one run.", NULL},
    {"--cpus", "RUN_CPUS", PROCESSORS, AT(cpu_millis), RUN_USERS | FOR_PROXY, "N", "0.5", 10,
     1024000, "Processors of one run, as in 0.5, 500m or 2.", NULL},
    {"--pids", "RUN_PIDS", INTEGER, AT(pids), RUN_USERS | FOR_PROXY, "N", "64", 4, 32768,
     "Processes of one run.", NULL},
    {"--max-concurrent-runs", "MAX_CONCURRENT_RUNS", INTEGER, AT(max_concurrent_runs),
     FOR_SERVE | FOR_SMOKE, "N", "0", 0, 1024, "Sandboxes at a time; more wait in a queue.",
     "the number of cores"},
    {"--max-queued-runs", "MAX_QUEUED_RUNS", INTEGER, AT(max_queued_runs), FOR_SERVE | FOR_SMOKE,
     "N", "64", 0, 100000, "Runs that may wait; above it a run ends as queue_full (HTTP 429).",
     NULL},
    {"--strict", "SANDBOX_STRICT", FLAG, AT(strict), RUN_USERS | FOR_RUNNER, NULL, "", 0, 0,
     "Refuse to run where the kernel gives no namespaces, rather than run behind the weaker wall.",
     NULL},
    {"--local-pool", "LOCAL_POOL", INTEGER, AT(local_pool), FOR_SERVE | FOR_SMOKE, "N", "2", 0, 64,
     "Local sandboxes that are started ahead; each serves one run.", NULL},
    {"--image", "RUNNER_IMAGE", TEXT, AT(image), RUN_USERS | FOR_PROXY, "IMAGE", "sandglass:latest",
     0, 0, "The image that containers and Pods run.", NULL},
    {"--docker-host", "DOCKER_HOST", TEXT, AT(docker_host), RUN_USERS | FOR_PROXY, "URL", "", 0, 0,
     "Where the Docker Engine listens: unix:///path or tcp://host:port.",
     "unix:///var/run/docker.sock"},
    {NULL, "DOCKER_CERT_PATH", TEXT, AT(docker_cert_path), RUN_USERS | FOR_PROXY, "DIR", "", 0, 0,
     "Folder with ca.pem, cert.pem and key.pem for a Docker Engine over TLS.", "none"},
    {NULL, "DOCKER_TLS_VERIFY", FLAG, AT(docker_tls_verify), RUN_USERS | FOR_PROXY, NULL, "", 0, 0,
     "Speak TLS with the Docker Engine and check its certificate.", NULL},
    {"--docker-pool", "DOCKER_POOL", INTEGER, AT(docker_pool), FOR_SERVE | FOR_SMOKE, "N", "1", 0,
     64, "Containers that are started ahead; each serves one run.", NULL},
    {"--kubeconfig", "KUBECONFIG", TEXT, AT(kube_config), RUN_USERS, "FILE", "", 0, 0,
     "How to reach the cluster.", "the Pod's own service account, else ~/.kube/config"},
    {"--kube-context", "KUBE_CONTEXT", TEXT, AT(kube_context), RUN_USERS, "NAME", "", 0, 0,
     "The kubeconfig's context.", "the current one"},
    {"--kube-namespace", "KUBE_NAMESPACE", TEXT, AT(kube_namespace), RUN_USERS, "NAME", "", 0, 0,
     "The namespace that Jobs are made in.", "the configuration's own"},
    {NULL, "KUBE_SERVICE_ACCOUNT", TEXT, AT(kube_service_account), RUN_USERS, "NAME", "", 0, 0,
     "The service account of runner Pods; they never get its token.", "default"},
    {NULL, "KUBE_NODE_SELECTOR", TEXT, AT(kube_node_selector), RUN_USERS, "K=V,…", "", 0, 0,
     "Labels of the nodes that runner Pods may be on.", "any"},
    {NULL, "KUBE_TOLERATIONS", TEXT, AT(kube_tolerations), RUN_USERS, "JSON", "", 0, 0,
     "Tolerations of runner Pods: a JSON array as in a Pod's spec.", "none"},
    {NULL, "KUBE_PULL_SECRETS", TEXT, AT(kube_pull_secrets), RUN_USERS, "NAME,…", "", 0, 0,
     "Secrets that the runner's image is pulled with.", "none"},
    {NULL, "KUBE_PULL_POLICY", CHOICE, AT(kube_pull_policy), RUN_USERS, "IfNotPresent|Always|Never",
     "IfNotPresent", 0, 0, "When the runner's image is pulled.", NULL},
    {NULL, "KUBE_RUNTIME_CLASS", TEXT, AT(kube_runtime_class), RUN_USERS, "NAME", "", 0, 0,
     "The runtime class of runner Pods, for instance gvisor.", "the cluster's own"},
    {NULL, "KUBE_PRIORITY_CLASS", TEXT, AT(kube_priority_class), RUN_USERS, "NAME", "", 0, 0,
     "The priority class of runner Pods.", "the cluster's own"},
    {NULL, "KUBE_REQUEST_CPUS", PROCESSORS, AT(kube_request_cpu_millis), RUN_USERS, "N", "", 1,
     1024000, "Processors that a runner's Pod reserves, at most RUN_CPUS.", "RUN_CPUS"},
    {NULL, "KUBE_REQUEST_MEMORY_MB", INTEGER, AT(kube_request_memory_mb), RUN_USERS, "MB", "", 1,
     1048576, "Memory that a runner's Pod reserves, at most RUN_MEMORY_MB.", "RUN_MEMORY_MB"},
    {NULL, "KUBE_DATA_CLAIM", TEXT, AT(kube_data_claim), RUN_USERS, "NAME", "", 0, 0,
     "PersistentVolumeClaim with the data sets, which Pods see read-only at /data.",
     "the image's own data sets"},
    {NULL, "KUBE_OWNER", TEXT, AT(kube_owner), RUN_USERS, "NAME", "", 0, 0,
     "What owns all that is made, so that it goes when its owner goes: a Deployment's name, or "
     "role/NAME, of the namespace that Jobs are made in.",
     "none"},
    {"--kube-pool", "KUBE_POOL", INTEGER, AT(kube_pool), FOR_SERVE | FOR_SMOKE, "N", "0", 0, 64,
     "Pods that are started ahead; each serves one run.", NULL},
    {"--planner", "PLANNER", CHOICE, AT(planner), FOR_SERVE | FOR_ASK, "auto|builtin|model", "auto",
     0, 0,
     "Who answers: `builtin` needs no model; `model` asks the language model every time; `auto` "
     "asks "
     "it where the built-in planner is not sure, and one is set.",
     NULL},
    {NULL, "LLM_PROVIDER", CHOICE, AT(llm_provider), MODEL_USERS, "openai|anthropic|ollama", "", 0,
     0,
     "The language model's interface: `openai` is any server with OpenAI's chat completions (vLLM, "
     "llama.cpp, LM Studio, OpenRouter …).",
     "none: no model is asked"},
    {NULL, "LLM_BASE_URL", TEXT, AT(llm_base_url), MODEL_USERS, "URL", "", 0, 0,
     "Where the model is served.", "the provider's own address"},
    {NULL, "LLM_MODEL", TEXT, AT(llm_model), MODEL_USERS, "NAME", "", 0, 0,
     "The model, as its provider calls it.", "none"},
    {NULL, "LLM_API_KEY_FILE", TEXT, AT(llm_api_key_file), MODEL_USERS, "FILE", "", 0, 0,
     "File with the provider's key.", "none"},
    {NULL, "LLM_API_KEY", TEXT, AT(llm_api_key), MODEL_USERS, "KEY", "", 0, 0,
     "The key itself; the file wins.", "none"},
    {NULL, "LLM_SHARE", CHOICE, AT(llm_share), MODEL_USERS, "full|schema", "full", 0, 0,
     "What the model may see: `full` is results and samples too, capped; with `schema` no cell of "
     "any table leaves this machine.",
     NULL},
    {NULL, "LLM_TIMEOUT_MS", INTEGER, AT(llm_timeout_ms), MODEL_USERS, "MS", "120000", 1000,
     3600000, "How long one reply of the model may take, with all tries.", NULL},
    {NULL, "LLM_CA_FILE", TEXT, AT(llm_ca_file), MODEL_USERS, "FILE", "", 0, 0,
     "PEM file of the authorities that the model's server is trusted by. A proxy is taken from "
     "https_proxy, http_proxy and no_proxy.",
     "the system's"},
    {NULL, "AGENT_MAX_STEPS", INTEGER, AT(agent_max_steps), MODEL_USERS, "N", "8", 1,
     LIMIT_AGENT_STEPS, "Replies of the model for one question.", NULL},
    {NULL, "AGENT_MAX_TOKENS", INTEGER, AT(agent_max_tokens), MODEL_USERS, "N", "100000", 5000,
     100000000, "Tokens for one question, sent and received, all steps together.", NULL},
    {"--approve-runs", "APPROVE_RUNS", FLAG, AT(approve_runs), FOR_SERVE | FOR_ASK, NULL, "", 0, 0,
     "A person sees each SQL before it runs, and approves, edits or refuses it.", NULL},
    {NULL, "APPROVE_TIMEOUT_MS", INTEGER, AT(approve_timeout_ms), FOR_SERVE | FOR_ASK, "MS",
     "600000", 100, 86400000, "How long a run waits for that.", NULL},
    {"--yes", NULL, FLAG, AT(approves), FOR_ASK, NULL, "", 0, 0,
     "Approve of every run beforehand, where runs wait for an approval.", NULL},
    {"--access-token-file", "ACCESS_TOKEN_FILE", TEXT, AT(access_token_file),
     FOR_SERVE | FOR_SMOKE | FOR_TOKEN, "FILE", "", 0, 0,
     "File with the token that every request must carry (Authorization: Bearer TOKEN).", "none"},
    {NULL, "ACCESS_TOKEN", TEXT, AT(access_token), FOR_SERVE | FOR_SMOKE | FOR_TOKEN, "TOKEN", "",
     0, 0, "The token itself; the file wins.", "none"},
    {"--allowed-hosts", "ALLOWED_HOSTS", TEXT, AT(allowed_hosts), FOR_SERVE, "HOST,…", "", 0, 0,
     "Names under which browsers may reach the server, besides the one it listens on.", "none"},
    {"--upstream", "UPSTREAM_URL", TEXT, AT(upstream), FOR_SERVE, "URL", "", 0, 0,
     "Be a front: serve the web UI alone, and pass the API on to the agent server at this address, "
     "which checks the access token.",
     "none"},
    {"--upstream-timeout-ms", "UPSTREAM_TIMEOUT_MS", INTEGER, AT(upstream_timeout_ms), FOR_SERVE,
     "MS", "120000", 100, 3600000,
     "How long the agent server may send nothing before a front gives a request up.", NULL},
    {NULL, "RUN_AS", TEXT, AT(run_as), FOR_SERVE | FOR_TOKEN | FOR_PROXY, "UID:GID", "", 0, 0,
     "Become this user at once, as a member of the group that Docker's socket has, whichever that "
     "is: for a container that is started as root with no other capability than to do so.",
     "none"},
    {"--assets", NULL, TEXT, AT(assets_path), FOR_SERVE, "DIR", "", 0, 0,
     "Serve the web UI from this folder instead of the one built in (for development).",
     "built in"},
    {"--dataset", NULL, TEXT, AT(dataset), FOR_ASK | FOR_RUNNER, "NAME", "", 0, 0,
     "The data set to ask; needed where there is more than one.", "the only one"},
    {"--reading", NULL, INTEGER, AT(reading), FOR_ASK, "N", "-1", -1, 9,
     "Take reading N (from 0) of a question that can mean several things.", "none"},
    {"--json", NULL, FLAG, AT(is_json), FOR_ASK | FOR_DATASET | FOR_SANDBOX, NULL, "", 0, 0,
     "Print JSON; `ask` and `dataset` do so by themselves where standard output is no terminal.",
     NULL},
    {"--url", NULL, TEXT, AT(url), FOR_SMOKE, "URL", "", 0, 0,
     "Test the server at URL instead of starting one for the test.", "a server of its own"},
    {"--url", NULL, TEXT, AT(url), FOR_TOKEN, "URL", "", 0, 0,
     "Print the token in the address of the server at URL, ready to be opened.", "the token alone"},
    {"--prompts", NULL, INTEGER, AT(prompts), FOR_SMOKE, "N", "0", 0, 1000,
     "Ask at most N prompts of each data set; 0 asks all.", NULL},
    {"--wait-s", NULL, INTEGER, AT(wait_s), FOR_SMOKE, "S", "0", 0, 3600,
     "How long the server at URL may take until it can be reached and is ready.", NULL},
    {"--format", NULL, CHOICE, AT(format), FOR_SMOKE, "text|tap|json", "text", 0, 0,
     "How to print.", NULL},
    {"--socket", "PROXY_SOCKET", TEXT, AT(proxy_socket), FOR_PROXY, "PATH",
     "/run/sandglass/docker.sock", 0, 0, "The socket to listen at.", NULL},
    {"--binds", "PROXY_BINDS", TEXT, AT(proxy_binds), FOR_PROXY, "DIR:…", "", 0, 0,
     "Folders of the daemon's machine that data sets may be mounted from. The server must not be "
     "able to write there.",
     "none: data sets are copied"},
    {"--output", NULL, TEXT, AT(output), FOR_DATASET, "DIR", "", 0, 0,
     "Where data.sqlite is written.", "the data set's own folder"},
    {"--data", "RUN_DATA", TEXT, AT(data_folder), FOR_RUNNER, "DIR", "/data", 0, 0,
     "Folder that holds data.sqlite, or folders that do.", NULL},
    {"--request", NULL, TEXT, AT(request_file), FOR_RUNNER, "FILE", "", 0, 0,
     "Read the request from FILE.", "standard input"},
    {NULL, "RUN_REQUEST", TEXT, AT(request_text), FOR_RUNNER, "JSON", "", 0, LIMIT_RUN_REQUEST_ENV,
     "The request itself, at most 96 KiB.", "none"},
    {"--framed", NULL, FLAG, AT(framed), FOR_RUNNER, NULL, "", 0, 0,
     "The request ends with its line; the result's line begins with `result`, its length and its "
     "SHA-256, for where it travels through a log.",
     NULL},
    {"--outcome-file", NULL, TEXT, AT(outcome_file), FOR_RUNNER, "FILE", "", 0, 0,
     "Write how the run ended, without its rows, to FILE too (a Pod's termination message).",
     "nowhere"},
    {"--unshare", NULL, FLAG, AT(unshare), FOR_RUNNER, NULL, "", 0, 0,
     "Build the outer wall too: fresh namespaces and an empty root. Without it a container is that "
     "wall.",
     NULL},
    {"--check", NULL, FLAG, AT(check), FOR_RUNNER, NULL, "", 0, 0,
     "Make a run that needs no data, and print in words what held it.", NULL},
    {"--cpu-s", NULL, INTEGER, AT(cpu_s), FOR_RUNNER, "S", "0", 0, 86400,
     "Processor time after which the kernel ends it.", "no limit"},
    {"--parent", NULL, INTEGER, AT(parent_pid), FOR_RUNNER | FOR_DATASET, "PID", "0", 0, INT32_MAX,
     "End at once where the process that started it is no longer PID.", "anybody's"},
    {"--groups", NULL, TEXT, AT(groups), FOR_RUNNER, "DIR:…", "", 0, 0,
     "Folders of control groups to run in.", "none of its own"},
    {"--log-level", "LOG_LEVEL", CHOICE, AT(log_level), RUN_USERS | FOR_DATASET | FOR_PROXY,
     "debug|info|warning|error", "info", 0, 0, "What is logged to standard error.", NULL},
    {"--chart", NULL, TEXT, AT(chart), FOR_RENDER, "DIR", "", 0, 0, "The chart's folder.",
     "the one that is built in"},
    {"--release", NULL, TEXT, AT(release), FOR_RENDER, "NAME", "sandglass", 0, 0,
     "The release's name, which most objects are named after.", NULL},
    {"--namespace", NULL, TEXT, AT(namespace), FOR_RENDER, "NAME", "default", 0, 0,
     "The namespace that it is meant for.", NULL},
    {"--values", NULL, REPEATED, 0, FOR_RENDER, "FILE", "", 0, 0,
     "Values from a YAML file, `-` for standard input; a later file wins.", "none"},
    {"--set", NULL, REPEATED, 0, FOR_RENDER, "NAME=VALUE,…", "", 0, 0,
     "Values one by one, as in ingress.enabled=true or tolerations[0].key=gpu; they win over "
     "files.",
     "none"},
    {"--set-string", NULL, REPEATED, 0, FOR_RENDER, "NAME=TEXT,…", "", 0, 0,
     "The same, but each value is a text.", "none"},
    {"--set-file", NULL, REPEATED, 0, FOR_RENDER, "NAME=FILE,…", "", 0, 0,
     "The same, but each value is what a file holds.", "none"},
    {"--set-json", NULL, REPEATED, 0, FOR_RENDER, "NAME=JSON,…", "", 0, 0,
     "The same, but each value is JSON; a whole object may stand without a name.", "none"},
    {"--show-only", NULL, REPEATED, 0, FOR_RENDER, "TEMPLATE", "", 0, 0,
     "Print what this template makes, as in templates/service.yaml; * stands for any name.",
     "all of them"},
    {"--kube-version", NULL, TEXT, AT(kube_version), FOR_RENDER, "VERSION", "", 0, 0,
     "The cluster's version, which the chart may look at.", "v1.34.0"},
    {"--api-versions", NULL, REPEATED, 0, FOR_RENDER, "GROUP/VERSION,…", "", 0, 0,
     "APIs that the cluster has besides those of Kubernetes itself.", "none"},
    {"--include-crds", NULL, FLAG, AT(include_crds), FOR_RENDER, NULL, "", 0, 0,
     "Print the chart's CustomResourceDefinitions too, first.", NULL},
    {"--skip-tests", NULL, FLAG, AT(skip_tests), FOR_RENDER, NULL, "", 0, 0,
     "Leave out what is meant for `helm test`.", NULL},
    {"--no-hooks", NULL, FLAG, AT(no_hooks), FOR_RENDER, NULL, "", 0, 0,
     "Leave out every hook, tests among them.", NULL},
    {"--output-dir", NULL, TEXT, AT(output_folder), FOR_RENDER, "DIR", "", 0, 0,
     "Write a file for each template below this folder instead of printing.", "none"},
    {"--validate", NULL, FLAG, AT(validate), FOR_RENDER, NULL, "", 0, 0,
     "Check each manifest: what it is and is called, labels and annotations, the fields at its "
     "top, "
     "and that none comes twice.",
     NULL},
    {"--notes", NULL, FLAG, AT(notes), FOR_RENDER, NULL, "", 0, 0,
     "Print the chart's notes instead of the manifests.", NULL},
    {"--markdown", NULL, FLAG, AT(is_markdown), FOR_HELP, NULL, "", 0, 0,
     "Print the settings of `serve` as a table.", NULL},
    {"--help", NULL, FLAG, AT(wants_help), FOR_ALL, NULL, "", 0, 0, "Show this page.", NULL},
};

// Short forms, as Helm and kubectl have them.
static const struct {
    const char *letter, *flag;
} letters[] = {{"-h", "--help"}, {"-f", "--values"}, {"-n", "--namespace"}};

static bool is_choice(const char *choices, const char *text) {
    size_t length = strlen(text);
    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strncmp(at, text, length) == 0 && (at[length] == '|' || at[length] == '\0') && length)
            return !strchr(text, '|');
    return false;
}

// "0.5" or Kubernetes' "500m", as thousandths.
static int set_processors(const struct option *option, const char *name, const char *text, void *at,
                          struct err *err) {
    char *end;
    double number = strtod(text, &end);
    double millis = strcmp(end, "m") == 0 ? number : number * 1000;
    bool is_number = end != text && (*end == '\0' || strcmp(end, "m") == 0);
    if (!is_number || !(millis >= (double)option->min && millis <= (double)option->max))
        return err_set(err, ERR_BAD_REQUEST,
                       "%s is \"%s\", but must be a number from %g to %g, or as in 500m", name,
                       text, (double)option->min / 1000, (double)option->max / 1000);
    int64_t whole = (int64_t)(millis + 0.5);
    memcpy(at, &whole, sizeof whole);
    return 0;
}

// NAME is the flag or the variable, whichever the value came from.
static int set(const struct option *option, const char *name, const char *text,
               struct settings *settings, struct err *err) {
    char *at = (char *)settings + option->offset;
    int64_t number;
    switch (option->kind) {
    case FLAG:
        if (strcmp(text, "1") != 0 && strcmp(text, "true") != 0 && strcmp(text, "0") != 0 &&
            strcmp(text, "false") != 0)
            return err_set(err, ERR_BAD_REQUEST, "%s is \"%s\", but must be 1 or 0", name, text);
        *(bool *)at = *text == '1' || *text == 't';
        return 0;
    case INTEGER:
        if (str_to_integer(text, option->min, option->max, &number) < 0)
            return err_set(err, ERR_BAD_REQUEST,
                           "%s is \"%s\", but must be a whole number from %lld to %lld", name, text,
                           (long long)option->min, (long long)option->max);
        memcpy(at, &number, sizeof number);
        return 0;
    case PROCESSORS: return set_processors(option, name, text, at, err);
    case CHOICE:
        if (!is_choice(option->value, text))
            return err_set(err, ERR_BAD_REQUEST, "%s is \"%s\", but must be one of %s", name, text,
                           option->value);
        break;
    case REPEATED:
    case TEXT:
        if (option->max && strlen(text) > (size_t)option->max)
            return err_set(err, ERR_TOO_LARGE, "%s has more than %lld bytes", name,
                           (long long)option->max);
        break;
    }
    if (option->kind != REPEATED) {
        memcpy(at, &text, sizeof text);
        return 0;
    }
    if (settings->repeated_count == SETTINGS_REPEATED)
        return err_set(err, ERR_TOO_LARGE, "there are more than %d options that may be repeated",
                       SETTINGS_REPEATED);
    settings->repeated[settings->repeated_count++] = (struct settings_repeated){name, text};
    return 0;
}

static int set_initial(const struct command *command, struct settings *settings, struct err *err) {
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        const struct option *option = &options[i];
        if (!(option->mask & command->mask))
            continue;
        if (*option->initial)
            set(option, option->flag, option->initial, settings, err);
        const char *text = option->variable ? getenv(option->variable) : NULL;
        int status = str_is_empty(text) ? 0 : set(option, option->variable, text, settings, err);
        if (status)
            return status;
    }
    return 0;
}

static const struct option *find(const struct command *command, const char *flag, size_t length) {
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (options[i].flag && ((options[i].mask & command->mask) || options[i].mask == FOR_ALL) &&
            strlen(options[i].flag) == length && strncmp(options[i].flag, flag, length) == 0)
            return &options[i];
    return NULL;
}

static int unknown_option(const struct command *command, const char *flag, struct err *err) {
    const char *names[ARRAY_LENGTH(options)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (options[i].flag && (options[i].mask & command->mask))
            names[count++] = options[i].flag;
    err_set(err, ERR_BAD_REQUEST, "%s is not an option of app %s", flag, command->name);
    const char *closest = str_closest(flag, names, count);
    return closest ? err_hint(err, "Did you mean %s?", closest)
                   : err_hint(err, "app %s --help lists the options.", command->name);
}

int settings_read(const struct command *command, int argument_count, char **arguments,
                  struct settings *ret_settings, struct err *err) {
    struct settings settings = {.reading = -1};
    int status = set_initial(command, &settings, err);
    bool only_arguments = false;
    for (int i = 0; status == 0 && i < argument_count; i++) {
        char *flag = arguments[i];
        if (only_arguments || flag[0] != '-' || !flag[1]) {
            if (settings.argument_count == command->max_arguments)
                return err_set(err, ERR_BAD_REQUEST, "\"%s\" is one argument too many", flag);
            settings.arguments[settings.argument_count++] = flag;
            continue;
        }
        only_arguments = strcmp(flag, "--") == 0;
        if (only_arguments)
            continue;
        const char *equals = strchr(flag, '=');
        size_t length = equals ? (size_t)(equals - flag) : strlen(flag);
        const char *name = flag;
        for (size_t j = 0; j < ARRAY_LENGTH(letters); j++)
            if (strcmp(flag, letters[j].letter) == 0)
                name = letters[j].flag;
        const struct option *option = find(command, name, name == flag ? length : strlen(name));
        if (!option) {
            cleanup_free char *given = mem_text_n(flag, length);
            return unknown_option(command, given, err);
        }
        const char *value = equals                   ? equals + 1
                            : option->kind == FLAG   ? "1"
                            : i + 1 < argument_count ? arguments[++i]
                                                     : NULL;
        if (!value)
            return err_set(err, ERR_BAD_REQUEST, "%s needs a value: %s %s", option->flag,
                           option->flag, option->value);
        status = set(option, option->flag, value, &settings, err);
    }
    if (status == 0)
        *ret_settings = settings;
    return status;
}

// ---- Help ---------------------------------------------------------------------------------------

static int line_width(void) {
    struct winsize size;
    int width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    return width < 50 ? 50 : width > 100 ? 100 : width;
}

static void heading(const char *text) {
    bool is_terminal = isatty(STDOUT_FILENO);
    printf(is_terminal ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

// Paragraphs at an indent, broken at spaces.
static void paragraph(const char *text, int indent) {
    int column = 0, width = line_width();
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, " \n");
        int shown = 0; // characters, not bytes
        for (size_t i = 0; i < length; i++)
            shown += ((unsigned char)at[i] & 0xC0) != 0x80;
        if (column && column + 1 + shown > width) {
            putchar('\n');
            column = 0;
        }
        if (length)
            column +=
                printf("%*s%.*s", column ? 1 : indent, "", (int)length, at) - (int)length + shown;
        at += length;
        if (*at == '\n') {
            putchar('\n');
            column = 0;
        }
        at += *at != '\0';
    }
    putchar('\n');
}

static void option_help(const struct option *option) {
    printf("  ");
    for (size_t i = 0; i < ARRAY_LENGTH(letters); i++)
        if (str_is_equal(letters[i].flag, option->flag))
            printf("%s, ", letters[i].letter);
    printf("%s", option->flag ? option->flag : option->variable);
    if (option->value)
        printf("%s%s", option->flag ? " " : "=", option->value);
    if (option->flag && option->variable)
        printf("   (or $%s)", option->variable);
    putchar('\n');
    const char *initial = option->initial_words ? option->initial_words : option->initial;
    cleanup_free char *text =
        *initial ? mem_format("%s Default: %s.", option->help, initial) : mem_text(option->help);
    paragraph(text, 6);
}

static void command_help(const struct command *command) {
    heading("NAME");
    printf("  app %s - %s\n", command->name, command->summary);
    heading("SYNOPSIS");
    printf("  app %s %s\n", command->name, command->synopsis);
    heading("DESCRIPTION");
    paragraph(command->description, 2);
    heading("OPTIONS");
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if ((options[i].mask & command->mask) && options[i].flag)
            option_help(&options[i]);
    bool has_variables = false;
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        if (!(options[i].mask & command->mask) || options[i].flag)
            continue;
        if (!has_variables)
            heading("ENVIRONMENT");
        has_variables = true;
        option_help(&options[i]);
    }
    heading("EXIT STATUS");
    paragraph(command->statuses, 2);
    if (command->examples) {
        heading("EXAMPLES");
        for (const char *at = command->examples; *at; at += strcspn(at, "\n"), at += *at == '\n')
            printf("  %.*s\n", (int)strcspn(at, "\n"), at);
    }
    putchar('\n');
}

void settings_help(const struct command *command) {
    if (command) {
        command_help(command);
        return;
    }
    printf("Sandglass: ask your data in plain words. Every answer is computed in its own\n"
           "throw-away sandbox, and shows its proof.\n");
    heading("USAGE");
    printf("  app COMMAND [OPTION]… [ARGUMENT]…\n");
    heading("COMMANDS");
    for (size_t i = 0; commands[i]; i++)
        printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
    heading("FIRST STEPS");
    printf("  app serve                             then open http://127.0.0.1:8080/\n"
           "  app ask \"how many strikes by state?\"  --dataset birdstrikes\n"
           "  app smoke                             does everything work here?\n\n"
           "`app COMMAND --help` is a command's own page.\n");
}

void settings_markdown(void) {
    printf("| variable | flag | default | |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        const struct option *option = &options[i];
        if (!(option->mask & FOR_SERVE) || option->mask == FOR_ALL)
            continue;
        const char *initial = option->initial_words ? option->initial_words : option->initial;
        bool is_literal = !option->initial_words && *initial;
        printf("| %s%s%s | %s%s%s | %s%s%s | %s |\n", option->variable ? "`" : "",
               option->variable ? option->variable : "", option->variable ? "`" : "",
               option->flag ? "`" : "", option->flag ? option->flag : "", option->flag ? "`" : "",
               is_literal ? "`" : "", initial, is_literal ? "`" : "", option->help);
    }
}
