// SPDX-License-Identifier: Apache-2.0
//
// What the cluster can do for us, one finding a line: it asks the API server and changes nothing.
// What this server has no right to see is said to be unseen, never to be missing.
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/kube_backend.h"

#define CALL_LIMIT_MS 5000

struct right {
    const char *what, *group, *resource;
    const char *verbs; // parted by a space
    enum { ALWAYS, WITH_POOL, WITH_OWNER, BETTER } when;
};

// docs/kubernetes.md has the Role that gives these.
static const struct right rights[] = {
    {"Jobs", "batch", "jobs", "create get list delete", ALWAYS},
    {"Pods", "", "pods", "list watch", ALWAYS},
    {"logs", "", "pods/log", "get", ALWAYS},
    {"ConfigMaps", "", "configmaps", "create", ALWAYS},
    {"events", "", "events", "list", BETTER},
    {"attaching", "", "pods/attach", "create get", WITH_POOL},
    {"Deployments", "apps", "deployments", "get", WITH_OWNER},
    {"Roles", "rbac.authorization.k8s.io", "roles", "get", WITH_OWNER},
};

static const json *member(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static int send(struct kube *kube, const char *method, const char *path, const json *body,
                struct kube_answer *answer, struct err *err) {
    struct kube_call call = {
        .method = method, .path = path, .body = body, .timeout_ms = CALL_LIMIT_MS, .is_once = true};
    return kube_send(kube->client, &call, answer, err);
}

static bool look_at_server(struct kube *kube, struct sandbox_report *report) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    struct err err;
    if (send(kube, "GET", "/version", NULL, &answer, &err)) {
        sandbox_report_add(report, SANDBOX_MISSING, "API server",
                           *err.hint ? err.hint
                                     : "Check KUBECONFIG, the network, and whether it is up.",
                           "%s", err.message);
        return false;
    }
    const char *version = json_text(answer.object, "gitVersion");
    sandbox_report_add(report, SANDBOX_HOLDS, "API server", NULL, "%s at %s, by %s",
                       version ? version : "of unknown version", kube_client_server(kube->client),
                       kube_client_source(kube->client));
    return true;
}

static void look_at_namespace(struct kube *kube, struct sandbox_report *report) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    const char *name = kube_client_namespace(kube->client);
    cleanup_free char *path = mem_format("/api/v1/namespaces/%s", name);
    struct err err;
    int status = send(kube, "GET", path, NULL, &answer, &err);
    if (status == ERR_NOT_FOUND) {
        sandbox_report_add(report, SANDBOX_MISSING, "namespace",
                           "Make it, or set KUBE_NAMESPACE to one that is there.",
                           "there is no namespace %s", name);
        return;
    }
    sandbox_report_add(report, SANDBOX_HOLDS, "namespace", NULL, "%s%s", name,
                       status ? " (this server may not look at it)" : "");
    if (status)
        return;
    const json *labels = member(member(answer.object, "metadata"), "labels");
    const char *level = json_text(labels, "pod-security.kubernetes.io/enforce");
    bool is_restricted = str_is_equal(level, "restricted");
    sandbox_report_add(report, is_restricted ? SANDBOX_HOLDS : SANDBOX_WEAKER, "Pod Security",
                       is_restricted
                           ? NULL
                           : "Our Pods are restricted anyway. To hold the namespace to it, "
                             "label it pod-security.kubernetes.io/enforce=restricted.",
                       "enforced level: %s", level ? level : "none");
}

// NAME: of the one object that the right is needed for, where there is only one.
static json *make_review(const char *name_space, const struct right *right, const char *name,
                         const char *verb) {
    json *review = cJSON_CreateObject();
    const char *slash = strchr(right->resource, '/');
    cleanup_free char *resource = mem_text_n(right->resource, strcspn(right->resource, "/"));
    json_add_text(review, "apiVersion", "authorization.k8s.io/v1");
    json_add_text(review, "kind", "SelfSubjectAccessReview");
    json *attributes = json_add_object(json_add_object(review, "spec"), "resourceAttributes");
    json_add_text(attributes, "namespace", name_space);
    json_add_text(attributes, "verb", verb);
    json_add_text(attributes, "group", right->group);
    json_add_text(attributes, "resource", resource);
    if (slash)
        json_add_text(attributes, "subresource", slash + 1);
    if (name)
        json_add_text(attributes, "name", name);
    return review;
}

// What cannot be asked for may be there all the same.
static bool is_allowed(struct kube *kube, const struct right *right, const char *verb) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    const char *name = NULL;
    if (right->when == WITH_OWNER)
        kube_job_owner(kube->settings->kube.owner, &name);
    cleanup_json json *review = make_review(kube_client_namespace(kube->client), right, name, verb);
    struct err err;
    int status = send(kube, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                      review, &answer, &err);
    return status || json_bool(member(answer.object, "status"), "allowed", false);
}

static void look_at_right(struct kube *kube, const struct right *right,
                          struct sandbox_report *report) {
    cleanup_free char *verbs = mem_text(right->verbs);
    cleanup_buf struct buf missing = BUF(128), hint = BUF(512);
    for (char *rest, *verb = strtok_r(verbs, " ", &rest); verb; verb = strtok_r(NULL, " ", &rest))
        if (!is_allowed(kube, right, verb))
            buf_add_format(&missing, "%s\"%s\"", missing.length ? ", " : "", verb);
    if (!missing.length) {
        sandbox_report_add(report, SANDBOX_HOLDS, right->what, NULL, "this server may %s %s",
                           right->verbs, right->resource);
        return;
    }
    buf_add_format(&hint, "Add to the Role: apiGroups [\"%s\"], resources [\"%s\"], verbs [%s].",
                   right->group, right->resource, buf_text(&missing));
    if (right->when == BETTER)
        buf_add_text(&hint, " Without it a Pod that is not made is explained late.");
    sandbox_report_add(report, right->when == BETTER ? SANDBOX_WEAKER : SANDBOX_MISSING,
                       right->what, buf_text(&hint), "this server may not %s %s",
                       buf_text(&missing), right->resource);
}

