// SPDX-License-Identifier: Apache-2.0
//
// All data sets that can be asked about. The catalogue changes while it is read: whoever takes a
// data set out of it holds it (dataset_keep()) and lets it go with dataset_close(), so that a turn
// under way ends over the data that it began with, whatever becomes of the entry. Any thread may
// call any of these but dataset_catalogue_close().
#pragma once

#include "dataset/dataset.h"

enum dataset_origin {
    DATASET_BUNDLED, // came with the program
    DATASET_FOLDER,  // in a folder that an operator named
    DATASET_UPLOAD,  // somebody brought it (uploads.h)
};

// "bundled", "folder", "upload"
const char *dataset_origin_name(enum dataset_origin origin);

struct dataset_entry {
    char *name;
    struct dataset *dataset; // the entry holds it; NULL where it cannot be used
    struct err problem;      // why
    enum dataset_origin origin;
    int64_t size_bytes; // of the file that is asked, with the files it was made of where they are
                        // kept beside it
    int64_t created_ms; // since 1970
    struct dataset_texts problems; // what had to be mended to read it
};

void dataset_entry_done(struct dataset_entry *entry);

struct dataset_list {
    struct dataset_entry *entries; // by name
    size_t count;
};

void dataset_list_done(struct dataset_list *list);

struct dataset_catalogue;

// Turns SOURCE (a folder with tables but without data.sqlite) into TARGET/data.sqlite. Importing
// parses what strangers wrote, so whoever can build a sandbox hands in how it is done.
typedef int dataset_build_function(const char *source, const char *target, void *context,
                                   struct err *err);

// Opens every data set in FOLDER: each subfolder that has a data.sqlite, a dataset.json or a table
// file; or FOLDER itself as the only one where it has one of those. What has no data.sqlite is
// built once under CACHE (keyed by names, sizes and times of its files), through BUILD. A data set
// that fails is in the catalogue with its problem. ERR_NOT_FOUND where FOLDER is not there, ERR_IO.
int dataset_catalogue_open(const char *folder, const char *cache, enum dataset_origin origin,
                           dataset_build_function *build, void *context,
                           struct dataset_catalogue **ret_catalogue, struct err *err);
// Removes from CACHE what was built there and is none of CATALOGUE's data sets, unless it was built
// in the last hour, as others may be building: files that have changed since, folders that are
// gone, formats of older versions. How many were removed.
size_t dataset_catalogue_clean(const struct dataset_catalogue *catalogue, const char *cache);
void dataset_catalogue_close(struct dataset_catalogue *catalogue);
MEM_CLEANUP(struct dataset_catalogue *, dataset_catalogue_close);

// All of them as they are now; the caller frees the list with dataset_list_done().
void dataset_catalogue_list(const struct dataset_catalogue *catalogue,
                            struct dataset_list *ret_list);
// The one of that name, usable or not; freed with dataset_entry_done(). ERR_NOT_FOUND: the hint
// names the nearest, or all.
int dataset_catalogue_find(const struct dataset_catalogue *catalogue, const char *name,
                           struct dataset_entry *ret_entry, struct err *err);
// The usable data set of that name, which the caller lets go with dataset_close(). ERR_NOT_FOUND as
// above, or its problem.
int dataset_catalogue_get(const struct dataset_catalogue *catalogue, const char *name,
                          struct dataset **ret_dataset, struct err *err);
// The first that can be used, one of the operator's rather than an upload; NULL where none can.
// The caller lets it go.
struct dataset *dataset_catalogue_first(const struct dataset_catalogue *catalogue);
bool dataset_catalogue_has(const struct dataset_catalogue *catalogue, const char *name);

// Puts ENTRY, which moves in, in the place of the one with its name, or among the others.
void dataset_catalogue_put(struct dataset_catalogue *catalogue, struct dataset_entry *entry);
// Takes the entry of that name out; who holds its data set keeps it.
void dataset_catalogue_drop(struct dataset_catalogue *catalogue, const char *name);
