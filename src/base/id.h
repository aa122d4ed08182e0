// SPDX-License-Identifier: Apache-2.0
//
// Names for runs, turns and conversations: ULIDs (github.com/ulid/spec), 26 characters of
// Crockford's base 32, which sort by the millisecond they were made in.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ID_SIZE 27

void id_make(char out[ID_SIZE]);
// Whether TEXT has the shape of one.
bool id_is_valid(const char *text);
// LENGTH bytes that nobody can guess, from the kernel.
void id_random(void *out, size_t length);
