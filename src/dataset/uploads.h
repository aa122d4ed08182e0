// SPDX-License-Identifier: Apache-2.0
//
// Data sets that people bring. Each is a folder with the files as they came and the data.sqlite
// that was made of them; it is in the catalogue like any other. An upload is taken in pieces, so
// that it is never in memory as a whole, and shows only once it has been read: a crash in any of
// its stages leaves what was there before, or all of the new.
//
// What is removed can be brought back for an hour, then it is gone for good. Any thread may call
// any of these but dataset_uploads_close(); a struct dataset_upload belongs to one thread at a
// time.
#pragma once

#include "base/buf.h"
#include "dataset/catalogue.h"

// Whether nobody waits for an upload any more; asked a few times a second while it is read.
typedef bool dataset_over_function(void *context);
// Turns the tables in FOLDER into FOLDER/data.sqlite, in a sandbox, and adds a line to PROBLEMS for
// each thing that was mended. ERR_CANCELLED once IS_OVER(CONTEXT) says so.
typedef int dataset_read_function(const char *folder, dataset_over_function *is_over, void *context,
                                  struct buf *problems, struct err *err);

struct dataset_uploads_settings {
    const char *folder;             // is made when something is uploaded
    bool is_shared;                 // users of other machines read what is in it
    int64_t max_bytes, total_bytes; // of one file; of all that is kept
    struct err refusal;             // why none are taken, where its code is not 0
    dataset_read_function *read;
};

struct dataset_uploads;

// Puts the data sets that are kept into CATALOGUE, which outlives it. With IS_OWNER what earlier
// processes left behind is cleaned up; another server may use the folder at the same time. ERR_IO.
int dataset_uploads_open(const struct dataset_uploads_settings *settings, bool is_owner,
                         struct dataset_catalogue *catalogue, struct dataset_uploads **ret_uploads,
                         struct err *err);
void dataset_uploads_close(struct dataset_uploads *uploads);
MEM_CLEANUP(struct dataset_uploads *, dataset_uploads_close);
// The settings, for those who want to say beforehand what is taken.
const struct dataset_uploads_settings *
dataset_uploads_settings(const struct dataset_uploads *uploads);

// ---- One upload ---------------------------------------------------------------------------------

struct dataset_upload_request {
    const char *file;   // as it is called where it comes from
    const char *name;   // of the new data set; NULL: one is made of the title
    const char *title;  // NULL: one is made of the file's name
    const char *into;   // the data set that gets the table, NULL for a new one
    int64_t size_bytes; // as it was announced; -1 where it was not
};

struct dataset_upload;

// ERR_REFUSED (none are taken; INTO is no upload), ERR_BAD_REQUEST (a name that does not fit, a
// file of another kind), ERR_TOO_LARGE, ERR_NOT_FOUND (INTO), ERR_CONFLICT (the name is taken, or
// there are too many), ERR_BUSY (too many at a time), ERR_NO_SPACE, ERR_IO.
int dataset_upload_begin(struct dataset_uploads *uploads,
                         const struct dataset_upload_request *request,
                         struct dataset_upload **ret_upload, struct err *err);
// ERR_TOO_LARGE, ERR_NO_SPACE, ERR_IO.
int dataset_upload_write(struct dataset_upload *upload, const void *bytes, size_t length,
                         struct err *err);
// Reads what has come and puts it into the catalogue, under the name in RET_NAME, which the caller
// frees. ERR_BAD_REQUEST or ERR_TOO_LARGE where it cannot be read, ERR_CANCELLED, and as above.
int dataset_upload_finish(struct dataset_upload *upload, dataset_over_function *is_over,
                          void *context, char **ret_name, struct err *err);
// Before its finish it leaves nothing behind.
void dataset_upload_free(struct dataset_upload *upload);
MEM_CLEANUP(struct dataset_upload *, dataset_upload_free);

// ---- Those that are kept ------------------------------------------------------------------------
//
// Each gives ERR_NOT_FOUND where there is no such data set, and ERR_REFUSED where it is no upload.

// Gives it another title or description; NULL leaves what it has. ERR_BAD_REQUEST: an empty title.
int dataset_uploads_change(struct dataset_uploads *uploads, const char *name, const char *title,
                           const char *description, struct err *err);
int dataset_uploads_remove(struct dataset_uploads *uploads, const char *name, struct err *err);
// Brings back what was removed; no harm where it is there.
int dataset_uploads_restore(struct dataset_uploads *uploads, const char *name, struct err *err);
// Removes for good what was removed more than an hour ago. Cheap where there is nothing to do.
void dataset_uploads_sweep(struct dataset_uploads *uploads);
