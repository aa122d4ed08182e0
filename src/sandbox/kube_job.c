// SPDX-License-Identifier: Apache-2.0
//
// See kube_job.h. The Pod satisfies the restricted Pod Security Standard
// (kubernetes.io/docs/concepts/security/pod-security-standards). There is no podFailurePolicy:
// backoffLimit 0 already ends the Job with its first Pod, and whether a run is tried again is our
// decision, since only a run that has not begun may be.
#include "sandbox/kube_job.h"

#include <ctype.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "net/client.h"

#define KEPT_AFTER_END_S 60 // the reaper is earlier; this is for when there is none
#define APP_LABEL "app.kubernetes.io/name"
#define APP_NAME "sandglass-runner"
#define NOBODY 65534
#define REQUEST_FOLDER "/request"
#define REQUEST_FILE "request.json"
#define LAST_WORDS "/dev/termination-log"

void kube_job_name(const char *prefix, const char *id, const char *suffix,
                   char out[KUBE_JOB_NAME_SIZE]) {
    size_t at = (size_t)snprintf(out, KUBE_JOB_NAME_SIZE, "%s", prefix), tail = strlen(suffix);
    for (; *id && at + tail + 1 < KUBE_JOB_NAME_SIZE; id++)
        if (isalnum((unsigned char)*id))
            out[at++] = (char)tolower((unsigned char)*id);
    snprintf(out + at, KUBE_JOB_NAME_SIZE - at, "%s", suffix);
}

bool kube_job_needs_map(const struct kube_job *job) {
    size_t dollars = 0; // each takes five bytes more, see add_request()
    for (const char *at = job->request; at && *at; at++)
        dollars += *at == '$';
    return job->request && strlen(job->request) + 5 * dollars > LIMIT_RUN_REQUEST_ENV;
}

// A label's value has at most 63 letters, digits and -_. and begins and ends with one of the
// former.
static void add_label(json *labels, const char *key, const char *text) {
    char value[64];
    snprintf(value, sizeof value, "%s", text);
    size_t length = strlen(value);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)value[i]) && !strchr("-_.", value[i]))
            value[i] = '-';
    while (length && !isalnum((unsigned char)value[length - 1]))
        value[--length] = '\0';
    json_add_text(labels, key, value + strspn(value, "-_."));
}

static void add_metadata(json *object, const struct sandbox_settings *settings,
                         const struct kube_job *job, bool is_named) {
    json *metadata = json_add_object(object, "metadata");
    if (is_named)
        json_add_text(metadata, "name", job->name);
    json *labels = json_add_object(metadata, "labels");
    json_add_text(labels, APP_LABEL, APP_NAME);
    json_add_text(labels, "app.kubernetes.io/managed-by", "sandglass");
    add_label(labels, "sandglass/server", settings->server_id);
    if (job->run_id)
        add_label(labels, "sandglass/run", job->run_id);
    else
        json_add_text(labels, "sandglass/role", "pool");
    if (job->dataset)
        json_add_text(json_add_object(metadata, "annotations"), "sandglass/dataset", job->dataset);
}

static void add_owner(json *object, const char *version, const char *kind, const char *name,
                      const char *uid) {
    json *metadata = cJSON_GetObjectItemCaseSensitive(object, "metadata");
    json *owner = cJSON_CreateObject();
    json_add_text(owner, "apiVersion", version);
    json_add_text(owner, "kind", kind);
    json_add_text(owner, "name", name);
    json_add_text(owner, "uid", uid);
    cJSON_AddItemToArray(json_add_array(metadata, "ownerReferences"), owner);
}

