// SPDX-License-Identifier: Apache-2.0
//
// `app render-helm`: the chart as plain manifests, with no Helm.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/house.h"
#include "helm/helm.h"

#define API_VERSIONS_MAX 256

struct request {
    struct helm_options options;
    struct helm_set sets[SETTINGS_REPEATED];
    const char *api_versions[API_VERSIONS_MAX];
    const char *patterns[SETTINGS_REPEATED]; // of --show-only
    size_t pattern_count;
    char *text; // room for the API versions that are cut from the options
};

static int add_api_versions(struct request *request, const char *list, struct err *err) {
    char *at = strcpy(request->text, list);
    request->text += strlen(list) + 1;
    for (char *next; at && *at; at = next) {
        next = strchr(at, ',');
        if (next)
            *next++ = '\0';
        if (request->options.api_version_count == API_VERSIONS_MAX)
            return err_set(err, ERR_TOO_LARGE, "--api-versions names more than %d",
                           API_VERSIONS_MAX);
        request->api_versions[request->options.api_version_count++] = at;
    }
    return 0;
}

static int add_repeated(struct request *request, const struct settings_repeated *repeated,
                        struct err *err) {
    static const struct {
        const char *flag;
        enum helm_set_kind kind;
    } sets[] = {{"--values", HELM_VALUES},
                {"--set", HELM_SET},
                {"--set-string", HELM_SET_TEXT},
                {"--set-file", HELM_SET_FILE},
                {"--set-json", HELM_SET_JSON}};
    for (size_t i = 0; i < ARRAY_LENGTH(sets); i++) {
        if (strcmp(sets[i].flag, repeated->flag) != 0)
            continue;
        request->sets[request->options.set_count++] =
            (struct helm_set){sets[i].kind, repeated->text};
        return 0;
    }
    if (strcmp(repeated->flag, "--api-versions") == 0)
        return add_api_versions(request, repeated->text, err);
    request->patterns[request->pattern_count++] = repeated->text;
    return 0;
}

static const char *path_in_chart(const struct helm_manifest *manifest) {
    const char *slash = strchr(manifest->path, '/');
    return slash ? slash + 1 : manifest->path;
}

// Whether the manifest is to be shown at all, for what it is for.
static bool is_for_all(const struct settings *settings, const struct helm_manifest *manifest) {
    return !(manifest->is_hook && settings->no_hooks) &&
           !(manifest->is_test && settings->skip_tests);
}

static bool is_wanted(const struct request *request, const struct helm_manifest *manifest) {
    for (size_t i = 0; i < request->pattern_count; i++)
        if (helm_path_matches(request->patterns[i], path_in_chart(manifest)))
            return true;
    return request->pattern_count == 0;
}

// Every pattern of --show-only must find something.
static int check_patterns(const struct request *request, const struct helm_rendering *rendering,
                          struct err *err) {
    for (size_t i = 0; i < request->pattern_count; i++) {
        const char *names[256];
        size_t count = 0;
        bool is_found = false;
        for (size_t j = 0; j < rendering->manifest_count; j++) {
            const char *path = path_in_chart(&rendering->manifests[j]);
            is_found = is_found || helm_path_matches(request->patterns[i], path);
            if (count < ARRAY_LENGTH(names))
                names[count++] = path;
        }
        if (is_found)
            continue;
        err_set(err, ERR_NOT_FOUND, "--show-only %s: no template of that name makes a manifest",
                request->patterns[i]);
        const char *closest = str_closest(request->patterns[i], names, count);
        return closest ? err_hint(err, "Did you mean %s?", closest)
                       : err_hint(err, "A name is meant as in templates/service.yaml; the values "
                                       "may switch it off.");
    }
    return 0;
}

static void add_manifest(struct buf *out, const struct helm_manifest *manifest) {
    size_t length = strlen(manifest->text);
    while (length && manifest->text[length - 1] == '\n')
        length--;
    buf_add_format(out, "---\n# Source: %s\n", manifest->path);
    buf_add(out, manifest->text, length);
    buf_add_char(out, '\n');
}

static int make_folders(const char *file, struct err *err) {
    cleanup_free char *folder = mem_text(file);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    return slash ? path_make_folder(folder, 0755, err) : 0;
}

// A file for each template, with all that it makes.
static int write_files(const struct settings *settings, const struct request *request,
                       const struct helm_rendering *rendering, struct err *err) {
    int status = 0;
    for (size_t i = 0; i < rendering->manifest_count && status == 0; i++) {
        const struct helm_manifest *first = &rendering->manifests[i];
        cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
        cleanup_free char *path = path_join(settings->output_folder, first->path);
        bool is_first = is_for_all(settings, first) && is_wanted(request, first);
        unsigned mode = 0644;
        for (size_t j = 0; j < i; j++)
            is_first = is_first && (strcmp(rendering->manifests[j].path, first->path) != 0 ||
                                    !is_for_all(settings, &rendering->manifests[j]));
        for (size_t j = i; is_first && j < rendering->manifest_count; j++) {
            const struct helm_manifest *one = &rendering->manifests[j];
            if (strcmp(one->path, first->path) != 0 || !is_for_all(settings, one))
                continue;
            add_manifest(&out, one);
            if (strcmp(one->kind, "Secret") == 0)
                mode = 0600;
        }
        if (!is_first)
            continue;
        status = make_folders(path, err);
        if (status == 0)
            status = fd_replace_file(path, buf_text(&out), out.length, mode, err);
        if (status == 0)
            printf("wrote %s\n", path);
    }
    return status;
}

