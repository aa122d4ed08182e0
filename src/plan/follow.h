// SPDX-License-Identifier: Apache-2.0
//
// Questions that edit the one before them. The question before is a draft, what is said now is read
// into another, and the two are merged before anything is shaped: so an edit means just what its
// words would mean in a whole question.
#pragma once

#include "plan/draft.h"

// BASE with what EDIT says in place of what it had; false where the edit says nothing that BASE can
// take. Marks the items of EDIT that it used.
bool follow_merge(const struct draft *base, struct draft *edit, struct draft *ret_merged);

// TEXT without the words that only say that it edits ("what about …", "… instead"), which are
// replaced by spaces. RET_IS_MORE is whether it adds ("also by month").
const char *follow_strip(const char *text, struct arena *arena, bool *ret_is_edit,
                         bool *ret_is_more);
// Whether DRAFT asks for nothing by itself: it only narrows, groups or orders.
bool follow_is_open(const struct draft *draft);
