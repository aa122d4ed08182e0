// SPDX-License-Identifier: Apache-2.0
//
// See table.h. Widths count characters, not bytes; control characters, which could drive the
// terminal, are shown as '?'.
#include "cmd/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define CELL_MAX 44

// At most CELL_MAX characters of TEXT; the caller frees it.
static char *fitted(const char *text) {
    struct buf fitted = BUF(CELL_MAX * 4 + 8);
    size_t length = strlen(text), bytes;
    int count = 0;
    for (size_t at = 0; at < length; at += bytes, count++) {
        uint32_t code = str_character(text + at, length - at, &bytes);
        if (count == CELL_MAX) {
            buf_add_text(&fitted, "…");
            break;
        }
        if (code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x202E) ||
            code == 0xFFFD)
            buf_add_char(&fitted, '?');
        else
            buf_add(&fitted, text + at, bytes);
    }
    return buf_take(&fitted);
}

// 1234567 as "1,234,567"
static char *grouped(double number) {
    char digits[40];
    snprintf(digits, sizeof digits, "%.0f", fabs(number));
    struct buf text = BUF(64);
    size_t length = strlen(digits);
    if (number < 0)
        buf_add_char(&text, '-');
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            buf_add_char(&text, ',');
        buf_add_char(&text, digits[i]);
    }
    return buf_take(&text);
}

static char *cell_text(const json *cell) {
    if (cJSON_IsNull(cell))
        return mem_text("—");
    if (cJSON_IsString(cell))
        return fitted(cell->valuestring);
    if (cJSON_IsNumber(cell) && cell->valuedouble == floor(cell->valuedouble) &&
        fabs(cell->valuedouble) >= 10000)
        return grouped(cell->valuedouble);
    if (cJSON_IsNumber(cell))
        return mem_format("%.10g", cell->valuedouble);
    cleanup_free char *text = json_write(cell);
    return fitted(text);
}

static int width_of(const char *text) {
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void print_padded(const char *text, int width, bool to_right) {
    int gap = width - width_of(text);
    printf("%*s%s%*s", to_right ? gap : 0, "", text, to_right ? 0 : gap, "");
}

static bool is_number_column(const json *column) {
    const char *type = json_text(column, "type");
    return str_is_equal(type, "integer") || str_is_equal(type, "real");
}

void table_print(const json *result) {
    const json *columns = cJSON_GetObjectItemCaseSensitive(result, "columns"), *column, *row, *cell;
    const json *rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
    int count = cJSON_GetArraySize(columns), index = 0;
    int *widths cleanup(mem_freep) = mem_zero((size_t)count, sizeof *widths);
    cJSON_ArrayForEach (column, columns) {
        cleanup_free char *name = fitted(json_text(column, "name"));
        widths[index++] = width_of(name);
    }
    cJSON_ArrayForEach (row, rows) {
        index = 0;
        cJSON_ArrayForEach (cell, row) {
            cleanup_free char *text = cell_text(cell);
            int width = width_of(text);
            widths[index] = width > widths[index] ? width : widths[index];
            index++;
        }
    }
    index = 0;
    cJSON_ArrayForEach (column, columns) {
        cleanup_free char *name = fitted(json_text(column, "name"));
        fputs("  ", stdout);
        print_padded(name, widths[index++], is_number_column(column));
    }
    printf("\n  ");
    for (int i = 0; i < count; i++)
        for (int j = 0; j < widths[i] + (i ? 2 : 0); j++)
            fputs(i && j < 2 ? " " : "─", stdout);
    putchar('\n');
    cJSON_ArrayForEach (row, rows) {
        index = 0;
        column = columns->child;
        cJSON_ArrayForEach (cell, row) {
            cleanup_free char *text = cell_text(cell);
            fputs("  ", stdout);
            print_padded(text, widths[index++], is_number_column(column));
            column = column->next;
        }
        putchar('\n');
    }
}