static int print_manifests(const struct settings *settings, const struct request *request,
                           const struct helm_rendering *rendering, struct err *err) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDER_OUTPUT);
    for (size_t i = 0; i < rendering->manifest_count; i++)
        if (is_for_all(settings, &rendering->manifests[i]) &&
            is_wanted(request, &rendering->manifests[i]))
            add_manifest(&out, &rendering->manifests[i]);
    if (out.overflowed)
        return err_set(err, ERR_TOO_LARGE, "the manifests take more than %d MiB",
                       LIMIT_RENDER_OUTPUT >> 20);
    fwrite(buf_text(&out), 1, out.length, stdout);
    return 0;
}

static int print_notes(const struct helm_rendering *rendering, struct err *err) {
    if (!rendering->notes)
        return err_set(err, ERR_NOT_FOUND, "the chart has no templates/NOTES.txt");
    printf("%s", rendering->notes);
    return 0;
}

static int render(const struct settings *settings, struct request *request, struct err *err) {
    struct helm_rendering *rendering cleanup(helm_rendering_freep) = NULL;
    int status = 0;
    for (int i = 0; i < settings->repeated_count && status == 0; i++)
        status = add_repeated(request, &settings->repeated[i], err);
    if (status == 0)
        status = helm_render(&request->options, &rendering, err);
    if (status == 0)
        status = check_patterns(request, rendering, err);
    if (status)
        return status;
    bool is_random = false;
    for (size_t i = 0; i < rendering->manifest_count; i++)
        is_random = is_random || (rendering->manifests[i].is_random && !settings->notes &&
                                  is_for_all(settings, &rendering->manifests[i]) &&
                                  is_wanted(request, &rendering->manifests[i]));
    if (is_random)
        fprintf(stderr,
                "app render-helm: something in it was made by chance just now, so a second "
                "rendering will differ; set the value that it stands in for to keep it "
                "(the access token: --set auth.token=TOKEN or auth.existingSecret=NAME).\n");
    if (settings->notes)
        return print_notes(rendering, err);
    return str_is_empty(settings->output_folder)
               ? print_manifests(settings, request, rendering, err)
               : write_files(settings, request, rendering, err);
}

static int run(const struct settings *settings) {
    struct err err = {0};
    size_t room = 1;
    for (int i = 0; i < settings->repeated_count; i++)
        room += strlen(settings->repeated[i].text) + 1;
    cleanup_free char *text = mem_zero(room + 1, 1);
    cleanup_free struct request *request = mem_zero(1, sizeof *request);
    request->text = text;
    request->options = (struct helm_options){
        .chart_folder = str_is_empty(settings->chart) ? NULL : settings->chart,
        .release = settings->release,
        .namespace = settings->namespace,
        .kube_version = str_is_empty(settings->kube_version) ? NULL : settings->kube_version,
        .sets = request->sets,
        .api_versions = request->api_versions,
        .include_crds = settings->include_crds,
        .validate = settings->validate,
    };
    int status = render(settings, request, &err);
    return status ? house_complain("render-helm", &err, 1) : 0;
}

const struct command command_render_helm = {
    .name = "render-helm",
    .mask = FOR_RENDER,
    .synopsis = "[OPTION]…",
    .summary = "print the Helm chart as plain manifests, with no Helm",
    .description =
        "Renders the chart as `helm template` does, from the same templates, values and schema, "
        "and "
        "prints the manifests in the order of installing: `app render-helm --skip-tests | kubectl "
        "apply -f -` installs without Helm (for kubectl a test is a Pod like any other). The chart "
        "is the one that is built in, or any other in a folder "
        "that has no subcharts.\n\n"
        "Values are laid over those of the chart in Helm's order: files, then --set-json, --set, "
        "--set-string and --set-file. They must fit values.schema.json. Nothing is asked of a "
        "cluster: `lookup` finds nothing, so what a chart makes by chance once (a token) is made "
        "anew each time, which is then said on standard error.\n\n"
        "A function of Helm's that is not supported is refused by name. An error says the "
        "template, "
        "the line and the column.",
    .statuses = "0; 1 the chart or the values cannot be rendered; 2 the command line is wrong.",
    .examples = "app render-helm --skip-tests --set auth.token=TOKEN | kubectl apply -f -\n"
                "app render-helm -f values.yaml --validate --output-dir manifests\n"
                "app render-helm --show-only templates/ingress.yaml --set ingress.enabled=true\n"
                "app render-helm --chart ./other-chart --release web --notes",
    .run = run,
};
