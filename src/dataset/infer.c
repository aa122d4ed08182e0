// SPDX-License-Identifier: Apache-2.0
//
// See infer.h.
#include "dataset/infer.h"

static int bit_of(enum cell_fit fit) { return __builtin_ctz((unsigned)fit); }

static int64_t count_of(const struct infer_column *column, enum cell_fit fit) {
    return column->fits[bit_of(fit)];
}

void infer_cell(struct infer_column *column, const char *text, size_t length) {
    char symbol;
    if (column->is_text || cell_null(text, length) != CELL_VALUE)
        return;
    unsigned fits = cell_fits(text, length, &symbol);
    if (column->value_count++ == 0)
        column->symbol = symbol;
    column->has_mixed_symbols = column->has_mixed_symbols || symbol != column->symbol;
    column->is_text = fits == 0;
    for (; fits; fits &= fits - 1)
        column->fits[__builtin_ctz(fits)]++;
}

static enum cell_fit real_of(int numbers) {
    return (enum cell_fit)((unsigned)CELL_REAL << (2 * numbers));
}
static enum cell_fit integer_of(int numbers) {
    return (enum cell_fit)((unsigned)CELL_INTEGER << (2 * numbers));
}

// The way to write numbers that most values follow; the earlier one of equals.
static enum cell_numbers find_numbers(const struct infer_column *column, bool has_decimal_comma) {
    int other = has_decimal_comma ? CELL_COMMA : CELL_GROUPED;
    bool is_plain = count_of(column, real_of(CELL_PLAIN)) >= count_of(column, real_of(other));
    return is_plain ? CELL_PLAIN : (enum cell_numbers)other;
}

static bool is_boolean(const struct infer_column *column) {
    int64_t count = column->value_count, t = count_of(column, CELL_T), f = count_of(column, CELL_F);
    // "F" alone may be anything; with "T" beside it, it is false.
    return count_of(column, CELL_TRUE_FALSE) == count || count_of(column, CELL_YES_NO) == count ||
           (t && f && t + f == count);
}

static enum dataset_type find_type(const struct infer_column *column,
                                   const struct cell_format *format) {
    int64_t count = column->value_count;
    if (count == 0 || column->is_text)
        return DATASET_TEXT;
    bool is_number = count_of(column, real_of((int)format->numbers)) == count &&
                     !column->has_mixed_symbols && count_of(column, CELL_KEEPS_TEXT) == 0;
    if (is_number)
        return count_of(column, integer_of((int)format->numbers)) == count ? DATASET_INTEGER
                                                                           : DATASET_REAL;
    if (is_boolean(column))
        return DATASET_BOOLEAN;
    if (count_of(column, format->day_first ? CELL_DAY_FIRST : CELL_MONTH_FIRST) == count)
        return count_of(column, CELL_HAS_TIME) ? DATASET_TIMESTAMP : DATASET_DATE;
    return DATASET_TEXT;
}

struct cell_format infer_format(const struct infer_column *column, int declared,
                                bool has_decimal_comma) {
    struct cell_format format = {.numbers = find_numbers(column, has_decimal_comma)};
    format.day_first = count_of(column, CELL_DAY_FIRST) > count_of(column, CELL_MONTH_FIRST);
    format.type = declared >= 0 ? (enum dataset_type)declared : find_type(column, &format);
    return format;
}

bool infer_is_order_guessed(const struct infer_column *column, const struct cell_format *format) {
    return (format->type == DATASET_DATE || format->type == DATASET_TIMESTAMP) &&
           count_of(column, CELL_DEPENDS_ON_ORDER) > 0 &&
           count_of(column, CELL_DAY_FIRST) == count_of(column, CELL_MONTH_FIRST);
}

const char *infer_unit(const struct infer_column *column, const struct cell_format *format) {
    if ((format->type != DATASET_INTEGER && format->type != DATASET_REAL) ||
        column->has_mixed_symbols)
        return "";
    switch (column->symbol) {
    case '$': return "USD";
    case 'E': return "EUR";
    case 'L': return "GBP";
    case 'Y': return "JPY";
    case '%': return "%";
    default: return "";
    }
}
