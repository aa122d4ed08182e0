// SPDX-License-Identifier: Apache-2.0
//
// See arena.h: a list of blocks, the newest first, each filled from its start.
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#define BLOCK_BYTES (64 * 1024 - 64)

struct arena_block {
    struct arena_block *next;
    size_t used, room;
    max_align_t data[];
};

void arena_done(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = ARENA(arena->limit_bytes);
}

void *arena_take(struct arena *arena, size_t count, size_t size) {
    size_t bytes, aligned;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, _Alignof(max_align_t) - 1, &aligned))
        bytes = aligned = SIZE_MAX;
    aligned &= ~(_Alignof(max_align_t) - 1);
    if (aligned > arena->limit_bytes || arena->used_bytes > arena->limit_bytes - aligned) {
        arena->exhausted = true;
        return NULL;
    }
    struct arena_block *block = arena->blocks;
    if (!block || block->room - block->used < aligned) {
        size_t room = aligned > BLOCK_BYTES ? aligned : BLOCK_BYTES;
        block = mem_zero(1, sizeof *block + room);
        block->room = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *memory = (char *)block->data + block->used;
    block->used += aligned;
    arena->used_bytes += aligned;
    return memory;
}

const char *arena_text_n(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_take(arena, length + 1, 1);
    if (!copy)
        return "";
    memcpy(copy, text, length);
    return copy;
}

const char *arena_text(struct arena *arena, const char *text) {
    return arena_text_n(arena, text, strlen(text));
}

const char *arena_format(struct arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : arena_take(arena, (size_t)length + 1, 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text ? text : "";
}
