// SPDX-License-Identifier: Apache-2.0
//
// See survey.h.
//
// Where the header is: lines before it ("Report of 2020") have one cell with text, the first, where
// the rows below have several; a first row is no header where it has numbers or dates over columns
// of such and no word over any of them. Everything else is a header, as the years in
// "Country,1990,2000" are.
//
// The last row waits until the end: where it sums up the others, its label ("Total") says nothing
// of its column's type.
#include "dataset/survey.h"

#include "base/limits.h"
#include "base/str.h"
#include "dataset/mark.h"
#include "dataset/names.h"
#include "dataset/total.h"

#define HEAD_ROWS 40     // are looked at to find the header
#define PREAMBLE_ROWS 20 // at most stand before it

// ---- Where the header is ------------------------------------------------------------------------

struct head {
    struct rows_held rows[HEAD_ROWS];
    size_t count;
};

static void head_done(struct head *head) {
    for (size_t i = 0; i < head->count; i++)
        rows_held_done(&head->rows[i]);
}

static size_t count_texts(const struct csv_row *row) {
    size_t count = 0;
    for (size_t i = 0; i < row->count; i++)
        count += row->cells[i].length > 0;
    return count;
}

// Whether ROW is a line of text over a table of at least two columns.
static bool is_preamble(const struct csv_row *row) {
    return count_texts(row) == 1 && row->cells[0].length > 0;
}

// The rows before the header: all are lines of text, and the row behind them and most others are
// not.
static size_t count_preamble(const struct head *head) {
    size_t preamble = 0, others = 0;
    while (preamble < head->count && preamble <= PREAMBLE_ROWS &&
           is_preamble(&head->rows[preamble].row))
        preamble++;
    for (size_t i = preamble; i < head->count; i++)
        others += count_texts(&head->rows[i].row) > 1;
    bool is_wide = preamble < head->count && head->rows[preamble].row.count > 2;
    return preamble <= PREAMBLE_ROWS && is_wide && 2 * others > head->count - preamble &&
                   others > preamble
               ? preamble
               : 0;
}

// Whether TEXT can stand in a header although it is a number: a year, or a short one.
static bool can_be_header(const char *text, size_t length) {
    struct number number;
    return number_read(text, length, NUMBER_GROUPED, &number) == 0 && number.is_integer &&
           (length < 4 || (length == 4 && number.integer >= 1000 && number.integer < 3000));
}

// Whether the row at FIRST is one of the rows rather than their header.
static bool lacks_header(const struct head *head, size_t first) {
    const struct csv_row *row = &head->rows[first].row;
    size_t typed = 0, alike = 0;
    for (size_t i = 0; i < row->count; i++) {
        struct infer_column column = {0};
        for (size_t j = first + 1; j < head->count; j++)
            if (i < head->rows[j].row.count)
                infer_cell(&column, head->rows[j].row.cells[i].text,
                           head->rows[j].row.cells[i].length);
        struct cell_format format = infer_format(&column, -1, false);
        struct csv_cell cell = row->cells[i];
        if (format.type == DATASET_TEXT || format.type == DATASET_BOOLEAN || cell.length == 0)
            continue;
        infer_cell(&column, cell.text, cell.length);
        if (infer_format(&column, -1, false).type != format.type)
            return false;
        typed++;
        alike += !can_be_header(cell.text, cell.length);
    }
    return head->count - first > 2 && alike && 2 * alike >= typed;
}

static int read_head(struct rows *rows, struct head *head, struct err *err) {
    struct csv_row row;
    int status = 0;
    while (head->count < HEAD_ROWS && (status = rows_next(rows, &row, err)) > 0)
        rows_hold(&head->rows[head->count++], &row);
    return status < 0 ? status : 0;
}

int survey_head(struct load_table *load, struct buf *problems, struct err *err) {
    struct rows *rows cleanup(rows_closep) = NULL;
    struct head head cleanup(head_done) = {.count = 0};
    load->has_header = true;
    load->preamble_rows = 0;
    // An author who names headers knows that they are there.
    if (rows_has_sure_header(&load->origin) || (load->described && load->described->column_count))
        return 0;
    int status = rows_open(&load->origin, NULL, &rows, err);
    if (!status)
        status = read_head(rows, &head, err);
    if (status || head.count == 0)
        return status;
    load->preamble_rows = count_preamble(&head);
    load->has_header = !lacks_header(&head, load->preamble_rows);
    if (load->preamble_rows) {
        cleanup_free char *quoted = names_quote(head.rows[0].row.cells[0].text);
        load_problem(problems, "%s: %zu %s before the header and %s left out: %s",
                     load->origin.source->file, load->preamble_rows,
                     load->preamble_rows == 1 ? "line stands" : "lines stand",
                     load->preamble_rows == 1 ? "is" : "are", quoted);
    }
    if (!load->has_header)
        load_problem(problems, "%s has no header; its columns are called c1, c2 and so on",
                     load->origin.source->file);
    return 0;
}

