// SPDX-License-Identifier: Apache-2.0
//
// What the files of uploads.h share: those that are kept (uploads.c), their records on disk
// (upload_record.c), and one that is on its way (upload.c).
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/id.h"
#include "dataset/uploads.h"

#define UPLOAD_RECORD "upload.json"
#define UPLOAD_STAGING ".new-" // before an id: an upload that is on its way

// A data set that is kept: FOLDER/NAME/upload.json says this of it, and names the folder beside it
// that has its files.
struct upload_set {
    char *name;
    char *title, *description;
    char content[ID_SIZE];
    int64_t created_ms;
    int64_t removed_ms; // 0: it is not removed
    int64_t size_bytes; // of all its files
    bool is_shadowed;   // a data set of the operator's has its name
    struct dataset_texts problems;
};

struct dataset_uploads {
    struct dataset_uploads_settings settings;
    char *folder;
    struct dataset_catalogue *catalogue;
    pthread_mutex_t mutex; // of all below
    struct upload_set *sets;
    size_t count;
    int64_t pending_bytes; // of uploads on their way
    int under_way;
    pthread_mutex_t reading; // one is read at a time: it may take much memory
};

void upload_set_done(struct upload_set *set);
struct upload_set upload_set_copy(const struct upload_set *set);
unsigned upload_folder_mode(const struct dataset_uploads *uploads);
unsigned upload_file_mode(const struct dataset_uploads *uploads);

// upload.json in FOLDER. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO.
int upload_record_read(const char *folder, struct upload_set *set, struct err *err);
int upload_record_write(const char *folder, const struct upload_set *set, unsigned mode,
                        struct err *err);

// With the mutex held: the set of that name, also one that was removed; NULL for none.
struct upload_set *upload_find(struct dataset_uploads *uploads, const char *name);
// The folder with SET's files; the caller frees it.
char *upload_content_folder(const struct dataset_uploads *uploads, const struct upload_set *set);
// ERR_NOT_FOUND, or ERR_REFUSED where it is a data set that nobody uploaded.
int upload_is_none(const struct dataset_uploads *uploads, const char *name, struct err *err);
// Opens SET's data, to be known by its words.
int upload_set_open(const struct dataset_uploads *uploads, const struct upload_set *set,
                    struct dataset **ret_dataset, struct err *err);
// Puts SET with DATASET, which moves in, into the catalogue. Without one, PROBLEM says why.
void upload_show(struct dataset_uploads *uploads, const struct upload_set *set,
                 struct dataset *dataset, const struct err *problem);
// The bytes of the files in FOLDER.
int64_t upload_size_of(const char *folder);
// With the mutex held: whether BYTES more may be kept. ERR_NO_SPACE.
int upload_check_room(const struct dataset_uploads *uploads, int64_t bytes, struct err *err);
// Reads the tables in FOLDER once nobody else does. ERR_CANCELLED.
int upload_read(struct dataset_uploads *uploads, const char *folder, dataset_over_function *is_over,
                void *context, struct dataset_texts *ret_problems, struct err *err);
