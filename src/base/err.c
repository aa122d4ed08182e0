// SPDX-License-Identifier: Apache-2.0
//
// See err.h. Messages that do not fit are cut at the end of their last whole UTF-8 character.
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void trim_partial_character(char *text, size_t size) {
    size_t end = strnlen(text, size);
    if (end + 1 < size)
        return;
    size_t start = end;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0)
        start--;
    text[start] = '\0';
}

// What is quoted in a message may be anybody's bytes, or be cut by a precision; a message is UTF-8.
static void mend(char *text) {
    size_t bytes;
    for (size_t length = strlen(text), at = 0; at < length; at += bytes)
        if (str_character(text + at, length - at, &bytes) == 0xFFFD && bytes == 1)
            text[at] = '?';
}

static void format_into(char *text, size_t size, const char *format, va_list arguments) {
    vsnprintf(text, size, format, arguments);
    trim_partial_character(text, size);
    mend(text);
}

int err_set(struct err *err, int code, const char *format, ...) {
    if (!err)
        return code;
    // The message may be formatted from the error itself, so it is made beside it first.
    struct err made = {.code = code};
    va_list arguments;
    va_start(arguments, format);
    format_into(made.message, sizeof made.message, format, arguments);
    va_end(arguments);
    *err = made;
    return code;
}

int err_set_errno(struct err *err, int errno_value, const char *format, ...) {
    if (!err)
        return ERR_IO;
    char what[400]; // leaves room for the reason
    va_list arguments;
    va_start(arguments, format);
    format_into(what, sizeof what, format, arguments);
    va_end(arguments);
    return err_set(err, ERR_IO, "%s: %s", what, strerror(errno_value));
}

int err_hint(struct err *err, const char *format, ...) {
    if (!err)
        return ERR_INTERNAL;
    va_list arguments;
    va_start(arguments, format);
    format_into(err->hint, sizeof err->hint, format, arguments);
    va_end(arguments);
    return err->code;
}

int err_prefix(struct err *err, const char *format, ...) {
    if (!err)
        return ERR_INTERNAL;
    char prefix[200]; // leaves room for the message
    va_list arguments;
    va_start(arguments, format);
    format_into(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    struct err made;
    err_set(&made, err->code, "%s: %s", prefix, err->message);
    memcpy(err->message, made.message, sizeof err->message);
    return err->code;
}

const char *err_code_name(int code) {
    switch (code) {
    case ERR_BAD_REQUEST: return "bad_request";
    case ERR_NOT_FOUND: return "not_found";
    case ERR_CONFLICT: return "conflict";
    case ERR_TOO_LARGE: return "too_large";
    case ERR_BUSY: return "queue_full";
    case ERR_UNAVAILABLE: return "unavailable";
    case ERR_REFUSED: return "forbidden";
    case ERR_IO: return "io_error";
    case ERR_CORRUPT: return "corrupt";
    case ERR_CANCELLED: return "cancelled";
    case ERR_NO_SPACE: return "no_space";
    default: return "internal_error";
    }
}

int err_code_from_name(const char *name) {
    for (int code = ERR_BAD_REQUEST; code >= ERR_NO_SPACE; code--)
        if (str_is_equal(name, err_code_name(code)))
            return code;
    return ERR_INTERNAL;
}
