// SPDX-License-Identifier: Apache-2.0
//
// See form_memory.h. Sets of rows are bit sets.
#include "tests/unit/form_memory.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

#define WORDS (FORM_MEMORY_ROWS / 64)
typedef uint64_t row_set[WORDS];

// ---- Tables -------------------------------------------------------------------------------------

static int intern(struct form_memory_table *table, const char *text) {
    for (size_t i = 0; i < table->value_count; i++)
        if (strcmp(table->values[i], text) == 0)
            return (int)i;
    if (table->value_count == table->value_room) {
        table->value_room = table->value_room ? 2 * table->value_room : 256;
        table->values = mem_resize(table->values, table->value_room, sizeof *table->values);
    }
    table->values[table->value_count] = mem_text(text);
    return (int)table->value_count++;
}

static void read_cell(struct form_memory_table *table, sqlite3_stmt *statement, int column,
                      struct form_memory_cell *cell) {
    int type = sqlite3_column_type(statement, column);
    cell->value = -1;
    if (type == SQLITE_NULL)
        return;
    cell->text = arena_text(&table->arena, (const char *)sqlite3_column_text(statement, column));
    cell->number = type == SQLITE_TEXT ? 0 : sqlite3_column_double(statement, column);
    cell->value = intern(table, cell->text);
}

struct form_memory_table *form_memory_read(const struct dataset *dataset) {
    const struct dataset_table *own = &dataset_schema(dataset)->tables[0];
    if (own->row_count > FORM_MEMORY_ROWS)
        return NULL;
    char *path = path_join(dataset_folder(dataset), DATASET_FILE);
    char *sql = mem_format("SELECT * FROM \"%s\" ORDER BY rowid", own->name);
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    struct form_memory_table *table = mem_zero(1, sizeof *table);
    table->arena = ARENA(64 * 1024 * 1024);
    table->column_count = own->stored_count;
    table->cells = mem_zero(own->stored_count, sizeof *table->cells);
    for (size_t i = 0; i < own->stored_count; i++)
        table->cells[i] = mem_zero((size_t)own->row_count + 1, sizeof **table->cells);
    sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW && table->row_count < (size_t)own->row_count) {
        for (size_t i = 0; i < own->stored_count; i++)
            read_cell(table, statement, (int)i, &table->cells[i][table->row_count]);
        table->row_count++;
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    free(sql);
    free(path);
    return table;
}

void form_memory_free(struct form_memory_table *table) {
    if (!table)
        return;
    for (size_t i = 0; i < table->column_count; i++)
        free(table->cells[i]);
    for (size_t i = 0; i < table->value_count; i++)
        free(table->values[i]);
    free(table->values);
    free(table->cells);
    arena_done(&table->arena);
    free(table);
}

// ---- Filters ------------------------------------------------------------------------------------

static bool has(const row_set set, size_t row) { return set[row / 64] >> row % 64 & 1; }
static void add(row_set set, size_t row) { set[row / 64] |= UINT64_C(1) << row % 64; }

static const struct form_memory_cell *cell_at(const struct form_memory_run *run, int column,
                                              enum form_read read, size_t row) {
    int own = column < 0 ? -1 : run->set->columns[column].reads[read];
    const struct form_memory_cell *cell = own < 0 ? NULL : &run->table->cells[own][row];
    return cell && cell->text ? cell : NULL;
}

static bool compare(double left, enum plan_comparison comparison, double right) {
    switch (comparison) {
    case PLAN_LESS: return left < right;
    case PLAN_LESS_EQUAL: return left <= right;
    case PLAN_GREATER: return left > right;
    case PLAN_GREATER_EQUAL: return left >= right;
    case PLAN_NOT_EQUAL: return left != right;
    default: return left == right;
    }
}

