// SPDX-License-Identifier: Apache-2.0
//
// A growable run of bytes with a ceiling. Appending past the ceiling changes nothing, is
// remembered, and makes every later append fail too: a writer may append without looking and ask
// once at the end. A NUL always follows the bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct buf {
    char *data; // NULL while nothing was appended; use buf_text()
    size_t length;
    size_t room;
    size_t limit;
    bool overflowed;
};

#define BUF(limit_bytes) ((struct buf){.limit = (limit_bytes)})

void buf_done(struct buf *buf);
#define cleanup_buf cleanup(buf_done)

// Each returns 0, or -1 when the ceiling does not let it.
int buf_add(struct buf *buf, const void *data, size_t length);
int buf_add_text(struct buf *buf, const char *text);
int buf_add_char(struct buf *buf, char character);
int buf_add_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Borrowed text, "" for an empty buffer.
const char *buf_text(const struct buf *buf);
// The text itself; the caller frees it, the buffer is empty afterwards.
char *buf_take(struct buf *buf);
// Room for LENGTH more bytes behind the present ones, NULL past the ceiling; buf_grew() then counts
// what was written.
char *buf_reserve(struct buf *buf, size_t length);
void buf_grew(struct buf *buf, size_t length);
// Takes LENGTH bytes off the front.
void buf_drop(struct buf *buf, size_t length);
void buf_clear(struct buf *buf);
