// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. A rendering is a pipe: the chart is read; the values that are given are laid
// over its own and checked against its schema; every template is parsed, deepest folder first as
// Helm does, so that it is the same definition of a name that wins; every file that is no partial
// is executed with .Values, .Release, .Chart, .Capabilities, .Files and .Template; what comes out
// is split into documents, sorted, and perhaps validated. One pool holds all of it, up to and with
// the result. Templates that include each other, as deep as the limits allow, take more stack than
// a process may have, so a rendering has a thread of its own with enough.
#include "helm/helm.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "helm/chart.h"
#include "helm/engine.h"
#include "helm/glob.h"
#include "helm/objects.h"
#include "helm/release.h"
#include "helm/schema.h"
#include "helm/values.h"

#define KUBE_VERSION "v1.34.0"
#define HELM_VERSION "v3.19.0" // whose behaviour this is

struct work {
    struct helm_rendering rendering;
    struct engine engine;
    struct chart chart;
    struct release release;
};

// What every cluster of the versions in use has.
static const char *const api_versions[] = {
    "v1",
    "apps/v1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "networking.k8s.io/v1",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
    "admissionregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "apiregistration.k8s.io/v1",
    "authentication.k8s.io/v1",
    "authorization.k8s.io/v1",
    "certificates.k8s.io/v1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "events.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1",
    "node.k8s.io/v1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1",
};

// ---- What templates see

static void set(struct pool *pool, struct value map, const char *name, struct value value) {
    map_set(pool, map.kind == VALUE_OBJECT ? map.object->fields : map.map, text_of(name), value);
}

static struct value texts_of(struct pool *pool, const struct value *source) {
    size_t count = source && source->kind == VALUE_LIST ? source->list->count : 0;
    struct value list = value_list(pool, TYPE_STRING, count);
    for (size_t i = 0; i < count; i++)
        list.list->items[i] = source->list->items[i].kind == VALUE_TEXT ? source->list->items[i]
                                                                        : value_text(TEXT(""));
    list.list->is_nil = count == 0;
    return list;
}

static struct value chart_object(struct pool *pool, const struct chart *chart) {
    static const struct {
        const char *field, *key;
    } texts[] = {{"Name", "name"},
                 {"Home", "home"},
                 {"Version", "version"},
                 {"Description", "description"},
                 {"Icon", "icon"},
                 {"APIVersion", "apiVersion"},
                 {"Condition", "condition"},
                 {"Tags", "tags"},
                 {"AppVersion", "appVersion"},
                 {"KubeVersion", "kubeVersion"},
                 {"Type", "type"}};
    const struct value_map *metadata = chart->metadata.map;
    struct value object = value_object(pool, &object_chart);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        const struct value *found = map_get(metadata, text_of(texts[i].key));
        set(pool, object, texts[i].field,
            found && found->kind == VALUE_TEXT ? *found : value_text(TEXT("")));
    }
    const struct value *annotations = map_get(metadata, TEXT("annotations"));
    const struct value *deprecated = map_get(metadata, TEXT("deprecated"));
    struct value map = value_map(pool, TYPE_STRING);
    for (size_t i = 0; annotations && annotations->kind == VALUE_MAP && i < annotations->map->count;
         i++)
        if (annotations->map->entries[i].value.kind == VALUE_TEXT)
            map_set(pool, map.map, annotations->map->entries[i].key,
                    annotations->map->entries[i].value);
    map.map->is_nil = map.map->count == 0;
    set(pool, object, "Annotations", map);
    set(pool, object, "Deprecated", value_bool(deprecated && value_is_true(*deprecated)));
    set(pool, object, "Keywords", texts_of(pool, map_get(metadata, TEXT("keywords"))));
    set(pool, object, "Sources", texts_of(pool, map_get(metadata, TEXT("sources"))));
    set(pool, object, "IsRoot", value_bool(true));
    return object;
}

