// SPDX-License-Identifier: Apache-2.0
//
// See release.h.
#include "helm/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/yaml.h"

// helm.sh/helm pkg/release/util, InstallOrder.
static const char *const install_order[] = {
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
};

// ---- Documents

static const char *path_in_chart(const char *path) {
    const char *slash = strchr(path, '/');
    return slash ? slash + 1 : path;
}

static int parse(const struct release *release, const char *text, size_t length, json **ret_value,
                 struct err *err) {
    return release->is_strict ? yaml_parse_helm_strictly(text, length, ret_value, err)
                              : yaml_parse_helm(text, length, ret_value, err);
}

// Parses once more with as many lines before the document as it has in its file, for the message.
static int complain(const struct release *release, const char *path, struct text file,
                    const char *start, size_t length, struct err *err) {
    cleanup_buf struct buf text = BUF(LIMIT_RENDERED * 2UL);
    cleanup_json json *value = NULL;
    for (const char *at = file.data; at < start; at++)
        if (*at == '\n')
            buf_add_char(&text, '\n');
    buf_add(&text, start, length);
    parse(release, buf_text(&text), text.length, &value, err);
    const char *number = strstr(err->message, "line ");
    long wanted = number ? strtol(number + 5, NULL, 10) : 0, line = 1;
    char shown[100] = "";
    for (const char *at = file.data; *at && line <= wanted; line++, at += *at == '\n') {
        size_t width = strcspn(at, "\n");
        if (line == wanted)
            snprintf(shown, sizeof shown, "%.*s", (int)(width < 99 ? width : 99), at);
        at += width;
    }
    err_prefix(err, "%s: what it renders to is", path_in_chart(path));
    char *doubled = strstr(err->message, "is: not valid YAML"); // one sentence
    if (doubled)
        memmove(doubled + 2, doubled + 3, strlen(doubled + 3) + 1);
    return err_hint(err, "That line of the rendered text is: %.90s", shown);
}

static struct text text_member(const struct value *value, const char *key) {
    const struct value *found =
        value && value->kind == VALUE_MAP ? map_get(value->map, text_of(key)) : NULL;
    return found && found->kind == VALUE_TEXT ? found->text : TEXT("");
}

// What the hooks of a document's annotations say; false where one of them is unknown.
static bool read_hooks(struct text hooks, struct helm_manifest *manifest) {
    static const char *const events[] = {
        "pre-install",  "post-install", "pre-delete",    "post-delete", "pre-upgrade",
        "post-upgrade", "pre-rollback", "post-rollback", "test",        "test-success"};
    manifest->is_hook = hooks.length > 0;
    for (const char *at = hooks.data; *at; at += *at == ',') {
        at += strspn(at, " \t");
        size_t length = strcspn(at, ","), trimmed = length, i = 0;
        while (trimmed && strchr(" \t\r\n", at[trimmed - 1]))
            trimmed--;
        while (i < ARRAY_LENGTH(events) &&
               (strlen(events[i]) != trimmed || strncasecmp(events[i], at, trimmed) != 0))
            i++;
        if (i == ARRAY_LENGTH(events))
            return false;
        manifest->is_test = manifest->is_test || i >= 8;
        at += length;
    }
    return true;
}

static void add(struct release *release, struct helm_manifest manifest, struct value parsed) {
    if (release->count == release->room) {
        size_t room = release->room ? release->room * 2 : 32;
        struct helm_manifest *manifests = pool_take(release->pool, room, sizeof *manifests);
        struct value *values = pool_take(release->pool, room, sizeof *values);
        if (release->count) {
            memcpy(manifests, release->manifests, release->count * sizeof *manifests);
            memcpy(values, release->parsed, release->count * sizeof *values);
        }
        release->manifests = manifests;
        release->parsed = values;
        release->room = room;
    }
    release->manifests[release->count] = manifest;
    release->parsed[release->count++] = parsed;
}

static int add_document(struct release *release, const char *path, struct text file,
                        const char *start, size_t length, struct err *err) {
    cleanup_json json *source = NULL;
    while (length && strchr(" \t\r\n\v\f", *start))
        start++, length--;
    while (length && strchr(" \t\r\n\v\f", start[length - 1]))
        length--;
    struct text text = text_copy(release->pool, start, length);
    if (!length)
        return 0;
    if (parse(release, text.data, length, &source, err))
        return complain(release, path, file, start, length, err);
    struct value parsed = value_of_json(release->pool, source);
    if (parsed.kind == VALUE_NIL)
        parsed = value_map(release->pool, TYPE_ANY);
    if (parsed.kind != VALUE_MAP)
        return err_set(err, ERR_BAD_REQUEST,
                       "%s: what it renders to is no manifest: a mapping is expected",
                       path_in_chart(path));
    const struct value *metadata = map_get(parsed.map, TEXT("metadata"));
    const struct value *annotations = metadata && metadata->kind == VALUE_MAP
                                          ? map_get(metadata->map, TEXT("annotations"))
                                          : NULL;
    struct helm_manifest manifest = {.path = path,
                                     .is_random = release->is_random,
                                     .text = text.data,
                                     .kind = text_member(&parsed, "kind").data,
                                     .name = text_member(metadata, "name").data};
    if (read_hooks(text_member(annotations, "helm.sh/hook"), &manifest))
        add(release, manifest, parsed);
    return 0;
}

// A line that begins with --- parts documents; what stands behind it on the line belongs to the
// next.
int release_add(struct release *release, const char *path, struct text text, struct err *err) {
    const char *start = text.data, *end = text.data + text.length;
    if (strlen(text.data) != text.length)
        return err_set(err, ERR_BAD_REQUEST, "%s: the rendered text holds a NUL character",
                       path_in_chart(path));
    for (const char *line = start;; line = strchr(line, '\n') + 1) {
        bool is_separator = strncmp(line, "---", 3) == 0;
        bool is_last = !strchr(line, '\n');
        if (is_separator || is_last) {
            const char *stop = is_separator ? line : end;
            int status = add_document(release, path, text, start, (size_t)(stop - start), err);
            if (status)
                return status;
            start = is_separator ? line + 3 + strspn(line + 3, " \t") : end;
        }
        if (is_last) {
            return start < end
                       ? add_document(release, path, text, start, (size_t)(end - start), err)
                       : 0;
        }
    }
}

// ---- Order

static size_t rank_of(const char *kind) {
    size_t rank = 0;
    while (rank < ARRAY_LENGTH(install_order) && strcmp(install_order[rank], kind) != 0)
        rank++;
    return rank;
}

static bool comes_after(const struct helm_manifest *left, const struct helm_manifest *right) {
    if (left->is_hook != right->is_hook)
        return left->is_hook;
    size_t left_rank = rank_of(left->kind), right_rank = rank_of(right->kind);
    if (left_rank == ARRAY_LENGTH(install_order) && left_rank == right_rank)
        return strcmp(left->kind, right->kind) > 0;
    return left_rank > right_rank;
}

void release_sort(struct release *release) {
    for (size_t i = release->fixed; i < release->count; i++) {
        struct helm_manifest manifest = release->manifests[i];
        struct value parsed = release->parsed[i];
        size_t at = i;
        for (; at > release->fixed && comes_after(&release->manifests[at - 1], &manifest); at--) {
            release->manifests[at] = release->manifests[at - 1];
            release->parsed[at] = release->parsed[at - 1];
        }
        release->manifests[at] = manifest;
        release->parsed[at] = parsed;
    }
}
