// SPDX-License-Identifier: Apache-2.0
//
// The control groups of local sandboxes: one group a run in each hierarchy that this user may make
// groups in. Where there is none, rlimits and the runner's own watch hold the limits alone.
#pragma once

#include <stdbool.h>

#include "sandbox/sandbox.h"

struct groups; // where groups can be made

// Looks where groups can be made, tries it with one, and removes what an earlier life of this
// server left. Never fails: what cannot be done is said by groups_look().
struct groups *groups_new(const struct sandbox_settings *settings);
void groups_free(struct groups *groups);

// Makes the groups of one run: their folders, parted by ':', NULL where none can be made. ERR_IO
// where making them worked before and does not now.
int groups_make(struct groups *groups, char **ret_folders, struct err *err);
// Removes them and frees FOLDERS (NULL is none), once nothing runs in them. Whether something in
// them was killed because memory ran out.
bool groups_remove(struct groups *groups, char *folders);

// A finding for each limit that no group can hold; of the others a run tells.
void groups_look(const struct groups *groups, struct sandbox_report *report);