static struct value kube_version_object(struct pool *pool, const struct semver *version) {
    struct value object = value_object(pool, &object_kube_version);
    cleanup_buf struct buf text = BUF(1024);
    struct text parts[3];
    buf_add_format(&text, "v%llu.%llu.%llu%s%s%s%s", (unsigned long long)version->major,
                   (unsigned long long)version->minor, (unsigned long long)version->patch,
                   *version->prerelease ? "-" : "", version->prerelease,
                   *version->metadata ? "+" : "", version->metadata);
    parts[0] = text_take(pool, &text);
    buf_add_format(&text, "%llu", (unsigned long long)version->major);
    parts[1] = text_take(pool, &text);
    buf_add_format(&text, "%llu", (unsigned long long)version->minor);
    parts[2] = text_take(pool, &text);
    object.object->as_value = value_text(parts[0]);
    set(pool, object, "Version", value_text(parts[0]));
    set(pool, object, "GitVersion", value_text(parts[0]));
    set(pool, object, "String", value_text(parts[0]));
    set(pool, object, "Major", value_text(parts[1]));
    set(pool, object, "Minor", value_text(parts[2]));
    return object;
}

static struct value capabilities_object(struct pool *pool, const struct helm_options *options,
                                        const struct semver *version) {
    struct value object = value_object(pool, &object_capabilities),
                 versions = value_object(pool, &object_version_set),
                 helm = value_object(pool, &object_helm_version);
    size_t known = ARRAY_LENGTH(api_versions);
    versions.object->as_value = value_list(pool, TYPE_STRING, known + options->api_version_count);
    for (size_t i = 0; i < known + options->api_version_count; i++)
        versions.object->as_value.list->items[i] =
            value_text(text_of(i < known ? api_versions[i] : options->api_versions[i - known]));
    set(pool, helm, "Version", value_text(TEXT(HELM_VERSION)));
    set(pool, helm, "GitCommit", value_text(TEXT("")));
    set(pool, helm, "GitTreeState", value_text(TEXT("")));
    set(pool, helm, "GoVersion", value_text(TEXT("")));
    set(pool, object, "KubeVersion", kube_version_object(pool, version));
    set(pool, object, "APIVersions", versions);
    set(pool, object, "HelmVersion", helm);
    return object;
}

static struct value release_map(struct pool *pool, const struct helm_options *options) {
    struct value map = value_map(pool, TYPE_ANY);
    set(pool, map, "Name", value_text(text_of(options->release)));
    set(pool, map, "Namespace", value_text(text_of(options->namespace)));
    set(pool, map, "Service", value_text(TEXT("Helm")));
    set(pool, map, "IsInstall", value_bool(true));
    set(pool, map, "IsUpgrade", value_bool(false));
    set(pool, map, "Revision", value_int(1));
    return map;
}

static bool is_template(const struct chart_file *file) {
    return str_has_prefix(file->name, "templates/");
}

static struct value files_object(struct pool *pool, const struct chart *chart) {
    struct value files = value_object(pool, &object_files);
    for (size_t i = 0; i < chart->file_count; i++) {
        const struct chart_file *file = &chart->files[i];
        bool is_other = is_template(file) || strcmp(file->name, "Chart.yaml") == 0 ||
                        strcmp(file->name, "values.yaml") == 0 ||
                        strcmp(file->name, "values.schema.json") == 0 ||
                        strcmp(file->name, "Chart.lock") == 0;
        if (!is_other)
            set(pool, files, file->name, (struct value){.kind = VALUE_BYTES, .text = file->data});
    }
    return files;
}

static int check_kube_version(const struct chart *chart, const struct semver *version,
                              struct err *err) {
    const struct value *constraint = map_get(chart->metadata.map, TEXT("kubeVersion"));
    bool is_within = true;
    if (!constraint || constraint->kind != VALUE_TEXT || !constraint->text.length)
        return 0;
    int status = semver_check(constraint->text.data, version, &is_within, err);
    if (status) {
        err_prefix(err, "Chart.yaml: kubeVersion");
        return status;
    }
    if (is_within)
        return 0;
    err_set(err, ERR_BAD_REQUEST, "the chart is for Kubernetes %s, not for v%llu.%llu.%llu",
            constraint->text.data, (unsigned long long)version->major,
            (unsigned long long)version->minor, (unsigned long long)version->patch);
    return err_hint(err, "Name the cluster's version with --kube-version.");
}

