// SPDX-License-Identifier: Apache-2.0
//
// See mem.h. The one place that decides what happens when memory runs out: the process aborts with
// a line saying so.
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void) {
    static const char message[] = "app: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(MEM_EXHAUSTED_STATUS);
}

void *mem_zero(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *mem_resize(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    void *memory = realloc(old, bytes ? bytes : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

char *mem_text_n(const char *text, size_t length) {
    char *copy = mem_zero(length + 1, 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *mem_text(const char *text) { return text ? mem_text_n(text, strlen(text)) : NULL; }

char *mem_format(const char *format, ...) {
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        out_of_memory();
    return text;
}
