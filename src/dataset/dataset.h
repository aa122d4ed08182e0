// SPDX-License-Identifier: Apache-2.0
//
// One data set, opened for questions. catalogue.h has all that there are.
//
// A data set is one SQLite file, data.sqlite, that never changes. Beside the tables it has what the
// program needs to know of them: sandglass_meta (key, value) with `format`, `name`, `data_sha256`
// and `schema` (JSON, see schema.h); sandglass_value (key, table_no, column_no, value, row_count),
// every text of the indexed columns by its words_key(); sandglass_word (word, key), each word of
// those keys; sandglass_trigram (trigram, word), the pieces of those words; and sandglass_part
// (key, table_no, column_no, value, row_count, part), the things that such texts list ("Alice,
// Bob"). Queries of users cannot read tables of that prefix.
//
// A row's rowid is its place in the file, from 1: that is what first, last, next and previous mean.
#pragma once

#include "dataset/schema.h"

#define DATASET_FILE "data.sqlite"
#define DATASET_FORMAT 3                  // also the file's user_version
#define DATASET_APPLICATION_ID 0x53616e64 // "Sand", in the header of the SQLite file

struct dataset_value {
    int table, column;
    char *value; // as it stands in the table
    char *part;  // the thing that VALUE lists and that was found, NULL for the whole of it
    char *key;   // the words_key() that it is indexed by
    int64_t row_count;
    unsigned typos; // letters by which the words that were asked for differ
};

struct dataset;

// Opens FOLDER/data.sqlite read-only and immutable. ERR_NOT_FOUND, ERR_CORRUPT (not ours, damaged,
// another format), ERR_IO. Any thread may use it. It is counted how many hold it: dataset_open()
// gives the first hold, dataset_keep() another one, dataset_close() lets one go, and the last one
// closes it.
int dataset_open(const char *folder, struct dataset **ret_dataset, struct err *err);
struct dataset *dataset_keep(struct dataset *dataset);
void dataset_close(struct dataset *dataset);
MEM_CLEANUP(struct dataset *, dataset_close);
const struct dataset_schema *dataset_schema(const struct dataset *dataset);
// What planning makes of a data set, once, and keeps with it: MAKE is called for the first that
// asks, under a lock of its own, and what it gave is freed by FREE_MADE when the data set is
// closed. Making one of them may use those that stand before it.
enum dataset_made { DATASET_ALIASES, DATASET_OPENINGS, DATASET_MADE };
typedef void *dataset_make_function(const struct dataset *dataset);
typedef void dataset_free_function(void *made);
const void *dataset_make(const struct dataset *dataset, enum dataset_made what,
                         dataset_make_function *make, dataset_free_function *free_made);
// Gives its schema another name: that of the folder it was found in. Before other threads see it.
void dataset_set_name(struct dataset *dataset, const char *name);
// Likewise another title and description; NULL leaves what it has.
void dataset_set_words(struct dataset *dataset, const char *title, const char *description);
// Its folder goes, with all that is in it, once nobody holds it any more.
void dataset_remove_when_closed(struct dataset *dataset);
// The folder that holds the SQLite file, absolute.
const char *dataset_folder(const struct dataset *dataset);

// The values whose words_key() is KEY, or, with CONTAINING, whose words include every word of KEY;
// the most frequent first, then by table, column and value; at most MAX. Values are freed with
// dataset_values_done().
size_t dataset_find_values(const struct dataset *dataset, const char *key, bool containing,
                           struct dataset_value *ret_values, size_t max);
// The values that list a thing whose words_key() is KEY: "Alice, Bob" for "bob". As above.
size_t dataset_find_parts(const struct dataset *dataset, const char *key,
                          struct dataset_value *ret_values, size_t max);
// The values whose words include every word of KEY but for typos: a word that no value has may be
// mistyped by a letter or two, as long as it is (trigram.h), and stands for the nearest ones.
size_t dataset_find_similar(const struct dataset *dataset, const char *key,
                            struct dataset_value *ret_values, size_t max);
void dataset_values_done(struct dataset_value *values, size_t count);

// "SQLite 3.46.1"
const char *dataset_library(void);