// As Helm: a DNS label, of at most 53 characters for a release, which more is put behind.
static int check_name(const char *what, const char *name, size_t longest, struct err *err) {
    size_t length = strlen(name);
    if (length && length <= longest && name[0] != '-' && name[length - 1] != '-' &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
        return 0;
    return err_set(err, ERR_BAD_REQUEST,
                   "\"%.80s\" is no name for a %s: lower-case letters, digits and - are expected, "
                   "%zu at most",
                   name, what, longest);
}

static int make_top(struct work *work, const struct helm_options *options, struct value *ret_top,
                    struct err *err) {
    struct pool *pool = &work->engine.pool;
    struct semver version;
    struct value values;
    const char *kube_version = options->kube_version ? options->kube_version : KUBE_VERSION;
    int status = check_name("release", options->release, 53, err);
    if (status == 0)
        status = check_name("namespace", options->namespace, 63, err);
    if (status == 0)
        status = semver_parse(kube_version, &version, err);
    if (status == 0)
        status = check_kube_version(&work->chart, &version, err);
    if (status == 0)
        status = values_read(pool, options->sets, options->set_count, &values, err);
    if (status)
        return status;
    values_coalesce(pool, values.map, work->chart.values.map);
    status = work->chart.schema ? schema_check(work->chart.schema, values, err) : 0;
    if (status)
        return status;
    *ret_top = value_map(pool, TYPE_ANY);
    set(pool, *ret_top, "Values", values);
    set(pool, *ret_top, "Chart", chart_object(pool, &work->chart));
    set(pool, *ret_top, "Capabilities", capabilities_object(pool, options, &version));
    set(pool, *ret_top, "Release", release_map(pool, options));
    set(pool, *ret_top, "Files", files_object(pool, &work->chart));
    set(pool, *ret_top, "Subcharts", value_map(pool, TYPE_ANY));
    return 0;
}

// ---- Templates

static size_t slashes(const char *path) {
    size_t count = 0;
    for (; *path; path++)
        count += *path == '/';
    return count;
}

static int compare_templates(const void *left_file, const void *right_file) {
    const char *left = (*(const struct chart_file *const *)left_file)->name,
               *right = (*(const struct chart_file *const *)right_file)->name;
    size_t left_depth = slashes(left), right_depth = slashes(right);
    if (left_depth != right_depth)
        return left_depth > right_depth ? -1 : 1;
    return strcmp(right, left);
}

static size_t list_templates(struct work *work, const struct chart_file ***ret_files) {
    size_t count = 0;
    const struct chart_file **files =
        pool_take(&work->engine.pool, work->chart.file_count + 1, sizeof *files);
    for (size_t i = 0; i < work->chart.file_count; i++)
        if (is_template(&work->chart.files[i]))
            files[count++] = &work->chart.files[i];
    qsort(files, count, sizeof *files, compare_templates);
    *ret_files = files;
    return count;
}

static const char *full_name(struct work *work, const struct chart_file *file) {
    cleanup_buf struct buf name = BUF(8192);
    buf_add_format(&name, "%s/%s", work->chart.name, file->name);
    return text_take(&work->engine.pool, &name).data;
}

static int parse_templates(struct work *work, const struct chart_file **files, size_t count,
                           struct err *err) {
    struct engine *engine = &work->engine;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct source *source = pool_take(&engine->pool, 1, sizeof *source);
        *source = (struct source){files[i]->name, files[i]->data, false};
        status = tree_parse(&engine->pool, source, text_of(full_name(work, files[i])),
                            &engine->definitions, err);
        if (status == 0 && engine->pool.is_full)
            status = err_set(err, ERR_TOO_LARGE, "the chart takes more than %d MiB of memory",
                             LIMIT_RENDER_MEMORY >> 20);
    }
    return status;
}

static int render_file(struct work *work, const struct chart_file *file, struct value top,
                       struct text *ret_text) {
    struct pool *pool = &work->engine.pool;
    const char *name = full_name(work, file);
    struct value template = value_map(pool, TYPE_ANY);
    cleanup_buf struct buf folder = BUF(8192);
    buf_add_format(&folder, "%s/templates", work->chart.name);
    set(pool, template, "Name", value_text(text_of(name)));
    set(pool, template, "BasePath", value_text(text_take(pool, &folder)));
    set(pool, top, "Template", template);
    return engine_render(&work->engine, name, top, ret_text);
}

