// SPDX-License-Identifier: Apache-2.0
//
// See cell.h.
#include "dataset/cell.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dataset/duration.h"
#include "dataset/mark.h"

static bool is_digit(char at) { return at >= '0' && at <= '9'; }

// TEXT may be "", but has its NUL.
static bool is_one_of(const char *text, size_t length, const char *const *names, size_t count,
                      bool any_case) {
    for (size_t i = 0; i < count; i++)
        if ((names[i][0] | 0x20) == (*text | 0x20) && strlen(names[i]) == length &&
            (any_case ? strncasecmp(text, names[i], length) : memcmp(text, names[i], length)) == 0)
            return true;
    return false;
}

enum cell_null cell_null(const char *text, size_t length) {
    static const char *const always[] = {"NULL", "null", "N/A", "n/a", "#N/A"};
    static const char *const unless_text[] = {
        "NA",      "n.a.",      "N.A.", "n/k",      "-",     "--",      "---",
        "–",       "——",        "—",    "−",        "?",     "??",      "???",
        "..",      "...",       "…",    "nan",      "none",  "nil",     "\\N",
        "TBD",     "TBA",       "TBC",  "#N/A N/A", ".",     "unknown", "not available",
        "no data", "not known", "n.d.", "#VALUE!",  "#REF!", "#DIV/0!", "missing"};
    if (length == 0)
        return CELL_NULL;
    // Most cells start with what none of these starts with.
    if (length > 13 || ((is_digit(*text) || !strchr("NnTtUuMm#-\xE2?.\\", *text))))
        return CELL_VALUE;
    if (is_one_of(text, length, always, ARRAY_LENGTH(always), false))
        return CELL_NULL;
    return is_one_of(text, length, unless_text, ARRAY_LENGTH(unless_text), true)
               ? CELL_NULL_UNLESS_TEXT
               : CELL_VALUE;
}

// ---- Numbers ------------------------------------------------------------------------------------

static unsigned number_fits(const char *text, size_t length, char ret_unit[NUMBER_UNIT]) {
    bool has_digit = false, has_comma = false, has_point = false, has_space = false;
    for (size_t i = 0; i < length; i++) {
        has_digit = has_digit || is_digit(text[i]);
        has_comma = has_comma || text[i] == ',';
        has_point = has_point || text[i] == '.';
        // A plain one, an apostrophe, or the first byte of another one.
        has_space = has_space || text[i] == ' ' || text[i] == '\'' || (text[i] & 0x80);
    }
    unsigned fits = 0, before = 0;
    for (int style = NUMBER_PLAIN; style < NUMBER_STYLES && has_digit; style++) {
        // Without what parts digits, all ways to write are the same.
        bool is_same = style != NUMBER_PLAIN && !has_space && !has_comma &&
                       (style == NUMBER_GROUPED || !has_point);
        struct number number;
        if (is_same) {
            before <<= 2;
            fits |= before;
            continue;
        }
        before = 0;
        if (number_read(text, length, (enum number_style)style, &number) ||
            (number.keeps_text && style != NUMBER_PLAIN))
            continue;
        strcpy(ret_unit, number.unit);
        before = (number.is_integer ? CELL_INTEGER | CELL_REAL : (unsigned)CELL_REAL)
                 << (2 * style);
        fits |= before | (number.keeps_text ? (unsigned)CELL_KEEPS_TEXT : 0) |
                (number.says_more ? (unsigned)CELL_SAYS_MORE : 0);
    }
    return fits;
}

static unsigned duration_fits(const char *text, size_t length) {
    struct duration duration;
    if (duration_read(text, length, &duration))
        return 0;
    return CELL_DURATION | CELL_SAYS_MORE | (duration.has_colons ? CELL_HAS_COLONS : 0u) |
           (duration.may_be_clock ? CELL_MAY_BE_CLOCK : 0u);
}

// ---- Booleans -----------------------------------------------------------------------------------

// 1, 0, or -1 where it is neither.
static int read_boolean(const char *text, size_t length) {
    static const char *const yes[] = {"true", "yes", "t", "y", "1"}, *const no[] = {"false", "no",
                                                                                    "f", "n", "0"};
    if (is_one_of(text, length, yes, ARRAY_LENGTH(yes), true))
        return 1;
    return is_one_of(text, length, no, ARRAY_LENGTH(no), true) ? 0 : -1;
}

static unsigned boolean_fits(const char *text, size_t length) {
    if (length == 1 && (*text | 0x20) == 't')
        return CELL_T | CELL_SAYS_MORE;
    if (length == 1 && (*text | 0x20) == 'f')
        return CELL_F | CELL_SAYS_MORE;
    if (length < 2 || length > 5 || read_boolean(text, length) < 0)
        return 0;
    return (*text | 0x20) == 't' || (*text | 0x20) == 'f' ? CELL_TRUE_FALSE
                                                          : CELL_YES_NO | CELL_SAYS_MORE;
}

