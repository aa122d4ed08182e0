// SPDX-License-Identifier: Apache-2.0
//
// A chart as a whole: what is read of its folder, the order of its manifests, hooks, and what
// --validate finds.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "helm/chart.h"
#include "helm/glob.h"
#include "tests/unit/check.h"
#include "tests/unit/helm_chart.h"

static struct helm_options options(void) {
    return (struct helm_options){
        .chart_folder = check_folder(), .release = "rel", .namespace = "ns"};
}

// "Kind/name from path" of each manifest, or the message.
static const char *listed(const struct helm_options *options) {
    static struct buf out = {.limit = 100000};
    struct helm_rendering *rendering cleanup(helm_rendering_freep) = NULL;
    struct err err;
    buf_clear(&out);
    if (helm_render(options, &rendering, &err)) {
        buf_add_format(&out, "%s%s%s", err.message, *err.hint ? " | " : "", err.hint);
        return buf_text(&out);
    }
    for (size_t i = 0; i < rendering->manifest_count; i++)
        buf_add_format(&out, "%s%s/%s%s%s", i ? " " : "", rendering->manifests[i].kind,
                       rendering->manifests[i].name, rendering->manifests[i].is_hook ? "+" : "",
                       rendering->manifests[i].is_test ? "+" : "");
    return buf_text(&out);
}

#define MANIFEST(kind, name) "apiVersion: v1\nkind: " kind "\nmetadata:\n  name: " name "\n"
#define HOOK(kind, name, hook) MANIFEST(kind, name) "  annotations:\n    helm.sh/hook: " hook "\n"

TEST(manifests_come_in_the_order_of_installing_and_hooks_behind_them) {
    helm_chart("notes", "", NULL);
    helm_chart_file("templates/a.yaml", HOOK("Pod", "t", "test") "---\n" MANIFEST("Zebra", "z"));
    helm_chart_file("templates/b.yaml", MANIFEST("Deployment", "d") "--- \n" MANIFEST("Ape", "a"));
    helm_chart_file("templates/c.yaml", "# only a comment\n---\n\n---\n" MANIFEST("Service", "s"));
    helm_chart_file("templates/d.yaml", HOOK("Job", "j", "pre-install, post-upgrade"));
    helm_chart_file("templates/deep/e.yaml", "---"
                                             "\n" MANIFEST("Secret", "x"));
    helm_chart_file("templates/f.yaml", HOOK("Job", "unknown", "sometime"));
    helm_chart_file("templates/_g.yaml", MANIFEST("Never", "n"));
    helm_chart_file("crds/crd.yaml", MANIFEST("CustomResourceDefinition", "c"));
    struct helm_options asked = options();
    CHECK_TEXT(listed(&asked), "Secret/x Service/s Deployment/d / Ape/a Zebra/z Pod/t++ Job/j+");
    asked.include_crds = true;
    CHECK_TEXT(listed(&asked), "CustomResourceDefinition/c Secret/x Service/s Deployment/d / Ape/a "
                               "Zebra/z Pod/t++ Job/j+");
}

TEST(a_manifest_that_is_no_yaml_is_reported_with_its_line) {
    helm_chart("notes", "", NULL);
    helm_chart_file("templates/a.yaml", MANIFEST("A", "a") "---\n" MANIFEST("B", "b") "x: y: z\n");
    struct helm_options asked = options();
    CHECK_TEXT(
        listed(&asked),
        "templates/a.yaml: what it renders to is not valid YAML at line 10, column 5: mapping "
        "values are not allowed in this context | That line of the rendered text is: x: y: z");
    helm_chart_file("templates/a.yaml", "- a\n- b\n");
    CHECK_TEXT(listed(&asked),
               "templates/a.yaml: what it renders to is no manifest: a mapping is expected");
    helm_chart_file("templates/a.yaml", MANIFEST("A", "a") "kind: B\n");
    CHECK_TEXT(listed(&asked), "B/a");
    asked.validate = true;
    CHECK(strstr(listed(&asked), "line 5, column 7: a key stands twice"));
}

static const char *validated(const char *manifest) {
    helm_chart("notes", "", NULL);
    helm_chart_file("templates/a.yaml", manifest);
    struct helm_options asked = options();
    asked.validate = true;
    return listed(&asked);
}

