// SPDX-License-Identifier: Apache-2.0
//
// Opens what an import will read (import.h): dataset.json is read whole, and every table gets a
// descriptor, so that the import itself needs no file system.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/description.h"
#include "dataset/import.h"
#include "dataset/names.h"

static void free_names(char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

static int compare_names(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

// The table files of FOLDER, by name.
static int list_tables(const char *folder, char ***ret_names, size_t *ret_count, struct err *err) {
    DIR *directory = opendir(folder);
    if (!directory)
        return err_set_errno(err, errno, "cannot list %s", folder);
    char **names = mem_zero(LIMIT_TABLES, sizeof *names);
    size_t count = 0;
    bool is_full = false;
    for (const struct dirent *entry; !is_full && (entry = readdir(directory));) {
        if (!names_is_table_file(entry->d_name))
            continue;
        is_full = count == LIMIT_TABLES;
        if (!is_full)
            names[count++] = mem_text(entry->d_name);
    }
    closedir(directory);
    if (is_full) {
        free_names(names, count);
        return err_set(err, ERR_TOO_LARGE, "%s has more than %d tables", folder, LIMIT_TABLES);
    }
    qsort(names, count, sizeof *names, compare_names);
    *ret_names = names;
    *ret_count = count;
    return 0;
}

static int open_file(const char *folder, const char *name, struct dataset_source *source,
                     struct err *err) {
    cleanup_free char *path = path_join(folder, name), *quoted = names_quote(name);
    if (!names_is_file(name))
        return err_set(err, ERR_BAD_REQUEST, "%s is no name for a table's file", quoted);
    // Not blocking: what is called a table may be a named pipe.
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "%s is not there", name);
    if (fd < 0 || fstat(fd, &status) < 0)
        return err_set_errno(err, errno, "cannot open %s", path);
    if (!S_ISREG(status.st_mode))
        return err_set(err, ERR_BAD_REQUEST, "%s is no file", path);
    if (status.st_size > LIMIT_IMPORT)
        return err_set(err, ERR_TOO_LARGE, "%s has more than %lld MiB", name, LIMIT_IMPORT >> 20);
    source->file = mem_text(name);
    source->size_bytes = status.st_size;
    source->fd = fd_take(&fd);
    return 0;
}

// A table that dataset.json names and the folder has not.
static int missing_table(const char *folder, size_t table, const char *file, struct err *err) {
    char **names = NULL;
    size_t count = 0;
    int status = list_tables(folder, &names, &count, NULL);
    const char *closest = status ? NULL : str_closest(file, (const char *const *)names, count);
    cleanup_free char *quoted = names_quote(file);
    err_set(err, ERR_NOT_FOUND, DESCRIPTION_FILE ": \"tables[%zu].file\" is not in the folder: %s",
            table, quoted);
    if (closest)
        err_hint(err, "Did you mean \"%s\"?", closest);
    if (!status)
        free_names(names, count);
    return ERR_NOT_FOUND;
}

static int open_described(const char *folder, const struct description *description,
                          struct dataset_sources *sources, struct err *err) {
    sources->files = mem_zero(description->table_count, sizeof *sources->files);
    for (size_t i = 0; i < description->table_count; i++) {
        const char *file = description->tables[i].file;
        int status = open_file(folder, file, &sources->files[i], err);
        if (status == ERR_NOT_FOUND)
            return missing_table(folder, i, file, err);
        if (status)
            return status;
        sources->count++;
    }
    return 0;
}

static int open_found(const char *folder, struct dataset_sources *sources, struct err *err) {
    char **names;
    size_t count;
    int status = list_tables(folder, &names, &count, err);
    if (status)
        return status;
    sources->files = mem_zero(count, sizeof *sources->files);
    for (size_t i = 0; i < count && !status; i++) {
        status = open_file(folder, names[i], &sources->files[i], err);
        sources->count += !status;
    }
    free_names(names, count);
    if (!status && count == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "%s has no table: no file that is called *.csv, *.tsv, *.jsonl, *.ndjson, "
                       "*.sqlite or *.db",
                       folder);
    return status;
}

// The text of dataset.json, where there is one.
static int read_description(const char *folder, struct dataset_sources *sources,
                            struct description **ret_description, struct err *err) {
    cleanup_free char *path = path_join(folder, DESCRIPTION_FILE);
    struct buf text cleanup_buf = BUF(LIMIT_DATASET_JSON);
    int status = fd_read_file(path, &text, err);
    if (status == ERR_NOT_FOUND)
        return 0;
    if (!status)
        status = description_parse(buf_text(&text), text.length, ret_description, err);
    if (!status)
        sources->description = buf_take(&text);
    return status;
}

int dataset_sources_open(const char *folder, struct dataset_sources **ret_sources,
                         struct err *err) {
    cleanup_free char *absolute = realpath(folder, NULL);
    if (!absolute || !path_is_folder(absolute))
        return err_set(err, ERR_NOT_FOUND, "%s is no folder", folder);
    struct dataset_sources *sources cleanup(dataset_sources_closep) = mem_zero(1, sizeof *sources);
    struct description *description cleanup(description_freep) = NULL;
    sources->name = names_of_folder(absolute);
    int status = read_description(absolute, sources, &description, err);
    if (status)
        return status;
    if (description && description->table_count)
        status = open_described(absolute, description, sources, err);
    else
        status = open_found(absolute, sources, err);
    if (status)
        return status;
    *ret_sources = mem_take(sources);
    return 0;
}

void dataset_sources_close(struct dataset_sources *sources) {
    if (!sources)
        return;
    for (size_t i = 0; i < sources->count; i++) {
        free(sources->files[i].file);
        fd_close(&sources->files[i].fd);
    }
    free(sources->files);
    free(sources->name);
    free(sources->description);
    free(sources);
}