// ---- Dates --------------------------------------------------------------------------------------

// Whether TEXT begins as the ISO date that is kept of it.
static bool is_iso(const char *text, size_t length) {
    return length >= 10 && text[4] == '-' && text[7] == '-' && is_digit(text[0]) &&
           is_digit(text[9]);
}

static unsigned date_fits(const char *text, size_t length) {
    struct date date;
    unsigned fits = 0;
    if (date_parse(text, length, false, &date) == 0)
        fits |= CELL_MONTH_FIRST | (date.has_time ? CELL_HAS_TIME : 0u) |
                (date.depends_on_order ? CELL_DEPENDS_ON_ORDER : 0u);
    if (date_parse(text, length, true, &date) == 0)
        fits |= CELL_DAY_FIRST | (date.has_time ? CELL_HAS_TIME : 0u);
    return fits && !is_iso(text, length) ? fits | CELL_SAYS_MORE : fits;
}

// "09:30" may be a duration; with a half of the day it cannot.
static unsigned clock_fits(const char *text, size_t length) {
    struct date date;
    bool has_half;
    if (date_parse_time(text, length, &date, &has_half) || !has_half)
        return 0;
    return CELL_CLOCK | CELL_SAYS_MORE;
}

unsigned cell_fits(const char *text, size_t length, char ret_unit[NUMBER_UNIT]) {
    *ret_unit = '\0';
    length = mark_trim(text, length);
    if (length == 0)
        return 0;
    unsigned fits = number_fits(text, length, ret_unit);
    struct date_found date;
    if (*ret_unit && date_find(text, length, false, &date)) // "4 Jul"
        return 0;
    // "90 min" is both.
    if (!fits || *ret_unit)
        fits |= duration_fits(text, length);
    if (!fits)
        fits = boolean_fits(text, length);
    if (!fits)
        fits = clock_fits(text, length);
    return fits ? fits : date_fits(text, length);
}

// ---- Values -------------------------------------------------------------------------------------

static int number_value(const struct cell_format *format, const char *text, size_t length,
                        struct cell_value *value) {
    struct number number;
    struct duration duration;
    if (format->is_duration && duration_read(text, length, &duration) == 0) {
        value->kind = CELL_IS_REAL;
        value->real = duration.seconds;
        return 0;
    }
    if (number_read(text, length, format->numbers, &number))
        return -1;
    if (format->type == DATASET_REAL) {
        value->kind = CELL_IS_REAL;
        value->real = number.real;
        return 0;
    }
    // An author may call a column of "12.0" integer.
    bool is_whole = number.real == floor(number.real) && fabs(number.real) < 9007199254740992.0;
    if (!number.is_integer && !is_whole)
        return -1;
    value->kind = CELL_IS_INTEGER;
    value->integer = number.is_integer ? number.integer : (int64_t)number.real;
    return 0;
}

static int date_value(const struct cell_format *format, const char *text, size_t length,
                      struct cell_value *value) {
    struct date date;
    bool with_time = format->type == DATASET_TIMESTAMP;
    if (date_parse(text, length, format->day_first, &date) < 0 || (date.has_time && !with_time))
        return -1;
    value->kind = CELL_IS_TEXT;
    value->text = date_write(&date, with_time, value->date);
    value->length = strlen(value->text);
    return 0;
}

static int time_value(const char *text, size_t length, struct cell_value *value) {
    struct date date;
    bool has_half;
    if (date_parse_time(text, length, &date, &has_half))
        return -1;
    value->kind = CELL_IS_TEXT;
    value->text = date_write_time(&date, value->date);
    value->length = strlen(value->text);
    return 0;
}

int cell_read(const struct cell_format *format, const char *text, size_t length,
              struct cell_value *ret_value) {
    *ret_value = (struct cell_value){.kind = CELL_IS_TEXT, .text = text, .length = length};
    enum cell_null null = cell_null(text, length);
    if (null == CELL_NULL || (null == CELL_NULL_UNLESS_TEXT && format->type != DATASET_TEXT)) {
        ret_value->kind = CELL_IS_NULL;
        return 0;
    }
    if (format->type != DATASET_TEXT)
        length = mark_trim(text, length);
    switch (format->type) {
    case DATASET_TEXT: return 0;
    case DATASET_INTEGER:
    case DATASET_REAL: return number_value(format, text, length, ret_value);
    case DATASET_DATE:
    case DATASET_TIMESTAMP: return date_value(format, text, length, ret_value);
    case DATASET_TIME: return time_value(text, length, ret_value);
    case DATASET_BOOLEAN: {
        int boolean = read_boolean(text, length);
        ret_value->kind = CELL_IS_INTEGER;
        ret_value->integer = boolean;
        return boolean < 0 ? -1 : 0;
    }
    }
    return -1;
}
