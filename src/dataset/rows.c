// SPDX-License-Identifier: Apache-2.0
//
// See rows.h.
#include "dataset/rows.h"

struct rows {
    struct csv_reader *csv;
};

int rows_open(const struct dataset_source *source, struct hash *hash, struct rows **ret_rows,
              struct err *err) {
    struct rows *rows cleanup(rows_closep) = mem_zero(1, sizeof *rows);
    int status = csv_open(source->fd, source->file, hash, &rows->csv, err);
    if (status)
        return status;
    *ret_rows = mem_take(rows);
    return 0;
}

void rows_close(struct rows *rows) {
    if (!rows)
        return;
    csv_close(rows->csv);
    free(rows);
}

int rows_next(struct rows *rows, struct csv_row *ret_row, struct err *err) {
    return csv_next(rows->csv, ret_row, err);
}

bool rows_has_decimal_comma(const struct rows *rows) { return csv_delimiter(rows->csv) == ';'; }
bool rows_has_sure_header(const struct rows *rows) { return !rows->csv; }

struct csv_mended rows_mended(const struct rows *rows, enum csv_mending which) {
    return csv_mended(rows->csv, which);
}

void rows_hold(struct rows_held *held, const struct csv_row *row) {
    size_t bytes = 0;
    for (size_t i = 0; i < row->count; i++)
        bytes += row->cells[i].length + 1;
    if (bytes > held->room) {
        held->room = 2 * bytes;
        held->text = mem_resize(held->text, held->room, 1);
    }
    if (row->count > held->cell_room) {
        held->cell_room = row->count;
        held->cells = mem_resize(held->cells, held->cell_room, sizeof *held->cells);
    }
    char *at = held->text;
    for (size_t i = 0; i < row->count; i++) {
        held->cells[i] = (struct csv_cell){at, row->cells[i].length};
        memcpy(at, row->cells[i].text, row->cells[i].length + 1);
        at += row->cells[i].length + 1;
    }
    held->row = *row;
    held->row.cells = held->cells;
}

void rows_held_done(struct rows_held *held) {
    free(held->text);
    free(held->cells);
    *held = (struct rows_held){0};
}