static bool is_mentioned(const struct form_memory_run *run, const struct form_filter *filter,
                         const char *text) {
    const struct form_mention *mention = &run->set->mentions[filter->mention];
    const char *values[2 * FORM_VALUES];
    if (mention->is_start)
        return strncasecmp(text, mention->contains, strlen(mention->contains)) == 0;
    if (!mention->is_whole && mention->contains)
        return strcasestr(text, mention->contains) != NULL;
    size_t count = form_mentioned(run->set, filter, values);
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i], text) == 0)
            return true;
    return false;
}

static bool is_in_dates(const struct form_filter *filter, const struct form_memory_cell *cell) {
    const struct date_span *span = &filter->item->date;
    if (filter->read == FORM_AS_NUMBER) {
        double from = *span->from ? atof(span->from) : -1e9, to = *span->to ? atof(span->to) : 1e9;
        return cell->number >= from && cell->number <= to;
    }
    if (span->bucket == PLAN_MONTH_OF_YEAR) {
        bool has_no_year = strncmp(cell->text, "--", 2) == 0;
        return strlen(cell->text) >= 7 &&
               atoi(cell->text + (has_no_year ? 2 : 5)) == span->values[0];
    }
    if (span->bucket != PLAN_AS_IS)
        return false;
    return (*span->from ? strncmp(cell->text, span->from, strlen(cell->text)) >= 0
                        : *cell->text >= '0') &&
           (!*span->to || strncmp(cell->text, span->to, 10) <= 0);
}

// The rows that a mention names: what SAME and THAN compare with.
static void mentioned_rows(const struct form_memory_run *run, const struct form_filter *filter,
                           row_set ret_rows) {
    const struct form_mention *mention = &run->set->mentions[filter->mention];
    memset(ret_rows, 0, sizeof(row_set));
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *cell = cell_at(run, mention->column, mention->read, row);
        if (cell && is_mentioned(run, filter, cell->text))
            add(ret_rows, row);
    }
}

static bool passes_relative(const struct form_memory_run *run, const struct form_filter *filter,
                            const row_set named, size_t row) {
    const struct form_memory_cell *cell = cell_at(run, filter->column, filter->read, row);
    bool is_any = false, is_all = true;
    if (!cell || (filter->kind == FORM_SAME && has(named, row)))
        return false;
    for (size_t i = 0; i < run->table->row_count; i++) {
        const struct form_memory_cell *other =
            has(named, i) ? cell_at(run, filter->column, filter->read, i) : NULL;
        if (!other)
            continue;
        bool holds = filter->kind == FORM_SAME ? strcmp(cell->text, other->text) == 0
                     : filter->read == FORM_AS_DATE
                         ? compare(strcmp(cell->text, other->text), filter->comparison, 0)
                         : compare(cell->number, filter->comparison, other->number);
        is_any |= holds;
        is_all &= holds;
    }
    return filter->kind == FORM_SAME ? is_any : is_any && is_all;
}

static void run_filter(struct form_memory_run *run, size_t at) {
    const struct form_filter *filter = &run->set->filters[at];
    row_set named;
    if (filter->kind == FORM_SAME || filter->kind == FORM_THAN)
        mentioned_rows(run, filter, named);
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *cell = cell_at(run, filter->column, filter->read, row);
        bool holds = false;
        if (filter->kind == FORM_EMPTY && !cell != filter->is_negated)
            add(run->filters[at], row);
        if (!cell || filter->kind == FORM_EMPTY)
            continue;
        if (filter->kind == FORM_VALUE)
            holds = is_mentioned(run, filter, cell->text);
        else if (filter->kind == FORM_NUMBER)
            holds = compare(cell->number, filter->comparison, filter->number);
        else if (filter->kind == FORM_DATE)
            holds = is_in_dates(filter, cell);
        else
            holds = passes_relative(run, filter, named, row);
        if (holds != filter->is_negated)
            add(run->filters[at], row);
    }
}

// ---- Rows ---------------------------------------------------------------------------------------

