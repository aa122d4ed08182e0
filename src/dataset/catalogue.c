// SPDX-License-Identifier: Apache-2.0
//
// See catalogue.h. One lock covers the entries; what is taken out of them is copied or held, so the
// lock is never kept while somebody works with a data set. A folder's data set without data.sqlite
// is built into CACHE/<name>-<key>, where the key stands for its path and the names, sizes and
// times of its files: whatever changes there gets another folder, and no folder changes once it has
// its name. It is built beside its place and moved there whole; when two processes build the same,
// the later one finds the place taken and uses what is there.
#include "dataset/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/description.h"
#include "dataset/names.h"

#define KEY_LENGTH 16 // hexadecimal digits of the hash that are in the cache folder's name
#define KEPT_S 3600   // what was built since is never removed
#define LIMIT_FOLDER_FILES 4096 // files of a data set's folder

struct dataset_catalogue {
    pthread_mutex_t mutex;
    struct dataset_list list;
};

struct builder {
    const char *cache;
    enum dataset_origin origin;
    dataset_build_function *build;
    void *context;
};

// ---- Folders ------------------------------------------------------------------------------------

struct names {
    char **at;
    size_t count;
};

static void names_done(struct names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
}

static int compare_names(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

// What is in FOLDER and not hidden, by name.
static int list_folder(const char *folder, size_t max, struct names *ret_names, struct err *err) {
    struct names names cleanup(names_done) = {0};
    DIR *directory = opendir(folder);
    if (!directory)
        return err_set_errno(err, errno, "cannot list %s", folder);
    size_t room = 0;
    for (const struct dirent *entry; names.count <= max && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        if (names.count == room) {
            room = room ? 2 * room : 32;
            names.at = mem_resize(names.at, room, sizeof *names.at);
        }
        names.at[names.count++] = mem_text(entry->d_name);
    }
    closedir(directory);
    if (names.count > max)
        return err_set(err, ERR_TOO_LARGE, "%s holds more than %zu files", folder, max);
    if (names.count)
        qsort(names.at, names.count, sizeof *names.at, compare_names);
    *ret_names = names;
    names = (struct names){0};
    return 0;
}

static bool has_file(const char *folder, const char *name) {
    cleanup_free char *path = path_join(folder, name);
    return path_is_file(path);
}

// Whether FOLDER is a data set: it has data.sqlite, dataset.json or a table.
static bool is_dataset(const char *folder) {
    struct names names cleanup(names_done) = {0};
    if (has_file(folder, DATASET_FILE) || has_file(folder, DESCRIPTION_FILE))
        return true;
    if (list_folder(folder, LIMIT_FOLDER_FILES, &names, NULL) != 0)
        return false;
    for (size_t i = 0; i < names.count; i++)
        if (names_is_table_file(names.at[i]) && has_file(folder, names.at[i]))
            return true;
    return false;
}

// ---- The cache ----------------------------------------------------------------------------------

// What changes when the data set does. Two folders of equal files are told apart by their path: in
// an archive all times may be the same.
static int make_key(const char *folder, char ret_key[KEY_LENGTH + 1], struct err *err) {
    struct names names cleanup(names_done) = {0};
    cleanup_free char *absolute = realpath(folder, NULL);
    int status = list_folder(folder, LIMIT_FOLDER_FILES, &names, err);
    if (status)
        return status;
    struct hash *hash cleanup(hash_freep) = hash_new();
    cleanup_free char *head = mem_format("%d %s\n", DATASET_FORMAT, absolute ? absolute : folder);
    hash_add(hash, head, strlen(head));
    for (size_t i = 0; i < names.count; i++) {
        cleanup_free char *path = path_join(folder, names.at[i]);
        struct stat file;
        if (stat(path, &file) < 0 || !S_ISREG(file.st_mode))
            continue;
        cleanup_free char *line =
            mem_format("%s %lld %lld.%09ld\n", names.at[i], (long long)file.st_size,
                       (long long)file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
        hash_add(hash, line, strlen(line));
    }
    char hex[HASH_HEX_SIZE];
    hash_hex(hash, hex);
    memcpy(ret_key, hex, KEY_LENGTH);
    ret_key[KEY_LENGTH] = '\0';
    return 0;
}

static void remove_built(const char *folder) {
    cleanup_free char *file = path_join(folder, DATASET_FILE);
    unlink(file);
    rmdir(folder);
}

static int build_into(const struct builder *builder, const char *source, const char *target,
                      struct err *err) {
    cleanup_free char *beside = mem_format("%s.%ld.new", target, (long)getpid());
    remove_built(beside);
    int status = path_make_folder(beside, 0755, err);
    if (!status)
        status = builder->build(source, beside, builder->context, err);
    if (!status && rename(beside, target) < 0 && errno != ENOTEMPTY && errno != EEXIST)
        status = err_set_errno(err, errno, "cannot rename %s to %s", beside, target);
    remove_built(beside);
    return status;
}

// Opens what was built of SOURCE, building it where it is not there or damaged.
static int open_built(const struct builder *builder, const char *name, const char *source,
                      struct dataset **ret_dataset, struct err *err) {
    char key[KEY_LENGTH + 1];
    if (!builder->build)
        return err_set(err, ERR_NOT_FOUND, "%s has no %s", source, DATASET_FILE);
    int status = make_key(source, key, err);
    if (status)
        return status;
    cleanup_free char *folder = mem_format("%s-%s", name, key),
                      *target = path_join(builder->cache, folder);
    status = dataset_open(target, ret_dataset, err);
    if (status != ERR_NOT_FOUND && status != ERR_CORRUPT)
        return status;
    remove_built(target);
    status = build_into(builder, source, target, err);
    return status ? status : dataset_open(target, ret_dataset, err);
}

// ---- Entries ------------------------------------------------------------------------------------

const char *dataset_origin_name(enum dataset_origin origin) {
    static const char *const names[] = {"bundled", "folder", "upload"};
    return names[origin];
}

void dataset_entry_done(struct dataset_entry *entry) {
    free(entry->name);
    dataset_close(entry->dataset);
    dataset_texts_done(&entry->problems);
    *entry = (struct dataset_entry){0};
}

void dataset_list_done(struct dataset_list *list) {
    for (size_t i = 0; i < list->count; i++)
        dataset_entry_done(&list->entries[i]);
    free(list->entries);
    *list = (struct dataset_list){0};
}

static struct dataset_entry entry_copy(const struct dataset_entry *entry) {
    struct dataset_entry copy = *entry;
    copy.name = mem_text(entry->name);
    copy.dataset = dataset_keep(entry->dataset);
    copy.problems =
        (struct dataset_texts){.at = mem_zero(entry->problems.count, sizeof *copy.problems.at)};
    for (; copy.problems.count < entry->problems.count; copy.problems.count++)
        copy.problems.at[copy.problems.count] = mem_text(entry->problems.at[copy.problems.count]);
    return copy;
}

static const struct dataset_list *lock(const struct dataset_catalogue *catalogue) {
    struct dataset_catalogue *own = (struct dataset_catalogue *)catalogue;
    pthread_mutex_lock(&own->mutex);
    return &own->list;
}

static void unlock(const struct dataset_catalogue *catalogue) {
    pthread_mutex_unlock(&((struct dataset_catalogue *)catalogue)->mutex);
}

// The place of the entry of that name, or, where there is none, the place it would have.
static size_t place_of(const struct dataset_list *list, const char *name, bool *ret_is_there) {
    size_t at = 0;
    while (at < list->count && strcmp(list->entries[at].name, name) < 0)
        at++;
    *ret_is_there = at < list->count && strcmp(list->entries[at].name, name) == 0;
    return at;
}

// ---- The catalogue ------------------------------------------------------------------------------

static void look_at_file(struct dataset_entry *entry) {
    cleanup_free char *path = path_join(dataset_folder(entry->dataset), DATASET_FILE);
    struct stat file;
    if (stat(path, &file) < 0)
        return;
    entry->size_bytes = file.st_size;
    entry->created_ms = (int64_t)file.st_mtim.tv_sec * 1000 + file.st_mtim.tv_nsec / 1000000;
}

static void add_entry(struct dataset_catalogue *catalogue, const char *name, const char *folder,
                      const struct builder *builder) {
    struct dataset_entry entry = {.name = names_of_folder(name), .origin = builder->origin};
    if (!names_is_dataset(name)) {
        cleanup_free char *quoted = names_quote(name);
        err_set(&entry.problem, ERR_BAD_REQUEST,
                "the folder %s cannot be a data set: its name does not fit", quoted);
        err_hint(&entry.problem,
                 "Rename it to letters, digits, \".\", \"_\" and \"-\", at most %d.", LIMIT_NAME);
    } else if (has_file(folder, DATASET_FILE)) {
        dataset_open(folder, &entry.dataset, &entry.problem);
    } else {
        open_built(builder, name, folder, &entry.dataset, &entry.problem);
    }
    if (entry.dataset) {
        dataset_set_name(entry.dataset, entry.name);
        look_at_file(&entry);
    }
    // Two folders may come to the same name; the one that can be used has it.
    if (entry.dataset || !dataset_catalogue_has(catalogue, entry.name))
        dataset_catalogue_put(catalogue, &entry);
    dataset_entry_done(&entry);
}

static int add_folders(struct dataset_catalogue *catalogue, const char *folder,
                       const struct builder *builder, struct err *err) {
    struct names names cleanup(names_done) = {0};
    int status = list_folder(folder, LIMIT_FOLDER_FILES, &names, err);
    size_t count = 0;
    for (size_t i = 0; i < names.count && !status; i++) {
        cleanup_free char *path = path_join(folder, names.at[i]);
        if (!path_is_folder(path) || !is_dataset(path))
            continue;
        if (count++ == LIMIT_DATASETS)
            return err_set(err, ERR_TOO_LARGE, "%s has more than %d data sets", folder,
                           LIMIT_DATASETS);
        add_entry(catalogue, names.at[i], path, builder);
    }
    return status;
}

int dataset_catalogue_open(const char *folder, const char *cache, enum dataset_origin origin,
                           dataset_build_function *build, void *context,
                           struct dataset_catalogue **ret_catalogue, struct err *err) {
    struct builder builder = {cache, origin, build, context};
    cleanup_free char *absolute = realpath(folder, NULL);
    if (!absolute || !path_is_folder(absolute))
        return err_set(err, ERR_NOT_FOUND, "%s is no folder", folder);
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) =
        mem_zero(1, sizeof *catalogue);
    pthread_mutex_init(&catalogue->mutex, NULL);
    int status = 0;
    if (is_dataset(absolute)) {
        cleanup_free char *name = names_of_folder(absolute);
        add_entry(catalogue, name, absolute, &builder);
    } else {
        status = add_folders(catalogue, absolute, &builder, err);
    }
    if (status)
        return status;
    *ret_catalogue = mem_take(catalogue);
    return 0;
}

void dataset_catalogue_close(struct dataset_catalogue *catalogue) {
    if (!catalogue)
        return;
    dataset_list_done(&catalogue->list);
    pthread_mutex_destroy(&catalogue->mutex);
    free(catalogue);
}

void dataset_catalogue_put(struct dataset_catalogue *catalogue, struct dataset_entry *entry) {
    struct dataset_entry before = {0};
    bool is_there;
    lock(catalogue);
    struct dataset_list *list = &catalogue->list;
    size_t at = place_of(list, entry->name, &is_there);
    if (is_there) {
        before = list->entries[at];
    } else {
        list->entries = mem_resize(list->entries, list->count + 1, sizeof *list->entries);
        memmove(&list->entries[at + 1], &list->entries[at],
                (list->count++ - at) * sizeof *list->entries);
    }
    list->entries[at] = *entry;
    *entry = (struct dataset_entry){0};
    unlock(catalogue);
    dataset_entry_done(&before);
}

void dataset_catalogue_drop(struct dataset_catalogue *catalogue, const char *name) {
    struct dataset_entry before = {0};
    bool is_there;
    lock(catalogue);
    struct dataset_list *list = &catalogue->list;
    size_t at = place_of(list, name, &is_there);
    if (is_there) {
        before = list->entries[at];
        memmove(&list->entries[at], &list->entries[at + 1],
                (--list->count - at) * sizeof *list->entries);
    }
    unlock(catalogue);
    dataset_entry_done(&before);
}

// ---- Reading ------------------------------------------------------------------------------------

static int not_found(const struct dataset_list *list, const char *name, struct err *err) {
    const char *names[LIMIT_DATASETS + LIMIT_UPLOADS];
    struct buf all cleanup_buf = BUF(sizeof((struct err *)0)->hint - 40);
    size_t count = 0;
    for (size_t i = 0; i < list->count && count < ARRAY_LENGTH(names); i++) {
        if (!list->entries[i].dataset)
            continue;
        names[count] = list->entries[i].name;
        buf_add_format(&all, "%s%s", count++ ? ", " : "", list->entries[i].name);
    }
    cleanup_free char *quoted = names_quote(name);
    err_set(err, ERR_NOT_FOUND, "there is no data set %s", quoted);
    const char *closest = str_closest(name, names, count);
    if (closest)
        return err_hint(err, "Did you mean \"%s\"?", closest);
    return count ? err_hint(err, "There are: %s%s.", buf_text(&all), all.overflowed ? ", …" : "")
                 : err_hint(err, "There is none that can be used.");
}

void dataset_catalogue_list(const struct dataset_catalogue *catalogue,
                            struct dataset_list *ret_list) {
    const struct dataset_list *list = lock(catalogue);
    *ret_list = (struct dataset_list){
        .entries = mem_zero(list->count, sizeof *list->entries),
        .count = list->count,
    };
    for (size_t i = 0; i < list->count; i++)
        ret_list->entries[i] = entry_copy(&list->entries[i]);
    unlock(catalogue);
}

int dataset_catalogue_find(const struct dataset_catalogue *catalogue, const char *name,
                           struct dataset_entry *ret_entry, struct err *err) {
    bool is_there;
    const struct dataset_list *list = lock(catalogue);
    size_t at = place_of(list, name, &is_there);
    int status = 0;
    if (is_there)
        *ret_entry = entry_copy(&list->entries[at]);
    else
        status = not_found(list, name, err);
    unlock(catalogue);
    return status;
}

int dataset_catalogue_get(const struct dataset_catalogue *catalogue, const char *name,
                          struct dataset **ret_dataset, struct err *err) {
    struct dataset_entry entry cleanup(dataset_entry_done) = {0};
    int status = dataset_catalogue_find(catalogue, name, &entry, err);
    if (status)
        return status;
    if (!entry.dataset) {
        if (err)
            *err = entry.problem;
        return entry.problem.code;
    }
    *ret_dataset = mem_take(entry.dataset);
    return 0;
}

struct dataset *dataset_catalogue_first(const struct dataset_catalogue *catalogue) {
    const struct dataset_list *list = lock(catalogue);
    const struct dataset_entry *first = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct dataset_entry *entry = &list->entries[i];
        bool is_better =
            !first || (first->origin == DATASET_UPLOAD && entry->origin != DATASET_UPLOAD);
        if (entry->dataset && is_better)
            first = entry;
    }
    struct dataset *dataset = first ? dataset_keep(first->dataset) : NULL;
    unlock(catalogue);
    return dataset;
}

