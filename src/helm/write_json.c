// SPDX-License-Identifier: Apache-2.0
//
// See write.h. JSON.
#include <math.h>
#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/str.h"
#include "helm/print.h"
#include "helm/write.h"

static void write_text(struct buf *out, struct text text, enum write_flags flags) {
    buf_add_char(out, '"');
    for (size_t i = 0, length; i < text.length; i += length) {
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        bool is_escaped = (flags & WRITE_ESCAPED) && character < 0x80 && character &&
                          strchr("<>&", (int)character);
        if (character == '"' || character == '\\')
            buf_add_format(out, "\\%c", (char)character);
        else if (character == '\n' || character == '\r' || character == '\t')
            buf_add_format(out, "\\%c", character == '\n' ? 'n' : character == '\r' ? 'r' : 't');
        else if (character < 0x20 || is_escaped || character == 0x2028 || character == 0x2029)
            buf_add_format(out, "\\u%04x", character);
        else if (character == 0xFFFD && length == 1)
            buf_add_text(out, "\\ufffd");
        else
            buf_add(out, text.data + i, length);
    }
    buf_add_char(out, '"');
}

static void write_real(struct buf *out, double real) {
    double size = fabs(real);
    if (size == 0 || (size >= 1e-6 && size < 1e21)) {
        print_real(out, real, 'f', -1);
        return;
    }
    print_real(out, real, 'e', -1);
    size_t end = out->length;
    if (end >= 4 && memcmp(out->data + end - 4, "e-0", 3) == 0) { // e-09 is e-9
        out->data[end - 2] = out->data[end - 1];
        out->data[--out->length] = '\0';
    }
}

static void new_line(struct buf *out, enum write_flags flags, int depth) {
    if (!(flags & WRITE_INDENTED))
        return;
    buf_add_char(out, '\n');
    for (int i = 0; i < depth; i++)
        buf_add_text(out, "  ");
}

static int write(struct buf *out, struct value value, enum write_flags flags, int depth);

static int write_list(struct buf *out, const struct value_list *list, enum write_flags flags,
                      int depth) {
    int status = 0;
    if (list->count == 0) {
        buf_add_text(out, list->is_nil ? "null" : "[]");
        return 0;
    }
    for (size_t i = 0; i < list->count && status == 0; i++) {
        buf_add_char(out, i ? ',' : '[');
        new_line(out, flags, depth + 1);
        status = write(out, list->items[i], flags, depth + 1);
    }
    new_line(out, flags, depth);
    buf_add_char(out, ']');
    return status;
}

static int write_map(struct buf *out, const struct value_map *map, enum write_flags flags,
                     int depth) {
    int status = 0;
    if (map->count == 0) {
        buf_add_text(out, map->is_nil ? "null" : "{}");
        return 0;
    }
    for (size_t i = 0; i < map->count && status == 0; i++) {
        buf_add_char(out, i ? ',' : '{');
        new_line(out, flags, depth + 1);
        write_text(out, map->entries[i].key, flags);
        buf_add_text(out, flags & WRITE_INDENTED ? ": " : ":");
        status = write(out, map->entries[i].value, flags, depth + 1);
    }
    new_line(out, flags, depth);
    buf_add_char(out, '}');
    return status;
}

static int write(struct buf *out, struct value value, enum write_flags flags, int depth) {
    if (depth > LIMIT_VALUE_DEPTH || out->overflowed)
        return -1;
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_NIL: buf_add_text(out, "null"); return 0;
    case VALUE_BOOL: buf_add_text(out, value.truth ? "true" : "false"); return 0;
    case VALUE_INTEGER: buf_add_format(out, "%lld", (long long)value.integer); return 0;
    case VALUE_REAL:
        if (!isfinite(value.real))
            return -1;
        write_real(out, value.real);
        return 0;
    case VALUE_TEXT: write_text(out, value.text, flags); return 0;
    case VALUE_BYTES: {
        cleanup_free char *encoded = base64_encode_n(value.text.data, value.text.length);
        buf_add_format(out, "\"%s\"", encoded);
        return 0;
    }
    case VALUE_LIST: return write_list(out, value.list, flags, depth);
    case VALUE_MAP: return write_map(out, value.map, flags, depth);
    case VALUE_OBJECT: break;
    }
    return value.object->class->is_open || value.object->as_value.kind != VALUE_NONE
               ? write(out, value_inside(value), flags, depth + 1)
               : -1;
}

int write_json(struct buf *out, struct value value, enum write_flags flags) {
    return write(out, value, flags, 0);
}