static void shift(size_t row_count, enum form_shift how, row_set rows) {
    row_set out = {0};
    size_t first = row_count, last = 0;
    for (size_t row = 0; row < row_count; row++) {
        if (!has(rows, row))
            continue;
        first = first < row ? first : row;
        last = row;
        if (how == FORM_SHIFT_PREVIOUS && row > 0)
            add(out, row - 1);
        if (how == FORM_SHIFT_NEXT && row + 1 < row_count)
            add(out, row + 1);
    }
    for (size_t row = 0; row < row_count && first < row_count; row++)
        if ((how == FORM_SHIFT_BEFORE && row < first) || (how == FORM_SHIFT_AFTER && row > last))
            add(out, row);
    memcpy(rows, out, sizeof out);
}

static void pick(const struct form_memory_run *run, const struct form_rows *form, row_set rows) {
    row_set out = {0};
    const struct form_memory_cell *best = NULL;
    bool is_date = form->pick_read == FORM_AS_DATE;
    if (form->pick == FORM_PICK_FIRST || form->pick == FORM_PICK_LAST) {
        bool is_first = form->pick == FORM_PICK_FIRST;
        for (size_t i = 0; i < run->table->row_count; i++) {
            size_t row = is_first ? i : run->table->row_count - 1 - i;
            if (!has(rows, row))
                continue;
            add(out, row);
            break;
        }
        memcpy(rows, out, sizeof out);
        return;
    }
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *cell =
            has(rows, row) ? cell_at(run, form->pick_column, form->pick_read, row) : NULL;
        if (!cell)
            continue;
        double order = !best     ? 0
                       : is_date ? strcmp(cell->text, best->text)
                                 : cell->number - best->number;
        bool is_better = !best || (form->pick == FORM_PICK_MOST ? order > 0 : order < 0);
        if (is_better)
            memset(out, 0, sizeof out);
        if (is_better)
            best = cell;
        if (is_better || order == 0)
            add(out, row);
    }
    memcpy(rows, out, sizeof out);
}

static void run_rows(struct form_memory_run *run, size_t at) {
    const struct form_rows *form = &run->set->rows[at];
    uint64_t *rows = run->rows[at];
    for (size_t row = 0; row < run->table->row_count; row++) {
        bool first = form->filter_count < 1 || has(run->filters[form->filters[0]], row);
        bool second = form->filter_count < 2 || has(run->filters[form->filters[1]], row);
        bool third = form->filter_count < 3 || has(run->filters[form->filters[2]], row);
        if (form_leaves_total(run->set, form) &&
            (int64_t)row + 1 == run->set->schema->tables[run->set->table].total_row)
            continue;
        if ((form->is_either ? first || second : first && second) && third)
            add(rows, row);
    }
    if (form->shift)
        shift(run->table->row_count, form->shift, rows);
    if (form->pick)
        pick(run, form, rows);
}

void form_memory_run_init(struct form_memory_run *run, const struct form_memory_table *table,
                          const struct form_set *set) {
    run->table = table;
    run->set = set;
    memset(run->filters, 0, sizeof run->filters);
    run->rows = mem_zero(set->row_count + 1, sizeof *run->rows);
    for (size_t i = 0; i < set->filter_count; i++)
        run_filter(run, i);
    for (size_t i = 0; i < set->row_count; i++)
        run_rows(run, i);
}

void form_memory_run_done(struct form_memory_run *run) { free(run->rows); }

// ---- Answers ------------------------------------------------------------------------------------

static void add_value(struct form_memory_answer *answer, int value) {
    size_t at = 0;
    while (at < answer->count && answer->values[at] < value)
        at++;
    if ((at < answer->count && answer->values[at] == value) || answer->count == FORM_MEMORY_ANSWER)
        return;
    memmove(&answer->values[at + 1], &answer->values[at],
            (answer->count - at) * sizeof *answer->values);
    answer->values[at] = value;
    answer->count++;
}

static enum form_read shown_read(const struct form_memory_run *run, int column) {
    return run->set->columns[column].reads[FORM_AS_TEXT] >= 0 ? FORM_AS_TEXT : FORM_AS_IS;
}

