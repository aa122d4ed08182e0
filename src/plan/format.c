// SPDX-License-Identifier: Apache-2.0
//
// See wording.h: numbers and dates as people read them. Rounding is for sentences only; tables keep
// every digit.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/wording.h"

static const struct {
    const char *unit, *sign;
} currency_signs[] = {{"USD", "$"}, {"EUR", "€"}, {"GBP", "£"}, {"JPY", "¥"}, {"INR", "₹"}};

// Digits with commas between thousands; TEXT is a decimal number without a sign.
static void add_grouped(struct buf *buf, const char *text) {
    size_t whole = strcspn(text, ".e");
    for (size_t i = 0; i < whole; i++) {
        buf_add_char(buf, text[i]);
        size_t left = whole - i - 1;
        if (left && left % 3 == 0)
            buf_add_char(buf, ',');
    }
    buf_add_text(buf, text + whole);
}

static const char *sign_of(const char *unit) {
    for (size_t i = 0; i < ARRAY_LENGTH(currency_signs); i++)
        if (strcmp(currency_signs[i].unit, unit) == 0)
            return currency_signs[i].sign;
    return NULL;
}

// DIGITS and what is behind them ("million"), with the unit where it belongs.
static void add_with_unit(struct buf *buf, bool is_negative, const char *digits, const char *scale,
                          const char *unit) {
    const char *name = lexicon_unit(unit), *sign = sign_of(name ? name : unit);
    if (is_negative)
        buf_add_text(buf, "−");
    if (sign)
        buf_add_text(buf, sign);
    add_grouped(buf, digits);
    buf_add_text(buf, scale);
    if (sign || !*unit)
        return;
    if (strcmp(unit, "%") != 0)
        buf_add_char(buf, ' ');
    buf_add_text(buf, unit);
}

void format_exact(struct buf *buf, double number, const char *unit) {
    char digits[64];
    snprintf(digits, sizeof digits, "%.15g", fabs(number));
    if (strchr(digits, 'e'))
        snprintf(digits, sizeof digits, fabs(number) < 1e18 ? "%.0f" : "%g", fabs(number));
    add_with_unit(buf, number < 0, digits, "", unit);
}

// Without zeros at the end of the decimals.
static void trim_zeros(char *digits) {
    char *end = digits + strlen(digits);
    if (!strchr(digits, '.'))
        return;
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
}

void format_rounded(struct buf *buf, double number, const char *unit) {
    static const struct {
        double from, divisor;
        const char *name;
    } scales[] = {
        {999.95e9, 1e12, " trillion"}, {999.95e6, 1e9, " billion"}, {1e6, 1e6, " million"}};
    double size = fabs(number);
    char digits[64];
    for (size_t i = 0; i < ARRAY_LENGTH(scales); i++)
        if (size >= scales[i].from && size < 1e15) {
            snprintf(digits, sizeof digits, "%.1f", size / scales[i].divisor);
            trim_zeros(digits);
            add_with_unit(buf, number < 0, digits, scales[i].name, unit);
            return;
        }
    const char *name = lexicon_unit(unit);
    bool is_money = sign_of(name ? name : unit) != NULL;
    if (size == floor(size) || size >= 1e15) {
        snprintf(digits, sizeof digits, size < 1e15 ? "%.0f" : "%g", size);
    } else if (is_money) {
        snprintf(digits, sizeof digits, size < 10000 ? "%.2f" : "%.0f", size);
    } else {
        snprintf(digits, sizeof digits,
                 size >= 1000  ? "%.0f"
                 : size >= 10  ? "%.1f"
                 : size >= 0.1 ? "%.2f"
                               : "%.2g",
                 size);
        if (!strchr(digits, 'e'))
            trim_zeros(digits);
    }
    add_with_unit(buf, number < 0 && strcmp(digits, "0") != 0, digits, "", unit);
}

// ---- Dates --------------------------------------------------------------------------------------

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
static const char *const day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

const char *wording_bucket_value(enum plan_bucket bucket, int64_t value) {
    if (bucket == PLAN_WEEKDAY && value >= 0 && value < 7)
        return day_names[value];
    return bucket == PLAN_MONTH_OF_YEAR && value >= 1 && value <= 12 ? month_names[value - 1] : "";
}

static bool has_shape(const char *text, const char *shape) {
    for (; *shape; text++, shape++)
        if (*shape == '0' ? !(*text >= '0' && *text <= '9') : *text != *shape)
            return false;
    return true;
}

static int two_digits(const char *text) { return (text[0] - '0') * 10 + text[1] - '0'; }

void format_date(struct buf *buf, const char *iso) {
    bool is_month = has_shape(iso, "0000-00") && (!iso[7] || iso[7] == '-');
    int month = is_month ? two_digits(iso + 5) : 0;
    bool is_day = is_month && has_shape(iso, "0000-00-00");
    if (month < 1 || month > 12 || (iso[7] && !is_day)) {
        buf_add_text(buf, iso);
        return;
    }
    if (is_day)
        buf_add_format(buf, "%d ", two_digits(iso + 8));
    buf_add_format(buf, "%s %.4s", month_names[month - 1], iso);
    if (is_day && iso[10])
        buf_add_format(buf, ", %.5s", iso + 11);
}

static bool is_last_day(const char *iso) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int month = two_digits(iso + 5);
    return month >= 1 && month <= 12 && two_digits(iso + 8) >= days[month - 1];
}

// What a span of days is, if it has a name of its own.
static bool add_named_span(struct buf *buf, const char *from, const char *to) {
    bool same_year = strncmp(from, to, 4) == 0,
         starts = has_shape(from + 8, "01") || strncmp(from + 8, "01", 2) == 0;
    bool whole_years = strncmp(from + 4, "-01-01", 6) == 0 && strncmp(to + 4, "-12-31", 6) == 0;
    int first = two_digits(from + 5), last = two_digits(to + 5);
    if (strncmp(from, to, 10) == 0) {
        buf_add_text(buf, "on ");
        format_date(buf, from);
    } else if (whole_years && same_year) {
        buf_add_format(buf, "in %.4s", from);
    } else if (whole_years) {
        buf_add_format(buf, "in %.4s to %.4s", from, to);
    } else if (same_year && starts && is_last_day(to) && first == last) {
        buf_add_format(buf, "in %s %.4s", month_names[first - 1], from);
    } else if (same_year && starts && is_last_day(to) && last == first + 2 && last % 3 == 0) {
        buf_add_format(buf, "in quarter %d of %.4s", last / 3, from);
    } else {
        return false;
    }
    return true;
}

static void add_day(struct buf *buf, const char *iso) {
    char day[11];
    snprintf(day, sizeof day, "%.10s", iso);
    format_date(buf, day);
}

void format_span(struct buf *buf, const char *from, const char *to) {
    bool is_readable =
        (!from || has_shape(from, "0000-00-00")) && (!to || has_shape(to, "0000-00-00"));
    if (from && to && is_readable && add_named_span(buf, from, to))
        return;
    buf_add_text(buf, from && to ? "between " : from ? "on or after " : "on or before ");
    if (from)
        add_day(buf, from);
    buf_add_text(buf, from && to ? " and " : "");
    if (to)
        add_day(buf, to);
}
