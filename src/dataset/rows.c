// SPDX-License-Identifier: Apache-2.0
//
// See rows.h.
#include "dataset/rows.h"

#include "dataset/jsonl.h"
#include "dataset/names.h"

struct rows { // one of them
    struct csv_reader *csv;
    struct jsonl_reader *jsonl;
    struct foreign_reader *foreign;
};

int rows_open(struct rows_origin *origin, struct hash *hash, struct rows **ret_rows,
              struct err *err) {
    struct rows *rows cleanup(rows_closep) = mem_zero(1, sizeof *rows);
    const struct dataset_source *source = origin->source;
    int status;
    if (origin->foreign)
        status = foreign_read(origin->foreign, origin->table, &rows->foreign, err);
    else if (names_is_json_lines(source->file))
        status = jsonl_open(source->fd, source->file, &origin->keys, hash, &rows->jsonl, err);
    else
        status = csv_open(source->fd, source->file, hash, &rows->csv, err);
    if (status)
        return status;
    *ret_rows = mem_take(rows);
    return 0;
}

void rows_close(struct rows *rows) {
    if (!rows)
        return;
    csv_close(rows->csv);
    jsonl_close(rows->jsonl);
    foreign_reader_close(rows->foreign);
    free(rows);
}

int rows_next(struct rows *rows, struct csv_row *ret_row, struct err *err) {
    return rows->csv     ? csv_next(rows->csv, ret_row, err)
           : rows->jsonl ? jsonl_next(rows->jsonl, ret_row, err)
                         : foreign_next(rows->foreign, ret_row, err);
}

bool rows_has_decimal_comma(const struct rows *rows) {
    return rows->csv && csv_delimiter(rows->csv) == ';';
}

bool rows_has_sure_header(const struct rows_origin *origin) {
    return origin->foreign || names_is_json_lines(origin->source->file);
}

struct csv_mended rows_mended(const struct rows *rows, enum csv_mending which) {
    if (rows->foreign && which == CSV_BLOBS)
        return foreign_blobs(rows->foreign);
    if (rows->jsonl && which == CSV_ROUNDED)
        return jsonl_rounded(rows->jsonl);
    return rows->csv ? csv_mended(rows->csv, which) : (struct csv_mended){0};
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
