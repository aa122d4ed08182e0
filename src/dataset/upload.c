// SPDX-License-Identifier: Apache-2.0
//
// One upload on its way (uploads.h): FOLDER/.new-ID/CONTENT/ takes its file. Once the file is whole
// it is read there, and only what could be read is given its place. A lock on .new-ID, which ends
// with this process, tells others that somebody is at it.
//
// A table that is added makes another content: the files of the one before are linked into it,
// which costs no room, all of them are read anew, and the record is pointed to it.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/names.h"
#include "dataset/upload_name.h"
#include "dataset/uploads_internal.h"

#define ROOM_STEP (256 * 1024) // how often it is looked whether there is still room
#define NAME_TRIES 10000

struct dataset_upload {
    struct dataset_uploads *uploads;
    char *name;  // of the new data set, where it was given; else NULL
    char *into;  // the data set that gets the table; NULL for a new one
    char *title; // of a new one
    bool is_title_given;
    char *file;            // as it is kept
    char *staging;         // .new-ID
    char *content_folder;  // .new-ID/CONTENT
    char content[ID_SIZE]; // CONTENT
    char before[ID_SIZE];  // the content whose files were linked into it
    int lock_fd, fd;
    int64_t size_bytes;   // that have come
    int64_t booked_bytes; // of the uploads' pending bytes
};

// ---- Beginning ----------------------------------------------------------------------------------

static int check_size(const struct dataset_uploads *uploads, int64_t bytes, struct err *err) {
    int64_t max = uploads->settings.max_bytes;
    if (bytes <= max)
        return 0;
    err_set(err, ERR_TOO_LARGE, "the file is larger than %lld MB, which is as large as one may be",
            (long long)(max >> 20));
    return err_hint(err, "Compress it (.csv.gz), or leave rows or columns out that nobody asks "
                         "about. UPLOAD_MAX_MB is the limit.");
}

static int check_name(const struct dataset_uploads *uploads, const char *name, struct err *err) {
    if (!names_is_dataset(name)) {
        cleanup_free char *quoted = names_quote(name);
        err_set(err, ERR_BAD_REQUEST, "%s cannot be a data set's name", quoted);
        return err_hint(err, "It may have letters, digits, \".\", \"_\" and \"-\", at most %d.",
                        LIMIT_NAME);
    }
    struct upload_set *kept = upload_find((struct dataset_uploads *)uploads, name);
    if (!kept && !dataset_catalogue_has(uploads->catalogue, name))
        return 0;
    err_set(err, ERR_CONFLICT, "there is a data set %s already", name);
    return kept && kept->removed_ms
               ? err_hint(err, "It was deleted and can be restored for an hour; take another name.")
               : err_hint(err, "Take another name, or none: a free one is then made.");
}

// Whether it can be taken at all. With the mutex held.
static int check_request(struct dataset_uploads *uploads,
                         const struct dataset_upload_request *request, struct err *err) {
    int64_t announced = request->size_bytes < 0 ? 0 : request->size_bytes;
    if (uploads->settings.refusal.code) {
        if (err)
            *err = uploads->settings.refusal;
        return uploads->settings.refusal.code;
    }
    int status = check_size(uploads, announced, err);
    if (!status && request->name)
        status = check_name(uploads, request->name, err);
    const struct upload_set *into = request->into ? upload_find(uploads, request->into) : NULL;
    if (!status && request->into && (!into || into->removed_ms))
        status = upload_is_none(uploads, request->into, err);
    if (!status && !request->into && uploads->count >= LIMIT_UPLOADS) {
        err_set(err, ERR_CONFLICT, "there are %d uploaded data sets, as many as may be",
                LIMIT_UPLOADS);
        status = err_hint(err, "Delete one that nobody needs.");
    }
    if (!status && uploads->under_way >= LIMIT_UPLOADS_AT_ONCE) {
        err_set(err, ERR_BUSY, "%d files are being uploaded, as many as may be at a time",
                LIMIT_UPLOADS_AT_ONCE);
        status = err_hint(err, "Try again in a moment.");
    }
    // What is made of the file takes about as much room again.
    return status ? status : upload_check_room(uploads, 2 * announced, err);
}

