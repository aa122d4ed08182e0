// SPDX-License-Identifier: Apache-2.0
//
// See duration.h.
#include "dataset/duration.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define DURATION_MAX 64 // bytes; longer texts are no durations
#define PARTS_MAX 6

static bool is_digit(char at) { return at >= '0' && at <= '9'; }
static bool is_letter(char at) { return (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z'); }

struct cursor {
    const char *at, *end;
};

static char peek(const struct cursor *cursor) {
    return cursor->at < cursor->end ? *cursor->at : '\0';
}

// Digits, at most nine of them; how many, 0 for none or more.
static size_t take_whole(struct cursor *cursor, double *ret_whole) {
    size_t digits = 0;
    *ret_whole = 0;
    for (; is_digit(peek(cursor)); cursor->at++, digits++)
        *ret_whole = 10 * *ret_whole + (*cursor->at - '0');
    return digits > 9 ? 0 : digits;
}

// ".25" or nothing.
static double take_fraction(struct cursor *cursor) {
    double digits = 0, scale = 1;
    if (peek(cursor) != '.' || cursor->end - cursor->at < 2 || !is_digit(cursor->at[1]))
        return 0;
    for (cursor->at++; is_digit(peek(cursor)); cursor->at++)
        if (scale < 1e9) {
            digits = 10 * digits + (*cursor->at - '0');
            scale *= 10;
        }
    return digits / scale;
}

int duration_read_colons(const char *text, size_t length, struct duration *ret_duration) {
    struct cursor cursor = {text, text + length};
    double parts[3];
    size_t count = 0, first_digits = 0;
    for (; count < ARRAY_LENGTH(parts); count++) {
        size_t digits = take_whole(&cursor, &parts[count]);
        if (count == 0)
            first_digits = digits;
        if (digits == 0 || (count && (digits != 2 || parts[count] >= 60)))
            return -1;
        if (count + 1 == ARRAY_LENGTH(parts) || peek(&cursor) != ':') {
            count++;
            break;
        }
        cursor.at++;
    }
    if (count < 2 || first_digits > 4)
        return -1;
    struct duration duration = {.has_colons = true};
    const char *whole_end = cursor.at;
    double fraction = take_fraction(&cursor);
    char next = peek(&cursor);
    if (next == ':' || is_letter(next) || is_digit(next))
        return -1;
    for (size_t i = 0; i < count; i++)
        duration.seconds = 60 * duration.seconds + parts[i];
    duration.seconds += fraction;
    duration.may_be_clock = first_digits == 2 && parts[0] < 24 && cursor.at == whole_end;
    duration.length = (size_t)(cursor.at - text);
    *ret_duration = duration;
    return 0;
}

// ---- Units --------------------------------------------------------------------------------------

static const struct unit {
    double seconds;
    bool can_be_alone; // in its longer names
    const char *names[6];
} units[] = {
    {31557600, false, {"years", "year", "yrs", "yr", "y"}},
    {2629800, false, {"months", "month", "mos", "mo"}},
    {604800, false, {"weeks", "week", "wks", "wk", "w"}},
    {86400, false, {"days", "day", "d"}},
    {3600, true, {"hours", "hour", "hrs", "hr", "h"}},
    {60, true, {"minutes", "minute", "mins", "min", "m"}},
    {1, true, {"seconds", "second", "secs", "sec", "s"}},
};

// The unit that the letters at the cursor name; its place in `units`, -1 for none.
static int take_unit(struct cursor *cursor, size_t *ret_letters) {
    size_t letters = 0;
    while (is_letter(peek(&(struct cursor){cursor->at + letters, cursor->end})))
        letters++;
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
        for (size_t j = 0; j < ARRAY_LENGTH(units[i].names) && units[i].names[j]; j++)
            if (strlen(units[i].names[j]) == letters &&
                strncasecmp(cursor->at, units[i].names[j], letters) == 0) {
                cursor->at += letters;
                *ret_letters = letters;
                return (int)i;
            }
    return -1;
}

static void skip_spaces(struct cursor *cursor) {
    while (peek(cursor) == ' ')
        cursor->at++;
}

// Between two parts: spaces, a comma, "and".
static void skip_joint(struct cursor *cursor) {
    skip_spaces(cursor);
    if (peek(cursor) == ',' || peek(cursor) == '.')
        cursor->at++;
    skip_spaces(cursor);
    if (cursor->end - cursor->at > 4 && strncasecmp(cursor->at, "and ", 4) == 0)
        cursor->at += 4;
    skip_spaces(cursor);
}

// Whether TEXT, a number and that unit, is a duration: "5 m" is a length, "1980s" a decade.
static bool can_be_alone(const char *text, int unit, size_t letters) {
    bool is_decade = letters == 1 && units[unit].seconds == 1 && is_digit(text[1]) &&
                     is_digit(text[2]) && text[3] == '0' && is_letter(text[4]);
    return units[unit].can_be_alone && !(letters == 1 && units[unit].seconds == 60) && !is_decade;
}

static int read_units(const char *text, size_t length, struct duration *ret_duration) {
    struct cursor cursor = {text, text + length};
    struct duration duration = {.length = length};
    size_t parts = 0, letters = 0;
    int before = -1, unit = -1;
    for (; cursor.at < cursor.end; parts++, before = unit) {
        double number;
        if (parts == PARTS_MAX || take_whole(&cursor, &number) == 0)
            return -1;
        number += take_fraction(&cursor);
        skip_spaces(&cursor);
        unit = take_unit(&cursor, &letters);
        if (unit <= before)
            return -1;
        duration.seconds += number * units[unit].seconds;
        skip_joint(&cursor);
    }
    if (parts == 0 || (parts == 1 && !can_be_alone(text, unit, letters)))
        return -1;
    *ret_duration = duration;
    return 0;
}

int duration_read(const char *text, size_t length, struct duration *ret_duration) {
    if (length < 2 || length > DURATION_MAX || !is_digit(*text))
        return -1;
    struct duration duration;
    if (memchr(text, ':', length)) {
        if (duration_read_colons(text, length, &duration) || duration.length != length)
            return -1;
        *ret_duration = duration;
        return 0;
    }
    return read_units(text, length, ret_duration);
}
