// SPDX-License-Identifier: Apache-2.0
//
// The objects that a Kubernetes sandbox is made of: a Job with its Pod's template, and the
// ConfigMap of a request that is too large for an environment variable. Nothing here talks to
// anybody.
#pragma once

#include "sandbox/sandbox.h"

#define KUBE_JOB_NAME_SIZE 64 // a DNS label and its NUL
#define KUBE_CONTAINER "runner"
#define KUBE_START_LIMIT_S 60 // until the container runs

struct kube_job {
    const char *name;
    const char *run_id;    // NULL: the Pod waits for a request on its standard input
    const char *dataset;   // NULL: all that are in data_path
    const char *data_path; // as the Pod sees it
    const char *request;   // the request's text
    int64_t timeout_ms;    // of the run
    int64_t deadline_s;    // after it the cluster ends it, whatever happened to us
    const char *owner_uid; // of the object that owns it; NULL for none
};

// What may own Jobs.
struct kube_owner_kind {
    const char *prefix; // before its name in KUBE_OWNER
    const char *group, *version, *kind, *resource;
};

// The kind that KUBE_OWNER says, with RET_NAME the name within OWNER; NULL for an unknown one.
const struct kube_owner_kind *kube_job_owner(const char *owner, const char **ret_name);

// "sandglass-run-01j…": ID in lower case, what no DNS label may have left out, with SUFFIX (may be
// "") behind.
void kube_job_name(const char *prefix, const char *id, const char *suffix,
                   char out[KUBE_JOB_NAME_SIZE]);
// Whether the request goes by ConfigMap.
bool kube_job_needs_map(const struct kube_job *job);
// The Job; the caller frees it. ERR_BAD_REQUEST for a setting that is not what it should be.
int kube_job_make(const struct sandbox_settings *settings, const struct kube_job *job,
                  json **ret_job, struct err *err);
// The ConfigMap with the request, owned by the Job of that UID; the caller frees it.
json *kube_job_make_map(const struct sandbox_settings *settings, const struct kube_job *job,
                        const char *job_uid);
// Selects all that the server of these settings has made: "labelSelector=…", escaped.
char *kube_job_selector(const struct sandbox_settings *settings);
// Where Pods see the data set in DATA_FOLDER; the caller frees it. ERR_NOT_FOUND where they do not.
int kube_job_data_path(const struct sandbox_settings *settings, const char *data_folder,
                       char **ret_path, struct err *err);
