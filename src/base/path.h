// SPDX-License-Identifier: Apache-2.0
//
// Paths: joining, making folders, and where this program itself stands.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

// "FOLDER/NAME"; the caller frees it.
char *path_join(const char *folder, const char *name);
// The last part of PATH, borrowed from it; trailing slashes do not count when PATH is made by
// path_join().
const char *path_name(const char *path);
bool path_is_folder(const char *path);
bool path_is_file(const char *path);
// Makes the folder and those above it, with MODE (0700 for what is private). It is no error if it
// is there.
int path_make_folder(const char *path, unsigned mode, struct err *err);
// Removes the folder with all that is in it, following no link; what cannot be removed stays.
void path_remove_folder(const char *path);
// The folder that this executable is in; the caller frees it.
char *path_of_program(void);
