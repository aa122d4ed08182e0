// SPDX-License-Identifier: Apache-2.0
//
// Patterns of file names.
#pragma once

#include <stdbool.h>

enum glob_syntax {
    GLOB_NAMES, // * ? [a-z] \, none of which matches a slash: .helmignore and --show-only
    GLOB_FILES, // also ** (slashes too) and {a,b}: .Files.Glob
};

// Whether PATTERN matches all of PATH.
bool glob_matches(const char *pattern, const char *path, enum glob_syntax syntax);