static void show(const struct form_memory_run *run, const row_set rows, int column,
                 struct form_memory_answer *answer) {
    enum form_read read = shown_read(run, column);
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *cell =
            has(rows, row) ? cell_at(run, column, read, row) : NULL;
        if (cell)
            add_value(answer, cell->value);
    }
    answer->kind = answer->count ? FORM_MEMORY_CELLS : FORM_MEMORY_NOTHING;
}

static bool aggregate(const struct form_memory_run *run, const row_set rows, int column,
                      enum form_read read, enum plan_aggregate how, double *ret_number) {
    double sum = 0, least = INFINITY, most = -INFINITY;
    size_t count = 0;
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *cell =
            has(rows, row) ? cell_at(run, column, read, row) : NULL;
        if (!cell)
            continue;
        sum += cell->number;
        least = fmin(least, cell->number);
        most = fmax(most, cell->number);
        count++;
    }
    *ret_number = how == PLAN_SUM       ? sum
                  : how == PLAN_AVERAGE ? sum / (double)count
                  : how == PLAN_MIN     ? least
                                        : most;
    return count > 0;
}

static void common(const struct form_memory_run *run, const row_set rows, const struct form *form,
                   struct form_memory_answer *answer) {
    enum form_read read = shown_read(run, form->column);
    double *totals = mem_zero(run->table->value_count + 1, sizeof *totals);
    size_t *counts = mem_zero(run->table->value_count + 1, sizeof *counts);
    bool *is_there = mem_zero(run->table->value_count + 1, sizeof *is_there);
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *cell =
            has(rows, row) ? cell_at(run, form->column, read, row) : NULL;
        if (!cell || cell->value < 0)
            continue;
        const struct form_memory_cell *measured =
            form->kind == FORM_BEST_GROUP ? cell_at(run, form->other_column, FORM_AS_NUMBER, row)
                                          : NULL;
        counts[cell->value] += measured != NULL;
        is_there[cell->value] |= form->kind == FORM_COMMON || measured;
        totals[cell->value] += form->kind == FORM_COMMON ? 1 : measured ? measured->number : 0;
    }
    for (size_t i = 0; i < run->table->value_count; i++)
        if (form->aggregate == PLAN_AVERAGE && counts[i])
            totals[i] /= (double)counts[i];
    double best = form->is_rare ? INFINITY : -INFINITY;
    for (size_t i = 0; i < run->table->value_count; i++)
        if (is_there[i])
            best = form->is_rare ? fmin(best, totals[i]) : fmax(best, totals[i]);
    for (size_t i = 0; i < run->table->value_count; i++)
        if (is_there[i] && totals[i] == best)
            add_value(answer, (int)i);
    answer->kind = answer->count ? FORM_MEMORY_CELLS : FORM_MEMORY_NOTHING;
    free(totals);
    free(counts);
    free(is_there);
}

static size_t count_rows(const row_set rows) {
    size_t count = 0;
    for (size_t i = 0; i < WORDS; i++)
        count += (size_t)__builtin_popcountll(rows[i]);
    return count;
}

static void set_number(struct form_memory_answer *answer, bool is_there, double number) {
    answer->kind = is_there && isfinite(number) ? FORM_MEMORY_NUMBER : FORM_MEMORY_NOTHING;
    answer->number = number;
    answer->count = is_there;
}

// The latest date of the rows, NULL where none has one.
static const char *latest(const struct form_memory_run *run, const row_set rows, int column) {
    const char *best = NULL;
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *cell =
            has(rows, row) ? cell_at(run, column, FORM_AS_DATE, row) : NULL;
        if (cell && (!best || strcmp(cell->text, best) > 0))
            best = cell->text;
    }
    return best;
}

