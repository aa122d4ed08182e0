// SPDX-License-Identifier: Apache-2.0
//
// The objects of a Kubernetes sandbox, held against Kubernetes' own OpenAPI definitions where they
// are beside this tree (KUBE_SCHEMA, or ../shared): a field that they do not know is an error.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "sandbox/kube_job.h"
#include "tests/unit/check.h"

static const struct sandbox_settings all_settings = {
    .memory_mb = 512,
    .cpu_millis = 500,
    .server_id = "01SERVER",
    .datasets_path = "/srv/data",
    .image = "registry.example/sandglass:1",
    .kube = {.service_account = "runner",
             .pull_policy = "Always",
             .node_selector = "disk=ssd,zone=a",
             .pull_secrets = "one,two",
             .tolerations =
                 "[{\"key\":\"sandbox\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\"}]",
             .runtime_class = "gvisor",
             .priority_class = "low",
             .data_claim = "data",
             .owner = "sandglass"}};

static const struct sandbox_settings few_settings = {.memory_mb = 64,
                                                     .cpu_millis = 1000,
                                                     .server_id = "s",
                                                     .datasets_path = "/srv/data/",
                                                     .image = "i",
                                                     .kube.owner = "d"};

static json *make(const struct sandbox_settings *settings, const struct kube_job *job) {
    json *object;
    struct err err;
    CHECK_OK(kube_job_make(settings, job, &object, &err), err);
    return object;
}

static const struct kube_job full_job = {.name = "sandglass-run-1",
                                         .run_id = "01RUN",
                                         .dataset = "shop $(HOME)",
                                         .data_path = "/data/shop",
                                         .request = "{\"sql\":\"SELECT '$(PATH) $$'\"}",
                                         .timeout_ms = 5000,
                                         .deadline_s = 95,
                                         .owner_uid = "uid-1"};

// The member of OBJECT that PATH names, as "spec.template.0.name".
static const json *at(const json *object, const char *path) {
    char key[64];
    while (object && *path) {
        size_t length = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        object = cJSON_IsArray(object) ? cJSON_GetArrayItem(object, atoi(key))
                                       : cJSON_GetObjectItemCaseSensitive(object, key);
        path += length + (path[length] == '.');
    }
    return object;
}

static void check_at(const json *object, const char *path, const char *expected) {
    cleanup_free char *actual =
        at(object, path) ? json_write(at(object, path)) : mem_text("absent");
    if (strcmp(actual, expected) != 0)
        check_fail(__FILE__, __LINE__, "%s is %s, not %s", path, actual, expected);
}

#define POD "spec.template.spec."
#define CONTAINER POD "containers.0."

TEST(a_job_runs_once_and_ends_by_itself) {
    json *job = make(&all_settings, &full_job);
    check_at(job, "spec.backoffLimit", "0");
    check_at(job, "spec.activeDeadlineSeconds", "95");
    check_at(job, "spec.ttlSecondsAfterFinished", "60");
    check_at(job, POD "restartPolicy", "\"Never\"");
    check_at(job, POD "terminationGracePeriodSeconds", "0");
    json_free(job);
}

TEST(a_pod_satisfies_the_restricted_standard) {
    json *job = make(&few_settings, &full_job);
    check_at(job, POD "automountServiceAccountToken", "false");
    check_at(job, POD "enableServiceLinks", "false");
    check_at(job, POD "hostNetwork", "absent");
    check_at(job, POD "securityContext",
             "{\"runAsNonRoot\":true,\"runAsUser\":65534,\"runAsGroup\":65534,\"seccompProfile\":"
             "{\"type\":\"RuntimeDefault\"}}");
    check_at(job, CONTAINER "securityContext",
             "{\"allowPrivilegeEscalation\":false,\"privileged\":false,\"readOnlyRootFilesystem\":"
             "true,\"runAsNonRoot\":true,\"runAsUser\":65534,\"runAsGroup\":65534,\"capabilities\":"
             "{\"drop\":[\"ALL\"]},\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}");
    check_at(job, CONTAINER "resources.limits",
             "{\"cpu\":\"1000m\",\"memory\":\"64Mi\","
             "\"ephemeral-storage\":\"64Mi\"}");
    check_at(job, CONTAINER "resources.requests",
             "{\"cpu\":\"1000m\",\"memory\":\"64Mi\","
             "\"ephemeral-storage\":\"64Mi\"}");
    check_at(job, POD "volumes",
             "[{\"name\":\"tmp\",\"emptyDir\":{\"medium\":\"Memory\","
             "\"sizeLimit\":\"64Mi\"}}]");
    json_free(job);
}

