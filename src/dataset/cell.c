// SPDX-License-Identifier: Apache-2.0
//
// See cell.h. Numbers are first rewritten into C's spelling (no separators, a point, an ASCII
// minus) and then read, so that there is one reader for all ways to write them.
#include "dataset/cell.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define NUMBER_SIZE 64 // longer texts are no numbers

struct number {
    bool is_integer, keeps_text;
    int64_t integer;
    double real;
    char symbol;
};

static bool is_digit(char at) { return at >= '0' && at <= '9'; }

static bool is_one_of(const char *text, size_t length, const char *const *names, size_t count,
                      bool any_case) {
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == length &&
            (any_case ? strncasecmp(text, names[i], length) : memcmp(text, names[i], length)) == 0)
            return true;
    return false;
}

enum cell_null cell_null(const char *text, size_t length) {
    static const char *const always[] = {"", "NULL", "null", "N/A", "n/a", "#N/A"};
    static const char *const unless_text[] = {"NA",  "na",   "n.a.", "-",   "--",  "–",
                                              "—",   "−",    "?",    "..",  "...", "nan",
                                              "NaN", "None", "none", "nil", "\\N"};
    // Most cells start with what none of these starts with.
    if (length > 4 || (length && (is_digit(*text) || !strchr("Nn#-\xE2?.\\", *text))))
        return CELL_VALUE;
    if (is_one_of(text, length, always, ARRAY_LENGTH(always), false))
        return CELL_NULL;
    return is_one_of(text, length, unless_text, ARRAY_LENGTH(unless_text), false)
               ? CELL_NULL_UNLESS_TEXT
               : CELL_VALUE;
}

// ---- Numbers ------------------------------------------------------------------------------------

// Takes a currency sign off the front or a percent or currency sign off the end.
static char take_symbol(const char **text, size_t *length) {
    static const struct {
        const char *text;
        char symbol;
        bool can_lead;
    } symbols[] = {
        {"$", '$', true}, {"€", 'E', true}, {"£", 'L', true}, {"¥", 'Y', true}, {"%", '%', false}};
    if (*length == 0 || (is_digit(**text) && is_digit((*text)[*length - 1])))
        return 0;
    for (size_t i = 0; i < ARRAY_LENGTH(symbols); i++) {
        size_t bytes = strlen(symbols[i].text);
        if (*length <= bytes)
            continue;
        if (symbols[i].can_lead && memcmp(*text, symbols[i].text, bytes) == 0)
            *text += bytes;
        else if (memcmp(*text + *length - bytes, symbols[i].text, bytes) != 0)
            continue;
        *length -= bytes;
        while (*length && **text == ' ')
            (*text)++, (*length)--;
        while (*length && (*text)[*length - 1] == ' ')
            (*length)--;
        return symbols[i].symbol;
    }
    return 0;
}

// Takes the sign into OUT; a minus may be the typographical one.
static size_t take_sign(const char **text, size_t *length, char *out) {
    size_t bytes = *length >= 3 && memcmp(*text, "\xE2\x88\x92", 3) == 0 ? 3 : 1;
    bool is_minus = bytes == 3 || (*length && **text == '-');
    if (!is_minus && !(*length && **text == '+'))
        return 0;
    *text += bytes;
    *length -= bytes;
    *out = '-';
    return is_minus;
}

// Copies digits without SEPARATOR, which must part them in threes. How many bytes were taken; 0
// where it is misplaced.
static size_t take_digits(const char *text, size_t length, char separator, char *out,
                          size_t *out_length) {
    size_t at = 0, group = 0, groups = 0;
    for (; at < length && (is_digit(text[at]) || (separator && text[at] == separator)); at++) {
        if (is_digit(text[at])) {
            out[(*out_length)++] = text[at];
            group++;
        } else {
            if (group == 0 || group > 3 || (groups && group != 3))
                return 0;
            groups++;
            group = 0;
        }
    }
    return groups && group != 3 ? 0 : at;
}

// Rewrites a number in C's spelling; false where it is none in that way of writing. RET_HAS_POINT:
// it has a fraction or an exponent.
static bool rewrite(const char *text, size_t length, enum cell_numbers numbers,
                    char out[NUMBER_SIZE], bool *ret_has_point) {
    static const char separators[] = {0, ',', '.'}, points[] = {'.', '.', ','};
    size_t made = take_sign(&text, &length, out), before = made;
    size_t whole = take_digits(text, length, separators[numbers], out, &made);
    if (made > before && !whole)
        return false;
    text += whole, length -= whole;
    *ret_has_point = length > 0;
    if (length && *text == points[numbers]) {
        size_t digits = 1;
        out[made++] = '.';
        while (digits < length && is_digit(text[digits]))
            out[made++] = text[digits++];
        if (digits == 1)
            return false; // "1." is an ordinal
        text += digits, length -= digits;
    } else if (!whole) {
        return false;
    }
    if (length && (*text == 'e' || *text == 'E')) {
        size_t at = 1, sign = at < length && (text[at] == '-' || text[at] == '+');
        if (length - at - sign == 0 || length - at - sign > 3)
            return false;
        out[made++] = 'e';
        for (; at < length; at++) {
            if (!is_digit(text[at]) && !(sign && at == 1))
                return false;
            out[made++] = text[at];
        }
        length = 0;
    }
    out[made] = '\0';
    return length == 0;
}

