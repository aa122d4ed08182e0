// SPDX-License-Identifier: Apache-2.0
//
// See chart.h. A chart with subcharts is refused: nothing of it would be rendered right.
#include "helm/chart.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "base/yaml.h"
#include "helm/glob.h"
#include "helm/helm.h"

#define FOLDER_DEPTH 16

// ---- .helmignore

// Whether a line of .helmignore names PATH. A pattern without a slash is about names alone; one
// that ends in a slash about folders alone; behind a ! it is about all that it does not match.
static bool rule_ignores(const char *line, const char *path, bool is_folder) {
    bool is_negated = *line == '!';
    line += is_negated;
    cleanup_free char *pattern = mem_text(line);
    size_t length = strlen(pattern);
    bool is_for_folders = length && pattern[length - 1] == '/';
    if (is_for_folders)
        pattern[length - 1] = '\0';
    bool is_path = strchr(pattern, '/') != NULL;
    bool matches = glob_matches(*pattern == '/' ? pattern + 1 : pattern,
                                is_path ? path : path_name(path), GLOB_NAMES);
    if (is_negated)
        return (is_for_folders && !is_folder) || !matches;
    return matches && (!is_for_folders || is_folder);
}

static bool is_ignored(const char *rules, const char *path, bool is_folder) {
    for (const char *at = rules; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        const char *start = at + strspn(at, " \t\r");
        size_t length = strcspn(start, "\n");
        while (length && strchr(" \t\r", start[length - 1]))
            length--;
        cleanup_free char *line = mem_text_n(start, length);
        if (*line && *line != '#' && rule_ignores(line, path, is_folder))
            return true;
    }
    return rule_ignores("templates/.?*", path, is_folder);
}

// ---- Files

static int add_file(struct pool *pool, struct chart *chart, const char *name, const char *data,
                    size_t length, struct err *err) {
    if (chart->file_count == LIMIT_CHART_FILES)
        return err_set(err, ERR_TOO_LARGE, "the chart has more than %d files", LIMIT_CHART_FILES);
    if (chart->file_count == chart->file_room) {
        size_t room = chart->file_room ? chart->file_room * 2 : 64;
        struct chart_file *files = pool_take(pool, room, sizeof *files);
        if (chart->file_count)
            memcpy(files, chart->files, chart->file_count * sizeof *files);
        chart->files = files;
        chart->file_room = room;
    }
    if (length >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) // a byte order mark
        data += 3, length -= 3;
    chart->files[chart->file_count++] = (struct chart_file){
        text_copy(pool, name, strlen(name)).data, text_copy(pool, data, length)};
    return 0;
}

struct walk {
    struct pool *pool;
    struct chart *chart;
    const char *folder, *rules;
    struct err *err;
};

static int walk_folder(const struct walk *walk, const char *path, int depth);

static int walk_entry(const struct walk *walk, const char *path, int depth) {
    cleanup_free char *full = path_join(walk->folder, path);
    cleanup_buf struct buf data = BUF(LIMIT_CHART_FILE);
    struct stat status;
    if (stat(full, &status) != 0)
        return err_set_errno(walk->err, errno, "%s cannot be read", full);
    if (is_ignored(walk->rules, path, S_ISDIR(status.st_mode)))
        return 0;
    if (S_ISDIR(status.st_mode))
        return walk_folder(walk, path, depth + 1);
    if (!S_ISREG(status.st_mode))
        return 0;
    int code = fd_read_file(full, &data, walk->err);
    return code ? code
                : add_file(walk->pool, walk->chart, path, buf_text(&data), data.length, walk->err);
}

