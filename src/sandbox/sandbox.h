// SPDX-License-Identifier: Apache-2.0
//
// The one interface to all that a sandbox can be. A run is one shot: a fresh sandbox, one request,
// one result, and nothing left. It can be cancelled from any thread, in any of its phases.
#pragma once

#include <stdbool.h>

#include "runner/protocol.h"
#include "sandbox/report.h"

struct sandbox_docker_settings {
    const char *host;      // "unix:///var/run/docker.sock", "tcp://HOST:PORT"
    const char *cert_path; // folder with ca.pem, cert.pem and key.pem
    bool tls_verify;
    int64_t pool; // containers that wait, started ahead
};

struct sandbox_kube_settings {
    const char *config_path, *config_context;
    const char *name_space;
    const char *service_account, *pull_policy;
    const char *node_selector, *pull_secrets; // "a=b,c=d"; "a,b"
    const char *tolerations;                  // a JSON array as in a Pod's spec
    const char *runtime_class, *priority_class;
    const char *data_claim; // the PersistentVolumeClaim with the data sets
    const char *owner;      // what owns the Jobs: a Deployment, or "role/NAME"
    int64_t pool;           // Pods that wait, started ahead
    int64_t request_cpu_millis, request_memory_mb; // what a Pod reserves; 0: what it may have
};

// Texts are borrowed; NULL or empty where they are not set.
struct sandbox_settings {
    const char *mode;                    // "auto", "local", "docker" or "k8s"
    int64_t memory_mb, cpu_millis, pids; // of one sandbox; 1000 millis are one processor
    int64_t max_concurrent, max_queued;  // max_concurrent 0: as many as there are cores
    bool strict;                         // no run behind a weaker wall
    int64_t local_pool;                  // processes that wait, started ahead
    int64_t timeout_ms;                  // of the usual run; what is started ahead is made for it
    const char *server_id;     // tells this server's containers, Jobs and cgroups from another's
    const char *datasets_path; // the folder that holds the data sets' folders
    const char *image;         // what a container runs
    struct sandbox_docker_settings docker;
    struct sandbox_kube_settings kube;
};

struct sandbox_request {
    const char *run_id, *dataset, *data_folder; // data_folder: the one data set's own, absolute
    const char
        *party; // the conversation it belongs to, among which turns are shared; NULL for none
    const char *sql;
    const json *params;       // NULL is none
    const json *alternatives; // other queries of the same run, as runner/protocol.h has them; NULL
    int64_t max_rows, timeout_ms, max_result_bytes;
};

enum sandbox_phase { SANDBOX_QUEUED, SANDBOX_STARTING, SANDBOX_RUNNING, SANDBOX_ENDED };

// Called on the thread that runs, when a phase begins.
typedef void sandbox_event_function(enum sandbox_phase phase, void *context);

struct sandbox_result {
    enum outcome outcome;
    json *result; // the runner's, or one made here where none came; never NULL
    char *where;  // "local process 4711"; NULL where none was started
    int64_t queued_us, starting_us, elapsed_us; // how long each phase took
    char *log; // what the runner wrote to standard error; for the server's log
};

void sandbox_result_done(struct sandbox_result *result);

struct sandbox;
struct sandbox_cancel; // asks a run to stop

// ERR_BAD_REQUEST for a mode that does not exist.
int sandbox_open(const struct sandbox_settings *settings, struct sandbox **ret_sandbox,
                 struct err *err);
void sandbox_close(struct sandbox *sandbox);
MEM_CLEANUP(struct sandbox *, sandbox_close);
const char *sandbox_backend(const struct sandbox *sandbox); // "local"
const struct sandbox_settings *sandbox_settings(const struct sandbox *sandbox);

// Runs REQUEST and fills RET_RESULT, however it ends: every mishap is an outcome. ON_EVENT and
// CANCEL may be NULL.
void sandbox_run(struct sandbox *sandbox, const struct sandbox_request *request,
                 sandbox_event_function *on_event, void *context, struct sandbox_cancel *cancel,
                 struct sandbox_result *ret_result);

struct sandbox_cancel *sandbox_cancel_new(void);
void sandbox_cancel_free(struct sandbox_cancel *cancel);
MEM_CLEANUP(struct sandbox_cancel *, sandbox_cancel_free);
void sandbox_cancel_request(
    struct sandbox_cancel *cancel); // from any thread, also before the run begins
bool sandbox_cancel_is_requested(const struct sandbox_cancel *cancel);
int sandbox_cancel_fd(const struct sandbox_cancel *cancel); // readable once it was requested

struct sandbox_health {
    bool is_healthy, is_weak;        // is_weak: it runs, but behind fewer walls than it could
    char summary[256];               // "Local sandbox ready: 7 namespaces, Landlock 7, seccomp"
    char hint[512];                  // what to do about it, "" where nothing need be done
    int64_t starting_us, elapsed_us; // of the run that was made to find out
};

// Makes one real run over the data set in DATA_FOLDER and says in words what it found. REPORT,
// where it is not NULL, gets a finding for everything that held the run.
void sandbox_check(struct sandbox *sandbox, const char *dataset, const char *data_folder,
                   struct sandbox_health *ret_health, struct sandbox_report *report);

// Adds what this machine or cluster can do for the backend, and what is missing, without a run.
void sandbox_look(struct sandbox *sandbox, struct sandbox_report *report);
// How many runs had no sandbox to run in, so far, and how long a check that found all well is worth
// believing while that number stays as it is: a check costs a whole sandbox.
int64_t sandbox_unmade(const struct sandbox *sandbox);
int64_t sandbox_check_lasts_us(const struct sandbox *sandbox);
const char *sandbox_title(const struct sandbox *sandbox); // "Local"

// How to get namespaces for local sandboxes where the kernel refuses them.
const char *sandbox_namespaces_hint(void);

struct sandbox_load {
    int64_t running, queued;
};
struct sandbox_load sandbox_load(const struct sandbox *sandbox);
