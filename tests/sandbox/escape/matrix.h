// SPDX-License-Identifier: Apache-2.0
//
// The escape matrix: every probe in every kind of sandbox, as a table. A column is a sandbox with
// all of its walls or with one alone; a cell is what became of one probe in it.
#pragma once

#include "tests/sandbox/escape/probe.h"

// What the prober's data set holds; nothing reads it as SQLite.
#define MATRIX_DATA "The data set of a prober, which no query is asked of.\n"
#define MATRIX_PROBES_MAX 320
#define MATRIX_FILE "docs/security-matrix.md"

struct column {
    const char *title, *about;
    const char *mode;        // the backend; NULL for no sandbox at all
    bool without_inner_wall; // the outer wall, or the container, alone
    bool refuses_namespaces; // the kernel gives the server no namespaces: the inner wall alone
};

enum {
    COLUMN_LOCAL,
    COLUMN_OUTER,
    COLUMN_INNER,
    COLUMN_DOCKER,
    COLUMN_CONTAINER,
    COLUMN_KUBE,
    COLUMN_POD,
    COLUMN_BARE,
    COLUMN_COUNT
};
extern const struct column columns[COLUMN_COUNT];

struct matrix {
    struct finding cells[COLUMN_COUNT][MATRIX_PROBES_MAX];
    char reasons[COLUMN_COUNT][512]; // why a column was not tried, "" where it was
};

// In the order of the table. PROBE is NULL past the last one.
const struct probe *matrix_probe(size_t index, const struct theme **ret_theme);

struct matrix *matrix_new(void);
// Tries every probe in the column. Something outside is made ready for the prober to aim at, the
// first time.
void matrix_try(struct matrix *matrix, int column);
// "held: EPERM"
void matrix_cell_text(const struct finding *cell, char *ret_text, size_t size);
// 0, or -1 where PATH cannot be written.
int matrix_write(const struct matrix *matrix, const char *path);

// A matrix that was written.
struct matrix_page;
// NULL where it cannot be read.
struct matrix_page *matrix_page_read(const char *path);
// What stands in a cell, UNTRIED for a row, or a column, that it has not; RET_HAS_ROW tells.
enum verdict matrix_page_verdict(const struct matrix_page *page, const struct probe *probe,
                                 const struct column *column, bool *ret_has_row);