static int no_dots(const struct dirent *entry) {
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int compare_names(const struct dirent **left, const struct dirent **right) {
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int walk_folder(const struct walk *walk, const char *path, int depth) {
    cleanup_free char *full = *path ? path_join(walk->folder, path) : mem_text(walk->folder);
    struct dirent **entries = NULL;
    if (depth > FOLDER_DEPTH)
        return err_set(walk->err, ERR_TOO_LARGE, "%s is nested deeper than %d folders", full,
                       FOLDER_DEPTH);
    int count = scandir(full, &entries, no_dots, compare_names), code = 0;
    if (count < 0)
        return err_set_errno(walk->err, errno, "the chart's folder %s cannot be read", full);
    for (int i = 0; i < count; i++) {
        cleanup_free char *inner =
            *path ? path_join(path, entries[i]->d_name) : mem_text(entries[i]->d_name);
        if (code == 0)
            code = walk_entry(walk, inner, depth);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int read_folder(struct pool *pool, struct chart *chart, const char *folder,
                       struct err *err) {
    cleanup_buf struct buf rules = BUF(LIMIT_CHART_FILE);
    cleanup_free char *ignore = path_join(folder, ".helmignore");
    cleanup_free char *description = path_join(folder, "Chart.yaml");
    if (!path_is_file(description)) {
        err_set(err, ERR_NOT_FOUND, "there is no chart in %s: it has no Chart.yaml", folder);
        return err_hint(err, "Name a chart's folder with --chart, or leave it out for the one that "
                             "is built in.");
    }
    int status = path_is_file(ignore) ? fd_read_file(ignore, &rules, err) : 0;
    struct walk walk = {pool, chart, folder, buf_text(&rules), err};
    return status ? status : walk_folder(&walk, "", 0);
}

static int read_embedded(struct pool *pool, struct chart *chart, struct err *err) {
    for (size_t i = 0; i < helm_chart_files_count; i++) {
        const struct helm_file *file = &helm_chart_files[i];
        int status =
            add_file(pool, chart, file->name, (const char *)file->data, file->size_bytes, err);
        if (status)
            return status;
    }
    return chart->file_count ? 0
                             : err_set(err, ERR_UNAVAILABLE, "no chart is built into this program");
}

// ---- What they say

int chart_read_yaml(struct pool *pool, const char *name, struct text text, struct value *ret_value,
                    struct err *err) {
    cleanup_json json *source = NULL;
    int status = yaml_parse_helm(text.data, text.length, &source, err);
    if (status) {
        err_prefix(err, "%s", name);
        return status;
    }
    if (cJSON_IsNull(source)) {
        *ret_value = value_map(pool, TYPE_ANY);
        return 0;
    }
    if (!cJSON_IsObject(source))
        return err_set(err, ERR_BAD_REQUEST, "%s must hold a mapping of names to values", name);
    *ret_value = value_of_json(pool, source);
    return 0;
}

static const char *metadata_text(const struct chart *chart, const char *key) {
    const struct value *value = map_get(chart->metadata.map, text_of(key));
    return value && value->kind == VALUE_TEXT ? value->text.data : "";
}

static int check_metadata(struct chart *chart, struct err *err) {
    static const char *const needed[] = {"apiVersion", "name", "version"};
    for (size_t i = 0; i < ARRAY_LENGTH(needed); i++)
        if (!*metadata_text(chart, needed[i]))
            return err_set(err, ERR_BAD_REQUEST, "Chart.yaml has no %s, or it is no text",
                           needed[i]);
    const struct value *dependencies = map_get(chart->metadata.map, TEXT("dependencies"));
    if (dependencies && value_is_true(*dependencies)) {
        err_set(err, ERR_BAD_REQUEST,
                "the chart %s has subcharts, which are not supported by "
                "render-helm",
                metadata_text(chart, "name"));
        return err_hint(err, "Use `helm template` for it.");
    }
    if (strcmp(metadata_text(chart, "type"), "library") == 0)
        return err_set(err, ERR_BAD_REQUEST,
                       "the chart %s is a library, of which nothing can be rendered",
                       metadata_text(chart, "name"));
    chart->name = metadata_text(chart, "name");
    if (strspn(chart->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
            strlen(chart->name) ||
        *chart->name == '.') // it is a folder's name in what is written
        return err_set(err, ERR_BAD_REQUEST, "Chart.yaml: \"%.60s\" is no name for a chart",
                       chart->name);
    return 0;
}

static int take_file(struct pool *pool, struct chart *chart, const struct chart_file *file,
                     struct err *err) {
    if (strcmp(file->name, "Chart.yaml") == 0)
        return chart_read_yaml(pool, file->name, file->data, &chart->metadata, err);
    if (strcmp(file->name, "values.yaml") == 0)
        return chart_read_yaml(pool, file->name, file->data, &chart->values, err);
    if (strcmp(file->name, "values.schema.json") == 0) {
        int status = json_parse(file->data.data, file->data.length, &chart->schema, err);
        if (status)
            err_prefix(err, "%s", file->name);
        return status;
    }
    if (str_has_prefix(file->name, "charts/")) {
        err_set(err, ERR_BAD_REQUEST, "%s: subcharts are not supported by render-helm", file->name);
        return err_hint(err, "Use `helm template` for this chart.");
    }
    return 0;
}

int chart_load(struct pool *pool, const char *folder, struct chart *ret_chart, struct err *err) {
    struct chart chart = {.metadata = value_map(pool, TYPE_ANY),
                          .values = value_map(pool, TYPE_ANY)};
    int status = folder ? read_folder(pool, &chart, folder, err) : read_embedded(pool, &chart, err);
    for (size_t i = 0; status == 0 && i < chart.file_count; i++)
        status = take_file(pool, &chart, &chart.files[i], err);
    if (status == 0)
        status = check_metadata(&chart, err);
    if (status)
        chart_done(&chart);
    else
        *ret_chart = chart;
    return status;
}

void chart_done(struct chart *chart) {
    json_free(chart->schema);
    chart->schema = NULL;
}