TEST(jobs_are_owned_by_a_deployment_or_by_a_role) {
    struct sandbox_settings settings = few_settings;
    settings.kube.owner = "sandglass";
    json *job = make(&settings, &full_job);
    check_at(job, "metadata.ownerReferences",
             "[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"sandglass\",\"uid\":"
             "\"uid-1\"}]");
    json_free(job);
    settings.kube.owner = "role/runners";
    job = make(&settings, &full_job);
    check_at(job, "metadata.ownerReferences",
             "[{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"Role\",\"name\":"
             "\"runners\",\"uid\":\"uid-1\"}]");
    json_free(job);
    const char *name;
    CHECK(!kube_job_owner("role/", &name));
    CHECK(!kube_job_owner("pod/x", &name));
    CHECK(!kube_job_owner("role/x/y", &name));
}

TEST(a_pod_reserves_what_it_is_told_to_and_may_have_more) {
    struct sandbox_settings settings = few_settings;
    settings.kube.request_cpu_millis = 50;
    settings.kube.request_memory_mb = 32;
    json *job = make(&settings, &full_job);
    check_at(job, CONTAINER "resources.limits",
             "{\"cpu\":\"1000m\",\"memory\":\"64Mi\","
             "\"ephemeral-storage\":\"64Mi\"}");
    check_at(job, CONTAINER "resources.requests",
             "{\"cpu\":\"50m\",\"memory\":\"32Mi\","
             "\"ephemeral-storage\":\"64Mi\"}");
    json_free(job);
}

TEST(settings_of_the_cluster_are_in_the_pod_and_absent_where_they_are_not_set) {
    json *job = make(&all_settings, &full_job), *bare = make(&few_settings, &full_job);
    check_at(job, POD "nodeSelector", "{\"disk\":\"ssd\",\"zone\":\"a\"}");
    check_at(job, POD "imagePullSecrets", "[{\"name\":\"one\"},{\"name\":\"two\"}]");
    check_at(job, POD "tolerations.0.key", "\"sandbox\"");
    check_at(job, POD "runtimeClassName", "\"gvisor\"");
    check_at(job, POD "priorityClassName", "\"low\"");
    check_at(job, POD "serviceAccountName", "\"runner\"");
    check_at(job, CONTAINER "imagePullPolicy", "\"Always\"");
    check_at(
        job, POD "volumes.1",
        "{\"name\":\"data\",\"persistentVolumeClaim\":{\"claimName\":\"data\",\"readOnly\":true}}");
    check_at(job, "metadata.ownerReferences.0.uid", "\"uid-1\"");
    static const char *const absent[] = {"nodeSelector",      "imagePullSecrets",
                                         "tolerations",       "runtimeClassName",
                                         "priorityClassName", "serviceAccountName"};
    for (size_t i = 0; i < ARRAY_LENGTH(absent); i++) {
        char path[64];
        snprintf(path, sizeof path, POD "%s", absent[i]);
        check_at(bare, path, "absent");
    }
    json_free(job);
    json_free(bare);
}

TEST(nothing_in_a_request_or_an_argument_is_expanded_by_the_cluster) {
    json *job = make(&few_settings, &full_job);
    check_at(job, CONTAINER "env.0.value",
             "\"{\\\"sql\\\":\\\"SELECT '\\\\u0024(PATH) \\\\u0024\\\\u0024'\\\"}\"");
    check_at(job, CONTAINER "args.11", "\"shop $$(HOME)\"");
    json_free(job);
}

static char *long_request(char filling, size_t length) {
    char *text = mem_zero(length + 1, 1);
    memset(text, filling, length);
    return text;
}

