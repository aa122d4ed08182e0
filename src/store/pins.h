// SPDX-License-Identifier: Apache-2.0
//
// Answers that a person keeps: copies, each with its run and result, that outlive the conversation
// they come from. They have an order of their own, from 0, without gaps.
#pragma once

#include "store/store.h"

// A pin's object has "id", "turn_id", "position", "run" and whatever else it was added with. What
// is deleted can be restored for an hour.

// Adds PIN behind the others, or gives the one that TURN_ID has already: RET_IS_NEW tells which.
// ERR_CONFLICT where there are LIMIT_PINS.
int store_pin_add(struct store *store, const json *pin, json **ret_pin, bool *ret_is_new,
                  struct err *err);
int store_pin_list(struct store *store, json **ret_array, struct err *err);
int store_pin_get(struct store *store, const char *id, json **ret_pin, struct err *err);
// Writes what the pin has become, but for its place. ERR_NOT_FOUND.
int store_pin_save(struct store *store, const json *pin, struct err *err);
// Moves it to POSITION, or behind the last. ERR_NOT_FOUND.
int store_pin_move(struct store *store, const char *id, int64_t position, struct err *err);
int store_pin_delete(struct store *store, const char *id, struct err *err);
// Puts it back to where it was. ERR_NOT_FOUND, also after the hour, and where its turn was pinned
// again meanwhile; ERR_CONFLICT where there are LIMIT_PINS.
int store_pin_restore(struct store *store, const char *id, struct err *err);
