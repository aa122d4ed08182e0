// SPDX-License-Identifier: Apache-2.0
//
// See infer.h.
#include "dataset/infer.h"

#include <string.h>

#include "dataset/duration.h"
#include "dataset/mark.h"

#define SHARE 5     // one in so many texts must have what a companion is made of
#define SHARE_MIN 2 // and at least so many texts

static const char separators[INFER_SEPARATORS] = {',', ';', '/', '\n'};

static int bit_of(enum cell_fit fit) { return __builtin_ctz((unsigned)fit); }

static int64_t count_of(const struct infer_column *column, enum cell_fit fit) {
    return column->fits[bit_of(fit)];
}

// ---- Cells --------------------------------------------------------------------------------------

#define ANY_NUMBER                                                                                 \
    (CELL_REAL | CELL_GROUPED_REAL | CELL_COMMA_REAL | CELL_INTEGER | CELL_GROUPED_INTEGER |       \
     CELL_COMMA_INTEGER)

static bool is_year(const char *text, size_t length) {
    return length == 4 && (*text == '1' || *text == '2') && strspn(text, "0123456789") >= 4;
}

// A text of which it is not known what it has inside.
static void look_inside(struct infer_column *column, const char *text, size_t length) {
    static const struct inside_style plain;
    struct inside inside;
    struct duration duration;
    inside_read(&plain, text, length, &inside);
    column->day_first_dates += inside.is_swapped;
    column->numbers += inside.has_number;
    column->seconds += inside.has_second;
    column->times += inside.is_time;
    column->scores += inside.is_score;
    column->durations += inside.has_number && duration_read(text, length, &duration) == 0;
    column->whole_dates += inside.date.extent == DATE_WHOLE;
    column->part_dates +=
        inside.date.extent == DATE_MONTH || inside.date.extent == DATE_DAY_OF_YEAR;
    for (size_t i = 0; i < INFER_SEPARATORS && inside.date.extent != DATE_WHOLE; i++)
        if (memchr(text, separators[i], length) && inside_is_list(text, length, separators[i])) {
            column->lists[i]++;
            break;
        }
}

// Counts what the cell has inside, FITS being what it is as a whole.
static void count_inside(struct infer_column *column, unsigned fits, const char *text,
                         size_t length) {
    if ((fits & ANY_NUMBER) && !(fits & (CELL_DURATION | CELL_SAYS_MORE))) {
        column->numbers++;
        return;
    }
    if (fits & (CELL_MONTH_FIRST | CELL_DAY_FIRST)) {
        column->whole_dates++;
        column->day_first_dates += !(fits & CELL_MONTH_FIRST);
        return;
    }
    look_inside(column, text, mark_trim(text, length));
}

void infer_cell(struct infer_column *column, const char *text, size_t length) {
    char unit[NUMBER_UNIT];
    enum cell_null null = cell_null(text, length);
    column->text_count += null != CELL_NULL;
    if (null != CELL_VALUE)
        return;
    unsigned fits = column->is_text ? 0 : cell_fits(text, length, unit);
    if (!column->is_text) {
        if (column->value_count == 0)
            strcpy(column->unit, unit);
        column->has_mixed_units = column->has_mixed_units || strcmp(unit, column->unit) != 0;
        column->is_text = fits == 0;
    }
    column->value_count++;
    column->years += is_year(text, length);
    count_inside(column, fits, text, length);
    for (; fits; fits &= fits - 1)
        column->fits[__builtin_ctz(fits)]++;
}

// ---- Types --------------------------------------------------------------------------------------

static enum cell_fit real_of(int numbers) {
    return (enum cell_fit)((unsigned)CELL_REAL << (2 * numbers));
}
static enum cell_fit integer_of(int numbers) {
    return (enum cell_fit)((unsigned)CELL_INTEGER << (2 * numbers));
}

// The way to write numbers that most values follow; the earlier one of equals.
static enum number_style find_numbers(const struct infer_column *column, bool has_decimal_comma) {
    int other = has_decimal_comma ? NUMBER_COMMA : NUMBER_GROUPED;
    bool is_plain = count_of(column, real_of(NUMBER_PLAIN)) >= count_of(column, real_of(other));
    return is_plain ? NUMBER_PLAIN : (enum number_style)other;
}

static bool is_boolean(const struct infer_column *column) {
    int64_t count = column->value_count, t = count_of(column, CELL_T), f = count_of(column, CELL_F);
    // "F" alone may be anything; with "T" beside it, it is false.
    return count_of(column, CELL_TRUE_FALSE) == count || count_of(column, CELL_YES_NO) == count ||
           (t && f && t + f == count);
}

