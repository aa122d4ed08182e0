// SPDX-License-Identifier: Apache-2.0
//
// See helm_chart.h.
#include "tests/unit/helm_chart.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "tests/unit/check.h"

void helm_chart_file(const char *path, const char *text) {
    cleanup_free char *full = path_join(check_folder(), path);
    cleanup_free char *folder = mem_text(full);
    struct err err;
    *strrchr(folder, '/') = '\0';
    CHECK_OK(path_make_folder(folder, 0700, &err), err);
    FILE *file = fopen(full, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

const char *helm_chart(const char *template, const char *values, const char *schema) {
    helm_chart_file("Chart.yaml",
                    "apiVersion: v2\nname: test\nversion: 1.0.0\nappVersion: '2.0'\n");
    helm_chart_file("values.yaml", values);
    if (schema)
        helm_chart_file("values.schema.json", schema);
    helm_chart_file("templates/NOTES.txt", template);
    return check_folder();
}

const char *helm_text(const char *template, const char *values) {
    static char *kept;
    struct helm_rendering *rendering = NULL;
    struct err err;
    const struct helm_options options = {
        .chart_folder = helm_chart(template, values, NULL), .release = "rel", .namespace = "ns"};
    free(kept);
    if (helm_render(&options, &rendering, &err))
        kept = mem_format("%s%s%s", err.message, *err.hint ? " " : "", err.hint);
    else
        kept = mem_text(rendering->notes);
    helm_rendering_free(rendering);
    return kept;
}