// The value of a number in C's spelling. Short ones, which are nearly all, are worked out here: a
// whole number below 2^53 divided by a power of ten up to 10^22 is rounded once, so it is what
// strtod() gives.
static void set_value(const char *spelled, bool has_point, struct number *number) {
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool is_negative = *spelled == '-', is_short = true;
    int64_t digits = 0;
    size_t length = 0, decimals = 0;
    for (const char *at = spelled + is_negative; *at && is_short; at++) {
        if (is_digit(*at)) {
            digits = 10 * digits + (*at - '0');
            decimals += decimals > 0;
        } else {
            decimals = 1;
        }
        is_short = *at != 'e' && ++length <= 15;
    }
    if (is_short) {
        number->integer = is_negative ? -digits : digits;
        number->real = (double)digits / powers[decimals ? decimals - 1 : 0];
        number->real = is_negative ? -number->real : number->real;
        number->is_integer = !has_point;
        return;
    }
    errno = 0;
    number->integer = strtoll(spelled, NULL, 10);
    number->is_integer = !has_point && errno == 0;
    number->keeps_text = !has_point && errno != 0;
    number->real = strtod(spelled, NULL);
}

static bool read_number(const char *text, size_t length, enum cell_numbers numbers,
                        struct number *ret_number) {
    char spelled[NUMBER_SIZE];
    struct number number = {0};
    bool is_negative = length && *text == '-';
    // "-$5": the sign stands before the symbol.
    const char *unsigned_text = text + is_negative;
    size_t unsigned_length = length - is_negative;
    number.symbol = take_symbol(&unsigned_text, &unsigned_length);
    if (number.symbol && is_negative && unsigned_length &&
        (*unsigned_text == '-' || *unsigned_text == '+'))
        return false;
    char *start = spelled;
    if (number.symbol) {
        text = unsigned_text, length = unsigned_length;
        if (is_negative)
            *start++ = '-';
    }
    bool has_point;
    if (length == 0 || length > NUMBER_SIZE - 8 ||
        !rewrite(text, length, numbers, start, &has_point))
        return false;
    const char *digits = spelled + (*spelled == '-');
    set_value(spelled, has_point, &number);
    number.keeps_text = number.keeps_text || (digits[0] == '0' && is_digit(digits[1]));
    *ret_number = number;
    return isfinite(number.real);
}

static unsigned number_fits(const char *text, size_t length, char *ret_symbol) {
    // Without a comma, and without a point, ways to write are the same.
    bool has_comma = memchr(text, ',', length), has_point = memchr(text, '.', length);
    unsigned fits = 0, before = 0;
    for (int numbers = CELL_PLAIN; numbers < CELL_NUMBERS; numbers++) {
        bool is_same =
            numbers != CELL_PLAIN && !has_comma && (numbers == CELL_GROUPED || !has_point);
        struct number number;
        if (is_same) {
            before <<= 2;
            fits |= before;
            continue;
        }
        before = 0;
        if (!read_number(text, length, (enum cell_numbers)numbers, &number) ||
            (number.keeps_text && numbers != CELL_PLAIN))
            continue;
        *ret_symbol = number.symbol;
        before = (number.is_integer ? CELL_INTEGER | CELL_REAL : (unsigned)CELL_REAL)
                 << (2 * numbers);
        fits |= before | (number.keeps_text ? (unsigned)CELL_KEEPS_TEXT : 0);
    }
    return fits;
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
        return CELL_T;
    if (length == 1 && (*text | 0x20) == 'f')
        return CELL_F;
    if (length < 2 || length > 5 || read_boolean(text, length) < 0)
        return 0;
    return (*text | 0x20) == 't' || (*text | 0x20) == 'f' ? CELL_TRUE_FALSE : CELL_YES_NO;
}

// ---- Dates --------------------------------------------------------------------------------------

static unsigned date_fits(const char *text, size_t length) {
    struct date date;
    unsigned fits = 0;
    if (date_parse(text, length, false, &date) == 0)
        fits |= CELL_MONTH_FIRST | (date.has_time ? CELL_HAS_TIME : 0u) |
                (date.depends_on_order ? CELL_DEPENDS_ON_ORDER : 0u);
    if (date_parse(text, length, true, &date) == 0)
        fits |= CELL_DAY_FIRST | (date.has_time ? CELL_HAS_TIME : 0u);
    return fits;
}

unsigned cell_fits(const char *text, size_t length, char *ret_symbol) {
    *ret_symbol = 0;
    if (length == 0)
        return 0;
    unsigned fits = number_fits(text, length, ret_symbol);
    if (!fits)
        fits = boolean_fits(text, length);
    return fits ? fits : date_fits(text, length);
}

// ---- Values -------------------------------------------------------------------------------------

static int number_value(const struct cell_format *format, const char *text, size_t length,
                        struct cell_value *value) {
    struct number number;
    if (!read_number(text, length, format->numbers, &number))
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

int cell_read(const struct cell_format *format, const char *text, size_t length,
              struct cell_value *ret_value) {
    *ret_value = (struct cell_value){.kind = CELL_IS_TEXT, .text = text, .length = length};
    enum cell_null null = cell_null(text, length);
    if (null == CELL_NULL || (null == CELL_NULL_UNLESS_TEXT && format->type != DATASET_TEXT)) {
        ret_value->kind = CELL_IS_NULL;
        return 0;
    }
    switch (format->type) {
    case DATASET_TEXT: return 0;
    case DATASET_INTEGER:
    case DATASET_REAL: return number_value(format, text, length, ret_value);
    case DATASET_DATE:
    case DATASET_TIMESTAMP: return date_value(format, text, length, ret_value);
    case DATASET_BOOLEAN: {
        int boolean = read_boolean(text, length);
        ret_value->kind = CELL_IS_INTEGER;
        ret_value->integer = boolean;
        return boolean < 0 ? -1 : 0;
    }
    }
    return -1;
}
