// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions with the syntax and the matches of Go's regexp (RE2), but for Unicode classes
// (\p{…}) and \Q…\E, which are refused.
#pragma once

#include "base/mem.h"
#include "helm/value.h"

struct regex;

// ERR_BAD_REQUEST with what is wrong in the pattern; ERR_TOO_LARGE. The caller frees it.
int regex_new(struct text pattern, struct regex **ret_regex, struct err *err);
void regex_free(struct regex *regex);
MEM_CLEANUP(struct regex *, regex_free);
// How many groups there are, the whole match among them.
size_t regex_group_count(const struct regex *regex);
// The group of that name, or -1.
int regex_group(const struct regex *regex, const char *name, size_t length);
#define REGEX_NOWHERE ((size_t)-1)
#define REGEX_GROUP_NUMBERS 64 // room for the groups of any expression

// The leftmost match at or behind FROM: where each group begins and ends in GROUPS, REGEX_NOWHERE
// where it did not take part. *BUDGET is so much work that may be done yet; when none is left it is
// 0 and nothing is found.
bool regex_find(const struct regex *regex, struct text subject, size_t from,
                size_t groups[REGEX_GROUP_NUMBERS], size_t *budget);
