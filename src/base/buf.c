// SPDX-License-Identifier: Apache-2.0
//
// See buf.h. Growth doubles, so that appending n bytes costs O(n) in all.
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_done(struct buf *buf) {
    free(buf->data);
    *buf = (struct buf){.limit = buf->limit};
}

char *buf_reserve(struct buf *buf, size_t length) {
    if (buf->overflowed || length > buf->limit || buf->length > buf->limit - length) {
        buf->overflowed = true;
        return NULL;
    }
    size_t needed = buf->length + length + 1;
    if (needed > buf->room) {
        size_t room = buf->room ? buf->room : 64;
        while (room < needed)
            room *= 2;
        buf->data = mem_resize(buf->data, room, 1);
        buf->room = room;
    }
    return buf->data + buf->length;
}

void buf_grew(struct buf *buf, size_t length) {
    buf->length += length;
    buf->data[buf->length] = '\0';
}

int buf_add(struct buf *buf, const void *data, size_t length) {
    char *end = buf_reserve(buf, length);
    if (!end)
        return -1;
    if (length)
        memcpy(end, data, length);
    buf_grew(buf, length);
    return 0;
}

int buf_add_text(struct buf *buf, const char *text) { return buf_add(buf, text, strlen(text)); }
int buf_add_char(struct buf *buf, char character) { return buf_add(buf, &character, 1); }

int buf_add_format(struct buf *buf, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *end = length < 0 ? NULL : buf_reserve(buf, (size_t)length);
    if (end) {
        vsnprintf(end, (size_t)length + 1, format, again);
        buf_grew(buf, (size_t)length);
    }
    va_end(again);
    return end ? 0 : -1;
}

const char *buf_text(const struct buf *buf) { return buf->data ? buf->data : ""; }

char *buf_take(struct buf *buf) {
    char *text = buf->data ? buf->data : mem_text("");
    *buf = (struct buf){.limit = buf->limit};
    return text;
}

void buf_drop(struct buf *buf, size_t length) {
    if (!buf->data)
        return;
    memmove(buf->data, buf->data + length, buf->length - length + 1);
    buf->length -= length;
}

void buf_clear(struct buf *buf) {
    buf->length = 0;
    buf->overflowed = false;
    if (buf->data)
        buf->data[0] = '\0';
}