static void look_at_rights(struct kube *kube, struct sandbox_report *report) {
    const char *owner = kube->settings->kube.owner;
    const struct kube_owner_kind *kind = str_is_empty(owner) ? NULL : kube_job_owner(owner, &owner);
    for (size_t i = 0; i < ARRAY_LENGTH(rights); i++) {
        bool is_needed = rights[i].when == ALWAYS || rights[i].when == BETTER ||
                         (rights[i].when == WITH_POOL && kube->settings->kube.pool > 0) ||
                         (rights[i].when == WITH_OWNER && kind &&
                          strcmp(kind->resource, rights[i].resource) == 0);
        if (is_needed)
            look_at_right(kube, &rights[i], report);
    }
}

// An object that a setting names: whether it is there.
static void look_at_object(struct kube *kube, const char *what, const char *setting,
                           const char *name, const char *path, struct sandbox_report *report) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    struct err err;
    char hint[128];
    if (str_is_empty(name))
        return;
    int status = send(kube, "GET", path, NULL, &answer, &err);
    snprintf(hint, sizeof hint, "Make it, or set %s to one that is there.", setting);
    if (status == ERR_NOT_FOUND)
        sandbox_report_add(report, SANDBOX_MISSING, what, hint, "there is no %s", name);
    else
        sandbox_report_add(report, SANDBOX_HOLDS, what, NULL, "%s%s", name,
                           status ? " (this server may not look at it)" : "");
}

static void look_at_settings(struct kube *kube, struct sandbox_report *report) {
    const struct sandbox_kube_settings *settings = &kube->settings->kube;
    cleanup_free char *runtime =
        mem_format("/apis/node.k8s.io/v1/runtimeclasses/%s", settings->runtime_class);
    cleanup_free char *priority =
        mem_format("/apis/scheduling.k8s.io/v1/priorityclasses/%s", settings->priority_class);
    cleanup_free char *claim =
        kube_path(kube->client, "/api/v1", "persistentvolumeclaims", settings->data_claim, NULL);
    look_at_object(kube, "runtime class", "KUBE_RUNTIME_CLASS", settings->runtime_class, runtime,
                   report);
    look_at_object(kube, "priority class", "KUBE_PRIORITY_CLASS", settings->priority_class,
                   priority, report);
    look_at_object(kube, "data volume", "KUBE_DATA_CLAIM", settings->data_claim, claim, report);
}

static void look_at_owner(struct kube *kube, struct sandbox_report *report) {
    const char *owner = kube->settings->kube.owner, *name;
    if (str_is_empty(owner))
        return;
    const struct kube_owner_kind *kind = kube_job_owner(owner, &name);
    cleanup_free char *group = mem_format("/apis/%s", kind->version);
    cleanup_free char *path = kube_path(kube->client, group, kind->resource, name, NULL);
    look_at_object(kube, "owner", "KUBE_OWNER", owner, path, report);
}

// What is used of each thing that a quota limits, as "pods 3/10".
static void look_at_quotas(struct kube *kube, struct sandbox_report *report) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    cleanup_free char *path = kube_path(kube->client, "/api/v1", "resourcequotas", NULL, NULL);
    const json *quota, *hard;
    struct err err;
    if (send(kube, "GET", path, NULL, &answer, &err))
        return;
    cJSON_ArrayForEach (quota, member(answer.object, "items")) {
        cleanup_buf struct buf text = BUF(1024);
        const json *status = member(quota, "status");
        const char *name = json_text(member(quota, "metadata"), "name");
        cJSON_ArrayForEach (hard, member(status, "hard")) {
            const char *used = json_text(member(status, "used"), hard->string);
            buf_add_format(&text, "%s%s %s/%s", text.length ? ", " : "", hard->string,
                           used ? used : "0", hard->valuestring ? hard->valuestring : "?");
        }
        char what[40];
        snprintf(what, sizeof what, "quota %.33s", name ? name : "");
        sandbox_report_add(report, SANDBOX_HOLDS, what, NULL, "%s", buf_text(&text));
    }
}

static void look_at_limit_ranges(struct kube *kube, struct sandbox_report *report) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    cleanup_free char *path = kube_path(kube->client, "/api/v1", "limitranges", NULL, NULL);
    const json *range;
    struct err err;
    if (send(kube, "GET", path, NULL, &answer, &err))
        return;
    cJSON_ArrayForEach (range, member(answer.object, "items")) {
        const char *name = json_text(member(range, "metadata"), "name");
        cleanup_free char *limits = json_write(member(member(range, "spec"), "limits"));
        char what[40];
        snprintf(what, sizeof what, "limits %.32s", name ? name : "");
        sandbox_report_add(report, SANDBOX_HOLDS, what, NULL, "%.190s", limits);
    }
}

void kube_look(struct kube *kube, struct sandbox_report *report) {
    if (!look_at_server(kube, report))
        return;
    look_at_namespace(kube, report);
    look_at_rights(kube, report);
    look_at_settings(kube, report);
    look_at_owner(kube, report);
    look_at_quotas(kube, report);
    look_at_limit_ranges(kube, report);
}