// Rendered in the order of parsing, added in the order of their names.
static int render_templates(struct work *work, const struct chart_file **files, size_t count,
                            struct value top, struct err *err) {
    struct text *texts = pool_take(&work->engine.pool, count + 1, sizeof *texts);
    bool *are_random = pool_take(&work->engine.pool, count + 1, sizeof *are_random);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        work->engine.is_random = false;
        if (*path_name(files[i]->name) != '_')
            status = render_file(work, files[i], top, &texts[i]);
        are_random[i] = work->engine.is_random;
    }
    for (size_t i = 0; i < work->chart.file_count && status == 0; i++) {
        size_t at = 0;
        while (at < count && files[at] != &work->chart.files[i])
            at++;
        if (at == count || !texts[at].data)
            continue;
        work->release.is_random = are_random[at];
        if (strcmp(files[at]->name, "templates/NOTES.txt") == 0)
            work->rendering.notes = texts[at].data;
        else if (!str_has_suffix(files[at]->name, "NOTES.txt"))
            status = release_add(&work->release, full_name(work, files[at]), texts[at], err);
    }
    return status;
}

static int add_crds(struct work *work, struct err *err) {
    int status = 0;
    for (size_t i = 0; i < work->chart.file_count && status == 0; i++)
        if (str_has_prefix(work->chart.files[i].name, "crds/"))
            status = release_add(&work->release, full_name(work, &work->chart.files[i]),
                                 work->chart.files[i].data, err);
    return status;
}

// ---- The whole

static int render(struct work *work, const struct helm_options *options, struct err *err) {
    const struct chart_file **files;
    struct value top;
    int status = chart_load(&work->engine.pool, options->chart_folder, &work->chart, err);
    if (status == 0)
        status = make_top(work, options, &top, err);
    if (status)
        return status;
    size_t count = list_templates(work, &files);
    status = parse_templates(work, files, count, err);
    if (status == 0 && options->include_crds)
        status = add_crds(work, err);
    work->release.fixed = work->release.count;
    if (status == 0)
        status = render_templates(work, files, count, top, err);
    if (status == 0)
        release_sort(&work->release);
    if (status == 0 && options->validate)
        status = release_validate(&work->release, err);
    return status;
}

struct job {
    struct work *work;
    const struct helm_options *options;
    struct err *err;
    int status;
};

static void *run_job(void *argument) {
    struct job *job = argument;
    job->status = render(job->work, job->options, job->err);
    return NULL;
}

static int render_in_thread(struct work *work, const struct helm_options *options,
                            struct err *err) {
    struct job job = {work, options, err, 0};
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, LIMIT_RENDER_STACK);
    int problem = pthread_create(&thread, &attributes, run_job, &job);
    pthread_attr_destroy(&attributes);
    if (problem)
        return err_set_errno(err, problem, "no thread can be started to render in");
    pthread_join(thread, NULL);
    return job.status;
}

int helm_render(const struct helm_options *options, struct helm_rendering **ret_rendering,
                struct err *err) {
    struct work *work = mem_zero(1, sizeof *work);
    *err = (struct err){0};
    work->engine.pool.arena = ARENA(LIMIT_RENDER_MEMORY);
    work->engine.err = err;
    work->release.pool = &work->engine.pool;
    work->release.is_strict = options->validate;
    work->rendering.memory = work;
    int status = render_in_thread(work, options, err);
    if (status) {
        helm_rendering_free(&work->rendering);
        return status;
    }
    work->rendering.manifests = work->release.manifests;
    work->rendering.manifest_count = work->release.count;
    *ret_rendering = &work->rendering;
    return 0;
}

bool helm_path_matches(const char *pattern, const char *path) {
    return glob_matches(pattern, path, GLOB_NAMES);
}

void helm_rendering_free(struct helm_rendering *rendering) {
    if (!rendering)
        return;
    struct work *work = rendering->memory;
    chart_done(&work->chart);
    arena_done(&work->engine.pool.arena);
    free(work);
}