// A folder of our own, locked before anybody can take it for one that was left behind.
static int make_staging(struct dataset_upload *upload, struct err *err) {
    unsigned mode = upload_folder_mode(upload->uploads);
    char id[ID_SIZE];
    id_make(id);
    id_make(upload->content);
    upload->staging = mem_format("%s/" UPLOAD_STAGING "%s", upload->uploads->folder, id);
    upload->content_folder = path_join(upload->staging, upload->content);
    int status = path_make_folder(upload->staging, mode, err);
    if (status)
        return status;
    upload->lock_fd = open(upload->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (upload->lock_fd < 0 || flock(upload->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return err_set_errno(err, errno, "cannot lock %s", upload->staging);
    return path_make_folder(upload->content_folder, mode, err);
}

// The files of CONTENT that came from somebody, linked into the new content.
static int link_files(const char *content, const char *target, struct err *err) {
    DIR *directory = opendir(content);
    int status = directory ? 0 : err_set_errno(err, errno, "cannot list %s", content);
    for (const struct dirent *entry; !status && (entry = readdir(directory));) {
        if (!names_is_table_file(entry->d_name))
            continue;
        cleanup_free char *from = path_join(content, entry->d_name),
                          *to = path_join(target, entry->d_name);
        if (link(from, to) < 0)
            status = err_set_errno(err, errno, "cannot link %s", from);
    }
    if (directory)
        closedir(directory);
    return status;
}

static int take_files_before(struct dataset_upload *upload, struct err *err) {
    struct dataset_uploads *uploads = upload->uploads;
    pthread_mutex_lock(&uploads->mutex);
    const struct upload_set *set = upload_find(uploads, upload->into);
    int status = set ? 0 : upload_is_none(uploads, upload->into, err);
    cleanup_free char *content = set ? upload_content_folder(uploads, set) : NULL;
    if (!status)
        status = link_files(content, upload->content_folder, err);
    if (!status)
        memcpy(upload->before, set->content, ID_SIZE);
    pthread_mutex_unlock(&uploads->mutex);
    return status;
}

// The file that takes what comes, under a plain name that no other table of the set has.
static int make_file(struct dataset_upload *upload, const char *name, struct err *err) {
    char *taken[LIMIT_TABLES];
    size_t count = 0;
    DIR *directory = opendir(upload->content_folder);
    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        if (*entry->d_name != '.' && count < LIMIT_TABLES)
            taken[count++] = mem_text(entry->d_name);
    if (directory)
        closedir(directory);
    int status = count == LIMIT_TABLES ? err_set(err, ERR_CONFLICT,
                                                 "the data set has %d tables, as many as one may "
                                                 "have",
                                                 LIMIT_TABLES)
                                       : upload_file_name(name, taken, count, &upload->file, err);
    while (count)
        free(taken[--count]);
    if (status)
        return status;
    cleanup_free char *path = path_join(upload->content_folder, upload->file);
    upload->fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, upload_file_mode(upload->uploads));
    return upload->fd < 0 ? err_set_errno(err, errno, "cannot write %s", path) : 0;
}

int dataset_upload_begin(struct dataset_uploads *uploads,
                         const struct dataset_upload_request *request,
                         struct dataset_upload **ret_upload, struct err *err) {
    int status = 0;
    if (!uploads->settings.refusal.code)
        status = path_make_folder(uploads->folder, upload_folder_mode(uploads), err);
    if (status)
        return status;
    pthread_mutex_lock(&uploads->mutex);
    status = check_request(uploads, request, err);
    int64_t booked_bytes = request->size_bytes < 0 ? 0 : 2 * request->size_bytes;
    if (!status) {
        uploads->under_way++;
        uploads->pending_bytes += booked_bytes;
    }
    pthread_mutex_unlock(&uploads->mutex);
    if (status)
        return status;
    struct dataset_upload *upload cleanup(dataset_upload_freep) = mem_zero(1, sizeof *upload);
    upload->uploads = uploads;
    upload->booked_bytes = booked_bytes;
    upload->lock_fd = upload->fd = -1;
    upload->name = mem_text(request->name);
    upload->into = mem_text(request->into);
    upload->is_title_given = request->title != NULL;
    upload->title =
        request->title ? upload_title(request->title) : upload_title_of_file(request->file);
    status = make_staging(upload, err);
    if (!status && upload->into)
        status = take_files_before(upload, err);
    if (!status)
        status = make_file(upload, request->file, err);
    if (!status)
        *ret_upload = mem_take(upload);
    return status;
}

// ---- What comes ---------------------------------------------------------------------------------

static int no_space(struct err *err) {
    err_set(err, ERR_NO_SPACE, "the server's disk is full");
    return err_hint(err, "Tell whoever runs it; nothing of the file was kept.");
}

static int explain_write(int errno_value, struct err *err) {
    if (errno_value == ENOSPC || errno_value == EDQUOT || errno_value == EFBIG)
        return no_space(err);
    return err_set_errno(err, errno_value, "cannot keep what was uploaded");
}

// Books what was not announced, a step at a time.
static int book(struct dataset_upload *upload, struct err *err) {
    struct dataset_uploads *uploads = upload->uploads;
    if (upload->size_bytes <= upload->booked_bytes)
        return 0;
    pthread_mutex_lock(&uploads->mutex);
    int status = upload_check_room(uploads, ROOM_STEP, err);
    if (!status) {
        uploads->pending_bytes += ROOM_STEP;
        upload->booked_bytes += ROOM_STEP;
    }
    pthread_mutex_unlock(&uploads->mutex);
    return status;
}

int dataset_upload_write(struct dataset_upload *upload, const void *bytes, size_t length,
                         struct err *err) {
    upload->size_bytes += (int64_t)length;
    int status = check_size(upload->uploads, upload->size_bytes, err);
    if (!status)
        status = book(upload, err);
    for (size_t done = 0; done < length && !status;) {
        ssize_t wrote = write(upload->fd, (const char *)bytes + done, length - done);
        if (wrote >= 0)
            done += (size_t)wrote;
        else if (errno != EINTR)
            status = explain_write(errno, err);
    }
    return status;
}

// ---- Finishing ----------------------------------------------------------------------------------

static bool is_free(struct dataset_uploads *uploads, const char *name) {
    cleanup_free char *folder = path_join(uploads->folder, name);
    struct stat status;
    return !upload_find(uploads, name) && !dataset_catalogue_has(uploads->catalogue, name) &&
           lstat(folder, &status) < 0;
}

// The name that was given, or a free one made of the title, of which the RET_NUMBER is the number
// that was put behind it; 1 for none.
static int choose_name(const struct dataset_upload *upload, char **ret_name, int *ret_number,
                       struct err *err) {
    struct dataset_uploads *uploads = upload->uploads;
    if (upload->name) {
        int status = check_name(uploads, upload->name, err);
        if (!status)
            *ret_name = mem_text(upload->name);
        return status;
    }
    cleanup_free char *base = upload_set_name(upload->title);
    char *name = mem_text(base);
    for (; !is_free(uploads, name) && *ret_number < NAME_TRIES;) {
        free(name);
        name = mem_format("%s_%d", base, ++*ret_number);
    }
    *ret_name = name;
    return 0;
}

// Two files of the same name are told apart by their titles too; one that was given stays as it is.
static char *title_of(const struct dataset_upload *upload, const char *name, int number) {
    if (!*upload->title)
        return names_title(name);
    bool needs_number = number > 1 && !upload->is_title_given &&
                        strlen(upload->title) + sizeof " (10000)" <= LIMIT_UPLOAD_TITLE;
    return needs_number ? mem_format("%s (%d)", upload->title, number) : mem_text(upload->title);
}

static struct upload_set new_set(const struct dataset_upload *upload, const char *name,
                                 int number) {
    struct upload_set set = {.name = mem_text(name),
                             .title = title_of(upload, name, number),
                             .description = mem_text(""),
                             .created_ms = clock_wall_ms()};
    memcpy(set.content, upload->content, ID_SIZE);
    return set;
}

// With the mutex held: gives what was read its place as a new data set.
static int publish_new(struct dataset_upload *upload, struct dataset_texts *problems,
                       char **ret_name, struct err *err) {
    struct dataset_uploads *uploads = upload->uploads;
    struct dataset *dataset = NULL;
    cleanup_free char *name = NULL;
    int number = 1, status = choose_name(upload, &name, &number, err);
    if (status)
        return status;
    struct upload_set set cleanup(upload_set_done) = new_set(upload, name, number);
    set.problems = *problems;
    *problems = (struct dataset_texts){0};
    set.size_bytes = upload_size_of(upload->content_folder);
    status = upload_record_write(upload->staging, &set, upload_file_mode(uploads), err);
    cleanup_free char *folder = path_join(uploads->folder, name);
    if (!status && rename(upload->staging, folder) < 0)
        status = errno == ENOTEMPTY || errno == EEXIST
                     ? err_set(err, ERR_CONFLICT, "there is a data set %s already", name)
                     : err_set_errno(err, errno, "cannot rename %s", upload->staging);
    if (status)
        return status;
    free(mem_take(upload->staging));
    status = upload_set_open(uploads, &set, &dataset, err);
    upload_show(uploads, &set, dataset, status ? err : NULL);
    uploads->sets = mem_resize(uploads->sets, uploads->count + 1, sizeof *uploads->sets);
    uploads->sets[uploads->count++] = set;
    set = (struct upload_set){0};
    *ret_name = mem_take(name);
    return status;
}

// The content that was replaced goes when nobody asks it any more.
static void retire(struct dataset_uploads *uploads, const struct upload_set *set) {
    struct dataset_entry entry cleanup(dataset_entry_done) = {0};
    cleanup_free char *content = upload_content_folder(uploads, set);
    if (dataset_catalogue_find(uploads->catalogue, set->name, &entry, NULL) == 0 && entry.dataset)
        dataset_remove_when_closed(entry.dataset);
    else
        path_remove_folder(content);
}

// With the mutex held: the content takes the place of the one that it was made of.
static int publish_table(struct dataset_upload *upload, struct dataset_texts *problems,
                         char **ret_name, struct err *err) {
    struct dataset_uploads *uploads = upload->uploads;
    struct dataset *dataset = NULL;
    struct upload_set *kept = upload_find(uploads, upload->into);
    if (!kept || kept->removed_ms)
        return upload_is_none(uploads, upload->into, err);
    if (strcmp(kept->content, upload->before) != 0) {
        err_set(err, ERR_CONFLICT, "another table was added to %s meanwhile", upload->into);
        return err_hint(err, "Add this one again.");
    }
    struct upload_set set cleanup(upload_set_done) = upload_set_copy(kept);
    memcpy(set.content, upload->content, ID_SIZE);
    dataset_texts_done(&set.problems);
    set.problems = *problems;
    *problems = (struct dataset_texts){0};
    set.size_bytes = upload_size_of(upload->content_folder);
    cleanup_free char *folder = path_join(uploads->folder, set.name),
                      *content = upload_content_folder(uploads, &set);
    if (rename(upload->content_folder, content) < 0)
        return err_set_errno(err, errno, "cannot rename %s", upload->content_folder);
    int status = upload_set_open(uploads, &set, &dataset, err);
    if (!status)
        status = upload_record_write(folder, &set, upload_file_mode(uploads), err);
    if (status) {
        dataset_close(dataset);
        path_remove_folder(content);
        return status;
    }
    retire(uploads, kept);
    upload_show(uploads, &set, dataset, NULL);
    struct upload_set before = *kept;
    *kept = set;
    set = before;
    *ret_name = mem_text(kept->name);
    return 0;
}

// That what was read can be opened is seen before anything is replaced by it.
static int try_open(const struct dataset_upload *upload, struct err *err) {
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    return dataset_open(upload->content_folder, &dataset, err);
}

// A full disk shows in many ways while a file is read; it is told as what it is.
static int blame_disk(const struct dataset_upload *upload, int status, struct err *err) {
    struct err full;
    if (status == ERR_CANCELLED)
        return status;
    pthread_mutex_lock(&upload->uploads->mutex);
    int room = upload_check_room(upload->uploads, 0, &full);
    pthread_mutex_unlock(&upload->uploads->mutex);
    if (room != ERR_NO_SPACE)
        return status;
    if (err)
        *err = full;
    return room;
}

// "loans.csv, line 3: …" as a part of a sentence, which may begin with a capital.
static int name_file(const struct dataset_upload *upload, int status, struct err *err) {
    size_t length = strlen(upload->file);
    if (err && strncmp(err->message, upload->file, length) == 0) {
        struct err told;
        err_set(&told, status, "the file %s", err->message);
        memcpy(err->message, told.message, sizeof err->message);
    }
    return status;
}

int dataset_upload_finish(struct dataset_upload *upload, dataset_over_function *is_over,
                          void *context, char **ret_name, struct err *err) {
    struct dataset_uploads *uploads = upload->uploads;
    struct dataset_texts problems cleanup(dataset_texts_done) = {0};
    if (upload->size_bytes == 0)
        return err_set(err, ERR_BAD_REQUEST, "the file %s is empty", upload->file);
    if (fsync(upload->fd) < 0)
        return explain_write(errno, err);
    fd_close(&upload->fd);
    int status = upload_read(uploads, upload->content_folder, is_over, context, &problems, err);
    if (!status)
        status = try_open(upload, err);
    if (status)
        return name_file(upload, blame_disk(upload, status, err), err);
    pthread_mutex_lock(&uploads->mutex);
    status = upload->into ? publish_table(upload, &problems, ret_name, err)
                          : publish_new(upload, &problems, ret_name, err);
    pthread_mutex_unlock(&uploads->mutex);
    return status;
}

void dataset_upload_free(struct dataset_upload *upload) {
    if (!upload)
        return;
    fd_close(&upload->fd);
    if (upload->staging)
        path_remove_folder(upload->staging);
    fd_close(&upload->lock_fd);
    pthread_mutex_lock(&upload->uploads->mutex);
    upload->uploads->under_way--;
    upload->uploads->pending_bytes -= upload->booked_bytes;
    pthread_mutex_unlock(&upload->uploads->mutex);
    free(upload->name);
    free(upload->into);
    free(upload->title);
    free(upload->file);
    free(upload->staging);
    free(upload->content_folder);
    free(upload);
}
