// SPDX-License-Identifier: Apache-2.0
//
// What can be said about a manifest without a cluster and its schemas. Fields below `spec` and the
// like are not looked at: `kubectl apply --dry-run=server --validate=strict` does that.
#include <string.h>

#include "base/str.h"
#include "helm/release.h"

// The fields at the top of an object, besides apiVersion, kind and metadata. A kind that is not
// listed, as one of a CustomResourceDefinition, may have any.
static const struct {
    const char *kind;
    const char *fields[7];
} kinds[] = {
    {"ConfigMap", {"data", "binaryData", "immutable"}},
    {"Secret", {"data", "stringData", "type", "immutable"}},
    {"ServiceAccount", {"automountServiceAccountToken", "imagePullSecrets", "secrets"}},
    {"Role", {"rules"}},
    {"ClusterRole", {"rules", "aggregationRule"}},
    {"RoleBinding", {"roleRef", "subjects"}},
    {"ClusterRoleBinding", {"roleRef", "subjects"}},
    {"Namespace", {"spec", "status"}},
    {"Service", {"spec", "status"}},
    {"Deployment", {"spec", "status"}},
    {"StatefulSet", {"spec", "status"}},
    {"DaemonSet", {"spec", "status"}},
    {"Pod", {"spec", "status"}},
    {"Job", {"spec", "status"}},
    {"CronJob", {"spec", "status"}},
    {"Ingress", {"spec", "status"}},
    {"NetworkPolicy", {"spec", "status"}},
    {"PersistentVolumeClaim", {"spec", "status"}},
    {"PodDisruptionBudget", {"spec", "status"}},
    {"HorizontalPodAutoscaler", {"spec", "status"}},
    {"ResourceQuota", {"spec", "status"}},
    {"LimitRange", {"spec"}},
    {"ServiceMonitor", {"spec", "status"}},
};

static const char *const metadata_fields[] = {
    "name",        "generateName", "namespace",       "labels",
    "annotations", "finalizers",   "ownerReferences", "creationTimestamp",
};

static int complain(const struct helm_manifest *manifest, struct err *err, const char *what,
                    const char *detail) {
    const char *slash = strchr(manifest->path, '/');
    return err_set(err, ERR_BAD_REQUEST, "%s: the %s \"%s\" %s%s",
                   slash ? slash + 1 : manifest->path,
                   *manifest->kind ? manifest->kind : "manifest", manifest->name, what, detail);
}

static bool is_listed(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

// A DNS subdomain (RFC 1123); names of RBAC's objects may also have colons and capitals.
static bool is_name(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length > 253 || strchr("-.", name[0]) || strchr("-.", name[length - 1]))
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length;
}

static int check_top(const struct helm_manifest *manifest, const struct value_map *object,
                     struct err *err) {
    static const char *const common[] = {"apiVersion", "kind", "metadata"};
    size_t which = 0;
    while (which < ARRAY_LENGTH(kinds) && strcmp(kinds[which].kind, manifest->kind) != 0)
        which++;
    for (size_t i = 0; which < ARRAY_LENGTH(kinds) && i < object->count; i++) {
        const char *name = object->entries[i].key.data;
        if (!is_listed(name, common, ARRAY_LENGTH(common)) &&
            !is_listed(name, kinds[which].fields, ARRAY_LENGTH(kinds[which].fields)))
            return complain(manifest, err, "has an unknown field: ", name);
    }
    return 0;
}

static int check_metadata(const struct helm_manifest *manifest, const struct value_map *metadata,
                          struct err *err) {
    static const char *const texts[] = {"labels", "annotations"};
    for (size_t i = 0; i < metadata->count; i++)
        if (!is_listed(metadata->entries[i].key.data, metadata_fields,
                       ARRAY_LENGTH(metadata_fields)))
            return complain(manifest, err, "has an unknown field: metadata.",
                            metadata->entries[i].key.data);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        const struct value *map = map_get(metadata, text_of(texts[i]));
        if (!map || map->kind == VALUE_NIL)
            continue;
        if (map->kind != VALUE_MAP)
            return complain(manifest, err, "needs a mapping in metadata.", texts[i]);
        for (size_t j = 0; j < map->map->count; j++)
            if (map->map->entries[j].value.kind != VALUE_TEXT)
                return complain(manifest, err,
                                "has a label or an annotation that is no text (put "
                                "it in quotes): ",
                                map->map->entries[j].key.data);
    }
    return 0;
}

static int check(const struct helm_manifest *manifest, const struct value_map *object,
                 struct err *err) {
    const struct value *version = map_get(object, TEXT("apiVersion"));
    const struct value *metadata = map_get(object, TEXT("metadata"));
    if (!version || version->kind != VALUE_TEXT || !version->text.length)
        return complain(manifest, err, "has no apiVersion", "");
    if (!*manifest->kind)
        return complain(manifest, err, "has no kind", "");
    if (!metadata || metadata->kind != VALUE_MAP || !*manifest->name)
        return complain(manifest, err, "has no metadata.name", "");
    if (!str_has_prefix(version->text.data, "rbac.authorization.k8s.io/") &&
        !is_name(manifest->name))
        return complain(manifest, err,
                        "has a name that Kubernetes does not take: lower-case "
                        "letters, digits, - and . are expected",
                        "");
    int status = check_top(manifest, object, err);
    return status ? status : check_metadata(manifest, metadata->map, err);
}

static struct text namespace_of(const struct value *object) {
    const struct value *metadata = map_get(object->map, TEXT("metadata"));
    const struct value *namespace =
        metadata && metadata->kind == VALUE_MAP ? map_get(metadata->map, TEXT("namespace")) : NULL;
    return namespace && namespace->kind == VALUE_TEXT ? namespace->text : TEXT("");
}

int release_validate(const struct release *release, struct err *err) {
    for (size_t i = 0; i < release->count; i++) {
        const struct helm_manifest *one = &release->manifests[i];
        if (release->parsed[i].map->count == 0) // nothing but comments
            continue;
        int status = check(one, release->parsed[i].map, err);
        if (status)
            return status;
        for (size_t j = 0; j < i; j++)
            if (*one->kind && strcmp(one->kind, release->manifests[j].kind) == 0 &&
                strcmp(one->name, release->manifests[j].name) == 0 &&
                text_compare(namespace_of(&release->parsed[i]),
                             namespace_of(&release->parsed[j])) == 0)
                return complain(one, err, "comes twice, also from ", release->manifests[j].path);
    }
    return 0;
}
