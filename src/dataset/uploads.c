// SPDX-License-Identifier: Apache-2.0
//
// See uploads.h.
//
// Theory of operation. On disk an uploaded data set is
//
//   FOLDER/NAME/upload.json     what it is called, which content it has, whether it was removed
//   FOLDER/NAME/ID/             its content: the files as they came, and data.sqlite
//   FOLDER/.new-ID/             one that is on its way (upload.c), locked by whoever brings it
//
// Content never changes once it has its place. A new set appears by the renaming of the folder that
// it was made in; another content by the replacing of upload.json, which names the folder that
// counts. Whatever is named by nothing was left behind by a process that died, and goes when the
// next one starts: of folders on their way the lock tells, as it ends with its process.
//
// The catalogue and the sets in memory follow the disk, under one mutex. Whoever asks a data set
// holds it, so a content that was replaced goes only when the last of them lets go.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/names.h"
#include "dataset/upload_name.h"
#include "dataset/uploads_internal.h"

#define KEPT_MS (60 * 60 * 1000)          // what was removed can be brought back for so long
#define DISK_RESERVE (64LL * 1024 * 1024) // is left free on the disk, for the store
#define READING_POLL_US 50000

// ---- Sets ---------------------------------------------------------------------------------------

void upload_set_done(struct upload_set *set) {
    free(set->name);
    free(set->title);
    free(set->description);
    dataset_texts_done(&set->problems);
    *set = (struct upload_set){0};
}

static struct dataset_texts copy_texts(const struct dataset_texts *texts) {
    struct dataset_texts copy = {.at = mem_zero(texts->count, sizeof *copy.at)};
    for (; copy.count < texts->count; copy.count++)
        copy.at[copy.count] = mem_text(texts->at[copy.count]);
    return copy;
}

struct upload_set upload_set_copy(const struct upload_set *set) {
    struct upload_set copy = *set;
    copy.name = mem_text(set->name);
    copy.title = mem_text(set->title);
    copy.description = mem_text(set->description);
    copy.problems = copy_texts(&set->problems);
    return copy;
}

unsigned upload_folder_mode(const struct dataset_uploads *uploads) {
    return uploads->settings.is_shared ? 0755 : 0700;
}

unsigned upload_file_mode(const struct dataset_uploads *uploads) {
    return uploads->settings.is_shared ? 0644 : 0600;
}

struct upload_set *upload_find(struct dataset_uploads *uploads, const char *name) {
    for (size_t i = 0; i < uploads->count; i++)
        if (strcmp(uploads->sets[i].name, name) == 0 && !uploads->sets[i].is_shadowed)
            return &uploads->sets[i];
    return NULL;
}

int upload_is_none(const struct dataset_uploads *uploads, const char *name, struct err *err) {
    struct dataset_entry entry cleanup(dataset_entry_done) = {0};
    int status = dataset_catalogue_find(uploads->catalogue, name, &entry, err);
    if (status)
        return status;
    err_set(err, ERR_REFUSED, "the data set %.128s was not uploaded, so it cannot be changed here",
            name);
    return err_hint(err, "Its files are in DATASETS_PATH, or came with the program.");
}

static char *set_folder(const struct dataset_uploads *uploads, const char *name) {
    return path_join(uploads->folder, name);
}

char *upload_content_folder(const struct dataset_uploads *uploads, const struct upload_set *set) {
    return mem_format("%s/%s/%s", uploads->folder, set->name, set->content);
}

int upload_set_open(const struct dataset_uploads *uploads, const struct upload_set *set,
                    struct dataset **ret_dataset, struct err *err) {
    cleanup_free char *content = upload_content_folder(uploads, set);
    int status = dataset_open(content, ret_dataset, err);
    if (status)
        return status;
    dataset_set_name(*ret_dataset, set->name);
    dataset_set_words(*ret_dataset, set->title, set->description);
    return 0;
}

void upload_show(struct dataset_uploads *uploads, const struct upload_set *set,
                 struct dataset *dataset, const struct err *problem) {
    struct dataset_entry entry = {.name = mem_text(set->name),
                                  .dataset = dataset,
                                  .origin = DATASET_UPLOAD,
                                  .size_bytes = set->size_bytes,
                                  .created_ms = set->created_ms,
                                  .problems = copy_texts(&set->problems)};
    if (problem)
        entry.problem = *problem;
    dataset_catalogue_put(uploads->catalogue, &entry);
}

