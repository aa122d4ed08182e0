// SPDX-License-Identifier: Apache-2.0
//
// See companion.h.
#include "dataset/companion.h"

#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "dataset/mark.h"
#include "dataset/names.h"
#include "dataset/unit.h"

static const struct kind {
    const char *suffix, *title;
    enum dataset_type type;
} kinds[DATASET_DERIVATIONS] = {
    [DATASET_AS_TEXT] = {"text", "as written", DATASET_TEXT},
    [DATASET_AS_NUMBER] = {"number", "number", DATASET_REAL},
    [DATASET_AS_SECOND] = {"second", "second number", DATASET_REAL},
    [DATASET_AS_DATE] = {"date", "date", DATASET_TEXT},
};

// ---- Which there are ----------------------------------------------------------------------------

static char *make_name(const struct dataset_table *table, const char *own, const char *suffix) {
    const char *taken[LIMIT_STORED_COLUMNS];
    for (size_t i = 0; i < table->stored_count; i++)
        taken[i] = table->columns[i].name;
    // Room for the suffix and a number, so that the name stays within LIMIT_NAME.
    cleanup_free char *name = mem_format("%.*s_%s", LIMIT_NAME - 16, own, suffix);
    return names_make_unique(name, (char *const *)taken, table->stored_count);
}

static void add(struct load_column *column, struct dataset_table *table,
                enum dataset_derivation derived_as) {
    const struct dataset_column *own = &table->columns[column->column];
    const struct kind *kind = &kinds[derived_as];
    char unit[NUMBER_UNIT] = "";
    if (derived_as == DATASET_AS_NUMBER && column->inside.style.has_durations)
        strcpy(unit, "s");
    else if (kind->type == DATASET_REAL)
        unit_of_header(column->label, unit);
    struct dataset_column companion = {
        .name = make_name(table, own->name, kind->suffix),
        .title = mem_format("%.*s (%s)", LIMIT_TITLE - 32, own->title, kind->title),
        .description = mem_text(""),
        .unit = mem_text(unit),
        .type = kind->type,
        .references_table = -1,
        .references_column = -1,
        .list_separator = mem_text(""),
        .derived_from = column->column,
        .derived_as = derived_as};
    column->companions[derived_as] = (int)table->stored_count;
    table->columns[table->stored_count++] = companion;
}

// What an author calls text has nothing inside: it may be a code.
static bool is_wanted(const struct load_column *column, enum dataset_derivation derived_as) {
    const struct infer_inside *inside = &column->inside;
    bool is_declared = column->described && column->described->type >= 0;
    if (derived_as == DATASET_AS_TEXT)
        return infer_says_more(&column->inferred, &column->format) ||
               (column->has_total_text && column->format.type != DATASET_TEXT);
    if (column->format.type != DATASET_TEXT || is_declared)
        return false;
    return derived_as == DATASET_AS_NUMBER   ? inside->has_numbers
           : derived_as == DATASET_AS_SECOND ? inside->has_numbers && inside->has_seconds
                                             : inside->has_dates;
}

static bool is_hidden(const struct load_column *column) {
    return column->column < 0 || (column->described && column->described->hidden);
}

void companion_make(struct load_table *load) {
    struct dataset_table *table = load->table;
    table->columns = mem_resize(table->columns, LIMIT_STORED_COLUMNS, sizeof *table->columns);
    for (size_t i = 0; i < load->column_count; i++)
        for (int as = DATASET_AS_TEXT; as < DATASET_DERIVATIONS; as++) {
            struct load_column *column = &load->columns[i];
            column->companions[as] = -1;
            if (!is_hidden(column) && table->stored_count < LIMIT_STORED_COLUMNS &&
                is_wanted(column, (enum dataset_derivation)as))
                add(column, table, (enum dataset_derivation)as);
        }
    table->columns = mem_resize(table->columns, table->stored_count, sizeof *table->columns);
}

// ---- Their cells --------------------------------------------------------------------------------

static void set_real(struct cell_value *value, double real) {
    if (!isfinite(real))
        return;
    value->kind = CELL_IS_REAL;
    value->real = real;
}

// "1998" counts as a date among others.
static void set_date(const struct load_column *column, const struct inside *inside,
                     const char *text, size_t length, struct cell_value *value) {
    bool is_year = !inside->date.extent && column->inside.years_are_dates && length == 4 &&
                   inside->has_number && inside->number >= 1000 && inside->number < 3000;
    if (is_year)
        snprintf(value->date, sizeof value->date, "%.4s", text);
    else if (inside->date.extent)
        date_write_found(&inside->date, value->date);
    else
        return;
    value->kind = CELL_IS_TEXT;
    value->text = value->date;
    value->length = strlen(value->date);
}

void companion_read(const struct load_column *column, enum dataset_derivation derived_as,
                    const char *text, size_t length, struct cell_value *ret_value) {
    struct inside inside;
    ret_value->kind = CELL_IS_NULL;
    if (cell_null(text, length) != CELL_VALUE)
        return;
    length = mark_trim(text, length);
    if (derived_as == DATASET_AS_TEXT) {
        ret_value->kind = CELL_IS_TEXT;
        ret_value->text = text;
        ret_value->length = length;
        return;
    }
    inside_read(&column->inside.style, text, length, &inside);
    if (derived_as == DATASET_AS_DATE)
        set_date(column, &inside, text, length, ret_value);
    else if (derived_as == DATASET_AS_NUMBER && inside.has_number)
        set_real(ret_value, inside.number);
    else if (derived_as == DATASET_AS_SECOND && inside.has_second)
        set_real(ret_value, inside.second);
}