static bool within(const struct form_memory_run *run, const row_set rows, int column,
                   double *ret_number) {
    bool is_there = false;
    *ret_number = 0;
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *first =
            has(rows, row) ? cell_at(run, column, FORM_AS_NUMBER, row) : NULL;
        const struct form_memory_cell *second =
            first ? cell_at(run, column, FORM_AS_SECOND, row) : NULL;
        if (second)
            *ret_number += fabs(second->number - first->number);
        is_there |= second != NULL;
    }
    return is_there;
}

static bool between(const struct form_memory_run *run, const row_set rows, const struct form *form,
                    double *ret_number) {
    bool is_there = false;
    *ret_number = 0;
    for (size_t row = 0; row < run->table->row_count; row++) {
        const struct form_memory_cell *one =
            has(rows, row) ? cell_at(run, form->column, FORM_AS_NUMBER, row) : NULL;
        const struct form_memory_cell *other =
            one ? cell_at(run, form->other_column, FORM_AS_NUMBER, row) : NULL;
        if (other)
            *ret_number += fabs(other->number - one->number);
        is_there |= other != NULL;
    }
    return is_there;
}

static void compare_sides(const struct form_memory_run *run, const struct form *form,
                          struct form_memory_answer *answer) {
    const uint64_t *rows = run->rows[form->rows], *others = run->rows[form->other_rows];
    double left, right;
    if (form->read == FORM_AS_DATE) {
        const char *one = latest(run, rows, form->column),
                   *other = latest(run, others, form->column);
        set_number(answer, one && other, one && other ? strcmp(one, other) > 0 : 0);
    } else {
        bool is_there = aggregate(run, rows, form->column, form->read, PLAN_SUM, &left) &&
                        aggregate(run, others, form->column, form->read, PLAN_SUM, &right);
        set_number(answer, is_there,
                   !is_there                  ? 0
                   : form->kind == FORM_TRUTH ? left > right
                                              : fabs(left - right));
    }
    if (form->kind == FORM_TRUTH && answer->kind != FORM_MEMORY_NOTHING)
        answer->kind = FORM_MEMORY_TRUTH;
}

void form_memory_answer(const struct form_memory_run *run, const struct form *form,
                        struct form_memory_answer *ret_answer) {
    struct form_memory_answer *answer = ret_answer;
    const uint64_t *rows = run->rows[form->rows], *others = run->rows[form->other_rows];
    double number = 0, other = 0;
    answer->kind = FORM_MEMORY_NOTHING;
    answer->count = 0;
    bool is_there;
    switch ((enum form_kind)form->kind) {
    case FORM_SHOW: show(run, rows, form->column, answer); return;
    case FORM_COUNT: set_number(answer, true, (double)count_rows(rows)); return;
    case FORM_DISTINCT:
        show(run, rows, form->column, answer);
        set_number(answer, true, (double)answer->count);
        return;
    case FORM_AGGREGATE:
        is_there = aggregate(run, rows, form->column, form->read, form->aggregate, &number);
        set_number(answer, is_there, number);
        return;
    case FORM_RANGE:
        is_there = aggregate(run, rows, form->column, form->read, PLAN_MAX, &number) &&
                   aggregate(run, rows, form->column, form->read, PLAN_MIN, &other);
        set_number(answer, is_there, number - other);
        return;
    case FORM_COMMON:
    case FORM_BEST_GROUP: common(run, rows, form, answer); return;
    case FORM_DIFFERENCE:
    case FORM_TRUTH: compare_sides(run, form, answer); return;
    case FORM_COUNT_DIFFERENCE:
        set_number(answer, true, fabs((double)count_rows(rows) - (double)count_rows(others)));
        return;
    case FORM_BETWEEN:
        is_there = between(run, rows, form, &number);
        set_number(answer, is_there, number);
        return;
    case FORM_WITHIN:
        is_there = within(run, rows, form->column, &number);
        set_number(answer, is_there, number);
        return;
    case FORM_EXISTS:
        set_number(answer, true, count_rows(rows) > 0);
        answer->kind = FORM_MEMORY_TRUTH;
        return;
    }
}
