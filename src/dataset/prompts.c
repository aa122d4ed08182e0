// SPDX-License-Identifier: Apache-2.0
//
// See prompts.h. The largest table is asked about: how many rows, by a column of few texts, by
// time, and about the first column that looks like an amount.
#include "dataset/prompts.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"

#define GROUPS_MIN 2
#define GROUPS_MAX 40
#define TITLE_MAX 40 // bytes; a longer title makes no question

// TITLE inside a sentence: words with one capital lose it, abbreviations stay.
static char *in_sentence(const char *title) {
    char *text = mem_text(title);
    for (char *word = text; *word;) {
        size_t length = strcspn(word, " ");
        bool has_one_capital = isupper((unsigned char)word[0]);
        for (size_t i = 1; i < length; i++)
            has_one_capital = has_one_capital && !isupper((unsigned char)word[i]);
        if (has_one_capital && length > 1)
            word[0] = (char)tolower((unsigned char)word[0]);
        word += length + (word[length] == ' ');
    }
    return text;
}

static char *plural(const char *row) {
    size_t length = strlen(row);
    bool is_y = length > 1 && row[length - 1] == 'y' && !strchr("aeiou", row[length - 2]);
    if (is_y)
        return mem_format("%.*sies", (int)length - 1, row);
    bool hisses = str_has_suffix(row, "s") || str_has_suffix(row, "x") ||
                  str_has_suffix(row, "ch") || str_has_suffix(row, "sh");
    return mem_format("%s%s", row, hisses ? "es" : "s");
}

static bool can_be_asked(const struct dataset_table *table, const struct dataset_column *column) {
    return !column->hidden && column->distinct_count > 1 &&
           2 * column->null_count <= table->row_count && strlen(column->title) <= TITLE_MAX;
}

static const struct dataset_column *find_category(const struct dataset_table *table) {
    const struct dataset_column *best = NULL;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct dataset_column *column = &table->columns[i];
        bool fits = can_be_asked(table, column) && column->type == DATASET_TEXT &&
                    !column->is_key && column->distinct_count >= GROUPS_MIN &&
                    column->distinct_count <= GROUPS_MAX &&
                    2 * column->distinct_count <= table->row_count;
        if (fits && !best)
            best = column;
    }
    return best;
}

// Whether the numbers are names rather than amounts: keys, years, 1 to n.
static bool is_label(const struct dataset_table *table, const struct dataset_column *column) {
    if (column->is_key || column->references_table >= 0 || strcasestr(column->name, "year"))
        return true;
    if (column->type != DATASET_INTEGER)
        return false;
    size_t length = strlen(column->name);
    bool is_id = strcasecmp(column->name, "id") == 0 ||
                 (length > 3 && strcasecmp(column->name + length - 3, "_id") == 0);
    bool is_running = column->distinct_count == table->row_count && column->min_number == 1 &&
                      column->max_number == (double)table->row_count;
    return is_id || is_running || (column->min_number >= 1500 && column->max_number <= 2100);
}

static const struct dataset_column *find_amount(const struct dataset_table *table) {
    for (size_t i = 0; i < table->column_count; i++) {
        const struct dataset_column *column = &table->columns[i];
        bool is_number = column->type == DATASET_INTEGER || column->type == DATASET_REAL;
        if (is_number && can_be_asked(table, column) && !is_label(table, column))
            return column;
    }
    return NULL;
}

static const struct dataset_column *find_time(const struct dataset_table *table) {
    for (size_t i = 0; i < table->column_count; i++) {
        const struct dataset_column *column = &table->columns[i];
        if ((column->type == DATASET_DATE || column->type == DATASET_TIMESTAMP) &&
            can_be_asked(table, column))
            return column;
    }
    return NULL;
}

static const struct dataset_table *find_largest(const struct dataset_schema *schema) {
    const struct dataset_table *largest = &schema->tables[0];
    for (size_t i = 1; i < schema->table_count; i++)
        if (schema->tables[i].row_count > largest->row_count)
            largest = &schema->tables[i];
    return largest;
}

static void add_prompt(struct dataset_schema *schema, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_prompt(struct dataset_schema *schema, const char *format, ...) {
    char question[LIMIT_NAME + 4 * TITLE_MAX + 80]; // titles and the row's name have their limits
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(question, sizeof question, format, arguments);
    va_end(arguments);
    if (schema->prompt_count < PROMPTS_MADE)
        schema->prompts[schema->prompt_count++].question = mem_text(question);
}

void prompts_make(struct dataset_schema *schema) {
    const struct dataset_table *table = find_largest(schema);
    const struct dataset_column *category = find_category(table), *amount = find_amount(table);
    const struct dataset_column *time = find_time(table);
    cleanup_free char *rows = plural(table->row);
    cleanup_free char *by = in_sentence(category ? category->title : "");
    cleanup_free char *what = in_sentence(amount ? amount->title : "");
    free(schema->prompts);
    schema->prompts = mem_zero(PROMPTS_MADE, sizeof *schema->prompts);
    schema->prompt_count = 0;
    add_prompt(schema, "How many %s are there?", rows);
    if (category && amount)
        add_prompt(schema, "What is the average %s by %s?", what, by);
    if (category)
        add_prompt(schema, "Number of %s by %s", rows, by);
    if (category && amount)
        add_prompt(schema, "Which %s has the highest total %s?", by, what);
    if (time)
        add_prompt(schema, "Number of %s by %s", rows,
                   strncmp(time->min, time->max, 4) == 0 ? "month" : "year");
    if (amount)
        add_prompt(schema, "What is the highest %s?", what);
}