TEST(a_request_above_96_kib_goes_by_a_configmap_that_the_job_owns) {
    cleanup_free char *fits = long_request('x', LIMIT_RUN_REQUEST_ENV),
                      *large = long_request('x', LIMIT_RUN_REQUEST_ENV + 1),
                      *grows = long_request('$', LIMIT_RUN_REQUEST_ENV / 2);
    struct kube_job job = full_job;
    job.request = fits;
    CHECK(!kube_job_needs_map(&job));
    job.request = grows;
    CHECK(kube_job_needs_map(&job));
    job.request = large;
    CHECK(kube_job_needs_map(&job));
    json *object = make(&few_settings, &job),
         *map = kube_job_make_map(&few_settings, &job, "uid-9");
    check_at(object, CONTAINER "env", "absent");
    check_at(object, CONTAINER "args.12", "\"--request\"");
    check_at(object, CONTAINER "args.13", "\"/request/request.json\"");
    check_at(object, POD "volumes.1.configMap.name", "\"sandglass-run-1\"");
    check_at(map, "metadata.ownerReferences",
             "[{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"name\":\"sandglass-run-1\",\"uid\":"
             "\"uid-9\"}]");
    CHECK_INT(strlen(at(map, "data")->child->valuestring), LIMIT_RUN_REQUEST_ENV + 1);
    json_free(object);
    json_free(map);
}

TEST(a_job_without_a_request_waits_on_its_standard_input) {
    struct kube_job job = {.name = "p", .data_path = "/data", .timeout_ms = 5000, .deadline_s = 60};
    json *object = make(&few_settings, &job);
    check_at(object, CONTAINER "stdin", "true");
    check_at(object, CONTAINER "stdinOnce", "true");
    CHECK_TEXT(json_text(at(object, "metadata.labels"), "sandglass/role"), "pool");
    json_free(object);
}

TEST(names_are_dns_labels_and_label_values_are_label_values) {
    char name[KUBE_JOB_NAME_SIZE];
    kube_job_name("sandglass-run-", "01J9Z/K_x", "-abc", name);
    CHECK_TEXT(name, "sandglass-run-01j9zkx-abc");
    kube_job_name("sandglass-run-", "0123456789012345678901234567890123456789012345678901234567890",
                  "-abcdef", name);
    CHECK_INT(strlen(name), 63);
    CHECK_TEXT(name + 56, "-abcdef");
    struct kube_job job = full_job;
    job.run_id = "--a b/c--";
    json *object = make(&few_settings, &job);
    CHECK_TEXT(json_text(at(object, "metadata.labels"), "sandglass/run"), "a-b-c");
    json_free(object);
}