TEST(validation_finds_what_needs_no_cluster_to_be_found) {
    CHECK_TEXT(validated(MANIFEST("ConfigMap", "a") "data: {x: y}\n"), "ConfigMap/a");
    CHECK_TEXT(validated(MANIFEST("Custom", "a") "anything: 1\n"), "Custom/a");
    CHECK_TEXT(validated(MANIFEST("A", "a") "---\n# nothing\n---\n# nothing\n"), "/ / A/a");
    CHECK_TEXT(validated("kind: A\nmetadata: {name: a}\n"),
               "templates/a.yaml: the A \"a\" has no apiVersion");
    CHECK_TEXT(validated("apiVersion: v1\nmetadata: {name: a}\n"),
               "templates/a.yaml: the manifest \"a\" has no kind");
    CHECK_TEXT(validated("apiVersion: v1\nkind: A\n"),
               "templates/a.yaml: the A \"\" has no metadata.name");
    CHECK_TEXT(validated(MANIFEST("ConfigMap", "a") "dta: {}\n"),
               "templates/a.yaml: the ConfigMap \"a\" has an unknown field: dta");
    CHECK_TEXT(validated(MANIFEST("A", "a") "  lables: {}\n"),
               "templates/a.yaml: the A \"a\" has an unknown field: metadata.lables");
    CHECK_TEXT(validated(MANIFEST("A", "a") "  labels: {version: 1.10}\n"),
               "templates/a.yaml: the A \"a\" has a label or an annotation that is no text (put it "
               "in quotes): version");
    CHECK(strstr(validated(MANIFEST("A", "Upper_Case")), "a name that Kubernetes does not take"));
    CHECK_TEXT(validated(MANIFEST("A", "a") "---\n" MANIFEST("A", "a")),
               "templates/a.yaml: the A \"a\" comes twice, also from test/templates/a.yaml");
    CHECK_TEXT(validated(MANIFEST("A", "a") "---\n" MANIFEST("A", "a") "  namespace: other\n"),
               "A/a A/a");
}

TEST(a_chart_that_cannot_be_rendered_right_is_refused) {
    struct helm_options asked = options();
    CHECK(strstr(listed(&asked), "it has no Chart.yaml"));
    helm_chart("x", "", NULL);
    asked.release = "Bad_Name";
    CHECK(strstr(listed(&asked), "\"Bad_Name\" is no name for a release"));
    asked = options();
    asked.kube_version = "new";
    CHECK_TEXT(listed(&asked), "\"new\" is no semantic version, as in 1.2.3");
    asked = options();
    helm_chart_file("charts/sub/Chart.yaml", "name: sub\n");
    CHECK(strstr(listed(&asked), "subcharts are not supported by render-helm"));
    helm_chart_file(".helmignore", "charts/\n");
    CHECK_TEXT(listed(&asked), "");
    helm_chart_file("Chart.yaml",
                    "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: b}]\n");
    CHECK(strstr(listed(&asked), "has subcharts"));
    helm_chart_file("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\ntype: library\n");
    CHECK(strstr(listed(&asked), "is a library"));
    helm_chart_file("Chart.yaml", "apiVersion: v2\nname: ../../a\nversion: 1.0.0\n");
    CHECK(strstr(listed(&asked), "is no name for a chart"));
    helm_chart_file("Chart.yaml", "apiVersion: v2\nname: a\n");
    CHECK_TEXT(listed(&asked), "Chart.yaml has no version, or it is no text");
    helm_chart_file("Chart.yaml",
                    "apiVersion: v2\nname: a\nversion: 1.0.0\nkubeVersion: '>=1.40'\n");
    CHECK_TEXT(listed(&asked), "the chart is for Kubernetes >=1.40, not for v1.34.0 | Name the "
                               "cluster's version with --kube-version.");
    asked.kube_version = "1.41";
    CHECK_TEXT(listed(&asked), "");
    helm_chart_file("values.yaml", "a: [\n");
    CHECK(strstr(listed(&asked), "values.yaml: not valid YAML at line 2"));
    helm_chart_file("values.yaml", "- a\n");
    CHECK_TEXT(listed(&asked), "values.yaml must hold a mapping of names to values");
}