// ---- Room ---------------------------------------------------------------------------------------

int64_t upload_size_of(const char *folder) {
    DIR *directory = opendir(folder);
    int64_t size_bytes = 0;
    struct stat status;
    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        if (fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode))
            size_bytes += status.st_size;
    if (directory)
        closedir(directory);
    return size_bytes;
}

int upload_check_room(const struct dataset_uploads *uploads, int64_t bytes, struct err *err) {
    int64_t kept_bytes = uploads->pending_bytes, total = uploads->settings.total_bytes;
    for (size_t i = 0; i < uploads->count; i++)
        kept_bytes += uploads->sets[i].size_bytes;
    if (kept_bytes + bytes > total) {
        err_set(err, ERR_NO_SPACE,
                "all uploads together may have %lld MB, and this one has no room among them",
                (long long)(total >> 20));
        return err_hint(err, "Delete data sets that nobody needs; they take room for an hour more. "
                             "UPLOAD_TOTAL_MB is how much there may be.");
    }
    struct statvfs disk;
    if (statvfs(uploads->folder, &disk) < 0)
        return err_set_errno(err, errno, "cannot look at the disk of %s", uploads->folder);
    int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (bytes + DISK_RESERVE > free_bytes) {
        err_set(err, ERR_NO_SPACE, "the server's disk has no room for it");
        return err_hint(err, "Its state folder has %lld MB left.", (long long)(free_bytes >> 20));
    }
    return 0;
}

// ---- Reading tables -----------------------------------------------------------------------------

// Each line of TEXT; what is over the limit is counted.
static void take_problems(const struct buf *text, struct dataset_texts *ret_problems) {
    struct dataset_texts problems = {.at = mem_zero(LIMIT_UPLOAD_PROBLEMS, sizeof *problems.at)};
    size_t left_out = 0;
    for (const char *at = buf_text(text), *end; *at; at = *end ? end + 1 : end) {
        end = at + strcspn(at, "\n");
        if (problems.count < LIMIT_UPLOAD_PROBLEMS - 1 && end > at)
            problems.at[problems.count++] = mem_text_n(at, (size_t)(end - at));
        else
            left_out += end > at;
    }
    if (left_out || text->overflowed)
        problems.at[problems.count++] = mem_text("There is more, which is not listed here.");
    *ret_problems = problems;
}

int upload_read(struct dataset_uploads *uploads, const char *folder, dataset_over_function *is_over,
                void *context, struct dataset_texts *ret_problems, struct err *err) {
    cleanup_buf struct buf problems = BUF(LIMIT_UPLOAD_RECORD / 4);
    while (pthread_mutex_trylock(&uploads->reading)) {
        if (is_over && is_over(context))
            return err_set(err, ERR_CANCELLED, "nobody waits for the upload any more");
        usleep(READING_POLL_US);
    }
    int status = uploads->settings.read(folder, is_over, context, &problems, err);
    pthread_mutex_unlock(&uploads->reading);
    if (!status)
        take_problems(&problems, ret_problems);
    return status;
}

// ---- Opening ------------------------------------------------------------------------------------

// Content that this version of the program cannot open is made anew of its files, in place: nobody
// can have it open.
static int mend(struct dataset_uploads *uploads, struct upload_set *set,
                struct dataset **ret_dataset, struct err *err) {
    cleanup_free char *content = upload_content_folder(uploads, set);
    struct dataset_texts problems = {0};
    int status = upload_read(uploads, content, NULL, NULL, &problems, err);
    if (status)
        return status;
    dataset_texts_done(&set->problems);
    set->problems = problems;
    return upload_set_open(uploads, set, ret_dataset, err);
}

static void show_kept(struct dataset_uploads *uploads, struct upload_set *set, bool is_owner) {
    struct err problem = {0};
    struct dataset *dataset = NULL;
    int status = upload_set_open(uploads, set, &dataset, &problem);
    if (is_owner && (status == ERR_CORRUPT || status == ERR_NOT_FOUND))
        status = mend(uploads, set, &dataset, &problem);
    upload_show(uploads, set, dataset, status ? &problem : NULL);
}