TEST(settings_that_can_never_work_are_refused_by_name) {
    struct sandbox_settings settings = few_settings;
    json *object;
    struct err err;
    settings.kube.node_selector = "disk";
    CHECK_INT(kube_job_make(&settings, &full_job, &object, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "KUBE_NODE_SELECTOR is \"disk\", but must be like a=b,c=d");
    settings.kube.node_selector = NULL;
    settings.kube.tolerations = "{}";
    CHECK_INT(kube_job_make(&settings, &full_job, &object, &err), ERR_BAD_REQUEST);
    settings.kube.tolerations = "[";
    CHECK_INT(kube_job_make(&settings, &full_job, &object, &err), ERR_BAD_REQUEST);
    CHECK(strncmp(err.message, "KUBE_TOLERATIONS: ", 18) == 0);
}

TEST(a_data_set_is_below_data_and_one_that_is_elsewhere_is_refused) {
    static const char *const cases[][3] = {
        {"/srv/data", "/srv/data/shop", "/data/shop"},
        {"/srv/data/", "/srv/data/a/b", "/data/a/b"},
        {"/srv/data", "/srv/data", "/data"},
        {"/", "/shop", "/data/shop"},
        {"/srv/data", "/srv/database", NULL},
        {"/srv/data", "/srv/data/../x", NULL},
        {"/srv/data", "/var/lib/x", NULL},
        {NULL, "/srv/data/shop", NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct sandbox_settings settings = {.datasets_path = cases[i][0]};
        char *path = NULL;
        struct err err;
        int status = kube_job_data_path(&settings, cases[i][1], &path, &err);
        CHECK_INT(status, cases[i][2] ? 0 : ERR_NOT_FOUND);
        if (cases[i][2])
            CHECK_TEXT(path, cases[i][2]);
        free(path);
    }
}

// ---- Against the definitions --------------------------------------------------------------------

static const json *resolve(const json *definitions, const json *schema) {
    const char *reference = json_text(schema, "$ref"), mark[] = "#/definitions/";
    return reference ? cJSON_GetObjectItemCaseSensitive(definitions, reference + strlen(mark))
                     : schema;
}

static bool has_type(const json *value, const char *type) {
    return !type || (strcmp(type, "object") == 0 && cJSON_IsObject(value)) ||
           (strcmp(type, "array") == 0 && cJSON_IsArray(value)) ||
           (strcmp(type, "string") == 0 && cJSON_IsString(value)) ||
           (strcmp(type, "integer") == 0 && cJSON_IsNumber(value)) ||
           (strcmp(type, "number") == 0 && cJSON_IsNumber(value)) ||
           (strcmp(type, "boolean") == 0 && cJSON_IsBool(value));
}

static void validate(const json *definitions, const json *reference, const json *value,
                     const char *path) {
    const json *schema = resolve(definitions, reference), *member;
    const json *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties"),
               *additional = cJSON_GetObjectItemCaseSensitive(schema, "additionalProperties");
    char below[300];
    if (!schema || !has_type(value, json_text(schema, "type")))
        check_fail(__FILE__, __LINE__, "%s is no %s", path, json_text(schema, "type"));
    cJSON_ArrayForEach (member, value) {
        snprintf(below, sizeof below, "%s.%s", path, member->string ? member->string : "[]");
        const json *expected = cJSON_IsArray(value)
                                   ? cJSON_GetObjectItemCaseSensitive(schema, "items")
                               : cJSON_GetObjectItemCaseSensitive(properties, member->string)
                                   ? cJSON_GetObjectItemCaseSensitive(properties, member->string)
                                   : additional;
        if (!cJSON_IsObject(expected))
            check_fail(__FILE__, __LINE__, "%s is not known to Kubernetes", below);
        validate(definitions, expected, member, below);
    }
    cJSON_ArrayForEach (member, cJSON_GetObjectItemCaseSensitive(schema, "required"))
        if (!cJSON_HasObjectItem(value, member->valuestring))
            check_fail(__FILE__, __LINE__, "%s lacks %s", path, member->valuestring);
}

static json *read_definitions(void) {
    const char *named = getenv("KUBE_SCHEMA");
    const char *path = named ? named : "../shared/kubernetes/openapi-definitions.json";
    cleanup_buf struct buf text = BUF(8 * 1024 * 1024);
    struct err err;
    if (fd_read_file(path, &text, &err))
        check_skip("there is no ../shared/kubernetes/openapi-definitions.json");
    json *whole = cJSON_Parse(buf_text(&text));
    CHECK(whole != NULL);
    return whole;
}

static void validate_as(const json *whole, const char *kind, const json *object) {
    const json *definitions = cJSON_GetObjectItemCaseSensitive(whole, "definitions");
    definitions = definitions ? definitions : whole;
    const json *schema = cJSON_GetObjectItemCaseSensitive(definitions, kind);
    CHECK(schema != NULL);
    validate(definitions, schema, object, strrchr(kind, '.') + 1);
}

TEST(every_object_that_is_sent_is_one_that_kubernetes_knows) {
    json *whole = read_definitions();
    cleanup_free char *large = long_request('x', LIMIT_RUN_REQUEST_ENV + 1);
    struct kube_job job = full_job, free_job = full_job,
                    ahead = {.name = "p", .data_path = "/data"};
    job.request = large;
    free_job.owner_uid = NULL;
    json *objects[] = {make(&all_settings, &full_job), make(&few_settings, &free_job),
                       make(&all_settings, &job), make(&all_settings, &ahead)};
    for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
        validate_as(whole, "io.k8s.api.batch.v1.Job", objects[i]);
        json_free(objects[i]);
    }
    json *map = kube_job_make_map(&all_settings, &job, "uid");
    validate_as(whole, "io.k8s.api.core.v1.ConfigMap", map);
    json_free(map);
    json_free(whole);
}
