// SPDX-License-Identifier: Apache-2.0
//
// What an opened data set is made of, for the files that open it and look things up in it.
#pragma once

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "dataset/dataset.h"

enum dataset_lookup {
    LOOKUP_EQUAL,
    LOOKUP_CONTAINING,
    LOOKUP_PART,
    LOOKUP_WORD,
    LOOKUP_TRIGRAMS,
    LOOKUPS,
};

struct dataset {
    atomic_int holders;
    atomic_bool goes_when_closed; // with its folder
    char *folder;
    struct dataset_schema *schema;
    sqlite3 *db;
    sqlite3_stmt *lookups[LOOKUPS];
    pthread_mutex_t mutex; // for the lookups
    int ticks;             // of the present one
    struct {
        void *at; // by a higher rank
        dataset_free_function *free;
        pthread_mutex_t mutex;
    } made[DATASET_MADE];
};