// Takes the set in FOLDER/NAME among those in memory. One of a name that the operator has given
// since is kept, and shown to nobody until that is gone.
static void take_kept(struct dataset_uploads *uploads, const char *name, bool is_owner) {
    cleanup_free char *folder = set_folder(uploads, name);
    struct upload_set set = {.name = mem_text(name)};
    struct err problem = {0};
    int status = upload_record_read(folder, &set, &problem);
    set.is_shadowed = dataset_catalogue_has(uploads->catalogue, name);
    if (status) {
        set.title = mem_text(name);
        set.description = mem_text("");
    }
    cleanup_free char *content = upload_content_folder(uploads, &set);
    set.size_bytes = upload_size_of(content);
    if (status && !set.is_shadowed)
        upload_show(uploads, &set, NULL, &problem);
    else if (!set.removed_ms && !set.is_shadowed)
        show_kept(uploads, &set, is_owner);
    uploads->sets = mem_resize(uploads->sets, uploads->count + 1, sizeof *uploads->sets);
    uploads->sets[uploads->count++] = set;
}

static void remove_if_left(const char *path) {
    cleanup_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        path_remove_folder(path);
}

// What is in NAME besides the content that counts.
static void remove_other_content(const struct dataset_uploads *uploads,
                                 const struct upload_set *set) {
    cleanup_free char *folder = set_folder(uploads, set->name);
    DIR *directory = opendir(folder);
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        cleanup_free char *path = path_join(folder, entry->d_name);
        if (id_is_valid(entry->d_name) && strcmp(entry->d_name, set->content) != 0)
            path_remove_folder(path);
        else if (str_has_suffix(entry->d_name, ".new"))
            unlink(path);
    }
    if (directory)
        closedir(directory);
}

static int take_all(struct dataset_uploads *uploads, bool is_owner, struct err *err) {
    DIR *directory = opendir(uploads->folder);
    if (!directory && errno == ENOENT)
        return 0; // it is made when something is uploaded
    if (!directory)
        return err_set_errno(err, errno, "cannot list %s", uploads->folder);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        cleanup_free char *path = set_folder(uploads, entry->d_name);
        if (is_owner && str_has_prefix(entry->d_name, UPLOAD_STAGING))
            remove_if_left(path);
        else if (names_is_dataset(entry->d_name) && path_is_folder(path))
            take_kept(uploads, entry->d_name, is_owner);
    }
    closedir(directory);
    for (size_t i = 0; is_owner && i < uploads->count; i++)
        if (*uploads->sets[i].content)
            remove_other_content(uploads, &uploads->sets[i]);
    return 0;
}

int dataset_uploads_open(const struct dataset_uploads_settings *settings, bool is_owner,
                         struct dataset_catalogue *catalogue, struct dataset_uploads **ret_uploads,
                         struct err *err) {
    struct dataset_uploads *uploads cleanup(dataset_uploads_closep) = mem_zero(1, sizeof *uploads);
    uploads->settings = *settings;
    uploads->settings.folder = uploads->folder = mem_text(settings->folder);
    uploads->catalogue = catalogue;
    pthread_mutex_init(&uploads->mutex, NULL);
    pthread_mutex_init(&uploads->reading, NULL);
    int status = take_all(uploads, is_owner, err);
    if (status)
        return status;
    if (is_owner)
        dataset_uploads_sweep(uploads);
    *ret_uploads = mem_take(uploads);
    return 0;
}

void dataset_uploads_close(struct dataset_uploads *uploads) {
    if (!uploads)
        return;
    for (size_t i = 0; i < uploads->count; i++)
        upload_set_done(&uploads->sets[i]);
    free(uploads->sets);
    free(uploads->folder);
    pthread_mutex_destroy(&uploads->mutex);
    pthread_mutex_destroy(&uploads->reading);
    free(uploads);
}

const struct dataset_uploads_settings *
dataset_uploads_settings(const struct dataset_uploads *uploads) {
    return &uploads->settings;
}

// ---- Changing -----------------------------------------------------------------------------------

