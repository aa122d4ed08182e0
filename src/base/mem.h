// SPDX-License-Identifier: Apache-2.0
//
// Heap memory and ownership. Running out of memory ends the program (no input's size ever does:
// growth is capped by limits.h), so these never return NULL. A variable marked with `cleanup(...)`
// releases what it owns at the end of its scope; `mem_take` moves a pointer out of such a variable.
#pragma once

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MEM_EXHAUSTED_STATUS 71 // a process whose memory ran out ends with this exit status

#define cleanup(function) __attribute__((cleanup(function)))

// Defines FUNCTIONp(), to be named in cleanup() for variables of the pointer type TYPE.
#define MEM_CLEANUP(type, function)                                                                \
    static inline void function##p(type *pointer) { function(*pointer); }                          \
    struct mem_cleanup_##function

// Moves the pointer out of POINTER, which is NULL afterwards.
#define mem_take(pointer)                                                                          \
    __extension__({                                                                                \
        __typeof__(&(pointer)) mem_at = &(pointer);                                                \
        __typeof__(pointer) mem_moved = *mem_at;                                                   \
        *mem_at = NULL;                                                                            \
        mem_moved;                                                                                 \
    })

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

// Zeroed memory for COUNT elements of SIZE bytes; the caller frees it.
void *mem_zero(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
// Like realloc() for COUNT elements of SIZE bytes.
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
// A copy of TEXT, NULL for NULL; the caller frees it.
char *mem_text(const char *text);
// A copy of LENGTH bytes with a NUL behind them; the caller frees it.
char *mem_text_n(const char *text, size_t length) __attribute__((returns_nonnull));
// A formatted text; the caller frees it.
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

static inline void mem_freep(void *pointer) { free(*(void **)pointer); }
// For `cleanup_free char *text`: frees the variable at the end of its scope.
#define cleanup_free cleanup(mem_freep)