const struct kube_owner_kind *kube_job_owner(const char *owner, const char **ret_name) {
    static const struct kube_owner_kind kinds[] = {
        {"role/", "rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1", "Role", "roles"},
        {"", "apps", "apps/v1", "Deployment", "deployments"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        const char *name = owner + strlen(kinds[i].prefix);
        if (!str_has_prefix(owner, kinds[i].prefix) || !*name || strchr(name, '/'))
            continue;
        *ret_name = name;
        return &kinds[i];
    }
    return NULL;
}

// ---- The container ------------------------------------------------------------------------------

// Kubernetes expands $(NAME) in arguments and makes $$ one $; doubled, each stays what it is.
static void add_argument(json *arguments, const char *text) {
    cleanup_buf struct buf doubled = BUF(8192);
    for (; *text; text++)
        buf_add(&doubled, *text == '$' ? "$$" : text, *text == '$' ? 2 : 1);
    cJSON_AddItemToArray(arguments, cJSON_CreateString(buf_text(&doubled)));
}

static void add_arguments(json *container, const struct sandbox_settings *settings,
                          const struct kube_job *job) {
    json *arguments = json_add_array(container, "args");
    char memory[24], cpu[24];
    snprintf(memory, sizeof memory, "%lld", (long long)settings->memory_mb);
    snprintf(cpu, sizeof cpu, "%lld", (long long)(job->timeout_ms / 1000 + 2));
    const char *const words[] = {
        "runner",       "--framed",    "--outcome-file", LAST_WORDS, "--data",
        job->data_path, "--memory-mb", memory,           "--cpu-s",  cpu};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        add_argument(arguments, words[i]);
    if (job->dataset) {
        add_argument(arguments, "--dataset");
        add_argument(arguments, job->dataset);
    }
    if (kube_job_needs_map(job)) {
        add_argument(arguments, "--request");
        add_argument(arguments, REQUEST_FOLDER "/" REQUEST_FILE);
    }
}

// In an environment variable $(NAME) would be expanded too. JSON has another way to write a dollar.
static void add_request(json *container, const struct kube_job *job) {
    cleanup_buf struct buf text = BUF(LIMIT_RUN_REQUEST_ENV + 1);
    for (const char *at = job->request; *at; at++)
        if (*at == '$')
            buf_add_text(&text, "\\u0024");
        else
            buf_add_char(&text, *at);
    json *variable = cJSON_CreateObject();
    json_add_text(variable, "name", "RUN_REQUEST");
    json_add_text(variable, "value", buf_text(&text));
    cJSON_AddItemToArray(json_add_array(container, "env"), variable);
}

static void add_quantities(json *resources, const char *key, int64_t cpu_millis,
                           int64_t memory_mb) {
    json *quantities = json_add_object(resources, key);
    char cpu[24], memory[24];
    snprintf(cpu, sizeof cpu, "%lldm", (long long)cpu_millis);
    snprintf(memory, sizeof memory, "%lldMi", (long long)memory_mb);
    json_add_text(quantities, "cpu", cpu);
    json_add_text(quantities, "memory", memory);
    json_add_text(quantities, "ephemeral-storage", "64Mi");
}

static void add_security(json *container) {
    json *security = json_add_object(container, "securityContext");
    json_add_bool(security, "allowPrivilegeEscalation", false);
    json_add_bool(security, "privileged", false);
    json_add_bool(security, "readOnlyRootFilesystem", true);
    json_add_bool(security, "runAsNonRoot", true);
    json_add_integer(security, "runAsUser", NOBODY);
    json_add_integer(security, "runAsGroup", NOBODY);
    json *drop = json_add_array(json_add_object(security, "capabilities"), "drop");
    cJSON_AddItemToArray(drop, cJSON_CreateString("ALL"));
    json_add_text(json_add_object(security, "seccompProfile"), "type", "RuntimeDefault");
}

static void add_mount(json *container, json *volumes, const char *name, const char *path,
                      bool is_read_only, const char *kind, json *source) {
    json *mounts = cJSON_GetObjectItemCaseSensitive(container, "volumeMounts");
    json *mount = cJSON_CreateObject(), *volume = cJSON_CreateObject();
    json_add_text(mount, "name", name);
    json_add_text(mount, "mountPath", path);
    if (is_read_only)
        json_add_bool(mount, "readOnly", true);
    cJSON_AddItemToArray(mounts, mount);
    json_add_text(volume, "name", name);
    json_add(volume, kind, source);
    cJSON_AddItemToArray(volumes, volume);
}

static void add_volumes(json *spec, json *container, const struct sandbox_settings *settings,
                        const struct kube_job *job) {
    json *volumes = json_add_array(spec, "volumes"), *source = cJSON_CreateObject();
    json_add_array(container, "volumeMounts");
    json_add_text(source, "medium", "Memory");
    json_add_text(source, "sizeLimit", "64Mi");
    add_mount(container, volumes, "tmp", "/tmp", false, "emptyDir", source);
    if (!str_is_empty(settings->kube.data_claim)) {
        source = cJSON_CreateObject();
        json_add_text(source, "claimName", settings->kube.data_claim);
        json_add_bool(source, "readOnly", true);
        add_mount(container, volumes, "data", "/data", true, "persistentVolumeClaim", source);
    }
    if (kube_job_needs_map(job)) {
        source = cJSON_CreateObject();
        json_add_text(source, "name", job->name);
        add_mount(container, volumes, "request", REQUEST_FOLDER, true, "configMap", source);
    }
}

static json *make_container(const struct sandbox_settings *settings, const struct kube_job *job) {
    json *container = cJSON_CreateObject();
    json_add_text(container, "name", KUBE_CONTAINER);
    json_add_text(container, "image", settings->image);
    json_add_text(container, "imagePullPolicy",
                  str_is_empty(settings->kube.pull_policy) ? "IfNotPresent"
                                                           : settings->kube.pull_policy);
    add_arguments(container, settings, job);
    if (job->request && !kube_job_needs_map(job))
        add_request(container, job);
    if (!job->request) {
        json_add_bool(container, "stdin", true);
        json_add_bool(container, "stdinOnce", true);
    }
    json *resources = json_add_object(container, "resources");
    int64_t cpu_millis = settings->kube.request_cpu_millis,
            memory_mb = settings->kube.request_memory_mb;
    add_quantities(resources, "limits", settings->cpu_millis, settings->memory_mb);
    add_quantities(resources, "requests", cpu_millis ? cpu_millis : settings->cpu_millis,
                   memory_mb ? memory_mb : settings->memory_mb);
    add_security(container);
    json_add_text(container, "terminationMessagePath", LAST_WORDS);
    json_add_text(container, "terminationMessagePolicy", "FallbackToLogsOnError");
    return container;
}

// ---- The Pod ------------------------------------------------------------------------------------

// "a=b,c=d"
static int add_node_selector(json *spec, const char *text, struct err *err) {
    json *selector = str_is_empty(text) ? NULL : json_add_object(spec, "nodeSelector");
    for (const char *at = text; selector && *at;) {
        size_t length = strcspn(at, ",");
        cleanup_free char *pair = mem_text_n(at, length);
        char *equals = strchr(pair, '=');
        if (!equals || equals == pair)
            return err_set(err, ERR_BAD_REQUEST,
                           "KUBE_NODE_SELECTOR is \"%.100s\", but must be like a=b,c=d", text);
        *equals = '\0';
        json_add_text(selector, pair, equals + 1);
        at += length + (at[length] == ',');
    }
    return 0;
}

static void add_pull_secrets(json *spec, const char *text) {
    json *secrets = str_is_empty(text) ? NULL : json_add_array(spec, "imagePullSecrets");
    for (const char *at = text; secrets && *at;) {
        size_t length = strcspn(at, ",");
        cleanup_free char *name = mem_text_n(at, length);
        json *secret = cJSON_CreateObject();
        json_add_text(secret, "name", name);
        cJSON_AddItemToArray(secrets, secret);
        at += length + (at[length] == ',');
    }
}

static int add_tolerations(json *spec, const char *text, struct err *err) {
    cleanup_json json *tolerations = NULL;
    if (str_is_empty(text))
        return 0;
    int status = json_parse(text, strlen(text), &tolerations, err);
    if (status)
        return err_prefix(err, "KUBE_TOLERATIONS");
    if (!cJSON_IsArray(tolerations))
        return err_set(err, ERR_BAD_REQUEST,
                       "KUBE_TOLERATIONS must be a JSON array as in a Pod's spec");
    json_add(spec, "tolerations", mem_take(tolerations));
    return 0;
}

static void add_text_if_set(json *object, const char *key, const char *text) {
    if (!str_is_empty(text))
        json_add_text(object, key, text);
}

static int add_pod_spec(json *template, const struct sandbox_settings *settings,
                        const struct kube_job *job, struct err *err) {
    const struct sandbox_kube_settings *kube = &settings->kube;
    json *spec = json_add_object(template, "spec");
    json_add_text(spec, "restartPolicy", "Never");
    json_add_bool(spec, "automountServiceAccountToken", false);
    json_add_bool(spec, "enableServiceLinks", false);
    json_add_integer(spec, "terminationGracePeriodSeconds", 0);
    json_add_text(spec, "hostname", "sandbox");
    json *security = json_add_object(spec, "securityContext");
    json_add_bool(security, "runAsNonRoot", true);
    json_add_integer(security, "runAsUser", NOBODY);
    json_add_integer(security, "runAsGroup", NOBODY);
    json_add_text(json_add_object(security, "seccompProfile"), "type", "RuntimeDefault");
    add_text_if_set(spec, "serviceAccountName", kube->service_account);
    add_text_if_set(spec, "runtimeClassName", kube->runtime_class);
    add_text_if_set(spec, "priorityClassName", kube->priority_class);
    add_pull_secrets(spec, kube->pull_secrets);
    json *container = make_container(settings, job);
    cJSON_AddItemToArray(json_add_array(spec, "containers"), container);
    add_volumes(spec, container, settings, job);
    int status = add_node_selector(spec, kube->node_selector, err);
    return status ? status : add_tolerations(spec, kube->tolerations, err);
}

int kube_job_make(const struct sandbox_settings *settings, const struct kube_job *job,
                  json **ret_job, struct err *err) {
    cleanup_json json *object = cJSON_CreateObject();
    json_add_text(object, "apiVersion", "batch/v1");
    json_add_text(object, "kind", "Job");
    add_metadata(object, settings, job, true);
    const char *owner;
    const struct kube_owner_kind *kind =
        job->owner_uid ? kube_job_owner(settings->kube.owner, &owner) : NULL;
    if (kind)
        add_owner(object, kind->version, kind->kind, owner, job->owner_uid);
    json *spec = json_add_object(object, "spec");
    json_add_integer(spec, "backoffLimit", 0);
    json_add_integer(spec, "activeDeadlineSeconds", job->deadline_s);
    json_add_integer(spec, "ttlSecondsAfterFinished", KEPT_AFTER_END_S);
    json *template = json_add_object(spec, "template");
    add_metadata(template, settings, job, false);
    int status = add_pod_spec(template, settings, job, err);
    if (status == 0)
        *ret_job = mem_take(object);
    return status;
}

json *kube_job_make_map(const struct sandbox_settings *settings, const struct kube_job *job,
                        const char *job_uid) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "apiVersion", "v1");
    json_add_text(object, "kind", "ConfigMap");
    add_metadata(object, settings, job, true);
    add_owner(object, "batch/v1", "Job", job->name, job_uid);
    json_add_bool(object, "immutable", true);
    json_add_text(json_add_object(object, "data"), REQUEST_FILE, job->request);
    return object;
}

char *kube_job_selector(const struct sandbox_settings *settings) {
    cleanup_free char *selector =
        mem_format(APP_LABEL "=" APP_NAME ",sandglass/server=%s", settings->server_id);
    cleanup_free char *escaped = net_escape(selector);
    return mem_format("labelSelector=%s", escaped);
}

int kube_job_data_path(const struct sandbox_settings *settings, const char *data_folder,
                       char **ret_path, struct err *err) {
    const char *all = settings->datasets_path ? settings->datasets_path : "";
    size_t length = strlen(all);
    while (length && all[length - 1] == '/')
        length--;
    bool is_inside = *all == '/' && strncmp(data_folder, all, length) == 0 &&
                     (data_folder[length] == '/' || data_folder[length] == '\0');
    if (is_inside && !strstr(data_folder + length, "/..")) {
        *ret_path = mem_format("/data%s", data_folder + length);
        return 0;
    }
    err_set(err, ERR_NOT_FOUND,
            "The data set in %.200s is on this server alone, and Pods do not see it.", data_folder);
    return err_hint(err, "Put it into DATASETS_PATH, on the volume that KUBE_DATA_CLAIM names or "
                         "in the runner's image.");
}