// Writes SET's record in place of the one of KEPT, and only then takes it; what is left in SET is
// the caller's to free.
static int replace_record(struct dataset_uploads *uploads, struct upload_set *kept,
                          struct upload_set *set, struct err *err) {
    cleanup_free char *folder = set_folder(uploads, set->name);
    int status = upload_record_write(folder, set, upload_file_mode(uploads), err);
    if (status)
        return status;
    struct upload_set before = *kept;
    *kept = *set;
    *set = before;
    return 0;
}

static int show_again(struct dataset_uploads *uploads, const struct upload_set *set,
                      struct err *err) {
    struct dataset *dataset = NULL;
    int status = upload_set_open(uploads, set, &dataset, err);
    if (!status)
        upload_show(uploads, set, dataset, NULL);
    return status;
}

static int change(struct dataset_uploads *uploads, struct upload_set *kept, const char *title,
                  const char *description, struct err *err) {
    struct upload_set set cleanup(upload_set_done) = upload_set_copy(kept);
    if (title) {
        free(set.title);
        set.title = upload_title(title);
        if (!*set.title)
            return err_set(err, ERR_BAD_REQUEST, "the title is empty");
    }
    if (description) {
        free(set.description);
        set.description = mem_text(description);
    }
    int status = replace_record(uploads, kept, &set, err);
    return status ? status : show_again(uploads, kept, err);
}

int dataset_uploads_change(struct dataset_uploads *uploads, const char *name, const char *title,
                           const char *description, struct err *err) {
    pthread_mutex_lock(&uploads->mutex);
    struct upload_set *set = upload_find(uploads, name);
    int status = set && !set->removed_ms ? change(uploads, set, title, description, err)
                                         : upload_is_none(uploads, name, err);
    pthread_mutex_unlock(&uploads->mutex);
    return status;
}

static int mark(struct dataset_uploads *uploads, struct upload_set *kept, int64_t removed_ms,
                struct err *err) {
    struct upload_set set cleanup(upload_set_done) = upload_set_copy(kept);
    set.removed_ms = removed_ms;
    return replace_record(uploads, kept, &set, err);
}

// Out of its place first: what is left of a removal that was broken off is then a folder on its
// way, which the next start removes.
static void purge(struct dataset_uploads *uploads, struct upload_set *set) {
    cleanup_free char *folder = set_folder(uploads, set->name);
    char id[ID_SIZE];
    id_make(id);
    cleanup_free char *aside = mem_format("%s/" UPLOAD_STAGING "%s", uploads->folder, id);
    if (rename(folder, aside) < 0)
        return;
    path_remove_folder(aside);
    upload_set_done(set);
    *set = uploads->sets[--uploads->count];
}

int dataset_uploads_remove(struct dataset_uploads *uploads, const char *name, struct err *err) {
    pthread_mutex_lock(&uploads->mutex);
    struct upload_set *set = upload_find(uploads, name);
    int status = 0;
    if (!set || set->removed_ms)
        status = upload_is_none(uploads, name, err);
    else if (*set->content)
        status = mark(uploads, set, clock_wall_ms(), err);
    else
        purge(uploads, set); // its record is damaged: there is nothing to bring back
    if (!status)
        dataset_catalogue_drop(uploads->catalogue, name);
    pthread_mutex_unlock(&uploads->mutex);
    return status;
}

static bool is_past(const struct upload_set *set) {
    return set->removed_ms && set->removed_ms + KEPT_MS <= clock_wall_ms();
}

int dataset_uploads_restore(struct dataset_uploads *uploads, const char *name, struct err *err) {
    pthread_mutex_lock(&uploads->mutex);
    struct upload_set *set = upload_find(uploads, name);
    int status = 0;
    if (!set || is_past(set))
        status = upload_is_none(uploads, name, err);
    else if (set->removed_ms)
        status = mark(uploads, set, 0, err);
    if (!status)
        status = show_again(uploads, set, err);
    pthread_mutex_unlock(&uploads->mutex);
    return status;
}

void dataset_uploads_sweep(struct dataset_uploads *uploads) {
    pthread_mutex_lock(&uploads->mutex);
    for (size_t i = uploads->count; i-- > 0;)
        if (is_past(&uploads->sets[i]))
            purge(uploads, &uploads->sets[i]);
    pthread_mutex_unlock(&uploads->mutex);
}
