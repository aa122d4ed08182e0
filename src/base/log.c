// SPDX-License-Identifier: Apache-2.0
//
// See log.h. A line is put together first and written with one write(), so lines of two threads
// never mix; control characters in it (a question may hold some) are shown as '?', so nobody can
// forge a line.
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static atomic_int lowest = LOG_INFO;

void log_set_level(enum log_level level) { atomic_store(&lowest, (int)level); }

void log_write(enum log_level level, const char *format, ...) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    if ((int)level < atomic_load(&lowest))
        return;
    char line[2048], now[CLOCK_ISO_SIZE];
    int start =
        snprintf(line, sizeof line, "%s %-7s ", clock_iso(clock_wall_ms(), now), names[level]);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + start, sizeof line - (size_t)start - 1, format, arguments);
    va_end(arguments);
    size_t end = (size_t)start + (size_t)(length > 0 ? length : 0);
    if (end > sizeof line - 2)
        end = sizeof line - 2;
    for (size_t i = (size_t)start; i < end; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7F)
            line[i] = '?';
    line[end] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, end + 1);
    (void)ignored;
}