int survey_skip_head(const struct load_table *load, struct rows *rows, struct csv_row *ret_header,
                     struct err *err) {
    int status = 1;
    *ret_header = (struct csv_row){.count = 0};
    for (size_t i = 0; i < load->preamble_rows && status > 0; i++)
        status = rows_next(rows, ret_header, err);
    if (status > 0 && load->has_header)
        status = rows_next(rows, ret_header, err);
    else if (status > 0)
        ret_header->count = 0;
    if (status == 0)
        return err_set(err, ERR_BAD_REQUEST, "%s is empty: it has not even a header line",
                       load->origin.source->file);
    return status < 0 ? status : 0;
}

// ---- Headers ------------------------------------------------------------------------------------

static const struct description_column *find_described(const struct load_table *load,
                                                       const char *header) {
    for (size_t i = 0; load->described && i < load->described->column_count; i++)
        if (strcmp(load->described->columns[i].header, header) == 0)
            return &load->described->columns[i];
    return NULL;
}

static int unknown_header(const struct load_table *load, const struct description_column *described,
                          struct err *err) {
    const char *headers[LIMIT_COLUMNS];
    for (size_t i = 0; i < load->column_count; i++)
        headers[i] = load->columns[i].header;
    cleanup_free char *quoted = names_quote(described->header);
    err_set(err, ERR_BAD_REQUEST, DESCRIPTION_FILE ": %s has no column with the header %s",
            load->origin.source->file, quoted);
    const char *closest = str_closest(described->header, headers, load->column_count);
    cleanup_free char *meant = closest ? names_quote(closest) : NULL;
    return meant ? err_hint(err, "Did you mean %s?", meant) : ERR_BAD_REQUEST;
}

// Makes room for COUNT columns; new ones have the header "", or c1, c2 … in a file without header.
static void widen(struct load_table *load, size_t count) {
    if (count <= load->column_count)
        return;
    load->columns = mem_resize(load->columns, count, sizeof *load->columns);
    for (; load->column_count < count; load->column_count++) {
        cleanup_free char *name =
            load->has_header ? mem_text("") : mem_format("c%zu", load->column_count + 1);
        load->columns[load->column_count] =
            (struct load_column){.header = mem_text(name), .label = mem_text(name)};
    }
}

// Takes the headers; the first of equal ones is the one that dataset.json means.
static int take_headers(struct load_table *load, const struct csv_row *row, struct err *err) {
    if (row->has_more)
        return err_set(err, ERR_TOO_LARGE, "%s has more than %d columns", load->origin.source->file,
                       LIMIT_COLUMNS);
    widen(load, row->count);
    load->header_count = row->count;
    for (size_t i = 0; i < row->count; i++) {
        struct csv_cell cell = row->cells[i];
        struct load_column *column = &load->columns[i];
        free(column->header);
        free(column->label);
        column->header = mem_text(cell.text);
        column->label = mem_text_n(cell.text, mark_trim(cell.text, cell.length));
    }
    for (size_t i = 0; load->described && i < load->described->column_count; i++) {
        const struct description_column *described = &load->described->columns[i];
        size_t at = 0;
        while (at < load->column_count &&
               find_described(load, load->columns[at].header) != described)
            at++;
        if (at == load->column_count)
            return unknown_header(load, described, err);
        load->columns[at].described = described;
    }
    return 0;
}

// ---- Cells --------------------------------------------------------------------------------------

// Text in cells beyond the header's last makes columns of their own: nothing is lost.
static void look_at(struct load_table *load, const struct csv_row *row) {
    size_t width = row->count;
    while (width > load->column_count && row->cells[width - 1].length == 0)
        width--;
    widen(load, width);
    for (size_t i = 0; i < width; i++)
        infer_cell(&load->columns[i].inferred, row->cells[i].text, row->cells[i].length);
}

static bool is_labelled_total(const struct csv_row *row) {
    for (size_t i = 0; i < row->count && i < TOTAL_LABEL_COLUMNS; i++)
        if (total_is_label(row->cells[i].text))
            return true;
    return false;
}

// Whether the cell would make a typed column one of texts.
static bool spoils_type(const struct load_column *column, struct csv_cell cell) {
    char unit[NUMBER_UNIT];
    return column->inferred.value_count > 1 && !column->inferred.is_text &&
           cell_null(cell.text, cell.length) == CELL_VALUE &&
           cell_fits(cell.text, cell.length, unit) == 0;
}

static void look_at_last(struct load_table *load, const struct csv_row *row) {
    if (load->row_count < TOTAL_ROWS_MIN || row->count > load->column_count ||
        !is_labelled_total(row)) {
        look_at(load, row);
        return;
    }
    load->total_row = load->row_count;
    for (size_t i = 0; i < row->count; i++) {
        struct load_column *column = &load->columns[i];
        column->has_total_text = spoils_type(column, row->cells[i]);
        if (!column->has_total_text)
            infer_cell(&column->inferred, row->cells[i].text, row->cells[i].length);
    }
}

int survey_rows(struct load_table *load, struct rows *rows, struct err *err) {
    struct rows_held last cleanup(rows_held_done) = {0};
    struct csv_row row;
    int status = survey_skip_head(load, rows, &row, err);
    if (!status)
        status = take_headers(load, &row, err);
    if (status)
        return status;
    while ((status = rows_next(rows, &row, err)) > 0) {
        if (survey_is_left_out(&row))
            continue;
        if (load->row_count++)
            look_at(load, &last.row);
        rows_hold(&last, &row);
    }
    if (status == 0 && load->row_count)
        look_at_last(load, &last.row);
    return status;
}
