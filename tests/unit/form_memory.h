// SPDX-License-Identifier: Apache-2.0
//
// A small table in memory, and what a logical form comes to on it: the same as its SQL, but a
// thousand times faster, so that every form of every question can be tried while weights are
// learned. A test compares the two.
#pragma once

#include "plan/form_write.h"

#define FORM_MEMORY_ROWS 1024
#define FORM_MEMORY_ANSWER 256

struct form_memory_cell {
    const char *text; // NULL where the cell is
    double number;    // of cells that are numbers
    int value;        // index into the table's distinct values
};

struct form_memory_table {
    struct arena arena;
    size_t row_count, column_count;
    struct form_memory_cell **cells; // by column, then row
    char **values;                   // distinct cells
    size_t value_count, value_room;
};

// Of a data set's first table; NULL where it has more than FORM_MEMORY_ROWS rows.
struct form_memory_table *form_memory_read(const struct dataset *dataset);
void form_memory_free(struct form_memory_table *table);
struct form_memory_answer {
    enum { FORM_MEMORY_NOTHING, FORM_MEMORY_CELLS, FORM_MEMORY_NUMBER, FORM_MEMORY_TRUTH } kind;
    int values[FORM_MEMORY_ANSWER]; // ascending, distinct
    size_t count;
    double number;
};

struct form_memory_run {
    const struct form_memory_table *table;
    const struct form_set *set;
    uint64_t filters[FORM_FILTERS][FORM_MEMORY_ROWS / 64];
    uint64_t (*rows)[FORM_MEMORY_ROWS / 64];
};

void form_memory_run_init(struct form_memory_run *run, const struct form_memory_table *table,
                          const struct form_set *set);
void form_memory_run_done(struct form_memory_run *run);
void form_memory_answer(const struct form_memory_run *run, const struct form *form,
                        struct form_memory_answer *ret_answer);
