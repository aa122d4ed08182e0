// SPDX-License-Identifier: Apache-2.0
//
// Memory that is given back all at once. What is taken from an arena is zeroed and lives as long as
// the arena. An arena has a ceiling; once it is reached `exhausted` is set, arena_take() gives NULL
// and the text functions give "": their callers stay safe, and the owner looks at `exhausted` where
// it can stop.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used_bytes;
    size_t limit_bytes;
    bool exhausted;
};

#define ARENA(limit) ((struct arena){.limit_bytes = (limit)})

void arena_done(struct arena *arena);
#define cleanup_arena cleanup(arena_done)

// Zeroed memory for COUNT elements of SIZE bytes, aligned for any type; NULL past the ceiling.
void *arena_take(struct arena *arena, size_t count, size_t size);
// A copy of LENGTH bytes with a NUL behind; "" past the ceiling.
const char *arena_text_n(struct arena *arena, const char *text, size_t length);
const char *arena_text(struct arena *arena, const char *text);
const char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