// Durations of one form. With colons, times of day that could be meant as well keep the column
// text, and plain numbers may be among them: "59.8" beside "1:02.5".
static bool is_duration(const struct infer_column *column) {
    int64_t count = column->value_count, durations = count_of(column, CELL_DURATION),
            colons = count_of(column, CELL_HAS_COLONS);
    if (colons == 0)
        return durations == count;
    int64_t plain = count_of(column, CELL_REAL) - count_of(column, CELL_INTEGER);
    return colons == durations && colons + plain == count && 2 * colons >= count &&
           count_of(column, CELL_MAY_BE_CLOCK) < count;
}

// A unit that nobody knows must at least stand twice.
static bool has_one_unit(const struct infer_column *column) {
    return !column->has_mixed_units &&
           (!*column->unit || column->value_count > 1 || number_is_sure_unit(column->unit));
}

static enum dataset_type find_type(const struct infer_column *column,
                                   const struct cell_format *format) {
    int64_t count = column->value_count;
    if (count == 0 || column->is_text)
        return DATASET_TEXT;
    if (is_duration(column))
        return DATASET_REAL;
    bool is_number = count_of(column, real_of((int)format->numbers)) == count &&
                     has_one_unit(column) && count_of(column, CELL_KEEPS_TEXT) == 0;
    if (is_number)
        return count_of(column, integer_of((int)format->numbers)) == count ? DATASET_INTEGER
                                                                           : DATASET_REAL;
    if (is_boolean(column))
        return DATASET_BOOLEAN;
    if (count_of(column, CELL_CLOCK) == count)
        return DATASET_TIME;
    if (count_of(column, format->day_first ? CELL_DAY_FIRST : CELL_MONTH_FIRST) == count)
        return count_of(column, CELL_HAS_TIME) ? DATASET_TIMESTAMP : DATASET_DATE;
    return DATASET_TEXT;
}

struct cell_format infer_format(const struct infer_column *column, int declared,
                                bool has_decimal_comma) {
    struct cell_format format = {.numbers = find_numbers(column, has_decimal_comma)};
    format.day_first = count_of(column, CELL_DAY_FIRST) > count_of(column, CELL_MONTH_FIRST);
    format.type = declared >= 0 ? (enum dataset_type)declared : find_type(column, &format);
    format.is_duration = format.type == DATASET_REAL && column->value_count > 0 &&
                         !column->is_text && is_duration(column);
    return format;
}

bool infer_is_order_guessed(const struct infer_column *column, const struct cell_format *format) {
    return (format->type == DATASET_DATE || format->type == DATASET_TIMESTAMP) &&
           count_of(column, CELL_DEPENDS_ON_ORDER) > 0 &&
           count_of(column, CELL_DAY_FIRST) == count_of(column, CELL_MONTH_FIRST);
}

const char *infer_unit(const struct infer_column *column, const struct cell_format *format) {
    if (format->is_duration)
        return "s";
    bool is_number = format->type == DATASET_INTEGER || format->type == DATASET_REAL;
    return is_number && !column->has_mixed_units ? column->unit : "";
}

bool infer_says_more(const struct infer_column *column, const struct cell_format *format) {
    return format->type != DATASET_TEXT && count_of(column, CELL_SAYS_MORE) > 0;
}

// ---- Inside texts -------------------------------------------------------------------------------

static bool is_enough(const struct infer_column *column, int64_t count) {
    return count >= SHARE_MIN && SHARE * count >= column->text_count;
}

struct infer_inside infer_inside(const struct infer_column *column) {
    struct infer_inside found = {.has_numbers = is_enough(column, column->numbers)};
    int64_t most = 0;
    // One "2:1" proves that the others are no durations.
    found.style.colon_is_score = column->scores > 0;
    found.style.has_durations = column->durations && !found.style.colon_is_score &&
                                2 * column->durations >= column->numbers;
    found.style.day_first = column->day_first_dates > 0;
    found.has_seconds =
        is_enough(column, column->seconds + (found.style.colon_is_score ? column->times : 0));
    int64_t dates = column->whole_dates + column->part_dates;
    found.has_dates = is_enough(column, dates);
    found.years_are_dates = found.has_dates && 2 * dates >= column->text_count - column->years;
    for (size_t i = 0; i < INFER_SEPARATORS; i++)
        if (is_enough(column, column->lists[i]) && column->lists[i] > most) {
            most = column->lists[i];
            found.separator = separators[i];
        }
    return found;
}