bool dataset_catalogue_has(const struct dataset_catalogue *catalogue, const char *name) {
    bool is_there;
    place_of(lock(catalogue), name, &is_there);
    unlock(catalogue);
    return is_there;
}

// ---- Cleaning -----------------------------------------------------------------------------------

// Whether NAME is one that this program gives to folders in the cache: "shop-0123456789abcdef",
// with ".PID.new" behind it while it is built.
static bool is_cache_name(const char *name) {
    const char *dash = strrchr(name, '-');
    size_t digits = dash ? strspn(dash + 1, "0123456789abcdef") : 0;
    const char *rest = dash ? dash + 1 + digits : "";
    return dash > name && digits == KEY_LENGTH && (!*rest || str_has_suffix(rest, ".new"));
}

static bool is_in_use(const struct dataset_list *list, const char *folder) {
    cleanup_free char *absolute = realpath(folder, NULL);
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].dataset &&
            str_is_equal(dataset_folder(list->entries[i].dataset), absolute))
            return true;
    return false;
}

static bool is_old(const char *folder) {
    struct stat status;
    return lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_mtim.tv_sec + KEPT_S < clock_wall_ms() / 1000;
}

// Also what a build that died left in it.
static bool remove_old(const char *folder) {
    struct names names cleanup(names_done) = {0};
    list_folder(folder, LIMIT_FOLDER_FILES, &names, NULL);
    for (size_t i = 0; i < names.count; i++) {
        cleanup_free char *path = path_join(folder, names.at[i]);
        if (str_has_prefix(names.at[i], DATASET_FILE))
            unlink(path);
    }
    return rmdir(folder) == 0;
}

size_t dataset_catalogue_clean(const struct dataset_catalogue *catalogue, const char *cache) {
    struct names names cleanup(names_done) = {0};
    struct dataset_list list cleanup(dataset_list_done) = {0};
    size_t removed = 0;
    if (list_folder(cache, LIMIT_FOLDER_FILES, &names, NULL) != 0)
        return 0;
    dataset_catalogue_list(catalogue, &list);
    for (size_t i = 0; i < names.count; i++) {
        cleanup_free char *folder = path_join(cache, names.at[i]);
        if (is_cache_name(names.at[i]) && is_old(folder) && !is_in_use(&list, folder))
            removed += remove_old(folder);
    }
    return removed;
}
