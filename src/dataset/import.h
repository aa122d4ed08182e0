// SPDX-License-Identifier: Apache-2.0
//
// From table files to one SQLite file. Opening and parsing are apart, because parsing happens
// inside a sandbox where nothing can be opened: dataset_sources_open() opens all that will be read,
// dataset_import() needs no system call but read(), lseek() and write() on those descriptors, and
// memory.
#pragma once

#include "base/buf.h"
#include "dataset/schema.h"

struct dataset_source {
    char *file; // its name in the folder
    int fd;
    int64_t size_bytes;
};

struct dataset_sources {
    char *name;        // the data set's: the folder's name, made fit for a name
    char *description; // the text of dataset.json, NULL where there is none
    struct dataset_source *files;
    size_t count;
};

// Opens FOLDER: dataset.json and the tables that it names; without it every file that is called
// like tables (names.h). ERR_NOT_FOUND (no folder, no table, or a table that dataset.json names is
// not there), ERR_BAD_REQUEST (dataset.json is wrong: the message has file and key), ERR_TOO_LARGE,
// ERR_IO.
int dataset_sources_open(const char *folder, struct dataset_sources **ret_sources, struct err *err);
void dataset_sources_close(struct dataset_sources *sources);
MEM_CLEANUP(struct dataset_sources *, dataset_sources_close);

// Parses SOURCES and writes the finished SQLite file to OUTPUT_FD. ERR_BAD_REQUEST for what is
// wrong with the data: the message names file and line ("orders.csv, line 17: …"). PROBLEMS (may be
// NULL) takes a line for each thing that was mended on the way: a ragged row, an empty or doubled
// header, bytes that are no UTF-8.
int dataset_import(const struct dataset_sources *sources, int output_fd, struct buf *problems,
                   struct err *err);
