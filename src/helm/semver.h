// SPDX-License-Identifier: Apache-2.0
//
// Semantic versions (semver.org) and constraints on them, as github.com/Masterminds/semver has
// them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SEMVER_PART_MAX 128

struct semver {
    uint64_t major, minor, patch;
    char prerelease[SEMVER_PART_MAX], metadata[SEMVER_PART_MAX];
};

// "v1.2.3-beta.1+build"; what is missing of 1.2.3 is 0. ERR_BAD_REQUEST.
int semver_parse(const char *text, struct semver *ret_version, struct err *err);
// -1, 0 or 1; the metadata does not count.
int semver_compare(const struct semver *left, const struct semver *right);
// Whether VERSION is within CONSTRAINT: ">=1.2 <2 || ^3.1.0", "1.2 - 1.4", "~1.2.x". A prerelease
// is so only where the constraint names one. ERR_BAD_REQUEST where the constraint is none.
int semver_check(const char *constraint, const struct semver *version, bool *ret_is_within,
                 struct err *err);
