// SPDX-License-Identifier: Apache-2.0
//
// What an uploaded file is called. Its name is a stranger's text: for people its words are kept,
// for the file system a plain name is made of it.
#pragma once

#include <stddef.h>

#include "base/err.h"

// TEXT as one line for people: without control characters, without those that turn the direction of
// writing or cannot be seen, its white space collapsed, at most LIMIT_UPLOAD_TITLE bytes. "" where
// nothing is left. The caller frees it.
char *upload_title(const char *text);
// The words of a file's name for people: "Loans, 2020" of "C:\data\Loans, 2020.csv.gz". "" where it
// has none. The caller frees it.
char *upload_title_of_file(const char *file);
// A plain name for the file, with the ending that says what is in it: "loans_2020.csv.gz". It is
// none of the COUNT names TAKEN. ERR_BAD_REQUEST where FILE is not called like tables.
int upload_file_name(const char *file, char *const *taken, size_t count, char **ret_file,
                     struct err *err);
// A data set's name made of what people call it: "loans_2020", "data" where nothing else is to be
// had. The caller frees it.
char *upload_set_name(const char *title);