TEST(helmignore_names_files_as_in_helm) {
    struct pool pool = {.arena = ARENA(1 << 24)};
    struct chart chart;
    struct err err;
    struct buf names = BUF(1000);
    helm_chart("x", "", NULL);
    helm_chart_file(".helmignore",
                    "# comment\n\n*.bak\n/top.txt\nsub/x.*\nfolder/\n .helmignore \n");
    static const char *const files[] = {
        "a.bak", "deep/b.bak",    "top.txt",      "deep/top.txt", "sub/x.y",     "folder/a",
        "file",  "deep/folder/b", "templates/.c", "templates/d",  "deep/sub/x.y"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        helm_chart_file(files[i], "");
    CHECK_OK(chart_load(&pool, check_folder(), &chart, &err), err);
    for (size_t i = 0; i < chart.file_count; i++)
        buf_add_format(&names, "%s ", chart.files[i].name);
    CHECK_TEXT(buf_text(&names), "Chart.yaml deep/sub/x.y deep/top.txt file templates/NOTES.txt "
                                 "templates/d values.yaml ");
    chart_done(&chart);
    arena_done(&pool.arena);
    buf_done(&names);
}

TEST(patterns_match_as_in_helm) {
    static const struct {
        const char *pattern, *path;
        enum glob_syntax syntax;
        bool matches;
    } cases[] = {
        {"*.yaml", "a.yaml", GLOB_NAMES, true},
        {"*.yaml", "a/b.yaml", GLOB_NAMES, false},
        {"a/*", "a/b", GLOB_NAMES, true},
        {"a?c", "abc", GLOB_NAMES, true},
        {"a?c", "a/c", GLOB_NAMES, false},
        {"[a-c]x", "bx", GLOB_NAMES, true},
        {"[!a-c]x", "bx", GLOB_NAMES, false},
        {"[^a-c]x", "dx", GLOB_NAMES, true},
        {"\\*", "*", GLOB_NAMES, true},
        {"\\*", "a", GLOB_NAMES, false},
        {"{a,b}", "a", GLOB_NAMES, false},
        {"{a,b}", "a", GLOB_FILES, true},
        {"**", "a/b/c", GLOB_FILES, true},
        {"a/**", "a/b/c", GLOB_FILES, true},
        {"a/*", "a/b/c", GLOB_FILES, false},
        {"**.json", "a/b.json", GLOB_FILES, true},
        {"{a,{b,c}/*}.x", "c/d.x", GLOB_FILES, true},
        {"", "", GLOB_NAMES, true},
        {"a", "", GLOB_NAMES, false},
        {"[", "a", GLOB_NAMES, false},
        {"{a", "a", GLOB_FILES, false},
        {"a*", "a", GLOB_NAMES, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (glob_matches(cases[i].pattern, cases[i].path, cases[i].syntax) != cases[i].matches)
            check_fail(__FILE__, __LINE__, "%s on %s", cases[i].pattern, cases[i].path);
    // Many stars take no time without end.
    CHECK(!glob_matches("*a*a*a*a*a*a*a*a*a*a*a*b",
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", GLOB_NAMES));
}

TEST(the_chart_that_is_built_in_is_the_one_in_the_tree) {
    struct pool pool = {.arena = ARENA(1 << 26)};
    struct chart embedded, folder;
    struct err err;
    FILE *there = fopen("chart/Chart.yaml", "r");
    if (!there)
        check_skip("there is no chart/Chart.yaml");
    fclose(there);
    CHECK_OK(chart_load(&pool, NULL, &embedded, &err), err);
    CHECK_OK(chart_load(&pool, "chart", &folder, &err), err);
    CHECK_INT(embedded.file_count, folder.file_count);
    for (size_t i = 0; i < folder.file_count; i++) {
        CHECK_TEXT(embedded.files[i].name, folder.files[i].name);
        CHECK(text_compare(embedded.files[i].data, folder.files[i].data) == 0);
    }
    chart_done(&embedded);
    chart_done(&folder);
    arena_done(&pool.arena);
}
